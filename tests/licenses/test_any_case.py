"""A text in ASCII is looked at in a quicker way, and the same is found in it, pattern by pattern."""

import re
from collections.abc import Iterator

import pytest
from tests.licenses.wordings import FREE, SEEN

from glasswright.audit.listing_rules import roles
from glasswright.licenses.any_case import AnyCase
from glasswright.licenses.languages import COMMERCE_NOT_READ, NOT_READ, languages
from glasswright.licenses.mentions import QUICK_GNU, QUICK_NAMES

PATTERNS = {
    **{f"{language.name} {idea}": language.pattern(idea) for language in languages() for idea in language.words},
    **{f"named {license}": names for license, names in QUICK_NAMES},
    "named GNU": QUICK_GNU,
    **{f"paths of {role.component}": role.paths for role in roles()},
    **{f"aside of {role.component}": role.unless_path for role in roles() if role.unless_path},
    **{f"words of {role.component}": role.speaks for role in roles() if role.speaks},
    "license not read": NOT_READ,
    "commerce not read": COMMERCE_NOT_READ,
}
SENTENCES = [said for wordings in (*SEEN.values(), *FREE.values()) for said in wordings]
PLAIN = str.maketrans("ıİßéèêáàãçñóöüúíäąęłśżźć", "iIseeeaaacnoouuiaaelszzc")


def texts_for(pattern: re.Pattern[str]) -> Iterator[str]:
    """Sentences about licenses, and the words of the pattern itself, in ASCII and in each case."""
    for text in (*SENTENCES, " ".join(re.findall(r"[\w'-]+|\W", pattern.pattern)), *pattern.pattern.split("|")):
        plain = text.translate(PLAIN).encode("ascii", "ignore").decode()
        yield from (plain, plain.lower(), plain.upper(), plain.title())


def where(found: Iterator[re.Match[str]]) -> list[tuple[int, int]]:
    return [match.span() for match in found]


@pytest.mark.parametrize("name", PATTERNS)
def test_the_quick_way_finds_what_ignoring_case_finds(name: str):
    quick = PATTERNS[name]
    for text in texts_for(quick.pattern):
        assert where(quick.finditer(text)) == where(quick.pattern.finditer(text)), text


@pytest.mark.parametrize(
    ("pattern", "text", "is_found"),
    [
        ("Yalnızca", "YALNIZCA", True),
        (r"\Wmit\W", "(MIT)", True),
        (r"[A-Z]{3}\S\B", "mit", False),
        ("(?P<Name>GPL)-2", "gpl-2", True),
        ("(?-i:LICENSE)|lizenz", "license", False),
        ("(?-i:LICENSE)|lizenz", "LIZENZ", True),
        ("straße", "STRASSE", False),
    ],
)
def test_what_is_syntax_is_no_letter(pattern: str, text: str, is_found: bool):
    assert bool(AnyCase(pattern).search(text)) == is_found == bool(re.search(pattern, text, re.IGNORECASE))


def test_a_place_can_be_bounded():
    assert AnyCase("mit").search("MIT and MIT", 1).start() == 8
    assert AnyCase("mit").search("MIT and MIT", 1, 10) is None
