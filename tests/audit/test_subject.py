"""Any folder is a subject, and whatever cannot be read is said."""

from pathlib import Path

import pytest
from tests.audit.builder import LICENSE, open_subject, write

from glasswright.audit import audit_subject
from glasswright.audit.reading import MAX_DOCUMENT_BYTES
from glasswright.audit.subject import load_folder
from glasswright.errors import Misuse, Unknown


def test_a_file_without_a_word_proves_nothing(tmp_path: Path):
    (tmp_path / "empty").touch()
    report = audit_subject(load_folder(tmp_path))
    assert report.osaid.status == "unknown"
    assert report.label.ours == "unknown"
    assert report.mof.mof_class == "unknown"
    told = {name for name, dimension in report.index.items() if dimension.openness != "unknown"}
    assert told <= {"code", "trainingcode"}  # the listing is whole, and there is none


def test_a_folder_that_is_not_there_is_misuse(tmp_path: Path):
    with pytest.raises(Misuse, match="expected a folder, found nothing"):
        load_folder(tmp_path / "nowhere")


def test_a_file_is_no_folder(tmp_path: Path):
    write(tmp_path, {"x": "x"})
    with pytest.raises(Misuse, match="found a file"):
        load_folder(tmp_path / "x")


def test_of_a_huge_readme_the_start_is_read_and_the_rest_is_said_to_be_unread(tmp_path: Path):
    line = "The weights are licensed under the MIT License.\n"
    write(tmp_path, {"org__big/README.md": line + "words " * 9_000_000})
    subject = load_folder(tmp_path)
    assert f"only the first {MAX_DOCUMENT_BYTES} of" in subject.problems[0]
    assert audit_subject(subject).facts["license.weights"].value == "MIT"


def test_a_binary_file_named_md_is_said_to_be_binary(tmp_path: Path):
    write(tmp_path, {"org__x/README.md": b"\x00\x01\x02" * 100})
    subject = load_folder(tmp_path)
    assert subject.problems == ("org__x/README.md is binary, not text",)
    assert audit_subject(subject).osaid.status == "unknown"


def test_a_circle_of_links_ends(tmp_path: Path):
    write(tmp_path, {"org__x/README.md": "# x\n"})
    (tmp_path / "org__x/loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "org__x/again.md").symlink_to("README.md")
    (snapshot,) = load_folder(tmp_path).snapshots
    assert [d.path for d in snapshot.documents] == ["README.md"]


def test_a_card_in_another_script_is_said_not_to_be_understood(tmp_path: Path):
    write(tmp_path, {"org__x/README.md": "# 模型\n" + "这个模型是在大量文本上训练的。我们没有公布训练数据。" * 30})
    assert "Chinese script" in load_folder(tmp_path).problems[0]


def test_a_card_in_another_language_is_said_not_to_be_understood(tmp_path: Path):
    text = "Le modèle a été entraîné sur des données variées, récoltées par nos équipes et filtrées à la main. " * 20
    write(tmp_path, {"org__x/README.md": "# Modèle\n\n" + text})
    assert "not in English" in load_folder(tmp_path).problems[0]


def test_a_listing_beside_the_files_counts_as_their_listing(tmp_path: Path):
    write(tmp_path, {"org__x/_TREE.txt": "12\ttrain.py\n?\tdata/a b.txt\nnonsense\n", "org__x/README.md": "# x\n"})
    (snapshot,) = load_folder(tmp_path).snapshots
    assert [(e.path, e.size_bytes, e.line) for e in snapshot.entries] == [
        ("train.py", 12, 1),
        ("data/a b.txt", None, 2),
    ]


def test_provenance_gives_the_commit_and_is_no_evidence(tmp_path: Path):
    commit = "a" * 40
    open_subject(tmp_path)
    write(
        tmp_path,
        {"SOURCE.md": f"- GitHub meadow/glade @ {commit} (now)\n\nThe weights are licensed under the CC-BY-NC-4.0.\n"},
    )
    report = audit_subject(load_folder(tmp_path))
    assert report.subject.snapshots[0].commit == commit
    assert report.facts["license.weights"].value == "Apache-2.0"


def test_files_in_tests_and_vendored_folders_prove_nothing(tmp_path: Path):
    write(tmp_path, {"org__x/tests/train.py": "", "org__x/third_party/lib/train.py": "", "org__x/README.md": "# x\n"})
    assert audit_subject(load_folder(tmp_path)).facts["training_code.present"].status == "unknown"


def test_a_single_snapshot_is_a_subject_by_itself(tmp_path: Path):
    write(tmp_path, {"README.md": "# x\n", "LICENSE": LICENSE})
    (snapshot,) = load_folder(tmp_path).snapshots
    assert {e.path for e in snapshot.entries} == {"README.md", "LICENSE"}


def test_nothing_is_known_of_an_empty_folder(tmp_path: Path):
    with pytest.raises(Unknown, match="holds nothing that is read"):
        load_folder(tmp_path)
