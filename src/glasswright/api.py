"""The commands as a library: what one has, a recipe or a release, and what can be asked of it.

    release = build(Recipe.load("tiny.yaml"), out="releases/tiny")
    release.verify().answer

A name here does what the command of that name does, in the same order of arguments, and says the same of bad input: a
GlasswrightError with a hint (glasswright.errors). Nothing is printed; `report` is called with the progress.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from glasswright.errors import Misuse
from glasswright.places import free_place, work_place
from glasswright.records.ledger import LedgerRow
from glasswright.records.outcome import Outcome, outcome_of
from glasswright.records.progress import Report, silent
from glasswright.records.transcript import StepRecord
from glasswright.records.verdict import Verdict

if TYPE_CHECKING:
    from glasswright.model.decoder import Decoder
    from glasswright.pipeline import Setting
    from glasswright.records import recipe as records
    from glasswright.records.sources import Material
    from glasswright.verify.evidence import Evidence

WORK = ".glasswright"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What decides every bit of a release, and where its sources lie on this machine."""

    record: "records.Recipe"
    base: Path = Path()  # what the paths in it are relative to
    locations: Mapping[str, Path] = field(default_factory=dict)  # name of a source -> where it lies, if elsewhere
    salt: bytes | None = None  # of a private one, as its file has it

    @classmethod
    def load(cls, path: str | Path, *, locations: Mapping[str, str | Path] | None = None) -> Self:
        """Read a recipe; of a private one also the salt, which lies beside it: NAME.salt beside NAME.yaml.

        Raises:  Misuse with file, line and column if it is none.
        """
        from glasswright.recipe import load

        record, salt = load(Path(path)), Path(path).with_suffix(".salt")
        return cls(
            record=record,
            base=Path(path).parent,
            locations=_paths(locations),
            salt=_salt(salt) if record.private is not None and salt.exists() else None,
        )

    @classmethod
    def for_documents(
        cls,
        place: str | Path,
        *,
        license: str,
        weights_license: str | None = None,
        locations: Mapping[str, str | Path] | None = None,
        work: str | Path = WORK,
        report: Report = silent,
    ) -> Self:
        """A recipe for documents, sized by how much text is kept of them, as `build --documents` makes one.

        They are collected to know that, and a build with the same `work` goes on from there.

        place:            a folder, a file, or hf:ORG/NAME@COMMIT
        license:          SPDX expression that holds for documents that state none
        weights_license:  to give to the weights
        Raises:           Misuse if nothing is there that is read, or nothing is kept of it.
        """
        from glasswright.pipeline import recipe_for
        from glasswright.recipe.place import named_source
        from glasswright.recipe.starter import for_source

        source, found = named_source(str(place), license=license)
        places = ({} if found is None else {source.name: found}) | _paths(locations)
        unsized = cls(record=for_source(source, weights_license), base=Path.cwd(), locations=places)
        work_place(Path(work), unsized.documents)
        setting = _setting(unsized, work, None, report, device="cpu", checkpoints=False)
        return replace(unsized, record=recipe_for(unsized.record, setting=setting))

    @classmethod
    def for_child(
        cls,
        parent: str | Path,
        place: str | Path,
        *,
        material: "Material" = "texts",
        license: str,
        parent_license: str | None = None,
        parent_name: str | None = None,
        name: str | None = None,
        weights_license: str | None = None,
        rank: int = 16,
        epochs: int = 1,
        too_long: Literal["cut", "drop"] | None = None,
        is_private: bool = False,
        work: str | Path = WORK,
        report: Report = silent,
    ) -> Self:
        """A recipe for a model that descends from another, as `derive` makes one.

        parent:          a release, a folder in Hugging Face's layout, or hf:ORG/NAME@COMMIT, fetched into `work`
        place:           documents, or a JSONL file of conversations or preferences
        material:        what lies there
        license:         SPDX expression that holds for documents that state none
        parent_license:  of the parent's weights, where its card does not say
        parent_name:     as its makers call it; None: the hub's name, or the folder's
        weights_license: of what is made; None: the parent's, where that has to be passed on, or none
        rank:            of the adapter; 0: all weights are trained
        epochs:          how many times what is kept is read
        too_long:        what becomes of conversations longer than the parent takes; None: they are refused
        is_private:      say nothing of where the material lies; `salted` then makes it private
        Raises:          Misuse if the parent cannot be trained from, or nothing is kept of what is there.
        """
        from glasswright.corpus.sources.hub_model import fetched_model
        from glasswright.licenses.passing_on import passed_on
        from glasswright.pipeline import recipe_for_child
        from glasswright.recipe.child import for_child
        from glasswright.recipe.place import HUB, named_material
        from glasswright.recipe.refusing import refusing
        from glasswright.records.recipe import Adapter
        from glasswright.train import parent as parents

        source, found = named_material(str(place), material, license=license)
        if is_private:
            source = source.model_copy(update={"name": material, "path": source.path and material})
        of_hub = fetched_model(str(parent), work=Path(work), report=report) if str(parent).startswith(HUB) else None
        folder = Path(parent) if of_hub is None else of_hub.folder
        with refusing():
            said, config = parents.named(
                folder,
                name=parent_name or (_parent_name(folder) if of_hub is None else of_hub.name),
                license=_parent_license(folder, parent_license),
                revision=None if of_hub is None else of_hub.revision,
                report=report,
            )
            record = for_child(
                source,
                said,
                config,
                name=name or f"{_slug(said.name)}-{source.name}",
                adapter=Adapter(rank=rank) if rank else None,
                weights_license=weights_license or passed_on(said.license),
                allow_licenses=(license,) if license.startswith("LicenseRef-") else (),
                too_long=too_long,
            )
        unsized = cls(
            record=record, base=folder.resolve().parent, locations={} if found is None else {source.name: found}
        )
        work_place(Path(work), unsized.documents)
        setting = _setting(unsized, work, None, report, device="cpu", checkpoints=False)
        return replace(unsized, record=recipe_for_child(record, setting=setting, epochs=epochs))

    def salted(self, salt: bytes) -> Self:
        """The same recipe, of documents that are private, with this salt.

        Raises:  ValueError if it has no parent, or says too much of them.
        """
        from glasswright.records.recipe import Private

        private = Private(salt_sha256=hashlib.sha256(salt).hexdigest())
        values = self.record.model_dump(exclude_unset=True) | {"private": private}
        return replace(self, record=type(self.record).model_validate(values), salt=salt)

    @property
    def parent(self) -> Path | None:
        """Where the model lies here that it begins from, if from one."""
        return None if self.record.parent is None else self.base / self.record.parent.path

    @property
    def documents(self) -> tuple[Path, ...]:
        """The places here of which every file is taken for a document."""
        sources = (source for source in self.record.sources if source.kind == "documents")
        return tuple(self.locations.get(source.name) or self.base / (source.path or "") for source in sources)

    def text(self) -> str:
        """The YAML that `load` reads as this recipe."""
        from glasswright.recipe import write_resolved

        return write_resolved(self.record)

    @property
    def digest(self) -> str:
        """Over the keys that it has: the root of a release's part `recipe`."""
        return self.record.digest


