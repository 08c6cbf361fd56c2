"""A folder's tokenizer: any tokenizer.json, its own template, and no token that the model has no row for."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

from glasswright.errors import Misuse
from glasswright.model.folder import ModelFolder
from glasswright.model.tokenizer import FolderTokenizer

Write = Callable[..., FolderTokenizer]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """The tokenizer of a folder with words for tokens, and these files."""

    def written(vocab_size: int = 6, added: tuple[str, ...] = (), **files: object) -> FolderTokenizer:
        tokenizer = Tokenizer(models.WordLevel({"<s>": 0, "a": 1, "b": 2, "▁a": 3, "▁b": 4, "?": 5}, unk_token="?"))
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
        tokenizer.decoder = decoders.Metaspace()
        tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
        tokenizer.add_special_tokens(list(added))
        tokenizer.save(str(tmp_path / "tokenizer.json"))
        for name, content in files.items():
            (tmp_path / name.replace("__", ".")).write_text(
                content if isinstance(content, str) else json.dumps(content)
            )
        return FolderTokenizer(ModelFolder(tmp_path), vocab_size)

    return written


def test_what_the_tokenizer_puts_before_a_text_is_there(write: Write) -> None:
    assert write().encode("a b") == [0, 3, 4]


def test_a_continuation_keeps_the_space_that_a_text_alone_would_lose(write: Write) -> None:
    tokenizer = write()
    assert tokenizer.tokenizer.decode([4]) == "b"
    assert tokenizer.continuation([0, 3], [4, 3]) == " b a"


def test_a_vocabulary_that_is_larger_than_the_embedding_is_refused(write: Write) -> None:
    with pytest.raises(Misuse, match=r"the token '\?' has id 5, the model's embedding has 5 rows"):
        write(vocab_size=5)


def test_an_added_token_beyond_the_embedding_is_refused_where_a_text_holds_it(write: Write) -> None:
    tokenizer = write(added=("<image>",))
    assert tokenizer.encode("a") == [0, 3]
    with pytest.raises(Misuse, match="the token '<image>' has id 6, beyond the model's 6 tokens"):
        tokenizer.encode("a<image>")


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"model": 7}', "[" * 100_000, "\x00"])
def test_what_is_no_tokenizer_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "tokenizer.json").write_text(content)
    with pytest.raises(Misuse, match="tokenizer.json: not a tokenizer"):
        FolderTokenizer(ModelFolder(tmp_path), 10)


def test_a_folder_without_a_tokenizer_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="tokenizer.json: no such file"):
        FolderTokenizer(ModelFolder(tmp_path), 10)


@pytest.mark.parametrize(
    ("files", "template"),
    [
        ({}, None),
        ({"tokenizer_config__json": {"chat_template": "{{ x }}\r\n"}}, "{{ x }}\r\n"),
        ({"tokenizer_config__json": {"chat_template": "{{ x }}"}, "chat_template__jinja": "{{ y }} ü"}, "{{ y }} ü"),
        (
            {
                "tokenizer_config__json": {
                    "chat_template": [{"name": "tool_use", "template": "t"}, {"name": "default", "template": "d"}]
                }
            },
            "d",
        ),
    ],
)
def test_the_template_is_the_one_that_transformers_takes(write: Write, files: dict, template: str | None) -> None:
    assert write(**files).chat_template == template


def test_a_template_that_is_no_text_is_refused(write: Write) -> None:
    with pytest.raises(Misuse, match="tokenizer_config.json: chat_template: expected a text, found int"):
        _ = write(tokenizer_config__json={"chat_template": 7}).chat_template


def test_special_tokens_are_texts_however_they_are_written(write: Write) -> None:
    said = {"bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": False}, "pad_token": None, "other": "x"}
    assert write(tokenizer_config__json=said).special_tokens == {"bos_token": "<s>", "eos_token": "</s>"}
