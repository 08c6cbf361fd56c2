"""From the folders of the stages to one folder that says what it is."""

from glasswright.release.bundle import bundle

__all__ = ["bundle"]
