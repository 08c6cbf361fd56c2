"""Learning from preferences: direct preference optimization (Rafailov et al. 2023, equation 7), averaged over pairs.

    N(c), N(r)    nats of the learned tokens of the chosen and of the rejected conversation, added in order
    R(c), R(r)    the same by the model that training began from
    m             beta * ((R(c) - N(c)) - (R(r) - N(r)))
    loss          -ln sigmoid(m)
    gradient      beta * sigmoid(-m) times that of N(c), and minus as much times that of N(r)

m, the loss and the factor are computed from the binary32 sums in exact decimal and rounded once. A conversation's sums
do not depend on what it is packed with, so each is one value however the leaves are computed.
"""

from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

import torch
from torch import Tensor

from glasswright.kernels.rounding import PRECISION, nearest_binary32
from glasswright.model import ops
from glasswright.model.decoder import Decoder
from glasswright.records.recipe import Recipe
from glasswright.records.transcript import Span
from glasswright.store.tokens import TokenReader
from glasswright.train.leaves import LeafSum
from glasswright.train.turns import AssistantTurns, read_packed, sequences_of


class Preferences(AssistantTurns):
    """The loss of pairs. `reference` is the model that training began from."""

    def __init__(self, model: Decoder, tokens: TokenReader, recipe: Recipe, *, reference: Decoder, recompute: bool):
        super().__init__(model, tokens, recipe, recompute=recompute)
        assert recipe.preference is not None, "a recipe that learns from preferences has this section"
        self.reference, self.beta = reference, recipe.preference.beta

    def scale(self, step: int) -> float:
        return nearest_binary32(Fraction(1, sum(map(len, self.reads(step)))))

    def leaf(self, step: int, index: int) -> LeafSum:
        pairs = [sequences_of(self.tokens.map.documents[span.document], span) for span in self._spans(step, index)]
        spans = [span for pair in pairs for span in pair]
        here, before = (self._nats(model, spans) for model in (self.model, self.reference))
        total: LeafSum | None = None
        for number, pair in enumerate(pairs):
            at = slice(2 * number, 2 * number + 2)
            loss, slope = loss_and_slope(here[at], before[at], self.beta)
            factor = nearest_binary32(slope * Decimal(self.scale(step)))
            chosen, rejected = (self._gradients(span, sign * factor) for span, sign in zip(pair, (1, -1), strict=True))
            for gradient, other in zip(chosen, rejected, strict=True):
                ops.add_(gradient, other)
            part = LeafSum(torch.tensor([loss], device=self.model.device), chosen)
            total = part if total is None else total.add(part)
        assert total is not None, "a leaf reads something"
        return total

    def _nats(self, model: Decoder, spans: Sequence[Span]) -> list[float]:
        """What each conversation costs a model."""
        with torch.no_grad():
            return [float(ops.ordered_sum(self._losses(model, [span], 1.0)).tolist()[0]) for span in spans]

    def _gradients(self, span: Span, factor: float) -> tuple[Tensor, ...]:
        losses_N = self._losses(self.model, [span], factor)
        return torch.autograd.grad(losses_N, self._parameters, torch.ones_like(losses_N))

    def _losses(self, model: Decoder, spans: Sequence[Span], scale: float) -> Tensor:
        read = read_packed(self.tokens, spans, model.device)
        positions = model.packed_positions(read.lengths)
        return model.losses(read.token_1R, read.target_N, positions, scale, row_N=read.row_N, recompute=self.recompute)


def loss_and_slope(here: Sequence[float], before: Sequence[float], beta: Decimal) -> tuple[float, Decimal]:
    """The loss of a pair in nats, a binary32 value, and beta * sigmoid(-m), from the nats of (chosen, rejected)."""
    with localcontext() as context:
        context.prec = PRECISION
        odds = (-margin_of(here, before, beta)).exp()
        return nearest_binary32((1 + odds).ln()), beta * odds / (1 + odds)


def margin_of(here: Sequence[float], before: Sequence[float], beta: Decimal) -> Decimal:
    """m of a pair, from the nats of (chosen, rejected)."""
    (chosen, rejected), (chosen_before, rejected_before) = (map(Decimal, nats) for nats in (here, before))
    with localcontext() as context:
        context.prec = PRECISION
        return beta * ((chosen_before - chosen) - (rejected_before - rejected))
