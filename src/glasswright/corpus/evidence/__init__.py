"""Under which license a document is, and who says so."""
