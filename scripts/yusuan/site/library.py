"""The documents themselves: found by their checksum, pages drawn on demand, by a process of its own, one at a time."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from yusuan.files import host_errors, sha256_of
from yusuan.reading import SUFFIXES

#: What drawing one page may take, in seconds; how many may wait for their turn.
_TIME = 25.0
_WAITING = 6
_KEPT_BYTES = 256 * 2**20
_KEPT_FILES = 2000
_REFUSED = 5000


class Busy(Exception):  # noqa: N818 - not an error of ours: the reader may come again
    """Too many pages are waiting to be drawn."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page that was drawn: the file, and the size of the page in the points that cells are given in."""

    path: Path
    width: float
    height: float


def default_cache() -> Path:
    """Return the folder for pictures that is used unless another is given."""
    return Path(os.environ.get("XDG_CACHE_HOME", "") or Path.home() / ".cache") / "yusuan"


@dataclass
class Library:
    """Documents under some folders, and pictures of their pages in a cache that stays small."""

    folders: tuple[Path, ...]
    cache: Path
    _hashes: dict[tuple[str, int, int], str] = field(default_factory=dict)
    _failed: set[tuple[str, int]] = field(default_factory=set)
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _waiting: int = 0

    def find(self, sha256: str, size: int) -> Path | None:
        """Return the file with that content; only files of that size are read. Names and paths prove nothing."""
        for path in self._files():
            state = path.stat()
            if state.st_size != size:
                continue
            key = (str(path), state.st_size, state.st_mtime_ns)
            if key not in self._hashes:
                self._hashes[key] = sha256_of(path)
            if self._hashes[key] == sha256:
                return path
        return None

    def _files(self) -> Iterable[Path]:
        for folder in self.folders:
            for path in sorted(folder.rglob("*")):
                if path.suffix.lower() in SUFFIXES and path.is_file():
                    yield path

    async def picture(self, sha256: str, size: int, page: int) -> Picture | None:
        """Return the picture of a page, None where there is no such file or page or it cannot be drawn in time."""
        if found := await asyncio.to_thread(self._kept, sha256, page):
            return found
        if self._waiting >= _WAITING:
            raise Busy
        self._waiting += 1
        try:
            return await asyncio.to_thread(self._draw, sha256, size, page)
        finally:
            self._waiting -= 1

    def _kept(self, sha256: str, page: int) -> Picture | None:
        for path in self.cache.glob(f"{sha256}-{page}@*.png"):
            width, _, height = path.stem.rpartition("@")[2].partition("x")
            os.utime(path)
            return Picture(path, float(width), float(height))
        return None

    def _draw(self, sha256: str, size: int, page: int) -> Picture | None:
        with self._turn:
            if (sha256, page) in self._failed:
                return None
            if kept := self._kept(sha256, page):
                return kept
            source = self.find(sha256, size)
            if source is None:
                return None
            if not self._run(source, sha256, page):
                if len(self._failed) < _REFUSED:
                    self._failed.add((sha256, page))
                return None
            self._sweep()
            return self._kept(sha256, page)

    def _run(self, source: Path, sha256: str, page: int) -> bool:
        """Draw a page in a process of its own: a hostile file can end that process and nothing else."""
        with host_errors(self.cache):
            self.cache.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = self.cache / f".{sha256}-{page}-{os.getpid()}.part"
        command = [sys.executable, "-m", "yusuan.reading.picture", str(source), str(page), str(beside)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_TIME, check=False)  # noqa: S603 - ourselves
            if done.returncode == 0 and beside.is_file():
                beside.replace(self.cache / f"{sha256}-{page}@{done.stdout.strip()}.png")
                return True
        except subprocess.TimeoutExpired:
            pass
        finally:
            beside.unlink(missing_ok=True)
        return False

    def _sweep(self) -> None:
        """Remove the pictures that were not asked for longest, until few and small enough ones are left."""
        kept = sorted(((p.stat().st_mtime_ns, p.stat().st_size, p) for p in self.cache.glob("*@*.png")), reverse=True)
        total = 0
        for number, (_, size, path) in enumerate(kept):
            total += size
            if number and (number >= _KEPT_FILES or total > _KEPT_BYTES):
                path.unlink(missing_ok=True)
