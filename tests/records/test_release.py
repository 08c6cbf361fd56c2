"""The records at the top of a release, and the answers of a check."""

import pytest

from glasswright.records.canonical import canonical_bytes, parse
from glasswright.records.release import FileEntry, Manifest
from glasswright.records.verdict import Answer, Finding, Verdict, overall


def test_a_manifest_is_read_back_from_its_record() -> None:
    files = (
        FileEntry(path="a.safetensors", size_bytes=1, chunks=("x", "y")),
        FileEntry(path="b", size_bytes=2, sha256="z"),
    )
    manifest = Manifest(files=files)
    assert Manifest.from_record(parse(canonical_bytes(manifest.record()), "manifest.json")) == manifest


def test_a_manifest_lists_each_path_once_and_in_order() -> None:
    entry = FileEntry(path="b", size_bytes=2, sha256="z")
    with pytest.raises(ValueError, match="each path once, in order"):
        Manifest(files=(entry, entry))


@pytest.mark.parametrize(
    ("path", "digests"),
    [("a", {}), ("a", {"sha256": "x", "chunks": ()}), ("a", {"chunks": ()}), ("a.safetensors", {"sha256": "x"})],
)
def test_a_file_has_the_digests_of_its_kind(path: str, digests: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="chunks"):
        FileEntry(path=path, size_bytes=1, **digests)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([], Answer.UNKNOWN),
        ([Answer.PROVED], Answer.PROVED),
        ([Answer.PROVED, Answer.UNKNOWN], Answer.UNKNOWN),
        ([Answer.UNKNOWN, Answer.REFUTED, Answer.PROVED], Answer.REFUTED),
    ],
)
def test_unknown_is_never_success_and_refuted_outweighs_it(answers: list[Answer], expected: Answer) -> None:
    assert overall(answers) is expected
    findings = tuple(Finding(claim="c", answer=answer, evidence="e") for answer in answers)
    assert Verdict(subject="s", findings=findings, not_checked=()).record()["answer"] == expected.value


def test_the_exit_codes_are_those_of_the_design() -> None:
    assert [answer.exit_code for answer in (Answer.PROVED, Answer.REFUTED, Answer.UNKNOWN)] == [0, 1, 3]
