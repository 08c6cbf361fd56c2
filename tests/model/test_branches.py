"""Texts that share a beginning are fed with it once, and have the bits that each has alone."""

from collections.abc import Callable, Iterator, Sequence

import pytest
import torch

from glasswright.kernels import backends
from glasswright.model.decoder import Decoder
from glasswright.model.guard import exact_run
from glasswright.model.positions import Branches

BEGINNING, RESTS = [5, 9, 12, 3, 44], [[7, 8, 61], [30], [2, 71, 18, 18, 6]]
ALONE = [17, 80]


@pytest.fixture(params=[1, 2], autouse=True)
def _by_each_version(request: pytest.FixtureRequest) -> Iterator[None]:
    with backends.following(request.param):
        yield


def judged(
    model: Decoder, texts: Sequence[Branches], ids: list[int], row_N: list[int]
) -> tuple[torch.Tensor, list[int]]:
    target_N = torch.tensor([(row * 7) % 90 for row in range(len(row_N))])
    with exact_run("a test"):
        positions = model.branched_positions(texts)
        return model.judged(torch.tensor([ids]), target_N, positions, torch.tensor(row_N), with_likeliest=True)


def test_branches_have_the_bits_that_each_text_has_alone(make_model: Callable[..., Decoder]) -> None:
    model = make_model()
    tree = [Branches(len(BEGINNING), tuple(map(len, RESTS))), Branches(len(ALONE), ())]
    ids = [*BEGINNING, *(token for rest in RESTS for token in rest), *ALONE]
    loss_N, likeliest = judged(model, tree, ids, list(range(len(ids))))
    first = len(BEGINNING)
    for rest in RESTS:
        text = [*BEGINNING, *rest]
        logits_TV = model.logits(torch.tensor([text]))[0]
        rows = [*range(len(BEGINNING)), *range(first, first + len(rest))]
        own = torch.tensor([(row * 7) % 90 for row in rows])
        losses = model.losses(torch.tensor([text]), own, model.positions(1, len(text)), 1.0).detach()
        assert torch.equal(loss_N[rows], losses)
        assert [likeliest[row] for row in rows] == logits_TV.argmax(1).tolist()
        first += len(rest)
    logits_TV = model.logits(torch.tensor([ALONE]))[0]
    assert likeliest[-2:] == logits_TV.argmax(1).tolist()


def test_a_rest_that_stands_elsewhere_has_other_bits(make_model: Callable[..., Decoder]) -> None:
    model = make_model()
    ids = [*BEGINNING, *RESTS[0]]
    right, _ = judged(model, [Branches(len(BEGINNING), (len(RESTS[0]),))], ids, [len(ids) - 1])
    wrong, _ = judged(model, [Branches(len(BEGINNING) - 1, (len(RESTS[0]) + 1,))], ids, [len(ids) - 1])
    parted, _ = judged(model, [Branches(len(BEGINNING), ()), Branches(len(RESTS[0]), ())], ids, [len(ids) - 1])
    assert torch.equal(right, wrong)  # the same text, cut elsewhere
    assert not torch.equal(right, parted)


def test_a_row_may_be_judged_for_several_targets(make_model: Callable[..., Decoder]) -> None:
    loss_N, likeliest = judged(make_model(), [Branches(len(BEGINNING), ())], BEGINNING, [4, 4])
    assert loss_N[0] != loss_N[1]
    assert likeliest[0] == likeliest[1]
