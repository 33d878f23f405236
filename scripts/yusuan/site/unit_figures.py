"""The figures of one unit: composition, flow, years, three public expenses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial

from yusuan.site import history
from yusuan.site.addresses import Addresses
from yusuan.site.asked import Asked
from yusuan.site.cells import brief_text, percent
from yusuan.site.charts import Bar, Column, Piece, bars, columns
from yusuan.site.figures import Figure, Heading, Line, share, sources
from yusuan.site.flow import Link, Node, flow
from yusuan.site.places import Place, summed
from yusuan.site.queries import Account, Books, Row
from yusuan.site.treemap import Tile, treemap

_MOST_TILES = 40
_PUBLIC = ("abroad", "vehicle-purchase", "vehicle-operation", "reception", "conference", "training")
_TOTAL = "total"
_YEARLY = ("expenditure", "basic", "project", "three-public")
#: The group of rows that are printed without a code.
_UNCODED = "没有编码"


def _asked(account: Account, asked: Asked) -> Asked:
    return Asked(units=(account.unit,), years=(account.year,), kind=account.kind, show=asked.show)


def _source(account: Account) -> str:
    return f"{account.name}《{account.title}》（{account.year} 年{account.kind}）"


async def composition(books: Books, at: Addresses, asked: Asked) -> Figure | None:
    """Return what the money is spent on, by functional item."""
    account, _ = await books.find(asked.unit, asked.year, asked.kind)
    rows = await books.functions(account) if account else []
    if not account or not rows:
        return None
    title = f"{account.name} {account.year} 年支出构成（按功能科目，合计 {brief_text(_sum(rows))} 万元）"
    note = "面积越大，金额越大；颜色是功能分类的“类”。"
    places = _items("expenditure_by_function", account, rows)
    return _areas("composition", title, note, rows, (account, at, asked), sources(books, at, places))


async def economic(books: Books, at: Addresses, asked: Asked) -> Figure | None:
    """Return what the basic expenditure is spent on, by economic item."""
    account, _ = await books.find(asked.unit, asked.year, asked.kind)
    rows = await books.economic(account) if account else []
    if not account or not rows:
        return None
    total = brief_text(_sum(rows))
    title = f"{account.name} {account.year} 年一般公共预算基本支出（按经济科目，合计 {total} 万元）"
    note = "只含一般公共预算的基本支出；颜色是经济分类的“类”，例如工资福利支出、商品和服务支出。"
    places = _items("basic_expenditure_by_economic", account, rows)
    return _areas("economic", title, note, rows, (account, at, asked), sources(books, at, places))


def _items(table: str, account: Account, rows: Sequence[Row]) -> dict[int, Place | None]:
    """Return where the amount of each item of an account comes from."""
    wheres = [{**account.where, "科目编码": str(row["科目编码"])} for row in rows]
    return {n: summed(table, "合计", row, where) for n, (row, where) in enumerate(zip(rows, wheres, strict=True))}


def _areas(
    name: str,
    title: str,
    note: str,
    rows: Sequence[Row],
    context: tuple[Account, Addresses, Asked],
    printed: Mapping[int, str],
) -> Figure:
    account, at, asked = context
    whole = _sum(rows)
    tiles = [
        Tile(
            _name(row),
            row["分"] or 0,
            percent(share(row["分"], whole)) if asked.show == "share" else brief_text(row["分"] or 0),
            row["类名称"] or row["类"] or _UNCODED,
            at.code(row["科目编码"]),
        )
        for row in rows
    ]
    lines = [
        Line(
            (_name(row), row["科目编码"], row["类名称"], row["分"], share(row["分"], whole)),
            at.code(row["科目编码"]),
            sources={3: printed[n]},
        )
        for n, row in sorted(enumerate(rows), key=lambda pair: -(pair[1]["分"] or 0))
    ]
    headings = (
        Heading("科目"),
        Heading("编码", "code"),
        Heading("类"),
        Heading("金额", "money"),
        Heading("占比", "share"),
    )
    draw = partial(treemap, _largest(tiles), label=title)
    return Figure(name, title, _source(account), _asked(account, asked), headings, tuple(lines), draw, note)


def _largest(tiles: Sequence[Tile]) -> list[Tile]:
    """Return as many tiles as can be told apart; the rest as one."""
    order = sorted(tiles, key=lambda tile: -tile.value)
    kept, rest = order[:_MOST_TILES], order[_MOST_TILES:]
    value = sum(tile.value for tile in rest)
    more = [Tile(f"其余 {len(rest)} 个科目", value, brief_text(value), "其余")] if value > 0 else []
    return kept + more


def _class(row: Row) -> str:
    """Return the code and the name of the class of a row."""
    return f"{row['类'] or ''}:{row['类名称'] or row['类'] or _UNCODED}"


def _name(row: Row) -> str:
    return str(row["科目名称"] or row["科目编码"] or _UNCODED)


def _sum(rows: Sequence[Row], key: str = "分") -> int:
    return sum(row[key] or 0 for row in rows)


async def flows(books: Books, at: Addresses, asked: Asked) -> Figure | None:
    """Return where the money comes from and where it goes: sources, functions, basic or project, economic classes."""
    account, _ = await books.find(asked.unit, asked.year, asked.kind)
    functions = await books.functions(account) if account else []
    if not account or not functions:
        return None
    links = _links(await books.sources(account), functions, await books.economic(account))
    nodes = _nodes(links, at)
    names = {node.key: node.label for node in nodes}
    title = f"{account.name} {account.year} 年的钱从哪里来、到哪里去"
    note = (
        "从左到右：资金来源、总计、功能分类的类、基本支出与项目支出、基本支出的经济分类。"
        "文档没有公布哪一笔收入用于哪一项支出，所以收入先汇到总计；经济分类只公布一般公共预算的基本支出。"
    )
    lines = tuple(Line((names[link.source], names[link.target], link.value)) for link in links)
    headings = (Heading("从"), Heading("到"), Heading("金额", "money"))
    draw = partial(flow, nodes, links, label=title)
    return Figure("flow", title, _source(account), _asked(account, asked), headings, lines, draw, note)


def _links(sources: Sequence[Row], functions: Sequence[Row], economic: Sequence[Row]) -> list[Link]:
    amounts: defaultdict[tuple[str, str], int] = defaultdict(int)
    for row in sources:
        amounts[f"source:{row['来源']}", _TOTAL] += row["分"] or 0
    for row in functions:
        key = f"function:{_class(row)}"
        amounts[_TOTAL, key] += row["分"] or 0
        for column, use in (("基本_分", "基本支出"), ("项目_分", "项目支出"), ("结转_分", "结转下年")):
            amounts[key, f"use:{use}"] += row[column] or 0
    basic, known = _sum(functions, "基本_分"), _sum(economic)
    if known <= basic:
        for row in economic:
            amounts["use:基本支出", f"economic:{_class(row)}"] += row["分"] or 0
        amounts["use:基本支出", "economic::没有公布经济分类"] += (basic - known) if known else 0
    return [Link(a, b, value, f"{brief_text(value)} 万元") for (a, b), value in amounts.items() if value > 0]


_STAGES = {"source": 0, _TOTAL: 1, "function": 2, "use": 3, "economic": 4}


def _nodes(links: Sequence[Link], at: Addresses) -> list[Node]:
    out: defaultdict[str, int] = defaultdict(int)
    into: defaultdict[str, int] = defaultdict(int)
    for link in links:
        out[link.source] += link.value
        into[link.target] += link.value
    keys = dict.fromkeys(key for link in links for key in (link.source, link.target))
    nodes = []
    for key in sorted(keys, key=lambda key: (_STAGES[key.split(":")[0]], -max(out[key], into[key]))):
        stage, *rest = key.split(":")
        code = rest[0] if len(rest) > 1 else ""
        said = brief_text(max(out[key], into[key]))
        nodes.append(
            Node(key, _STAGES[stage], rest[-1] if rest else "总计", said, at.code(code) if code else "")
        )  # fmt: skip
    return nodes


async def over_years(books: Books, at: Addresses, asked: Asked) -> Figure | None:
    """Return basic and project expenditure over the years; years known from the narrative alone are marked."""
    account, accounts = await books.find(asked.unit, asked.year, asked.kind)
    if not account:
        return None
    found = [year for year in await history.years(books, account, accounts) if year.fen.get("expenditure")]
    if not found:
        return None
    span = "—".join(dict.fromkeys((str(found[0].year), str(found[-1].year))))
    title = f"{account.name}历年支出（{span} 年，{account.kind}）"
    note = (
        "实心的柱子是当年文档印的数；虚线的柱子没有那一年的文档，数来自下一年文档的说明"
        "（原文写明，或由本年数和增减额推算）。"
    )
    lines = [
        Line(
            (
                f"{y.year}",
                *(y.fen.get(key) for key in _YEARLY),
                "下一年的说明" if y.derived else "当年文档",
            ),
            derived=(1, 2, 3, 4) if y.derived else (),
            sources=sources(books, at, {n: y.places.get(key) for n, key in enumerate(_YEARLY, 1)}),
        )
        for y in found
    ]
    headings = (
        Heading("年度"), Heading("支出总计", "money"), Heading("基本支出", "money"), Heading("项目支出", "money"),
        Heading("三公经费", "money"), Heading("数的来源"),
    )  # fmt: skip
    draw = partial(columns, [_column(y) for y in found], ("基本支出", "项目支出", "其他"), label=title)
    where = _asked(account, asked).but(years=())
    return Figure("years", title, account.name, where, headings, tuple(lines), draw, note)


def _column(year: history.Year) -> Column:
    total, basic, project = (year.fen.get(key) or 0 for key in ("expenditure", "basic", "project"))
    parts = [(basic, 0), (project, 1), (max(total - basic - project, 0), 2)]
    pieces = tuple(Piece(value, f"{brief_text(value)} 万元", part) for value, part in parts if value > 0)
    label = f"{year.year}（说明）" if year.derived else str(year.year)
    return Column(label, brief_text(total), pieces, year.derived)


async def three_public(books: Books, at: Addresses, asked: Asked) -> Figure | None:
    """Return the three public expenses and the two fees, this year and the year before."""
    account, accounts = await books.find(asked.unit, asked.year, asked.kind)
    if not account:
        return None
    found = {change.measure.key: change for change in await history.changes(books, account, accounts)}
    shown = [found[key] for key in _PUBLIC if found[key].now.fen is not None]
    if not shown:
        return None
    items = [
        Bar(
            c.measure.title, c.now.fen or 0, brief_text(c.now.fen or 0), at.ranking(c.measure.key, Asked(years=(account.year,))),
            c.before, "" if c.before is None else brief_text(c.before),
        )
        for c in shown
    ]  # fmt: skip
    lines = [
        Line((c.measure.title, c.now.fen, c.before, c.difference, c.rate, c.origin), at.ranking(c.measure.key),
             derived=(2, 3, 4) if c.origin == "推算" else (),
             sources=sources(books, at, {1: c.now.place, 2: c.place}))
        for c in shown
    ]  # fmt: skip
    headings = (
        Heading("费用"), Heading(f"{account.year} 年", "money"), Heading(f"{account.year - 1} 年", "money"),
        Heading("增减", "money"), Heading("增减率", "share"), Heading("上年数来源"),
    )  # fmt: skip
    total = found["three-public"].now.fen
    said = f"，三公经费合计 {brief_text(total)} 万元" if total is not None else ""
    title = f"{account.name} {account.year} 年三公经费、会议费、培训费{said}"
    note = "下面的浅色细条是上年。上年数来源为“推算”的，由本年数和说明里的增减额推出。"
    draw = partial(bars, items, label=title)
    where = _asked(account, asked)
    return Figure("three-public", title, _source(account), where, headings, tuple(lines), draw, note)
