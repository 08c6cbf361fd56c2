"""The language of each document, from a sample of it: py3langid's model under exact arithmetic.

py3langid counts byte sequences with an automaton and scores them with naive Bayes:

    score[language] = bias[language] + sum over features of log(1 + count) * weight[feature, language]

Its own float32 product rounds differently under different BLAS builds. Here every number is an integer: weights are
binary16 between -15 and -2, so 2**9 times each is whole; log(1 + count) and the bias are rounded to the grid below by
decimal arithmetic. Products of such integers add up below 2**53, so a float64 product is exact in any order, on any
machine, with any library. Ties go to the first label.

The sample is WINDOWS pieces of WINDOW characters, evenly spread, or the whole text if it is shorter. Fewer than
MIN_LETTERS letters in it: `und`, nothing is claimed.

Axes:  B bytes, D documents, F features, L languages.
"""

import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import pairwise

import numpy as np

from glasswright.corpus.quality import characters, segments

WINDOWS, WINDOW = 4, 160
MIN_LETTERS = 20
UNDETERMINED = "und"
WEIGHT_SCALE = 2**9  # makes binary16 in [-15, -2] whole
COUNT_SCALE = 2**12
MAX_COUNT = 255
SAMPLES_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class _Model:
    """The automaton and the weights."""

    next_state: np.ndarray  # (rows * 256,) state after a byte
    row_base: np.ndarray  # (states,) where a state's row begins
    feature: np.ndarray  # (states,) the feature a state completes, or -1
    weight_FL: np.ndarray  # int16, times WEIGHT_SCALE
    bias_L: np.ndarray  # float64, whole, times WEIGHT_SCALE * COUNT_SCALE
    log_count: np.ndarray  # (MAX_COUNT + 1,) float64, whole: log(1 + count) times COUNT_SCALE
    labels: tuple[str, ...]


@cache
def load() -> _Model:
    """The model, read once; a program that forks workers reads it before."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]

    loaded = LanguageIdentifier.from_model_file(MODEL_FILE)
    scaled_FL = np.asarray(loaded.nb_ptc, np.float32) * np.float32(WEIGHT_SCALE)  # exact: a power of two
    weight_FL = scaled_FL.astype(np.int16)
    if not np.array_equal(weight_FL, scaled_FL):
        raise ValueError(f"py3langid: expected weights that are whole multiples of 1/{WEIGHT_SCALE}")
    return _Model(
        next_state=_integers(loaded.tk_nextmove),
        row_base=_integers(loaded.tk_row).astype(np.int64) << 8,
        feature=np.asarray(loaded.tk_output, np.int64),
        weight_FL=weight_FL,
        bias_L=np.rint(np.asarray(loaded.nb_pc, np.float64) * (WEIGHT_SCALE * COUNT_SCALE)),
        log_count=np.array([int(Decimal(1 + count).ln() * COUNT_SCALE) for count in range(MAX_COUNT + 1)], np.float64),
        labels=tuple(loaded.nb_classes),
    )


def _integers(numbers: "array.array[int]") -> np.ndarray:
    return np.frombuffer(numbers, np.dtype(numbers.typecode))


def sample(text: str) -> str:
    """The part of a text that is judged."""
    if len(text) <= WINDOWS * WINDOW:
        return text
    step = (len(text) - WINDOW) // (WINDOWS - 1)
    return "\n".join(text[start : start + WINDOW] for start in range(0, WINDOWS * step, step))


def _visited(model: _Model, samples: Sequence[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Every feature met, and in which document, walking all samples in step.  Shapes: two of (visits,)."""
    by_length = sorted(range(len(samples)), key=lambda d: -len(samples[d]))
    lengths = np.array([len(samples[d]) for d in by_length])
    bytes_DB = np.zeros((len(samples), lengths[0]), np.uint8)
    for row, d in enumerate(by_length):
        bytes_DB[row, : lengths[row]] = np.frombuffer(samples[d], np.uint8)
    alive_B = np.searchsorted(-lengths, -np.arange(1, lengths[0] + 1), side="right")
    state_D = np.zeros(len(samples), np.int64)
    state_BD = np.full((lengths[0], len(samples)), -1, np.int64)
    bytes_BD = np.ascontiguousarray(bytes_DB.T)
    for b, alive in enumerate(alive_B.tolist()):
        state_D = model.next_state[model.row_base[state_D[:alive]] + bytes_BD[b, :alive]]
        state_BD[b, :alive] = state_D
    feature_BD = np.where(state_BD >= 0, model.feature[state_BD], -1)
    places = np.flatnonzero(feature_BD >= 0)
    return feature_BD.ravel()[places], np.array(by_length)[places % len(samples)]


def _num_letters(piece: str) -> int:
    return int(segments.join([piece]).has(characters.ALPHA).sum())


def languages(texts: Sequence[str]) -> list[str]:
    """The ISO 639 code of each text's language, `zxx` for what is no language, `und` for too little to tell."""
    found = [UNDETERMINED] * len(texts)
    samples = [(d, piece) for d, piece in enumerate(map(sample, texts)) if _num_letters(piece) >= MIN_LETTERS]
    for start in range(0, len(samples), SAMPLES_AT_ONCE):
        judged = samples[start : start + SAMPLES_AT_ONCE]
        pieces = [(piece.lower() if piece.isupper() else piece).encode("utf-8", "replace") for _, piece in judged]
        for (d, _), label in zip(judged, _labels(load(), pieces), strict=True):
            found[d] = label
    return found


def _labels(model: _Model, pieces: Sequence[bytes]) -> Iterator[str]:
    feature, row = _visited(model, pieces)
    key, count = np.unique(row * len(model.weight_FL) + feature, return_counts=True)
    row, feature = np.divmod(key, len(model.weight_FL))
    amount = model.log_count[np.minimum(count, MAX_COUNT)]
    for first, last in pairwise(np.searchsorted(row, np.arange(len(pieces) + 1)).tolist()):
        score_L = amount[first:last] @ model.weight_FL[feature[first:last]].astype(np.float64) + model.bias_L
        yield model.labels[int(np.argmax(score_L))]
