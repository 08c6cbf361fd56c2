"""No rule knows a model or its maker by name: those that are known stand in licenses/model_licenses.toml.

Software that is called after a model (a runner, a tokenizer's class) is no model, and a data set is none either.
"""

import re
from pathlib import Path

import pytest

from glasswright.licenses.model_licenses import data

SOURCE = Path(__file__).resolve().parents[2] / "src/glasswright"
READS_THE_DATA = "model_licenses.py"
NAMES = """
openai anthropic google meta-llama mistralai allenai eleuther deepseek baichuan tencent databricks dbrx olmo pythia
gemma grok mixtral falcon bloom starcoder kimi minimax chatglm internlm polyglot rwkv mamba codellama qwen
""".split()
RULES = sorted(
    path
    for folder, kinds in (("audit", ("*.py", "*.toml")), ("licenses", ("*.py", "languages.toml", "open.toml")))
    for kind in kinds
    for path in (SOURCE / folder).rglob(kind)
    if path.name != READS_THE_DATA
)


def makers() -> set[str]:
    """The owners that the data file names, where it writes them as they are."""
    stated = {name for row in data()["models"] for name in row["by"].strip("()?:").split("|")}
    return {name for name in stated if re.fullmatch(r"[\w-]{5,}", name)}


def test_the_data_file_names_makers():
    assert len(makers()) > 10


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_a_rule_names_no_model_and_no_maker(path: Path):
    text = path.read_text(encoding="utf-8").partition("\n[examples]")[0]  # what a rule is tried on may be real
    text = re.sub(r"\b(?:com|org|pkg)\.[\w.]+", "", text)  # sets of operators have their maker's domain in front
    assert re.findall(rf"(?i)\b({'|'.join(NAMES)})", text) == []
    assert re.findall(rf"(?i)\b({'|'.join(map(re.escape, sorted(makers())))})\b", text) == []
