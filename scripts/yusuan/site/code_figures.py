"""The figures of one code: who spends on it, what it is made of, how it went over the years."""

from __future__ import annotations

from functools import partial

from yusuan.site.addresses import Addresses
from yusuan.site.asked import Asked
from yusuan.site.catalogue import ECONOMIC, FUNCTIONAL, Classification
from yusuan.site.cells import brief_text, percent
from yusuan.site.charts import Bar, Column, Piece, bars, columns
from yusuan.site.figures import SHOWN, Figure, Heading, Line, share, sources
from yusuan.site.places import Place, summed
from yusuan.site.queries import Books, Row
from yusuan.site.treemap import Tile, treemap

_MOST_BARS = 30
#: What is printed with a code of this level and no finer one.
_UNCODED = "没有细分"


async def find_code(books: Books, code: str) -> tuple[Classification, Row] | None:
    """Return the classification a code belongs to, and its row there."""
    for kind in (FUNCTIONAL, ECONOMIC):
        if row := await books.code(kind, code):
            return kind, row
    return None


async def _found(books: Books, asked: Asked) -> tuple[Classification, Row, Asked, list[Row]] | None:
    """Return the code, the question with nothing left open, and what is spent on the code in each year."""
    known = await find_code(books, asked.code)
    if known is None:
        return None
    kind, code = known
    choices = [asked.kind] if asked.kind else await books.kinds()
    for document_kind in choices:
        rows = await books.code_years(kind, code, document_kind)
        years = [row["年度"] for row in rows]
        if years:
            year = asked.year if asked.year in years and asked.year else max(years)
            return kind, code, Asked(code=asked.code, years=(year,), kind=document_kind, show=asked.show), rows
    return None


async def settled(books: Books, asked: Asked) -> tuple[Asked, list[int]] | None:
    """Return the question with the year and kind that are shown, and the years there are."""
    found = await _found(books, asked)
    return (found[2], sorted((row["年度"] for row in found[3]), reverse=True)) if found else None


def _title(code: Row) -> str:
    return f"{code['科目编码']} {code['科目名称'] or ''}".strip()


async def spenders(books: Books, at: Addresses, asked: Asked) -> Figure | None:
    """Return which units spend on the code in a year, most first."""
    found = await _found(books, asked)
    if not found:
        return None
    kind, code, where, _ = found
    rows = await books.spenders(kind, code, where.kind, where.year or 0)
    by_share = asked.show == "share"
    order = sorted(rows, key=lambda row: -((share(row["分"], row["全部_分"]) or 0) if by_share else row["分"]))
    items = [_bar(row, at, where, by_share=by_share) for row in order[:_MOST_BARS]]
    lines = [
        Line(
            (row["单位名称"], row["区划名称"], row["分"], share(row["分"], row["全部_分"])),
            at.unit(row["单位"], where.year),
            sources=sources(books, at, {2: _place(kind, code, row) if n < SHOWN else None}),
        )
        for n, row in enumerate(order)
    ]
    headings = (Heading("单位"), Heading("地方"), Heading("金额", "money"), Heading("占本单位支出", "share"))
    title = f"{where.year} 年哪些单位在“{_title(code)}”上花钱（{where.kind}）"
    note = f"图中为前 {_MOST_BARS} 个单位，更多见表。" if len(rows) > _MOST_BARS else ""
    draw = partial(bars, items, label=title)
    source = f"{len(rows)} 个单位的{where.kind}公开文档"
    return Figure("spenders", title, source, where, headings, tuple(lines), draw, note)


def _place(kind: Classification, code: Row, row: Row) -> Place:
    """Return where what a unit spends on a code comes from."""
    where = {"文件": row["文件"], "单位": row["单位"], kind.column(code["层级"]): code["科目编码"]}
    return summed(kind.table, "合计", row, where)


def _bar(row: Row, at: Addresses, where: Asked, *, by_share: bool) -> Bar:
    part = share(row["分"], row["全部_分"])
    value, said = (round((part or 0) * 1000), percent(part)) if by_share else (row["分"], brief_text(row["分"]))
    return Bar(row["单位名称"], value, said, at.unit(row["单位"], where.year))


async def parts(books: Books, at: Addresses, asked: Asked) -> Figure | None:
    """Return what a class or group is made of, one level below."""
    found = await _found(books, asked)
    if not found:
        return None
    kind, code, where, _ = found
    rows = await books.parts(kind, code, where.kind, where.year or 0)
    if not rows:
        return None
    whole = sum(row["分"] or 0 for row in rows)
    named = [(str(row["科目名称"] or row["科目编码"] or _UNCODED), row) for row in rows]
    by_share = asked.show == "share"
    tiles = [
        Tile(
            name,
            row["分"] or 0,
            percent(share(row["分"], whole)) if by_share else brief_text(row["分"] or 0),
            name,
            at.code(row["科目编码"]),
        )
        for name, row in named
    ]
    lines = [
        Line((name, row["科目编码"], row["分"], share(row["分"], whole)), at.code(row["科目编码"]))
        for name, row in named
    ]
    headings = (Heading("下级科目"), Heading("编码", "code"), Heading("金额", "money"), Heading("占比", "share"))
    title = f"“{_title(code)}”由什么组成：{where.year} 年合计 {brief_text(whole)} 万元（{where.kind}）"
    draw = partial(treemap, tiles, label=title)
    return Figure("parts", title, "各单位的公开文档", where, headings, tuple(lines), draw)


async def code_years(books: Books, at: Addresses, asked: Asked) -> Figure | None:  # noqa: ARG001 - as every maker is called
    """Return how much all units together spend on the code in each year."""
    found = await _found(books, asked)
    if not found:
        return None
    _, code, where, rows = found
    shown = [
        Column(
            f"{row['年度']}（{row['单位数']} 个单位）",
            brief_text(row["分"]),
            (Piece(row["分"], f"{brief_text(row['分'])} 万元", 0),),
        )
        for row in rows
    ]
    lines = tuple(Line((str(row["年度"]), row["单位数"], row["分"])) for row in rows)
    headings = (Heading("年度"), Heading("单位数", "count"), Heading("金额", "money"))
    title = f"历年在“{_title(code)}”上的支出（{where.kind}）"
    note = "各年收录的单位多少不同，合计不能直接比较；要比较，请看同一个单位的历年。"
    draw = partial(columns, shown, ("金额",), label=title)
    return Figure(
        "code-years", title, "各单位的公开文档", where, headings, lines, draw, note
    )  # fmt: skip
