"""A tokenizer.json as GGUF has it: a list of tokens, what each is, and by what name llama.cpp knows the rest.

    byte-level BPE                     "gpt2": tokens, merges, and the name of the pattern that cuts words
    BPE over characters with bytes     "llama": tokens, each with a score; the pair with the best score is merged first

llama.cpp has no list of merges for the second: there, any two neighbours that are a token together may become it, the
token with the best score first. So a tokenizer of this kind must have every such pair among its merges, and those of
one token behind each other, as they are where they were made from a SentencePiece model.

What llama.cpp would cut or merge otherwise is refused by the name of what it is.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from glasswright.errors import Misuse
from glasswright.model.tokenizer import FolderTokenizer

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)  # of llama.cpp
NEVER = -1e6  # the score of a token that no merge makes

CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|"
WORDS = r"[^\r\n\p{L}\p{N}]?\p{L}+|"
SIGNS = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LOWER_AND_UPPER = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|"
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|"
)
DEEPSEEK_WORDS = (
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+|"
    " ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+"
)
BYTES = "bytes"  # the step that cuts by GPT-2's pattern
# How words are cut, and whether a word that is a token is left whole: the name that llama.cpp has for it.
NAMES: dict[tuple[tuple[str, ...], bool], str] = {
    ((BYTES,), False): "gpt-2",
    (("digits", BYTES), False): "smollm",
    ((CONTRACTIONS + WORDS + r"\p{N}{1,3}" + SIGNS,), True): "llama-bpe",
    ((CONTRACTIONS + WORDS + r"\p{N}{1,3}" + SIGNS,), False): "dbrx",
    ((CONTRACTIONS + WORDS + r"\p{N}" + SIGNS,), False): "qwen2",
    ((LOWER_AND_UPPER + r"\p{N}" + SIGNS.replace(r"[\r\n]*", r"[\r\n/]*", 1),), True): "tekken",
    ((LOWER_AND_UPPER + r"\p{N}" + SIGNS.replace(r"[\r\n]*", r"[\r\n/]*", 1),), False): "tekken",
    ((r"\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+", DEEPSEEK_WORDS), False): "deepseek-v3",
}


@dataclass(slots=True, kw_only=True)
class Vocabulary:
    """What a GGUF file says of a tokenizer."""

    tokens: list[str]
    types: list[int]
    model: str = ""
    pattern: str = ""
    scores: list[float] = field(default_factory=list)
    merges: list[str] = field(default_factory=list)
    adds_bos: bool = False
    adds_eos: bool = False
    adds_space: bool = False


def vocabulary_of(tokenizer: FolderTokenizer) -> Vocabulary:
    """The tokenizer of a folder, with one token for each row of the model's embedding.

    Raises:  Misuse naming the part of tokenizer.json that llama.cpp has nothing for.
    """
    definition = tokenizer.definition
    model = definition.get("model") or {}
    if model.get("type") != "BPE":
        raise _refused(tokenizer, "model.type", model.get("type"))
    for part in ("dropout", "continuing_subword_prefix", "end_of_word_suffix"):
        if model.get(part):
            raise _refused(tokenizer, f"model.{part}", model[part])
    tokens, types = _tokens(tokenizer, model)
    pairs = list(_pairs(model))
    found = Vocabulary(tokens=tokens, types=types)
    found.adds_bos, found.adds_eos = _around(tokenizer)
    if model.get("byte_fallback"):
        found.model, found.pattern, found.adds_space = "llama", "default", _adds_space(tokenizer)
        _require_bytes(tokenizer, model)
        _require_all_pairs(tokenizer, tokens, types, pairs)
        found.scores = _scores(tokens, types, pairs)
    else:
        found.model, found.pattern = "gpt2", _pattern(tokenizer, model)
        found.merges = [f"{left} {right}" for left, right in pairs]
    return found


def _tokens(tokenizer: FolderTokenizer, model: dict[str, Any]) -> tuple[list[str], list[int]]:
    """Every token by its id; ids that the tokenizer has nothing for are padded, as llama.cpp's own tools do it."""
    tokens = [f"[PAD{number}]" for number in range(tokenizer.vocab_size)]
    types = [UNUSED] * tokenizer.vocab_size
    for token, number in model["vocab"].items():
        tokens[number], types[number] = token, NORMAL
        if model.get("byte_fallback") and len(token) == 6 and token.startswith("<0x") and token.endswith(">"):
            types[number] = BYTE
    for added in tokenizer.definition.get("added_tokens") or ():
        number = added["id"]
        for flag in ("lstrip", "rstrip", "single_word"):
            if added.get(flag):
                raise _refused(tokenizer, f"added_tokens, {added['content']!r}, {flag}", added[flag])
        if number < tokenizer.vocab_size:
            tokens[number] = added["content"]
            types[number] = CONTROL if added.get("special") else USER_DEFINED
    unknown = model.get("unk_token")
    if model.get("byte_fallback") and unknown in model["vocab"]:
        types[model["vocab"][unknown]] = UNKNOWN
    return tokens, types


