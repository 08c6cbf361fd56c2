"""What a model consists of beside its tensors, against the parent's: sizes, tokenizer, chat template.

A changed chat template is a known way to change a copy without touching a weight, and so is another token under the
same number.

    both in folders             config.json as the description of the model; tokenizer.json part by part
    a GGUF file of a folder     the keys that `export` would write
    a GGUF file of another      its keys

What is said on one side alone is UNKNOWN, unless llama.cpp takes the same for granted where nothing is said.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from gguf import GGUFValueType, GGUFWriter

from glasswright.errors import Misuse, Unknown
from glasswright.export.architecture import architecture_of
from glasswright.export.description import describe
from glasswright.export.gguf import add_tokenizer
from glasswright.export.vocabulary import CONTROL, USER_DEFINED, vocabulary_of
from glasswright.foreign import gguf
from glasswright.lineage.stored import CONFIG, Stored
from glasswright.model.tokenizer import FolderTokenizer
from glasswright.records.verdict import Answer, Finding

Said = Mapping[str, Any]
TEMPLATE = "tokenizer.chat_template"
TYPES = "tokenizer.ggml.token_type"
ARCHITECTURE = "general.architecture"
SIZES, WORDS, CHAT = "the sizes are the parent's", "the tokenizer is the parent's", "the chat template is the parent's"
# Keys that llama.cpp goes without: it takes them from others, or what they say is its default.
TAKEN_FOR_GRANTED = (
    *("attention.key_length", "attention.value_length", "rope.dimension_count", "vocab_size"),
    *("ggml.add_bos_token", "ggml.add_eos_token", "ggml.add_space_prefix"),
    *("ggml.unknown_token_id", "ggml.padding_token_id"),
)
SILENT = frozenset({"version", "truncation", "padding"})  # parts of tokenizer.json that decide no token of a text
# Keys of config.json that decide nothing of what is computed.
OF_NO_ACCOUNT = frozenset(
    {"_name_or_path", "architectures", "dtype", "torch_dtype", "transformers_version", "use_cache", "initializer_range"}
)
DTYPES = {0: "<u1", 1: "<i1", 2: "<u2", 3: "<i2", 4: "<u4", 5: "<i4", 6: "<f4", 7: "?", 10: "<u8", 11: "<i8", 12: "<f8"}
MOST_TOLD = 60  # characters of a value
EVERY_ID = 2**31  # of a tokenizer whose model says no size


def check_said(child: Stored, parent: Stored) -> Iterator[Finding]:
    """The findings on sizes, tokenizer and chat template."""
    if child.header is not None and parent.header is not None:
        there, here = _of_file(parent.header), _of_file(child.header)
        yield from (_compared(claim, _part(there, claim), _part(here, claim)) for claim in (SIZES, WORDS, CHAT))
    elif child.header is not None:
        yield from _of_folder_in_file(child.header, parent)
    elif parent.header is None and child.path.is_dir() and parent.path.is_dir():
        yield _sizes(child, parent)
        yield from _tokenizers(child, parent)


def _of_folder_in_file(header: gguf.Header, parent: Stored) -> Iterator[Finding]:
    here = _of_file(header)
    try:
        writer = GGUFWriter(None, architecture_of(parent.config.model).name)
        describe(writer, parent.config)
    except (Unknown, Misuse) as error:
        yield Finding(claim=SIZES, answer=Answer.UNKNOWN, evidence=str(error))
        return
    yield _compared(SIZES, _part(_written(writer), SIZES), _part(here, SIZES))
    try:
        tokenizer = FolderTokenizer(parent.files, parent.config.vocab_size)
        add_tokenizer(writer, vocabulary_of(tokenizer), tokenizer, parent.config)
    except Misuse as error:
        yield Finding(claim=WORDS, answer=Answer.UNKNOWN, evidence=str(error))
        return
    yield from (_compared(claim, _part(_written(writer), claim), _part(here, claim)) for claim in (WORDS, CHAT))


def _part(said: Said, claim: str) -> dict[str, Any]:
    """The keys of a GGUF file that a claim is about."""
    if claim == CHAT:
        return {key: value for key, value in said.items() if key.startswith(TEMPLATE)}
    if claim == WORDS:
        return {key: value for key, value in said.items() if key.startswith("tokenizer.") and TEMPLATE not in key}
    prefix = f"{said.get(ARCHITECTURE)}."
    return {key: value for key, value in said.items() if key == ARCHITECTURE or key.startswith(prefix)}


def _of_file(header: gguf.Header) -> dict[str, Any]:
    """A file's keys: numbers by their bits, arrays of numbers as they are worth."""
    arrays = {
        key: value if isinstance(value, list) else np.frombuffer(value[1], DTYPES[value[0]]).tolist()
        for key, value in header.arrays.items()
    }
    return {**header.keys, **arrays}


def _written(writer: GGUFWriter) -> dict[str, Any]:
    """The keys of a file that would be written, in the same manner."""
    found = {}
    for key, it in writer.kv_data[0].items():
        if it.type == GGUFValueType.FLOAT32:
            found[key] = struct.unpack("<I", struct.pack("<f", it.value))[0]
        elif it.type == GGUFValueType.ARRAY:
            found[key] = [np.float32(each).item() if isinstance(each, float) else each for each in it.value]
        else:
            found[key] = int(it.value) if isinstance(it.value, bool) else it.value
    return found


