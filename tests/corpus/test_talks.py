"""Conversations and preferences as documents: one spelling, read by their contents, dropped with their own reasons."""

import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from glasswright.corpus import collect
from glasswright.corpus.sources.jsonl import AS_LINES
from glasswright.errors import Misuse
from glasswright.records.conversations import Talk
from glasswright.records.recipe import Parent, Recipe
from glasswright.store.documents import read_documents
from glasswright.store.ledger import read_ledger

PARENT = Parent(
    name="a/b", path="parent", license="MIT", files="0" * 64, max_positions=4096, ends_of_text=(0,)
)  # fmt: skip
QUESTION = "What does a lighthouse keeper do in winter when no ship comes near the rocks?"
ANSWER = "She trims the lamp at dusk, writes the weather in the book, and mends what the wind has broken."
ASKED = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": ANSWER}]
Rows = list[dict[str, Any]]


class Talks:
    """What was kept of some rows, and why the others were not."""

    def __init__(self, folder: Path):
        self.reasons = {row.path: row.reason for row in read_ledger(folder / "ledger.parquet")}
        paths = {row.document_id: row.path for row in read_ledger(folder / "ledger.parquet")}
        self.texts = {paths[name]: text for name, text in read_documents(folder / "documents")}


@pytest.fixture
def talks(tmp_path: Path):
    def run(rows: Rows | bytes, *, kind: str = "conversations", name: str = "t.jsonl", license="MIT", **rules) -> Talks:
        (tmp_path / "in").mkdir(exist_ok=True)
        data = rows if isinstance(rows, bytes) else "".join(json.dumps(row) + "\n" for row in rows).encode()
        (tmp_path / "in" / name).write_bytes(data)
        source = {"name": "here", "kind": kind, "path": "in", "license": license}
        rules = {"near_similarity": "0", "contained_share": "0", **rules}
        more = {"preference": {}} if kind == "preferences" else {}
        recipe = Recipe.model_validate({"name": "t", "sources": [source], "corpus": rules, "parent": PARENT, **more})
        collect(recipe, base=tmp_path, out=tmp_path / "out")
        return Talks(tmp_path / "out")

    return run


def spelled(*messages: tuple[str, str]) -> str:
    record = {"messages": [{"content": content, "role": role} for role, content in messages]}
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


