"""What a fact rests on: a file, or only words; what is absent is no evidence."""

from pathlib import Path

from tests.audit.builder import OPEN_README, VAGUE_README, closed_subject, open_subject, write

from glasswright.audit import audit_subject
from glasswright.audit.record import Evidence, Fact, Facts
from glasswright.audit.subject import load_folder


def facts_of(folder: Path) -> Facts:
    """The facts of a folder."""
    return audit_subject(load_folder(folder)).facts


def test_a_file_is_direct_and_a_sentence_is_said(tmp_path: Path):
    facts = facts_of(open_subject(tmp_path))
    assert facts["training_code.present"].strength == "direct"
    assert facts["intermediate_parameters.present"].strength == "said"


def test_one_direct_place_makes_a_fact_direct():
    said = Evidence(file="a/b", lines=(1, 1), quote="we release it", rule="r", strength="said")
    there = Evidence(file="a/c", lines=None, quote="c", rule="r")
    assert Fact(id="x", status="proved", evidence=(said,)).strength == "said"
    assert Fact(id="x", status="proved", evidence=(said, there)).strength == "direct"


def test_without_evidence_a_fact_has_no_strength(tmp_path: Path):
    assert facts_of(open_subject(tmp_path))["sample_outputs.present"].strength is None


def test_data_that_has_a_size_and_no_name_is_unknown_not_refuted(tmp_path: Path):
    text = "# x\n\nWe release x, an open-source model.\n\n## Training\n\nx was pretrained on 3T tokens.\n"
    report = audit_subject(load_folder(write(tmp_path, {"org__x/README.md": text})))
    assert report.facts["datasets_base.present"].status == "unknown"
    assert report.label.openwashing != "proved"


def test_tuning_of_which_nothing_is_told_refutes_nothing(tmp_path: Path):
    readme = OPEN_README + "\n[glade-1b-chat](https://huggingface.co/meadow/glade-1b-chat) is tuned with SFT.\n"
    fact = facts_of(open_subject(tmp_path, **{"README.md": readme}))["datasets_tuning.present"]
    assert fact.status == "unknown"


def test_data_that_is_withheld_in_plain_words_is_refuted(tmp_path: Path):
    said = VAGUE_README.replace("## Models", "The training data is not released.\n\n## Models")
    folder = closed_subject(tmp_path)
    (folder / "thicket__bramble/README.md").write_text(said)
    fact = facts_of(folder)["datasets_base.present"]
    assert (fact.status, fact.strength) == ("refuted", "said")
