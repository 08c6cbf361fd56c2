"""How a command ends: the message, the hint and the exit code."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from glasswright.cli.outcome import exit_code_of
from glasswright.errors import ClaimFalse, DigestMismatch, GlasswrightError, Interrupted, Misuse, Unknown

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (GlasswrightError("x"), 2),
        (Misuse("x"), 2),
        (ClaimFalse("x"), 1),
        (DigestMismatch("x", recorded="a", found="b"), 1),
        (Unknown("x"), 3),
        (Interrupted("x"), 130),
        (KeyboardInterrupt(), 130),
        (MemoryError(), 2),
        (OSError(errno.ENOSPC, "No space left on device", "/x"), 2),
        (ModuleNotFoundError("No module named 'torch'", name="torch"), 2),
        (RuntimeError("x"), 3),
        (ModuleNotFoundError("No module named 'glasswright.x'", name="glasswright.x"), 3),
    ],
)
def test_every_end_has_its_exit_code(error: BaseException, code: int, capsys: pytest.CaptureFixture[str]):
    assert exit_code_of(error) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert "glasswright: " in said.err


def test_an_error_is_a_message_and_a_hint(capsys: pytest.CaptureFixture[str]):
    exit_code_of(Misuse("a.yaml:1:2: wrong", hint="make it right"))
    assert capsys.readouterr().err == "glasswright: a.yaml:1:2: wrong\nhint: make it right\n"


def test_a_stopped_build_prints_the_command_that_goes_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "argv", ["/bin/glasswright", "build", "my recipe.yaml"])
    assert exit_code_of(KeyboardInterrupt()) == 130
    assert "hint: go on with `glasswright build 'my recipe.yaml'`" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["verify", "release"], ["corpus", "query", "corpus", "SELECT 1"], ["corpus"]])
def test_a_stopped_check_promises_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str]
):
    monkeypatch.setattr(sys, "argv", ["/bin/glasswright", *arguments])
    exit_code_of(KeyboardInterrupt())
    assert capsys.readouterr().err == "glasswright: stopped\n"


def test_a_defect_shows_its_traceback_and_is_neither_true_nor_false(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(RuntimeError) as caught:
        raise RuntimeError("broken")
    assert exit_code_of(caught.value) == 3
    said = capsys.readouterr().err
    assert "test_outcome.py" in said
    assert "RuntimeError: broken" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["buid"], "no such command 'buid'. Did you mean 'build'"),
        (["plan"], "missing argument 'RECIPE'"),
        (["plan", "x", "--treads", "1"], "no such option: --treads"),
        (["plan", "x", "--threads", "0"], "invalid value for '--threads'"),
        (["plan", "x"], "x: No such file or directory"),
        (["build"], "expected a RECIPE, or --documents with --license"),
        (["build", "--documents", "."], "expected --license, found none"),
        (["build", "--documents", ".", "--license", "MIT"], "no documents in it"),
        (["build", "x", "--documents", "."], "expected one of the two"),
        (["build", "x", "--source", "a"], "--source a: expected NAME=PATH"),
        (["build", "x", "--source", "a=/no/where"], "no such file or folder"),
        (["rebuild", "x", "--mirror", "."], "--source and --mirror go with --from-sources"),
        (["new", "Two Words"], "expected small letters"),
        (["rebuild", "x", "--out", "."], ".: exists already"),
    ],
)
def test_a_wrong_command_line_is_misuse(glasswright: Run, arguments: list[str], said: str):
    result = glasswright(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_no_arguments_show_the_help(glasswright: Run):
    result = glasswright()
    assert result.returncode == 2
    assert "Usage: glasswright" in result.stderr


def test_output_that_cannot_be_written_was_not_shown(environment: dict[str, str]):
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "glasswright.cli", "doctor"]
        result = subprocess.run(command, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 3
    assert "the output cannot be written: No space left on device" in result.stderr
    assert "Traceback" not in result.stderr


STOPPABLE = """
import sys, time
from glasswright.cli import outcome
try:
    with outcome.stop_once():
        try:
            print("ready", flush=True)
            time.sleep(60)
        finally:
            print("unwinding", flush=True)
            time.sleep({unwinding})
except KeyboardInterrupt as error:
    sys.exit(outcome.exit_code_of(error))
"""


@pytest.mark.parametrize(("unwinding", "times", "said"), [(0, 1, "glasswright: stopped\n"), (60, 2, "stopped at once")])
def test_one_ctrl_c_unwinds_and_two_end_at_once(environment: dict[str, str], unwinding: int, times: int, said: str):
    command = [sys.executable, "-c", STOPPABLE.format(unwinding=unwinding)]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for expected in ("ready\n", "unwinding\n")[:times]:
            assert process.stdout.readline() == expected
            process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    assert process.returncode == 130
    assert said in err
    assert "Traceback" not in err


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_leaves_is_not_an_error_to_print(environment: dict[str, str], unbuffered: str):
    command = [sys.executable, "-m", "glasswright.cli", "--help"]
    environment["PYTHONUNBUFFERED"] = unbuffered
    read, write = os.pipe()
    os.close(read)
    result = subprocess.run(command, env=environment, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert result.stderr == ""
    assert result.returncode == 3


def test_new_writes_a_recipe_that_plan_reads(glasswright: Run):
    assert glasswright("new", "mine").stdout == "mine.yaml\n"
    planned = glasswright("plan", "mine.yaml", "--no-probe")
    assert planned.returncode == 0, planned.stderr
    assert "1,053,824" in planned.stdout
    assert "unknown until the corpus is built" in planned.stdout


def test_new_never_overwrites(glasswright: Run, tmp_path: Path):
    (tmp_path / "mine.yaml").write_text("precious")
    result = glasswright("new", "mine")
    assert result.returncode == 2
    assert (tmp_path / "mine.yaml").read_text() == "precious"


def test_a_recipe_that_cannot_fit_in_memory_is_refused_with_what_it_takes(glasswright: Run, tmp_path: Path):
    glasswright("new", "huge")
    text = (tmp_path / "huge.yaml").read_text().replace("hidden_size: 128", "hidden_size: 1048576")
    (tmp_path / "huge.yaml").write_text(text)
    for arguments in (["plan", "huge.yaml", "--no-probe"], ["build", "huge.yaml"]):
        result = glasswright(*arguments)
        assert result.returncode == 2
        assert "of memory" in result.stderr
        assert "hint: " in result.stderr


def test_help_loads_nothing_heavy(environment: dict[str, str]):
    heavy = ("torch", "numpy", "pyarrow", "pydantic", "duckdb", "rich", "ruamel", "transformers", "tokenizers")
    code = (
        "import sys\nfrom glasswright.cli.app import run\nassert run(['--help']) == 0\n"
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert result.stderr == "[]\n"
