"""Parents made by hand, with license texts written for tests, and recipes of what is to be made from them."""

from pathlib import Path

from tests.audit.builder import LICENSE, safetensors, write

from glasswright.records.recipe import Recipe

APACHE = LICENSE
PADDING = (
    "Nothing in this section is of any weight; it is here because a license is longer than a word about it.\n" * 16
)
LLAMA = f"""\
LLAMA 3.1 COMMUNITY LICENSE AGREEMENT

1. Rights.
  a. You may use the Materials.
  b. Passing on.
    i. You shall (A) provide a copy of this Agreement with them; and (B) prominently display “Built with Llama” where
they are shown. You shall also include “Llama” at the beginning of the name of a model made from them.
    iii. You must retain a notice within a “Notice” text file.
    iv. Your use must adhere to the Acceptable Use Policy, which is hereby incorporated by reference.
2. Scale. Above 50 million monthly active users, you must request a license from us.

{PADDING}"""
UNKNOWN = f"""\
HERON MODEL LICENSE

1. You may use the Model.
2. You must not use the Model for any commercial purpose.

{PADDING}"""
NO_COPIES = f"""\
EGRET MODEL LICENSE

1. You may not redistribute the Model weights.

{PADDING}"""
KNOWN_LLAMA = "meta-llama/Llama-3.1-8B"


def parent(folder: Path, *, card: str = "", **texts: str) -> Path:
    """A model's folder; `texts` are by name, with `__` for `.`."""
    files: dict[str, str | bytes] = {"config.json": "{}", "model.safetensors": safetensors((64,))}
    files |= {"README.md": card} if card else {}
    return write(folder, files | {name.replace("__", "."): text for name, text in texts.items()})


def recipe(
    *,
    license: str,
    asked: str | None = "Apache-2.0",
    name: str = "tales",
    parent: str = "someone/Heron-1B",
    documents: str = "CC0-1.0",
) -> Recipe:
    """A recipe that has a parent."""
    return Recipe.model_validate(
        {
            "name": name,
            "weights_license": asked,
            "sources": [{"name": "texts", "kind": "folder", "path": "texts", "license": documents}],
            "parent": {
                "name": parent,
                "path": "parent",
                "license": license,
                "files": "0" * 64,
                "max_positions": 2048,
                "ends_of_text": [0],
            },
        }
    )
