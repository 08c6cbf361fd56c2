"""Every import in the source is one that ARCHITECTURE.md allows."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "glasswright"
TRAINING_PACKAGES = ("torch", "numpy", "pyarrow", "safetensors", "tokenizers", "transformers", "lxml", "daft", "ray")
READING_PARTS = (
    "errors",
    "foreign",
    "records",
    "attest",
    "licenses",
    "recipe",
    "chat",
    "verify",
    "audit",
    "curve",
    "watch",
    "cli",
)


@dataclass(frozen=True)
class Row:
    parts: frozenset[str]
    packages: frozenset[str]


def table() -> dict[str, Row]:
    """The import table of ARCHITECTURE.md."""
    rows = {}
    for line in (ROOT / "ARCHITECTURE.md").read_text().splitlines():
        found = re.fullmatch(r"\| `(\w+)` \| [^|]+ \| ([\w -]+) \| ([\w -]+) \|", line)
        if found:
            rows[found[1]] = Row(*(frozenset(cell.split()) - {"-"} for cell in found.groups()[1:]))
    everything = frozenset(rows)
    return {part: Row(everything if "all" in row.parts else row.parts, row.packages) for part, row in rows.items()}


def imports(code: str) -> Iterator[tuple[int, str]]:
    """Line and full name of every module a file imports, wherever in the file it does."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            if node.module == "glasswright":
                yield from ((node.lineno, f"glasswright.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, node.module or ""
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)


def refused(part: str, code: str, rows: dict[str, Row]) -> list[str]:
    """The imports of a file that the table does not allow."""
    problems = []
    for line, module in imports(code):
        top, _, rest = module.partition(".")
        if top == "glasswright":
            other = rest.split(".")[0]
            if other in rows and other != part and other not in rows[part].parts:
                problems.append(f"line {line}: {part} may not import {other}")
        elif top not in sys.stdlib_module_names and top not in rows[part].packages:
            problems.append(f"line {line}: {part} may not import the package {top}")
    return problems


def files() -> list[Path]:
    return sorted(path for path in SOURCE.rglob("*.py") if path != SOURCE / "__init__.py")


def part_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_file_imports_only_what_the_table_allows(path: Path):
    assert refused(part_of(path), path.read_text(), table()) == []


def test_an_import_that_the_table_does_not_allow_is_noticed():
    assert refused("verify", "def f():\n    from glasswright.train import run\n", table())
    assert refused("verify", "import numpy as np\n", table())
    assert refused("corpus", "from glasswright import tokenizer\n", table())
    assert not refused("verify", "from glasswright.attest import merkle\nimport json\n", table())


def test_every_part_has_a_row_and_every_row_a_part():
    parts = {
        path.name.removesuffix(".py")
        for path in SOURCE.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert parts - {"__init__"} == set(table())


def test_stages_do_not_import_each_other():
    stages = {"corpus", "tokenizer", "train", "evaluate", "release", "verify", "audit"}
    assert {stage: table()[stage].parts & stages for stage in stages} == {stage: frozenset() for stage in stages}


def modules(part: str) -> list[str]:
    paths = [path for path in files() if part_of(path) == part]
    names = [".".join(path.relative_to(SOURCE.parent).with_suffix("").parts) for path in paths]
    return [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]


@pytest.mark.parametrize("part", READING_PARTS)
def test_a_reading_part_works_without_the_training_packages(part: str):
    hide = f"import sys\nfor name in {TRAINING_PACKAGES!r}: sys.modules[name] = None\n"
    code = hide + "".join(f"import {module}\n" for module in modules(part))
    environment = {**os.environ, "PYTHONPATH": str(SOURCE.parent)}
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_only_the_command_line_prints_or_exits():
    def speaks(path: Path) -> bool:
        return any(
            isinstance(node, ast.Call) and ast.unparse(node.func) in ("print", "sys.exit", "exit", "os._exit")
            for node in ast.walk(ast.parse(path.read_text()))
        )

    assert [path for path in files() if part_of(path) != "cli" and speaks(path)] == []


def requirements(lines: list[str]) -> set[str]:
    """The import names of a list of requirements."""
    lines = [re.sub("^cuda-(core|bindings)", "cuda", line.replace("python-docx", "docx")) for line in lines]
    names = {re.split(r"[\[<>=~! ]", line)[0].lower().replace("-", "_") for line in lines}
    return {name.split(".")[0] for name in names}


def test_what_is_imported_is_what_pip_installs():
    """The reading parts import the base install's packages, the others what the extras add."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    base = requirements(project["dependencies"])
    extras = project["optional-dependencies"]
    everything = base.union(
        *(
            requirements(extras[name])
            for name in ("build", "documents", "gguf", "gpu", "harness", "hub", "parallel", "pdf")
        )
    )
    for part, row in table().items():
        installed = base | {"huggingface_hub", "pypdf"} if part in READING_PARTS and part != "cli" else everything
        assert row.packages - installed == set(), part


def test_every_pinned_version_is_of_something_that_is_required():
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project = pyproject["project"]
    lists = [
        project["dependencies"],
        *project["optional-dependencies"].values(),
        *pyproject["dependency-groups"].values(),
    ]
    required = requirements([line for lines in lists for line in lines])
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert requirements([line for line in lines if not line.startswith("#")]) - required == set()
