"""The model card, written from the records alone: equal for every rebuild, and clear about what is not shown."""

from glasswright.attest.parts import release_root
from glasswright.foreign import markdown_shown
from glasswright.records.canonical import float_from_bits
from glasswright.records.duties import Inheritance
from glasswright.records.openness import OPEN_SOURCE, Openness
from glasswright.records.outcome import named
from glasswright.records.recipe import Recipe
from glasswright.release import descent
from glasswright.release.architecture import feed_forward
from glasswright.release.contents import Contents

CARD = """\
---
{license_head}{parent_head}library_name: {library}
pipeline_tag: text-generation
tags: [glasswright, reproducible]
---

# {name}

{made}.
{carried}

{badges}| | |
|---|---|
| architecture | {family}: {layers} layers, width {width}, {feed_forward}, {tied} embeddings |
| attention | {heads} heads, {kv_heads} for keys and values |
| vocabulary | {vocab_size:,} {vocabulary} |
| context | {context} tokens in training |
| training | {steps:,} steps of {batch} sequences, {tokens_read:,} tokens read; optimizer {optimizer} |
{results}| weights | binary32 |
| license | {license} |

{openness}
{descent}## Documents

{num_kept:,} documents were kept of {num_documents:,} seen:{num_bytes} {num_tokens:,} tokens.
{ledger}

| license of the kept documents | documents |
|---|---|
{licenses}
{dropped}
## Check it

```console
$ glasswright verify RELEASE      every byte, digest and root
$ glasswright replay RELEASE{at_parent}      segments of the training, drawn at random and run again here
$ glasswright rebuild RELEASE{at_parent}     all of it, from the documents to the same roots
```
{by_whom}
| root | |
|---|---|
{roots}| release | `{root}` |

## What is not shown

- Who made this release: it is not signed.
- That the documents are lawful to use, true, or harmless. The ledger says what each source states about itself.
- That the model is good for anything. It was measured by its loss and by nothing else: not for toxicity, bias,
  memorized text or correct answers.{instructions}
- That no other runs were made and thrown away.
- That the recipe is well chosen. A rebuild shows that these weights follow from it, no more.
"""

RESULTS = """\
| loss of the last step | {loss:.4f} nats a token |
| validation | {validation} |
"""
CARRIED = """\
The recipe, the documents and the whole training transcript are in this release, so that anyone can make it again and
compare the bits."""
WITHHELD = """\
The documents are private. Who holds them can make this release again and compare the bits; the copy for strangers has
neither the documents nor the record of the training, and its root is the same."""
LEDGER = """\
`corpus/ledger.parquet` has a row for each, kept or not, with source, license, where the license is stated, and the
reason for the decision. `corpus/data-card.md` tells more of them, `technical-report.md` of the training."""
SALTED_LEDGER = """\
`private.json` has a row for each that was kept: a salted id and the license. With it the owner can prove of a text that
it is among them, or that it is not, and of no other."""
BY_OWNER = """
Without the documents `verify` says UNKNOWN of what rests on them, and names it; `replay` and `rebuild` are for who has
them.
"""
DROPPED = """
| reason a document was not kept | documents |
|---|---|
{rows}
{not_read}"""
NOT_READ = "\nFiles of kinds that were not read, by the ends of their names: {named}.\n"


OPEN = """## Open source

This model is open source: an audit of the files in this release proved every requirement of the Open Source AI
Definition 1.0. Model Openness Framework: class {mof_class}.{lacking}
`glasswright audit RELEASE{at_parent}` shows the evidence for each answer.
"""
NOT_OPEN = """## How open it is

What the files in this release support: {word}. OSAID 1.0: {osaid}.
Model Openness Framework: class {mof_class}.{lacking}
`glasswright audit RELEASE{at_parent}` shows the evidence for each answer.
"""
# Licenses that the hub has an id for and SPDX has not.  Source: huggingface.co/docs/hub/repositories-licenses
HUB_LICENSES = ("llama2", "llama3", "llama3.1", "llama3.2", "llama3.3", "llama4", "gemma", "openrail")
NO_LICENSE = "none given: the law alone says what others may do with the weights"


