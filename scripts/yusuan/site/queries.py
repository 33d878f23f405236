"""Every statement that the pages of units, codes, projects, comparisons and rankings send to the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from datasette.app import Datasette

from yusuan.model import COMPANION
from yusuan.site.catalogue import Catalogue, Classification, Measure, fen_sum
from yusuan.site.metadata import DATABASE
from yusuan.site.places import Place, summed

Row = dict[str, Any]
_ROW = ".行次"
#: The rows of a document: what it tells may stand in a file of its own beside it.
_SAID = "文件 in (:document, :words)"
#: One document stands for a unit and a year: a budget before final accounts, its own before that of its department.
_PREFERENCE = "d.类型 like '%决算', d.单位 <> {unit}, d.类型, d.文件"
_ACCOUNTS = f"""
select d.文件, d.年度, d.类型, d.标题, d.sha256, d.公开表数, d.缺表, d.单位 = :unit as 自己公开
from documents d
where d.文件 not like '%{COMPANION}'
  and (d.单位 = :unit or d.文件 in (select 文件 from expenditure_by_function where 单位 = :unit))
order by d.年度 desc, {_PREFERENCE.format(unit=":unit")}
"""  # noqa: S608 - joined from constants of this file
_UNITS = """
select units.单位, 单位名称, 区划名称, 部门名称, years.年度, years.类型
from units join regions using (区划) left join departments on departments.部门 = units.部门
left join (
  select 单位, group_concat(distinct 年度) as 年度, group_concat(distinct 类型) as 类型
  from (select 单位, 年度, 类型 from documents order by 年度 desc, 类型) group by 单位
) as years on years.单位 = units.单位
order by units.区划, 单位名称
"""
_UNIT = """
select units.单位, 单位名称, 单位代码, units.区划, 区划名称, units.部门, 部门名称
from units join regions using (区划) left join departments on departments.部门 = units.部门 where units.单位 = :unit
"""
_FUNCTIONS = """
select r.科目编码, max(r.科目名称) as 科目名称, r.类, c.科目名称 as 类名称, sum(r.合计_分) as 分,
  count(*) as 行数, max(r.键) as 键, {basic} as 基本_分,
  {project} as 项目_分, {carried} as 结转_分
from expenditure_by_function r left join functional_codes c on c.科目编码 = r.类
where {scope} group by r.科目编码 order by r.科目编码
"""
_ECONOMIC = """
select r.科目编码, max(r.科目名称) as 科目名称, r.类, c.科目名称 as 类名称, sum(r.合计_分) as 分,
  count(*) as 行数, max(r.键) as 键
from basic_expenditure_by_economic r left join economic_codes c on c.科目编码 = r.类
where {scope} group by r.科目编码 order by r.科目编码
"""
_SOURCES = """
select case r.收入类别 when '上年结转结余' then '上年结转：' else '' end || r.资金来源 as 来源, sum(r.金额_分) as 分
from revenue_by_source r where {scope} group by r.收入类别, r.资金来源 order by r.收入类别 desc, 分 desc
"""
_MEMBERS = """
select r.单位, 单位名称, sum(r.合计_分) as 分, count(*) as 行数, max(r.键) as 键 from expenditure_by_function r join units using (单位)
where r.文件 = :document and r.单位 <> :unit group by r.单位 order by 分 desc
"""
_STAFF = f"""
select replace(文件, '{COMPANION}', '') as 文件, 单位, sum(人数) as 编制,
  group_concat(项目 || ' ' || 原文, '、') as 说法 from staffing
where 类别 = '编制' and 项目 like '%编制%' and 人数 > 0 group by 1, 单位
"""  # noqa: S608 - joined from constants of this file
_STANDING = f"""
with found as (
  select r.文件, r.单位, r.年度, d.类型, d.阶段, d.区划, max(r.计入合计) as 计入合计, {{value}} as 分,
    count(*) as 行数, max(r.键) as 键,
    row_number() over (partition by r.单位, r.年度, d.类型 order by {_PREFERENCE.format(unit="r.单位")}) as 位
  from {{table}} r join documents d on d.文件 = r.文件 where {{condition}} group by r.文件, r.单位
)
select found.文件, found.单位, 单位名称, 区划名称, 年度, 类型, 阶段, 计入合计, 分, 行数, 键, staff.编制,
  (select sum(r.合计_分) from {{whole}} r where r.文件 = found.文件 and r.单位 = found.单位) as 全部_分
