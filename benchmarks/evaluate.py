"""Evaluation of a model folder beside lm-evaluation-harness over transformers in float32: time, losses and scores.

    python benchmarks/evaluate.py MODEL DATA [--tasks blimp,hellaswag,lambada] [--limit 500] [--threads 2] [--batch 32]
    python benchmarks/evaluate.py --make 1M MODEL DATA      write a model of random weights there first (1M or 30M)

MODEL is a folder that transformers loads, DATA one of evaluation sets. Both are asked the same requests and take turns,
task by task; time is that of the answers, after the models and the items are loaded. `apart` is the
largest difference of an item's log-likelihood in nats; `equal` says whether each score is the same.
"""

import argparse
import time
from pathlib import Path
from typing import Any

SIZES = {
    "1M": {"hidden_size": 96, "num_layers": 4, "num_heads": 4, "num_kv_heads": 2, "intermediate_size": 288},
    "30M": {"hidden_size": 512, "num_layers": 6, "num_heads": 8, "num_kv_heads": 4, "intermediate_size": 1536},
}
VOCABULARY = {"1M": 4096, "30M": 16384}
END = "<|end|>"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--tasks", default="blimp,hellaswag,lambada")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--make", choices=SIZES)
    arguments = parser.parse_args()
    if arguments.make:
        make(arguments.make, arguments.model, arguments.data)
    compare(arguments)


def make(size: str, folder: Path, data: Path) -> None:
    """A model of random weights, and a tokenizer learned from the texts of LAMBADA."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    from glasswright.evaluate.sets import items_of
    from glasswright.evaluate.tasks import TASKS
    from glasswright.model import huggingface, ops
    from glasswright.model.decoder import Decoder
    from glasswright.records.decoder import DecoderConfig
    from glasswright.records.model import Model

    folder.mkdir(parents=True)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    letters = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY[size], special_tokens=[END], initial_alphabet=letters)
    texts = [item.requests[0].context for item in items_of(TASKS["lambada"], data)]
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(
        f'{{"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "{END}", "eos_token": "{END}"}}'
    )
    config = DecoderConfig(
        model=Model(**SIZES[size]),
        vocab_size=VOCABULARY[size],
        max_positions=1024,
        begin_of_text=0,
        ends_of_text=(0,),
    )
    model = Decoder(config)
    for purpose, parameter in enumerate(model.parameters()):
        width = parameter.shape[-1] if parameter.dim() > 1 else 1
        ops.uniform_(parameter, seed=1, purpose=purpose, half_width=2.0 ** -(width.bit_length() // 2))
    huggingface.save(model, folder)


def compare(arguments: argparse.Namespace) -> None:
    import torch
    from lm_eval.models.huggingface import HFLM

    from glasswright.evaluate.run import Asked, load
    from glasswright.kernels import backends

    torch.set_num_threads(arguments.threads)
    backends.on("cpu").set_num_threads(arguments.threads)
    asked = Asked(tasks=tuple(arguments.tasks.split(",")), data=arguments.data, limit=arguments.limit)
    subject = load(arguments.model)
    theirs = HFLM(pretrained=str(arguments.model), device="cpu", dtype="float32", batch_size=arguments.batch)
    heads = ("task", "items", "ours s", "theirs s", "ratio", "apart", "equal")
    print("".join(f"{head:>18}" for head in heads))
    for name, items in asked.items().items():
        print("".join(f"{cell:>18}" for cell in row(name, items, subject, theirs)), flush=True)


def row(name: str, items: list[Any], subject: Any, theirs: Any) -> tuple[object, ...]:
    from dataclasses import replace

    from lm_eval.api.instance import Instance

    from glasswright.evaluate.scores import score
    from glasswright.evaluate.tasks import TASKS

    asked = [
        Instance("loglikelihood", {}, tuple(request), number, (name, place, 1))
        for place, item in enumerate(items)
        for number, request in enumerate(item.requests)
    ]
    began = time.perf_counter()
    answers = list(subject.answers(TASKS[name], items))
    ours_s = time.perf_counter() - began
    began = time.perf_counter()
    given = iter(theirs.loglikelihood(asked, disable_tqdm=True))
    theirs_s = time.perf_counter() - began
    others, apart = [], 0.0
    for answer in answers:
        choices = []
        for choice in answer.choices:
            logarithm, is_likeliest = next(given)
            apart = max(apart, abs(choice.loss_nats + logarithm))
            choices.append(replace(choice, loss_nats=max(0.0, -logarithm), is_likeliest=is_likeliest))
        others.append(replace(answer, choices=tuple(choices)))
    shares = [metric for metric in TASKS[name].metrics if metric != "perplexity"]
    equal = all(score(answers, metric) == score(others, metric) for metric in shares)
    ratio = f"{theirs_s / ours_s:.2f}"
    return name, len(items), f"{ours_s:.2f}", f"{theirs_s:.2f}", ratio, f"{apart:.1e}", str(equal)


if __name__ == "__main__":
    main()
