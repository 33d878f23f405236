"""A sentence in its source: what the narrative says, on the page or between the lines it was printed on.

Address: `/-/source/<table>/<key of a row>`, as for amounts, of the tables that are read from the narrative.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.utils import tilde_encode
from datasette.utils.asgi import NotFound, Request, Response

from yusuan.errors import DocumentError
from yusuan.reading.text import lines_of
from yusuan.site.addresses import Addresses
from yusuan.site.library import Busy
from yusuan.site.metadata import DATABASE
from yusuan.site.setup import KNOWN
from yusuan.spec import TableSpec

_FIRST, _LAST, _PAGE = "首行", "末行", "页"
_AROUND = 6
_LARGEST_TEXT = 50 * 2**20
#: Columns that hold what was printed, as far as a table has them; any other column is our reading of it.
_PRINTED = ("原文", "术语", "定义", "名称", "职责", "项目名称", "绩效目标", "项目")

Row = dict[str, Any]


async def page(datasette: Datasette, request: Request, spec: TableSpec, key: list[str]) -> Response:
    """Show where in the document a row of the narrative stands; NotFound where there is no such row."""
    database, at = datasette.get_database(DATABASE), Addresses(datasette)
    condition = " and ".join(f'"{name}" = ?' for name in spec.key)
    rows = (await database.execute(f'select * from "{spec.name}" where {condition}', key)).rows  # noqa: S608 - from the specs
    if not rows:
        raise NotFound("没有这一行")
    row = dict(rows[0])
    (document,) = (await database.execute("select * from documents where 文件 = ?", [row["文件"]])).rows
    printed = [(name, row[name]) for name in _PRINTED if row.get(name)]
    context = {
        "row": row,
        "row_url": datasette.urls.row(DATABASE, spec.name, ",".join(map(tilde_encode, key))),
        "printed": printed,
        "table_title": KNOWN[datasette].catalogue.title(spec.name),
        "table_url": datasette.urls.table(DATABASE, spec.name),
        "document": dict(document),
        "document_url": at.document(row["文件"]),
        "unit_url": at.unit(document["单位"], document["年度"]),
        "place": await _place(datasette, row, dict(document)),
    }
    return Response.html(await datasette.render_template("passage.html", context, request=request))


async def _place(datasette: Datasette, row: Row, document: Mapping[str, Any]) -> Row:
    """Return what of the document can be shown: `kind` page, around, missing, undrawn, or busy."""
    library = KNOWN[datasette].library
    if row[_PAGE] is not None:
        try:
            picture = await library.picture(document["sha256"], document["字节数"], row[_PAGE])
        except Busy:
            return {"kind": "busy"}
        if picture:
            address = f"/-/page/{document['sha256']}/{row[_PAGE]}.png"
            return {"kind": "page", "picture": address, "width": picture.width, "height": picture.height}
    path = await asyncio.to_thread(library.find, document["sha256"], document["字节数"])
    if path is None:
        return {"kind": "missing"}
    if row[_FIRST] is None or path.stat().st_size > _LARGEST_TEXT:
        return {"kind": "undrawn"}
    try:
        return {"kind": "around", "lines": await asyncio.to_thread(_lines, path, row)}
    except DocumentError:
        return {"kind": "undrawn"}


def _lines(path: Path, row: Row) -> list[Row]:
    """Return the lines of a passage and some around them, each with whether it belongs to the passage."""
    lines = lines_of(path.read_bytes())
    first, last = row[_FIRST], row.get(_LAST) or row[_FIRST]
    numbers = range(max(1, first - _AROUND), min(len(lines), last + _AROUND) + 1)
    return [{"number": n, "text": lines[n - 1], "here": first <= n <= last} for n in numbers]
