"""The page of a unit, of one year, and the list of units."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from datasette.utils.asgi import NotFound, Response

from yusuan.site import history
from yusuan.site.asked import Asked
from yusuan.site.execution import execution
from yusuan.site.pages import Visit
from yusuan.site.places import Place, summed
from yusuan.site.queries import Account, Row
from yusuan.values import name_key

_SHOWN = 12
_FIGURES = ("composition", "flow", "years", "three-public", "economic")


async def units(visit: Visit) -> Response:
    """List the units by place."""
    rows = await visit.books.units()
    places = [(place, list(found)) for place, found in groupby(rows, key=lambda row: row["区划名称"])]
    return await visit.page("units.html", {"places": places, "count": len(rows)})


async def unit(visit: Visit) -> Response:
    """Show a unit: this year's figures, what they are made of, history, projects, findings, documents."""
    key, year = visit.part("unit"), visit.part("year")
    known = await visit.books.unit(key)
    if known is None:
        return await _moved(visit, key)
    account, accounts = await visit.books.find(key, int(year) if year else None, visit.asked.kind)
    if account is None and accounts and (year or visit.asked.kind):  # one without accounts is in its department's
        raise NotFound("没有这个单位这一年的公开文档")
    content: dict[str, Any] = {"unit": known, "account": account, "accounts": accounts, "asked_year": year}
    if account:
        content |= await _figures(visit, account, accounts)
        content |= await _lists(visit, account)
        content["execution"] = await execution(visit.books, account, accounts)
    return await visit.page("unit.html", content)


async def _moved(visit: Visit, key: str) -> Response:
    """Lead from the key that a unit had by its name to the one it has since a document printed its code."""
    year = visit.part("year")
    for row in await visit.books.units():
        if key in {f"{row['单位'].split('-')[0]}-{name_key(row['单位名称'], scope)}" for scope in ("部门", "单位")}:
            return Response.redirect(visit.at.unit(row["单位"], int(year) if year else None), 301)
    raise NotFound("没有这个单位")


async def _figures(visit: Visit, account: Account, accounts: Sequence[Account]) -> dict[str, Any]:
    asked = Asked(units=(account.unit,), years=(account.year,), kind=account.kind, show=visit.asked.show)
    shown = await visit.figures(*_FIGURES, asked=asked)
    changes = await history.changes(visit.books, account, accounts)
    kinds = dict.fromkeys(other.kind for other in accounts if other.year == account.year)
    years = dict.fromkeys(other.year for other in accounts)
    return {
        "figures": {item["figure"].name: item for item in shown},
        "changes": [change for change in changes if change.now.fen is not None or change.before is not None],
        "missing": [change for change in changes if change.now.fen is None and change.before is None],
        "derived": any(change.origin == "推算" for change in changes),
        "kinds": [(kind, visit.at.unit(account.unit, account.year, Asked(kind=kind))) for kind in kinds],
        "years": [(year, visit.at.unit(account.unit, year)) for year in years],
        "compare": visit.at.compare(Asked(units=(account.unit,), years=tuple(years)[:2])),
    }


async def _lists(visit: Visit, account: Account) -> dict[str, Any]:
    books, at = visit.books, visit.at
    where = {"文件": account.document} if account.own else {"文件": account.document, "单位": account.unit}
    projects = await books.rows("project", account, "预算资金总额_分 desc")
    purchases = await books.rows("procurement_line", account, "金额_分 desc")
    operations = await books.rows("agency_operations", account, "金额_分 desc")
    findings = await books.findings(account)
    return {
        "shown": _SHOWN,
        "projects": [(_at(row, "project", "预算资金总额"), at.project(row["键"])) for row in projects],
        "purchases": [_at(row, "procurement_line", "金额") for row in purchases[:_SHOWN]],
        "purchase_count": len(purchases),
        "purchases_url": at.table("procurement_line", urlencode(where)),
        "projects_url": at.table("project", urlencode(where)),
        "operations": [_at(row, "agency_operations", "金额") for row in operations],
        "operations_url": at.table("agency_operations", urlencode(where)),
        "staffing": [_said(row, "staffing") for row in await books.rows("staffing", account, "序")],
        "vehicles": [_said(row, "vehicles") for row in await books.rows("vehicles", account, "序")],
        "members": [(_spent(row, account), at.unit(row["单位"], account.year)) for row in await books.members(account)],
        "findings": findings[:_SHOWN],
        "graded": _graded(findings),
        "findings_url": at.document(account.document, anchor="findings"),
        "quality": await _quality(visit, account),
        "document": (await books.ask("select * from documents where 文件 = :document", account.parameters))[0],
        "document_url": at.document(account.document),
    }


def _at(row: Row, table: str, column: str) -> Row:
    return row | {"place": Place(table, (str(row["键"]),), column)}


def _said(row: Row, table: str) -> Row:
    return row | {"place": Place(table, (str(row["文件"]), str(row["序"])))}


def _spent(row: Row, account: Account) -> Row:
    where = {"文件": account.document, "单位": str(row["单位"])}
    return row | {"place": summed("expenditure_by_function", "合计", row, where)}


def _graded(findings: Sequence[Row]) -> dict[str, int]:
    """Return how many findings of each severity nobody has settled."""
    return {
        name: sum(row["严重程度"] == severity and row["处理"] == "未处理" for row in findings)
        for severity, name in (("error", "错误"), ("warning", "警告"))
    }


async def _quality(visit: Visit, account: Account) -> list[tuple[str, str, Any]]:
    """Return what is known about the quality of the document: name, meaning, value."""
    rows = await visit.books.ask("select * from quality where 文件 = :document", account.parameters)
    known = {"文件", "年度", "单位", "缺表"}
    return [
        (name, visit.catalogue.explanation("quality", name), value)
        for row in rows
        for name, value in row.items()
        if name not in known and value is not None
    ]
