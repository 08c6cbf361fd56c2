"""From a GGUF file over a merge and an adapter's training to the parent: every edge, and its forgery."""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from tests.attacks.forging import change_lines, events, recipe_of, reroot
from tests.pipeline.test_derived import ADAPTER, child_of, setting, write_stories

from glasswright import pipeline
from glasswright.attest.tensors import tensors_root
from glasswright.cli.app import run
from glasswright.lineage.stored import read_stored
from glasswright.records.canonical import canonical_bytes
from glasswright.records.parents import PARENTS, Parents, files_digest
from glasswright.records.transcript import TensorDigest
from glasswright.store import tensors
from glasswright.train.digests import digests_of
from glasswright.train.parent import describe, hashed_files

Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """parent (a release) -> adapter (a release) -> merged -> child.gguf, in one folder."""
    folder = tmp_path_factory.mktemp("chain")
    pipeline.build(write_stories(folder), setting=setting(folder), out=folder / "parent")
    tuned = setting(folder, with_checkpoints=False)
    pipeline.build(child_of(folder, ADAPTER), setting=tuned, out=folder / "adapter")
    parent, adapter, merged = (str(folder / name) for name in ("parent", "adapter", "merged"))
    assert run(["merge", parent, "--adapter", adapter, "--out", merged]) == 0
    assert run(["export", merged, "--gguf", "Q8_0", "--out", str(folder / "child.gguf")]) == 0
    shutil.rmtree(folder / "work")
    return folder


@pytest.fixture
def chain(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "chain"))


@pytest.fixture
def descent(capsys: pytest.CaptureFixture[str]) -> Ask:
    """What `verify CHILD --lineage` says of a child whose parents lie in a folder."""

    def ask(child: Path, place: Path, *words: str) -> dict[str, Any]:
        code = run(["verify", str(child), "--lineage", "--parent", str(place), *words, "--json"])
        return {**json.loads(capsys.readouterr().out), "code": code}

    return ask


def those(found: dict[str, Any], answer: str) -> list[str]:
    return [it["claim"] for it in found["findings"] if it["answer"] == answer]


def name_as_parent(release: Path, other: Path) -> None:
    """Put another model on record as the parent, and make every root agree."""
    recipe = recipe_of(release)
    assert recipe.parent is not None
    files = files_digest(hashed_files(other))
    text = (release / "recipe.yaml").read_text().replace(recipe.parent.files, files)
    (release / "recipe.yaml").write_text(text)
    record = describe(other, recipe.parent.model_copy(update={"files": files}))
    (release / PARENTS).write_bytes(canonical_bytes(Parents(parents=(record,)).record()))
    reroot(release)


def forge_last_state(release: Path) -> None:
    """Another adapter, and the last state as if training had ended in it; every root agrees."""
    path = release / "model" / "adapter_model.safetensors"
    numbers = {name: array * 2 for name, array in tensors.load(path).items()}
    tensors.save(path, numbers)
    made = {it.name: it for it in digests_of({f"model.{name}": array for name, array in numbers.items()})}

    def edit(lines: list[Any]) -> None:
        last = events(lines, "state")[-1]
        kept = [TensorDigest(**{**it, "shape": tuple(it["shape"])}) for it in last["tensors"]]
        forged = tuple(made.get(it.name, it) for it in kept)
        last["tensors"], last["root"] = [asdict(it) for it in forged], tensors_root(forged)

    change_lines(release / "transcript.jsonl", edit)
    reroot(release)


def test_one_command_computes_every_edge_again(chain: Path, descent: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLASSWRIGHT_KERNELS", "generic")
    found = descent(chain / "child.gguf", chain, "--threads", "2")
    assert (found["code"], found["answer"]) == (0, "proved")
    claims = [tuple(it["claim"].split(": ", 1)) for it in found["findings"]]
    assert list(dict.fromkeys(name for name, _ in claims)) == ["child.gguf", "merged", "parent", "adapter"]
    assert any(claim.startswith("steps 1 to ") for name, claim in claims if name == "adapter")
    assert any("stories is the release of root" in claim for name, claim in claims if name == "adapter")
    assert any("follows from its documents" in line for line in found["not_checked"])


def test_a_release_is_a_child_too(chain: Path, descent: Ask) -> None:
    assert descent(chain / "adapter", chain / "parent")["answer"] == "proved"


def test_without_the_parent_it_is_unknown_and_nothing_is_run(chain: Path, descent: Ask) -> None:
    shutil.rmtree(chain / "parent")
    found = descent(chain / "adapter", chain)
    assert found["code"] == 3
    assert those(found, "unknown") == ["adapter: stories, from which adapter was made, is at hand"]


def test_a_parent_without_the_release_around_it_says_nothing_of_the_root(chain: Path, descent: Ask) -> None:
    (chain / "parent" / "model").rename(chain / "model")
    shutil.rmtree(chain / "parent")
    found = descent(chain / "adapter", chain)
    (claim,) = those(found, "unknown")
    assert claim.startswith("adapter: stories is the release of root ")


def test_a_swapped_adapter_is_refuted(chain: Path, descent: Ask) -> None:
    """The merge is of the adapter before, and the release is not what its root says."""
    path = chain / "adapter" / "model" / "adapter_model.safetensors"
    numbers = {name: array[::-1].copy() for name, array in tensors.load(path).items()}
    tensors.save(path, numbers)
    assert those(descent(chain / "merged", chain), "unknown") == [
        "merged: adapter, from which merged was made, is at hand"
    ]
    assert descent(chain / "adapter", chain)["code"] == 1


def test_an_adapter_that_this_training_does_not_lead_to_is_refuted_though_its_roots_agree(
    chain: Path, descent: Ask
) -> None:
    forge_last_state(chain / "adapter")
    refuted = those(descent(chain / "adapter", chain), "refuted")
    assert len(refuted) == 1
    assert refuted[0].startswith("adapter: steps ")


def test_one_changed_number_of_the_file_is_named(chain: Path, descent: Ask) -> None:
    """So narrow a matrix has no blocks: it stays in float32."""
    name, path = "blk.0.attn_q.weight", chain / "child.gguf"
    data = bytearray(path.read_bytes())
    data[read_stored(path).tensors[name].offset + 4 * 17] ^= 1
    path.write_bytes(data)
    found = descent(path, chain)
    assert found["code"] == 1
    (changed,) = (it["place"] for it in found["findings"] if "numbers" in it["place"])
    assert (changed["tensor"], changed["numbers"]) == (name, "17")


def test_another_parent_on_record_is_refuted_by_the_training(chain: Path, descent: Ask) -> None:
    """A model of the same shape is named as the parent, in a release whose roots agree with that."""
    other = Path(shutil.copytree(chain / "parent" / "model", chain / "other"))
    numbers = {name: array * 2 for name, array in tensors.load(other / "model.safetensors").items()}
    tensors.save(other / "model.safetensors", numbers)
    name_as_parent(chain / "adapter", other)
    found = descent(chain / "adapter", chain)
    assert found["code"] == 1
    assert any(claim.startswith("adapter: steps 1 to ") for claim in those(found, "refuted"))
