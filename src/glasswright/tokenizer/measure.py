"""What can be made of a corpus, looked at before a recipe says it: how to divide it, how many tokens it gives."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from glasswright.records.recipe import Tokens
from glasswright.store.documents import read_documents
from glasswright.store.ledger import read_ledger
from glasswright.tokenizer.learn import learnable, num_learnable
from glasswright.tokenizer.split import splits

USUAL_SHARE = Tokens().validation_share
SHARES = (USUAL_SHARE, Decimal("0.05"), Decimal("0.1"), Decimal("0.2"))
ENOUGH_CHARACTERS = 2**22  # to learn more tokens from than a recipe made to measure has


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A corpus, as it would be learned from."""

    corpus: Path
    validation_share: Decimal  # the smallest usual one under which a document is held back, if there is one
    trained_on: frozenset[str]  # ids of the documents that are not held back
    num_bytes: int  # of their texts

    def vocabulary(self, *, at_most: int) -> tuple[int, int]:
        """How many tokens can be learned from what is trained on, and how many that has at least.

        A part of it is enough where that fills the vocabulary. Where it does not, the texts repeat a few words, and
        which of them gives how many is no matter of their length: other counts merge in another order.
        """
        found, num_tokens = learnable(list(self._first_texts()), at_most=at_most)
        return (found if found == at_most else num_learnable(self._texts(), at_most=at_most)), num_tokens

    def _first_texts(self) -> Iterator[str]:
        room = ENOUGH_CHARACTERS
        for text in self._texts():
            if room <= 0:
                return
            yield text
            room -= len(text)

    def _texts(self) -> Iterator[str]:
        return (text for name, text in read_documents(self.corpus / "documents") if name in self.trained_on)


def measure(corpus: Path) -> Measure:
    """Measure the folder that `corpus.collect` wrote."""
    kept = [row for row in read_ledger(corpus / "ledger.parquet") if row.is_kept]
    names = [row.document_id for row in kept]
    share = next((share for share in SHARES if "validation" in splits(names, share)), USUAL_SHARE)
    trained_on = [row for row, split in zip(kept, splits(names, share), strict=True) if split == "train"]
    return Measure(
        corpus=corpus,
        validation_share=share,
        trained_on=frozenset(row.document_id for row in trained_on),
        num_bytes=sum(row.bytes for row in trained_on),
    )