def _compared(claim: str, expected: Said, found: Said) -> Finding:
    """What differs is REFUTED; what is said on one side alone is UNKNOWN, unless it is taken for granted."""
    for key in sorted(expected.keys() & found.keys()):
        if expected[key] != found[key]:
            return _unequal(claim, key, expected[key], found[key])
    alone = [
        key
        for key in sorted(expected.keys() ^ found.keys())
        if not any(key.endswith(f".{it}") for it in TAKEN_FOR_GRANTED)
    ]
    if alone:
        told = f"said on one side alone: {', '.join(alone[:8])}{' and more' if len(alone) > 8 else ''}"
        return Finding(claim=claim, answer=Answer.UNKNOWN, evidence=told, place={"key": alone[0]})
    told = f"{len(expected.keys() & found.keys())} keys are equal" if expected or found else "neither says any"
    return Finding(claim=claim, answer=Answer.PROVED, evidence=told)


def _unequal(claim: str, key: str, expected: Any, found: Any) -> Finding:
    if isinstance(expected, dict) and isinstance(found, dict):
        one = next(it for it in sorted(expected.keys() | found.keys()) if expected.get(it) != found.get(it))
        return _unequal(claim, f"{key}.{one}", expected.get(one), found.get(one))
    if isinstance(expected, list) and isinstance(found, list):
        at = next((at for at, (a, b) in enumerate(zip(expected, found, strict=False)) if a != b), None)
        if at is None:
            told = f"{key}: {len(expected)} in the parent, {len(found)} in the child"
            return Finding(claim=claim, answer=Answer.REFUTED, evidence=told, place={"key": key})
        answer = Answer.REFUTED
        if key == TYPES and len(expected) == len(found) and _are_shades(expected, found):
            answer = Answer.UNKNOWN  # converters disagree about which added tokens are special
        told = f"{key}[{at}]: {_told(expected[at])} in the parent, {_told(found[at])} in the child"
        return Finding(claim=claim, answer=answer, evidence=told, place={"key": key, "index": at})
    told = f"{key}: {_told(expected)} in the parent, {_told(found)} in the child"
    if isinstance(expected, str) and isinstance(found, str):
        at = next((at for at, (a, b) in enumerate(zip(expected, found, strict=False)) if a != b), None)
        at = min(len(expected), len(found)) if at is None else at
        told = f"{key}, from character {at} on: {_told(expected[at:])} in the parent, {_told(found[at:])} in the child"
    return Finding(claim=claim, answer=Answer.REFUTED, evidence=told, place={"key": key})


def _are_shades(expected: list[Any], found: list[Any]) -> bool:
    shades = {CONTROL, USER_DEFINED}
    return all(a == b or {a, b} == shades for a, b in zip(expected, found, strict=True))


def _told(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= MOST_TOLD else f"{text[:MOST_TOLD]}..."


def _sizes(child: Stored, parent: Stored) -> Finding:
    """By the description where both have one, else by every key that may decide something."""
    try:
        descriptions = [_flat(asdict(it.config) | {"model": it.config.model.model_dump()}) for it in (parent, child)]
        return _compared(SIZES, *descriptions)
    except Unknown:
        pass
    try:
        said = [it.files.json(CONFIG) for it in (parent, child)]
    except Misuse as error:
        return Finding(claim=SIZES, answer=Answer.UNKNOWN, evidence=str(error))
    left = [{key: value for key, value in it.items() if key not in OF_NO_ACCOUNT} for it in said]
    found = _compared(SIZES, *left)
    if found.answer is not Answer.REFUTED:
        return found
    told = f"{found.evidence}; what the key means in this family is not known here"
    return Finding(claim=SIZES, answer=Answer.UNKNOWN, evidence=told, place=found.place)


def _flat(value: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, item in value.items():
        flat |= _flat(item, f"{path}{key}.") if isinstance(item, Mapping) else {f"{path}{key}": item}
    return flat


def _tokenizers(child: Stored, parent: Stored) -> Iterator[Finding]:
    try:
        there, here = (FolderTokenizer(it.files, EVERY_ID) for it in (parent, child))
    except Misuse as error:
        for claim in (WORDS, CHAT):
            yield Finding(claim=claim, answer=Answer.UNKNOWN, evidence=str(error))
        return
    yield _compared(WORDS, _words(there), _words(here))
    templates = [{} if it.chat_template is None else {TEMPLATE: it.chat_template} for it in (there, here)]
    yield _compared(CHAT, *templates)


def _words(tokenizer: FolderTokenizer) -> dict[str, Any]:
    """tokenizer.json by its parts, as one writer or the other may put them."""
    parts = {key: value for key, value in tokenizer.definition.items() if key not in SILENT}
    model = parts.pop("model", None)
    if isinstance(model, dict):
        merges = model.get("merges")
        if isinstance(merges, list):
            model = {**model, "merges": [it.split(" ") if isinstance(it, str) else it for it in merges]}
        parts |= {f"model.{key}": value for key, value in model.items()}
    parts = {key: value for key, value in parts.items() if value not in (None, False)}
    return parts | tokenizer.special_tokens
