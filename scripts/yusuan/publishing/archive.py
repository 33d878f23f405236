"""Archives whose bytes depend on their contents alone."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

#: Every file in an archive bears this time: the same content gives the same bytes on any day.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_zip(target: Path, root: Path, names: Iterable[str]) -> None:
    """Write some files below `root` as one archive."""
    with zipfile.ZipFile(target, "w") as archive:
        for name in sorted(names):
            archive.writestr(_entry(name), (root / name).read_bytes(), zipfile.ZIP_DEFLATED, 9)


def rewrite_zip(source: Path, target: Path, change: Callable[[str, bytes], bytes]) -> None:
    """Write an archive anew in its own order, without the times it was made at; `change` may alter its files."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            new.writestr(_entry(info.filename), change(info.filename, old.read(info)), zipfile.ZIP_DEFLATED, 6)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.external_attr, entry.create_system = 0o644 << 16, 3
    return entry
