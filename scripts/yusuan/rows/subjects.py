"""Official tables to subject tables: additive leaves only, one row a thing, so that any filter and any sum is right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from yusuan.codes import code_key
from yusuan.model import Value
from yusuan.rows.counted import mark_counted
from yusuan.rows.indicators import split_indicators
from yusuan.rows.records import Record
from yusuan.rows.registers import department_of
from yusuan.spec import Field, Specs, SubjectSource, TableSpec
from yusuan.values import to_fen

_LEAF = "明细"
_LISTS = {"functional_codes": "functional", "economic_codes": "economic"}


def derive_subject(spec: TableSpec, records: Mapping[str, Sequence[Record]], specs: Specs) -> list[Record]:
    """Return the rows of one subject table from the rows of the official tables, ordered by key."""
    departments = [str(row["部门"]) for row in records.get("departments", [])]
    kinds = {str(row["文件"]): str(row["类型"]) for row in records.get("documents", [])}
    rows = []
    for source in spec.sources:
        told = {row["文件"] for row in records.get(source.unless or "", []) if row["行类型"] == _LEAF}
        number = specs.tables[source.table].number or 0
        for row in records.get(source.table, []):
            if row["行类型"] not in source.rows or (source.present and not any(map(row.get, source.present))):
                continue
            if row["文件"] in told:
                continue
            frame = _frame(row, source.table, number, departments) | _standing(row, kinds)
            derived = _DERIVE[spec.derive or ""](spec, source, row, str(frame["键"]))
            rows += [frame | own | _code_keys(spec, own, specs) for own in derived]
    mark_counted(rows)
    return sorted(rows, key=lambda row: str(row["键"]))


def _standing(row: Record, kinds: Mapping[str, str]) -> Record:
    kind = kinds[str(row["文件"])]
    return {"阶段": kind[-2:], "口径": kind[:2]}


def _frame(row: Record, table: str, number: int, departments: Iterable[str]) -> Record:
    return {
        "键": _row_key(row, number),
        "年度": row["年度"],
        "单位": row["单位"],
        "部门": department_of(str(row["单位"]), departments),
        "文件": row["文件"],
        "表": table,
        "行次": row["行次"],
        "更正": row.get("更正"),
        "页": row["页"],
    }


def _row_key(row: Record, number: int) -> str:
    return f"{row['文件']}.t{number:02}.r{int(str(row['行次'])):02}"


def _own(spec: TableSpec, source: SubjectSource, row: Mapping[str, Value]) -> Record:
    """Fill the subject's own fields from one row of the source."""
    values: Record = {}
    for field in spec.printed:
        if field.name in source.constants:
            values[field.name] = source.constants[field.name]
        else:
            values[field.name] = _fill(field, row.get(source.renames.get(field.name, field.source)))
    for field in spec.printed:
        if field.type == "fen":
            amount = values.get(field.source)
            values[field.name] = to_fen(amount) if isinstance(amount, Decimal) else None
    return values


def _code_keys(spec: TableSpec, own: Record, specs: Specs) -> Record:
    """Return the keys of the codes that have their names beside them: of an earlier meaning where they print its name."""
    lists = {f.name: _LISTS[f.references] for f in spec.printed if f.references in _LISTS and f.prefix is None}
    name = own.get("科目名称")
    return {
        column: code_key(str(own[column]), str(name or ""), specs.retired[kind])
        for column, kind in lists.items()
        if own.get(column)
    }


def _fill(field: Field, value: Value) -> Value:
    if field.prefix is None or value is None:
        return value
    code = str(value)
    return code[: field.prefix] if len(code) >= field.prefix else None


def _rows(spec: TableSpec, source: SubjectSource, row: Record, _key: str) -> Iterator[Record]:
    yield _own(spec, source, row)


def _unpivot(spec: TableSpec, source: SubjectSource, row: Record, key: str) -> Iterator[Record]:
    """One row for each money column that is not zero; the column's meaning becomes values."""
    measure = next(field.name for field in spec.printed if field.type == "amount")
    for number, (column, meaning) in enumerate(source.columns.items(), 1):
        if row.get(column):
            yield _own(spec, source, dict(meaning) | {measure: row[column]}) | {"键": f"{key}.{number:02}"}


def _indicators(_spec: TableSpec, source: SubjectSource, row: Record, key: str) -> Iterator[Record]:
    """One row for each indicator of each indicator cell of a project."""
    for number, (column, meaning) in enumerate(source.columns.items(), 1):
        for order, item in enumerate(split_indicators(str(row.get(column) or "")), 1):
            yield {
                **meaning,
                "键": f"{key}.{number:02}.{order:02}",
                "项目": key,
                "项目名称": row["项目名称"],
                "序": order,
                "指标名称": item.name,
                "指标值": item.target,
                "符号": item.operator,
                "数值": item.number,
                "计量单位": item.unit,
            }


_DERIVE: dict[str, Callable[[TableSpec, SubjectSource, Record, str], Iterator[Record]]] = {
    "rows": _rows,
    "unpivot": _unpivot,
    "indicators": _indicators,
}
