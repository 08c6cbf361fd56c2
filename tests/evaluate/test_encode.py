"""Requests become tokens as lm-evaluation-harness makes them, and long texts windows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.errors import Misuse
from glasswright.evaluate.answer import Subject
from glasswright.evaluate.encode import encoded, windows
from glasswright.evaluate.items import Malformed, Request

TEXTS = ["the mill", "river  ", " and number seven", "", "so\n", "über"]


def split(subject: Subject, context: str, continuation: str) -> tuple[list[int], list[int]]:
    tokens = encoded(Request(context, continuation), subject.tokenizer, 0, "here")
    return list(tokens.context), list(tokens.continuation)


@pytest.mark.parametrize("context", TEXTS)
@pytest.mark.parametrize("continuation", [" mill", "x y", " so", "\n"])
def test_tokens_are_those_of_lm_eval(subject: Subject, context: str, continuation: str) -> None:
    api = pytest.importorskip("lm_eval.api.model", reason="did not run: lm-eval is not installed")

    class Theirs(api.TemplateLM):
        eot_token_id = prefix_token_id = 0
        loglikelihood_rolling = generate_until = None

        def tok_encode(self, string, add_special_tokens=None, **_):
            return subject.tokenizer.encode(string, has_special=add_special_tokens is not False)

        def _loglikelihood_tokens(self, requests, **_):
            return [request[1:] for request in requests]

    request = type("Request", (), {"args": (context, continuation)})
    assert split(subject, context, continuation) == Theirs().loglikelihood([request], disable_tqdm=True)[0]


def test_spaces_at_a_context_s_end_belong_to_the_continuation(subject: Subject) -> None:
    assert split(subject, "the mill  ", "river") == split(subject, "the mill", "  river")
    assert split(subject, "  ", "river") == split(subject, "", "  river")


def test_behind_nothing_stands_the_token_that_begins_a_text(subject: Subject) -> None:
    assert split(subject, "", "the")[0] == [0]
    assert split(subject, "", "<|end|>the") == split(subject, "", "the")
    with pytest.raises(Misuse, match="no token that begins or ends a text"):
        encoded(Request("", "the"), subject.tokenizer, None, "here")


def test_a_choice_of_no_tokens_is_refused(subject: Subject) -> None:
    for context in ("", "the mill"):
        with pytest.raises(Malformed, match="here: '' has no tokens"):
            split(subject, context, "")


@given(length=st.integers(1, 40), longest=st.integers(1, 12))
def test_windows_judge_each_token_once_and_none_reaches_beyond(length: int, longest: int) -> None:
    text = list(range(1, length + 1))
    parts = list(windows(text, 0, longest))
    assert [token for part in parts for token in part.continuation] == text
    whole = [0, *text]
    for part in parts:
        assert part.context
        assert len(part.fed) <= longest
        assert list(part.context + part.continuation) == whole[whole.index(part.context[0]) : part.continuation[-1] + 1]


@given(length=st.integers(1, 40), longest=st.integers(1, 12))
def test_windows_are_those_of_lm_eval(length: int, longest: int) -> None:
    utils = pytest.importorskip("lm_eval.utils", reason="did not run: lm-eval is not installed")
    text = list(range(1, length + 1))
    theirs = map(utils.make_disjoint_window, utils.get_rolling_token_windows(text, 0, longest, 1))
    assert [(list(part.context), list(part.continuation)) for part in windows(text, 0, longest)] == list(theirs)
