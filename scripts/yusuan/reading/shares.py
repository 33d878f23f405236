"""The pages of one document read by several processes: pdfium does one thing at a time, a machine does several.

A process is forked for each share but the first, which stays here. What it makes comes back through a pipe; a share
whose process breaks off is read here, so that the outcome, an error too, is the same as without.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Generic, NoReturn, TypeVar

T = TypeVar("T")
#: Fewer pages than this are read sooner than a process is started.
_WORTH = 8
#: More processes than this wait for one another's results.
_MOST = 4
_SET_PARENT_DEATH_SIGNAL = 1


def in_shares(task: Callable[[Sequence[int]], list[T]], count: int, processes: int | None = None) -> list[T]:
    """Return what `task` makes of the numbers 1 to `count`, in order; it gets some of them in each process.

    There are as many processes as cores unless said, fewer where there is little to do.
    """
    number = min(processes or _cores(), _MOST, count // _WORTH) if _may_fork() else 1
    shares = [range(first, count + 1, max(number, 1)) for first in range(1, max(number, 1) + 1)]
    others = [_Other(task, share) for share in shares[1:]]
    try:
        made = [task(shares[0]), *(other.result() for other in others)]
    finally:
        for other in others:
            other.end()
    results: list[T | None] = [None] * count
    for share, part in zip(shares, made, strict=True):
        results[share.start - 1 :: share.step] = part
    return [result for result in results if result is not None]


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _may_fork() -> bool:
    """A fork copies the thread that asks for it and no other: what these held would stay locked."""
    return sys.platform == "linux" and threading.active_count() == 1


class _Other(Generic[T]):
    """A process that does the task for one share."""

    def __init__(self, task: Callable[[Sequence[int]], list[T]], share: Sequence[int]) -> None:
        self.task, self.share = task, share
        self.pipe, theirs = os.pipe()
        parent = os.getpid()
        self.process = os.fork()
        if not self.process:
            _work(task, share, theirs, parent)
        os.close(theirs)

    def result(self) -> list[T]:
        """Return what the process made, or make it here where it broke off."""
        with open(self.pipe, "rb", closefd=False) as pipe:
            sent = pipe.read()
        _, status = os.waitpid(self.process, 0)
        self.process = 0
        if status:
            return self.task(self.share)
        made: list[T] = pickle.loads(sent)  # noqa: S301 - our own process wrote it
        return made

    def end(self) -> None:
        """Leave neither process nor pipe behind."""
        os.close(self.pipe)
        if self.process:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)


def _work(task: Callable[[Sequence[int]], list[T]], share: Sequence[int], pipe: int, parent: int) -> NoReturn:
    """Do the task in a process of its own, which ends here whatever happens, and when its parent does."""
    status = 1
    try:
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() == parent:
            with open(pipe, "wb") as out:
                out.write(pickle.dumps(task(share), pickle.HIGHEST_PROTOCOL))
            status = 0
    finally:
        os._exit(status)
