"""A base with a LoRA adapter merged into it is computed again: by our rule to the bit, by peft's within its bound."""

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.lineage.conftest import answers, changed_folder

from glasswright import kernels
from glasswright.cli.app import run
from glasswright.store import tensors

Ask = Callable[..., dict[str, Any]]
PREFIX = "base_model.model."
Q, O = "model.layers.0.self_attn.q_proj", "model.layers.1.self_attn.o_proj"  # noqa: E741
DOWN, EMBEDDING = "model.layers.1.mlp.down_proj", "model.embed_tokens"
SHAPES = {Q: (64, 64), O: (64, 64), DOWN: (64, 96), EMBEDDING: (300, 64)}


def adapter(
    out: Path,
    modules: tuple[str, ...] = (Q, DOWN),
    *,
    seed: int = 1,
    ranks: Mapping[str, int] | None = None,
    more: Mapping[str, np.ndarray] | None = None,
    **config: Any,
) -> Path:
    """An adapter of random matrices."""
    random, found = np.random.default_rng(seed), dict(more or {})
    for module in modules:
        rank, (outs, ins) = (ranks or {}).get(module, 4), SHAPES[module]
        a, b = (random.standard_normal(it).astype(np.float32) for it in ((rank, ins), (outs, rank)))
        if module == EMBEDDING:
            found[f"{PREFIX}{module}.lora_embedding_A"] = random.standard_normal((rank, outs)).astype(np.float32)
            found[f"{PREFIX}{module}.lora_embedding_B"] = random.standard_normal((ins, rank)).astype(np.float32)
        else:
            found[f"{PREFIX}{module}.lora_A.weight"], found[f"{PREFIX}{module}.lora_B.weight"] = a, b
    out.mkdir()
    tensors.save(out / "adapter_model.safetensors", found)
    said = {"peft_type": "LORA", "r": 4, "lora_alpha": 6, "base_model_name_or_path": "base", **config}
    (out / "adapter_config.json").write_text(json.dumps(said))
    return out


def numbers(folder: Path) -> dict[str, np.ndarray]:
    return {name: np.array(it) for name, it in tensors.load(folder / "model.safetensors").items()}


def added(base: Path, merged: Path, module: str) -> np.ndarray:
    name = f"{module}.weight"
    return numbers(merged)[name].astype(np.float64) - numbers(base)[name]


def factors(folder: Path, module: str) -> tuple[np.ndarray, np.ndarray]:
    found = tensors.load(folder / "adapter_model.safetensors")
    a, b = (
        next(it for name, it in found.items() if name.startswith(f"{PREFIX}{module}.lora_") and f"_{side}" in name)
        for side in "AB"
    )
    return a.astype(np.float64), b.astype(np.float64)


def merged(base: Path, of: Path, out: Path) -> Path:
    assert run(["merge", str(base), "--adapter", str(of), "--out", str(out)]) == 0
    return out


@pytest.mark.parametrize(
    ("config", "scaling"),
    [
        ({}, 6 / 4),
        ({"use_rslora": True}, 6 / 2),
        ({"lora_alpha": 1, "r": 4}, 1 / 4),
        ({"alpha_pattern": {"q_proj": 3}}, 3 / 4),
        ({"alpha_pattern": {"^model.layers.0.self_attn.q_proj": 3, "q_proj": 5}}, 3 / 4),
    ],
)
def test_what_is_added_is_the_scaled_product(
    base: Path, tmp_path: Path, verdict: Ask, config: dict[str, Any], scaling: float
) -> None:
    made = adapter(tmp_path / "adapter", **config)
    child = merged(base, made, tmp_path / "merged")
    a, b = factors(made, Q)
    assert np.abs(added(base, child, Q) - scaling * (b @ a)).max() < 1e-5
    found = verdict(child, "--from", base, "--adapter", made)
    assert (found["code"], found["subject"]) == (0, f"merge-adapter of {base} and {made}")


def test_the_bits_are_those_of_the_definitions(base: Path, tmp_path: Path) -> None:
    made = adapter(tmp_path / "adapter", use_rslora=True)
    found = tensors.load(made / "adapter_model.safetensors")
    a, b = (np.array(found[f"{PREFIX}{DOWN}.lora_{side}.weight"]) for side in "AB")
    by_hand, expected = kernels.definitions(), np.empty((64, 96), np.float32)
    by_hand.matmul_nn(b, a, expected)
    expected = numbers(base)[f"{DOWN}.weight"] + expected * np.float32(3)
    assert np.array_equal(numbers(merged(base, made, tmp_path / "merged"))[f"{DOWN}.weight"], expected)


