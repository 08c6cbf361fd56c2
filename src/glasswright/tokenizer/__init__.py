"""Text to tokens: a byte-level BPE learned from the kept documents, and every document's place in the shards."""

from glasswright.tokenizer.build import build
from glasswright.tokenizer.learn import END_OF_TEXT, load, token_bytes
from glasswright.tokenizer.read import Tokens, open_tokens

__all__ = ["END_OF_TEXT", "Tokens", "build", "load", "open_tokens", "token_bytes"]
