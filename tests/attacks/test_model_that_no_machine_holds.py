"""Whatever the `model` of a stranger's recipe says, every command tells what is wrong with it, in little memory.

The numbers of a recipe are taken for what they are before anything of their size is made.
"""

import re
import resource
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.attacks.forging import relist, reroot

from glasswright.cli.app import run

MAX_OUTPUT = 20_000  # characters: a value of any length is told in part
MAX_MEMORY = 512 * 2**20  # bytes, over what the process had
SIZES = "hidden_size: 8, num_layers: 1, num_heads: 2, num_kv_heads: 1, intermediate_size: 12"
MIXTRAL = SIZES.replace("12", "0") + ", family: mixtral"


def changed(name: str, value: object) -> str:
    return re.sub(rf"{name}: \d+", f"{name}: {value}", SIZES)


# What stands behind `model:`, and what is told of it; `plan` reads a recipe by its lines, `verify` as a record.
MODELS: dict[str, tuple[str, str]] = {
    "more tensors than are listed": (changed("num_layers", 10**7), "num_layers: expected at most 200000 tensors"),
    "a negative count": (changed("num_heads", -2), "num_heads"),
    "a count that is none": (changed("num_heads", ".nan"), "num_heads|.nan is not a decimal number"),
    "a number that is none": (SIZES + ", rope_theta: .nan", "rope_theta|.nan is not a decimal number"),
    "no end": (SIZES + ", norm_epsilon: .inf", "norm_epsilon|.inf is not a decimal number"),
    "a long name": (SIZES + f", family: {'x' * 3_000_000}", "recipe.yaml"),
    "a family that nobody knows": (SIZES + ", family: zzz", "family"),
    "a million experts": (MIXTRAL + ", experts: {count: 1000000, chosen: 2, size: 4}", "at most 200000 tensors in all"),
    "a list": ("[1, 2]", "model"),
    "a part that is a number": (SIZES + ", attention: 7", "attention"),
}
# These are models, but of no machine, and not the one that lies there.
LARGE = {
    "width": changed("hidden_size", 10**9),
    "heads": SIZES + ", attention: {head_size: 1000000000}",
    "inner": changed("intermediate_size", 2**53 - 1),
}
# Small numbers in as many tensors as are listed: none of these is the model that lies there.
MANY = {
    "experts": MIXTRAL + ", experts: {count: 40000, chosen: 2, size: 4}",
    "layers": changed("num_layers", 10_000),
}


def forged(release: Path, model: str) -> Path:
    recipe = release / "recipe.yaml"
    text = re.sub(r"(?m)^model:\n(?:[ \n].*\n?)*", "", recipe.read_text())
    recipe.write_text(text + (f"model: {{{model}}}\n" if model[:1] != "[" else f"model: {model}\n"))
    relist(release)
    return release


def told(arguments: Sequence[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """How a command ends and all that it says, held to the bounds of this file."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    code = run(arguments)
    grown = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    said = "".join(capsys.readouterr())
    assert grown < MAX_MEMORY
    assert len(said) < MAX_OUTPUT
    assert "Traceback" not in said
    return code, said


@pytest.mark.parametrize("kind", MODELS)
def test_the_key_is_told_by_verify_and_plan(release: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    model, keys = MODELS[kind]
    forged(release, model)
    for expected, command in ((1, ["verify", str(release)]), (2, ["plan", str(release / "recipe.yaml")])):
        code, said = told(command, capsys)
        assert (code, any(key in said for key in keys.split("|"))) == (expected, True), said[:2000]


@pytest.mark.parametrize("kind", LARGE)
def test_a_model_of_no_machine_is_refuted_or_refused(
    release: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    reroot(forged(release, LARGE[kind]))
    for expected, command in ((1, ["verify", str(release)]), (2, ["plan", str(release / "recipe.yaml")])):
        assert told(command, capsys)[0] == expected


@pytest.mark.parametrize("kind", MANY)
def test_a_model_of_many_tensors_is_refuted(release: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(["verify", str(forged(release, MANY[kind]))], capsys)[0] == 1


@pytest.mark.parametrize("model", [MODELS["more tensors than are listed"][0], MODELS["a long name"][0], LARGE["width"]])
def test_no_other_command_ends_in_a_defect(
    release: Path, true_release: Path, tmp_path: Path, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    one, out = str(forged(release, model)), str(tmp_path / "again")
    for command in (
        ["replay", one], ["rebuild", one, "--out", out], ["diff", one, str(true_release)],
        ["diff", str(true_release), one],
    ):  # fmt: skip
        assert told(command, capsys)[0] in (1, 2, 3), command
    assert not Path(out).exists()
    for command in (["audit", one], ["generate", one, "x", "--tokens", "1"], ["export", one, "--hf", out]):
        assert told(command, capsys)[0] in (0, 1, 2, 3), command