def test_a_pattern_gives_a_module_another_rank(base: Path, tmp_path: Path, verdict: Ask) -> None:
    made = adapter(tmp_path / "adapter", ranks={DOWN: 8}, rank_pattern={"down_proj": 8})
    child = merged(base, made, tmp_path / "merged")
    a, b = factors(made, DOWN)
    assert np.abs(added(base, child, DOWN) - 6 / 8 * (b @ a)).max() < 1e-5
    assert verdict(child, "--from", base, "--adapter", made)["answer"] == "proved"


def test_a_matrix_that_lies_the_other_way_gets_its_product_turned(base: Path, tmp_path: Path) -> None:
    made = adapter(tmp_path / "adapter", (O,), fan_in_fan_out=True)
    a, b = factors(made, O)
    assert np.abs(added(base, merged(base, made, tmp_path / "merged"), O) - 1.5 * (b @ a).T).max() < 1e-5


def test_an_embedding_gets_its_product_turned(base: Path, tmp_path: Path) -> None:
    made = adapter(tmp_path / "adapter", (EMBEDDING,))
    a, b = factors(made, EMBEDDING)
    assert np.abs(added(base, merged(base, made, tmp_path / "merged"), EMBEDDING) - 1.5 * (b @ a).T).max() < 1e-5


@pytest.mark.parametrize("name", ["model.norm.weight", "model.norm.modules_to_save.weight"])
def test_what_was_saved_whole_is_taken_over(base: Path, tmp_path: Path, verdict: Ask, name: str) -> None:
    norm = np.arange(64, dtype=np.float32)
    made = adapter(tmp_path / "adapter", more={f"{PREFIX}{name}": norm})
    child = merged(base, made, tmp_path / "merged")
    assert np.array_equal(numbers(child)["model.norm.weight"], norm)
    assert verdict(child, "--from", base, "--adapter", made)["answer"] == "proved"


def test_an_embedding_that_peft_saved_as_well_is_what_is_added_to(base: Path, tmp_path: Path) -> None:
    saved = np.ones((300, 64), np.float32)
    made = adapter(tmp_path / "adapter", (EMBEDDING,), more={f"{PREFIX}{EMBEDDING}.base_layer.weight": saved})
    a, b = factors(made, EMBEDDING)
    found = numbers(merged(base, made, tmp_path / "merged"))[f"{EMBEDDING}.weight"]
    assert np.abs(found - (1 + 1.5 * (b @ a).T)).max() < 1e-5


def test_a_swapped_adapter_is_refuted_in_each_of_its_modules(base: Path, tmp_path: Path, verdict: Ask) -> None:
    child = merged(base, adapter(tmp_path / "adapter"), tmp_path / "merged")
    other = adapter(tmp_path / "other", seed=2)
    found = verdict(child, "--from", base, "--adapter", other)
    assert {it["place"]["tensor"] for it in answers(found, "refuted")} == {f"{Q}.weight", f"{DOWN}.weight"}


def test_another_scaling_is_refuted(base: Path, tmp_path: Path, verdict: Ask) -> None:
    child = merged(base, adapter(tmp_path / "adapter"), tmp_path / "merged")
    other = adapter(tmp_path / "other", lora_alpha=6.001)
    assert len(answers(verdict(child, "--from", base, "--adapter", other), "refuted")) == 2


def test_a_change_beside_the_adapter_is_named(base: Path, tmp_path: Path, verdict: Ask) -> None:
    made = adapter(tmp_path / "adapter")

    def change(found: dict[str, np.ndarray]) -> None:
        found["model.layers.0.mlp.up_proj.weight"][3, 5] += 1

    child = changed_folder(merged(base, made, tmp_path / "merged"), tmp_path / "child", change)
    (child / "lineage.json").unlink()
    (refuted,) = answers(verdict(child, "--from", base, "--adapter", made), "refuted")
    assert (refuted["place"]["tensor"], refuted["place"]["number"]) == ("model.layers.0.mlp.up_proj.weight", 3 * 64 + 5)


