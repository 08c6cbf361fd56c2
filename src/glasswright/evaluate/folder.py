"""The folder of an evaluation: raw answers as they come, so that a run which was stopped goes on, and the record last.

asked.json           of a run that is not over: what was asked, of which model
answers/TASK.jsonl   an item a line, written to its end or not there
evaluation.json      there once all is answered
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glasswright.errors import Misuse
from glasswright.foreign import Missing, NotRead, read
from glasswright.records.canonical import canonical_bytes, parse
from glasswright.records.evaluation import EVALUATION_SCHEMA, RECORD, Answered, Evaluation
from glasswright.records.lines import decode_line, encode_line
from glasswright.store.atomic import append, remove, write_atomic

ASKED, ANSWERS = "asked.json", "answers"
MAX_RECORD_BYTES, MAX_ANSWERS_BYTES = 2**24, 2**30
DAMAGED = "the folder was edited or damaged: evaluate again, into another"


@dataclass(frozen=True, slots=True)
class EvaluationFolder:
    """A folder that is, or becomes, an evaluation."""

    path: Path

    def begin(self, asked: dict[str, Any]) -> None:
        """Make it the folder of what is asked, or find that it is.

        Raises:  Misuse if it is another's; WriteFailed.
        """
        found = self._asked()
        if found is None and any(self.path.glob("[!.]*")):
            raise Misuse(f"{self.path}: there is something in it that is no evaluation", hint="name another with --out")
        if found not in (None, asked):
            raise Misuse(
                f"{self.path}: another evaluation was begun there, of another model or other items",
                hint="name another folder with --out, or remove this one",
            )
        (self.path / ANSWERS).mkdir(exist_ok=True)
        if found is None:
            write_atomic(self.path / ASKED, canonical_bytes(asked))

    def answers(self, task: str) -> list[Answered]:
        """The raw answers of a task as far as they are there; what was cut off at the end is not.

        Raises:  Misuse naming the line that is none.
        """
        name = f"{ANSWERS}/{task}.jsonl"
        lines = (self._read(name, MAX_ANSWERS_BYTES) or b"").split(b"\n")[:-1]
        return [_answered(line, f"{self.path / name}:{number}") for number, line in enumerate(lines, start=1)]

    def cut(self, task: str, answers: Sequence[Answered]) -> None:
        """Leave these of a task, and no part of another."""
        write_atomic(self._of(task), b"".join(map(_line, answers)))

    def add(self, task: str, answered: Answered) -> None:
        """One more answer of a task."""
        append(self._of(task), _line(answered))

    def sha256(self, task: str) -> str:
        """Of the file of a task's raw answers."""
        return hashlib.sha256(self._read(f"{ANSWERS}/{task}.jsonl", MAX_ANSWERS_BYTES) or b"").hexdigest()

    def finish(self, evaluation: Evaluation, observed: dict[str, Any]) -> None:
        """Write the record: the evaluation is over."""
        write_atomic(self.path / RECORD, encode_line(evaluation.record(), observed))
        remove(self.path / ASKED)

    def record(self) -> tuple[Evaluation, dict[str, Any]]:
        """What was found, and what was observed.

        Raises:  Misuse if there is no record, or it is none.
        """
        data = self._read(RECORD, MAX_RECORD_BYTES)
        where = str(self.path / RECORD)
        if data is None:
            raise Misuse(f"{where}: no such file", hint="name a folder that `glasswright evaluate` wrote")
        determined, observed = decode_line(data.removesuffix(b"\n"), where)
        try:
            evaluation = Evaluation.from_record(determined)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Misuse(f"{where}: not the record of an evaluation: {error}", hint=DAMAGED) from error
        if evaluation.schema != EVALUATION_SCHEMA:
            raise Misuse(f"{where}: schema {evaluation.schema!r}, where {EVALUATION_SCHEMA} is read")
        return evaluation, observed

    def _asked(self) -> Any:
        """What was asked, of a run that is over or not; None: nothing was."""
        if (self.path / RECORD).exists():
            return self.record()[0].asked()
        data = self._read(ASKED, MAX_RECORD_BYTES)
        return None if data is None else parse(data, str(self.path / ASKED))

    def _of(self, task: str) -> Path:
        return self.path / ANSWERS / f"{task}.jsonl"

    def _read(self, name: str, max_bytes: int) -> bytes | None:
        try:
            return read(name, max_bytes=max_bytes, below=self.path)
        except Missing:
            return None
        except NotRead as error:
            raise Misuse(f"{self.path / name}: {error.why}", hint=DAMAGED) from error


def _line(answered: Answered) -> bytes:
    return canonical_bytes(answered.record()) + b"\n"


def _answered(line: bytes, where: str) -> Answered:
    try:
        return Answered.from_record(parse(line, where))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise Misuse(f"{where}: not an answer: {error}", hint=DAMAGED) from error
