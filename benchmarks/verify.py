"""`glasswright verify` of a 1 GB release beside plain hashing of the same bytes on as many cores.

    python benchmarks/verify.py [--runs 5] [--threads 2] [--document-bytes 20000000] [--folder DIR]

The release is made up, in the proportions of a real one: weights and two checkpoints of 33 million parameters, 20 MB of
documents of 4 kB, their tokens. Threads share the hashing but not the reading of records (a ledger row, a document), so
many small documents are the slow case: --document-bytes 130000000 shows it. Rivals hash every file, the largest first,
`xargs -P` as many at a time as verify has threads.
Everything is in the page cache; a run is a whole process, start included; runs are interleaved, and the figure is the
median of the ratios: 1.0 is as fast as the rival, the bar is 0.7 beside sha256sum.
"""

import argparse
import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from glasswright.attest.tensors import tensor_digest, tensors_root
from glasswright.recipe import write_resolved
from glasswright.records.canonical import canonical_bytes, float_bits
from glasswright.records.ledger import LedgerRow, document_id
from glasswright.records.recipe import Recipe
from glasswright.records.tokens import DocumentTokens, TokenMap, TokenShard
from glasswright.records.transcript import Schedule, Span, StateRecord, StepRecord
from glasswright.release import bundle
from glasswright.store import tensors
from glasswright.store.documents import write_documents
from glasswright.store.ledger import write_ledger
from glasswright.verify.data import expected_splits
from glasswright.verify.shape import expected_config, expected_shapes

SHARD_BYTES = 64 * 2**20
RECIPE = Recipe.model_validate(
    {
        "name": "large",
        "sources": [{"name": "made-up", "kind": "folder", "path": "texts", "license": "CC0-1.0"}],
        "tokenizer": {"vocab_size": 16384},
        "model": {"hidden_size": 512, "num_layers": 8, "num_heads": 8, "num_kv_heads": 8, "intermediate_size": 1376},
        "train": {"num_steps": 2, "segment_steps": 1, "schedule": {"warmup_steps": 0, "decay_steps": 0}},
    }
)
Rows = list[LedgerRow]


def make_release(folder: Path, out: Path, *, document_bytes: int) -> None:
    """Make the stages' folders and bundle them."""
    corpus, tokens, train = folder / "corpus", folder / "tokens", folder / "train"
    rows, texts = make_documents(document_bytes)
    tokens.mkdir(parents=True)
    write_documents(corpus / "documents", ((row.document_id, texts[row.document_id]) for row in rows))
    write_ledger(tokens / "ledger.parquet", rows)
    (corpus / "sources.json").write_bytes(b"[]")
    token_map = make_tokens(tokens, rows, texts)
    make_training(train, token_map)
    bundle(
        RECIPE,
        recipe_text=write_resolved(RECIPE),
        corpus=corpus,
        tokens=tokens,
        train=train,
        out=out,
        with_checkpoints=True,
        observed={},
        describe_corpus=lambda _: None,
        audit=lambda _: None,
    )


