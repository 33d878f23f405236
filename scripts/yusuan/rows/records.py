"""A disclosure to plain rows of every table of the package: one mapping a row, keyed by field name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from yusuan import __version__
from yusuan.model import Disclosure, EvidenceCell, Finding, Row, Table, UnreadTable, Value, cell_key, unread_name
from yusuan.rows.findings import Record, finding_rows, result_rows
from yusuan.spec import Specs
from yusuan.values import parse_amount, to_wan

__all__ = ["PrintedCode", "Record", "Records", "disclosure_to_records", "iterate_codes", "organisation_names"]

Records = dict[str, list[Record]]
#: A code with the name printed beside it, if any, and the row they stand in.
PrintedCode = tuple[str, str | None, Record]


def disclosure_to_records(disclosure: Disclosure, specs: Specs) -> Records:
    """Return the rows that one document adds to its year's package, registers of names and codes excepted."""
    records: Records = {name: [] for name in (*specs.tables, "documents", "document_tables", "cells", "findings")}
    records["documents"] = [_document(disclosure)]
    for table in disclosure.tables:
        records[table.name] = [_row(disclosure, row) for row in table.rows]
        records["document_tables"].append(_document_table(disclosure, table, specs))
        records["cells"] += [_cell(disclosure, table, item, specs) for item in table.sheet.evidence]
    for number, unread in enumerate(disclosure.unread, 1):
        records["document_tables"].append(_unread_table(disclosure, unread, unread_name(number), specs))
        records["cells"] += [_printed(disclosure, unread_name(number), item) for item in unread.evidence]
    known = frozenset(str(row["格"]) for row in records["cells"])
    records["findings"] = finding_rows(_findings(disclosure, specs), _leading(disclosure), known)
    records["rule_results"] = result_rows(disclosure.results, _leading(disclosure))
    for name, rows in disclosure.narrative.items():
        records[name] = [_leading(disclosure) | dict(row) for row in rows]
    return records


def _leading(disclosure: Disclosure) -> Record:
    identity = disclosure.identity
    return {"文件": identity.key, "年度": identity.year, "单位": identity.unit}


def _document(disclosure: Disclosure) -> Record:
    identity, document = disclosure.identity, disclosure.document
    return _leading(disclosure) | {
        "标题": identity.title,
        "区划": identity.region,
        "类型": identity.kind,
        "阶段": identity.kind[-2:],
        "来源文件": document.source,
        "发布者": identity.name,
        "字节数": document.size,
        "sha256": document.sha256,
        "读取器": document.reader,
        "读取器版本": __version__,
        "版式": disclosure.layout,
        "内设机构数": disclosure.offices,
        "公开表数": len(disclosure.tables),
        "缺表": " ".join(disclosure.missing) or None,
    }


def _row(disclosure: Disclosure, row: Row) -> Record:
    parent = next(iter(row.parents.values()), None)
    leading = _leading(disclosure) | {
        "单位": row.organisation,
        "行次": row.number,
        "行类型": row.kind,
        "上级行": parent,
    }
    return leading | {"单位名称": _name_of(disclosure, row), "页": row.place.page} | dict(row.values)


def _name_of(disclosure: Disclosure, row: Row) -> Value:
    """Return the printed name of the organisation a row belongs to; the document's own where it is its own."""
    if row.organisation == disclosure.identity.unit:
        return disclosure.identity.name
    return organisation_names(disclosure).get(row.organisation, disclosure.identity.name)


def organisation_names(disclosure: Disclosure) -> Mapping[str, str]:
    """Return the names printed in rows of kind 单位, by organisation key."""
    names: dict[str, str] = {}
    for table in disclosure.tables:
        for row in table.rows:
            if row.kind == "单位":
                texts = [value for name, value in row.values.items() if name.startswith("部门单位名称")]
                names.setdefault(row.organisation, str(texts[0]) if texts and texts[0] else "")
    return {key: name for key, name in names.items() if name}


