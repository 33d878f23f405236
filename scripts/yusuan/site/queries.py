"""Every statement that the pages of units, codes, projects, comparisons and rankings send to the database."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datasette.app import Datasette

from yusuan.model import COMPANION
from yusuan.site.catalogue import Catalogue, Classification, Measure
from yusuan.site.metadata import DATABASE
from yusuan.site.places import Place, summed
from yusuan.sums import PRINTED, PRINTED_ROW, code_sums_of, code_totals_of, fen_sum, sums_of

Row = dict[str, Any]
#: The rows of a document: what it tells may stand in a file of its own beside it.
_SAID = "文件 in (:document, :words)"
_SPENT = sums_of("expenditure_by_function")
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
#: What each organisation spends of something, once for a year and a kind of document; `sums` is one of the tables of sums.
_STANDING = f"""
with found as (
  select s.文件, s.单位, s.年度, d.类型, d.阶段, d.区划, {{counted}} as 计入合计, {{value}} as 分, s.行数, {{key}} as 键,
    row_number() over (partition by s.单位, s.年度, d.类型 order by {_PREFERENCE.format(unit="s.单位")}) as 位
  from "{{sums}}" s join documents d on d.文件 = s.文件 where {{condition}}
)
"""  # noqa: S608 - joined from constants of this file; names of tables and columns come from the checked specs
_EACH = f"""
select found.文件, found.单位, 单位名称, 区划名称, found.年度, 类型, 阶段, found.计入合计, 分, found.行数, found.键, staff.编制,
  whole.合计 as 全部_分
from found join units on units.单位 = found.单位 join regions on regions.区划 = found.区划
left join "{{whole}}" whole on whole.年度 = found.年度 and whole.文件 = found.文件 and whole.单位 = found.单位
left join ({_STAFF}) as staff on staff.文件 = found.文件 and staff.单位 = found.单位
where 位 = 1 and 分 is not null order by 分 desc, 单位名称
"""  # noqa: S608 - as above
_BY_YEAR = "select 年度, sum(分) as 分, count(*) as 单位数 from found where 位 = 1 and 分 is not null group by 年度 order by 年度"
#: What is published of a year, by unit: its own document, and those of others that have rows of it; most spent first.
_OF_A_YEAR = f"""
select u.单位, 单位名称, 区划名称, d.文件, d.年度, d.类型, d.标题, d.sha256, d.单位 = u.单位 as 自己公开
from (
  select 文件, 单位 from documents where 年度 = :year and 文件 not like '%{COMPANION}'
  union select 文件, 单位 from "{_SPENT}" where 年度 = :year and 单位 <> '' and 行数 > 0
) k join documents d on d.文件 = k.文件 join units u on u.单位 = k.单位 join regions on regions.区划 = u.区划
left join "{_SPENT}" s on s.年度 = d.年度 and s.文件 = d.文件 and s.单位 = iif(d.单位 = u.单位, '', u.单位)
order by coalesce(s."{PRINTED.format("合计")}", s.合计, 0) desc, u.单位, d.类型, d.文件
"""  # noqa: S608 - joined from constants of this file
_SUMS_OF = """
select asked.key as n, s.* from json_each(:asked) asked cross join "{table}" s
where s.年度 = json_extract(asked.value, '$[0]') and s.文件 = json_extract(asked.value, '$[1]')
  and s.单位 = json_extract(asked.value, '$[2]')
