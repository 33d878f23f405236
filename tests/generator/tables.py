"""The twelve tables of a budget, as they are printed in Guangxi; headers are those of the layout's own file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import yaml

from yusuan.spec import DEFAULT_ROOT, Specs

from .budget import (
    ABROAD,
    CLASSES,
    DRIVING,
    FISCAL,
    FUNDS,
    MEETING,
    RECEPTION,
    TRAINING,
    Budget,
    Fund,
    Item,
    Purchase,
    Unit,
    money,
    total,
)
from .disclosure import PrintedTable, header_tree

_LAYOUT = "guangxi-2026"
_NUMERALS = "一二三四五六七八九十"
#: Tables with a row of column numbers.
_INDEXED = frozenset({2, 5, 7, 8, 9, 10, 11})
_NIL = {8: "政府性基金预算支出", 9: "国有资本经营预算支出", 10: "政府采购预算支出", 11: "政府购买服务预算支出"}
_NIL |= {12: "项目支出"}

Amounts = Sequence[int]
Rows = Iterator[tuple[str, ...]]


def make_tables(budget: Budget, specs: Specs) -> tuple[PrintedTable, ...]:
    """Return the twelve tables."""
    layout = yaml.safe_load((DEFAULT_ROOT / "layouts" / f"{_LAYOUT}.yml").read_text("utf-8"))
    return tuple(_make(number, name, table, budget, specs) for number, (name, table) in _numbered(layout["tables"]))


def _numbered(tables: dict[str, dict[str, object]]) -> Iterator[tuple[int, tuple[str, dict[str, object]]]]:
    yield from enumerate(tables.items(), 1)


def _make(number: int, name: str, layout: dict[str, object], budget: Budget, specs: Specs) -> PrintedTable:
    columns, titles = layout["columns"], layout["titles"]
    if not isinstance(columns, dict) or not isinstance(titles, list):
        raise TypeError(name)
    spellings = [value if isinstance(value, str) else value[0] for value in columns.values()]
    amounts = [i for i, field in enumerate(columns) if field in specs.tables[name].measures]
    rows = tuple(_ROWS[number](budget))
    index = [""] * len(spellings)
    for i, column in enumerate(amounts, 1):
        index[column] = str(i)
    nil = len(rows) == 1
    return PrintedTable(
        title=next((t for t in titles if t.startswith(budget.scope)), titles[0]),
        header=header_tree([spelling.split("/") for spelling in spellings]),
        rows=rows,
        amounts=frozenset(amounts),
        number=f"预算公开{number:02}表",
        organisation=f"{budget.code}{budget.name}",
        index=tuple(index) if number in _INDEXED else (),
        note=_note(number, budget, nil=nil),
    )


def _note(number: int, budget: Budget, *, nil: bool) -> str | None:
    if nil:
        return f"本{budget.scope}{budget.year}年没有{_NIL.get(number, '这类支出')}，故本表无数据。"
    return "本套报表金额单位转换时可能存在四舍五入尾数误差。" if number == 1 else None


def numeral(number: int) -> str:
    """Return a number below 100 in Chinese."""
    tens, ones = divmod(number, 10)
    first = "" if tens == 0 else "十" if tens == 1 else _NUMERALS[tens - 1] + "十"
    return first + (_NUMERALS[ones - 1] if ones else "")


# ---------------------------------------------------------------------------------- sums over a budget


def of_funds(items: Iterable[Item], funds: Sequence[Fund]) -> list[Item]:
    """Return the items paid from these funds."""
    return [item for item in items if item.fund in funds]


def by_class(items: Iterable[Item]) -> dict[str, int]:
    """Return what is spent in each class, in order, zeros included."""
    spent = dict.fromkeys(CLASSES, 0)
    for item in items:
        spent[item.code[:3]] += item.spent
    return spent


def carried(units: Iterable[Unit], fund: Fund) -> int:
    """Return what came from the year before."""
    return total(unit.carried.get(fund, 0) for unit in units)


def received(units: Sequence[Unit], fund: Fund) -> int:
    """Return the revenue of this year: what is spent or left, less what was there."""
    items = of_funds((item for unit in units for item in unit.items), [fund])
    return total(item.spent + item.left for item in items) - carried(units, fund)


def economic(units: Iterable[Unit], prefix: str) -> int:
    """Return the sum of the economic items whose code begins so."""
    return total(amount for unit in units for code, amount in unit.economic.items() if code.startswith(prefix))


# ------------------------------------------------------------------------------------------------ 表1, 表4


def _side_by_side(left: Sequence[tuple[str, int]], right: Sequence[tuple[str, int]], last: int) -> Rows:
    """Two lists beside each other, their last `last` items on the same rows, the shorter padded above these."""
    length = max(len(left), len(right))
    sides = []
    for side in (left, right):
        padded = [*side[: len(side) - last], *[("", -1)] * (length - len(side)), *side[len(side) - last :]]
        sides.append(padded)
    for (name, amount), (other, spent) in zip(*sides, strict=True):
        yield name, "" if amount < 0 else money(amount), other, "" if spent < 0 else money(spent)


def _t01(budget: Budget) -> Rows:
    units, now = budget.units, {fund: received(budget.units, fund) for fund in FUNDS}
    left = [("一、一般公共预算拨款", now["一般公共预算"]), *_shares(now["一般公共预算"], bonds="一般债券收入")]
    left += [("二、政府性基金预算拨款", now["政府性基金预算"]), *_shares(now["政府性基金预算"], bonds="专项债券收入")]
    left += [("三、国有资本经营预算拨款", now["国有资本经营预算"]), *_shares(now["国有资本经营预算"])]
    left += [("四、财政专户管理资金", now["财政专户管理资金"]), ("五、单位资金", now["单位资金"])]
    own = ("事业收入", "事业单位经营收入", "上级补助收入", "附属单位上缴收入", "其他收入")
    parts = [now["单位资金"] - now["单位资金"] // 3, 0, 0, 0, now["单位资金"] // 3]
    left += [(f"（{numeral(i)}）{name}", part) for i, (name, part) in enumerate(zip(own, parts, strict=True), 1)]
    before = total(carried(units, fund) for fund in FUNDS)
    left += [("本年收入合计", total(now.values())), ("上年结转结余", before)]
    left += [("收入总计", total(now.values()) + before)]
    spent = by_class(budget.items)
    right = [(f"{numeral(i)}、{budget.names[c]}", amount) for i, (c, amount) in enumerate(spent.items(), 1)]
    kept = total(item.left for item in budget.items)
    right += [("本年支出合计", total(spent.values())), ("结转下年支出", kept)]
    right += [("支出总计", total(spent.values()) + kept)]
    yield from _side_by_side(left, right, 3)


def _shares(amount: int, bonds: str | None = None, *, marks: str = "（{}）") -> list[tuple[str, int]]:
    """Divide an appropriation into 上级补助, 本级 and bonds."""
    names = ["上级补助", "本级", *([bonds] if bonds else [])]
    parts = [amount // 5, amount - amount // 5, 0]
    numbers = [numeral(i) if "（" in marks else str(i) for i in range(1, len(names) + 1)]
    return [(marks.format(n) + name, part) for n, name, part in zip(numbers, names, parts, strict=False)]


def _t04(budget: Budget) -> Rows:
    now = {fund: received(budget.units, fund) for fund in FISCAL}
    before = {fund: carried(budget.units, fund) for fund in FISCAL}
    left = [("一、本年收入", total(now.values()))]
    for i, (fund, bonds) in enumerate(zip(FISCAL, ("一般债券收入", "专项债券收入", None), strict=True), 1):
        left += [(f"（{numeral(i)}）{fund}", now[fund]), *_shares(now[fund], bonds, marks="{}、")]
    left += [("二、上年结转结余", total(before.values()))]
    left += [(f"（{numeral(i)}）{fund}", before[fund]) for i, fund in enumerate(FISCAL, 1)]
    left += [("收入总计", total(now.values()) + total(before.values()))]
    fiscal = of_funds(budget.items, FISCAL)
    spent = by_class(fiscal)
    right = [("一、本年支出", total(spent.values()))]
    right += [(f"（{numeral(i)}）{budget.names[c]}", amount) for i, (c, amount) in enumerate(spent.items(), 1)]
    kept = total(item.left for item in fiscal)
    right += [("二、结转下年支出", kept), ("支出总计", total(spent.values()) + kept)]
    yield from _side_by_side(left, right, 1)


# -------------------------------------------------------------------------------- tables by organisation


def _t02(budget: Budget) -> Rows:
    def row(code: str, name: str, units: Sequence[Unit]) -> tuple[str, ...]:
        now, before = [received(units, fund) for fund in FUNDS], [carried(units, fund) for fund in FUNDS]
        numbers = [total(now) + total(before), total(now), *now, total(before), *before]
        return code, name, *map(money, numbers)

    yield row("合计", "", budget.units)
    yield row(budget.department_code, budget.department, budget.units)
    for unit in budget.units:
        yield row(unit.code, unit.name, [unit])


def _hierarchy(
    budget: Budget, chosen: Callable[[Unit], Sequence[Item]], numbers: Callable[[Sequence[Item]], Amounts]
) -> Rows:
    """合计, 部门, then each unit with its items; only the total where there is nothing."""
    every = [item for unit in budget.units for item in chosen(unit)]
    yield "合计", "", "", *map(money, numbers(every))
    if not every:
        return
    yield "", budget.department_code, budget.department, *map(money, numbers(every))
    for unit in budget.units:
        own = chosen(unit)
        if own:
            yield "", unit.code, unit.name, *map(money, numbers(own))
        for item in own:
            yield item.code, "", item.name, *map(money, numbers([item]))


def _t03(budget: Budget) -> Rows:
    def numbers(items: Sequence[Item]) -> Amounts:
        basic, project = total(i.basic for i in items), total(i.project for i in items)
        left = total(i.left for i in items)
        return basic + project + left, basic, project, left

    yield from _hierarchy(budget, lambda unit: unit.items, numbers)


def _t05(budget: Budget) -> Rows:
    def numbers(items: Sequence[Item]) -> Amounts:
        people, public = total(i.personnel for i in items), total(i.public for i in items)
        project = total(i.project for i in items)
        return people + public + project, people + public, people, public, project

    yield from _hierarchy(budget, lambda unit: of_funds(unit.items, FISCAL[:1]), numbers)


def _t08(budget: Budget, fund: Fund = "政府性基金预算") -> Rows:
    def numbers(items: Sequence[Item]) -> Amounts:
        basic, project = total(i.basic for i in items), total(i.project for i in items)
        return basic + project, basic, project

    yield from _hierarchy(budget, lambda unit: of_funds(unit.items, [fund]), numbers)


def _t09(budget: Budget) -> Rows:
    yield from _t08(budget, "国有资本经营预算")


def _t06(budget: Budget) -> Rows:
    def row(code: str, name: str, people: int, public: int) -> tuple[str, ...]:
        return code, name, *map(money, (people + public, people, public))

    units = budget.units
    people = economic(units, "301") + economic(units, "303")
    yield row("合计", "", people, economic(units, "302"))
    codes = sorted({code for unit in units for code in unit.economic})
    for parent in sorted({code[:3] for code in codes}):
        for code in (parent, *(code for code in codes if code.startswith(parent))):
            amount = economic(units, code)
            for_work = parent == "302"
            yield row(code, budget.names[code], 0 if for_work else amount, amount if for_work else 0)


def _t07(budget: Budget) -> Rows:
    fund = "一般公共预算资金"

    def row(code: str, name: str, kind: str, units: Sequence[Unit]) -> tuple[str, ...]:
        abroad, driving, guests, meeting, training = (
            economic(units, code) for code in (ABROAD, DRIVING, RECEPTION, MEETING, TRAINING)
        )
        three = (abroad + driving + guests, abroad, driving, 0, driving, guests)
        return code, name, kind, *map(money, (*three, meeting, training, training, 0))

    yield row("合计", "", "", budget.units)
    yield row("", "", fund, budget.units)
    yield row(budget.department_code, budget.department, "", budget.units)
    for unit in budget.units:
        yield row(unit.code, unit.name, fund, [unit])


# --------------------------------------------------------------------------- purchases and projects


def _purchases(
    budget: Budget, chosen: Callable[[Unit], Sequence[Purchase]], numbers: Callable[[Sequence[Purchase]], Amounts],
    *, project: bool,
) -> Rows:  # fmt: skip
    blank = ("",) if project else ()
    every = [purchase for unit in budget.units for purchase in chosen(unit)]
    yield "合计", "", "", *blank, *map(money, numbers(every))
    if not every:
        return
    yield "", budget.department_code, budget.department, *blank, *map(money, numbers(every))
    for unit in budget.units:
        if own := chosen(unit):
            yield "", unit.code, unit.name, *blank, *map(money, numbers(own))
        for purchase in own:
            named = (purchase.project,) if project else ()
            yield purchase.code, "", purchase.name, *named, *map(money, numbers([purchase]))


def _by_fund(purchases: Iterable[Purchase]) -> list[int]:
    purchases = list(purchases)
    by_fund = [total(p.amount for p in purchases if p.fund == fund) for fund in FUNDS]
    return [total(by_fund), *by_fund, 0]


def _t10(budget: Budget) -> Rows:
    def numbers(purchases: Sequence[Purchase]) -> Amounts:
        kinds: list[int] = []
        for central, names in ((True, ("货物类", "服务类")), (False, ("货物类", "工程类", "服务类"))):
            parts = [total(p.amount for p in purchases if p.kind == k and p.central == central) for k in names]
            kinds += [total(parts), *parts]
        return [*_by_fund(purchases), total(p.amount for p in purchases), *kinds]

    yield from _purchases(budget, lambda unit: unit.purchases, numbers, project=True)


def _t11(budget: Budget) -> Rows:
    yield from _purchases(budget, lambda unit: unit.services, _by_fund, project=False)


def _t12(budget: Budget) -> Rows:
    blank = ("",) * 10
    every = total(p.amount for unit in budget.units for p in unit.projects)
    yield "1", "", "合计", "", money(every), *blank
    if not every:
        return
    yield "2", budget.department_code, budget.department, "", money(every), *blank
    number = 3
    for unit in budget.units:
        for p in unit.projects:
            yield str(number), unit.code, unit.name, p.name, money(p.amount), p.goal, *p.indicators
            number += 1


_ROWS: dict[int, Callable[[Budget], Rows]] = dict(
    enumerate((_t01, _t02, _t03, _t04, _t05, _t06, _t07, _t08, _t09, _t10, _t11, _t12), 1)
)