def _document_table(disclosure: Disclosure, table: Table, specs: Specs) -> Record:
    sheet = table.sheet
    return _leading(disclosure) | {
        "表": table.name,
        "表号": specs.tables[table.name].number,
        "标题": sheet.title or None,
        "印刷编号": sheet.number,
        "金额单位": sheet.money_unit,
        "数据行数": len(table.rows),
        "空表": "是" if table.is_nil else "否",
        "认定": {"header": "表头", "order": "表头和次序"}.get(sheet.by, "表题"),
        "印证": table.witness or None,
        "注": sheet.note,
        "首行": sheet.first.line,
        "末行": sheet.last.line,
        "首页": sheet.first.page,
        "末页": sheet.last.page,
    }


def _unread_table(disclosure: Disclosure, unread: UnreadTable, name: str, specs: Specs) -> Record:
    spec = specs.tables.get(unread.finding.table or "")
    return _leading(disclosure) | {
        "表": name,
        "表号": spec.number if spec else None,
        "标题": unread.title or None,
        "印刷编号": unread.number,
        "金额单位": unread.money_unit,
        "数据行数": unread.rows,
        "空表": "否",
        "认定": "搁置",
        "搁置原因": unread.finding.rule,
        "认作": spec.name if spec else None,
        "表头": unread.header or None,
        "注": unread.note,
        "首行": unread.first.line,
        "末行": unread.last.line,
        "首页": unread.first.page,
        "末页": unread.last.page,
    }


def _cell(disclosure: Disclosure, table: Table, item: EvidenceCell, specs: Specs) -> Record:
    spec, column = specs.tables[table.name], item.column
    number = None
    if item.part == "数据" and column.field in spec.measures:
        printed = parse_amount(item.cell.text)
        number = None if printed is None else to_wan(printed, table.sheet.money_unit)
    key = cell_key(disclosure.identity.key, spec.number, item.part, item.row, column.number)
    return _printed(disclosure, table.name, item) | {"格": key, "数值": number}


def _printed(disclosure: Disclosure, name: str, item: EvidenceCell) -> Record:
    """Return a printed cell of a table with its place, without a number."""
    identity, column, place = disclosure.identity, item.column, item.cell.place
    return {
        "格": cell_key(identity.key, name, item.part, item.row, column.number),
        "文件": identity.key,
        "年度": identity.year,
        "表": name,
        "部位": item.part,
        "行次": item.row,
        "列次": column.number,
        "字段": column.field,
        "表头": column.label,
        "原文": item.cell.text or None,
        "数值": None,
        "源行": place.line,
        "页": place.page,
        "框": " ".join(f"{edge:.1f}" for edge in place.box) if place.box else None,
    }


def _findings(disclosure: Disclosure, specs: Specs) -> Iterator[Finding]:
    """Yield the findings with the cells they name by table, row and column, where they name none themselves."""
    for finding in disclosure.findings:
        yield finding if finding.cells else replace(finding, cells=tuple(_cells(disclosure, finding, specs)))


def _cells(disclosure: Disclosure, finding: Finding, specs: Specs) -> Iterator[str]:
    """Yield the key of the cell that a finding names by table, row and column, or that a table not read begins with."""
    for at, unread in enumerate(disclosure.unread, 1):
        if replace(unread.finding, document=finding.document) == finding and unread.evidence:
            item = unread.evidence[0]
            yield cell_key(disclosure.identity.key, unread_name(at), item.part, item.row, item.column.number)
            return
    for table in disclosure.tables:
        for column in table.sheet.columns if table.name == finding.table and finding.row else ():
            if column.field is not None and column.field == finding.column:
                number = specs.tables[table.name].number
                yield cell_key(disclosure.identity.key, number, "数据", finding.row or 0, column.number)


def iterate_codes(records: Mapping[str, list[Record]], specs: Specs, shape_is_tree: bool) -> Iterator[PrintedCode]:
    """Yield code, printed name and row of every classified row, in the order of tables and rows."""
    for spec in specs.tables.values():
        code, name = spec.role("code"), spec.role("name")
        if code is None or (spec.shape == "code_tree") != shape_is_tree:
            continue
        for row in records.get(spec.name, []):
            if row["行类型"] in {"明细", "父项"} and row.get(code):
                yield str(row[code]), str(row[name]) if name and row.get(name) else None, row
