"""Whose sentence is it: this model's, its parent's, another's, a tool's, the reader's, the future's; is it denied."""

from pathlib import Path

import pytest
from tests.audit.builder import OPEN_README, open_subject, write

from glasswright.audit import audit_subject
from glasswright.audit.record import Facts
from glasswright.audit.sentences import About, Names, sentences
from glasswright.audit.subject import load_folder

GLADE = Names(own=frozenset({"glade", "meadow"}), parents=frozenset({"heathlm7b"}))
WHOSE: list[tuple[str, About]] = [
    ("Glade was trained on the Pile.", "this model"),
    ("We release the training data.", "this model"),
    ("Stage 2 uses the same data.", "this model"),
    ("Glade-2 is trained on more data.", "this model"),
    ("HeathLM-7B was trained on two trillion tokens.", "its parent"),
    ("OtherLM-7B is released under CC-BY-NC-4.0.", "another"),
    ("The competitor model Foo is released under CC-BY-NC-4.0.", "another"),
    ("Most existing models do not disclose their training data.", "another"),
    ("This library supports training on any data.", "a tool"),
    ("Prepare your own data in this format.", "the reader"),
    ("If you want to fine-tune it, use this script.", "the reader"),
    ("The training data will be released.", "the future"),
    ("- [ ] Training code", "the future"),
]


@pytest.mark.parametrize(("text", "whose"), WHOSE, ids=[text[:40] for text, _ in WHOSE])
def test_a_sentence_is_about(text: str, whose: About):
    assert [s.about for s in sentences(text, "", GLADE)] == [whose]


def test_what_stands_before_the_comma_after_unlike_is_about_another():
    text = "Unlike Llama, which forbids commercial use above 700 million users, ours is Apache 2.0."
    assert [(s.about, s.text[:6]) for s in sentences(text, "", GLADE)] == [
        ("another", "Unlike"),
        ("this model", "ours i"),
    ]


def test_below_a_heading_of_thanks_every_sentence_is_about_another():
    assert [s.about for s in sentences("It was trained on licensed data.", "Glade > Acknowledgements", GLADE)] == [
        "another"
    ]


def test_a_denied_sentence_is_denied_from_the_word_on():
    (sentence,) = sentences("Data is shared, but not the code.", "", GLADE)
    assert not sentence.is_denied(14)
    assert sentence.is_denied(30)


def test_not_only_denies_nothing():
    (sentence,) = sentences("We release not only the weights but the data.", "", GLADE)
    assert not sentence.is_denied(45)


def facts_of(folder: Path) -> Facts:
    """The facts of a folder."""
    return audit_subject(load_folder(folder)).facts


@pytest.mark.parametrize(
    "said",
    [
        "OtherLM-7B was trained on [heap](https://huggingface.co/datasets/other/heap).",
        "The training data will be at https://huggingface.co/datasets/meadow/soon.",
        "To train on your own data, see https://huggingface.co/datasets/other/format.",
        "The training data is licensed under [ODC-By](https://opendatacommons.org/licenses/by/1-0/).",
        "The training data was cleaned with [sieve](https://github.com/meadow/sieve).",
    ],
)
def test_a_link_that_is_not_this_models_data_proves_no_data(said: str, tmp_path: Path):
    facts = facts_of(write(tmp_path, {"meadow__glade/README.md": f"# Glade\n\nGlade is a model.\n\n{said}\n"}))
    assert facts["datasets_base.present"].status == "unknown"


@pytest.mark.parametrize("word", ["proprietary", "internal", "licensed", "additional", "undisclosed", "in-house"])
def test_data_that_is_not_for_everybody_caps_the_answer(word: str, tmp_path: Path):
    readme = OPEN_README.replace("## Models", f"Glade was trained on {word} data as well.\n\n## Models")
    report = audit_subject(load_folder(open_subject(tmp_path, **{"README.md": readme})))
    assert report.facts["datasets_base.present"].value == "partly"
    assert report.osaid.requirements["data_information"].status == "unknown"


def test_the_base_data_of_a_model_made_from_anothers_is_a_question_for_that_model(tmp_path: Path):
    text = (
        "# Glade\n\nGlade is fine-tuned from OtherLM-7B on instruction data.\n\n"
        "It was fine-tuned on [talks](https://huggingface.co/datasets/meadow/talks).\n"
    )
    facts = facts_of(write(tmp_path, {"meadow__glade/README.md": text}))
    assert (facts["datasets_base.present"].status, facts["datasets_base.present"].value) == ("unknown", "of the parent")
    assert facts["datasets_tuning.present"].status == "proved"


def test_a_model_made_from_one_of_its_makers_own_answers_for_its_data(tmp_path: Path):
    text = "# Glade\n\nGlade-Chat is fine-tuned from Glade-7B.\n\nGlade-7B was pretrained on 2T tokens.\n"
    assert facts_of(write(tmp_path, {"meadow__glade/README.md": text}))["datasets_base.present"].value == "size only"
