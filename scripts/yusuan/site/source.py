"""The number in its source: the page of the document with the cell framed, or the lines around it, and what touches it.

Addresses: `/-/source/<table>/<key of a row>?column=<column>` shows one printed cell, without `column` the whole row;
`/-/page/<sha256 of the document>/<page>.png` is the page itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from datasette.app import Datasette
from datasette.database import Database
from datasette.utils import tilde_decode, tilde_encode
from datasette.utils.asgi import NotFound, Request, Response, asgi_send_file

from yusuan.errors import DocumentError
from yusuan.reading.text import lines_of, split_at_cell
from yusuan.site import passages, wording
from yusuan.site.addresses import Addresses
from yusuan.site.evidence import CELLS, Origin, is_passage, origin, unread_title
from yusuan.site.library import Busy, Library, Picture
from yusuan.site.metadata import DATABASE
from yusuan.site.setup import KNOWN
from yusuan.spec import TableSpec

_LINES_AROUND = 8
_LARGEST_TEXT = 50 * 2**20
_MOST_PAGES = 100_000
#: Points around the framed cells in the enlarged view.
_MARGIN_X, _MARGIN_Y = 150.0, 55.0
_BODY = "数据"
_ROW_OF_CELLS = "select * from cells where 文件 = ? and 表 = ? and 部位 = ? and 行次 = ? order by 列次"
_AROUND = "select * from cells where 文件 = ? and 表 = ? and 部位 = ? and 行次 between ? and ? order by 行次, 列次"
_FINDINGS = """select findings.*, rules.规则名称, max(finding_cells.疑误 = '是') as 此格疑误
  from finding_cells join findings on findings.键 = finding_cells.发现 left join rules using (规则)
  where finding_cells.格 in ({}) group by findings.键 limit 50"""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of one value: the cells in question and the document they were printed in."""

    cells: list[Row]
    document: Row
    column: str | None


async def _rows(database: Database, sql: str, *values: object) -> list[Row]:
    return [dict(row) for row in (await database.execute(sql, list(values))).rows]


def _spec(datasette: Datasette, table: str, key: list[str]) -> TableSpec:
    """Return the spec of a table; NotFound where there is none, or its rows have other keys."""
    specs = KNOWN[datasette].catalogue.specs
    spec = next((spec for spec in specs.every_table() if spec.name == table), None)
    if spec is None or len(key) != len(spec.key):
        raise NotFound("没有这张表或这一行")
    return spec


async def _look_up(datasette: Datasette, spec: TableSpec, key: list[str], column: str | None) -> Shown:
    """Return the cells behind a row or a value of it; NotFound where nothing was printed for it."""
    specs, database = KNOWN[datasette].catalogue.specs, datasette.get_database(DATABASE)
    condition = " and ".join(f'"{name}" = ?' for name in spec.key)
    found = await _rows(database, f'select * from "{spec.name}" where {condition}', *key)  # noqa: S608 - from the specs
    if not found:
        raise NotFound("没有这一行")
    if spec.name == CELLS:
        cells = found
    else:
        place = origin(specs, spec, found[0], column)
        cells = await _cells(database, place) if place else []
    if not cells:
        raise NotFound("这一行不是从公开表的格子里来的，没有格子可看")
    (document,) = await _rows(database, "select * from documents where 文件 = ?", cells[0]["文件"])
    return Shown(cells, document, column)


async def _cells(database: Database, place: Origin) -> list[Row]:
    row = await _rows(database, _ROW_OF_CELLS, place.document, place.table, _BODY, place.row)
    one = [cell for cell in row if place.column and cell["字段"] == place.column]
    return one or row


async def _findings(database: Database, cells: list[Row]) -> list[Row]:
    """Return the findings that touch the cells, none where the database does not record which do."""
    if not await database.table_exists("finding_cells"):
        return []
    marks = ", ".join("?" for _ in cells)
    return await _rows(database, _FINDINGS.format(marks), *(cell["格"] for cell in cells))


async def _neighbours(datasette: Datasette, shown: Shown) -> list[list[Row]]:
    """Return the rows above, of and below the cells, as cells with their addresses."""
    first = shown.cells[0]
    bounds = (first["行次"] - 1, first["行次"] + 1)
    database = datasette.get_database(DATABASE)
    around = await _rows(database, _AROUND, first["文件"], first["表"], first["部位"], *bounds)
    framed = {cell["格"] for cell in shown.cells}
    rows: dict[int, list[Row]] = {}
    for cell in around:
        cell["framed"] = cell["格"] in framed
        cell["url"] = address(datasette, CELLS, [cell["格"]])
        rows.setdefault(cell["行次"], []).append(cell)
    return list(rows.values())


def address(datasette: Datasette, table: str, key: list[str]) -> str:
    """Return the address of the source of a row."""
    return str(datasette.urls.path(f"/-/source/{table}/{','.join(map(tilde_encode, key))}"))


async def page(datasette: Datasette, request: Request) -> Response:
    """Answer /-/source/<table>/<key>."""
    table, key = request.url_vars["table"], [tilde_decode(part) for part in request.url_vars["key"].split(",")]
    spec = _spec(datasette, table, key)
    if is_passage(spec):
        return await passages.page(datasette, request, spec, key)
    shown = await _look_up(datasette, spec, key, request.args.get("column"))
    known, database, at = KNOWN[datasette], datasette.get_database(DATABASE), Addresses(datasette)
    first = shown.cells[0]
    context = {
        "cells": shown.cells,
        "document": shown.document,
        "document_url": at.document(shown.document["文件"]),
        "unit_url": at.unit(shown.document["单位"], shown.document["年度"]),
        "printed_url": at.cell(first["格"], known.catalogue),
        **await _table(datasette, first),
        "neighbours": await _neighbours(datasette, shown),
        "findings": [_linked(datasette, row) for row in await _findings(database, shown.cells)],
        "place": await _place(known.library, shown),
        "gloss": wording.gloss,
    }
    return Response.html(await datasette.render_template("source.html", context, request=request))


