"""`glasswright build --documents`: folders as newcomers have them are built, and what became of them is said."""

import json
import random
from pathlib import Path

import pytest
from tests.corpus.office import notebook, pdf, word

import glasswright
from glasswright.cli.app import run
from glasswright.errors import Misuse
from glasswright.recipe import starter
from glasswright.records.model import Model
from glasswright.records.outcome import Outcome
from glasswright.records.verdict import Answer

pytest.importorskip("pypdf", reason="did not run: pypdf is not installed")
pytest.importorskip("docx", reason="did not run: python-docx is not installed")

WORDS = """
    river mill stone grain owl rafter fox field evening morning people hill water wheel bread road winter summer night
""".split()
TOY = starter.Shape(
    most_bytes=float("inf"),
    vocab_size=300,
    model=Model(hidden_size=8, num_layers=1, num_heads=2, num_kv_heads=1, intermediate_size=12),
    num_steps=(5, 5),
)


def prose(seed: int, num_words: int = 120) -> str:
    """Words of ours in an order of their own."""
    draw = random.Random(seed)
    return " ".join(draw.choice(WORDS) for _ in range(num_words)) + "."


FOLDERS: dict[str, dict[str, bytes]] = {
    "prose": {f"chapters/{number}.md": f"# {number}\n\n{prose(number)}".encode() for number in range(12)},
    "office": {
        "report.pdf": pdf(*(prose(number, 12) for number in range(20, 23))),
        "letter.docx": word(prose(30), heading="A letter"),
        "talk.mp4": b"\0\0\0\x18ftyp" + bytes(2_000_000),
        "sheet.xlsx": b"PK",
        "notes.txt": prose(31).encode(),
    },
    "code": {
        "a.ipynb": notebook(("markdown", f"# Mills\n\n{prose(40)}"), ("code", "print(1 + 1)")),
        "b.py": f"# {prose(41, 40)}\nprint(2)\n".encode(),
        "data.csv": b"beast,legs\nfox,4\nowl,2\n",
        ".venv/lib/c.py": b"print(3)\n",
    },
    "one": {"all.txt": prose(50, 3500).encode()},
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, where what is made to measure is a toy."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(starter, "SHAPES", (TOY,))
    return tmp_path


def write(name: str, files: dict[str, bytes]) -> None:
    for path, data in files.items():
        place = Path(name, path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


def built(name: str, *options: str) -> glasswright.Release:
    """The release that the command builds of a folder."""
    assert run(["build", "--documents", name, "--license", "CC0-1.0", *options]) == 0
    return glasswright.Release(f"releases/{name}")


@pytest.mark.parametrize("name", FOLDERS)
def test_a_newcomer_s_folder_is_built_and_proved_and_adds_up(name: str):
    write(name, FOLDERS[name])
    release = built(name)
    assert release.verify().answer is Answer.PROVED
    outcome = release.outcome()
    assert outcome.num_kept > 0
    assert outcome.num_seen == outcome.num_kept + sum(n for _, n in (*outcome.dropped, *outcome.not_read))
    assert outcome.num_validation == (0 if name == "one" else pytest.approx(1, abs=2))


def test_what_was_kept_and_why_is_said(capsys: pytest.CaptureFixture[str]):
    write("office", FOLDERS["office"])
    built("office")
    printed = capsys.readouterr()
    assert printed.out == "releases/office\n"
    assert "documents: 7 seen, 5 kept (" in printed.err
    assert "warning: of kinds that are not read: 1 .mp4, 1 .xlsx" in printed.err
    card = Path("releases/office/model/README.md").read_text()
    assert "Files of kinds that were not read, by the ends of their names: 1 .mp4, 1 .xlsx." in card


def test_as_json_it_is_one_record(capsys: pytest.CaptureFixture[str]):
    write("code", FOLDERS["code"])
    release = built("code", "--json")
    record = json.loads(capsys.readouterr().out)
    assert record["schema"] == "glasswright/build/1"
    assert (record["release"], record["root"]) == ("releases/code", release.root)
    assert record["outcome"] == json.loads(json.dumps(release.outcome().record()))
    assert record["outcome"]["dropped"] == {"hidden": 1}


def test_the_recipe_beside_the_release_builds_it_again(capsys: pytest.CaptureFixture[str]):
    write("prose", FOLDERS["prose"])
    first = built("prose")
    assert "glasswright build releases/prose.yaml --source prose=prose" in capsys.readouterr().err
    again = ["build", "releases/prose.yaml", "--source", "prose=prose", "--out", "again", "--work", "w"]
    assert run(again) == 0
    assert glasswright.Release("again").root == first.root


def test_a_recipe_that_was_edited_is_not_written_over(capsys: pytest.CaptureFixture[str]):
    write("prose", FOLDERS["prose"])
    edited = Path("releases/prose.yaml")
    edited.parent.mkdir()
    edited.write_text("name: mine\n")
    assert run(["build", "--documents", "prose", "--license", "MIT"]) == 2
    assert "a recipe is there, and says otherwise" in capsys.readouterr().err
    assert edited.read_text() == "name: mine\n"
    assert not Path("releases/prose").exists()


def test_the_model_is_sized_by_what_is_kept_and_not_by_what_is_not_read(monkeypatch: pytest.MonkeyPatch):
    small = starter.Shape(most_bytes=10_000, vocab_size=300, model=TOY.model, num_steps=(5, 5))
    large = starter.Shape(most_bytes=float("inf"), vocab_size=300, model=TOY.model, num_steps=(50, 50))
    monkeypatch.setattr(starter, "SHAPES", (small, large))
    write("office", FOLDERS["office"])
    assert glasswright.Recipe.for_documents("office", license="MIT").record.train.num_steps == 5
    write("one", FOLDERS["one"])
    assert glasswright.Recipe.for_documents("one", license="MIT").record.train.num_steps == 50


@pytest.mark.parametrize("text", ["A short note of nine words, and no more.", "a" * 3000, "é" * 40, "ab " * 30, "abc"])
def test_a_folder_of_almost_nothing_is_built(text: str):
    write("tiny", {"a.txt": text.encode()})
    assert built("tiny").verify().answer is Answer.PROVED


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--out", "prose/out"], "prose/out: lies in prose, where every file is taken for a document"),
        (["--out", "prose"], "prose: exists already"),
        (["--work", "prose/chapters/w"], "prose/chapters/w: lies in prose, where every file is taken for a document"),
        (["--out", "away/out"], "away/out: lies in prose"),  # a link to it
        (["--weights-license", "x"], "weights license x: expected an SPDX expression"),
        (["--source", "prose"], "--source prose: expected NAME=PATH"),
        (["--out", "file/out"], "file: expected a folder, found a file"),
    ],
)
def test_what_is_wrong_with_a_command_line_is_said_before_any_document_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: list[str], said: str
):
    write("prose", FOLDERS["prose"])
    Path("away").symlink_to("prose")
    Path("file").write_text("")
    monkeypatch.setattr("glasswright.pipeline.recipe_for", None)
    assert run(["build", "--documents", "prose", "--license", "MIT", *options]) == 2
    assert said in capsys.readouterr().err