SHAPES: dict[str, dict[str, Any]] = {
    "messages": {"messages": ASKED},
    "ShareGPT": {"conversations": [{"from": "human", "value": QUESTION}, {"from": "gpt", "value": ANSWER}]},
    "Alpaca": {"instruction": QUESTION, "input": " ", "output": ANSWER},
    "prompt and completion": {"prompt": QUESTION, "completion": ANSWER},
    "prompt and response": {"prompt": QUESTION, "response": ANSWER},
    "question and answer": {"question": QUESTION, "answer": ANSWER},
    "keys without a value": {"messages": [{**ASKED[0], "name": None}, {**ASKED[1], "tool_calls": []}], "tools": None},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_one_conversation_has_one_text_in_every_shape(talks, shape: str):
    assert talks([SHAPES[shape]]).texts == {"t.jsonl#1": spelled(("user", QUESTION), ("assistant", ANSWER))}


def test_what_is_given_with_an_instruction_follows_it(talks):
    text = talks([{"instruction": "Add.", "input": "1 and 2", "output": "3"}]).texts["t.jsonl#1"]
    assert text == spelled(("user", "Add.\n\n1 and 2"), ("assistant", "3"))


def test_letters_beyond_ascii_stand_for_themselves(talks):
    text = talks([{"messages": [{"role": "user", "content": 'Grüß "dich" 你好\n'}, ASKED[1]]}]).texts["t.jsonl#1"]
    assert 'Grüß \\"dich\\" 你好\\n' in text
    assert Talk.from_text(text).contents()[0] == 'Grüß "dich" 你好\n'


def test_packed_rows_are_the_same_rows(talks):
    data = gzip.compress(json.dumps({"messages": ASKED}).encode())
    assert list(talks(data, name="t.jsonl.gz").texts) == ["t.jsonl.gz#1"]


DROPPED: dict[str, tuple[dict[str, Any], str]] = {
    "nobody answers": ({"messages": [ASKED[0]]}, "no_assistant_turn"),
    "a role that nobody knows": ({"messages": [{"role": "narrator", "content": "Once"}, *ASKED]}, "unknown_role"),
    "a role that is no text": ({"messages": [{"role": ["user"], "content": "Once"}, *ASKED]}, "unknown_role"),
    "nothing said": ({"messages": [ASKED[0], {"role": "assistant", "content": " \n"}]}, "empty_message"),
    "no content": ({"messages": [ASKED[0], {"role": "assistant", "content": None}]}, "empty_message"),
    "content in parts": ({"messages": [{"role": "user", "content": [{"text": "x"}]}, ASKED[1]]}, "not_a_conversation"),
    "no list": ({"messages": "hello"}, "not_a_conversation"),
    "a text among the messages": ({"messages": ["hello", *ASKED]}, "not_a_conversation"),
    "another object": ({"text": "hello"}, "not_a_conversation"),
    "no message": ({"messages": []}, "no_assistant_turn"),
    "a call of a tool": ({"messages": [ASKED[0], {**ASKED[1], "tool_calls": [{"id": 1}]}]}, "says_more_than_messages"),
    "tools": ({"messages": ASKED, "tools": [{"name": "add"}]}, "says_more_than_messages"),
    "only what is taken out": ({"messages": [{"role": "user", "content": "\u0000\u00ad"}, ASKED[1]]}, "empty_message"),
}


@pytest.mark.parametrize("what", DROPPED)
def test_a_row_that_teaches_nothing_is_dropped_with_its_reason(talks, what: str):
    row, reason = DROPPED[what]
    assert talks([{"messages": ASKED}, row]).reasons == {"t.jsonl#1": "kept", "t.jsonl#2": reason}


def test_the_second_row_with_an_id_is_dropped(talks):
    rows = [
        {"id": "a", "messages": ASKED},
        {"id": "a", "question": "Why?", "answer": "So."},
        {"id": 7, **SHAPES["Alpaca"]},
    ]
    rows[2]["output"] = "Another."
    assert talks(rows).reasons == {"t.jsonl#1": "kept", "t.jsonl#2": "duplicate_row_id", "t.jsonl#3": "kept"}


def test_rows_of_which_none_is_kept_are_an_error_that_counts_them(talks):
    with pytest.raises(Misuse, match="1 no_assistant_turn"):
        talks([{"messages": [ASKED[0]]}])


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\n "])
def test_a_list_of_rows_is_read_as_the_rows_are(talks, indent: int | None, before: bytes):
    rows = [SHAPES["Alpaca"], {"messages": [{"role": "user", "content": "Grüß, 'dich' ]"}, ASKED[1]]}, {"messages": []}]
    found = talks(before + json.dumps(rows, indent=indent, ensure_ascii=False).encode() + b"\n", name="t.json")
    assert found.texts["t.json#1"] == spelled(("user", QUESTION), ("assistant", ANSWER))
    assert found.texts["t.json#2"] == spelled(("user", "Grüß, 'dich' ]"), ("assistant", ANSWER))
    assert found.reasons["t.json#3"] == "no_assistant_turn"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b'[{"a": 1}, [2]]', "item 2 of the list: expected an object, found list"),
        (b'[{"a": 1}, {"a": ', "item 2 of the list: not JSON"),
        (b'[{"a": 1},]', "item 2 of the list: not JSON"),
        (b'[{"a": 1} {"a": 2}]', "after item 1 of the list: expected `,` or the end"),
        (b'[{"a": 1}] {"a": 2}', "after item 1 of the list: expected `,` or the end"),
        (b'[{"a": 1}', "after item 1 of the list: expected `,` or the end"),
        (b'[{"a": "\xff"}]', "a list that is not UTF-8"),
        (b"[" * 100_000, "item 1 of the list: not JSON"),
        (b"[" + b"[]," * 2**21 + b"]", "a list that may hold more than"),
    ],
)
def test_a_list_that_is_none_is_named_by_the_item(talks, data: bytes, told: str):
    with pytest.raises(Misuse, match=re.escape(told)) as error:
        talks(data, name="t.json")
    assert error.value.hint == AS_LINES


def test_a_list_without_rows_is_an_empty_corpus(talks):
    with pytest.raises(Misuse, match="the corpus is empty"):
        talks(b"[ ]", name="t.json")


def test_the_shared_list_of_instructions_is_read(talks, shared_data: Path):
    folder = shared_data / "data" / "instruct" / "REJECT_gpteacher_toolformer"
    data = (folder / "toolformer-similarity-0.6-dataset.json").read_bytes()
    found = talks(data, name="t.json")
    assert len(found.reasons) == len(json.loads(data))
    assert set(found.reasons.values()) <= {"kept", "duplicate", "empty_message"}


@pytest.mark.parametrize("line", [b"3", b"{oops", b'{"messages": ' + b"[" * 100_000])
def test_a_line_that_is_no_object_is_named(talks, line: bytes):
    with pytest.raises(Misuse, match=r"t\.jsonl:1: "):
        talks(line)


def test_personal_data_is_masked_in_contents_and_the_text_stays_one_that_is_read(talks):
    found = talks([{"messages": [{"role": "user", "content": 'I am "jo.doe@corp.se"\\'}, ASKED[1]]}])
    assert Talk.from_text(found.texts["t.jsonl#1"]).contents()[0] == 'I am "<email>"\\'


