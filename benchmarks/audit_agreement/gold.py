"""The human labels beside the inputs: Model Openness Tool records, European Index records, OSI's verdicts.

Read from `$GLASSWRIGHT_SHARED/openness`, or `../shared/openness` beside the repository. Nothing of it is kept here.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent.parent
OPENNESS = Path(os.environ.get("GLASSWRIGHT_SHARED", ROOT.parent / "shared")) / "openness"
INPUTS = OPENNESS / "inputs"
FRESH = OPENNESS / "fresh"  # laid out likewise: inputs/ and gold/

# The names that Model Openness Tool records give the components, and ours.
MOT_COMPONENTS = {
    "Model architecture": "architecture",
    "Data preprocessing code": "preprocessing_code",
    "Training code": "training_code",
    "Inference code": "inference_code",
    "Evaluation code": "evaluation_code",
    "Supporting libraries and tools": "supporting_libraries",
    "Model parameters (Final)": "final_parameters",
    "Model parameters (Intermediate)": "intermediate_parameters",
    "Datasets": "datasets",
    "Evaluation data": "evaluation_data",
    "Model metadata": "model_metadata",
    "Sample model outputs": "sample_outputs",
    "Model card": "model_card",
    "Data card": "data_card",
    "Technical report": "technical_report",
    "Research paper": "research_paper",
    "Evaluation results": "evaluation_results",
}


@dataclass(frozen=True, slots=True)
class MotRecord:
    """A Model Openness Tool record: what it says is there, and under which license."""

    name: str
    licenses: dict[str, str | None]  # component -> own license, None where it inherits
    release: dict[str, str | None]


def index(of: Path = OPENNESS) -> dict[str, dict[str, Any]]:
    """The inputs, and which labels belong to each."""
    return json.loads((of / "inputs/INDEX.json").read_text())


def mot_record(path: Path) -> MotRecord:
    """Read one record."""
    release = YAML(typ="safe").load(path.read_text())["release"]
    general = {kind: (entry or {}).get("name") for kind, entry in (release.get("license") or {}).items()}
    own = {MOT_COMPONENTS[c["name"]]: c.get("license") for c in release["components"] if c["name"] in MOT_COMPONENTS}
    return MotRecord(path.stem, own, general)


def synthetic_records() -> list[tuple[MotRecord, str]]:
    """The synthetic records and the class that each file name expects: the highest class at 100%."""
    expected = []
    for path in sorted((OPENNESS / "gold/mot/Test_Data").glob("*.yml")):
        wanted = next(
            (name for mark, name in (("C1_100%", "I"), ("C2_100%", "II"), ("C3_100%", "III")) if mark in path.name),
            "none",
        )
        expected.append((mot_record(path), wanted))
    return expected


def mot_of(model: str) -> list[MotRecord]:
    """The records that belong to an input."""
    names = index()[model]["gold_mot"]
    paths = [OPENNESS / f"gold/mot/models/{name}.yml" for name in names]
    return [mot_record(path) for path in paths if path.is_file()]


def index_records(model: str, of: Path = OPENNESS) -> list[tuple[str, dict[str, str]]]:
    """The European Index records of an input: file name, and class by dimension."""
    found = []
    for name in index(of)[model]["gold_osai_index"]:
        data = YAML(typ="safe").load((of / "gold/osai-index" / name).read_text())
        found.append(
            (
                name,
                {key: entry["class"] for key, entry in data.items() if isinstance(entry, dict) and entry.get("class")},
            )
        )
    return found


def osi_verdicts() -> dict[str, str]:
    """OSI's verdicts for models among the inputs: input -> pass or fail."""
    verdicts = json.loads((OPENNESS / "gold/osi-verdicts/verdicts.json").read_text())["verdicts"]
    inputs = {"pythia": "Pythia (EleutherAI)", "olmo-1": "OLMo (AI2)", "amber": "Amber (LLM360)", "t5": "T5 (Google)",
              "llama-2": "Llama 2 (Meta)", "grok-1": "Grok (X/Twitter)", "mixtral": "Mixtral (Mistral)"}  # fmt: skip
    return {model: verdicts[name] for model, name in inputs.items()}
