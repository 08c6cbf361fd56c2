"""What is training data of this model and what only looks like it; what code does and what it is only called."""

from pathlib import Path

import pytest
from tests.audit.builder import OPEN_README, open_subject, write

from glasswright.audit import Report, audit_subject
from glasswright.audit.record import Fact
from glasswright.audit.subject import load_folder


def report_of(root: Path, readme: str, **files: str | bytes) -> Report:
    """The report of a repository with a readme and some files."""
    return audit_subject(
        load_folder(write(root, {f"m__glade/{n}": t for n, t in {"README.md": readme, **files}.items()}))
    )


def base_data(root: Path, readme: str, **files: str | bytes) -> Fact:
    """What is found of the base data."""
    return report_of(root, readme, **files).facts["datasets_base.present"]


def test_a_data_set_that_is_given_away_may_be_a_part_of_the_data(tmp_path: Path):
    given = "# Glade\n\nWe open-source a corpus, [heath](https://huggingface.co/datasets/m/heath).\n"
    assert base_data(tmp_path / "a", given).value == "partly"
    used = given.replace("We open-source a corpus", "Glade was trained on a corpus")
    assert base_data(tmp_path / "b", used).value == "linked"


def test_data_below_the_heading_of_a_tutorial_is_shown_to_the_reader(tmp_path: Path):
    link = "Train on [talks](https://huggingface.co/datasets/m/talks).\n"
    assert base_data(tmp_path / "a", f"# Glade\n\n## Quick start\n\n{link}").status == "unknown"
    assert base_data(tmp_path / "b", f"# Glade\n\n## Training data\n\n{link}").status == "proved"


def test_data_to_tune_a_model_with_is_the_readers_where_no_tuned_model_is_released(tmp_path: Path):
    said = "# Glade\n\nWe tuned it on [talks](https://huggingface.co/datasets/m/talks) as SFT data.\n"
    assert report_of(tmp_path, said).facts["datasets_tuning.present"].status == "unknown"


def test_a_file_of_data_counts_where_a_text_says_that_the_makers_used_it(tmp_path: Path):
    big = b"{}\n" * 100_000
    used = "# Glade\n\n[data](data/corpus.jsonl) is what we used for training Glade.\n"
    assert base_data(tmp_path / "a", used, **{"data/corpus.jsonl": big}).status == "proved"
    assert base_data(tmp_path / "b", used, **{"data/corpus.jsonl": b"{}\n"}).status == "unknown"
    assert base_data(tmp_path / "c", "# Glade\n\nA model.\n", **{"data/corpus.jsonl": big}).status == "unknown"


def test_a_promise_to_share_is_no_place(tmp_path: Path):
    fact = base_data(tmp_path, "# Glade\n\nWe are fully sharing our training data.\n")
    assert (fact.status, fact.value) == ("unknown", "stated")


@pytest.mark.parametrize("text", ["pass\n", "", "loss = 0  # by the optimizer\n"])
def test_a_trainer_of_a_few_bytes_trains_nothing(text: str, tmp_path: Path):
    report = report_of(tmp_path, "# Glade\n", **{"train.py": text})
    assert report.facts["training_code.present"].status == "unknown"


def test_a_trainer_that_is_listed_with_no_bytes_trains_nothing(tmp_path: Path):
    listing = "29\ttrain.py\n9000\tpretrain.py\n"
    found = report_of(tmp_path, "# Glade\n", **{"_TREE.txt": listing}).facts["training_code.present"]
    assert [e.quote for e in found.evidence] == ["pretrain.py"]


def test_code_under_any_name_has_the_role_that_its_text_shows(tmp_path: Path):
    text = "for batch in data:\n    loss = model(batch)\n    loss.backward()\n    optimizer.step()\n"
    fact = report_of(tmp_path, "# Glade\n", **{"main.py": text}).facts["training_code.present"]
    assert (fact.status, fact.evidence[0].file, fact.evidence[0].lines) == ("proved", "m__glade/main.py", (3, 3))


