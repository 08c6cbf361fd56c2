"""What the rules ask of a text, counted: one integer per document and measure, no floats.

Words here are Gopher's: what stands between spaces. "Characters" of a line run from its first token to its last;
characters of tokens leave out the spaces between.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from glasswright.corpus.quality import characters, segments
from glasswright.corpus.quality.hashing import hash_spans
from glasswright.corpus.quality.repetition import repeated, repeated_grams
from glasswright.corpus.quality.segments import Spans, Text

STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")  # Rae et al. 2021, A.1.1
BULLETS = "-*•‣◦●▪–·"
SHORT_LINE = 30  # characters; Penedo et al. 2024, 3.6

Measures = Mapping[str, np.ndarray]  # each (D,) int64


def measure(texts: Sequence[str]) -> Measures:
    """Count everything that a rule asks for.

    Shapes:  D = len(texts); every measure (D,).
    Dtypes:  int64.
    """
    parts = [_measure(part) for part in segments.portions(texts)] or [_measure([])]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _measure(texts: Sequence[str]) -> dict[str, np.ndarray]:
    text = segments.join(texts)
    tokens = segments.tokens(text)
    lines, paragraphs = segments.lines_of_tokens(text, tokens)
    hash_T = hash_spans(text.points_C, tokens.starts, tokens.ends)
    return {
        **_of_tokens(text, tokens),
        **_of_lines(text, tokens, lines),
        **_of_repetition(tokens, lines, paragraphs, hash_T),
        **repeated_grams(tokens, hash_T),
        "num_stop_words": _num_stop_words(text),
    }


def _count_in(where_C: np.ndarray, spans: Spans) -> np.ndarray:
    """How many characters of a kind each span holds.  Shapes: (S,)."""
    running = np.zeros(len(where_C) + 1, np.int32 if len(where_C) < 2**31 else np.int64)
    np.cumsum(where_C, out=running[1:])
    counts: np.ndarray = running[spans.ends] - running[spans.starts]
    return counts


def _per_document(text: Text, where_C: np.ndarray) -> np.ndarray:
    documents = Spans(text.starts_D[:-1], text.starts_D[1:], np.arange(len(text.starts_D)))
    return _count_in(where_C, documents).astype(np.int64)


def _of_tokens(text: Text, tokens: Spans) -> dict[str, np.ndarray]:
    word_characters_T = _count_in(text.has(characters.WORD), tokens)
    is_word_T = word_characters_T > 0
    return {
        "num_tokens": np.diff(tokens.offsets),
        "num_words": tokens.total(is_word_T),
        "num_word_characters": tokens.total(word_characters_T),
        "num_alphabetic_words": tokens.total(_count_in(text.has(characters.ALPHA), tokens) > 0),
        "num_token_characters": tokens.total(tokens.lengths),
        "num_hashes": _per_document(text, text.points_C == ord("#")),
        "num_curly_brackets": _per_document(text, text.points_C == ord("{")),
        "num_ellipses": _per_document(text, _ellipsis_starts(text)),
    }


def _last(ends: np.ndarray, back: int) -> np.ndarray:
    """Position of the back-th character before each end, never before the text."""
    places: np.ndarray = np.maximum(ends - 1 - back, 0)
    return places


def _ends_sentence(text: Text, tokens: Spans) -> np.ndarray:
    """A token ends a sentence if it ends in an ending, or in an ending and one or two closings."""
    is_ending, is_closing = text.has(characters.ENDING), text.has(characters.CLOSING)
    last, second, third = (_last(tokens.ends, back) for back in range(3))
    ends_T: np.ndarray = is_ending[last] | (is_closing[last] & is_ending[second] & (tokens.lengths > 1))
    ends_T |= is_closing[last] & is_closing[second] & is_ending[third] & (tokens.lengths > 2)
    return ends_T


def _is_three_dots(text: Text) -> np.ndarray:
    """Where three dots begin."""
    dot_C = np.append(text.points_C == ord("."), [False, False])
    begins: np.ndarray = dot_C[:-2] & dot_C[1:-1] & dot_C[2:]
    return begins


def _ellipsis_starts(text: Text) -> np.ndarray:
    """An ellipsis is the character, or a run of three or more dots."""
    dots_C = _is_three_dots(text)
    first_C = dots_C.copy()
    first_C[1:] &= ~dots_C[:-1]
    starts: np.ndarray = first_C | (text.points_C == ord("…"))
    return starts


def _of_lines(text: Text, tokens: Spans, lines: Spans) -> dict[str, np.ndarray]:
    starts_L, ends_L = tokens.starts[lines.starts], tokens.ends[lines.ends - 1]
    last_L, second_L = _last(ends_L, 0), _last(ends_L, 1)
    is_ending, is_closing = text.has(characters.ENDING), text.has(characters.CLOSING)
    is_quote = np.isin(text.points_C[last_L], [ord(mark) for mark in "\"'”’"])
    ellipsis_L = (text.points_C[last_L] == ord("…")) | _is_three_dots(text)[_last(ends_L, 2)]
    punctuated_L = is_ending[last_L] | is_quote | (is_closing[last_L] & is_ending[second_L])
    ends_sentence_T = _ends_sentence(text, tokens)
    return {
        # what a line ends with is a sentence, finished or not
        "num_sentences": tokens.total(ends_sentence_T) + lines.total(~ends_sentence_T[lines.ends - 1]),
        "num_lines": np.diff(lines.offsets),
        "num_line_characters": lines.total(ends_L - starts_L),
        "num_bullet_lines": lines.total(np.isin(text.points_C[starts_L], [ord(bullet) for bullet in BULLETS])),
        "num_ellipsis_lines": lines.total(ellipsis_L),
        "num_punctuated_lines": lines.total(punctuated_L),
        "num_short_lines": lines.total(ends_L - starts_L < SHORT_LINE),
    }


def _of_repetition(tokens: Spans, lines: Spans, paragraphs: Spans, hash_T: np.ndarray) -> dict[str, np.ndarray]:
    """Lines and paragraphs that stood in the document before: how many, and how many characters in them."""
    found: dict[str, np.ndarray] = {}
    for name, runs in (("line", lines), ("paragraph", paragraphs)):
        again = repeated(hash_spans(hash_T, runs.starts, runs.ends), runs.documents())
        found[f"num_repeated_{name}s"] = runs.total(again)
        lengths = tokens.ends[runs.ends - 1] - tokens.starts[runs.starts]
        found[f"num_repeated_{name}_characters"] = runs.total(np.where(again, lengths, 0))
    found["num_paragraphs"] = np.diff(paragraphs.offsets)
    return found


def _num_stop_words(text: Text) -> np.ndarray:
    """How many different stop words each document holds."""
    spans, hash_W = segments.words(text)
    listed = segments.words(segments.join(STOP_WORDS))[1]
    met_D = np.zeros(len(spans.offsets) - 1, np.int64)
    for stop_word in listed:
        met_D += spans.total(hash_W == stop_word) > 0
    return met_D
