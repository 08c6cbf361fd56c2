"""Run segments or all of a release's training again, and hand both sides to comparison."""

from glasswright.replay.rebuild import rebuild
from glasswright.replay.segments import segments

__all__ = ["rebuild", "segments"]
