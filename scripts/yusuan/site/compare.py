"""Comparisons of units or years, and rankings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from datasette.utils.asgi import NotFound, Response

from yusuan.site import set_figures
from yusuan.site.asked import SHOWS
from yusuan.site.cells import fen_text, percent
from yusuan.site.figures import mean, share
from yusuan.site.pages import Visit
from yusuan.site.queries import Account, Value

#: More rows than anybody reads side by side; the question about all of them is a table.
_MOST_ROWS = 500


async def compare(visit: Visit) -> Response:
    """Compare two or more units or years: every measure, and the functional classes."""
    accounts = await set_figures.compared(visit.books, visit.asked)
    measure = set_figures.measure_of(visit.books, visit.asked.measure)
    if measure is None:
        raise NotFound("没有这个指标")
    content: dict[str, Any] = {
        "accounts": [(set_figures.account_name(a), visit.at.unit(a.unit, a.year), a) for a in accounts],
        "measures": visit.catalogue.measures.values(),
        "measure": measure,
        "shows": SHOWS,
        "units": await visit.books.units(),
        "years": await visit.books.years(),
        "figures": await visit.figures("comparison"),
    }
    if accounts:
        content |= await _tables(visit, accounts)
    return await visit.page("compare.html", content)


async def year(visit: Visit) -> Response:
    """Set the units of one year side by side: a row for each document, a column for each measure."""
    wanted = int(visit.part("year"))
    years = await visit.books.years()
    if wanted not in years:
        raise NotFound("没有这一年的公开文档")
    found = await visit.books.of_year(wanted)
    shown = found[:_MOST_ROWS]
    values = await visit.books.values_of([account for account, _ in shown])
    measures = visit.catalogue.measures
    content = {
        "year": wanted,
        "years": years,
        "measures": measures.values(),
        "rows": [
            (
                account,
                place,
                visit.at.unit(account.unit, wanted),
                [_cell(v[key], None, None, "amount") for key in measures],
            )
            for (account, place), v in zip(shown, values, strict=True)
        ],
        "count": len(found),
    }
    return await visit.page("year.html", content)


async def _tables(visit: Visit, accounts: Sequence[Account]) -> dict[str, Any]:
    values = [await visit.books.values(account) for account in accounts]
    staff = await visit.books.staff(accounts)
    seats = [(staff.get(account.document) or {}).get("编制") for account in accounts]
    whole = [found["expenditure"].fen for found in values]
    show = visit.asked.show
    rows = [
        (measure, [_cell(v[key], w, s, show) for v, w, s in zip(values, whole, seats, strict=True)])
        for key, measure in visit.catalogue.measures.items()
    ]
    classes: dict[tuple[str, str], list[int]] = {}
    for number, account in enumerate(accounts):
        for row in await visit.books.functions(account):
            amounts = classes.setdefault((row["类"], row["类名称"] or row["类"]), [0] * len(accounts))
            amounts[number] += row["分"] or 0
    listed = [
        (name, code, [_cell(Value(a), w, s, show) for a, w, s in zip(amounts, whole, seats, strict=True)])
        for (code, name), amounts in sorted(classes.items(), key=lambda item: -max(item[1]))
    ]
    return {"rows": rows, "classes": listed, "seats": seats}


def _cell(value: Value, whole: int | None, seats: int | None, show: str) -> str:
    """Return one figure of the comparison as it is looked at, or why there is none."""
    if value.fen is None:
        return value.state
    if show == "share":
        return percent(share(value.fen, whole)) or "—"
    if show == "staff":
        each = mean(value.fen, seats)
        return "编制不明" if each is None else fen_text(each)
    return fen_text(value.fen)


async def rankings(visit: Visit) -> Response:
    """List what units are ranked by."""
    years = await visit.books.years()
    return await visit.page("rankings.html", {"measures": visit.catalogue.measures.values(), "years": years})


async def ranking(visit: Visit) -> Response:
    """Rank the units of a year by a measure."""
    measure = visit.catalogue.measures.get(visit.part("measure"))
    if measure is None:
        raise NotFound("没有这个排名")
    asked = visit.asked.but(measure=measure.key, units=(), code="")
    content = {
        "measure": measure,
        "measures": visit.catalogue.measures.values(),
        "shows": SHOWS,
        "years": await visit.books.years(),
        "document_kinds": await visit.books.kinds(),
        "places": sorted({row["区划名称"] for row in await visit.books.units()}),
        "figures": await visit.figures("ranking", asked=asked),
    }
    return await visit.page("ranking.html", content)
