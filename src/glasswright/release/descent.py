"""What a release that was made from another model tells of that: in its card, README, LICENSE notice and report.

What it descends from, by name, license and digest; what was changed, and by which documents; and each thing that the
license of its parent asks for, with the words that ask for it and how it is met.
"""

from glasswright.foreign import markdown_shown, shown
from glasswright.records.duties import PARENT_TEXTS, Inheritance, Inherited
from glasswright.records.parents import ParentModel
from glasswright.records.part import digits
from glasswright.records.recipe import Parent, Recipe
from glasswright.release.contents import Contents

SECTION = """\
## What it descends from

| | |
|---|---|
| parent | {name}{revision} |
| its files | {num_files} files, digest of their list `{files}`; each is in `parents.json` |
| its license | {licenses}{texts} |
| its weights | {explained} |
| changed | {changed} |
| by | {material}, in {steps}: `transcript.jsonl` |

PROVED from here on, UNKNOWN before: what was made of the parent is on record step by step; {before}

"""
DUTIES = """\
## What its parent asks

| asked for by | what, in its words | how it is met |
|---|---|---|
{rows}

"""
EXPLAINED = "of a Glasswright release, root `{root}`: `glasswright verify` of that release tells how they came about"
UNEXPLAINED = "unexplained: nothing shows how they came about"
CHAINED = "what was before is for the parent's own release to show."
NOTHING_BEFORE = "of how the parent came about this release shows nothing."
NOTICE = """
What comes from {name}: {licenses}.
{texts}{shown}
Changed: {changed}.
Changed by: {material}.
"""


def relation(recipe: Recipe) -> str:
    """What a derived release is to its parent, as the Hugging Face hub calls it."""
    return "finetune" if recipe.adapter is None else "adapter"


def head(recipe: Recipe) -> str:
    """The lines of a card's head that name the parent."""
    if recipe.parent is None:
        return ""
    return f"base_model: {recipe.parent.name}\nbase_model_relation: {relation(recipe)}\n"


def made(recipe: Recipe, contents: Contents) -> str:
    """What a release is, in a sentence without its end."""
    number = f"{contents.num_parameters:,} parameters"
    if recipe.parent is None:
        return f"A language model of {number}, trained from random weights"
    if recipe.adapter is None:
        return f"A language model of {number}, made from {recipe.parent.name} by training all of its weights further"
    return f"An adapter of {number} for {recipe.parent.name}, whose own weights stay as they are"


def vocabulary(recipe: Recipe) -> str:
    """Where the tokens come from."""
    if recipe.parent is None:
        return "byte-level BPE tokens, learned from the documents below"
    return f"tokens, those of {recipe.parent.name}"


def material(recipe: Recipe, contents: Contents) -> str:
    """What was learned from."""
    what = {"texts": "documents", "conversations": "conversations", "preferences": "preferences"}[recipe.learns]
    return f"{contents.num_kept:,} {what}"


def changed(recipe: Recipe, contents: Contents) -> str:
    """What of the parent was changed."""
    if recipe.adapter is None:
        return f"all weights, {contents.num_parameters:,} of them, and in binary32 whatever they were before"
    named = ", ".join(recipe.adapter.targets)
    where = f"the matrices {named}" if named else "every matrix that can be adapted"
    return (
        f"an adapter of rank {recipe.adapter.rank}, alpha {digits(recipe.adapter.alpha)}, beside {where}: "
        f"{contents.num_parameters:,} numbers, and none of the parent's own"
    )


def badges(inheritance: Inheritance | None) -> str:
    """The lines that the parent's license asks to show, as a paragraph of Markdown."""
    return "".join(f"**{line}**\n\n" for line in inheritance.shown) if inheritance is not None else ""


def descent(recipe: Recipe, contents: Contents, inheritance: Inheritance | None) -> str:
    """The sections of card and report on the parent and on its license."""
    if recipe.parent is None or inheritance is None:
        return ""
    (parent,) = contents.parents
    section = SECTION.format(
        name=parent.name,
        revision=f" at commit `{parent.revision}`" if parent.revision is not None else "",
        num_files=len(parent.files),
        files=recipe.parent.files,
        licenses=_licenses(recipe.parent, inheritance),
        texts=f"; its texts lie in `{PARENT_TEXTS}`" if inheritance.texts else "; its folder has no text of it",
        explained=_explained(parent),
        changed=changed(recipe, contents),
        material=material(recipe, contents),
        steps=f"{len(contents.steps):,} step{'s' if len(contents.steps) > 1 else ''}",
        before=NOTHING_BEFORE if parent.release is None else CHAINED,
    )
    return section + DUTIES.format(rows="\n".join(map(_row, inheritance.duties)))


def notice(recipe: Recipe, contents: Contents, inheritance: Inheritance | None) -> str:
    """The paragraph of LICENSE on what comes from the parent."""
    if recipe.parent is None or inheritance is None:
        return ""
    return NOTICE.format(
        name=recipe.parent.name,
        licenses=shown(_licenses(recipe.parent, inheritance)),
        texts=f"The texts and notices that go with it lie in {PARENT_TEXTS}." if inheritance.texts else "",
        shown="".join(f"\n{line}." for line in inheritance.shown),
        changed=changed(recipe, contents),
        material=material(recipe, contents),
    )


def _explained(parent: ParentModel) -> str:
    return UNEXPLAINED if parent.release is None else EXPLAINED.format(root=parent.release)


def _licenses(parent: Parent, inheritance: Inheritance) -> str:
    return " AND ".join(inheritance.licenses) or parent.license


def _row(duty: Inherited) -> str:
    section = f", s. {duty.section}" if duty.section else ""
    words = f": “{markdown_shown(duty.quote)}” (`{duty.place}`)" if duty.quote else ""
    asked = f"{markdown_shown(duty.license)}{section}"
    return f"| {asked} | {duty.means}{words} | {duty.answer.upper()}: {markdown_shown(duty.told)} |"
