"""Datasets of the Hugging Face hub: fetched from a server that answers as the hub does, or read from a copy."""

import gzip
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.corpus.conftest import Collected
from tests.corpus.hub_server import DATASET, REVISION, STORE, Hub, serving

from glasswright.cli.app import run
from glasswright.corpus import Engine, collect
from glasswright.corpus.evidence.card import card_statement
from glasswright.corpus.sources import hub as hub_source
from glasswright.errors import DigestMismatch, GlasswrightError, Misuse, Unknown
from glasswright.records.recipe import Recipe
from glasswright.store.ledger import read_ledger

pytest.importorskip("huggingface_hub", reason="did not run: huggingface_hub is not installed")

ROOT = Path(__file__).resolve().parents[2]
ESSAY = "An essay about {} that nobody else wrote, in words of its own: {} and nothing but {}."
PILE = [  # the shape of Common Pile, whose rows state their licenses in words
    {
        "id": f"p{number}",
        "text": ESSAY.format(thing, thing, thing),
        "source": "essays",
        "created": "2024-01-01",
        "added": "2025-06-05T00:00:00",
        "metadata": {"license": license, "url": f"https://example.org/{number}", "authors": ["X", "Y"]},
    }
    for number, (thing, license) in enumerate(
        [
            ("rivers", "Creative Commons - Attribution - https://creativecommons.org/licenses/by/4.0/"),
            ("mountains", "CC-BY-NC-4.0"),
        ]
    )
]
DOLMA = [{"id": "d", "text": ESSAY.format(*["bridges"] * 3), "source": "web", "added": "2024", "metadata": {}}]
DATATROVE = [{"text": ESSAY.format(*["harbours"] * 3), "id": "t", "metadata": {"language": "en", "licence": "MIT"}}]
CARD = b"---\nlicense: cc-by-4.0\ntask_categories:\n- text-generation\n---\n# Essays\n\nA dataset, not MIT.\n"


