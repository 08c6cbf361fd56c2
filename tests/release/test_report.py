"""The technical report says what the records say, and has the parts of a paper."""

import re
from dataclasses import replace

import pytest
from tests.release.small import RECIPE, make_release

from glasswright.records.canonical import float_bits, float_from_bits
from glasswright.records.recipe import Recipe
from glasswright.release.contents import Contents, read_contents
from glasswright.release.entries import list_files
from glasswright.release.report import NUM_ROWS, technical_report


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> Contents:
    folder = tmp_path_factory.mktemp("report")
    make_release(folder, folder / "release")
    return read_contents(RECIPE, folder / "release", list_files(folder / "release"))


def section(text: str, heading: str) -> str:
    return text.split(f"## {heading}\n")[1].split("\n## ")[0]


def test_every_step_and_validation_is_in_the_results(contents: Contents) -> None:
    results = section(technical_report(RECIPE, contents), "Results")
    told = [(str(step.step), *map(_told, (step.loss_nats, step.gradient_norm))) for step in contents.steps]
    assert re.findall(r"\| (\d) \| ([\d.]+) \| ([\d.]+) \|", results) == told
    validations = [(str(step), _told(bits)) for step, bits in contents.validations]
    assert re.findall(r"\| (\d) \| ([\d.]+) \|\n", results) == validations
    assert [step for step, _ in validations] == ["2", "4", "5"]


def test_the_parts_add_up_to_the_kept_documents(contents: Contents) -> None:
    parts = (contents.train, contents.validation)
    assert sum(part.num_documents for part in parts) == contents.num_kept == 8
    assert sum(part.num_bytes for part in parts) == contents.num_bytes
    assert sum(part.num_tokens for part in parts) == contents.num_tokens


def test_a_long_run_is_told_in_a_few_rows_from_the_first_to_the_last(contents: Contents) -> None:
    steps = tuple(replace(contents.steps[0], step=number) for number in range(1, 5001))
    results = section(technical_report(RECIPE, replace(contents, steps=steps, validations=())), "Results")
    told = [int(step.replace(",", "")) for step in re.findall(r"\| ([\d,]+) \| [\d.]+ \| [\d.]+ \|", results)]
    assert len(told) == NUM_ROWS
    assert (told[0], told[-1]) == (1, 5000)
    assert told == sorted(told)
    assert "Validation was not measured." in results


def test_a_validation_that_got_worse_is_said(contents: Contents) -> None:
    worse = ((2, float_bits(1.5)), (4, float_bits(1.75)))
    analysis = section(technical_report(RECIPE, replace(contents, validations=worse)), "Analysis")
    assert "The best validation, 1.5000, was after step 2" in analysis
    better = ((2, float_bits(1.75)), (4, float_bits(1.5)))
    analysis = section(technical_report(RECIPE, replace(contents, validations=better)), "Analysis")
    assert "The last validation is the best one." in analysis


def test_the_optimizer_is_the_recipe_s(contents: Contents) -> None:
    resolved = RECIPE.resolved()
    resolved["train"]["optimizer"]["kind"] = "adamw"
    assert "Muon [8] (rate" in technical_report(RECIPE, contents)
    assert "Muon [8] (rate" not in technical_report(Recipe.model_validate(resolved), contents)


def test_a_license_is_named_where_there_is_one(contents: Contents) -> None:
    licensed = RECIPE.model_copy(update={"weights_license": "CC-BY-4.0"})
    assert "released under CC-BY-4.0." in technical_report(licensed, contents)
    unlicensed = RECIPE.model_copy(update={"weights_license": None})
    assert "released under" not in technical_report(unlicensed, contents)


def _told(bits: str) -> str:
    return f"{float_from_bits(bits):.4f}"
