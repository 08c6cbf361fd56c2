"""lm-evaluation-harness runs our models by its own tasks, with the scores and losses of its own model in transformers.

The task files are local and written for these tests; nothing is downloaded.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.evaluate.conftest import MAX_POSITIONS, WORDS, evaluate_into

from glasswright.errors import Misuse
from glasswright.evaluate.answer import Subject
from glasswright.evaluate.sets import items_of
from glasswright.evaluate.tasks import TASKS

pytestmark = pytest.mark.filterwarnings("ignore")  # the harness's own
TOLERANCE = 1e-4  # nats an item: the bar of agreement

CHOSEN = {"output_type": "multiple_choice", "doc_to_text": "{{context}}", "doc_to_target": "right"}
METRICS = [{"metric": name, "aggregation": "mean", "higher_is_better": True} for name in ("acc", "acc_norm")]


@pytest.fixture(scope="module")
def harness() -> Any:
    return pytest.importorskip("glasswright.evaluate.harness", reason="did not run: lm-eval is not installed")


@pytest.fixture(scope="module")
def theirs(model_folder: Path, harness: Any) -> Any:  # noqa: ARG001 (it says whether lm-eval is there)
    from lm_eval.models.huggingface import HFLM

    # One at a time: of three windows in a batch its last, the shortest, has 0.22 nats less than it has alone (0.4.13).
    return HFLM(pretrained=str(model_folder), device="cpu", dtype="float32", batch_size=1)


@pytest.fixture(scope="module")
def requests(data: Path) -> list[Any]:
    instance = pytest.importorskip("lm_eval.api.instance", reason="did not run: lm-eval is not installed").Instance
    return [
        instance("loglikelihood", {}, tuple(request), number, (name, place, 1))
        for name in ("blimp", "openbookqa", "lambada")
        for place, item in enumerate(items_of(TASKS[name], data))
        for number, request in enumerate(item.requests)
    ]


def test_likelihoods_are_those_of_the_harness_s_own_model(
    harness: Any, subject: Subject, theirs: Any, requests: list[Any]
) -> None:
    ours = harness.HarnessModel(subject).loglikelihood(requests)
    expected = theirs.loglikelihood(requests, disable_tqdm=True)
    assert max(abs(a[0] - b[0]) for a, b in zip(ours, expected, strict=True)) < TOLERANCE
    assert [a[1] for a in ours] == [b[1] for b in expected]


def test_a_text_s_likelihood_is_that_of_the_harness_s_own_model(harness: Any, subject: Subject, theirs: Any) -> None:
    from lm_eval.api.instance import Instance

    asked = [Instance("loglikelihood_rolling", {}, (text,), 0) for text in (WORDS * 9, "the mill")]
    ours = harness.HarnessModel(subject).loglikelihood_rolling(asked)
    expected = theirs.loglikelihood_rolling(asked, disable_tqdm=True)
    assert len(subject.tokenizer.encode(WORDS * 9)) > 2 * MAX_POSITIONS
    assert max(abs(a - b) / abs(b) for a, b in zip(ours, expected, strict=True)) < 1e-6


def test_what_is_written_is_what_the_harness_s_own_model_writes(harness: Any, subject: Subject, theirs: Any) -> None:
    from lm_eval.api.instance import Instance

    how = {"until": ["q", "zz"], "max_gen_toks": 24, "do_sample": False}
    asked = [Instance("generate_until", {}, (text, how), 0) for text in ("the mill", "so it is, or")]
    ours = harness.HarnessModel(subject).generate_until(asked)
    assert ours == theirs.generate_until(asked, disable_tqdm=True)
    assert all(ours)


def test_a_local_task_has_the_harness_s_scores_and_ours(
    harness: Any, subject: Subject, theirs: Any, data: Path, tmp_path: Path
) -> None:
    import lm_eval
    from lm_eval.tasks import TaskManager

    rows = [
        {"context": it.requests[0].context, "choices": [r.continuation[1:] for r in it.requests], "right": it.right[0]}
        for it in items_of(TASKS["openbookqa"], data)
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    files = {"data_files": {"test": str(tmp_path / "rows.jsonl")}, "cache_dir": str(tmp_path / "cache")}
    task = {**CHOSEN, "task": "local", "dataset_path": "json", "dataset_kwargs": files, "test_split": "test",
            "doc_to_choice": "choices", "metric_list": METRICS}  # fmt: skip
    (tmp_path / "local.yaml").write_text(json.dumps(task))
    manager = TaskManager(include_path=str(tmp_path), include_defaults=False)
    scores = [
        lm_eval.simple_evaluate(model=model, tasks=["local"], task_manager=manager, bootstrap_iters=0)["results"][
            "local"
        ]
        for model in (harness.HarnessModel(subject), theirs)
    ]
    assert [it["acc,none"] for it in scores] == [scores[0]["acc,none"]] * 2
    record, _ = evaluate_into(tmp_path / "out", subject, data, tasks=("openbookqa",)).record()
    ours = {it.metric: float(it.value) for it in record.tasks[0].scores}
    assert ours["accuracy"] == pytest.approx(scores[1]["acc,none"], abs=1e-6)
    assert ours["accuracy_by_length"] == pytest.approx(scores[1]["acc_norm,none"], abs=1e-6)


def test_what_is_too_long_and_sampling_are_refused(harness: Any, subject: Subject) -> None:
    from lm_eval.api.instance import Instance

    model = harness.HarnessModel(subject)
    with pytest.raises(Misuse, match="beyond the model's 96 positions"):
        model.loglikelihood([Instance("loglikelihood", {}, ("x" * 2 * MAX_POSITIONS, " mill"), 0)])
    with pytest.raises(Misuse, match="do_sample"):
        model.generate_until([Instance("generate_until", {}, ("x", {"do_sample": True, "temperature": 1.0}), 0)])


def test_a_model_is_loaded_by_its_folder(harness: Any, model_folder: Path, subject: Subject) -> None:
    loaded = harness.HarnessModel.load(model_folder).subject.model
    for (_, mine), (_, same) in zip(loaded.named_parameters(), subject.model.named_parameters(), strict=True):
        assert torch.equal(mine, same)
