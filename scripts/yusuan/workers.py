"""One process a document, with limits: a hostile or broken file can kill its own process and nothing else."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Generic, TypeVar

from yusuan.errors import Problem

T = TypeVar("T")
_GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may use: bytes of memory, seconds of processor time; twice that of wall time."""

    memory: int = 2 * _GIB
    seconds: float = 60.0
    seconds_per_megabyte: float = 30.0

    def time_for(self, path: Path) -> float:
        """Return the processor time for a file: larger files may take longer, none for ever."""
        size = path.stat().st_size if path.exists() else 0
        return min(self.seconds + self.seconds_per_megabyte * size / 2**20, 900.0)


@dataclass
class _Running:
    index: int
    process: BaseProcess
    deadline: float


class Pool(Generic[T]):
    """Runs one task over many files, at most `workers` at a time, each in a process of its own."""

    def __init__(self, task: Callable[[Path], T], workers: int = 1, limits: Limits | None = None) -> None:
        self.task, self.workers, self.limits = task, workers, limits or Limits()
        self.running: dict[Connection, _Running] = {}

    def run(self, paths: Sequence[Path]) -> Iterator[tuple[int, T | Problem]]:
        """Yield index and result of each file as it is done; a Problem where its process broke off."""
        left = list(enumerate(paths))[::-1]
        try:
            while left or self.running:
                while left and len(self.running) < self.workers:
                    self._start(*left.pop())
                yield from self._finished(paths)
        finally:
            for running in self.running.values():
                running.process.kill()

    def _start(self, index: int, path: Path) -> None:
        mine, theirs = multiprocessing.Pipe(duplex=False)
        seconds = self.limits.time_for(path)
        context = multiprocessing.get_context("fork")
        process = context.Process(
            target=_work, args=(theirs, self.task, path, self.limits.memory, seconds), daemon=True
        )
        process.start()
        theirs.close()
        self.running[mine] = _Running(index, process, time.monotonic() + 2 * seconds)

    def _finished(self, paths: Sequence[Path]) -> Iterator[tuple[int, T | Problem]]:
        soonest = min(running.deadline for running in self.running.values())
        ready = wait(list(self.running), timeout=max(soonest - time.monotonic(), 0.0))
        late = [link for link, running in self.running.items() if running.deadline <= time.monotonic()]
        for link in [link for link in self.running if link in ready or link in late]:
            running = self.running.pop(link)
            try:
                result: T | Problem = link.recv() if link in ready else _broke(paths[running.index], "超过时限")
            except EOFError:
                running.process.join(timeout=5)
                result = _broke(paths[running.index], _reason(running.process.exitcode))
            running.process.kill()
            running.process.join()
            link.close()
            yield running.index, result


def _work(link: Connection, task: Callable[[Path], T], path: Path, memory: int, seconds: float) -> None:
    most = _mapped() + memory  # what the parent has mapped already is none of the document's
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        result: T | Problem = task(path)
    except MemoryError:
        result = _broke(path, "内存不足")
    link.send(result)
    link.close()


def _mapped() -> int:
    """Return the bytes this process has mapped, 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _reason(exit_code: int | None) -> str:
    return {-9: "被系统终止（内存或时限）", -24: "超过处理器时限", 1: "读取器出错，详见上面的出错信息"}.get(
        exit_code or 0, f"退出码 {exit_code}"
    )


def _broke(path: Path, reason: str) -> Problem:
    return Problem(
        "READER-BROKE-OFF",
        "读取这份文档的进程没有做完",
        str(path),
        found=reason,
        hint="文件可能已损坏或带有恶意内容；用别的工具检查后再试",
    )
