"""Recipes to start from: one with a comment for every choice, and one made to measure for a folder of documents."""

import re
from dataclasses import dataclass
from decimal import Decimal
from math import inf
from textwrap import wrap

from glasswright.errors import Misuse
from glasswright.licenses import given_to_weights, what_was_meant
from glasswright.records.model import Model
from glasswright.records.recipe import Recipe, Schedule, Source, Tokenizer, Tokens, Train
from glasswright.records.sources import KINDS, MORE_SUFFIXES, TEXT_SUFFIXES, learned_from

BYTES_PER_TOKEN = 3.5  # of English text under a small vocabulary; only sizes the defaults
SEQUENCES = 4  # that few texts are cut in, at least

STARTER = """\
# A recipe of Glasswright: every value that can change a bit of the release, and nothing else.
# What is left out has the default shown here. `glasswright plan {name}.yaml` says what this will build and take.

glasswright: 1         # format of this file
numerics: 1            # version of the rules that fix every bit: 1, or 2 with products by integers
name: {name}
seed: 0                # of everything drawn: initial weights, the order of the documents
weights_license: null  # an SPDX expression such as Apache-2.0; without one nobody else may use the weights

# Where documents come from. Each source states a license (an SPDX expression), unless its documents do themselves.
sources:
  - name: python-docs  # the documentation that came with this Python: nothing to download
    kind: python-docs
# - name: notes
#   kind: folder       # README, NEWS and their like below a folder, and files that end in
#                      # {texts}
#                      # or documents: these, office files, notebooks, tables and code as well
#                      # {more}
#   path: notes        # beside this file
#   include: ["*.md"]  # only these; left out: every file of a known kind
#   license: CC-BY-4.0 # holds where a document states none
#   resolve: [{{path: "old/*", license: CC0-1.0}}]  # where statements about a document's license conflict
#   language: en
#   # refuse other files than these: the `digest` that sources.json had when they were last collected
#   sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
# - name: rows
#   kind: jsonl        # a file, or those below a folder; by their ends
#                      # {files}
#   path: rows.jsonl.gz
# - name: book
#   kind: git          # a public repository at one commit
#   git: {{url: "https://example.org/book.git", commit: "0123456789abcdef0123456789abcdef01234567"}}
#   license: CC0-1.0
# - name: essays
#   kind: hf           # a dataset of the Hugging Face hub at one commit
#   hf: {{dataset: org/essays, revision: "0123456789abcdef0123456789abcdef01234567"}}
#   text: content      # the column that holds the documents; left out: text

corpus:
  min_bytes: 1                 # shorter documents are dropped
  max_replacement_share: 0.01  # documents with more characters that are not UTF-8 are dropped
  allow_licenses: []           # SPDX ids beyond the open ones
  deny_licenses: []            # SPDX ids that are open and not wanted
  normalize: true              # mend encodings and line ends, take out invisible characters
  languages: []                # ISO 639 codes to keep; none: all
  rules: []                    # published ones: gopher-repetition, gopher-quality, c4, c4-line-endings, fineweb
  # bad_words: words.txt       # a document that says one of these words, one a line, is dropped
  mask_pii: true               # e-mail, phone, IP and card numbers, keys and tokens
  near_similarity: 0.5         # share of shingles from which two documents are one; 0: off
  contained_share: 0.5         # share of a document found in one longer document; 0: off
  evaluations: []              # sets that must not be learned: [{{name: quiz, path: quiz.jsonl}}]
  evaluation_run: 13           # a document is dropped that shares so many words in a row with an item,
  evaluation_share: 0.5        # or this share of the item's words, in runs of 8; 0: off
  remove: []                   # documents to leave out: [{{sha256: "...", reason: asked, keep_similar: false}}]

tokenizer:
  vocab_size: 2048     # byte-level BPE, learned from the kept documents

tokens:
  validation_share: 0.02  # of the documents, never trained on

model:                 # a decoder; as here, of Llama's family and with about a million weights
  family: llama        # docs/families.md has others; docs/recipe.md has the keys of parts that they differ in
  hidden_size: 128
  num_layers: 4
  num_heads: 4
  num_kv_heads: 4      # fewer than num_heads: grouped queries
  intermediate_size: 344
  rope_theta: 10000
  norm_epsilon: 0.00001
  tied_embeddings: true

train:
  num_steps: 300
  sequence_length: 256
  batch_sequences: 8           # sequences a step
  leaf_sequences: 4            # sequences whose gradient is computed together; fixes the order of addition
  segment_steps: 50            # steps from one state root to the next: what a replay repeats
  validate_every_segments: 1
  optimizer:
    kind: muon                 # Muon for the hidden matrices with AdamW for the rest; or adamw alone
    learning_rate: 0.02        # AdamW's: for embedding, head and gains; near 0.003 where kind is adamw
    muon_learning_rate: 0.01   # for the matrices between
    muon_momentum: 0.95
    beta1: 0.9
    beta2: 0.95
    epsilon: 0.00000001
    weight_decay: 0.1
    gradient_clip: 1
  schedule:                    # a factor on the learning rates: up, level, down
    warmup_steps: 20
    decay_steps: 100
    final_factor: 0
"""

