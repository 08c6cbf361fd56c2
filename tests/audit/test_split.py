"""The halves of the labelled inputs: chosen by digest, and the same for everybody."""

import json
from pathlib import Path

import pytest
from benchmarks.audit_agreement.split import halves


def test_the_halves_do_not_depend_on_the_order_they_are_given_in():
    names = [f"model-{i}" for i in range(9)]
    assert halves(names) == halves(reversed(names))
    tuning, held_out = halves(names)
    assert sorted(tuning + held_out) == names
    assert len(tuning) == 5


def test_the_held_out_half_is_the_one_that_was_fixed(shared_data: Path):
    inputs = shared_data / "openness/inputs/INDEX.json"
    if not inputs.is_file():
        pytest.skip("did not run: no labelled inputs beside the repository")
    tuning, held_out = halves(json.loads(inputs.read_text()))
    assert (len(tuning), len(held_out)) == (18, 18)
    first_sight = json.loads((Path(__file__).resolve().parents[2] / "docs/audits/first_sight.json").read_text())
    assert sorted(held_out) == first_sight["before"]["held_out"]["models"]
