"""What the rules find in subjects written for these tests, and that each finding goes when its evidence goes."""

from pathlib import Path

import pytest
from tests.audit.builder import LICENSE, OPEN_README, closed_subject, open_subject, write

from glasswright.audit import audit_subject
from glasswright.audit.record import Facts
from glasswright.audit.subject import load_folder


def facts_of(folder: Path) -> Facts:
    """The facts of a folder."""
    return audit_subject(load_folder(folder)).facts


OPEN_FACTS = (
    "training_code.present", "preprocessing_code.present", "inference_code.present", "architecture_code.present",
    "evaluation_code.present", "tokenizer.present", "final_parameters.present", "intermediate_parameters.present",
    "datasets_base.present", "license_open.code", "license_open.weights",
)  # fmt: skip


@pytest.mark.parametrize("fact_id", OPEN_FACTS)
def test_an_open_subject_proves(fact_id: str, tmp_path: Path):
    assert facts_of(open_subject(tmp_path))[fact_id].status == "proved"


@pytest.mark.parametrize(
    ("file", "fact_id"),
    [
        ("train.py", "training_code.present"),
        ("scripts/prepare_data.py", "preprocessing_code.present"),
        ("model.py", "architecture_code.present"),
        ("eval/run_eval.py", "evaluation_code.present"),
        ("tokenizer.py", "tokenizer.present"),
        ("README.md", "datasets_base.present"),
        ("README.md", "final_parameters.present"),
        ("README.md", "license.weights"),
    ],
)
def test_without_its_evidence_a_fact_is_unknown(file: str, fact_id: str, tmp_path: Path):
    fact = facts_of(open_subject(tmp_path, **{file: None}))[fact_id]
    assert fact.status == "unknown"
    assert fact.gap is not None


def test_every_proved_fact_names_a_place(tmp_path: Path):
    for fact in facts_of(open_subject(tmp_path)):
        if fact.status == "proved":
            assert fact.evidence, fact.id
            assert all(e.file.startswith("meadow__glade/") for e in fact.evidence), fact.id


def test_evidence_names_the_line_on_which_it_stands(tmp_path: Path):
    folder = open_subject(tmp_path)
    for fact in facts_of(folder):
        for evidence in fact.evidence:
            path = folder / evidence.file
            assert path.is_file(), evidence.file
            if evidence.lines and evidence.rule == "weights.named_on_hub":
                lines = path.read_text().splitlines()[evidence.lines[0] - 1 : evidence.lines[1]]
                assert "huggingface.co" in " ".join(lines)


def test_data_described_without_a_source_is_unknown_and_says_so(tmp_path: Path):
    fact = facts_of(closed_subject(tmp_path))["datasets_base.present"]
    assert (fact.status, fact.value) == ("unknown", "undisclosed")
    assert fact.evidence[0].lines == (7, 7)


def test_data_that_nobody_speaks_of_is_unknown_and_not_closed(tmp_path: Path):
    readme = OPEN_README.replace("## Training data", "## About").replace(
        "Glade was trained on [glade-corpus]", "[glade-corpus]"
    )
    readme = readme.split("## About")[0].replace(", trained on 30B tokens", "").replace("training code, data", "code")
    fact = facts_of(open_subject(tmp_path, **{"README.md": readme}))["datasets_base.present"]
    assert (fact.status, fact.gap) == ("unknown", "unchecked")


def test_a_dataset_that_is_evaluated_on_is_not_training_data(tmp_path: Path):
    text = "# x\n\nWe evaluate on the benchmark [hard-questions](https://huggingface.co/datasets/org/hard-questions).\n"
    assert facts_of(write(tmp_path, {"org__x/README.md": text}))["datasets_base.present"].status == "unknown"


def test_a_repository_that_only_runs_the_model_leaves_open_where_the_training_code_is(tmp_path: Path):
    text = "# x\n\nThis repository contains minimal code to run the models.\n"
    facts = facts_of(write(tmp_path, {"org__x/README.md": text, "org__x/generate.py": ""}))
    assert facts["code_scope.only_to_run"].status == "proved"
    assert facts["training_code.present"].status == "unknown"


def test_training_code_is_refuted_by_the_makers_own_words(tmp_path: Path):
    text = "# x\n\nThe training code is not released.\n"
    assert facts_of(write(tmp_path, {"org__x/README.md": text}))["training_code.present"].status == "refuted"


def test_a_repository_without_training_code_leaves_open_whether_it_lies_elsewhere(tmp_path: Path):
    assert facts_of(write(tmp_path, {"org__x/generate.py": ""}))["training_code.present"].status == "unknown"


def test_weights_that_have_to_be_asked_for_are_gated(tmp_path: Path):
    text = (
        "# x\n\nTo download the weights, fill out the form.\nOnce your request is approved, you will receive a link.\n"
    )
    facts = facts_of(write(tmp_path, {"org__x/README.md": text}))
    assert facts["final_parameters.access"].value == "gated"
    assert facts["final_parameters.complete"].status == "refuted"


def test_a_hub_card_gives_license_datasets_and_its_own_presence(tmp_path: Path):
    card = "---\nlicense: apache-2.0\ndatasets:\n- org/corpus\npipeline_tag: text-generation\n---\n\n# X\n\nA model.\n"
    files = {"org__x/README.md": card, "org__x/config.json": "{}", "org__x/model.safetensors": b"x"}
    facts = facts_of(write(tmp_path, files))
    assert facts["license.weights"].value == "Apache-2.0"
    assert facts["datasets_base.present"].status == "proved"
    assert facts["model_card.present"].status == "proved"
    assert facts["final_parameters.present"].value == "in the listing"


