"""The stages in order, and the release at their end."""

from glasswright.pipeline.build import build, known_tokens, rebuild, recipe_for, recipe_for_child
from glasswright.pipeline.setting import Setting

__all__ = ["Setting", "build", "known_tokens", "rebuild", "recipe_for", "recipe_for_child"]
