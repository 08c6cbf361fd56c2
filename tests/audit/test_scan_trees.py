"""Folders that nobody would make: whatever lies in them, a scan ends with one of its answers.

Each tree follows from its seed. `python -m pytest tests/audit/test_scan_trees.py --slow` makes 10,000 of them.
"""

import bz2
import gzip
import lzma
import os
import random
import re
import zlib
from pathlib import Path

import pytest
from backports import zstd
from tests.audit.builder import safetensors
from tests.audit.scan_bad import BAD
from tests.audit.scan_clean import CLEAN
from tests.audit.scan_made import tarred, zipped

from glasswright.audit.scan.kinds import MAGIC, NAMED, NAMED_TEXT
from glasswright.audit.scan.scanning import scan_path

MAX_WHOLE_BYTES = 100_000
NUM_TREES, NUM_SLOW_TREES, NUM_CHUNKS = 200, 10_000, 20
PACKERS = (zlib.compress, gzip.compress, bz2.compress, lzma.compress, zstd.compress)
ENCODINGS = ("utf-8", "utf-16", "utf-32", "latin-1", "utf-8-sig", "utf-7", "cp037")
WORDS = ["{}", "[]", "{{ }}", "{% if %}", "auto_map", "__class__", "messages", "content", "../..", "import os"]
ODD = ["\n", "\0", "\u202e", "大", "\ud800", "\x1b[31m", "1e999", " ", "- &a *a", "!!python/name:os.system"]
# Expressions and statements of Jinja, in which E stands for an expression and S for statements.
EXPRESSIONS = """x|messages[-1].content|ns.a|'a word'|'<mark>'|3|none|x.y|x[E]|x[1:2]|(E ~ E)|(E + E)|(E in E)|(E == E)|
(not E)|(E and E)|(E or E)|(E if E else E)|{'a b c': E}|[E, E]|(E, E)|x.get(E)|x.split(E)|f(E)|f(E, y=E)|f(*E, **E)|
(E is string)|(E is match(E))|(-E ** 2)|(E * 9)|strftime_now(E)|caller()|x.y.z(E)""".replace("\n", "").split("|")
EXPRESSIONS += ["(E|lower)", "(E|join(E))", "(E|map(attribute='content')|list)", "(E|selectattr('role', 'equalto', E))"]
STATEMENTS = """{{ E }}@three more words@{% if E %}S{% elif E %}S{% else %}S{% endif %}@
{% for x in E if E %}S{% else %}S{% endfor %}@
{% set x = E %}@{% set ns.a = E %}@{% set x, y = E %}@{% set x %}S{% endset %}@{% macro f(x, y=E) %}S{% endmacro %}@
{% filter replace(E, E) %}S{% endfilter %}@{% call(y) f(E) %}S{% endcall %}@{% with x = E %}S{% endwith %}@
{% generation %}S{% endgeneration %}@{% for a, b in E %}{% break %}{% endfor %}@{% block b %}S{% endblock %}@
{% include E %}@{% for x in E recursive %}{{ loop(E) }}{% endfor %}@{{ raise_exception(E) }}""".replace("\n", "").split(
    "@"
)
NAMES = [end for ends, _ in (*NAMED, *NAMED_TEXT) for end in ends]


def whole_files(folder: Path) -> list[tuple[str, bytes]]:
    """Files of all samples, to be damaged. `folder` is where they are written first."""
    made = [(name, data) for files in BAD.values() for name, data in files.items()]
    for number, writer in enumerate(CLEAN.values()):
        (folder / str(number)).mkdir(parents=True)
        writer(folder / str(number))
    found = [(path.name, path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file()]
    found += [(name.rsplit("/", 1)[-1], data.encode() if isinstance(data, str) else data) for name, data in made]
    return [(name, data) for name, data in found if len(data) < MAX_WHOLE_BYTES]


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, bytes]]:
    return whole_files(tmp_path_factory.mktemp("whole"))


