"""`glasswright derive` as it is typed: what it makes, what it refuses, and that nothing leaves the machine."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Run

# Refuses, and says, every attempt to reach another machine; what libraries do below Python the namespace refuses.
NO_SOCKET = """
import socket, sys
def hook(event, arguments):
    reaches = event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
    if reaches or (event == "socket.__new__" and arguments[1] in (socket.AF_INET, socket.AF_INET6)):
        print("REACHED OUT:", event, arguments, file=sys.stderr)
        raise OSError(f"this test allows no socket: {event}")
sys.addaudithook(hook)
from glasswright.cli.app import run
sys.exit(run(sys.argv[1:]))
"""
LICENSES = ("--license", "CC0-1.0", "--parent-license", "CC0-1.0", "--weights-license", "CC0-1.0")


@pytest.fixture
def parent(small: Path, tmp_path: Path) -> Path:
    """A release to derive from, and notes to learn, in the folder where the command is typed."""
    (tmp_path / "notes").mkdir()
    for number in range(9):
        text = " ".join(f"The mole counted {number * day} lanterns on day {day}." for day in range(12))
        (tmp_path / "notes" / f"{number}.md").write_text(f"# Note {number}\n\n{text}\n")
    return Path(shutil.copytree(small / "releases" / "small", tmp_path / "parent"))


def test_a_derivation_needs_no_network(parent: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    """In a network namespace of its own, which has no interface, and with every socket of Python refused."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rn", "true"], check=False).returncode:
        pytest.skip("did not run: no network namespace can be made here")
    words = ["derive", parent, "--documents", "notes", *LICENSES, "--out", "child", "--rank", "2"]
    command = ["unshare", "-rn", sys.executable, "-c", NO_SOCKET, *map(str, words)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert "REACHED OUT" not in done.stderr
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "child" / "parents.json").is_file()


def test_a_socket_would_be_noticed(tmp_path: Path, environment: dict[str, str]) -> None:
    """The sabotage twin."""
    code = NO_SOCKET.replace("from glasswright.cli.app import run", "socket.create_connection(('::1', 9))")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert "REACHED OUT" in done.stderr


def test_a_plan_writes_the_recipe_and_stops(parent: Path, tmp_path: Path, in_process: Run) -> None:
    done = in_process("derive", parent, "--documents", "notes", *LICENSES, "--out", "child", "--plan")
    assert done.returncode == 0, done.stderr
    assert "learns texts into an adapter of rank 16" in done.stderr
    assert "steps of" in done.stderr
    recipe = (tmp_path / "child.yaml").read_text()
    assert "parent:\n  name: small\n" in recipe
    assert not (tmp_path / "child").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*LICENSES], "expected one of --documents, --conversations and --preferences, found none"),
        (["--documents", "notes", "--conversations", "x.jsonl", *LICENSES], "and --preferences, found 2"),
        (["--documents", "notes"], "expected --license, found none"),
        (["--documents", "nowhere", *LICENSES], "nowhere: no such file or folder"),
        (["--conversations", "nowhere.jsonl", *LICENSES], "nowhere.jsonl: no such file or folder"),
        (["--documents", "notes", *LICENSES, "--rank", "0"], "invalid value for '--rank'"),
        (["--documents", "notes", *LICENSES, "--out", "notes"], "notes: exists already"),
    ],
)
def test_what_cannot_be_derived_is_told(parent: Path, in_process: Run, words: list[str], said: str) -> None:
    done = in_process("derive", parent, *words)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_folder_that_is_no_model_is_told(tmp_path: Path, in_process: Run) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes").mkdir()
    done = in_process("derive", "empty", "--documents", "notes", *LICENSES)
    assert done.returncode == 2
    assert "config.json: no such file" in done.stderr


def test_conversations_for_a_parent_without_a_chat_template_are_refused(
    parent: Path, tmp_path: Path, in_process: Run
) -> None:
    said = [[("user", f"{number}?"), ("assistant", f"{number}.")] for number in range(9)]
    rows = [{"messages": [{"role": role, "content": content} for role, content in turns]} for turns in said]
    (tmp_path / "talks.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = in_process("derive", parent, "--conversations", "talks.jsonl", *LICENSES)
    assert done.returncode == 2
    assert "chat template" in done.stderr
