"""What a config asks of its loader is found wherever it stands, in JSON and YAML, and nothing else is accused."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.audit.builder import safetensors, write

from glasswright.audit.scan.config_rules import RULES
from glasswright.audit.scan.config_wrongs import leaves
from glasswright.audit.scan.scanning import scan_path
from glasswright.records.verdict import Answer

BAD = [(min(rule.keys), example) for rule in RULES for example in rule.bad]
GOOD = [(min(rule.keys), example) for rule in RULES for example in rule.good]
KEYS = [f"{key}: {json.dumps(example)[:60]}" for key, example in BAD]


@pytest.mark.parametrize(("key", "example"), BAD, ids=KEYS)
@pytest.mark.parametrize("name", ["anything.json", "anything", "anything.yaml"])
def test_what_a_rule_says_is_bad_is_not_proved(name: str, key: str, example: Any, tmp_path: Path):
    findings = scan_path(write(tmp_path, {name: json.dumps({"a": [{"deep": example}]})})).findings
    assert [finding.answer for finding in findings if finding.claim.startswith(name)] != [Answer.PROVED], key


@pytest.mark.parametrize(("key", "example"), GOOD, ids=[f"{key}: {json.dumps(example)[:60]}" for key, example in GOOD])
@pytest.mark.parametrize("name", ["anything.json", "anything.yaml"])
def test_what_a_rule_says_is_good_is_proved(name: str, key: str, example: Any, tmp_path: Path):
    write(tmp_path, {name: json.dumps(example), "model-00001-of-00002.safetensors": safetensors()})
    assert scan_path(tmp_path).answer is Answer.PROVED, key


def test_every_rule_has_an_example_that_it_finds():
    assert [rule.keys for rule in RULES if not rule.bad] == []
    for rule in RULES:
        for example in rule.bad:
            found = example[0] if isinstance(example, list) else example
            while not rule.keys <= found.keys():
                found = next(value for value in found.values() if isinstance(value, dict | list))
                found = found[0] if isinstance(found, list) else found
            assert list(rule.wrong(found)), (rule.keys, example)


@pytest.mark.parametrize("path", ["/a", "../a", "a/../../b", "..\\a", "C:\\a", "~/a", "https://a/b", "//a/b"])
def test_a_path_that_leaves(path: str):
    assert leaves(path)


@pytest.mark.parametrize("path", ["a", "a/b.safetensors", "./a", "a..b", ""])
def test_a_path_that_stays(path: str):
    assert not leaves(path)


def test_a_shard_that_is_named_and_absent_is_unknown(tmp_path: Path):
    index = {"weight_map": {"a": "here.safetensors", "b": "gone.safetensors"}}
    write(tmp_path, {"model.safetensors.index.json": json.dumps(index), "here.safetensors": safetensors()})
    verdict = scan_path(tmp_path)
    assert verdict.answer is Answer.UNKNOWN
    assert "files that it names are not here: gone.safetensors" in [finding.evidence for finding in verdict.findings]


@pytest.mark.parametrize(
    "text",
    [
        '{"auto\\u005fmap": {"A": "m.M"}}',
        '{"auto_map": {"A": "m.M"}, "auto_map": null}',
        '\ufeff{"auto_map": {"A": "m.M"}}',
        '{"auto_map": {"A": "m.M"}',
    ],
)
def test_a_key_that_is_hidden_is_not_proved(text: str, tmp_path: Path):
    assert scan_path(write(tmp_path, {"config.json": text})).answer is not Answer.PROVED


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("a: !!python/object/apply:os.getcwd []", Answer.REFUTED),
        ("%TAG ! tag:yaml.org,2002:python/\n---\na: !name:os.getcwd", Answer.REFUTED),
        ('"auto\\x5fmap": {A: m.M}', Answer.REFUTED),
        ("a: &a {trust_remote_code: yes}\nb: *a", Answer.REFUTED),
        ("a: [", Answer.UNKNOWN),
        ("a: &a [*a]", Answer.PROVED),
        ("a: 1\n---\nb: !mine 2\n", Answer.PROVED),
    ],
)
def test_yaml_is_read_and_no_tag_is_obeyed(text: str, answer: Answer, tmp_path: Path):
    assert scan_path(write(tmp_path, {"config.yaml": text})).answer is answer
