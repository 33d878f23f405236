"""The documents that the data were read from: found by their contents, named so that people recognise them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from yusuan.files import sha256_of
from yusuan.rows.records import Record

#: Folder of the documents in a release.
FOLDER = "sources"
#: So much of a checksum stands in a file's name; the whole of it is in the provenance table.
_SHOWN = 12
_UNSAFE = re.compile(r"[^0-9A-Za-z_.-]")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,10}")


def find_documents(documents: Sequence[Record], folders: Iterable[Path]) -> Mapping[str, Path]:
    """Return the file of each document that is found in the folders, by its key.

    Only size and checksum decide: names and places prove nothing. Files of other sizes are not read.
    """
    by_size: dict[int, list[Path]] = defaultdict(list)
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                by_size[path.stat().st_size].append(path)
    sums: dict[Path, str] = {}
    found: dict[str, Path] = {}
    for row in documents:
        for path in by_size[int(str(row["字节数"]))]:
            if path not in sums:
                sums[path] = sha256_of(path)
            if sums[path] == row["sha256"]:
                found[str(row["文件"])] = path
                break
    return found


def file_part(key: str) -> str:
    """Return a key as a part of a path: whatever a package says, it names a file of ours and nothing outside."""
    return _UNSAFE.sub("_", key).strip(".") or "_"


def archived_name(document: Record) -> str:
    """Return the path of a document in a release, with its key and the beginning of its checksum."""
    suffix = Path(str(document["来源文件"])).suffix
    ending = suffix.lower() if _SUFFIX.fullmatch(suffix) else ""
    return f"{FOLDER}/{file_part(str(document['文件']))}.{str(document['sha256'])[:_SHOWN]}{ending}"
