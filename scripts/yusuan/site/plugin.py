"""Our Datasette plugin: what the pages may ask, how values look, error pages and the style sheet."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from pathlib import Path
from typing import Any

from datasette import hookimpl
from datasette.app import Datasette
from datasette.filters import FilterArguments
from datasette.utils.asgi import Forbidden, NotFound, Request, Response

from yusuan.site import (
    archive,
    codes,
    compare,
    documents,
    exports,
    failures,
    feeds,
    home,
    narrowing,
    pages,
    projects,
    questions,
    reconcile,
    safety,
    search,
    source,
    units,
)
from yusuan.site.addresses import Addresses
from yusuan.site.metadata import DATABASE
from yusuan.site.page import Page
from yusuan.site.setup import KNOWN

_STYLE = Path(__file__).with_name("static") / "yusuan.css"


@hookimpl
def extra_template_vars(
    datasette: Datasette, template: str, table: str | None, request: Request | None
) -> Callable[[], Awaitable[dict[str, Any]]]:
    """Give every page the site's words and its helpers, and the listing pages what they list."""

    async def variables() -> dict[str, Any]:
        if datasette not in KNOWN:
            return {}
        catalogue = KNOWN[datasette].catalogue
        known = {
            "site": catalogue.specs.site,
            "page": Page(datasette, catalogue, table, request),
            "at": Addresses(datasette),
            "still": KNOWN[datasette].setup.still is not None,
            "in_chinese": failures.in_chinese,
            "style_version": hashlib.sha256(_STYLE.read_bytes()).hexdigest()[:8],
        }
        if template in {"index.html", "database.html"}:
            known["listing"] = await home.listing(datasette, catalogue)
        if template == "index.html":
            known["overview"] = await home.overview(datasette)
        if template in {"index.html", "table.html"} and request is not None and not known["still"]:
            known["dataset"] = await feeds.described(datasette, request, table)
        return known

    return variables


@hookimpl
def render_cell(
    row: Any, value: Any, column: str, table: str | None, database: str | None, datasette: Datasette
) -> str | None:
    """Show amounts with separators, references by name, long texts folded."""
    if datasette not in KNOWN or database != DATABASE or isinstance(value, bytes):
        return None
    return Page(datasette, KNOWN[datasette].catalogue, table, None).cell(row, column, value)


@hookimpl
def filters_from_request(
    request: Request, database: str, table: str, datasette: Datasette
) -> Callable[[], Awaitable[FilterArguments | None]] | None:
    """Lead a filter for part of a name through the register of names."""
    if datasette not in KNOWN or database != DATABASE:
        return None
    return partial(narrowing.narrowed, datasette, request, table)


@hookimpl(hookwrapper=True)
def handle_exception(datasette: Datasette, request: Request, exception: Exception) -> Generator[None, Any, None]:
    """Answer with our error page instead of Datasette's, which also prints every local variable to the log."""
    outcome = yield
    if datasette in KNOWN:
        outcome.force_result([partial(failures.respond, datasette, request, exception)])


@hookimpl
def forbidden(datasette: Datasette, request: Request, message: str) -> Callable[[], Awaitable[Response]] | None:
    """Answer a refusal with our error page."""
    if datasette not in KNOWN:
        return None
    return partial(failures.respond, datasette, request, Forbidden(message))


@hookimpl
def prepare_connection(conn: sqlite3.Connection, database: str, datasette: Datasette) -> None:
    """Guard the connections of a public site: what strangers may ask of the database is limited by the database."""
    if database == DATABASE and datasette in KNOWN and KNOWN[datasette].setup.public:
        safety.guard_connection(conn)


@hookimpl(trylast=True)
def asgi_wrapper(datasette: Datasette) -> Callable[[safety.App], safety.App]:
    """Put our guard around everything else."""

    def is_public() -> bool | None:
        return KNOWN[datasette].setup.public if datasette in KNOWN else None

    return partial(safety.Guard, is_public=is_public)


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Awaitable[Any]]]]:
    """Serve our own pages and our style sheet; nothing is loaded from elsewhere."""
    more = (search, source, exports, archive, feeds, reconcile)
    own = ((pattern, _page(view)) for pattern, view in _PAGES.items())
    return [(r"^/-/yusuan\.css$", _style), *own, *(route for module in more for route in module.ROUTES)]


@hookimpl
def skip_csrf(datasette: Datasette, scope: dict[str, Any]) -> bool:
    """Let programs post names to be reconciled: nothing is changed by them."""
    return datasette in KNOWN and str(scope["path"]).startswith(str(datasette.urls.path("/-/reconcile/")))


#: The pages of our own by the form of their address; docs/addresses.md explains each.
_PAGES: dict[str, pages.View] = {
    r"^/unit$": units.units,
    r"^/unit/(?P<unit>[^/]+)(?:/(?P<year>[0-9]{4}))?$": units.unit,
    r"^/code$": codes.codes,
    r"^/code/(?P<code>[^/]+)$": codes.code,
    r"^/project$": projects.projects,
    r"^/project/(?P<project>[^/]+)$": projects.project,
    r"^/document/(?P<document>[^/]+)$": documents.document,
    r"^/document/(?P<document>[^/]+)/(?P<table>[a-z0-9_]+)$": documents.printed,
    r"^/glossary$": documents.glossary,
    r"^/compare$": compare.compare,
    r"^/compare/(?P<year>[0-9]{4})$": compare.year,
    r"^/ranking$": compare.rankings,
    r"^/ranking/(?P<measure>[a-z-]+)$": compare.ranking,
    r"^/figure/(?P<name>[a-z-]+)\.(?P<ending>svg|csv)$": pages.figure,
    r"^/figure/question/(?P<query>[a-z_]+)\.svg$": questions.question_figure,
}


def _page(view: pages.View) -> Callable[..., Awaitable[Response]]:
    """Return what Datasette calls for a page of ours."""

    async def answer(datasette: Datasette, request: Request) -> Response:
        if datasette not in KNOWN:
            raise NotFound("没有这个页面")
        return await view(pages.Visit(datasette, KNOWN[datasette].catalogue, request))

    return answer


async def _style() -> Response:
    headers = {"cache-control": "max-age=3600"}
    return Response(_STYLE.read_text("utf-8"), content_type="text/css; charset=utf-8", headers=headers)
