"""What stands around a document: license files, READMEs, package data and indexes, up the tree to the source's root.

REUSE       a.md.license beside it, REUSE.toml or .reuse/dep5 above it, by file pattern
index       a row of the README beside it that is about this very file
package     content.opf (dc:rights) of the e-book it is a part of
folder      README and the configuration of the site, which speak of the content; LICENSE, COPYING, COPYRIGHT; of the
            nearest folder that says something
DEP-5       debian/copyright, by file pattern
manifest    package.json and the like
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator
from functools import cache, cached_property
from pathlib import PurePosixPath

from lxml import etree

from glasswright.corpus.decode import decode
from glasswright.corpus.evidence import dep5, license_files, reuse
from glasswright.corpus.evidence.front_pages import front_page_statement, is_front_page
from glasswright.corpus.evidence.includes import included_files, included_statement
from glasswright.corpus.evidence.index import index_rows, row_keys
from glasswright.corpus.evidence.license_files import is_license_file, is_license_text
from glasswright.corpus.evidence.places import Place, nearest, places
from glasswright.corpus.evidence.readme import Readme, readme_statement
from glasswright.corpus.found import Nearness, Statement
from glasswright.licenses.grants import NO_GRANT, granted
from glasswright.licenses.kinship import agree, taken_by
from glasswright.licenses.manifests import PACKAGES, SITES, package_license, site_license

README = re.compile(r"readme(\.(md|rst|txt|asc|adoc|markdown|org))?", re.IGNORECASE)
PACKAGE_FILE = re.compile(r".*\.opf", re.IGNORECASE)
DEP5_FILES = ("debian/copyright", ".reuse/dep5", "copyright")
REUSE_FILE, SIDECAR = "REUSE.toml", ".license"
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
MAX_EVIDENCE_BYTES = 2**20

__all__ = ["Tree", "is_license_file", "is_license_text"]


class Tree:
    """The evidence files of a source, read once each."""

    def __init__(self, paths: Collection[str], read: Callable[[str], bytes]):
        self._paths = paths
        self._read_bytes = read
        self._licenses: dict[str, list[str]] = {}
        self._by_folder: dict[str, dict[str, str]] = {"readme": {}, "package": {}, "dep5": {}, "reuse": {}}
        self._manifests: dict[str, list[str]] = {}
        self._pages: dict[str, list[str]] = {}
        self._sidecars: set[str] = set()
        for path in paths:
            self._place(path)
        self._folder = cache(self._folder_statements)
        self._fronts = cache(self._front_pages)
        self._code = cache(self._code_statement)
        self._rows = cache(lambda readme: index_rows(self._text(readme)))
        self._places = cache(self._named_places)
        self._taken_in = cache(lambda file: included_statement(file, self._text(file)))
        self._text = cache(self._read_text)
        self._stanzas = cache(lambda file: dep5.stanzas(self._text(file)))
        self._annotations = cache(lambda file: reuse.annotations(self._text(file)))
        self._rights = cache(self._package_rights)
        self._package_license = cache(lambda file: package_license(PurePosixPath(file).name, self._text(file)))

    def statements(self, path: str) -> list[Statement]:
        """What is said of the file at `path` by the files around it, nearest first."""
        return [
            *self._reuse(path),
            *self._index(path),
            *self._package(path),
            *self._folders(path),
            *self._dep5_of(path),
            *self._manifest(path),
        ]

    def included(self, path: str, text: str) -> list[Statement]:
        """What the files say that the text at `path` takes in: they are a part of it."""
        files = included_files(path, text, self._paths.__contains__, self._text)
        return [said for file in files if (said := self._taken_in(file))][:1]

    def _place(self, path: str) -> None:
        folder, _, name = path.rpartition("/")
        if is_license_file(path):
            self._licenses.setdefault(folder, []).append(path)
        elif is_front_page(name):
            self._pages.setdefault(folder, []).append(path)
        if README.fullmatch(name):
            self._by_folder["readme"].setdefault(folder, path)
        if PACKAGE_FILE.fullmatch(name):
            self._by_folder["package"].setdefault(folder, path)
        if name == REUSE_FILE:
            self._by_folder["reuse"][folder] = path
        if name.endswith(SIDECAR):
            self._sidecars.add(path)
        if name in SITES or name in PACKAGES:
            self._manifests.setdefault(folder, []).append(path)
        for file in DEP5_FILES:
            if path == file or path.endswith("/" + file):
                self._by_folder["dep5"].setdefault(path.removesuffix(file).removesuffix("/"), path)

    @cached_property
    def _speaking(self) -> frozenset[str]:
        """The folders that hold evidence: of the folders above a file, these alone are asked."""
        return frozenset().union(*self._by_folder.values(), self._licenses, self._manifests, self._pages)

    @cached_property
    def _sorted_paths(self) -> list[str]:
        return sorted(self._paths)

    def _is_folder(self, path: str) -> bool:
        at = bisect_left(self._sorted_paths, path + "/")
        return at < len(self._sorted_paths) and self._sorted_paths[at].startswith(path + "/")

    def _ancestors(self, path: str) -> Iterator[str]:
        """The folders a file is in that hold evidence, from the nearest to the source's root."""
        folder = path
        while folder:
            folder = _parent(folder)
            if folder in self._speaking:
                yield folder

    def _read_text(self, path: str) -> str:
        return decode(self._read_bytes(path)[:MAX_EVIDENCE_BYTES]).text

    def _reuse(self, path: str) -> Iterator[Statement]:
        if path + SIDECAR in self._sidecars and (said := reuse.sidecar(self._text(path + SIDECAR), path + SIDECAR)):
            yield said
        for folder in self._ancestors(path):
            file = self._by_folder["reuse"].get(folder)
            if file and (found := reuse.stated(self._annotations(file), path[len(folder) :].lstrip("/"), file)):
                yield found
                if found.nearness is not Nearness.OVERRIDE:
                    return

    def _index(self, path: str) -> Iterator[Statement]:
        readme = self._by_folder["readme"].get(_parent(path))
        if readme is None or readme == path:
            return
        rows = self._rows(readme)
        for key in row_keys(path):
            if key in rows:
                yield Statement(license=rows[key], evidence=f"{readme}, row {key}", nearness=Nearness.DOCUMENT)
                return

    def _package(self, path: str) -> Iterator[Statement]:
        for folder in self._ancestors(path):
            if package := self._by_folder["package"].get(folder):
                rights = self._rights(package)
                if rights and package != path:
                    evidence = f"{package}, dc:rights"
                    yield Statement(license=rights, evidence=evidence, nearness=Nearness.DOCUMENT)
                return

    def _package_rights(self, package: str) -> str | None:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            root = etree.fromstring(self._read_bytes(package)[:MAX_EVIDENCE_BYTES], parser)
        except (etree.XMLSyntaxError, ValueError):
            return None
        rights = " ".join("".join(element.itertext()) for element in root.iter(DUBLIN_CORE + "rights"))
        return granted(rights) if rights.strip() else None

    def _folders(self, path: str) -> list[Statement]:
        for folder in self._ancestors(path):
            inner = path[len(folder) :].lstrip("/")
            if named := self._at_place(folder, inner):
                return named
            if found := self._folder(folder):
                code = self._code(folder) if license_files.is_of_code(inner) else None
                return [code] if code and not taken_by(found[0].license) else found
        return next(filter(None, map(self._fronts, self._ancestors(path))), [])

    def _at_place(self, folder: str, inner: str) -> list[Statement]:
        """What the files of a folder say of a path in it by name; the place that is named most exactly speaks."""
        named = self._places(folder)
        places = nearest([place for place, _ in named], inner)
        return [
            Statement(license=place.license, evidence=f"{file}, for {place.pattern}", nearness=Nearness.TREE)
            for place, file in named
            if place in places
        ]

    def _named_places(self, folder: str) -> list[tuple[Place, str]]:
        """The places that README and the license files of a folder name."""
        readme = self._by_folder["readme"].get(folder)
        texts = [file for file in self._licenses.get(folder, []) if is_license_text(file, self._text(file))]
        prefix = folder + "/" if folder else ""
        return [
            (place, file)
            for file in [*([readme] if readme else []), *sorted(texts)]
            for place in places(self._text(file), lambda name: self._is_folder(prefix + name))
        ]

    def _code_statement(self, folder: str) -> Statement | None:
        """The license of the code below a folder, where it is another than that of the texts."""
        readme = self._by_folder["readme"].get(folder)
        said = self._readme(readme) if readme else None
        if said and len(said.for_others) == 1:
            return Statement(license=said.for_others[0], evidence=f"{readme}, for code", nearness=Nearness.TREE)
        files = license_files.for_code(self._licenses.get(folder, []))
        licenses = {license: path for path in files if (license := granted(self._text(path)))}
        if len(licenses) != 1:
            return None
        license, path = licenses.popitem()
        return Statement(license=license, evidence=f"{path}, for code", nearness=Nearness.TREE)

    def _folder_statements(self, folder: str) -> list[Statement]:
        """README's words first: they speak of the content, a license text of whatever it is put beside."""
        found, for_others = [], []
        readme = self._by_folder["readme"].get(folder)
        said = self._readme(readme) if readme else None
        if said:
            found.append(said.statement)
            for_others = [license for license in said.for_others if not agree(license, said.statement.license)]
        found += self._sites(folder)
        for statement in self._license_files(folder):
            if not found or not any(agree(statement.license, license) for license in for_others):
                found.append(statement)  # else it is the license of what README says it is for
        if not any(taken_by(statement.license) for statement in found):
            found += self._closed(folder)
        if said and said.is_of_text:
            return found
        grants = [statement for statement in found if statement.license != NO_GRANT]
        return grants or found

    def _readme(self, path: str) -> Readme | None:
        return readme_statement(self._text(path), path)

    def _front_pages(self, folder: str) -> list[Statement]:
        pages = sorted(self._pages.get(folder, []))
        return [said for page in pages if (said := front_page_statement(self._text(page), page))]

    def _closed(self, folder: str) -> Iterator[Statement]:
        """What takes rights away is said of all of a folder; what gives them may be said of a page, or of code."""
        yield from (front for front in self._fronts(folder) if taken_by(front.license))
        for path in sorted(self._manifests.get(folder, [])):
            license = self._package_license(path) if PurePosixPath(path).name in PACKAGES else None
            if license and taken_by(license):
                yield Statement(license=license, evidence=path, nearness=Nearness.TREE)

    def _sites(self, folder: str) -> Iterator[Statement]:
        for path in sorted(self._manifests.get(folder, [])):
            name = PurePosixPath(path).name
            if name in SITES and (license := site_license(name, self._text(path))):
                yield Statement(license=license, evidence=path, nearness=Nearness.TREE)

    def _license_files(self, folder: str) -> list[Statement]:
        by_pattern = {file for file in self._by_folder["dep5"].values() if self._stanzas(file)}  # not of the folder
        files = license_files.for_texts([file for file in self._licenses.get(folder, []) if file not in by_pattern])
        named = license_files.choices(files)
        if len(named) == len(files) and (choice := self._choice(named)):
            return [choice]
        found = []
        for path in files:
            text = self._text(path)
            if is_license_text(path, text) and (license := granted(text)):
                found.append(Statement(license=license, evidence=path, nearness=Nearness.TREE))
        own = [statement for statement in found if not license_files.is_named_by_license(statement.evidence)]
        return own or found  # LICENSE says which of the texts beside it holds for what

    def _choice(self, named: list[str]) -> Statement | None:
        """LICENSE-MIT beside LICENSE-APACHE: the reader's choice."""
        licenses = [granted(self._text(path)) for path in named]
        if not named or any(license is None for license in licenses):
            return None
        expression = " OR ".join(sorted({license for license in licenses if license}, reverse=True))
        return Statement(license=expression, evidence=" and ".join(named), nearness=Nearness.TREE)

    def _dep5_of(self, path: str) -> Iterator[Statement]:
        for folder in self._ancestors(path):
            if file := self._by_folder["dep5"].get(folder):
                stanza = self._stanzas(file).holding(path[len(folder) :].lstrip("/"))
                if stanza:
                    pattern, license = stanza
                    is_near = pattern != "*" or file.endswith(".reuse/dep5")  # made for this file, as a row for it is
                    nearness = Nearness.METADATA if is_near else Nearness.PACKAGE
                    yield Statement(
                        license=license,
                        evidence=f"{file} (DEP-5)" + (f", {pattern}" if pattern != "*" else ""),
                        nearness=nearness,
                    )
                return

    def _manifest(self, path: str) -> Iterator[Statement]:
        for folder in self._ancestors(path):
            for file in sorted(self._manifests.get(folder, [])):
                if PurePosixPath(file).name in PACKAGES and (license := self._package_license(file)):
                    yield Statement(license=license, evidence=file, nearness=Nearness.PACKAGE)
                    return


def _parent(path: str) -> str:
    return path.rpartition("/")[0]
