"""YAML's traps are refused where they stand, before anything is expanded."""

import os
from pathlib import Path

import pytest

from glasswright.errors import Misuse
from glasswright.recipe import load, parse

HEAD = "name: x\nsources:\n  - {name: a, kind: python-docs}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x 1\nb: *x\n", "r.yaml:1:4: the anchor 'x'"),
        ("b: *x\n", "the anchor 'x'"),
        ("a: !!float 1\n", "r.yaml:1:4: the tag 'tag:yaml.org,2002:float'"),
        ("a: !!python/object/apply:os.system [ls]\n", "the tag"),
        ("a: ! b\n", "the tag '!'"),
        ("<<: {a: 1}\n", "r.yaml:1:1: a merge key"),
        ("a: 1\n---\nb: 2\n", "r.yaml:2:1: a second document"),
        ("a: 1\n\tb: 2\n", "r.yaml:2:1: not YAML"),
        ("a: [1, 2\n", "not YAML"),
        ("a: 'b\n", "not YAML"),
        ("a: b: c\n", "r.yaml:1:5: not YAML"),
        ("a: \x07\n", "not YAML"),
        ('a: "\\ud800"\n', "r.yaml:1:4: half of a surrogate pair"),
        ("[" * 500 + "]" * 500, "nested more than 16 deep"),
        ("", "the file is empty"),
        ("# only a comment\n", "the file is empty"),
        ("---\n...\n", "the file is empty"),
        ("--- |\n text\n", "expected keys and values"),
        ("- a\n", "expected keys and values, found a list"),
    ],
)
def test_a_trap_is_refused_where_it_stands(text: str, said: str):
    with pytest.raises(Misuse) as caught:
        parse(text, "r.yaml")
    assert said in str(caught.value)


def test_an_alias_bomb_is_refused_before_it_grows():
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 60)]
    with pytest.raises(Misuse, match="r.yaml:1:5: the anchor 'a0'"):
        parse("\n".join(levels), "r.yaml")


def test_a_tab_gets_the_hint_that_yaml_indents_with_spaces():
    with pytest.raises(Misuse) as caught:
        parse("model:\n\thidden_size: 4\n", "r.yaml")
    assert caught.value.hint is not None
    assert "spaces" in caught.value.hint


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path):
    plain, windows = tmp_path / "plain.yaml", tmp_path / "windows.yaml"
    plain.write_bytes(HEAD.encode())
    windows.write_bytes(b"\xef\xbb\xbf" + HEAD.replace("\n", "\r\n").encode())
    assert load(plain).digest == load(windows).digest


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"name: x\nseed: \xff\n", ":2:7: byte 0xff is not UTF-8"),
        ("name: x\n".encode("utf-16"), ":1:1: byte 0xff is not UTF-8"),
        ("name: é\n".encode("latin-1"), ":1:7: byte 0xe9 is not UTF-8"),
        (b"#" * 1_000_001, "larger than any recipe"),
    ],
)
def test_bytes_that_are_no_recipe_are_refused(tmp_path: Path, data: bytes, said: str):
    (tmp_path / "r.yaml").write_bytes(data)
    with pytest.raises(Misuse) as caught:
        load(tmp_path / "r.yaml")
    assert said in str(caught.value)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path):
    with pytest.raises(Misuse, match="no.yaml: no such file or folder"):
        load(tmp_path / "no.yaml")
    with pytest.raises(Misuse, match="a folder, where a plain file was expected"):
        load(tmp_path)


@pytest.mark.timeout(30)
def test_a_recipe_that_is_a_pipe_or_has_no_end_is_refused(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(Misuse, match="pipe.yaml: a pipe, where a plain file was expected"):
        load(tmp_path / "pipe.yaml")
    with (tmp_path / "long.yaml").open("wb") as file:
        file.truncate(2**43)
    with pytest.raises(Misuse, match="long.yaml: more than 1,000,000 bytes, larger than any recipe"):
        load(tmp_path / "long.yaml")


@pytest.mark.timeout(30)
@pytest.mark.parametrize("text", ["[" * 500_000, "- " * 300_000, "a: " + "{b: " * 200_000, "? " * 300_000])
def test_brackets_without_end_are_refused_where_they_are_too_deep(text: str):
    with pytest.raises(Misuse, match="nested more than 16 deep|not YAML"):
        parse(text, "r.yaml")
