"""All years' packages to one SQLite file: explicit STRICT tables from the specs, built beside and moved into place.

The only home of sqlite-utils.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from graphlib import TopologicalSorter
from pathlib import Path

import sqlite_utils
import sqlite_utils.db

from yusuan.errors import HostError, PackageError, Problem
from yusuan.files import host_errors, replacing_file
from yusuan.fulltext import index_texts
from yusuan.model import Value
from yusuan.names import register_names
from yusuan.package import merge_records, sort_key
from yusuan.rows.corrections import corrected_records
from yusuan.rows.namesakes import under_one_key
from yusuan.rows.records import Record, Records
from yusuan.rows.subjects import derive_subject
from yusuan.spec import Field, Specs, TableSpec
from yusuan.sums import add_sums
from yusuan.values import to_fen

#: Written into the file header, so that `file` and we ourselves know whose it is ("YUSU").
APPLICATION_ID = 0x59555355
#: From so many rows on a table is large; a column of so few values leaves many rows for each of them.
_LARGE, _FEW_VALUES = 20_000, 64
_TYPES = {"text": str, "code": str, "integer": int, "amount": float, "rate": float, "fen": int, "rank": int}


def load_database(path: Path, packages: Sequence[Records], specs: Specs) -> dict[str, int]:
    """Build the database from the rows of one package a year; return the number of rows of each table.

    The file at `path` is replaced in one step and only when everything is in and all references hold.
    """
    _refuse_open_database(path)
    records = under_one_key(merge_records({}, packages, specs), specs)
    with replacing_file(path) as beside, host_errors(path):
        try:
            counts = _build(beside, records, specs)
        except sqlite3.IntegrityError as error:
            raise PackageError(
                Problem(
                    "DATABASE-ROW",
                    f"数据库不能接受其中一行，原有数据库没有改动：{error}",
                    str(path),
                    hint="运行 yusuan validate 找出这一行",
                )
            ) from error
        except sqlite3.OperationalError as error:
            raise HostError(
                Problem("DATABASE-WRITE", f"数据库无法写入：{error}", str(path), hint="检查磁盘空间和权限")
            ) from error
    return counts


def _refuse_open_database(path: Path) -> None:
    for tail in ("-wal", "-journal"):
        if path.with_name(path.name + tail).exists():
            raise HostError(
                Problem(
                    "DATABASE-BUSY",
                    "数据库正被别的程序写入",
                    str(path),
                    found=path.name + tail,
                    hint="关闭那个程序后重试",
                )
            )


def _build(path: Path, records: Mapping[str, list[Record]], specs: Specs) -> dict[str, int]:
    connection = sqlite3.connect(path)
    try:
        database = sqlite_utils.Database(connection)
        connection.executescript(
            f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA page_size=4096; PRAGMA application_id={APPLICATION_ID};"
        )
        counts = {}
        corrected = corrected_records(records, specs)
        for spec in _load_order(specs):
            rows = derive_subject(spec, corrected, specs) if spec.derive else records.get(spec.name, [])
            _create(database, spec, specs)
            counts[spec.name] = _insert(connection, spec, sorted(rows, key=partial(sort_key, spec)))
        for spec in _load_order(specs):
            _index(database, spec, counts[spec.name])
        _refuse_broken_references(connection)
        register_names(connection, specs, _LARGE)
        add_sums(connection, specs)
        index_texts(connection, specs)
        connection.execute("ANALYZE")
        connection.commit()
        connection.execute("VACUUM")
    finally:
        connection.close()
    return counts


def _load_order(specs: Specs) -> Iterator[TableSpec]:
    """What others refer to must exist before them; a reference to itself does not count."""
    every = {spec.name: spec for spec in specs.every_table()}
    wanted = {
        name: sorted({field.references for field in spec.fields if field.references and field.references != name})
        for name, spec in every.items()
    }
    for name in TopologicalSorter(wanted).static_order():
        yield every[name]


def _create(database: sqlite_utils.Database, spec: TableSpec, specs: Specs) -> None:
    keys = {item.name: item.key for item in specs.every_table()}
    database.table(spec.name).create(
        {field.name: _TYPES[field.type] for field in spec.fields},
        pk=spec.key[0] if len(spec.key) == 1 else spec.key,
        foreign_keys=[(f.name, f.references, keys[f.references][0]) for f in spec.fields if f.references],
        not_null={field.name for field in spec.fields if field.required} | set(spec.key),
        strict=True,
    )


def _index(database: sqlite_utils.Database, spec: TableSpec, count: int) -> None:
    """Index what is filtered, counted by and referred to; in a large table, so that counting under a filter stays quick.

    There, a filter by a column of few values (the year) leaves so many rows that each must be counted from an index
    alone: the index of every facet also holds those columns. And rows come in the order of the page without sorting.
    """
    facets = [field.name for field in spec.fields if field.facet]
    coarse = [name for name in facets if count >= _LARGE and _distinct(database, spec.name, name) <= _FEW_VALUES]
    for field in spec.fields:
        if field.facet or field.references:
            beside = [name for name in coarse if field.facet and name != field.name]
            database.table(spec.name).create_index([field.name, *beside], if_not_exists=True)
    shown = spec.presentation
    if count >= _LARGE and (order := shown.get("sort_desc") or shown.get("sort")):
        first = sqlite_utils.db.DescIndex(order) if "sort_desc" in shown else order
        database.table(spec.name).create_index([first, *spec.key], if_not_exists=True)


def _distinct(database: sqlite_utils.Database, table: str, column: str) -> int:
    found = database.execute(f'SELECT count(DISTINCT "{column}") FROM "{table}"')  # noqa: S608 - from the checked specs
    return int(found.fetchone()[0])


def _insert(connection: sqlite3.Connection, spec: TableSpec, rows: Iterable[Record]) -> int:
    names = ", ".join(f'"{field.name}"' for field in spec.fields)
    marks = ", ".join("?" for _ in spec.fields)
    cursor = connection.executemany(
        f'INSERT INTO "{spec.name}" ({names}) VALUES ({marks})',  # noqa: S608 - names come from the checked specs
        ([_stored(field, row) for field in spec.fields] for row in rows),
    )
    return max(cursor.rowcount, 0)


def _stored(field: Field, row: Record) -> str | int | float | None:
    """Return a value as SQLite holds it: 万元 as REAL for reading, 分 as INTEGER where equality decides."""
    value: Value = row.get(field.name)
    if field.type == "rank":
        return field.rank(row.get(field.source))
    if field.type == "fen" and value is None:
        source = row.get(field.source)
        return to_fen(source) if isinstance(source, Decimal) else None
    return float(value) if isinstance(value, Decimal) else value


def _refuse_broken_references(connection: sqlite3.Connection) -> None:
    broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise PackageError(
            *(
                Problem(
                    "DATABASE-REFERENCE",
                    "引用的键不存在，数据库没有改动",
                    table=table,
                    row=row,
                    expected=f"{parent} 中已有的键",
                    hint="运行 yusuan validate 找出这一行",
                )
                for table, row, parent, _ in broken[:20]
            )
        )