def _pairs(model: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The merges, first things first; older files have each as one text."""
    for merge in model.get("merges") or ():
        left, right = merge.split(" ") if isinstance(merge, str) else merge
        yield left, right


def _scores(tokens: list[str], types: list[int], pairs: list[tuple[str, str]]) -> list[float]:
    """A token is worth as much as the first merge that makes it."""
    rank: dict[str, int] = {}
    for number, (left, right) in enumerate(pairs):
        rank.setdefault(left + right, number)
    return [
        -float(rank[token]) if token in rank else (NEVER if kind == NORMAL else 0.0)
        for token, kind in zip(tokens, types, strict=True)
    ]


def _require_bytes(tokenizer: FolderTokenizer, model: dict[str, Any]) -> None:
    """A token for every byte, without which llama.cpp ends at a character that is none."""
    for byte in range(256):
        if (token := f"<0x{byte:02X}>") not in model["vocab"]:
            raise _refused(tokenizer, f"model.vocab without {token}", None)
    if _leaves_whole(model):
        raise _refused(tokenizer, "model.ignore_merges", True)


def _require_all_pairs(
    tokenizer: FolderTokenizer, tokens: list[str], types: list[int], pairs: list[tuple[str, str]]
) -> None:
    """Every pair of tokens that is a token is among the merges, and those that make one token lie together."""
    made, last = set[str](), ""
    for left, right in pairs:
        if (whole := left + right) != last and whole in made:
            raise _refused(
                tokenizer, f"model.merges: those that make {whole!r} do not follow each other", [left, right]
            )
        made.add(whole)
        last = whole
    known = set(pairs)
    for token, kind in zip(tokens, types, strict=True):
        if kind not in (NORMAL, USER_DEFINED):
            continue
        for at in range(1, len(token)):
            left, right = token[:at], token[at:]
            if (at == 1 or left in made) and (at == len(token) - 1 or right in made) and (left, right) not in known:
                raise _refused(tokenizer, f"model.merges: no merge makes the token {token!r} of", [left, right])


def _pattern(tokenizer: FolderTokenizer, model: dict[str, Any]) -> str:
    normalizer = tokenizer.definition.get("normalizer")
    if normalizer not in (None, {"type": "NFC"}, {"type": "Sequence", "normalizers": []}):
        raise _refused(tokenizer, "normalizer", normalizer)
    said = tokenizer.definition.get("pre_tokenizer")
    steps = said.get("pretokenizers", [said]) if isinstance(said, dict) else [said]
    name = NAMES.get((tuple(_step(tokenizer, step) for step in steps if not _is_silent(step)), _leaves_whole(model)))
    if name is None:
        raise _refused(tokenizer, "pre_tokenizer", said)
    return name


def _is_silent(step: Any) -> bool:
    """The step that writes bytes as characters and cuts nothing."""
    return isinstance(step, dict) and step.get("type") == "ByteLevel" and step.get("use_regex") is False


def _step(tokenizer: FolderTokenizer, step: Any) -> str:
    match step:
        case {"type": "ByteLevel", "add_prefix_space": False}:
            return BYTES
        case {"type": "Digits", "individual_digits": True}:
            return "digits"
        case {"type": "Split", "pattern": {"Regex": str(pattern)}, "behavior": "Isolated", "invert": False}:
            return pattern
    raise _refused(tokenizer, "pre_tokenizer", step)


def _leaves_whole(model: dict[str, Any]) -> bool:
    return bool(model.get("ignore_merges"))


def _adds_space(tokenizer: FolderTokenizer) -> bool:
    """Whether a text gets a space in front; refused where spaces become anything but U+2581, or words are cut."""
    definition = tokenizer.definition
    said = definition.get("normalizer") or {}
    steps = said.get("normalizers", [said] if said else [])
    cuts = definition.get("pre_tokenizer")
    match cuts:
        case {"type": "Metaspace", "replacement": "▁", "split": False, "prepend_scheme": scheme} if not steps:
            return scheme in ("first", "always")
    if cuts not in (
        None,
        {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False},
    ):
        raise _refused(tokenizer, "pre_tokenizer", cuts)
    replace = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
    if steps == [replace]:
        return False
    if steps == [{"type": "Prepend", "prepend": "▁"}, replace]:
        return True
    raise _refused(tokenizer, "normalizer", said)


def _around(tokenizer: FolderTokenizer) -> tuple[bool, bool]:
    """Whether the tokenizer puts its first and its last token around a text."""
    ids = tokenizer.tokenizer.encode("a").ids
    bare = tokenizer.tokenizer.encode("a", add_special_tokens=False).ids
    begin = next((at for at in range(len(ids)) if ids[at : at + len(bare)] == bare), None)
    if begin is None or begin > 1 or len(ids) - begin - len(bare) > 1:
        raise _refused(tokenizer, "post_processor", tokenizer.definition.get("post_processor"))
    return begin == 1, len(ids) > begin + len(bare)


def _refused(tokenizer: FolderTokenizer, part: str, found: Any) -> Misuse:
    told = json.dumps(found, ensure_ascii=False)
    return Misuse(
        f"{tokenizer.where}: {part}: llama.cpp has nothing that does as {told[:200]}",
        hint="export with --hf: transformers reads tokenizer.json as it is",
    )
