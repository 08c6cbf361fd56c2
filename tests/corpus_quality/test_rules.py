"""The published rules: each holds where the paper says, by exact bounds, and says why."""

from collections import Counter

import numpy as np
import pytest
from tests.corpus_quality.texts import prose

from glasswright.corpus.quality.measures import measure
from glasswright.corpus.quality.rules import RULE_SETS, reasons


def reason_for(text: str, *rule_sets: str) -> str | None:
    return reasons(measure([text]), rule_sets or tuple(RULE_SETS))[0]


def test_ordinary_prose_is_kept_by_every_rule() -> None:
    assert reason_for(prose(90)) is None


NONSENSE = " ".join(f"w{number}ord" for number in range(100))
DROPPED = {
    "too_few_words": prose(40),
    "too_many_words": "\n".join(prose(900, seed=seed) for seed in range(120)),
    "words_too_short": " ".join(f"a{chr(97 + n % 26)} {chr(97 + n // 26)}" for n in range(80)) + " the of",
    "words_too_long": "the of " + " ".join("extraordinarily" + chr(97 + n % 26) * 3 for n in range(80)),
    "too_many_hash_signs": prose(100) + " #" * 30,
    "too_many_ellipses": prose(60).replace(". ", "... ") + " a..." * 10,
    "too_many_lines_begin_with_bullet": "\n".join("- " + line for line in prose(200).split(". ")),
    "too_many_lines_end_with_ellipsis": "\n".join(line + " ..." for line in prose(200).split(". ")),
    "too_few_alphabetic_words": prose(100) + " " + " ".join(str(number) for number in range(100)),
    "too_few_stop_words": NONSENSE,
}


@pytest.mark.parametrize("reason", DROPPED)
def test_gopher_quality_drops_and_says_why(reason: str) -> None:
    assert reason_for(DROPPED[reason], "gopher-quality") == reason


def test_a_curly_bracket_and_too_few_sentences_are_c4s_reasons() -> None:
    assert reason_for(prose(100) + " {", "c4") == "has_curly_bracket"
    assert reason_for("One sentence. And another one.", "c4") == "too_few_sentences"
    assert reason_for("One sentence. And another one. “A third!”", "c4") is None
    assert measure(["A title\nOne sentence. And another\nthat goes on."])["num_sentences"].tolist() == [4]


def test_fineweb_drops_lists_and_repeated_lines() -> None:
    lines = prose(300).replace(". ", ".\n").split("\n")
    assert reason_for("\n".join(lines), "fineweb") is None
    assert reason_for("\n".join(line.strip(".") for line in lines), "fineweb") == "too_few_lines_end_with_punctuation"
    assert reason_for("\n".join(lines + lines[:6]), "fineweb") == "too_much_text_in_repeated_lines"
    assert reason_for("\n".join(lines[:4] + [f"Item {n}." for n in range(40)]), "fineweb") == "too_many_short_lines"


def test_a_share_exactly_at_the_bound_is_kept_and_one_more_is_dropped() -> None:
    at_bound = measure([f"#{' a' * 9}"])  # one hash sign in ten tokens: 0.1, and the bound is > 0.1
    above = measure([f"##{' a' * 9}"])
    rule = next(rule for rule in RULE_SETS["gopher-quality"] if rule.reason == "too_many_hash_signs")
    assert not rule.holds(at_bound)[0]
    assert rule.holds(above)[0]


def test_repeated_lines_and_paragraphs_are_counted_without_their_first() -> None:
    found = measure(["a b\nc d\na  b\n\nx\n\nx\n\nx"])
    assert found["num_lines"][0] == 6
    assert found["num_repeated_lines"][0] == 3
    assert found["num_repeated_line_characters"][0] == len("a  b") + 2
    assert found["num_paragraphs"][0] == 4
    assert found["num_repeated_paragraphs"][0] == 2


def slow_repetition(text: str) -> dict[str, int]:
    """The definition, by counting: what the batch code must agree with."""
    tokens = text.split()
    found = {}
    for n in range(2, 11):
        grams = [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
        counts = Counter(grams)
        if n <= 4:
            most = max(counts.values(), default=0)
            longest = max((len("".join(gram)) for gram, count in counts.items() if count == most), default=0)
            found[f"num_top_{n}_gram_characters"] = most * longest if most > 1 else 0
        else:
            seen, covered = set(), set()
            for i, gram in enumerate(grams):
                covered |= set(range(i, i + n)) if gram in seen else set()
                seen.add(gram)
            found[f"num_repeated_{n}_gram_characters"] = sum(len(tokens[i]) for i in covered)
    return found


def repetitive_texts() -> list[str]:
    draw = np.random.default_rng(3)
    sizes = draw.integers(0, 300, 60)
    return [
        " ".join(chr(97 + letter) * (1 + letter) for letter in draw.integers(0, 1 + size % 7, size)) for size in sizes
    ]


def test_repetition_of_a_batch_equals_repetition_by_counting() -> None:
    texts = [*repetitive_texts(), prose(200), ""]
    found = measure(texts)
    for index, text in enumerate(texts):
        for name, amount in slow_repetition(text).items():
            assert found[name][index] == amount, (name, text)


def test_repetition_by_counting_differs_when_one_word_is_changed() -> None:
    text = "a bb ccc a bb ccc a bb ccc a bb ccc"
    found, changed = measure([text]), slow_repetition(text.replace("a bb ccc a", "a bb cXc a", 1))
    assert any(found[name][0] != amount for name, amount in changed.items())


def test_measures_do_not_depend_on_the_batch() -> None:
    texts = [prose(120, seed=seed) for seed in range(20)]
    together, alone = measure(texts), [measure([text]) for text in texts]
    for name, amounts in together.items():
        assert amounts.tolist() == [one[name][0] for one in alone], name


def test_nothing_at_all_is_measured_as_nothing() -> None:
    assert all(len(amounts) == 0 for amounts in measure([]).values())
    assert reasons(measure(["", " \n "]), ("gopher-repetition",)) == [None, None]


def test_an_unknown_rule_set_is_refused() -> None:
    with pytest.raises(ValueError, match="got 'gofer'"):
        reasons(measure(["a"]), ("gofer",))


def test_every_rule_asks_for_a_measure_that_exists() -> None:
    found = measure(["a"])
    for rules in RULE_SETS.values():
        for rule in rules:
            assert rule.count in found
            assert rule.of is None or rule.of in found
