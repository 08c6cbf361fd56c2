"""Train from the first step, or from the newest sound state, to the last; save as it goes."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType

from glasswright.errors import Interrupted
from glasswright.model import huggingface
from glasswright.records.adapter import adapter_config
from glasswright.records.canonical import canonical_bytes, float_from_bits
from glasswright.records.progress import Progress, Report, silent
from glasswright.records.recipe import Recipe
from glasswright.records.transcript import StepRecord
from glasswright.store import tensors
from glasswright.store.atomic import write_atomic
from glasswright.store.reads import READS, write_reads
from glasswright.train.effort import Effort
from glasswright.train.folder import RunFolder
from glasswright.train.parent import ParentFolder
from glasswright.train.trainer import NotFinite, Trainer


def run(
    recipe: Recipe,
    tokens: Path,
    out: Path,
    *,
    effort: Effort,
    parent: ParentFolder | None = None,
    keep_checkpoints: bool = False,
    report: Report = silent,
) -> None:
    """Train as the recipe says on the tokens in a folder; leave transcript, reads, checkpoints and model in `out`.

    Called again on the same folder it goes on where it was stopped, to the same bits. The state is saved at every
    segment boundary, and when the user stops it (Ctrl-C or SIGTERM; a second Ctrl-C does not wait for the save).

    Raises:  Interrupted when stopped; NotFinite when a loss or gradient is NaN or infinite, recorded in failure.json;
             store.WriteFailed when the disk is full. In each case what was saved before is kept.
    """
    with closing(Trainer(recipe, tokens, effort, parent)) as trainer:
        folder = RunFolder(
            out,
            initial=trainer.state_record(0),
            schedule=trainer.schedule,
            segment_steps=recipe.train.segment_steps,
        )
        first = _resume(trainer, folder, keep_checkpoints, report) + 1
        with _stop_request() as stop:
            for step in range(first, recipe.train.num_steps + 1):
                _one_step(trainer, folder, step, keep_checkpoints, report)
                if stop.is_set() and not trainer.ends_segment(step):
                    folder.write_interruption(trainer.state_record(step), trainer.tensors())
                if stop.is_set():
                    raise Interrupted(f"stopped after step {step} of {recipe.train.num_steps}; the state is saved")
        write_reads(out / READS, map(trainer.sequences, range(1, recipe.train.num_steps + 1)))
        _write_model(trainer, out / "model")


def _write_model(trainer: Trainer, folder: Path) -> None:
    """The whole model, or the adapter alone, in the layout of peft: the parent's weights are the parent's."""
    model = trainer.model
    if trainer.recipe.adapter is None:
        huggingface.save(model, folder)
        return
    folder.mkdir(parents=True, exist_ok=True)
    trained = {name: parameter.detach().numpy() for name, parameter in model.trained.items()}
    tensors.save(folder / "adapter_model.safetensors", trained)
    write_atomic(folder / "adapter_config.json", adapter_config(trainer.recipe, model.config))


def _one_step(trainer: Trainer, folder: RunFolder, step: int, keep_checkpoints: bool, report: Report) -> None:
    folder.write_schedule(step)
    started = time.perf_counter()
    try:
        record = trainer.step(step)
    except NotFinite as failure:
        write_atomic(folder.path / "failure.json", canonical_bytes({"step": failure.step, "what": failure.what}))
        raise
    seconds = time.perf_counter() - started
    folder.write_step(record, seconds=seconds)
    if trainer.ends_segment(step):
        folder.write_state(trainer.state_record(step), trainer.tensors(), keep_all=keep_checkpoints)
    note = _note(record, seconds)
    report(Progress(what="train", done=step, total=trainer.recipe.train.num_steps, unit="steps", note=note))


def _resume(trainer: Trainer, folder: RunFolder, keep_checkpoints: bool, report: Report) -> int:
    """Load the newest sound state, or save the initial one; the step it is the state after."""
    saved, refused = folder.newest_state()
    total = trainer.recipe.train.num_steps
    for reason in refused:
        report(Progress(what="resume", done=0, total=total, unit="steps", note=f"refused: {reason}"))
    if saved is None:
        folder.start(trainer.tensors(), keep_all=keep_checkpoints)
        return 0
    step = saved.record.step
    trainer.load(tensors.load(saved.path))
    folder.go_on_from(saved)
    if step:
        note = f"going on after step {step}" + (", from the state before the refused one" if refused else "")
        report(Progress(what="resume", done=step, total=total, unit="steps", note=note))
    return step


def _note(record: StepRecord, seconds: float) -> str:
    note = f"loss {float_from_bits(record.loss_nats):.4f}, {record.num_tokens / seconds:.0f} tokens/s"
    if record.validation_bits_per_byte is not None:
        note += f", validation {float_from_bits(record.validation_bits_per_byte):.4f} bits/byte"
    return note


@contextmanager
def _stop_request() -> Iterator[threading.Event]:
    """An event that Ctrl-C or SIGTERM sets; the second Ctrl-C interrupts at once. Elsewhere than in the main thread
    signals are left alone."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def ask(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
