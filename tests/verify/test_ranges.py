"""What a step's record can say."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.verify.real_run import RealRun, unpack

from glasswright.errors import ClaimFalse
from glasswright.kernels.rounding import nearest_binary32
from glasswright.records.canonical import float_bits
from glasswright.records.recipe import Optimizer, Schedule, Train
from glasswright.records.tokens import DocumentTokens, TokenMap
from glasswright.records.transcript import StepRecord
from glasswright.train.trainer import Trainer
from glasswright.verify.ranges import check_step, expected_clip, has_validation_text, tokens_learned, validates

TRAIN = Train(
    num_steps=7,
    segment_steps=2,
    validate_every_segments=2,
    sequence_length=8,
    batch_sequences=2,
    leaf_sequences=1,
    schedule=Schedule(warmup_steps=0, decay_steps=0),
)
STEP = StepRecord(
    step=4,
    loss_nats=float_bits(2.5),
    gradient_norm=float_bits(2.0),
    clip=float_bits(0.5),
    num_tokens=16,
    reads="",
    validation_bits_per_byte=float_bits(3.0),
)


@pytest.fixture(scope="module")
def real_run(tmp_path_factory: pytest.TempPathFactory) -> RealRun:
    return unpack(tmp_path_factory.mktemp("real"))


HELD = {"num_tokens": 16, "has_validation": True}


def test_the_records_of_a_run_pass(real_run: RealRun) -> None:
    assert len(real_run.steps) == 6
    for step in real_run.steps:
        check_step(
            step,
            real_run.recipe.train,
            num_tokens=tokens_learned(real_run.recipe, (), real_run.token_map.documents),
            has_validation=has_validation_text(real_run.token_map),
            where="transcript",
        )


@example(norm=np.float32(0), clip="1e-46")
@given(
    norm=st.floats(0, width=32, allow_infinity=False).map(np.float32),
    clip=st.one_of(
        st.sampled_from(["1", "0.1", "1e-45", "1e-46", "1e38"]), st.integers(1, 10**9).map(lambda n: f"{n}e-7")
    ),
)
def test_the_clip_is_the_one_the_optimizer_computes(norm: np.float32, clip: str) -> None:
    limit = np.float32(nearest_binary32(Decimal(clip)))
    with np.errstate(all="ignore"):
        trained = limit / norm if norm > limit else np.float32(1)
    train = Train(optimizer=Optimizer(gradient_clip=Decimal(clip)))
    assert expected_clip(float_bits(float(norm)), train) == float_bits(float(trained))


BAD_NUMBERS = ["0x7fc00000", "0x7f800000", "0xbf800000", "0x80000000", "0x3F800000", "3f800000", "0x3f80000", ""]


@pytest.mark.parametrize("field", ["loss_nats", "gradient_norm", "clip", "validation_bits_per_byte"])
@pytest.mark.parametrize("bits", BAD_NUMBERS)
def test_a_number_that_is_negative_or_not_finite_is_refused(field: str, bits: str) -> None:
    check_step(STEP, TRAIN, **HELD, where="transcript.jsonl:9")
    with pytest.raises(ClaimFalse, match=f"transcript.jsonl:9: {field}: expected the bits of a finite"):
        check_step(replace(STEP, **{field: bits}), TRAIN, **HELD, where="transcript.jsonl:9")


@pytest.mark.parametrize("bits", ["0x3f000001", "0x3f800000", "0x00000000"])
def test_a_clip_that_does_not_follow_from_the_norm_is_refused(bits: str) -> None:
    with pytest.raises(ClaimFalse, match=f"here: clip: 0x3f000000 follows from the gradient_norm 0x40000000.*{bits}"):
        check_step(replace(STEP, clip=bits), TRAIN, **HELD, where="here")


def test_a_clip_that_binary32_has_not_is_refused() -> None:
    with pytest.raises(ClaimFalse, match="gradient_clip: beyond binary32"):
        expected_clip(float_bits(1.0), Train(optimizer=Optimizer(gradient_clip=Decimal("1e39"))))


def test_another_number_of_tokens_is_refused() -> None:
    with pytest.raises(ClaimFalse, match="here: num_tokens: expected 16, found 17"):
        check_step(replace(STEP, num_tokens=17), TRAIN, **HELD, where="here")


def test_a_validation_left_out_is_refused() -> None:
    with pytest.raises(ClaimFalse, match="here: validation_bits_per_byte: a validation ends this step, found none"):
        check_step(replace(STEP, validation_bits_per_byte=None), TRAIN, **HELD, where="here")


@pytest.mark.parametrize(("step", "has_validation"), [(3, True), (2, True), (4, False)])
def test_a_validation_at_another_step_is_refused(step: int, has_validation: bool) -> None:
    with pytest.raises(ClaimFalse, match="here: validation_bits_per_byte: no validation ends this step"):
        check_step(replace(STEP, step=step), TRAIN, num_tokens=16, has_validation=has_validation, where="here")


class Validating:
    """As much of a trainer as `validates` needs."""

    def __init__(self, train: Train, num_bytes: int):
        self.recipe = type("Recipe", (), {"train": train})
        self.validation = type("Validation", (), {"num_bytes": num_bytes})


@given(
    step=st.integers(1, 40),
    segment=st.integers(1, 7),
    every=st.integers(1, 4),
    num_bytes=st.sampled_from([0, 5]),
)
def test_validations_are_where_the_trainer_has_them(step: int, segment: int, every: int, num_bytes: int) -> None:
    train = Train(
        num_steps=40,
        segment_steps=segment,
        validate_every_segments=every,
        schedule=Schedule(warmup_steps=0, decay_steps=0),
    )
    trainer = Validating(train, num_bytes)
    assert validates(step, train, has_validation=num_bytes > 0) == Trainer.validates(trainer, step)


@pytest.mark.parametrize(("split", "num_bytes", "expected"), [("train", 3, False), ("validation", 3, True)])
def test_there_is_validation_where_text_is_held_back(split: str, num_bytes: int, expected: bool) -> None:
    document = DocumentTokens(document_id="", split=split, first_token=0, num_tokens=1, num_bytes=num_bytes)
    token_map = TokenMap(tokenizer_sha256="", vocab_size=257, end_of_text=0, shards=(), documents=(document,))
    assert has_validation_text(token_map) is expected
