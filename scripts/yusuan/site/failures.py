"""Error pages: a Chinese sentence, what to do next, and never a traceback."""

from __future__ import annotations

import json
import logging
import re
import sqlite3
from dataclasses import asdict, dataclass

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.utils.asgi import Request, Response
from datasette.views.base import DatasetteError

_LOG = logging.getLogger(__name__)
_REFUSED = 400
_FAULT = 500
_WORDS = {
    _REFUSED: ("请求无法执行", "检查地址中的列名、筛选条件和数值，或者清除条件重新选择。"),
    403: ("没有权限", "这项内容或操作在本站没有开放。"),
    503: ("暂时不能回答", "请过几分钟再试。"),
    404: ("没有这个页面", "地址可能写错了，或者内容已经改名。请从首页重新查找。"),
    _FAULT: ("网站出了问题", "请稍后再试；如果一直如此，请把本页地址告诉网站的维护者。"),
}
#: Titles Datasette gives to failures of SQL.
_TITLED = {
    "Invalid SQL": ("查询无法执行", "检查列名、条件和 SQL 的写法。"),
    "SQL Interrupted": ("查询时间过长，已停止", "请加上筛选条件，缩小范围后再试。"),
}
#: What goes wrong in Datasette and in the database only because of what was asked.
_OF_REQUESTS = (
    DatasetteError,
    json.JSONDecodeError,
    sqlite3.ProgrammingError,
    sqlite3.InterfaceError,
    OverflowError,
)
#: What Datasette and SQLite say about a request, and how we say it; anything else is shown as it is.
_SAYINGS = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"Cannot use _sort and _sort_desc at the same time", "_sort 和 _sort_desc 只能用一个"),
        (r"Cannot sort table by (.*)", "没有“{}”这一列，不能按它排序"),
        (r"(_(?:no)?col)=(.*) - invalid columns", "{}：没有“{}”这一列"),
        (r"_size must be a positive integer", "_size 应当是正整数"),
        (r"_size must be <= (\d+)", "_size 不能超过 {}"),
        (r"Invalid _shape: (.*)", "没有“{}”这种 _shape"),
        (r"_next not allowed for CSV streaming", "取全部的行时不能再用 _next"),
        (r"Statement must be a SELECT", "只能查询：应当是 SELECT 语句"),
        (r"no such table: (.*)", "没有“{}”这张表"),
        (r"no such column: (.*)", "没有“{}”这一列"),
        (r"ambiguous column name: (.*)", "“{}”在几张表里都有，要写明是哪一张"),
        (r"no such function: (.*)", "没有“{}”这个函数"),
        (r'near "(.*)": syntax error', "“{}”附近写得不对"),
        (r"incomplete input", "没有写完"),
        (r'unrecognized token: "(.*)"', "不认识“{}”"),
        (r"You did not supply a value for binding.*", "有的参数没有给出值"),
    )
)
#: What SQLite says when a limit or the guard of a public site stopped a query.
_REFUSALS = ("not authorized", "prohibited", "interrupted", "too big", "too many", "out of memory")


@dataclass(frozen=True, slots=True)
class Failure:
    """What an error page says."""

    status: int
    title: str
    hint: str
    detail: str = ""


def explain(exception: Exception) -> Failure:
    """Return what to tell the reader about an exception; details only of their own requests."""
    if _asked_too_much(exception):
        title, hint = _TITLED["SQL Interrupted"]
        return Failure(_REFUSED, title, hint)
    status = _status(exception)
    known = status if status in _WORDS else _FAULT if status >= _FAULT else _REFUSED
    titled = _TITLED.get(str(getattr(exception, "title", "")))
    title, hint = titled or _WORDS[known]
    html = getattr(exception, "message_is_html", False)
    said = str(getattr(exception, "message", "") or exception)
    return Failure(status, title, hint, in_chinese(said) if known == _REFUSED and not html else "")


def in_chinese(said: object) -> str:
    """Return in Chinese what Datasette or SQLite say about a request, as it is where we do not know it."""
    for pattern, words in _SAYINGS:
        if found := pattern.fullmatch(str(said)):
            return words.format(*found.groups())
    return str(said)


def _asked_too_much(exception: Exception) -> bool:
    """Tell whether a limit of the database stopped a request: of time, memory, length, or of what may be read."""
    if isinstance(exception, QueryInterrupted | MemoryError | sqlite3.DataError):
        return True
    said = str(exception)
    return isinstance(exception, sqlite3.Error) and any(word in said for word in _REFUSALS)


def _status(exception: Exception) -> int:
    """Return the HTTP status; Datasette calls some wrong requests, such as an unknown order, its own fault."""
    status = int(getattr(exception, "status", _FAULT))
    wrong_request = isinstance(exception, _OF_REQUESTS)
    return _REFUSED if status == _FAULT and wrong_request else status


async def respond(datasette: Datasette, request: Request, exception: Exception) -> Response:
    """Return the error page, or JSON where JSON was asked for; our own faults go to the log."""
    failure = explain(exception)
    if failure.status >= _FAULT:
        _LOG.error("%s %s", request.method, request.path, exc_info=exception)
    if request.path.endswith(".json"):
        told = "：".join(filter(None, (failure.title, failure.detail)))
        content = {"ok": False, "error": told, "status": failure.status, "title": failure.title}
        return Response.json(content, status=failure.status)
    page = await datasette.render_template("error.html", {"failure": asdict(failure)}, request=request)
    return Response.html(page, status=failure.status)
