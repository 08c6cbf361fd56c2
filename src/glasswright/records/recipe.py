"""The recipe: every value that can change a bit of the release, and nothing else.

A value that cannot change a bit (threads, where files lie, how often to print) is a command-line flag. Decimals are
kept as digits, never as floats, so that the resolved recipe has one canonical encoding and every binary32 value is
rounded once, from the exact decimal.

A recipe that is read to be built has every key of this version. One that a release carries has the keys it was written
with (`AS_WRITTEN`), and its digest is over those: a key added later changes no earlier release, as long as its default
does what was done before there was the key.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from glasswright.records.canonical import digest
from glasswright.records.model import Model
from glasswright.records.part import Count, Fraction01, NotNegative, Part, Positive
from glasswright.records.sources import KINDS, Material, SourceKind, learned_from

LicenseExpression = Annotated[str, Field(pattern=r"^[A-Za-z0-9(][A-Za-z0-9.+() -]*$")]

WITH_PATH = tuple(kind for kind, it in KINDS.items() if it.needs == "path")
OF_ROWS = tuple(kind for kind, it in KINDS.items() if it.has_rows)


class GitOrigin(Part):
    """A public repository at one commit."""

    url: str
    commit: Annotated[str, Field(pattern="^[0-9a-f]{40}$")]


def _commit(revision: str) -> str:
    """Refuse what may be another commit tomorrow: a branch, a tag, the first digits."""
    if not re.fullmatch("[0-9a-f]{40}", revision):
        raise ValueError(
            f"expected a commit with all its 40 digits, found {revision}; "
            "`git ls-remote https://huggingface.co/datasets/ORG/NAME` prints those of branches and tags"
        )
    return revision


class HubOrigin(Part):
    """A dataset of the Hugging Face hub at one commit."""

    dataset: Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*$")]
    revision: Annotated[str, AfterValidator(_commit)]


class Resolved(Part):
    """What the recipe says where the statements about a document's license conflict."""

    path: str  # glob pattern of the documents it is about
    license: str


class Source(Part):
    """One place documents come from."""

    name: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9._-]*$")]
    kind: SourceKind
    path: str | None = None  # of the kinds in WITH_PATH: relative to the recipe
    git: GitOrigin | None = None
    hf: HubOrigin | None = None
    text: str | None = None  # of the kinds in OF_ROWS: the column that holds the document, if not `text`
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None  # digest of its files, which they must have
    include: tuple[str, ...] = ()  # glob patterns below the root; empty: every file of a known kind
    license: str | None = None  # SPDX expression that holds where a document states none
    resolve: tuple[Resolved, ...] = ()  # of license conflicts, by name
    language: str | None = None

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> "Source":
        if (self.kind == "git") != (self.git is not None):
            raise ValueError("git: expected for a source of kind git, and only there")
        if (self.kind == "hf") != (self.hf is not None):
            raise ValueError("hf: expected for a source of kind hf, and only there")
        if self.text is not None and self.kind not in OF_ROWS:
            raise ValueError(f"text: expected for a source of kind {', '.join(OF_ROWS)} only")
        if (self.kind in WITH_PATH) != (self.path is not None):
            raise ValueError(f"path: expected for a source of kind {', '.join(WITH_PATH)}, and only there")
        if self.kind == "git" and self.sha256 is not None:
            raise ValueError("sha256: expected for other kinds only; a git source is pinned by its commit")
        return self


SECTIONS_OF_SOME = ("parent", "adapter", "preference", "private")  # where they are not there, they are not written
KEYS_OF_SOME = (*SECTIONS_OF_SOME, "tokens.too_long")
RuleSet = Literal["gopher-repetition", "gopher-quality", "c4", "c4-line-endings", "fineweb"]
LINE_RULES = ("c4", "c4-line-endings")  # that change what a document says


class Evaluation(Part):
    """An evaluation set that must not be learned."""

    name: str
    path: str  # file or folder, relative to the recipe


class Removed(Part):
    """A document that must not be learned, although a source holds it."""

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]  # of its text, as the ledger has it
    reason: str | None = None  # for people: who asked, and when
    keep_similar: bool = False  # whether its near-duplicates may stay; copies never do


