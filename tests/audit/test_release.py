"""A release of ours as a subject: judged by its files, and open only as far as they reach."""

import io
import json
import shutil
import tarfile
from pathlib import Path

import pytest
from tests.audit.builder import LICENSE, safetensors, write

from glasswright.audit import Report, audit_subject, release_rules
from glasswright.audit.subject import load_folder

duckdb = pytest.importorskip("duckdb", reason="did not run: duckdb is not installed")

CODE = {
    "model/llama.py": "class Block:\n    def attend(self, x):\n        return self.attention(x)\n",
    "model/generate.py": "def generate(model, prompt):\n    return sample(model, prompt)\n",
    "train/trainer.py": "def step(batch):\n    loss = losses(batch)\n    return optimizer.update(loss)\n",
    "corpus/collect.py": "def collect(sources):\n    return [text for text in sources if is_kept(text)]\n",
    "tokenizer/learn.py": "def learn(texts):\n    return merges_of(count_pairs(texts), most=1000)\n",
    "evaluate/loss.py": "def evaluate(model, documents):\n    return perplexity(model, documents)\n",
    "__init__.py": '"""A builder of models, for tests, with a word on each of its parts."""\n',
}
COMPONENTS = {
    "architecture_code": ["model/llama.py"],
    "training_code": ["train/trainer.py"],
    "inference_code": ["model/generate.py"],
    "evaluation_code": ["evaluate/loss.py"],
    "preprocessing_code": ["corpus/collect.py"],
    "tokenizer": ["tokenizer/learn.py"],
    "code_documentation": ["__init__.py"],
}
CARD = """\
---
license: apache-2.0
pipeline_tag: text-generation
---

# tiny

A language model of 0.01M parameters, trained on 0.001M tokens.
"""
DATA_CARD = """\
# Data of tiny

## Sources and provenance

Three documents, written for this release.

## Size

6 tokens in 3 documents.

## Selection and filtering

None was dropped; duplicates were looked for.

## License

CC0-1.0, for every document.

## Personal data

None was found; none was masked.

## Download

The documents are in `corpus/documents`.
"""
PARTS = ("Abstract", "Introduction", "Method", "Results", "Limitations", "References")
PAPER = "# Paper\n" + "".join(f"\n## {part}\n\nWords.\n" for part in PARTS)
DOCUMENTS = "".join(json.dumps({"document_id": str(i), "text": "words"}) + "\n" for i in range(3))


def build(components: dict[str, list[str]]) -> str:
    """A build.json that states components."""
    stated = {name: [f"glasswright-0.1.0/{path}" for path in paths] for name, paths in components.items()}
    return json.dumps({"components": stated})


