"""What is wrong with where a result is to go, or with another option, is said before any work."""

import errno
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from glasswright import places
from glasswright.errors import Misuse
from glasswright.model import huggingface
from glasswright.model.decoder import Decoder
from glasswright.places import DEEPEST, file_place, free_place, work_place
from glasswright.records.decoder import DecoderConfig
from glasswright.records.model import Model
from glasswright.store import atomic

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with a release beside it."""
    (tmp_path / "release/model").mkdir(parents=True)
    (tmp_path / "release/release.json").write_text("{}")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("../release/inner", "lies in the release"),
        ("../release/model/deep/inner", "lies in the release"),
        ("../away/inner", "lies in the release"),  # a link to the release
        ("work", "is the work folder as well"),
        ("./work/../work", "is the work folder as well"),
        ("same/work", "is the work folder as well"),  # a link to here
        ("work/inner", "lies in the work folder work"),
        ("n" * 250, "nothing can be put there: File name too long"),
        ("é" * 125, "nothing can be put there: File name too long"),
        ("file/inner", "here.*/?file|expected a folder|nothing can be put there: Not a directory"),
        ("file", "exists already"),
        ("dangling", "exists already"),
        ("a/" * 2000 + "b", "the path is too long"),
        ("a/" * 1500 + "b", "nothing can be put there"),
        ("a\0b", "null|NUL"),
    ],
)
def test_a_place_that_will_not_do_is_refused(here: Path, out: str, said: str):
    (here / "../away").symlink_to("release", target_is_directory=True)
    (here / "same").symlink_to(".", target_is_directory=True)
    (here / "dangling").symlink_to("nowhere")
    (here / "file").write_text("")
    with pytest.raises((Misuse, ValueError), match=said):
        free_place(Path(out), work=Path("work"))
    assert not list(here.glob(".*"))


@pytest.mark.parametrize(
    ("work", "said"),
    [
        ("out/work", "the work folder lies in out, which is to be made"),
        ("out/a/b/work", "the work folder lies in out, which is to be made"),
        ("../release/work", "lies in the release"),
        ("../release", "lies in the release"),
        ("file", "expected a folder to work in, found a file"),
    ],
)
def test_a_work_folder_that_will_not_do_is_refused(here: Path, work: str, said: str):
    (here / "file").write_text("")
    with pytest.raises(Misuse, match=said):
        free_place(Path("out"), work=Path(work))


@pytest.mark.parametrize("name", ["n" * 246, "é" * 123, "out", "deep/er/out", " ", "\x1b", "-"])
def test_a_place_that_will_do_is_taken_and_left_as_it_was(here: Path, name: str):
    assert free_place(here / name, work=Path("work")) == here / name
    assert list((here / name).parent.iterdir()) == []


def test_the_name_that_is_tried_is_the_one_under_which_it_is_made(here: Path, monkeypatch: pytest.MonkeyPatch):
    tried = []
    monkeypatch.setattr(places.Path, "mkdir", lambda path, **_: tried.append(path))
    monkeypatch.setattr(places.Path, "rmdir", lambda path: None)  # noqa: ARG005
    free_place(here / "out")
    assert tried[-1] == atomic._partial(here / "out")


def test_what_a_killed_build_left_is_in_nobodys_way(here: Path):
    (here / ".out.partial").mkdir()
    (here / ".out.partial/x").write_text("")
    assert free_place(Path("out")) == Path("out")
    assert (here / ".out.partial/x").exists()


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_place_that_cannot_be_written_to_is_refused(here: Path, monkeypatch: pytest.MonkeyPatch, number: int):
    def refused(path: Path, **_: object) -> None:
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(places.Path, "mkdir", refused)
    with pytest.raises(Misuse, match=f"out: nothing can be put there: {os.strerror(number)}"):
        free_place(here / "out")


def test_a_place_on_a_file_system_that_makes_no_folders_is_refused(here: Path):  # noqa: ARG001
    with pytest.raises(Misuse, match="/proc/out: nothing can be put there"):
        free_place(Path("/proc/out"))


def test_room_is_left_for_the_paths_below(here: Path):
    longest = os.pathconf(here, "PC_PATH_MAX")
    deep = Path(*(["n" * 100] * ((longest - DEEPEST) // 101 - 1)))
    assert free_place(deep / "out")
    with pytest.raises(Misuse, match="the path is too long"):
        free_place(deep / ("n" * 110) / ("n" * 110) / "out")


@pytest.mark.parametrize(
    ("path", "said"), [("/dev/null", "expected a place for a file"), ("folder", "expected a place")]
)
def test_a_file_replaces_nothing_but_a_file(here: Path, path: str, said: str):
    (here / "folder").mkdir()
    (here / "file").write_text("")
    assert file_place(Path("file")) == Path("file")
    with pytest.raises(Misuse, match=said):
        file_place(Path(path))
    with pytest.raises(Misuse, match="lies in the release"):
        file_place(Path("../release/report.html"))
    with pytest.raises(Misuse, match="File name too long"):
        file_place(Path("n" * 250))


def test_a_circle_of_links_leads_nowhere(here: Path):
    (here / "loop").symlink_to("loop")
    with pytest.raises(Misuse, match="loop"):
        free_place(Path("loop/out"))
    assert work_place(Path("loop")) == Path("loop")  # making it is refused by the system


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["build", "small.yaml", "--out", "old/inner"], "lies in the release"),
        (["build", "small.yaml", "--out", "w", "--work", "w"], "is the work folder as well"),
        (["build", "small.yaml", "--work", "old/w"], "lies in the release"),
        (["build", "small.yaml", "--out", "n" * 250], "File name too long"),
        (["build", "--documents", "notes", "--license", "CC BY 4.0"], "hint: did you mean CC-BY-4.0?"),
        (["build", "--documents", "notes", "--license", "CC-BY-NC-4.0"], "no document is kept under it"),
        (
            ["build", "--documents", "notes", "--license", "MIT", "--weights-license", "x"],
            "weights license x: expected",
        ),
        (["rebuild", "old", "--out", "old/inner"], "lies in the release"),
        (["rebuild", "n" * 250], "File name too long"),
        (["corpus", "build", "small.yaml", "--out", "old/inner"], "lies in the release"),
        (["corpus", "build", "small.yaml", "--out", "n" * 250], "File name too long"),
        (["corpus", "build", "--source", "notes", "--license", "CC BY 4.0", "--out", "c"], "did you mean CC-BY-4.0?"),
        (["corpus", "report", "old", "--out", "old/corpus"], "lies in the release"),
        (["demo", "--out", "old/demo"], "lies in the release"),
        (["audit", "notes", "--html", "none/"], "expected a place for a file"),
        (["audit", "notes", "--html", "r", "--badge", "r"], "a page and a badge in one file"),
    ],
)
def test_a_command_says_so_before_it_works(notes: Path, in_process: Run, arguments: list[str], said: str):
    (notes / "old/none").mkdir(parents=True)
    (notes / "none").mkdir()
    (notes / "old/release.json").write_text("{}")
    before = sorted(notes.rglob("*"))
    result = in_process(*arguments)
    assert (result.returncode, result.stdout) == (2, ""), result.stderr
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert sorted(path for path in notes.rglob("*") if path != notes / "releases") == before


@pytest.mark.parametrize(
    "arguments",
    [["build", "small.yaml"], ["plan", "small.yaml"], ["rebuild", "x"], ["replay", "x"], ["generate", "x"], ["demo"]],
)
@pytest.mark.parametrize("name", ["avx3", "AVX2"])
def test_kernels_that_are_none_are_refused_before_any_work(
    notes: Path, in_process: Run, arguments: list[str], name: str
):
    before = sorted(notes.rglob("*"))
    result = in_process(*arguments, GLASSWRIGHT_KERNELS=name)
    assert (result.returncode, result.stdout) == (2, "")
    assert f"GLASSWRIGHT_KERNELS={name}: expected one of definition, generic, avx2, avx512, neon" in result.stderr
    assert sorted(notes.rglob("*")) == before


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_model_with_a_pipe_in_it_is_not_waited_for(notes: Path, in_process: Run, name: str):
    small = Model(hidden_size=8, num_layers=1, num_heads=2, num_kv_heads=2, intermediate_size=8)
    huggingface.save(Decoder(DecoderConfig(model=small, vocab_size=9, max_positions=8)), notes / "m")
    (notes / "m" / name).unlink(missing_ok=True)
    os.mkfifo(notes / "m" / name)
    result = in_process("generate", "m")
    assert result.returncode == 2
    assert f"m/{name}: a pipe, where a plain file was expected" in result.stderr
