"""What a subject links to is read on hubs and forges that behave as they do, and counts for no more than it is."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.audit.builder import LICENSE, VAGUE_README, closed_subject, write
from tests.audit.hosts import Answer, Hosts, hosts, pdf
from tests.foreign.hostile import raw_in

from glasswright.audit import Report, audit_subject
from glasswright.audit.extract import NoText, text_of
from glasswright.audit.following import MAX_OF_A_KIND
from glasswright.audit.hubs import RAW, raw_address
from glasswright.audit.subject import load_folder
from glasswright.audit.text import report_text
from glasswright.audit.voices import voices
from glasswright.audit.web import Web
from glasswright.audit.weights_rules import named_checkpoints

COMMIT = "c" * 40
HUB = "huggingface.co"
README = """\
# Glade

We release Glade, a language model of 1B parameters.

## Training data

Glade was trained on [glade-corpus](https://huggingface.co/datasets/meadow/glade-corpus).

## Models

Download the weights from [the hub](https://huggingface.co/meadow/glade-1b). See our
[technical report](https://arxiv.org/abs/2501.00001).

## License

The code is licensed under the MIT License.
"""
CARD = "---\nlicense: apache-2.0\npipeline_tag: text-generation\n---\n\n# Glade 1B\n\nGlade is ours.\n"
PAGES = [
    ("https://github.com/a/b/blob/main/LICENSE", "https://raw.githubusercontent.com/a/b/main/LICENSE"),
    ("https://github.com/a/b", "https://raw.githubusercontent.com/a/b/HEAD/README.md"),
    ("https://gitlab.com/a/b/c/-/blob/v1/x.md", "https://gitlab.com/a/b/c/-/raw/v1/x.md"),
    ("https://gitlab.com/a/b", "https://gitlab.com/a/b/-/raw/HEAD/README.md"),
    ("https://huggingface.co/a/b/blob/main/LICENSE", "https://huggingface.co/a/b/resolve/main/LICENSE"),
    ("https://arxiv.org/abs/2501.00656v2", "https://arxiv.org/pdf/2501.00656v2"),
    ("https://arxiv.org/pdf/2501.00656.pdf", "https://arxiv.org/pdf/2501.00656"),
    ("https://huggingface.co/papers/2501.00656", "https://arxiv.org/pdf/2501.00656"),
    ("https://zenodo.org/record/77", "https://zenodo.org/api/records/77"),
    ("https://example.org/terms", "https://example.org/terms"),
]
DATA_CARD = "---\nlicense: odc-by\ntask_categories:\n- text-generation\n---\n\n# Glade corpus\n"


@pytest.fixture
def served() -> Iterator[Hosts]:
    """Hosts that have everything to which the readme links."""
    with hosts() as known:
        repository(known, "models/meadow/glade-1b", {"README.md": CARD, "model.safetensors": ""})
        repository(known, "datasets/meadow/glade-corpus", {"README.md": DATA_CARD, "train.parquet": ""})
        known.pages["arxiv.org/pdf/2501.00001"] = Answer(pdf("Glade: a report", "Abstract"), kind="application/pdf")
        yield known


def repository(known: Hosts, name: str, files: dict[str, str], **more: object) -> None:
    """A repository of the hub: its record, and its files at the commit."""
    record = {"sha": COMMIT, "siblings": [{"rfilename": path} for path in files], "gated": False, **more}
    known.pages[f"{HUB}/api/{name}"] = Answer(json.dumps(record).encode(), kind="application/json")
    for path, text in files.items():
        place = f"{HUB}/{name.removeprefix('models/')}/resolve/{COMMIT}/{path}"
        known.pages[place] = Answer(text.encode(), kind="text/plain")


def followed(folder: Path, known: Hosts, readme: str = README, **more: float) -> Report:
    """The report of a readme whose links were followed."""
    write(folder, {"meadow__glade/README.md": readme, "meadow__glade/train.py": "pass"})
    return audit_subject(load_folder(folder), web=Web(known.connect, **more))


def test_cards_data_cards_and_papers_are_read_with_address_and_digest(tmp_path: Path, served: Hosts):
    report = followed(tmp_path, served)
    read = {page.address: page for page in report.followed}
    assert {page.kind for page in read.values()} == {"model", "dataset", "paper"}
    assert all(len(page.sha256) == 64 and page.num_bytes and not page.problem for page in read.values())
    assert [fact.id for fact in report.facts if fact.id.startswith("use_policy")] == []
    assert report.facts["license.weights"].value == "Apache-2.0"
    assert report.facts["license.data"].value == "ODC-By-1.0"
    assert report.facts["final_parameters.present"].value == "in the listing"
    assert report.facts["technical_report.present"].value == "in the evidence"
    assert report.as_record()["followed"][0]["sha256"] in json.dumps(report.as_record())


def test_without_being_asked_nothing_is_read(tmp_path: Path, served: Hosts):
    write(tmp_path, {"meadow__glade/README.md": README})
    assert audit_subject(load_folder(tmp_path)).followed == ()
    assert served.asked == []


def test_what_was_read_is_linked_at_its_commit(tmp_path: Path, served: Hosts):
    snapshots = {s.name: s for s in followed(tmp_path, served).subject.snapshots}
    assert snapshots["meadow__glade-1b"].commit == COMMIT
    assert snapshots["meadow__glade-corpus"].kind == "dataset"


@pytest.mark.parametrize(("status", "gap"), [(404, "unreachable"), (401, "unreachable"), (410, "unreachable")])
def test_weights_that_the_hub_does_not_hand_out_are_unknown(status: int, gap: str, tmp_path: Path, served: Hosts):
    served.pages[f"{HUB}/api/models/meadow/glade-1b"] = Answer(status=status)
    report = followed(tmp_path, served)
    fact = report.facts["final_parameters.present"]
    assert (fact.status, fact.gap) == ("unknown", gap)
    assert f"HTTP {status}" in fact.note
    assert any(line.startswith("https://huggingface.co/meadow/glade-1b: ") for line in report.not_read)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_host_that_is_busy_proves_nothing_and_takes_nothing_away(status: int, tmp_path: Path, served: Hosts):
    served.pages[f"{HUB}/api/models/meadow/glade-1b"] = Answer(status=status)
    report = followed(tmp_path, served)
    assert report.facts["final_parameters.present"].value == "linked"
    assert report.facts["license.weights"].status == "unknown"
    assert any(f"HTTP {status}" in line for line in report.not_read)


def test_a_gated_model_is_listed_and_gated_and_its_texts_are_unreachable(tmp_path: Path, served: Hosts):
    repository(served, "models/meadow/glade-1b", {"README.md": CARD, "model.safetensors": ""}, gated="manual")
    served.pages[f"{HUB}/meadow/glade-1b/resolve/{COMMIT}/README.md"] = Answer(status=401)
    report = followed(tmp_path, served)
    assert report.facts["final_parameters.access"].value == "gated"
    assert report.facts["license.weights"].status == "unknown"


def test_a_data_card_that_cannot_be_read_leaves_the_license_of_the_data_unknown(tmp_path: Path, served: Hosts):
    more = "Glade was trained on [more](https://huggingface.co/datasets/meadow/more) and [glade-corpus]"
    report = followed(tmp_path, served, README.replace("Glade was trained on [glade-corpus]", more))
    assert report.facts["license_open.data"].status == "unknown"
    assert "datasets/meadow/more" in report.facts["license_open.data"].note


def test_the_card_of_somebody_elses_data_speaks_by_its_head_alone(tmp_path: Path, served: Hosts):
    card = DATA_CARD + "\nWe open source it all, the weights under the MIT License.\n"
    repository(served, "datasets/others/pile", {"README.md": card})
    report = followed(tmp_path, served, README.replace("meadow/glade-corpus", "others/pile"))
    (document,) = (d for d in report.subject.documents if d.snapshot == "others__pile")
    assert document.lines[-1] == "---"
    assert "others/pile" not in {snapshot.repo for snapshot in report.subject.snapshots}
    assert report.facts["license.data"].value == "ODC-By-1.0"


def test_who_made_the_data_has_not_made_the_model(tmp_path: Path, served: Hosts):
    repository(served, "datasets/HuggingFaceFW/web", {"README.md": DATA_CARD})
    more = "\n## Small\n\nDownload the weights of [Smol](https://huggingface.co/HuggingFaceTB/smol-1b) as well.\n"
    report = followed(tmp_path, served, README.replace("meadow/glade-corpus", "HuggingFaceFW/web") + more)
    named = {checkpoint.repo for checkpoint in named_checkpoints(report.subject, voices(report.subject))}
    assert named == {"meadow/glade-1b"}


def test_models_of_others_are_not_read(tmp_path: Path, served: Hosts):
    followed(tmp_path, served, README + "\nIt beats [Rival](https://huggingface.co/rival/big-7b).\n")
    assert not any("rival" in place for place in served.asked)


def test_the_words_of_a_paper_are_not_taken_for_the_publishers_card(tmp_path: Path, served: Hosts):
    words = pdf("The weights are licensed under the Apache License 2.0.", "We open source everything.")
    served.pages["arxiv.org/pdf/2501.00001"] = Answer(words, kind="application/pdf")
    del served.pages[f"{HUB}/api/models/meadow/glade-1b"]
    report = followed(tmp_path, served)
    assert report.facts["license.weights"].status == "unknown"
    assert report.facts["publisher.claim"].status == "unknown"
    assert any("Apache" in line for d in report.subject.documents for line in d.lines if d.path.endswith(".pdf"))


def test_a_license_elsewhere_is_read_where_its_text_is_not_at_hand(tmp_path: Path, served: Hosts):
    page = (
        "<html><nav>menu</nav><body><h1>GLADE MODEL LICENSE</h1><p>1. Use. You may not use it for commercial purposes."
    )
    served.pages["meadow.example/license"] = Answer(page.encode(), kind="text/html")
    stated = "The code is MIT. The model weights are under the [Glade Model License](https://meadow.example/license).\n"
    report = followed(tmp_path, served, README.replace("The code is licensed under the MIT License.\n", stated))
    assert report.facts["license_open.weights"].status == "refuted"
    commercial = next(a for a in report.questions if a.id == "commercial_use" and "weights" in a.scopes)
    assert commercial.answer == "no"
    assert "menu" not in " ".join(line for d in report.subject.documents for line in d.lines if d.path == "LICENSE")


def bound_by_a_policy(folder: Path) -> str:
    """A license with a worldwide grant that binds use to a policy elsewhere."""
    policy = "Your use must adhere to the Acceptable Use Policy (https://meadow.example/use-policy), incorporated here."
    text = f"GLADE MODEL LICENSE\n\n1. You are granted a worldwide license to use it.\n\n2. {policy}\n"
    write(folder, {"meadow__glade/LICENSE-MODEL": text})
    return README.replace(
        "The code is licensed under the MIT License.", "The model weights are under the [Model License](LICENSE-MODEL)."
    )


@pytest.mark.parametrize(
    ("policy", "answer"),
    [
        ("You agree not to use it for violence.", "yes"),
        ("The rights are not granted to you if you are domiciled in the European Union.", "no"),
        (None, "unknown"),
    ],
)
def test_a_policy_that_was_read_decides_where_the_rights_hold(
    policy: str | None, answer: str, tmp_path: Path, served: Hosts
):
    if policy:
        page = f"<!doctype html><body><h2>Use</h2><p>{policy}</p>"
        served.pages["meadow.example/use-policy"] = Answer(page.encode(), kind="text/html")
    del served.pages[f"{HUB}/api/models/meadow/glade-1b"]
    report = followed(tmp_path, served, bound_by_a_policy(tmp_path))
    (asked,) = (a for a in report.questions if a.id == "use_in_the_eu" and "weights" in a.scopes)
    assert asked.answer == answer
    if answer == "no":
        assert asked.quotes[0].words == policy
        assert asked.quotes[0].place.file == "meadow.example_use-policy/USE_POLICY.md"


def test_a_license_that_is_known_is_not_asked_for_again(tmp_path: Path, served: Hosts):
    open_one = "The weights are under the [Apache License 2.0](https://www.apache.example/LICENSE-2.0).\n"
    followed(tmp_path, served, README.replace("The code is licensed under the MIT License.\n", open_one))
    assert not any("apache" in place for place in served.asked)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"{", kind="application/json"),
        Answer(b"[]", kind="application/json"),
        Answer(b"[" * 100_000, kind="application/json"),
        Answer(b'{"sha": 1, "siblings": [1, {"rfilename": null}, {}], "gated": {}}', kind="application/json"),
        Answer(b'{"siblings": "x"}', kind="application/json"),
        Answer(b'{"siblings": 5}', kind="application/json"),
        Answer(b'{"siblings": [{"rfilename": "README.md\\u001b[31m/../\\ud800 x"}]}', kind="application/json"),
        Answer(b"<!doctype html><p>Sign in", kind="text/html"),
        Answer(b"\x00\xff" * 50, kind="application/json"),
        Answer(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data"}),
    ],
)
def test_a_hub_that_answers_with_anything_ends_nothing(answer: Answer, tmp_path: Path, served: Hosts):
    served.pages[f"{HUB}/api/models/meadow/glade-1b"] = answer
    served.pages[f"{HUB}/api/datasets/meadow/glade-corpus"] = answer
    report = followed(tmp_path, served)
    assert report.facts["license.weights"].status == "unknown"
    assert raw_in(report_text(report)) == set()


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"%PDF-1.7\n garbage", kind="application/pdf"),
        Answer(b"", kind="application/pdf"),
        Answer(b"\x00" * 100, kind="application/pdf"),
        Answer(b"x" * 200, kind="application/pdf", slow=0.05),
    ],
)
def test_a_paper_that_is_none_is_not_read_and_said_to_be_so(answer: Answer, tmp_path: Path, served: Hosts):
    served.pages["arxiv.org/pdf/2501.00001"] = answer
    report = followed(tmp_path, served, seconds=0.5)
    (paper,) = (page for page in report.followed if page.kind == "paper")
    assert paper.problem
    assert report.facts["technical_report.present"].value == "linked"


def test_only_so_many_of_a_kind_are_read(tmp_path: Path, served: Hosts):
    many = ", ".join(f"[d{n}](https://huggingface.co/datasets/meadow/d{n})" for n in range(50))
    report = followed(tmp_path, served, README.replace("on [glade", f"on {many}, [glade"))
    assert sum(page.kind == "dataset" for page in report.followed) == MAX_OF_A_KIND["dataset"]


@pytest.mark.parametrize("record", [{}, {"files": 5}, {"files": [1, {"links": 2}]}, {"metadata": [{"license": 1}]}])
def test_a_record_of_an_archive_may_be_anything(record: object, tmp_path: Path, served: Hosts):
    served.pages["zenodo.org/api/records/77"] = Answer(json.dumps(record).encode(), kind="application/json")
    readme = README.replace("huggingface.co/datasets/meadow/glade-corpus", "zenodo.org/records/77")
    report = followed(tmp_path, served, readme.replace("arxiv.org/abs/2501.00001", "zenodo.org/records/77"))
    assert report.facts["license_open.data"].status == "unknown"


def test_a_repository_of_many_texts_says_which_were_not_read(tmp_path: Path, served: Hosts):
    files = {"README.md": CARD, **{f"docs/{number}.md": "x" for number in range(20)}}
    repository(served, "models/meadow/glade-1b", files)
    report = followed(tmp_path, served)
    assert "meadow__glade-1b: 13 of 21 texts, the deepest, were not read" in report.not_read
    assert sum("glade-1b" in place and "resolve" in place for place in served.asked) == 8


def test_a_page_beside_a_listing_that_is_whole_leaves_it_whole(tmp_path: Path, served: Hosts):
    assert followed(tmp_path, served).subject.is_listed_whole


def test_what_is_at_hand_already_is_not_read_again(tmp_path: Path, served: Hosts):
    write(tmp_path, {"SOURCE.md": f"- HF meadow/glade-1b @ {COMMIT}\n", "meadow__glade-1b/README.md": CARD})
    followed(tmp_path, served)
    assert not any("glade-1b" in place for place in served.asked)


def test_a_data_set_in_an_archive_states_its_license_in_its_record(tmp_path: Path, served: Hosts):
    record = {"metadata": {"license": {"id": "cc-by-4.0"}}, "files": []}
    served.pages["zenodo.org/api/records/77"] = Answer(json.dumps(record).encode(), kind="application/json")
    report = followed(
        tmp_path, served, README.replace("huggingface.co/datasets/meadow/glade-corpus", "zenodo.org/records/77")
    )
    assert [page.file for page in report.followed if page.kind == "dataset"] == ["zenodo.org_records_77/README.md"]
    assert report.facts["license.data"].value == "CC-BY-4.0"


@pytest.mark.parametrize(("page", "file"), PAGES)
def test_a_page_for_people_is_read_as_the_file_that_it_shows(page: str, file: str):
    assert raw_address(page) == file


def test_every_rule_for_pages_is_tried_above():
    assert [pattern.pattern for pattern, _ in RAW if not any(pattern.fullmatch(page) for page, _ in PAGES)] == []


def test_the_text_of_a_pdf_and_of_a_page_is_taken_out():
    assert text_of(pdf("One line", "and another"), "pdf") == ("One line", "and another")
    html = (
        b"<head><title>x</title><body><header>menu</header><h2>Terms</h2><p>one <b>two</b></p><script>no</script><li>z"
    )
    assert [line for line in text_of(html, "html") if line] == ["## Terms", "one two", "z"]


@pytest.mark.parametrize(
    "data", [b"%PDF-1.4\n", b"%PDF-1.4\n1 0 obj\n<< /Type /Pages /Kids [1 0 R] >>\nendobj\ntrailer<</Root 1 0 R>>"]
)
def test_a_pdf_that_is_none_has_no_text(data: bytes):
    with pytest.raises(NoText):
        text_of(data, "pdf")


def test_no_module_is_taken_from_the_folder_that_is_worked_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path, {f"{name}.py": "raise SystemExit(3)" for name in ("pypdf", "glasswright", "html", "resource")})
    monkeypatch.chdir(tmp_path)
    assert text_of(pdf("read"), "pdf") == ("read",)


def test_without_the_package_for_pdfs_the_reason_names_the_extra(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("glasswright.audit.extract.find_spec", lambda _: None)
    with pytest.raises(NoText, match=r"glasswright\[pdf\]"):
        text_of(pdf("read"), "pdf")


def test_a_page_made_to_be_slow_is_ended(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("glasswright.audit.extract.SECONDS", 0.01)
    with pytest.raises(NoText, match="within"):
        text_of(b"<p>x", "html")


def test_an_open_text_at_hand_is_not_followed_to_its_home_page(tmp_path: Path, served: Hosts):
    closed_subject(tmp_path)
    write(tmp_path, {"thicket__bramble/LICENSE": LICENSE, "thicket__bramble/README.md": VAGUE_README})
    audit_subject(load_folder(tmp_path), web=Web(served.connect))
    assert not any("apache.org" in place for place in served.asked)
