"""What the model may learn from, and why we may use it."""

from glasswright.corpus.collect import collect
from glasswright.corpus.engine import Engine
from glasswright.corpus.restore import restore
from glasswright.store import ledger

__all__ = ["Engine", "collect", "ledger", "restore"]