from found join units on units.单位 = found.单位 join regions on regions.区划 = found.区划
left join ({_STAFF}) as staff on staff.文件 = found.文件 and staff.单位 = found.单位
where 位 = 1 and 分 is not null order by 分 desc, 单位名称
"""  # noqa: S608 - joined from constants of this file; names of tables and columns come from the checked specs


@dataclass(frozen=True, slots=True)
class Account:
    """What one document says about one unit; `own` where the unit published it, and so all of its rows count."""

    unit: str
    name: str
    year: int
    kind: str
    document: str
    title: str
    sha256: str
    own: bool

    @property
    def phase(self) -> str:
        """Return 预算 or 决算."""
        return self.kind[-2:]

    @property
    def scope(self) -> str:
        """Return the condition on rows."""
        return f"r.{_SAID}" if self.own else "r.文件 = :document and r.单位 = :unit"

    @property
    def where(self) -> dict[str, str]:
        """Return the same condition as columns and their values."""
        return {"文件": self.document} if self.own else {"文件": self.document, "单位": self.unit}

    @property
    def parameters(self) -> Row:
        """Return what the condition asks for."""
        return {"document": self.document, "words": self.document + COMPANION, "unit": self.unit}


@dataclass(frozen=True, slots=True)
class Value:
    """One figure in fen; `state` says that its table was published empty, or why there is no figure.

    `place` is where it was printed, or what it is the sum of.
    """

    fen: int | None
    state: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A figure of the year before as this year's narrative tells it, 原文 or 推算."""

    fen: int
    origin: str
    place: Place


