"""A decoder put together as its description says, over the exact kernels.

    x = embedding(token)
    for each layer:   x = x + attention(...), x + feed_forward(...), with the norms where the description has them
    logits = head(norm(x))

Its parameters are those of the family's published files, by their names. Legend as in ops.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from glasswright.kernels.rounding import nearest_binary32, square_root
from glasswright.model import ops
from glasswright.model.blocks.layer import layer_of
from glasswright.model.blocks.norm import Norm
from glasswright.model.blocks.projection import LowRank
from glasswright.model.cache import KeyValueCache
from glasswright.model.positions import Angles, Branches, Positions, Rotation, learned_rows
from glasswright.model.step import MAX_SEQUENCES, Step
from glasswright.model.weights import Weights
from glasswright.records.adapter import DOWN, UP, adapter_parameters
from glasswright.records.decoder import DecoderConfig, Parameter
from glasswright.records.recipe import Adapter


class Decoder:
    """The language model: losses for training, logits for generation. Weights that are not given are zero.

    `halves` names the parameters that came in 16 bits, with the type they had. With an adapter, its parameters alone
    are trained (`trained`, `trained_layout`), and the others are frozen. Parameters lie on `device`, by torch's name
    for it, and what is computed from them does.
    """

    def __init__(
        self,
        config: DecoderConfig,
        given: Weights | None = None,
        adapter: Adapter | None = None,
        *,
        device: str = "cpu",
    ):
        self.config, self.layout, self.device = config, config.parameters(), device
        self.halves = given.halves if given else {}
        self._tensors = {
            it.name: nn.Parameter(self._initial(it, given), requires_grad=adapter is None) for it in self.layout
        }
        weights = _by_layer(self.layout, self._tensors)
        self.trained_layout, self.trained = self.layout, self._tensors
        if adapter is not None:
            self.trained_layout = adapter_parameters(config, adapter)
            self.trained = {it.name: nn.Parameter(self._initial(it, None)) for it in self.trained_layout}
            _adapt(weights, self.trained_layout, self.trained, nearest_binary32(adapter.alpha / adapter.rank))
        self.weights = weights[None]
        self.layers = [layer_of(config.model, weights[i], i) for i in range(config.model.num_layers)]
        self.final_norm = Norm(config.model, self.weights, "final_norm")
        self.soft_cap = nearest_binary32(config.model.soft_cap)
        scale_squared = config.model.hidden_size if config.model.scaled_embedding else 1
        self.embedding_scale = nearest_binary32(square_root(scale_squared))
        self.rotation = Rotation(config.model, device) if config.model.positions.kind == "rotary" else None

    def _initial(self, it: Parameter, given: Weights | None) -> Tensor:
        return given.tensors[it.name].to(self.device) if given else torch.zeros(it.shape, device=self.device)

    def without_adapter(self) -> "Decoder":
        """The model that the adapter was put beside, with the same weights in the same memory."""
        return Decoder(
            self.config, Weights({name: it.detach() for name, it in self._tensors.items()}), device=self.device
        )

    def named_parameters(self) -> Iterator[tuple[str, nn.Parameter]]:
        """The parameters by name, in the order of the layout."""
        return iter(self._tensors.items())

    def parameters(self) -> Iterator[nn.Parameter]:
        """The parameters, in the order of the layout."""
        return iter(self._tensors.values())

    def positions(self, num_sequences: int, num_positions: int, cache: KeyValueCache | None = None) -> Positions:
        """What layers know of `num_positions` positions after those in the cache."""
        first = cache.num_positions if cache is not None else 0
        if self.rotation:
            return Positions(num_sequences, self.rotation.angles(first, num_positions), None, cache)
        return Positions(num_sequences, None, learned_rows(num_sequences, first, num_positions, self.device), cache)

    def packed_positions(self, lengths: Sequence[int]) -> Positions:
        """What layers know of the positions of texts that lie end to end in one sequence."""
        return Positions(1, *self._of_spans([(0, length) for length in lengths]), lengths=tuple(lengths))

    def branched_positions(self, branches: Sequence[Branches]) -> Positions:
        """What layers know of the positions of texts that share beginnings, each lying once, all end to end."""
        spans = [span for one in branches for span in one.spans()]
        return Positions(1, *self._of_spans(spans), branches=tuple(branches))

    def _of_spans(self, spans: Sequence[tuple[int, int]]) -> tuple[Angles | None, Tensor | None]:
        """The angles, or the rows where positions are learned, of runs of positions that lie end to end."""
        if self.rotation:
            return self.rotation.angles(0, max(first + count for first, count in spans)).packed(spans), None
        return None, torch.cat([learned_rows(1, *span, self.device) for span in spans])

    def losses(
        self,
        token_ST: Tensor,
        target: Tensor,
        positions: Positions,
        scale: float,
        *,
        row_N: Tensor | None = None,
        recompute: bool = False,
    ) -> Tensor:
        """The loss in nats of every position's target, or of those of the rows `row_N`: (N,), as many as targets; the
        gradient is that of `scale` times their sum."""
        normed_ND, head_VD = self._states(token_ST, positions, recompute=recompute)
        if row_N is not None:
            normed_ND, _ = ops.embedding(normed_ND, row_N)
        return ops.linear_cross_entropy(normed_ND, head_VD, target.reshape(-1), scale, self.soft_cap)

    @torch.no_grad()
    def judged(
        self, token_ST: Tensor, target_N: Tensor, positions: Positions, row_N: Tensor, *, with_likeliest: bool
    ) -> tuple[Tensor, list[int]]:
        """The loss in nats of the target after each of the rows `row_N`, and if asked for the likeliest token there.

        A row may be named more than once, each time with another target.
        """
        normed_RD, head_VD = self._states(token_ST, positions, recompute=False)
        normed_ND, _ = ops.embedding(normed_RD, row_N)
        loss_N = ops.linear_cross_entropy(normed_ND, head_VD, target_N, 1.0, self.soft_cap)
        if not with_likeliest:
            return loss_N, []
        logits_NV = self._capped(normed_ND, head_VD)
        return loss_N, [ops.pick(logits_V, temperature=0.0, fraction=0.0) for logits_V in logits_NV]

    @torch.no_grad()
    def logits(self, token_ST: Tensor, cache: KeyValueCache | None = None, *, last_only: bool = False) -> Tensor:
        """Logits of every position fed, (S, T, V), or of the last, (S, 1, V). A cache is extended by the positions fed.

        A position's logits have the same bits however the positions before it were fed, and whatever else is in the
        batch (rule 11).
        """
        S, T = token_ST.shape
        if cache is None:
            return self._logits(token_ST, self.positions(S, T), last_only=last_only)
        cache.make_room(T)
        positions = self.positions(S, T, cache)
        if T == 1 and S <= MAX_SEQUENCES:
            logits_STV = self._next_logits(token_ST, positions, cache)
        else:
            logits_STV = self._logits(token_ST, positions, last_only=last_only)
        cache.advance(T)
        return logits_STV

    def _next_logits(self, token_S1: Tensor, positions: Positions, cache: KeyValueCache) -> Tensor:
        """Those of one position of each sequence: recorded where the cache has no step that fits, else played."""
        given = [token_S1, *positions.tensors()]
        if cache.step is None or not cache.step.fits(self, given):
            own_S1 = token_S1.clone()
            cache.step = Step(self, [own_S1, *given[1:]], lambda: self._logits(own_S1, positions))
            if cache.step.is_recorded:
                return cache.step.result()
        elif cache.step.is_recorded and self._has_tokens(token_S1):
            return cache.step.play(given)
        return self._logits(token_S1, positions)

    def _has_tokens(self, token_ST: Tensor) -> bool:
        """Whether all are rows of the embedding: what is played looks at none."""
        return all(0 <= token < self.config.vocab_size for (token,) in token_ST.tolist())

    def _logits(self, token_ST: Tensor, positions: Positions, *, last_only: bool = False) -> Tensor:
        S, T = token_ST.shape
        normed_RD, head_VD = self._states(token_ST, positions, recompute=False)
        if last_only:
            normed_RD = normed_RD.view(S, T, -1).narrow(1, T - 1, 1).reshape(S, -1).contiguous()
        logits_RV = self._capped(normed_RD, head_VD)
        return logits_RV.view(S, -1, logits_RV.shape[1])

    def _capped(self, normed_RD: Tensor, head_VD: Tensor) -> Tensor:
        """The logits of rows, (R, V)."""
        (logits_RV,) = ops.linear(normed_RD, head_VD)
        return ops.soft_cap(logits_RV, self.soft_cap) if self.soft_cap else logits_RV

    def _states(self, token_ST: Tensor, positions: Positions, *, recompute: bool) -> tuple[Tensor, Tensor]:
        """The normed states (R, D), and the output matrix: the embedding itself where the two are tied."""
        x_RD, embedding_VD = ops.embedding(self.weights["embedding.weight"], token_ST.reshape(-1).contiguous())
        if self.embedding_scale != 1:
            x_RD = ops.scaled(x_RD, self.embedding_scale)
        delta_RD = self._learned_positions(positions)
        for layer in self.layers:
            if recompute:
                x_RD, delta_RD = checkpoint(
                    layer, x_RD, delta_RD, positions, use_reentrant=False, preserve_rng_state=False
                )
            else:
                x_RD, delta_RD = layer(x_RD, delta_RD, positions)
        _, normed_RD = self.final_norm.joined(x_RD, delta_RD)
        return normed_RD, self.weights.get("head.weight", embedding_VD)

    def _learned_positions(self, positions: Positions) -> Tensor | None:
        """What positions add to the embeddings, (R, D), where they are learned."""
        if positions.learned_R is None:
            return None
        return ops.embedding(self.weights["positions.weight"], positions.learned_R)[0]


def _by_layer(layout: tuple[Parameter, ...], tensors: dict[str, nn.Parameter]) -> dict[int | None, dict[str, Any]]:
    """The tensors by layer (None: of no layer) and slot; a slot of experts has the list of theirs."""
    weights: dict[int | None, dict[str, Any]] = defaultdict(dict)
    for it in layout:
        if it.expert is None:
            weights[it.layer][it.slot] = tensors[it.name]
        else:
            weights[it.layer].setdefault(it.slot, []).append(tensors[it.name])
    return weights


def _adapt(
    weights: dict[int | None, dict[str, Any]],
    layout: tuple[Parameter, ...],
    tensors: Mapping[str, nn.Parameter],
    factor: float,
) -> None:
    """Lay each pair of an adapter's matrices beside the one that it adapts."""
    for down, up in zip(layout[::2], layout[1::2], strict=True):
        slot = down.slot.removesuffix(f".{DOWN}")
        assert up.slot == f"{slot}.{UP}", "an adapter's matrices come in pairs"
        weights[down.layer][f"{slot}.adapter"] = LowRank(tensors[down.name], tensors[up.name], factor)
