"""Datasette with our pages on one database file. The only home of datasette and uvicorn."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path
from typing import Any

import uvicorn
from datasette.app import Datasette
from datasette.database import Database
from datasette.plugins import pm

from yusuan.errors import HostError, Problem, UsageError
from yusuan.site import plugin
from yusuan.site.catalogue import Catalogue
from yusuan.site.library import Library, default_cache
from yusuan.site.metadata import DATABASE, site_metadata
from yusuan.site.setup import KNOWN, Known, Running, Setup
from yusuan.spec import Specs

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


def make_site(database: Path, specs: Specs, setup: Setup | None = None) -> Datasette:
    """Return the site over `database`, which is opened immutable; UsageError where there is no such file."""
    if not database.is_file():
        raise UsageError(
            Problem("DATABASE-MISSING", "找不到数据库", str(database), hint="先运行 yusuan build 或 yusuan load")
        )
    if not pm.is_registered(plugin):
        pm.register(plugin, name="yusuan")
    metadata: dict[str, Any] = site_metadata(specs)
    site = Datasette([], metadata=metadata, settings=SETTINGS, template_dir=str(_PAGES))
    # addresses are /budget/… whatever the file is called; no scratch database beside it
    site.add_database(Database(site, path=str(database), is_mutable=False), name=DATABASE)
    site.remove_database("_memory")
    chosen = setup or Setup()
    library = Library(chosen.sources, (chosen.cache or default_cache()) / "pages")
    KNOWN[site] = Known(Catalogue(specs), chosen, library, Running())
    return site


def serve(site: Datasette, listener: socket.socket) -> None:
    """Serve the site on a listening socket until interrupted."""
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(uvicorn.Config(site.app(), log_level="warning", lifespan="on")).run(sockets=[listener])


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
