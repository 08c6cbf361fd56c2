"""What a forger can do: change files, then make the records above them agree again.

relist   the list of files fits the files; the roots are as they were
reroot   the roots fit the files too: a chain consistent with itself
"""

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.release.small import RECIPE

from glasswright.records.canonical import canonical_bytes, digest
from glasswright.records.release import Release, Roots
from glasswright.records.verdict import Answer
from glasswright.release.contents import read_contents
from glasswright.release.entries import list_files
from glasswright.verify import check
from glasswright.verify.check import STEPS


def relist(release: Path, roots: Roots | None = None) -> None:
    """Write a manifest that fits the files, and a release.json that names it."""
    record = read(release / "release.json")
    for name in ("release.json", "manifest.json"):
        (release / name).unlink()
    manifest = list_files(release)
    top = Release.from_record({**record, "manifest": digest(manifest.record())})
    if roots is not None:
        top = dataclasses.replace(top, roots=roots)
    write(release / "manifest.json", manifest.record())
    write(release / "release.json", top.record())


def list_sizes(release: Path) -> None:
    """Make the sizes listed fit the files, where a file is too broken to be listed by an honest tool."""
    manifest = read(release / "manifest.json")
    for entry in manifest["files"]:
        entry["size_bytes"] = (release / entry["path"]).stat().st_size
    write(release / "manifest.json", manifest)
    change(release / "release.json", lambda top: top.update(manifest=digest(manifest)))


def reroot(release: Path) -> None:
    """Compute every root anew from the files as they are."""
    relist(release, read_contents(RECIPE, release).roots)


def read(path: Path) -> Any:
    return json.loads(path.read_bytes())


def write(path: Path, record: Any) -> None:
    path.write_bytes(canonical_bytes(record))


def change(path: Path, edit: Callable[[Any], None]) -> None:
    """Edit a JSON file in place, leaving it canonical."""
    record = read(path)
    edit(record)
    write(path, record)


def change_lines(path: Path, edit: Callable[[list[Any]], None]) -> None:
    """Edit the list of a file's JSON lines."""
    records = [json.loads(line) for line in path.read_bytes().splitlines()]
    edit(records)
    path.write_bytes(b"".join(canonical_bytes(record) + b"\n" for record in records))


def flip_bit(path: Path, at: int) -> None:
    """Flip the lowest bit of the byte at `at`."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def header_of(path: Path) -> tuple[dict[str, Any], bytes]:
    """A safetensors file's header and data."""
    content = path.read_bytes()
    size = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + size]), content[8 + size :]


def write_header(path: Path, header: str, data: bytes) -> None:
    """Write a safetensors file with any header, padded as it should be."""
    text = header.encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def refused(release: Path, *, step: str, evidence: str) -> None:
    """Assert that verification refutes the release, and that this step says why."""
    verdict = check(release)
    finding = dict(zip((step.name for step in STEPS), verdict.findings, strict=True))[step]
    assert verdict.answer is Answer.REFUTED
    assert finding.answer is Answer.REFUTED, verdict
    assert re.search(evidence, finding.evidence), finding.evidence
