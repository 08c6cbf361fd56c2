"""No rule knows a model or a publisher by name; license texts, which have names of their own, excepted."""

import re
from pathlib import Path

import pytest

AUDIT = Path(__file__).resolve().parents[2] / "src/glasswright/audit"
NAMES = """
openai anthropic google meta-llama mistralai allenai eleuther deepseek baichuan tencent databricks dbrx olmo pythia
gemma grok mixtral falcon bloom starcoder kimi minimax chatglm internlm polyglot rwkv mamba codellama qwen
""".split()


@pytest.mark.parametrize("path", sorted([*AUDIT.rglob("*.py"), *AUDIT.rglob("*.yaml")]), ids=lambda path: path.name)
def test_a_rule_names_no_model_and_no_publisher(path: Path):
    found = re.findall(rf"(?i)\b({'|'.join(NAMES)})", path.read_text())
    assert found == []
