"""The technical report, which is also the paper: every sentence and number is taken from the release's own records.

It has the parts of a paper (abstract, method, data, results, limitations, references) and says that no person wrote it
for this model. Equal for every rebuild.
"""

import math
from collections.abc import Sequence

from glasswright.attest.parts import release_root
from glasswright.records.canonical import float_from_bits
from glasswright.records.duties import Inheritance
from glasswright.records.part import digits
from glasswright.records.recipe import Recipe
from glasswright.release import descent
from glasswright.release.architecture import architecture
from glasswright.release.contents import Contents, Split

NUM_ROWS = 12  # of the loss table
LICENSED = "This report, like the weights and the cards, is released under {license}.\n"

REPORT = """\
# {name}: technical report and paper

Generated from the records of the release by the program that built it: no person wrote this text for this model, and
no reviewer has read it. Each number below can be computed again from the file named beside it.
{licensed}
## Abstract

{made}, on {train.num_tokens:,} tokens of {train.num_documents:,} documents. {result}
The recipe, every document with its license, the weights and a record of every training step are released, and the
whole training can be run again to the same bits.

## Introduction

What a model has learned from, and whether its published weights are what its published data and code give, can usually
be taken only on trust. Here both can be checked. Every operation of the training has one defined result, which neither
the number of threads nor an interruption changes, so a rebuild on a machine that `glasswright doctor` accepts reaches
the released weights bit for bit, or the release is not what it says. The model's quality is what the recipe gives.

## Data

{num_documents:,} documents were seen and {num_kept:,} kept: {num_bytes:,} bytes of UTF-8 text. `corpus/ledger.parquet`
has source, license, decision and reason for each of them, `corpus/documents/` the texts that were kept, and
`corpus/data-card.md` tells more. {tokenizer} gives {num_tokens:,} tokens, an end of text behind every document.

| part | documents | bytes | tokens |
|---|---|---|---|
| training | {train.num_documents:,} | {train.num_bytes:,} | {train.num_tokens:,} |
| validation, never trained on | {validation.num_documents:,} | {validation.num_bytes:,} | {validation.num_tokens:,} |

The parts are drawn by the digests that name the documents (`tokens/map.json`).

{descent}## Method

**Architecture.** {architecture} Input and output embeddings are {tied}. Every number is binary32.

**Training.** {train_recipe.num_steps:,} steps of {train_recipe.batch_sequences} sequences of
{train_recipe.sequence_length} tokens: {num_tokens_read:,} tokens read, {passes:.2f} times the training part. The rate
rises over {schedule.warmup_steps} steps and falls over the last {schedule.decay_steps} to {final_factor} of its full
value. {optimizer}, weight decay {weight_decay}, gradient norm clipped at {gradient_clip}. The seed is {seed}.
`recipe.yaml` has every setting and `transcript.jsonl` the rates of every step.

**Arithmetic.** Version {numerics} of the numerics fixes the order of every addition and the value of every
elementary function. Sequences are cut in leaves of {train_recipe.leaf_sequences}, whose gradients are added in a fixed
binary tree. After every {train_recipe.segment_steps} steps the transcript records the Merkle root [6] of the full
training state: {num_states} states in all, {num_checkpoints} of them in `checkpoints/`.

## Results

The loss is the mean over a step's tokens, before the step is taken (`transcript.jsonl`).

| step | loss, nats a token | gradient norm |
|---|---|---|
{losses}

{validations}
## Analysis

{analysis}

## Limitations

- No benchmark was run, nor was the output read: nothing is known of toxicity, bias, memorized text or correct answers.
- One run with one seed: how much the results vary from seed to seed was not measured, and no setting was compared with
  another.
- Loss and bits per byte are of texts like those trained on, from the same sources. They say little of other texts.
- What the documents state of their licenses is recorded, not judged.

## How to build it again

```console
$ glasswright verify RELEASE      every byte, digest and root
$ glasswright replay RELEASE      segments of the training, drawn at random
$ glasswright rebuild RELEASE     all of it, from the documents to release root {root}
```

## References

Of the method; found in the code that is in `code/`.

1. Sennrich, Haddow, Birch: Neural machine translation of rare words with subword units. ACL 2016.
2. Touvron and others: LLaMA: open and efficient foundation language models. 2023.
3. Su and others: RoFormer: enhanced transformer with rotary position embedding. 2021.
4. Zhang, Sennrich: Root mean square layer normalization. NeurIPS 2019.
5. Shazeer: GLU variants improve transformer. 2020.
6. Laurie, Messeri, Stradling: Certificate transparency version 2.0. RFC 9162, 2021.
7. Loshchilov, Hutter: Decoupled weight decay regularization. ICLR 2019.
8. Jordan and others: Muon: an optimizer for hidden layers in neural networks. 2024.
"""

VALIDATIONS = """\
On the validation part, after the step named:

| step | bits per byte |
|---|---|
{rows}
"""


