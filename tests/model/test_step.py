"""A step that was recorded and is played again gives the bits of one that is computed (rule 11), wherever it runs."""

import os
import weakref

import pytest
import torch

from glasswright.kernels import backends, supported_isas
from glasswright.kernels.backends.tape import Tape
from glasswright.model.cache import KeyValueCache
from glasswright.model.decoder import Decoder
from glasswright.model.guard import exact_run
from glasswright.model.step import MAX_SEQUENCES

TOKENS_ST = torch.arange(3, 43).view(2, 20)


@pytest.fixture
def plays(monkeypatch: pytest.MonkeyPatch) -> list[Tape]:
    """The tapes that were played, in order."""
    played: list[Tape] = []
    play = Tape.play
    monkeypatch.setattr(Tape, "play", lambda tape: (played.append(tape), play(tape)))
    return played


def one_by_one(model: Decoder, cache: KeyValueCache, token_ST: torch.Tensor) -> torch.Tensor:
    with exact_run("test"):
        return torch.cat([model.logits(token_S1, cache) for token_S1 in token_ST.split(1, dim=1)], dim=1)


def bits(tensor: torch.Tensor) -> bytes:
    return tensor.numpy().tobytes()


@pytest.mark.parametrize("num_sequences", [1, 2])
def test_played_steps_give_the_bits_of_the_whole(make_model, plays: list[Tape], num_sequences: int) -> None:
    model, token_ST = make_model(), TOKENS_ST[:num_sequences]
    assert bits(one_by_one(model, KeyValueCache(), token_ST)) == bits(model.logits(token_ST))
    assert len(plays) == 19  # the first was recorded


def test_a_played_step_on_another_token_gives_other_bits(make_model) -> None:
    model, other_ST = make_model(), TOKENS_ST.clone()
    other_ST[1, 5] += 1
    found = one_by_one(model, KeyValueCache(), other_ST)
    assert bits(found[:, :5]) == bits(model.logits(TOKENS_ST)[:, :5])
    assert bits(found[:1]) == bits(model.logits(TOKENS_ST)[:1])
    assert bits(found[1, 5:]) != bits(model.logits(TOKENS_ST)[1, 5:])


def test_a_played_step_at_another_position_gives_other_bits(make_model) -> None:
    model, caches = make_model(), [KeyValueCache(), KeyValueCache()]
    one_by_one(model, caches[0], TOKENS_ST)
    one_by_one(model, caches[1], TOKENS_ST[:, :-1])
    caches[1].position_1.fill_(18)  # what the kernel reads, not what the cache says
    assert bits(one_by_one(model, caches[0], TOKENS_ST[:, :1])) != bits(one_by_one(model, caches[1], TOKENS_ST[:, :1]))


def test_memory_that_ends_is_recorded_anew(make_model, plays: list[Tape]) -> None:
    model = make_model()
    assert bits(one_by_one(model, KeyValueCache(room=4), TOKENS_ST)) == bits(model.logits(TOKENS_ST))
    assert len(set(map(id, plays))) == len([4, 8, 16, 32])


def test_logits_stay_as_they_were_given(make_model) -> None:
    model, cache = make_model(), KeyValueCache()
    first = model.logits(TOKENS_ST[:, :1], cache)
    before = bits(first)
    model.logits(TOKENS_ST[:, 1:2], cache)
    assert bits(first) == before


def test_the_callers_tokens_are_not_written_to(make_model) -> None:
    model, cache, token_S1 = make_model(), KeyValueCache(), TOKENS_ST[:, :1].clone()
    model.logits(token_S1, cache)
    model.logits(TOKENS_ST[:, 1:2], cache)
    assert torch.equal(token_S1, TOKENS_ST[:, :1])


