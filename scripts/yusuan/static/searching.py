"""The search index of the static site: pairs of characters to entries, in small files that a page loads as it needs them.

The entries are those of the database's own index, in their order; `grams` cuts texts the same way. Each file is a script
that hands its data to `search.js`: a script may be loaded where a page was opened as a file, data may not.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from yusuan import grams

#: Entries in one file; files of pairs, by the first character.
CHUNK, SHARDS = 250, 256
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
#: Where the rows of a table are seen: under which address, by which column. The others are seen where they were printed.
_PAGES = {
    "units": "/unit/{}", "functional_codes": "/code/{}", "economic_codes": "/code/{}", "project": "/project/{}",
    "documents": "/document/{}",
}  # fmt: skip
#: Tables that were not read, and their cells, are seen as they were printed.
_PRINTED = {
    "document_tables": lambda key: f"/document/{quote(key[0])}/{key[1]}",
    "cells": lambda key: "/document/{}/{}#{}.{}".format(*map(quote, key[0].rsplit(".", 3))),
}
_READ = (
    "select 序, 类, 表, 键, e.年度, 标题, 正文, 单位名称 from search_entries e left join units using (单位) order by 序"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What can be found: its kind, what is shown, where it leads on the live site."""

    kind: str
    year: int | None
    unit: str
    title: str
    text: str
    address: str


def entries_of(database: Path) -> list[Entry]:
    """Return what the search of a database finds, in the order of its hits."""
    with contextlib.closing(sqlite3.connect(f"file:{quote(str(database))}?immutable=1", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        known = {row[0] for row in connection.execute("select 单位 from units")}
        found = []
        for row in connection.execute(_READ).fetchall():
            key = json.loads(row["键"])
            address = _address(connection, row["表"], key, known)
            if address:
                unit = row["单位名称"] or ""
                found.append(Entry(row["类"], row["年度"], unit, row["标题"], row["正文"], address))
        return found


def _address(connection: sqlite3.Connection, table: str, key: list[str], units: set[str]) -> str:
    """Return where a row is seen; nothing for a department that has published nothing itself."""
    if table in _PAGES:
        return _PAGES[table].format(quote(key[0]))
    if table == "departments":
        return f"/unit/{quote(key[0])}" if key[0] in units else ""
    if table == "rules":
        return "/budget/rules"
    if table in _PRINTED:
        return _PRINTED[table](key)
    columns = {row[1] for row in connection.execute(f'pragma table_info("{table}")')}
    if "行次" not in columns:
        return f"/document/{quote(key[0])}#{table}-{key[1]}"
    wanted = "项目" if table == "performance_indicator" else "文件"
    sql = f'select "{wanted}" as 键, 表, 行次 from "{table}" where 键 = ?'  # noqa: S608 - a table of the index
    (row,) = connection.execute(sql, key)
    return f"/project/{quote(row[0])}" if wanted == "项目" else f"/document/{quote(row[0])}/{row[1]}#r{row[2]}"


def write_index(folder: Path, entries: Sequence[Entry], seen: Callable[[str], str]) -> None:
    """Write the index; `seen` says where an address is found from the search page."""
    kinds = list(dict.fromkeys(entry.kind for entry in entries))
    told = [[kinds.index(e.kind), e.year or 0, e.unit, e.title, e.text, seen(e.address)] for e in entries]
    for number in range(0, len(told), CHUNK):
        _hand_over(
            folder / "entries" / f"{number // CHUNK}.js", "entries", number // CHUNK, told[number : number + CHUNK]
        )
    for shard, pairs in _shards(entries).items():
        _hand_over(folder / "pairs" / f"{shard:02x}.js", "pairs", f"{shard:02x}", pairs)
    shards = "".join("1" if (folder / "pairs" / f"{shard:02x}.js").exists() else "0" for shard in range(SHARDS))
    _hand_over(folder / "index.js", "index", 0, {"kinds": kinds, "chunk": CHUNK, "count": len(told), "shards": shards})


def _hand_over(path: Path, kind: str, name: object, data: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    said = json.dumps([kind, name, data], ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    path.write_text(f"yusuan.take(...{said});\n", "utf-8", newline="\n")


def _shards(entries: Sequence[Entry]) -> dict[int, dict[str, str]]:
    """Return, for each first character's file, the entries of each pair: the distances between their numbers."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for number, entry in enumerate(entries):
        pairs: set[str] = set()
        for text in (entry.title, *entry.text.split(" · ")):
            letters = grams.fold(text)
            pairs |= {letters[i : i + 2] for i in range(len(letters))}
        for pair in pairs:
            found[pair].append(number)
    shards: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for pair in sorted(found):
        shards[ord(pair[0]) % SHARDS][pair] = _distances(found[pair])
    return dict(sorted(shards.items()))


def _distances(numbers: Sequence[int]) -> str:
    return " ".join(_short(now - before) for before, now in zip([0, *numbers], numbers, strict=False))


def _short(number: int) -> str:
    """Return a number with 36 digits, as JavaScript reads it."""
    text = ""
    while True:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
        if not number:
            return text
