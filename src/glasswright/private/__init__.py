"""A release whose documents are private, and the copy of it that others can check."""

from glasswright.private.strangers import publish

__all__ = ["publish"]
