"""The shards spell the documents, whatever the shards' size; what does not is refused by document and token."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from tests.verify.real_run import unpack
from tokenizers import Tokenizer

from glasswright.errors import ClaimFalse
from glasswright.records.recipe import Recipe
from glasswright.records.tokens import DocumentTokens, TokenMap, TokenShard
from glasswright.store.documents import read_documents
from glasswright.tokenizer.learn import learn
from glasswright.verify.shards import check_shards
from glasswright.verify.tokenizer import check_tokenizer

TEXTS = ["the glass is clear and the sky is blue", "ünïcödé ∀x: <|endoftext|> the", "\n\n the the the\t", "x"]
VOCAB_SIZE = 270


class Made:
    """Documents, their tokens and the shards they lie in."""

    def __init__(self, tokenizer: Tokenizer, shard_tokens: int, width: int):
        self.tokens = spelling(tokenizer)
        encoded = [[*tokenizer.encode(text, add_special_tokens=False).ids, 0] for text in TEXTS]
        self.ids = [number for ids in encoded for number in ids]
        self.texts = [text.encode() for text in TEXTS]
        self.width, self.shard_tokens = width, shard_tokens
        starts = np.cumsum([0, *map(len, encoded)])
        self.documents = tuple(
            DocumentTokens(
                document_id=hashlib.sha256(text).hexdigest(),
                split="train",
                first_token=int(starts[place]),
                num_tokens=len(encoded[place]),
                num_bytes=len(text),
            )
            for place, text in enumerate(self.texts)
        )

    def check(self, *, cut: int = 0) -> None:
        """cut: bytes that are missing at the end of each shard"""
        data = [
            np.array(self.ids[at : at + self.shard_tokens], f"<u{self.width}").tobytes()
            for at in range(0, len(self.ids), self.shard_tokens)
        ]
        shards = tuple(
            TokenShard(path=f"{n}", sha256="", num_tokens=len(some) // self.width, bytes_per_token=self.width)
            for n, some in enumerate(data)
        )
        token_map = TokenMap(
            tokenizer_sha256="", vocab_size=VOCAB_SIZE, end_of_text=0, shards=shards, documents=self.documents
        )
        views = [
            (f"tokens/shards/{shard.path}", memoryview(some[: len(some) - cut]))
            for shard, some in zip(shards, data, strict=True)
        ]
        check_shards(views, [(f"documents:{n}", text) for n, text in enumerate(self.texts)], token_map, self.tokens)


def spelling(tokenizer: Tokenizer) -> list[bytes]:
    recipe = Recipe.model_validate(
        {"name": "r", "sources": [{"name": "s", "kind": "python-docs"}], "tokenizer": {"vocab_size": VOCAB_SIZE}}
    )
    token_map = TokenMap(tokenizer_sha256="", vocab_size=VOCAB_SIZE, end_of_text=0, shards=(), documents=())
    return check_tokenizer(tokenizer.to_str(pretty=True).encode(), recipe, token_map)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    learned = learn(TEXTS * 3, vocab_size=VOCAB_SIZE)
    learned.encode_special_tokens = True
    return learned


@pytest.fixture(params=[2, 4])
def made(tokenizer: Tokenizer, request: pytest.FixtureRequest) -> Made:
    return Made(tokenizer, shard_tokens=1000, width=request.param)


@pytest.mark.parametrize("shard_tokens", [1, 2, 7, 30, 1000])
def test_documents_are_spelled_across_shards(tokenizer: Tokenizer, shard_tokens: int) -> None:
    Made(tokenizer, shard_tokens, width=2).check()


def test_the_shards_of_a_release_spell_its_documents(tmp_path) -> None:
    real = unpack(tmp_path)
    tokens = check_tokenizer((real.folder / "model" / "tokenizer.json").read_bytes(), real.recipe, real.token_map)
    documents = [(name, text.encode()) for name, text in read_documents(real.folder / "corpus" / "documents")]
    shards = [
        (shard.path, memoryview((real.folder / "tokens" / "shards" / shard.path).read_bytes()))
        for shard in real.token_map.shards
    ]
    check_shards(shards, documents, real.token_map, tokens)


def put(place: int, number: int) -> Callable[[Made], None]:
    def change(made: Made) -> None:
        made.ids[place] = number

    return change


def end_within(made: Made) -> None:
    """An end of text in place of the first token, as if there were two documents."""
    made.ids[0] = 0


def no_end(made: Made) -> None:
    made.ids[made.documents[0].num_tokens - 1] = 5


def other_text(made: Made) -> None:
    made.texts[1] = made.texts[1].replace(b"x", b"y")


def longer_text(made: Made) -> None:
    made.texts[2] += b" and more"


def shorter_text(made: Made) -> None:
    made.texts[2] = made.texts[2][:-1]


def swapped(made: Made) -> None:
    made.texts[0], made.texts[2] = made.texts[2], made.texts[0]


def another_document(made: Made) -> None:
    made.texts.append(b"x")


def fewer_documents(made: Made) -> None:
    made.texts.pop()


def more_tokens(made: Made) -> None:
    made.ids.append(0)


def fewer_tokens(made: Made) -> None:
    made.ids.pop()


def more_shards(made: Made) -> None:
    made.shard_tokens = len(made.ids)
    made.ids.append(0)


def nothing(made: Made) -> None:
    made.documents = (replace(made.documents[0], num_tokens=0), *made.documents[1:])


FORGERIES: list[tuple[Callable[[Made], None], str]] = [
    (put(3, VOCAB_SIZE), f"tokens/shards/0: token 3: id {VOCAB_SIZE}, and the vocabulary has {VOCAB_SIZE}"),
    (put(3, 2**16 - 1), "tokens/shards/0: token 3: id 65535"),
    (put(0, 3), "documents:0: document 1f8e8b5b7e6d: token 0: id 3 spells b'#', the text has b't'"),
    (end_within, "token 0: id 0 spells b'\\xff', the text has b't'"),
    (no_end, "id 5, and a document ends with the end of text"),
    (other_text, "documents:1: document"),
    (longer_text, "tokens end where the text goes on with b' and more'"),
    (shorter_text, "documents:2: document"),
    (swapped, "documents:0: document"),
    (another_document, "tokens/map.json: 4 documents; more are carried"),
    (fewer_documents, "tokens/map.json: 4 documents; fewer are carried"),
    (more_tokens, "tokens/shards: tokens beyond those of the last document"),
    (more_shards, "tokens/shards: tokens beyond those of the last document"),
    (fewer_tokens, "tokens/shards: end within document"),
    (nothing, "tokens/map.json: document"),
]


@pytest.mark.parametrize(("change", "message"), FORGERIES)
def test_tokens_of_another_text_are_refused(made: Made, change: Callable[[Made], None], message: str) -> None:
    change(made)
    message = message.replace("1f8e8b5b7e6d", made.documents[0].document_id[:12])
    with pytest.raises(ClaimFalse, match=f"^{'' if message[0] == 't' else '.*'}.*{re.escape(message)}"):
        made.check()


def test_half_a_token_is_refused(made: Made) -> None:
    with pytest.raises(ClaimFalse, match=f"tokens/shards/0: .* bytes, of {made.width} a token"):
        made.check(cut=1)


def test_other_tokens_that_spell_the_same_text_pass(made: Made) -> None:
    """What this does not show: the merges may have been applied in another order, or not at all."""
    byte_of = {token: number for number, token in enumerate(made.tokens)}
    split = list(_bytewise(made, byte_of))
    assert split != made.ids
    made.ids = split
    made.documents = tuple(
        replace(d, num_tokens=len(text) + 1) for d, text in zip(made.documents, made.texts, strict=True)
    )
    made.check()


def _bytewise(made: Made, byte_of: dict[bytes, int]) -> Iterator[int]:
    for text in made.texts:
        yield from (byte_of[bytes([byte])] for byte in text)
        yield 0
