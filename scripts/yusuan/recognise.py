"""Which grid is which disclosure table, and what its columns are.

A table is found by its title, else by its header, else by its place in the order; never by a number alone.
Whatever had to be accepted although it is printed wrongly becomes a finding; what cannot be accepted
becomes a problem, and a document with problems is refused whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from yusuan.blocks import side_by_side, whole_rows
from yusuan.errors import Problem
from yusuan.frame import FrameLine, read_frame_line
from yusuan.headers import match_header, repeated_levels
from yusuan.layouts import Layout
from yusuan.model import Document, Finding, Grid, Paragraph, Sheet
from yusuan.sheets import Found, FramedGrid, SheetBuilder
from yusuan.spec import Specs, TableSpec


@dataclass
class Recognition:
    """What a document's grids turned out to be."""

    sheets: list[Sheet] = field(default_factory=list)
    strangers: list[Grid] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def choose_layout(document: Document, specs: Specs) -> Layout | None:
    """Return the layout that knows most of the titles printed above grids, None where no layout knows any.

    Of several that know as many, the one that also knows most of the columns below them.
    """
    parts = list(_framed_grids(document))
    titles = [part.value("title") or "" for part in parts]
    score = {
        layout.name: sum(any(layout.bears(t, table.titles) for t in titles) for table in layout.tables.values())
        for layout in specs.layouts.values()
    }
    most = max(score.values())
    best = [specs.layouts[name] for name, known in score.items() if known == most]
    chosen = best[0] if len(best) == 1 else max(best, key=lambda layout: _columns_known(parts, layout))
    return chosen if most else None


def _columns_known(parts: Sequence[FramedGrid], layout: Layout) -> int:
    """Return how many columns of its own stand under the titles of a layout."""
    return sum(
        match_header(part.grid.rows, table).found
        for part in parts
        for table in layout.tables.values()
        if layout.bears(part.value("title") or "", table.titles)
    )


def recognise(document: Document, specs: Specs, layout: Layout) -> Recognition:
    """Return the disclosure tables of `document` as `layout` prints them."""
    result = Recognition()
    found: list[Found] = []
    for part in _framed_grids(document):
        if found and _continues(found[-1], part, layout):
            found[-1].parts.append(part)
            continue
        table, by = _identify(part, layout, specs, [item.spec.name for item in found])
        if table is None:
            result.strangers.append(part.grid)
            continue
        if any(item.spec.name == table for item in found):
            result.problems.append(_twice(document, specs.tables[table], part.grid))
            continue
        found.append(Found(specs.tables[table], match_header(part.grid.rows, layout.tables[table]), [part], by))
    for item in found:
        _build(document, layout, item, result)
    printed, readable = {item.spec.name for item in found}, {sheet.table for sheet in result.sheets}
    result.missing = [name for name in specs.tables if name in layout.tables and name not in readable]
    result.findings += [_missing(specs.tables[name]) for name in result.missing if name not in printed]
    result.findings += _unnumbered(result.sheets, specs)
    return result


def framed_grids(document: Document) -> list[FramedGrid]:
    """Return each grid with the frame lines above it and the notes below."""
    return list(_framed_grids(document))


def _framed_grids(document: Document) -> Iterator[FramedGrid]:
    """Yield each grid, blank rows left out, with the frame lines directly above it; notes go to the grid above them."""
    above: list[Paragraph] = []
    last: FramedGrid | None = None
    for block in document.blocks:
        if isinstance(block, Paragraph):
            above.append(block)
            continue
        grid = Grid(tuple(whole_rows(row for row in block.rows if any(cell.text.strip() for cell in row))))
        blank = sum(not any(cell.text.strip() for cell in row) for row in block.rows)
        if not grid.rows:
            continue
        if last is not None:
            _take_notes(last, above)
            yield last
        frame: list[FrameLine] = []
        for paragraph in reversed(above):
            line = read_frame_line(paragraph.text)
            if line is None or line.kind == "note":
                break
            frame.insert(0, line)
        last = FramedGrid(grid, frame, adjacent=not above, blank=blank)
        above = []
    if last is not None:
        _take_notes(last, above)
        yield last


