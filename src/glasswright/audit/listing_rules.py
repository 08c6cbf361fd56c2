"""What the names of files say: one row a rule, from a path to the component it is evidence of.

A path proves that something is there, not what is in it. Paths in tests,
vendored folders and documentation sites are left out before the rules are asked.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from glasswright.audit.record import Evidence
from glasswright.audit.subject import ASIDE, Entry, Snapshot

MAX_EVIDENCE = 5
TEST_FILE = re.compile(r"(^|/)(test_[^/]*|[^/]*_test\.\w+|conftest\.py)$|(^|/)\w*test_fixtures/", re.IGNORECASE)
SOURCE = re.compile(r"\.(py|ipynb|sh|rs|go|cc|cpp|cu|jl|java|scala|gin|jsonnet)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ListingRule:
    """File names that are evidence of a component."""

    id: str
    component: str
    pattern: re.Pattern[str]
    kinds: tuple[str, ...] = ("code", "model", "dataset", "release")


def _rule(rule_id: str, component: str, pattern: str, *kinds: str) -> ListingRule:
    compiled = re.compile(pattern, re.IGNORECASE)
    return ListingRule(rule_id, component, compiled, kinds or ("code", "model", "dataset", "release"))


LISTING_RULES: tuple[ListingRule, ...] = (
    _rule("file.architecture", "architecture_code",
          r"(^|/)(model(s|ing)?|modeling_\w+|\w*_?(transformer|attention|gpt|llama|moe|decoder)\w*|architecture|network|layers?)"
          r"(_\w+)?\.(py|cc|cpp|rs|jl|cu)$|(^|/)(models?|modules|nn|modeling)/[^/]+\.py$"),
    _rule("file.pretraining", "training_code",
          r"(^|/)(pre_?train\w*|train(er|ing)?(_\w+)?|run_clm|run_mlm|main_train|launch_train)\.(py|sh|rs|jl)$"
          r"|(^|/)[\w.-]+[-_](pre)?train(ing)?(-\d+)?\.(py|sh)$"
          r"|(^|/)(pretrain(ing)?|train(ing|er)?)/([\w.-]+/)*[\w.-]+\.(py|sh|gin)$"
          r"|(^|/)scripts?/([\w-]+/)*(pre)?train[\w.-]*\.(py|sh)$"),
    _rule("file.tuning", "tuning_code",
          r"(^|/)[\w.-]*(fine[-_]?tun|finetun|_sft|sft_|\bsft\b|dpo|rlhf|\bppo|grpo|ptuning|qlora)[\w.-]*"
          r"(/([\w.-]+/)*[\w.-]+)?\.(py|sh|ipynb)$"),
    _rule("file.inference", "inference_code",
          r"(^|/)(\w*generat\w*|\w*infer(ence)?\w*|chat\w*|cli_demo|web_demo|demo|run|runners?|sampl(e|er|ing)\w*"
          r"|example_\w*(completion|instructions|infilling)|completion|serve|server|(\w+_)?api|predict\w*)\.(py|cc|cpp|rs|ipynb)$"
          r"|(^|/)(inference|generation|serving)/([\w.-]+/)*[\w.-]+\.(py|cc|cpp|rs)$|^modeling_\w+\.py$"),
    _rule("file.evaluation", "evaluation_code",
          r"(^|/)(eval(s|uat\w*)?|benchmarks?|lm_?eval\w*|eval_\w+|evaluate_\w+|\w*eval_adapter|evaluator)(/([\w.-]+/)*[\w.-]+)?"
          r"\.(py|sh|ipynb|gin)$"),
    _rule("file.preprocessing", "preprocessing_code",
          r"(^|/)(pre_?process_(data|dataset|corpus)\w*|prepare_(data|dataset|datasets|dolma|memmap)\w*|make_data\w*|token(ize)?_(data|dataset|corpus)\w*"
          r"|data_prep\w*|dedup\w*|de_?contamin\w*|corpora|download_and_prepare|build_dataset\w*|filter(s|ing)?|taggers?"
          r"|mix_and_split|convert_dataset\w*|process_\w+|unshard_\w+|shard\w*_data)\.(py|rs|sh)$"
          r"|(^|/)(data|datasets|scripts|tools)/([\w.-]+/)*pre_?process\w*\.(py|rs|sh)$"
          r"|(^|/)(pre_?processing|data_prep\w*|dedup\w*|de_?contamination|taggers?|datatools|filtering\w*|data-prep)/([\w.-]+/)*[\w.-]+"
          r"\.(py|rs|sh)$"),
    _rule("file.tokenizer", "tokenizer",
          r"(^|/)(tokenizer(\.\w+)?|[\w-]*tokenizer\.(json|py|model)|tokenization_\w+\.py|vocab\.(json|txt)|merges\.txt|spiece\.model"
          r"|sentencepiece[\w.]*\.model|[\w-]*\.tiktoken|\w*vocab\w*\.(txt|json|model))$"),
    _rule("file.metadata", "model_metadata", r"(^|/)(config|params|generation_config|model_index|hparams)\.json$", "model", "release"),
    _rule("file.weights", "final_parameters",
          r"\.(safetensors|gguf)$|(^|/)(pytorch_model|model)[\w.-]*\.bin$|(^|/)consolidated[\w.]*\.pth$|(^|/)tf_model\.h5$"
          r"|(^|/)flax_model\.msgpack$|\.(ckpt|pth)$", "model", "release"),
    _rule("file.checkpoints", "intermediate_parameters",
          r"(^|/)(checkpoints?|ckpts?)/[\w./-]*\.(safetensors|bin|pt|pth|ckpt)$", "model", "release"),
    _rule("file.data", "dataset_files", r"\.(parquet|arrow|jsonl|jsonl\.gz|jsonl\.zst|json\.gz|csv\.gz|csv|tar|bin|idx|txt\.gz)$", "dataset"),
    _rule("file.evaluation_data", "evaluation_data",
          r"(^|/)(eval\w*|benchmarks?|evals)/([\w.-]+/)*[\w.-]+\.(jsonl?|csv|tsv|txt|parquet|jsonl\.gz|json\.zip)$"),
    _rule("file.evaluation_results", "evaluation_results",
          r"(^|/)(eval\w*|evals|results?|benchmarks?)/([\w.-]+/)*[\w.-]*(result|score|zero_?shot|five_?shot|metrics|eval)[\w./-]*\.(json|csv|md)$"
          r"|(^|/)eval(uation)?_(details|results)\.md$|(^|/)evals/([\w.-]+/)+[\w.-]+\.json$"),
    _rule("file.model_card", "model_card", r"(^|/)[\w.-]*model[-_ ]?card[\w.-]*\.(md|pdf|txt)$"),
    _rule("file.data_card", "data_card", r"(^|/)[\w.-]*(data[-_ ]?(card|sheet|statement)|datasheet)[\w.-]*\.(md|pdf|txt|json)$"),
    _rule("file.report", "technical_report",
          r"(^|/)[\w.-]*(tech(nical)?[-_ ]?report|report|paper)[\w.-]*\.pdf$|^(?![\w-]*(guide|licen|policy|agreement|terms))[\w-]+\.pdf$"),
    _rule("file.outputs", "sample_outputs", r"(^|/)[\w.-]*(sample[-_]?outputs?|generations|model_outputs?)[\w.-]*\.(md|txt|jsonl?|csv)$"),
    _rule("file.libraries", "supporting_libraries",
          r"^(requirements([-\w/.]*)?\.txt|pyproject\.toml|setup\.py|environment\.ya?ml|poetry\.lock|Cargo\.toml|conda-lock\.ya?ml)$"),
    _rule("file.training_config", "training_config", r"(^|/)(configs?|models|recipes)/([\w.-]+/)*[\w.-]+\.(ya?ml|gin|json|toml)$"),
    _rule("file.datamix", "data_manifest", r"(^|/)(mixes|data_?mix\w*|manifests?)/([\w.-]+/)*[\w.-]+\.(txt|ya?ml|json|csv)$"),
    _rule("file.training_summary", "training_summary", r"(?i)training[-_ ]?(content[-_ ]?)?summary[\w.-]*\.(md|json|pdf|docx?)$"),
    _rule("file.copyright_policy", "copyright_policy", r"(?i)(^|/)copyright[-_ ]?policy[\w.-]*$"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """Evidence of a component in a listing."""

    component: str
    evidence: tuple[Evidence, ...]
    num_files: int
    snapshot: str


@lru_cache(maxsize=64)
def search_listing(snapshot: Snapshot) -> tuple[Found, ...]:
    """Every rule against every path of a snapshot, in one pass."""
    entries = [e for e in snapshot.entries if not ASIDE.search(e.path) and not TEST_FILE.search(e.path)]
    found = []
    for rule in LISTING_RULES:
        if snapshot.kind not in rule.kinds:
            continue
        hits = [entry for entry in entries if rule.pattern.search(entry.path)]
        if hits:
            hits.sort(key=lambda entry: (entry.path.count("/"), entry.path))
            evidence = tuple(listing_evidence(snapshot, entry, rule.id) for entry in hits[:MAX_EVIDENCE])
            found.append(Found(rule.component, evidence, len(hits), snapshot.name))
    return tuple(found)


def listing_evidence(snapshot: Snapshot, entry: Entry, rule: str) -> Evidence:
    """A file being there, as evidence: the line of the listing, or the file itself."""
    if entry.line is None:
        return Evidence(file=f"{snapshot.name}/{entry.path}", lines=None, quote=entry.path, rule=rule)
    return Evidence(file=snapshot.listing_file(), lines=(entry.line, entry.line), quote=entry.path, rule=rule)


def first_source_file(snapshot: Snapshot) -> Entry | None:
    """A file of source code, the first in order; None if the snapshot holds none."""
    return next((e for e in snapshot.entries if SOURCE.search(e.path) and not ASIDE.search(e.path)), None)
