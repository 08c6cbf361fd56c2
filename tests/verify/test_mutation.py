"""Random damage: none of it is missed, and none of it makes the checker fall over. One seed repeats any failure."""

import io
import random
from pathlib import Path

import pytest
from tests.attacks.forging import flip_bit, relist

from glasswright.errors import ClaimFalse
from glasswright.records.verdict import Answer
from glasswright.verify import check
from glasswright.verify.layout import read_layout

PARSED = (
    "recipe.yaml",
    "corpus/ledger.parquet",
    "corpus/documents/00000.jsonl",
    "tokens/map.json",
    "transcript.jsonl",
    "tokens/reads.parquet",
    "model/tokenizer.json",
    "model/config.json",
    "model/tokenizer_config.json",
)


def _seeds(num_always: int, num_in_all: int) -> list[object]:
    slow = [pytest.param(seed, marks=pytest.mark.slow) for seed in range(num_always, num_in_all)]
    return [*range(num_always), *slow]


@pytest.mark.parametrize("seed", _seeds(10, 100))
def test_no_flipped_bit_is_missed(release: Path, seed: int) -> None:
    draw = random.Random(seed)
    files = sorted(path for path in release.rglob("*") if path.is_file())
    path = draw.choice(files)
    flip_bit(path, draw.randrange(path.stat().st_size))
    assert check(release).answer is Answer.REFUTED


@pytest.mark.parametrize("seed", _seeds(1, 20))
@pytest.mark.parametrize("name", PARSED)
def test_damage_under_a_fitting_list_of_files_is_answered(release: Path, name: str, seed: int) -> None:
    path = release / name
    path.write_bytes(_damaged(path.read_bytes(), random.Random(seed)))
    relist(release)
    assert check(release).answer in Answer


def test_a_damaged_header_is_read_or_refused(true_release: Path) -> None:
    whole = (true_release / "model" / "model.safetensors").read_bytes()
    size = 8 + int.from_bytes(whole[:8], "little")
    num_refused = 0
    for seed in range(300):
        data = _damaged(whole[:size], random.Random(seed)) + whole[size:]
        try:
            read_layout(io.BytesIO(data), len(data), f"seed {seed}")
        except ClaimFalse:
            num_refused += 1
    assert num_refused > 250  # what is left renames a tensor, or changes nothing


def _damaged(data: bytes, draw: random.Random) -> bytes:
    """Bytes changed, cut out, put twice or moved, as a slip or a forger might."""
    mutable = bytearray(data)
    for _ in range(draw.randint(1, 3)):
        at = draw.randrange(len(mutable))
        end = min(len(mutable), at + draw.randint(1, 40))
        kind = draw.choice(["change", "cut", "repeat", "digit", "nest"])
        if kind == "change":
            mutable[at] = draw.randrange(256)
        elif kind == "cut" and end - at < len(mutable):
            del mutable[at:end]
        elif kind == "repeat":
            mutable[at:at] = mutable[at:end]
        elif kind == "digit":
            mutable[at:at] = b"9" * draw.randint(1, 30)
        else:
            mutable[at:at] = b"[" * draw.randint(1, 2000)
    return bytes(mutable)