def test_the_nearest_neighbour_is_consistent_and_one_far_off_is_not(base: Path, tmp_path: Path, verdict: Ask) -> None:
    made = adapter(tmp_path / "adapter")
    child = merged(base, made, tmp_path / "merged")

    def neighbour(found: dict[str, np.ndarray]) -> None:
        found[f"{Q}.weight"][0, 0] = np.nextafter(found[f"{Q}.weight"][0, 0], np.float32(9))

    def far(found: dict[str, np.ndarray]) -> None:
        found[f"{Q}.weight"][0, 0] += np.float32(1e-4)

    for change, answer in ((neighbour, "unknown"), (far, "refuted")):
        other = changed_folder(child, tmp_path / change.__name__, change)
        (named,) = answers(verdict(other, "--from", base, "--adapter", made), answer)
        assert f"{Q}.weight" in named["claim"]


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"use_dora": True}, "use_dora: 'True' is not read"),
        ({"lora_bias": True}, "lora_bias: 'True' is not read"),
        ({"peft_type": "IA3"}, "peft_type: 'IA3' is not read"),
        ({"init_lora_weights": "pissa"}, "init_lora_weights: 'pissa' is not read"),
        ({"r": 5}, "rank 4, where adapter_config.json says 5"),
        ({"lora_alpha": "6"}, "lora_alpha: expected a number"),
        ({"lora_alpha": math.inf}, "lora_alpha: expected a number"),
        ({"alpha_pattern": {"(a+)+$": 3}}, "of patterns, names alone are read"),
        ({"alpha_pattern": [1]}, "alpha_pattern: expected an object"),
    ],
)
def test_an_adapter_that_would_be_summed_otherwise_is_refused(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], config: dict[str, Any], told: str
) -> None:
    made = adapter(tmp_path / "adapter", **config)
    assert run(["merge", str(base), "--adapter", str(made), "--out", str(tmp_path / "merged")]) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "merged").exists()


@pytest.mark.parametrize(
    ("modules", "shape", "told"),
    [(("model.layers.7.self_attn.q_proj",), (64, 64), "layers.7"), ((Q,), (64, 32), "q_proj.weight is [64, 64]")],
)
def test_an_adapter_for_another_base_is_refused(
    base: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    modules: tuple[str, ...],
    shape: tuple[int, int],
    told: str,
) -> None:
    monkeypatch.setitem(SHAPES, modules[0], shape)
    made = adapter(tmp_path / "adapter", modules)
    assert run(["merge", str(base), "--adapter", str(made), "--out", str(tmp_path / "merged")]) == 2
    error = capsys.readouterr().err
    assert "an adapter for another base" in error
    assert told in error


@pytest.fixture(params=["float32", "bfloat16"])
def by_peft(base: Path, tmp_path: Path, request: pytest.FixtureRequest) -> tuple[Path, Path, Path]:
    """A base, an adapter that peft wrote, and what peft's own merge makes of them."""
    peft = pytest.importorskip("peft", reason="did not run: the package peft is not installed")
    import torch
    from transformers import AutoModelForCausalLM

    there = tmp_path / "there"
    model = AutoModelForCausalLM.from_pretrained(base, dtype=getattr(torch, request.param))
    model.save_pretrained(there)
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        (there / name).write_bytes((base / name).read_bytes())
    torch.manual_seed(3)
    config = peft.LoraConfig(
        r=8,
        lora_alpha=12,
        use_rslora=True,
        target_modules=["q_proj", "v_proj", "down_proj", "embed_tokens"],
        rank_pattern={"v_proj": 4},
        init_lora_weights=False,
    )
    adapted = peft.get_peft_model(
        AutoModelForCausalLM.from_pretrained(there, dtype=getattr(torch, request.param)), config
    )
    adapted.save_pretrained(tmp_path / "adapter")
    adapted.merge_and_unload().save_pretrained(tmp_path / "merged")
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        (tmp_path / "merged" / name).write_bytes((base / name).read_bytes())
    return there, tmp_path / "adapter", tmp_path / "merged"


@pytest.mark.filterwarnings("ignore")  # peft's own
def test_pefts_own_merge_is_consistent_and_of_another_adapter_it_is_not(
    by_peft: tuple[Path, Path, Path], tmp_path: Path, verdict: Ask
) -> None:
    there, made, child = by_peft
    found = verdict(child, "--from", there, "--adapter", made)
    assert answers(found, "refuted") == []
    assert all("another order of the same additions" in it["evidence"] for it in answers(found, "unknown"))
    other = changed_adapter(made, tmp_path / "other")
    refuted = answers(verdict(child, "--from", there, "--adapter", other), "refuted")
    assert "model.layers.1.mlp.down_proj.weight" in {it["place"]["tensor"] for it in refuted}


def changed_adapter(made: Path, out: Path) -> Path:
    """The same with one matrix turned over."""
    from safetensors.torch import load_file, save_file

    out.mkdir()
    (out / "adapter_config.json").write_bytes((made / "adapter_config.json").read_bytes())
    found = load_file(made / "adapter_model.safetensors")
    found[f"{PREFIX}{DOWN}.lora_A.weight"] = found[f"{PREFIX}{DOWN}.lora_A.weight"].flip(0).contiguous()
    save_file(found, out / "adapter_model.safetensors")
    return out