def test_words_across_a_line_end_are_found_in_evaluation_sets(talks, tmp_path: Path):
    words = "the keeper of the light\nwalks the stair each night and counts the steps aloud"
    (tmp_path / "e.jsonl").write_text(json.dumps({"text": words}))
    rows = [{"messages": ASKED}, {"question": "Say it.", "answer": words}]
    found = talks(rows, evaluations=[{"name": "e", "path": "e.jsonl"}], evaluation_share="0")
    assert found.reasons == {"t.jsonl#1": "kept", "t.jsonl#2": "contains_evaluation"}


def test_words_that_every_conversation_has_make_none_like_another(talks):
    rows = [{"question": "?!", "answer": answer} for answer in ("👍", "👎", "👌")]
    assert set(talks(rows, near_similarity="0.5", contained_share="0.5").reasons.values()) == {"kept"}


def test_a_conversation_within_another_is_dropped_for_it(talks):
    longer = [*ASKED, {"role": "user", "content": "And in summer?"}, {"role": "assistant", "content": "She paints."}]
    found = talks([{"messages": ASKED}, {"messages": longer}], contained_share="0.5")
    assert found.reasons["t.jsonl#1"] == "contained_in_longer_document"


def test_a_conversation_is_removed_by_the_digest_of_its_text(talks):
    sha256 = hashlib.sha256(spelled(("user", QUESTION), ("assistant", ANSWER)).encode()).hexdigest()
    rows = [{"messages": ASKED}, {"question": "Why?", "answer": "So."}]
    assert talks(rows, remove=[{"sha256": sha256}]).reasons["t.jsonl#1"] == "removed"


def test_quality_rules_look_at_what_is_said(talks):
    rows = [{"question": f"word{n} " * 3, "answer": f"thing{n} "} for n in range(2)]
    with pytest.raises(Misuse, match="2 too_few_words"):
        talks(rows, rules=["gopher-quality"])


def test_rules_that_take_lines_out_are_refused():
    source = {"name": "a", "kind": "conversations", "path": "in"}
    with pytest.raises(ValueError, match="takes lines out"):
        Recipe.model_validate({"name": "t", "sources": [source], "corpus": {"rules": ["c4"]}, "parent": PARENT})


PAIR = {"prompt": "Greet me.", "chosen": "Good morning!", "rejected": "What."}
AS_MESSAGES = {
    "prompt": [{"role": "user", "content": "Greet me."}],
    "chosen": [{"role": "assistant", "content": "Good morning!"}],
    "rejected": [{"role": "assistant", "content": "What."}],
}
WHOLE = {key: AS_MESSAGES["prompt"] + AS_MESSAGES[key] for key in ("chosen", "rejected")}


@pytest.mark.parametrize("row", [PAIR, AS_MESSAGES, WHOLE, {**WHOLE, "prompt": "Greet me."}])
def test_one_preference_has_one_text_in_every_shape(talks, row: dict[str, Any]):
    (text,) = talks([row], kind="preferences").texts.values()
    assert json.loads(text) == AS_MESSAGES
    assert text.startswith('{"chosen":[{"content":')


NO_PREFERENCE: dict[str, tuple[dict[str, Any], str]] = {
    "both the same": ({**PAIR, "rejected": PAIR["chosen"]}, "no_difference"),
    "both the same once masked": (
        {**PAIR, "chosen": "Ask jo@corp.se", "rejected": "Ask al@corp.se"},
        "no_difference",
    ),
    "one answer": ({"prompt": "Greet me.", "chosen": "Hi"}, "not_a_preference"),
    "nothing asked": ({"chosen": AS_MESSAGES["chosen"], "rejected": AS_MESSAGES["rejected"]}, "no_prompt"),
    "an answer of the user's": ({**PAIR, "chosen": AS_MESSAGES["prompt"]}, "no_assistant_turn"),
    "an answer without words": ({**PAIR, "rejected": ""}, "empty_message"),
}


@pytest.mark.parametrize("what", NO_PREFERENCE)
def test_a_preference_that_prefers_nothing_is_dropped_with_its_reason(talks, what: str):
    row, reason = NO_PREFERENCE[what]
    assert talks([PAIR, row], kind="preferences").reasons == {"t.jsonl#1": "kept", "t.jsonl#2": reason}


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{}",
        '{"messages": [] }',
        '{"messages":[{"role":"user","content":"a"}]}',
        '{"messages":[{"content":"a","role":"x"}]}',
        '{"messages":[{"content":1,"role":"user"}]}',
        '{"messages":[],"messages":[]}',
        '{"messages":' + "[" * 100_000,
    ],
)
def test_a_text_that_is_no_talk_or_spelled_otherwise_is_refused(text: str):
    with pytest.raises(ValueError, match=r"\w"):
        Talk.from_text(text)
