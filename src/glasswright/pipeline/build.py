"""Documents in, a release out: every stage, then all of it in one folder that is checked before it has its name."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from glasswright import duties, host
from glasswright.attest.salted import is_salt
from glasswright.errors import ClaimFalse, Misuse, Unknown
from glasswright.host.memory import memory_of
from glasswright.pipeline.finish import finish
from glasswright.pipeline.journal import Journal
from glasswright.pipeline.setting import Setting
from glasswright.pipeline.stage import Job, Stage, find, run
from glasswright.pipeline.stages import CORPUS, TOKENS, carried_corpus, parent_path, read_record, stages_of
from glasswright.recipe.child import child_to_measure
from glasswright.recipe.size import require_memory
from glasswright.recipe.starter import made_to_measure, shape_of
from glasswright.records.duties import Inheritance
from glasswright.records.parents import TOKENIZER_FILES
from glasswright.records.progress import Progress, Report
from glasswright.records.recipe import Recipe
from glasswright.records.tokens import TokenMap
from glasswright.store.atomic import explained
from glasswright.store.lock import sole_user
from glasswright.tokenizer import measure
from glasswright.train.parent import model_folder
from glasswright.train.rehearsal import require_device
from glasswright.verify.vocabulary import spelled_by


def build(recipe: Recipe, *, setting: Setting, out: Path) -> Path:
    """Build a recipe's release from its sources. Returns the release folder.

    Raises:  Misuse if the recipe cannot be built here; WriteFailed if the disk does not take it; Interrupted when
             stopped (called again, it goes on); ClaimFalse or Unknown if the finished release does not verify, which
             is then not there.
    """
    return _build(stages_of(recipe), Job(recipe=recipe, setting=setting), out)


def rebuild(recipe: Recipe, *, carried_by: Path, setting: Setting, out: Path) -> Path:
    """Build the release again from the documents another release carries: all that follows from them runs anew.

    Raises:  as `build` does.
    """
    return _build(_with(carried_corpus(carried_by), recipe), Job(recipe=recipe, setting=setting), out)


def recipe_for(unsized: Recipe, *, setting: Setting) -> Recipe:
    """The recipe made to measure for what is kept of its sources. They are collected; a build of it goes on from there.

    Raises:  Misuse if nothing is kept; else as `build` does.
    """
    job = Job(recipe=unsized, setting=setting)
    host.pin()
    with sole_user(setting.work), explained(setting.work):
        run([CORPUS], job, begin=lambda stage, folder: None)  # noqa: ARG005 - no build has begun, so none is watched
        measured = measure(job.folder(CORPUS.name))
        shape = shape_of(measured.num_bytes)
        vocab_size, num_tokens = measured.vocabulary(at_most=shape.vocab_size)
        return made_to_measure(
            unsized,
            shape,
            num_bytes=measured.num_bytes,
            num_tokens=num_tokens,
            vocab_size=vocab_size,
            validation_share=measured.validation_share,
        )


def recipe_for_child(unsized: Recipe, *, setting: Setting, epochs: int) -> Recipe:
    """The recipe of a derived model with as many steps as it takes to read what is kept `epochs` times.

    The documents are collected and made tokens to know that; a build of the recipe goes on from there.

    Raises:  Misuse if nothing is kept, or the parent cannot be trained from; else as `build` does.
    """
    job = Job(recipe=unsized, setting=setting)
    _inherited(job)
    host.pin()
    with sole_user(setting.work), explained(setting.work):
        run([CORPUS], job, begin=lambda stage, folder: None)  # noqa: ARG005 - no build has begun, so none is watched
        share = measure(job.folder(CORPUS.name)).validation_share
        unsized = unsized.model_copy(update={"tokens": unsized.tokens.model_copy(update={"validation_share": share})})
        job = replace(job, recipe=unsized)
        run(stages_of(unsized)[1:-1], job, begin=lambda stage, folder: None)  # noqa: ARG005
        documents = TokenMap.from_record(read_record(job.folder(TOKENS.name) / "map.json")).documents
        return child_to_measure(
            unsized,
            [document.num_tokens for document in documents if document.split == "train"],
            longest=max(document.room for document in documents),
            epochs=epochs,
        )


def known_tokens(recipe: Recipe, *, setting: Setting) -> int | None:
    """How many tokens there are to train on, where the work folder holds the tokenized corpus; else None."""
    job = Job(recipe=recipe, setting=setting)
    stages = stages_of(recipe)
    find(stages[: stages.index(TOKENS) + 1], job)
    if TOKENS.name not in job.ended:
        return None
    token_map = TokenMap.from_record(read_record(job.folder(TOKENS.name) / "map.json"))
    return sum(document.num_tokens for document in token_map.documents if document.split == "train")


def _build(stages: Sequence[Stage], job: Job, out: Path) -> Path:
    _require_free(out)
    require_salt(job.recipe, job.setting.salt)
    require_device(job.recipe, job.setting.effort.device)
    _require_memory(job)
    inheritance = _inherited(job)
    host.pin()
    setting = job.setting
    journal = Journal(job.recipe, work=setting.work, out=out, report=setting.report)
    job = replace(job, setting=replace(setting, report=journal))
    with sole_user(setting.work), explained(setting.work), journal.kept():
        run(stages, job, journal.begin)
        finish(job, out, inheritance)
    if inheritance is not None:
        _say_what_is_left(inheritance, setting.report)
    return out


def _say_what_is_left(inheritance: Inheritance, report: Report) -> None:
    """What the parent's license asks and the release does not meet by itself: somebody has to."""
    left = [f"left to do: {duty.means}: {duty.told}" for duty in inheritance.answered("to do")]
    left += [f"not known: {duty.told}" for duty in inheritance.answered("unknown")]
    for note in dict.fromkeys(left):
        report(Progress(what="duties", done=0, total=None, unit="duties", note=note, is_news=True))


