"""Where documents come from: one reader per kind of source."""
