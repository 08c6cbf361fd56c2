"""No bit of a release can change, and no name, file or folder come or go, without being noticed and named.

In every run a sample; with `--slow` every bit of release.json and manifest.json, and 2,000 elsewhere.
"""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from glasswright.records.verdict import Answer, Finding
from glasswright.verify import check
from glasswright.verify.check import STEPS

NUM_ELSEWHERE, SAMPLE_ELSEWHERE = 2000, 60
TOP = ("release.json", "manifest.json")
FILE_STEPS = STEPS[:5]  # root, manifest, files, bytes, recipe


def refutation(release: Path) -> Finding | None:
    """The first finding that refutes the release: one is enough for its verdict."""
    for step in FILE_STEPS:
        (finding,) = check(release, steps=(step,)).findings
        if finding.answer is Answer.REFUTED:
            return finding
    return next((f for f in check(release).findings if f.answer is Answer.REFUTED), None)


def flipped(path: Path, bits: list[int]) -> Iterator[int]:
    """The file with each of these bits flipped in turn; whole again at the end."""
    data = path.read_bytes()
    try:
        for bit in bits:
            changed = bytearray(data)
            changed[bit // 8] ^= 1 << bit % 8
            path.write_bytes(changed)
            yield bit
    finally:
        path.write_bytes(data)


def bits_of(path: Path) -> list[int]:
    return list(range(8 * path.stat().st_size))


def missed_at_the_top(release: Path, name: str, every: int) -> list[int]:
    """The bits of release.json or manifest.json whose flip is not refuted by a finding that names the file."""
    missed = []
    for bit in flipped(release / name, bits_of(release / name)[::every]):
        finding = refutation(release)
        if finding is None or not any(path in finding.evidence for path in (*TOP, "recipe.yaml")):
            missed.append(bit)
    return missed


def missed_elsewhere(release: Path, count: int) -> list[tuple[Path, int]]:
    """Of `count` random bits of the other files, those whose flip is not refuted by a finding that names the file."""
    draw = random.Random(2000)
    files = sorted(path for path in release.rglob("*") if path.is_file() and path.name not in TOP)
    sizes = [path.stat().st_size for path in files]
    missed = []
    for path in draw.choices(files, weights=sizes, k=count):
        for bit in flipped(path, [draw.randrange(8 * path.stat().st_size)]):
            finding = refutation(release)
            if finding is None or path.relative_to(release).as_posix() not in finding.evidence:
                missed.append((path, bit))
    return missed


@pytest.mark.parametrize("name", TOP)
def test_some_bits_at_the_top_are_each_noticed(name: str, release: Path) -> None:
    assert missed_at_the_top(release, name, every=397) == []


def test_some_bits_elsewhere_are_each_noticed(release: Path) -> None:
    assert missed_elsewhere(release, SAMPLE_ELSEWHERE) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", TOP)
def test_every_bit_at_the_top_is_noticed(name: str, release: Path) -> None:
    assert missed_at_the_top(release, name, every=1) == []


@pytest.mark.slow
def test_two_thousand_bits_elsewhere_are_each_noticed(release: Path) -> None:
    assert missed_elsewhere(release, NUM_ELSEWHERE) == []


def test_a_newline_behind_release_json_is_noticed(release: Path) -> None:
    with (release / "release.json").open("ab") as file:
        file.write(b"\n")
    assert refutation(release) is not None


def test_every_other_name_is_noticed(release: Path) -> None:
    for path in sorted(release.rglob("*"), reverse=True):
        if path.name == "release.json":
            continue  # without it the folder is no release, which is misuse
        other = path.with_name(path.name[:-1] + ("x" if path.name[-1] != "x" else "y"))
        path.rename(other)
        finding = refutation(release)
        other.rename(path)
        assert finding is not None, path
        assert path.relative_to(release).as_posix() in finding.evidence


def test_an_empty_folder_anywhere_is_noticed(release: Path) -> None:
    folders = [release, *(path for path in sorted(release.rglob("*")) if path.is_dir())]
    for folder in folders:
        extra = folder / "nothing"
        extra.mkdir()
        finding = refutation(release)
        extra.rmdir()
        assert finding is not None, folder
        assert f"{extra.relative_to(release).as_posix()}/: an empty folder" in finding.evidence


def test_empty_folders_within_each_other_are_noticed(release: Path) -> None:
    (release / "code" / "a" / "b" / "c").mkdir(parents=True)
    finding = refutation(release)
    assert finding is not None
    assert "code/a/b/c/: an empty folder" in finding.evidence


def test_a_file_more_in_any_folder_is_noticed(release: Path) -> None:
    for folder in [release, *(path for path in sorted(release.rglob("*")) if path.is_dir())]:
        extra = folder / "more"
        extra.write_bytes(b"")
        finding = refutation(release)
        extra.unlink()
        assert finding is not None, folder
        assert f"{extra.relative_to(release).as_posix()}: not listed" in finding.evidence


def test_a_folder_gone_is_noticed(release: Path, tmp_path: Path) -> None:
    for folder in sorted(path for path in release.iterdir() if path.is_dir()):
        folder.rename(tmp_path / "aside")
        finding = refutation(release)
        (tmp_path / "aside").rename(folder)
        assert finding is not None, folder
        assert f"{folder.name}/" in finding.evidence


def test_the_flips_are_noticed_because_they_are_flips(release: Path, tmp_path: Path) -> None:
    """The sabotage twin: without the checks of bytes and names, changes go through."""
    copy = tmp_path / "copy"
    shutil.copytree(release, copy)
    path = copy / "technical-report.md"
    others = tuple(step for step in STEPS if step.name != "bytes")
    for _ in flipped(path, [8]):
        assert check(copy, steps=others).answer is Answer.PROVED
    assert check(copy).answer is Answer.PROVED
