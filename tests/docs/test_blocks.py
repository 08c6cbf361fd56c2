"""Every command in a block of the README and of a page runs, in a folder with what its words in capitals stand for.

The blocks of the tutorial and of the page of the library are run as they stand, by tests of their own; those of cli.md
are the help itself, and the queries of corpus.md are asked by test_pages.py.
"""

import contextlib
import io
import json
import re
import shlex
from pathlib import Path

import pytest
from tests.cli.conftest import RECIPE, write_notes

from glasswright.cli.app import run
from glasswright.cli.forge import forged_copy

ROOT = Path(__file__).resolve().parents[2]
OF_OTHER_TESTS = {"tutorial.md", "python.md", "cli.md"}
PAGES = [ROOT / "README.md", *sorted(page for page in (ROOT / "docs").glob("*.md") if page.name not in OF_OTHER_TESTS)]
BLOCK = re.compile(r"^```(?:console)?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"^(?:\$ )?((?:\w+=\S+ )*(?:glasswright|make|python) .*)$", re.MULTILINE)
MADE = ("--out", "--work", "--hf")  # what follows is a place where nothing is yet
ENDS = {"verify demo/forged": {1}, "audit": {0, 1, 3}}  # others with 0

NOT_RUN = {  # what stands in a line: why this test does not run it
    r"\bhf:": "asks the hub",
    "--engine ray": "Ray comes with `make test-all`",
    "^make": "the demo and the tests themselves",
    "^python benchmarks": "takes minutes, and a rival to compare with",
    "^glasswright (?:derive|lineage|merge|verify .* --lineage)": "tests/lineage and tests/replay have what these need",
    "^glasswright plan wrong.yaml": "test_pages.py holds it to what it prints",
    "^glasswright corpus query": "test_pages.py asks it",
}


def lines() -> list[tuple[str, str]]:
    """(page, command), without what is said of the command."""
    found = []
    for page in PAGES:
        for block in BLOCK.findall(page.read_text()):
            found += [(page.name, re.split(r"\s{2,}", line)[0]) for line in COMMAND.findall(block)]
    return found


def why_not(line: str) -> str | None:
    return next((reason for pattern, reason in NOT_RUN.items() if re.search(pattern, line)), None)


LINES = [(page, line) for page, line in dict.fromkeys(lines()) if why_not(line) is None]


def said(*words: object) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert run([*map(str, words)]) == 0, words
    return printed.getvalue()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the words of a line stand for. Under `corpus X` are those of the commands on a corpus."""
    here = tmp_path_factory.mktemp("world")
    write_notes(here)
    (here / "small.yaml").write_text(RECIPE.replace("sequence_length: 32", "sequence_length: 96"))
    (here / "notes/README.md").write_text("# Notes\n\nLicense: CC0-1.0\n")
    (here / "one.jsonl").write_text('{"text": "A text with its license.", "license": "CC0-1.0"}\n')
    recipe, release, corpus, proof = here / "small.yaml", here / "release", here / "corpus", here / "proof.json"
    said("build", recipe, "--out", release, "--work", here / "work", "--checkpoints")
    said("corpus", "build", recipe, "--out", corpus)
    proof.write_text(said("corpus", "prove", corpus, "0.txt", "--json"))
    forged_copy(release, here / "forged", "model.layers.1.mlp.down_proj.weight")
    document = json.loads(said("corpus", "why", corpus, "0.txt", "--json"))["document_id"]
    places: dict[str, object] = {
        "DIR": here / "notes", "RELEASE": release, "A": release, "B": release, "C": release, "PATH": release / "model",
        "FOLDER": release / "model", "MODEL": release / "model", "PARENT": release / "model", "ID": document,
        "596c36": document[:6], "120": 3, "demo/release": release, "demo/forged": here / "forged",
        "releases/mine": release, "mine.yaml": recipe, "demo/tiny.yaml": recipe,
        "corpus FILE": here / "one.jsonl", "corpus CORPUS": corpus, "corpus A": corpus, "corpus B": corpus,
        "corpus DOCUMENT": "0.txt", "corpus docs/a.md": "0.txt", "corpus PROOF": proof, "corpus RECIPE": recipe,
        "corpus ROOT": json.loads(proof.read_text())["root"], "corpus recipes/tales.yaml": recipe,
        "corpus corpus": corpus,
        "corpus jack-london_white-fang:src/epub/text/chapter-1-1.xhtml": "0.txt",
    }  # fmt: skip
    return {word: str(place) for word, place in places.items()}


@pytest.mark.parametrize(("page", "line"), LINES)
@pytest.mark.usefixtures("_elsewhere")
def test_a_command_of_a_page_runs(world: dict[str, str], page: str, line: str):
    typed = re.sub(r"^(?:\w+=\S+ )*glasswright ", "", line)
    verb, *words = shlex.split(typed, comments=True)
    of_corpus = {word.removeprefix("corpus "): place for word, place in world.items() if word.startswith("corpus ")}
    places = {**world, **(of_corpus if verb == "corpus" else {})}
    given = [
        word if before in MADE else places.get(word, word) for before, word in zip([verb, *words], words, strict=False)
    ]
    codes = next((codes for start, codes in ENDS.items() if typed.startswith(start)), {0})
    assert run([verb, *given]) in codes, page


@pytest.fixture
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("pattern", NOT_RUN)
def test_what_is_not_run_is_still_on_a_page(pattern: str):
    assert any(re.search(pattern, line) for _, line in lines())
