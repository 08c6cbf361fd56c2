"""Put a release together: copy what the stages made, describe it, and state its roots.

    release.json  manifest.json  recipe.yaml
    model/        the last state's weights, the tokenizer, the card
    corpus/       the ledger with token counts, the sources, the kept documents
    tokens/       the token map, the shards, and what each step read: training is replayed without tokenizing again
    transcript.jsonl  states, schedule and steps in the order of time
    checkpoints/  optional: the full state at every segment boundary
    parents.json  optional: what it was made from, each file and tensor with its digest
    parent/       optional: the license, notices and policies that go with what it was made from
    private.json  private.salt    of one whose documents are private: what strangers see of the ledger, and its salt
    code/         the builder's source, its environment, how it was built
    technical-report.md  README.md  LICENSE
    training.svg  the loss of every step

The card says of the release what an audit of its finished files finds, so it is written last. The folder is built
beside its place and renamed, so it is never there in part. Nothing in it is signed.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from glasswright.attest.parts import release_root
from glasswright.attest.salted import salted
from glasswright.curve import Curve, svg
from glasswright.records.canonical import canonical_bytes, digest
from glasswright.records.duties import PARENT_TEXTS, Inheritance
from glasswright.records.openness import Openness
from glasswright.records.parents import PARENTS, TOKENIZER_FILES
from glasswright.records.private import PRIVATE, SALT
from glasswright.records.progress import Progress, Report, silent
from glasswright.records.recipe import Recipe
from glasswright.records.release import Release
from glasswright.release.builder import write_builder
from glasswright.release.card import model_card
from glasswright.release.contents import Contents, read_contents
from glasswright.release.entries import list_files
from glasswright.release.front import license_notice, readme
from glasswright.release.report import technical_report
from glasswright.store.atomic import atomic_folder
from glasswright.store.documents import read_documents
from glasswright.store.ledger import read_ledger
from glasswright.store.reads import READS
from glasswright.store.transcript import TRANSCRIPT


def unchecked(folder: Path) -> None:
    """For those who check the release when it is there."""


def bundle(
    recipe: Recipe,
    *,
    recipe_text: str,
    corpus: Path,
    tokens: Path,
    train: Path,
    parent: Path | None = None,
    inheritance: Inheritance | None = None,
    salt: bytes | None = None,
    out: Path,
    with_checkpoints: bool,
    observed: Mapping[str, Any],
    describe_corpus: Callable[[Path], None],
    audit: Callable[[Path], Openness | None],
    check: Callable[[Path], None] = unchecked,
    report: Report = silent,
) -> Release:
    """Make the release folder `out` from the finished folders of the stages.

    `recipe_text` is the resolved recipe as text; `salt` that of a private release, as its file has it; `observed` says
    when, where and how it was built. `describe_corpus` writes what is told of the corpus beside it, in the release
    folder that it is given; `audit` says how open that folder is. `check` is given the finished folder before it has
    its name; what it raises leaves nothing at `out`.

    Raises:  Misuse if `out` exists; WriteFailed if the disk does not take it.
    """
    with atomic_folder(out) as folder:
        copies = list(_copies(corpus, tokens, train, parent, with_checkpoints=with_checkpoints))
        for number, (source, target) in enumerate(copies):
            report(Progress(what="release", done=number, total=len(copies) + 1, unit="files"))
            (folder / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, folder / target)
        (folder / "recipe.yaml").write_text(recipe_text, encoding="utf-8")
        write_builder(folder / "code", observed)
        _write_parent_texts(inheritance, folder)
        if salt is not None:
            _write_private(salt, folder)
        made = list_files(folder)
        contents = read_contents(recipe, folder, made)
        describe_corpus(folder)
        for name, text in _told(recipe, contents, inheritance).items():
            (folder / name).write_text(text, encoding="utf-8")
        _write_card(recipe, contents, inheritance, folder, audit)
        manifest = list_files(folder, known=made)
        release = Release(
            name=recipe.name,
            root=release_root(contents.roots),
            roots=contents.roots,
            manifest=digest(manifest.record()),
        )
        (folder / "manifest.json").write_bytes(canonical_bytes(manifest.record()))
        (folder / "release.json").write_bytes(canonical_bytes(release.record()))
        report(Progress(what="release", done=len(copies) + 1, total=len(copies) + 1, unit="files"))
        check(folder)
    return release


def _write_parent_texts(inheritance: Inheritance | None, folder: Path) -> None:
    for name, data in inheritance.texts.items() if inheritance is not None else ():
        path = folder / PARENT_TEXTS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _write_private(salt: bytes, folder: Path) -> None:
    (folder / SALT).write_bytes(salt)
    rows = read_ledger(folder / "corpus" / "ledger.parquet")
    texts = ((name, text.encode()) for name, text in read_documents(folder / "corpus" / "documents"))
    (folder / PRIVATE).write_bytes(canonical_bytes(salted(salt, rows, texts).record()))


def _told(recipe: Recipe, contents: Contents, inheritance: Inheritance | None) -> dict[str, str]:
    """What is told of the release at its top, by the files' names: equal for every rebuild."""
    held = contents.validation.num_bytes, contents.validation.num_tokens
    curve = Curve.of(contents.steps, num_steps=len(contents.steps), held=held)
    return {
        "README.md": readme(recipe, contents, inheritance),
        "LICENSE": license_notice(recipe, contents, inheritance),
        "technical-report.md": technical_report(recipe, contents, inheritance),
        "training.svg": svg(curve, title=f"Training of {recipe.name}"),
    }


def _write_card(
    recipe: Recipe,
    contents: Contents,
    inheritance: Inheritance | None,
    folder: Path,
    audit: Callable[[Path], Openness | None],
) -> None:
    """A card that says nothing of openness, for the audit to read as all else; then one that says what it found."""
    card = folder / "model" / "README.md"
    card.write_text(model_card(recipe, contents, None, inheritance), encoding="utf-8")
    card.write_text(model_card(recipe, contents, audit(folder), inheritance), encoding="utf-8")


def _copies(
    corpus: Path, tokens: Path, train: Path, parent: Path | None, *, with_checkpoints: bool
) -> Iterator[tuple[Path, str]]:
    """What goes where: (file of a stage, path in the release)."""
    yield tokens / "ledger.parquet", "corpus/ledger.parquet"
    yield corpus / "sources.json", "corpus/sources.json"
    fewer = tokens / "documents"  # where some were dropped for their length
    yield from _folder(fewer if fewer.exists() else corpus / "documents", "corpus/documents")
    yield tokens / "map.json", "tokens/map.json"
    yield from _folder(tokens / "shards", "tokens/shards")
    if parent is not None:
        yield parent / PARENTS, PARENTS
    yield from ((tokens / name, f"model/{name}") for name in TOKENIZER_FILES if (tokens / name).exists())
    yield from _folder(train / "model", "model")
    yield train / READS, f"tokens/{READS}"
    yield train / TRANSCRIPT, TRANSCRIPT
    if with_checkpoints:
        yield from _folder(train / "checkpoints", "checkpoints", "state-*.safetensors")


def _folder(source: Path, target: str, pattern: str = "*") -> Iterator[tuple[Path, str]]:
    for path in sorted(source.glob(pattern)):
        yield path, f"{target}/{path.name}"
