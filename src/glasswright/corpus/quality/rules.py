"""The published rules, as one table: a document is dropped for the first rule, in this order, that holds.

A rule compares a count, or the share of one count in another, with a bound. Shares are compared as whole numbers, so
no rounding decides. A rule with nothing to divide by does not hold. A reason states the fact.

    C4       Raffel et al. 2020, "Exploring the Limits of Transfer Learning", JMLR 21(140), section 2.2
    Gopher   Rae et al. 2021, "Scaling Language Models", arXiv 2112.11446, A.1.1 and Table A1
    FineWeb  Penedo et al. 2024, "The FineWeb Datasets", arXiv 2406.17557, section 3.6

C4's rules about lines are in `lines`, its rule about words in `bad_words`. Gopher's stop words, and all bounds on
words, were chosen for English. FineWeb's bound on repeated lines is 0.1 in section 3.6, which is followed here; table 2
of the paper's appendix, and the code that made the data set (datatrove, fineweb_quality_filter.py), have 0.01.
"""

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from glasswright.corpus.quality.measures import Measures

_HOLDS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


@dataclass(frozen=True, slots=True)
class Rule:
    """A reason to drop: `count` (or its share in `of`) compared with `bound`."""

    reason: str
    count: str
    of: str | None
    relation: str
    bound: str  # exact decimal

    def holds(self, measures: Measures) -> np.ndarray:
        """For which documents.  Shapes: (D,).  Dtypes: bool."""
        bound = Fraction(self.bound)
        whole = 1 if self.of is None else measures[self.of]
        left, right = measures[self.count] * bound.denominator, whole * np.int64(bound.numerator)
        held: np.ndarray = _HOLDS[self.relation](left, right)
        return held if self.of is None else held & (whole > 0)


def _table(rows: str) -> tuple[Rule, ...]:
    rules = []
    for row in rows.strip().splitlines():
        reason, count, of, relation, bound = row.split()
        rules.append(Rule(reason, count, None if of == "-" else of, relation, bound))
    return tuple(rules)


RULE_SETS: dict[str, tuple[Rule, ...]] = {
    # reason                                   count                              share of               relation bound
    "gopher-repetition": _table("""
        too_many_repeated_lines                num_repeated_lines                 num_lines              >   0.30
        too_many_repeated_paragraphs           num_repeated_paragraphs            num_paragraphs         >   0.30
        too_much_text_in_repeated_lines        num_repeated_line_characters       num_line_characters    >   0.20
        too_much_text_in_repeated_paragraphs   num_repeated_paragraph_characters  num_line_characters    >   0.20
        too_much_text_in_top_2_gram            num_top_2_gram_characters          num_token_characters   >   0.20
        too_much_text_in_top_3_gram            num_top_3_gram_characters          num_token_characters   >   0.18
        too_much_text_in_top_4_gram            num_top_4_gram_characters          num_token_characters   >   0.16
        too_much_text_in_repeated_5_grams      num_repeated_5_gram_characters     num_token_characters   >   0.15
        too_much_text_in_repeated_6_grams      num_repeated_6_gram_characters     num_token_characters   >   0.14
        too_much_text_in_repeated_7_grams      num_repeated_7_gram_characters     num_token_characters   >   0.13
        too_much_text_in_repeated_8_grams      num_repeated_8_gram_characters     num_token_characters   >   0.12
        too_much_text_in_repeated_9_grams      num_repeated_9_gram_characters     num_token_characters   >   0.11
        too_much_text_in_repeated_10_grams     num_repeated_10_gram_characters    num_token_characters   >   0.10
    """),
    "gopher-quality": _table("""
        too_few_words                          num_words                          -                      <   50
        too_many_words                         num_words                          -                      >   100000
        words_too_short                        num_word_characters                num_words              <   3
        words_too_long                         num_word_characters                num_words              >   10
        too_many_hash_signs                    num_hashes                         num_tokens             >   0.1
        too_many_ellipses                      num_ellipses                       num_tokens             >   0.1
        too_many_lines_begin_with_bullet       num_bullet_lines                   num_lines              >   0.9
        too_many_lines_end_with_ellipsis       num_ellipsis_lines                 num_lines              >   0.3
        too_few_alphabetic_words               num_alphabetic_words               num_tokens             <   0.8
        too_few_stop_words                     num_stop_words                     -                      <   2
    """),
    "c4": _table("""
        has_curly_bracket                      num_curly_brackets                 -                      >   0
        too_few_sentences                      num_sentences                      -                      <   3
    """),
    "fineweb": _table("""
        too_few_lines_end_with_punctuation     num_punctuated_lines               num_lines              <=  0.12
        too_much_text_in_repeated_lines        num_repeated_line_characters       num_line_characters    >=  0.1
        too_many_short_lines                   num_short_lines                    num_lines              >=  0.67
    """),
}


def reasons(measures: Measures, rule_sets: Sequence[str]) -> list[str | None]:
    """Why each document is dropped, or None: the first rule that holds, in the order of RULE_SETS.

    Raises:  ValueError for a rule set that is not in RULE_SETS.
    """
    unknown = sorted(set(rule_sets) - set(RULE_SETS))
    if unknown:
        raise ValueError(f"rules: expected some of {list(RULE_SETS)}, got {unknown[0]!r}")
    rules = [rule for name, table in RULE_SETS.items() if name in rule_sets for rule in table]
    num_documents = len(measures["num_tokens"])
    first_D = np.full(num_documents, len(rules))
    for index in reversed(range(len(rules))):
        first_D[rules[index].holds(measures)] = index
    return [rules[index].reason if index < len(rules) else None for index in first_D]
