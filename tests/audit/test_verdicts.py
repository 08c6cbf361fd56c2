"""What facts mean under each rule book, and that the rule books are kept apart."""

from pathlib import Path

import pytest
from tests.audit.builder import OPEN_README, closed_subject, open_subject

from glasswright.audit import Report, audit_subject
from glasswright.audit.mof import CLASS_I, CLASS_II, CLASS_III, judge_licenses
from glasswright.audit.osai_index import DIMENSIONS
from glasswright.audit.subject import load_folder


def report_of(folder: Path) -> Report:
    """The report of a folder."""
    return audit_subject(load_folder(folder))


def test_osaid_is_proved_where_every_requirement_is(tmp_path: Path):
    report = report_of(open_subject(tmp_path))
    assert {name: r.status for name, r in report.osaid.requirements.items()} == dict.fromkeys(
        ("data_information", "code", "parameters", "freedoms"), "proved"
    )
    assert report.osaid.status == "proved"
    assert report.label.ours == "open source"
    assert report.label.openwashing == "refuted"


@pytest.mark.parametrize(
    ("file", "requirement"),
    [("train.py", "code"), ("eval/run_eval.py", "code"), ("scripts/prepare_data.py", "code"), ("LICENSE", "code")],
)
def test_without_one_piece_osaid_is_not_proved(file: str, requirement: str, tmp_path: Path):
    readme = OPEN_README.replace("The code and the model weights are", "The model weights are")
    report = report_of(open_subject(tmp_path, **{"README.md": readme, file: None}))
    assert report.osaid.requirements[requirement].status == "unknown"
    assert report.osaid.status == "unknown"
    assert report.label.ours == "open weights"
    assert report.label.openwashing == "unknown"


def test_closed_terms_and_undisclosed_data_refute_osaid(tmp_path: Path):
    report = report_of(closed_subject(tmp_path))
    requirements = {name: r.status for name, r in report.osaid.requirements.items()}
    assert requirements == {
        "data_information": "unknown",
        "code": "unknown",
        "parameters": "refuted",
        "freedoms": "refuted",
    }
    assert report.label.ours == "restricted weights"


def test_calling_it_open_source_when_it_is_not_is_openwashing(tmp_path: Path):
    label = report_of(closed_subject(tmp_path)).label
    assert label.publisher == "open source"
    assert label.publisher_evidence[0].lines == (3, 3)
    assert label.openwashing == "proved"


def test_a_comparison_with_other_open_source_models_is_no_claim(tmp_path: Path):
    readme = OPEN_README.replace(
        "an open-source language model", "a language model that outperforms other open-source models"
    )
    assert report_of(open_subject(tmp_path, **{"README.md": readme})).label.publisher != "open source"


def test_the_exemption_is_refuted_by_a_threshold_and_not_by_a_safety_clause(tmp_path: Path):
    assert report_of(closed_subject(tmp_path / "a")).eu.exemption_53_2 == "refuted"
    text = "SAFE LICENSE\n\n1. You may use the model weights.\n\n2. You agree not to use the Model for military use.\n"
    folder = closed_subject(tmp_path / "b")
    (folder / "thicket__bramble/LICENSE-MODEL").write_text(text)
    report = report_of(folder)
    assert report.osaid.status == "refuted"
    assert report.eu.exemption_53_2 == "unknown"


def test_the_exemption_asks_for_compute_below_the_threshold(tmp_path: Path):
    assert report_of(open_subject(tmp_path / "small")).eu.exemption_53_2 == "proved"
    readme = OPEN_README.replace("1B parameters, trained on 30B tokens", "900B parameters, trained on 30T tokens")
    large = report_of(open_subject(tmp_path / "large", **{"README.md": readme}))
    assert large.eu.exemption_53_2 == "unknown"
    assert any("systemic risk" in reason for reason in large.eu.reasons)


def test_the_duties_that_stay_are_named(tmp_path: Path):
    report = report_of(open_subject(tmp_path, **{"copyright-policy.md": "# Policy\n"}))
    assert report.eu.duties == {"copyright_policy_53_1_c": "proved", "training_summary_53_1_d": "unknown"}


def test_the_index_has_its_twelve_dimensions(tmp_path: Path):
    assert tuple(report_of(open_subject(tmp_path)).index) == DIMENSIONS
    assert len(DIMENSIONS) == 12


def test_the_index_tells_open_from_closed_data(tmp_path: Path):
    assert report_of(open_subject(tmp_path / "a")).index["datasources_basemodel"].openness == "open"
    assert report_of(closed_subject(tmp_path / "b")).index["datasources_basemodel"].openness == "closed"
    assert report_of(closed_subject(tmp_path / "b")).index["licenses"].openness == "closed"


@pytest.mark.parametrize(("needed", "reached"), [(CLASS_III, "III"), (CLASS_II, "II"), (CLASS_I, "I")])
def test_a_record_reaches_the_class_whose_components_it_has(needed: tuple[str, ...], reached: str):
    open_for_all = {"code": "MIT", "data": "CC0-1.0", "document": "CC-BY-4.0"}
    assert judge_licenses(dict.fromkeys(needed), open_for_all).mof_class == reached
    assert judge_licenses(dict.fromkeys(needed[1:]), open_for_all).mof_class != reached


def test_a_paper_stands_in_for_the_technical_report():
    components = [name for name in CLASS_III if name != "technical_report"]
    release = {"distribution": "Apache-2.0"}
    assert judge_licenses(dict.fromkeys(components), release).mof_class == "none"
    assert judge_licenses(dict.fromkeys([*components, "research_paper"]), release).mof_class == "III"


def test_a_license_is_looked_up_from_component_to_type_to_distribution():
    assert (
        judge_licenses({"training_code": "MIT"}, {"code": "CC-BY-NC-4.0"}).components["training_code"].status
        == "proved"
    )
    assert judge_licenses({"training_code": None}, {"code": "MIT"}).components["training_code"].license == "MIT"
    assert judge_licenses({"training_code": None}, {"distribution": "MIT"}).components["training_code"].license == "MIT"
    assert judge_licenses({"training_code": None}, {"data": "MIT"}).components["training_code"].status == "refuted"


def test_an_open_license_of_the_wrong_type_passes_with_a_warning():
    component = judge_licenses({"training_code": "CC-BY-4.0"}, {}).components["training_code"]
    assert component.status == "proved"
    assert component.warning
