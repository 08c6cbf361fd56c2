"""Runs command lines of `glasswright`, each in a process that is forked from one that has loaded everything.

A new Python takes seconds to load torch; a fork takes milliseconds, so hundreds of commands can be run, and all of a
command's time is work that a test can strike at. Reads a JSON line for each command and answers with one:

    {"arguments", "folder", "refuse": null or {"call", "error", "and_all_after"}, "signal": ... {"number", "after_s"}}
    {"code": negative where a signal ended it, "out", "err", "seconds"}
"""

import ctypes
import importlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MODULES = (
    "glasswright.cli.app",
    "glasswright.cli.corpus",
    "glasswright.corpus",
    "glasswright.pipeline",
    "glasswright.replay",
    "glasswright.verify",
    "duckdb",
    "pyarrow.parquet",
    "tokenizers",
    "torch._dynamo",
)
LOG = "calls.log"  # in the command's folder, beside what is watched
WATCHED = "here"


def main() -> None:
    load_everything()
    num_threads = sum(1 for _ in Path("/proc/self/task").iterdir())
    assert num_threads == 1, f"{num_threads} threads: a fork would lose all but one"
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)


def load_everything() -> None:
    """What a command would load when it first needs it."""
    for module in MODULES:
        importlib.import_module(module)
    from glasswright.corpus.quality import characters, language
    from glasswright.pipeline import journal
    from glasswright.release import builder

    journal.WRITTEN_EVERY_S = float("inf")  # by the clock, a slow run would make other calls than the one counted
    language.load()
    characters.classes()
    characters.lower()
    builder.code_and_environment()


def run(command: Mapping[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        listening, begun = os.pipe()
        child = os.fork()
        if not child:
            become(command, out.fileno(), err.fileno(), begun)
        os.close(begun)
        os.read(listening, 1)
        os.close(listening)
        started = time.monotonic()
        if command["signal"] is not None:
            time.sleep(command["signal"]["after_s"])
            os.kill(child, command["signal"]["number"])  # if it has ended, it still waits to be asked how
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        seconds = time.monotonic() - started
        for stream in (out, err):
            stream.seek(0)
        return {"code": code, "out": out.read().decode(), "err": err.read().decode(), "seconds": seconds}


def become(command: Mapping[str, Any], out: int, err: int, begun: int) -> None:
    """Be the command; `begun` is written to as soon as it can be interrupted."""
    from glasswright.cli.app import run
    from glasswright.cli.outcome import exit_code_of, stop_once

    code = 99  # of a failure of this function itself
    try:
        os.chdir(command["folder"])
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        sys.argv = ["glasswright", *command["arguments"]]
        if command["refuse"] is not None:
            watch(Path(command["folder"]), **command["refuse"])
        try:
            with stop_once():
                os.write(begun, b".")
                code = run(command["arguments"])
                sys.stdout.flush()
        except KeyboardInterrupt as interrupt:
            code = exit_code_of(interrupt, command["arguments"])
        sys.stderr.flush()
    finally:
        os._exit(code)


def watch(folder: Path, *, call: int, error: int, and_all_after: bool) -> None:
    """Tell the preloaded disk what to refuse."""
    below, log = str(folder / WATCHED).encode(), str(folder / LOG).encode()
    ctypes.CDLL(None).watch(below, ctypes.c_long(call), error, int(and_all_after), log)


if __name__ == "__main__":
    main()
