"""The register of names: which different texts stand in the columns of large tables that readers filter by part of a name.

A million rows have a few hundred names of items. A filter for part of a name looks through the names, and finds the rows
of those by an index that also holds what they are counted by. The table `search_names` is made when the database is
loaded and is no part of the data package.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from yusuan.spec import Specs, TableSpec

TABLE = "search_names"
#: A column of names has at least so many rows for each of its texts.
_ROWS_OF_A_NAME = 20


def columns_of(spec: TableSpec) -> Iterator[str]:
    """Yield the columns of a subject table that are texts of no fixed choice, and no facets."""
    if spec.derive:
        yield from (field.name for field in spec.printed if field.type == "text" and not (field.enum or field.facet))


def register_names(connection: sqlite3.Connection, specs: Specs, large: int) -> None:
    """Make the register and its indexes for subject tables of at least so many rows."""
    connection.execute(
        f"CREATE TABLE {TABLE} (表 TEXT NOT NULL, 列 TEXT NOT NULL, 名称 TEXT NOT NULL, PRIMARY KEY (表, 列, 名称)) STRICT, WITHOUT ROWID"
    )
    for spec in specs.subjects.values():
        (rows,) = connection.execute(f'SELECT count(*) FROM "{spec.name}"').fetchone()  # noqa: S608 - from the specs
        if rows >= large:
            for column in columns_of(spec):
                _register(connection, spec, column, rows // _ROWS_OF_A_NAME)


def _register(connection: sqlite3.Connection, spec: TableSpec, column: str, most: int) -> None:
    found = f'SELECT DISTINCT "{column}" FROM "{spec.name}" WHERE "{column}" IS NOT NULL LIMIT ?'  # noqa: S608 - from the specs
    names = [name for (name,) in connection.execute(found, [most + 1])]
    if 0 < len(names) <= most:
        rows = sorted((spec.name, column, name) for name in names)
        connection.executemany(f"INSERT INTO {TABLE} VALUES (?, ?, ?)", rows)  # noqa: S608 - a constant
        beside = ", ".join(f'"{field.name}"' for field in spec.fields if field.facet)
        connection.execute(f'CREATE INDEX "names_{spec.name}_{column}" ON "{spec.name}" ("{column}", {beside})')