def build(
    recipe: Recipe,
    out: str | Path | None = None,
    *,
    work: str | Path = WORK,
    threads: int | None = None,
    device: str = "cpu",
    checkpoints: bool = False,
    report: Report = silent,
) -> "Release":
    """Build a release. What is already built in `work` is not built again.

    out:          a folder that is not there yet; releases/NAME if None
    threads:      every core if None; no number of them changes a bit
    device:       where training computes: cpu, or cuda for an NVIDIA GPU; neither changes a bit
    checkpoints:  put the state of every segment into the release, so that each can be replayed
    Raises:       Misuse, before any work, if it cannot be built; Interrupted when stopped: the same call goes on.
    """
    from glasswright.pipeline import build as run

    folder = Path(out or Path("releases") / recipe.record.name)
    free_place(folder, work=Path(work), documents=recipe.documents)
    setting = _setting(recipe, work, threads, report, device=device, checkpoints=checkpoints)
    run(recipe.record, setting=setting, out=folder)
    return Release(folder)


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was learned from."""

    row: LedgerRow
    text: str


class Release:
    """A release folder. What it says is read as it stands there; whether it is true, `verify` says."""

    def __init__(self, path: str | Path):
        """Raises:  Misuse if the folder is no release."""
        self.path = Path(path)
        self._evidence()

    def __repr__(self) -> str:
        return f"Release({str(self.path)!r})"

    @property
    def root(self) -> str:
        """The digest that stands for all of it."""
        return self._evidence().release().root

    @property
    def name(self) -> str:
        return self._evidence().release().name

    @property
    def recipe(self) -> Recipe:
        """The recipe that it carries."""
        return Recipe(record=self._evidence().recipe(), base=self.path)

    def verify(self, *, threads: int | None = None, report: Report = silent) -> Verdict:
        """Check every byte, digest and root, without running any of it."""
        from glasswright.verify import check

        return check(self.path, num_threads=threads or available_threads(), report=report)

    def replay(
        self,
        segments: int = 1,
        *,
        draw_seed: int | None = None,
        parent: str | Path | None = None,
        threads: int | None = None,
        device: str = "cpu",
        report: Report = silent,
    ) -> Verdict:
        """Run segments of its training again, drawn at random or by `draw_seed`; compare the states they end in.

        parent:  where the model lies that a derived release began from
        """
        from glasswright.replay import segments as run
        from glasswright.train.effort import default_effort

        drawn = secrets.randbits(32) if draw_seed is None else draw_seed
        effort = default_effort(threads or available_threads(), device)
        given = None if parent is None else Path(parent)
        return run(self.path, count=segments, draw_seed=drawn, effort=effort, parent=given, report=report)

    def rebuild(
        self,
        out: str | Path | None = None,
        *,
        work: str | Path = WORK,
        from_sources: bool = False,
        locations: Mapping[str, str | Path] | None = None,
        threads: int | None = None,
        device: str = "cpu",
        report: Report = silent,
    ) -> Verdict:
        """Run all of its training again, into `out` (RELEASE-rebuilt if None), and compare the roots.

        from_sources:  collect the documents again, from where the recipe or `locations` says, instead of taking its own
        Raises:        Misuse, before any work, if it cannot be rebuilt here; Interrupted when stopped.
        """
        from glasswright.replay import rebuild as run

        if locations and not from_sources:
            raise Misuse("locations go with from_sources", hint="else the documents come from the release")
        rebuilt = free_place(Path(out or f"{os.path.realpath(self.path)}-rebuilt"), work=Path(work))
        recipe = Recipe(record=self.recipe.record, base=Path.cwd(), locations=_paths(locations))
        setting = _setting(recipe, work, threads, report, device=device, checkpoints=False)
        return run(self.path, setting=setting, out=rebuilt, from_sources=from_sources)

    def rows(self) -> Iterator[LedgerRow]:
        """The ledger: every document that was seen, and why it was kept or not."""
        return iter(self._evidence().ledger().rows)

    def documents(self) -> Iterator[Document]:
        """The documents that were kept, in the order of the ledger, each with its row and text."""
        from glasswright.verify.data import carried_documents

        evidence = self._evidence()
        rows = {row.document_id: row for row in evidence.ledger().kept}
        for _, document_id, text in carried_documents(evidence):
            yield Document(rows[document_id], text.decode())

    def evaluation_items(self, sets: Mapping[str, Path]) -> dict[str, set[str]]:
        """Of each evaluation set the places (file:row) of the items that stand in the documents it learned from.

        An item stands in a document that shares 13 words in a row with it, or half of its words in runs of 8.

        sets:    where each lies, a file or a folder
        Raises:  Misuse if one cannot be read.
        """
        from glasswright.corpus.dedup import Contamination, items

        found: dict[str, set[str]] = {name: set() for name in sets}
        index = Contamination({name: items(path) for name, path in sets.items()})
        for document in self.documents():
            for hit in index.hits([document.text])[0]:
                found[hit.evaluation_set].add(hit.item)
        return found

    def outcome(self) -> Outcome:
        """What became of the documents: how many were kept, dropped, not read, and what somebody should know of it."""
        documents = self._evidence().token_map().documents
        num_validation = sum(document.split == "validation" for document in documents)
        return outcome_of(self.rows(), num_validation=num_validation)

    def steps(self) -> Iterator[StepRecord]:
        """What is on record of every training step."""
        return self._evidence().steps()

    def model(self, *, parent: str | Path | None = None, report: Report = silent) -> "Decoder":
        """Its model, under this package's exact arithmetic.

        For transformers: `AutoModelForCausalLM.from_pretrained(release.path / "model")`.

        parent:  where the model lies that a derived release began from, if the release has its adapter alone
        Raises:  Misuse if the parent is needed and not given, or not the one on record.
        """
        from glasswright.model import huggingface
        from glasswright.model.adapter import is_adapter, with_adapter
        from glasswright.records.decoder import decoder_of
        from glasswright.train.parent import ParentFolder

        folder, record = self.path / "model", self._evidence().parent()
        if record is None or not is_adapter(folder):
            return huggingface.load(folder, report)
        if parent is None:
            raise Misuse(
                f"{folder}: an adapter alone, to be laid beside {record.name}",
                hint="say where that lies: --parent FOLDER",
            )
        chosen = self.recipe.record
        config = decoder_of(chosen, vocab_size=chosen.tokenizer.vocab_size, end_of_text=None)  # it is the parent's
        return with_adapter(config, ParentFolder(Path(parent), record).weights(config, report), folder, report)

    def _evidence(self) -> "Evidence":
        """Read anew each time: whoever asks twice sees what is there now."""
        from glasswright.verify.evidence import Evidence

        return Evidence(self.path, 1, silent)


def diff(first: str | Path | Release, second: str | Path | Release) -> Verdict:
    """Where two releases, or training runs, first differ.

    Raises:  Misuse if one is neither.
    """
    from glasswright.verify.diff import diff as run

    return run(*(side.path if isinstance(side, Release) else Path(side) for side in (first, second)))


def available_threads() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _setting(
    recipe: Recipe, work: str | Path, threads: int | None, report: Report, *, device: str, checkpoints: bool
) -> "Setting":
    from glasswright.pipeline import Setting
    from glasswright.train.effort import default_effort

    return Setting(
        base=recipe.base,
        work=Path(work),
        effort=default_effort(threads or available_threads(), device),
        locations=recipe.locations,
        salt=recipe.salt,
        with_checkpoints=checkpoints,
        report=report,
    )


def _salt(path: Path) -> bytes:
    from glasswright.foreign import NotRead, read

    try:
        return read(path, max_bytes=2**10)
    except NotRead as error:
        raise Misuse(f"{path}: the salt cannot be read: {error.why}") from error


def _parent_name(folder: Path) -> str:
    """What a parent is called: a release by its own name, a folder by its own."""
    if (folder / "release.json").is_file():
        return Release(folder).name
    return re.sub(r"[^\w.-]+", "-", folder.resolve().name).strip("-.") or "parent"


def _parent_license(folder: Path, said: str | None) -> str:
    """The license of a parent's weights, as it was said, or as its own recipe or its card states it.

    Raises:  Misuse if nobody does, or what was said is no SPDX expression.
    """
    from glasswright.licenses import hub_tag_expression, spdx_expression, what_was_meant
    from glasswright.licenses.model_licenses import terms_of

    if said is not None:
        terms = terms_of(said)
        found = spdx_expression(said) or (terms.license if terms is not None else None)
        if found is None:
            raise Misuse(f"license of the parent {said}: expected an SPDX expression", hint=what_was_meant(said))
        return found
    hint = "say it: --parent-license SPDX"
    if (folder / "release.json").is_file():
        stated = Release(folder).recipe.record.weights_license
        if stated is None:
            raise Misuse(f"{folder}: this release gives its weights no license, so nobody may build on them", hint=hint)
        return stated
    head = _front_matter(folder / "README.md")
    tag = head.get("license_name") if head.get("license") == "other" else head.get("license")
    known = terms_of(tag) if isinstance(tag, str) else None
    expression = known.license if known is not None else hub_tag_expression(tag) if isinstance(tag, str) else None
    if expression is None:
        raise Misuse(f"{folder}: the license of the parent's weights is not stated in its card", hint=hint)
    return expression


def _front_matter(card: Path) -> dict[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    from glasswright.foreign import NotRead, read

    try:
        text = read(card, max_bytes=2**20).decode("utf-8", "replace")
        _, _, rest = text.partition("---\n")
        found = YAML(typ="safe", pure=True).load(rest.partition("\n---")[0]) if text.startswith("---") else {}
    except (NotRead, YAMLError):
        return {}
    return found if isinstance(found, dict) else {}


def _slug(name: str) -> str:
    return re.sub("[^a-z0-9._-]+", "-", name.rpartition("/")[2].lower()).strip("-._") or "parent"


def _paths(locations: Mapping[str, str | Path] | None) -> dict[str, Path]:
    return {name: Path(place) for name, place in (locations or {}).items()}
