"""What keeps a public site standing and its readers safe: headers, limits of requests, limits of the database.

Headers are sent by every site. The limits are those of a site for strangers (`yusuan serve --public`).
"""

from __future__ import annotations

import sqlite3
import weakref
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from yusuan.site import patience

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: A picture that stands alone has its style inside and may be shown in other sites' pages.
_CSP_OF_PICTURES = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors *"
_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"strict-origin-when-cross-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
    b"cross-origin-opener-policy": b"same-origin",
}
#: The data of a site for strangers does not change while it is served: caches may keep what says nothing else.
_KEPT = (b"cache-control", b"max-age=3600")
_FRAMES = (b"x-frame-options", b"DENY")

LONGEST_ADDRESS, LARGEST_BODY = 8 * 1024, 64 * 1024
MOST_ARGUMENTS, MOST_FACETS = 80, 8
#: Requests at the same time: of one address of the network, of all.
OF_ONE, OF_ALL = 12, 64
_METHODS = {"GET", "HEAD", "POST", "OPTIONS"}
_POSTED = "/-/reconcile/"
#: Pages of Datasette that no reader needs: for logging in, for trying out permissions, in English. No site has them.
_UNUSED = {"auth-token", "logout", "permissions", "messages", "allow-debug", "patterns"}
_UNUSED_FILES = "/-/static/"
#: Its pages about the machine and the server, not about the data: only on one's own machine.
_INSIDE = {"versions", "settings", "config", "threads", "databases", "actor", "plugins"}
#: An address that leads nowhere: what is asked there is answered with our page for that.
_NOWHERE = "/-/nothing"

#: Limits of SQLite for queries of strangers; lengths in bytes.
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 1_000_000,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 50_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 200,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 20,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 32,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 5000,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
}
_PRAGMAS = ("hard_heap_limit=268435456", "trusted_schema=OFF", "query_only=ON", "cell_size_check=ON")
#: SQLITE_DBCONFIG_DEFENSIVE, which Python 3.11 has no name for.
_DEFENSIVE = 1010
_FUNCTIONS = {
    "load_extension", "fts3_tokenizer", "fts5", "zeroblob", "randomblob", "printf", "format", "readfile", "writefile", "edit",
    "sqlite_compileoption_get", "sqlite_compileoption_used", "sqlite_offset", "sqlite_log",
}  # fmt: skip
_READ_PRAGMAS = {
    "table_info", "table_xinfo", "foreign_key_list", "index_list", "index_info", "index_xinfo", "schema_version",
    "data_version", "database_list", "compile_options", "query_only",
}  # fmt: skip
_SCHEMA = {"sqlite_master", "sqlite_schema", "sqlite_temp_master", "sqlite_stat1", "json_each", "json_tree"}
#: What opening a full-text index asks for; the file cannot be written.
_OF_INDEXES = {sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE}
#: Bytes of text that one query may return.
ROW_BYTES = 8 * 2**20


