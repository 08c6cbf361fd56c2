"""Documents that stay in the building, as it is typed: derived, published, checked, proved."""

import json
import shutil
import stat
from pathlib import Path

import pytest
from tests.cli.conftest import Run

LICENSES = ("--license", "CC0-1.0", "--parent-license", "CC0-1.0", "--weights-license", "CC0-1.0")
NAME = "merger-of-otter-and-mole"  # of the folder: as secret as what is in it


@pytest.fixture
def parent(small: Path, tmp_path: Path) -> Path:
    (tmp_path / NAME).mkdir()
    for number in range(9):
        text = " ".join(f"The mole counted {number * day} lanterns on day {day}." for day in range(12))
        (tmp_path / NAME / f"{number}.md").write_text(f"# Note {number}\n\n{text}\n")
    return Path(shutil.copytree(small / "releases" / "small", tmp_path / "parent"))


def test_the_whole_way(parent: Path, tmp_path: Path, in_process: Run) -> None:
    words = ["derive", parent, "--documents", NAME, *LICENSES, "--private", "--rank", "2", "--out", "mine"]
    done = in_process(*words)
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE((tmp_path / "mine.salt").stat().st_mode) == 0o600
    assert in_process("verify", "mine").returncode == 0
    assert in_process("private", "publish", "mine", "--out", "public").returncode == 0
    assert in_process("verify", "public").returncode == 3
    files = [path for path in (tmp_path / "public").rglob("*") if path.is_file()]
    assert not [path for path in files if NAME.encode() in path.read_bytes()]

    proved = in_process("private", "prove", "mine", "3.md")
    (tmp_path / "in.json").write_text(proved.stdout)
    assert in_process("private", "check", "public", "in.json", "--text", f"{NAME}/3.md").returncode == 0
    assert in_process("private", "check", "public", "in.json", "--text", f"{NAME}/4.md").returncode == 1
    (tmp_path / "letter.txt").write_text("A letter that is nobody's business.\n")
    proved = in_process("private", "prove", "mine", "--absent", "letter.txt")
    (tmp_path / "out.json").write_text(proved.stdout)
    assert in_process("private", "check", "public", "out.json", "--text", "letter.txt").returncode == 0
    assert in_process("private", "prove", "mine", "--absent", f"{NAME}/3.md").returncode == 2

    source = f"texts={NAME}"
    again = in_process("build", "mine.yaml", "--parent", parent, "--source", source, "--out", "again")
    assert again.returncode == 0, again.stderr
    roots = [json.loads((tmp_path / name / "release.json").read_bytes())["root"] for name in ("mine", "again")]
    assert roots[0] == roots[1]
    (tmp_path / "mine.salt").unlink()
    refused = in_process("build", "mine.yaml", "--parent", parent, "--source", source, "--out", "third")
    assert refused.returncode == 2
    assert "the salt is not given" in refused.stderr


def test_a_salt_that_is_none_is_told(parent: Path, tmp_path: Path, in_process: Run) -> None:
    (tmp_path / "mine.salt").write_text("pepper\n")
    done = in_process("derive", parent, "--documents", NAME, *LICENSES, "--private", "--out", "mine", "--plan")
    assert done.returncode == 2
    assert "mine.salt: expected 64 hexadecimal digits" in done.stderr


@pytest.mark.parametrize("words", [[], ["3.md", "--absent", "3.md"]])
def test_a_proof_is_asked_for_one_thing(parent: Path, in_process: Run, words: list[str]) -> None:
    done = in_process("private", "prove", parent, *words)
    assert done.returncode == 2
    assert "expected either a DOCUMENT, or --absent FILE" in done.stderr