def lines(rows: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def parquet(rows: list[dict[str, Any]]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue()


FILES = {
    ".gitattributes": b"*.parquet filter=lfs diff=lfs merge=lfs -text\n",
    "README.md": CARD,
    "dataset_infos.json": b"{\n}\n",
    "data/dolma-0000.jsonl.gz": gzip.compress(lines(DOLMA), mtime=0),
    "data/pile.jsonl": lines(PILE),
    "data/train-00000-of-00001.parquet": parquet(DATATROVE),
    "essays.py": b"raise SystemExit('a script of the dataset was run')\n",
    "plots/LICENSE": b"All rights reserved.\n",
    "plots/a.png": b"\x89PNG",
}
DATA = ["data/dolma-0000.jsonl.gz", "data/pile.jsonl", "data/train-00000-of-00001.parquet"]


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    from huggingface_hub import constants

    with serving(dict(FILES)) as served:
        monkeypatch.setattr(constants, "ENDPOINT", served.endpoint)
        template = served.endpoint + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)
        yield served


Collecting = Callable[..., Collected]


@pytest.fixture
def collected(tmp_path: Path) -> Collecting:
    """`collected(license="MIT")` collects the dataset into a new folder; `copy=DIR` from a copy."""

    def go(*, copy: Path | None = None, workers: int | None = None, **source: Any) -> Collected:
        out = tmp_path / f"out{len(list(tmp_path.glob('out*')))}"
        source = {"name": "here", "kind": "hf", "hf": {"dataset": DATASET, "revision": REVISION}, **source}
        recipe = Recipe(name="test", sources=[source])  # type: ignore[list-item]
        collect(
            recipe,
            base=tmp_path,
            out=out,
            locations={"here": copy} if copy else {},
            engine=Engine(name="native", workers=workers),
        )
        return Collected(out)

    return go


def sources_of(corpus: Collected) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((corpus.out / "sources.json").read_bytes())["sources"][0]
    return found


def write(root: Path, files: dict[str, bytes]) -> Path:
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


@pytest.mark.usefixtures("hub")
def test_each_row_is_a_document_under_the_license_it_states_or_else_the_cards(collected: Collecting):
    corpus = collected()
    licenses = {path: (row.license, row.license_evidence, row.reason) for path, row in corpus.by_path.items()}
    assert licenses == {
        "data/dolma-0000.jsonl.gz#1": ("CC-BY-4.0", "README.md, license", "kept"),
        "data/pile.jsonl#1": ("CC-BY-4.0", "metadata of the row", "kept"),
        "data/pile.jsonl#2": ("CC-BY-NC-4.0", "metadata of the row", "license_not_allowed"),
        "data/train-00000-of-00001.parquet#1": ("MIT", "metadata of the row", "kept"),
    }
    assert corpus.text("data/pile.jsonl#1") == PILE[0]["text"]


def test_only_data_and_evidence_are_fetched_and_no_script_is_run(hub: Hub, collected: Collecting):
    collected()
    assert hub.fetched() == ["README.md", *DATA]
    assert all("torch" not in agent and agent.startswith("glasswright") for agent in hub.agents)


def test_what_was_fetched_is_not_fetched_again(hub: Hub, collected: Collecting):
    first = collected()
    hub.requests.clear()
    assert [row.record() for row in collected().rows] == [row.record() for row in first.rows]
    assert hub.fetched() == []


def test_sources_json_says_which_commit_and_how_it_was_checked(hub: Hub, collected: Collecting):
    record = sources_of(collected())
    assert record["determined"]["uri"] == f"https://huggingface.co/datasets/{DATASET}"
    assert record["determined"]["revision"] == REVISION
    assert record["determined"]["num_files"] == 4
    assert record["observed"]["how"].startswith(f"fetched from {hub.endpoint}; every file was held to the digest")


def test_include_names_the_files(hub: Hub, collected: Collecting):
    corpus = collected(include=["data/*.parquet"])
    assert [row.path for row in corpus.rows] == [f"{DATA[2]}#1"]
    assert hub.fetched() == ["README.md", DATA[2]]


def test_a_path_with_the_signs_of_a_pattern_is_a_path(hub: Hub, collected: Collecting):
    hub.files["data/[a]*.jsonl"] = lines(DATATROVE)
    assert "data/[a]*.jsonl#1" in collected().by_path


@pytest.mark.parametrize("path", ["data/train-00000-of-00001.parquet", "data/pile.jsonl", "README.md"])
def test_bytes_that_the_commit_does_not_list_are_refused(hub: Hub, collected: Collecting, path: str):
    hub.served[path] = _changed(hub.files[path])
    with pytest.raises(DigestMismatch, match=path) as caught:
        collected()
    assert "fetch it again" in (caught.value.hint or "")


def test_without_the_check_such_bytes_would_be_taken(hub: Hub, collected: Collecting, monkeypatch: pytest.MonkeyPatch):
    hub.served["data/pile.jsonl"] = _changed(hub.files["data/pile.jsonl"])
    monkeypatch.setattr(hub_source, "_require_listed", lambda *_: None)
    assert collected().text("data/pile.jsonl#1") != PILE[0]["text"]


@pytest.mark.usefixtures("hub")
def test_a_file_that_was_changed_in_the_cache_is_refused(collected: Collecting, tmp_path: Path):
    collected()
    (place,) = (tmp_path / "cache").glob(f"**/snapshots/{REVISION}/data/pile.jsonl")
    place.resolve().write_bytes(_changed(FILES["data/pile.jsonl"]))
    with pytest.raises(DigestMismatch, match="data/pile.jsonl: recorded git blob"):
        collected()


def _changed(data: bytes) -> bytes:
    """As long as it was, and readable still where it is text."""
    return data.replace(b"n", b"m", 1) if b"\0" not in data else data[:-1] + bytes([data[-1] ^ 1])


REFUSALS = [
    ((401, "RepoNotFound"), Unknown, "the hub refuses access (401)"),
    ((401, ""), Unknown, "the hub refuses access (401)"),
    ((403, ""), Unknown, "the hub refuses access (403)"),
    ((403, "GatedRepo"), Unknown, "gated"),
    ((404, "RepoNotFound"), Misuse, "no such dataset"),
    ((404, "RevisionNotFound"), Misuse, "no such commit"),
    ((429, ""), Unknown, "the hub answered 429"),
    ((500, ""), Unknown, "the hub answered 500"),
]


@pytest.mark.parametrize(("answer", "kind", "said"), REFUSALS)
def test_what_the_hub_refuses_is_told_apart(
    hub: Hub, collected: Collecting, answer: tuple[int, str], kind: type[GlasswrightError], said: str
):
    hub.refuse = answer
    with pytest.raises(kind) as caught:
        collected()
    assert said in str(caught.value)
    assert f"hf:{DATASET}@{REVISION[:12]}" in str(caught.value)
    assert caught.value.hint


def test_a_gated_dataset_shows_its_listing_and_hands_out_nothing(hub: Hub, collected: Collecting):
    hub.refuse_files = (403, "GatedRepo")
    with pytest.raises(Unknown, match="gated"):
        collected()


@pytest.mark.usefixtures("hub")
def test_a_commit_that_is_not_there_is_misuse(collected: Collecting):
    with pytest.raises(Misuse, match="no such commit"):
        collected(hf={"dataset": DATASET, "revision": "f" * 40})


@pytest.mark.usefixtures("hub")
def test_without_network_nothing_is_known(collected: Collecting, monkeypatch: pytest.MonkeyPatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(Unknown, match="could not be fetched") as caught:
        collected()
    assert "--source NAME=DIR" in (caught.value.hint or "")


def test_the_extra_is_asked_for_where_it_is_missing(collected: Collecting, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(Misuse, match="huggingface_hub") as caught:
        collected()
    assert "glasswright[hub]" in (caught.value.hint or "")


def test_a_dataset_without_files_that_are_read_names_what_it_has(hub: Hub, collected: Collecting):
    hub.files = {"README.md": CARD, "data/a.csv": b"a,b\n"}
    with pytest.raises(Misuse, match=r"no file here that is read: it holds README.md, data/a.csv"):
        collected()


def test_a_path_that_leaves_the_dataset_is_refused(hub: Hub, collected: Collecting):
    hub.files["../../x.jsonl"] = lines(PILE)
    with pytest.raises(Misuse, match=r"'../../x.jsonl', which is no path within a dataset"):
        collected()


def test_a_copy_is_read_with_neither_network_nor_extra(
    collected: Collecting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub: Hub
):
    fetched = collected()
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    hub.requests.clear()
    copy = write(tmp_path / "copy", {**FILES, ".cache/huggingface/trees/x.json": b"{}"})
    corpus = collected(copy=copy)
    assert [row.record() for row in corpus.rows] == [row.record() for row in fetched.rows]
    assert sources_of(corpus)["determined"] == sources_of(fetched)["determined"]
    assert "stated by the recipe and not checked" in sources_of(corpus)["observed"]["how"]
    assert hub.requests == []


@pytest.mark.usefixtures("hub")
def test_the_cache_of_the_client_is_such_a_copy(collected: Collecting, tmp_path: Path):
    fetched = collected()
    (snapshot,) = (tmp_path / "cache").glob(f"*/snapshots/{REVISION}")
    assert [row.path for row in collected(copy=snapshot).rows] == [row.path for row in fetched.rows]


def test_a_link_that_leaves_a_copy_is_not_read(collected: Collecting, tmp_path: Path):
    copy = write(tmp_path / "copy", {"a.jsonl": lines(PILE)})
    (tmp_path / "secret.jsonl").write_bytes(lines(DATATROVE))
    (copy / "b.jsonl").symlink_to(tmp_path / "secret.jsonl")
    assert {row.path for row in collected(copy=copy).rows} == {"a.jsonl#1", "a.jsonl#2"}


def test_a_copy_that_is_not_the_pinned_one_is_refused(collected: Collecting, tmp_path: Path):
    copy = write(tmp_path / "copy", FILES)
    pinned = sources_of(collected(copy=copy))["determined"]["digest"]
    collected(copy=copy, sha256=pinned)
    (copy / "README.md").write_bytes(CARD.replace(b"cc-by-4.0", b"mit"))
    with pytest.raises(DigestMismatch):
        collected(copy=copy, sha256=pinned)


MIT = """MIT License

Permission is hereby granted, free of charge, to any person obtaining a copy of this dataset. This dataset is licensed
under the MIT License.
"""


@pytest.mark.parametrize(
    ("files", "license", "evidence"),
    [
        ({"README.md": b"---\nlicense: other\n---\n", "LICENSE": MIT.encode()}, "MIT", "LICENSE"),
        ({"README.md": CARD, "data/LICENSE": MIT.encode()}, "MIT", "data/LICENSE"),
        ({"README.md": CARD, "other/LICENSE": MIT.encode()}, "CC-BY-4.0", "README.md, license"),
        ({"README.md": b"---\nlicense: unknown\n---\n"}, "ISC", "recipe"),
        ({}, "ISC", "recipe"),
    ],
)
def test_what_states_the_license_where_the_row_does_not(
    collected: Collecting, tmp_path: Path, files: dict[str, bytes], license: str, evidence: str
):
    copy = write(tmp_path / "copy", {"data/a.jsonl": lines(DOLMA), **files})
    (row,) = collected(copy=copy, license="ISC").rows
    assert (row.license, row.license_evidence) == (license, evidence)


def test_a_card_and_a_license_file_that_differ_are_a_conflict(collected: Collecting, tmp_path: Path):
    rows = [*DOLMA, *DATATROVE]
    copy = write(tmp_path / "copy", {"a.jsonl": lines(rows), "README.md": CARD, "LICENSE": MIT.encode()})
    corpus = collected(copy=copy)
    assert corpus.reason("a.jsonl#1") == "license_conflict"
    assert corpus.by_path["a.jsonl#2"].license_evidence == "metadata of the row"


@pytest.mark.parametrize(
    ("field", "license"),
    [
        ("license: apache-2.0", "Apache-2.0"),
        ("license: mit", "MIT"),
        ("license: odc-by", "ODC-By-1.0"),
        ("license: cc0-1.0", "CC0-1.0"),
        ("license: cc-by-sa-3.0", "CC-BY-SA-3.0"),
        ("license: cc-by-nc-4.0", "CC-BY-NC-4.0"),
        ("license: gpl-3.0", "GPL-3.0-only"),
        ("license: openrail", "openrail"),
        ("license:\n- mit\n- cc-by-nc-4.0", "MIT AND CC-BY-NC-4.0"),
        ("license: [mit, other]", "MIT AND other"),
        ("license: [other, unknown]", None),
        ("license: other\nlicense_name: mine", None),
        ("license: unknown", None),
        ("license:", None),
        ("license: [", None),
        ("pretty_name: x", None),
    ],
)
def test_the_license_of_a_card(field: str, license: str | None):
    said = card_statement(f"---\n{field}\n---\n# A dataset\n\nlicense: mit\n", "README.md")
    assert (said.license if said else None) == license


def test_a_part_under_no_known_license_is_not_allowed(collected: Collecting, tmp_path: Path):
    card = b"---\nlicense:\n- mit\n- other\n---\n"
    copy = write(tmp_path / "copy", {"a.jsonl": lines([*DOLMA, *DATATROVE]), "README.md": card})
    assert collected(copy=copy).reason("a.jsonl#1") == "license_not_spdx"


@pytest.mark.parametrize(("name", "pack"), [("a.jsonl", lines), ("a.parquet", parquet)])
def test_another_column_can_hold_the_documents(collected: Collecting, tmp_path: Path, name: str, pack: Any):
    rows = [{"content": "The words of a program.", "license": "MIT"}]
    copy = write(tmp_path / "copy", {name: pack(rows)})
    assert collected(copy=copy, text="content").text(f"{name}#1") == "The words of a program."
    with pytest.raises(Misuse, match=rf"{name}: no column 'text': it has content, license") as caught:
        collected(copy=copy)
    assert "text: NAME" in (caught.value.hint or "")


@pytest.mark.usefixtures("hub")
def test_the_command_line_takes_a_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert run(["corpus", "build", "--source", f"hf:{DATASET}@{REVISION}", "--out", "out"]) == 0
    assert len(read_ledger(tmp_path / "out" / "ledger.parquet")) == 4


def test_the_library_itself_heeds_endpoint_cache_and_token(hub: Hub, tmp_path: Path):
    environment = {
        **os.environ,
        "HF_ENDPOINT": hub.endpoint,
        "HF_HOME": str(tmp_path / "home"),
        "HF_TOKEN": "hf_a",
        "PYTHONPATH": str(ROOT / "src"),
    }
    command = [sys.executable, "-m", "glasswright.cli", "corpus", "build", "--out", str(tmp_path / "out"), "--source"]
    spec = f"hf:{DATASET}@{REVISION}"
    done = subprocess.run([*command, spec], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "home").glob(f"hub/*/snapshots/{REVISION}/data/pile.jsonl"))
    shown = {path.startswith(STORE): token for path, token in hub.tokens.items()}
    assert shown == {False: "Bearer hf_a", True: None}  # the store is another host
    assert all("torch" not in agent and "agent/" not in agent for agent in hub.agents)


@pytest.mark.parametrize("spec", [f"hf:{DATASET}@main", f"hf:{DATASET}", f"hf:essays@{REVISION}", "hf:", "nowhere"])
def test_a_place_that_is_none_is_misuse(spec: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["corpus", "build", "--source", spec, "--out", str(tmp_path / "out")]) == 2
    if spec.endswith("main"):
        assert f"git ls-remote https://huggingface.co/datasets/{DATASET}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.jsonl", lines(PILE)), ("a.JSONL.gz", gzip.compress(lines(PILE))), ("a.parquet", parquet(PILE))],
)
def test_the_command_line_takes_a_file(name: str, data: bytes, tmp_path: Path):
    (tmp_path / name).write_bytes(data)
    assert run(["corpus", "build", "--source", str(tmp_path / name), "--out", str(tmp_path / "out")]) == 0
    assert [row.path for row in read_ledger(tmp_path / "out" / "ledger.parquet") if row.is_kept] == [f"{name}#1"]