def release(
    root: Path,
    licenses: tuple[str | None, ...] = ("CC0-1.0", "CC0-1.0", "CC0-1.0"),
    *,
    code: dict[str, str] = CODE,
    built: str = build(COMPONENTS),
) -> Path:
    """A release folder with everything that class I asks for."""
    folder = write(
        root / "release",
        {
            "release.json": "{}",
            "manifest.json": "{}",
            "recipe.yaml": "name: tiny\n",
            "model/README.md": CARD,
            "model/config.json": "{}",
            "model/model.safetensors": safetensors((100, 100)),
            "model/tokenizer.json": "{}",
            "corpus/data-card.md": DATA_CARD,
            "corpus/documents/00000.jsonl": DOCUMENTS,
            "tokens/map.json": "{}",
            "transcript/steps.jsonl": "{}\n",
            "checkpoints/state-00000010.safetensors": safetensors(),
            "technical-report.md": "# Report\n",
            "research-paper.md": PAPER,
            "code/environment.json": "{}",
            "code/build.json": built,
        },
    )
    with tarfile.open(folder / "code/glasswright-0.1.0.tar", "w") as archive:
        for name, text in {"LICENSE": LICENSE, **code}.items():
            member = tarfile.TarInfo(f"glasswright-0.1.0/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    rows = ", ".join(f"({'NULL' if name is None else repr(name)}, 'keep')" for name in licenses)
    target = str(folder / "corpus/ledger.parquet")
    duckdb.connect().execute(
        f"COPY (SELECT * FROM (VALUES {rows}) AS t(license, decision)) TO '{target}' (FORMAT parquet)"
    )
    return folder


def report_of(folder: Path) -> Report:
    """The report of a release."""
    return audit_subject(load_folder(folder))


def test_a_whole_release_is_open_source_and_class_one_on_evidence(tmp_path: Path):
    report = report_of(release(tmp_path))
    assert report.osaid.status == "proved"
    assert report.mof.mof_class == "I"
    assert report.label.ours == "open source"
    assert report.eu.exemption_53_2 == "proved"
    assert report.facts["license.data"].value == "CC0-1.0"


@pytest.mark.parametrize(
    ("missing", "mof_class"),
    [
        ("research-paper.md", "II"),
        ("checkpoints", "II"),
        ("corpus/data-card.md", "none"),
        ("model/model.safetensors", "none"),
        ("corpus/documents/00000.jsonl", "III"),
    ],
)
def test_without_one_piece_it_does_not_reach_its_class(missing: str, mof_class: str, tmp_path: Path):
    folder = release(tmp_path)
    path = folder / missing
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    assert report_of(folder).mof.mof_class == mof_class


@pytest.mark.parametrize("part", PARTS)
def test_a_paper_that_lacks_a_part_is_none(part: str, tmp_path: Path):
    folder = release(tmp_path)
    (folder / "research-paper.md").write_text(PAPER.replace(f"## {part}\n", ""))
    assert report_of(folder).facts["research_paper.present"].status == "refuted"


def test_a_card_without_a_license_leaves_the_weights_unlicensed(tmp_path: Path):
    folder = release(tmp_path)
    (folder / "model/README.md").write_text(CARD.replace("license: apache-2.0\n", ""))
    report = report_of(folder)
    assert report.osaid.status == "unknown"
    assert report.facts["license.weights"].gap == "unlicensed"


def test_documents_under_a_closed_license_are_not_open_data(tmp_path: Path):
    report = report_of(release(tmp_path, ("CC0-1.0", "CC-BY-NC-4.0", "CC0-1.0")))
    assert report.facts["license_open.data"].status == "refuted"
    assert report.mof.mof_class != "I"


def test_documents_without_a_license_are_unlicensed(tmp_path: Path):
    report = report_of(release(tmp_path, ("CC0-1.0", None, "CC0-1.0")))
    assert (report.facts["license.data"].status, report.facts["license.data"].gap) == ("unknown", "unlicensed")


def test_what_is_in_the_public_domain_of_one_country_is_under_no_license(tmp_path: Path):
    report = report_of(release(tmp_path, ("CC0-1.0", "CC0-1.0 AND LicenseRef-PD-US", "CC0-1.0")))
    fact = report.facts["license.data"]
    assert (fact.status, fact.gap) == ("unknown", "unlicensed")
    assert fact.note == "1 kept documents have no license that SPDX knows; stated is CC0-1.0 AND LicenseRef-PD-US"
    assert (report.osaid.status, report.mof.mof_class) == ("proved", "III")


def test_fewer_documents_than_the_ledger_keeps_are_a_part_only(tmp_path: Path):
    report = report_of(release(tmp_path, ("CC0-1.0",) * 5))
    assert report.facts["datasets_base.present"].value == "partly"
    assert report.osaid.status != "proved"


@pytest.mark.parametrize("has_proc", [True, False])
def test_the_ledger_is_read_where_an_open_file_has_no_other_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_proc: bool
):
    within = tmp_path / "a[b]*"  # to DuckDB a pattern
    within.mkdir()
    folder = release(within)
    if not has_proc:
        monkeypatch.setattr(release_rules, "DESCRIPTORS", tmp_path / "none")
    assert report_of(folder).osaid.status == "proved"


def without(name: str) -> dict[str, str]:
    """The code without a file."""
    return {path: text for path, text in CODE.items() if path != name}


def test_an_archive_without_training_code_refutes_the_code(tmp_path: Path):
    report = report_of(release(tmp_path, code=without("train/trainer.py")))
    assert report.osaid.requirements["code"].status == "refuted"
    assert "states glasswright-0.1.0/train/trainer.py" in report.facts["training_code.present"].note


def test_a_release_that_states_no_components_proves_none_by_the_names_of_its_files(tmp_path: Path):
    facts = report_of(release(tmp_path, built="{}")).facts
    assert {facts[f"{component}.present"].status for component in COMPONENTS} == {"unknown"}


def test_a_component_that_is_not_among_those_stated_is_missing(tmp_path: Path):
    stated = {name: paths for name, paths in COMPONENTS.items() if name != "evaluation_code"}
    fact = report_of(release(tmp_path, built=build(stated))).facts["evaluation_code.present"]
    assert (fact.status, fact.gap) == ("refuted", "missing")


def test_training_code_is_no_evaluation_code_because_it_is_stated_as_such(tmp_path: Path):
    stated = COMPONENTS | {"evaluation_code": ["train/trainer.py"]}
    assert report_of(release(tmp_path, built=build(stated))).facts["evaluation_code.present"].status == "unknown"


def test_a_stated_file_of_a_few_bytes_shows_nothing(tmp_path: Path):
    report = report_of(release(tmp_path, code=CODE | {"evaluate/loss.py": "evaluate\n"}))
    assert report.facts["evaluation_code.present"].status == "unknown"


@pytest.mark.parametrize(
    "built", ["", "[]", "{", "[" * 100_000, '{"components": 1}', '{"components": {"tokenizer": [1, null, ""]}}', "\x00"]
)
def test_a_build_file_that_says_nothing_ends_no_audit(built: str, tmp_path: Path):
    assert report_of(release(tmp_path, built=built)).osaid.status != "proved"


def test_a_damaged_archive_is_said(tmp_path: Path):
    folder = release(tmp_path)
    (folder / "code/glasswright-0.1.0.tar").write_bytes(b"broken")
    report = report_of(folder)
    assert any("could not be listed" in line for line in report.not_read)
    assert report.osaid.status != "proved"
