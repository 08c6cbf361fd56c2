"""Families of decoders: how config.json of Hugging Face's spells a description, and what the tensors are called.

A family is one file here, with a `FAMILY` in it; adding one touches nothing else.
"""

from importlib import import_module
from pkgutil import iter_modules

from glasswright.records.families.family import Family

FAMILIES: dict[str, Family] = {
    family.name: family
    for found in iter_modules(__path__)
    if isinstance(family := getattr(import_module(f"{__name__}.{found.name}"), "FAMILY", None), Family)
}


def family_of(name: str) -> Family:
    """The family that a description names."""
    return FAMILIES[name]
