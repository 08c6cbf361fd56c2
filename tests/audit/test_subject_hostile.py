"""Subjects made to hold an audit, to mislead it or to fill its memory: it ends, and says what it did not read."""

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.audit.builder import LICENSE, OPEN_README, open_subject, write
from tests.audit.test_release import release
from tests.audit.test_sources import FakeHub, git

from glasswright.audit import audit_subject, github, load_subject, subject
from glasswright.audit.release_archive import Archived, read_archives
from glasswright.audit.subject import load_folder
from glasswright.errors import Unknown

pytestmark = pytest.mark.timeout(60)

# Every place of a subject where an audit reads.
PLACES = (
    *("README.md", "LICENSE", "config.json", "_TREE.txt", "SOURCE.md", "release.json", "model/README.md", "notes.txt"),
    *("code/x.tar", "corpus/ledger.parquet", "corpus/documents/0.jsonl", "research-paper.md"),
)


@pytest.mark.parametrize("is_inner", [True, False])
def test_pipes_in_every_place_are_said_and_not_waited_for(tmp_path: Path, is_inner: bool):
    root = tmp_path / ("org__x" if is_inner else "")
    for place in PLACES:
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(root / place)
    report = audit_subject(load_folder(tmp_path))
    said = {line.split(" was not ")[0].removeprefix(f"{root.name}/") for line in report.not_read}
    assert said == set(PLACES)
    assert all("a pipe" in line for line in report.not_read)
    assert "proved" not in {fact.status for fact in report.facts}


@pytest.mark.parametrize(
    "place", ["code/glasswright-0.1.0.tar", "corpus/ledger.parquet", "corpus/documents/00000.jsonl", "model/README.md"]
)
def test_a_release_with_a_pipe_or_a_link_in_it_is_not_open_by_what_was_not_read(tmp_path: Path, place: str):
    folder = release(tmp_path)
    for make in (os.mkfifo, lambda path: path.symlink_to("/dev/zero")):
        (folder / place).unlink()
        make(folder / place)
        report = audit_subject(load_folder(folder))
        assert report.osaid.status != "proved" or place.startswith("corpus")
        assert report.mof.mof_class != "I"


def test_a_text_behind_a_link_is_said_to_be_unread(tmp_path: Path):
    write(tmp_path, {"org__x/real.txt": OPEN_README})
    (tmp_path / "org__x/README.md").symlink_to("real.txt")
    (tmp_path / "org__x/model.safetensors").symlink_to("blob")
    (snapshot,) = load_folder(tmp_path).snapshots
    assert snapshot.problems == ("org__x/README.md was not read: a symbolic link",)
    assert {entry.path for entry in snapshot.entries} == {"README.md", "real.txt", "model.safetensors"}


def test_a_linked_folder_is_no_snapshot(tmp_path: Path):
    write(tmp_path, {"away/org__y/README.md": OPEN_README, "s/org__x/README.md": "# x"})
    (tmp_path / "s/org__y").symlink_to(tmp_path / "away/org__y", target_is_directory=True)
    assert [snapshot.name for snapshot in load_folder(tmp_path / "s").snapshots] == ["org__x"]


def test_terabytes_of_nothing_are_read_to_their_bound(tmp_path: Path):
    folder = release(tmp_path)
    for place in (*PLACES, "code/glasswright-0.1.0.tar", "corpus/documents/00000.jsonl"):
        with (folder / place).open("wb") as file:
            file.truncate(2**42 if not place.endswith("jsonl") else 2**28)
    report = audit_subject(load_folder(folder))
    assert "release/README.md is binary, not text" in report.not_read


def test_names_of_any_bytes_are_listed(tmp_path: Path):
    for name in (b"\xff.md", b"\x1b[31m.md", b"a\nb.md"):
        (tmp_path / os.fsdecode(name)).write_bytes(b"\x00")
    assert set(load_folder(tmp_path).problems) == {
        f"{tmp_path.name}/{name}.md is binary, not text" for name in ("\udcff", "\x1b[31m", "a\nb")
    }


