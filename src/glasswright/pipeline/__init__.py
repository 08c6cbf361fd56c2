"""The stages in order, on one page."""

from glasswright.pipeline.build import build, known_tokens, rebuild
from glasswright.pipeline.setting import Setting

__all__ = ["Setting", "build", "known_tokens", "rebuild"]
