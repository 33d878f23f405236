"""The narrative of a disclosure: what its sentences say, as records.

    patterns       every wording of a statement, as a declared table: the place to teach a new one
    inventory      the same for offices, staff, vehicles, terms, key projects
    fragments      what patterns are made of: numbers, money, years, comparisons
    figures        a match of a pattern to values
    topics         what parts and sections are about, by the words of their titles
    matching       a text as printed and as patterns see it
    outline        which part, section and subsection a paragraph stands under
    statements     第二部分: amounts with change, share, reason, usage
    establishment  第一部分: internal offices, staff, vehicles
    projects       the table of key projects
    glossary       名词解释

Pure functions over `model.Document`; nothing is guessed: a sentence with an amount that no pattern
understands is handed back as `Unread`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from yusuan.model import Document, Value
from yusuan.narrative.establishment import read_offices, read_staffing, read_vehicles
from yusuan.narrative.figures import Statement, Unread
from yusuan.narrative.glossary import read_glossary
from yusuan.narrative.outline import Role, read_outline
from yusuan.narrative.projects import is_key_project_grid, read_key_projects
from yusuan.narrative.statements import read_statements

__all__ = ["COLUMNS", "Narrative", "Unread", "is_key_project_grid", "read_narrative"]

Records = tuple[dict[str, Value], ...]

#: The record sets and their columns, in order.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "narrative_facts": (
        *("序", "节", "节标题", "指标", "对象", "金额", "金额单位", "变动方向", "变动额", "变动率", "变动率方向"),
        *("上年口径", "完成率", "占比", "占比对象", "上年数", "上年数来源", "原因", "原因未说明", "用途", "范围"),
        *("数量", "原文", "首行", "末行", "页"),
    ),
    "key_projects": ("序", "项目名称", "预算数", "绩效目标", "首行", "页"),
    "staffing": ("序", "项目", "类别", "原文", "人数", "单位词", "推算", "首行", "页"),
    "vehicles": ("序", "节", "项目", "数量", "单位词", "首行", "页"),
    "internal_offices": ("序", "名称", "职责", "首行", "页"),
    "glossary": ("序", "术语", "定义", "首行", "页"),
}

#: Columns of narrative_facts that are taken over from the values of a statement.
_STATED = {
    "金额": "amount",
    "金额单位": "unit",
    "变动方向": "direction",
    "变动额": "change",
    "变动率": "rate",
    "变动率方向": "rate_direction",
    "上年口径": "basis",
    "完成率": "done",
    "占比": "share",
    "占比对象": "share_of",
    "原因": "reason",
    "原因未说明": "unexplained",
    "用途": "usage",
    "范围": "scope",
    "数量": "count",
}


@dataclass(frozen=True, slots=True)
class Narrative:
    """The six record sets of COLUMNS, and the sentences with an amount that were not understood."""

    records: Mapping[str, Records]
    unread: tuple[Unread, ...]


def read_narrative(document: Document, year: int) -> Narrative:
    """Return what the text of `document`, the budget of `year`, says; amounts in 万元, None where unsaid."""
    passages = tuple(read_outline(document))
    stated = (passage for passage in passages if passage.role is Role.STATEMENTS)
    statements, unread = read_statements(stated, year)
    projects, unread_projects = read_key_projects(document)
    found: dict[str, Iterable[dict[str, Value]]] = {
        "narrative_facts": map(_fact, statements),
        "key_projects": projects,
        "staffing": read_staffing(passages),
        "vehicles": read_vehicles(passages),
        "internal_offices": read_offices(passages),
        "glossary": read_glossary(passages),
    }
    records = {name: _numbered(COLUMNS[name], rows) for name, rows in found.items()}
    return Narrative(records, (*unread, *unread_projects))


def _numbered(columns: tuple[str, ...], rows: Iterable[dict[str, Value]]) -> Records:
    """Return the rows with all their columns in order, numbered from 1."""
    return tuple(
        {column: number if column == "序" else row[column] for column in columns} for number, row in enumerate(rows, 1)
    )


def _fact(statement: Statement) -> dict[str, Value]:
    passage = statement.passage
    prior, source = _prior(statement.values)
    return {
        "节": passage.section.numeral if passage.section else None,
        "节标题": passage.section.title if passage.section else None,
        "指标": statement.metric,
        "对象": statement.subject,
        **{column: statement.values.get(name) for column, name in _STATED.items()},
        "上年数": prior,
        "上年数来源": source,
        "原文": statement.sentence(),
        "首行": passage.first,
        "末行": passage.last,
        "页": passage.page,
    }


def _prior(values: Mapping[str, Value]) -> tuple[Decimal | None, str | None]:
    """Return the value of the year before and where it comes from: 原文 if printed, 推算 if it follows."""
    prior, amount, change = (values.get(name) for name in ("prior", "amount", "change"))
    if isinstance(prior, Decimal):
        return prior, "原文"
    direction = values.get("direction")
    if isinstance(amount, Decimal) and direction == "持平":
        return amount, "推算"
    if isinstance(amount, Decimal) and isinstance(change, Decimal):
        return (amount - change if direction == "增加" else amount + change), "推算"
    return None, None
