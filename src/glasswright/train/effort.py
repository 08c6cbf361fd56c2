"""How training shares out its work on this machine."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How the work is shared out on this machine. No value of it can change a bit."""

    num_threads: int
    leaves_at_once: int
    device: str = "cpu"  # torch's name for where it is done
    recompute: bool = False  # trade time for memory: layers' activations are computed again for the backward pass


def default_effort(num_threads: int, device: str) -> Effort:
    """A leaf a thread; on a GPU one at a time, which has threads enough for it."""
    return Effort(num_threads=num_threads, leaves_at_once=num_threads if device == "cpu" else 1, device=device)
