"""The verbs, each loaded when it is called.

A verb is a module of this folder with, under its own name, a function (its docstring is the help) or, as `app`, a
typer application with verbs of its own. It returns an exit code or nothing.
"""

import importlib
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from glasswright import __version__
from glasswright.cli import streams
from glasswright.cli.examples import EXAMPLES
from glasswright.cli.outcome import exit_code_of, stop_once
from glasswright.cli.progress import Loudness, display

VERBS: dict[str, dict[str, str]] = {
    "Make": {
        "demo": "Train a small model here, rebuild it bit for bit, and catch a forged bit.",
        "new": "Write a commented recipe to start from.",
        "plan": "Say what a recipe will build and what it will take on this machine.",
        "build": "Documents in, a release out; what is already built is not built again.",
        "derive": "A model and your own documents in, a release that descends from it out.",
        "corpus": "Decide which documents are learned from, and show why.",
        "private": "Publish a release without its documents; prove which texts are among them.",
    },
    "Check": {
        "verify": "Check a release without running any of it: every byte, digest and root.",
        "replay": "Run segments of a release's training again, drawn at random.",
        "rebuild": "Run all of a release's training again and compare the roots.",
        "diff": "Find where two releases first differ.",
        "doctor": "Check that this machine computes the bits it should.",
    },
    "Look": {
        "cache": "List what earlier builds left in a work folder, by build, size and age.",
        "watch": "Show how a build stands, or how a release was trained.",
        "generate": "Continue a text with the model of a release.",
        "step": "List the documents of a training step.",
        "document": "Show a document of a release, and the training steps it is in.",
    },
    "Any model": {
        "audit": "Say how open a model is, claim by claim, with the evidence.",
        "scan": "Look for unsafe files in a model folder.",
        "evaluate": "Put questions to a model and keep its raw answers; scores come with their intervals.",
        "lineage": "Compute a model again from those it is said to be made from, and say where it differs.",
        "merge": "Merge a LoRA adapter into its base, or several models into one.",
        "export": "Write a model for llama.cpp or for transformers.",
    },
}


def load(verb: str) -> Any:
    """The command behind a verb, built from its module."""
    module = importlib.import_module(f"glasswright.cli.{verb}")
    if isinstance(getattr(module, "app", None), typer.Typer):
        group: Any = typer.main.get_command(module.app)
        for name, command in group.commands.items():
            _complete(command, f"{verb} {name}")
        return group
    single = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    single.command(verb)(getattr(module, verb))
    return _complete(typer.main.get_command(single), verb)


def _complete(command: Any, words: str) -> Any:
    """What every command has: how loud it is, and examples below its help."""
    command.params += typer.main.get_command(_spoken).params
    command.epilog = "\b\n" + "\n".join(["Example:", *(f"  glasswright {line}" for line in EXAMPLES[words])])
    return command


def _speak(loudness: Loudness) -> Callable[[bool], None]:
    def choose(wanted: bool) -> None:
        if wanted:
            display.loudness = loudness

    return choose


_spoken = typer.Typer(add_completion=False, rich_markup_mode=None)
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet",
        "-q",
        callback=_speak(Loudness.QUIET),
        expose_value=False,
        help="Say nothing beside the answer but errors.",
    ),
]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose",
        "-v",
        callback=_speak(Loudness.LOUD),
        expose_value=False,
        help="Say more of the progress, and where an error arose.",
    ),
]


@_spoken.command()
def _speaking(quiet: Quiet = False, verbose: Verbose = False) -> None:
    """The options of every command; this one is never run."""


class LazyGroup(TyperGroup):
    """A group that knows its verbs' names and help, and loads a verb when it is called."""

    def __init__(self, **attributes: Any):
        super().__init__(**attributes)
        self.commands: Any = dict.fromkeys(self.list_commands(None))  # the names, for "did you mean"

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return [verb for section in VERBS.values() for verb in section]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return load(cmd_name) if cmd_name in self.list_commands(ctx) else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        width = max(map(len, self.list_commands(ctx)))
        for title, verbs in VERBS.items():
            with formatter.section(title):
                formatter.write_dl([(verb.ljust(width), summary) for verb, summary in verbs.items()])

    def make_context(self, *arguments: Any, **more: Any) -> Any:
        """Read the command line. typer would let Ctrl-C end it without a word."""
        try:
            return super().make_context(*arguments, **more)
        except KeyboardInterrupt as error:
            raise typer.Exit(exit_code_of(error, more.get("obj") or ())) from error

    def invoke(self, ctx: Any) -> Any:
        """Run the verb. Ctrl-C and a reader that went away become outcomes here, before typer makes its own of them."""
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, BrokenPipeError, EOFError) as error:
            return exit_code_of(error, ctx.find_root().obj)


app = typer.Typer(cls=LazyGroup, rich_markup_mode=None, pretty_exceptions_enable=False)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"glasswright {__version__}")
        raise typer.Exit


@app.callback(no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]})
def _glasswright(
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Print the version."),
) -> None:
    """Reproducible builds for language models: documents in, a model out that anyone can rebuild bit for bit."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code: 0 done or true, 1 false, 2 misuse, 3 could not find out, 70 a
    defect, 130 stopped."""
    command = typer.main.get_command(app)
    streams.forget()
    display.loudness = Loudness.PLAIN
    with stop_once():
        try:
            result = command.main(list(arguments), prog_name="glasswright", standalone_mode=False, obj=arguments)
            streams.flush()
        except SystemExit as end:
            if not end.code:  # typer's, after what it has for shells
                return 0
            # ... and its answer to a reader that went away
            return exit_code_of(BrokenPipeError(), arguments)
        except (Exception, KeyboardInterrupt) as error:
            return exit_code_of(error, arguments)
    return result if isinstance(result, int) else 0
