"""Datasette with our pages on one database file. The only home of datasette and uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

import uvicorn
from datasette.app import Datasette
from datasette.plugins import pm

from yusuan.errors import HostError, Problem, UsageError
from yusuan.files import sha256_of
from yusuan.site import plugin
from yusuan.site.catalogue import Catalogue
from yusuan.site.library import Library, default_cache
from yusuan.site.metadata import DATABASE, site_metadata
from yusuan.site.release_file import ReleaseFile
from yusuan.site.setup import KNOWN, Known, Running, Setup
from yusuan.site.warming import warm
from yusuan.spec import Specs
from yusuan.sums import summed_tables

_PAGES = Path(__file__).with_name("templates")
#: Facets of millions of rows stay instant with indexes and without suggestions.
SETTINGS = {
    "suggest_facets": False,
    "facet_time_limit_ms": 1500,
    "sql_time_limit_ms": 3000,
    "default_page_size": 100,
    "max_csv_mb": 0,
    "allow_download": True,
}
#: A site for strangers: less time for each query, no CSV but our own downloads, answers that caches may keep.
PUBLIC = {
    "sql_time_limit_ms": 1000,
    "facet_time_limit_ms": 900,
    "num_sql_threads": 4,
    "max_returned_rows": 1000,
    "allow_csv_stream": False,
    "default_cache_ttl": 3600,
    "trace_debug": False,
    "template_debug": False,
}


def make_site(database: Path, specs: Specs, setup: Setup | None = None) -> Datasette:
    """Return the site over `database`, which is opened immutable; UsageError where there is no such file."""
    chosen = setup or Setup()
    _refuse_unready(database)
    if not pm.is_registered(plugin):
        pm.register(plugin, name="yusuan")
    metadata: dict[str, Any] = site_metadata(specs)
    settings = SETTINGS | (PUBLIC | {"default_allow_sql": chosen.allow_sql} if chosen.public else {})
    inspected = _inspect(database, specs)
    site = Datasette([], metadata=metadata, settings=settings, template_dir=str(_PAGES), inspect_data=inspected)
    # addresses are /budget/… whatever the file is called; no scratch database beside it
    site.add_database(ReleaseFile(site, database), name=DATABASE)
    site.remove_database("_memory")
    library = Library(chosen.sources, (chosen.cache or default_cache()) / "pages")
    KNOWN[site] = Known(Catalogue(specs), chosen, library, Running())
    return site


def _refuse_unready(database: Path) -> None:
    """Refuse a file that is not there, or that lacks what its writer has not yet put into it."""
    if not database.is_file():
        raise UsageError(
            Problem("DATABASE-MISSING", "找不到数据库", str(database), hint="先运行 yusuan build 或 yusuan load")
        )
    beside = database.with_name(database.name + "-wal")
    if beside.is_file() and beside.stat().st_size:
        hint = "关闭那个程序；或者运行 yusuan load 重新载入"
        raise HostError(Problem("DATABASE-BUSY", "数据库正被别的程序写入", str(database), found=beside.name, hint=hint))


def _inspect(database: Path, specs: Specs) -> dict[str, Any]:
    """Return what `datasette inspect` would: the file cannot change, so its rows are counted once and not on every page."""
    with contextlib.closing(sqlite3.connect(f"file:{quote(str(database))}?immutable=1", uri=True)) as connection:
        present = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
        if not present.issuperset(summed_tables(specs)):
            hint = "运行 yusuan load 重新载入；发布里的数据库，用做它的那一版 yusuan 打开"
            raise UsageError(
                Problem("DATABASE-OLDER", "数据库不是这一版 yusuan 载入的，缺少合计表", str(database), hint=hint)
            )
        counts = {
            spec.name: {"count": connection.execute(f'select count(*) from "{spec.name}"').fetchone()[0]}  # noqa: S608 - from specs
            for spec in specs.every_table()
            if spec.name in present
        }
    described = {"hash": sha256_of(database), "size": database.stat().st_size, "file": database.name, "tables": counts}
    return {DATABASE: described}


def serve(site: Datasette, listener: socket.socket) -> None:
    """Serve the site on a listening socket until interrupted."""
    config = uvicorn.Config(
        site.app(),
        log_level="warning",
        lifespan="on",
        server_header=False,
        timeout_keep_alive=10,
        limit_concurrency=200 if KNOWN[site].setup.public else None,
        h11_max_incomplete_event_size=32 * 1024,
    )
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_answer(uvicorn.Server(config), site, listener))


async def _answer(server: uvicorn.Server, site: Datasette, listener: socket.socket) -> None:
    """Answer until interrupted; count in advance while already answering."""
    warming = asyncio.create_task(warm(site))
    try:
        await server.serve(sockets=[listener])
    finally:
        warming.cancel()


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on host and port; HostError where it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise HostError(
            Problem(
                "PORT-TAKEN",
                f"无法监听 {host}:{port}：{error.strerror}",
                hint=f"换一个端口，例如 --port {port + 1}",
            )
        ) from error
