"""A batch examined: the steps in order, and every answer a matter of the text alone."""

import random

import pytest
from tests.corpus_quality.texts import prose

from glasswright.corpus.quality import Finding, Policy, examine

ALL = Policy(rules=("gopher-quality", "gopher-repetition", "c4", "fineweb"), mask_pii=True)
MIXED = [
    *(prose(90, seed=seed) for seed in range(12)),
    "",
    "Too short.",
    prose(80) + "\r\nWrite to jane@corp-mail.org and everybody else.",
    prose(80) + " lorem ipsum",
    "Der alte Müller ging jeden Morgen über die Brücke und grüßte die Kinder auf dem Weg zur Schule.",
    "spam and eggs " * 60,
]


def test_by_default_nothing_is_dropped_and_only_mending_changes_the_text() -> None:
    for text, finding in zip(MIXED, examine(MIXED, Policy()), strict=True):
        assert finding.reason is None
        assert finding.text == text.replace("\r\n", "\n")


def test_each_step_gives_its_reason() -> None:
    found = examine(MIXED, ALL)
    assert [finding.reason for finding in found[:12]] == [None] * 12
    assert [finding.reason for finding in found[12:]] == [
        "too_few_words",
        "too_few_words",
        None,
        "has_placeholder_text",
        "too_few_words",
        "too_much_text_in_top_2_gram",
    ]
    assert found[14].masked == {"email": 1}
    assert "Write to <email> and everybody else." in found[14].text


def test_only_wanted_languages_pass() -> None:
    found = examine(MIXED, Policy(languages=("de",)))
    assert [finding.reason for finding in found].count(None) == 1
    assert found[16].language == "de"


@pytest.mark.parametrize("size", [1, 5, 100])
def test_batches_and_their_order_change_nothing(size: int) -> None:
    expected = dict(zip(MIXED, examine(MIXED, ALL), strict=True))
    shuffled = random.Random(size).sample(MIXED, len(MIXED))
    found: dict[str, Finding] = {}
    for start in range(0, len(shuffled), size):
        part = shuffled[start : start + size]
        found.update(zip(part, examine(part, ALL), strict=True))
    assert found == expected


def test_a_finding_changes_when_the_text_does() -> None:
    changed = [text + " And so {" for text in MIXED]
    assert examine(changed, ALL) != examine(MIXED, ALL)


def test_what_is_dropped_is_not_masked() -> None:
    (finding,) = examine(["Please write a letter or two to jane@corp-mail.org."], ALL)
    assert finding.reason == "too_few_words"
    assert not finding.masked


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="got 'gopher'"):
        Policy(rules=("gopher",))
