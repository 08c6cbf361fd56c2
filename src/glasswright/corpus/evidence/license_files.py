"""Files that are licenses, by their name: which folder they speak for, and for which part of it.

LICENSE, COPYING.md, UNLICENSE, LICENCE-docs     of the folder they are in
LICENSE-MIT, LICENSE-APACHE                      the reader's choice
LICENSE-CODE, code/LICENSE beside LICENSE        of the code, not of the text
LICENSE-docs, LICENSE.content beside LICENSE     of the text
COPYING beside COPYING.LESSER                    the second, which is worded as an addition to the first
LICENSES/CC0-1.0.txt                             a copy for reference (REUSE): which file it is for, others say
"""

import re
from pathlib import PurePosixPath

from glasswright.corpus.evidence.sentences import self_statement
from glasswright.licenses import Fidelity, text_license
from glasswright.licenses.creative_commons import legal_code_title
from glasswright.licenses.grants import SHORT_TEXT, granted

WORD = r"(?:un)?(?:licen[cs]es?|copying|copyright)"
NAME = re.compile(rf"{WORD}(?:[-._ ].*)?|[a-z0-9.]+[-_]licen[cs]e", re.IGNORECASE)
NOT_TEXT = frozenset(  # license.py is a program; COPYING.LESSER and LICENSE.MIT are licenses
    """
    .py .js .mjs .ts .tsx .go .rs .c .cc .cpp .h .hpp .java .kt .cs .rb .php .pl .sh .css .scss .json .yml .yaml .toml
    .xml .svg .png .jpg .gif .ico .pdf .csv .tmpl .tpl .j2 .erb .vue .swift .license .lock .po .ipynb
    """.split()
)
REUSE_FOLDER = "LICENSES"
CHOICES = re.compile(
    rf"{WORD}[-_.](?:mit|apache|bsd|isc|zlib|boost|mpl|epl|gpl|lgpl|agpl|psf|unlicense|cc0|0bsd|upl).*", re.IGNORECASE
)
FOR_CODE = re.compile(
    rf"{WORD}[-_. ](?:.*[-_. ])?(?:source[-_]?)?(?:(?:sample|example)s?[-_]?)?(?:code|software|scripts?|images?|fonts?|"
    r"artwork|data|third[-_]?party|3rdparty|deps|dependencies|summary|samples?|examples?)(?:[-_. ].*)?"
    r"|(?:code|software|third[-_]?party)[-_]licen[cs]e.*",
    re.IGNORECASE,
)
FOR_TEXT = re.compile(
    rf"{WORD}[-_. ](?:.*[-_. ])?(?:docs?|documentation|contents?|texts?|prose|books?|articles?|posts|lessons?)"
    r"(?:[-_. ].*)?|(?:docs?|documentation|contents?|text)[-_]licen[cs]e.*",
    re.IGNORECASE,
)
CODE_FOLDER = re.compile(
    r"(?:source[-_]?)?code(?:[-_]?(?:samples?|examples?|snippets?))?|(?:sample|example)s?[-_]?code", re.IGNORECASE
)
OTHER_THINGS = re.compile(r"image|font|artwork|data|third|3rd|deps|dependenc|summary", re.IGNORECASE)
LESSER = re.compile(rf"{WORD}[-_.](?:lesser|lgpl|lib)(?:[-_.].*)?", re.IGNORECASE)


def is_license_file(path: str) -> bool:
    """Whether a file's name says that it is a license."""
    name = PurePosixPath(path)
    if name.parent.name == REUSE_FOLDER:
        return True
    return bool(NAME.fullmatch(name.name)) and name.suffix.lower() not in NOT_TEXT


def is_license_text(path: str, text: str) -> bool:
    """Whether a file that is named like a license is one, and not a chapter about licenses."""
    name = PurePosixPath(path)
    if name.parent.name == REUSE_FOLDER or name.name.split(".")[0].isupper():
        return True
    if legal_code_title(text) or self_statement(text[:SHORT_TEXT]):
        return True
    known = text_license(text)
    return (known is not None and known.fidelity in (Fidelity.WHOLE, Fidelity.CHANGED)) or (
        len(text) < SHORT_TEXT and granted(text) is not None
    )


def for_texts(paths: list[str]) -> list[str]:
    """Of the license files in a folder those that are for its texts, in order."""
    names = {path: PurePosixPath(path).name for path in sorted(paths)}
    if said := [path for path, name in names.items() if FOR_TEXT.fullmatch(name)]:
        return said
    rest = [path for path, name in names.items() if not FOR_CODE.fullmatch(name)]
    if lesser := [path for path in rest if LESSER.fullmatch(names[path])]:
        return lesser
    return rest


def for_code(paths: list[str]) -> list[str]:
    """Of the license files in a folder those that are not for its texts, where some are."""
    texts = for_texts(paths)
    return [path for path in sorted(paths) if path not in texts and not OTHER_THINGS.search(PurePosixPath(path).name)]


def is_of_code(path: str) -> bool:
    """Whether a path leads through a folder of code: what lies there comes with the code."""
    return any(CODE_FOLDER.fullmatch(part) for part in PurePosixPath(path).parts[:-1])


def choices(paths: list[str]) -> list[str]:
    """Of the license files in a folder those that are named by their license: where there are two, a choice."""
    named = [path for path in paths if is_named_by_license(path)]
    return named if len(named) > 1 else []


def is_named_by_license(path: str) -> bool:
    """Whether a license file is named by the license that it holds."""
    return bool(CHOICES.fullmatch(PurePosixPath(path).name))
