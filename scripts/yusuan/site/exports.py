"""Downloads: everything an address selects, to the last row, as CSV for programs or for Excel, JSON or a workbook.

Addresses: `/-/export/<table>.<format>`, `/-/export/query/<question>.<format>`, `/-/export/sql.<format>?sql=…`, with the
filters of the page; formats are `csv`, `excel.csv`, `json` and `xlsx`. Rows are sent as they are read. A download that
cannot be finished breaks off so that the receiver notices: it never ends like a whole one.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from datasette.app import Datasette
from datasette.utils.asgi import BadRequest, Request, Response

from yusuan.site import selection, writers
from yusuan.site.columns import Column
from yusuan.site.metadata import DATABASE
from yusuan.site.selection import Selection
from yusuan.site.setup import KNOWN, Running

_LOG = logging.getLogger(__name__)
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "excel.csv": "text/csv; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: How many downloads run at a time; what one may take: seconds in all, seconds of the database for one batch of rows.
AT_ONCE = 3
_TOTAL_SECONDS = 900.0
_BATCH_SECONDS = 30.0
_BATCH = 500
#: A workbook is made before it is sent; a larger one takes too long.
WORKBOOK_ROWS = 200_000
_CHUNK = 64 * 1024


@dataclass
class Reading:
    """A cursor over everything selected, on a connection of its own, and the time it may still take."""

    connection: sqlite3.Connection
    cursor: sqlite3.Cursor
    columns: tuple[Column, ...]
    limit: float
    deadline: float

    def batch(self, size: int = _BATCH) -> list[tuple[Any, ...]]:
        """Return the next rows, none at the end; OperationalError where that takes too long."""
        self.deadline = time.monotonic() + self.limit
        return self.cursor.fetchmany(size)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield all rows."""
        while batch := self.batch():
            yield from batch


def _open(datasette: Datasette, chosen: Selection) -> Reading:
    """Begin to read; BadRequest where the database does not understand or needs too long for the first row."""
    connection = datasette.get_database(DATABASE).connect_apart()
    limit = _BATCH_SECONDS if chosen.is_table else datasette.setting("sql_time_limit_ms") / 1000
    reading = Reading(connection, connection.cursor(), chosen.columns, limit, time.monotonic() + limit)
    connection.set_progress_handler(lambda: time.monotonic() > reading.deadline, 2000)
    try:
        reading.cursor.execute(chosen.sql, dict(chosen.values))
    except sqlite3.Error as error:
        connection.close()
        raise _refusal(error) from error
    if not chosen.columns:
        catalogue = KNOWN[datasette].catalogue
        names = [described[0] for described in reading.cursor.description]
        kinds = [(name, catalogue.kind(None, name), catalogue.unit(None, name)) for name in names]
        reading.columns = tuple(Column(*kind) for kind in kinds)
    return reading


def _refusal(error: sqlite3.Error) -> BadRequest:
    long = error.args == ("interrupted",)
    return BadRequest("用时过长，请加上条件、缩小范围" if long else f"取不出数据：{error}")