class Books:
    """The database, asked in terms of units, years and measures."""

    def __init__(self, datasette: Datasette, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._database = datasette.get_database(DATABASE)

    async def ask(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """Return the rows of a statement."""
        return [dict(row) for row in (await self._database.execute(sql, dict(parameters or {}))).rows]

    # --- units ---

    async def units(self) -> list[Row]:
        """Return all units with their place and the years of their own documents."""
        return await self.ask(_UNITS)

    async def unit(self, key: str) -> Row | None:
        """Return one unit with the names of its place and department."""
        return next(iter(await self.ask(_UNIT, {"unit": key})), None)

    async def accounts(self, key: str, name: str) -> list[Account]:
        """Return what is published about a unit, latest year first; of a year, the one to show first."""
        return [
            Account(
                key, name, row["年度"], row["类型"], row["文件"], row["标题"], row["sha256"], own=bool(row["自己公开"])
            )
            for row in await self.ask(_ACCOUNTS, {"unit": key})
        ]

    async def find(self, unit: str, year: int | None, kind: str) -> tuple[Account | None, list[Account]]:
        """Return the account that is asked for and all of the unit's; the first that fits where little is asked."""
        row = await self.unit(unit)
        accounts = await self.accounts(unit, row["单位名称"]) if row else []
        fitting = [a for a in accounts if year in {None, a.year} and kind in {"", a.kind}]
        return (fitting[0] if fitting else None), accounts

    async def values(self, account: Account) -> dict[str, Value]:
        """Return every measure of an account."""
        empty = {
            row["表"]: row["空表"] == "是"
            for row in await self.ask("select 表, 空表 from document_tables where 文件 = :document", account.parameters)
        }
        by_table: defaultdict[str, list[Measure]] = defaultdict(list)
        for measure in self.catalogue.measures.values():
            by_table[measure.table].append(measure)
        found: dict[str, Value] = {}
        for table, measures in by_table.items():
            sums = ", ".join(f'{m.sum} as "{m.key}"' for m in measures)
            sql = f'select {sums}, count(*) as 行数, max(r.键) as 键 from "{table}" r where {account.scope}'  # noqa: S608 - names from the checked specs
            (row,) = await self.ask(sql, account.parameters)
            states = [empty.get(source.table) for source in self.catalogue.tables[table].sources]
            state = "空表" if True in states else "没有公布" if set(states) <= {None} else "没有列出"
            printed = await self._printed(account, measures)
            for m in measures:
                total, place = printed.get(m.key) or (row[m.key], summed(table, m.column, row, account.where))
                found[m.key] = Value(total, state if total is None or state == "空表" else "", place)
        return {key: found[key] for key in self.catalogue.measures}

    async def _printed(self, account: Account, measures: Iterable[Measure]) -> dict[str, tuple[int, Place]]:
        """Return the sums that the document prints itself: in the row 合计, of one unit of many in its row 单位.

        A table of which a cell was corrected does not count: its leaves are right, what it prints is not.
        """
        row = "p.行类型 = '合计'" if account.own else "p.行类型 = '单位' and p.单位 = :unit"
        sums = [(m.key, m.printed) for m in measures if m.printed]
        if not sums:
            return {}
        shown = ", ".join(
            f'({_printed_sum(place, what)} and p.文件 = :document and {row}) as "{key}{what}"'
            for key, place in sums
            for what in ("", _ROW)
        )
        (found,) = await self.ask(f"select {shown}", account.parameters)
        return {
            key: (found[key], Place(table, (account.document, str(found[key + _ROW])), column))
            for key, (table, column) in sums
            if found[key] is not None
        }

    async def told(self, account: Account, values: Mapping[str, Value]) -> dict[str, Told]:
        """Return the figures of the year before that the narrative tells, where it agrees about this year."""
        sql = """select 文件, 序, 指标, 对象, 金额, 上年数, 上年数来源 from narrative_facts
                 where 文件 in (:document, :words) and 上年数 is not null and 金额 is not null order by 序 desc"""
        facts = {(row["指标"], row["对象"]): row for row in await self.ask(sql, account.parameters)}
        told = {}
        for key, measure in self.catalogue.measures.items():
            now = values[key].fen
            rows = [facts[name] for name in measure.narrative if name in facts]
            agreeing = [row for row in rows if now is not None and abs(_fen(row["金额"]) - now) < _fen(0.01)]
            if account.own and agreeing:
                first = agreeing[0]
                place = Place("narrative_facts", (first["文件"], str(first["序"])))
                told[key] = Told(_fen(first["上年数"]), first["上年数来源"], place)
        return told

    async def functions(self, account: Account) -> list[Row]:
        """Return the functional items of an account."""
        columns = {"basic": "基本支出", "project": "项目支出", "carried": "结转下年支出"}
        sums = {key: fen_sum(name) for key, name in columns.items()}
        return await self.ask(_FUNCTIONS.format(scope=account.scope, **sums), account.parameters)

    async def economic(self, account: Account) -> list[Row]:
        """Return the economic items of the basic expenditure of an account."""
        return await self.ask(_ECONOMIC.format(scope=account.scope), account.parameters)

    async def sources(self, account: Account) -> list[Row]:
        """Return the sources of funds of an account."""
        return await self.ask(_SOURCES.format(scope=account.scope), account.parameters)

    async def members(self, account: Account) -> list[Row]:
        """Return the units under the one that published the document."""
        return await self.ask(_MEMBERS, account.parameters) if account.own else []

    async def staff(self, accounts: Iterable[Account]) -> dict[str, Row]:
        """Return the authorised staff by document."""
        known = {account.document: account for account in accounts}
        rows = await self.ask(_STAFF)
        return {r["文件"]: r for r in rows if r["文件"] in known and r["单位"] == known[r["文件"]].unit}

    async def rows(self, table: str, account: Account, order: str, limit: int = 1000) -> list[Row]:
        """Return the rows of a table about an account; `order` is one of ours, never a reader's."""
        sql = f'select * from "{table}" r where {account.scope} order by {order} limit {int(limit)}'  # noqa: S608 - ours
        return await self.ask(sql, account.parameters)

    async def findings(self, account: Account) -> list[Row]:
        """Return what did not agree in the document, errors first, with the name of the rule where it has one."""
        sql = """select f.*, 规则名称, 怎么办 from findings f left join rules using (规则)
                 where 文件 in (:document, :words) and f.严重程度 <> 'info' order by f.严重程度, 处理 desc, 表, 行次"""
        return await self.ask(sql, account.parameters)

    # --- codes ---

    async def code(self, kind: Classification, code: str) -> Row | None:
        """Return one code of a classification."""
        sql = f"select * from {kind.codes} where 科目编码 = :code"  # noqa: S608 - one of our two tables
        return next(iter(await self.ask(sql, {"code": code})), None)

    async def codes(self, kind: Classification) -> list[Row]:
        """Return the codes of a classification on which anything is spent."""
        spent = " or ".join(
            f"层级 = '{level}' and exists (select 1 from {kind.table} r where r.\"{column}\" = c.科目编码)"  # noqa: S608 - ours
            for level, column in kind.levels.items()
        )
        return await self.ask(f"select * from {kind.codes} c where {spent} order by 科目编码")  # noqa: S608 - ours

    async def spenders(self, kind: Classification, code: Row, document_kind: str) -> list[Row]:
        """Return who spends on a code, in every year, most first."""
        column = kind.column(code["层级"])
        sql = _STANDING.format(
            value="sum(r.合计_分)",
            table=kind.table,
            whole=kind.table,
            condition=f'r."{column}" = :code and d.类型 = :kind',
        )
        return await self.ask(sql, {"code": code["科目编码"], "kind": document_kind})

    async def parts(self, kind: Classification, code: Row, document_kind: str, year: int) -> list[Row]:
        """Return the codes one level below with what is spent on them in a year."""
        levels = list(kind.levels)
        below = levels.index(code["层级"]) + 1 if code["层级"] in levels else len(levels)
        if below == len(levels):
            return []
        column, lower = kind.column(code["层级"]), kind.column(levels[below])
        sql = f"""select r."{lower}" as 科目编码, max(c.科目名称) as 科目名称, sum(r.合计_分) as 分
                  from {kind.table} r join documents d on d.文件 = r.文件 left join {kind.codes} c on c.科目编码 = r."{lower}"
                  where r."{column}" = :code and r.年度 = :year and d.类型 = :kind group by 1 order by 3 desc"""  # noqa: S608 - ours
        return await self.ask(sql, {"code": code["科目编码"], "kind": document_kind, "year": year})

    # --- rankings and choices ---

    async def ranking(self, measure: Measure, year: int) -> list[Row]:
        """Return the units of a year by a measure, largest first."""
        value = measure.sum
        if measure.printed:
            row = "p.单位 = r.单位 and p.行类型 = case when d.单位 = r.单位 then '合计' else '单位' end"
            value = f"coalesce(({_printed_sum(measure.printed)} and p.文件 = r.文件 and {row}), {measure.sum})"
        whole = "expenditure_by_function"
        sql = _STANDING.format(value=value, table=measure.table, whole=whole, condition="r.年度 = :year")
        return await self.ask(sql, {"year": year})

    async def years(self) -> list[int]:
        """Return the years there are documents of, latest first."""
        return [row["年度"] for row in await self.ask("select distinct 年度 from documents order by 年度 desc")]

    async def kinds(self) -> list[str]:
        """Return the kinds of documents, the most frequent first."""
        rows = await self.ask("select 类型 from documents group by 类型 order by count(*) desc, 类型")
        return [row["类型"] for row in rows]

    async def project(self, key: str) -> Row | None:
        """Return one project with its unit and document."""
        sql = """select project.*, 单位名称, documents.标题, documents.sha256, 类型 from project
                 join units using (单位) join documents on documents.文件 = project.文件 where 键 = :key"""
        return next(iter(await self.ask(sql, {"key": key})), None)


def _printed_sum(place: tuple[str, str], what: str = "") -> str:
    """Return the SQL of one printed amount in fen, to be narrowed down to its row; or of the number of that row."""
    table, column = place
    largest = f'max(p."{column}")'
    shown = f"iif({largest} is null, null, p.行次)" if what else f"cast(round({largest} * 1000000) as integer)"
    corrected = "select 1 from corrections x join cells on cells.格 = x.格 where x.文件 = p.文件"
    return (
        f'select {shown} from "{table}" p '  # noqa: S608 - from the specs
        f"where not exists ({corrected} and cells.表 = '{table}')"
    )


def _fen(amount: float) -> int:
    return round(amount * 1_000_000)