def _take_notes(part: FramedGrid, below: list[Paragraph]) -> None:
    while below and (line := read_frame_line(below[0].text)) and line.kind == "note":
        part.notes.append(line.value)
        below.pop(0)


def _identify(part: FramedGrid, layout: Layout, specs: Specs, before: list[str]) -> tuple[str | None, str]:
    """Return the name of the table and what told it: its title, its header, or header and order."""
    title = part.value("title") or ""
    for name, table in layout.tables.items():
        if layout.bears(title, table.titles):
            return name, "title"
    if layout.bears(title, layout.other_titles):
        return None, ""
    fitting = [
        name
        for name, table in layout.tables.items()
        if name not in before and match_header(part.grid.rows, table).complete
    ]
    if len(fitting) == 1:
        return fitting[0], "header"
    last = specs.tables[before[-1]].number if before else 0
    later = [name for name in fitting if (specs.tables[name].number or 0) > (last or 0)]
    return (later[0], "order") if later else (None, "")


def _continues(found: Found, part: FramedGrid, layout: Layout) -> bool:
    """Say whether a grid is a further page of the table before it."""
    title = part.value("title")
    if title is not None and not layout.bears(title, layout.tables[found.spec.name].titles):
        return False
    first = found.parts[0].grid
    if len(part.grid.rows[0]) != len(first.rows[0]):
        return False
    header = first.rows[: found.match.levels]
    if repeated_levels(header, part.grid.rows):
        return title is not None or not any(line.kind == "organisation" for line in part.frame)
    return part.adjacent and not any(match_header(part.grid.rows, table).complete for table in layout.tables.values())


def _build(document: Document, layout: Layout, found: Found, result: Recognition) -> None:
    """Add one table to `result`, or say why it cannot be read."""
    builder = SheetBuilder(side_by_side(found, layout), layout, document.source)
    if problems := builder.problems():
        leave_out(problems, found.spec, layout, result)
        return
    result.sheets.append(builder.sheet())
    result.findings += builder.findings()


def leave_out(problems: Sequence[Problem], spec: TableSpec, layout: Layout, result: Recognition) -> None:
    """Say why a table cannot be read: a finding where the layout can do without the table, else problems."""
    if not layout.tables[spec.name].optional:
        result.problems += problems
        return
    first, more = problems[0], len(problems) - 1
    where = "".join(f"，{part}" for part in (first.row and f"第{first.row}行", first.column) if part)
    also = f"，另有 {more} 处" if more else ""
    text = f"{spec.label}无法准确读取，未收入数据：{first.message}（{first.code}{where}{also}）"
    result.findings.append(
        Finding(
            "TABLE-UNREAD",
            text,
            "error",
            table=spec.name,
            page=first.page,
            line=first.line,
            printed=first.found,
            expected=first.expected,
        )
    )


def _twice(document: Document, spec: TableSpec, grid: Grid) -> Problem:
    return Problem(
        "TABLE-TWICE",
        "同一张表出现了两次",
        document.source,
        grid.first.page,
        grid.first.line,
        spec.label,
        hint="对照原文档，只保留一张；若是另一张表，改正其标题",
    )


def _missing(spec: TableSpec) -> Finding:
    return Finding("TABLE-MISSING", f"文档中没有{spec.label}（连空表也没有公布）", table=spec.name)


def _unnumbered(sheets: Sequence[Sheet], specs: Specs) -> list[Finding]:
    """Where some tables bear their number and others do not, the others have lost theirs."""
    silent = [specs.tables[sheet.table].number for sheet in sheets if sheet.number is None]
    if not silent or len(silent) == len(sheets):
        return []
    names = "、".join(f"表{number}" for number in silent)
    return [Finding("TABLE-UNNUMBERED", f"{names}没有印出公开表编号，按标题认定", "info")]
