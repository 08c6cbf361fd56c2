"""Where a place of evidence can be read by anybody: its address at the commit that was audited.

    GitHub        https://github.com/org/name/blob/<commit>/path#L3-L5
    Hugging Face  https://huggingface.co/org/name/blob/<commit>/path#L3-L5

Without a commit there is no address: what a branch shows today is not what was read.
"""

import re
from urllib.parse import quote

from glasswright.audit.record import Evidence
from glasswright.audit.subject import LISTING, Snapshot, Subject

REPO = re.compile(r"[\w.-]{1,100}/[\w.-]{1,100}", re.ASCII)
COMMIT = re.compile(r"[0-9a-f]{7,64}")
HOSTS = {
    "code": "https://github.com/",
    "model": "https://huggingface.co/",
    "dataset": "https://huggingface.co/datasets/",
}


def snapshot_link(snapshot: Snapshot) -> str | None:
    """The address of a snapshot at its commit, if it has one."""
    base = _base(snapshot)
    return base and f"{base}/tree/{snapshot.commit}"


def place_link(evidence: Evidence, subject: Subject) -> str | None:
    """The address of the lines that some evidence names, if they have one."""
    name, _, path = evidence.file.partition("/")
    snapshot = next((s for s in subject.snapshots if s.name == name), None)
    base = snapshot and _base(snapshot)
    if not snapshot or not base or not path:
        return None
    if path == LISTING:
        return snapshot_link(snapshot)
    return f"{base}/blob/{snapshot.commit}/{quote(path, errors='surrogatepass')}{_lines(evidence.lines)}"


def _base(snapshot: Snapshot) -> str | None:
    host = HOSTS.get(snapshot.kind)
    if host is None or not REPO.fullmatch(snapshot.repo) or not COMMIT.fullmatch(snapshot.commit or ""):
        return None
    return host + snapshot.repo


def _lines(lines: tuple[int, int] | None) -> str:
    if lines is None:
        return ""
    first, last = lines
    return f"#L{first}" if first == last else f"#L{first}-L{last}"
