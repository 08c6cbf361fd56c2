"""`glasswright cache`, as it is typed: what is removed is made again, to the same bits."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_what_is_listed_is_removed_and_built_again_to_the_same_root(small: Path, tmp_path: Path, in_process: Run):
    shutil.copytree(small, tmp_path, dirs_exist_ok=True)
    listed = in_process("cache").stdout
    assert [line.split()[-1] for line in listed.splitlines()[1:4]] == ["small"] * 3
    assert listed.splitlines()[0].split() == ["folder", "size", "last", "used", "of"]
    young = in_process("cache", "--older-than", 1)
    assert (young.returncode, young.stdout) == (0, "nothing\n")
    removed = json.loads(in_process("cache", "--remove", "small", "--json").stdout)
    assert [one["builds"] for one in removed] == [["small"]] * 3
    assert in_process("cache").stdout == "nothing\n"
    assert in_process("build", "small.yaml", "--out", "again").returncode == 0
    assert in_process("diff", "releases/small", "again").returncode == 0


def test_a_name_that_no_build_has_is_misuse(small: Path, in_process: Run):
    result = in_process("cache", small / ".glasswright", "--remove", "smal")
    assert result.returncode == 2
    assert "no build of this name" in result.stderr
    assert len(json.loads(in_process("cache", small / ".glasswright", "--json").stdout)) >= 3


def test_without_a_work_folder_there_is_nothing_to_list(in_process: Run, tmp_path: Path):
    assert in_process("cache").returncode == 2
    assert not (tmp_path / ".glasswright").exists()
