"""Bytes on disk: whole or not at all, and the same bytes for the same content."""
