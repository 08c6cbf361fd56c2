"""A model as one GGUF file for llama.cpp: description, tokenizer and chat template, then the tensors.

    F32      the numbers as they are
    BF16     the nearest of those with 8 bits, ties to even; as they are where the model came in them
    F16      the nearest of binary16; a number that is beyond them is refused
    Q8_0     32 numbers as integers of 8 bits and one scale in binary16

Matrices alone are narrowed; norms, biases, and matrices whose rows are no blocks of 32 stay F32.
"""

import math
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType
from gguf.constants import GGML_QUANT_SIZES, GGML_QUANT_VERSION
from gguf.quants import quantize

from glasswright.errors import Misuse
from glasswright.export.architecture import architecture_of
from glasswright.export.description import describe
from glasswright.export.layout import Laid, laid_out
from glasswright.export.vocabulary import Vocabulary, vocabulary_of
from glasswright.model.decoder import Decoder
from glasswright.model.tokenizer import FolderTokenizer
from glasswright.records.decoder import DecoderConfig
from glasswright.records.progress import Report, of_bytes, silent
from glasswright.store.atomic import atomic_file

TYPES = ("F32", "BF16", "F16", "Q8_0")
BLOCK = 32
FILE_TYPES = {
    "F32": LlamaFileType.ALL_F32,
    "BF16": LlamaFileType.MOSTLY_BF16,
    "F16": LlamaFileType.MOSTLY_F16,
    "Q8_0": LlamaFileType.MOSTLY_Q8_0,
}


def export_gguf(
    model: Decoder, tokenizer: FolderTokenizer, out: Path, kind: str, *, name: str, report: Report = silent
) -> None:
    """Write the model to the file `out`, whole or not at all.

    kind:  one of TYPES
    name:  of the model, for those who look into the file

    Raises:  Misuse naming the part that llama.cpp has nothing for, or the number that the type does not hold;
             WriteFailed if the disk does not take it.
    """
    vocabulary = vocabulary_of(tokenizer)
    numbers = {name: it.detach().numpy() for name, it in model.named_parameters()}
    tensors = list(laid_out(model.config, numbers.__getitem__))
    types = {it.name: _type(it, kind) for it in tensors}
    architecture = architecture_of(model.config.model)
    with atomic_file(out) as file, closing(GGUFWriter(file.name, architecture.name)) as writer:
        writer.add_name(name)
        writer.add_file_type(FILE_TYPES[kind])
        writer.add_quantization_version(GGML_QUANT_VERSION)
        describe(writer, model.config)
        add_tokenizer(writer, vocabulary, tokenizer, model.config)
        for it in tensors:
            block, size = GGML_QUANT_SIZES[types[it.name]]
            num_bytes = math.prod(it.shape) // block * size
            writer.add_tensor_info(it.name, it.shape, np.dtype(np.float32), num_bytes, types[it.name])
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        done, total = 0, sum(math.prod(it.shape) for it in tensors)
        for it in tensors:
            report(of_bytes("write", 4 * done, 4 * total))
            writer.write_tensor_data(_narrowed(it, types[it.name]).view(_Written))
            done += math.prod(it.shape)
        report(of_bytes("write", 4 * done, 4 * total))


class _Written(np.ndarray):
    """An array that Python writes: its errors say what the disk refuses, NumPy's own how many numbers it took."""

    def tofile(self, file: Any) -> None:  # type: ignore[override]
        file.write(self.data.cast("B"))


def _type(tensor: Laid, kind: str) -> GGMLQuantizationType:
    is_narrowed = tensor.is_narrowed and (kind != "Q8_0" or tensor.shape[-1] % BLOCK == 0)
    return GGMLQuantizationType[kind if is_narrowed else "F32"]


def _narrowed(tensor: Laid, kind: GGMLQuantizationType) -> np.ndarray:
    """A tensor's bytes in its type.

    Raises:  Misuse naming the tensor and the number that the type does not hold.
    """
    numbers = np.ascontiguousarray(tensor.numbers())
    with np.errstate(over="ignore"):
        narrowed: np.ndarray = quantize(numbers, kind)
    wrong = ~np.isfinite(_scales(narrowed, kind))
    if wrong.any():
        at = int(wrong.reshape(-1).argmax()) * GGML_QUANT_SIZES[kind][0]
        index = [int(i) for i in np.unravel_index(at, numbers.shape)]
        raise Misuse(
            f"tensor {tensor.name}: {kind.name} does not hold what is at {index}", hint="export as F32 or BF16"
        )
    return narrowed


def _scales(narrowed: np.ndarray, kind: GGMLQuantizationType) -> np.ndarray:
    """What is not finite where a number was too large: the numbers themselves, or the scale of each block."""
    if kind == GGMLQuantizationType.BF16:
        return (narrowed.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
    if kind == GGMLQuantizationType.Q8_0:
        return narrowed.reshape(-1, GGML_QUANT_SIZES[kind][1])[:, :2].copy().view(np.float16)
    return narrowed


def add_tokenizer(
    writer: GGUFWriter, vocabulary: Vocabulary, tokenizer: FolderTokenizer, config: DecoderConfig
) -> None:
    """Write the keys of a tokenizer, and its chat template."""
    writer.add_tokenizer_model(vocabulary.model)
    writer.add_tokenizer_pre(vocabulary.pattern)
    writer.add_token_list(vocabulary.tokens)
    writer.add_token_types(vocabulary.types)
    if vocabulary.scores:
        writer.add_token_scores(vocabulary.scores)
    if vocabulary.merges:
        writer.add_token_merges(vocabulary.merges)
    writer.add_add_bos_token(vocabulary.adds_bos)
    writer.add_add_eos_token(vocabulary.adds_eos)
    writer.add_add_space_prefix(vocabulary.adds_space)
    for add, token in (
        (writer.add_bos_token_id, _special(tokenizer, "bos_token", config.begin_of_text)),
        (writer.add_eos_token_id, _special(tokenizer, "eos_token", next(iter(config.ends_of_text), None))),
        (writer.add_unk_token_id, _special(tokenizer, "unk_token", None)),
        (writer.add_pad_token_id, _special(tokenizer, "pad_token", None)),
    ):
        if token is not None:
            add(token)
    if tokenizer.chat_template is not None:
        writer.add_chat_template(tokenizer.chat_template)


def _special(tokenizer: FolderTokenizer, name: str, otherwise: int | None) -> int | None:
    """The id of a special token, as the tokenizer's config names it, or as the model's does."""
    text = tokenizer.special_tokens.get(name)
    token = None if text is None else tokenizer.tokenizer.token_to_id(text)
    return otherwise if token is None or token >= tokenizer.vocab_size else token
