"""`glasswright corpus`: which documents are learned from, and why."""

from collections import Counter
from itertools import chain, islice
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from glasswright.cli.licenses import require_open, say_what_closes
from glasswright.cli.options import Json, Mirror, Sources, locations
from glasswright.cli.progress import display, say
from glasswright.cli.show import out, show_json, show_json_list, show_verdict, size, table
from glasswright.errors import Misuse
from glasswright.foreign import shown
from glasswright.places import free_place, outside_releases
from glasswright.records.private import SALT

if TYPE_CHECKING:
    from glasswright.records.recipe import Recipe, Source

Folder = Annotated[Path, typer.Argument(metavar="CORPUS", help="A corpus folder, or a release.")]
Document = Annotated[str, typer.Argument(metavar="DOCUMENT", help="An id, its first digits, or a path in the source.")]
MAX_LISTED = 25
ROWS_AT_ONCE = 1000  # of an answer, made one table: columns are as wide as their widest cell

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Decide which documents are learned from, and show why.",
)


@app.command()
def build(
    out_folder: Annotated[Path, typer.Option("--out", help="Folder for the corpus; must not exist.")],
    recipe: Annotated[Path | None, typer.Argument(metavar="[RECIPE]", help="A recipe, YAML.")] = None,
    source: Sources = None,
    license: Annotated[
        str | None, typer.Option(metavar="SPDX", help="Without a recipe: the license of documents that state none.")
    ] = None,
    mirror: Mirror = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=1024, help="How many processes read and examine. Default: one a core, if it pays."),
    ] = None,
    engine: Annotated[
        Literal["native", "ray"], typer.Option(help="Where they run: on this machine, or on a Ray cluster.")
    ] = "native",
    as_json: Json = False,
) -> None:
    """Collect a corpus: of a recipe, or with `--source PLACE` of what is there, under the default policy.

    A PLACE is a folder, a .jsonl, .parquet, .warc or .deb file, or hf:ORG/NAME@COMMIT.
    """
    from glasswright.corpus import Engine, collect
    from glasswright.store.atomic import atomic_folder, write_atomic

    require_open(license)
    chosen, base, places = _chosen(recipe, source, license)
    salt = _salt(chosen, recipe)
    say_what_closes(chosen)
    work = out_folder.with_name(f".{out_folder.name}.work")
    with atomic_folder(free_place(out_folder, work=work)) as partial:
        collect(
            chosen,
            base=base,
            out=partial,
            work=work,
            locations=places,
            mirror=mirror,
            engine=Engine(name=engine, workers=workers),
            salt=salt,
            report=display,
        )
        if salt is not None:  # for a document that is taken out
            write_atomic(partial / SALT, salt)
    _show(out_folder, as_json=as_json)
    _say_what_is_left(out_folder)
    say(f"next: `glasswright corpus show {out_folder}`, `glasswright corpus why {out_folder} DOCUMENT`")


@app.command()
def show(folder: Folder, as_json: Json = False) -> None:
    """Count the documents by reason, license, source, language and kind."""
    _show(folder, as_json=as_json)


@app.command()
def why(folder: Folder, document: Document, as_json: Json = False) -> None:
    """Say why a document is in, or is not: its license, where that is stated, and the reason."""
    from glasswright.corpus.view import find, repeated_by

    row = find(folder, document)
    repeats = repeated_by(folder, row)
    if as_json:
        show_json({**row.record(), "repeated_by": [other.document_id for other in repeats]})
        return
    verdict = "kept" if row.is_kept else f"dropped: {row.reason}"
    out(f"{shown(f'{row.source}:{row.path}')} is {shown(verdict)}\n")
    table([(key, _text(value)) for key, value in row.record().items()])
    if repeats:
        out(f"\n{len(repeats)} that repeat it were dropped:")
        table([(other.document_id[:12], other.reason, other.path) for other in repeats[:MAX_LISTED]])
        _more(len(repeats), "--json lists all")


@app.command()
def query(
    folder: Folder,
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT over the table `ledger`.")],
    as_json: Json = False,
) -> None:
    """Ask the ledger in SQL: `SELECT license, count(*) FROM ledger GROUP BY license`."""
    from glasswright.corpus.view import query as run

    with run(folder, sql) as answers:
        if as_json:
            show_json_list(dict(zip(answers.columns, map(_value, row), strict=True)) for row in answers.rows)
            return
        rows = (tuple(map(_text, row)) for row in chain([answers.columns], answers.rows))
        while page := list(islice(rows, ROWS_AT_ONCE)):
            table(page)


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(metavar="A", help="A corpus folder, or a release.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="Another.")],
    as_json: Json = False,
) -> int:
    """List the documents that differ between two corpora, by what differs. Exit code 0 if none does, else 1."""
    from dataclasses import asdict

    from glasswright.corpus.change import diff as compare

    differences = compare(before, after)
    if as_json:
        return 1 if show_json_list(map(asdict, differences)) else 0
    kinds: dict[str, list[str]] = {}  # of each kind, the first places
    counts = Counter[str]()
    for difference in differences:
        counts[difference.kind] += 1
        if counts[difference.kind] <= MAX_LISTED:
            kinds.setdefault(difference.kind, []).append(shown(difference.place))
    for kind, count in counts.most_common():
        out(f"{count} {shown(kind)}")
        for place in kinds[kind]:
            out(f"    {place}")
        _more(count, "--json lists all", indent="    ")
    out(f"{counts.total()} {'document differs' if counts.total() == 1 else 'documents differ'}")
    return 1 if counts else 0


