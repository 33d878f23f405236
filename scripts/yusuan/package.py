"""One year's data package: CSV files and datapackage.json (Data Package v2), written and read back whole.

The only home of frictionless is `validation`; this module writes plain files from the specs.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from yusuan.errors import PackageError, Problem
from yusuan.files import replacing_folder, sha256_of
from yusuan.model import Value
from yusuan.rows.records import Record, Records
from yusuan.rows.registers import build_registers
from yusuan.spec import Field, Specs, TableSpec
from yusuan.values import decimal_text

DESCRIPTOR = "datapackage.json"
#: What a descriptor says, and what it says about each resource besides `resource_frame`.
KEYS = frozenset(
    {
        "$schema",
        "name",
        "title",
        "description",
        "version",
        "keywords",
        "licenses",
        "sources",
        "contributors",
        "currency",
        "fiscalYear",
        "resources",
    }
)
SEAL = frozenset({"bytes", "hash", "rows"})
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_TYPES = {"text": "string", "code": "string", "integer": "integer", "amount": "number", "rate": "number"}
_TEXT, _INTEGER, _NUMBER = (re.compile(form, re.ASCII) for form in (r"(?s:.*)", r"-?\d+", r"-?\d+(\.\d+)?"))
_FORMS = {"text": _TEXT, "code": _TEXT, "integer": _INTEGER, "amount": _NUMBER, "rate": _NUMBER}
_REGISTERS = ("regions", "departments", "units", "functional_codes", "economic_codes", "rules")


def package_tables(specs: Specs) -> list[TableSpec]:
    """Return the tables of a package in the order of its resources: official tables, then records."""
    return [*specs.tables.values(), *specs.records.values()]


def stored_fields(spec: TableSpec) -> tuple[Field, ...]:
    """Return the fields a CSV holds: exact 分 are derived from the decimal in the load, ranks from the word."""
    return tuple(field for field in spec.fields if not field.loaded)


def read_records(folder: Path, specs: Specs) -> Records:
    """Return the typed rows of the package in `folder`, no rows where there is no package yet.

    Raises PackageError with file and line where a CSV was changed or does not have the columns of its spec.
    """
    _refuse_changed(folder, specs)
    return {spec.name: list(_read_csv(folder / "data" / f"{spec.name}.csv", spec)) for spec in package_tables(specs)}


def _refuse_changed(folder: Path, specs: Specs) -> None:
    """A CSV that is not what the descriptor sealed must not flow on; a table newer than the package has neither."""
    sealed = _sealed(folder)
    problems = [
        Problem(
            "PACKAGE-CHANGED",
            "CSV 与描述文件里的校验和不符",
            str(folder / path),
            expected=sealed.get(path, "描述文件里有它的校验和"),
            found=actual or "文件不存在",
            hint="恢复原文件，或删除该年度文件夹后重新运行 yusuan convert",
        )
        for path in (f"data/{spec.name}.csv" for spec in package_tables(specs))
        if (actual := _hash(folder / path)) != sealed.get(path)
    ]
    if problems:
        raise PackageError(*problems)


def _sealed(folder: Path) -> dict[str, str]:
    """Return the hash the descriptor gives for each CSV, none where there is no package yet."""
    path = folder / DESCRIPTOR
    try:
        descriptor = json.loads(path.read_text("utf-8"))
        return {resource["path"]: resource["hash"] for resource in descriptor["resources"]}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError) as error:
        raise PackageError(
            Problem(
                "PACKAGE-DESCRIPTOR",
                "描述文件不是有效的数据包描述",
                str(path),
                found=str(error),
                hint="恢复原文件，或删除该年度文件夹后重新运行 yusuan convert",
            )
        ) from error


def _hash(path: Path) -> str | None:
    return f"sha256:{sha256_of(path)}" if path.is_file() else None


def _read_csv(path: Path, spec: TableSpec) -> Iterator[Record]:
    if not path.exists():
        return
    fields = stored_fields(spec)
    expected = [field.name for field in fields]
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = next(reader, [])
        if header != expected:
            raise PackageError(
                Problem(
                    "PACKAGE-HEADER",
                    "CSV 的列与规格不一致",
                    str(path),
                    line=1,
                    expected=",".join(expected),
                    found=",".join(header),
                    hint="这个数据包出自别的版本：移开它的文件夹（或另给 --out），用 yusuan convert 重新转换全部文档",
                )
            )
        for line, texts in enumerate(reader, 2):
            yield _typed(path, line, fields, texts)


def _typed(path: Path, line: int, fields: tuple[Field, ...], texts: list[str]) -> Record:
    bad = [field for field, text in zip(fields, texts, strict=False) if text and not _FORMS[field.type].fullmatch(text)]
    if bad or len(texts) != len(fields):
        raise PackageError(
            Problem(
                "PACKAGE-ROW",
                "CSV 的这一行读不懂",
                str(path),
                line=line,
                column=bad[0].name if bad else None,
                expected=f"类型 {_TYPES[bad[0].type]}" if bad else f"{len(fields)} 格",
                found=texts[fields.index(bad[0])] if bad else f"{len(texts)} 格",
                hint="不要手工修改数据包；重新运行 yusuan convert",
            )
        )
    return {field.name: _parse(field, text) for field, text in zip(fields, texts, strict=True)}


def _parse(field: Field, text: str) -> Value:
    if text == "":
        return None
    if field.type == "integer":
        return int(text)
    return Decimal(text) if field.type in {"amount", "rate"} else text


def merge_records(old: Mapping[str, list[Record]], new: Iterable[Records], specs: Specs) -> Records:
    """Return old and new rows together: a document converted again replaces itself; registers are rebuilt."""
    new = list(new)
    replaced = {row["文件"] for records in new for row in records["documents"]}
    merged: Records = {}
    for spec in package_tables(specs):
        if spec.name in _REGISTERS:
            continue
        kept = [row for row in old.get(spec.name, []) if row["文件"] not in replaced]
        merged[spec.name] = kept + [row for records in new for row in records.get(spec.name, [])]
    return merged | build_registers(merged, specs)


def write_package(
    folder: Path, year: int, records: Records, specs: Specs, beside_it: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Write the package of `year` into `folder` in one step and return its descriptor.

    `beside_it` are further texts by file name. Files that are not ours (corrections, notes) stay. The same records
    give the same bytes.
    """
    with replacing_folder(folder) as beside:
        if folder.exists():
            shutil.copytree(folder, beside, dirs_exist_ok=True, ignore=partial(_ours, folder))
        (beside / "data").mkdir(exist_ok=True)
        resources = [_write_resource(beside, spec, records.get(spec.name, [])) for spec in package_tables(specs)]
        descriptor = _descriptor(year, records, resources, specs)
        text = json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n"
        for name, content in {DESCRIPTOR: text, **(beside_it or {})}.items():
            (beside / name).write_text(content, encoding="utf-8", newline="\n")
    return descriptor


