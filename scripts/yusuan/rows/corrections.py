"""Corrected values in place of misprinted ones, for everything that is computed from the official tables.

The official tables themselves always stay as printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from yusuan.model import Value
from yusuan.rows.records import Record
from yusuan.spec import Specs, TableSpec
from yusuan.values import parse_amount, to_wan


def corrected_records(records: Mapping[str, Sequence[Record]], specs: Specs) -> Mapping[str, Sequence[Record]]:
    """Return the rows with the corrections of the package applied; a corrected row says in 更正 what it printed."""
    corrections = {row["格"]: row for row in records.get("corrections", ())}
    if not corrections:
        return records
    units = {(row["文件"], row["表"]): str(row["金额单位"]) for row in records["document_tables"]}
    wanted = [
        cell for cell in records["cells"] if cell["格"] in corrections and cell["字段"] and cell["部位"] == "数据"
    ]
    changed: dict[str, dict[tuple[Value, Value], Record]] = {}
    for cell in wanted:
        table, field, at = str(cell["表"]), str(cell["字段"]), (cell["文件"], cell["行次"])
        row = changed.setdefault(table, {}).setdefault(at, _row_at(records[table], at))
        text = str(corrections[cell["格"]]["更正值"])
        row[field] = corrected_value(specs.tables[table], field, text, units[cell["文件"], table])
        note = f"{field}：印作 {cell['原文'] or '空白'}，应为 {text}"
        row["更正"] = "；".join(filter(None, [str(row.get("更正") or ""), note]))
    return {
        name: [changed.get(name, {}).get((row.get("文件"), row.get("行次")), row) for row in rows]
        for name, rows in records.items()
    }


def _row_at(rows: Sequence[Record], at: tuple[Value, Value]) -> Record:
    return dict(next(row for row in rows if (row["文件"], row["行次"]) == at))


def corrected_value(spec: TableSpec, field: str, text: str, unit: str) -> Value:
    """Return the value of a corrected text by the type of its column; money, corrected in `unit`, in 万元."""
    kind = spec.field(field).type
    if kind == "amount":
        number = parse_amount(text)
        return None if number is None else to_wan(number, unit)
    return int(Decimal(text)) if kind == "integer" else text
