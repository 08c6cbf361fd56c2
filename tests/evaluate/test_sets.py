"""Sets are read from a folder, in the order of names and rows, and what is wrong in a file is named."""

from pathlib import Path

import pytest
from tests.evaluate.conftest import write_lines

from glasswright.errors import Misuse
from glasswright.evaluate.items import Malformed
from glasswright.evaluate.sets import items_of, items_of_texts
from glasswright.evaluate.tasks import TASKS

SHARED = {
    "arc_easy": 2376, "blimp": 13400, "boolq": 1000, "copa": 100, "gsm8k": 1319, "hellaswag": 1000, "lambada": 2000,
    "openbookqa": 500, "piqa": 1838, "simple_arithmetic": 1000, "truthfulqa_mc1": 813, "truthfulqa_mc2": 813,
    "winogrande": 1267, "wsc": 273,
}  # fmt: skip


@pytest.mark.parametrize("name", TASKS)
def test_all_items_of_the_shared_sets_are_read(name: str, shared_data: Path) -> None:
    assert len(items_of(TASKS[name], shared_data / "data" / "evals")) == SHARED[name]


def test_places_are_file_and_row(data: Path) -> None:
    places = [item.place for item in items_of(TASKS["blimp"], data)]
    assert places == ["data/order.jsonl:1", "data/order.jsonl:2", "data/order.jsonl:3"]


def test_a_part_of_a_set_is_the_same_in_every_run_in_the_set_s_order(data: Path) -> None:
    whole = items_of(TASKS["openbookqa"], data)
    part = items_of(TASKS["openbookqa"], data, limit=3)
    assert part == [item for item in whole if item in part]
    assert len(part) == 3
    assert part != whole[:3]
    assert items_of(TASKS["openbookqa"], data, limit=100) == whole


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no item in"),
        (b"\n \n", "no item in"),
        (b'{"query": "x"', r"copa.jsonl:1: not JSON"),
        (b"\n[1]", r"copa.jsonl:2: expected an object"),
        (b"[" * 100_000, r"copa.jsonl:1: not JSON"),
        (b'{"query": "\xff"}', "copa.jsonl: not UTF-8"),
    ],
)
def test_what_is_no_set_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "copa").mkdir()
    (tmp_path / "copa" / "copa.jsonl").write_bytes(content)
    with pytest.raises(Misuse, match=told):
        items_of(TASKS["copa"], tmp_path)


def test_a_folder_that_is_not_there_and_a_link_in_it_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="copa"):
        items_of(TASKS["copa"], tmp_path)
    (tmp_path / "copa").mkdir()
    (tmp_path / "copa" / "copa.jsonl").symlink_to("/dev/zero")
    with pytest.raises(Misuse, match="no item in"):
        items_of(TASKS["copa"], tmp_path)


def test_which_is_right_may_stand_in_a_file_beside(tmp_path: Path) -> None:
    row = {"goal": "Melt ice", "sol1": "warm it", "sol2": "cool it"}
    write_lines(tmp_path / "piqa/valid.jsonl", [row, row])
    (tmp_path / "piqa/valid-labels.lst").write_text("1\n0\n")
    assert [item.right for item in items_of(TASKS["piqa"], tmp_path)] == [(1,), (0,)]
    (tmp_path / "piqa/valid-labels.lst").write_text("1\n")
    with pytest.raises(Malformed, match="valid.jsonl:2: the file that says which is right ends before it"):
        items_of(TASKS["piqa"], tmp_path)
    (tmp_path / "piqa/valid-labels.lst").unlink()
    with pytest.raises(Misuse, match="valid-labels.lst"):
        items_of(TASKS["piqa"], tmp_path)


def test_a_cell_of_a_table_may_have_several_lines(tmp_path: Path) -> None:
    (tmp_path / "truthfulqa").mkdir()
    head = "Question,Best Answer,Correct Answers,Incorrect Answers\n"
    path = tmp_path / "truthfulqa" / "TruthfulQA.csv"
    path.write_text(f'{head}"Is\nit?",Yes,Yes,No\n')
    assert items_of(TASKS["truthfulqa_mc1"], tmp_path)[0].requests[0].context == "Q: Is\nit?\nA:"
    path.write_text(f'{head}"Is it?" x,Yes,Yes,No\n')
    with pytest.raises(Malformed, match="not CSV"):
        items_of(TASKS["truthfulqa_mc1"], tmp_path)


def test_texts_of_any_folder_are_items_and_empty_ones_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    for name, text in {"b.txt": "two", "a.md": "one", "empty.txt": "", "inner/c.rst": "three", "d.png": "no"}.items():
        (tmp_path / name).write_text(text)
    assert [item.place for item in items_of_texts(tmp_path)] == ["a.md", "b.txt", "inner/c.rst"]
    with pytest.raises(Misuse, match="no text"):
        items_of_texts(tmp_path / "inner", limit=0)
