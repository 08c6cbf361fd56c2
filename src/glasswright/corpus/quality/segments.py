"""A batch of texts cut into tokens, words, lines and paragraphs, all at once.

    token      what stands between spaces                       "Don't,"   the unit of Gopher's rules
    word       letters, marks and digits in lower case          "don" "t"  the unit of shingles and stop words
    line       the tokens between two line feeds                blank lines are none
    paragraph  the lines between two blank lines

A character of Han, Hiragana or Katakana is a token and a word by itself. Texts are joined by line feeds into one array
of code points, so nothing here loops over words; positions are in that array, and offsets say where a document begins.

Axes:  C characters, T tokens, W words, L lines, D documents.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from glasswright.corpus.quality import characters
from glasswright.corpus.quality.hashing import hash_spans

PORTION = 2**19  # characters


@dataclass(frozen=True, slots=True)
class Spans:
    """Runs of something: where each begins and ends, and which belong to a document."""

    starts: np.ndarray  # (S,) int64
    ends: np.ndarray  # (S,) int64, exclusive
    offsets: np.ndarray  # (D+1,) int64: document d has the spans offsets[d]:offsets[d+1]

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def lengths(self) -> np.ndarray:
        lengths: np.ndarray = self.ends - self.starts
        return lengths

    def documents(self) -> np.ndarray:
        """The document of every span.  Shapes: (S,).  Dtypes: int64."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    def total(self, amount_S: np.ndarray) -> np.ndarray:
        """The sum of an amount over each document's spans.  Shapes: (D,).  Dtypes: int64."""
        running = np.zeros(len(amount_S) + 1, np.int64)
        np.cumsum(amount_S, out=running[1:])
        totals: np.ndarray = np.diff(running[self.offsets])
        return totals


@dataclass(frozen=True, slots=True)
class Text:
    """Texts side by side: their code points and the class of each."""

    points_C: np.ndarray  # uint32
    classes_C: np.ndarray  # uint8
    starts_D: np.ndarray  # (D+1,) where each document begins; a document ends one before the next

    def has(self, bit: np.uint8) -> np.ndarray:
        """Which characters are of a class.  Shapes: (C,).  Dtypes: bool."""
        is_of_class: np.ndarray = (self.classes_C & bit) != 0
        return is_of_class


def portions(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """The texts in order, in runs of about PORTION characters: what fits in a processor's cache is done sooner."""
    first = size = 0
    for last, text in enumerate(texts):
        size += len(text) + 1
        if size >= PORTION:
            yield texts[first : last + 1]
            first, size = last + 1, 0
    if first < len(texts):
        yield texts[first:]


def join(texts: Sequence[str]) -> Text:
    """Put texts side by side, a line feed after each."""
    joined = "\n".join((*texts, ""))
    points_C = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    starts_D = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) + 1 for text in texts], out=starts_D[1:])
    return Text(points_C, characters.classes()[points_C], starts_D)


def _runs(text: Text, inside_C: np.ndarray) -> Spans:
    """Maximal runs of characters that are inside; one that stands alone is a run by itself."""
    alone_C = text.has(characters.ALONE)
    begins_C = inside_C.copy()
    begins_C[1:] &= ~inside_C[:-1] | alone_C[1:] | alone_C[:-1]
    finishes_C = inside_C.copy()
    finishes_C[:-1] &= ~inside_C[1:] | begins_C[1:]
    starts = np.flatnonzero(begins_C)
    return Spans(starts, np.flatnonzero(finishes_C) + 1, np.searchsorted(starts, text.starts_D))


def tokens(text: Text) -> Spans:
    """What stands between spaces."""
    return _runs(text, ~text.has(characters.SPACE))


def words(text: Text) -> tuple[Spans, np.ndarray]:
    """Words in lower case, and the hash of each.  Shapes: (W,).  Dtypes: uint64."""
    spans = _runs(text, text.has(characters.WORD))
    return spans, hash_spans(characters.lower()[text.points_C], spans.starts, spans.ends)


def lines_of_tokens(text: Text, token_spans: Spans) -> tuple[Spans, Spans]:
    """Lines, and paragraphs, as runs of tokens: positions are indices of tokens."""
    feeds = np.zeros(len(text.points_C) + 1, np.int32)
    np.cumsum(text.has(characters.NEWLINE), out=feeds[1:])
    feeds_before_T = np.diff(feeds[token_spans.starts], prepend=0)
    feeds_before_T[token_spans.offsets[:-1][np.diff(token_spans.offsets) > 0]] = 2
    return _groups(feeds_before_T >= 1, token_spans), _groups(feeds_before_T >= 2, token_spans)


def _groups(begins_T: np.ndarray, token_spans: Spans) -> Spans:
    starts = np.flatnonzero(begins_T)
    ends = np.append(starts[1:], len(token_spans)) if len(starts) else starts
    return Spans(starts, ends, np.searchsorted(starts, token_spans.offsets))
