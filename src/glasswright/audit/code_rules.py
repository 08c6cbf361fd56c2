"""Which code is published: what the listings hold, and what the documents say the repository is for.

A listing proves that code is there. That training code is not there is proved only where the publisher says what the
repository is: "minimal code to run the model". A listing without it leaves the question open: it may lie elsewhere.
"""

import re

from glasswright.audit.listing_rules import Found, first_source_file, listing_evidence, search_listing
from glasswright.audit.passages import passages
from glasswright.audit.record import Evidence, Fact, unchecked
from glasswright.audit.subject import Snapshot, Subject
from glasswright.audit.voices import everything, prose, root_voices, voices

CODE_COMPONENTS = (
    "architecture_code",
    "inference_code",
    "evaluation_code",
    "preprocessing_code",
    "supporting_libraries",
    "tokenizer",
)
ONLY_TO_RUN = re.compile(
    r"(?i)(?:repo(?:sitory)?|code|library)[^.]{0,80}\b(?:minimal|example|reference)[^.]{0,40}\b(?:code|example)[^.]{0,60}\b(?:to )?(?:run|load)"
    r"|minimal (?:code|example)s?(?: and examples)? to (?:run|load)"
)
TRAINING_SAID = re.compile(
    r"(?i)\b(?:torchrun|deepspeed|python3?|sbatch|srun|bash|sh|t5_mesh_transformer|accelerate launch|launch|deepy\.py)\b[^\n]{0,100}"
    r"(?:\bpre-?train|[/_\b]train(?:ing)?(?:[._ ]|\b)|train\.py|training-run|pretrain)"
)
TRAINING_HEADING = re.compile(
    r"(?i)(?:^|> )[^>]*\b(?:pre-?train(?:ing)?|training|reproducing training|launch training)\b[^>]*$"
)
COMMAND = re.compile(
    r"(?i)\b(?:python3?|bash|sh|torchrun|deepspeed|\w+) [\w./-]*(?: \\)?\s*--\w|\b(?:python3?|bash|sh|torchrun) [\w./-]+"
)
DOCUMENTATION = re.compile(r"(?i)docs?/.*\.(md|rst)$|.*/docs?/.*\.(md|rst)$|tutorials?/")
TUNING_HEADING = re.compile(r"(?i)fine-?tun|p-?tuning|lora|\bsft\b|dpo|rlhf|instruct")
CODE_RELEASED = re.compile(
    r"(?i)\[?(?:pre-?)?training code\]?\s*\(?(?:https?://|\(http)|(?:release|provide|open-?source)[^.]{0,60}(?:all|the|our) (?:source |training )code"
)
TRAINED_WITH = re.compile(
    r"(?i)\btrain(?:ed|ing)?\b[^.]{0,120}\b(?:using|with|framework|pipeline)\b[^.]{0,80}\]\(https?://github\.com/"
)
EVALUATION_SAID = re.compile(
    r"(?i)(?:evaluat\w+|benchmark\w*)[^.\n]{0,120}(?:lm-?evaluation-?harness|lm[-_]eval|opencompass|olmes|helm\b|github\.com/[\w./-]*eval)"
    r"|lm_eval --model|python3? [\w./]*eval[\w./]*\.py"
)
RUN_SAID = re.compile(
    r"(?i)AutoModelForCausalLM|from_pretrained\(|\.generate\(|vllm serve|pipeline\(|llama\.cpp|python[\w ]* [\w./]*(?:run|generate|infer|chat|demo)\w*\.py|--infer|(?:infer|decode|sample)\w*\.gin|[\w]+-demo \$|from vllm"
)
TOKENIZER_SAID = re.compile(r"AutoTokenizer|LlamaTokenizer|tokenizer\.(?:model|json)|sentencepiece", re.IGNORECASE)


def code_facts(subject: Subject) -> list[Fact]:
    """What code there is."""
    found = [f for snapshot in subject.snapshots for f in search_listing(snapshot)]
    facts = [_component(name, found) for name in CODE_COMPONENTS]
    facts = [_said(fact, subject) for fact in facts]
    return [
        *facts,
        _training(subject, found),
        _tuning(found),
        _any_code(subject),
        _only_to_run(subject),
        _documented(subject),
    ]


def evidence_of(component: str, found: list[Found]) -> tuple[tuple[Evidence, ...], int]:
    """The evidence of a component over all listings: places, number of files."""
    hits = [f for f in found if f.component == component]
    evidence = tuple(e for f in hits for e in f.evidence)[:6]
    return evidence, sum(f.num_files for f in hits)


def _component(name: str, found: list[Found]) -> Fact:
    evidence, num_files = evidence_of(name, found)
    if not evidence:
        return unchecked(f"{name}.present", "no file of that kind in the listings")
    return Fact(id=f"{name}.present", status="proved", value=f"{num_files} files", evidence=evidence)


def _said(fact: Fact, subject: Subject) -> Fact:
    """What the documents add where the listings are silent."""
    patterns = {
        "evaluation_code.present": (EVALUATION_SAID, "code.evaluation_described"),
        "inference_code.present": (RUN_SAID, "code.usage_shown"),
        "tokenizer.present": (TOKENIZER_SAID, "code.tokenizer_named"),
    }
    if fact.status == "proved" or fact.id not in patterns:
        return fact
    pattern, rule = patterns[fact.id]
    said = [p.evidence(m, rule) for p in everything(voices(subject)) if (m := pattern.search(p.text))]
    if not said:
        return fact
    return Fact(id=fact.id, status="proved", value="described", evidence=tuple(said[:3]))


