"""A tape holds what kernels did, and nothing that only Python or torch did."""

import numpy as np
import pytest

from glasswright.kernels import backends, native

torch = pytest.importorskip("torch")


def test_what_was_recorded_is_played_on_what_memory_holds_then() -> None:
    cpu, x, total = backends.on("cpu"), torch.ones(3), torch.zeros(3)
    tape = cpu.record(lambda: (cpu.kernel("add")(total, x, total), total)[1])
    x.fill_(5)
    tape.play()
    tape.play()
    assert tape.result.tolist() == [11, 11, 11]


@pytest.mark.parametrize(
    "moves",
    [
        lambda x: x.t().contiguous(), lambda x: torch.cat([x, x]), lambda x: x.copy_(torch.zeros(2, 3)),
        lambda x: x.fill_(1), lambda x: torch.tensor([x.numel()]), lambda x: x[torch.tensor([1])], lambda x: x + x,
    ],
    ids=["contiguous", "cat", "copy", "fill", "tensor", "index", "sum"],
)  # fmt: skip
def test_work_in_which_torch_moves_numbers_is_not_recorded(moves) -> None:
    cpu, x = backends.on("cpu"), torch.ones(2, 3)
    assert cpu.record(lambda: moves(x)) is None
    assert cpu.record(lambda: x.view(6)[2:4].view(1, 2)) is not None


@pytest.mark.parametrize("ask", ["all_finite", "pick", "dispatch"])
def test_work_in_which_a_kernel_answers_python_is_not_recorded(ask: str) -> None:
    ids = [torch.zeros(shape, dtype=torch.int64) for shape in ((1, 1), (1, 1), 1, 4)]
    arguments = {"all_finite": [torch.ones(3)], "pick": [torch.ones(3), 0.0, 0.0], "dispatch": ids}[ask]
    cpu = backends.on("cpu")
    assert cpu.record(lambda: cpu.kernel(ask)(*arguments)) is None
    cpu.kernel(ask)(*arguments)


def test_an_error_of_the_work_is_the_works_and_ends_the_recording() -> None:
    cpu, x, longer = backends.on("cpu"), torch.ones(3), torch.ones(4)
    with pytest.raises(ValueError, match="out"):
        cpu.record(lambda: cpu.kernel("add")(x, x, longer))
    assert cpu.record(lambda: x) is not None


def test_a_tape_within_a_tape_is_refused() -> None:
    cpu, x = backends.on("cpu"), torch.ones(3)
    tape = cpu.record(lambda: x)
    assert cpu.record(lambda: (tape.play(), x)[1]) is None
    with pytest.raises(native().NotPlayable):
        _record_twice()


def _record_twice() -> None:
    outer, inner = native().Tape(), native().Tape()
    outer.record()
    try:
        inner.record()
    finally:
        outer.stop()


def test_another_threads_kernels_are_not_on_the_tape() -> None:
    import threading

    cpu, x = backends.on("cpu"), torch.ones(3)

    def elsewhere() -> torch.Tensor:
        thread = threading.Thread(target=lambda: cpu.kernel("add")(x, x, x))
        thread.start()
        thread.join()
        return x

    tape = cpu.record(elsewhere)
    tape.play()
    assert np.array_equal(x.numpy(), [2, 2, 2])