def test_a_file_that_speaks_of_training_under_another_name_is_no_trainer(tmp_path: Path):
    text = "# the optimizer, the loss and the learning_rate are explained in the paper\nprint('see the paper')\n"
    report = report_of(tmp_path, "# Glade\n", **{"about.py": text})
    assert report.facts["training_code.present"].status == "unknown"


def test_a_script_that_the_reader_is_told_to_train_with_is_the_training_code(tmp_path: Path):
    readme = "# Glade\n\n## Pretraining\n\n```bash\npython {}/run.py --task pretrain\n```\n"
    script = "print('this starts the workers and waits until all are done')\n"
    found = report_of(tmp_path / "a", readme.format("src"), **{"src/run.py": script})
    assert found.facts["training_code.present"].status == "proved"
    shown = report_of(tmp_path / "b", readme.format("examples"), **{"examples/run.py": script})
    assert shown.facts["training_code.present"].status == "unknown"


def test_training_code_that_is_only_linked_proves_no_open_source(tmp_path: Path):
    readme = OPEN_README + "\nSee the [training code](https://github.com/meadow/trainer).\n"
    report = audit_subject(load_folder(open_subject(tmp_path, **{"README.md": readme, "train.py": None})))
    assert report.facts["training_code.present"].strength == "said"
    assert report.osaid.requirements["code"].status == "unknown"


def test_a_data_card_makes_no_claim_for_the_model(tmp_path: Path):
    card = "# Datasheet\n\nThis is for the open-source language model family.\n"
    assert report_of(tmp_path, "# Glade\n\nA model.\n", **{"datasheet.md": card}).label.publisher is None


TUNER = "model = AutoModelForCausalLM.from_pretrained(name)\ntrainer = SFTTrainer(model, rows)\ntrainer.train()\n"


@pytest.mark.parametrize(("data", "code"), [("https://huggingface.co/datasets/m/talks", "open"), ("", "partial")])
def test_a_tuner_is_all_the_code_where_the_data_is_at_hand_as_it_was_learned_from(data: str, code: str, tmp_path: Path):
    said = (
        f"# Glade\n\nGlade-7b was fine-tuned from Heron-7B. We release Glade-7b-chat, fine-tuned on [talks]({data}).\n"
    )
    said += "\nGet [Glade-7b-chat](https://huggingface.co/m/Glade-7b-chat).\n"
    assert report_of(tmp_path, said, **{"finetune.py": TUNER}).index["trainingcode"].openness == code


@pytest.mark.parametrize("kind", ["model", "data"])
def test_what_calls_itself_a_card_is_one_whatever_its_file_is_called(kind: str, tmp_path: Path):
    card = f"# {'Model' if kind == 'model' else 'Dataset'} Card for Glade\n\nGlade.\n"
    facts = report_of(tmp_path, "# Kit\n\nGlade.\n", **{"hub/README_draft.md": card}).facts
    found = {name: facts[f"{name}_card.present"].status for name in ("model", "data")}
    assert found == {name: "proved" if name == kind else "unknown" for name in found}


def test_a_license_in_a_card_is_that_of_what_the_card_is_of(tmp_path: Path):
    card = "# Model Card for Glade\n\nGlade is released under the Apache 2.0 license.\n"
    facts = report_of(tmp_path, "# Kit\n\nGlade.\n", **{"hub/README_draft.md": card, "run.py": ""}).facts
    assert (facts["license_open.weights"].status, facts["license_open.code"].status) == ("proved", "unknown")


def test_what_makers_ask_for_beside_a_license_leaves_it_unknown_and_accuses_nobody(tmp_path: Path):
    card = (
        "# Model Card for Glade\n\nWhile Glade is released under the Apache 2.0 license, we are in talks "
        "and so ask that usage of the model be limited to non-commercial purposes.\n"
    )
    facts = report_of(tmp_path, "# Kit\n\nGlade.\n", **{"hub/README_draft.md": card}).facts
    assert facts["license_open.weights"].status == "unknown"