def test_a_build_in_the_documents_own_folder_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    write("prose", FOLDERS["prose"])
    monkeypatch.chdir("prose")
    assert run(["build", "--documents", ".", "--license", "MIT"]) == 2
    assert "name a place outside with --out" in capsys.readouterr().err
    assert list(Path().iterdir()) == [Path("chapters")]


def test_nothing_kept_is_said_with_the_reasons(capsys: pytest.CaptureFixture[str]):
    write("film", {"a.mp4": b"\0"})
    assert run(["build", "--documents", "film", "--license", "MIT"]) == 2
    assert "all 1 documents were dropped: 1 media_type_not_read" in capsys.readouterr().err


def test_the_library_says_the_same():
    write("code", FOLDERS["code"])
    recipe = glasswright.Recipe.for_documents("code", license="CC0-1.0")
    assert recipe.documents == (Path("code"),)
    release = glasswright.build(recipe, out="release")
    assert isinstance(release.outcome(), Outcome)
    Path("same.yaml").write_text(recipe.text())
    assert glasswright.Recipe.load("same.yaml").digest == recipe.digest
    with pytest.raises(Misuse, match="code/out: lies in code"):
        glasswright.build(recipe, out="code/out")
    with pytest.raises(Misuse, match="code/w: lies in code"):
        glasswright.Recipe.for_documents("code", license="CC0-1.0", work="code/w")
