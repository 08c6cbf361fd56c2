"""Steps 1 to 4: the record at the top, the list of files, the files, their bytes. The last: what was said of it."""

import hashlib
from collections.abc import Iterator

from glasswright.attest.parts import release_root, release_root_of_first_schema
from glasswright.errors import ClaimFalse, DigestMismatch, Unknown
from glasswright.records.release import PARENTS_PART, PARTS, PARTS_OF_FIRST, PRIVATE_PART, FileEntry
from glasswright.verify.decode import EDITED
from glasswright.verify.evidence import Evidence
from glasswright.verify.folder import REPLACE, require_safe
from glasswright.verify.hashing import Hashed

MAX_LISTED = 8
TOP = frozenset({"release.json", "manifest.json"})
STATEMENTS = "statements/"  # listed nowhere: others add to them


def root_follows(evidence: Evidence) -> str:
    """The root stated in release.json follows from the parts stated in it, which are all there."""
    release, is_first = evidence.release(), evidence.is_of_first_schema()
    missing = [name for name in (PARTS_OF_FIRST if is_first else PARTS) if name not in release.roots.parts]
    if missing:
        raise ClaimFalse(f"release.json: parts: {missing[0]}: missing", hint=EDITED)
    found = release_root_of_first_schema(release.roots) if is_first else release_root(release.roots)
    if release.root != found:
        raise ClaimFalse(f"release.json: root: stated {release.root!r}, its parts give {found}", hint=EDITED)
    unknown = sorted(release.roots.parts.keys() - PARTS.keys() - {PARENTS_PART, PRIVATE_PART})
    if unknown:
        raise Unknown(f"release.json: parts: {unknown[0]}: this version does not know this part", hint="upgrade")
    return f"release root {found}, over {', '.join(sorted(release.roots.parts))}"


def manifest_is_named(evidence: Evidence) -> str:
    """manifest.json is the one that release.json names."""
    found = hashlib.sha256(evidence.folder.read("manifest.json")).hexdigest()
    recorded = evidence.release().manifest
    if found != recorded:
        raise DigestMismatch("manifest.json", recorded=recorded, found=found, hint=EDITED)
    return f"sha256 {found}, lists {len(evidence.manifest())} files"


def files_are_listed(evidence: Evidence) -> str:
    """The folder holds the listed files and no others: plain files, safe names, the sizes listed."""
    listed = evidence.manifest()
    for path in listed:
        require_safe(path)
    found = {path: size for path, size in evidence.folder.walk() if path.endswith("/") or not _is_said(path)}
    wrong = [f"{path}: an empty folder; nothing in it is listed" for path in found if path.endswith("/")]
    found = {path: size for path, size in found.items() if not path.endswith("/")}
    wrong += [f"{path}: missing" for path in sorted(listed.keys() - found.keys())]
    wrong += [f"{path}: not listed in manifest.json" for path in sorted(found.keys() - listed.keys() - TOP)]
    wrong += [
        f"{path}: {entry.size_bytes} bytes are listed, {found[path]} found"
        for path, entry in listed.items()
        if path in found and found[path] != entry.size_bytes
    ]
    refuse(wrong)
    return f"{len(listed)} files, {sum(found.values()):,} bytes"


def bytes_are_recorded(evidence: Evidence) -> str:
    """Every byte is the one recorded; a difference has a file, and in safetensors a tensor and a chunk."""
    wrong: list[str] = []
    unread: list[OSError | Unknown] = []
    num_bytes = 0
    for path, outcome in evidence.hashed().items():
        if isinstance(outcome, OSError | Unknown):
            unread.append(outcome)
        elif isinstance(outcome, ClaimFalse):
            wrong.append(str(outcome))
        else:
            wrong += _differences(evidence.manifest()[path], outcome)
            num_bytes += outcome.size_bytes
    refuse(wrong)
    if unread:
        raise unread[0]
    return f"{num_bytes:,} bytes read once and hashed"


def refuse(wrong: list[str]) -> None:
    """Raises:  ClaimFalse with the differences, if there are any."""
    if wrong:
        more = [f"and {len(wrong) - MAX_LISTED} more"] if len(wrong) > MAX_LISTED else []
        raise ClaimFalse("\n".join(wrong[:MAX_LISTED] + more), hint=REPLACE)


def _is_said(path: str) -> bool:
    return path.startswith(STATEMENTS)


def _differences(entry: FileEntry, found: Hashed) -> Iterator[str]:
    if entry.chunks is None:
        if entry.sha256 != found.sha256:
            yield f"{entry.path}: recorded sha256 {_short(entry.sha256)}, found {_short(found.sha256)}"
        return
    if len(entry.chunks) != len(found.chunks):
        yield f"{entry.path}: {len(entry.chunks)} chunks are recorded, the file has {len(found.chunks)}"
        return
    for recorded, chunk, leaf in zip(entry.chunks, found.chunks, found.hashes, strict=True):
        if recorded != leaf.hex():
            what = "header" if chunk.tensor is None else f"tensor {chunk.tensor}, chunk {chunk.number}"
            place = f"bytes {chunk.begin} to {chunk.end - 1}"
            yield f"{entry.path}: {what} ({place}): recorded {_short(recorded)}, found {_short(leaf.hex())}"


def _short(digest: str | None) -> str:
    return digest[:12] if digest else "none"
