"""Byte-level BPE: any text to tokens and back, byte for byte.

    alphabet     the 256 bytes, always all of them, so no text is outside it
    words        GPT-2's pattern: letters, digits or signs with the space before them, or white space
    merges       the most frequent pair within a word, again and again, until the vocabulary is full
    specials     <|endoftext|>, id 0, which no text turns into

The same documents give the same file, whatever the number of threads and the order in which they come.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from glasswright.errors import Misuse

END_OF_TEXT = "<|endoftext|>"
MIN_PAIR_COUNT = 2  # a pair seen once would be learned by heart


def learn(texts: Iterable[str], *, vocab_size: int) -> Tokenizer:
    """Learn a vocabulary of exactly `vocab_size` tokens, the 256 bytes and <|endoftext|> included.

    Raises:  Misuse if the texts hold too few repeated pairs for it, saying how many tokens they do give.
    """
    tokenizer = _learned(texts, vocab_size)
    found = tokenizer.get_vocab_size()
    if found != vocab_size:
        raise Misuse(
            f"tokenizer.vocab_size: {vocab_size} tokens cannot be learned from these documents, {found} can",
            hint=f"set tokenizer.vocab_size to {found} or less, or add documents",
        )
    return tokenizer


def learnable(texts: Sequence[str], *, at_most: int) -> tuple[int, int]:
    """How many tokens, up to `at_most`, can be learned from the texts, and how many of them the texts then are."""
    tokenizer = _learned(texts, at_most)
    num_tokens = sum(len(encoding.ids) for encoding in tokenizer.encode_batch_fast(texts, add_special_tokens=False))
    return tokenizer.get_vocab_size(), num_tokens


def num_learnable(texts: Iterable[str], *, at_most: int) -> int:
    """How many tokens, up to `at_most`, can be learned from the texts, which need not fit into memory together."""
    return _learned(texts, at_most).get_vocab_size()


def _learned(texts: Iterable[str], at_most: int) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=at_most,
        min_frequency=MIN_PAIR_COUNT,
        special_tokens=[END_OF_TEXT],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def load(path: Path) -> Tokenizer:
    """The tokenizer in a tokenizer.json, made to read <|endoftext|> in a text as the characters it is.

    Raises:  Misuse if the file is absent or is no tokenizer.
    """
    try:
        tokenizer = Tokenizer.from_str(path.read_text(encoding="utf-8"))
    except Exception as error:  # the library raises plain Exception
        raise Misuse(f"{path}: not a tokenizer: {error}", hint="the file is absent or damaged") from error
    tokenizer.encode_special_tokens = True
    return tokenizer


def end_of_text(tokenizer: Tokenizer) -> int:
    """The id of <|endoftext|>."""
    number = tokenizer.token_to_id(END_OF_TEXT)
    if number is None:
        raise Misuse(f"the tokenizer has no {END_OF_TEXT}", hint="it was not made by `glasswright tokenizer`")
    return number


def config() -> bytes:
    """`tokenizer_config.json`: what lets AutoTokenizer load tokenizer.json."""
    settings = {
        "add_prefix_space": False,
        "clean_up_tokenization_spaces": False,
        "eos_token": END_OF_TEXT,
        "tokenizer_class": "PreTrainedTokenizerFast",
    }
    return json.dumps(settings, indent=2, sort_keys=True).encode() + b"\n"
