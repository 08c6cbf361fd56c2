"""Does a derived model answer as it was taught? A form of answer, learned from questions, asked for on others.

    python benchmarks/answers.py PARENT GSM8K.jsonl [--learned 96] [--asked 40] [--work DIR] [--threads 2]

Of GSM8K's questions the first half (by the digest of the question) is taught from, and the other asked. What is taught
is to answer "The answer is N." and nothing else. PARENT is a model folder with a chat template. Counted is the form
alone, not whether N is right: a small model cannot know that from so little.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from glasswright.chat.render import Conversation, render
from glasswright.kernels import backends
from glasswright.model import adapter, huggingface
from glasswright.model.decoder import Decoder
from glasswright.model.folder import ModelFolder
from glasswright.model.generate import generate
from glasswright.model.tokenizer import FolderTokenizer

FORM = re.compile(r"The answer is -?[\d.,]+\.")
MOST_TOKENS = 24


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parent", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--learned", type=int, default=96)
    parser.add_argument("--asked", type=int, default=40)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in arguments.questions.read_text().splitlines()]
    taught, asked = halves(rows)
    with tempfile.TemporaryDirectory() as folder:
        work = arguments.work or Path(folder)
        work.mkdir(parents=True, exist_ok=True)
        started = time.perf_counter()
        talks = [conversation(row) for row in taught[: arguments.learned]]
        release = derived(arguments.parent, talks, work, "--rank", "8", "--conversations")
        print(f"derived from {arguments.learned} conversations in {time.perf_counter() - started:.0f} s")
        backends.on("cpu").set_num_threads(arguments.threads)
        config, weights = huggingface.read(arguments.parent)
        models = {
            "the parent": huggingface.load(arguments.parent),
            "derived": adapter.with_adapter(config, weights, release / "model"),
        }
        questions = [row["question"] for row in asked[: arguments.asked]]
        for name, model in models.items():
            answers = [answer(model, arguments.parent, question) for question in questions]
            formed = sum(FORM.fullmatch(text.strip()) is not None for text in answers)
            print(f"{name}: {formed} of {len(answers)} in the form, e.g. {answers[0]!r}")


def halves(rows: list[dict[str, str]]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Rows that are taught from, and rows that are not: fixed by the question, whatever else there is."""
    ordered = sorted(rows, key=lambda row: hashlib.sha256(row["question"].encode()).digest())
    return ordered[: len(ordered) // 2], ordered[len(ordered) // 2 :]


def conversation(row: dict[str, str]) -> dict[str, object]:
    """A question, answered in the form."""
    said = [("user", row["question"]), ("assistant", f"The answer is {number(row)}.")]
    return {"messages": [{"role": role, "content": text} for role, text in said]}


def number(row: dict[str, str]) -> str:
    """What the answer to a question comes to."""
    return row["answer"].rpartition("####")[2].strip()


def derived(parent: Path, material: Sequence[dict[str, object]], work: Path, *more: str) -> Path:
    """The release of a model that learned from rows of material; `more` of the command says of which kind, and how."""
    learned_from = work / "material.jsonl"
    learned_from.write_text("".join(json.dumps(row) + "\n" for row in material))
    out = work / "derived"
    words = ["derive", parent, *more, learned_from, "--license", "MIT", "--parent-license", "Apache-2.0"]
    words += ["--out", out, "--work", work / "work", "-q"]
    subprocess.run([sys.executable, "-m", "glasswright.cli", *map(str, words)], check=True)
    return out


def answer(model: Decoder, folder: Path, question: str) -> str:
    """What a model answers, the likeliest token after the other."""
    tokenizer = FolderTokenizer(ModelFolder(folder), model.config.vocab_size)
    asked = Conversation(messages=[{"role": "user", "content": question}], add_generation_prompt=True)
    template = tokenizer.chat_template
    assert template is not None, "the parent has a chat template"
    at = datetime(2024, 7, 26, tzinfo=UTC)
    (prompt,) = render(template, [asked], at=at, special_tokens=tokenizer.special_tokens)
    before = tokenizer.tokenizer.encode(prompt, add_special_tokens=False).ids
    return tokenizer.continuation(before, list(generate(model, before, num_tokens=MOST_TOKENS, temperature=0, seed=0)))


if __name__ == "__main__":
    main()
