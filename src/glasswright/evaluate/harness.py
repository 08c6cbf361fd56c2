"""A model for lm-evaluation-harness (the extra `harness`), with this package's arithmetic under its tasks.

    import lm_eval
    from glasswright.evaluate.harness import HarnessModel

    lm_eval.simple_evaluate(model=HarnessModel.load("releases/mine"), tasks=["hellaswag"])

What does not fit in the model's positions is refused, where the harness's own models cut it silently.
"""

from collections.abc import Sequence
from itertools import groupby
from math import fsum
from pathlib import Path
from typing import Any, Self

from lm_eval.api.model import LM

from glasswright.errors import Misuse
from glasswright.evaluate.answer import Subject, written
from glasswright.evaluate.encode import Tokens, encoded
from glasswright.evaluate.items import Request
from glasswright.evaluate.likelihood import Likelihood, likelihoods
from glasswright.evaluate.run import load

USUAL_TOKENS = 256  # lm-eval's default for what is written


class HarnessModel(LM):  # type: ignore[misc]
    """A model as the harness asks it. Its kernels run on as many threads as are set for this process."""

    def __init__(self, subject: Subject):
        super().__init__()
        self.subject = subject

    @classmethod
    def load(cls, model: str | Path) -> Self:
        """The model of a release or of a folder.

        Raises:  Misuse if there is none.
        """
        folder = Path(model)
        return cls(load(folder / "model" if (folder / "release.json").is_file() else folder))

    def loglikelihood(self, requests: list[Any]) -> list[tuple[float, bool]]:
        """Of each request's continuation behind its context, and whether it is the likeliest.

        Raises:  Misuse if a request is longer than the model's positions; Malformed if a continuation has no tokens.
        """
        items = [[self._tokens(request) for request in group] for _, group in groupby(requests, _item_of)]
        found = (one for item in likelihoods(self.subject.model, items, with_likeliest=True) for one in item)
        return [self._kept("loglikelihood", request, one) for request, one in zip(requests, found, strict=True)]

    def loglikelihood_rolling(self, requests: list[Any]) -> list[float]:
        """Of each text, in windows."""
        return [-fsum(self.subject.losses_of_text(request.args[0])) for request in requests]

    def generate_until(self, requests: list[Any]) -> list[str]:
        """The likeliest continuation of each prompt, up to the first text that ends it.

        Raises:  Misuse if it is asked to sample, or for more tokens than the model has positions.
        """
        return [self._written(*request.args) for request in requests]

    def _tokens(self, request: Any) -> Tokens:
        place = f"{request.task_name} {request.doc_id}"
        tokens = encoded(Request(*request.args), self.subject.tokenizer, self.subject.begins, place)
        longest = self.subject.model.config.max_positions
        if len(tokens.fed) > longest:
            raise Misuse(f"{place}: {len(tokens.fed)} tokens, beyond the model's {longest} positions")
        return tokens

    def _kept(self, kind: str, request: Any, found: Likelihood) -> tuple[float, bool]:
        answer = -found.loss_nats, found.is_likeliest is True
        self.cache_hook.add_partial(kind, request.args, answer)
        return answer

    def _written(self, prompt: str, how: dict[str, Any]) -> str:
        if how.get("do_sample") and how.get("temperature") != 0:
            raise Misuse(
                "do_sample: only the likeliest text is written here", hint="set do_sample to false in the task"
            )
        before = self.subject.tokenizer.encode(prompt)
        return written(self.subject, before, int(how.get("max_gen_toks", USUAL_TOKENS)), _ends(how.get("until")))


def _item_of(request: Any) -> tuple[Any, Any]:
    """What the requests of one item have in common; they come one after another."""
    return request.task_name, request.doc_id


def _ends(until: str | Sequence[str] | None) -> list[str]:
    return [until] if isinstance(until, str) else [end for end in until or () if end]