class _Answer:
    """Counts what one query returns; beyond the limit it ends like one that takes too long."""

    def __init__(self) -> None:
        self.cursor: Callable[[], object | None] = lambda: None
        self.bytes = 0

    def __call__(self, cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> sqlite3.Row:
        """Return the row the way Datasette wants it."""
        if self.cursor() is not cursor:
            self.cursor, self.bytes = weakref.ref(cursor), 0
        self.bytes += sum(len(value) for value in row if isinstance(value, str | bytes))
        if self.bytes > ROW_BYTES:
            raise sqlite3.OperationalError("interrupted")
        return sqlite3.Row(cursor, row)


def guard_connection(connection: sqlite3.Connection) -> None:
    """Let queries on a connection read the tables of the file, within limits, and nothing else."""
    tables = {row[0] for row in connection.execute("select name from sqlite_master where type in ('table', 'view')")}
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").fetchall()
    for limit, value in _LIMITS.items():
        connection.setlimit(limit, value)
    if hasattr(connection, "setconfig"):  # Python 3.12
        connection.setconfig(_DEFENSIVE, True)  # noqa: FBT003 - the standard library's signature
    connection.row_factory = _Answer()
    connection.set_authorizer(_authorizer(tables | _SCHEMA))


def _authorizer(tables: set[str]) -> Callable[..., int]:
    def allow(action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None) -> int:
        if action == sqlite3.SQLITE_SELECT:
            allowed = True
        elif action == sqlite3.SQLITE_READ:
            allowed = first in tables
        elif action == sqlite3.SQLITE_FUNCTION:
            allowed = str(second).lower() not in _FUNCTIONS
        elif action == sqlite3.SQLITE_PRAGMA:
            allowed = str(first).lower() in _READ_PRAGMAS
        elif action in _OF_INDEXES:
            allowed = first in {"sqlite_master", "sqlite_schema"}
        else:
            allowed = action == sqlite3.SQLITE_CREATE_TABLE
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    return allow


class Guard:
    """The outermost layer of the site: adds headers to every answer; for strangers, turns the unreasonable away."""

    def __init__(self, app: App, is_public: Callable[[], bool | None]) -> None:
        """`is_public` tells whether strangers may come; None for a site that is not ours and is left alone."""
        self.app, self.is_public = app, is_public
        self.running: Counter[str] = Counter()

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer a request."""
        public = self.is_public()
        if scope["type"] != "http" or public is None:
            await self.app(scope, receive, send)
            return
        told = self._sender(scope, send, public=public)
        if _hidden(scope["path"], public=public):
            scope = scope | {"path": _NOWHERE, "raw_path": _NOWHERE.encode(), "query_string": b""}
        client = (scope.get("client") or ["", 0])[0]
        refused = _refused_method(scope) or (refusal(scope) if public else None)
        if not refused and public and (self.running.total() >= OF_ALL or self.running[client] >= OF_ONE):
            refused = 503, "请求太多，请稍后再试"
        if refused:
            await _refuse(told, *refused)
            return
        if scope["method"] == "OPTIONS" and _POSTED not in scope["path"]:
            await told({"type": "http.response.start", "status": 204, "headers": [(b"allow", b"GET, HEAD, OPTIONS")]})
            await told({"type": "http.response.body", "body": b""})
            return
        patience.begin()
        self.running[client] += 1
        try:
            await self.app(scope, _bounded(receive) if public else receive, told)
        except BodyTooLargeError:
            await _refuse(told, 413, "请求的内容太大")
        finally:
            self.running[client] -= 1
            if not self.running[client]:
                del self.running[client]

    def _sender(self, scope: dict[str, Any], send: Send, *, public: bool) -> Send:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = _with_headers(list(message.get("headers", [])), message["status"], scope)
                known = {name.lower() for name, _ in headers}
                if public and message["status"] == 200 and b"cache-control" not in known:  # noqa: PLR2004 - 200 is 200
                    headers.append(_KEPT)
                message = message | {"headers": headers}
            await send(message)

        return told


class BodyTooLargeError(Exception):
    """A request sends more than we read."""


def _with_headers(headers: list[tuple[bytes, bytes]], status: int, scope: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer with ours; what a page says of itself stays."""
    given = {name.lower(): value for name, value in headers}
    picture = given.get(b"content-type", b"").startswith(b"image/svg")
    ours = _HEADERS | {b"content-security-policy": (_CSP_OF_PICTURES if picture else _CSP).encode()}
    if not picture:
        ours |= dict([_FRAMES])
    if status >= 400:  # noqa: PLR2004 - errors
        ours[b"cache-control"] = b"no-store"
        headers = [pair for pair in headers if pair[0].lower() != b"cache-control"]
    if scope["method"] == "POST":
        ours.setdefault(b"cache-control", b"no-store")
    present = {name.lower() for name, _ in headers}
    replaced = [pair for pair in headers if pair[0].lower() != b"referrer-policy"]
    return replaced + [
        (name, value) for name, value in ours.items() if name not in present or name == b"referrer-policy"
    ]


def _hidden(path: str, *, public: bool) -> bool:
    """Tell whether a page of Datasette is not one of this site's."""
    name = path.removeprefix("/-/").removesuffix(".json").rstrip("/")
    return path.startswith(_UNUSED_FILES) or (
        path.startswith("/-/") and name in (_UNUSED | _INSIDE if public else _UNUSED)
    )


def _refused_method(scope: dict[str, Any]) -> tuple[int, str] | None:
    """Refuse what is neither reading nor asking for names: nothing here can be changed."""
    posted = scope["method"] == "POST" and _POSTED not in scope["path"]
    return (405, "没有这种请求") if posted or scope["method"] not in _METHODS else None


def refusal(scope: dict[str, Any]) -> tuple[int, str] | None:
    """Return status and reason where a request is not one a reader makes, None where it is."""
    path, query = scope.get("raw_path") or scope["path"].encode(), scope.get("query_string", b"")
    if len(path) + len(query) > LONGEST_ADDRESS:
        return 414, "地址太长"
    if any(name == b"content-length" and int(value) > LARGEST_BODY for name, value in scope.get("headers", [])):
        return 413, "请求的内容太大"
    lowered = path.lower()
    if b"\\" in path or b"%5c" in lowered or path.startswith(b"//") or lowered.startswith(b"/%2f"):
        return 400, "地址里有不该有的字符"
    return _refused_arguments(query)


def _refused_arguments(query: bytes) -> tuple[int, str] | None:
    if query.count(b"&") >= MOST_ARGUMENTS:
        return 400, "条件太多"
    arguments = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    if sum(name in {"_facet", "_facet_array", "_facet_date"} for name, _ in arguments) > MOST_FACETS:
        return 400, f"一次最多按 {MOST_FACETS} 列分类"
    if any(name in {"_timelimit", "_ttl", "_trace"} for name, _ in arguments):
        return 400, "这个参数在本站没有开放"
    return None


def _bounded(receive: Receive) -> Receive:
    """Return the same messages, or an error when the body is larger than we read."""
    total = 0

    async def received() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > LARGEST_BODY:
            raise BodyTooLargeError
        return message

    return received


async def _refuse(send: Send, status: int, reason: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    if status == 503:  # noqa: PLR2004 - busy
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{reason}\n".encode()})
