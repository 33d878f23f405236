"""The lists that a release is checked by: SHA256SUMS for everybody's tools, manifest.json with sizes, roles and origin."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from yusuan.errors import PackageError, Problem
from yusuan.files import sha256_of
from yusuan.publishing.environment import schemas_digest
from yusuan.publishing.inputs import Inputs

SUMS, MANIFEST = "SHA256SUMS", "manifest.json"
_LINE = re.compile(r"(?P<sha256>[0-9a-f]{64})  (?P<path>.+)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a release as the lists have it; size and role are unknown where only SHA256SUMS names it."""

    path: str
    sha256: str
    bytes: int | None = None
    role: str | None = None


def files_below(folder: Path) -> list[str]:
    """Return the paths of everything below a folder that is no folder, in order."""
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()
    )


def write_manifest(folder: Path, inputs: Inputs, roles: Mapping[str, str]) -> None:
    """Write manifest.json and, over it and all else, SHA256SUMS."""
    entries = [
        {
            "path": name,
            "role": roles.get(name, "other"),
            "bytes": (folder / name).stat().st_size,
            "sha256": sha256_of(folder / name),
        }
        for name in files_below(folder)
    ]
    content = {
        "version": inputs.version,
        "date": inputs.date,
        "previous": previous_link(inputs.previous),
        "schemas": schemas_digest(inputs.specs.root),
        "made_with": dict(inputs.made_with),
        "files": entries,
    }
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8", newline="\n")
    sums = sums_text({name: sha256_of(folder / name) for name in files_below(folder)})
    (folder / SUMS).write_text(sums, encoding="utf-8", newline="\n")


def sums_text(sums: Mapping[str, str]) -> str:
    """Return SHA256SUMS from the checksum of each path."""
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))


def previous_link(previous: Path | None) -> dict[str, str] | None:
    """Return the release before by its version and the checksum of its list: releases form a chain."""
    if previous is None or not (previous / SUMS).is_file():
        return None
    return {"version": previous.name, "sha256sums": sha256_of(previous / SUMS)}


def read_sums(folder: Path) -> dict[str, Entry]:
    """Return what SHA256SUMS lists; PackageError where a line is none or leads out of the release."""
    entries: dict[str, Entry] = {}
    path, expected = folder / SUMS, "64 位校验和、两个空格、发布里的路径，每个文件一行"
    try:
        lines = path.read_bytes().decode("utf-8").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise _broken(path, str(error), expected) from error
    for number, line in enumerate(lines, 1):
        match = _LINE.fullmatch(line)
        if match is None or not _inside(match["path"]) or match["path"] in entries:
            raise _broken(path, f"第 {number} 行：{line[:120]}", expected)
        entries[match["path"]] = Entry(match["path"], match["sha256"])
    return entries


def read_manifest(folder: Path) -> tuple[dict[str, Any], dict[str, Entry]]:
    """Return manifest.json and the files it lists; PackageError where it is none."""
    path = folder / MANIFEST
    try:
        content = json.loads(path.read_text("utf-8"))
        entries = {
            str(item["path"]): Entry(str(item["path"]), str(item["sha256"]), int(item["bytes"]), str(item["role"]))
            for item in content["files"]
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _broken(path, str(error), "yusuan publish 写出的清单") from error
    return content, entries


def _inside(name: str) -> bool:
    pure = PurePosixPath(name)
    return not pure.is_absolute() and ".." not in pure.parts and "\\" not in name


def _broken(path: Path, found: str, expected: str) -> PackageError:
    hint = "重新下载这一版"
    return PackageError(
        Problem("RELEASE-LIST", "发布的清单读不了", str(path), expected=expected, found=found, hint=hint)
    )
