"""The check of a release, step by step. Prose and code have the same numbers; docs/verify.md says what each rests on.

 1  root         release.json states a root that follows from the parts in it
 2  manifest     manifest.json is the one release.json names
 3  files        the folder holds the files listed and no others
 4  bytes        every byte is the one recorded
 5  recipe       recipe.yaml has the recipe's digest
 6  ledger       the ledger's rows give the ledger's root
 7  rows         every row agrees with itself, with the others and with the recipe
 8  documents    every document kept is carried with the text of its row, and no other
 9  tokens       the token map has its digest and accounts for every document, shard and tokenizer
10  texts        the tokenizer is the recipe's, and the tokens of every document spell its text
11  transcript   its events give the transcript's root and are those of the recipe's run, in the order of time
12  schedule     every rate is the one the recipe gives
13  reads        every step reads what seed and documents make it read
14  steps        every value of every step is one that a step can have
15  states       a state stands at every segment boundary, with the tensors of the recipe
16  checkpoints  every checkpoint carried is the state recorded
17  leaps        from checkpoint to checkpoint nothing moves farther than the optimizer can move it
18  weights      the weights have their root and are those of the last state
19  model        model/ is the model of recipe and tokenizer, key by key, and nothing more
20  statements   what was said of the release since is about this release

And of a release that was made from another model:

21  parents      what training began from is what parents.json has on record, and that is the recipe's parent

And of one whose documents are private:

22  salted       private.json is the salted ledger that the release names
23  private      its rows are those of the ledger's kept documents, under the recipe's salt
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from glasswright.errors import ClaimFalse, Unknown
from glasswright.records.progress import Report, silent
from glasswright.records.verdict import Answer, Finding, Verdict
from glasswright.verify import checkpoints, data, files, model, parents, private, statements, texts, training
from glasswright.verify.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it claims, and the look that proves it (by returning evidence) or refutes it (by raising)."""

    name: str
    claim: str
    look: Callable[[Evidence], str]


STEPS = (
    Step("root", "the release root follows from the parts stated", files.root_follows),
    Step("manifest", "the list of files is the one the release names", files.manifest_is_named),
    Step("files", "the folder holds the files listed and no others", files.files_are_listed),
    Step("bytes", "every byte is the one recorded", files.bytes_are_recorded),
    Step("recipe", "the recipe is the one the release names", data.recipe_is_named),
    Step("ledger", "the ledger's rows give its root", data.ledger_is_named),
    Step("rows", "the ledger's rows agree with each other and with the recipe", data.rows_agree),
    Step("documents", "exactly the documents kept are carried, each as its row says", data.documents_are_the_kept_ones),
    Step("tokens", "the token map accounts for every document, shard and tokenizer", data.tokens_are_named),
    Step("texts", "the tokenizer is the recipe's, and the tokens of every document spell its text", texts.tokens_spell),
    Step("transcript", "the transcript is the recipe's run in the order of time", training.transcript_is_named),
    Step("schedule", "every rate of every step is the one the recipe gives", training.schedule_is_the_recipe_s),
    Step("reads", "every step reads what the seed makes it read", training.reads_follow),
    Step("steps", "every value of every step is one that a step can have", training.steps_are_whole),
    Step("states", "a state stands at every segment boundary", training.states_are_at_boundaries),
    Step("checkpoints", "every checkpoint carried is the state recorded", checkpoints.checkpoints_are_states),
    Step("leaps", "no checkpoint is farther from the last than the optimizer can go", checkpoints.nothing_leaps),
    Step("weights", "the weights are those of the state training ended in", training.weights_are_the_last_state),
    Step("model", "model/ is the model of recipe and tokenizer and nothing more", model.model_is_the_recipe_s),
    Step("statements", "what was said of it since is about this release", statements.statements_are_about_it),
)
OF_DERIVED = (Step("parents", "training began from the parent that the recipe names", parents.parent_is_named),)
OF_PRIVATE = (
    Step("salted", "the salted ledger is the one the release names", private.salted_ledger_is_named),
    Step("private", "the salted ledger's rows are those of the documents kept", private.salted_ledger_follows),
)
# What a step reads; what else the manifest lists is hashed and no more.
READ = (
    "recipe.yaml",
    "parents.json",
    "private.",
    "model/",
    "corpus/ledger",
    "corpus/documents/",
    "tokens/",
    "transcript",
    "checkpoints/",
)
CARD = "model/README.md"  # but not this
# What only running it again can show.
TRAINING = (
    "that the training described gives these weights: `glasswright replay` runs a part of it again, `glasswright "
    "rebuild` all of it"
)
TOKENIZER = (
    "that the tokenizer was learned from the documents, and that its merges were applied in their order: `glasswright "
    "rebuild`"
)


