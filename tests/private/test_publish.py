"""The copy for strangers: the same root, nothing refuted, and each step says what it could not look at."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.attacks.forging import flip_bit

from glasswright.api import Release
from glasswright.attest.merkle import merkle_root
from glasswright.cli.evaluate import _contaminated
from glasswright.errors import ClaimFalse, Misuse, Unknown
from glasswright.evaluate.run import Asked
from glasswright.private import publish
from glasswright.records.canonical import canonical_bytes
from glasswright.records.private import BLINDED, is_withheld
from glasswright.records.verdict import Answer, Finding
from glasswright.release.public import copy_public
from glasswright.replay import rebuild, segments
from glasswright.store.documents import read_documents
from glasswright.store.ledger import read_ledger
from glasswright.verify import check, diff
from glasswright.verify.check import OF_DERIVED, OF_PRIVATE, STEPS

from .conftest import NUM_DOCUMENTS, ONE, Place

NAMES = [step.name for step in (*STEPS, *OF_DERIVED, *OF_PRIVATE)]
SEEN_BY_STRANGERS = {"root", "manifest", "files", "bytes", "recipe", "model", "statements", "parents", "salted"}


def findings(release: Path) -> dict[str, Finding]:
    return dict(zip(NAMES, check(release).findings, strict=True))


def roots(release: Path) -> dict[str, str]:
    record = json.loads((release / "release.json").read_bytes())
    return {**record["parts"], "release": record["root"]}


def files(release: Path) -> dict[str, bytes]:
    return {path.relative_to(release).as_posix(): path.read_bytes() for path in release.rglob("*") if path.is_file()}


def test_the_owner_s_release_is_proved_step_by_step(owners: Path) -> None:
    assert check(owners).answer is Answer.PROVED


def test_a_stranger_is_told_of_each_step_what_was_withheld_from_it(strangers: Path) -> None:
    found = findings(strangers)
    assert {name for name, it in found.items() if it.answer is Answer.PROVED} == SEEN_BY_STRANGERS
    unknown = [it for name, it in found.items() if name not in SEEN_BY_STRANGERS]
    assert [it.answer for it in unknown] == [Answer.UNKNOWN] * (len(NAMES) - len(SEEN_BY_STRANGERS))
    assert all("withheld: the documents of this release are private" in it.evidence for it in unknown)
    assert check(strangers).answer is Answer.UNKNOWN


def test_what_the_copy_is_without_is_listed_as_not_checked(strangers: Path, owners: Path) -> None:
    told = "private.salt, corpus/, tokens/, transcript.jsonl, checkpoints/, technical-report.md, training.svg: the doc"
    assert any(line.startswith(told) for line in check(strangers).not_checked)
    assert not any("private.salt" in line for line in check(owners).not_checked)


def test_both_copies_have_one_root(strangers: Path, owners: Path) -> None:
    assert roots(strangers) == roots(owners)


def test_the_copy_has_every_file_that_is_not_the_owner_s_alone(strangers: Path, owners: Path) -> None:
    public = {path for path in files(owners) if not is_withheld(path)}
    assert files(strangers).keys() == public
    assert {"recipe.yaml", "private.json", "parents.json", "model/adapter_model.safetensors"} <= public
    top = {"release.json", "manifest.json"}
    assert all(files(strangers)[path] == files(owners)[path] for path in public - top)


def test_no_sentence_no_name_and_no_digest_of_a_document_is_in_the_copy(strangers: Path, owners: Path) -> None:
    """By plain search, and not by the one that the command makes."""
    everything = b"\n".join(files(strangers).values())
    texts = [text for _, text in read_documents(owners / "corpus" / "documents")]
    sentences = [said for text in texts for said in text.replace("\n", " ").split(". ")]
    assert len(sentences) > 40
    assert not [said for said in sentences if said.strip().encode() in everything]
    rows = read_ledger(owners / "corpus" / "ledger.parquet")
    assert not [row for row in rows for name in (row.document_id, row.sha256) if name.encode() in everything]


def test_a_guess_at_the_documents_is_confirmed_by_no_root(strangers: Path, owners: Path) -> None:
    rows = read_ledger(owners / "corpus" / "ledger.parquet")
    guessed = merkle_root(canonical_bytes(row.record()) for row in rows)
    assert guessed not in roots(strangers).values()
    assert set(BLINDED) == {"ledger", "tokens", "transcript"}


def test_a_stranger_s_replay_and_rebuild_say_why_nothing_was_run(strangers: Path, place: Place, tmp_path: Path) -> None:
    verdicts = (
        segments(strangers, count=1, draw_seed=1, effort=ONE, parent=place.parent),
        rebuild(strangers, setting=place.setting("never"), out=tmp_path / "out", from_sources=False),
    )
    for verdict in verdicts:
        assert verdict.answer is Answer.UNKNOWN
        assert verdict.findings[-1].evidence.startswith("not run: rests on private.salt; private.salt: withheld")
    assert not (tmp_path / "out").exists()


def test_the_owner_replays_all_of_it(owners: Path, place: Place) -> None:
    assert segments(owners, count=9, draw_seed=1, effort=ONE, parent=place.parent).answer is Answer.PROVED


@pytest.mark.parametrize("from_sources", [False, True])
def test_the_owner_builds_it_again_to_the_same_root(
    owners: Path, place: Place, tmp_path: Path, from_sources: bool
) -> None:
    setting = place.setting(f"again-{from_sources}", salt=None)  # the release has it
    verdict = rebuild(owners, setting=setting, out=tmp_path / "again", from_sources=from_sources)
    assert verdict.answer is Answer.PROVED
    assert roots(tmp_path / "again") == roots(owners)


def test_what_is_not_proved_is_not_published(owners: Path, strangers: Path, tmp_path: Path) -> None:
    with pytest.raises(Unknown, match="not published"):
        publish(strangers, tmp_path / "out", num_threads=1)
    forged = Path(shutil.copytree(owners, tmp_path / "forged"))
    flip_bit(forged / "private.json", 20)
    with pytest.raises(ClaimFalse, match="not published"):
        publish(forged, tmp_path / "out", num_threads=1)
    assert not (tmp_path / "out").exists()


def test_a_release_without_private_documents_is_published_as_it_is(place: Place, tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="nothing in it is private"):
        publish(place.folder / "release", tmp_path / "out", num_threads=1)


@pytest.mark.parametrize("left", ["corpus/documents/00000.jsonl", "tokens/shards/00000.bin", "corpus/ledger.parquet"])
def test_a_file_of_the_owner_s_that_is_left_in_is_found(
    owners: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: str
) -> None:
    def leave_in(folder: Path, out: Path, copy: Callable[[Path, Path], object]) -> None:
        copy_public(folder, out, copy)
        shutil.copyfile(folder / left, out / "model" / "extra")

    monkeypatch.setattr("glasswright.private.strangers.copy_public", leave_in)
    with pytest.raises(Misuse, match=r"passages of the documents would be in the copy(.|\n)*model/extra: document"):
        publish(owners, tmp_path / "out", num_threads=1)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_publication_leaves_nothing(
    owners: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("glasswright.private.strangers.left_in", stop)
    with pytest.raises(KeyboardInterrupt):
        publish(owners, tmp_path / "out", num_threads=1)
    assert list(tmp_path.iterdir()) == []


def test_a_row_tells_of_a_document_its_license_alone(strangers: Path) -> None:
    ledger = json.loads((strangers / "private.json").read_bytes())
    assert ledger.keys() == {"documents", "num_seen", "num_tokens"}
    assert len(ledger["documents"]) == NUM_DOCUMENTS
    assert all(row.keys() == {"id", "key", "license"} for row in ledger["documents"])


def test_no_loss_is_told_to_strangers(strangers: Path) -> None:
    """A loss confirms a guess at what was read."""
    told = [path for path, data in files(strangers).items() if not path.startswith("code/") and b"nats a token" in data]
    assert told == []
    assert not any(b"bits per byte" in data for path, data in files(strangers).items() if not path.startswith("code/"))


def test_adapters_are_compared_by_their_own_file(strangers: Path, owners: Path) -> None:
    found = {finding.claim: finding.answer for finding in diff(strangers, owners).findings}
    assert found["equal weights"] is Answer.PROVED


@pytest.mark.parametrize("copy_of", ["owners", "strangers"])
def test_of_an_evaluation_set_nobody_is_told_what_of_it_is_in_the_documents(
    copy_of: str, request: pytest.FixtureRequest, place: Place
) -> None:
    asked = Asked(tasks=("blimp",), data=place.folder / "texts")
    assert _contaminated(Release(request.getfixturevalue(copy_of)), asked, {"blimp": {"0"}}) == {}
