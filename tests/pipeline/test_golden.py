"""The roots of whole builds, pinned: a change that is consistent with itself passes every other test.

The documents are made here, so no version of anything decides what they say. What does decide beside the code is
pinned in constraints.txt. `make golden` writes golden.txt anew.
"""

import hashlib
import inspect
import json
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, NamedTuple

import pytest

from glasswright import pipeline
from glasswright.pipeline import Setting, finish
from glasswright.recipe import load
from glasswright.records.recipe import Recipe
from glasswright.train.effort import Effort

SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]


class Draw:
    """Numbers that follow from a seed, today and in ten years: sha256 of a counter."""

    def __init__(self, seed: str):
        self.seed, self.count = seed, 0

    def below(self, limit: int) -> int:
        self.count += 1
        return int.from_bytes(hashlib.sha256(f"{self.seed} {self.count}".encode()).digest()[:8]) % limit


def words(draw: Draw, count: int) -> list[str]:
    """Made-up words of two to four syllables."""
    return ["".join(SYLLABLES[draw.below(len(SYLLABLES))] for _ in range(2 + draw.below(3))) for _ in range(count)]


def document(draw: Draw, lexicon: list[str], num_sentences: int) -> str:
    """Sentences of words of the lexicon, those at its front the more frequent."""

    def word() -> str:
        return lexicon[draw.below(draw.below(len(lexicon)) + 1)]

    sentences = (" ".join(word() for _ in range(5 + draw.below(9))).capitalize() + "." for _ in range(num_sentences))
    return " ".join(sentences)


def write_documents(path: Path, *, seed: str, num_words: int, num_documents: int, num_sentences: int) -> None:
    draw = Draw(seed)
    lexicon = words(draw, num_words)
    rows = [
        {"id": str(number), "text": document(draw, lexicon, num_sentences), "license": "CC0-1.0"}
        for number in range(num_documents)
    ]
    rows.append({"id": "unlicensed", "text": document(draw, lexicon, num_sentences)})
    rows.append({**rows[0], "id": "again"})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


SOURCES = [{"name": "made", "kind": "jsonl", "path": "made.jsonl"}]
SMALL: dict[str, Any] = {
    "name": "small",
    "seed": 5,
    "sources": SOURCES,
    "tokenizer": {"vocab_size": 320},
    "tokens": {"validation_share": "0.25"},
    "model": {"hidden_size": 16, "num_layers": 2, "num_heads": 2, "num_kv_heads": 1, "intermediate_size": 24},
    "train": {
        "num_steps": 12,
        "sequence_length": 16,
        "batch_sequences": 8,
        "leaf_sequences": 2,
        "segment_steps": 4,
        "optimizer": {"gradient_clip": "3"},
        "schedule": {"warmup_steps": 2, "decay_steps": 5, "final_factor": "0.1"},
    },
}


def build_small(folder: Path) -> Path:
    """Twelve steps over more than two epochs; some of their gradients are clipped, others not."""
    folder.mkdir(exist_ok=True)
    write_documents(folder / "made.jsonl", seed="small", num_words=60, num_documents=9, num_sentences=4)
    written_out = Recipe.model_validate(SMALL).model_dump(mode="json")  # so that a default that changes is noticed
    return build(Recipe.model_validate(written_out), folder)


def build(recipe: Recipe, folder: Path, num_threads: int = 1) -> Path:
    effort = Effort(num_threads=num_threads, leaves_at_once=num_threads)
    setting = Setting(base=folder, work=folder / "work", effort=effort)
    return pipeline.build(recipe, setting=setting, out=folder / "release")


def roots(release: Path) -> dict[str, str]:
    """Every digest that release.json states, but for those over what only this build's circumstances decide."""
    return dict(_digests(json.loads((release / "release.json").read_bytes())))


def _digests(record: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in record.items():
        if key in ("observed", "manifest"):
            continue
        if isinstance(value, dict):
            yield from _digests(value)
        elif isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value):
            yield key, value


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return roots(build_small(tmp_path_factory.mktemp("small")))


def test_the_golden_roots_of_a_small_build(small: dict[str, str], golden: Callable[[str, str], None]) -> None:
    assert {"root", "recipe", "ledger", "tokens", "transcript", "weights"} <= small.keys()
    for part, root in small.items():
        golden(f"small {part}", root)