def test_sizes_in_a_listing_are_numbers_or_unknown(tmp_path: Path):
    lines = ["12\ta", "²\tb", "9" * 5000 + "\tc", "-1\td", "１２\te"]
    write(tmp_path, {"org__x/_TREE.txt": "\n".join(lines)})
    (snapshot,) = load_folder(tmp_path).snapshots
    assert [entry.size_bytes for entry in snapshot.entries] == [12, None, None, None, None]


def test_a_listing_longer_than_is_read_refutes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path, {"org__x/_TREE.txt": "1\trun.md\n" * 50, "org__x/README.md": "# x\n"})
    assert audit_subject(load_folder(tmp_path)).facts["source_code.present"].status == "refuted"
    monkeypatch.setattr(subject, "MAX_LISTING_BYTES", 100)
    report = audit_subject(load_folder(tmp_path))
    assert "org__x/_TREE.txt was not listed: only the first 100 of 450 bytes were read" in report.not_read
    assert report.facts["source_code.present"].status == "unknown"


def test_a_folder_that_is_not_listed_whole_refutes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = release(tmp_path)
    (folder / "research-paper.md").unlink()
    assert audit_subject(load_folder(folder)).facts["research_paper.present"].status == "refuted"
    walk = subject.walk
    monkeypatch.setattr(subject, "walk", lambda root, **options: walk(root, **{**options, "max_entries": 20}))
    report = audit_subject(load_folder(folder))
    assert "release/ was not listed: more than 20 files and folders" in report.not_read
    assert report.facts["research_paper.present"].status == "unknown"


def test_a_damaged_archive_refutes_no_code(tmp_path: Path):
    folder = release(tmp_path)
    path = folder / "code/glasswright-0.1.0.tar"
    path.write_bytes(path.read_bytes()[:1024] + b"damaged!" * 200)
    assert audit_subject(load_folder(folder)).facts["training_code.present"].status == "unknown"


def test_an_archive_that_goes_while_it_is_audited_is_said(tmp_path: Path):
    told = f"{tmp_path.name}/code/x.tar was not read: no such file or folder"
    assert read_archives(tmp_path, ["code/x.tar", "code/deep/y.tar"]) == Archived(problems=[told])


def test_a_file_that_goes_while_it_is_audited_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path, {"org__x/README.md": "# x", "org__x/LICENSE": LICENSE})
    reads = subject.read_text

    def gone(path: str, folder: Path, **options: int) -> Any:
        if path == "LICENSE":
            (folder / path).unlink()
        return reads(path, folder, **options)

    monkeypatch.setattr(subject, "read_text", gone)
    assert load_folder(tmp_path).problems == ("org__x/LICENSE was not read: no such file or folder",)


LEDGER = """
import pyarrow as pa, pyarrow.parquet as pq
schema = pa.schema([("license", pa.string()), ("decision", pa.string())])
with pq.ParquetWriter(%r, schema, compression="zstd", use_dictionary=False, write_statistics=False) as file:
    for number in range(40):
        text = chr(65 + number) * 50_000_000
        file.write_table(pa.table({"license": [text], "decision": ["keep"]}, schema=schema))
"""
AUDIT = """
import resource, sys
from pathlib import Path
from glasswright.audit import audit_subject
from glasswright.audit.subject import load_folder
audit_subject(load_folder(Path(%r)))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_a_ledger_of_vast_rows_takes_bounded_memory(tmp_path: Path):
    pytest.importorskip("pyarrow")
    folder = release(tmp_path)
    subprocess.run([sys.executable, "-c", LEDGER % str(folder / "corpus/ledger.parquet")], check=True)
    assert (folder / "corpus/ledger.parquet").stat().st_size < 1_000_000
    done = subprocess.run([sys.executable, "-c", AUDIT % str(folder)], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 2_000_000  # kB


@pytest.mark.parametrize("columns", ["1 AS license, 'keep' AS decision", "[1] AS license, 2 AS decision", "1 AS other"])
def test_a_ledger_of_other_types_is_read_or_unknown(tmp_path: Path, columns: str):
    import duckdb

    folder = release(tmp_path)
    duckdb.connect().execute(f"COPY (SELECT {columns}) TO '{folder}/corpus/ledger.parquet' (FORMAT parquet)")
    assert audit_subject(load_folder(folder)).facts["license.data"].status == "unknown"


def test_documents_that_are_no_records_are_none(tmp_path: Path):
    folder = release(tmp_path)
    lines = ["[" * 100_000, "1" * 5_000, "\xff", '{"document_id": 1}', "[]"]
    (folder / "corpus/documents/00000.jsonl").write_bytes("\n".join(lines).encode("latin-1"))
    note = audit_subject(load_folder(folder)).facts["datasets_base.present"].note
    assert note == "the ledger keeps 3 documents, the release carries 1"


# Places elsewhere


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A git host with one repository, made to mislead."""
    source = open_subject(tmp_path / "made") / "meadow__glade"
    git(source, "init")
    (source / "README.md").rename(source / "real.txt")
    (source / "README.md").symlink_to("/etc/passwd")
    (source / os.fsdecode(b"LICENSE-\xff")).write_text(LICENSE)
    (source / "NOTICE").write_text("words " * 500_000)
    (source / ".gitattributes").write_text("* text eol=crlf ident export-ignore\n")
    git(source, "add", ".")
    git(source, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},LICENSE.d")
    git(source, "commit", "-m", "x")
    folder = tmp_path / "host"
    (folder / "meadow").mkdir(parents=True)
    subprocess.run(["git", "clone", "--quiet", "--bare", str(source), str(folder / "meadow/glade.git")], check=True)
    return folder


