"""A static interface for programs: one file a unit and year, and an index; addresses and keys are a promise."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from yusuan.model import Value
from yusuan.publishing.inputs import Inputs, stored
from yusuan.publishing.sources import archived_name, file_part
from yusuan.rows.records import Record
from yusuan.spec import TableSpec

FOLDER = "api/v1"
#: What a unit's file does not hold: the printed cells would be most of it. They are in data/cells.csv.
_APART = {"cells", "finding_cells", "documents"}
#: An exact decimal on its way through the JSON writer: a private sign of Unicode on either side.
_MARK = "\ue000"
_MARKED = re.compile(f'"{_MARK}(-?[0-9]+(?:[.][0-9]+)?){_MARK}"')


def to_json(content: object) -> str:
    """Return JSON in which decimals stand as the digits they are, never rounded by way of a float."""
    text = json.dumps(content, ensure_ascii=False, indent=1, default=_decimal)
    return _MARKED.sub(r"\1", text) + "\n"


def _decimal(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{_MARK}{value:f}{_MARK}"
    raise TypeError(value)


def write_api(folder: Path, inputs: Inputs) -> None:
    """Write `api/v1/index.json` and `api/v1/units/<unit>/<year>.json`."""
    at = folder / FOLDER
    tables = [spec for spec in inputs.specs.every_table() if _of_a_unit(spec)]
    parts = {spec.name: _parts(inputs.rows(spec)) for spec in tables}
    keys = sorted({key for found in parts.values() for key in found})
    for unit, year in keys:
        path = at / "units" / file_part(unit) / f"{year}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        content = _unit(inputs, tables, {name: found.get((unit, year), []) for name, found in parts.items()}, unit)
        path.write_text(to_json({"unit": unit, "year": year} | content), "utf-8", newline="\n")
    at.mkdir(parents=True, exist_ok=True)
    (at / "index.json").write_text(to_json(_index(inputs, keys)), "utf-8", newline="\n")


def _of_a_unit(spec: TableSpec) -> bool:
    return {"单位", "年度"} <= {field.name for field in spec.fields} and spec.name not in _APART


def _parts(rows: Sequence[Record]) -> Mapping[tuple[str, int], list[Record]]:
    parts: dict[tuple[str, int], list[Record]] = defaultdict(list)
    for row in rows:
        parts[str(row["单位"]), int(str(row["年度"]))].append(row)
    return parts


def _unit(
    inputs: Inputs, tables: Sequence[TableSpec], rows: Mapping[str, Sequence[Record]], unit: str
) -> dict[str, Any]:
    register = next((row for row in inputs.records["units"] if row["单位"] == unit), {})
    named = {str(row["文件"]) for found in rows.values() for row in found if row.get("文件")}
    return {
        "version": inputs.version,
        "name": register.get("单位名称"),
        "department": register.get("部门"),
        "money_unit": "万元",
        "documents": [_document(row) for row in inputs.documents if row["文件"] in named],
        "tables": {
            spec.name: {"title": spec.label, "rows": [_row(spec, row) for row in rows[spec.name]]} for spec in tables
        },
    }


def _row(spec: TableSpec, row: Record) -> dict[str, Value]:
    return {field.name: stored(field, row) for field in spec.fields if field.name not in {"单位", "年度"}}


def _document(row: Record) -> dict[str, Value]:
    return {
        "document": row["文件"],
        "title": row["标题"],
        "publisher": row["发布者"],
        "kind": row["类型"],
        "sha256": row["sha256"],
        "bytes": row["字节数"],
        "path": archived_name(row),
    }


def _index(inputs: Inputs, keys: Sequence[tuple[str, int]]) -> dict[str, Any]:
    site = inputs.specs.site
    years: dict[str, list[int]] = defaultdict(list)
    for unit, year in keys:
        years[unit].append(year)
    return {
        "version": inputs.version,
        "date": inputs.date,
        "title": site["title"],
        "license": site["license"],
        "license_url": site["license_url"],
        "money_unit": "万元",
        "tables": {spec.name: spec.label for spec in inputs.specs.every_table() if _of_a_unit(spec)},
        "units": list(_units(inputs, years)),
    }


def _units(inputs: Inputs, years: Mapping[str, Sequence[int]]) -> Iterator[dict[str, Any]]:
    for row in sorted(inputs.records["units"], key=lambda row: str(row["单位"])):
        unit = str(row["单位"])
        if unit in years:
            yield {
                "unit": unit,
                "name": row["单位名称"],
                "department": row.get("部门"),
                "region": row["区划"],
                "years": [
                    {"year": year, "path": f"{FOLDER}/units/{file_part(unit)}/{year}.json"} for year in years[unit]
                ],
            }