NEXT_LINE = "\n#                      # "


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What is learned from so much text."""

    most_bytes: float  # of text
    vocab_size: int  # at most
    model: Model
    num_steps: tuple[int, int]  # at least and at most


SHAPES = (
    Shape(
        most_bytes=200_000,
        vocab_size=512,
        model=Model(hidden_size=64, num_layers=2, num_heads=2, num_kv_heads=2, intermediate_size=172),
        num_steps=(100, 200),
    ),
    Shape(
        most_bytes=20_000_000,
        vocab_size=2048,
        model=Model(hidden_size=128, num_layers=4, intermediate_size=344),
        num_steps=(200, 1000),
    ),
    Shape(
        most_bytes=200_000_000,
        vocab_size=4096,
        model=Model(hidden_size=256, num_layers=6, intermediate_size=688),
        num_steps=(1000, 4000),
    ),
    Shape(
        most_bytes=inf,
        vocab_size=8192,
        model=Model(hidden_size=512, num_layers=8, num_heads=8, num_kv_heads=8, intermediate_size=1376),
        num_steps=(4000, 20000),
    ),
)


def starter(name: str) -> str:
    """The text of a recipe to edit."""
    if not re.fullmatch("[a-z0-9][a-z0-9._-]*", name):
        raise Misuse(f"name {name!r}: expected small letters, digits, `.`, `_` and `-`", hint="it names the model")
    texts, more = (NEXT_LINE.join(wrap(" ".join(each), 90)) for each in (TEXT_SUFFIXES, MORE_SUFFIXES))
    kinds = {kind: it.suffixes for kind, it in KINDS.items() if it.suffixes and learned_from(kind) == "texts"}
    files = NEXT_LINE.join(f"{kind:<8} {' '.join(suffixes)}" for kind, suffixes in kinds.items())
    return STARTER.format(name=name, texts=texts, more=more, files=files)


def for_source(source: Source, weights_license: str | None = None) -> Recipe:
    """A recipe for one source, of which nothing is known yet.

    weights_license:  of the model

    Raises:  Misuse if the license is no SPDX expression.
    """
    require_given(weights_license, is_derived=False)
    return Recipe(name=source.name, weights_license=weights_license, sources=(source,))


def require_given(weights_license: str | None, *, is_derived: bool) -> None:
    """Raises:  Misuse if a license for weights is no SPDX expression."""
    if weights_license is not None and weights_license != given_to_weights(weights_license, is_derived=is_derived):
        what = f"weights license {weights_license}: expected an SPDX expression"
        raise Misuse(what, hint=what_was_meant(weights_license))


def shape_of(num_bytes: int) -> Shape:
    """The shape for so much text."""
    return next(shape for shape in SHAPES if num_bytes <= shape.most_bytes)


def made_to_measure(
    recipe: Recipe, shape: Shape, *, num_bytes: int, num_tokens: int, vocab_size: int, validation_share: Decimal
) -> Recipe:
    """The recipe with a model of this shape that makes two passes over the documents, as far as the shape has it.

    num_bytes:   of the texts that are trained on
    num_tokens:  that they have at least
    """
    train = Train(sequence_length=_sequence_length(num_tokens))
    passes = int(2 * num_bytes / BYTES_PER_TOKEN / (train.batch_sequences * train.sequence_length))
    fewest, most = shape.num_steps
    num_steps = min(max(passes, fewest), most)
    return Recipe(
        name=recipe.name,
        weights_license=recipe.weights_license,
        sources=recipe.sources,
        tokenizer=Tokenizer(vocab_size=vocab_size),
        tokens=Tokens(validation_share=validation_share),
        model=shape.model,
        train=Train(
            num_steps=num_steps,
            sequence_length=train.sequence_length,
            schedule=Schedule(warmup_steps=min(20, num_steps // 5), decay_steps=num_steps // 3),
        ),
    )


def _sequence_length(num_tokens: int) -> int:
    """The usual one, or the power of two of which the texts hold several."""
    fitting = 1 << max(0, (num_tokens // SEQUENCES).bit_length() - 1)
    return min(fitting, Train().sequence_length)