def check(release: Path, *, num_threads: int = 1, report: Report = silent, steps: tuple[Step, ...] = STEPS) -> Verdict:
    """Check a release folder. Every step is taken, whatever the others find.

    Raises:  Misuse if the folder is no release.
    """
    return examine(release, num_threads=num_threads, report=report, steps=steps)[1]


def examine(
    release: Path, *, num_threads: int, report: Report, steps: tuple[Step, ...] = STEPS
) -> tuple[Evidence, Verdict]:
    """The same, with the evidence that the verdict rests on, for whoever goes on from there.

    Raises:  Misuse if the folder is no release.
    """
    evidence = Evidence(release, num_threads, report)
    findings = tuple(take(step, evidence) for step in steps)
    if _is_derived(evidence):
        findings += tuple(take(step, evidence) for step in OF_DERIVED)
    if _is_private(evidence):
        findings += tuple(take(step, evidence) for step in OF_PRIVATE)
    verdict = Verdict(
        subject=_subject(evidence), where=str(release), findings=findings, not_checked=_not_checked(evidence)
    )
    return evidence, verdict


def _subject(evidence: Evidence) -> str:
    try:
        return f"release root {evidence.release().root}"
    except (ClaimFalse, Unknown, OSError):
        return "a release whose root cannot be read"


def _is_derived(evidence: Evidence) -> bool:
    try:
        return evidence.recipe().parent is not None
    except (ClaimFalse, Unknown, OSError):
        return False


def _is_private(evidence: Evidence) -> bool:
    try:
        return evidence.recipe().private is not None
    except (ClaimFalse, Unknown, OSError):
        return False


def take(step: Step, evidence: Evidence) -> Finding:
    """What a step finds."""
    try:
        return Finding(claim=step.claim, answer=Answer.PROVED, evidence=step.look(evidence))
    except ClaimFalse as error:
        return Finding(claim=step.claim, answer=Answer.REFUTED, evidence=str(error), hint=error.hint, place=error.place)
    except Unknown as error:
        return Finding(claim=step.claim, answer=Answer.UNKNOWN, evidence=str(error), hint=error.hint)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        hint = "check the disk and your permissions, then verify again"
        return Finding(
            claim=step.claim, answer=Answer.UNKNOWN, evidence=f"{where}could not be read: {error.strerror}", hint=hint
        )


def _not_checked(evidence: Evidence) -> tuple[str, ...]:
    return (
        *_signatures(evidence),
        *parents.what_stands_before(evidence),
        *_withheld(evidence),
        TRAINING,
        TOKENIZER,
        "that the documents came from the sources named, that they are lawful, true or harmless, and that nothing was "
        "left out before the ledger: `glasswright rebuild --from-sources`",
        "what is observed (times, machines, speed) and what lies beside the root (code, cards, reports): the builder's "
        "word, under the digest of the list of files and not under the root",
        *_of_first_schema(evidence),
        *_unread(evidence),
    )


def _signatures(evidence: Evidence) -> tuple[str, ...]:
    try:
        said = statements.read_statements(evidence)
    except (ClaimFalse, Unknown, OSError):
        said = []
    if not said:
        return (
            "signatures: this release has none, so nothing here shows who made it; compare the release root with one "
            "you have from somebody you trust",
        )
    return tuple(
        f"{one.path}: {one.predicate_type}, signed with {', '.join(one.key_ids) or 'no key'}: whether the signature is "
        "good, and whose key it is"
        for one in said
    )


def _withheld(evidence: Evidence) -> tuple[str, ...]:
    try:
        return private.what_is_withheld(evidence) if _is_private(evidence) else ()
    except (ClaimFalse, Unknown, OSError):
        return ()


def _of_first_schema(evidence: Evidence) -> tuple[str, ...]:
    try:
        is_first = evidence.is_of_first_schema()
    except (ClaimFalse, Unknown, OSError):
        return ()
    return ("what release.json says is observed: in releases of schema 1 it is under no digest",) if is_first else ()


def _unread(evidence: Evidence) -> tuple[str, ...]:
    """What is listed, and so hashed, but read by no step."""
    try:
        listed = evidence.manifest()
    except (ClaimFalse, Unknown, OSError):
        return ()
    unread = [path for path in listed if path == CARD or not path.startswith(READ)]
    read_in_part = {path.split("/")[0] for path in listed if path not in unread}
    names = sorted({path if (top := path.split("/")[0]) in read_in_part else top for path in unread})
    if not names:
        return ()
    return (f"what is in {', '.join(names)}: the bytes are the ones listed; no step reads them",)
