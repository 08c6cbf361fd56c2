"""The tasks that are built in: where a set's rows lie, what is asked of each, and what is told of the answers.

    DATA/FOLDER/FILES        rows as the sets are published, as JSON lines or CSV
    item                     a row as an item: context, choices, which is right, what it shares with others
    metrics                  names of `scores.METRICS`

Questions are put as lm-evaluation-harness 0.4 puts them (its task files say how; HellaSwag's brackets as well), but for
TruthfulQA, without the six questions and answers that stand before each there, and GSM8K, without solved examples. A
change in what is asked is a new digest of the task's items, which a record carries.

tests/evaluate/test_tasks.py has a row of every task, and the item that it becomes.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from glasswright.errors import Misuse
from glasswright.evaluate.items import Item, Malformed, Request, Row

CHOSEN = ("accuracy",)
CHOSEN_BY_LENGTH = ("accuracy", "accuracy_by_length")
FORETOLD = ("likeliest", "perplexity")
WRITTEN = ("exact_match", "exact_match_of_last_number")
MAX_WRITTEN_TOKENS = 256
ENDS_OF_ANSWER = ("Question:", "</s>", "<|im_end|>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An evaluation set, and how it is put to a model."""

    folder: str
    files: str  # of names below the folder; * stands for anything within a name
    item: Callable[[Row], Item]
    metrics: tuple[str, ...]
    right: str = ""  # a file beside, whose lines say which choice is right: put into the rows as "right"
    is_written: bool = False  # the answer is text of the model's own
    is_long: bool = False  # the text may be longer than the model's positions: it is judged in windows

    @property
    def needs_likeliest(self) -> bool:
        return "likeliest" in self.metrics


def _blimp(row: Row) -> Item:
    return row.chosen("", [row.text("sentence_good"), row.text("sentence_bad")], 0, cluster=row.text("UID"))


def _hellaswag(row: Row) -> Item:
    activity, begun = row.text("activity_label"), row.text("ctx_b").capitalize()
    context = _without_brackets(f"{activity}: {row.text('ctx_a')} {begun}")
    endings = [_without_brackets(ending) for ending in row.texts("endings")]
    return row.chosen(context, endings, row.number("label"), cluster=row.text("source_id"))


def _without_brackets(text: str) -> str:
    """WikiHow's part of HellaSwag has titles and other marks in brackets."""
    return re.sub(r"\[[^\]\n]*\]", "", text.strip().replace(" [title]", ". ")).replace("  ", " ")


def _piqa(row: Row) -> Item:
    goal = row.text("goal")
    return row.chosen(_asked(goal), [row.text("sol1"), row.text("sol2")], row.number("right"), cluster=goal)


def _asked(question: str) -> str:
    return f"Question: {question}\nAnswer:"


def _arc(row: Row) -> Item:
    return row.chosen(f"{row.text('query')}\nAnswer:", row.texts("choices"), row.number("gold"))


def _boolq(row: Row) -> Item:
    query = row.text("query").removeprefix("Passage: ")
    passage = query.partition("\nQuestion: ")[0]
    return row.chosen(f"{query}\nAnswer:", row.texts("choices"), row.number("gold"), cluster=passage)


def _continued(row: Row) -> Item:
    return row.chosen(row.text("query"), row.texts("choices"), row.number("gold"))


def _one_end(row: Row) -> Item:
    """The end of a sentence behind each of several beginnings; twins have the same beginnings."""
    beginnings, end = row.texts("context_options"), f" {row.text('continuation')}"
    requests = tuple(Request(beginning, end) for beginning in beginnings)
    return Item(place=row.place, requests=requests, right=(row.number("gold"),), cluster="\n".join(sorted(beginnings)))


def _last_word(row: Row) -> Item:
    return row.chosen(row.text("context"), [row.text("continuation")], 0)


def _sum(row: Row) -> Item:
    return Item(place=row.place, requests=(Request(row.text("context"), row.text("continuation")),))


def _truthful_best(row: Row) -> Item:
    return row.chosen(_told(row), [row.text("Best Answer").strip(), *_listed(row, "Incorrect Answers")], 0)


def _truthful_mass(row: Row) -> Item:
    true, false = _listed(row, "Correct Answers"), _listed(row, "Incorrect Answers")
    item = row.chosen(_told(row), [*true, *false], 0)
    return Item(place=row.place, requests=item.requests, right=tuple(range(len(true))))


def _told(row: Row) -> str:
    return f"Q: {row.text('Question').strip()}\nA:"


def _listed(row: Row, name: str) -> list[str]:
    """Answers parted by semicolons, each once."""
    answers = list(dict.fromkeys(answer.strip() for answer in row.text(name).split(";") if answer.strip()))
    if not answers:
        raise Malformed(f"{row.place}: {name}: no answer")
    return answers


def _gsm8k(row: Row) -> Item:
    _, mark, number = row.text("answer").rpartition("####")
    if not mark or not number.strip():
        raise Malformed(f"{row.place}: answer: expected a number behind ####")
    return Item(place=row.place, requests=(Request(_asked(row.text("question")), ""),), wanted=number.strip())


def _long(row: Row) -> Item:
    return Item(place=row.place, requests=(Request("", row.text("text")),))


TEXTS = "texts"  # the task whose folder is any
TEXTS_TASK = Task(folder="", files="", item=_long, metrics=("bits_per_byte",), is_long=True)
TASKS: dict[str, Task] = {
    "arc_easy": Task(folder="arc_easy", files="*.jsonl", item=_arc, metrics=CHOSEN_BY_LENGTH),
    "blimp": Task(folder="blimp", files="data/*.jsonl", item=_blimp, metrics=CHOSEN),
    "boolq": Task(folder="boolq", files="*.jsonl", item=_boolq, metrics=CHOSEN),
    "copa": Task(folder="copa", files="*.jsonl", item=_continued, metrics=CHOSEN),
    "gsm8k": Task(folder="gsm8k", files="test.jsonl", item=_gsm8k, metrics=WRITTEN, is_written=True),
    "hellaswag": Task(folder="hellaswag", files="*.jsonl", item=_hellaswag, metrics=CHOSEN_BY_LENGTH),
    "lambada": Task(folder="lambada_openai", files="*.jsonl", item=_last_word, metrics=FORETOLD),
    "openbookqa": Task(folder="openbook_qa", files="*.jsonl", item=_continued, metrics=CHOSEN_BY_LENGTH),
    "piqa": Task(folder="piqa", files="valid.jsonl", right="valid-labels.lst", item=_piqa, metrics=CHOSEN_BY_LENGTH),
    "simple_arithmetic": Task(
        folder="simple_arithmetic", files="*_withspaces.jsonl", item=_sum, metrics=("likeliest",)
    ),
    "truthfulqa_mc1": Task(folder="truthfulqa", files="*.csv", item=_truthful_best, metrics=CHOSEN),
    "truthfulqa_mc2": Task(folder="truthfulqa", files="*.csv", item=_truthful_mass, metrics=("mass_on_right",)),
    "winogrande": Task(folder="winogrande", files="*.jsonl", item=_one_end, metrics=CHOSEN),
    "wsc": Task(folder="winograd_wsc", files="*.jsonl", item=_one_end, metrics=CHOSEN),
}


def task_of(name: str) -> Task:
    """The task of this name.

    Raises:  Misuse naming those there are.
    """
    if name == TEXTS:
        return TEXTS_TASK
    if name not in TASKS:
        raise Misuse(f"{name}: no such task", hint=f"there are {', '.join(sorted(TASKS))}")
    return TASKS[name]
