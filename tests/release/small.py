"""A release small enough to forge by hand: the folders of the stages are made up, nothing is trained."""

import hashlib
import json
from fractions import Fraction
from pathlib import Path

import numpy as np

from glasswright.attest.tensors import tensor_digest, tensors_root
from glasswright.recipe import write_resolved
from glasswright.records.canonical import canonical_bytes, float_bits
from glasswright.records.ledger import LedgerRow, document_id
from glasswright.records.recipe import Recipe
from glasswright.records.release import Release
from glasswright.records.tokens import DocumentTokens, TokenMap, TokenShard
from glasswright.records.transcript import Schedule, Span, StateRecord, StepRecord
from glasswright.release import bundle
from glasswright.store import tensors
from glasswright.store.documents import write_documents
from glasswright.store.ledger import write_ledger
from glasswright.verify.data import expected_splits

END_OF_TEXT = 0
WORDS = ("clear", "blue", "old", "thin")
TEXTS = [f"Document number {number}: the glass is {word}." for number, word in enumerate(WORDS)]
RECIPE = Recipe.model_validate(
    {
        "name": "small",
        "sources": [{"name": "texts", "kind": "folder", "path": "texts", "license": "CC0-1.0"}],
        "tokenizer": {"vocab_size": 300},
        "tokens": {"validation_share": "0.5"},
        "model": {"hidden_size": 8, "num_layers": 1, "num_heads": 2, "num_kv_heads": 1, "intermediate_size": 12},
        "train": {
            "num_steps": 5,
            "sequence_length": 8,
            "batch_sequences": 2,
            "leaf_sequences": 1,
            "segment_steps": 2,
            "schedule": {"warmup_steps": 1, "decay_steps": 2},
        },
    }
)


def make_release(folder: Path, out: Path, *, with_checkpoints: bool = True) -> Release:
    """Make the stages' folders in `folder` and bundle them to `out`."""
    corpus, tokens, train = folder / "corpus", folder / "tokens", folder / "train"
    make_corpus(corpus, tokens)
    token_map = make_tokens(corpus, tokens)
    make_training(train, token_map)
    return bundle(
        RECIPE,
        recipe_text=write_resolved(RECIPE),
        corpus=corpus,
        tokens=tokens,
        train=train,
        out=out,
        with_checkpoints=with_checkpoints,
        observed={"built_at": "2026-01-01T00:00:00Z"},
        describe_corpus=describe_nothing,
        audit=audit_nothing,
    )


def describe_nothing(release: Path) -> None:
    """The corpus is made up."""


def audit_nothing(release: Path) -> None:
    """And so is its openness."""


def make_corpus(corpus: Path, tokens: Path) -> None:
    rows = sorted([_row(number, text) for number, text in enumerate(TEXTS)], key=lambda row: row.document_id)
    dropped = _row(9, "too short", decision="drop", reason="too_few_words", tokens=None)
    tokens.mkdir(parents=True)
    write_ledger(tokens / "ledger.parquet", sorted([*rows, dropped], key=lambda row: row.document_id))
    text_of = {row.document_id: TEXTS[int(row.path.removesuffix(".txt"))] for row in rows}
    write_documents(corpus / "documents", text_of.items())
    (corpus / "sources.json").write_bytes(canonical_bytes([{"determined": {"name": "texts"}, "observed": {}}]))


def make_tokens(corpus: Path, tokens: Path) -> TokenMap:
    """Every byte is a token; the end of text comes after each document."""
    lines = [json.loads(line) for line in (corpus / "documents" / "00000.jsonl").read_bytes().splitlines()]
    ids = [[byte + 1 for byte in line["text"].encode()] + [END_OF_TEXT] for line in lines]
    split = expected_splits([line["document_id"] for line in lines], Fraction(1, 2))
    data = np.array([token for document in ids for token in document], dtype="<u2").tobytes()
    (tokens / "shards").mkdir()
    (tokens / "shards" / "00000.bin").write_bytes(data)
    (tokens / "tokenizer.json").write_text('{"made": "up"}\n')
    (tokens / "tokenizer_config.json").write_text('{"eos_token": "<|endoftext|>"}\n')
    token_map = TokenMap(
        tokenizer_sha256=hashlib.sha256((tokens / "tokenizer.json").read_bytes()).hexdigest(),
        vocab_size=300,
        end_of_text=END_OF_TEXT,
        shards=(
            TokenShard(
                path="00000.bin",
                sha256=hashlib.sha256(data).hexdigest(),
                num_tokens=len(data) // 2,
                bytes_per_token=2,
            ),
        ),
        documents=tuple(
            DocumentTokens(
                document_id=line["document_id"],
                split="validation" if held_back else "train",
                first_token=sum(len(before) for before in ids[:number]),
                num_tokens=len(ids[number]),
                num_bytes=len(line["text"].encode()),
            )
            for number, (line, held_back) in enumerate(zip(lines, split, strict=True))
        ),
    )
    (tokens / "map.json").write_bytes(canonical_bytes(token_map.record()) + b"\n")
    return token_map


