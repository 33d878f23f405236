"""A table printed upright, one item below the other, to the usual row of columns: 三公 as a list of items.

Only the whole of a grid is turned: its first column becomes the header, each column of amounts a row that keeps
its header as the kind of fund. A grid with other columns (last year's, changes) is not turned.
"""

from __future__ import annotations

from yusuan.headers import Match, header_paths, match_header
from yusuan.layouts import TableLayout
from yusuan.model import Cell, Grid
from yusuan.values import header_key

_KINDS = frozenset({"合计", "一般公共预算", "政府性基金预算", "国有资本经营预算"})
_LABELS = frozenset({"项目", "支出项目", "项目名称", "经费项目", "科目名称"})
_MIN_ITEMS = 3


def turned(grid: Grid, layout: TableLayout, year: int | None) -> tuple[Grid, Match] | None:
    """Return the grid turned on its side and how its items read as columns; None where they do not."""
    if layout.vocabulary is None or len(grid.rows) <= _MIN_ITEMS or len(grid.rows[0]) < 2:  # noqa: PLR2004 - items, amounts
        return None
    head = [cell.text for cell in grid.rows[0]]
    kinds = [layout.vocabulary.reduce(path, year)[-1:] for path in header_paths([head])[1:]]
    if header_key(head[0]) not in _LABELS or not all(kind and kind[0] in _KINDS for kind in kinds):
        return None
    rows: list[tuple[Cell, ...]] = [tuple(row[0] for row in grid.rows)]
    rows += [tuple(row[i] for row in grid.rows) for i in range(1, len(head))]
    sideways = Grid(tuple(rows))
    match = match_header(sideways.rows[:1], layout, year)
    return None if match.missing else (sideways, match)
