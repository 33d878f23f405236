"""One box over everything: /-/search?q=… finds any part of a name or sentence, however short.

Addresses: `/-/search` is the page, `/-/search.json` the same for programs. Arguments: `q` words (all must occur), `年度`,
`单位` (its key), `类` one kind of hit in full, `_after` the last entry already seen.
"""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast
from urllib.parse import urlencode

from datasette.app import Datasette
from datasette.database import Database, QueryInterrupted
from datasette.utils import sqlite_timelimit, tilde_encode
from datasette.utils.asgi import BadRequest, Request, Response

from yusuan import grams
from yusuan.site import hits as found_hits
from yusuan.site.addresses import Addresses
from yusuan.site.catalogue import Catalogue
from yusuan.site.metadata import DATABASE
from yusuan.site.setup import KNOWN

#: Hits of each kind that are shown, of the one kind asked for, and that are looked at for ones that say the same.
_FEW, _MANY, _LOOKED_AT = 6, 100, 60
#: Beyond so many hits of one kind we say "more than".
COUNTED = 1000
_EXCERPT = 90
_QUERY_LENGTH = 200
_IDS = (
    "select rowid from search where search match :match and rowid between :first and :last order by rowid limit :some"
)
_ALL_IDS = "select rowid from search where search match :match and rowid >= :first order by rowid"
_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for."""

    text: str
    year: str = ""
    unit: str = ""
    kind: str = ""
    after: int = 0

    @property
    def words(self) -> list[str]:
        """The words as they are compared."""
        return grams.words(self.text)

    @property
    def expression(self) -> str:
        """What the index is asked."""
        places = [grams.token(f"{name}={value}") for name, value in (("年度", self.year), ("单位", self.unit)) if value]
        asked = [f"文 : ({_either(word)})" for word in self.words] + [f'范围 : "{place}"' for place in places]
        return " AND ".join(asked)

    def address(self, **changed: object) -> str:
        """Return the address of this search with some arguments changed."""
        now = {"q": self.text, "年度": self.year, "单位": self.unit, "类": self.kind} | changed
        return urlencode({name: value for name, value in now.items() if value not in {None, "", 0}})


def wanted(request: Request) -> Wanted:
    """Return what a request searches for; a question longer than any name or sentence is refused."""
    asked = {name: request.args.get(name, "").strip() for name in ("q", "年度", "单位", "类", "_after")}
    if any(len(value) > _QUERY_LENGTH for value in asked.values()):
        raise BadRequest(f"检索词不能超过 {_QUERY_LENGTH} 个字")
    if asked["_after"] and not asked["_after"].isdecimal():
        raise BadRequest("_after 应当是一个序号")
    after = int(asked["_after"] or 0)
    if after >= 2**63:
        raise BadRequest("_after 应当是一个序号")
    return Wanted(asked["q"], asked["年度"], asked["单位"], asked["类"], after)


def _either(word: str) -> str:
    return " OR ".join(map(grams.match, dict.fromkeys(found_hits.spellings(word))))


async def find(database: Database, want: Wanted, few: int = _FEW) -> list[dict[str, Any]]:
    """Return hits by kind: a few of each, or many of the one kind asked for; `more` is the last entry where there are more."""
    if not want.words:
        return []
    rows = (await database.execute("select 类, 首, 末 from search_kinds order by 首")).rows
    kinds = [_Kind(row[0], max(row[1], want.after + 1), row[2]) for row in rows if want.kind in {"", row[0]}]
    one_letter = any(len(word) == 1 for word in want.words)
    ids = await (_ids_in_one_pass if one_letter and len(kinds) > 1 else _ids)(database, want, kinds)
    groups = []
    shown = _MANY if want.kind else few
    for kind, found in zip(kinds, ids, strict=True):
        if found:
            hits = await _entries(database, found[:shown])
            more = found[shown - 1] if len(found) > shown else None
            groups.append({"kind": kind.name, "count": len(found), "hits": hits, "more": more})
    return groups


class _Kind(NamedTuple):
    """A kind of entries, with its first and last entry."""

    name: str
    first: int
    last: int


async def _ids(database: Database, want: Wanted, kinds: Sequence[_Kind]) -> list[list[int]]:
    """Return the first hits of each kind, up to one more than are counted."""
    found = []
    for kind in kinds:
        bounds = {"first": kind.first, "last": kind.last, "some": COUNTED + 1, "match": want.expression}
        found.append([row[0] for row in (await database.execute(_IDS, bounds)).rows])
    return found


async def _ids_in_one_pass(database: Database, want: Wanted, kinds: Sequence[_Kind]) -> list[list[int]]:
    """Return the same for one letter: what begins with it is put together anew for every question, so only one is asked."""

    def look(connection: sqlite3.Connection) -> list[list[int]]:
        found: list[list[int]] = [[] for _ in kinds]
        asked = {"match": want.expression, "first": kinds[0].first}
        with sqlite_timelimit(connection, database.ds.setting("sql_time_limit_ms")):
            cursor = connection.cursor()
            cursor.row_factory = None  # numbers only: nothing to be counted by the guard
            cursor.execute(_ALL_IDS, asked)
            while ids := [row[0] for row in cursor.fetchmany(_AT_ONCE)]:
                for kind, some in zip(kinds, found, strict=True):
                    start, stop = bisect_left(ids, kind.first), bisect_right(ids, kind.last)
                    some.extend(ids[start : min(stop, start + COUNTED + 1 - len(some))])
        return found

    try:
        return cast("list[list[int]]", await database.execute_fn(look))
    except sqlite3.OperationalError as error:
        if error.args == ("interrupted",):
            raise QueryInterrupted(error, _ALL_IDS, {}) from error
        raise


async def _entries(database: Database, ids: list[int]) -> list[dict[str, Any]]:
    marks = ", ".join("?" for _ in ids)
    found = f"""select search_entries.*, units.单位名称 from search_entries left join units using (单位)
        where 序 in ({marks}) order by 序"""  # noqa: S608 - question marks only
    rows = (await database.execute(found, ids)).rows
    hits = [dict(row) | {"keys": json.loads(row["键"])} for row in rows]
    await found_hits.completed(database, hits)
    return hits


def marked(text: str, words: list[str], length: int = 10_000) -> list[dict[str, Any]]:
    """Return a text in parts, those that were searched for with `hit` set; a long text is cut around its first hit."""
    spans = grams.places(text, words)
    start = max(0, spans[0][0] - length // 3) if spans and len(text) > length else 0
    end = min(len(text), start + length)
    parts = [{"text": "…", "hit": False}] if start else []
    for first, last in spans:
        if first >= end:
            break
        parts += [{"text": text[start:first], "hit": False}, {"text": text[first : min(last, end)], "hit": True}]
        start = min(last, end)
    parts += [{"text": text[start:end], "hit": False}, {"text": "…" if end < len(text) else "", "hit": False}]
    return [part for part in parts if part["text"]]


def tables_about(catalogue: Catalogue, words: list[str]) -> Iterator[tuple[str, str, list[str]]]:
    """Yield name, title and columns of the tables that are about all the words: 公务接待费 is a column before a row."""
    for spec in catalogue.tables.values():
        said = grams.fold(spec.label)
        columns = [field.name for field in spec.fields if any(word in grams.fold(field.name) for word in words)]
        if all(word in said or any(word in grams.fold(name) for name in columns) for word in words):
            yield spec.name, spec.label, columns


async def _results(datasette: Datasette, want: Wanted, few: int = _FEW) -> dict[str, Any]:
    known, database, at = KNOWN[datasette], datasette.get_database(DATABASE), Addresses(datasette)
    if not await database.table_exists("search_kinds"):
        return {"missing": True, "groups": [], "tables": []}
    try:
        groups = await find(database, want, few)
    except QueryInterrupted as error:
        raise BadRequest("检索时间过长，请多写几个字，或者选定年度、单位") from error
    for group in groups:
        for hit in group["hits"]:
            keys = ",".join(map(tilde_encode, hit["keys"]))
            hit["url"] = str(datasette.urls.row(DATABASE, hit["表"], keys))
            hit["page"] = found_hits.page_of(hit, at, known.catalogue) or hit["url"]
    about = [] if want.kind or not want.words else list(tables_about(known.catalogue, want.words))
    tables = [{"url": str(datasette.urls.table(DATABASE, n)), "title": t, "columns": c} for n, t, c in about[:_FEW]]
    return {"missing": False, "groups": groups, "tables": tables}


async def page(datasette: Datasette, request: Request) -> Response:
    """Answer /-/search."""
    database = datasette.get_database(DATABASE)
    years = [row[0] for row in (await database.execute("select distinct 年度 from documents order by 年度 desc")).rows]
    if KNOWN[datasette].setup.still is not None:
        kinds = [row[0] for row in (await database.execute("select 类 from search_kinds order by 首")).rows]
        still = {"years": years, "kinds": kinds}
        return Response.html(await datasette.render_template("find.html", still, request=request))
    want = wanted(request)
    results = await _results(datasette, want, _LOOKED_AT)
    named = await database.execute("select 单位名称 from units where 单位 = ?", [want.unit])
    words = found_hits.every_spelling(want.words)
    for group in results["groups"]:
        if not want.kind:
            looked_at, group["hits"] = group["hits"], found_hits.folded(group["hits"], _FEW)
            group["more"] = group["more"] or len(looked_at) > len(group["hits"])
        for hit in group["hits"]:
            hit["title_parts"] = marked(hit["标题"], words)
            hit["text_parts"] = marked(hit["正文"], words, _EXCERPT)
    for table in results["tables"]:
        table["title_parts"] = marked(table["title"], words)
    unit_name = named.first()[0] if named.rows else want.unit
    context = results | {"want": want, "years": years, "unit_name": unit_name, "counted": COUNTED}
    return Response.html(await datasette.render_template("search.html", context, request=request))


async def data(datasette: Datasette, request: Request) -> Response:
    """Answer /-/search.json."""
    want = wanted(request)
    results = await _results(datasette, want)
    names = {"序": "id", "年度": "year", "单位": "unit", "单位名称": "unit_name", "标题": "title", "正文": "text"}
    groups = [
        {
            "kind": group["kind"],
            "count": min(group["count"], COUNTED),
            "count_is_minimum": group["count"] > COUNTED,
            "more_after": group["more"],
            "hits": [
                {names[name]: hit[name] for name in names}
                | {"table": hit["表"], "url": hit["url"], "page": hit["page"]}
                for hit in group["hits"]
            ],
        }
        for group in results["groups"]
    ]
    content = {"query": want.text, "words": want.words, "tables": results["tables"], "groups": groups}
    return Response.json(content, headers={"access-control-allow-origin": "*"})


ROUTES: list[tuple[str, Callable[..., Awaitable[Response]]]] = [(r"^/-/search$", page), (r"^/-/search\.json$", data)]