def make_training(train: Path, token_map: TokenMap) -> None:
    (train / "checkpoints").mkdir(parents=True)
    (train / "model").mkdir()
    (train / "schedule.json").write_bytes(canonical_bytes(make_schedule().record()))
    _write_lines(train / "steps.jsonl", [make_step(number, token_map).record() for number in range(1, 6)])
    states = []
    for segment, step in enumerate([0, 2, 4, 5]):
        state = make_state(step)
        tensors.save(train / "checkpoints" / f"state-{step:08d}.safetensors", state)
        states.append(state_record(segment, step, state).record())
    _write_lines(train / "states.jsonl", states)
    weights = {name.removeprefix("model."): array for name, array in state.items() if name.startswith("model.")}
    tensors.save(train / "model" / "model.safetensors", weights)
    (train / "model" / "config.json").write_text(json.dumps(CONFIG, indent=2, sort_keys=True) + "\n")
    (train / "model" / "generation_config.json").write_text('{"eos_token_id": 0}\n')


def make_schedule() -> Schedule:
    return Schedule(columns=("learning_rate",), rows=tuple((float_bits(0.5**step),) for step in range(1, 6)))


def make_step(number: int, token_map: TokenMap) -> StepRecord:
    document = next(i for i, document in enumerate(token_map.documents) if document.split == "train")
    spans = (Span(document=document, start=number, count=4), Span(document=document, start=0, count=5))
    return StepRecord(
        step=number,
        loss_nats=float_bits(4 / 2**number),
        gradient_norm=float_bits(0.25),
        clip=float_bits(1.0),
        num_tokens=16,
        sequences=(spans, spans),
        validation_bits_per_byte=float_bits(2.0) if number in (2, 4, 5) else None,
    )


SHAPES = {
    "embed_tokens": (300, 8),
    "norm": (8,),
    "layers.0.input_layernorm": (8,),
    "layers.0.post_attention_layernorm": (8,),
    "layers.0.self_attn.q_proj": (8, 8),
    "layers.0.self_attn.k_proj": (4, 8),
    "layers.0.self_attn.v_proj": (4, 8),
    "layers.0.self_attn.o_proj": (8, 8),
    "layers.0.mlp.gate_proj": (12, 8),
    "layers.0.mlp.up_proj": (12, 8),
    "layers.0.mlp.down_proj": (8, 12),
}


def make_state(step: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(step)
    state = {f"model.model.{name}.weight": random.random(shape, np.float32) for name, shape in SHAPES.items()}
    return state | {f"adamw.first_moment.{name}": array * 0 for name, array in state.items()}


def state_record(segment: int, step: int, state: dict[str, np.ndarray]) -> StateRecord:
    digests = tuple(
        tensor_digest(name, "F32", array.shape, array.reshape(-1).view("u1").data)
        for name, array in sorted(state.items())
    )
    return StateRecord(segment=segment, step=step, root=tensors_root(digests), tensors=digests)


CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "attention_bias": False,
    "attention_dropout": 0.0,
    "bos_token_id": 0,
    "dtype": "float32",
    "eos_token_id": 0,
    "head_dim": 4,
    "hidden_act": "silu",
    "hidden_size": 8,
    "initializer_range": 0.02,
    "intermediate_size": 12,
    "max_position_embeddings": 8,
    "mlp_bias": False,
    "model_type": "llama",
    "num_attention_heads": 2,
    "num_hidden_layers": 1,
    "num_key_value_heads": 1,
    "rms_norm_eps": 1e-05,
    "rope_parameters": {"rope_theta": 10000.0, "rope_type": "default"},
    "tie_word_embeddings": True,
    "vocab_size": 300,
}


def _row(number: int, text: str, *, decision: str = "keep", reason: str = "kept", tokens: int | None = -1) -> LedgerRow:
    sha256, num_bytes = hashlib.sha256(text.encode()).hexdigest(), len(text.encode())
    path = f"{number}.txt"
    return LedgerRow(
        document_id=document_id(source="texts", path=path, sha256=sha256),
        source="texts",
        path=path,
        sha256=sha256,
        bytes=num_bytes,
        media_type="text/plain",
        title=f"Title {number}",
        author=None,
        language="en",
        license="CC0-1.0",
        license_evidence="recipe",
        license_decision="allow",
        jurisdiction=None,
        decision=decision,
        reason=reason,
        duplicate_of=None,
        pii_masked=0,
        tokens=num_bytes + 1 if tokens == -1 else tokens,
    )


def _write_lines(path: Path, records: list[dict[str, object]]) -> None:
    lines = [canonical_bytes({"determined": record, "observed": {"milliseconds": 3}}) for record in records]
    path.write_bytes(b"".join(line + b"\n" for line in lines))