def _with(other: Stage, recipe: Recipe) -> list[Stage]:
    """The stages, one of them replaced by another of the same name."""
    return [other if stage.name == other.name else stage for stage in stages_of(recipe)]


def _require_free(out: Path) -> None:
    """That nothing lies where the release will: found out before hours of training, not after."""
    if out.exists() or out.is_symlink():
        raise Misuse(f"{out}: exists already", hint="move it away, or name another folder with --out")


def require_salt(recipe: Recipe, salt: bytes | None) -> None:
    """Raises:  Misuse unless a private recipe is given its salt, and no other."""
    private = recipe.private
    if private is None and salt is not None:
        raise Misuse("a salt is given, and nothing in the recipe is private")
    if private is None:
        return
    hint = "the salt was written when the recipe was made; docs/private.md says how one is made"
    if salt is None:
        raise Misuse(f"{recipe.name}: its documents are private, and the salt is not given", hint=hint)
    if not is_salt(salt) or hashlib.sha256(salt).hexdigest() != private.salt_sha256:
        raise Misuse(f"{recipe.name}: private.salt_sha256: the salt that is given is another one", hint=hint)


def _inherited(job: Job) -> Inheritance | None:
    """What comes with the recipe's parent: that it goes with the recipe is found out before hours of training, too.

    Raises:  Misuse with the clause that does not, and what would.
    """
    if job.recipe.parent is None:
        return None
    found = duties.inherit(job.recipe, job.recipe.parent, parent_path(job))
    duties.require_allowed(found)
    _require_spelled(job)
    return found


def _require_spelled(job: Job) -> None:
    """That what the parent's tokens spell can be read by `verify`, without which there is no release.

    Raises:  Misuse naming the key of tokenizer.json that is not read.
    """
    path = model_folder(parent_path(job)) / TOKENIZER_FILES[0]
    if not path.is_file():  # said by the stage that needs it
        return
    try:
        spelled_by(path.read_bytes(), job.recipe)
    except (ClaimFalse, Unknown) as error:
        raise Misuse(
            f"{path.parent}: {error}",
            hint="a parent with a byte-level tokenizer; of another one nobody could check what was learned",
        ) from error


def _require_memory(job: Job) -> None:
    effort = job.setting.effort
    available = memory_of(effort.device)
    if available is not None:
        require_memory(job.recipe, available, leaves_at_once=effort.leaves_at_once, recompute=effort.recompute)