def technical_report(recipe: Recipe, contents: Contents, inheritance: Inheritance | None = None) -> str:
    """The text of technical-report.md."""
    return REPORT.format(
        name=recipe.name,
        licensed=LICENSED.format(license=recipe.weights_license) if recipe.weights_license else "",
        made=descent.made(recipe, contents),
        tokenizer=_tokenizer(recipe, contents),
        descent=descent.descent(recipe, contents, inheritance),
        result=_result(contents),
        num_documents=contents.num_documents,
        num_kept=contents.num_kept,
        num_bytes=contents.num_bytes,
        num_tokens=contents.num_tokens,
        train=contents.train,
        validation=contents.validation,
        architecture=architecture(recipe.model),
        tied="one matrix" if recipe.model.tied_embeddings else "two matrices",
        train_recipe=recipe.train,
        num_tokens_read=contents.num_tokens_read,
        passes=contents.num_tokens_read / contents.train.num_tokens,
        schedule=recipe.train.schedule,
        final_factor=digits(recipe.train.schedule.final_factor),
        optimizer=_optimizer(recipe),
        weight_decay=digits(recipe.train.optimizer.weight_decay),
        gradient_clip=digits(recipe.train.optimizer.gradient_clip),
        seed=recipe.seed,
        numerics=recipe.numerics,
        num_states=contents.num_states,
        num_checkpoints=contents.num_checkpoints,
        losses=_losses(contents),
        validations=_validations(contents),
        analysis=_analysis(contents),
        root=release_root(contents.roots),
    )


def _result(contents: Contents) -> str:
    if not contents.validations:
        return f"The loss of its last step is {_number(contents.steps[-1].loss_nats)} nats a token."
    _, bits = contents.validations[-1]
    return f"It reaches {_number(bits)} bits per byte on documents that were not trained on."


def _tokenizer(recipe: Recipe, contents: Contents) -> str:
    if recipe.parent is not None:
        return f"The tokenizer of {recipe.parent.name}, with {contents.vocab_size:,} tokens,"
    return (
        f"A byte-level BPE tokenizer [1] of {contents.vocab_size:,} tokens was learned from the documents\nthat are "
        "trained on, and"
    )


def _optimizer(recipe: Recipe) -> str:
    optimizer = recipe.train.optimizer
    adamw = (
        f"AdamW [7] (rate {digits(optimizer.learning_rate)}, beta1 {digits(optimizer.beta1)}, "
        f"beta2 {digits(optimizer.beta2)}, epsilon {digits(optimizer.epsilon)})"
    )
    if optimizer.kind == "adamw":
        return adamw
    muon = (
        f"Muon [8] (rate {digits(optimizer.muon_learning_rate)}, momentum {digits(optimizer.muon_momentum)}) for the "
        "layers' matrices"
    )
    return f"{muon}, {adamw} for everything else"


def _losses(contents: Contents) -> str:
    steps = [contents.steps[place] for place in _spread(len(contents.steps))]
    rows = [f"| {step.step:,} | {_number(step.loss_nats)} | {_number(step.gradient_norm)} |" for step in steps]
    return "\n".join(rows)


def _validations(contents: Contents) -> str:
    if not contents.validations:
        return "Validation was not measured.\n"
    measured = [contents.validations[place] for place in _spread(len(contents.validations))]
    return VALIDATIONS.format(rows="\n".join(f"| {step:,} | {_number(bits)} |" for step, bits in measured))


def _analysis(contents: Contents) -> str:
    """What the numbers say by themselves, against guessing with equal chances."""
    first, last = (float_from_bits(contents.steps[place].loss_nats) for place in (0, -1))
    told = [
        f"Guessing with equal chances costs ln {contents.vocab_size} = {math.log(contents.vocab_size):.4f} nats a "
        f"token; the first step costs {first:.4f} and the last {last:.4f}."
    ]
    if contents.validations:
        part, (_, bits) = contents.validation, contents.validations[-1]
        found, guessing = float_from_bits(bits), _guessing(part, contents.vocab_size)
        told.append(
            f"On the validation part guessing costs {guessing:.4f} bits per byte, the model {found:.4f}: "
            f"{found / guessing:.1%} of it."
        )
        best_step, best = min(contents.validations, key=lambda measured: float_from_bits(measured[1]))
        told.append(
            "The last validation is the best one."
            if best == bits
            else f"The best validation, {_number(best)}, was after step {best_step:,}: from there on it got worse."
        )
    return "\n".join(told)


def _guessing(part: Split, vocab_size: int) -> float:
    return math.log2(vocab_size) * part.num_tokens / part.num_bytes


def _spread(count: int) -> Sequence[int]:
    """At most NUM_ROWS places from the first to the last, evenly."""
    if count <= NUM_ROWS:
        return range(count)
    return [round(row * (count - 1) / (NUM_ROWS - 1)) for row in range(NUM_ROWS)]


def _number(bits: str) -> str:
    return f"{float_from_bits(bits):.4f}"
