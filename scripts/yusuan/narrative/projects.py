"""重点项目预算绩效目标说明: the small table of key projects inside the narrative."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from yusuan.frame import read_frame_line
from yusuan.model import Cell, Document, Grid, Value
from yusuan.narrative.figures import Unread
from yusuan.narrative.fragments import PLACEHOLDER
from yusuan.narrative.inventory import MAX_PROJECT_COLUMNS, PROJECT_HEADER
from yusuan.values import close_gaps, header_key, parse_amount, to_wan

#: An amount that a template left open.
_BLANK = re.compile(r"[Xx×*_]+")
_TOTALS = re.compile("合计|总计|小计|总金额")


@dataclass(frozen=True, slots=True)
class _Header:
    """Where the columns of a grid of key projects are, and the unit of money in its header, if any."""

    name: int
    amount: int
    goal: int
    unit: str | None


def is_key_project_grid(grid: Grid) -> bool:
    """Say whether a grid lists key projects (项目名称, 预算数, 绩效目标) inside the narrative."""
    return _find_header(grid) is not None


def _find_header(grid: Grid) -> _Header | None:
    texts = [header_key(cell.text) for cell in grid.rows[0]] if grid.rows else []
    if len(texts) > MAX_PROJECT_COLUMNS:
        return None
    columns: dict[str, int] = {}
    unit: str | None = None
    for column, pattern in PROJECT_HEADER:
        matches = [(index, match) for index, text in enumerate(texts) if (match := pattern.match(text))]
        if len(matches) != 1:
            return None
        columns[column] = matches[0][0]
        unit = matches[0][1].groupdict().get("unit") or unit
    return _Header(columns["项目名称"], columns["预算数"], columns["绩效目标"], unit)


def read_key_projects(document: Document) -> tuple[list[dict[str, Value]], list[Unread]]:
    """Return the key projects, amounts in 万元, and the rows whose amount cannot be read."""
    records: list[dict[str, Value]] = []
    unread: list[Unread] = []
    unit = "万元"
    for block in document.blocks:
        if not isinstance(block, Grid):
            frame = read_frame_line(block.text)
            unit = frame.value if frame and frame.kind == "money" else unit
        elif header := _find_header(block):
            for row in block.rows[1:]:
                _read_row(row, header, header.unit or unit, records, unread)
            unit = "万元"
    return records, unread


def _read_row(
    row: tuple[Cell, ...], header: _Header, unit: str, records: list[dict[str, Value]], unread: list[Unread]
) -> None:
    """Add one row: a project, or the rest of a goal that a page break cut off."""
    name, amount, goal = _texts(row, header)
    if _TOTALS.fullmatch(header_key(name)) or not (name or goal):
        return
    if not name and not amount and records:
        records[-1]["绩效目标"] = f"{records[-1]['绩效目标'] or ''}{goal}"
        return
    place = row[0].place
    try:
        printed = parse_amount(amount)
    except ValueError:
        printed = None
        left = PLACEHOLDER.search(amount) or _BLANK.fullmatch(amount)
        kind: Literal["unread", "placeholder"] = "placeholder" if left else "unread"
        unread.append(Unread(" ".join(_texts(row, header)), place.line, kind, place.page, (amount,)))
    wan = None if printed is None else to_wan(printed, unit)
    records.append({"项目名称": name, "预算数": wan, "绩效目标": goal or None, "首行": place.line, "页": place.page})


def _texts(row: tuple[Cell, ...], header: _Header) -> Iterator[str]:
    for index in (header.name, header.amount, header.goal):
        yield close_gaps(row[index].text) if index < len(row) else ""
