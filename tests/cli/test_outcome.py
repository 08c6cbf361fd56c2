"""How a command ends: the message, the hint and the exit code."""

import contextlib
import errno
import json
import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from glasswright.cli import outcome, streams
from glasswright.cli.outcome import NAMED, exit_code_of
from glasswright.cli.progress import Display
from glasswright.errors import DEFECT, ClaimFalse, DigestMismatch, GlasswrightError, Interrupted, Misuse, Unknown
from glasswright.records.progress import Progress
from glasswright.records.verdict import Answer
from glasswright.store.atomic import WriteFailed

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
        (WriteFailed("x"), 2),
        (KeyboardInterrupt(), 130),
        (ModuleNotFoundError("No module named 'torch'", name="torch"), 2),
        (RuntimeError("x"), 70),
        (IndexError("x"), 70),
        (AssertionError(), 70),
        (ModuleNotFoundError("No module named 'glasswright.x'", name="glasswright.x"), 70),
    ],
)
def test_every_end_has_its_exit_code(error: BaseException, code: int, capsys: pytest.CaptureFixture[str]):
    assert exit_code_of(error, ["verify", "x"]) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert "glasswright: " in said.err


@pytest.mark.parametrize(
    ("module", "said"),
    [("torch", '"glasswright[build]"'), ("gguf.constants", '"glasswright[gguf]"'), ("numpy", '"glasswright[build]"')],
)
def test_a_package_that_is_not_there_is_named_with_the_extra_that_brings_it(
    module: str, said: str, capsys: pytest.CaptureFixture[str]
):
    exit_code_of(ModuleNotFoundError(f"No module named {module!r}", name=module), ["export", "x"])
    assert said in capsys.readouterr().err
    extras = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    extra = said.split("[")[1].split("]")[0]
    assert any(line.startswith(module.split(".")[0]) for line in extras[extra])


def test_a_defect_has_a_code_that_no_answer_has():
    answers = {answer.exit_code for answer in Answer} | {kind.exit_code for kind in kinds_of(GlasswrightError)}
    assert DEFECT == 70
    assert DEFECT not in answers


def kinds_of(kind: type[GlasswrightError]) -> set[type[GlasswrightError]]:
    return {kind, *(inner for child in kind.__subclasses__() for inner in kinds_of(child))}


MACHINE = [
    *(OSError(n, os.strerror(n), "/x") for n in sorted(errno.errorcode) if n not in (errno.EPIPE, errno.ESHUTDOWN)),
    OSError(errno.EIO, os.strerror(errno.EIO)),
    OSError("no number"),
    TimeoutError(),
    MemoryError(),
    RecursionError("maximum recursion depth exceeded"),
]


@pytest.mark.parametrize("error", MACHINE, ids=repr)
def test_what_the_machine_refuses_is_no_defect(error: BaseException, capsys: pytest.CaptureFixture[str]):
    is_named = isinstance(error, OSError) and error.errno in NAMED
    assert exit_code_of(error, ["build", "x.yaml"]) == 2
    assert exit_code_of(error, ["rebuild", "x"]) == 2
    assert exit_code_of(error, ["corpus", "build", "--out", "x"]) == 2
    assert exit_code_of(error, ["verify", "x"]) == (2 if is_named else 3)
    assert exit_code_of(error, ["corpus", "why", "x", "y"]) == (2 if is_named else 3)
    said = capsys.readouterr()
    assert said.out == ""
    assert "defect" not in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            OSError(errno.EIO, "Input/output error", "/a/b"),
            "/a/b: Input/output error\nhint: the disk or its",
        ),
        (OSError(errno.EXDEV, "Cross-device link", "/a", None, "/b"), "glasswright: /a to /b: Cross-device link\n"),
        (OSError(errno.EMFILE, "Too many open files", b"/\xff"), r"glasswright: /\udcff: Too many open files"),
        (OSError(errno.EMFILE, "Too many open files"), "hint: raise the limit on open files (`ulimit -n`)"),
        (OSError(errno.ENOSPC, "No space left on device"), "hint: free some space"),
        (OSError(errno.EROFS, "Read-only file system", "/a"), "hint: that place is read-only: name another"),
        (MemoryError(), "the memory of this machine ran out\nhint: end other programs"),
    ],
)
def test_what_the_machine_refuses_is_said_with_the_file_and_what_to_do(
    error: BaseException, said: str, capsys: pytest.CaptureFixture[str]
):
    exit_code_of(error, ["build"])
    assert said in capsys.readouterr().err


def test_where_the_system_names_no_file_the_place_in_the_program_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    def fails(*_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", fails)
        with pytest.raises(OSError, match="Input/output") as caught:
            streams.drop_output()
    exit_code_of(caught.value, ["verify"])
    assert "a file that is open, in glasswright.cli.streams.drop_output: Input/output error" in capsys.readouterr().err


def test_an_error_is_a_message_and_a_hint(capsys: pytest.CaptureFixture[str]):
    exit_code_of(Misuse("a.yaml:1:2: wrong", hint="make it right"), [])
    assert capsys.readouterr().err == "glasswright: a.yaml:1:2: wrong\nhint: make it right\n"


@pytest.mark.parametrize("is_installed", [True, False])
def test_a_page_in_a_hint_is_named_where_pip_put_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], is_installed: bool
):
    page = tmp_path / "docs/recipe.md"
    page.parent.mkdir()
    if is_installed:
        page.write_text("# The recipe")
    monkeypatch.setattr(outcome, "PACKAGE", tmp_path)
    exit_code_of(Misuse("wrong", hint="docs/recipe.md lists every key"), [])
    assert f"hint: {page if is_installed else 'docs/recipe.md'} lists every key\n" in capsys.readouterr().err


