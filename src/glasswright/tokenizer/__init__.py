"""Text to tokens: a byte-level BPE learned from the kept documents, and every document's place in the shards."""

from glasswright.tokenizer.build import build
from glasswright.tokenizer.learn import END_OF_TEXT, load
from glasswright.tokenizer.measure import Measure, measure

__all__ = ["END_OF_TEXT", "Measure", "build", "load", "measure"]
