"""Sums that are kept in the database, so that no page adds up a large table.

Tables beside a subject table, made from its spec when the database is loaded and no part of the data package:
`sums_<table>` adds up every amount of one organisation in one document, and of the document as a whole (单位 empty);
`code_sums_<table>`, of the tables that have pages of codes, adds up the exact amounts of one organisation in one document for every code at every level; 行 is what the key of its only row has after the document.
`code_totals_<table>` adds those up over all documents of one kind and year: for lists of codes, never for who spends.
All sums are in fen. A sum of nothing is null, never zero.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping

from yusuan.spec import Specs, TableSpec

#: What a column of the sums is called that holds the sum as the document prints it, and the row it is printed in.
PRINTED, PRINTED_ROW = "{}_印", "{}_印行"
#: The subject table that is added up by the codes of a classification.
CODED = {"functional_codes": "expenditure_by_function", "economic_codes": "basic_expenditure_by_economic"}
#: The key of a row that is added up alone; where there are several, no row is the place of the sum.
_ONLY_KEY = "iif(count(*) = 1, max(r.键), null)"


def sums_of(subject: str) -> str:
    """Return the name of the table with the sums of a subject table."""
    return f"sums_{subject}"


def code_sums_of(subject: str) -> str:
    """Return the name of the table with the sums of a subject table by code."""
    return f"code_sums_{subject}"


def amounts(spec: TableSpec) -> tuple[str, ...]:
    """Return the columns of a table that can be added up."""
    return tuple(field.name for field in spec.fields if field.type == "amount")


def levels(spec: TableSpec) -> tuple[str, ...]:
    """Return the columns that classify a row, from the widest to the finest; the number of a level is its place, from 1."""
    found = [field for field in spec.fields if field.references in CODED]
    return tuple(field.name for field in sorted(found, key=lambda field: field.prefix or 99))


def code_totals_of(subject: str) -> str:
    """Return the name of the table with the sums of a subject table by code alone."""
    return f"code_totals_{subject}"


def summed_tables(specs: Specs) -> Iterator[str]:
    """Yield the names of all tables of sums."""
    for spec in specs.subjects.values():
        if amounts(spec):
            yield sums_of(spec.name)
        if spec.name in CODED.values():
            yield code_sums_of(spec.name)
            yield code_totals_of(spec.name)


def fen_sum(column: str) -> str:
    """Return the SQL of the exact sum of a 万元 column, in fen."""
    return f'sum(cast(round(r."{column}" * 1000000) as integer))'


def exact_sum(spec: TableSpec, column: str) -> str:
    """Return the SQL of the exact sum of an amount of a subject table: of its column in fen where it has one."""
    exact = f"{column}_分"
    return f'sum(r."{exact}")' if exact in {field.name for field in spec.fields} else fen_sum(column)


def printed_in(spec: TableSpec, column: str) -> tuple[str, str] | None:
    """Return where the official table prints the sum of a column, if it has one table and one column for it."""
    tables = {source.table for source in spec.sources}
    if spec.derive != "rows" or len(tables) != 1:
        return None
    return tables.pop(), spec.sources[0].renames.get(column, spec.field(column).source)


def add_sums(connection: sqlite3.Connection, specs: Specs) -> None:
    """Make and fill the tables of sums from the tables that are already in the database."""
    for spec in specs.subjects.values():
        if amounts(spec):
            _add_sums(connection, spec)
        if spec.name in CODED.values():
            _add_code_sums(connection, spec)


def _exact(spec: TableSpec) -> tuple[str, ...]:
    """Return the amounts that also stand in fen."""
    return tuple(field.source for field in spec.fields if field.type == "fen")


def _add_sums(connection: sqlite3.Connection, spec: TableSpec) -> None:
    columns = amounts(spec)
    printed = {name: place for name in columns if (place := printed_in(spec, name))}
    more = [form.format(name) for name in printed for form in (PRINTED, PRINTED_ROW)]
    connection.execute(
        f"""CREATE TABLE "{sums_of(spec.name)}" (
          年度 INTEGER NOT NULL, 文件 TEXT NOT NULL, 单位 TEXT NOT NULL, 计入合计 TEXT, 行数 INTEGER NOT NULL, 键 TEXT,
          {", ".join(f'"{name}" INTEGER' for name in (*columns, *more))},
          PRIMARY KEY (年度, 文件, 单位)) STRICT, WITHOUT ROWID"""
    )
    made = ", ".join(f'{exact_sum(spec, name)} "{name}"' for name in columns)
    added = ", ".join(f's."{name}"' for name in columns)
    for whole in (False, True):
        unit, group = ("''", "r.文件") if whole else ("r.单位", "r.文件, r.单位")
        told = "".join(
            f", ({printed_sum(place, _row(whole=whole), number=number)})"
            for place in printed.values()
            for number in (False, True)
        )
        connection.execute(
            f"""INSERT INTO "{sums_of(spec.name)}"
            SELECT d.年度, k.文件, k.单位, s.计入合计, coalesce(s.行数, 0), s.键, {added}{told}
            FROM ({_asked(spec, printed, whole=whole)}) k JOIN documents d ON d.文件 = k.文件
            LEFT JOIN (
              SELECT r.文件, {unit} 单位, max(r.计入合计) 计入合计, count(*) 行数, {_ONLY_KEY} 键, {made}
              FROM "{spec.name}" r GROUP BY {group}
            ) s ON s.文件 = k.文件 AND s.单位 = k.单位
            ORDER BY 1, 2, 3"""  # noqa: S608 - names come from the checked specs
        )


def _asked(spec: TableSpec, printed: Mapping[str, tuple[str, str]], *, whole: bool) -> str:
    """Return the SQL of what sums are kept of: every document; every organisation that has rows, or a printed sum."""
    if whole:
        return "SELECT 文件, '' 单位 FROM documents"
    tables = sorted({table for table, _ in printed.values()})
    told = [f"SELECT 文件, 单位 FROM \"{table}\" WHERE 行类型 = '单位'" for table in tables]  # noqa: S608 - from the specs
    return " UNION ".join([f'SELECT DISTINCT 文件, 单位 FROM "{spec.name}"', *told])  # noqa: S608 - from the specs


def _row(*, whole: bool) -> str:
    """Return the condition on the row that prints a sum: 合计 of who published the document, 单位 of one of many."""
    return (
        "p.文件 = k.文件 and p.行类型 = '合计'"
        if whole
        else "p.文件 = k.文件 and p.单位 = k.单位 and p.行类型 = iif(d.单位 = k.单位, '合计', '单位')"
    )


def printed_sum(place: tuple[str, str], row: str, *, number: bool = False) -> str:
    """Return the SQL of a printed amount in fen, or of the number of its row; `row` is the condition on the row `p`.

    A table of which a cell was corrected does not count: its leaves are right, what it prints is not.
    """
    table, column = place
    largest = f'max(p."{column}")'
    shown = f"iif({largest} is null, null, p.行次)" if number else f"cast(round({largest} * 1000000) as integer)"
    corrected = "select 1 from corrections x join cells on cells.格 = x.格 where x.文件 = p.文件"
    return (
        f'select {shown} from "{table}" p '  # noqa: S608 - from the specs
        f"where not exists ({corrected} and cells.表 = '{table}') and {row}"
    )


def _add_code_sums(connection: sqlite3.Connection, spec: TableSpec) -> None:
    exact = _exact(spec)
    connection.execute(
        f"""CREATE TABLE "{code_sums_of(spec.name)}" (
          层 INTEGER NOT NULL, 编码 TEXT NOT NULL, 年度 INTEGER NOT NULL, 类型 TEXT NOT NULL, 文件 TEXT NOT NULL,
          单位 TEXT NOT NULL, 行数 INTEGER NOT NULL, 行 TEXT, {", ".join(f'"{name}" INTEGER' for name in exact)},
          PRIMARY KEY (层, 编码, 年度, 类型, 文件, 单位)) STRICT, WITHOUT ROWID"""
    )
    made = ", ".join(exact_sum(spec, name) for name in exact)
    for level, column in enumerate(levels(spec), 1):
        connection.execute(
            f"""INSERT INTO "{code_sums_of(spec.name)}"
            SELECT {level}, r."{column}", d.年度, d.类型, r.文件, r.单位, count(*),
              substr({_ONLY_KEY}, length(r.文件) + 1), {made}
            FROM "{spec.name}" r JOIN documents d ON d.文件 = r.文件 WHERE r."{column}" IS NOT NULL
            GROUP BY r."{column}", d.年度, d.类型, r.文件, r.单位 ORDER BY 1, 2, 3, 4, 5, 6"""  # noqa: S608 - from the specs
        )
    connection.execute(
        f"""CREATE TABLE "{code_totals_of(spec.name)}" (
          层 INTEGER NOT NULL, 编码 TEXT NOT NULL, 年度 INTEGER NOT NULL, 类型 TEXT NOT NULL, 行数 INTEGER NOT NULL,
          {", ".join(f'"{name}" INTEGER' for name in exact)}, PRIMARY KEY (层, 编码, 年度, 类型)) STRICT, WITHOUT ROWID"""
    )
    connection.execute(
        f"""INSERT INTO "{code_totals_of(spec.name)}"
        SELECT 层, 编码, 年度, 类型, sum(行数), {", ".join(f'sum("{name}")' for name in exact)}
        FROM "{code_sums_of(spec.name)}" GROUP BY 1, 2, 3, 4"""  # noqa: S608 - from the specs
    )