@pytest.mark.parametrize("token", [-1, 90, 2**62])
def test_a_token_that_is_none_is_refused_by_a_step_that_is_played(make_model, token: int) -> None:
    model, cache = make_model(), KeyValueCache()
    one_by_one(model, cache, TOKENS_ST)
    with pytest.raises(ValueError, match=f"token_R: expected ids from 0 to 89, got {token} at row 1"):
        model.logits(torch.tensor([[1], [token]]), cache)
    assert cache.num_positions == 20
    assert bits(one_by_one(model, cache, TOKENS_ST)) == bits(model.logits(TOKENS_ST.repeat(1, 2))[:, 20:])


def test_other_threads_and_instruction_sets_on_the_way_change_no_bit(
    make_model, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, cache, pieces = make_model(), KeyValueCache(), []
    for t, token_S1 in enumerate(TOKENS_ST.split(1, dim=1)):
        backends.on("cpu").set_num_threads(t % 3 + 1)
        pieces.append(one_by_one(model, cache, token_S1))
    backends.on("cpu").set_num_threads(1)
    assert bits(torch.cat(pieces, dim=1)) == bits(model.logits(TOKENS_ST))
    for isa in supported_isas():
        monkeypatch.setenv("GLASSWRIGHT_KERNELS", isa)
        pieces.append(one_by_one(model, cache, TOKENS_ST))
    monkeypatch.delenv("GLASSWRIGHT_KERNELS")
    times = 1 + len(supported_isas())
    assert bits(torch.cat(pieces, dim=1)) == bits(model.logits(TOKENS_ST.repeat(1, times)))


def test_the_definitions_are_not_recorded(make_model, monkeypatch: pytest.MonkeyPatch, plays: list[Tape]) -> None:
    model, wanted = make_model(), make_model().logits(TOKENS_ST[:1, :3])
    monkeypatch.setenv("GLASSWRIGHT_KERNELS", "definition")
    assert bits(one_by_one(model, KeyValueCache(), TOKENS_ST[:1, :3])) == bits(wanted)
    assert not plays


def test_more_sequences_than_a_tape_is_for_are_not_recorded(make_model, plays: list[Tape]) -> None:
    model, token_ST = make_model(), torch.arange(3 * (MAX_SEQUENCES + 1)).view(-1, 3)
    assert bits(one_by_one(model, KeyValueCache(), token_ST)) == bits(model.logits(token_ST))
    assert not plays


@pytest.mark.skipif(not hasattr(os, "fork"), reason="did not run: no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_step_recorded_before_a_fork_is_played_after_it(make_model) -> None:
    model, cache = make_model(), KeyValueCache()
    backends.on("cpu").set_num_threads(2)
    one_by_one(model, cache, TOKENS_ST)
    wanted = bits(model.logits(TOKENS_ST.repeat(1, 2))[:, 20:])
    child = os.fork()
    if not child:
        os._exit(0 if bits(one_by_one(model, cache, TOKENS_ST)) == wanted else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert bits(one_by_one(model, cache, TOKENS_ST)) == wanted
    backends.on("cpu").set_num_threads(1)


def test_another_model_on_the_same_memory_does_not_play_the_first_ones_step(make_model) -> None:
    model, other = make_model(), make_model()
    for parameter in other.parameters():
        parameter.data.neg_()
    cache, others = KeyValueCache(), KeyValueCache()
    one_by_one(model, cache, TOKENS_ST)
    one_by_one(model, others, TOKENS_ST)
    others.step = None
    assert bits(other.logits(TOKENS_ST[:, :1], cache)) == bits(other.logits(TOKENS_ST[:, :1], others))
    assert bits(model.logits(TOKENS_ST[:, 1:2], cache)) != bits(other.logits(TOKENS_ST[:, 1:2], others))


def test_a_tape_goes_with_its_cache(make_model, plays: list[Tape]) -> None:
    model, cache = make_model(), KeyValueCache()
    one_by_one(model, cache, TOKENS_ST)
    held = weakref.ref(plays.pop()._held[-1])
    plays.clear()
    del cache
    assert held() is None
