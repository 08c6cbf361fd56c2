"""`glasswright evaluate`: questions put to a model, its raw answers, and scores that anybody can compute again."""

import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glasswright.api import Release
from glasswright.cli.generate import model_folder
from glasswright.cli.options import Json, Threads, threads_or_all
from glasswright.cli.progress import display, say
from glasswright.cli.show import out, show_json, table
from glasswright.errors import Misuse

if TYPE_CHECKING:
    from glasswright.evaluate.compare import Compared, Comparison
    from glasswright.evaluate.folder import EvaluationFolder
    from glasswright.evaluate.run import Asked
    from glasswright.records.evaluation import Evaluation, Score, TaskScores

Data = Annotated[
    Path | None, typer.Option("--data", metavar="FOLDER", help="The folder of evaluation sets, a folder for each.")
]
Texts = Annotated[
    Path | None, typer.Option("--texts", metavar="FOLDER", help="A folder of texts, whose bits per byte are asked for.")
]


def evaluate(
    subjects: Annotated[
        list[Path],
        typer.Argument(
            metavar="MODEL",
            help="A release, or a folder of a model. `compare A B` compares two evaluations item by item.",
        ),
    ],
    tasks: Annotated[str, typer.Option("--tasks", metavar="A,B", help="Tasks that are built in, by name.")] = "",
    data: Data = None,
    texts: Texts = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Items of each task, drawn by the digest of their places.")
    ] = None,
    batch_size: Annotated[
        int, typer.Option("--batch-size", min=1, max=4096, help="Items asked at a time: no number changes a bit.")
    ] = 32,
    folder: Annotated[
        Path | None, typer.Option("--out", help="Folder of the evaluation (default: evaluations/MODEL).")
    ] = None,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Put questions to a model and keep its raw answers; scores come with their intervals.

    The same model and items give the same scores, bit for bit, on every machine. A run that was stopped goes on with
    the same command. `verify` computes the scores again from the answers, `replay --evaluation` asks some again.
    """
    if str(subjects[0]) == "compare":
        _compare(subjects[1:], as_json=as_json)
        return
    if len(subjects) > 1:
        raise Misuse(f"{subjects[1]}: one model at a time", hint="`glasswright evaluate compare A B` compares two")
    from glasswright import kernels
    from glasswright.evaluate.folder import EvaluationFolder
    from glasswright.evaluate.run import Asked
    from glasswright.kernels import backends

    kernels.wanted()
    asked = Asked(tasks=tuple(filter(None, tasks.split(","))), data=data, texts=texts, limit=limit)
    place = folder or Path("evaluations") / subjects[0].resolve().name
    backends.on("cpu").set_num_threads(threads_or_all(threads))
    _run(subjects[0], asked, place, batch_size)
    _show(EvaluationFolder(place), as_json=as_json)


def _run(model: Path, asked: "Asked", place: Path, batch_size: int) -> None:
    from glasswright import host
    from glasswright.evaluate.run import digest_of, evaluate, load

    began = time.monotonic()
    items = asked.items()
    path, _ = model_folder(model)
    release = Release(model) if path != model else None
    evaluate(
        load(path, display),
        asked,
        items,
        place,
        model_digest=digest_of(path, display),
        release=release.root if release else None,
        contaminated=_contaminated(release, asked, {name: {it.place for it in some} for name, some in items.items()}),
        batch_size=batch_size,
        observed=lambda: {"machine": host.describe(), "seconds": round(time.monotonic() - began)},
        report=display,
    )


def _contaminated(release: Release | None, asked: "Asked", places: Mapping[str, set[str]]) -> dict[str, int]:
    """Of a release, how many of a task's items stand in the documents it learned from; of private ones it tells none.

    The owner's evaluation would tell what is in them, and be another than a stranger's.
    """
    if release is None or asked.data is None or release.recipe.record.private is not None:
        return {}
    folders = {name: asked.data / task.folder for name, task in asked.of_sets().items()}
    found = release.evaluation_items(folders)
    return {name: len(found[name] & places[name]) for name in folders}


def _show(folder: "EvaluationFolder", *, as_json: bool) -> None:
    evaluation, observed = folder.record()
    if as_json:
        show_json({"determined": evaluation.record(), "observed": observed})
        return
    table([("task", "items", "metric", "score", "95 %", "chance", "learned"), *_rows(evaluation)])
    for task in evaluation.tasks:
        if task.num_too_long:
            say(f"warning: {task.task}: {task.num_too_long} items are longer than the model's positions: not scored")
    out(f"\n{folder.path}")


def _rows(evaluation: "Evaluation") -> list[tuple[str, ...]]:
    return [_row(task, score) for task in evaluation.tasks for score in task.scores]


def _row(task: "TaskScores", score: "Score") -> tuple[str, ...]:
    learned = "" if task.num_contaminated is None else str(task.num_contaminated)
    answered = str(task.num_items - task.num_too_long)
    return task.task, answered, score.metric, _short(score.value), _interval(score), _short(score.chance), learned


def _interval(ends: "Score | Compared") -> str:
    return "" if ends.low is None else f"{_short(ends.low)} to {_short(ends.high)}"


def _short(figure: str | None) -> str:
    """Four places are shown of the six on record."""
    if figure is None:
        return ""
    return figure if "e" in figure else f"{float(figure):.4f}"


def _compare(folders: list[Path], *, as_json: bool) -> None:
    from glasswright.evaluate.compare import compare
    from glasswright.evaluate.folder import EvaluationFolder

    if len(folders) != 2:
        raise Misuse(
            f"compare: expected two evaluations, found {len(folders)}", hint="glasswright evaluate compare A B"
        )
    found = compare(*map(EvaluationFolder, folders))
    if as_json:
        show_json(_comparison(found))
        return
    head = ("task", "items", "metric", "first", "second", "difference", "95 %", "better", "worse")
    table([head, *(_compared(row) for row in found.rows)])
    for line in found.left_out:
        say(f"not compared: {line}")


def _comparison(found: "Comparison") -> dict[str, Any]:
    return {"schema": "glasswright/evaluation-comparison/1", **asdict(found)}


def _compared(row: "Compared") -> tuple[str, ...]:
    sides = (_short(row.first), _short(row.second), _short(row.difference))
    return row.task, str(row.num_items), row.metric, *sides, _interval(row), str(row.num_better), str(row.num_worse)
