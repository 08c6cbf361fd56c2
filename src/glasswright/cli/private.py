"""`glasswright private`: a release whose documents are private, and what others can check of it."""

from pathlib import Path
from typing import Annotated

import typer

from glasswright.cli.options import Json, ReleaseFolder, Threads, threads_or_all
from glasswright.cli.progress import display, say
from glasswright.cli.show import out, show_json, show_verdict
from glasswright.errors import Misuse
from glasswright.places import free_place
from glasswright.records.progress import silent
from glasswright.records.verdict import Answer

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Publish a release without its documents; prove which texts are among them, and which are not.",
)


@app.command()
def publish(
    release: ReleaseFolder,
    out_folder: Annotated[Path, typer.Option("--out", help="Folder for the copy; must not exist.")],
    threads: Threads = None,
) -> None:
    """Write the copy of a private release that strangers get: the same root, and not a word of the documents.

    The release is verified first, and the copy is searched for every sentence of the documents before it has its name.
    """
    from glasswright.private import publish as run

    place = free_place(out_folder)
    verdict = run(release, place, num_threads=threads_or_all(threads), report=display)
    answers = [finding.answer for finding in verdict.findings]
    out(f"{place}: {verdict.subject}")
    out(f"strangers find {answers.count(Answer.PROVED)} claims PROVED and {answers.count(Answer.UNKNOWN)} UNKNOWN")
    say(f"next: `glasswright verify {place}` says which, and what is withheld")


@app.command()
def prove(
    release: ReleaseFolder,
    document: Annotated[
        str | None, typer.Argument(metavar="[DOCUMENT]", help="An id, its first digits, or a path in the source.")
    ] = None,
    absent: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Instead: that the text in this file is not among them.")
    ] = None,
) -> None:
    """Prove, by the owner, that a document is among the private ones, or that a text is not. Prints the proof, JSON.

    A proof that it is opens its row alone. A proof that it is not opens all rows to who has it: he can ask of each text
    that he has whether it is among them.
    """
    from glasswright.verify.membership import prove_in, prove_out

    if (document is None) == (absent is None):
        raise Misuse("expected either a DOCUMENT, or --absent FILE", hint="`glasswright private prove --help`")
    if document is not None:
        proof = prove_in(release, document)
    else:
        assert absent is not None
        proof = prove_out(release, _forms(absent, release))
    show_json(proof.record())
    say(f"letters {proof.letters}; `glasswright private check` follows the proof, in any copy of the release")


@app.command()
def check(
    release: ReleaseFolder,
    proof: Annotated[Path, typer.Argument(metavar="PROOF", help="What `prove` printed.")],
    text: Annotated[Path | None, typer.Option(metavar="FILE", help="The text that it is to be about.")] = None,
    as_json: Json = False,
) -> int:
    """Check a proof that somebody handed over, against any copy of the release.

    PROVED means that the proof shows it of this text, by its letters; the last lines say what it does not show.
    """
    from glasswright.verify.membership import check_membership

    return show_verdict(check_membership(proof, release, text), as_json=as_json)


def _forms(path: Path, release: Path) -> list[bytes]:
    """The text in a file as it is, and as the release's recipe mends and masks what is learned from."""
    from glasswright.corpus.quality import Policy, examine
    from glasswright.verify.evidence import Evidence
    from glasswright.verify.membership import read_text

    data = read_text(path)
    rules = Evidence(release, 1, silent).recipe().corpus
    policy = Policy(normalize=rules.normalize, rules=rules.rules, mask_pii=rules.mask_pii)
    (found,) = examine([data.decode()], policy)
    return [data, found.text.encode()]
