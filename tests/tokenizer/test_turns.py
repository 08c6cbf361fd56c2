"""Conversations as a parent's template writes them: what is learned is what the assistant says, and nothing else."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.tokenizer.parents import CHATML, MANNERS, Manner, recipe_of, write_parent

from glasswright import tokenizer
from glasswright.errors import Misuse
from glasswright.records.conversations import Message, Talk
from glasswright.records.tokens import DocumentTokens, TokenMap
from glasswright.store.documents import read_documents
from glasswright.store.ledger import read_ledger
from glasswright.store.tokens import open_tokens
from glasswright.tokenizer.learn import load

CorpusOf = Callable[[list[str]], Path]
TURNS = [("user", "Say words."), ("assistant", "The words: naïve 🦊"), ("user", "More"), ("assistant", "  a b ")]


def talk(*turns: tuple[str, str]) -> str:
    return Talk({"messages": tuple(Message(role, content) for role, content in turns)}).text()


def preference(chosen: str, rejected: str) -> str:
    said = {"prompt": ("user", "Say words."), "chosen": ("assistant", chosen), "rejected": ("assistant", rejected)}
    return Talk({key: (Message(*message),) for key, message in said.items()}).text()


class Built:
    """What became of some material."""

    def __init__(self, out: Path, token_map: TokenMap):
        self.out, self.map = out, token_map
        self._tokens, self._model = open_tokens(out), load(out / "tokenizer.json")

    def spelled(self, document: DocumentTokens) -> str:
        return self._text(document, 0, document.num_tokens)

    def learned(self, document: DocumentTokens) -> list[str]:
        return [self._text(document, first, count) for first, count in document.learned or ()]

    def ids(self, document: DocumentTokens) -> list[int]:
        return self._tokens.read(document.first_token, document.num_tokens).tolist()

    def _text(self, document: DocumentTokens, first: int, count: int) -> str:
        ids = self._tokens.read(document.first_token + first, count).tolist()
        return self._model.decode(ids, skip_special_tokens=False)


@pytest.fixture
def built(corpus_of: CorpusOf, tmp_path: Path):
    def run(
        texts: list[str], manner: Manner | str = "ChatML", kind: str = "conversations", changes: Any = None, **more: Any
    ) -> Built:
        found = MANNERS[manner] if isinstance(manner, str) else manner
        vocab_size = write_parent(tmp_path / "parent", found, **(changes or {}))
        recipe = recipe_of(kind, vocab_size, **more)
        return Built(
            tmp_path / "out",
            tokenizer.build(recipe, corpus_of(texts), tmp_path / "out", parent=tmp_path / "parent"),
        )

    return run


LEARNED = {
    "ChatML": ["The words: naïve 🦊<|im_end|>\n", "  a b <|im_end|>\n"],
    "marked": ["The words: naïve 🦊<|im_end|>", "  a b <|im_end|>"],
    "Llama 3": ["The words: naïve 🦊<|eot_id|>", "a b<|eot_id|>"],
    "Gemma": ["The words: naïve 🦊<end_of_turn>\n", "a b<end_of_turn>\n"],
    "Mistral": [" The words: naïve 🦊</s>", "   a b </s>"],
}


@pytest.mark.parametrize("manner", MANNERS)
def test_what_the_assistant_says_is_learned_with_the_end_of_its_turn(built, manner: str):
    found = built([talk(*TURNS)], manner)
    (document,) = found.map.documents
    assert found.learned(document) == LEARNED[manner]
    assert document.num_bytes == sum(len(text.encode()) for text in LEARNED[manner])


def test_the_tokens_are_those_of_the_written_text(built):
    found = built([talk(*TURNS[:2])])
    (document,) = found.map.documents
    assert found.spelled(document) == (
        "<|im_start|>user\nSay words.<|im_end|>\n<|im_start|>assistant\nThe words: naïve 🦊<|im_end|>\n"
    )
    assert document.num_tokens == len(found.ids(document)) < len(found.spelled(document))
    assert (document.second, document.first_token) == (None, 0)


def test_tools_and_system_messages_are_never_learned(built):
    turns = [("system", "Be kind."), ("user", "1+1?"), ("assistant", "Call."), ("tool", "2"), ("assistant", "Two.")]
    found = built([talk(*turns)])
    assert found.learned(found.map.documents[0]) == ["Call.<|im_end|>\n", "Two.<|im_end|>\n"]


def test_of_a_preference_what_follows_the_prompt_is_learned_in_both(built):
    found = built([preference("Good words", "No")], kind="preferences")
    (document,) = found.map.documents
    before = "<|im_start|>user\nSay words.<|im_end|>\n<|im_start|>assistant\n"
    assert found.spelled(document) == f"{before}Good words<|im_end|>\n{before}No<|im_end|>\n"
    assert found.learned(document) == ["Good words<|im_end|>\n", "No<|im_end|>\n"]
    assert found.ids(document)[document.second or 0] == found.ids(document)[0]
    assert document.second == document.learned[0][0] + document.learned[0][1]


def test_a_token_that_reaches_out_of_an_answer_is_not_learned(built):
    bare = Manner(
        ("<b>", "<e>"), "{% for m in messages %}{{ m.content }}{% endfor %}{% if add_generation_prompt %}{% endif %}"
    )
    found = built([talk(("user", "the assis"), ("assistant", "tant says"))], bare)
    learned = found.learned(found.map.documents[0])
    assert "".join(learned) == " says"


def test_texts_of_a_parent_end_with_its_end_and_hold_no_special_token(built):
    found = built(["words <|im_end|> naïve", "more"], kind="folder")
    for document in found.map.documents:
        *ids, last = found.ids(document)
        assert last == found.map.end_of_text
        assert max(ids) < last - 2  # ids of special tokens come last
        assert document.learned is None


def test_the_parents_files_are_carried_as_they_are(built, tmp_path: Path):
    found = built([talk(*TURNS)])
    names = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja")
    for name in names:
        assert (found.out / name).read_bytes() == (tmp_path / "parent" / name).read_bytes()


def test_what_a_tokenizer_file_cuts_or_adds_is_set_aside(built):
    plain = built([talk(*TURNS)])
    ids = plain.ids(plain.map.documents[0])
    trims = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
    cut = {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}
    found = built([talk(*TURNS)], changes={"truncation": cut, "post_processor": trims})
    assert found.ids(found.map.documents[0]) == ids
    assert found.map.documents[0].learned == plain.map.documents[0].learned


def test_a_template_that_asks_for_the_time_is_told_the_same_every_time(built):
    timed = Manner(MANNERS["ChatML"].special, "{{ strftime_now('%d %b %Y') }}" + CHATML)
    found = built([talk(*TURNS)], timed)
    assert found.spelled(found.map.documents[0]).startswith("26 Jul 2024<|im_start|>user")


REFUSED = {
    "turns that do not alternate": ("Gemma", [*TURNS, ("assistant", "more")], "here:0: message 5: .*must alternate"),
    "an answer without a question": ("Gemma", TURNS[1:], "here:0: message 1: .*not there"),
    "answers that are written otherwise later on": (
        Manner(
            MANNERS["ChatML"].special,
            "{% for m in messages %}{{ m.role }}:{% if loop.last or m.role == 'user' %}{{ m.content }}{% endif %};"
            "{% endfor %}",
        ),
        TURNS,
        "here:0: message 2: .*does not begin",
    ),
    "a template that marks nothing": (
        Manner(("<b>", "<e>"), "{% for m in messages %}{{ m.content }}{% endfor %}{% generation %}{% endgeneration %}"),
        TURNS,
        "here:0: .*nothing of it is marked",
    ),
    "a template that is none": (Manner(("<b>", "<e>"), "{% for %}"), TURNS, "line 1"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_written_is_refused_with_document_and_message(built, what: str):
    manner, turns, said = REFUSED[what]
    with pytest.raises(Misuse, match=said) as caught:
        built([talk(*turns)], manner)
    assert caught.value.hint


def test_a_parent_without_a_template_is_refused(corpus_of: CorpusOf, tmp_path: Path):
    recipe = recipe_of("conversations", write_parent(tmp_path / "parent", MANNERS["ChatML"]))
    (tmp_path / "parent" / "chat_template.jinja").unlink()
    with pytest.raises(Misuse, match="no chat template") as caught:
        tokenizer.build(recipe, corpus_of([talk(*TURNS)]), tmp_path / "o", parent=tmp_path / "parent")
    assert "instruct" in (caught.value.hint or "")


def test_of_many_conversations_the_one_that_is_refused_is_named(built):
    good = [talk(("user", f"Say {n}."), ("assistant", f"{n}")) for n in range(9)]
    bad = talk(("user", "Twice"), ("user", "Twice"), ("assistant", "No."))
    with pytest.raises(Misuse, match="here:5: .*must alternate"):
        built([*good[:5], bad, *good[5:]], "Gemma")


SHORT, LONG = talk(("user", "Say"), ("assistant", "a")), talk(("user", "Say"), ("assistant", "a, " * 60))
ASKED = talk(("user", "Say, " * 60), ("assistant", "a"))


def test_conversations_longer_than_a_sequence_are_refused_with_their_number(built):
    with pytest.raises(
        Misuse, match=r"2 conversations are longer than train.sequence_length = 100: .*here:2"
    ) as caught:
        built([SHORT, LONG, ASKED], sequence_length=100)
    assert "too_long" in (caught.value.hint or "")


def test_conversations_are_cut_only_when_asked(built):
    found = built([SHORT, LONG], sequence_length=100, too_long="cut")
    assert sorted(document.num_tokens for document in found.map.documents)[-1] == 101
    cut = max(found.map.documents, key=lambda document: document.num_tokens)
    assert sum(cut.learned[-1]) == 101
    assert cut.num_bytes == len("".join(found.learned(cut)).encode())


def test_what_is_dropped_for_its_length_is_dropped_in_the_ledger_and_in_the_documents(built):
    found = built([SHORT, LONG, ASKED], sequence_length=100, too_long="drop")
    rows = read_ledger(found.out / "ledger.parquet")
    assert sorted(row.reason for row in rows) == ["kept", "too_long", "too_long", "too_short"]
    assert [text for _, text in read_documents(found.out / "documents")] == [SHORT]
    assert len(found.map.documents) == 1


def test_a_conversation_of_which_a_cut_leaves_no_answer_is_dropped(built):
    found = built([SHORT, ASKED], sequence_length=100, too_long="cut")
    assert len(found.map.documents) == 1
    assert not (found.out / "documents" / "00001.jsonl").exists()


def test_both_answers_of_a_preference_fit_in_a_sequence_together(built):
    both = [preference("a, " * 30, "b"), preference("a", "b")]
    found = built(both, kind="preferences", sequence_length=140, too_long="cut")
    assert max(document.num_tokens for document in found.map.documents) <= 141


def test_a_token_beyond_the_embedding_is_refused(corpus_of: CorpusOf, tmp_path: Path):
    size = write_parent(tmp_path / "parent", MANNERS["ChatML"])
    with pytest.raises(Misuse, match=r"'<\|im_\w+\|>' has id \d+, beyond the model's"):
        tokenizer.build(
            recipe_of("conversations", size - 2), corpus_of([talk(*TURNS)]), tmp_path / "o", parent=tmp_path / "parent"
        )


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"model": {}}', b"[" * 100_000])
def test_a_tokenizer_that_is_none_is_refused(corpus_of: CorpusOf, tmp_path: Path, data: bytes):
    size = write_parent(tmp_path / "parent", MANNERS["ChatML"])
    (tmp_path / "parent" / "tokenizer.json").write_bytes(data)
    with pytest.raises(Misuse, match=r"tokenizer\.json"):
        tokenizer.build(
            recipe_of("conversations", size), corpus_of([talk(*TURNS)]), tmp_path / "o", parent=tmp_path / "parent"
        )


def test_a_tokenizer_that_draws_lots_is_refused(built):
    definition = json.loads('{"type": "BPE", "dropout": 0.1, "vocab": {}, "merges": []}')
    with pytest.raises(Misuse, match="dropout"):
        built([talk(*TURNS)], changes={"model": definition})