@app.command()
def prove(folder: Folder, document: Document, as_json: Json = False) -> None:
    """Prove that a document's row is in the ledger: the row, the root, and the hashes that lead to it."""
    from glasswright.corpus.proof import prove as run
    from glasswright.corpus.view import find

    proven = run(folder, find(folder, document))
    if as_json:
        show_json(proven.as_record())
        return
    out(f"row {proven.proof.index + 1} of {proven.proof.num_leaves}: {proven.record['document_id']}")
    out(f"ledger root {proven.root}")
    out(f"{len(proven.proof.siblings)} hashes lead there; `--json` prints them with the row, for `check-proof`")


@app.command()
def check_proof(
    proof: Annotated[Path, typer.Argument(metavar="PROOF", help="What `prove --json` printed.")],
    root: Annotated[str, typer.Option(metavar="DIGEST", help="The ledger's root, from a place that you trust.")],
    as_json: Json = False,
) -> int:
    """Check a proof that somebody handed over: is its row in the ledger with this root? Needs neither the ledger nor
    a document."""
    from glasswright.verify.handed import check_proof as run

    return show_verdict(run(proof, root), as_json=as_json)


@app.command()
def remove(
    folder: Folder,
    document: Document,
    out_folder: Annotated[Path, typer.Option("--out", help="Folder for the corpus without it; must not exist.")],
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why, for people: who asked, and when.")] = None,
    as_json: Json = False,
) -> None:
    """Write a corpus without a document, and say what to put into the recipe so that no build brings it back."""
    from glasswright.corpus.change import removal, salt_in
    from glasswright.corpus.change import remove as run
    from glasswright.corpus.proof import ledger_root
    from glasswright.corpus.view import find
    from glasswright.recipe import write_entry

    row = find(folder, document)
    num_changed = run(folder, free_place(out_folder), row, reason)
    root, entry = ledger_root(out_folder), removal(row, reason, salt_in(folder))
    if as_json:
        show_json({"removed": row.document_id, "num_changed": num_changed, "root": root, "entry": entry.model_dump()})
        return
    out(f"removed {shown(f'{row.source}:{row.path}')}")
    if num_changed > 1:
        out(f"{num_changed - 1} that repeat it stay dropped")
    out(f"ledger root {root}")
    out("\na build brings it back, unless its recipe says:\n")
    out("corpus:\n  remove:")
    out(write_entry(entry, indent="    "))


@app.command()
def report(
    folder: Folder,
    out_folder: Annotated[Path, typer.Option("--out", help="Folder for the reports; what they replace is lost.")],
    as_json: Json = False,
) -> None:
    """Write the data card, Croissant metadata, the EU's training summary and the AB 2013 statement, from the ledger."""
    from glasswright.corpus.reports import write_reports

    outside_releases(out_folder, "name another with --out")
    paths = [str(path) for path in write_reports(folder, out_folder)]
    if as_json:
        show_json(paths)
        return
    for path in paths:
        out(path)


def _chosen(
    recipe: Path | None, source: list[str] | None, license: str | None
) -> "tuple[Recipe, Path, dict[str, Path]]":
    """The recipe, the folder its paths start in, and where its sources lie."""
    if recipe is not None:
        from glasswright.recipe import load

        if license is not None:
            raise Misuse("--license goes without a recipe", hint="a recipe states the license of each source itself")
        return load(recipe), recipe.parent, locations(source)
    if not source or len(source) != 1:
        raise Misuse("expected a RECIPE, or one --source", hint="`glasswright new NAME` writes a recipe")
    from glasswright.recipe.place import named_source

    named, place = named_source(source[0], name="here", license=license)
    return _recipe_of(named), Path.cwd(), {} if place is None else {named.name: place}


def _salt(chosen: "Recipe", path: Path | None) -> bytes | None:
    """The salt beside a private recipe, by which it names what it removes.

    Raises:  Misuse if it is not there, or is another's.
    """
    from glasswright.api import Recipe
    from glasswright.pipeline.build import require_salt

    salt = None if path is None or chosen.private is None else Recipe.load(path).salt
    require_salt(chosen, salt)
    return salt


def _recipe_of(source: "Source") -> "Recipe":
    from glasswright.records.recipe import Recipe

    return Recipe(name="corpus", sources=(source,))


def _show(folder: Path, *, as_json: bool) -> None:
    from dataclasses import asdict

    from glasswright.corpus.proof import ledger_root
    from glasswright.corpus.view import summary

    found = summary(folder)
    if as_json:
        show_json({**asdict(found), "root": ledger_root(folder)})
        return
    out(f"{found.num_seen} documents seen, {found.num_kept} kept ({size(found.bytes_kept)})")
    out(f"{found.pii_masked} pieces of personal data masked in the kept ones")
    for name, counts in found.tables.items():
        first = counts[:MAX_LISTED]
        rows = [(value, str(seen), str(kept), size(kept_bytes)) for value, seen, kept, kept_bytes in first]
        out()
        table([(name, "seen", "kept", "bytes kept"), *rows])
        _more(len(counts), "--json lists all")
    out(f"\nledger root {ledger_root(folder)}")


def _say_what_is_left(folder: Path) -> None:
    """Say what the recipe was to remove and did not reach: it would be learned."""
    from glasswright.corpus.opened import read_sources
    from glasswright.corpus.removal import left_open

    for told in left_open(read_sources(folder)["removals"]):
        say(f"corpus.remove: {told}")


def _more(count: int, how: str, indent: str = "") -> None:
    if count > MAX_LISTED:
        out(f"{indent}... and {count - MAX_LISTED} more; {how}")


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _value(value: Any) -> Any:
    """A value of SQL in JSON, which has no word for a number that is none."""
    return str(value) if isinstance(value, float) and not isfinite(value) else value
