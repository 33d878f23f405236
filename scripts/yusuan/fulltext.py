"""The search index of the database: everything the search box finds, by overlapping pairs of characters.

Four tables whose names begin with `search`: the index itself (FTS5, without a copy of the texts), `search_entries` with
what a hit shows, `search_kinds` with the range of entries of each kind. Entries are numbered in the order in which hits
are listed: by kind, latest year first, short texts before long ones. So the first hits are found without sorting.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

from yusuan.findable import SearchEntry
from yusuan.grams import grams, token
from yusuan.spec import Specs, TableSpec

_TABLES = """
CREATE TABLE search_entries (
  序 INTEGER PRIMARY KEY, 类 TEXT NOT NULL, 表 TEXT NOT NULL, 键 TEXT NOT NULL,
  年度 INTEGER, 单位 TEXT, 标题 TEXT NOT NULL, 正文 TEXT NOT NULL) STRICT;
CREATE TABLE search_kinds (类 TEXT PRIMARY KEY, 首 INTEGER NOT NULL, 末 INTEGER NOT NULL) STRICT;
CREATE VIRTUAL TABLE search USING fts5(文, 范围, content='', tokenize='ascii');
"""
_BETWEEN = " · "
_AT_ONCE = 10_000


def index_texts(connection: sqlite3.Connection, specs: Specs) -> None:
    """Fill the search index from the tables that are already in the database."""
    connection.executescript(_TABLES)
    tables = {spec.name: spec for spec in specs.every_table()}
    number = 0
    for entry in specs.search:
        first = number + 1
        number = _add(connection, entry, tables[entry.table], number)
        if number >= first:
            connection.execute("INSERT INTO search_kinds VALUES (?, ?, ?)", (entry.kind, first, number))
    connection.execute("INSERT INTO search(search) VALUES ('optimize')")


def scope(name: str, value: object) -> str:
    """Return the word by which entries of one year or one organisation are found."""
    return token(f"{name}={value}")


def _add(connection: sqlite3.Connection, entry: SearchEntry, spec: TableSpec, number: int) -> int:
    """Add the entries of one kind after entry `number`; return the number of the last one."""
    pairs: list[tuple[object, ...]] = []
    shown: list[tuple[object, ...]] = []
    for key, year, unit, title, *texts in _rows(connection.cursor(), entry, spec):
        number += 1
        told = [str(text) for text in texts if text]
        places = [scope("年度", year)] if year is not None else []
        places += [scope("单位", unit)] if unit is not None else []
        pairs.append((number, " ".join(map(grams, [str(title or ""), *told])), " ".join(places)))
        shown.append((number, entry.kind, entry.table, key, year, unit, title or entry.kind, _BETWEEN.join(told)))
        if len(pairs) == _AT_ONCE:
            _write(connection, pairs, shown)
    _write(connection, pairs, shown)
    return number


def _write(connection: sqlite3.Connection, pairs: list[tuple[object, ...]], shown: list[tuple[object, ...]]) -> None:
    connection.executemany("INSERT INTO search(rowid, 文, 范围) VALUES (?, ?, ?)", pairs)
    connection.executemany("INSERT INTO search_entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)", shown)
    pairs.clear()
    shown.clear()


def _rows(reader: sqlite3.Cursor, entry: SearchEntry, spec: TableSpec) -> Iterator[tuple[object, ...]]:
    """Yield key, year, organisation, title and texts of the rows of a table, in the order of the hits."""
    names = {field.name for field in spec.fields}
    year = '"年度"' if "年度" in names else "NULL"
    unit = '"单位"' if "单位" in names else "NULL"
    texts = [f'"{name}"' for name in (entry.title, *entry.texts)]
    length = " + ".join(f"length(coalesce({text}, ''))" for text in texts)
    keys = ", ".join(f'"{name}"' for name in spec.key)
    column, start = entry.only or ("", "")
    where = f'WHERE substr("{column}", 1, length(:start)) = :start' if column else ""
    found = f"""SELECT {keys}, {year}, {unit}, {", ".join(texts)} FROM "{spec.name}" {where}
        ORDER BY {year} DESC, {length}, {keys}"""  # noqa: S608 - names come from the checked specs
    width = len(spec.key)
    for row in reader.execute(found, {"start": start} if column else {}):
        yield json.dumps([str(part) for part in row[:width]], ensure_ascii=False), *row[width:]
