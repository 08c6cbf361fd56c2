"""The same training in TRL with peft: what tuning here is compared with.

SFTTrainer's own loop is run, on rows that lie as its packing would leave them, in binary32. A step is one turn, from
one batch asked for to the next: with the reading of rows, and without logs or checkpoints.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tuning_material import NUM_STEPS, resident_bytes

# rows: of a step that go through the model together (None: all). as_intel: MKL takes its faster kernels on an AMD too.
THEIRS: dict[str, dict[str, Any]] = {
    "packed": {"rows": 1, "attention": "sdpa"},
    "packed-together": {"rows": None, "attention": "sdpa"},
    "packed-eager": {"rows": 1, "attention": "eager"},
    "packed-compiled": {"rows": 1, "attention": "sdpa", "compiled": True},
    "packed-recomputing": {"rows": 1, "attention": "sdpa", "recomputing": True},
    "packed-as-intel": {"rows": 1, "attention": "sdpa", "as_intel": True},
}
# What MKL asks of itself before it takes the kernels that it has for Intel's processors.
INTEL = "int mkl_serv_intel_cpu_true(void) { return 1; }"


def train(folder: Path, contender: str, threads: int) -> None:
    """Answer each line of standard input with a step."""
    import datasets
    import torch
    import transformers
    import trl

    torch.set_num_threads(threads)
    for library in (datasets, transformers):
        library.utils.logging.set_verbosity_error()
        library.utils.logging.disable_progress_bar()
    setting = THEIRS[contender]
    path = (folder / "model.txt").read_text()
    recipe = json.loads((folder / "recipe.json").read_text())
    sequences, optimizer = recipe["train"]["batch_sequences"], recipe["train"]["optimizer"]
    at_once = setting["rows"] or sequences
    turns = Turns(resident_bytes())
    model = transformers.AutoModelForCausalLM.from_pretrained(
        path, dtype=torch.float32, attn_implementation=setting["attention"]
    )
    if recipe.get("adapter"):
        model = adapted(model, folder, recipe["adapter"])
    rates = json.loads((folder / "rates.json").read_text())
    moving = torch.optim.AdamW(
        [it for it in model.parameters() if it.requires_grad],
        lr=1.0,
        betas=(float(optimizer["beta1"]), float(optimizer["beta2"])),
        eps=float(optimizer["epsilon"]),
        weight_decay=0.0,
        fused=True,
    )
    config = trl.SFTConfig(
        output_dir=str(folder / contender),
        per_device_train_batch_size=at_once,
        gradient_accumulation_steps=sequences // at_once,
        max_steps=NUM_STEPS,
        max_grad_norm=float(optimizer["gradient_clip"]),
        packing=True,
        max_length=recipe["train"]["sequence_length"] + 1,
        dataset_kwargs={"skip_prepare_dataset": True},
        train_sampling_strategy="sequential",
        gradient_checkpointing=setting.get("recomputing", False),
        torch_compile=setting.get("compiled", False),
        bf16=False,
        use_cpu=True,
        save_strategy="no",
        logging_steps=1,
        disable_tqdm=True,
        report_to="none",
        dataloader_pin_memory=False,
    )
    trainer = trl.SFTTrainer(
        model=model,
        args=config,
        train_dataset=datasets.Dataset.from_list(json.loads((folder / "rows.json").read_text())),
        processing_class=transformers.AutoTokenizer.from_pretrained(path),
        optimizers=(moving, torch.optim.lr_scheduler.LambdaLR(moving, lambda step: [*rates, 0.0][step])),
        callbacks=[told_by(turns, transformers.TrainerCallback)],
    )
    trainer.remove_callback(transformers.PrinterCallback)
    trainer.train()


def adapted(model: Any, folder: Path, adapter: dict[str, Any]) -> Any:
    """The model with peft's adapter beside it, which begins as ours."""
    import peft
    import safetensors.torch
    import torch

    targets = [f"{name}_proj" for name in adapter["targets"] or ("q", "k", "v", "o", "gate", "up", "down")]
    asked = peft.LoraConfig(
        task_type="CAUSAL_LM",
        r=adapter["rank"],
        lora_alpha=float(adapter["alpha"]),
        target_modules=targets,
        lora_dropout=0.0,
    )
    model = peft.get_peft_model(model, asked)
    begin = safetensors.torch.load_file(folder / "start.safetensors")
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                parameter.copy_(begin.pop(name.replace(".default.weight", ".weight")))
    assert not begin, "peft adapts what we do"
    return model


def environment_of(setting: dict[str, Any], folder: Path) -> dict[str, str]:
    """What is set in the environment of a process that trains so."""
    if not setting.get("as_intel"):
        return {}
    library = folder / "intel.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-o", library, "-"], input=INTEL, text=True, check=True)
    return {"LD_PRELOAD": str(library)}


class Turns:
    """When a step may begin, and what is said when it is over."""

    def __init__(self, before_bytes: int):
        self.before_bytes, self.loss = before_bytes, 0.0
        self.started: float | None = None

    def next(self) -> bool:
        """Say how long the step before took, and wait for the word to take another; False where none is to come."""
        if self.started is not None:
            seconds = time.perf_counter() - self.started
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            told = {"seconds": seconds, "loss": self.loss, "peak_bytes": peak, "above_bytes": peak - self.before_bytes}
            print(json.dumps(told), flush=True)
        is_asked = bool(sys.stdin.readline())
        self.started = time.perf_counter()
        return is_asked


def told_by(turns: Turns, base: type) -> Any:
    """The callback that holds the loop to its turns."""

    class Told(base):  # type: ignore[misc]
        def on_train_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:  # noqa: ARG002
            turns.next()

        def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float], **given: Any) -> None:  # noqa: ARG002
            turns.loss = logs.get("loss", turns.loss)
            if "loss" in logs and not turns.next():
                control.should_training_stop = True

    return Told()
