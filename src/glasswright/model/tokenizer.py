"""The tokenizer of a model folder: tokenizer.json, read by the `tokenizers` library, and what its config says beside.

    tokenizer.json               the tokenizer itself, added and special tokens with it
    tokenizer_config.json        names of special tokens; a chat template, unless it has a file of its own:
    chat_template.jinja          the template alone

A model has a row of its embedding for each token. A token beyond the last row cannot be fed: a vocabulary that has one
is refused, and an added token that is one (Gemma 3 has such, for pictures) is where a text holds it.
"""

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from tokenizers import Tokenizer

from glasswright.chat import CONFIG, TEMPLATE, special_tokens, template_of
from glasswright.errors import Misuse
from glasswright.model.folder import A_MODEL, ModelFolder

TOKENIZER = "tokenizer.json"
MAX_TEMPLATE_BYTES = 2**20


class FolderTokenizer:
    """The tokenizer of a folder, for a model with `vocab_size` rows in its embedding.

    Raises:  Misuse naming the file that is not there or no tokenizer, or a token beyond the embedding.
    """

    def __init__(self, folder: ModelFolder, vocab_size: int):
        self.folder, self.vocab_size = folder, vocab_size
        self.where = folder.path / TOKENIZER
        text = folder.read(TOKENIZER)
        try:
            self.tokenizer = Tokenizer.from_str(text.decode())
            self.definition: dict[str, Any] = json.loads(text)
        except Exception as error:  # the library's own, which has no name of its own
            raise Misuse(f"{self.where}: not a tokenizer: {error}", hint=A_MODEL) from error
        self._require_rows()

    def encode(self, text: str, *, has_special: bool = True) -> list[int]:
        """The ids of a text, with the tokens that the tokenizer puts around it, or without them.

        Raises:  Misuse if one of them has no row in the embedding.
        """
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=has_special).ids
        for token in ids:
            if token >= self.vocab_size:
                name = self.tokenizer.id_to_token(token)
                raise Misuse(
                    f"{self.where}: the token {name!r} has id {token}, beyond the model's {self.vocab_size} tokens",
                    hint="this model has no row for it in its embedding: leave it out of the text",
                )
        return ids

    def continuation(self, before: Sequence[int], after: Sequence[int]) -> str:
        """The text that ids add to those before: a space that a text would lose at its beginning is kept."""
        start = self.tokenizer.decode(list(before))
        whole: str = self.tokenizer.decode([*before, *after])
        return whole[len(start) :] if whole.startswith(start) else self.tokenizer.decode(list(after))

    @cached_property
    def config(self) -> dict[str, Any]:
        """tokenizer_config.json; empty where there is none."""
        return self.folder.json(CONFIG) if self.folder.has(CONFIG) else {}

    @property
    def special_tokens(self) -> dict[str, str]:
        """The texts of special tokens by the names of tokenizer_config.json: {"bos_token": "<s>"}."""
        return special_tokens(self.config)

    @property
    def chat_template(self) -> str | None:
        """The chat template, as it is written; of several, the one named "default".

        Raises:  Misuse if it is no text.
        """
        if not self.folder.has(TEMPLATE):
            return template_of(self.config, None)
        try:
            return self.folder.read(TEMPLATE, max_bytes=MAX_TEMPLATE_BYTES).decode()
        except UnicodeDecodeError as error:
            raise Misuse(f"{self.folder.path / TEMPLATE}: not UTF-8: {error}") from error

    def _require_rows(self) -> None:
        vocabulary = self.tokenizer.get_vocab(with_added_tokens=False)
        if vocabulary and (last := max(vocabulary.values())) >= self.vocab_size:
            name = next(token for token, number in vocabulary.items() if number == last)
            raise Misuse(
                f"{self.where}: the token {name!r} has id {last}, the model's embedding has {self.vocab_size} rows",
                hint="this tokenizer belongs to another model",
            )
