"""Is this release what it says? Nothing here trusts, or imports, what made it."""

from glasswright.verify.check import check
from glasswright.verify.diff import diff

__all__ = ["check", "diff"]
