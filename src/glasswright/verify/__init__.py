"""Is this release what it says? Nothing here trusts, or imports, what made it."""

from glasswright.verify.check import check

__all__ = ["check"]
