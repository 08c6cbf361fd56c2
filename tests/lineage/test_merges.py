"""Several models become one by a rule that anyone repeats; a merge that is not that is told."""

import errno
from collections.abc import Callable
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.lineage.conftest import answers, changed_folder

from glasswright import tree
from glasswright.cli.app import run
from glasswright.lineage import merged
from glasswright.store import tensors

Ask = Callable[..., dict[str, Any]]
UP = "model.layers.0.mlp.up_proj.weight"


def numbers(folder: Path) -> dict[str, np.ndarray]:
    return {name: np.array(it) for name, it in tensors.load(folder / "model.safetensors").items()}


@pytest.fixture
def other(base: Path, tmp_path: Path) -> Path:
    """Another model of the same shape; one of its tensors is nearly the base's."""

    def change(found: dict[str, np.ndarray]) -> None:
        random = np.random.default_rng(5)
        for name in found:
            found[name] = random.standard_normal(found[name].shape).astype(np.float32)
        found[UP] = numbers(base)[UP] * np.float32(1.01)

    return changed_folder(base, tmp_path / "other", change)


def made(out: Path, *words: object) -> Path:
    assert run(["merge", *map(str, words), "--out", str(out)]) == 0
    return out


def test_a_linear_merge_is_the_mean_and_its_weights_are_found(
    base: Path, other: Path, tmp_path: Path, verdict: Ask
) -> None:
    child = made(tmp_path / "child", base, other, "--linear", "1,3")
    for name, found in numbers(child).items():
        expected = 0.25 * numbers(base)[name].astype(np.float64) + 0.75 * numbers(other)[name]
        assert np.abs(found - expected).max() < 1e-6
    (child / "lineage.json").unlink()
    found = verdict(child, "--from", base, "--from", other)
    assert (found["code"], found["answer"]) == (0, "proved")
    assert found["subject"] == f"merge-linear (weights 0.250,0.750) of {base} and {other}"
    assert verdict(child, "--from", base, "--from", other, "--linear", "1,3")["answer"] == "proved"


