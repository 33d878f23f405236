"""From an amount to the printed cell it came from: which official table, row and column a value was taken from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yusuan.spec import Specs, SubjectSource, TableSpec

CELLS = "cells"
_TABLE, _ROW, _DOCUMENT = "表", "行次", "文件"
#: Columns of the cells themselves that show what was printed.
_PRINTED = {"原文", "数值", "数值_分"}


#: What the narrative counts, besides amounts.
_COUNTED = {"人数", "数量"}
_FIRST_LINE, _PAGE = "首行", "页"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was printed: the row of an official table, and the column where it is known."""

    document: str
    table: str
    row: int
    column: str | None = None


def is_passage(spec: TableSpec) -> bool:
    """Tell whether the rows of a table were read from the narrative, and so from lines or a page."""
    return {_FIRST_LINE, _PAGE} <= {field.name for field in spec.fields}


def is_traced(specs: Specs, table: str | None, column: str) -> bool:
    """Tell whether a value of that column is an amount that can be shown in its source."""
    if table == CELLS:
        return column in _PRINTED
    record = specs.records.get(table or "")
    if record is not None and is_passage(record):
        return column in _COUNTED or any(f.name == column and f.type == "amount" for f in record.fields)
    spec = specs.tables.get(table or "") or specs.subjects.get(table or "")
    return spec is not None and any(f.name == column and f.type in {"amount", "fen"} for f in spec.printed)


def origin(specs: Specs, spec: TableSpec, row: Mapping[str, Any], column: str | None) -> Origin | None:
    """Return where a row, or a value of it, was printed; None for a row that comes from no official table."""
    if spec.name in specs.tables:
        return Origin(str(row[_DOCUMENT]), spec.name, int(row[_ROW]), _own_column(spec, column))
    if spec.name in specs.subjects:
        source = _source(spec, row)
        found = _printed_column(spec, source, row, column) if source and column else None
        return Origin(str(row[_DOCUMENT]), str(row[_TABLE]), int(row[_ROW]), found)
    return None


def _own_column(spec: TableSpec, column: str | None) -> str | None:
    """Return the printed column of an official table that a column of it shows: 合计_分 shows 合计."""
    fields = {field.name: field for field in spec.printed}
    if column not in fields:
        return None
    return fields[column].source if fields[column].type == "fen" else column


def _source(spec: TableSpec, row: Mapping[str, Any]) -> SubjectSource | None:
    """Return the source that a row of a subject table was derived from."""
    for source in spec.sources:
        if source.table == row[_TABLE] and all(row[name] == value for name, value in source.constants.items()):
            return source
    return None


def _printed_column(spec: TableSpec, source: SubjectSource, row: Mapping[str, Any], column: str) -> str | None:
    for printed, meaning in source.columns.items():
        if all(row[name] == value for name, value in meaning.items()):
            return printed
    field = next((field for field in spec.printed if field.name == column), None)
    if field is None or column in source.constants:
        return None
    if field.type == "fen":
        return _printed_column(spec, source, row, field.source)
    return source.renames.get(field.name, field.source)


def unread_title(title: str | None) -> str:
    """Return what a table that was not read is called: its title as printed."""
    return f"{title or '没有表题的一张表'}（只有原文）"