class Corpus(Part):
    """Which documents are kept, and what is done to their texts."""

    min_bytes: Annotated[int, Field(ge=0, strict=True)] = 1
    max_replacement_share: Fraction01 = Decimal("0.01")  # of characters that were not UTF-8
    allow_licenses: tuple[str, ...] = ()  # SPDX ids beyond the open ones
    deny_licenses: tuple[str, ...] = ()  # SPDX ids that are open and not wanted
    normalize: bool = True  # mend encodings and line ends, take out invisible characters
    languages: tuple[str, ...] = ()  # ISO 639 codes; empty: all
    rules: tuple[RuleSet, ...] = ()  # the published quality rules to apply
    bad_words: str | None = None  # file of words, relative to the recipe: a document that says one is dropped
    mask_pii: bool = True  # e-mail, phone, IP and card numbers, keys and tokens
    near_similarity: Fraction01 = Decimal("0.5")  # share of shingles from which two documents are one; 0: off
    contained_share: Fraction01 = Decimal("0.5")  # share of a document found in one longer document; 0: off
    evaluations: tuple[Evaluation, ...] = ()  # documents that share words with these are dropped
    evaluation_run: Annotated[int, Field(ge=8, strict=True)] = 13  # so many words in a row
    evaluation_share: Fraction01 = Decimal("0.5")  # or this share of an item's words, in runs of 8; 0: off
    remove: tuple[Removed, ...] = ()  # documents to leave out, by name

    @model_validator(mode="after")
    def _removed_once(self) -> "Corpus":
        named = [removed.sha256 for removed in self.remove]
        twice = sorted({sha256 for sha256 in named if named.count(sha256) > 1})
        if twice:
            raise ValueError(f"remove: {twice[0][:12]}... is there twice")
        return self


class Tokenizer(Part):
    """Byte-level BPE learned from the kept documents; where the recipe has a parent, the parent's."""

    vocab_size: Annotated[int, Field(ge=257, le=2**22, strict=True)] = 2048


class Tokens(Part):
    """How tokens become training data."""

    validation_share: Fraction01 = Decimal("0.02")  # of the kept documents
    too_long: Literal["cut", "drop"] | None = None  # a conversation longer than a sequence; none: refused, not written

    @model_validator(mode="after")
    def _absent_unwritten(self) -> "Tokens":
        if self.too_long is None:
            self.model_fields_set.discard("too_long")
        return self


class Schedule(Part):
    """Warm-up, stable, decay: the factor on every learning rate, linear in each part."""

    warmup_steps: Annotated[int, Field(ge=0, strict=True)] = 20
    decay_steps: Annotated[int, Field(ge=0, strict=True)] = 100
    final_factor: Fraction01 = Decimal(0)


class Optimizer(Part):
    """Muon for the hidden matrices with AdamW for the rest, or AdamW alone."""

    kind: Literal["muon", "adamw"] = "muon"
    learning_rate: Positive = Decimal("0.02")  # AdamW's: for embedding, head and gains; near 0.003 where kind is adamw
    muon_learning_rate: Positive = Decimal("0.01")  # for the matrices between
    muon_momentum: Fraction01 = Decimal("0.95")
    beta1: Fraction01 = Decimal("0.9")
    beta2: Fraction01 = Decimal("0.95")
    epsilon: Positive = Decimal("0.00000001")
    weight_decay: NotNegative = Decimal("0.1")
    gradient_clip: Positive = Decimal(1)


class Train(Part):
    """The training run."""

    num_steps: Count = 300
    sequence_length: Count = 256
    batch_sequences: Count = 8
    leaf_sequences: Count = 4  # sequences per leaf of the gradient tree
    segment_steps: Count = 50  # steps between state roots
    validate_every_segments: Count = 1
    optimizer: Optimizer = Optimizer()
    schedule: Schedule = Schedule()

    @model_validator(mode="after")
    def _numbers_fit(self) -> "Train":
        if self.batch_sequences % self.leaf_sequences:
            raise ValueError(
                f"leaf_sequences: expected a divisor of batch_sequences = {self.batch_sequences}, "
                f"got {self.leaf_sequences}"
            )
        planned = self.schedule.warmup_steps + self.schedule.decay_steps
        if planned > self.num_steps:
            raise ValueError(
                f"num_steps: warm-up and decay take {planned} steps, more than the {self.num_steps} there are"
            )
        return self