async def _table(datasette: Datasette, cell: Row) -> dict[str, str]:
    """Return what the table of a cell is called and where its rows are; of one that was not read, its cells."""
    catalogue, name = KNOWN[datasette].catalogue, cell["表"]
    if name in catalogue.tables:
        return {"table_title": catalogue.title(name), "table_url": datasette.urls.table(DATABASE, name)}
    database = datasette.get_database(DATABASE)
    found = await _rows(database, "select 标题 from document_tables where 文件 = ? and 表 = ?", cell["文件"], name)
    title = found[0]["标题"] if found else None
    cells = f"{datasette.urls.table(DATABASE, CELLS)}?{urlencode({'文件': cell['文件'], '表': name})}"
    return {"table_title": unread_title(title), "table_url": cells}


def _linked(datasette: Datasette, row: Row) -> Row:
    return row | {"url": datasette.urls.row(DATABASE, "findings", tilde_encode(row["键"]))}


async def _place(library: Library, shown: Shown) -> dict[str, Any]:
    """Return what of the document can be shown: `kind` page, around, missing, undrawn, or busy."""
    first, document = shown.cells[0], shown.document
    if first["页"] is not None and first["框"]:
        try:
            picture = await library.picture(document["sha256"], document["字节数"], first["页"])
        except Busy:
            return {"kind": "busy"}
        if picture:
            return {"kind": "page"} | _framed(picture, shown)
    path = await asyncio.to_thread(library.find, document["sha256"], document["字节数"])
    if path is None:
        return {"kind": "missing"}
    if first["源行"] is None or path.stat().st_size > _LARGEST_TEXT:
        return {"kind": "undrawn"}
    try:
        return {"kind": "around", "lines": await asyncio.to_thread(_lines_around, path, shown)}
    except DocumentError:
        return {"kind": "undrawn"}


def _framed(picture: Picture, shown: Shown) -> dict[str, Any]:
    """Return the picture with the frames of the cells on that page, and the part around them."""
    page_number = shown.cells[0]["页"]
    boxes = [tuple(map(float, c["框"].split())) for c in shown.cells if c["框"] and c["页"] == page_number]
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
    x0, y0 = max(0.0, left - _MARGIN_X), max(0.0, top - _MARGIN_Y)
    x1, y1 = min(picture.width, right + _MARGIN_X), min(picture.height, bottom + _MARGIN_Y)
    return {
        "picture": f"/-/page/{shown.document['sha256']}/{page_number}.png",
        "width": picture.width,
        "height": picture.height,
        "boxes": [{"x": b[0], "y": b[1], "width": b[2] - b[0], "height": b[3] - b[1]} for b in boxes],
        "near": f"{x0:.1f} {y0:.1f} {max(x1 - x0, 1):.1f} {max(y1 - y0, 1):.1f}",
        "whole": f"0 0 {picture.width:.1f} {picture.height:.1f}",
    }


def _lines_around(path: Path, shown: Shown) -> list[dict[str, Any]]:
    """Return the lines of a text around the cells; the lines of the cells in three parts, the cell in the middle."""
    lines = lines_of(path.read_bytes())
    number = shown.cells[0]["源行"]
    one = shown.cells[0] if len(shown.cells) == 1 else None
    told = []
    for n in range(max(1, number - _LINES_AROUND), min(len(lines), number + _LINES_AROUND) + 1):
        raw = lines[n - 1]
        parts = (raw, "", "")
        if one and n == number:
            parts = split_at_cell(raw, one["列次"], one["原文"] or "")
        told.append({"number": n, "before": parts[0], "cell": parts[1], "after": parts[2], "here": n == number})
    return told


async def picture(datasette: Datasette, request: Request, send: Any) -> Response | None:
    """Answer /-/page/<sha256>/<page>.png; only for documents of this database."""
    sha256, number = request.url_vars["sha256"], int(request.url_vars["page"])
    database = datasette.get_database(DATABASE)
    found = await _rows(database, "select 字节数 from documents where sha256 = ?", sha256)
    if not found or number > _MOST_PAGES:
        raise NotFound("没有这份文档")
    try:
        drawn = await KNOWN[datasette].library.picture(sha256, found[0]["字节数"], number)
    except Busy:
        return Response.text("正在画的页太多，请稍后再试", status=503, headers={"retry-after": "5"})
    if drawn is None:
        raise NotFound("这一页画不出来：文档不在这台机器上，或者没有这一页")
    await asgi_send_file(send, drawn.path, content_type="image/png", headers={"cache-control": "max-age=86400"})
    return None


ROUTES: list[tuple[str, Callable[..., Awaitable[Response | None]]]] = [
    (r"^/-/source/(?P<table>[a-z][a-z0-9_]*)/(?P<key>[^/]+)$", page),
    (r"^/-/page/(?P<sha256>[0-9a-f]{64})/(?P<page>[1-9][0-9]{0,5})\.png$", picture),
]
