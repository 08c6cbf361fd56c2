"""Languages are told from samples, by arithmetic that no machine may change."""

import numpy as np
import pytest
from tests.corpus_quality.texts import prose

from glasswright.corpus.quality import language

TEXTS = {
    "en": prose(60),
    "fr": "Le petit chat dormait au soleil pendant que les enfants jouaient dans le jardin de leur grand-mère.",
    "de": "Der alte Müller ging jeden Morgen über die Brücke und grüßte die Kinder auf dem Weg zur Schule.",
    "es": "El viejo molinero cruzaba el puente todas las mañanas y saludaba a los niños de la escuela.",
    "sw": "Mtoto mdogo alikwenda shuleni kila siku asubuhi pamoja na rafiki zake wote wa kijijini.",
    "ru": "Старый мельник каждое утро переходил мост и здоровался с детьми по дороге в школу.",
    "zh": "老磨坊主每天早上过桥，向去学校的孩子们问好，然后回家吃饭，晚上读书写字。",
}


def test_languages_are_told() -> None:
    assert language.languages(list(TEXTS.values())) == list(TEXTS)


def test_too_few_letters_are_undetermined() -> None:
    assert language.languages(["", "12 + 34 = 46", "Hm."]) == ["und"] * 3


def test_the_answer_does_not_depend_on_the_batch() -> None:
    texts = list(TEXTS.values()) * 3 + [""]
    assert language.languages(texts[::-1]) == [language.languages([text])[0] for text in texts[::-1]]


def test_scores_are_whole_numbers_that_a_float_holds() -> None:
    model = language.load()
    assert np.array_equal(model.bias_L, np.rint(model.bias_L))
    assert np.array_equal(model.log_count, np.rint(model.log_count))
    longest = language.WINDOWS * (language.WINDOW + 1) * 4  # bytes of a sample; each completes at most one feature
    largest = longest * model.log_count.max() * np.abs(model.weight_FL.astype(float)).max() + np.abs(model.bias_L).max()
    assert largest < 2**53


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_answer_is_that_of_py3langid(text: str) -> None:
    from py3langid.langid import classify

    assert language.languages([text])[0] == classify(language.sample(text))[0]


def test_a_sample_is_spread_over_the_text() -> None:
    text = "".join(chr(0x4E00 + n) for n in range(10_000))
    pieces = language.sample(text).split("\n")
    assert len(pieces) == language.WINDOWS
    assert pieces[0][0] == text[0]
    assert pieces[-1][-1] in text[-3:]
    assert language.sample("short") == "short"
