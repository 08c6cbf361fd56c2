"""An evaluation from beginning to end: items read, asked and answered, answers kept, scores computed from them."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

from glasswright.errors import Misuse
from glasswright.evaluate.answer import Subject
from glasswright.evaluate.folder import DAMAGED, EvaluationFolder
from glasswright.evaluate.items import Item
from glasswright.evaluate.scores import scores_of
from glasswright.evaluate.sets import items_of, items_of_texts
from glasswright.evaluate.tasks import TEXTS, Task, task_of
from glasswright.foreign import size_of
from glasswright.model import huggingface
from glasswright.model.folder import ModelFolder
from glasswright.model.tokenizer import TOKENIZER, FolderTokenizer
from glasswright.records.canonical import digest
from glasswright.records.evaluation import Evaluation, asked_of
from glasswright.records.progress import Progress, Report, of_bytes, silent
from glasswright.store.lock import sole_user

NUMERICS = 1  # whatever a release was trained by: of its weights, as they are published, logits are those of version 1
PIECE = 2**22


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of a model."""

    tasks: tuple[str, ...]
    data: Path | None = None  # the folder of evaluation sets
    texts: Path | None = None  # a folder of texts, for the task `texts`
    limit: int | None = None  # items of each task

    def items(self) -> dict[str, list[Item]]:
        """The items of each task.

        Raises:  Misuse if a task is not known, named twice, or has no items there; Malformed.
        """
        names = [*self.tasks, *([TEXTS] if self.texts else [])]
        if len(set(names)) != len(names) or not names:
            raise Misuse("expected tasks, each once", hint="--tasks blimp,hellaswag")
        return {name: self._items(name) for name in names}

    def of_sets(self) -> dict[str, Task]:
        """The tasks that are of an evaluation set."""
        return {name: task_of(name) for name in self.tasks if name != TEXTS}

    def _items(self, name: str) -> list[Item]:
        if name == TEXTS:
            if self.texts is None:
                raise Misuse(f"{TEXTS}: no folder of texts", hint="name it with --texts")
            return items_of_texts(self.texts, limit=self.limit)
        task = task_of(name)
        if self.data is None:
            raise Misuse(f"{name}: no folder of evaluation sets", hint="name it with --data")
        return items_of(task, self.data, limit=self.limit)


def load(folder: Path, report: Report = silent) -> Subject:
    """The model of a folder, with its tokenizer.

    Raises:  Misuse as the reading of either does.
    """
    model = huggingface.load(folder, report)
    return Subject(model, FolderTokenizer(ModelFolder(folder), model.config.vocab_size))


def digest_of(folder: Path, report: Report = silent) -> str:
    """One digest over the files that make a model what it is: description, weights, tokenizer.

    Raises:  Misuse as the opening of one does.
    """
    names = sorted(path.name for path in folder.glob("*.safetensors"))
    return digest({name: _sha256(ModelFolder(folder), name, report) for name in ["config.json", TOKENIZER, *names]})


def evaluate(
    subject: Subject,
    asked: Asked,
    items: Mapping[str, Sequence[Item]],
    out: Path,
    *,
    model_digest: str,
    release: str | None = None,
    contaminated: Mapping[str, int] = MappingProxyType({}),
    batch_size: int = 32,
    observed: Callable[[], dict[str, Any]],
    report: Report = silent,
) -> Evaluation:
    """Ask a model all of it and write the folder `out`; a run that was stopped goes on where it was.

    items:         those of `asked`
    model_digest:  of `digest_of`
    release:       root of the release whose model it is
    contaminated:  by task, how many items stand in what the model learned from, where that is known
    batch_size:    items that are asked at a time: no number of them changes a bit
    observed:      asked at the end for machine and time, the half of the record that is never compared

    Raises:  Misuse if an item cannot be asked, or `out` is of something else; WriteFailed.
    """
    folder = EvaluationFolder(out)
    with sole_user(out):
        digests = {name: digest([item.digest() for item in of_task]) for name, of_task in items.items()}
        folder.begin(asked_of(model_digest, asked.limit, digests))
        for name, of_task in items.items():
            _answer(subject, name, of_task, folder, batch_size, report)
        evaluation = Evaluation(
            model=model_digest,
            release=release,
            numerics=NUMERICS,
            limit=asked.limit,
            tasks=tuple(
                scores_of(
                    name,
                    task_of(name).metrics,
                    folder.answers(name),
                    sha256=folder.sha256(name),
                    num_contaminated=contaminated.get(name),
                )
                for name in items
            ),
        )
        folder.finish(evaluation, observed())
    return evaluation


def _answer(
    subject: Subject, name: str, items: Sequence[Item], folder: EvaluationFolder, batch_size: int, report: Report
) -> None:
    """Ask what is not answered yet, and keep each answer as it comes."""
    done = folder.answers(name)
    if [one.item for one in done] != [item.digest() for item in items[: len(done)]]:
        raise Misuse(f"{folder.path}: answers of {name} that belong to other items", hint=DAMAGED)
    folder.cut(name, done)
    count = len(done)
    for batch in _batches(items[count:], batch_size):
        for answered in subject.answers(task_of(name), batch):
            folder.add(name, answered)
            count += 1
        report(Progress(what=name, done=count, total=len(items), unit="items"))


def _batches(items: Sequence[Item], size: int) -> Iterator[list[Item]]:
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch


def _sha256(folder: ModelFolder, name: str, report: Report) -> str:
    hasher, done = hashlib.sha256(), 0
    with folder.opened(name) as file:
        total = size_of(file)
        while piece := file.read(PIECE):
            hasher.update(piece)
            done += len(piece)
            report(of_bytes("digest", done, total))
    return hasher.hexdigest()
