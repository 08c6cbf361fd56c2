"""The machine imports what the real loader would, and nothing that it says is safe does more than make a value."""

import io
import os
import pickle
import random
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests.audit.builder import write
from tests.audit.scan_made import EVIL, SAFE, Call, calls

from glasswright.audit.scan.opcodes import OPCODES, Machine, may_be_opcodes
from glasswright.audit.scan.pickle_names import SAFE as SAFE_NAMES
from glasswright.audit.scan.pickle_names import judged
from glasswright.audit.scan.pickle_values import Broken, Heard, Name
from glasswright.audit.scan.scanning import scan_path
from glasswright.records.verdict import Answer


class Loader(pickle._Unpickler):  # type: ignore[misc, name-defined]
    """Python's own loader, which notes what it is asked for and hands out something that can be called."""

    def __init__(self, data: bytes):
        super().__init__(io.BytesIO(data))
        self.asked: list[tuple[str, str]] = []

    def find_class(self, module: str, name: str) -> Any:
        self.asked.append((module, name))
        return OrderedDict

    def persistent_load(self, _: Any) -> Any:
        return None


def heard(data: bytes) -> Heard:
    noted = Heard()
    Machine(io.BytesIO(data), noted).run()
    return noted


def random_pickle(chance: random.Random) -> bytes:
    """Opcodes in any order, of which a loader gets through some."""
    pieces = [b"\x8c\x02os", b"\x8c\x06getcwd", b"\x93", b")", b"R", b"0", b"2", b"(", b"t", b"\x85", b"\x86", b"\x94"]
    pieces += [
        b"h\x00",
        b"q\x00",
        b"h\x01",
        b"q\x01",
        b"N",
        b"K\x01",
        b"]",
        b"}",
        b"a",
        b"s",
        b"cos\npath\n",
        b"S'os'\n",
    ]
    pieces += [
        b"\x81",
        b"b",
        b"V\\u006fs\n",
        b"I0x10\n",
        b"X\x02\x00\x00\x00os",
        b"1",
        b"e",
        b"u",
        b"l",
        b"d",
        b"\x87",
        b"Pa\n",
    ]
    return b"\x80\x04" + b"".join(chance.choices(pieces, k=chance.randrange(1, 14))) + b"."


def test_the_machine_imports_what_the_loader_asks_for():
    num_loaded = 0
    for seed in range(20_000):
        data = random_pickle(random.Random(seed))
        loader = Loader(data)
        with suppress(Exception):  # whatever a loader raises at nonsense; what it asked for until then counts
            loader.load()
            num_loaded += 1
        noted = Heard()
        with suppress(Broken):
            Machine(io.BytesIO(data), noted).run()
        asked = {Name(*pair) for pair in loader.asked if all(isinstance(part, str) for part in pair)}
        assert asked <= set(noted.names), data
    assert num_loaded > 500


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_call_is_heard_in_every_protocol(protocol: int):
    data = pickle.dumps(Call(os.getcwd), protocol=protocol)
    assert judged(heard(data).names)[0] == [f"{os.getcwd.__module__}.getcwd"]


def test_every_opcode_of_python_is_known():
    assert len(OPCODES) == 68
    assert all(len(code) == 1 for code in OPCODES)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b".",
        b"0.",
        b"R.",
        b"h\x00.",
        b"\x93.",
        b"t.",
        b"\x80\x06N.",
        b"(.",
        b"\x8c\xffx",
        b"I\n.",
        b"Sa\n.",
        b"cos",
        b"\x00",
    ],
)
def test_what_a_loader_stops_at_the_machine_stops_at(data: bytes):
    with pytest.raises(Broken):
        heard(data)


@pytest.mark.parametrize(
    "text", ["The quick ", "# Title\n", "import os\n", "N.B. this ", "I am\n", "0.5 ", "X" * 9, "PEP: 1\nTitle: a\n"]
)
def test_a_text_is_not_taken_for_opcodes(text: str, tmp_path: Path):
    verdict = scan_path(write(tmp_path, {"long": text * 1000, "short": text}))
    assert verdict.answer is Answer.PROVED
    assert verdict.findings[-1].evidence == "2 text"


@pytest.mark.parametrize("data", [EVIL, b"cos\ngetcwd\n(tR.", b"S'" + b"x" * 70_000, b"N0" * 5_000])
def test_opcodes_in_any_clothes_are_taken_for_opcodes(data: bytes):
    assert may_be_opcodes(data[: 2**16])


def test_no_name_is_both_safe_and_unsafe():
    names = [Name(module, name) for module, names in SAFE_NAMES.items() for name in names]
    safe = dict(SAFE_NAMES)
    SAFE_NAMES.clear()
    try:
        unsafe = judged(names)[0]
    finally:
        SAFE_NAMES.update(safe)
    assert unsafe == []


@pytest.mark.parametrize(
    "name",
    """os system, posix system, nt system, builtins eval, subprocess Popen, torch.hub load, io open, runpy run_path,
    collections os.system, importlib import_module, functools partial, numpy load, webbrowser open, mine Class,
    logging.config listen, torch storage.os.system, numpy ctypeslib.load_library, builtins __import__""".split(","),
)
def test_a_name_that_does_something_is_not_safe(name: str):
    module, _, last = name.strip().partition(" ")
    unsafe, unlisted = judged([Name(module, last)])
    assert unsafe or unlisted


def test_an_estimator_is_safe_and_what_helps_to_test_it_is_not():
    assert judged([Name("sklearn.linear_model._logistic", "LogisticRegression")]) == ([], [])
    assert judged([Name("scipy.sparse._csr", "csr_matrix"), Name("sklearn.tree._tree", "Tree")]) == ([], [])
    helpers = [Name("sklearn.utils._testing", "assert_run_python_script"), Name("sklearn.datasets", "Fetch")]
    assert judged([*helpers, Name("sklearn.svm", "SVC.fit"), Name("sklearn", "show_versions")])[1] != []
    assert len(judged(helpers)[1]) == 2


def test_a_name_that_is_no_name_is_on_no_list():
    assert judged([Name("os\nos", "x"), Name("ö", "y"), Name("", "")]) == ([], [".", "os\nos.x", "ö.y"])


def test_plain_values_are_heard_without_a_name():
    assert heard(SAFE).names == {}
    assert heard(calls("os", "getcwd")).names == {Name("os", "getcwd"): None}
