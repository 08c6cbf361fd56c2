"""A recipe that is wrong says where, what was expected, and what was found."""

from decimal import Decimal
from pathlib import Path

import pytest

from glasswright.errors import Misuse
from glasswright.recipe import load, parse

HEAD = "name: x\nsources:\n  - {name: a, kind: python-docs}\n"


def refusal(text: str) -> str:
    with pytest.raises(Misuse) as caught:
        parse(text, "r.yaml")
    return str(caught.value)


def test_a_recipe_with_three_lines_is_complete():
    assert parse(HEAD, "r.yaml").train.num_steps == 300


def test_the_shipped_recipes_load():
    recipes = sorted((Path(__file__).parents[2] / "recipes").glob("*.yaml"))
    assert recipes
    for path in recipes:
        assert load(path).name == path.stem


def test_a_decimal_is_taken_from_its_digits():
    recipe = parse(HEAD + "train: {optimizer: {learning_rate: 0.1000000000000000055511151231}}", "r.yaml")
    assert recipe.train.optimizer.learning_rate == Decimal("0.1000000000000000055511151231")
    assert recipe.resolved()["train"]["optimizer"]["learning_rate"] == "0.1000000000000000055511151231"


@pytest.mark.parametrize("spelling", ["1e-3", "1E-3", "0.001", "0.00100", "+1.0e-3", "10e-4"])
def test_every_spelling_of_a_decimal_gives_one_digest(spelling: str):
    spelled = parse(HEAD + f"train: {{optimizer: {{learning_rate: {spelling}}}}}", "r.yaml")
    plain = parse(HEAD + "train: {optimizer: {learning_rate: 0.001}}", "r.yaml")
    assert spelled.digest == plain.digest


def test_another_decimal_gives_another_digest():
    one = parse(HEAD + "train: {optimizer: {learning_rate: 0.001}}", "r.yaml")
    other = parse(HEAD + "train: {optimizer: {learning_rate: 0.0010000000000000000000001}}", "r.yaml")
    assert one.digest != other.digest


def test_no_is_norwegian_where_a_text_is_asked_for():
    recipe = parse("name: no\nsources:\n  - {name: on, kind: python-docs, language: no}\n", "r.yaml")
    assert (recipe.name, recipe.sources[0].name, recipe.sources[0].language) == ("no", "on", "no")


def test_null_leaves_an_optional_value_out_and_quotes_make_it_a_text():
    recipe = parse('name: x\nsources:\n  - {name: a, kind: python-docs, license: ~, language: "null"}\n', "r.yaml")
    assert (recipe.sources[0].license, recipe.sources[0].language) == (None, "null")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("modle: {}", "r.yaml:4:1: modle: unknown key; did you mean model?"),
        ("model: {num_headz: 2}", "r.yaml:4:9: model.num_headz: unknown key; did you mean num_heads?"),
        ("model: {zzz: 2}", "unknown key; expected one of family, hidden_size"),
        ("seed: 1\nseed: 2", "r.yaml:5:1: seed: the key is here twice, first on line 4"),
        ("seed: 1.0", "r.yaml:4:7: seed: expected a whole number, found 1.0"),
        ("seed: 1e3", "expected a whole number, found 1e3"),
        ("seed: 010", "expected a whole number, found 010"),
        ("seed: 0x10", "expected a whole number, found 0x10"),
        ("seed: 0o10", "expected a whole number, found 0o10"),
        ("seed: 1_000", "expected a whole number, found 1_000"),
        ("seed: '1'", "expected a whole number, found the text '1'"),
        ("seed: yes", "expected a whole number, found yes"),
        ("seed:", "r.yaml:4:6: seed: expected a whole number, found nothing"),
        ("seed: -1", "seed: expected a value greater than or equal to 0, found -1"),
        ("seed: 9007199254740992", "expected a value less than 9007199254740992"),
        ("seed: " + "9" * 5000, "expected a whole number, found 999"),
        ("model: {tied_embeddings: yes}", "expected true or false, found yes"),
        ("model: {tied_embeddings: True}", "expected true or false, found True"),
        ("model: {rope_theta: .inf}", "expected a decimal number, found .inf"),
        ("model: {rope_theta: .nan}", "expected a decimal number, found .nan"),
        ("model: {rope_theta: NaN}", "expected a decimal number, found NaN"),
        ("model: {rope_theta: 1:30}", "expected a decimal number, found 1:30"),
        ("model: {rope_theta: 1e999}", "expected at most 60 places"),
        ("model: {rope_theta: 1.0000000000000000000000000001}", "expected at most 28 digits, found 29"),
        (
            "model: {hidden_size: 100, num_heads: 3, num_kv_heads: 3}",
            "r.yaml:4:22: model.hidden_size: expected a multiple of",
        ),
        ("model: {num_kv_heads: 3}", "r.yaml:4:23: model.num_kv_heads: expected a divisor of num_heads = 4, got 3"),
        ("model: 3", "r.yaml:4:8: model: expected keys and values, found 3"),
        ("model: [1]", "model: expected keys and values, found a list"),
        ("model:", "model: expected keys and values, found nothing"),
        ("train: {optimizer: {kind: adam}}", "r.yaml:4:27: train.optimizer.kind: found adam; did you mean adamw?"),
        ("train: {optimizer: {beta1: 1}}", "train.optimizer.beta1: expected a value less than 1, found 1"),
        ("train: {num_steps: 5}", "r.yaml:4:20: train.num_steps: warm-up and decay take 120 steps"),
        ("numerics: 3", "numerics: found 3; expected one of 1, 2"),
        ("tokenizer: {vocab_size: 256}", "expected a value greater than or equal to 257, found 256"),
        ("2: 3", "2: unknown key"),
        ("? [a]\n: b", "expected a word as the key"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(line: str, said: str):
    assert said in refusal(HEAD + line)


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ("[]", "sources: expected at least one, found none"),
        ("{}", "sources: expected a list, found keys and values"),
        ("[{name: a, kind: folder}]", "sources[0]: path: expected for a source of kind folder"),
        ("[{name: a, kind: python-docs, path: x}]", "sources[0].path: expected for a source of kind folder"),
        ("[{kind: python-docs}]", "r.yaml:2:11: sources[0].name: expected this key, found none"),
        ("[{name: a, kind: git, git: {url: u, commit: abc}}]", "sources[0].git.commit: expected a value"),
        (
            "[{name: a, kind: hf, hf: {dataset: o/n, revision: main}}]",
            "revision: expected a commit with all its 40 digits",
        ),
        ("[{name: a, kind: hf, hf: {dataset: n, revision: main}}]", "sources[0].hf.dataset: expected a value"),
        ("[{name: a, kind: hf}]", "sources[0].hf: expected for a source of kind hf"),
        ("[{name: a, kind: folder, path: p, text: t}]", "text: expected for a source of kind jsonl, parquet, hf only"),
        ("[{name: a, kind: warc}]", "path: expected for a source of kind folder, documents, jsonl, parquet"),
        ("[{name: a, kind: folder, path: p, sha256: abc}]", "sources[0].sha256: expected a value"),
        (
            f"[{{name: a, kind: git, git: {{url: u, commit: {'0' * 40}}}, sha256: {'0' * 64}}}]",
            "sha256: expected for other kinds only",
        ),
        ("[{name: A, kind: python-docs}]", "sources[0].name: expected a value"),
        ("[{name: a, kind: python-docs}, {name: a, kind: python-docs}]", "the name 'a' is used twice"),
    ],
)
def test_a_source_that_cannot_be_is_named_with_its_place(sources: str, said: str):
    assert said.replace("sources[0]: path", "sources[0].path") in refusal(f"name: x\nsources: {sources}\n")


