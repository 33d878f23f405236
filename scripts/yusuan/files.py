"""Writing so that a reader sees the old or the new, never a half: build beside, flush, rename; one writer at a time."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import getpass
import hashlib
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from yusuan.errors import HostError, Problem

_FULL = {
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "超出磁盘配额",
    errno.EROFS: "该位置只读",
    errno.EACCES: "没有写入权限",
    errno.EPERM: "没有写入权限",
    errno.EEXIST: "那里已有同名的文件，不是文件夹",
    errno.ENOTDIR: "路径中有一段是文件，不是文件夹",
    errno.EISDIR: "那里是一个文件夹，不是文件",
}
_OLD, _NEW, _LOCK = ".yusuan-old-", ".yusuan-new-", ".yusuan-lock"


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def md5_of(path: Path) -> str:
    """Return the MD5 of a file, for archives that tell no other checksum; it guards against accidents, not malice."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


@contextlib.contextmanager
def host_errors(target: Path) -> Iterator[None]:
    """Turn the machine's refusals while writing to `target` into a HostError that says what to do."""
    try:
        yield
    except OSError as error:
        reason = _FULL.get(error.errno or 0, error.strerror or str(error))
        raise HostError(
            Problem(
                "CANNOT-WRITE",
                f"无法写入：{reason}",
                str(error.filename or target),
                hint=f"检查 {target} 的权限和剩余空间，或用 --out、--db 换一个位置；原有文件没有改动",
            )
        ) from error


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the only right to write in `folder`, made if need be; a second writer gets a HostError at once."""
    with host_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handle = (folder / _LOCK).open("a+", encoding="utf-8")
    with handle:
        _take(handle, fcntl.LOCK_EX, folder)
        handle.truncate(0)
        handle.write(_owner())
        handle.flush()
        yield


def _owner() -> str:
    """Return who is writing, for whoever has to wait: the process, the account, the machine."""
    try:
        account = getpass.getuser()
    except (OSError, KeyError):  # an account without a name, as in some containers
        account = str(os.getuid())
    return f"pid {os.getpid()}（{account}@{socket.gethostname()}）"


@contextlib.contextmanager
def undisturbed(folder: Path) -> Iterator[None]:
    """Keep writers out of `folder` while reading there; a HostError at once while one is writing.

    What a writer that was stopped left behind is mended first. Where nobody ever wrote, nothing is made.
    """
    if any(folder.glob(f"{_OLD}*")):
        with locked(folder):
            for aside in folder.glob(f"{_OLD}*"):
                recover(folder / aside.name.removeprefix(_OLD))
    with contextlib.ExitStack() as stack:
        if (folder / _LOCK).exists():
            handle = stack.enter_context((folder / _LOCK).open(encoding="utf-8"))
            _take(handle, fcntl.LOCK_SH, folder)
        yield


def _take(handle: TextIO, kind: int, folder: Path) -> None:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError as error:
        handle.seek(0)
        raise HostError(
            Problem(
                "LOCKED",
                "另一个 yusuan 正在用这个文件夹",
                str(folder),
                found=handle.read().strip() or None,
                hint="等它结束后重试",
            )
        ) from error


@contextlib.contextmanager
def replacing_file(target: Path) -> Iterator[Path]:
    """Yield a path beside `target` to write to; on success it becomes `target` at once, otherwise it is gone."""
    with host_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target)
        handle, name = tempfile.mkstemp(prefix=f"{_NEW}{target.name}-{os.getpid()}-", dir=target.parent)
        os.close(handle)
        beside = Path(name)
        try:
            yield beside
            beside.chmod(0o644)
            _flush(beside)
            beside.replace(target)
            _flush(target.parent)
        finally:
            beside.unlink(missing_ok=True)


@contextlib.contextmanager
def replacing_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder beside `target` to fill; on success it takes the place of `target`.

    The old folder is moved aside before and put back by `recover` should the machine stop in between.
    """
    with host_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        recover(target)
        beside = Path(tempfile.mkdtemp(prefix=f"{_NEW}{target.name}-", dir=target.parent))
        try:
            yield beside
            for path in [*sorted(beside.rglob("*")), beside]:
                _open_to_all(path)
                _flush(path)
            if target.exists():
                target.rename(target.with_name(f"{_OLD}{target.name}"))
            beside.rename(target)
            _flush(target.parent)
        finally:
            recover(target)


def _sweep(target: Path) -> None:
    """Remove what writers of the file `target` left beside it when they were stopped."""
    prefix = f"{_NEW}{target.name}-"
    for leftover in [path for path in target.parent.iterdir() if path.name.startswith(prefix)]:
        pid = leftover.name.removeprefix(prefix).partition("-")[0]
        if pid.isdigit() and not _running(int(pid)):
            leftover.unlink(missing_ok=True)


def _running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def recover(target: Path) -> None:
    """Put back or sweep what an interrupted `replacing_folder` left beside `target`; only for who holds the lock."""
    aside = target.with_name(f"{_OLD}{target.name}")
    if aside.exists() and not target.exists():
        aside.rename(target)
    shutil.rmtree(aside, ignore_errors=True)
    for leftover in target.parent.glob(f"{_NEW}{target.name}-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _open_to_all(path: Path) -> None:
    """Let everybody read what is published, whatever the account's umask: the web server is somebody else."""
    if not path.is_symlink():
        path.chmod(0o755 if path.is_dir() else 0o644)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