class Stream:
    """An answer that is sent while it is read. Where reading fails the connection ends without the end of the answer."""

    def __init__(self, parts: AsyncIterator[bytes], headers: dict[str, str]) -> None:
        self.parts, self.headers = parts, headers

    async def asgi_send(self, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        """Send the answer the way Datasette wants it."""
        headers = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        try:
            async for part in self.parts:
                await send({"type": "http.response.body", "body": part, "more_body": True})
        except (sqlite3.Error, TimeoutError) as error:
            _LOG.warning("a download broke off: %s", error)
            return
        await send({"type": "http.response.body", "body": b""})


async def _left(receive: Callable[[], Awaitable[dict[str, Any]]]) -> None:
    """Return when the receiver has gone away."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _text(reading: Reading, ending: str, running: Running, receive: Any) -> AsyncIterator[bytes]:
    head, tail = writers.head_and_tail(ending, reading.columns)
    write = writers.batch_writer(ending, reading.columns)
    ends, gone = time.monotonic() + _TOTAL_SECONDS, asyncio.ensure_future(_left(receive))
    try:
        with running.one():
            yield head.encode()
            while batch := await asyncio.to_thread(reading.batch):
                if gone.done():
                    raise TimeoutError("the receiver went away")
                if time.monotonic() > ends:
                    raise TimeoutError("the receiver is too slow")
                yield (await asyncio.to_thread(write, batch)).encode("utf-8", "replace")
            yield tail.encode()
    finally:
        gone.cancel()
        reading.connection.close()


async def _workbook(
    datasette: Datasette, request: Request, chosen: Selection, running: Running
) -> AsyncIterator[bytes]:
    """Make the workbook in a file of its own, then send it."""
    reading = await asyncio.to_thread(_open, datasette, chosen)
    with tempfile.TemporaryDirectory(prefix="yusuan-") as folder, running.one():
        path = Path(folder) / "a.xlsx"
        notes = _notes(datasette, request, chosen)
        try:
            await asyncio.to_thread(writers.write_workbook, path, reading.columns, reading.rows(), notes)
        finally:
            reading.connection.close()
        with path.open("rb") as file:
            while part := await asyncio.to_thread(file.read, _CHUNK):
                yield part


def _notes(datasette: Datasette, request: Request, chosen: Selection) -> list[tuple[str, str]]:
    site = KNOWN[datasette].catalogue.specs.site
    told = "，".join(f"{name}={value}" for name, value in parse_qsl(request.query_string, keep_blank_values=True))
    return [
        ("标题", chosen.title),
        ("说明", chosen.description),
        ("条件", told or "无：全部行"),
        ("来源", site["source"]),
        ("许可", site["license"]),
        ("空白", "空白表示文档没有印，0 表示印了零"),
    ]


async def _too_large(datasette: Datasette, chosen: Selection) -> bool:
    counted = f"select count(*) from (select 1 from ({chosen.sql}) limit {WORKBOOK_ROWS + 1})"  # noqa: S608 - as in _open
    count = replace(chosen, sql=counted, columns=(Column("count", "integer"),))
    reading = await asyncio.to_thread(_open, datasette, count)
    try:
        return bool((await asyncio.to_thread(reading.batch))[0][0] > WORKBOOK_ROWS)
    except sqlite3.Error as error:
        raise _refusal(error) from error
    finally:
        reading.connection.close()


async def _answer(datasette: Datasette, request: Request, chosen: Selection) -> Response | Stream:
    ending, running = request.url_vars["ending"], KNOWN[datasette].running
    if running.count >= AT_ONCE:
        return Response.text("同时下载的人太多，请稍后再试", status=503, headers={"retry-after": "30"})
    headers = {
        "content-type": TYPES[ending],
        "content-disposition": f'attachment; filename="{chosen.name}.{ending}"',
        "access-control-allow-origin": "*",
    }
    if request.method == "HEAD":
        return Response("", headers=headers, content_type=TYPES[ending])
    if ending == "xlsx":
        if await _too_large(datasette, chosen):
            raise BadRequest(f"超过 {WORKBOOK_ROWS:,} 行，做成 Excel 文件太大：先筛选，或者下载 CSV")
        return Stream(_workbook(datasette, request, chosen, running), headers)
    reading = await asyncio.to_thread(_open, datasette, chosen)
    return Stream(_text(reading, ending, running, request.receive), headers)


async def table(datasette: Datasette, request: Request) -> Response | Stream:
    """Answer /-/export/<table>.<format>; for spreadsheets, names stand beside codes."""
    names = request.url_vars["ending"] in {"excel.csv", "xlsx"}
    chosen = await selection.of_table(datasette, request, request.url_vars["name"], names=names)
    return await _answer(datasette, request, chosen)


async def question(datasette: Datasette, request: Request) -> Response | Stream:
    """Answer /-/export/query/<question>.<format>."""
    return await _answer(datasette, request, await selection.of_query(datasette, request, request.url_vars["name"]))


async def query(datasette: Datasette, request: Request) -> Response | Stream:
    """Answer /-/export/sql.<format>?sql=…, where writing queries is allowed."""
    return await _answer(datasette, request, await selection.of_sql(datasette, request))


_ENDING = r"(?P<ending>csv|excel\.csv|json|xlsx)$"
ROUTES: list[tuple[str, Callable[..., Awaitable[Any]]]] = [
    (r"^/-/export/sql\." + _ENDING, query),
    (r"^/-/export/query/(?P<name>[a-z][a-z0-9_]*)\." + _ENDING, question),
    (r"^/-/export/(?P<name>[a-z][a-z0-9_]*)\." + _ENDING, table),
]
