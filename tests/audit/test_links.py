"""Evidence is linked to the lines at the commit that was read, and to nothing else."""

import pytest

from glasswright.audit.links import place_link, snapshot_link
from glasswright.audit.record import Evidence
from glasswright.audit.subject import LISTING, Snapshot, SnapshotKind, Subject

COMMIT = "ab" * 20


def subject(*, kind: SnapshotKind = "code", repo: str = "a/b", commit: str | None = COMMIT) -> Subject:
    """A subject of one snapshot."""
    return Subject("s", (Snapshot("a__b", repo, commit, kind, (), ()),))


def place(file: str = "a__b/LICENSE", lines: tuple[int, int] | None = (3, 5)) -> Evidence:
    """A place of evidence."""
    return Evidence(file=file, lines=lines, quote="", rule="r")


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("code", "https://github.com/a/b"),
        ("model", "https://huggingface.co/a/b"),
        ("dataset", "https://huggingface.co/datasets/a/b"),
    ],
)
def test_each_kind_of_snapshot_is_linked_to_its_host(kind: SnapshotKind, address: str):
    of = subject(kind=kind)
    assert snapshot_link(of.snapshots[0]) == f"{address}/tree/{COMMIT}"
    assert place_link(place(), of) == f"{address}/blob/{COMMIT}/LICENSE#L3-L5"
    assert place_link(place(lines=(4, 4)), of) == f"{address}/blob/{COMMIT}/LICENSE#L4"
    assert place_link(place(lines=None), of) == f"{address}/blob/{COMMIT}/LICENSE"


def test_a_place_in_the_listing_is_the_tree():
    assert place_link(place(f"a__b/{LISTING}"), subject()) == f"https://github.com/a/b/tree/{COMMIT}"


def test_what_a_file_is_called_is_never_more_than_a_path():
    link = place_link(place('a__b/x"><b>?#\ud800.md'), subject())
    assert link == f"https://github.com/a/b/blob/{COMMIT}/x%22%3E%3Cb%3E%3F%23%ED%A0%80.md#L3-L5"


@pytest.mark.parametrize(
    "of",
    [
        subject(commit=None),
        subject(commit="main"),
        subject(kind="release"),
        subject(repo="a/b/c"),
        subject(repo="a/b?x"),
        subject(repo="javascript:x/y"),
    ],
)
def test_without_host_repository_and_commit_there_is_no_link(of: Subject):
    assert snapshot_link(of.snapshots[0]) is None
    assert place_link(place(), of) is None


def test_a_place_of_no_snapshot_has_no_link():
    assert place_link(place("said.yaml"), subject()) is None
    assert place_link(place("other/LICENSE"), subject()) is None
