"""The documentation that comes with the user's Python: the language topics and the standard library's docstrings.

Nothing is imported but the topics: docstrings are read from the source files. Its license is the interpreter's own.
"""

import ast
import hashlib
import inspect
import platform
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from glasswright.corpus.found import Found, Inventory, Nearness, Opened, Statement
from glasswright.corpus.sources.files import Entry, file_entry, read
from glasswright.errors import Misuse

NOT_DOCUMENTATION = frozenset({"test", "tests", "idlelib", "idle_test", "lib2to3", "turtledemo", "_bundled"})
TOPICS, MODULES = "topics", "modules/"
LICENSE = "PSF-2.0"
LICENSE_WORDS = "PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2"

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def open_docs() -> Opened:
    """The topics, then the modules by name."""
    license_file = _license_file()
    text = license_file.read_bytes()
    statement = Statement(
        license=LICENSE,
        evidence=f"{license_file.name} of Python {platform.python_version()}, "
        f"sha256 {hashlib.sha256(text).hexdigest()}",
        nearness=Nearness.DOCUMENT,
    )
    return Opened(
        uri="python-docs",
        revision=f"Python {platform.python_version()}",
        files=[file_entry(license_file, license_file.name), file_entry(_topics_file(), TOPICS), *_modules()],
        read=partial(_documents, statement),
        observed={
            "how": "read from the running interpreter's standard library",
            "license_file": str(license_file),
            "implementation": platform.python_implementation(),
        },
    )


def _documents(statement: Statement, files: Sequence[Entry], inventory: Inventory) -> Iterator[Found]:
    for entry in files:
        for path, title, text in _texts(entry, inventory):
            data = text.encode()
            inventory.add(path, data)
            yield _found(path, title, text, data, statement)


def _texts(entry: Entry, inventory: Inventory) -> Iterator[tuple[str, str, str]]:
    """(path, title, text) of the documents in one file."""
    if entry.path == TOPICS:
        from pydoc_data.topics import topics

        for name in sorted(topics):
            yield f"{TOPICS}/{name}", name, topics[name]
    elif entry.path.startswith(MODULES):
        name = entry.path.removeprefix(MODULES)
        if text := _docstrings(read(entry), name):
            yield entry.path, name, text
    else:
        inventory.add(entry.path, read(entry))


def _found(path: str, title: str, text: str, data: bytes, statement: Statement) -> Found:
    return Found(
        path=path,
        media_type="text/plain",
        text=text.strip(),
        raw_sha256=hashlib.sha256(data).hexdigest(),
        num_raw_bytes=len(data),
        title=title,
        author="Python Software Foundation",
        language="en",
        statements=(statement,),
    )


def _topics_file() -> Path:
    spec = find_spec("pydoc_data.topics")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin)


def _modules() -> Iterator[Entry]:
    root = _library()
    for place in _sources(root):
        yield file_entry(place, f"{MODULES}{_module_name(place.relative_to(root))}")


def _sources(root: Path) -> Iterator[Path]:
    """The standard library's own files, by module name; what was installed into it is left out."""
    for name in sorted(sys.stdlib_module_names):
        if (root / f"{name}.py").is_file():
            yield root / f"{name}.py"
        else:
            yield from sorted(
                place
                for place in (root / name).rglob("*.py")
                if not NOT_DOCUMENTATION & set(place.relative_to(root).parts)
            )


def _module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _docstrings(source: bytes, module: str) -> str:
    """A module's docstring, then those of its classes and functions under their signatures, in the order they stand."""
    tree = ast.parse(source)
    sections = [_section(node, heading) for node, heading in _documented(tree, "")]
    sections = [section for section in sections if section]
    return "\n\n".join([module, *sections]) if sections else ""


def _documented(node: ast.AST, prefix: str) -> Iterator[tuple[Documented, str]]:
    if isinstance(node, ast.Module):
        yield node, ""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            bases = ", ".join(map(ast.unparse, child.bases))
            yield child, f"class {prefix}{child.name}({bases})" if bases else f"class {prefix}{child.name}"
            yield from _documented(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child, f"{prefix}{child.name}({ast.unparse(child.args)})"
        elif not isinstance(child, ast.expr):
            yield from _documented(child, prefix)


def _section(node: Documented, heading: str) -> str:
    text = ast.get_docstring(node)
    if not text:
        return ""
    text = inspect.cleandoc(text)
    return f"{heading}\n\n{text}" if heading else text


def _library() -> Path:
    return Path(sysconfig.get_path("stdlib"))


def _license_file() -> Path:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    folders = (_library(), _library().parent, Path(sys.base_prefix), Path(f"/usr/share/doc/python{version}"))
    for folder in folders:
        for name in ("LICENSE.txt", "LICENSE", "copyright"):
            place = folder / name
            if place.is_file() and LICENSE_WORDS in place.read_text(encoding="utf-8", errors="replace"):
                return place
    raise Misuse(
        f"this Python has no license text in {', '.join(map(str, folders))}",
        hint="build on your own documents: glasswright build --documents DIR --license SPDX",
    )
