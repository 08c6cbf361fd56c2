"""The builder, beside the release: its source, the packages around it, and how it was built.

None of it is under the release root, because another correct implementation must be able to reach the same root.
"""

import hashlib
import importlib.metadata
import importlib.util
import io
import platform
import re
import tarfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import glasswright
from glasswright.records.canonical import canonical_bytes
from glasswright.release.components import COMPONENTS

PACKAGE = Path(glasswright.__file__).parent
SOURCE = "src/glasswright"  # in the archive
SOURCE_SUFFIXES = frozenset({".py", ".pyi", ".cc", ".h", ".json", ".yaml", ".txt", ".md"})
BUILD_FILES = ("pyproject.toml", "CMakeLists.txt", "constraints.txt", "LICENSE")  # where it runs from its source tree


def write_builder(folder: Path, observed: Mapping[str, Any]) -> None:
    """Write the source archive, environment.json and build.json to `folder`."""
    folder.mkdir()
    archive, surrounding = code_and_environment()
    name = f"glasswright-{glasswright.__version__}.tar"
    (folder / name).write_bytes(archive)
    (folder / "environment.json").write_bytes(surrounding)
    build = {
        "builder": f"glasswright {glasswright.__version__}",
        "source": {"path": name, "sha256": hashlib.sha256(archive).hexdigest()},
        "components": {name: [_member(f"{SOURCE}/{path}") for path in paths] for name, paths in COMPONENTS.items()},
        "native_sha256": _native_sha256(),
        "observed": dict(observed),
    }
    (folder / "build.json").write_bytes(canonical_bytes(build))


@cache
def code_and_environment() -> tuple[bytes, bytes]:
    """The source archive and environment.json, read once: a process runs one source among one set of packages."""
    return source_archive(), canonical_bytes(environment())


def source_archive() -> bytes:
    """A tar of the package's source: names in order, no owners, no times, so equal sources give equal bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, path in sorted(_sources()):
            data = path.read_bytes()
            member = tarfile.TarInfo(_member(name))
            member.size, member.mode = len(data), 0o644
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def environment() -> dict[str, Any]:
    """Python and every installed package with its version."""
    stated = (distribution.metadata for distribution in importlib.metadata.distributions())  # parsed at every access
    packages = {re.sub(r"[-_.]+", "-", said["Name"]).lower(): said["Version"] for said in stated if said["Name"]}
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "packages": packages,
    }


def _member(name: str) -> str:
    """How a file is called in the archive."""
    return f"glasswright-{glasswright.__version__}/{name}"


def _sources() -> Iterator[tuple[str, Path]]:
    for path in PACKAGE.rglob("*"):
        if path.suffix in SOURCE_SUFFIXES and path.is_file() and "__pycache__" not in path.parts:
            yield f"{SOURCE}/{path.relative_to(PACKAGE).as_posix()}", path
    root = PACKAGE.parent.parent
    if PACKAGE.parent.name == "src":
        yield from ((name, root / name) for name in BUILD_FILES if (root / name).is_file())
    else:
        yield from (("LICENSE", path) for path in _installed_license())


def _installed_license() -> Iterator[Path]:
    """Where pip put the license: in the metadata beside the package."""
    for distribution in importlib.metadata.distributions(name="glasswright", path=[str(PACKAGE.parent)]):
        for file in distribution.files or ():
            if file.name == "LICENSE" and file.parts[0].endswith(".dist-info"):
                yield Path(str(file.locate()))


def _native_sha256() -> str | None:
    """The digest of the compiled kernels, which lie elsewhere than the source in an editable install."""
    spec = importlib.util.find_spec("glasswright.kernels._native")
    if spec is None or spec.origin is None:
        return None
    return hashlib.sha256(Path(spec.origin).read_bytes()).hexdigest()
