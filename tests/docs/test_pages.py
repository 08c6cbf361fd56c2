"""The pages say what the code does: every command, every key, every field, every link."""

import contextlib
import dataclasses
import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from glasswright.cli.app import VERBS, load, run
from glasswright.recipe import parse
from glasswright.records.part import Part
from glasswright.records.verdict import Finding, Verdict

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
GENERATED = "<!-- From here on generated from the commands' own help; `make golden` writes it. -->\n"
COMMANDS = [verb for section in VERBS.values() for verb in section]


def glasswright(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "glasswright.cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def subcommands(verb: str) -> list[list[str]]:
    """The verb itself, and below it the verbs it has of its own."""
    command = load(verb)
    return [[verb], *([verb, name] for name in getattr(command, "commands", {}))]


def printed_by(words: list[str]) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert run(words) == 0
    return printed.getvalue().rstrip()


def help_page() -> str:
    """Every command's help, as it is printed."""
    blocks = []
    for words in [[], *(words for verb in COMMANDS for words in subcommands(verb))]:
        name = " ".join(["glasswright", *words])
        printed = printed_by([*words, "--help"])
        blocks.append(f"\n## {name}\n\n```console\n$ {name} --help\n{printed}\n```\n")
    return "".join(blocks)


def test_the_command_line_page_is_what_the_commands_print(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch):
    """`make golden` writes the page."""
    page = DOCS / "cli.md"
    written, marker, generated = page.read_text().partition(GENERATED)
    assert marker, "docs/cli.md has lost its marker"
    monkeypatch.setenv("COLUMNS", "100")
    now = help_page()
    if pytestconfig.getoption("--write-golden"):
        page.write_text(written + marker + now)
        return
    assert generated == now, "`make golden` writes the page anew"


@pytest.mark.parametrize("verb", COMMANDS)
def test_a_command_says_the_same_in_the_list_and_in_its_own_help(verb: str):
    summaries = {name: text for section in VERBS.values() for name, text in section.items()}
    first_paragraph = " ".join(load(verb).help.split("\n\n")[0].split())
    assert first_paragraph.startswith(summaries[verb].rstrip("."))


@pytest.mark.parametrize("verb", COMMANDS)
def test_every_option_has_help(verb: str):
    command = load(verb)
    for each in [command, *getattr(command, "commands", {}).values()]:
        assert [option.name for option in each.params if not getattr(option, "help", None)] == []


def test_every_key_of_a_recipe_is_in_its_page():
    text = (DOCS / "recipe.md").read_text()
    keys = {key for part in Part.__subclasses__() for key in part.model_fields}
    assert sorted(key for key in keys if not re.search(rf"[`.]{key}`", text)) == []


def test_every_field_of_a_verdict_is_in_the_command_line_page():
    text = (DOCS / "cli.md").read_text()
    fields = {field.name for record in (Finding, Verdict) for field in dataclasses.fields(record)} | {"answer"}
    assert sorted(field for field in fields if f"`{field}`" not in text) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(page: Path):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def command_lines(page: Path) -> list[str]:
    """What follows `glasswright` in the page's blocks and quotations."""
    text = page.read_text()
    lines = re.findall(r"^(?:\$ )?(?:\w+=\S+ )*glasswright ([a-z].*)$", text, re.MULTILINE)
    return [*lines, *re.findall(r"`glasswright ([a-z][^`]*)`", text)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_and_option_on_a_page_exists(page: Path):
    for line in command_lines(page):
        verb, *words = line.split("  ")[0].split()
        assert verb in COMMANDS, line
        command = load(verb)
        options = {
            option
            for each in [command, *getattr(command, "commands", {}).values()]
            for p in each.params
            for option in p.opts
        }
        used = {word for word in words if word.startswith("--")}
        assert used <= options | {"--help"}, line


def test_every_page_is_in_the_index():
    index = (DOCS / "index.md").read_text()
    names = {page.name for page in DOCS.glob("*.md")} - {"index.md"}
    assert sorted(name for name in names if f"({name})" not in index) == []


def test_the_make_targets_in_the_readme_exist():
    targets = set(re.findall(r"^(\w[\w-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    used = set(re.findall(r"make ([a-z-]+)", (ROOT / "README.md").read_text()))
    assert used <= targets


def test_the_error_shown_in_the_recipe_page_is_the_one_printed(tmp_path: Path):
    shown = (DOCS / "recipe.md").read_text().split("```console\n$ glasswright plan wrong.yaml\n")[1].split("```")[0]
    recipe = tmp_path / "wrong.yaml"
    recipe.write_text(
        "name: x\nsources:\n  - name: a\n    kind: python-docs\nmodel:\n  hiden_size: 64\n  num_heads: four\n"
    )
    printed = glasswright("plan", str(recipe)).stderr.replace(f"{tmp_path}/", "")
    assert printed == shown


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus to ask the questions on the page of."""
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "in").mkdir()
    (folder / "in" / "intro.txt").write_text("Words of the first.")
    (folder / "in" / "again.txt").write_text("Words of the first.")
    with contextlib.redirect_stdout(io.StringIO()):
        built = ["corpus", "build", "--source", str(folder / "in"), "--license", "MIT", "--out", str(folder / "out")]
        assert run(built) == 0
    return folder / "out"


@pytest.mark.parametrize(
    "line", [line for page in PAGES for line in command_lines(page) if line.startswith("corpus query CORPUS")]
)
def test_every_query_on_a_page_runs(corpus: Path, line: str):
    words = shlex.split(line)
    assert printed_by([str(corpus) if word == "CORPUS" else word for word in words])


def test_the_entry_that_takes_a_document_out_is_a_recipe_s():
    entry = (DOCS / "corpus.md").read_text().split("```yaml\n")[1].split("```")[0]
    recipe = parse("name: x\nsources: [{name: a, kind: python-docs}]\n" + entry, "corpus.md")
    assert len(recipe.corpus.remove) == 1
