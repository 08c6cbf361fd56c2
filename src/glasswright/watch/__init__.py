"""A build or a release as it stands: which stage, which step, the curve so far, and how long it will take."""

from glasswright.watch.standing import Standing
from glasswright.watch.watcher import Watcher, watcher

__all__ = ["Standing", "Watcher", "watcher"]