def test_a_restricted_tag_of_a_hub_card_closes_the_weights(tmp_path: Path):
    card = "---\nlicense: some-openrail-m\npipeline_tag: text-generation\n---\n\n# X\n"
    facts = facts_of(write(tmp_path, {"org__x/README.md": card, "org__x/model.safetensors": b"x"}))
    assert facts["license_open.weights"].status == "refuted"
    assert facts["clause.weights.field_of_use"].status == "proved"


def test_a_non_commercial_license_closes_the_weights(tmp_path: Path):
    card = "---\nlicense: cc-by-nc-4.0\npipeline_tag: text-generation\n---\n\n# X\n"
    facts = facts_of(write(tmp_path, {"org__x/README.md": card, "org__x/model.safetensors": b"x"}))
    assert facts["license.weights"].value == "CC-BY-NC-4.0"
    assert facts["license_open.weights"].status == "refuted"


def test_code_and_weights_are_licensed_apart(tmp_path: Path):
    facts = facts_of(closed_subject(tmp_path))
    assert facts["license.code"].value == "Apache-2.0"
    assert facts["license_open.code"].status == "proved"
    assert facts["license_open.weights"].status == "refuted"
    assert "bramble" in str(facts["license.weights"].value)


def test_a_closing_clause_is_cited_by_section_and_line(tmp_path: Path):
    clause = facts_of(closed_subject(tmp_path))["clause.weights.user_threshold"]
    assert clause.evidence[0].file == "thicket__bramble/LICENSE-MODEL"
    assert clause.evidence[0].lines == (5, 5)
    assert clause.evidence[0].quote.startswith("s. 2: ")


def test_an_open_license_of_the_code_says_nothing_of_the_weights(tmp_path: Path):
    text = "# x\n\nDownload the weights from [the hub](https://huggingface.co/org/x-1b).\n"
    facts = facts_of(write(tmp_path, {"org__x/README.md": text, "org__x/LICENSE": LICENSE}))
    assert facts["license.code"].value == "Apache-2.0"
    assert (facts["license.weights"].status, facts["license.weights"].gap) == ("unknown", "unlicensed")


def test_contradictory_licenses_of_one_thing_are_unknown(tmp_path: Path):
    text = "# x\n\n## License\n\nThe code is licensed under the MIT License.\n"
    fact = facts_of(write(tmp_path, {"org__x/README.md": text, "org__x/LICENSE": LICENSE, "org__x/x.py": ""}))[
        "license.code"
    ]
    assert fact.status == "unknown"
    assert fact.value == "Apache-2.0 / MIT"
    assert {e.file for e in fact.evidence} == {"org__x/README.md", "org__x/LICENSE"}


def test_a_license_file_cut_in_half_is_unknown_and_said_to_be_cut(tmp_path: Path):
    fact = facts_of(write(tmp_path, {"org__x/LICENSE": LICENSE[: len(LICENSE) // 2], "org__x/x.py": ""}))[
        "license.code"
    ]
    assert fact.status == "unknown"
    assert "cut short" in fact.note


def test_a_license_file_that_points_elsewhere_is_unreachable(tmp_path: Path):
    files = {"org__x/LICENSE": "Please refer to the license at https://example.org/license\n", "org__x/x.py": ""}
    fact = facts_of(write(tmp_path, files))["license.code"]
    assert (fact.status, fact.gap) == ("unknown", "unreachable")


def test_what_is_linked_and_not_at_hand_has_no_license(tmp_path: Path):
    readme = OPEN_README + "\n## Citation\n\nOur paper: https://arxiv.org/abs/2601.00001\n"
    facts = facts_of(open_subject(tmp_path, **{"README.md": readme}))
    assert facts["research_paper.present"].status == "proved"
    assert (facts["research_paper.license"].status, facts["research_paper.license"].gap) == ("unknown", "unreachable")


def test_code_may_be_documented_in_a_folder_alone(tmp_path: Path):
    """With no readme beside it and no command in the root readme, what lies in the folder is the evidence."""
    write(tmp_path, {"a__b/README.md": "# b\n", **{f"a__b/docs/{name}.md": "Words.\n" for name in "xyz"}})
    fact = audit_subject(load_folder(tmp_path)).facts["code_documentation.present"]
    assert (fact.status, fact.evidence[0].file) == ("proved", "a__b/docs/x.md")


def test_a_pronoun_stands_for_what_the_sentence_before_names(tmp_path: Path):
    readme = "# Fell\n\nWe have open-sourced the base models.\nThey are released under the MIT license.\n"
    folder = write(tmp_path / "fell", {"README.md": readme, "model.py": "import torch\n"})
    assert facts_of(folder)["license.weights"].value == "MIT"


def test_a_badge_is_about_what_its_label_names(tmp_path: Path):
    shield = "[![{0} License](https://img.shields.io/badge/{0}%20License-{1}-red.svg)](X)\n"
    badges = shield.format("Code", "Apache_2.0") + shield.format("Data", "CC%20BY%20NC%204.0")
    folder = write(
        tmp_path / "fell", {"README.md": f"# Fell\n\n{badges}", "LICENSE": LICENSE, "train.py": "import torch\n"}
    )
    facts = facts_of(folder)
    assert facts["license_open.code"].status == "proved"
    assert facts["license_open.data"].status == "refuted"


def test_a_license_named_after_a_weight_is_of_the_weights(tmp_path: Path):
    files = {"README.md": "# Fell\n", "LICENSE": LICENSE, "WEIGHT_DIFF_LICENSE": "Licensed under CC BY-NC 4.0.\n"}
    facts = facts_of(write(tmp_path / "fell", {**files, "train.py": "import torch\n"}))
    assert facts["license_open.code"].status == "proved"
    assert facts["license_open.weights"].status != "proved"
    assert facts["license.weights"].evidence[0].file == "fell/WEIGHT_DIFF_LICENSE"
