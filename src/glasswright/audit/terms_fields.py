"""Fields on rights in files of any form, whatever they configure: one that names no open license is not understood.

"license": "other"                       a license that nobody knows
rights = "internal"                      the same
License: CC-BY-NC-ND-4.0                 one that takes something away
LABEL ...image.licenses="MIT"            understood: an open license
"license": {"file": "LICENSE"}           understood: a file of the folder
"license": "https://spdx.org/licenses/MIT.html"    understood: an open license
license_link: https://x.example/terms    terms that stand elsewhere
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from glasswright.licenses import expression_of, hub_tag_expression, is_open, mentions, restrictions

KEY = (
    r"(?:[\w./:-]+[._:/-])?(?:licen[sc]es?(?:[_-]?(?:name|link|id|type|info|declared|concluded|text|terms|url|identifier))?"
    r"|terms(?:[_-]of[_-](?:use|service))?|usage[_-](?:terms|hint|restrictions?)|restrictions?|rights|eula|access[_-]rights?)"
)
VALUE = r"\"(?:[^\"\\\n]|\\.){0,400}\"|'[^'\n]{0,400}'|\[[^\[\]]{0,400}\]|\{[^{}]{0,400}\}|[^\n,}\]#]{0,400}"
FIELD = re.compile(
    rf"(?:^|(?<=[\s{{,<\"']))(?P<key>{KEY})[\"']?(?:[ \t]{{0,8}}[:=>][ \t]{{0,8}}|[ \t]+content=|[ \t][^<>\n]{{0,80}}>)"
    rf"(?P<value>{VALUE})",
    re.IGNORECASE | re.MULTILINE,
)
QUICK = re.compile(r"licen[sc]e|terms|restriction|rights|eula|usage", re.IGNORECASE)
PIECE = re.compile(r"(?:\"((?:[^\"\\\n]|\\.)*)\"|'([^'\n]*)')(\s*:)?")
INNER = re.compile(r"^(?:id|type|name|text|file|path|url)\s*[:=]\s*", re.IGNORECASE)
SAYS_NOTHING = re.compile(
    r"(?:null|none|~|true|false|[|>][+-]?|noassertion|see licen[sc]e in\b.*|[-\d.\s]*)", re.IGNORECASE
)
OWN_FILE = re.compile(
    r"https?://(?:huggingface\.co|github\.com|modelscope\.cn/models)/(?P<repo>[\w.-]+/[\w.-]+)"
    r"/(?:blob|resolve|raw|file/view)/[\w.-]+/(?P<file>\S+)"
)
OF_SPDX = re.compile(r"https?://(?:www\.)?spdx\.org/licenses/(?P<id>[\w.+-]+?)(?:\.(?:html|json|txt))?/?$")
MAX_FIELDS = 200  # of a file; more are a list of other people's packages
MAX_PIECES = 20


@dataclass(frozen=True, slots=True)
class Field:
    """A field on rights that was not understood."""

    line: int
    quote: str


def unclear_fields(text: str, repo: str, paths: frozenset[str]) -> Iterator[Field]:
    """The fields of a text on rights that name neither an open license nor a file of the same repository.

    repo:   what the repository is called, for links to its own files
    paths:  the files of its listing
    """
    if not QUICK.search(text):
        return
    found = [match for match, _ in zip(FIELD.finditer(text), range(MAX_FIELDS + 1), strict=False)]
    for match in found if len(found) <= MAX_FIELDS else ():
        values = _pieces(match["value"])
        if not all(_is_understood(value, repo, paths) for value in values):
            yield Field(text.count("\n", 0, match.start("key")) + 1, " ".join(match.group().split()))


def _pieces(value: str) -> list[str]:
    """The values in a field: of a list or a table each."""
    value = value.strip().rstrip(",;").strip()
    if value[:1] in "[{":
        inner = value[1:-1]
        named = [first or second for first, second, is_key in PIECE.findall(inner) if not is_key]
        return (named or [INNER.sub("", part.strip()) for part in inner.split(",")])[:MAX_PIECES]
    return [value.strip("\"'`")]


def _is_understood(value: str, repo: str, paths: frozenset[str]) -> bool:
    value = value.strip()
    if SAYS_NOTHING.fullmatch(value) or value.removeprefix("./") in paths:
        return True
    if own := OWN_FILE.match(value):
        return own["repo"].lower() == repo.lower() and own["file"] in paths
    if of_spdx := OF_SPDX.match(value):
        value = of_spdx["id"]
    if restrictions(value):
        return False
    if named := mentions(value):
        return all(is_open(mention.license, "data") for mention in named)
    license = hub_tag_expression(value) or expression_of(value)
    return license is not None and is_open(license, "data")
