"""What a release was made with: this program, Python, the libraries, and the commit of the data where they are in git."""

from __future__ import annotations

import hashlib
import platform
import re
import sqlite3
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from yusuan import __version__

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_LOCKED = re.compile(r"^([a-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
LOCK = "requirements.lock"


@dataclass(frozen=True, slots=True)
class Checkout:
    """The state of a folder in git: its commit, and whether anything in it differs; None where it is not in git."""

    commit: str | None
    dirty: bool | None


def checkout(folder: Path, apart: Path) -> Checkout:
    """Return the state of `folder` in git, leaving out what lies under `apart` (the releases themselves)."""
    commit = _git(folder, "rev-parse", "HEAD")
    top = _git(folder, "rev-parse", "--show-toplevel")
    if commit is None or top is None:
        return Checkout(None, None)
    within = apart.resolve()
    away = [f":(top,exclude){within.relative_to(top)}"] if within.is_relative_to(top) else []
    state = _git(folder, "status", "--porcelain", "--untracked-files=all", "--", ".", *away)
    return Checkout(commit, None if state is None else bool(state))


def _git(folder: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603 - fixed words
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def libraries() -> Mapping[str, str]:
    """Return the versions of the libraries that this program asks for."""
    try:
        wanted = requires("yusuan") or []
    except PackageNotFoundError:
        return {}
    names = (match[0] for line in wanted if "extra ==" not in line and (match := _NAME.match(line)))
    return {name.lower(): version(name) for name in sorted(names)}


def off_the_lock(root: Path) -> Mapping[str, tuple[str, str]] | None:
    """Return the libraries whose version is not the locked one: (locked, installed); None where there is no lock."""
    try:
        locked = dict(_LOCKED.findall((root / LOCK).read_text("utf-8")))
    except OSError:
        return None
    installed = libraries()
    return {
        name: (locked[key], found)
        for name, found in installed.items()
        if (key := name.replace(".", "-")) in locked and locked[key] != found
    }


def schemas_digest(root: Path) -> str:
    """Return one checksum of all specifications: two releases with the same one follow the same rules."""
    digest = hashlib.sha256()
    for path in sorted(path for path in root.rglob("*") if path.suffix in {".yml", ".csv", ".json"}):
        digest.update(
            f"{path.relative_to(root).as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
        )
    return digest.hexdigest()


def made_with(state: Checkout) -> dict[str, Any]:
    """Return what a release was made with, as JSON-ready data; what is not known is null."""
    return {
        "yusuan": __version__,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "libraries": dict(libraries()),
        "data_commit": state.commit,
        "data_modified": state.dirty,
    }
