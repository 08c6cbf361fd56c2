"""`glasswright demo`: the whole promise on this machine, in a few minutes, with the commands a user would type.

1  plan      what will be built, and what it takes
2  build     a live loss curve; killed with SIGKILL half-way, and continued
3  verify    the release agrees with itself
4  rebuild   other threads, other vector instructions, never interrupted: the same root
5  forge     one bit of one weight flipped in a copy: verify names file, tensor and chunk
6  generate  two short samples
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from glasswright import kernels
from glasswright.cli import streams
from glasswright.cli.forge import forged_copy
from glasswright.cli.progress import duration
from glasswright.cli.show import out
from glasswright.errors import GlasswrightError, Misuse
from glasswright.places import outside_releases

MARK = ".glasswright-demo"
FORGED_TENSOR = "model.layers.1.mlp.down_proj.weight"
PROMPTS = ("The for statement", "Return a new")


class DemoFailed(GlasswrightError):
    """A part of the demo did not come out as it must."""

    exit_code = 1


def demo(
    out_folder: Annotated[Path, typer.Option("--out", help="Folder for everything the demo makes.")] = Path("demo"),
) -> None:
    """Train a small model here, rebuild it bit for bit, and catch a forged bit."""
    kernels.wanted()
    outside_releases(out_folder, "name another with --out")
    started = time.monotonic()
    recipe = _fresh_folder(out_folder)
    release, rebuilt, forged = out_folder / "release", out_folder / "rebuilt", out_folder / "forged"
    widest, other = _instruction_sets()
    num_threads = len(os.sched_getaffinity(0))
    other_threads = num_threads // 2 if num_threads > 1 else 2

    _title("1. The plan")
    _run("plan", recipe)
    _title("2. Training, killed half-way")
    _build(recipe, release, num_threads)
    _title("3. Verify: does the release agree with itself?")
    _run("verify", release)
    _title(
        f"4. Rebuild: {_threads(other_threads)} instead of {num_threads}, {other} code instead of {widest}, not killed"
    )
    _run(
        "rebuild", release, "--out", rebuilt, "--work", out_folder / "work", "--threads", other_threads,
        environment={"GLASSWRIGHT_KERNELS": other},
    )  # fmt: skip
    _compare_roots(release, rebuilt)
    _title("5. A forged bit")
    out(f"In a copy, {forged}, one bit is flipped:\n{forged_copy(release, forged, FORGED_TENSOR)}\n")
    _run("verify", forged, expected=1)
    _title("6. What it has learned to say")
    for prompt in PROMPTS:
        _run("generate", release, prompt, "--tokens", 48)
    _title(f"Done in {duration(time.monotonic() - started)}. Next")
    out(f"  glasswright step {release} 120              which documents step 120 learned from")
    out(f"  glasswright replay {release} --segments 2   two segments of the training again, drawn at random")
    out("  glasswright build --documents DIR --license CC-BY-4.0    the same with your own documents")


def _threads(number: int) -> str:
    return f"{number} thread{'s' if number > 1 else ''}"


def _fresh_folder(folder: Path) -> Path:
    """An empty folder with the recipe in it. What an earlier demo left there is removed, and nothing else ever is."""
    from importlib.resources import files

    if folder.exists():
        if not (folder / MARK).exists() and any(folder.iterdir()):
            raise Misuse(f"{folder}: the folder is not empty and not from a demo", hint="name another with --out")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARK).touch()
    recipe = folder / "tiny.yaml"
    recipe.write_text((files("glasswright") / "recipes" / "tiny.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return recipe


def _instruction_sets() -> tuple[str, str]:
    """The instruction set that will be used here, and another one that this machine has."""
    from glasswright.kernels import native

    supported: list[str] = native().supported_isas()
    active: str = native().active_isa()
    others = [isa for isa in supported if isa != active]
    return active, others[-1]


def _build(recipe: Path, release: Path, num_threads: int) -> None:
    from glasswright.cli.demo_build import watched_build
    from glasswright.recipe import load
    from glasswright.watch import watcher

    train, work = load(recipe).train, recipe.parent / "work"
    kill_at = train.num_steps // 2 // train.segment_steps * train.segment_steps + train.segment_steps // 2
    arguments = [str(recipe), "--out", str(release), "--work", str(work), "--threads", str(num_threads)]
    arguments.append("--checkpoints")  # so that segments can be replayed
    _show_command(["build", *arguments])
    status = watched_build(arguments, work=work, kill_at=kill_at)
    if status != -9:
        raise DemoFailed(f"expected the build to be killed by signal 9, it ended with status {status}")
    out(f"\nKilled with SIGKILL after step {watcher(work)().step}. The same command again:\n")
    _show_command(["build", *arguments])
    status = watched_build(arguments, work=work, kill_at=None)
    if status != 0:
        raise DemoFailed(f"expected the build to end well, it ended with status {status}")
    out()
    _run("watch", release)
    out(f"release: {release}    picture: {release / 'training.svg'}")


def _compare_roots(release: Path, rebuilt: Path) -> None:
    roots = [json.loads((folder / "release.json").read_bytes())["root"] for folder in (release, rebuilt)]
    out(f"\n  built, killed once   {roots[0]}\n  built again          {roots[1]}")
    if roots[0] != roots[1]:
        raise DemoFailed(
            "the two roots differ", hint=f"`glasswright diff {release} {rebuilt}` says where; please report it"
        )
    out("  equal: the same recipe gave the same release, to the last bit")


def _run(*arguments: object, expected: int = 0, environment: Mapping[str, str] | None = None) -> None:
    """Run a command as a process of its own, in sight."""
    words, environment = [str(argument) for argument in arguments], environment or {}
    _show_command(words, environment)
    command = [sys.executable, "-m", "glasswright.cli", *words]
    status = subprocess.run(command, env={**os.environ, **environment}, check=False).returncode
    out(f"(exit code {status})" if expected else "")
    if status != expected:
        raise DemoFailed(f"`glasswright {shlex.join(words)}`: expected exit code {expected}, found {status}")


def _show_command(words: list[str], environment: Mapping[str, str] | None = None) -> None:
    settings = "".join(f"{name}={value} " for name, value in (environment or {}).items())
    out(f"$ {settings}glasswright {shlex.join(words)}")
    streams.flush()


def _title(text: str) -> None:
    out(f"\n{text}\n{'-' * len(text)}")
