"""The page of a document, and each of its tables as it was printed: every cell has an address of its own.

Addresses: `/document/<document>` and `/document/<document>/<table>`; `#r4` is a row of it, `#r4.合计` one cell by its
column, `#r04.c04` the same by its number.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from datasette.utils.asgi import NotFound, Response

from yusuan.site.cells import cell_name
from yusuan.site.evidence import unread_title
from yusuan.site.pages import Visit
from yusuan.site.queries import Row

_DOCUMENT = """select documents.*, 单位名称 from documents left join units using (单位) where 文件 = :document"""
_TABLES = (
    "select 表, 标题, 认定, 空表, 注, 首页, 首行, 数据行数 from document_tables where 文件 = :document order by 表"
)
_TABLE = "select * from document_tables where 文件 = :document and 表 = :table"
_FINDINGS = """select f.*, 规则名称 from findings f left join rules using (规则) where f.文件 = :document
  order by case f.严重程度 when 'error' then 1 when 'warning' then 2 else 3 end, f.键"""
_CELLS = """select * from cells where 文件 = :document and 表 = :table
  order by case 部位 when '表头' then 1 when '栏次' then 2 else 3 end, 行次, 列次"""
_TOLD = "select * from {} where 文件 = :document order by 序"
_HEAD, _BODY = "表头", "数据"


async def document(visit: Visit) -> Response:
    """Show a document: where it came from, its tables, what does not agree, what its narrative says."""
    found = await _document(visit)
    asked = {"document": found["文件"]}
    tables = await visit.books.ask(_TABLES, asked)
    content = {
        "document": found,
        "tables": [(row, visit.at.document(found["文件"], row["表"])) for row in tables],
        "findings": [(row, _parts(visit, row)) for row in await visit.books.ask(_FINDINGS, asked)],
        "facts": await visit.books.ask(_TOLD.format("narrative_facts"), asked),
        "projects": await visit.books.ask(_TOLD.format("key_projects"), asked),
        "staffing": await visit.books.ask(_TOLD.format("staffing"), asked),
        "vehicles": await visit.books.ask(_TOLD.format("vehicles"), asked),
        "offices": await visit.books.ask(_TOLD.format("internal_offices"), asked),
        "terms": await visit.books.ask(_TOLD.format("glossary"), asked),
        "unit_url": visit.at.unit(found["单位"], found["年度"]),
        "row_url": visit.at.row("documents", found["文件"]),
    }
    return await visit.page("document.html", content)


async def printed(visit: Visit) -> Response:
    """Show one official table of a document cell by cell, as it was printed."""
    found, table = await _document(visit), visit.part("table")
    official = table in visit.catalogue.specs.tables
    asked = {"document": found["文件"], "table": table}
    cells, told = await visit.books.ask(_CELLS, asked), await visit.books.ask(_TABLE, asked)
    if not cells or not told:
        raise NotFound("这份文档没有印这张表")
    rows = [list(row) for _, row in groupby(cells, key=lambda cell: (cell["部位"], cell["行次"]))]
    if not official:
        width = max(cell["列次"] for cell in cells)
        rows = [_with_blanks(row, width) for row in rows]
    content = {
        "document": found,
        "table": table,
        "title": visit.catalogue.title(table) if official else unread_title(told[0]["标题"]),
        "head": [row for row in rows if row[0]["部位"] == _HEAD],
        "body": [row for row in rows if row[0]["部位"] != _HEAD],
        "data": _BODY,
        "document_url": visit.at.document(found["文件"]),
        "table_url": visit.at.table(table) if official else "",
    }
    return await visit.page("printed.html", content)


def _with_blanks(row: list[Row], width: int) -> list[Row]:
    """Return a row with a cell for each column: blank ones of a table that was not read are not stored."""
    printed = {cell["列次"]: cell for cell in row}
    start = str(row[0]["格"]).rsplit(".", 1)[0]
    blank = dict(row[0]) | {"原文": None, "数值": None, "表头": None, "字段": None}
    return [printed.get(n) or blank | {"格": f"{start}.c{n:02}", "列次": n} for n in range(1, width + 1)]


async def _document(visit: Visit) -> Row:
    found = await visit.books.ask(_DOCUMENT, {"document": visit.part("document")})
    if not found:
        raise NotFound("没有这份文档")
    return found[0]


def _parts(visit: Visit, finding: Row) -> list[tuple[str, str]]:
    """Return the cells that a finding names: what each is called, where it was printed."""
    named = str(finding["相关格"] or "").split()
    return [(cell_name(key), visit.at.cell(key, visit.catalogue)) for key in named]


def terms_by_name(rows: list[Row]) -> list[dict[str, Any]]:
    """Return what documents say that a word means: each word once, each meaning with how many documents print it."""
    told: dict[str, dict[str, list[Row]]] = {}
    for row in rows:
        told.setdefault(row["术语"], {}).setdefault(row["定义"], []).append(row)
    return [
        {
            "term": term,
            "documents": sum(map(len, meanings.values())),
            "meanings": sorted(meanings.items(), key=lambda item: (-len(item[1]), item[0])),
        }
        for term, meanings in sorted(told.items(), key=lambda item: (-sum(map(len, item[1].values())), item[0]))
    ]


async def glossary(visit: Visit) -> Response:
    """List the words that the documents explain themselves."""
    rows = await visit.books.ask("select 术语, 定义, 文件 from glossary order by 术语, 定义, 文件")
    measures = visit.catalogue.measures.values()
    return await visit.page("glossary.html", {"terms": terms_by_name(rows), "measures": measures})
