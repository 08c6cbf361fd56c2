"""Glasswright: reproducible builds for language models.

The names below are those of glasswright.api, which is imported with the first of them.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glasswright.api import Document, Recipe, Release, build, diff

__version__ = "0.1.0"
__all__ = ["Document", "Recipe", "Release", "__version__", "build", "diff"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from glasswright import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return __all__