def _training(subject: Subject, found: list[Found]) -> Fact:
    """Code for training the base model."""
    fact_id = "training_code.present"
    evidence, num_files = evidence_of("training_code", found)
    own = tuple(e for e in evidence if not TUNING_HEADING.search(e.quote))
    if own:
        return Fact(id=fact_id, status="proved", value=f"{num_files} files", evidence=own)
    said = _training_said(subject)
    if said:
        return Fact(id=fact_id, status="proved", value="described", evidence=tuple(said[:3]))
    scope = _scope_statements(subject)
    if scope and subject.is_listed_whole:
        return Fact(id=fact_id, status="refuted", gap="missing", evidence=tuple(scope[:3]),
                    note="the publisher calls the repository code to run the model, and no training code is in its listing")  # fmt: skip
    return unchecked(fact_id, "no training code in the listings; it may be published elsewhere")


def _training_said(subject: Subject) -> list[Evidence]:
    said = []
    for document in voices(subject):
        for passage in passages(document):
            heading = passage.heading.rsplit(" > ", 1)[-1]
            command = TRAINING_SAID.search(passage.text)
            if (
                passage.is_code
                and command
                and not TUNING_HEADING.search(f"{heading} {passage.text}")
                and "--eval" not in passage.text
            ):
                said.append(passage.evidence(command, "code.training_command"))
            elif passage.is_code and TRAINING_HEADING.search(heading) and not TUNING_HEADING.search(passage.heading):
                if COMMAND.search(passage.text):
                    said.append(passage.evidence(None, "code.training_section"))
            elif not passage.is_code and (match := CODE_RELEASED.search(passage.text)):
                said.append(passage.evidence(match, "code.training_linked"))
    return said


def _tuning(found: list[Found]) -> Fact:
    evidence, num_files = evidence_of("tuning_code", found)
    if evidence:
        return Fact(
            id="tuning_code.present",
            status="proved",
            value=f"{num_files} files",
            evidence=evidence,
        )
    return unchecked("tuning_code.present", "no tuning code in the listings")


def _any_code(subject: Subject) -> Fact:
    """Whether there is any source code at all; a whole listing without any is an answer."""
    fact_id = "source_code.present"
    files = [listing_evidence(s, entry, "file.source") for s in subject.snapshots if (entry := first_source_file(s))]
    if files:
        return Fact(id=fact_id, status="proved", evidence=tuple(files[:3]))
    framework = [
        p.evidence(m, "code.trained_with") for p in prose(voices(subject)) if (m := TRAINED_WITH.search(p.text))
    ]
    if framework:
        note = "the documents name the code it was trained with, in a repository outside the evidence"
        return Fact(id=fact_id, status="unknown", gap="unreachable", evidence=tuple(framework[:2]), note=note)
    listed = [s for s in subject.snapshots if s.entries]
    if listed and subject.is_listed_whole and all(s.kind == "code" for s in listed):
        evidence = tuple(_whole_listing(s) for s in listed)
        return Fact(id=fact_id, status="refuted", gap="missing", evidence=evidence)
    return unchecked(fact_id)


def _whole_listing(snapshot: Snapshot) -> Evidence:
    """A listing as evidence that something is not in it."""
    last = snapshot.entries[-1].line
    quote = f"{len(snapshot.entries)} files, none of them source code"
    where = snapshot.listing_file() if last else snapshot.name
    return Evidence(file=where, lines=(1, last) if last else None, quote=quote, rule="file.no_source")


def _scope_statements(subject: Subject) -> list[Evidence]:
    return [p.evidence(m, "code.only_to_run") for p in prose(root_voices(subject)) if (m := ONLY_TO_RUN.search(p.text))]


def _only_to_run(subject: Subject) -> Fact:
    said = _scope_statements(subject)
    if said:
        return Fact(id="code_scope.only_to_run", status="proved", evidence=tuple(said[:3]))
    return unchecked("code_scope.only_to_run")


def _documented(subject: Subject) -> Fact:
    """Whether the code is explained: a documentation folder, readmes beside code, commands in the root readme."""
    readmes = [d for d in subject.documents if d.name.lower().startswith("readme") and d.depth > 0]
    docs = [(s, e) for s in subject.snapshots for e in s.entries if DOCUMENTATION.match(e.path)]
    commands = [
        p
        for p in everything([d for d in voices(subject) if d.depth == 0])
        if p.is_code and re.search(r"(?m)python|torchrun|bash|import ", p.text)
    ]
    strength = 2 * (len(docs) >= 3) + (len(readmes) >= 3) + (len(commands) >= 1)
    if strength >= 2:
        beside = [Evidence(file=d.where, lines=(1, 1), quote=d.lines[0][:100], rule="code.readme") for d in readmes]
        shown = [p.evidence(None, "code.usage") for p in commands[:1]]
        listed = [listing_evidence(s, e, "code.documentation") for s, e in docs]
        return Fact(
            id="code_documentation.present",
            status="proved",
            value="documentation beyond the readme",
            evidence=tuple((beside or shown or listed)[:3]),
        )
    if commands:
        return Fact(
            id="code_documentation.present",
            status="proved",
            value="usage only",
            evidence=(commands[0].evidence(None, "code.usage"),),
        )
    return unchecked("code_documentation.present")
