"""Which documents the model is tested on and never learns from.

A document is in the validation split if the number its id begins with is small:

    int(document_id[:13], 16) < validation_share * 16**13          exactly, in rationals

so a document stays where it is when others come and go. The train split is never empty: if every document would be
held back, the one with the highest id is learned from.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from glasswright.records.tokens import Split

DIGITS = 13  # 52 bits


def splits(document_ids: Sequence[str], validation_share: Decimal) -> list[Split]:
    """The split of each document; ids in rising order."""
    limit = Fraction(validation_share) * 16**DIGITS
    found: list[Split] = ["validation" if int(name[:DIGITS], 16) < limit else "train" for name in document_ids]
    if found and "train" not in found:
        found[-1] = "train"
    return found
