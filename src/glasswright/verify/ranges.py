"""What a step's record can say: numbers that are finite and not negative, and a clip that follows from the norm.

clip         gradient_clip / norm, divided in binary32, where norm > gradient_clip; else 1
validation   at the end of every validate_every_segments-th segment, and of the last step; nowhere else
"""

import re
from collections.abc import Sequence
from fractions import Fraction

from glasswright.errors import ClaimFalse
from glasswright.records.canonical import float_from_bits
from glasswright.records.recipe import Recipe, Train
from glasswright.records.tokens import DocumentTokens, TokenMap
from glasswright.records.transcript import Sequences, Span, StepRecord
from glasswright.verify.binary32 import INFINITY, nearest_bits_of, spelled
from glasswright.verify.decode import EDITED

BITS = re.compile("0x[0-9a-f]{8}")
ONE = spelled(0x3F800000)


def check_step(step: StepRecord, train: Train, *, num_tokens: int, has_validation: bool, where: str) -> None:
    """That a record's numbers are some that a step of this recipe can give; what it reads is looked at elsewhere.

    num_tokens:      how many it learns; see `tokens_learned`.
    has_validation:  whether text is held back: see `has_validation_text`.
    Raises:  ClaimFalse naming `where` and the field.
    """
    for field in ("loss_nats", "gradient_norm", "clip"):
        _require_range(getattr(step, field), f"{where}: {field}")
    if step.num_tokens != num_tokens:
        raise ClaimFalse(f"{where}: num_tokens: expected {num_tokens}, found {step.num_tokens}", hint=EDITED)
    clip = expected_clip(step.gradient_norm, train)
    if step.clip != clip:
        raise ClaimFalse(
            f"{where}: clip: {clip} follows from the gradient_norm {step.gradient_norm}, found {step.clip}", hint=EDITED
        )
    _require_validation(step, validates(step.step, train, has_validation=has_validation), where)


def tokens_learned(recipe: Recipe, reads: Sequences, documents: Sequence[DocumentTokens]) -> int:
    """How many tokens a step learns that reads so: of texts every target, of conversations what is learned of each."""
    if recipe.learns == "texts":
        return recipe.train.batch_sequences * recipe.train.sequence_length
    runs = (run for spans in reads for span in spans for run in _runs(span, documents))
    return sum(count - (first == 0) for first, count in runs)


def _runs(span: Span, documents: Sequence[DocumentTokens]) -> tuple[tuple[int, int], ...]:
    if not 0 <= span.document < len(documents):
        raise ClaimFalse(f"tokens/reads.parquet: document {span.document}: there are {len(documents)}", hint=EDITED)
    learned = documents[span.document].learned
    return ((0, documents[span.document].num_tokens),) if learned is None else learned


def expected_clip(gradient_norm: str, train: Train) -> str:
    """The bits of the factor that a gradient of this norm is multiplied by.

    Raises:  ClaimFalse if the recipe's gradient_clip is beyond binary32.
    """
    limit = nearest_bits_of(train.optimizer.gradient_clip)
    if limit == INFINITY:
        raise ClaimFalse("recipe.yaml: train.optimizer.gradient_clip: beyond binary32: no build can have used it")
    if int(gradient_norm, 16) <= limit:  # bits of numbers that are not negative are ordered as the numbers are
        return ONE
    clip, norm = (Fraction(float_from_bits(bits)) for bits in (spelled(limit), gradient_norm))
    return spelled(nearest_bits_of(clip / norm))


def validates(step: int, train: Train, *, has_validation: bool) -> bool:
    """Whether step `step` ends with a validation."""
    every = train.segment_steps * train.validate_every_segments
    return has_validation and (step % every == 0 or step == train.num_steps)


def has_validation_text(token_map: TokenMap) -> bool:
    """Whether there is text to validate on."""
    return any(document.split == "validation" and document.num_bytes for document in token_map.documents)


def _require_validation(step: StepRecord, is_expected: bool, where: str) -> None:
    found, where = step.validation_bits_per_byte, f"{where}: validation_bits_per_byte"
    if is_expected != (found is not None):
        expected = "a validation ends this step" if is_expected else "no validation ends this step"
        raise ClaimFalse(f"{where}: {expected}, found {found or 'none'}", hint=EDITED)
    if found is not None:
        _require_range(found, where)


def _require_range(bits: str, where: str) -> None:
    if not BITS.fullmatch(bits) or int(bits, 16) >= INFINITY:  # with a sign, or not finite
        raise ClaimFalse(
            f"{where}: expected the bits of a finite binary32 value that is not negative, found {bits!r:.40}",
            hint=EDITED,
        )
