"""The stages in order, and the release at their end."""

from glasswright.pipeline.build import build, known_tokens, rebuild, recipe_for
from glasswright.pipeline.setting import Setting

__all__ = ["Setting", "build", "known_tokens", "rebuild", "recipe_for"]
