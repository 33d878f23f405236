"""Parquet files, partitioned by year: codes as text, money as exact decimals.

The only home of pyarrow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from yusuan.model import Value
from yusuan.publishing.inputs import Inputs, stored
from yusuan.rows.records import Record
from yusuan.spec import Field, TableSpec

FOLDER, PARTITION = "parquet", "年度"
#: Digits of an exact decimal, and how many of them stand behind the point: 0.000001 万元 is one 分.
_DIGITS, _PLACES = 38, {"amount": 6, "rate": 6}


def write_parquet(folder: Path, inputs: Inputs) -> None:
    """Write `parquet/<table>/年度=<year>/part-0.parquet`; tables without a year have no such folder."""
    for spec in inputs.specs.every_table():
        yearly = any(field.name == PARTITION for field in spec.fields)
        fields = [field for field in spec.fields if field.name != PARTITION]
        schema = pa.schema([pa.field(f.name, _type(f, inputs.rows(spec)), metadata=_notes(f)) for f in fields])
        parts: dict[Value, list[Record]] = defaultdict(list)
        for row in inputs.rows(spec):
            parts[row.get(PARTITION) if yearly else None].append(row)
        for year, rows in (parts or {inputs.year if yearly else None: []}).items():
            below = folder / FOLDER / spec.name / (f"{PARTITION}={year}" if yearly else "")
            below.mkdir(parents=True, exist_ok=True)
            columns = [pa.array([stored(f, row) for row in rows], t.type) for f, t in zip(fields, schema, strict=True)]
            table = pa.Table.from_arrays(columns, schema=schema.with_metadata(_about(spec)))
            pq.write_table(table, below / "part-0.parquet", compression="zstd", version="2.6")


def _type(field: Field, rows: Sequence[Record]) -> Any:
    """Return the type of a column; more places than usual only where something is printed more finely."""
    if field.type in {"integer", "fen", "rank"}:
        return pa.int64()
    if field.type in _PLACES:
        exponents = (value.as_tuple().exponent for row in rows if isinstance(value := row.get(field.name), Decimal))
        return pa.decimal128(_DIGITS, max([_PLACES[field.type], *(-int(number) for number in exponents)]))
    return pa.string()


def _notes(field: Field) -> Mapping[str, str]:
    return {key: text for key, text in (("description", field.description), ("title", field.en)) if text}


def _about(spec: TableSpec) -> Mapping[str, str]:
    return {"title": spec.label, "description": spec.description.strip()}


def count_rows(folder: Path, table: str) -> int:
    """Return the number of rows that the Parquet files of a table hold."""
    return sum(pq.read_metadata(path).num_rows for path in sorted((folder / FOLDER / table).rglob("*.parquet")))
