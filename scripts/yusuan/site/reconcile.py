"""Names to keys for OpenRefine and others: the reconciliation service API (0.2) over units and over codes.

Addresses: `/-/reconcile/units`, `/-/reconcile/codes` (manifest; batches in `queries`, by GET or POST), each with `/suggest`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any
from urllib.parse import unquote

from datasette.app import Datasette
from datasette.database import Database, QueryInterrupted
from datasette.utils import tilde_encode
from datasette.utils.asgi import BadRequest, NotFound, Request, Response

from yusuan import grams
from yusuan.site.feeds import full
from yusuan.site.metadata import DATABASE
from yusuan.site.setup import KNOWN

#: Service → its title, and the kinds of search entries it knows with what they are called for programs.
SERVICES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "units": ("单位", {"单位": "unit"}),
    "codes": ("功能分类和经济分类科目", {"功能科目": "functional", "经济科目": "economic"}),
}
_PAGES = {"unit": "units", "functional": "functional_codes", "economic": "economic_codes"}
MOST_QUERIES, LONGEST, LARGEST_BODY = 50, 200, 64 * 1024
_USUAL, _MOST = 5, 20
#: So many entries are looked at closely for one name.
_CANDIDATES = 60
_SURE = 100.0
_CORS = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST, OPTIONS",
    "access-control-allow-headers": "Content-Type",
}
_LIKELY = """select e.* from search join search_entries e on e.序 = search.rowid
  where search match ? and search.rowid between ? and ? order by search.rank limit ?"""
_RANGES = "select 类, 首, 末 from search_kinds"


@dataclass(frozen=True, slots=True)
class Asked:
    """One name of a batch."""

    text: str
    limit: int
    types: frozenset[str]


def _asked(data: object) -> Asked:
    if not isinstance(data, dict) or not isinstance(data.get("query"), str):
        raise BadRequest("每个问题都要有 query，内容是文字")
    kinds = data.get("type") or data.get("types") or []
    named = {
        kind.get("id") if isinstance(kind, dict) else kind for kind in (kinds if isinstance(kinds, list) else [kinds])
    }
    limit = data.get("limit")
    some = min(limit, _MOST) if isinstance(limit, int) and limit > 0 else _USUAL
    return Asked(data["query"][:LONGEST], some, frozenset(str(name) for name in named if name))


def batch(text: str) -> dict[str, Asked]:
    """Return the names of a batch by their keys; BadRequest for what is none, or is too large."""
    try:
        data = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadRequest("queries 不是 JSON") from error
    if not isinstance(data, dict):
        raise BadRequest("queries 应当是一个对象，每个键一个问题")
    if len(data) > MOST_QUERIES:
        raise BadRequest(f"一次最多 {MOST_QUERIES} 个问题")
    return {key: _asked(value) for key, value in data.items()}


async def candidates(database: Database, service: str, asked: Asked) -> list[dict[str, Any]]:
    """Return the entries that a name may mean, best first, each with its score."""
    kinds = SERVICES[service][1]
    words = "".join(grams.words(asked.text))
    if not words:
        return []
    pairs = {grams.match(words[i : i + 2]) for i in range(max(len(words) - 1, 1))}
    found = []
    for kind, first, last in (await database.execute(_RANGES)).rows:
        if kind in kinds and (not asked.types or kinds[kind] in asked.types):
            values = [f"文 : ({' OR '.join(sorted(pairs))})", first, last, _CANDIDATES]
            found += [dict(row) | {"type": kinds[kind]} for row in (await database.execute(_LIKELY, values)).rows]
    return await asyncio.to_thread(_ranked, words, found, asked.limit)


def _ranked(words: str, found: list[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    results = [
        {
            "id": json.loads(row["键"])[0],
            "name": row["标题"],
            "score": _score(words, row),
            "type": [{"id": row["type"], "name": row["类"]}],
        }
        for row in found
    ]
    results.sort(key=lambda result: (-result["score"], result["id"]))
    sure = [result for result in results if result["score"] == _SURE]
    return [result | {"match": len(sure) == 1 and result is sure[0]} for result in results[:limit]]


def _score(words: str, row: Mapping[str, Any]) -> float:
    """Return how well an entry fits a name, 0 to 100; 100 is the whole name, the whole code, or both as printed."""
    title = grams.fold(row["标题"])
    code = grams.fold(json.loads(row["键"])[0])
    names = {title, title.removeprefix(code), code, *map(grams.fold, filter(None, row["正文"].split(" · ")))}
    if words in names:
        return _SURE
    return max(round(SequenceMatcher(None, words, name, autojunk=False).ratio() * 99, 1) for name in names)


def _json(content: object) -> Response:
    return Response(
        json.dumps(content, ensure_ascii=False), headers=_CORS, content_type="application/json; charset=utf-8"
    )


def _service(request: Request) -> str:
    service = str(request.url_vars["service"])
    if service not in SERVICES:
        raise NotFound("没有这项服务")
    return service


def manifest(datasette: Datasette, request: Request, service: str) -> dict[str, Any]:
    """Return what a service says of itself."""
    title, kinds = SERVICES[service]
    base = full(datasette, request, f"/-/reconcile/{service}")
    return {
        "versions": ["0.2"],
        "name": f"{KNOWN[datasette].catalogue.specs.site['title']}：{title}",
        "identifierSpace": f"{base}/view/",
        "schemaSpace": full(datasette, request, "/"),
        "defaultTypes": [{"id": kind, "name": name} for name, kind in kinds.items()],
        "view": {"url": f"{base}/view/{{{{id}}}}"},
        "batchSize": MOST_QUERIES,
        "suggest": {"entity": {"service_url": base, "service_path": "/suggest"}},
    }


async def _queries(request: Request) -> str | None:
    if request.method != "POST":
        return str(request.args.get("queries")) if "queries" in request.args else None
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > LARGEST_BODY:
        raise BadRequest("请求的内容太大")
    return str((await request.post_vars()).get("queries", ""))


async def service(datasette: Datasette, request: Request) -> Response:
    """Answer /-/reconcile/<service>."""
    if request.method == "OPTIONS":
        return Response("", status=204, headers=_CORS)
    name, text = _service(request), await _queries(request)
    if text is None:
        return _json(manifest(datasette, request, name))
    database = datasette.get_database(DATABASE)
    try:
        return _json({key: {"result": await candidates(database, name, one)} for key, one in batch(text).items()})
    except QueryInterrupted as error:
        raise BadRequest("用时过长，请减少一次的问题") from error


async def suggest(datasette: Datasette, request: Request) -> Response:
    """Answer /-/reconcile/<service>/suggest?prefix=…."""
    asked = Asked(request.args.get("prefix", "")[:LONGEST], _MOST, frozenset())
    found = await candidates(datasette.get_database(DATABASE), _service(request), asked)
    results = [{"id": one["id"], "name": one["name"], "description": one["type"][0]["name"]} for one in found]
    return _json({"result": results})


async def view(datasette: Datasette, request: Request) -> Response:
    """Answer /-/reconcile/<service>/view/<id>: lead to the page of what has that key."""
    specs, database = KNOWN[datasette].catalogue.specs, datasette.get_database(DATABASE)
    key = unquote(request.url_vars["key"])
    for kind in SERVICES[_service(request)][1].values():
        spec = specs.records[_PAGES[kind]]
        found = f'select 1 from "{spec.name}" where "{spec.key[0]}" = ?'  # noqa: S608 - a table of ours
        if (await database.execute(found, [key])).rows:
            return Response.redirect(str(datasette.urls.row(DATABASE, spec.name, tilde_encode(key))))
    raise NotFound("没有这个键")


ROUTES: list[tuple[str, Callable[..., Awaitable[Response]]]] = [
    (r"^/-/reconcile/(?P<service>[a-z]+)$", service),
    (r"^/-/reconcile/(?P<service>[a-z]+)/suggest$", suggest),
    (r"^/-/reconcile/(?P<service>[a-z]+)/view/(?P<key>[^/]+)$", view),
]
