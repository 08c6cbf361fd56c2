"""What sentences in other languages take away: every example that stands beside the words is a test."""

import pytest

from glasswright.licenses.languages import Language, languages, sentences, spoken_in, taken_in_words

ALL = languages()


def examples(kind: str) -> list[tuple[str, str]]:
    return [(language.name, said) for language in ALL for said in getattr(language, kind)]


def test_twelve_languages_are_read_beside_english():
    assert {language.name for language in ALL} == set("de fr es pt it nl pl ru zh ja ko ar".split())


@pytest.mark.parametrize(("language", "said"), examples("taken"))
def test_what_takes_rights_away_is_found(language: str, said: str):
    assert language in [spoken.name for spoken in spoken_in(said)]
    assert [name for _, name in taken_in_words(said)] != []


@pytest.mark.parametrize(("language", "said"), examples("free"))
def test_what_takes_nothing_away_is_not(language: str, said: str):
    assert language in [spoken.name for spoken in spoken_in(said)]
    assert list(taken_in_words(said)) == []


@pytest.mark.parametrize("language", ALL, ids=lambda language: language.name)
def test_every_language_has_a_word_for_every_idea(language: Language):
    assert set(language.words) == set(ALL[0].words)


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("Die Texte dürfen nicht kommerziell genutzt werden.", "LicenseRef-NC"),
        ("Il est interdit de modifier l'ouvrage.", "LicenseRef-ND"),
        ("未经许可，不得转载。", "LicenseRef-no-copies"),
        ("Запрещено использовать тексты для обучения нейросетей.", "LicenseRef-no-training"),
        ("Todos los derechos reservados.", "LicenseRef-all-rights-reserved"),
    ],
)
def test_what_is_taken_has_a_name(said: str, taken: str):
    assert [name for _, name in taken_in_words(said)] == [taken]


@pytest.mark.parametrize(
    "said",
    [
        "The package may be used for commercial and non-commercial work.",
        "Commercial support is available from several companies.",
        "In particular, the file can not be changed while it is open.",
        "Die Datei wird beim Start gelesen und danach nicht mehr gebraucht.",
        "La fonction ne modifie pas son argument.",
        "这个函数不会修改它的参数。",
        "Точка не находит символы перевода строки.",
    ],
)
def test_a_sentence_about_something_else_takes_nothing(said: str):
    assert list(taken_in_words(said)) == []


def test_a_sentence_is_where_the_text_has_it():
    text = "Erster Satz. Nur für\nprivaten Gebrauch! 第三个句子。\n\n- Vierter Satz"
    found = list(sentences(text))
    assert [said for _, said in found] == ["Erster Satz", "Nur für privaten Gebrauch", "第三个句子", "- Vierter Satz"]
    assert all(text[place:].lstrip().startswith(said.split()[0]) for place, said in found)


@pytest.mark.timeout(100)
@pytest.mark.parametrize("piece", ["\n", " \n", "- a\n", "nicht kommerziell ", "ne peut ", "著作権", "n' ", "a.b "])
def test_a_hostile_text_is_read_in_one_go(piece: str):
    """Quadratic patterns take many minutes for this, and the test is stopped before."""
    list(taken_in_words(piece * (1_000_000 // len(piece))))
