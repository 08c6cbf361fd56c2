"""Whatever a subject says of itself, in whatever place, nothing in a report of it is obeyed or invisible."""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.audit.builder import LICENSE, MODEL_LICENSE, OPEN_README, VAGUE_README, write
from tests.foreign.hostile import HOSTILE, RAW, raw_in

from glasswright.audit import Report, audit_subject
from glasswright.audit.badge import report_badge
from glasswright.audit.compare import comparison_text
from glasswright.audit.overrides import load_overrides
from glasswright.audit.page import report_page
from glasswright.audit.sarif import report_sarif
from glasswright.audit.subject import Document, Entry, Snapshot, Subject, load_folder
from glasswright.audit.text import fact_text, report_text
from glasswright.cli.app import run
from glasswright.foreign import json_shown

README = """\
# Glade {x}

We release Gl{x}ade, an open-source {x} language model of 1B parameters, trained on 30B tokens.
All training code, data and checkpoints are here{x}.

## Training {x} data

Glade was trained on [glade{x}-corpus](https://huggingface.co/datasets/meadow/glade-corpus), which we filtered.

## License

The code and the model weights are licensed under the Apache License 2.0{x}.
The data is licensed under the {x} CC-BY-NC-4.0.
"""
TODAY = date(2026, 1, 1)


def outputs(report: Report) -> Iterator[str]:
    """Everything that an audit shows."""
    yield report_text(report)
    yield from (fact_text(fact) for fact in report.facts)
    yield report_page(report, TODAY)
    yield report_badge(report, TODAY)
    yield comparison_text([report, report])
    yield json_shown(report.as_record(), indent=2)
    yield json_shown(report_sarif(report))


def everywhere(root: Path, text: str) -> Report:
    """A subject with a text in its name, its files' names, its documents, its license and what a person says of it."""
    name = text.replace("/", "").replace("\0", "")[:30]
    folder = write(
        root,
        {
            f"meadow__gl{name}ade/README.md": README.format(x=text).encode("utf-8", "surrogatepass"),
            f"meadow__gl{name}ade/LICENSE": (LICENSE + text).encode("utf-8", "surrogatepass"),
            f"meadow__gl{name}ade/LICENSE-MODEL{name}": MODEL_LICENSE.replace(".", text).encode(
                "utf-8", "surrogatepass"
            ),
            f"meadow__gl{name}ade/train{name}.py": "pass",
            f"meadow__gl{name}ade/docs/{name}.md": "\0",
        },
    )
    said = {"status": "proved", "reason": text, "evidence": text, "value": text, "license": text}
    facts = [{"id": fact, **said} for fact in ("datasets_base.present", "license.weights")]
    (root / "said.yaml").write_text(json.dumps({"by": text + "Jane", "facts": facts}))
    return audit_subject(load_folder(folder), load_overrides(root / "said.yaml"))


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "half a pair"])
def test_nothing_of_a_subject_is_obeyed_in_any_output(tmp_path: Path, name: str):
    text, written = HOSTILE[name]
    report = everywhere(tmp_path, text)
    page = report_page(report, TODAY)
    for output in outputs(report):
        assert raw_in(output) == set()
    assert written.split("\\")[1] in page  # it is shown, not left out


def test_a_name_that_is_not_utf_8_is_shown_in_every_output():
    entries = (Entry("train\udcff\ud800\n.py", 1, None), Entry("LICENSE\udcff", 1, None))
    documents = (
        Document("a\ud800__b", "README\udcff.md", ("# x", "The weights are under the MIT License \ud800."), None),
    )
    snapshot = Snapshot("a\ud800__b", "a\udcff/b\n", "c" * 40, "code", entries, documents, ("x\ny\udcff was not read",))
    report = audit_subject(Subject("a\ud800\nb", (snapshot,)))
    for output in outputs(report):
        assert raw_in(output) == set()
        output.encode()
    for result in report_sarif(report)["runs"][0]["results"]:
        for place in result["locations"]:
            assert re.fullmatch("[A-Za-z0-9%/._-]+", place["physicalLocation"]["artifactLocation"]["uri"])
    assert "How open is a\\ud800\\nb?" in report_text(report)
    assert "  x\\ny\\udcff was not read" in report_text(report).splitlines()


def test_the_command_writes_none_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    everywhere(tmp_path / "s", "".join(text for name, (text, _) in HOSTILE.items() if name != "half a pair"))
    subject, page = str(tmp_path / "s"), tmp_path / "r.html"
    for more in ([], ["--json"], ["--sarif"], ["--html", str(page)], ["--explain", "license.weights"]):
        run(["audit", subject, "--overrides", f"{subject}/said.yaml", *more])
        said = capsys.readouterr()
        assert raw_in(said.out + said.err) == set()
    run(["scan", subject])
    assert raw_in(capsys.readouterr().out) == set()
    assert raw_in(page.read_text()) == set()


PATHS = (
    *("README.md", "LICENSE", "LICENSE-MODEL", "docs/a.md", "docs/b.md", "docs/c.md", "config.json", "train.py"),
    *("data/README.md", "model.safetensors", "eval/README.md", "tokenizer.json", "report.pdf", "research-paper.md"),
    *("tutorials/x", "x.parquet"),
)
TEXTS = "\n".join((OPEN_README, VAGUE_README, MODEL_LICENSE, README))
LINES = sorted(set(TEXTS.splitlines()))
LINES += [
    "---",
    "license: mit",
    "license: other",
    "```",
    "- a",
    "| a | b |",
    "pipeline_tag: x",
    "python x",
    *sorted(RAW),
]
DOCUMENTS = st.tuples(st.sampled_from(PATHS), st.lists(st.sampled_from(LINES), max_size=12))
SNAPSHOTS = st.lists(
    st.tuples(
        st.sampled_from(["code", "model", "dataset", "release"]),
        st.lists(st.sampled_from(PATHS), max_size=8, unique=True),
        st.lists(DOCUMENTS),
    ),
    max_size=3,
)


@given(SNAPSHOTS)
def test_no_subject_ends_an_audit(snapshots: list[tuple[str, list[str], list[tuple[str, list[str]]]]]):
    """Every way in which files are there or not, and sentences stand in them, has a report."""
    made = []
    for number, (kind, paths, texts) in enumerate(snapshots):
        name = f"a__{number}"
        documents = tuple(Document(name, path, tuple(lines)) for path, lines in dict(texts).items() if lines)
        entries = tuple(Entry(path, 1, None) for path in paths)
        made.append(Snapshot(name, f"a/{number}", None, kind, entries, documents))  # type: ignore[arg-type]
    for output in outputs(audit_subject(Subject("s", tuple(made)))):
        assert raw_in(output) == set()
