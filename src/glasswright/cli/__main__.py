"""`python -m glasswright.cli` is `glasswright`, for a tree that is not installed."""

from glasswright.cli import main

main()
