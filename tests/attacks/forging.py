"""What a forger can do: change files, then make the records above them agree again.

relist   the list of files fits the files; the roots are as they were
reroot   the roots fit the files too: a chain consistent with itself
"""

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.release.small import RECIPE

from glasswright.attest.parts import release_root
from glasswright.attest.tensors import tensors_root
from glasswright.errors import Misuse
from glasswright.recipe import load_as_written
from glasswright.records.canonical import canonical_bytes, digest
from glasswright.records.recipe import Recipe
from glasswright.records.release import Roots
from glasswright.records.transcript import Span, reads_digest
from glasswright.records.verdict import Answer
from glasswright.release.contents import read_contents
from glasswright.release.entries import list_files
from glasswright.store import tensors
from glasswright.store.reads import read_reads, write_reads
from glasswright.train.digests import digests_of
from glasswright.train.folder import state_path
from glasswright.verify import check
from glasswright.verify.check import STEPS


def relist(release: Path, roots: Roots | None = None) -> None:
    """Write a manifest that fits the files, and a release.json that names it."""
    record = read(release / "release.json")
    for name in ("release.json", "manifest.json"):
        (release / name).unlink()
    manifest = list_files(release)
    record["manifest"] = digest(manifest.record())
    if roots is not None:
        record |= {"numerics": roots.numerics, "parts": dict(roots.parts), "root": release_root(roots)}
    write(release / "manifest.json", manifest.record())
    write(release / "release.json", record)


def list_sizes(release: Path) -> None:
    """Make the sizes listed fit the files, where a file is too broken to be listed by an honest tool."""
    manifest = read(release / "manifest.json")
    for entry in manifest["files"]:
        entry["size_bytes"] = (release / entry["path"]).stat().st_size
    write(release / "manifest.json", manifest)
    change(release / "release.json", lambda top: top.update(manifest=digest(manifest)))


def reroot(release: Path) -> None:
    """Compute every root anew from the files as they are."""
    relist(release, read_contents(recipe_of(release), release, list_files(release)).roots)


def restate(release: Path) -> None:
    """Make every state, and the weights, fit the checkpoints as they are; then every root."""
    weights = release / "model" / "model.safetensors"

    def edit(lines: list[Any]) -> None:
        for line in events(lines, "state"):
            path = state_path(release, line["step"])
            if path.exists():
                tensors_of = digests_of(tensors.load(path))
                line["tensors"] = [asdict(tensor) for tensor in tensors_of]
                line["root"] = tensors_root(tensors_of)

    change_lines(release / "transcript.jsonl", edit)
    last = tensors.load(sorted((release / "checkpoints").iterdir())[-1])
    tensors.save(weights, {name.removeprefix("model."): last[name] for name in last if name.startswith("model.")})
    reroot(release)


def change_reads(release: Path, edit: Callable[[list[list[list[Span]]]], None]) -> None:
    """Edit what the steps read (step, sequence, span), and make the steps and every root fit."""
    path = release / "tokens" / "reads.parquet"
    reads = [[list(spans) for spans in sequences] for _, sequences in read_reads(path)]
    edit(reads)
    forged = [tuple(tuple(spans) for spans in sequences) for sequences in reads]
    write_reads(path, forged)

    def agree(lines: list[Any]) -> None:
        for step, sequences in zip(events(lines, "step"), forged, strict=False):
            step["reads"] = reads_digest(sequences)

    change_lines(release / "transcript.jsonl", agree)
    reroot(release)


def recipe_of(release: Path) -> Recipe:
    """The recipe in the release, as far as it can be read; else the one that the release was made from."""
    try:
        return load_as_written(release / "recipe.yaml")
    except Misuse:
        return RECIPE


def events(lines: list[Any], kind: str) -> list[Any]:
    """The determined halves of the transcript's lines of one kind, to be changed in place."""
    return [line["determined"] for line in lines if line["determined"]["kind"] == kind]


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