def test_no_name_begins_a_line_that_looks_like_ours(capsys: pytest.CaptureFixture[str]):
    error = Misuse("a\nhint: rm -rf\r\x1b[2K\u202e.yaml: wrong", hint="see a\nPROVED  b\x1b[1m")
    exit_code_of(error, [])
    assert capsys.readouterr().err == (
        "glasswright: a\n  hint: rm -rf\\r\\x1b[2K\\u202e.yaml: wrong\nhint: see a\\nPROVED  b\\x1b[1m\n"
    )


def test_a_stopped_build_prints_the_command_that_goes_on(capsys: pytest.CaptureFixture[str]):
    assert exit_code_of(KeyboardInterrupt(), ["build", "my recipe.yaml"]) == 130
    assert "hint: go on with `glasswright build 'my recipe.yaml'`" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["verify", "release"], ["corpus", "query", "corpus", "SELECT 1"], ["corpus"]])
def test_a_stopped_check_promises_nothing(capsys: pytest.CaptureFixture[str], arguments: list[str]):
    exit_code_of(KeyboardInterrupt(), arguments)
    assert capsys.readouterr().err == "glasswright: stopped\n"


def test_a_defect_shows_its_traceback_and_is_neither_true_nor_false(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(RuntimeError) as caught:
        raise RuntimeError("broken")
    assert exit_code_of(caught.value, ["verify"]) == 70
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
        (["plan", "x"], "x: no such file or folder"),
        (["build"], "expected a RECIPE, or --documents with --license"),
        (["build", "--documents", "."], "expected --license, found none"),
        (["build", "--documents", ".", "--license", "MIT"], "lies in ., where every file is taken for a document"),
        (["build", "x", "--documents", "."], "expected one of the two"),
        (["build", "x", "--source", "a"], "--source a: expected NAME=PATH"),
        (["build", "x", "--source", "a=/no/where"], "no such file or folder"),
        (["rebuild", "x", "--mirror", "."], "--source and --mirror go with --from-sources"),
        (["new", "Two Words"], "expected small letters"),
        (["rebuild", "x", "--out", "."], ".: exists already"),
    ],
)
def test_a_wrong_command_line_is_misuse(in_process: Run, arguments: list[str], said: str):
    result = in_process(*arguments)
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


@pytest.mark.parametrize("verb", [["doctor"], ["--help"], ["new", "mine"]])
def test_output_that_is_closed_was_not_shown(environment: dict[str, str], tmp_path: Path, verb: list[str]):
    command = ["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-m", "glasswright.cli", *verb]
    result = subprocess.run(command, env=environment, cwd=tmp_path, stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 3
    assert result.stderr.startswith("glasswright: standard output is closed\nhint: ")
    assert list(tmp_path.iterdir()) == []


def test_where_nobody_hears_the_talk_the_answer_is_whole(environment: dict[str, str], tmp_path: Path):
    for closed in ("2>&-", "2>/dev/full", "<&-"):
        command = ["sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "-m", "glasswright.cli", "new", "mine"]
        result = subprocess.run(command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True, check=False)
        assert (result.returncode, result.stdout) == (0, "mine.yaml\n")
        (tmp_path / "mine.yaml").unlink()
        result = subprocess.run(
            [*command[:-2], "plan", "none"],
            env=environment,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert (result.returncode, result.stdout) == (2, "")


def test_a_progress_line_that_nobody_reads_ends_no_work():
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as stream:
        display = Display(stream=lambda: stream, clock=iter(range(0, 1000, 20)).__next__)
        for done in range(1, 5):
            display(Progress(what="train", done=done, total=5, unit="steps"))
        display.close()
        with contextlib.suppress(BrokenPipeError):
            stream.close()


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_a_narrow_character_set_takes_the_same_record(glasswright: Run, tmp_path: Path, encoding: str):
    name = os.fsdecode("é名\x1b\u202e".encode() + b"\xff") + ".pkl"
    (tmp_path / name).write_bytes(b"N.")
    told = glasswright("scan", ".", PYTHONIOENCODING=encoding)
    assert told.returncode == 0, told.stderr
    assert r"\x1b\u202e\udcff.pkl" in told.stdout
    result = glasswright("scan", ".", "--json", PYTHONIOENCODING=encoding)
    assert json.loads(result.stdout)["findings"][0]["claim"] == f"{name}: loading it calls nothing unsafe"
    assert "\x1b" not in told.stdout + result.stdout
    assert glasswright("--help", PYTHONIOENCODING=encoding).returncode == 0


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
    sys.exit(outcome.exit_code_of(error, []))
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


def test_new_writes_a_recipe_that_plan_reads(in_process: Run):
    assert in_process("new", "mine").stdout == "mine.yaml\n"
    planned = in_process("plan", "mine.yaml", "--no-probe")
    assert planned.returncode == 0, planned.stderr
    assert "1,053,824" in planned.stdout
    assert "unknown until the corpus is built" in planned.stdout


def test_new_never_overwrites(in_process: Run, tmp_path: Path):
    (tmp_path / "mine.yaml").write_text("precious")
    result = in_process("new", "mine")
    assert result.returncode == 2
    assert (tmp_path / "mine.yaml").read_text() == "precious"


def test_a_recipe_that_cannot_fit_in_memory_is_refused_with_what_it_takes(in_process: Run, tmp_path: Path):
    in_process("new", "huge")
    text = (tmp_path / "huge.yaml").read_text().replace("hidden_size: 128", "hidden_size: 1048576")
    (tmp_path / "huge.yaml").write_text(text)
    for arguments in (["plan", "huge.yaml", "--no-probe"], ["build", "huge.yaml"]):
        result = in_process(*arguments)
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