def _ours(folder: Path, at: str, _names: list[str]) -> set[str]:
    """Return what a package folder holds that is written anew; below its top everything is somebody else's."""
    return {"data", DESCRIPTOR} if Path(at) == folder else set()


def sort_key(spec: TableSpec, row: Record) -> tuple[tuple[bool, int, str], ...]:
    """Return what rows are ordered by: the primary key, numbers as numbers, nothing first."""
    values = [row.get(name) for name in spec.key]
    return tuple((v is not None, v if isinstance(v, int) else 0, "" if isinstance(v, int) else str(v)) for v in values)


def csv_text(spec: TableSpec, rows: Iterable[Record]) -> str:
    """Return rows as CSV in the order of the primary key, columns in the order of the spec."""
    names = [field.name for field in stored_fields(spec)]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    for row in sorted(rows, key=lambda row: sort_key(spec, row)):
        writer.writerow([_format(row.get(name)) for name in names])
    return buffer.getvalue()


def _format(value: Value) -> str:
    if value is None:
        return ""
    return decimal_text(value) if isinstance(value, Decimal) else str(value)


def _write_resource(folder: Path, spec: TableSpec, rows: list[Record]) -> dict[str, Any]:
    data = csv_text(spec, rows).encode("utf-8")
    (folder / f"data/{spec.name}.csv").write_bytes(data)
    return resource_frame(spec) | {
        "bytes": len(data),
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
        "rows": len(rows),
    }


def resource_frame(spec: TableSpec) -> dict[str, Any]:
    """Return what the descriptor says about a table whatever its rows: a package may not say otherwise."""
    return {
        "name": spec.name,
        "type": "table",
        "path": f"data/{spec.name}.csv",
        "title": spec.label,
        "description": f"{spec.description}（{spec.en}）",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\n"},
        "schema": table_schema(spec),
    }


def table_schema(spec: TableSpec) -> dict[str, Any]:
    """Return the Table Schema of a table; a reference to itself has an empty resource name."""
    schema: dict[str, Any] = {
        "fields": [_schema_field(field) for field in stored_fields(spec)],
        "missingValues": [""],
        "primaryKey": list(spec.key),
    }
    keys = [
        {
            "fields": [field.name],
            "reference": {
                "resource": "" if field.references == spec.name else field.references,
                "fields": [target],
            },
        }
        for field in stored_fields(spec)
        if field.references and (target := _KEYS.get(field.references))
    ]
    return schema | ({"foreignKeys": keys} if keys else {})


#: The single-column key that references to a register point at.
_KEYS = {
    "regions": "区划",
    "departments": "部门",
    "units": "单位",
    "documents": "文件",
    "functional_codes": "科目编码",
    "economic_codes": "科目编码",
    "rules": "规则",
    "findings": "键",
    "cells": "格",
}


def _schema_field(field: Field) -> dict[str, Any]:
    described: dict[str, Any] = {"name": field.name, "type": _TYPES[field.type], "title": field.en}
    if field.type == "amount":
        described["unit"] = "万元"
    if field.type == "rate":
        described["unit"] = "%"
    if field.description:
        described["description"] = field.description
    if field.column_type:
        described["columnType"] = field.column_type
    constraints: dict[str, Any] = {}
    if field.required:
        constraints["required"] = True
    if field.enum:
        constraints["enum"] = list(field.enum)
    if field.pattern:
        constraints["pattern"] = field.pattern
    return described | ({"constraints": constraints} if constraints else {})


def _descriptor(year: int, records: Records, resources: list[dict[str, Any]], specs: Specs) -> dict[str, Any]:
    documents = sorted(records["documents"], key=lambda row: str(row["文件"]))
    site = specs.site
    return {
        "$schema": _PROFILE,
        "name": f"yusuan-{year}",
        "title": f"{year}年{site['title']}",
        "description": site["description"],
        "version": str(year),
        "keywords": ["预算公开", "budget", "China"],
        "licenses": [{"name": "other-government-information", "title": site["license"], "path": site["license_url"]}],
        "sources": [{"title": f"{row['发布者']}：{row['标题']}（sha256 {row['sha256']}）"} for row in documents],
        "contributors": [
            {"title": title, "roles": ["publisher"]} for title in sorted({str(row["发布者"]) for row in documents})
        ],
        "currency": "CNY",
        "fiscalYear": year,
        "resources": resources,
    }
