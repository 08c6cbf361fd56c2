"""Every task has a row and the item that it becomes; what a row lacks is named by file, row and field."""

from typing import Any

import pytest

from glasswright.errors import Misuse
from glasswright.evaluate.items import Item, Malformed, Request, Row
from glasswright.evaluate.scores import METRICS
from glasswright.evaluate.tasks import TASKS, task_of

PLACE = "rows.jsonl:3"
TWINS = ["The cup did not fit in the box, for the cup", "The cup did not fit in the box, for the box"]


def item(*requests: tuple[str, str], right: tuple[int, ...] = (0,), **more: str) -> Item:
    return Item(place=PLACE, requests=tuple(Request(*request) for request in requests), right=right, **more)


TRUTH = {
    "Question": " Is the sea salt? ",
    "Best Answer": "Yes, it is",
    "Correct Answers": "Yes, it is; It is salt; Yes, it is",
    "Incorrect Answers": "No; Only at night",
}
EXAMPLES: dict[str, tuple[dict[str, Any], Item]] = {
    "arc_easy": (
        {"query": "Question: What is ice?", "choices": ["water", "stone"], "gold": 0},
        item(("Question: What is ice?\nAnswer:", " water"), ("Question: What is ice?\nAnswer:", " stone")),
    ),
    "blimp": (
        {"sentence_good": "It is.", "sentence_bad": "It are.", "UID": "agreement"},
        item(("", " It is."), ("", " It are."), cluster="agreement"),
    ),
    "boolq": (
        {"query": "Passage: Ice floats.\nQuestion: does ice float?", "choices": ["no", "yes"], "gold": 1},
        item(
            ("Ice floats.\nQuestion: does ice float?\nAnswer:", " no"),
            ("Ice floats.\nQuestion: does ice float?\nAnswer:", " yes"),
            right=(1,),
            cluster="Ice floats.",
        ),
    ),
    "copa": (
        {"query": "It rained, therefore", "choices": ["it was wet.", "it was dry."], "gold": 0},
        item(("It rained, therefore", " it was wet."), ("It rained, therefore", " it was dry.")),
    ),
    "gsm8k": (
        {"question": "What is 600 and 600?", "answer": "Twice 600 is <<2*600=1200>>1,200.\n#### 1,200"},
        item(("Question: What is 600 and 600?\nAnswer:", ""), wanted="1,200"),
    ),
    "hellaswag": (
        {
            "activity_label": "Baking",
            "ctx_a": "A man [step] kneads  dough.",
            "ctx_b": "he",
            "endings": [" bakes it [title] A bread", "is [substeps] baked."],
            "label": "1",
            "source_id": "video~1",
        },
        item(
            ("Baking: A man kneads dough. He", " bakes it. A bread"),
            ("Baking: A man kneads dough. He", " is baked."),
            right=(1,),
            cluster="video~1",
        ),
    ),
    "lambada": ({"context": "The cat sat on the", "continuation": "mat"}, item(("The cat sat on the", " mat"))),
    "openbookqa": (
        {"query": "Ice is", "choices": ["cold", "hot"], "gold": 0},
        item(("Ice is", " cold"), ("Ice is", " hot")),
    ),
    "piqa": (
        {"goal": "Melt ice", "sol1": "warm it", "sol2": "cool it", "right": "0"},
        item(
            ("Question: Melt ice\nAnswer:", " warm it"), ("Question: Melt ice\nAnswer:", " cool it"), cluster="Melt ice"
        ),
    ),
    "simple_arithmetic": ({"context": "2 + 3 =", "continuation": " 5"}, item(("2 + 3 =", " 5"))),
    "truthfulqa_mc1": (
        TRUTH,
        item(*(("Q: Is the sea salt?\nA:", f" {answer}") for answer in ("Yes, it is", "No", "Only at night"))),
    ),
    "truthfulqa_mc2": (
        TRUTH,
        item(
            *(
                ("Q: Is the sea salt?\nA:", f" {answer}")
                for answer in ("Yes, it is", "It is salt", "No", "Only at night")
            ),
            right=(0, 1),
        ),
    ),
    "winogrande": (
        {"context_options": TWINS, "continuation": "was large.", "gold": 0},
        item((TWINS[0], " was large."), (TWINS[1], " was large."), cluster="\n".join(sorted(TWINS))),
    ),
    "wsc": (
        {"context_options": TWINS, "continuation": "was small.", "gold": 1},
        item((TWINS[0], " was small."), (TWINS[1], " was small."), right=(1,), cluster="\n".join(sorted(TWINS))),
    ),
}


def test_every_task_has_an_example_and_every_metric_of_one_is_known() -> None:
    assert EXAMPLES.keys() == TASKS.keys()
    assert {metric for task in TASKS.values() for metric in task.metrics} <= METRICS.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_row_becomes_the_item(name: str) -> None:
    row, expected = EXAMPLES[name]
    assert TASKS[name].item(Row(PLACE, row)) == expected


NOT_ASKED = {("truthfulqa_mc1", "Correct Answers"), ("truthfulqa_mc2", "Best Answer")}
ASKED = sorted({(name, field) for name, (row, _) in EXAMPLES.items() for field in row} - NOT_ASKED)


@pytest.mark.parametrize(("name", "field"), ASKED)
def test_a_row_without_a_field_or_with_one_of_another_type_is_named(name: str, field: str) -> None:
    row, _ = EXAMPLES[name]
    without = {key: value for key, value in row.items() if key != field}
    with pytest.raises(Malformed, match=rf"rows.jsonl:3: no field '{field}'"):
        TASKS[name].item(Row(PLACE, without))
    with pytest.raises(Malformed, match=rf"rows.jsonl:3: {field}: expected .*, found (dict|NoneType)"):
        TASKS[name].item(Row(PLACE, {**row, field: None}))


@pytest.mark.parametrize("right", [-1, 2, 10**30, "x", 0.5, True])
def test_a_right_choice_that_is_none_of_them_is_refused(right: object) -> None:
    row, _ = EXAMPLES["copa"]
    with pytest.raises(Malformed, match="rows.jsonl:3"):
        TASKS["copa"].item(Row(PLACE, {**row, "gold": right}))


def test_an_item_has_choices_and_a_row_is_an_object() -> None:
    with pytest.raises(Malformed, match="expected 1 to 1000 choices, found 0"):
        TASKS["copa"].item(Row(PLACE, {"query": "x", "choices": [], "gold": 0}))
    with pytest.raises(Malformed, match="expected an object, found list"):
        Row(PLACE, [])


def test_an_answer_without_its_number_is_refused() -> None:
    with pytest.raises(Malformed, match="expected a number behind ####"):
        TASKS["gsm8k"].item(Row(PLACE, {"question": "x", "answer": "12"}))


def test_half_of_a_surrogate_pair_is_told() -> None:
    with pytest.raises(Malformed, match="a text that is no Unicode"):
        item(("\ud800", " x")).digest()


def test_all_of_an_item_is_in_its_digest() -> None:
    others = [
        item(("a", " b"), ("a", " c")),
        item(("a", " c"), ("a", " b")),
        item(("a", " b"), ("a", " c"), right=(1,)),
        item(("a", " b"), ("a", " c"), cluster="d"),
        item(("a", " b"), ("a", " c"), wanted="1"),
    ]
    assert len({one.digest() for one in others}) == len(others)


def test_an_unknown_task_is_refused_with_those_there_are() -> None:
    with pytest.raises(Misuse, match="mmlu: no such task") as told:
        task_of("mmlu")
    assert "hellaswag" in str(told.value.hint)
