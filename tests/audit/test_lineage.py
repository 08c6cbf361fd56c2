"""What a model was made from, wherever it is told, and that a parent's license reaches what was made from it."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.audit.builder import write
from tests.audit.models import card, config, fact, gguf, model, report

from glasswright.audit import audit_subject
from glasswright.audit.lineage import MAX_PARENTS
from glasswright.audit.lineage_prose import prose_mentions
from glasswright.audit.rules import file_of
from glasswright.audit.subject import load_folder

RESTRICTED = "meta-llama/Llama-3.1-8B"
OPEN = "mistralai/Mistral-7B-v0.1"
UNKNOWN = "someone/Heron-7B"
NON_COMMERCIAL = "CohereForAI/c4ai-command-r-plus"


def test_a_model_without_parents_keeps_its_license(tmp_path: Path):
    folder = model(tmp_path, "a__Glade", card("Glade"))
    assert fact(folder, "license_open.weights").status == "proved"
    assert fact(folder, "lineage.derived").status == "unknown"


@pytest.mark.parametrize("relation", ["finetune", "adapter", "merge", "quantized"])
def test_the_license_of_a_restricted_parent_is_that_of_the_weights(relation: str, tmp_path: Path):
    found = report(model(tmp_path, "a__Glade", card("Glade", bases=[RESTRICTED], relation=relation)))
    assert found.facts["lineage.1"].license == "LicenseRef-llama3.1"
    assert found.facts["license_open.weights"].status == "refuted"
    assert found.facts["license.weights"].value == "Apache-2.0 AND LicenseRef-llama3.1"
    assert found.osaid.requirements["freedoms"].status == "refuted"
    assert found.label.ours == "restricted weights"
    assert found.mof.components["final_parameters"].status != "proved"


def test_the_clauses_of_a_parent_are_cited_where_the_parent_is_named(tmp_path: Path):
    clause = fact(model(tmp_path, "a__Glade", card("Glade", bases=[RESTRICTED])), "clause.weights.user_threshold")
    assert (clause.evidence[0].file, clause.evidence[0].lines) == ("a__Glade/README.md", (5, 5))
    assert clause.evidence[0].quote == f"- {RESTRICTED}"


def test_an_open_parent_takes_nothing_away(tmp_path: Path):
    folder = model(tmp_path, "a__Glade", card("Glade", bases=[OPEN]))
    assert fact(folder, "lineage.1.license_open").status == "proved"
    assert fact(folder, "license_open.weights").status == "proved"


def test_a_merge_of_open_parents_is_open(tmp_path: Path):
    text = card("Glade", bases=[OPEN, "Qwen/Qwen2.5-7B"])
    folder = model(tmp_path, "a__Glade", text)
    assert fact(folder, "lineage.2").value == "merge of Qwen/Qwen2.5-7B"
    assert fact(folder, "license_open.weights").status == "proved"
    assert fact(folder, "lineage.conflict").status == "unknown"


def test_an_unknown_parent_leaves_the_freedoms_unknown_and_accuses_nobody(tmp_path: Path):
    found = report(model(tmp_path, "a__Glade", card("Glade", bases=[UNKNOWN])))
    assert found.facts["license_open.weights"].status == "unknown"
    assert UNKNOWN in found.facts["license_open.weights"].note
    assert found.facts["license.weights"].status == "unknown"
    assert found.osaid.requirements["freedoms"].status == "unknown"
    assert found.osaid.requirements["parameters"].status == "unknown"


def test_a_name_with_a_restricted_family_in_it_is_unknown_and_said(tmp_path: Path):
    found = fact(model(tmp_path, "a__Glade", card("Glade", bases=["b/tuned-llama3.1-8b"])), "license_open.weights")
    assert found.status == "unknown"
    assert "LicenseRef-llama3.1" in found.note


def test_terms_that_forbid_further_terms_conflict_with_those_of_another_parent(tmp_path: Path):
    text = card("Glade", bases=[RESTRICTED, NON_COMMERCIAL], relation="merge")
    conflict = fact(model(tmp_path, "a__Glade", text), "lineage.conflict")
    assert conflict.status == "proved"
    assert {e.lines for e in conflict.evidence} == {(5, 5), (6, 6)}


def test_a_parent_that_only_prose_names_conflicts_with_none(tmp_path: Path):
    body = "\n\nGlade is fine-tuned from Llama 3.1 8B.\n"
    text = card("Glade", bases=[NON_COMMERCIAL], body=body)
    assert fact(model(tmp_path, "a__Glade", text), "lineage.conflict").status == "unknown"


def test_of_an_open_parent_no_copy_of_its_license_is_called_missing(tmp_path: Path):
    duties = report(model(tmp_path, "a__Glade", card("Glade", bases=[OPEN]))).facts
    assert duties["lineage.1.duty.license_copy"].status == "unknown"
    assert duties["lineage.1.duty.changes"].status == "proved"
    assert duties["lineage.1.duty.attribution"].evidence[0].quote == f"- {OPEN}"


def test_a_parent_that_only_a_config_names_is_named_by_no_text(tmp_path: Path):
    folder = model(tmp_path, "a__Glade", card("Glade"), config__json=config(_name_or_path=OPEN))
    duties = report(folder).facts
    assert duties["lineage.1.duty.changes"].status == duties["lineage.1.duty.attribution"].status == "unknown"


@pytest.mark.parametrize(("license", "answer"), [("gpl-3.0", "proved"), ("mit", "refuted")])
def test_what_share_alike_allows_by_name_is_the_same_terms(license: str, answer: str, tmp_path: Path):
    child = model(tmp_path / "c", "a__Glade", card("Glade", license=license, bases=[UNKNOWN]))
    parent = model(tmp_path / "p", "someone__Heron-7B", card("Heron-7B", license="cc-by-sa-4.0"))
    subject = replace(load_folder(child), parents=(load_folder(parent),))
    assert audit_subject(subject).facts["lineage.1.duty.same_terms"].status == answer


def test_a_parent_with_terms_that_files_name_and_no_text_does_is_told(tmp_path: Path):
    folder = model(tmp_path, "a__Glade", card("Glade"), adapter_config__json=config(base_model_name_or_path=RESTRICTED))
    told = fact(folder, "lineage.1.told")
    assert (told.status, told.evidence[0].file) == ("refuted", "a__Glade/adapter_config.json")
    write(folder, {"a__Glade/README.md": card("Glade", body="\n\nAn adapter for Llama-3.1-8B.\n")})
    assert fact(folder, "lineage.1.told").status == "proved"


def test_an_open_parent_that_no_text_names_hides_nothing(tmp_path: Path):
    folder = model(tmp_path, "a__Glade", card("Glade"), config__json=config(_name_or_path=OPEN))
    assert fact(folder, "lineage.1.told").status == "unknown"


PLACES = {
    "config.json": config(_name_or_path=RESTRICTED),
    "adapter_config.json": config(base_model_name_or_path=RESTRICTED),
    "mergekit_config.yml": f"models:\n  - model: {RESTRICTED}\nmerge_method: linear\n",
    "mergekit_moe_config.yml": f"experts:\n  - source_model: {RESTRICTED}\n",
    "mergekit_config.yaml": f"models: [{{model: {{path: {RESTRICTED}}}}}]\n",
    "quantize_config.json": config(model_name_or_path=RESTRICTED),
    "axolotl_config.yml": f"base_model: {RESTRICTED}\nadapter: lora\n",
    "named.gguf": gguf({"general.base_model.0.name": "Llama 3.1 8B"}),
    "glade.gguf": gguf({"general.base_model.0.repo_url": f"https://huggingface.co/{RESTRICTED}"}),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_parent_is_found_where_it_is_named(place: str, tmp_path: Path):
    folder = model(tmp_path, "a__Glade", card("Glade"))
    assert fact(folder, "license_open.weights").status == "proved"
    write(folder, {f"a__Glade/{place}": PLACES[place]})
    derived = fact(folder, "lineage.derived")
    assert "Llama-3.1-8B" in str(derived.value)
    assert derived.evidence[0].file == f"a__Glade/{place}"
    assert fact(folder, "license_open.weights").status == "refuted"


@pytest.mark.parametrize(
    "path",
    [
        f"/root/.cache/huggingface/hub/models--{RESTRICTED.replace('/', '--')}/snapshots/abc",
        "/data/weights/Llama-3.1-8B/hf",
        f"https://huggingface.co/{RESTRICTED}",
        f"{RESTRICTED}@main",
    ],
)
def test_a_parent_is_known_by_its_folder_on_a_disk(path: str, tmp_path: Path):
    folder = model(tmp_path, "a__Glade", card("Glade"), config__json=config(_name_or_path=path))
    assert fact(folder, "license_open.weights").status == "refuted"


@pytest.mark.parametrize("path", ["./output/checkpoint-500", "a/Glade", "Glade", "outputs/run-3", ""])
def test_where_weights_were_loaded_from_is_no_parent_unless_it_is_a_model(path: str, tmp_path: Path):
    folder = model(tmp_path, "a__Glade", card("Glade"), config__json=config(_name_or_path=path))
    assert fact(folder, "license_open.weights").status == "proved"


def test_an_adapter_that_names_no_base_has_one(tmp_path: Path):
    folder = model(tmp_path, "a__Glade-lora", card("Glade-lora"), adapter_config__json="{}")
    assert fact(folder, "license_open.weights").status == "unknown"


def test_the_base_of_an_adapter_is_one_whatever_it_is_called(tmp_path: Path):
    text = config(base_model_name_or_path="/mnt/secret/base")
    folder = model(tmp_path, "a__Glade-lora", card("Glade-lora"), adapter_config__json=text)
    assert fact(folder, "lineage.1").value == "adapter of /mnt/secret/base"
    assert fact(folder, "license_open.weights").status == "unknown"


SAID = file_of("lineage")["examples"]
EXAMPLES: list[tuple[str, str | None]] = [*map(tuple, SAID["match"]), *((text, None) for text in SAID["not"])]


@pytest.mark.parametrize(("text", "name"), EXAMPLES, ids=[text[:50] for text, _ in EXAMPLES])
def test_a_sentence_names_the_parent_of_its_example(text: str, name: str | None, tmp_path: Path):
    snapshot = load_folder(model(tmp_path, "a__Glade", card("Glade", body=f"\n\n{text}\n"))).snapshots[0]
    assert {mention.name for mention in prose_mentions(snapshot)} == ({name} if name else set())


def test_a_parent_that_only_prose_names_leaves_it_unknown(tmp_path: Path):
    folder = model(tmp_path, "a__Glade", card("Glade", body="\n\nGlade is fine-tuned from Llama 3.1 8B.\n"))
    assert fact(folder, "license_open.weights").status == "unknown"


def test_of_a_parent_that_only_prose_names_no_duty_is_called_unmet(tmp_path: Path):
    folder = model(tmp_path, "a__Glade", card("Glade", body="\n\nGlade is fine-tuned from Llama 3.1 8B.\n"))
    duties = [f for f in report(folder).facts if f.id.startswith("lineage.1.duty.")]
    assert {duty.status for duty in duties} == {"unknown"}


def test_a_restricted_model_that_is_named_and_no_more_is_no_proved_parent(tmp_path: Path):
    body = "\n\nAdler ist ein auf deutschen Texten nachtrainiertes Llama-2-13b.\n"
    facts = report(model(tmp_path, "a__Glade", card("Glade", body=body))).facts
    assert [f.status for f in facts if f.id.startswith("lineage.")] == ["unknown", "unknown"]
    assert "perhaps a parent: Llama-2-13b" in facts["license_open.weights"].note
    assert facts["license_open.weights"].status == "unknown"


def test_a_model_that_a_card_loads_to_put_an_adapter_on_it_is_the_parent(tmp_path: Path):
    code = f'base = AutoModel.from_pretrained("{RESTRICTED}")\nmodel = PeftModel.from_pretrained(base, "a/Glade")'
    folder = model(tmp_path, "a__Glade", card("Glade", body=f"\n\n```python\n{code}\n```\n"))
    assert fact(folder, "lineage.1").value == f"adapter of {RESTRICTED}"


@pytest.mark.parametrize("heading", ["Usage", "How to fine-tune", "Related work"])
def test_under_a_heading_of_advice_no_parent_is_named(heading: str, tmp_path: Path):
    body = f"\n\n## {heading}\n\nIt is fine-tuned from Llama 3.1 8B.\n"
    assert fact(model(tmp_path, "a__Glade", card("Glade", body=body)), "license_open.weights").status == "proved"


def test_a_student_of_a_model_whose_license_forbids_it_is_not_proved_open_and_not_called_closed(tmp_path: Path):
    body = "\n\nGlade was distilled from Llama 3 70B.\n"
    folder = model(tmp_path, "a__Glade", card("Glade", body=body))
    assert fact(folder, "license_open.weights").status == "unknown"
    assert fact(folder, "lineage.1.duty.no_training").value == "unmet"
    assert "1.b.v" in fact(folder, "lineage.1.duty.no_training").note


def test_a_student_of_an_open_model_is_open(tmp_path: Path):
    body = "\n\nGlade was distilled from Qwen3-32B.\n"
    folder = model(tmp_path, "a__Glade", card("Glade", body=body))
    assert fact(folder, "lineage.1").value == "distilled from Qwen3-32B"
    assert fact(folder, "license_open.weights").status == "proved"


def test_a_license_in_the_file_of_weights_that_the_card_denies_leaves_it_unknown(tmp_path: Path):
    folder = model(tmp_path, "a__Glade", card("Glade"), glade__gguf=gguf({"general.license": "llama3.1"}))
    found = fact(folder, "license_open.weights")
    assert found.status == "unknown"
    assert "a__Glade/glade.gguf" in {evidence.file for evidence in found.evidence}


def test_a_parent_that_is_given_answers_for_itself(tmp_path: Path):
    child = model(tmp_path / "c", "a__Glade", card("Glade", bases=[UNKNOWN]))
    parent = model(tmp_path / "p", "someone__Heron-7B", card("Heron-7B", license="mit"))
    subject = replace(load_folder(child), parents=(load_folder(parent),))
    facts = audit_subject(subject).facts
    assert facts["lineage.1"].license == "MIT"
    assert facts["license_open.weights"].status == "proved"


def test_of_a_chain_of_two_the_grandparent_decides(tmp_path: Path):
    child = model(tmp_path / "c", "a__Glade", card("Glade", bases=[UNKNOWN]))
    parent = model(tmp_path / "p", "someone__Heron-7B", card("Heron-7B", bases=[RESTRICTED]))
    subject = replace(load_folder(child), parents=(load_folder(parent),))
    facts = audit_subject(subject).facts
    assert facts["license_open.weights"].status == "refuted"
    assert facts["clause.weights.user_threshold"].evidence[0].file == "someone__Heron-7B/README.md"


def test_a_parent_that_is_given_may_name_another_that_is_given(tmp_path: Path):
    child = model(tmp_path / "c", "a__Glade", card("Glade", bases=[UNKNOWN]))
    parent = model(tmp_path / "p", "someone__Heron-7B", card("Heron", bases=["b/Egret"]))
    grandparent = model(tmp_path / "g", "b__Egret", card("Egret", license="mit"))
    given = (load_folder(parent), load_folder(grandparent))
    facts = audit_subject(replace(load_folder(child), parents=given)).facts
    assert facts["license_open.weights"].status == "proved"


def test_a_parent_of_another_name_is_one_more_and_settles_nothing_of_the_one_named(tmp_path: Path):
    child = model(tmp_path / "c", "a__Glade", card("Glade", bases=[UNKNOWN]))
    other = model(tmp_path / "p", "b__Egret-7B", card("Egret-7B"))
    facts = audit_subject(replace(load_folder(child), parents=(load_folder(other),))).facts
    assert facts["lineage.2"].value == "finetune of b/Egret-7B"
    assert facts["license_open.weights"].status == "unknown"


def test_models_that_name_each_other_as_parents_end(tmp_path: Path):
    for name, base in (("a__One", "b/Two"), ("b__Two", "a/One")):
        model(tmp_path, name, card(name.split("__")[1], bases=[base]))
    assert fact(tmp_path, "license_open.weights").status == "unknown"


def test_parents_beyond_those_that_are_looked_at_are_not_forgotten(tmp_path: Path):
    bases = [f"{OPEN}-{number}" for number in range(MAX_PARENTS)] + [RESTRICTED]
    folder = model(tmp_path, "a__Glade", card("Glade", bases=bases))
    assert fact(folder, "license_open.weights").status == "unknown"


def test_what_a_tuned_model_first_learned_from_is_the_parents_to_say(tmp_path: Path):
    text = card("Glade", bases=[UNKNOWN]).replace("pipeline_tag", "datasets:\n- a/dialogues\npipeline_tag")
    folder = model(tmp_path, "a__Glade", text)
    assert (fact(folder, "datasets_base.present").status, fact(folder, "datasets_base.present").gap) == (
        "unknown",
        "unreachable",
    )
    assert fact(folder, "datasets_tuning.present").status == "proved"


def test_the_data_of_a_parent_at_hand_is_that_of_the_model(tmp_path: Path):
    child = model(tmp_path / "c", "a__Glade", card("Glade", bases=[UNKNOWN]))
    text = card("Heron-7B").replace("pipeline_tag", "datasets:\n- a/corpus\npipeline_tag")
    parent = model(tmp_path / "p", "someone__Heron-7B", text)
    facts = audit_subject(replace(load_folder(child), parents=(load_folder(parent),))).facts
    assert facts["datasets_base.present"].status == "proved"
    assert facts["datasets_base.present"].evidence[0].file == "someone__Heron-7B/README.md"


def test_a_head_of_a_card_without_end_hides_no_parent(tmp_path: Path):
    tags = "".join(f"- tag{number}\n" for number in range(2000))
    text = card("Glade", bases=[RESTRICTED]).replace("base_model:", f"tags:\n{tags}base_model:")
    assert fact(model(tmp_path, "a__Glade", text), "license_open.weights").status == "refuted"


@pytest.mark.parametrize(
    "head",
    [
        f"base_model: {RESTRICTED} # ours is better",
        f"base_model:\n- {RESTRICTED} # the first",
        f"base_model:\n  {RESTRICTED}",
        f"base_model: >-\n  {RESTRICTED}",
        f"base_model: [{OPEN},\n  {RESTRICTED}]",
        f"base_model: ['{OPEN}', \"{RESTRICTED}\"]",
        f'"base_model" : "{RESTRICTED}"',
        f"base_model:\n  - {OPEN}\n  - {RESTRICTED}",
        f"base_model: https://huggingface.co/{RESTRICTED}",
        f"tags:\n- base_model:finetune:{RESTRICTED}",
        f"tags: [llm, 'base_model:{RESTRICTED}']",
    ],
)
def test_a_parent_is_found_however_yaml_lets_it_be_written(head: str, tmp_path: Path):
    text = card("Glade").replace("pipeline_tag", f"{head}\npipeline_tag")
    assert fact(model(tmp_path, "a__Glade", text), "license_open.weights").status == "refuted"


@pytest.mark.parametrize(
    "head", ["base_model: null", "base_model:", "base_model: ~", "base_model: a/Glade", "base_models: x"]
)
def test_a_head_that_names_no_parent_names_none(head: str, tmp_path: Path):
    text = card("Glade").replace("pipeline_tag", f"{head}\npipeline_tag")
    assert fact(model(tmp_path, "a__Glade", text), "license_open.weights").status == "proved"


@pytest.mark.parametrize("name", ["a__Llama-3.1-8B-Instruct", "a__Meta-Llama-3-8B-GGUF", "a__tuned-llama3.1-8b"])
def test_a_model_that_is_called_like_a_restricted_family_is_not_proved_open(name: str, tmp_path: Path):
    found = fact(model(tmp_path, name, card("Glade")), "license_open.weights")
    assert (found.status, found.evidence[0].rule) == ("unknown", "lineage.own_name")


def test_a_model_by_the_makers_of_a_family_is_not_its_own_parent(tmp_path: Path):
    folder = model(tmp_path, "meta-llama__Llama-3.1-8B", card("Llama", license="llama3.1"))
    assert fact(folder, "lineage.derived").status == "unknown"
    assert fact(folder, "license_open.weights").status == "refuted"


def test_the_name_in_a_gguf_says_what_it_was_made_from(tmp_path: Path):
    folder = model(tmp_path, "a__Glade", card("Glade"), glade__gguf=gguf({"general.name": "Llama 3.1 8B"}))
    assert fact(folder, "license_open.weights").status == "refuted"


CASES = ("f6a-llama-derived-apache", "f7-merge-nc-and-llama-as-mit", "f7b-quantized-gguf")


@pytest.mark.parametrize("case", CASES)
def test_a_case_that_went_wrong_is_restricted(case: str, shared_data: Path):
    folder = shared_data / "cases/audit" / case
    if not folder.is_dir():
        pytest.skip(f"did not run: no {case} in the shared data")
    found = report(folder)
    assert found.osaid.requirements["parameters"].status == found.osaid.requirements["freedoms"].status == "refuted"


@pytest.mark.parametrize(("owner", "parents"), [("a", {"Heron-7B"}), ("b", set())])
def test_what_is_said_of_a_model_that_its_makers_link_to_is_said_of_theirs(
    owner: str, parents: set[str], tmp_path: Path
):
    words = (
        f"# Kit\n\nSee [it](https://huggingface.co/{owner}/Glade-Chat-7B).\n\nGlade-Chat-7B is a variant of Heron-7B.\n"
    )
    snapshot = load_folder(write(tmp_path / "a__Kit", {"README.md": words, "run.py": ""})).snapshots[0]
    assert {mention.name for mention in prose_mentions(snapshot)} == parents


def test_what_makers_say_of_their_family_names_no_parent(tmp_path: Path):
    words = "# Llama 9\n\nThe 8B model was trained on Llama data and built on Llama.\n"
    snapshot = load_folder(write(tmp_path / "meta-llama__llama-models", {"README.md": words})).snapshots[0]
    assert list(prose_mentions(snapshot)) == []


def test_a_list_of_news_names_a_parent_where_it_says_so(tmp_path: Path):
    news = "\n\n## News\n\n- Glade 2 is based on Llama 2.\n- We support Gemma-2-9B now.\n"
    snapshot = load_folder(model(tmp_path, "a__Glade", card("Glade", body=news))).snapshots[0]
    assert {mention.name for mention in prose_mentions(snapshot)} == {"Llama-2"}