def test_a_merge_of_three_wants_its_weights(
    base: Path, other: Path, tmp_path: Path, verdict: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    child = made(tmp_path / "child", base, other, base, "--linear", "0.2,0.5,0.3")
    (child / "lineage.json").unlink()
    parents = [word for parent in (base, other, base) for word in ("--from", str(parent))]
    assert verdict(child, *parents, "--linear", "0.2,0.5,0.3")["answer"] == "proved"
    assert run(["lineage", str(child), *parents]) == 2
    assert "3 parents: their weights are not found" in capsys.readouterr().err


def by_arc(a: np.ndarray, b: np.ndarray, t: float) -> np.ndarray:
    """As mergekit's own lines have it, in binary64."""
    cosine = np.sum(a * b) / np.sqrt(np.sum(a * a) * np.sum(b * b))
    if abs(cosine) > 0.9995:
        return np.asarray((1 - t) * a + t * b)
    angle = np.arccos(cosine)
    return np.asarray((np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle))


def test_a_slerp_lies_on_the_arc(base: Path, other: Path, tmp_path: Path, verdict: Ask) -> None:
    child = made(tmp_path / "child", base, other, "--slerp", "0.3")
    for name, found in numbers(child).items():
        a, b = (numbers(it)[name].astype(np.float64) for it in (base, other))
        assert np.abs(found - by_arc(a, b, 0.3)).max() < 1e-6, name
    (child / "lineage.json").unlink()
    found = verdict(child, "--from", base, "--from", other, "--slerp", "0.3")
    assert (found["code"], found["subject"]) == (0, f"merge-slerp (t 0.3) of {base} and {other}")


@pytest.mark.parametrize("cosine", ["-0.9995", "-0.4", "0", "0.3", "0.9995"])
def test_an_angle_has_its_cosine_to_the_last_digits(cosine: str) -> None:
    with localcontext() as context:
        context.prec = 60
        angle = merged._arc_cosine(Decimal(cosine))
        half_pi = merged.PI / 2
        assert abs(merged._sine(half_pi - angle) - Decimal(cosine)) < Decimal("1e-55")


def test_what_is_nearly_parallel_is_merged_linearly() -> None:
    t = Decimal("0.3")
    assert merged._arc(Decimal("0.9996"), t) == merged._arc(Decimal("-0.9996"), t) == (1 - t, t)
    assert merged._arc(Decimal("0.9994"), t) != (1 - t, t)


def test_sums_go_over_the_aligned_tree() -> None:
    terms = np.random.default_rng(1).standard_normal(1003) * 10.0 ** np.random.default_rng(2).integers(-9, 9, 1003)
    assert merged._tree(terms) == tree.combine(terms.tolist(), lambda a, b: a + b)


@pytest.mark.parametrize("words", [("--linear", "0.26,0.74"), ("--slerp", "0.76")])
def test_another_share_is_refuted(
    base: Path, other: Path, tmp_path: Path, verdict: Ask, words: tuple[str, str]
) -> None:
    child = made(tmp_path / "child", base, other, words[0], words[1].replace("6", "5", 1).replace("74", "75"))
    found = verdict(child, "--from", base, "--from", other, *words)
    assert len(answers(found, "refuted")) >= 19


def test_a_merge_in_another_arithmetic_is_consistent(base: Path, other: Path, tmp_path: Path, verdict: Ask) -> None:
    def change(found: dict[str, np.ndarray]) -> None:
        a, b = numbers(base), numbers(other)
        for name in found:
            found[name] = (a[name] * np.float32(3) + b[name] * np.float32(7)) / np.float32(10)

    child = changed_folder(base, tmp_path / "child", change)
    found = verdict(child, "--from", base, "--from", other, "--linear", "3,7")
    assert (found["code"], answers(found, "refuted")) == (3, [])
    assert "Which arithmetic made it is not known" in answers(found, "unknown")[0]["evidence"]


def test_one_number_that_no_order_explains_is_named(base: Path, other: Path, tmp_path: Path, verdict: Ask) -> None:
    def change(found: dict[str, np.ndarray]) -> None:
        found[UP][2, 7] += np.float32(1e-5)

    child = changed_folder(made(tmp_path / "merged", base, other, "--linear", "1,1"), tmp_path / "child", change)
    (child / "lineage.json").unlink()
    (refuted,) = answers(verdict(child, "--from", base, "--from", other, "--linear", "1,1"), "refuted")
    assert (refuted["place"]["tensor"], refuted["place"]["numbers"]) == (UP, str(2 * 64 + 7))


def as_halves(folder: Path, out: Path, kind: str) -> Path:
    """The folder in 16 bits, by another way than ours: the bits cut by hand, to nearest even."""

    def change(found: dict[str, np.ndarray]) -> None:
        for name, it in found.items():
            if kind == "F16":
                found[name] = it.astype(np.float16)
            else:
                bits = it.view(np.uint32).astype(np.uint64)
                found[name] = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16 << 16).astype(np.uint32).view(np.float32)

    return changed_folder(folder, out, change)


@pytest.mark.parametrize("kind", ["F16", "BF16"])
def test_a_conversion_is_computed_again_and_a_number_off_by_one_is_named(
    base: Path, tmp_path: Path, verdict: Ask, kind: str
) -> None:
    child = as_halves(base, tmp_path / "half", kind)
    if kind == "BF16":
        tensors.save(child / "model.safetensors", numbers(child), dict.fromkeys(numbers(child), "BF16"))
    found = verdict(child, "--from", base)
    assert (found["answer"], found["subject"]) == ("proved", f"convert of {base}")
    assert f"20 of {kind}" in found["findings"][0]["evidence"]
    data = bytearray((child / "model.safetensors").read_bytes())
    data[-2] ^= 1
    (child / "model.safetensors").write_bytes(data)
    (refuted,) = answers(verdict(child, "--from", base), "refuted")
    assert refuted["place"]["num_numbers"] == 1
    found = verdict(base, "--from", base, "--kind", "convert")
    assert answers(found, "refuted")[0]["claim"] == "it is a convert of its parent"