@pytest.mark.slow
def test_the_golden_roots_of_tiny_on_made_up_documents(tmp_path: Path, golden: Callable[[str, str], None]) -> None:
    """The recipe of the demo but for its documents, which follow from the version of Python there."""
    write_documents(tmp_path / "made.jsonl", seed="tiny", num_words=4000, num_documents=160, num_sentences=120)
    tiny = load(Path(pipeline.__file__).parents[1] / "recipes" / "tiny.yaml").model_dump(mode="json")
    recipe = Recipe.model_validate(tiny | {"sources": SOURCES})
    for part, root in roots(build(recipe, tmp_path, num_threads=2)).items():
        golden(f"tiny {part}", root)


class Mutant(NamedTuple):
    """A change of one function that no other part of a build contradicts. Where code has moved, this table follows."""

    what: str
    changes: str  # the part of the release whose root must differ
    function: str  # under the name that its callers look up
    old: str
    new: str


TRAIN = "glasswright.train"
MUTANTS = [
    Mutant(
        "weight decay on gains too", "weights", f"{TRAIN}.optimizer.Optimizer.update",
        "self.weight_decay if name in self.decayed else 0.0", "self.weight_decay",
    ),
    Mutant(
        "Muon for the embedding too", "weights", f"{TRAIN}.optimizer.muon_s",
        "it.role in MATRICES", 'it.role in (*MATRICES, "embedding")',
    ),
    Mutant(
        "windows of every epoch in the order of the first", "weights", f"{TRAIN}.order.Order._permute",
        "WINDOWS, epoch", "WINDOWS, 0",
    ),
    Mutant(
        "documents of every epoch in the order of the first", "weights", f"{TRAIN}.order.Order._permute",
        "DOCUMENTS, epoch", "DOCUMENTS, 0",
    ),
    Mutant(
        "validation documents are learned from", "weights", f"{TRAIN}.order.Order.__init__",
        'if d.split == "train"', "",
    ),
    Mutant(
        "no clipping", "weights", f"{TRAIN}.optimizer.Optimizer.norm",
        "self.gradient_clip", "2.0**100",
    ),
    Mutant(
        "no weight decay in Muon", "weights", f"{TRAIN}.optimizer.Optimizer.update",
        "momentum=self.momentum,\n            weight_decay=self.weight_decay",
        "momentum=self.momentum,\n            weight_decay=0.0",
    ),
    Mutant(
        "rates of the step before", "weights", f"{TRAIN}.optimizer.Rates.at",
        "step - 1", "max(step - 2, 0)",
    ),
    Mutant(
        "a last step of rate final_factor", "weights", f"{TRAIN}.schedule.schedule_factor",
        "num_steps - step + 1", "num_steps - step",
    ),
    Mutant(
        "leaves added one after the other", "weights", f"{TRAIN}.team.combine",
        "combine_subtrees(((1, leaf) for leaf in leaves), join)", "__import__('functools').reduce(join, leaves)",
    ),
    Mutant(
        "gradients of twice the mean", "weights", f"{TRAIN}.objective.NextTokens.scale",
        "Fraction(1, self.num_tokens(step))", "Fraction(2, self.num_tokens(step))",
    ),
    Mutant(
        "validation in other units", "transcript", f"{TRAIN}.objective.per_byte",
        "Decimal(2).ln()", "Decimal(10).ln()",
    ),
    Mutant(
        "documents without an end", "tokens", "glasswright.tokenizer.build._of_texts",
        "[*found, last]", "[*found]",
    ),
    Mutant(
        "a vocabulary of all documents", "tokens", "glasswright.tokenizer.build._train_texts",
        'if split == "train"', "if split",
    ),
]  # fmt: skip


def mutated(mutant: Mutant) -> Any:
    """The function with the change made, in its own module's names."""
    function = resolve_name(mutant.function)
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(mutant.old) == 1, f"{mutant.function} has changed: where does it now say {mutant.old!r}?"
    made: dict[str, Any] = {}
    exec(source.replace(mutant.old, mutant.new), inspect.unwrap(function).__globals__, made)
    return made[function.__name__]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.what)
def test_a_change_of_training_is_a_change_of_the_golden_roots(
    small: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mutant: Mutant
) -> None:
    """The sabotage of the tests above. Some of these `verify` would refute; here only the roots are asked."""
    monkeypatch.setattr(finish, "_require_proved", lambda *_: None)
    owner, _, name = mutant.function.rpartition(".")
    monkeypatch.setattr(resolve_name(owner), name, mutated(mutant))
    found = roots(build_small(tmp_path / "mutant"))
    assert found[mutant.changes] != small[mutant.changes]
    assert found["root"] != small["root"]