def test_a_file_of_another_kind_is_misuse(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "a.png").write_bytes(b"a,b\n")
    assert run(["corpus", "build", "--source", str(tmp_path / "a.png"), "--out", str(tmp_path / "out")]) == 2
    assert ".warc.gz" in capsys.readouterr().err


@pytest.mark.slow
def test_two_workers_read_the_same(hub: Hub, collected: Collecting):
    pytest.importorskip("daft", reason="did not run: daft is not installed")
    for number in range(20):
        rows = [{"text": ESSAY.format(number, k, number * k), "license": "MIT"} for k in range(50)]
        hub.files[f"data/more-{number}.jsonl.gz"] = gzip.compress(lines(rows))
    alone, together = collected(workers=1), collected(workers=2)
    assert len(alone.rows) == 1004
    assert (alone.out / "ledger.parquet").read_bytes() == (together.out / "ledger.parquet").read_bytes()


@pytest.mark.slow
def test_a_worker_refuses_bytes_that_the_commit_does_not_list(hub: Hub, collected: Collecting):
    pytest.importorskip("daft", reason="did not run: daft is not installed")
    hub.served["data/pile.jsonl"] = _changed(hub.files["data/pile.jsonl"])
    with pytest.raises(DigestMismatch, match="data/pile.jsonl"):
        collected(workers=2)
