"""A recipe: YAML in, the checked record out; and back, with every default written.

load             recipe.yaml -> Recipe, or where it is wrong
write_resolved   Recipe -> YAML that loads to the same digest
write_entry      one entry of a list, to be put into a recipe by hand
"""

from glasswright.recipe.load import load, load_as_written, parse
from glasswright.recipe.write import write_entry, write_resolved

__all__ = ["load", "load_as_written", "parse", "write_entry", "write_resolved"]
