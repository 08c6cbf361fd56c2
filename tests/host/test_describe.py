"""A description that a record can hold, and that names nobody."""

import getpass
import json
import socket
from pathlib import Path

from glasswright.host import describe
from glasswright.host.describe import cpu_name
from glasswright.records.canonical import canonical_bytes


def test_a_record_can_hold_it() -> None:
    assert json.loads(canonical_bytes(describe()))["architecture"]


def test_it_names_no_host_and_no_user() -> None:
    values = [str(value) for value in describe().values()]
    assert socket.gethostname() not in values
    assert getpass.getuser() not in values


def test_a_machine_without_cpuinfo_is_named_by_its_architecture(tmp_path: Path) -> None:
    assert cpu_name(tmp_path / "absent")
