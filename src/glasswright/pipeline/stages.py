"""The stages in order, each with the records it depends on. A stage to come is one entry.

corpus     sources                  -> ledger, documents
parent     a model folder           -> its record, its tokenizer                      where the recipe has a parent
tokens     ledger, documents        -> tokenizer, shards, map, ledger with counts
train      map, shards              -> schedule, steps, states, model
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from glasswright import corpus, tokenizer
from glasswright.attest.merkle import merkle_root
from glasswright.pipeline.freshness import look_below, source_inputs
from glasswright.pipeline.stage import Job, Stage
from glasswright.records.canonical import canonical_bytes, digest, parse
from glasswright.records.parents import PARENTS, Parents
from glasswright.records.recipe import Recipe
from glasswright.store.atomic import remove, write_atomic
from glasswright.store.ledger import read_ledger
from glasswright.train import parent as parents
from glasswright.train.run import run as run_training


def carried_corpus(release: Path) -> Stage:
    """The corpus that a release carries, in place of one collected from its sources."""

    def inputs(job: Job) -> dict[str, Any]:  # noqa: ARG001
        return {"carried_by": str(release.resolve()), "release": digest(read_record(release / "release.json"))}

    def restore(job: Job, folder: Path) -> None:  # noqa: ARG001
        corpus.restore(release, folder)

    return Stage(name=CORPUS.name, inputs=inputs, make=restore)


def read_record(path: Path) -> Any:
    return parse(path.read_bytes(), str(path))


def _corpus_inputs(job: Job) -> dict[str, Any]:
    inputs = source_inputs(job.recipe, job.setting)
    # Only what is taken out is named under the salt: a corpus is as good for a recipe that becomes private.
    is_salted = job.recipe.private is not None and bool(job.recipe.corpus.remove)
    return {**inputs, **_sections(job, "private")} if is_salted else inputs


def _collect(job: Job, folder: Path) -> None:
    setting = job.setting
    corpus.collect(
        job.recipe,
        base=setting.base,
        out=folder,
        locations=setting.locations,
        mirror=setting.mirror,
        engine=corpus.Engine(workers=None),
        salt=setting.salt,
        report=setting.report,
    )


def _parent_inputs(job: Job) -> dict[str, Any]:
    return {**_sections(job, "parent"), "looks": look_below(parent_path(job))}


def _describe_parent(job: Job, folder: Path) -> None:
    assert job.recipe.parent is not None
    path, report = parent_path(job), job.setting.report
    record = parents.describe(path, job.recipe.parent, report)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in parents.tokenizer_files(path, record):
        write_atomic(folder / name, data)
    write_atomic(folder / PARENTS, canonical_bytes(Parents(parents=(record,)).record()))


def parent_path(job: Job) -> Path:
    """Where the recipe's parent lies on this machine."""
    assert job.recipe.parent is not None
    return job.setting.parent or job.setting.base / job.recipe.parent.path


def _tokens_inputs(job: Job) -> dict[str, Any]:
    rows = read_ledger(job.folder("corpus") / "ledger.parquet")
    root = merkle_root(canonical_bytes(row.record()) for row in rows)
    inputs = {**_sections(job, "tokenizer", "tokens"), "ledger": root}
    if job.recipe.parent is None:
        return inputs
    return {**inputs, "parent": _parents_digest(job), "sequence_length": job.recipe.train.sequence_length}


def _tokenize(job: Job, folder: Path) -> None:
    parent = job.folder("parent") if job.recipe.parent is not None else None
    tokenizer.build(job.recipe, job.folder("corpus"), folder, parent=parent, report=job.setting.report)


def _train_inputs(job: Job) -> dict[str, Any]:
    sections = _sections(job, "numerics", "seed", "model", "train")
    inputs = {**sections, "tokens": digest(read_record(job.folder("tokens") / "map.json"))}
    if job.recipe.parent is None:
        return inputs
    return {**inputs, **_sections(job, "adapter", "preference"), "parent": _parents_digest(job)}


def _parents_digest(job: Job) -> str:
    return digest(read_record(job.folder("parent") / PARENTS))


def _parent_folder(job: Job) -> parents.ParentFolder | None:
    if job.recipe.parent is None:
        return None
    (record,) = Parents.from_record(read_record(job.folder("parent") / PARENTS)).parents
    return parents.ParentFolder(parent_path(job), record)


def _train(job: Job, folder: Path) -> None:
    run_training(
        job.recipe,
        job.folder("tokens"),
        folder,
        effort=job.setting.effort,
        parent=_parent_folder(job),
        keep_checkpoints=job.setting.with_checkpoints,
        report=job.setting.report,
    )


def _mend_training(job: Job, folder: Path, damaged: Sequence[str]) -> bool:
    """Training holds a state that it goes on from to its digests, and writes the model anew: only these are spared.

    Where every checkpoint is asked for, those after a damaged one are made again with it.
    """
    if not all(path.startswith(("model/", "checkpoints/")) for path in damaged):
        return False
    lost = {folder / path for path in damaged}
    states = sorted((folder / "checkpoints").glob("state-*"))
    first = min((path for path in lost if path.name.startswith("state-")), default=None)
    if first is not None and job.setting.with_checkpoints:
        lost |= {path for path in states if path > first}
    for path in lost:
        remove(path)
    return True


def _sections(job: Job, *names: str) -> dict[str, Any]:
    """Sections of the recipe with every default written out."""
    return job.recipe.model_dump(mode="json", include=set(names))


CORPUS = Stage(name="corpus", inputs=_corpus_inputs, make=_collect)
TOKENS = Stage(name="tokens", inputs=_tokens_inputs, make=_tokenize)
TRAIN = Stage(name="train", inputs=_train_inputs, make=_train, resumes=True, mend=_mend_training)
PARENT = Stage(name="parent", inputs=_parent_inputs, make=_describe_parent)


def stages_of(recipe: Recipe) -> tuple[Stage, ...]:
    """The stages of a build, in order."""
    return (CORPUS, TOKENS, TRAIN) if recipe.parent is None else (CORPUS, PARENT, TOKENS, TRAIN)
