"""Switch off one step of verification, and some forgery goes through."""

import importlib
import shutil
from pathlib import Path

import pytest

from glasswright.records.verdict import Answer
from glasswright.verify import check
from glasswright.verify.check import STEPS

# For each step a forgery that no other step would notice.
ONLY_SEEN_BY = {
    "root": "stated_root",
    "manifest": "other_manifest",
    "files": "extra_file",
    "bytes": "flipped_card_bit",
    "recipe": "edited_license",
    "ledger": "edited_ledger_row",
    "rows": "rows_at_odds",
    "documents": "document_under_another_id",
    "tokens": "document_of_another_length",
    "texts": "tokens_of_another_text",
    "transcript": "edited_loss",
    "schedule": "schedule_of_ones",
    "reads": "one_document_read",
    "steps": "values_that_no_step_has",
    "states": "state_with_another_root",
    "checkpoints": "checkpoint_one_unit_off",
    "leaps": "checkpoints_that_leap",
    "weights": "weights_not_from_training",
    "model": "edited_config",
    "statements": "statements",
}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_without_a_step_a_forgery_goes_through(step: object, release: Path) -> None:
    importlib.import_module(f"tests.attacks.test_{ONLY_SEEN_BY[step.name]}").forge(release)
    assert check(release).answer is Answer.REFUTED
    assert check(release, steps=tuple(other for other in STEPS if other is not step)).answer is Answer.PROVED


def test_the_true_release_passes_every_step(true_release: Path) -> None:
    assert check(true_release).answer is Answer.PROVED


def test_a_copy_elsewhere_passes_too(true_release: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "a [strange]* name=1"
    shutil.copytree(true_release, elsewhere)
    assert check(elsewhere, num_threads=3).answer is Answer.PROVED
