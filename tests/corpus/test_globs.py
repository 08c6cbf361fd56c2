"""Globs give the answers of their definitions, in as many steps as the path and the pattern have places."""

import re
from pathlib import PurePosixPath

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from glasswright.corpus.evidence.globs import Glob
from glasswright.corpus.sources import files

PARTS = st.sampled_from(["a", "b", "ab", "a.md", ".a", "*", "*.md", "a*", "?", "[ab]", "**", "**", "..", "a**b"])
PATHS = st.lists(st.sampled_from(["a", "b", "ab", "a.md", ".a", "c"]), min_size=1, max_size=5).map("/".join)


def defined(parts: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """What `include` means: every way to share the folders among `**` is tried, however many there are."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        rest = pattern[1:] or ("*",)
        return any(defined(parts[start:], rest) for start in range(len(parts)))
    return bool(parts) and PurePosixPath(parts[0]).match(pattern[0]) and defined(parts[1:], pattern[1:])


@settings(max_examples=500)
@given(PATHS, st.lists(PARTS, max_size=5).map("/".join))
@example("a", "a/**")
@example("a/b", "a/**/**")
def test_a_pattern_covers_what_its_definition_covers(path: str, pattern: str):
    assert files.matches(path, pattern) == defined(PurePosixPath(path).parts, PurePosixPath(pattern).parts)


def test_the_places_of_a_pattern_are_looked_at_once_for_each_part_of_a_path(monkeypatch: pytest.MonkeyPatch):
    """`**/` six thousand times was more ways than there are atoms."""
    looked = 0
    really = PurePosixPath.match

    def count(self: PurePosixPath, pattern: str) -> bool:
        nonlocal looked
        looked += 1
        return really(self, pattern)

    monkeypatch.setattr(PurePosixPath, "match", count)
    for times in (60, 240):
        looked = 0
        assert not files.matches("/".join("a" * times), "**/*/" * times + "b")
        assert looked <= times * (2 * times + 1)


def reuse(pattern: str) -> re.Pattern[str]:
    """What a path of REUSE.toml means, as an expression that may take any time."""
    out, rest = "", pattern
    while rest:
        if rest.startswith("**"):
            out, rest = out + ".*", rest[2:]
        elif rest[0] == "*":
            out, rest = out + "[^/]*", rest[1:]
        elif rest[0] == "\\" and len(rest) > 1:
            out, rest = out + re.escape(rest[1]), rest[2:]
        else:
            out, rest = out + re.escape(rest[0]), rest[1:]
    return re.compile(out, re.DOTALL)


@given(st.text(alphabet="ab/*\\", max_size=9), st.text(alphabet="ab/*\\", max_size=9))
def test_a_path_of_reuse_covers_what_its_definition_covers(pattern: str, path: str):
    assert Glob(pattern).matches(path) == bool(reuse(pattern).fullmatch(path))


def test_too_many_patterns_leave_nothing_to_be_kept(collected):
    """Each is held against every file. A list that is not read could take away what another file gives."""
    many = "".join(f"Files: a{number}*\nLicense: MIT\n\n" for number in range(3000))
    tables = "".join(f'[[annotations]]\npath = "a{n}*"\nSPDX-License-Identifier = "MIT"\n' for n in range(6000))
    for name, text in (("debian/copyright", many), ("REUSE.toml", tables)):
        corpus = collected(
            {"kept.txt": b"---\nlicense: MIT\n---\nkept", "sub/a7.txt": b"words", f"sub/{name}": text.encode()}
        )
        assert corpus.by_path["sub/a7.txt"].license_decision == "unknown"
        assert corpus.reason("sub/a7.txt") == "license_unknown"
        (corpus.out.parent / "in" / "sub" / name).unlink()