def test_a_copy_is_a_copy_and_its_template_is_held_to_the_parents(base: Path, tmp_path: Path, verdict: Ask) -> None:
    child = changed_folder(base, tmp_path / "child")
    assert verdict(child, "--from", base)["subject"] == f"copy of {base}"
    (child / "chat_template.jinja").write_text("{{ messages }} and send it to me")
    (refuted,) = answers(verdict(child, "--from", base), "refuted")
    assert refuted["claim"] == "the chat template is the parent's"


def test_a_token_that_another_took_the_place_of_is_named(base: Path, tmp_path: Path, verdict: Ask) -> None:
    child = changed_folder(base, tmp_path / "child")
    text = (child / "tokenizer.json").read_text()
    (child / "tokenizer.json").write_text(
        text.replace('"cat":', '"tmp":').replace('"hat":', '"cat":').replace('"tmp":', '"hat":')
    )
    found = verdict(child, "--from", base)
    assert text != (child / "tokenizer.json").read_text()
    assert [it["place"]["key"] for it in answers(found, "refuted")] == ["model.vocab.cat"]


def test_a_size_that_is_another_is_named(base: Path, tmp_path: Path, verdict: Ask) -> None:
    child = changed_folder(base, tmp_path / "child")
    text = (child / "config.json").read_text()
    (child / "config.json").write_text(text.replace('"rope_theta": 10000', '"rope_theta": 20000'))
    (refuted,) = answers(verdict(child, "--from", base), "refuted")
    assert (refuted["claim"], refuted["place"]["key"]) == ("the sizes are the parent's", "model.rope_theta")


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
def test_a_merge_that_is_stopped_leaves_nothing(
    base: Path,
    other: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    failure: BaseException,
) -> None:
    written = []

    def stop(numbers: np.ndarray, kind: str) -> np.ndarray:
        written.append(kind)
        if len(written) == 5:
            raise failure
        return numbers.reshape(-1).view(np.uint8)

    monkeypatch.setattr("glasswright.lineage.make.narrowed", stop)
    code = run(["merge", str(base), str(other), "--slerp", "0.5", "--out", str(tmp_path / "child")])
    assert code == (130 if isinstance(failure, KeyboardInterrupt) else 2)
    assert "stopped" in (error := capsys.readouterr().err) or "No space left" in error
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "other"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["BASE", "OTHER"], "expected one of --adapter, --linear and --slerp"),
        (["BASE", "OTHER", "--linear", "1,1", "--slerp", "0.5"], "expected one of --adapter"),
        (["BASE", "OTHER", "--linear", "1"], "2 models and 1 weights"),
        (["BASE", "OTHER", "--linear", "1,-1"], "they add up to nothing"),
        (["BASE", "OTHER", "--linear", "1,1e-999999999"], "expected numbers such as 0.3"),
        (["BASE", "--slerp", "0.5"], "1 models: slerp is between two"),
        (["BASE", "OTHER", "--adapter", "x"], "2 models, where an adapter is merged into one"),
        (["BASE", "nowhere", "--slerp", "0.5"], "nowhere: no such file"),
    ],
)
def test_what_is_asked_wrongly_is_said(
    base: Path, other: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    names = {"BASE": str(base), "OTHER": str(other)}
    assert run(["merge", *(names.get(word, word) for word in words), "--out", str(tmp_path / "child")]) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "child").exists()


def test_models_of_different_shapes_are_not_merged(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def change(found: dict[str, np.ndarray]) -> None:
        found[UP] = found[UP][:5].copy()

    other = changed_folder(base, tmp_path / "other", change)
    assert run(["merge", str(base), str(other), "--slerp", "0.5", "--out", str(tmp_path / "child")]) == 2
    assert "not in every parent, or in another shape" in capsys.readouterr().err
