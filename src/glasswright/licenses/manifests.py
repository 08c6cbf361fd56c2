"""License fields of files that configure a site or describe a package.

of a site       mkdocs.yml, _config.yml, conf.py, book.toml, hugo.toml, docusaurus.config.js, ...:
                what they say is for the pages
of a package    package.json, pyproject.toml, CITATION.cff, datapackage.json, ...: what they say is for the code at
                first, so it holds where no license file and no README up the tree says anything
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from glasswright.licenses.grants import expression_of
from glasswright.licenses.kinship import taken_by
from glasswright.licenses.mentions import mentions
from glasswright.licenses.toml import read_toml

YAML_LICENSE = re.compile(r"^(?:content[_-])?licen[sc]e:[ \t]*[\"']?(\S[^\n\"'#]{0,200})", re.IGNORECASE | re.MULTILINE)
YAML_COPYRIGHT = re.compile(
    r"^[ \t]{0,6}(?:copyright|copyright_notice|footer_content|footer|page-footer|license):[ \t]*"
    r"((?:\S[^\n]{0,600})?(?:\n[ \t]+[^\n]{1,400}){0,6})",
    re.IGNORECASE | re.MULTILINE,
)
SCRIPT_COPYRIGHT = re.compile(r"\b(?:copyright|license)\s{0,3}:\s{0,3}([`\"'][^`\n]{1,400})", re.IGNORECASE)
TOML_COPYRIGHT = re.compile(
    r"^[ \t]*(?:copyright|license|footer)[ \t]*=[ \t]*([^\n]{1,400})", re.IGNORECASE | re.MULTILINE
)
PYTHON_COPYRIGHT = re.compile(
    r"^(?:copyright|html_last_updated|license)[ \t]*=[ \t]*([^\n]{1,400}(?:\n[ \t]+[^\n]{1,400}){0,4})", re.MULTILINE
)
INI_LICENSE = re.compile(r"^[ \t]{0,4}license[ \t]*=[ \t]*(\S[^\n]{0,200})", re.IGNORECASE | re.MULTILINE)
SETUP_LICENSE = re.compile(r"\blicense\s{0,3}=\s{0,3}[\"']([^\"'\n]{1,200})[\"']")
CLASSIFIER = re.compile(r"\bLicense :: (?:OSI Approved :: )?([^\"'\n]{3,100})")  # of a Python package
NPM_DEFAULT = "ISC"  # what `npm init` writes unless told otherwise: nobody has said it


def site_license(name: str, text: str) -> str | None:
    """The license that the configuration of a site states for its pages."""
    for value in SITES[name](text):
        if mentions(value) and (license := expression_of(value)):
            return license
    return None


def package_license(name: str, text: str) -> str | None:
    """The license that the description of a package states."""
    stated = [license for value in PACKAGES[name](text) if (license := expression_of(value))]
    stated = [license for license in stated if not (name == "package.json" and license == NPM_DEFAULT)]
    return next((license for license in stated if taken_by(license)), stated[0] if stated else None)


def _yaml_site(text: str) -> Iterator[str]:
    yield from (match.group(1) for pattern in (YAML_LICENSE, YAML_COPYRIGHT) for match in pattern.finditer(text))


def _script_site(text: str) -> Iterator[str]:
    yield from (match.group(1) for match in SCRIPT_COPYRIGHT.finditer(text))


def _toml_site(text: str) -> Iterator[str]:
    yield from (match.group(1) for match in TOML_COPYRIGHT.finditer(text))


def _python(text: str) -> Iterator[str]:
    yield from (match.group(1) for match in PYTHON_COPYRIGHT.finditer(text))


def _yaml(text: str) -> Iterator[str]:
    yield from (match.group(1) for match in YAML_LICENSE.finditer(text))


def _json(text: str) -> Iterator[str]:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return
    yield from _values(record)


def _toml(text: str) -> Iterator[str]:
    try:
        record = read_toml(text)
    except ValueError:
        return
    for part in (record.get("project"), record.get("package"), record.get("book"), record):
        yield from _values(part)
        yield from (match.group(1) for match in CLASSIFIER.finditer(str(_table(part).get("classifiers", ""))))


def _table(part: Any) -> dict[str, Any]:
    return part if isinstance(part, dict) else {}


def _ini(text: str) -> Iterator[str]:
    yield from (match.group(1) for match in INI_LICENSE.finditer(text))
    yield from (match.group(1) for match in CLASSIFIER.finditer(text))


def _setup(text: str) -> Iterator[str]:
    yield from (match.group(1) for match in SETUP_LICENSE.finditer(text))
    yield from (match.group(1) for match in CLASSIFIER.finditer(text))


def _values(record: Any) -> Iterator[str]:
    """The names in `license` or `licenses`, a text or a table or a list of tables."""
    if not isinstance(record, dict):
        return
    for key in ("license", "licenses"):
        stated = record.get(key)
        for each in stated if isinstance(stated, list) else [stated]:
            if isinstance(each, dict):
                each = next(
                    (each[name] for name in ("id", "type", "name", "text", "path", "url") if name in each), None
                )
            if isinstance(each, str):
                yield each


SITES: dict[str, Callable[[str], Iterator[str]]] = {
    "mkdocs.yml": _yaml_site,
    "mkdocs.yaml": _yaml_site,
    "_config.yml": _yaml_site,
    "_config.yaml": _yaml_site,
    "conf.py": _python,
    "book.toml": _toml,
    **dict.fromkeys(("_quarto.yml", "_bookdown.yml", "hugo.yml", "hugo.yaml", "config.yml", "config.yaml"), _yaml_site),
    **dict.fromkeys(("hugo.toml", "config.toml"), _toml_site),
    **dict.fromkeys(("docusaurus.config.js", "docusaurus.config.ts", "astro.config.mjs"), _script_site),
}
PACKAGES: dict[str, Callable[[str], Iterator[str]]] = {
    **dict.fromkeys(("config.json", "params.json"), _json),  # of a model
    "setup.cfg": _ini,
    "setup.py": _setup,
    "CITATION.cff": _yaml,
    "datapackage.json": _json,
    "codemeta.json": _json,
    ".zenodo.json": _json,
    "package.json": _json,
    "composer.json": _json,
    "pyproject.toml": _toml,
    "Cargo.toml": _toml,
}
