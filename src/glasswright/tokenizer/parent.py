"""The tokenizer of a model that another begins from: its files carried as they are, its texts cut as it cuts them.

    texts           without special tokens; a special token's name in a text is the characters it is, as in our own
    conversations   what the chat template writes, special tokens and all, as transformers reads it

What the file says of truncation, padding and tokens around a text is set aside, and with it offsets that leave out
spaces: every character of a text belongs to a token.
"""

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from tokenizers import Encoding, Tokenizer

from glasswright.chat import CONFIG, TEMPLATE, special_tokens, template_of
from glasswright.errors import Misuse
from glasswright.records.parents import TOKENIZER_FILES
from glasswright.store.atomic import write_atomic

TOKENIZER = TOKENIZER_FILES[0]
SET_ASIDE = ("truncation", "padding", "post_processor")
SPACE = "\u2581"  # of SentencePiece's vocabularies
DAMAGED = "the parent's files are damaged; get them again"


class ParentTokenizer:
    """The tokenizer in a folder that holds `TOKENIZER_FILES`, for a model with `vocab_size` rows in its embedding.

    Raises:  Misuse naming the file that is not there or no tokenizer, or a token beyond the embedding where it comes.
    """

    def __init__(self, folder: Path, vocab_size: int):
        self.folder, self.vocab_size = folder, vocab_size
        self.definition = self._json(TOKENIZER)
        dropout = (self.definition.get("model") or {}).get("dropout")
        if dropout:
            raise Misuse(
                f"{folder / TOKENIZER}: model.dropout: {dropout}: a text would have other tokens every time",
                hint="expected null, as every published model has it",
            )
        text = json.dumps({**self.definition, **dict.fromkeys(SET_ASIDE)})
        try:
            self._tokenizer = Tokenizer.from_str(text)
        except Exception as error:  # the library's own, which has no name of its own
            raise Misuse(f"{folder / TOKENIZER}: not a tokenizer: {error}", hint=DAMAGED) from error

    def carry(self, out: Path) -> bytes:
        """Write the files to `out` as they are; returns tokenizer.json."""
        for name in TOKENIZER_FILES:
            if (self.folder / name).exists():
                write_atomic(out / name, (self.folder / name).read_bytes())
        return (out / TOKENIZER).read_bytes()

    def texts(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text."""
        return [self._held(encoding).ids for encoding in self._encodings(texts, as_characters=True)]

    def written(self, texts: Sequence[str]) -> list[Encoding]:
        """The ids and places of texts that a template wrote."""
        return [self._held(encoding) for encoding in self._encodings(texts, as_characters=False)]

    @cached_property
    def num_bytes(self) -> list[int]:
        """How many bytes each id spells, by the alphabet of its vocabulary."""
        added = {token["id"]: token["content"] for token in self.definition.get("added_tokens") or ()}
        is_byte_level = '"ByteLevel"' in json.dumps([self.definition.get(it) for it in ("pre_tokenizer", "decoder")])
        tokens = [self._tokenizer.id_to_token(token) or "" for token in range(self.vocab_size)]
        return [
            len(added[number].encode()) if number in added else len(token) if is_byte_level else _spelled(token)
            for number, token in enumerate(tokens)
        ]

    @cached_property
    def template(self) -> str | None:
        """The chat template, if there is one."""
        path = self.folder / TEMPLATE
        try:
            return template_of(self._config, path.read_text(encoding="utf-8") if path.exists() else None)
        except UnicodeDecodeError as error:
            raise Misuse(f"{path}: not UTF-8: {error}", hint=DAMAGED) from error

    @property
    def special_tokens(self) -> dict[str, str]:
        """The texts of special tokens, as a template names them."""
        return special_tokens(self._config)

    @cached_property
    def _config(self) -> dict[str, Any]:
        return self._json(CONFIG) if (self.folder / CONFIG).exists() else {}

    def _json(self, name: str) -> dict[str, Any]:
        try:
            found = json.loads((self.folder / name).read_bytes())
        except (OSError, ValueError, RecursionError) as error:
            raise Misuse(f"{self.folder / name}: cannot be read: {error}", hint=DAMAGED) from error
        if not isinstance(found, dict):
            raise Misuse(f"{self.folder / name}: expected an object, found {type(found).__name__}", hint=DAMAGED)
        return found

    def _encodings(self, texts: Sequence[str], *, as_characters: bool) -> list[Encoding]:
        self._tokenizer.encode_special_tokens = as_characters
        return self._tokenizer.encode_batch(list(texts), add_special_tokens=False)

    def _held(self, encoding: Encoding) -> Encoding:
        beyond = max(encoding.ids, default=0)
        if beyond >= self.vocab_size:
            name = self._tokenizer.id_to_token(beyond)
            raise Misuse(
                f"{self.folder / TOKENIZER}: the token {name!r} has id {beyond}, beyond the model's {self.vocab_size}",
                hint="this model has no row for it in its embedding: leave it out of the material",
            )
        return encoding


def _spelled(token: str) -> int:
    is_byte = len(token) == len("<0x00>") and token.startswith("<0x")
    return 1 if is_byte else len(token.replace(SPACE, " ").encode())
