"""Documents in, a release out: the stages in order.

    corpus     sources                  -> ledger, documents
    tokens     ledger, documents        -> tokenizer, shards, map, ledger with counts
    train      map, shards              -> schedule, steps, states, model
    release    all of these             -> the release folder

What flows between stages lies in folders. Each stage names as its inputs the records it depends on, and nothing else.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from glasswright import corpus, host, release, tokenizer
from glasswright import recipe as recipes
from glasswright.attest.merkle import merkle_root
from glasswright.audit import audit_release
from glasswright.corpus.reports import write_reports
from glasswright.errors import Misuse
from glasswright.host.memory import available_memory
from glasswright.pipeline.freshness import source_inputs
from glasswright.pipeline.setting import Setting
from glasswright.pipeline.stage import is_done, run_stage, sole_user, stage_folder
from glasswright.recipe.size import require_memory
from glasswright.records.canonical import canonical_bytes, digest, parse
from glasswright.records.openness import Openness
from glasswright.records.progress import Progress, Report
from glasswright.records.recipe import Recipe
from glasswright.records.tokens import TokenMap
from glasswright.store.ledger import read_ledger
from glasswright.train.folder import state_path
from glasswright.train.run import run as run_training


def build(recipe: Recipe, *, setting: Setting, out: Path) -> Path:
    """Build a recipe's release from its sources. Returns the release folder.

    Raises:  Misuse if the recipe cannot be built here; Interrupted when stopped (called again, it goes on).
    """

    def collect(folder: Path) -> None:
        corpus.collect(
            recipe,
            base=setting.base,
            out=folder,
            locations=setting.locations,
            mirror=setting.mirror,
            engine=corpus.Engine(workers=None),
            report=setting.report,
        )

    return _build(recipe, setting, out, source_inputs(recipe, setting), collect)


def rebuild(recipe: Recipe, *, carried_by: Path, setting: Setting, out: Path) -> Path:
    """Build the release again from the documents another release carries: all that follows from them runs anew."""

    def restore(folder: Path) -> None:
        corpus.restore(carried_by, folder)

    inputs = {"carried_by": str(carried_by.resolve()), "release": digest(_read(carried_by / "release.json"))}
    return _build(recipe, setting, out, inputs, restore)


def known_tokens(recipe: Recipe, *, setting: Setting) -> int | None:
    """How many tokens there are to train on, where the work folder holds the tokenized corpus; else None."""
    sources = source_inputs(recipe, setting)
    documents = stage_folder(setting.work, "corpus", sources)
    if not is_done(documents, sources):
        return None
    inputs = _tokens_inputs(recipe, documents)
    tokens = stage_folder(setting.work, "tokens", inputs)
    if not is_done(tokens, inputs):
        return None
    token_map = TokenMap.from_record(_read(tokens / "map.json"))
    return sum(document.num_tokens for document in token_map.documents if document.split == "train")


def _build(
    recipe: Recipe, setting: Setting, out: Path, sources: dict[str, Any], collect: Callable[[Path], None]
) -> Path:
    work, report = setting.work, setting.report
    _require_free(out)
    _require_memory(recipe, setting)
    host.pin()
    with sole_user(work):
        documents = run_stage(work, "corpus", sources, collect)
        tokens = run_stage(
            work,
            "tokens",
            _tokens_inputs(recipe, documents),
            lambda folder: _tokenize(recipe, documents, folder, setting),
        )
        trained = run_stage(
            work,
            "train",
            _train_inputs(recipe, tokens),
            lambda folder: run_training(
                recipe,
                tokens,
                folder,
                effort=setting.effort,
                keep_checkpoints=setting.with_checkpoints,
                report=report,
            ),
            resumes=True,
        )
        if setting.with_checkpoints:
            _require_all_states(trained)
        release.bundle(
            recipe,
            recipe_text=recipes.write_resolved(recipe),
            corpus=documents,
            tokens=tokens,
            train=trained,
            out=out,
            with_checkpoints=setting.with_checkpoints,
            observed=host.describe(),
            describe_corpus=_describe_corpus,
            audit=lambda folder: _audit(recipe, folder, report),
            report=report,
        )
    return out


def _describe_corpus(folder: Path) -> None:
    write_reports(folder, folder / "corpus")


def _audit(recipe: Recipe, folder: Path, report: Report) -> Openness:
    """How open the release in `folder` is, by its files."""
    report(Progress(what="audit", done=0, total=1, unit="releases"))
    found = audit_release(folder, recipe.name)
    report(Progress(what="audit", done=1, total=1, unit="releases"))
    return found


def _require_free(out: Path) -> None:
    """That nothing lies where the release will: found out before hours of training, not after."""
    if out.exists() or out.is_symlink():
        raise Misuse(f"{out}: exists already", hint="move it away, or name another folder with --out")


def _require_memory(recipe: Recipe, setting: Setting) -> None:
    available, effort = available_memory(), setting.effort
    if available is not None:
        require_memory(recipe, available, leaves_at_once=effort.leaves_at_once, recompute=effort.recompute)


def _require_all_states(trained: Path) -> None:
    """That the training left the state of every segment boundary: an earlier build may not have asked for them."""
    for line in (trained / "states.jsonl").read_bytes().splitlines():
        path = state_path(trained, parse(line, "states.jsonl")["determined"]["step"])
        if not path.exists():
            raise Misuse(
                f"{path}: this training was done without keeping all checkpoints",
                hint=f"remove {trained}, or name another --work, to train again with --checkpoints",
            )


def _tokenize(recipe: Recipe, documents: Path, folder: Path, setting: Setting) -> None:
    tokenizer.build(recipe, documents, folder, report=setting.report)


def _tokens_inputs(recipe: Recipe, documents: Path) -> dict[str, Any]:
    rows = read_ledger(documents / "ledger.parquet")
    root = merkle_root(canonical_bytes(row.record()) for row in rows)
    return {**_part(recipe, "tokenizer", "tokens"), "ledger": root}


def _train_inputs(recipe: Recipe, tokens: Path) -> dict[str, Any]:
    parts = _part(recipe, "numerics", "seed", "model", "train")
    return {**parts, "tokens": digest(_read(tokens / "map.json"))}


def _part(recipe: Recipe, *keys: str) -> dict[str, Any]:
    resolved = recipe.resolved()
    return {key: resolved[key] for key in keys}


def _read(path: Path) -> Any:
    return parse(path.read_bytes(), str(path))
