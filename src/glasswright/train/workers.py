"""Threads that share out independent pieces of work: leaves of a batch, parameters to update."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from glasswright.model import ops
from glasswright.model.guard import ExactArithmetic

T = TypeVar("T")
R = TypeVar("R")


class Workers:
    """Computes pieces of work, one or several at a time, and gives the results in the order of the pieces.

    `num_threads` kernel threads are shared out among `at_once` pieces; neither number can change a bit. Pieces run
    under the dispatch guard.
    """

    def __init__(self, *, at_once: int, num_threads: int):
        self.at_once = at_once
        self._pool: ThreadPoolExecutor | None = None
        ops.kernel.set_num_threads(num_threads)
        if at_once > 1:
            threads_each = max(1, num_threads // at_once)
            self._pool = ThreadPoolExecutor(
                at_once, "glasswright", initializer=ops.kernel.set_num_threads, initargs=(threads_each,)
            )

    def results(self, compute: Callable[[T], R], pieces: Iterable[T]) -> Iterator[R]:
        """compute(piece) for each piece, in order; at most `at_once` are under way or waiting to be taken."""
        if self._pool is None:
            for piece in pieces:
                yield _guarded(compute, piece)
            return
        source = iter(pieces)
        waiting: list[Future[R]] = [self._pool.submit(_guarded, compute, p) for p in islice(source, self.at_once)]
        while waiting:
            result = waiting.pop(0).result()
            waiting += [self._pool.submit(_guarded, compute, piece) for piece in islice(source, 1)]
            yield result

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _guarded(compute: Callable[[T], R], piece: T) -> R:
    with ExactArithmetic():  # type: ignore[no-untyped-call]  # per thread: torch keeps its modes thread-local
        return compute(piece)
