"""A table whose columns stand side by side several times, read as one list: block after block.

Final accounts print the economic items so: personnel on the left, goods and services in the middle, capital on the
right. Every cell keeps its place on the page; only rows and columns are counted anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from yusuan.layouts import Layout
from yusuan.model import Cell, Grid, Place
from yusuan.tables.headers import match_header, repeated_levels
from yusuan.tables.sheets import Found, FramedGrid

Cells = tuple[Cell, ...]
_PARTS = ("类", "款", "项")
#: A number whose two decimals are not all there.
_DECIMALS, _TWO = re.compile(r"\d\.\d?$", re.ASCII), 3
#: Lines of the same table on two pages are printed at most so many points apart.
_SAME_LINE = 2.0


def whole_rows(rows: Iterable[Cells]) -> Iterator[Cells]:
    """Yield rows, one of which half is header and half is the total taken apart: 类, 款, 项 | 合计, amounts."""
    for row in rows:
        texts = [cell.text.strip() for cell in row]
        width = len(_PARTS)
        if tuple(texts[:width]) == _PARTS and texts[width : width + 1] == ["合计"]:
            yield (*row[:width], *(replace(cell, text="") for cell in row[width:]))
            yield (*(replace(cell, text="") for cell in row[:width]), *row[width:])
        else:
            yield row


def rejoined(rows: Sequence[Cells]) -> tuple[tuple[Cells, ...], list[Place]]:
    """Return rows with those put together that a page break cut through a number, and where they begin.

    What stands on the next page ends the decimals of a number: nothing else tells a cut row from a further one.
    """
    found: list[Cells] = []
    places: list[Place] = []
    for row in rows:
        if found and _cut_through(found[-1], row):
            places.append(found[-1][0].place)
            found[-1] = tuple(
                replace(a, text=a.text.rstrip() + b.text.strip()) for a, b in zip(found[-1], row, strict=True)
            )
        else:
            found.append(row)
    return tuple(found), places


def _cut_through(upper: Cells, lower: Cells) -> bool:
    here, there = upper[0].place.page, lower[0].place.page
    if len(upper) != len(lower) or here is None or there != here + 1:
        return False
    pairs = [(a.text.strip(), b.text.strip()) for a, b in zip(upper, lower, strict=True) if b.text.strip()]
    numbers = [pair for pair in pairs if pair[1].isdigit()]
    return (
        all(a for a, _ in pairs)
        and bool(numbers)
        and all(_DECIMALS.search(a) and len(a + b) - (a + b).find(".") == _TWO for a, b in numbers)
    )


def in_columns(rows: Sequence[Cells], printed: Cells) -> tuple[Cells, ...] | None:
    """Return rows of fewer cells, each cell as wide as some columns of a printed row; None where one is not.

    A page that holds nothing but the total has no lines for the columns that its label runs across.
    """
    spread = [_spread(row, printed) for row in rows]
    return tuple(row for row in spread if row is not None) if None not in spread else None


def _spread(row: Cells, printed: Cells) -> Cells | None:
    cells: list[Cell] = []
    for cell in row:
        start, box = len(cells), cell.place.box
        if box is None or start >= len(printed) or not _meet(printed[start], box[0], 0):
            return None
        width = next((n for n, column in enumerate(printed[start:], 1) if _meet(column, box[2], 2)), 0)
        if not width:
            return None
        cells += [cell, *[replace(cell, text="")] * (width - 1)]
    return tuple(cells) if len(cells) == len(printed) else None


def _meet(cell: Cell, edge: float, side: int) -> bool:
    return cell.place.box is not None and abs(cell.place.box[side] - edge) <= _SAME_LINE


def side_by_side(found: Found, layout: Layout) -> Found:
    """Return a table with its blocks below each other; as it is where it has but one, or no even blocks."""
    table = layout.tables[found.spec.name]
    rows = found.parts[0].grid.rows
    each, width = len(table.columns) + sum(map(len, table.code_parts.values())), len(rows[0])
    if not table.side_by_side or width % each:
        return found
    match = match_header([row[:each] for row in rows], table)
    parts: list[FramedGrid] = []
    for block in range(width // each):
        for number, part in enumerate(found.parts):
            levels = repeated_levels(rows[: match.levels], part.grid.rows) if number else match.levels
            cut = tuple(_cut(part.grid.rows, levels, each, block))
            if cut:
                parts.append(replace(part, grid=Grid(cut), header=levels, notes=[] if block else part.notes))
    return replace(found, match=match, parts=parts)


def _cut(rows: Sequence[Cells], levels: int, each: int, block: int) -> Iterator[Cells]:
    """Yield the rows of one block: its header, then what is printed of the list."""
    for number, row in enumerate(rows):
        mine = row[block * each : (block + 1) * each]
        if number >= levels:
            before = row[max(block - 1, 0) * each : block * each]
            after = row[(block + 1) * each : (block + 2) * each]
            if _breaks_off(mine, after):
                continue  # its amount stands in the next block, and it ends that
            mine = (*before[:-1], mine[-1]) if block and _breaks_off(before, mine) else mine
        if number < levels or any(cell.text.strip() for cell in mine):
            yield mine


def _breaks_off(row: Cells, after: Cells) -> bool:
    """Say whether a row has a name but no amount, and the amount stands alone at the end of the next block."""
    named = bool(row) and bool(row[0].text.strip()) and not any(cell.text.strip() for cell in row[1:])
    alone = bool(after) and bool(after[-1].text.strip()) and not any(cell.text.strip() for cell in after[:-1])
    return named and alone
