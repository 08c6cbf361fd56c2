"""How training shares out its work on this machine."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How the work is shared out on this machine. No value of it can change a bit."""

    num_threads: int
    leaves_at_once: int
    recompute: bool = False  # trade time for memory: layers' activations are computed again for the backward pass