def test_links_submodules_and_long_files_of_a_repository_are_said(host: Path):
    (snapshot,) = load_subject(["github:meadow/glade"], git_base=f"file://{host}").snapshots
    assert set(snapshot.problems) == {
        "meadow__glade/README.md was not read: it is no plain file",
        "meadow__glade/LICENSE.d was not read: it is no plain file",
        "meadow__glade/NOTICE only the first 2000000 bytes were read",
    }
    assert {document.path for document in snapshot.documents} >= {"real.txt", "LICENSE-\udcff", "LICENSE", "NOTICE"}
    assert not any("root:" in document.text for document in snapshot.documents)


def test_a_listing_of_git_is_read_to_its_bound(host: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(github, "MAX_LISTING_BYTES", 300)
    monkeypatch.setattr(github._git, "__kwdefaults__", {"max_bytes": 300})
    (snapshot,) = load_subject(["github:meadow/glade"], git_base=f"file://{host}").snapshots
    assert snapshot.problems[0] == f"meadow__glade: only the first {len(snapshot.entries)} files were listed"
    assert not snapshot.is_listed_whole


def test_a_git_that_does_not_answer_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    program = tmp_path / "git"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(github, "SECONDS", 1)
    with pytest.raises(Unknown, match="git did not answer within 1 s"):
        load_subject(["github:meadow/glade"])


class Lying(FakeHub):
    """A hub that hands out something else than it listed."""

    def hf_hub_download(self, repo_id: str, filename: str, *, local_dir: str, **_: Any) -> str:  # noqa: ARG002
        path = Path(local_dir) / filename
        if filename == "README.md":
            path.write_text("words " * 500_000)
        elif filename == "LICENSE":
            path.symlink_to("/dev/zero")
        elif filename == "NOTICE":
            os.mkfifo(path)
        else:
            return "/etc/passwd"
        return str(path)


def test_what_a_hub_hands_out_is_read_to_its_bound_and_plain():
    hub = Lying(dict.fromkeys(("README.md", "LICENSE", "NOTICE", "COPYING"), ""))
    (snapshot,) = load_subject(["hf:meadow/glade"], hub=lambda: hub).snapshots
    assert sorted(snapshot.problems) == [
        "meadow__glade/COPYING was not read: not a path below a folder",
        "meadow__glade/LICENSE was not read: a symbolic link, where a plain file was expected",
        "meadow__glade/NOTICE was not read: a pipe, where a plain file was expected",
        "meadow__glade/README.md only the first 2000000 of 3000000 bytes were read",
    ]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO, errno.EMFILE])
def test_what_this_machine_says_is_not_said_of_the_hub(number: int):
    with pytest.raises(OSError, match=os.strerror(number)):
        load_subject(["hf:meadow/glade"], hub=lambda: FakeHub(error=OSError(number, os.strerror(number), "/tmp/x")))
