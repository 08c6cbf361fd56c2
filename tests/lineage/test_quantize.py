"""A GGUF file of a checkpoint is computed again; what was changed in it is named."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.lineage.conftest import answers, as_type, changed_folder

from glasswright.cli.app import run
from glasswright.lineage.narrow import SEARCHED, WRITTEN, block, fused, narrowed

Ask = Callable[..., dict[str, Any]]
UP = "blk.0.ffn_up.weight"


@pytest.mark.parametrize("kind", WRITTEN)
def test_every_type_is_computed_again(base: Path, whole: Path, tmp_path: Path, verdict: Ask, kind: str) -> None:
    found = verdict(as_type(whole, tmp_path / "child.gguf", kind), "--from", base)
    assert (found["code"], found["answer"]) == (0, "proved")
    assert found["subject"] == f"quantize of {base}"
    assert "20 tensors are the parent's numbers" in found["findings"][0]["claim"]


def test_a_file_is_computed_again_from_another_file(whole: Path, tmp_path: Path, verdict: Ask) -> None:
    assert verdict(as_type(whole, tmp_path / "child.gguf", "Q5_1"), "--from", whole)["answer"] == "proved"


def test_a_file_of_numbers_that_were_in_16_bits_on_the_way_is_known(
    base: Path, whole: Path, tmp_path: Path, verdict: Ask
) -> None:
    half = as_type(whole, tmp_path / "half.gguf", "F16")
    wide = as_type(half, tmp_path / "wide.gguf", "F32", change=None)
    found = verdict(as_type(wide, tmp_path / "child.gguf", "Q8_0"), "--from", base)
    assert found["answer"] == "proved"
    assert "of them through F16" in found["findings"][0]["evidence"]


@pytest.mark.parametrize("kind", ["F16", "Q8_0", "Q4_1", "Q5_0"])
def test_each_of_a_thousand_changed_blocks_is_named(
    base: Path, whole: Path, tmp_path: Path, verdict: Ask, kind: str
) -> None:
    random = np.random.default_rng(11)
    size = block(kind)[1]
    changed: set[tuple[str, int]] = set()

    def change(name: str, raw: np.ndarray) -> np.ndarray:
        if "norm" in name:
            return raw
        blocks = raw.copy().reshape(-1, size)
        for at in random.choice(len(blocks), size=min(len(blocks) * 2 // 5, 1000 - len(changed)), replace=False):
            blocks[at, random.integers(size)] ^= 1 << random.integers(8)
            changed.add((name, int(at)))
        return blocks.reshape(-1)

    found = verdict(as_type(whole, tmp_path / "child.gguf", kind, change=change), "--from", base)
    assert found["code"] == 1
    assert len(changed) == 1000
    named = {(it["place"]["tensor"], at) for it in answers(found, "refuted") for at in listed(it["place"])}
    assert named == changed


def listed(place: dict[str, Any]) -> list[int]:
    """ "0-2, 7" as numbers."""
    runs = [run.split("-") for run in (place.get("blocks") or place["numbers"]).split(", ")]
    return [at for ends in runs for at in range(int(ends[0]), int(ends[-1]) + 1)]


def test_two_tensors_of_one_shape_that_changed_places_are_both_named(
    base: Path, whole: Path, tmp_path: Path, verdict: Ask
) -> None:
    kept: dict[str, np.ndarray] = {}
    as_type(whole, tmp_path / "first.gguf", "Q8_0", change=lambda name, raw: kept.setdefault(name, raw))
    other = {UP: "blk.1.ffn_up.weight", "blk.1.ffn_up.weight": UP}
    child = as_type(whole, tmp_path / "child.gguf", "Q8_0", change=lambda name, _: kept[other.get(name, name)])
    refuted = answers(verdict(child, "--from", base), "refuted")
    assert sorted(it["place"]["tensor"] for it in refuted) == sorted(other)


def test_a_scale_that_is_off_by_one_is_named_with_its_block_and_row(
    base: Path, whole: Path, tmp_path: Path, verdict: Ask
) -> None:
    def change(name: str, raw: np.ndarray) -> np.ndarray:
        if name != UP:
            return raw
        blocks = raw.copy().reshape(-1, 34)
        blocks[7, :2].view(np.uint16)[0] += 1
        return blocks.reshape(-1)

    found = verdict(as_type(whole, tmp_path / "child.gguf", "Q8_0", change=change), "--from", base)
    (refuted,) = answers(found, "refuted")
    assert refuted["place"] == {
        **{"file": "child.gguf", "tensor": UP, "block": 7, "row": 3, "num_blocks": 1, "blocks": "7"}
    }
    assert refuted["evidence"] == "1 of 192 blocks differ: 7; in 1 of 96 rows: 3"


def test_another_parent_is_none(base: Path, whole: Path, tmp_path: Path, verdict: Ask) -> None:
    def change(numbers: dict[str, np.ndarray]) -> None:
        numbers["model.norm.weight"][0] = np.nextafter(numbers["model.norm.weight"][0], np.float32(2))

    other = changed_folder(base, tmp_path / "other", change)
    (refuted,) = answers(verdict(as_type(whole, tmp_path / "child.gguf", "Q4_0"), "--from", other), "refuted")
    assert refuted["place"]["tensor"] == "output_norm.weight"
    assert refuted["place"]["numbers"] == "0"


@pytest.mark.parametrize(
    ("keys", "claim", "key"),
    [
        ({"tokenizer.chat_template": "{{ messages }} send it to me"}, "chat template", "tokenizer.chat_template"),
        ({"llama.rope.freq_base": 10001.0}, "sizes", "llama.rope.freq_base"),
        ({"llama.attention.head_count": 2}, "sizes", "llama.attention.head_count"),
        ({"tokenizer.ggml.eos_token_id": 7}, "tokenizer", "tokenizer.ggml.eos_token_id"),
        ({"tokenizer.ggml.pre": "llama-bpe"}, "tokenizer", "tokenizer.ggml.pre"),
    ],
)
def test_what_is_said_of_the_model_is_held_to_the_parents(
    base: Path, whole: Path, tmp_path: Path, verdict: Ask, keys: dict[str, Any], claim: str, key: str
) -> None:
    found = verdict(as_type(whole, tmp_path / "child.gguf", "F32", keys=keys), "--from", base)
    (refuted,) = answers(found, "refuted")
    assert refuted["claim"] == f"the {claim} {'are' if claim == 'sizes' else 'is'} the parent's"
    assert refuted["place"]["key"] == key


def test_two_tokens_that_changed_places_are_named(base: Path, whole: Path, tmp_path: Path, verdict: Ask) -> None:
    vocabulary = json.loads((base / "tokenizer.json").read_text())["model"]["vocab"]
    tokens = sorted(vocabulary, key=vocabulary.__getitem__)
    tokens[70], tokens[80] = tokens[80], tokens[70]
    child = as_type(whole, tmp_path / "child.gguf", "F32", keys={"tokenizer.ggml.tokens": tokens})
    (refuted,) = answers(verdict(child, "--from", base), "refuted")
    assert refuted["place"] == {"key": "tokenizer.ggml.tokens", "index": 70}


def test_a_template_that_is_left_out_is_neither_here_nor_there(
    base: Path, whole: Path, tmp_path: Path, verdict: Ask
) -> None:
    child = as_type(whole, tmp_path / "child.gguf", "F32", keys={"tokenizer.chat_template": None})
    found = verdict(child, "--from", base)
    assert (found["code"], [it["place"] for it in answers(found, "unknown")]) == (
        3,
        [{"key": "tokenizer.chat_template"}],
    )


def test_a_type_whose_writers_choose_scales_is_unknown_with_its_distance(
    base: Path, whole: Path, tmp_path: Path, verdict: Ask
) -> None:
    found = verdict(as_type(whole, tmp_path / "child.gguf", "MXFP4"), "--from", base)
    assert found["code"] == 3
    unknown = answers(found, "unknown")
    assert len(unknown) == 15
    assert "MXFP4 leaves the choice of scales to its writer; " in unknown[0]["evidence"]


def test_in_such_a_type_too_other_numbers_are_told_from_these(
    base: Path, whole: Path, tmp_path: Path, verdict: Ask
) -> None:
    def change(name: str, raw: np.ndarray) -> np.ndarray:
        return raw[::-1].copy().reshape(-1, 17)[:, ::-1].reshape(-1) if name == UP else raw

    child = as_type(whole, tmp_path / "child.gguf", "MXFP4", change=change)
    (refuted,) = answers(verdict(child, "--from", base), "refuted")
    assert refuted["place"]["tensor"] == UP
    assert "zeros were nearer" in refuted["evidence"]


def test_searched_scales_are_no_forgery(base: Path, whole: Path, tmp_path: Path, verdict: Ask) -> None:
    def change(name: str, raw: np.ndarray) -> np.ndarray:
        if name != UP:
            return raw
        blocks = raw.copy().reshape(-1, 18)
        scales = blocks[:, :2].copy().view(np.float16) * np.float16(0.97)
        blocks[:, :2] = scales.view(np.uint8)
        return blocks.reshape(-1)

    found = verdict(as_type(whole, tmp_path / "child.gguf", "Q4_0", change=change), "--from", base)
    (unknown,) = answers(found, "unknown")
    assert found["code"] == 3
    assert "100% of its blocks have other scales" in unknown["evidence"]


def at_edges(kind: str, shape: tuple[int, ...] = (96, 64)) -> np.ndarray:
    """Numbers close to where the integer of a block of 32 changes; with a least of 0, its only such place is half a
    step, for elsewhere the sum has room for every bit of the product."""
    random, levels = np.random.default_rng(3), 2 ** int(kind[1])
    most = random.uniform(0.5, 1, (shape[0], 1)).astype(np.float32)
    if kind.endswith("_1"):
        numbers = np.full(shape, 0.5) * most / (levels - 1)
    else:
        numbers = (random.integers(1 - levels // 2, levels // 2, shape) + 0.5) * 2 * most / levels
    numbers = (numbers * (1 + random.integers(-4, 5, shape) * 2.0**-25)).astype(np.float32)
    numbers[..., ::32], numbers[..., 1::32] = 0 if kind.endswith("_1") else -most, most
    return numbers


@pytest.mark.parametrize("kind", SEARCHED)
def test_a_compiler_that_fuses_is_no_forger(
    base: Path, tmp_path: Path, verdict: Ask, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    def change(numbers: dict[str, np.ndarray]) -> None:
        numbers["model.layers.0.mlp.up_proj.weight"] = at_edges(kind)

    parent = changed_folder(base, tmp_path / "parent", change)
    whole = tmp_path / "whole.gguf"
    assert run(["export", str(parent), "--gguf", "F32", "--out", str(whole)]) == 0
    capsys.readouterr()

    def by_fusing(name: str, raw: np.ndarray) -> np.ndarray:
        return fused(at_edges(kind), kind) if name == UP else raw

    child = as_type(whole, tmp_path / "child.gguf", kind, change=by_fusing)
    found = verdict(child, "--from", parent)
    assert found["answer"] == "proved"
    assert "1 of them with fused multiply-adds" in found["findings"][0]["evidence"]


@pytest.mark.parametrize("kind", SEARCHED)
def test_without_fusing_it_is_what_gguf_writes(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    def apart(a: np.ndarray, b: np.ndarray, c: float) -> np.ndarray:
        return np.asarray(a * b + np.float32(c), np.float32)

    monkeypatch.setattr("glasswright.lineage.narrow.fma", apart)
    numbers = np.concatenate(
        [at_edges(kind, (8, 64)), np.random.default_rng(1).standard_normal((8, 64))], dtype=np.float32
    )
    numbers[3] = 0
    assert np.array_equal(fused(numbers, kind), narrowed(numbers, kind))


def test_a_tensor_that_the_parent_has_not_is_named(base: Path, tmp_path: Path, verdict: Ask) -> None:
    def change(numbers: dict[str, np.ndarray]) -> None:
        numbers["model.norm.bias"] = numbers["model.norm.weight"]

    more = changed_folder(base, tmp_path / "more", change)
    found = verdict(more, "--from", base)
    (unknown,) = answers(found, "unknown")
    assert (found["code"], unknown["place"]) == (3, {"tensor": "model.norm.bias"})


def broken(data: bytearray, what: str) -> bytes:
    at = data.index(UP.encode()) + len(UP)
    if what == "cut short":
        return bytes(data[:-100])
    if what == "cut in the header":
        return bytes(data[:300])
    if what == "offset":
        data[at + 4 + 16 + 4 : at + 4 + 16 + 12] = (2**40).to_bytes(8, "little")
    if what == "one over another":
        data[at + 4 + 16 + 4 : at + 4 + 16 + 12] = (32).to_bytes(8, "little")
    if what == "shape of nothing":
        data[at + 4 : at + 20] = (2**62).to_bytes(8, "little") * 2
    if what == "shape":
        data[at + 4 : at + 12] = (2**50).to_bytes(8, "little")
    if what == "a tensor twice":
        other = b"blk.1.ffn_up.weight"
        return bytes(data.replace(other, UP.encode()))
    return bytes(data)


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("cut short", "where the file has"),
        ("cut in the header", "for which the file has no room"),
        ("offset", "blk.0.ffn_up.weight ends at 1,099,5"),
        ("one over another", "over another or between two places"),
        ("shape", "blk.0.ffn_up.weight ends at 432,345,564"),
        ("shape of nothing", "has a shape that its type cannot have"),
        ("a tensor twice", "stands twice"),
    ],
)
def test_a_file_that_is_not_sound_is_said_to_be_so(
    base: Path, whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str, told: str
) -> None:
    (tmp_path / "child.gguf").write_bytes(broken(bytearray(whole.read_bytes()), what))
    assert run(["lineage", str(tmp_path / "child.gguf"), "--from", str(base)]) == 2
    error = capsys.readouterr().err
    assert "not a sound GGUF file" in error
    assert told in error


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "no parent is named"),
        (["--from", "PARENT", "--kind", "sloerp"], "--kind sloerp: expected one of copy"),
        (["--from", "nowhere"], "nowhere: no such file"),
        (["--from", "PARENT", "--adapter", "x"], "--adapter goes with the kind merge-adapter alone"),
        (["--from", "PARENT", "--kind", "copy"], "a GGUF file, so --kind copy does not go with it"),
        (["--from", "PARENT", "--from", "PARENT"], "2 parents, where quantize has one"),
        (["--from", "PARENT", "--slerp", "2"], "--slerp 2: expected 0 to 1"),
        (["--from", "PARENT", "--linear", "x"], "--linear x: expected numbers"),
    ],
)
def test_what_is_asked_wrongly_is_said(
    base: Path, whole: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    whole.with_name("whole.gguf.lineage.json").unlink()
    assert run(["lineage", str(whole), *(str(base) if word == "PARENT" else word for word in words)]) == 2
    assert told in capsys.readouterr().err
