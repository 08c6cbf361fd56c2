"""The licenses of a command line and of a recipe, held to the policy before any document is read."""

from typing import TYPE_CHECKING

from glasswright.cli.progress import say
from glasswright.errors import Misuse

if TYPE_CHECKING:
    from glasswright.records.recipe import Recipe


def require_open(name: str | None, *, allow: tuple[str, ...] = ()) -> None:
    """What `--license` gives to documents that state none.

    allow:  licenses that the recipe allows beside the open ones

    Raises:  Misuse where it is no SPDX expression, or none under which a document is kept.
    """
    if name is None:
        return
    from glasswright.corpus.policy import judge
    from glasswright.licenses import spdx_expression, what_was_meant

    if spdx_expression(name) is None:
        raise Misuse(f"--license {name}: expected an SPDX expression", hint=what_was_meant(name))
    if judge(name, allow=allow).decision != "allow":
        raise Misuse(
            f"--license {name}: no document is kept under it, for it is not an open license",
            hint="to learn from them all the same, write a recipe with `allow_licenses`: `glasswright new NAME`",
        )


def say_what_closes(recipe: "Recipe") -> None:
    """Say which sources keep only documents that state another license than the recipe gives them."""
    from glasswright.corpus.policy import judge

    rules = recipe.corpus
    for source in recipe.sources:
        if source.license is None:
            continue
        if judge(source.license, allow=rules.allow_licenses, deny=rules.deny_licenses).decision != "allow":
            say(f"{source.name}: documents that state no license are not kept, for {source.license} is not allowed")
