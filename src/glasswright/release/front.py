"""What a person meets first: README.md and LICENSE at the top of a release, written from its records alone."""

from glasswright.attest.parts import release_root
from glasswright.foreign import shown
from glasswright.records.canonical import float_from_bits
from glasswright.records.duties import Inheritance
from glasswright.records.recipe import Recipe
from glasswright.release import descent
from glasswright.release.contents import Contents

README = """\
# {name}: a release that can be built again

{made},
with everything it was made from: {material}, the recipe, and a record of each of {num_steps:,} training steps.{changed}

{badges}{result}

![The loss of every step](training.svg)

| here | is |
|---|---|
| [`model/`](model/README.md) | the model in Hugging Face's layout, and its card |
| [`technical-report.md`](technical-report.md) | how it was made and what came of it |
| [`corpus/`](corpus/data-card.md) | every document that was seen, its license, and why it was kept or not |
| `recipe.yaml` | every setting |
{parents}| `transcript.jsonl`, `tokens/` | what every step read, computed and cost |
| `code/` | the program that built it |
| [`LICENSE`](LICENSE) | what may be done with which part |
| `release.json`, `manifest.json` | the roots, and every file with its digest |

```console
$ glasswright verify RELEASE       is it what its root says?
$ glasswright watch RELEASE        how the training went
$ glasswright step RELEASE 1       what a step has read
$ glasswright generate RELEASE     what the model says
$ glasswright rebuild RELEASE{at_parent}      all of it again, to the same root
```

Release root `{root}`
"""

README_OF_PRIVATE = """\
# {name}: a release whose documents are private

{made},
by {material} that stay with their owner, in {num_steps:,} training steps.{changed}

{badges}| here | is |
|---|---|
| [`model/`](model/README.md) | the model in Hugging Face's layout, and its card |
| `recipe.yaml` | every setting |
{parents}| `private.json` | a salted row for each document, with its license |
| `code/` | the program that built it |
| [`LICENSE`](LICENSE) | what may be done with which part |
| `release.json`, `manifest.json` | the roots, and every file with its digest |

The owner's copy has the documents, the ledger, the tokens and the record of the training too, and the same root.

```console
$ glasswright verify RELEASE       is what is here what its root says?
$ glasswright generate RELEASE{at_parent}     what the model says
$ glasswright private check RELEASE PROOF     is a text among the documents?
$ glasswright rebuild RELEASE{at_parent}      by the owner: all of it again, to the same root
```

Release root `{root}`
"""

LICENSE = """\
What may be done with which part of this release of {name}

Weights, checkpoints, cards and report: {weights}
{parent}
{where} They are recorded as they are stated, not judged:

{documents}

The program in code/: the license that lies in its archive.

The recipe, the ledger and the transcript are records of fact, and nothing is stated of them here.
"""
DOCUMENTS_HERE = """\
Documents (corpus/documents/, and as tokens in tokens/): each has its own license, which its row in
corpus/ledger.parquet names with the place where it is stated."""
DOCUMENTS_AWAY = """\
Documents: they are private, and nothing is given to anybody. Each has its own license, which its row in private.json
names."""
PARENTS_ROW = "| `parents.json`, `parent/` | what it was made from, by digest, and the texts that go with that |\n"
NONE_GIVEN = "no license is given; the law alone says what others may do with them"


def readme(recipe: Recipe, contents: Contents, inheritance: Inheritance | None = None) -> str:
    """The text of README.md."""
    return (README if recipe.private is None else README_OF_PRIVATE).format(
        name=recipe.name,
        made=descent.made(recipe, contents),
        material=descent.material(recipe, contents),
        changed=_changed(recipe, contents),
        badges=descent.badges(inheritance),
        parents=PARENTS_ROW if recipe.parent is not None else "",
        at_parent="" if recipe.parent is None else " --parent PARENT",
        num_steps=len(contents.steps),
        result=_result(contents),
        root=release_root(contents.roots),
    )


def license_notice(recipe: Recipe, contents: Contents, inheritance: Inheritance | None = None) -> str:
    """The text of LICENSE: the recipe's license for the weights, and how many documents are under which."""
    return LICENSE.format(
        name=recipe.name,
        weights=recipe.weights_license or NONE_GIVEN,
        parent=descent.notice(recipe, contents, inheritance),
        where=DOCUMENTS_HERE if recipe.private is None else DOCUMENTS_AWAY,
        documents="\n".join(f"  {count:>9,}  {shown(name)}" for name, count in contents.kept_by_license),
    )


def _changed(recipe: Recipe, contents: Contents) -> str:
    return f"\nChanged: {descent.changed(recipe, contents)}." if recipe.parent is not None else ""


def _result(contents: Contents) -> str:
    told = f"The loss of the last one is {float_from_bits(contents.steps[-1].loss_nats):.4f} nats a token"
    if not contents.validations:
        return f"{told}; validation was not measured."
    return (
        f"{told}; on documents that were not trained on it costs {float_from_bits(contents.validations[-1][1]):.4f} "
        "bits a byte."
    )