def make_documents(num_bytes: int) -> tuple[Rows, dict[str, str]]:
    """Documents of about 4 kB of words, as the ledger has them."""
    random = np.random.default_rng(0)
    words = np.array([f"{word:x}" for word in range(1000, 60_000, 7)])
    rows, texts = [], {}
    for number in range(num_bytes // 4000):
        text = " ".join(words[random.integers(0, len(words), 800)])
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        name = document_id(source="made-up", path=f"{number}.txt", sha256=sha256)
        texts[name] = text
        rows.append(_row(name, f"{number}.txt", sha256, len(text)))
    return sorted(rows, key=lambda row: row.document_id), texts


def make_tokens(tokens: Path, rows: Rows, texts: dict[str, str]) -> TokenMap:
    """Every byte is a token."""
    data = b"".join(
        np.frombuffer(texts[row.document_id].encode() + b"\0", np.uint8).astype("<u2").tobytes() for row in rows
    )
    (tokens / "shards").mkdir()
    (tokens / "tokenizer.json").write_bytes(b"{}")
    (tokens / "tokenizer_config.json").write_bytes(b"{}")
    shards, documents, first = [], [], 0
    for number, begin in enumerate(range(0, len(data), SHARD_BYTES)):
        part, name = data[begin : begin + SHARD_BYTES], f"{number:05d}.bin"
        (tokens / "shards" / name).write_bytes(part)
        sha256 = hashlib.sha256(part).hexdigest()
        shards.append(TokenShard(path=name, sha256=sha256, num_tokens=len(part) // 2, bytes_per_token=2))
    held_back = expected_splits([row.document_id for row in rows], RECIPE.tokens.validation_share)
    for row, is_held_back in zip(rows, held_back, strict=True):
        documents.append(
            DocumentTokens(
                document_id=row.document_id,
                split="validation" if is_held_back else "train",
                first_token=first,
                num_tokens=row.bytes + 1,
                num_bytes=row.bytes,
            )
        )
        first += row.bytes + 1
    token_map = TokenMap(
        tokenizer_sha256=hashlib.sha256(b"{}").hexdigest(),
        vocab_size=RECIPE.tokenizer.vocab_size,
        end_of_text=0,
        shards=tuple(shards),
        documents=tuple(documents),
    )
    (tokens / "map.json").write_bytes(canonical_bytes(token_map.record()))
    return token_map


def make_training(train: Path, token_map: TokenMap) -> None:
    (train / "checkpoints").mkdir(parents=True)
    (train / "model").mkdir()
    recipe, place = RECIPE.train, [d.split for d in token_map.documents].index("train")
    schedule = Schedule(columns=("learning_rate",), rows=((float_bits(1.0),),) * 2)
    (train / "schedule.json").write_bytes(canonical_bytes(schedule.record()))
    spans = (Span(document=place, start=0, count=recipe.sequence_length + 1),)
    step = StepRecord(
        step=1,
        loss_nats=float_bits(1.0),
        gradient_norm=float_bits(1.0),
        clip=float_bits(1.0),
        num_tokens=recipe.batch_sequences * recipe.sequence_length,
        sequences=(spans,) * recipe.batch_sequences,
        validation_bits_per_byte=None,
    )
    _write_lines(train / "steps.jsonl", [{**step.record(), "step": number} for number in (1, 2)])
    weights = make_weights()
    moments = ("adamw.first_moment", "adamw.second_moment")
    state = {f"model.{name}": array for name, array in weights.items()}
    state |= {f"{moment}.{name}": array for moment in moments for name, array in weights.items()}
    record = _state_record(state)
    _write_lines(train / "states.jsonl", [{**record, "segment": step, "step": step} for step in (0, 1, 2)])
    for number in (1, 2):
        tensors.save(train / "checkpoints" / f"state-{number:08d}.safetensors", state)
    tensors.save(train / "model" / "model.safetensors", weights)
    config = expected_config(RECIPE, token_map.vocab_size, 0)
    config |= {"initializer_range": "0.02", "rms_norm_eps": "0.00001"}
    config["rope_parameters"] = {"rope_theta": 10000, "rope_type": "default"}
    text = canonical_bytes(config).replace(b'"0.02"', b"0.02").replace(b'"0.00001"', b"0.00001")
    (train / "model" / "config.json").write_bytes(text)
    (train / "model" / "generation_config.json").write_bytes(b"{}")


def make_weights() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    shapes = expected_shapes(RECIPE.model, RECIPE.tokenizer.vocab_size)
    return {name: random.random(shape, np.float32) for name, shape in shapes.items()}


def _state_record(state: dict[str, np.ndarray]) -> dict[str, object]:
    digests = tuple(
        tensor_digest(name, "F32", array.shape, array.reshape(-1).view("u1").data)
        for name, array in sorted(state.items())
    )
    return StateRecord(segment=0, step=0, root=tensors_root(digests), tensors=digests).record()


def _row(name: str, path: str, sha256: str, num_bytes: int) -> LedgerRow:
    return LedgerRow(
        document_id=name,
        source="made-up",
        path=path,
        sha256=sha256,
        bytes=num_bytes,
        media_type="text/plain",
        title=None,
        author=None,
        language="en",
        license="CC0-1.0",
        license_evidence="recipe",
        license_decision="allow",
        jurisdiction=None,
        decision="keep",
        reason="kept",
        duplicate_of=None,
        pii_masked=0,
        tokens=num_bytes + 1,
    )


def _write_lines(path: Path, records: list[dict[str, object]]) -> None:
    lines = [canonical_bytes({"determined": record, "observed": {}}) for record in records]
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def timed(run: Callable[[], None]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def hasher(command: list[str], files: list[Path], threads: int) -> Callable[[], None]:
    """Hash the files, so many at a time."""
    names = b"\0".join(os.fsencode(path) for path in files)

    def run() -> None:
        xargs = ["xargs", "-0", "-P", str(threads), "-n", "1", *command]
        subprocess.run(xargs, input=names, stdout=subprocess.DEVNULL, check=True)

    return run


def verifier(release: Path, threads: int) -> Callable[[], None]:
    def run() -> None:
        command = [sys.executable, "-m", "glasswright.cli", "verify", str(release), "--threads", str(threads), "--json"]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--document-bytes", type=int, default=20_000_000)
    parser.add_argument("--folder", type=Path, help="where to make the release (default: a temporary folder)")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(dir=options.folder))
    try:
        release = folder / "release"
        make_release(folder / "stages", release, document_bytes=options.document_bytes)
        shutil.rmtree(folder / "stages")
        files = sorted((path for path in release.rglob("*") if path.is_file()), key=lambda path: -path.stat().st_size)
        num_bytes = sum(path.stat().st_size for path in files)
        print(f"{num_bytes / 1e9:.2f} GB in {len(files)} files, {options.threads} threads, {options.runs} runs")
        ours = verifier(release, options.threads)
        rivals = {"sha256sum": ["sha256sum"], "openssl dgst": ["openssl", "dgst", "-sha256"]}
        for name, command in rivals.items():
            if shutil.which(command[0]) is None:
                print(f"{name}: did not run: not installed")
                continue
            rival = hasher(command, files, options.threads)
            ours(), rival()
            times = [(timed(rival), timed(ours)) for _ in range(options.runs)]
            ratio = statistics.median(theirs / mine for theirs, mine in times)
            theirs, mine = (statistics.median(column) for column in zip(*times, strict=True))
            print(
                f"{name}: {num_bytes / theirs / 1e6:.0f} MB/s   verify: {num_bytes / mine / 1e6:.0f} MB/s   "
                f"median ratio {ratio:.2f}"
            )
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
