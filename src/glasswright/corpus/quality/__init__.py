"""Quality: text mended, languages told, the published rules applied, personal data masked.

examine(texts, Policy(...)) -> [Finding, ...]        the whole of it, for one batch
"""

from glasswright.corpus.quality.bad_words import read_words
from glasswright.corpus.quality.findings import NAMES, Finding, Policy, examine

__all__ = ["NAMES", "Finding", "Policy", "examine", "read_words"]
