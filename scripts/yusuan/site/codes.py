"""The page of a code of the functional or economic classification, at each level, and the list of codes."""

from __future__ import annotations

from datasette.utils.asgi import NotFound, Response

from yusuan.site import code_figures
from yusuan.site.catalogue import ECONOMIC, FUNCTIONAL, Classification
from yusuan.site.pages import Visit
from yusuan.site.queries import Row


async def codes(visit: Visit) -> Response:
    """List the codes that occur, those below under those above."""
    trees = [(kind, await visit.books.codes(kind)) for kind in (FUNCTIONAL, ECONOMIC)]
    return await visit.page("codes.html", {"trees": trees})


async def code(visit: Visit) -> Response:
    """Show who spends on a code, what it is made of, and how it went over the years."""
    found = await code_figures.find_code(visit.books, visit.part("code"))
    if found is None:
        raise NotFound("没有这个科目")
    kind, row = found
    asked = visit.asked.but(code=row["科目编码"], units=())
    settled = await code_figures.settled(visit.books, asked)
    shown = await visit.figures("spenders", "parts", "code-years", asked=settled[0] if settled else asked)
    content = {
        "code": row,
        "kind": kind,
        "above": await _above(visit, kind, row),
        "figures": {item["figure"].name: item for item in shown},
        "settled": settled[0] if settled else None,
        "years": settled[1] if settled else [],
        "document_kinds": await visit.books.kinds(),
        "table": visit.at.table(kind.table, f"{kind.column(row['层级'])}={row['科目编码']}"),
    }
    return await visit.page("code.html", content)


async def _above(visit: Visit, kind: Classification, row: Row) -> list[Row]:
    """Return the codes above, the class first."""
    above: list[Row] = []
    seen = {row["科目编码"]}
    while (parent := row["上级科目"]) and parent not in seen:
        seen.add(parent)
        found = await visit.books.code(kind, parent)
        if found is None:
            break
        row = found
        above.insert(0, row)
    return above