"""
_EMPTY = """
select 文件, 表, 空表 from document_tables
where 文件 in (select json_extract(value, '$[1]') from json_each(:asked))
"""


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
        self._answers: dict[tuple[object, ...], list[Row]] = {}

    async def ask(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """Return the rows of a statement; several figures of a page ask the same, and the database only once."""
        asked = dict(parameters or {})
        key = (sql, *sorted(asked.items()))
        if key not in self._answers:
            self._answers[key] = [dict(row) for row in (await self._database.execute(sql, asked)).rows]
        return self._answers[key]

    # --- units ---

    async def units(self) -> list[Row]:
        """Return all units with their place and the years of their own documents."""
        return await self.ask(_UNITS)

    async def unit(self, key: str) -> Row | None:
        """Return one unit with the names of its place and department."""
        return next(iter(await self.ask(_UNIT, {"unit": key})), None)

    async def accounts(self, key: str, name: str) -> list[Account]:
        """Return what is published about a unit, latest year first; of a year, the one to show first."""
        return [_account(key, name, row) for row in await self.ask(_ACCOUNTS, {"unit": key})]

    async def find(self, unit: str, year: int | None, kind: str) -> tuple[Account | None, list[Account]]:
        """Return the account that is asked for and all of the unit's; the first that fits where little is asked."""
        row = await self.unit(unit)
        accounts = await self.accounts(unit, row["单位名称"]) if row else []
        fitting = [a for a in accounts if year in {None, a.year} and kind in {"", a.kind}]
        return (fitting[0] if fitting else None), accounts

    async def of_year(self, year: int) -> list[tuple[Account, str]]:
        """Return what is published of a year, with the place of each unit; who spends most first."""
        return [
            (_account(row["单位"], row["单位名称"], row), row["区划名称"])
            for row in await self.ask(_OF_A_YEAR, {"year": year})
        ]

    async def values(self, account: Account) -> dict[str, Value]:
        """Return every measure of an account."""
        return (await self.values_of([account]))[0]

    async def values_of(self, accounts: Sequence[Account]) -> list[dict[str, Value]]:
        """Return every measure of each of many accounts, from the tables of sums."""
        asked = {"asked": json.dumps([[a.year, a.document, "" if a.own else a.unit] for a in accounts])}
        empty: defaultdict[str, dict[str, bool]] = defaultdict(dict)
        for row in await self.ask(_EMPTY, asked):
            empty[row["文件"]][row["表"]] = row["空表"] == "是"
        found: list[dict[str, Value]] = [{} for _ in accounts]
        for table in dict.fromkeys(measure.table for measure in self.catalogue.measures.values()):
            rows = {row["n"]: row for row in await self.ask(_SUMS_OF.format(table=sums_of(table)), asked)}
            sources = [source.table for source in self.catalogue.tables[table].sources]
            for n, account in enumerate(accounts):
                states = {empty[account.document].get(source) for source in sources}
                state = "空表" if True in states else "没有公布" if states <= {None} else "没有列出"
                found[n] |= self._values(table, account, rows.get(n, {}), state)
        return [{key: values[key] for key in self.catalogue.measures} for values in found]

    def _values(self, table: str, account: Account, row: Row, state: str) -> Iterator[tuple[str, Value]]:
        """Yield the measures of one table from its row of sums; what the document prints itself comes before our sum."""
        for key, m in self.catalogue.measures.items():
            if m.table == table:
                total, place = row.get(m.column), summed(table, m.column, {"行数": 0} | row, account.where)
                if m.printed and (printed := row.get(PRINTED.format(m.column))) is not None:
                    number = str(row[PRINTED_ROW.format(m.column)])
                    total, place = printed, Place(m.printed[0], (account.document, number), m.printed[1])
                yield key, Value(total, state if total is None or state == "空表" else "", place)

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
            f"层级 = '{name}' and exists (select 1 from {code_totals_of(kind.table)} s where s.层 = {number} and s.编码 = c.科目编码)"  # noqa: S608 - ours
            for number, name in enumerate(kind.levels, 1)
        )
        return await self.ask(f"select * from {kind.codes} c where {spent} order by 科目编码")  # noqa: S608 - ours

    async def code_years(self, kind: Classification, code: Row, document_kind: str) -> list[Row]:
        """Return the years in which anything is spent on a code, how much and by how many."""
        return await self.ask(_spent_on(kind, "") + _BY_YEAR, _asked_code(kind, code, document_kind))

    async def spenders(self, kind: Classification, code: Row, document_kind: str, year: int) -> list[Row]:
        """Return who spends on a code in a year, most first."""
        sql = _spent_on(kind, " and s.年度 = :year") + _EACH.format(whole=sums_of(kind.table))
        return await self.ask(sql, _asked_code(kind, code, document_kind) | {"year": year})

    async def parts(self, kind: Classification, code: Row, document_kind: str, year: int) -> list[Row]:
        """Return the codes one level below with what is spent on them in a year, and what has no code there."""
        level = kind.number(code["层级"])
        if level == len(kind.levels):
            return []
        asked = _asked_code(kind, code, document_kind) | {"year": year, "below": level + 1}
        totals = code_totals_of(kind.table)
        below = await self.ask(
            f"""select s.编码 as 科目编码, c.科目名称, s.合计 as 分, s.行数
                from {kind.codes} c cross join {totals} s
                where c.科目编码 >= :code and c.科目编码 < :code || '~~' and s.层 = :below and s.编码 = c.科目编码
                  and s.年度 = :year and s.类型 = :kind""",  # noqa: S608 - ours
            asked,
        )
        (whole,) = await self.ask(
            f"""select sum(合计) as 分, sum(行数) as 行数 from {totals}
                where 层 = :level and 编码 = :code and 年度 = :year and 类型 = :kind""",  # noqa: S608 - ours
            asked,
        )
        left = (whole["行数"] or 0) - sum(row["行数"] for row in below)
        rest = (whole["分"] or 0) - sum(row["分"] or 0 for row in below)
        uncoded = [{"科目编码": None, "科目名称": None, "分": rest, "行数": left}] if left else []
        return sorted([*below, *uncoded], key=lambda row: (row["分"] is None, -(row["分"] or 0), row["科目编码"] or ""))

    # --- rankings and choices ---

    async def ranking(self, measure: Measure, year: int) -> list[Row]:
        """Return the units of a year by a measure, largest first."""
        value = f's."{measure.column}"'
        if measure.printed:
            value = f'coalesce(s."{PRINTED.format(measure.column)}", {value})'
        asked = "s.年度 = :year and s.单位 <> '' and s.行数 > 0"
        found = _STANDING.format(
            value=value, sums=sums_of(measure.table), counted="s.计入合计", key="s.键", condition=asked
        )
        return await self.ask(found + _EACH.format(whole=_SPENT), {"year": year})

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


def _account(unit: str, name: str, row: Row) -> Account:
    own = bool(row["自己公开"])
    return Account(unit, name, row["年度"], row["类型"], row["文件"], row["标题"], row["sha256"], own=own)


def _spent_on(kind: Classification, more: str) -> str:
    """Return the SQL of what each organisation spends on a code, in documents of one kind."""
    asked = f"s.层 = :level and s.编码 = :code and s.类型 = :kind{more}"
    sums = code_sums_of(kind.table)
    return _STANDING.format(value="s.合计", sums=sums, counted="null", key="s.文件 || s.行", condition=asked)


def _asked_code(kind: Classification, code: Row, document_kind: str) -> Row:
    return {"level": kind.number(code["层级"]), "code": code["科目编码"], "kind": document_kind}


def _fen(amount: float) -> int:
    return round(amount * 1_000_000)