def content(chance: random.Random, files: list[tuple[str, bytes]], depth: int = 0) -> tuple[str, bytes]:
    """A name and bytes: a file that was whole, noise behind a beginning that means something, or a text."""
    name, data = chance.choice(files)
    kind = chance.randrange(9)
    if kind == 0:
        data = chance.choice(MAGIC)[1] + chance.randbytes(chance.randrange(300))
    elif kind == 1:
        text = "".join(chance.choice(WORDS + ODD) for _ in range(chance.randrange(60)))
        data = text.encode(chance.choice(ENCODINGS), "replace")
    elif kind == 2:
        data = data[: chance.randrange(len(data) + 1)]
    elif kind == 3 and depth < 3:
        inner = dict(content(chance, files, depth + 1) for _ in range(chance.randrange(4)))
        data = (zipped if chance.random() < 0.5 else tarred)(inner)  # type: ignore[arg-type, operator]
    elif kind == 8:
        return f"{chance.randrange(99)}.jinja", made_template(chance).encode()
    elif kind == 4:
        data = chance.choice(PACKERS)(data)
    elif kind == 5:
        data = bytes(0) if chance.random() < 0.1 else data + chance.choice(files)[1]
    else:
        damaged = bytearray(data)
        for _ in range(chance.choice((1, 3, 30)) if damaged else 0):
            damaged[chance.randrange(len(damaged))] = chance.choice((0, 0xFF, chance.randrange(256)))
        data = bytes(damaged)
    return (name if chance.random() < 0.7 else f"x{chance.choice(NAMES)}"), data


def made_template(chance: random.Random) -> str:
    """A template that means nothing and is, as a rule, one."""
    text = "SSS"
    for depth in range(5):
        expressions, statements = (EXPRESSIONS, STATEMENTS) if depth < 4 else (["x", "1"], ["S"])
        text = re.sub("E", lambda _: chance.choice(expressions), re.sub("S", lambda _: chance.choice(statements), text))  # noqa: B023
    return text.replace("S", "").replace("E", "x")


def plant(folder: Path, chance: random.Random, files: list[tuple[str, bytes]]) -> None:
    for number in range(chance.randrange(1, 4)):
        name, data = content(chance, files)
        path = folder / ("d" * chance.randrange(3)) / name
        if chance.random() < 0.1:
            path = path.with_name(
                os.fsdecode(chance.choice((b"\xff", b"\x1b[2J", b"a\nb", "大".encode("utf-16")[2:])) + b".pkl")
            )
        path.parent.mkdir(exist_ok=True)
        if chance.random() < 0.02:
            path = path.with_name(f"link{number}")
            path.symlink_to(chance.choice(("/dev/zero", "..", name)))
        elif not path.exists():
            path.write_bytes(data)


def scan_trees(first: int, count: int, files: list[tuple[str, bytes]], folder: Path) -> None:
    for seed in range(first, first + count):
        tree = folder / str(seed)
        tree.mkdir()
        plant(tree, random.Random(seed), files)
        try:
            verdict = scan_path(tree)
        except Exception as error:
            raise AssertionError(f"tree {seed}: {type(error).__name__}") from error
        assert verdict.findings, f"tree {seed}"
        assert all(len(finding.evidence) < 10_000 for finding in verdict.findings), f"tree {seed}"


@pytest.mark.timeout(120)
def test_a_tree_of_damaged_files_ends_a_scan_with_an_answer(files: list[tuple[str, bytes]], tmp_path: Path):
    scan_trees(0, NUM_TREES, files, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(NUM_CHUNKS))
def test_ten_thousand_trees_end_a_scan_with_an_answer(chunk: int, files: list[tuple[str, bytes]], tmp_path: Path):
    count = NUM_SLOW_TREES // NUM_CHUNKS
    scan_trees(chunk * count, count, files, tmp_path)


def test_a_file_whose_first_bytes_are_any_is_read_to_an_answer(tmp_path: Path):
    for number in range(256):
        (tmp_path / f"{number}").write_bytes(bytes([number]) * 600)
        (tmp_path / f"{number}.safetensors").write_bytes(bytes([number]) + safetensors()[1:])
    assert len(scan_path(tmp_path).findings) >= 256