class Parent(Part):
    """The model that training begins from: its weights, its tokenizer, and what its config.json says.

    `derive` writes this section; `model` and `tokenizer.vocab_size` are then the parent's too.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?$")]  # as its makers call it
    path: str  # relative to the recipe: a release, or a folder in Hugging Face's layout
    revision: Annotated[str, AfterValidator(_commit)] | None = None  # the hub's, where the folder came from there
    license: LicenseExpression  # of its weights
    files: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]  # digest of the list of its files, which they must have
    max_positions: Count
    begin_of_text: Annotated[int, Field(ge=0, lt=2**31, strict=True)] | None = None  # token ids
    ends_of_text: Annotated[tuple[int, ...], Field(min_length=1)]


class Adapter(Part):
    """Two low matrices beside each frozen one, and nothing else is trained (Hu et al. 2021)."""

    rank: Count = 16
    alpha: Positive = Decimal(32)  # what they add is multiplied by alpha / rank
    targets: tuple[str, ...] = ()  # q, k, v, o, gate, up, down, as the family has them; empty: all


class Preference(Part):
    """Direct preference optimization (Rafailov et al. 2023)."""

    beta: Positive = Decimal("0.1")  # how dear it is to leave what the parent says


class Private(Part):
    """The documents are their owner's alone: a copy for strangers is made without them."""

    salt_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]  # of the file with the salt, which a build is given


class Recipe(Part):
    """A release, before it exists."""

    glasswright: Literal[1] = 1  # format of the recipe
    numerics: Literal[1, 2] = 1  # version of docs/numerics.md
    name: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9._-]*$")]
    seed: Annotated[int, Field(ge=0, lt=2**53, strict=True)] = 0
    weights_license: LicenseExpression | None = None  # of the weights and of what is written about them
    parent: Parent | None = None  # none: training begins from nothing
    adapter: Adapter | None = None
    preference: Preference | None = None  # of a recipe that learns from preferences
    private: Private | None = None
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    corpus: Corpus = Corpus()
    tokenizer: Tokenizer = Tokenizer()
    tokens: Tokens = Tokens()
    model: Model = Model()
    train: Train = Train()

    @model_validator(mode="after")
    def _names_are_unique(self) -> "Recipe":
        names = [source.name for source in self.sources]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"sources: the name {twice[0]!r} is used twice")
        return self

    @model_validator(mode="after")
    def _sections_fit(self) -> "Recipe":
        if self.adapter is not None and self.parent is None:
            raise ValueError("adapter: expected beside a parent, whose weights it adapts")
        if self.parent is not None and self.train.sequence_length > self.parent.max_positions:
            raise ValueError(
                f"parent: it reads at most {self.parent.max_positions} tokens, "
                f"train.sequence_length is {self.train.sequence_length}"
            )
        learned = sorted({learned_from(source.kind) for source in self.sources})
        if len(learned) > 1:
            raise ValueError(f"sources: expected one kind of material, found {' and '.join(learned)}")
        if self.learns != "texts" and self.parent is None:
            raise ValueError(f"sources: {self.learns} need a parent, whose chat template says how they are written")
        if (self.learns == "preferences") != (self.preference is not None):
            told = "expected this section" if self.preference is None else "expected for preferences only"
            raise ValueError(f"preference: {told}")
        if self.learns == "texts" and self.tokens.too_long is not None:
            raise ValueError("tokens.too_long: expected for conversations and preferences only; a text has no length")
        taking = [name for name in self.corpus.rules if name in LINE_RULES]
        if self.learns != "texts" and taking:
            raise ValueError(f"corpus.rules: {taking[0]} takes lines out of texts; of {self.learns} none may go")
        self.model_fields_set.difference_update(it for it in SECTIONS_OF_SOME if getattr(self, it) is None)
        return self

    @model_validator(mode="after")
    def _says_nothing_of_private_documents(self) -> "Recipe":
        """The recipe is for everybody, and so is the tokenizer."""
        if self.private is None:
            return self
        if self.parent is None:
            raise ValueError("private: expected beside a parent: a tokenizer of its own is made of the documents")
        if any(source.sha256 is not None for source in self.sources):
            raise ValueError("private: a source's sha256 confirms a guess at its files; leave it out")
        return self

    @property
    def learns(self) -> Material:
        """What is learned from."""
        return learned_from(self.sources[0].kind)

    def resolved(self) -> dict[str, Any]:
        """The keys written, which are all of them unless a release of an earlier version carries it: what is hashed."""
        return self.model_dump(mode="json", exclude_unset=True)

    def left_out(self) -> tuple[str, ...]:
        """The keys of this version that were not written."""
        return tuple(key for key in _left_out(self, "") if key not in KEYS_OF_SOME)

    @property
    def digest(self) -> str:
        return digest(self.resolved())


def _left_out(part: Part, place: str) -> Iterator[str]:
    for key in type(part).model_fields:
        value = getattr(part, key)
        if key not in part.model_fields_set:
            yield place + key
        elif isinstance(value, Part):
            yield from _left_out(value, f"{place}{key}.")
        elif isinstance(value, tuple):
            for number, item in enumerate(value):
                if isinstance(item, Part):
                    yield from _left_out(item, f"{place}{key}.{number}.")
