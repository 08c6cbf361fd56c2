"""`glasswright audit` and `glasswright scan` from the command line: output, files and exit codes."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.audit.builder import closed_subject, open_subject, write

from glasswright.cli.app import run as run_command


@dataclass(frozen=True)
class Done:
    """How a command ended and what it said."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line in this process."""

    def call(*arguments: str | Path) -> Done:
        code = run_command(list(map(str, arguments)))
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return call


@pytest.mark.parametrize(
    ("make", "fail_on", "code"),
    [
        (open_subject, "unknown", 0),
        (closed_subject, None, 0),
        (closed_subject, "refuted", 1),
        (closed_subject, "unknown", 1),
        (lambda path: write(path, {"a__b/README.md": "# x\n"}), "refuted", 0),
        (lambda path: write(path, {"a__b/README.md": "# x\n"}), "unknown", 3),
    ],
)
def test_the_exit_code_is_what_fail_on_asks_for(make: object, fail_on: str | None, code: int, tmp_path: Path, run: Run):
    folder = make(tmp_path)  # type: ignore[operator]
    assert run("audit", folder, *(["--fail-on", fail_on] if fail_on else [])).returncode == code


def test_json_is_the_record_and_nothing_else(tmp_path: Path, run: Run):
    done = run("audit", open_subject(tmp_path), "--json")
    assert json.loads(done.stdout)["schema"] == "glasswright/audit/1"
    assert done.stderr == ""


def test_page_and_badge_are_written_whole(tmp_path: Path, run: Run):
    run("audit", open_subject(tmp_path / "s"), "--html", tmp_path / "r.html", "--badge", tmp_path / "b.svg")
    assert (tmp_path / "r.html").read_text().endswith("</html>\n")
    assert (tmp_path / "b.svg").read_text().startswith("<svg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.svg", "r.html", "s"]


def test_explain_shows_a_fact_and_exits_with_its_answer(tmp_path: Path, run: Run):
    done = run("audit", closed_subject(tmp_path), "--explain", "datasets_base.present")
    assert done.returncode == 3
    assert "README.md:7" in done.stdout


def test_explain_of_no_fact_names_those_near_it(tmp_path: Path, run: Run):
    done = run("audit", open_subject(tmp_path), "--explain", "datasets_base")
    assert done.returncode == 2
    assert "datasets_base.present" in done.stderr


def test_compare_shows_subjects_side_by_side(tmp_path: Path, run: Run):
    done = run("audit", "compare", open_subject(tmp_path / "a"), closed_subject(tmp_path / "b"))
    assert done.returncode == 0
    assert "restricted weights" in done.stdout


def test_compare_of_one_is_misuse(tmp_path: Path, run: Run):
    assert run("audit", "compare", open_subject(tmp_path)).returncode == 2


def test_scan_exits_with_its_answer(tmp_path: Path, run: Run):
    assert run("scan", write(tmp_path / "a", {"config.json": "{}"})).returncode == 0
    assert run("scan", write(tmp_path / "b", {"config.json": '{"auto_map": {"A": "b.C"}}'})).returncode == 1
    assert run("scan", tmp_path / "none").returncode == 2


def test_an_audit_starts_without_what_few_audits_need():
    """YAML is read of overrides alone, Jinja by a scan: importing either takes longer than a small audit."""
    seen = "import sys, glasswright.audit; print([m for m in ('ruamel.yaml', 'jinja2') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True).stdout == "[]\n"
