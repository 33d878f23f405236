"""The figures of several units: a comparison, a ranking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from yusuan.site.addresses import Addresses
from yusuan.site.asked import Asked
from yusuan.site.catalogue import Measure
from yusuan.site.cells import brief_text, fen_text, percent
from yusuan.site.charts import Bar, bars
from yusuan.site.figures import SHOWN, Figure, Heading, Line, mean, share, sources
from yusuan.site.places import Place, summed
from yusuan.site.queries import Account, Books, Row

_MOST_BARS = 30
_FIRST = "expenditure"


def measure_of(books: Books, key: str) -> Measure | None:
    """Return the measure of that name, the first one where none is named, none where there is no such measure."""
    return books.catalogue.measures.get(key or _FIRST)


async def compared(books: Books, asked: Asked) -> list[Account]:
    """Return what is compared: each unit in each year asked for, in its latest year where none is."""
    accounts = []
    for unit in asked.units:
        for year in asked.years or (None,):
            account, _ = await books.find(unit, year, asked.kind)
            accounts += [account] if account else []
    return accounts


def account_name(account: Account) -> str:
    """Return what a column of a comparison is called."""
    return f"{account.name} {account.year} 年" + ("" if account.kind == "单位预算" else f"（{account.kind}）")


async def comparison(books: Books, at: Addresses, asked: Asked) -> Figure | None:
    """Return one measure of the units compared."""
    measure, accounts = measure_of(books, asked.measure), await compared(books, asked)
    if measure is None or not accounts:
        return None
    staff = await books.staff(accounts)
    found = [(account, await books.values(account)) for account in accounts]
    items, lines = [], []
    for account, values in found:
        seats = (staff.get(account.document) or {}).get("编制")
        whole = values[_FIRST].fen
        value = values[measure.key].fen
        bar = _looked_at(value, whole, seats, asked.show)
        url = at.unit(account.unit, account.year)
        if bar is not None:
            items.append(Bar(account_name(account), bar[0], bar[1], url))
        shown = (account_name(account), value, share(value, whole), seats, mean(value, seats))
        lines.append(Line(shown, url, sources=sources(books, at, {1: values[measure.key].place})))
    headings = (
        Heading("单位"), Heading(measure.title, "money"), Heading("占支出总计", "share"), Heading("编制", "count"),
        Heading("人均", "mean"),
    )  # fmt: skip
    way = {"amount": "", "share": "占支出总计的比重", "staff": "（按编制人均）"}[asked.show]
    title = f"{measure.title}{way}比较"
    note = "没有写明编制的文档算不出人均。" if asked.show == "staff" else measure.description
    draw = partial(bars, items, label=title)
    where = asked.but(measure=measure.key, code="", place="")
    source = "、".join(dict.fromkeys(account.name for account in accounts)) + "的公开文档"
    return Figure("comparison", title, source, where, headings, tuple(lines), draw, note)


def _looked_at(value: int | None, whole: int | None, seats: int | None, show: str) -> tuple[int, str] | None:
    """Return the length of a bar and its words, none where it cannot be said."""
    if value is None:
        return None
    if show == "share":
        part = share(value, whole)
        return None if part is None else (round(part * 1000), percent(part))
    if show == "staff":
        each = mean(value, seats)
        return None if each is None else (each, fen_text(each))
    return value, brief_text(value)


#: What a ranking of all documents leaves out, said under it.
_ONCE = "预算和决算不混排（先看预算）；部门的文档已经包含所属单位的，单位自己的文档不再重复列出，选“文档”可以单看。"


async def ranking(books: Books, at: Addresses, asked: Asked) -> Figure | None:
    """Return the units of a year in the order of a measure."""
    measure, years = measure_of(books, asked.measure), await books.years()
    if measure is None or not years:
        return None
    year = asked.year if asked.year in years else years[0]
    where = asked.but(measure=measure.key, years=(year,), units=(), code="")
    rows = _wanted(await books.ranking(measure, year), where)
    every = await books.ranking(books.catalogue.measures[_FIRST], year) if where.show == "share" else []
    whole = {(row["文件"], row["单位"]): row["分"] for row in every}
    looked = [
        (row, _looked_at(row["分"], whole.get((row["文件"], row["单位"])), row["编制"], where.show)) for row in rows
    ]
    order = sorted(((row, bar) for row, bar in looked if bar), key=lambda pair: -pair[1][0])
    items = [
        Bar(f"{n}. {row['单位名称']}", bar[0], bar[1], at.unit(row["单位"], year))
        for n, (row, bar) in enumerate(order[:_MOST_BARS], 1)
    ]
    places = [_place(measure, row) for row, _ in order[:SHOWN]] + [None] * len(order[SHOWN:])
    lines = tuple(
        _line(at, row, bar[1], sources(books, at, {3: place})) for (row, bar), place in zip(order, places, strict=True)
    )
    way = {"amount": "金额", "share": "占支出总计", "staff": "人均"}[where.show]
    headings = (
        Heading("单位"), Heading("地方"), Heading("文档"), Heading(measure.title, "money"), Heading("编制", "count"),
        Heading(f"排序依据：{way}", "number"),
    )  # fmt: skip
    shown = {"amount": "", "share": "（占支出总计）", "staff": "（按编制人均）"}[where.show]
    title = f"{year} 年{measure.title}排名{shown}"
    note = (
        measure.description
        + ("" if where.kind else _ONCE)
        + (f"图中为前 {_MOST_BARS} 名，更多见表。" if len(order) > _MOST_BARS else "")
    )
    draw = partial(bars, items, label=title)
    source = f"{len(order)} 份公开文档"
    return Figure("ranking", title, source, where, headings, lines, draw, note)


def _line(at: Addresses, row: Row, said: str, led: Mapping[int, str]) -> Line:
    shown = (row["单位名称"], row["区划名称"], row["类型"], row["分"], row["编制"], said)
    return Line(shown, at.unit(row["单位"], row["年度"]), sources=led)


def _place(measure: Measure, row: Row) -> Place:
    """Return where the figure of a unit comes from."""
    return summed(measure.table, measure.column, row, {"文件": row["文件"], "单位": row["单位"]})


def _wanted(rows: Sequence[Row], asked: Asked) -> list[Row]:
    """Return the rows of a kind of document; where none is asked for, of one phase and no money twice."""
    phase = max((row["阶段"] for row in rows), default="")  # 预算 sorts behind 决算
    return [
        row
        for row in rows
        if (row["类型"] == asked.kind if asked.kind else row["阶段"] == phase and row["计入合计"] == "是")
        and asked.place in {"", row["区划名称"]}
    ]
