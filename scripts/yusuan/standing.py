"""How far a document was read, table by table: confirmed by its own sums, recognised, undescribed, not readable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from yusuan.errors import Problem
from yusuan.model import Disclosure, Finding, UnreadTable
from yusuan.tables.witness import CONFIRMED

Standing = Literal["confirmed", "recognised", "undescribed", "unread", "inset"]
#: How each standing is called, in the order in which they are told.
STANDINGS: dict[Standing, str] = {
    "confirmed": "认出并有印证",
    "recognised": "认出，有发现或无从核对",
    "undescribed": "没有版式描述",
    "unread": "认出而读不准",
    "inset": "没有表题的插表",
}
#: What a document that was set aside is, where its problems say that it is not a set of tables.
NO_BUDGET = {"NOT-A-BUDGET": "not_a_budget", "NO-TABLES": "no_tables", "NARRATIVE-ONLY": "narrative_only"}


@dataclass(frozen=True, slots=True)
class TableStanding:
    """One table of a document: our name for it, None where no layout describes it, its title, page and standing."""

    table: str | None
    title: str
    page: int | None
    standing: Standing

    def as_dict(self) -> dict[str, str | int | None]:
        """Return the standing as JSON-ready data."""
        return {"table": self.table, "title": self.title, "page": self.page, "standing": self.standing}


def table_standings(found: Disclosure, findings: Sequence[Finding]) -> list[TableStanding]:
    """Return every table of a document with its standing under the findings as they stand."""
    doubted = {f.table for f in findings if f.severity != "info" and f.state == "未处理"}
    read = [
        TableStanding(
            table.name,
            table.sheet.title,
            table.sheet.first.page,
            "confirmed" if table.witness == CONFIRMED and table.name not in doubted else "recognised",
        )
        for table in found.tables
    ]
    return read + [_unread(table) for table in found.unread]


def _unread(table: UnreadTable) -> TableStanding:
    known = table.finding.table
    standing: Standing = "unread" if known else "undescribed" if table.title else "inset"
    return TableStanding(known, table.title, table.first.page, standing)


def document_standing(problems: Sequence[Problem]) -> str:
    """Return what a document is that was set aside: not a budget, a narrative without tables, or one not readable."""
    return next((NO_BUDGET[problem.code] for problem in problems if problem.code in NO_BUDGET), "unreadable")


def standing_lines(standings: Sequence[TableStanding]) -> Iterator[str]:
    """Yield a line for each standing that occurs: how many tables, and which."""
    for standing, label in STANDINGS.items():
        mine = [item for item in standings if item.standing == standing]
        if mine:
            yield f"{label} {len(mine)} 张：{'、'.join(_name(item) for item in mine)}"


def _name(item: TableStanding) -> str:
    page = f"（第{item.page}页）" if item.page and item.standing not in {"confirmed", "recognised"} else ""
    if item.table:
        return f"表{int(item.table[1:3])}{page}"
    return f"{item.title or '没有表题'}{page}"
