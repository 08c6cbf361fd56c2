"""What a command says and how loudly; what programs are told of an error; what a shell completes; what is typed."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from glasswright.cli.app import VERBS, load, run
from glasswright.cli.examples import EXAMPLES

Run = Callable[..., subprocess.CompletedProcess[str]]
VERB_NAMES = [verb for section in VERBS.values() for verb in section]


def test_with_json_an_error_is_an_object_as_well(in_process: Run):
    result = in_process("verify", "nowhere", "--json")
    assert json.loads(result.stdout) == {
        "exit_code": 2,
        "hint": "give the folder that holds release.json",
        "message": "nowhere: no such folder",
        "place": {},
    }
    assert result.returncode == 2
    assert "glasswright: nowhere: no such folder" in result.stderr


def test_a_wrong_command_line_is_an_object_as_well(in_process: Run):
    result = in_process("verify", "--jason", "--json")
    assert json.loads(result.stdout)["exit_code"] == result.returncode == 2


def test_the_place_of_what_the_machine_refuses_is_told(in_process: Run, tmp_path: Path):
    (tmp_path / "proof.json").mkdir()
    result = in_process("corpus", "check-proof", "proof.json", "--root", "0" * 64, "--json")
    assert json.loads(result.stdout)["exit_code"] == result.returncode != 0


def test_without_json_stdout_is_left_alone(in_process: Run):
    assert in_process("verify", "nowhere").stdout == ""


def test_an_answer_that_has_begun_is_followed_by_no_object(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    from glasswright.cli import doctor, show
    from glasswright.cli.options import Json

    def begins(as_json: Json = False) -> None:
        show.out(f"[{as_json}")
        raise KeyError("half-way")

    monkeypatch.setattr(doctor, "doctor", begins)
    assert run(["doctor", "--json"]) == 70
    assert capsys.readouterr().out == "[True\n"


@pytest.mark.usefixtures("notes")
def test_quiet_is_quiet_but_for_errors_and_the_answer(glasswright: Run):
    built = glasswright("build", "small.yaml", "--quiet")
    assert (built.returncode, built.stdout, built.stderr) == (0, "releases/small\n", "")
    wrong = glasswright("verify", "nowhere", "-q")
    assert "no such folder" in wrong.stderr


def test_verbose_says_where_an_error_arose(in_process: Run):
    assert "Traceback" not in in_process("verify", "nowhere").stderr
    loud = in_process("verify", "nowhere", "-v").stderr
    assert "Traceback" in loud
    assert loud.endswith("hint: give the folder that holds release.json\n")


def test_loudness_is_of_one_command_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    assert run(["new", "first", "-q"]) == 0
    assert capsys.readouterr().err == ""
    assert run(["new", "second"]) == 0
    assert "next: edit it" in capsys.readouterr().err


def commands() -> dict[str, object]:
    """Every command by its words."""
    found = {}
    for verb in VERB_NAMES:
        command = load(verb)
        below = getattr(command, "commands", None)
        found |= {verb: command} if below is None else {f"{verb} {name}": one for name, one in below.items()}
    return found


def test_every_command_has_examples_and_every_example_is_a_command_s():
    assert set(EXAMPLES) == set(commands())


@pytest.mark.parametrize(("words", "line"), [(words, line) for words, lines in EXAMPLES.items() for line in lines])
def test_an_example_is_taken_by_its_command(words: str, line: str):
    typed = shlex.split(line)
    own = words.split()
    assert typed[: len(own)] == own
    commands()[words].make_context(words, typed[len(own) :])  # type: ignore[attr-defined]


def test_an_empty_folder_is_unknown_to_audit_and_to_scan(in_process: Run, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    for verb in ("audit", "scan"):
        result = in_process(verb, "empty")
        assert result.returncode == 3
        assert "UNKNOWN" in result.stdout + result.stderr


def test_the_place_comes_first_and_then_what_is_asked_of_it():
    for words, command in commands().items():
        names = [param.name for param in command.params if param.param_type_name == "argument"]  # type: ignore[attr-defined]
        places = [name for name in names if name in ("release", "folder", "model", "first", "before")]
        assert places == names[: len(places)], words


def completed(words: str) -> list[str]:
    """What the shell is offered behind `words`."""
    environment = {**os.environ, "_GLASSWRIGHT_COMPLETE": "complete_bash", "COMP_WORDS": words}
    environment["COMP_CWORD"] = str(len(words.split(" ")) - 1)
    command = [sys.executable, "-m", "glasswright.cli"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return result.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("glasswright re", {"replay", "rebuild"}),
        ("glasswright verify --th", {"--threads"}),
        ("glasswright corpus wh", {"why"}),
    ],
)
def test_a_shell_completes_commands_and_options(words: str, offered: set[str]):
    assert set(completed(words)) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_for_a_shell_is_printed(glasswright: Run, shell: str):
    result = glasswright("--show-completion", shell)
    assert (result.returncode, "_GLASSWRIGHT_COMPLETE" in result.stdout) == (0, True)


def test_ctrl_c_at_start_up_says_that_it_stopped():
    program = (
        "import os, signal, sys\n"
        "from glasswright import cli\n"
        "from glasswright.cli import streams\n"
        "streams.prepare = lambda: os.kill(os.getpid(), signal.SIGINT)\n"
        "cli.main()\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (130, "\nglasswright: stopped\n")


def test_ctrl_c_early_in_a_check_says_that_it_stopped(small: Path, environment: dict[str, str]):
    command = [sys.executable, "-X", "importtime", "-m", "glasswright.cli", "verify", "releases/small"]
    with subprocess.Popen(
        command, cwd=small, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:  # the imports, as they are done
            if re.search(r"glasswright\.verify\.evidence$", line):
                process.send_signal(signal.SIGINT)
                break
        said = process.stderr.read()
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
    assert process.returncode == 130
    assert "glasswright: stopped" in said
    assert "Traceback" not in said