def model_card(
    recipe: Recipe, contents: Contents, openness: Openness | None, inheritance: Inheritance | None = None
) -> str:
    """The text of model/README.md; `openness` is what an audit found of the release, where one was made, and
    `inheritance` what comes with its parent, where it has one.

    The words "open source" are in it only where the audit came to them.
    """
    model, train = recipe.model, recipe.train
    at_parent = "" if recipe.parent is None else " --parent PARENT"
    return CARD.format(
        name=recipe.name,
        license_head=_license_head(recipe.weights_license),
        license=recipe.weights_license or NO_LICENSE,
        openness=_openness(openness, at_parent),
        parent_head=descent.head(recipe),
        library="transformers" if recipe.adapter is None else "peft",
        made=descent.made(recipe, contents),
        carried=CARRIED if recipe.private is None else WITHHELD,
        ledger=LEDGER if recipe.private is None else SALTED_LEDGER,
        by_whom="" if recipe.private is None else BY_OWNER,
        badges=descent.badges(inheritance),
        vocabulary=descent.vocabulary(recipe),
        descent=descent.descent(recipe, contents, inheritance),
        at_parent=at_parent,
        instructions=" It is not trained to follow instructions." if recipe.parent is None else "",
        family=model.family,
        layers=model.num_layers,
        width=model.hidden_size,
        heads=model.num_heads,
        kv_heads=model.num_kv_heads,
        feed_forward=feed_forward(model).replace(" [5]", ""),
        tied="tied" if model.tied_embeddings else "separate",
        vocab_size=contents.vocab_size,
        context=train.sequence_length,
        steps=train.num_steps,
        batch=train.batch_sequences,
        tokens_read=contents.num_tokens_read,
        optimizer={"muon": "Muon with AdamW", "adamw": "AdamW"}[train.optimizer.kind],
        results=_results(contents) if recipe.private is None else "",
        num_kept=contents.num_kept,
        num_documents=contents.num_documents,
        num_bytes=f" {contents.num_bytes:,} bytes," if recipe.private is None else "",
        num_tokens=contents.num_tokens,
        licenses=_rows(contents.kept_by_license),
        dropped=_dropped(contents),
        roots="".join(f"| {name} | `{root}` |\n" for name, root in sorted(contents.roots.parts.items())),
        root=release_root(contents.roots),
    )


def _license_head(expression: str | None) -> str:
    """The head's license as the Hugging Face hub has it: one SPDX id in small letters, or another by its name."""
    if expression is None:
        return ""
    named = expression.removeprefix("LicenseRef-")
    if named in HUB_LICENSES:
        return f"license: {named}\n"
    if " " in expression or named != expression:
        return f"license: other\nlicense_name: {expression}\nlicense_link: LICENSE\n"
    return f"license: {expression.lower()}\n"


def _openness(openness: Openness | None, at_parent: str) -> str:
    if openness is None:
        return "How open this release is has not been audited.\n"
    lacking = "".join(
        f"\n- {markdown_shown(what)} is not shown: {markdown_shown(why)}" for what, why in openness.lacking
    )
    text = OPEN if openness.word == OPEN_SOURCE else NOT_OPEN
    return text.format(
        word=openness.word,
        osaid=openness.osaid,
        mof_class=openness.mof_class,
        lacking=lacking and f"\n{lacking}\n",
        at_parent=at_parent,
    )


def _results(contents: Contents) -> str:
    """How the training went. Of private documents the owner's report tells it: losses confirm a guess at a text."""
    return RESULTS.format(loss=float_from_bits(contents.steps[-1].loss_nats), validation=_validation(contents))


def _validation(contents: Contents) -> str:
    if not contents.validations:
        return "not measured"
    _, bits = contents.validations[-1]
    return f"{float_from_bits(bits):.4f} bits per byte on documents that were not trained on"


def _dropped(contents: Contents) -> str:
    if not contents.dropped_by_reason:
        return ""
    told = NOT_READ.format(named=markdown_shown(named(contents.not_read))) if contents.not_read else ""
    return DROPPED.format(rows=_rows(contents.dropped_by_reason), not_read=told)


def _rows(counts: tuple[tuple[str, int], ...]) -> str:
    return "\n".join(f"| {markdown_shown(name)} | {count:,} |" for name, count in counts)
