"""Tables that were seen and not read: kept whole as evidence, further pages put together, nothing interpreted.

A grid that no layout describes, or that cannot be read exactly, has no typed rows. Its printed cells stay with their
places, so that they can be found, shown on their page and read anew when a layout describes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from yusuan.layouts import Layout
from yusuan.model import Cell, Column, EvidenceCell, Finding, Sheet, UnreadTable
from yusuan.narrative import is_key_project_grid
from yusuan.tables.headers import header_levels, header_paths, repeated_levels
from yusuan.tables.sheets import FramedGrid
from yusuan.values import header_key

#: Titles that end alike are of one table although a long cell has run into one of them.
_ENDING = 6
_SHOWN = 100


def put_together(parts: Sequence[FramedGrid]) -> list[list[FramedGrid]]:
    """Return neighbouring grids in groups: each the pages of one table, as far as titles and columns tell."""
    groups: list[list[FramedGrid]] = []
    for part in parts:
        if groups and _goes_on(groups[-1], part):
            groups[-1].append(part)
        else:
            groups.append([part])
    return groups


def _goes_on(group: Sequence[FramedGrid], part: FramedGrid) -> bool:
    """Say whether a grid is a further page of a group: the same title and columns, or no title and nothing between."""
    title, known = _title(part), _title(group[0])
    same_width = any(len(part.grid.rows[0]) == len(other.grid.rows[0]) for other in group)
    if title and title == known:
        return True
    if title:
        return same_width and len(known) >= _ENDING and title[-_ENDING:] == known[-_ENDING:]
    if part.adjacent or repeated_levels(group[0].grid.rows, part.grid.rows):
        return True
    here, before = part.grid.first.page, group[-1].grid.last.page
    return same_width and here is not None and before is not None and here - before <= 1


def _title(part: FramedGrid) -> str:
    return header_key(part.value("title") or "").removesuffix("续表").removesuffix("续")


def keep_grids(parts: Sequence[FramedGrid], finding: Finding, levels: int | None = None) -> UnreadTable:
    """Return the pages of one table as they are printed; `levels` is how many rows are header where that is known."""
    first = parts[0].grid.rows
    levels = levels or header_levels([[cell.text for cell in row] for row in first])
    paths = header_paths([[cell.text for cell in row] for row in first[:levels]])
    width = max(len(row) for part in parts for row in part.grid.rows)
    columns = tuple(Column(i + 1, paths[i] if i < len(paths) else (), None) for i in range(width))
    header: list[tuple[Cell, ...]] = []
    body: list[tuple[Cell, ...]] = []
    for number, part in enumerate(parts):
        cut = repeated_levels(first[:levels], part.grid.rows) if number else levels
        header += part.grid.rows[:cut]
        body += part.grid.rows[cut:]
    return UnreadTable(
        finding=finding,
        title=parts[0].value("title") or "",
        number=parts[0].value("number"),
        money_unit=parts[0].value("money"),
        header="、".join(column.label for column in columns if column.path),
        evidence=tuple(_evidence(columns, header, body)),
        rows=len(body),
        note="\n".join(note for part in parts for note in part.notes) or None,
        first=parts[0].grid.first,
        last=parts[-1].grid.last,
    )


def _evidence(
    columns: Sequence[Column], header: Sequence[tuple[Cell, ...]], body: Sequence[tuple[Cell, ...]]
) -> Iterator[EvidenceCell]:
    """Yield the printed cells with their roles; a blank one says nothing that its neighbours do not."""
    for role, rows in (("表头", header), ("数据", body)):
        for number, row in enumerate(rows, 1):
            for column, cell in zip(columns, row, strict=False):
                if cell.text.strip():
                    yield EvidenceCell(role, number, column, cell)


def keep_sheet(sheet: Sheet, finding: Finding) -> UnreadTable:
    """Return a table whose columns were found and whose rows could not be read, or were not believed."""
    bare = {column: replace(column, field=None) for column in sheet.columns}
    return UnreadTable(
        finding=finding,
        title=sheet.title,
        number=sheet.number,
        money_unit=sheet.money_unit or None,
        header="、".join(column.label for column in sheet.columns if column.path),
        evidence=tuple(replace(c, column=bare[c.column]) for c in sheet.evidence if c.cell.text.strip()),
        rows=len(sheet.body),
        note=sheet.note,
        first=sheet.first,
        last=sheet.last,
    )


def undescribed(parts: Sequence[FramedGrid], layout: Layout) -> Iterator[UnreadTable]:
    """Yield the tables among grids that no layout describes, each with its finding; key projects are read elsewhere."""
    for group in put_together([part for part in parts if not is_key_project_grid(part.grid)]):
        first, title = group[0].grid.first, group[0].value("title") or ""
        told = keep_grids(group, Finding("TABLE-UNRECOGNISED", ""))
        pages = f"，共 {len(group)} 块" if len(group) > 1 else ""
        named = f"“{title}”" if title else "没有表题的一张表格"
        text = (
            f"{named}没有版式描述，没有收入数据，原文留在单元格证据里（{told.rows} 行{pages}）；"
            f"印的表头：{_short(told.header)}；{_advice(title, layout)}"
        )
        printed = _short(title or " | ".join(cell.text for cell in group[0].grid.rows[0]))
        yield replace(told, finding=Finding("TABLE-UNRECOGNISED", text, printed=printed).at(first))


def _advice(title: str, layout: Layout) -> str:
    if not title:
        return "是说明里的插表就不必处理"
    path = f"schemas/layouts/{layout.name}.yml"
    return f"要收入就用 yusuan layout new 起草，把表题和列写进 {path} 的 tables；不收就写进 other_titles"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def in_order(tables: Sequence[UnreadTable]) -> tuple[UnreadTable, ...]:
    """Return the tables in the order of the document."""
    return tuple(sorted(tables, key=lambda t: (t.first.page or 0, t.first.line or 0, (t.first.box or (0.0, 0.0))[1])))
