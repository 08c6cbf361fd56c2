"""What stands around a document: license files, READMEs, package data and indexes, up the tree to the source's root.

index       a row of the README beside it that is about this very file
package     content.opf (dc:rights) of the e-book it is a part of
folder      LICENSE, COPYING, COPYRIGHT and the license part of README; the nearest folder that says something
DEP-5       debian/copyright or .reuse/dep5, by file pattern
"""

import re
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import PurePosixPath

from lxml import etree

from glasswright.corpus.decode import decode
from glasswright.corpus.evidence import dep5
from glasswright.corpus.evidence.grants import SHORT_TEXT, expression_of, granted
from glasswright.corpus.evidence.creative_commons import legal_code_title
from glasswright.corpus.evidence.mentions import mentions
from glasswright.corpus.evidence.statements import license_section, self_statement
from glasswright.corpus.found import Nearness, Statement
from glasswright.licenses import Fidelity, text_license

LICENSE_FILE = re.compile(r"(un)?(licen[cs]es?|copying|copyright)([-._].*)?", re.IGNORECASE)
LICENSE_SUFFIXES = frozenset({"", ".md", ".txt", ".rst", ".asc", ".adoc", ".html", ".xhtml", ".markdown"})
SIBLINGS = re.compile(r"licen[cs]es?[-_.](mit|apache|bsd|isc|zlib|boost|mpl|gpl|lgpl|unlicense|cc0).*", re.IGNORECASE)
FOR_CODE = re.compile(r"licen[cs]e[-_.](code|software|scripts?|images?|fonts?)([-_.].*)?", re.IGNORECASE)
README = re.compile(r"readme(\.(md|rst|txt|asc|adoc|markdown|org))?", re.IGNORECASE)
PACKAGE_FILE = re.compile(r".*\.opf", re.IGNORECASE)
DEP5_FILES = ("debian/copyright", ".reuse/dep5", "copyright")
INDEX_SEPARATOR = re.compile(r"\s*\|\s*")
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
NO_GRANT = "LicenseRef-all-rights-reserved"
MAX_EVIDENCE_BYTES = 2**20


def is_license_file(path: str) -> bool:
    """Whether a file's name says that it is a license."""
    name = PurePosixPath(path)
    suffix = name.suffix.lower() if LICENSE_FILE.fullmatch(name.stem) else ""
    return bool(LICENSE_FILE.fullmatch(name.name)) and (suffix in LICENSE_SUFFIXES or not suffix)


def is_license_text(path: str, text: str) -> bool:
    """Whether a file that is named like a license is one, and not a chapter about licenses."""
    name = PurePosixPath(path).name
    return (
        name.split(".")[0].isupper()
        or legal_code_title(text) is not None
        or self_statement(text[:SHORT_TEXT]) is not None
        or (len(text) < SHORT_TEXT and granted(text) is not None)
        or ((known := text_license(text)) is not None and known.fidelity in (Fidelity.WHOLE, Fidelity.CHANGED))
    )


