"""Small parents: a byte-level tokenizer with the special tokens of a family, and a template in its manner."""

import json
from dataclasses import dataclass
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from glasswright.records.recipe import Parent, Recipe


@dataclass(frozen=True)
class Manner:
    """How a family writes a conversation."""

    special: tuple[str, ...]  # the first two begin and end a text
    template: str


CHATML = """{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{% endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"""
MARKED = """{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' }}
{%- if m['role'] == 'assistant' %}{% generation %}{{ m['content'] + '<|im_end|>' }}{% endgeneration %}
{%- else %}{{ m['content'] + '<|im_end|>' }}{% endif %}{{ '\n' }}{% endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"""
LLAMA = """{{ bos_token }}{% for m in messages %}
{{- '<|start_header_id|>' + m['role'] + '<|end_header_id|>\n\n' + m['content'] | trim + '<|eot_id|>' }}{% endfor %}
{%- if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"""
GEMMA = """{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('No system message') }}{% endif %}
{%- for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}
{{- raise_exception('Turns must alternate') }}{% endif %}
{{- '<start_of_turn>' + ('model' if m['role'] == 'assistant' else m['role']) + '\n' }}
{{- m['content'] | trim + '<end_of_turn>\n' }}{% endfor %}
{%- if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"""
MISTRAL = """{{ bos_token }}{% for m in messages %}
{%- if m['role'] == 'user' %}{{ '[INST] ' + m['content'] + '[/INST]' }}
{%- else %}{{ ' ' + m['content'] + eos_token }}{% endif %}{% endfor %}"""

MANNERS = {
    "ChatML": Manner(("<|endoftext|>", "<|im_end|>", "<|im_start|>"), CHATML),
    "marked": Manner(("<|endoftext|>", "<|im_end|>", "<|im_start|>"), MARKED),
    "Llama 3": Manner(("<|begin_of_text|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>"), LLAMA),
    "Gemma": Manner(("<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>"), GEMMA),
    "Mistral": Manner(("<s>", "</s>", "[INST]", "[/INST]"), MISTRAL),
}
WORDS = "the assistant says that a user may ask it for words, and user asks the assistant what words the user may say"


def write_parent(folder: Path, manner: Manner, **changes: object) -> int:
    """Write the files of a parent; the size of its vocabulary.

    changes:  to the keys of tokenizer.json
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=320, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([WORDS] * 4, trainer)
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in manner.special])
    definition = json.loads(tokenizer.to_str()) | changes
    (folder / "tokenizer.json").write_text(json.dumps(definition))
    names = {"bos_token": manner.special[0], "eos_token": manner.special[1]}
    config = {**names, "tokenizer_class": "PreTrainedTokenizerFast"}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    (folder / "chat_template.jinja").write_text(manner.template)
    return tokenizer.get_vocab_size()


def recipe_of(kind: str, vocab_size: int, *, sequence_length: int = 512, **tokens: object) -> Recipe:
    """A recipe for material of a kind, whose parent has so many tokens."""
    return Recipe.model_validate(
        {
            "name": "t",
            "sources": [{"name": "here", "kind": kind, "path": "in"}],
            "tokenizer": {"vocab_size": vocab_size},
            "tokens": {"validation_share": "0", **tokens},
            "train": {"sequence_length": sequence_length},
            **({"preference": {}} if kind == "preferences" else {}),
            "parent": Parent(
                name="a/b",
                path="parent",
                license="MIT",
                files="0" * 64,
                max_positions=4096,
                ends_of_text=(vocab_size - 1,),
            ),
        }
    )
