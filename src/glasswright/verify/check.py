"""The check of a release, step by step. Prose and code have the same numbers; docs/verify.md says what each rests on.

 1  root         release.json states a root that follows from the roots in it
 2  manifest     manifest.json is the one release.json names
 3  files        the folder holds the files listed and no others
 4  bytes        every byte is the one recorded
 5  recipe       recipe.yaml has the recipe's digest
 6  ledger       the ledger's rows give the ledger's root
 7  documents    every document kept is carried with the text of its row, and no other
 8  tokens       the token map has its digest and accounts for every document, shard and tokenizer
 9  transcript   schedule, steps and states give the transcript's root
10  steps        the steps are the recipe's, and read tokens that are there
11  states       a state stands at every segment boundary
12  checkpoints  every checkpoint carried is the state recorded
13  weights      the weights have their root and are those of the last state
14  model        model/ is the model of the recipe, and nothing more
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from glasswright.errors import ClaimFalse, Unknown
from glasswright.records.progress import Report, silent
from glasswright.records.verdict import Answer, Finding, Verdict
from glasswright.verify import data, files, training
from glasswright.verify.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it claims, and the look that proves it (by returning evidence) or refutes it (by raising)."""

    name: str
    claim: str
    look: Callable[[Evidence], str]


STEPS = (
    Step("root", "the release root follows from the roots stated", files.root_follows),
    Step("manifest", "the list of files is the one the release names", files.manifest_is_named),
    Step("files", "the folder holds the files listed and no others", files.files_are_listed),
    Step("bytes", "every byte is the one recorded", files.bytes_are_recorded),
    Step("recipe", "the recipe is the one the release names", data.recipe_is_named),
    Step("ledger", "the ledger's rows give its root", data.ledger_is_named),
    Step("documents", "exactly the documents kept are carried, each as its row says", data.documents_are_the_kept_ones),
    Step("tokens", "the token map accounts for every document, shard and tokenizer", data.tokens_are_named),
    Step("transcript", "schedule, steps and states give the transcript's root", training.transcript_is_named),
    Step("steps", "the steps are the recipe's and read tokens that are there", training.steps_are_whole),
    Step("states", "a state stands at every segment boundary", training.states_are_at_boundaries),
    Step("checkpoints", "every checkpoint carried is the state recorded", training.checkpoints_are_states),
    Step("weights", "the weights are those of the state training ended in", training.weights_are_the_last_state),
    Step("model", "model/ is the model of the recipe and nothing more", training.model_is_the_recipe_s),
)
# What a step reads; what else the manifest lists is hashed and no more.
READ = ("recipe.yaml", "model/", "corpus/ledger", "corpus/documents/", "tokens/", "transcript/", "checkpoints/")
CARD = "model/README.md"  # but not this


def check(release: Path, *, num_threads: int = 1, report: Report = silent, steps: tuple[Step, ...] = STEPS) -> Verdict:
    """Check a release folder. Every step is taken, whatever the others find.

    Raises:  Misuse if the folder is no release.
    """
    evidence = Evidence(release, num_threads, report)
    findings = tuple(_take(step, evidence) for step in steps)
    return Verdict(subject=f"{release}", findings=findings, not_checked=_not_checked(evidence))


def _take(step: Step, evidence: Evidence) -> Finding:
    try:
        return Finding(claim=step.claim, answer=Answer.PROVED, evidence=step.look(evidence))
    except ClaimFalse as error:
        return Finding(claim=step.claim, answer=Answer.REFUTED, evidence=str(error), hint=error.hint)
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
        "signatures: this release has none, so nothing here shows who made it; compare the release root with one you "
        "have from somebody you trust",
        "that the training described gives these weights: `glasswright replay` runs a part of it again, "
        "`glasswright rebuild` all of it",
        "that the tokenizer follows from the documents, the shards from tokenizer and documents, and the order of "
        "reading from the seed: `glasswright rebuild`",
        "that the documents came from the sources named, and that they are lawful, true or harmless",
        "what is observed (times, machines, speed): the builder's word",
        *_unread(evidence),
    )


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
