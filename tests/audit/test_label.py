"""The word that is the headline, and when the publisher's word accuses."""

from pathlib import Path

from tests.audit.builder import OPEN_README, VAGUE_README, closed_subject, open_subject, write

from glasswright.audit import audit_subject
from glasswright.audit.label import Label
from glasswright.audit.subject import load_folder


def label_of(folder: Path) -> Label:
    """The label of a folder."""
    return audit_subject(load_folder(folder)).label


def bramble(root: Path, called: str) -> Path:
    """Restricted weights, whose makers call them so."""
    folder = closed_subject(root)
    (folder / "thicket__bramble/README.md").write_text(VAGUE_README.replace("an open-source language model", called))
    return folder


def test_open_weights_with_nothing_said_of_the_data_are_open_weights(tmp_path: Path):
    text = "---\nlicense: apache-2.0\n---\n\n# Glade\n\nA model.\n"
    label = label_of(write(tmp_path, {"meadow__glade/README.md": text, "meadow__glade/model.safetensors": b"x"}))
    assert (label.ours, label.openwashing) == ("open weights", "unknown")


def test_open_source_that_is_open_weights_at_least_is_not_accused(tmp_path: Path):
    readme = OPEN_README.replace("## Training data", "## About").replace("was trained on", "has to do with")
    label = label_of(open_subject(tmp_path, **{"README.md": readme, "train.py": None}))
    assert (label.ours, label.publisher, label.openwashing) == ("open weights", "open source", "unknown")


def test_open_alone_accuses_nobody(tmp_path: Path):
    label = label_of(bramble(tmp_path, "an open language model"))
    assert (label.ours, label.publisher, label.openwashing) == ("restricted weights", "open", "unknown")


def test_open_source_under_a_license_that_closes_is_open_washing(tmp_path: Path):
    assert label_of(bramble(tmp_path, "an open-source language model")).openwashing == "proved"


def test_a_sentence_that_names_other_models_alone_is_no_claim(tmp_path: Path):
    label = label_of(bramble(tmp_path, "a language model beside our Heath-4, an open-source model,"))
    assert label.publisher is None
