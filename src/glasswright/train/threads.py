"""Threads that share out independent pieces of work: leaves of a batch, parameters to update."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from itertools import islice
from typing import TypeVar

from glasswright.kernels.backends import Backend
from glasswright.model.guard import exact_run

T = TypeVar("T")
R = TypeVar("R")


class Threads:
    """Computes pieces of work, one or several at a time, and gives the results in the order of the pieces.

    `num_threads` kernel threads are shared out among `at_once` pieces; neither number can change a bit. One at a time,
    pieces are part of the caller's exact run; several at a time, each is an exact run of the thread that computes it,
    by the numerics that the caller follows.
    """

    def __init__(self, backend: Backend, *, at_once: int, num_threads: int):
        self.at_once = at_once
        self._pool: ThreadPoolExecutor | None = None
        backend.set_num_threads(num_threads)
        if at_once > 1:
            threads_each = max(1, num_threads // at_once)
            self._pool = ThreadPoolExecutor(
                at_once, "glasswright", initializer=backend.set_num_threads, initargs=(threads_each,)
            )

    def results(self, compute: Callable[[T], R], pieces: Iterable[T]) -> Iterator[R]:
        """compute(piece) for each piece, in order; at most `at_once` are under way or waiting to be taken."""
        if self._pool is None:
            yield from map(compute, pieces)
            return
        source = iter(pieces)
        waiting: list[Future[R]] = [self._submit(compute, piece) for piece in islice(source, self.at_once)]
        while waiting:
            result = waiting.pop(0).result()
            waiting += [self._submit(compute, piece) for piece in islice(source, 1)]
            yield result

    def _submit(self, compute: Callable[[T], R], piece: T) -> Future[R]:
        assert self._pool is not None
        return self._pool.submit(copy_context().run, _exact, compute, piece)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _exact(compute: Callable[[T], R], piece: T) -> R:
    with exact_run(f"thread {threading.current_thread().name}"):
        return compute(piece)
