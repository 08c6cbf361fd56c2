"""The release root covers every part, and each part can be proved alone."""

import dataclasses
from contextlib import suppress

import pytest

from glasswright.attest.merkle import InclusionProof, merkle_root
from glasswright.attest.parts import (
    files_root,
    prove_part,
    release_root,
    release_root_of_first_schema,
    root_from_part,
)
from glasswright.records.canonical import canonical_bytes
from glasswright.records.release import PARTS, PARTS_OF_FIRST, Roots

ROOTS = Roots(numerics=1, parts={name: f"{number:064x}" for number, name in enumerate(PARTS)})
FIRST = (
    "842235a480c8dbacc495a4705185b6bc7a19140b6a53943abb54113952cab8b7",
    "3ae57d4eb7396e2f301d66db42ca9f04b7e4149f02cfc332a312950589eeab80",
    "5dc6928724615314718d66d54fad9a000394c505b6afb7f6a12295959d360a53",
    "86123950cc3c6beddb34766334fa1d837faa1d6e83cf4765c8d80d10c7caa6ba",
    "5b626e520aacc1cc5abde046ffacbaa6363765c991ab86136a56df7414dd6068",
)
FIRST_ROOT = "ae9df4f74ca670d0075caf56e9c6f9e9ed3315e33270dc778e43c5b5abfbcf0d"


def test_the_root_is_the_one_that_the_page_describes() -> None:
    leaves = [{"numerics": 1, "schema": "glasswright/release/2"}]
    leaves += [{"digest": ROOTS.parts[name], "name": name} for name in sorted(PARTS)]
    assert release_root(ROOTS) == merkle_root(map(canonical_bytes, leaves))


@pytest.mark.parametrize("name", PARTS)
def test_another_root_of_any_part_gives_another_release_root(name: str) -> None:
    assert release_root(Roots(numerics=1, parts={**ROOTS.parts, name: "f" * 64})) != release_root(ROOTS)


def test_another_numerics_gives_another_release_root() -> None:
    assert release_root(dataclasses.replace(ROOTS, numerics=2)) != release_root(ROOTS)


def test_a_part_more_gives_another_root_and_changes_no_part() -> None:
    more = Roots(numerics=1, parts={**ROOTS.parts, "evaluation": "e" * 64})
    assert release_root(more) != release_root(ROOTS)
    assert root_from_part("weights", more.parts["weights"], prove_part(more, "weights")) == release_root(more)


@pytest.mark.parametrize("name", PARTS)
def test_a_part_is_proved_alone(name: str) -> None:
    proof = prove_part(ROOTS, name)
    assert root_from_part(name, ROOTS.parts[name], proof) == release_root(ROOTS)
    assert len(proof.siblings) <= 3


@pytest.mark.parametrize("name", PARTS)
def test_a_proof_of_a_part_shows_no_other_part_and_no_other_root(name: str) -> None:
    proof, other = prove_part(ROOTS, name), "weights" if name != "weights" else "ledger"
    assert root_from_part(other, ROOTS.parts[name], proof) != release_root(ROOTS)
    assert root_from_part(name, ROOTS.parts[other], proof) != release_root(ROOTS)
    moved = InclusionProof(index=(proof.index + 1) % 7, num_leaves=7, siblings=proof.siblings)
    with suppress(ValueError):  # where the proof does not fit that place at all
        assert root_from_part(name, ROOTS.parts[name], moved) != release_root(ROOTS)


def test_a_part_that_is_not_there_cannot_be_proved() -> None:
    with pytest.raises(KeyError):
        prove_part(ROOTS, "evaluation")


def test_files_have_one_root_whatever_the_order_they_are_named_in() -> None:
    files = {"model/config.json": "a" * 64, "model/tokenizer.json": "b" * 64}
    assert files_root(files) == files_root(dict(reversed(files.items())))
    assert files_root(files) != files_root({**files, "model/config.json": "c" * 64})
    assert files_root(files) != files_root({"model/config.jso": "a" * 64, "model/tokenizer.json": "b" * 64})


def test_the_root_of_the_first_schema_is_that_of_a_release_made_then() -> None:
    """The values of the fixture in tests/fixtures, by the code that made it."""
    parts = dict(zip(PARTS_OF_FIRST, FIRST, strict=True))
    assert release_root_of_first_schema(Roots(numerics=1, parts=parts)) == FIRST_ROOT