def test_every_problem_is_listed_in_the_order_of_the_file():
    lines = refusal(HEAD + "modle: {}\nseed: x\ntoken: 1\n").splitlines()
    assert [line.split(":")[1] for line in lines] == ["4", "5", "6"]


def test_a_long_list_of_problems_is_cut_and_says_so():
    lines = refusal(HEAD + "".join(f"key{i}: 1\n" for i in range(15))).splitlines()
    assert len(lines) == 11
    assert lines[-1] == "and 5 more"


@pytest.mark.parametrize("license", ["Apache-2.0", "MIT OR Apache-2.0", "CC-BY-NC-4.0", "null"])
def test_a_license_for_the_weights_is_taken_as_spdx_spells_it(license: str):
    assert parse(HEAD + f"weights_license: {license}\n", "r.yaml").weights_license == (
        None if license == "null" else license
    )


@pytest.mark.parametrize(
    ("license", "said"),
    [
        (
            "apache-2.0",
            "r.yaml:4:18: weights_license: expected an SPDX expression, found apache-2.0; did you mean Apache",
        ),
        ("Free-2.0", "SPDX knows no such license"),
        ('"MIT\\ntags: [x]"', "r.yaml:4:18: weights_license: expected a value that should match"),
    ],
)
def test_a_license_that_spdx_does_not_know_is_refused(license: str, said: str):
    assert said in refusal(HEAD + f"weights_license: {license}\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('sources: [{name: a, kind: python-docs, license: "CC BY 4.0"}]', "sources[0].license: expected an SPDX"),
        ("sources: [{name: a, kind: python-docs, license: Foo-1.0}]", "found Foo-1.0; SPDX knows no such license"),
        (
            "sources: [{name: a, kind: python-docs, resolve: [{path: x, license: GPL3}]}]",
            "resolve[0].license: expected",
        ),
        ("sources: [{name: a, kind: python-docs}]\ncorpus: {allow_licenses: [MIT, cc-by-nc-4.0]}", "allow_licenses[1]"),
        ("sources: [{name: a, kind: python-docs}]\ncorpus: {deny_licenses: [GNU GPL 3]}", "did you mean GPL-3.0-only?"),
    ],
)
def test_every_license_of_a_recipe_is_one_of_spdx(text: str, said: str):
    assert said in refusal(f"name: x\n{text}\n")


def test_a_name_that_people_use_is_answered_with_that_of_spdx():
    said = refusal('name: x\nsources: [{name: a, kind: python-docs, license: "CC BY 4.0"}]\n')
    found = "expected an SPDX expression, found the text 'CC BY 4.0'; did you mean CC-BY-4.0?"
    assert said.splitlines()[0] == f"r.yaml:2:49: sources[0].license: {found}"


@pytest.mark.parametrize(
    "license", ["CC0-1.0 AND LicenseRef-PD-US", "cc-by-4.0", "(MIT OR Apache-2.0)", "CC-BY-NC-4.0"]
)
def test_a_source_may_have_any_license_that_a_ledger_can_name(license: str):
    recipe = parse(f'name: x\nsources: [{{name: a, kind: python-docs, license: "{license}"}}]\n', "r.yaml")
    assert recipe.sources[0].license == license
