"""Compute src/glasswright/licenses/fingerprints.json from license texts on this machine.

Texts come from Debian's /usr/share/common-licenses, from Python itself, from the shared inputs (GLASSWRIGHT_SHARED),
and for the rest of the SPDX list, and for licenses of models, from those that ScanCode carries (its data is CC-BY-4.0:
`pip install --no-deps scancode-toolkit-mini`, for this).
Only hashes are written. A source that is absent keeps the sketch computed before.

Run:  python tools/license_fingerprints.py
"""

import importlib.util
import json
import os
import re
import sysconfig
from pathlib import Path

import license_expression

from glasswright.licenses.texts import sketch_record

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "src/glasswright/licenses/fingerprints.json"
SHARED = Path(os.environ.get("GLASSWRIGHT_SHARED", ROOT.parent / "shared")) / "openness"
COMMON = Path("/usr/share/common-licenses")
INPUTS = SHARED / "inputs"
LLAMA = INPUTS / "llama-4/meta-llama__llama-models/models"


SOURCES: dict[str, Path] = {
    "Apache-2.0": COMMON / "Apache-2.0",
    "Artistic-1.0-Perl": COMMON / "Artistic",
    "CC0-1.0": COMMON / "CC0-1.0",
    "GFDL-1.2": COMMON / "GFDL-1.2",
    "GFDL-1.3": COMMON / "GFDL-1.3",
    "GPL-1.0": COMMON / "GPL-1",
    "GPL-2.0": COMMON / "GPL-2",
    "GPL-3.0": COMMON / "GPL-3",
    "LGPL-2.0": COMMON / "LGPL-2",
    "LGPL-2.1": COMMON / "LGPL-2.1",
    "LGPL-3.0": COMMON / "LGPL-3",
    "MPL-2.0": COMMON / "MPL-2.0",
    "PSF-2.0": Path(sysconfig.get_paths()["stdlib"]) / "LICENSE.txt",
    "CC-BY-4.0": Path(license_expression.__file__).parent / "data/cc-by-4.0.LICENSE",
    "OpenMDW-1.0": SHARED / "licences/openmdw/1.0/LICENSE.openmdw",
    "OpenMDW-1.1": SHARED / "licences/openmdw/1.1/LICENSE.OpenMDW-1.1",
    "LicenseRef-llama-2": INPUTS / "llama-2/meta-llama__llama/LICENSE",
    "LicenseRef-llama-3": INPUTS / "llama-3/meta-llama__llama3/LICENSE",
    "LicenseRef-llama-3.1": INPUTS / "llama-3.1/meta-llama__llama-models/models/llama3_1/LICENSE",
    "LicenseRef-llama-3.2": INPUTS / "llama-3.2/meta-llama__llama-models/models/llama3_2/LICENSE",
    "LicenseRef-llama-3.3": INPUTS / "llama-3.3/meta-llama__llama-models/models/llama3_3/LICENSE",
    "LicenseRef-llama-4": LLAMA / "llama4/LICENSE",
    "LicenseRef-deepseek-model": INPUTS / "deepseek-v3/deepseek-ai__DeepSeek-V3/LICENSE-MODEL",
    "LicenseRef-tongyi-qianwen": INPUTS / "qwen-1/QwenLM__Qwen/Tongyi Qianwen LICENSE AGREEMENT",
    "LicenseRef-tongyi-qianwen-research": INPUTS / "qwen-1/QwenLM__Qwen/Tongyi Qianwen RESEARCH LICENSE AGREEMENT",
    "LicenseRef-databricks-open-model": INPUTS / "dbrx/databricks__dbrx/LICENSE",
    "LicenseRef-minimax-model": INPUTS / "minimax-01/MiniMax-AI__MiniMax-01/LICENSE-MODEL",
    "LicenseRef-chatglm-6b": INPUTS / "chatglm/THUDM__ChatGLM-6B/MODEL_LICENSE",
    "LicenseRef-opt-175b": INPUTS / "opt/facebookresearch__metaseq/projects/OPT/MODEL_LICENSE.md",
    "LicenseRef-modified-mit-kimi-k2": INPUTS / "kimi-k2/MoonshotAI__Kimi-K2/LICENSE",
    "LicenseRef-ai2-impact": INPUTS / "olmo-3/allenai__open-instruct/assets/model_licenses/tulu_license.txt",
}


BEYOND_SPDX = {  # by the names that ScanCode gives them
    "LicenseRef-bigcode-openrail-m": "bigcode-open-rail-m-v1",
    "LicenseRef-bigscience-openrail-m": "bigscience-open-rail-m",
    "LicenseRef-bigscience-rail-1.0": "bigscience-rail-1.0",
    "LicenseRef-commons-clause": "commons-clause",
    "LicenseRef-falcon-2-11b": "falcon-2-11b-1.0",
    "LicenseRef-flux-1-dev-non-commercial": "flux-1-nc",
    "LicenseRef-gemma-2024": "gemma-tou-2024-04-01",
    "LicenseRef-gemma-2025": "gemma-tou-2025-03-24",
    "LicenseRef-gemma-prohibited-use": "gemma-pup-2024-02-21",
    "LicenseRef-llama-1": "llama-license-2023",
    "LicenseRef-nvidia-open-model": "nvidia-open-model-2025-04-28",
    "LicenseRef-qwen": "qwen-2024",
    "LicenseRef-stability-ai-community": "stability-ai-community-2024",
    "LicenseRef-stability-ai-non-commercial": "stability-ai-nc-2023-12-06",
}
NO_TEXTS = ("LicenseRef-", "any-OSI")  # ScanCode's own names, and words for whichever license one likes
FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


def scancode_texts() -> dict[str, str]:
    """License texts by SPDX identifier, where ScanCode's are installed; of a GNU license one for all its forms."""
    spec = importlib.util.find_spec("licensedcode")
    if spec is None or not spec.submodule_search_locations:
        print("kept as they were: those from ScanCode, which is not installed")
        return {}
    folder = Path(next(iter(spec.submodule_search_locations))) / "data/licenses"
    texts: dict[str, str] = {}
    for entry in license_expression.get_license_index():
        name = re.sub(r"(-no-invariants|-invariants)?(-only|-or-later)$", "", entry.get("spdx_license_key") or "")
        file = folder / f"{entry['license_key']}.LICENSE"
        if name and not name.startswith(NO_TEXTS) and not entry["is_exception"] and file.is_file():
            texts.setdefault(name, FRONT_MATTER.sub("", file.read_text()))
    for name, key in BEYOND_SPDX.items():
        if (file := folder / f"{key}.LICENSE").is_file():
            texts[name] = FRONT_MATTER.sub("", file.read_text())
    return texts


def main() -> None:
    before = json.loads(OUT.read_text())["sketches"] if OUT.exists() else []
    sketches = {record["license"]: record for record in before}
    for name, text in scancode_texts().items():
        sketches[name] = sketch_record(name, text)
    for name, path in SOURCES.items():
        if path.is_file():
            sketches[name] = sketch_record(name, path.read_text(errors="replace"))
        else:
            print(f"kept as it was: {name}: {path} is not on this machine")
    record = {"schema": "glasswright/license-fingerprints/3", "sketches": [sketches[name] for name in sorted(sketches)]}
    OUT.write_text(json.dumps(record, indent=1) + "\n")
    print(f"{len(sketches)} licenses, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
