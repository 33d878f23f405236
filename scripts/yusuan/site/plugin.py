"""Our Datasette plugin: what the home page says, and the style sheet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from datasette import hookimpl
from datasette.app import Datasette
from datasette.utils.asgi import Response

from yusuan.site.metadata import DATABASE, ordered_tables
from yusuan.spec import Specs, TableSpec

_STYLE = Path(__file__).with_name("static") / "yusuan.css"
_SHOWN_DOCUMENTS = 50
#: The specs of each site being served, by the identity of its Datasette.
SPECS: dict[int, Specs] = {}

_DOCUMENTS = """
select documents.文件, documents.年度, units.单位名称, 标题, 公开表数, 缺表,
  (select count(*) from findings where findings.文件 = documents.文件 and 严重程度 = 'error') as 错误数,
  (select count(*) from findings where findings.文件 = documents.文件 and 严重程度 = 'warning') as 警告数
from documents join units using (单位) order by documents.年度 desc, 单位 limit :limit
"""


@hookimpl
def extra_template_vars(datasette: Datasette, view_name: str) -> Callable[[], Awaitable[dict[str, Any]]]:
    """Give every page the site's name, and the home page what it shows."""

    async def variables() -> dict[str, Any]:
        specs = SPECS.get(id(datasette))
        if specs is None:
            return {}
        named = {"site_title": specs.site["title"]}
        return named | ({"home": await _home(datasette, specs)} if view_name == "index" else {})

    return variables


@hookimpl
def register_routes() -> list[tuple[str, Callable[[], Awaitable[Response]]]]:
    """Serve our style sheet; nothing is loaded from elsewhere."""
    return [(r"^/-/yusuan\.css$", _style)]


async def _style() -> Response:
    headers = {"cache-control": "max-age=3600"}
    return Response(_STYLE.read_text("utf-8"), content_type="text/css; charset=utf-8", headers=headers)


async def _home(datasette: Datasette, specs: Specs) -> dict[str, Any]:
    database = datasette.get_database(DATABASE)
    counts = await database.table_counts(1000)
    years = (await database.execute("select count(distinct 年度) from documents")).first()[0]
    rows = (await database.execute(_DOCUMENTS, {"limit": _SHOWN_DOCUMENTS})).rows
    url = datasette.urls
    tables = {spec.name: _table(datasette, spec, counts.get(spec.name) or 0) for spec in ordered_tables(specs)}
    return {
        "figures": [
            {"label": "个单位", "count": counts.get("units") or 0, "url": url.table(DATABASE, "units")},
            {"label": "个年度", "count": years, "url": url.table(DATABASE, "documents") + "?_facet=年度"},
            {
                "label": "份文档",
                "count": counts.get("documents") or 0,
                "url": url.table(DATABASE, "documents"),
            },
            {
                "label": "个有出处的格子",
                "count": counts.get("cells") or 0,
                "url": url.table(DATABASE, "cells"),
            },
        ],
        "documents": [_document(datasette, row) for row in rows],
        "more_documents": (counts.get("documents") or 0) > len(rows),
        "documents_url": url.table(DATABASE, "documents"),
        "subjects": [tables[name] for name in specs.subjects if name in tables],
        "official": [tables[name] for name in specs.tables],
        "records": [tables[name] for name in specs.records],
        "queries": [
            {"title": query["title"], "description": query["description"], "url": url.query(DATABASE, name)}
            for name, query in specs.site.get("queries", {}).items()
        ],
    }


def _table(datasette: Datasette, spec: TableSpec, count: int) -> dict[str, Any]:
    address = datasette.urls.table(DATABASE, spec.name)
    return {"title": spec.label, "description": spec.description, "count": count, "url": address}


def _document(datasette: Datasette, row: Any) -> dict[str, Any]:
    described = dict(row)
    described["url"] = datasette.urls.row(DATABASE, "documents", described["文件"])
    described["findings_url"] = f"{datasette.urls.table(DATABASE, 'findings')}?文件={described['文件']}&_facet=规则"
    return described
