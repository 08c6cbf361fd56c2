"""Masks, lengths and templates as TRL has them, token by token.

TRL's own way is taken with its own functions: the tokenizer loaded by transformers, `apply_chat_template` with the mask
of assistant turns where the template marks them, prompt and completion told apart by their common tokens where not.
"""

from pathlib import Path
from typing import Any

import pytest
from tests.tokenizer.parents import MANNERS, write_parent

from glasswright.records.conversations import Message, Talk
from glasswright.tokenizer.encoded import Said
from glasswright.tokenizer.parent import ParentTokenizer
from glasswright.tokenizer.turns import Turns

TALKS = [
    [("user", "Say words."), ("assistant", "The words: naïve 🦊"), ("user", "More"), ("assistant", "a b")],
    [("user", "what  the\n\nuser"), ("assistant", "\n\nx = 1;\n\tif (x) { }\n")],
    [("user", "123 456"), ("assistant", "你好，世界")],
]
trl = pytest.importorskip("trl", reason="did not run: trl is not installed")
transformers = pytest.importorskip("transformers", reason="did not run: transformers is not installed")


def messages(turns: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in turns]


def ours(folder: Path, vocab_size: int, talks: list[Talk]) -> list[list[Said]]:
    return Turns(ParentTokenizer(folder, vocab_size)).said([(f"{n}", talk) for n, talk in enumerate(talks)])


def conversation(turns: list[tuple[str, str]]) -> Talk:
    return Talk({"messages": tuple(Message(*turn) for turn in turns)})


def marked_by_trl(tokenizer: Any, turns: list[tuple[str, str]]) -> tuple[list[int], list[bool]]:
    """As `assistant_only_loss` has it."""
    found = tokenizer.apply_chat_template(
        messages(turns), return_dict=True, return_assistant_tokens_mask=True, tokenize=True
    )
    return found["input_ids"], [bool(it) for it in found["assistant_masks"]]


def completed_by_trl(
    tokenizer: Any, prompt: list[tuple[str, str]], completion: list[tuple[str, str]]
) -> tuple[list[int], list[bool]]:
    """As the trainers for SFT and DPO have prompt and completion: what follows the tokens they have in common."""
    before = tokenizer.apply_chat_template(messages(prompt), add_generation_prompt=True, return_dict=True)["input_ids"]
    whole = tokenizer.apply_chat_template(messages([*prompt, *completion]), return_dict=True)["input_ids"]
    prompt_length = trl.data_utils.common_prefix_length(before, whole)
    return whole, [place >= prompt_length for place in range(len(whole))]


def test_where_a_template_marks_answers_the_mask_is_that_of_assistant_only_loss(tmp_path: Path):
    size = write_parent(tmp_path, MANNERS["marked"])
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path)
    for turns, (found,) in zip(TALKS, ours(tmp_path, size, list(map(conversation, TALKS))), strict=True):
        assert (found.ids, found.is_learned) == marked_by_trl(tokenizer, turns)
        assert any(found.is_learned)


@pytest.mark.parametrize("manner", sorted(MANNERS.keys() - {"marked"}))
def test_where_it_does_not_the_last_answer_is_that_of_prompt_and_completion(tmp_path: Path, manner: str):
    size = write_parent(tmp_path, MANNERS[manner])
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path)
    for turns in TALKS:
        ((found,),) = ours(tmp_path, size, [conversation(turns[-2:])])
        assert (found.ids, found.is_learned) == completed_by_trl(tokenizer, turns[-2:-1], turns[-1:])


@pytest.mark.parametrize("manner", MANNERS)
def test_both_conversations_of_a_preference_are_those_of_its_trainer(tmp_path: Path, manner: str):
    size = write_parent(tmp_path, MANNERS[manner])
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path)
    prompt, chosen, rejected = ([(role, text)] for role, text in (*TALKS[0][:2], ("assistant", "No.")))
    lists = {"prompt": prompt, "chosen": chosen, "rejected": rejected}
    talk = Talk({key: tuple(Message(*turn) for turn in turns) for key, turns in lists.items()})
    ((first, second),) = ours(tmp_path, size, [talk])
    assert (first.ids, first.is_learned) == completed_by_trl(tokenizer, prompt, chosen)
    assert (second.ids, second.is_learned) == completed_by_trl(tokenizer, prompt, rejected)
