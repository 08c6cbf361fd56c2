"""A release that learned conversations, forged, with every root made to fit: what it learned is not the answers.

Each forgery is of the token map, the shard, the template or the tokenizer; the step `texts` finds it.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.attacks.forging import change, read, reroot
from tests.release.talking import make

from glasswright.records.verdict import Answer, Finding
from glasswright.verify import check
from glasswright.verify.check import STEPS
from glasswright.verify.lookup import read_step

TEXTS = tuple(step for step in STEPS if step.name == "texts")
MODEL = tuple(step for step in STEPS if step.name == "model")
Edit = Callable[[Path], None]


@pytest.fixture(scope="session", params=["conversations", "preferences"])
def true_derived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp(request.param), request.param)


@pytest.fixture
def release(true_derived: Path, tmp_path: Path) -> Path:
    shutil.copytree(true_derived, tmp_path / "release")
    return tmp_path / "release"


def found(release: Path, steps: Any = TEXTS) -> Finding:
    return check(release, steps=steps).findings[0]


def of_map(edit: Callable[[dict[str, Any]], None], place: int = 2) -> Edit:
    """Edit what the map has of one document."""
    return lambda release: change(release / "tokens" / "map.json", lambda record: edit(record["documents"][place]))


def of_ids(edit: Callable[[Any], None]) -> Edit:
    """Edit the ids of the one shard."""

    def forge(release: Path) -> None:
        path = release / "tokens" / "shards" / "00000.bin"
        ids = np.fromfile(path, "<u2")
        edit(ids)
        ids.tofile(path)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        change(release / "tokens" / "map.json", lambda record: record["shards"][0].update(sha256=sha256))

    return forge


def _learns_the_prompt(document: dict[str, Any]) -> None:
    first, count = document["learned"][0]
    document["learned"][0] = [0, first + count]


def _learns_less(document: dict[str, Any]) -> None:
    document["learned"][-1][1] -= 1


def _learns_everything(document: dict[str, Any]) -> None:
    del document["learned"]


def _learns_nothing(document: dict[str, Any]) -> None:
    document.update(learned=[], num_bytes=0)


def _counts_more(document: dict[str, Any]) -> None:
    document["num_bytes"] += 1


def _begins_elsewhere(document: dict[str, Any]) -> None:
    document["second"] = document.get("second", 0) + 3


def _exchanged(ids: Any) -> None:
    place = int(np.flatnonzero(ids < 300)[9])
    ids[place] = 40 if ids[place] != 40 else 41


FORGERIES: dict[str, tuple[Edit, str]] = {
    "the prompt is learned": (of_map(_learns_the_prompt), r"learned\[0\]: expected"),
    "the end of a turn is not learned": (of_map(_learns_less), r"learned\[\d\]: expected"),
    "all of it is learned": (of_map(_learns_everything), "learned: expected the runs"),
    "nothing of it is learned": (of_map(_learns_nothing), r"learned: expected \d runs, found 0"),
    "more bytes are counted": (of_map(_counts_more), "num_bytes"),
    "another conversation begins": (of_map(_begins_elsewhere), "second|spells"),
    "a token is exchanged": (of_ids(_exchanged), "spells"),
}


@pytest.mark.parametrize("what", FORGERIES)
def test_what_is_learned_is_what_the_assistant_says(release: Path, what: str):
    forge, evidence = FORGERIES[what]
    forge(release)
    reroot(release)
    finding = found(release)
    assert finding.answer is Answer.REFUTED, finding
    assert re.search(evidence, finding.evidence), finding.evidence


def test_the_true_release_is_proved(true_derived: Path):
    verdict = check(true_derived)
    assert verdict.answer is Answer.PROVED, verdict
    assert "are learned: what the assistant says" in found(true_derived).evidence


def _change_template(release: Path, change_text: Callable[[str], str]) -> None:
    path = release / "model" / "chat_template.jinja"
    path.write_text(change_text(path.read_text()))
    reroot(release)


def test_another_template_is_seen_by_the_texts_and_by_the_parents_digests(release: Path):
    _change_template(release, lambda text: text.replace("<|im_end|>\n", "<|im_end|>\t"))
    assert found(release).answer is Answer.REFUTED
    finding = found(release, MODEL)
    assert finding.answer is Answer.REFUTED
    assert "chat_template.jinja: the parent's" in finding.evidence


@pytest.mark.parametrize(
    "template",
    [
        "{% for x in range(10**9) %}{% for y in range(10**9) %}{% endfor %}{% endfor %}",
        "{{ raise_exception('no') }}",
        "{%",
    ],
)
def test_a_template_that_does_not_run_here_proves_nothing(release: Path, template: str):
    _change_template(release, lambda _: template)
    assert found(release).answer is Answer.UNKNOWN


def test_a_special_token_spelled_by_others_is_seen(release: Path):
    """The bytes are the same: that an added token comes first is what tells them apart."""
    model = json.loads((release / "model" / "tokenizer.json").read_text())
    ids = model["model"]["vocab"]
    start = next(token["id"] for token in model["added_tokens"] if token["content"] == "<|im_start|>")
    path = release / "tokens" / "shards" / "00000.bin"
    before = np.fromfile(path, "<u2").tolist()
    parts = [ids[character] for character in "<|im_start|>"]
    assert before[0] == start
    after = [*parts, *before[1:]]
    np.array(after, "<u2").tofile(path)

    def edit(record: dict[str, Any]) -> None:
        record["shards"][0].update(sha256=hashlib.sha256(path.read_bytes()).hexdigest(), num_tokens=len(after))
        more = len(parts) - 1
        for place, document in enumerate(record["documents"]):
            document["first_token"] += more if place else 0
        first = record["documents"][0]
        first["num_tokens"] += more
        first["learned"] = [[run[0] + more, run[1]] for run in first["learned"]]
        if "second" in first:
            first["second"] += more

    change(release / "tokens" / "map.json", edit)
    reroot(release)
    finding = found(release)
    assert finding.answer is Answer.REFUTED
    assert "where the tokenizer has" in finding.evidence


def _of_tokenizer(edit: Callable[[dict[str, Any]], None]) -> Edit:
    def forge(release: Path) -> None:
        path = release / "model" / "tokenizer.json"
        definition = json.loads(path.read_text())
        edit(definition)
        path.write_text(json.dumps(definition))
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        change(release / "tokens" / "map.json", lambda record: record.update(tokenizer_sha256=sha256))

    return forge


NOT_READ: dict[str, tuple[Edit, str]] = {
    "another kind of model": (_of_tokenizer(lambda it: it["model"].update(type="Unigram")), "model.type"),
    "bytes as tokens of their own": (
        _of_tokenizer(lambda it: it["model"].update(byte_fallback=True)),
        "model.byte_fallback",
    ),
    "a step that takes spaces out": (
        _of_tokenizer(lambda it: it.update(pre_tokenizer={"type": "Whitespace"})),
        r"pre_tokenizer\[0\].type",
    ),
    "a space before every text": (
        _of_tokenizer(lambda it: it["pre_tokenizer"].update(add_prefix_space=True)),
        "add_prefix_space",
    ),
    "letters made small": (_of_tokenizer(lambda it: it.update(normalizer={"type": "Lowercase"})), "normalizer"),
    "an added token that takes spaces with it": (
        _of_tokenizer(lambda it: it["added_tokens"][0].update(lstrip=True)),
        r"added_tokens\[0\].lstrip",
    ),
}


@pytest.mark.parametrize("what", NOT_READ)
def test_what_is_not_read_of_a_tokenizer_is_named_and_never_proved(release: Path, what: str):
    forge, evidence = NOT_READ[what]
    forge(release)
    finding = found(release)
    assert finding.answer is Answer.UNKNOWN, finding
    assert re.search(evidence, finding.evidence), finding.evidence


BROKEN: dict[str, Edit] = {
    "no model": _of_tokenizer(lambda it: it.pop("model")),
    "a vocabulary of numbers": _of_tokenizer(lambda it: it["model"].update(vocab={"a": "b"})),
    "an added token without a name": _of_tokenizer(lambda it: it["added_tokens"][0].update(content="")),
    "steps that are no list": _of_tokenizer(lambda it: it.update(pre_tokenizer={"type": "Sequence"})),
    "an id below zero": _of_tokenizer(lambda it: it["model"]["vocab"].update(a=-1)),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_tokenizer_that_is_none_is_refuted(release: Path, what: str):
    BROKEN[what](release)
    assert found(release).answer is Answer.REFUTED


def test_what_a_step_read_of_a_conversation_is_shown_as_it_was_written(true_derived: Path):
    texts = [text for spans in (read_step(true_derived, 1, with_texts=True).texts or ()) for text in spans]
    assert all(text.startswith("<|im_start|>") for text in texts)
    assert any("naïve 🦊" in text or "<|im_end|>" in text for text in texts)


def test_what_a_step_read_is_not_shown_where_another_is_learned(release: Path):
    for place in range(len(read(release / "tokens" / "map.json")["documents"])):
        of_map(_learns_the_prompt, place)(release)
    reroot(release)
    with pytest.raises(Exception, match=r"learned\[0\]"):
        read_step(release, 1, with_texts=True)


@pytest.fixture(scope="session")
def true_texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("texts"), "folder")


def test_texts_of_a_parent_are_proved_and_hold_no_special_token(true_texts: Path, tmp_path: Path):
    assert check(true_texts).answer is Answer.PROVED
    forged = shutil.copytree(true_texts, tmp_path / "forged")
    special = json.loads((forged / "model" / "tokenizer.json").read_text())["added_tokens"][0]["id"]
    of_ids(lambda ids: ids.__setitem__(3, special))(forged)
    reroot(forged)
    assert found(forged).answer is Answer.REFUTED


def test_conversations_that_were_cut_are_proved_and_others_may_not_be(tmp_path: Path):
    folder = make(tmp_path, "conversations", too_long="cut", sequence_length=40)
    assert check(folder).answer is Answer.PROVED
    documents = read(folder / "tokens" / "map.json")["documents"]
    assert max(document["num_tokens"] for document in documents) == 41
