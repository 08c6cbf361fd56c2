"""Step 10: what was trained on is what the ledger names, token by token."""

from glasswright.verify.evidence import Evidence


def tokens_spell(evidence: Evidence) -> str:
    """The tokenizer is byte-level BPE of the recipe's size; each document's tokens stand for the bytes of its text."""
    tokens = evidence.token_bytes()
    return f"{len(tokens)} tokens, {len(tokens) - 257} of them made by merges"
