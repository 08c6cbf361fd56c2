"""Of every family, texts that share a beginning and are fed with it once have the losses that each has alone."""

import torch
from tests.families.conftest import TOKENS_ST, Written

from glasswright.model import huggingface
from glasswright.model.positions import Branches

SHARED = 23
TEXTS = [TOKENS_ST[0, :40], torch.cat([TOKENS_ST[0, :SHARED], TOKENS_ST[1, 5:11]])]


def test_a_shared_beginning_changes_no_bit(written: Written) -> None:
    model = huggingface.load(written.folder)
    rests = [text[SHARED:] for text in TEXTS]
    together = torch.cat([TEXTS[0][:SHARED], *rests])
    positions = model.branched_positions([Branches(SHARED, tuple(map(len, rests)))])
    first = SHARED
    for text, rest in zip(TEXTS, rests, strict=True):
        rows = torch.tensor([*range(SHARED), *range(first, first + len(rest))])
        target_N = torch.roll(text, -1)
        alone = model.losses(text.view(1, -1), target_N, model.positions(1, len(text)), 1.0).detach()
        found, _ = model.judged(together.view(1, -1), target_N, positions, rows, with_likeliest=False)
        assert torch.equal(found, alone)
        first += len(rest)