class Tree:
    """The evidence files of a source, read once each."""

    def __init__(self, paths: Iterable[str], read: Callable[[str], bytes]):
        self._read_bytes = read
        self._licenses: dict[str, list[str]] = {}
        self._readmes: dict[str, str] = {}
        self._packages: dict[str, str] = {}
        self._dep5: dict[str, str] = {}
        for path in paths:
            self._place(path)
        self._folder = cache(self._folder_statements)
        self._rows = cache(self._index_rows)
        self._text = cache(self._read_text)
        self._stanzas = cache(self._dep5_stanzas)
        self._rights = cache(self._package_rights)

    def statements(self, path: str) -> list[Statement]:
        """What is said of the file at `path` by the files around it, nearest first."""
        return [*self._index(path), *self._package(path), *self._folders(path), *self._dep5_of(path)]

    def _place(self, path: str) -> None:
        name, folder = PurePosixPath(path).name, _parent(path)
        if is_license_file(path):
            self._licenses.setdefault(folder, []).append(path)
        if README.fullmatch(name):
            self._readmes.setdefault(folder, path)
        if PACKAGE_FILE.fullmatch(name):
            self._packages.setdefault(folder, path)
        for file in DEP5_FILES:
            if path == file or path.endswith("/" + file):
                self._dep5.setdefault(path.removesuffix(file).removesuffix("/"), path)

    def _read_text(self, path: str) -> str:
        return decode(self._read_bytes(path)[:MAX_EVIDENCE_BYTES]).text

    def _index(self, path: str) -> Iterator[Statement]:
        readme = self._readmes.get(_parent(path))
        name = PurePosixPath(path)
        if readme is None or readme == path:
            return
        rows = self._rows(readme)
        number = re.match(r"\d{3,}(?=[_-])", name.stem)
        for key in filter(None, (name.name, name.stem, number and number.group())):
            if key in rows:
                yield Statement(license=rows[key], evidence=f"{readme}, row {key}", nearness=Nearness.DOCUMENT)
                return

    def _index_rows(self, readme: str) -> dict[str, str]:
        """License by the first cell of a table's rows, where a row names one license."""
        rows: dict[str, str] = {}
        for line in self._text(readme).split("\n"):
            cells = INDEX_SEPARATOR.split(line.strip().strip("|").strip())
            if len(cells) < 2 or not cells[0]:
                continue
            found = [license for cell in cells[1:] if mentions(cell) and (license := expression_of(_address(cell)))]
            if len(found) == 1:
                link = re.search(r"\]\(([^)]+)\)", cells[0])
                rows[PurePosixPath(link.group(1)).name if link else cells[0]] = found[0]
        return rows

    def _package(self, path: str) -> Iterator[Statement]:
        for folder in _ancestors(path):
            if folder in self._packages:
                package = self._packages[folder]
                rights = self._rights(package)
                if rights and package != path:
                    evidence = f"{package}, dc:rights"
                    yield Statement(license=rights, evidence=evidence, nearness=Nearness.DOCUMENT)
                return

    def _package_rights(self, package: str) -> str | None:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            root = etree.fromstring(self._read_bytes(package), parser)
        except (etree.XMLSyntaxError, ValueError):
            return None
        rights = " ".join("".join(element.itertext()) for element in root.iter(DUBLIN_CORE + "rights"))
        return granted(rights) if rights.strip() else None

    def _folders(self, path: str) -> list[Statement]:
        for folder in _ancestors(path):
            if found := self._folder(folder):
                return found
        return []

    def _folder_statements(self, folder: str) -> list[Statement]:
        """README's words first: they speak of the content, a license text of whatever it is put beside."""
        found = []
        readme = self._readmes.get(folder)
        if readme and (statement := readme_statement(self._text(readme), readme)):
            found.append(statement)
        by_pattern = {file for file in self._dep5.values() if self._stanzas(file)}  # speaks of files, not of the folder
        files = _for_texts([file for file in self._licenses.get(folder, []) if file not in by_pattern])
        siblings = sorted(path for path in files if SIBLINGS.fullmatch(PurePosixPath(path).name))
        if len(siblings) > 1 and (choice := self._choice(siblings)):
            return [*found, choice]
        for path in sorted(files):
            text = self._text(path)
            if is_license_text(path, text) and (license := granted(text)):
                found.append(Statement(license=license, evidence=path, nearness=Nearness.TREE))
        grants = [statement for statement in found if statement.license != NO_GRANT]
        return grants or found

    def _choice(self, siblings: list[str]) -> Statement | None:
        """LICENSE-MIT beside LICENSE-APACHE: the reader's choice."""
        licenses = [granted(self._text(path)) for path in siblings]
        if any(license is None for license in licenses):
            return None
        expression = " OR ".join(sorted({license for license in licenses if license}, reverse=True))
        return Statement(license=expression, evidence=" and ".join(siblings), nearness=Nearness.TREE)

    def _dep5_of(self, path: str) -> Iterator[Statement]:
        for folder in _ancestors(path):
            if folder in self._dep5:
                file = self._dep5[folder]
                relative = path[len(folder) :].lstrip("/")
                matching = [license for pattern, license in self._stanzas(file) if fnmatchcase(relative, pattern)]
                if matching:  # the last stanza that matches holds: DEP-5, section "Files"
                    yield Statement(license=matching[-1], evidence=f"{file} (DEP-5)", nearness=Nearness.PACKAGE)
                return

    def _dep5_stanzas(self, file: str) -> list[tuple[str, str]]:
        return dep5.stanzas(self._text(file))


def readme_statement(text: str, path: str) -> Statement | None:
    """What a README says of the license of what it describes: its license part, or a sentence about the whole."""
    section = license_section(text)
    if section and mentions(section) and (license := granted(section)):
        quote = " ".join(section.split())[:120]
        return Statement(license=license, evidence=f'{path}: "{quote}"', nearness=Nearness.TREE)
    found = self_statement(text, Nearness.TREE)
    if found is None:
        return None
    return Statement(license=found.license, evidence=f"{path}: {found.evidence}", nearness=Nearness.TREE)


def _for_texts(files: list[str]) -> list[str]:
    """The license files of a folder without LICENSE-CODE and the like, where others are beside them."""
    for_texts = [path for path in files if not FOR_CODE.fullmatch(PurePosixPath(path).name)]
    return for_texts or files


def _address(cell: str) -> str:
    link = re.search(r"\]\(([^)]+)\)", cell)
    return link.group(1) if link and mentions(link.group(1)) else cell


def _parent(path: str) -> str:
    parent = PurePosixPath(path).parent.as_posix()
    return "" if parent == "." else parent


def _ancestors(path: str) -> Iterator[str]:
    """The folders a file is in, from the nearest to the source's root."""
    folder = _parent(path)
    while folder:
        yield folder
        folder = _parent(folder)
    yield ""
