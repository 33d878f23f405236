"""Which grid is which disclosure table, and what its columns are.

A table is found by its title, else by its header, else by its place in the order; never by a number alone.
Whatever had to be accepted although it is printed wrongly becomes a finding; what cannot be accepted
becomes a problem, and a document with problems is refused whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from yusuan.errors import Problem
from yusuan.frame import FrameLine, read_frame_line, read_frame_lines
from yusuan.identity import read_claims
from yusuan.layouts import Layout, TableLayout
from yusuan.model import Document, Finding, Grid, Paragraph, Sheet, UnreadTable
from yusuan.spec import Specs, TableSpec
from yusuan.tables.blocks import in_columns, rejoined, side_by_side, whole_rows
from yusuan.tables.contents import class_codes, told_by_contents
from yusuan.tables.headers import match_header, repeated_levels
from yusuan.tables.sheets import Found, FramedGrid, SheetBuilder
from yusuan.tables.unread import keep_grids, undescribed
from yusuan.tables.upright import turned
from yusuan.values import parse_amount

#: What headers are read with: the document's year, and the functional classes by name.
Known = tuple[int | None, Mapping[str, str]]


@dataclass
class Recognition:
    """What a document's grids turned out to be; `runs` are those nobody knows, with no known table between them."""

    sheets: list[Sheet] = field(default_factory=list)
    runs: list[list[FramedGrid]] = field(default_factory=list)
    unread: list[UnreadTable] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def strangers(self) -> list[Grid]:
        """Return the grids that are no table of the layout."""
        return [part.grid for run in self.runs for part in run]


def choose_layout(document: Document, specs: Specs) -> Layout | None:
    """Return the layout that reads the document: the place's own where its headers fit, else the general one.

    Where a place's own knows but a few of the tables, the general one must read more than twice as many.
    A place's own is the one that knows most of the titles above grids, of several that know as many the one that also
    knows most of the columns below them; None where not even the general one knows any.
    """
    parts = list(_framed_grids(document))
    titled = {layout.name: _titled(parts, layout) for layout in specs.layouts.values()}
    own = [layout for layout in specs.layouts.values() if not layout.general]
    best = max(own, key=lambda layout: (len(titled[layout.name]), _columns_known(titled[layout.name], layout)))
    year = document_year(document)
    fitting = _fitting(titled[best.name], best, specs, year)
    suits = bool(titled[best.name]) and 2 * fitting >= len(titled[best.name])
    final = any(claim.kind == "决算" for claim in read_claims(document)[:1])
    for layout in specs.layouts.values() if not final else ():
        if layout.general and _fitting(titled[layout.name], layout, specs, year) > fitting * (1 + suits):
            return layout
    return best if titled[best.name] else None


def document_year(document: Document) -> int | None:
    """Return the year that the document's titles speak of first, None where none does."""
    claims = read_claims(document)
    return claims[0].year if claims else None


def _titled(parts: Sequence[FramedGrid], layout: Layout) -> Mapping[str, FramedGrid]:
    """Return the first grid under a title of each table that the layout knows."""
    found: dict[str, FramedGrid] = {}
    for part in parts:
        title = part.value("title") or ""
        for name, table in layout.tables.items():
            if name not in found and layout.bears(title, table.titles):
                found[name] = part
                break
    return found


def _fitting(titled: Mapping[str, FramedGrid], layout: Layout, specs: Specs, year: int | None) -> int:
    """Return how many tables under a title have a header that fits: for the general layout, one that can be told."""
    classes, fitting = class_codes(specs), 0
    for name, part in titled.items():
        rows, table = part.grid.rows, layout.tables[name]
        match = match_header(rows, table, year)
        match = told_by_contents(rows, match, specs.tables[name], table, classes) if match.missing else match
        fitting += not match.missing and (layout.general or match.complete)
    return fitting


def _columns_known(titled: Mapping[str, FramedGrid], layout: Layout) -> int:
    """Return how many columns of its own stand under the titles of a layout."""
    return sum(match_header(part.grid.rows, layout.tables[name]).found for name, part in titled.items())


def recognise(document: Document, specs: Specs, layout: Layout) -> Recognition:
    """Return the disclosure tables of `document` as `layout` prints them."""
    result = Recognition()
    found: list[Found] = []
    known = document_year(document), class_codes(specs)
    current: Found | None = None  # a page goes on with the table right before it, not with one before a stranger
    run: list[FramedGrid] = []
    parts = framed_grids(document)
    titled = frozenset(_titled(parts, layout))
    for framed in parts:
        part = _aligned(current, framed)
        if current and _continues(current, part, layout):
            current.parts.append(part)
            continue
        current = None
        table, by = _identify(part, (layout, titled), specs, [item.spec.name for item in found])
        if table is None:
            if not run:
                result.runs.append(run)
            run.append(part)
            continue
        run = []
        if any(item.spec.name == table for item in found):
            finding = leave_out([_twice(document, specs.tables[table], part.grid)], specs.tables[table], layout, result)
            result.unread += [keep_grids([part], finding)] if finding else []
            continue
        current = _found(part, specs.tables[table], layout.tables[table], by, known)
        found.append(current)
    for item in found:
        _build(document.source, item, (layout, _spare(document, specs, layout)), known, result)
    for run in result.runs:
        result.unread += undescribed(run, layout)
    printed, readable = {item.spec.name for item in found}, {sheet.table for sheet in result.sheets}
    wanted = [name for name, table in layout.tables.items() if not table.where_it_fits or name in printed]
    result.missing = [name for name in specs.tables if name in wanted and name not in readable]
    result.findings += [_missing(specs.tables[name]) for name in result.missing if name not in printed]
    result.findings += _unnumbered(result.sheets, specs)
    return result


def _found(part: FramedGrid, spec: TableSpec, layout: TableLayout, by: str, known: Known) -> Found:
    """Return the table in a grid as its header reads; one printed upright is turned on its side.

    `known` are the document's year and the functional classes.
    """
    year, classes = known
    match = match_header(part.grid.rows, layout, year)
    sideways = turned(part.grid, layout, year, match) if layout.one_row else None
    if sideways is not None:
        grid, match = sideways
        part = replace(part, grid=grid)
    return Found(spec, told_by_contents(part.grid.rows, match, spec, layout, classes), [part], by)


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
        printed, joined = rejoined(
            tuple(whole_rows(row for row in block.rows if any(cell.text.strip() for cell in row)))
        )
        grid = Grid(printed)
        blank = sum(not any(cell.text.strip() for cell in row) for row in block.rows)
        if not grid.rows:
            continue
        if last is not None:
            _take_notes(last, above)
            yield last
        frame = _frame_above(above)
        grid, inside = _titles_inside(grid)
        frame += inside
        last = FramedGrid(grid, frame, adjacent=not above, blank=blank, joined=joined)
        above = []
    if last is not None:
        _take_notes(last, above)
        yield last


_ASIDE = re.compile(r"[(（](?!20\d\d)[^()（）]{2,40}[)）]")
_MAX_STRAYS, _STRAY = 4, 20


def _frame_above(above: Sequence[Paragraph]) -> list[FrameLine]:
    """Return the frame lines directly above a grid; a few scraps of wrapped lines among them are passed over."""
    frame: list[FrameLine] = []
    pending, aside = 0, ""
    for paragraph in reversed(above):
        lines = read_frame_lines(paragraph.text)
        if any(line.kind == "note" for line in lines):
            break
        if not lines and _ASIDE.fullmatch(paragraph.text.strip()):
            aside = paragraph.text.strip() + aside
            continue
        if aside and lines and lines[-1].kind == "title":
            lines, aside = [*lines[:-1], FrameLine("title", lines[-1].value + aside)], ""
        if not lines:
            pending += 1
            if len(paragraph.text) > _STRAY or pending > _MAX_STRAYS:
                break
        frame = lines + frame
    return frame


def _titles_inside(grid: Grid) -> tuple[Grid, list[FrameLine]]:
    """Take frame lines that were printed inside the grid, alone in a row above the header, out of it."""
    inside: list[FrameLine] = []
    rows = list(grid.rows)
    while len(rows) > 1:
        texts = [cell.text for cell in rows[0] if cell.text.strip()]
        lines = [read_frame_line(text) for text in texts]
        if len(rows[0]) == 1 or not texts or not all(line and line.kind in _INSIDE for line in lines):
            break
        inside += [line for line in lines if line]
        rows.pop(0)
    return Grid(tuple(rows)), inside


_INSIDE = frozenset({"title", "organisation", "money", "number"})


def _take_notes(part: FramedGrid, below: list[Paragraph]) -> None:
    while below and (line := read_frame_line(below[0].text)) and line.kind == "note":
        part.notes.append(line.value)
        below.pop(0)


def _identify(
    part: FramedGrid, layouts: tuple[Layout, frozenset[str]], specs: Specs, before: list[str]
) -> tuple[str | None, str]:
    """Return the name of the table and what told it: its title, its header, or header and order.

    With the layout come the tables whose titles are printed somewhere: no other grid is taken for one of them.
    """
    layout, titled = layouts
    title = part.value("title") or ""
    for name, table in layout.tables.items():
        if layout.bears(title, table.titles):
            unfit = table.where_it_fits and match_header(part.grid.rows, table).missing
            return (None, "") if unfit else (name, "title")
    if layout.general or layout.bears(title, layout.other_titles):
        return None, ""
    fitting = [
        name
        for name, table in layout.tables.items()
        if name not in before and name not in titled and match_header(part.grid.rows, table).complete
    ]
    if len(fitting) == 1:
        return fitting[0], "header"
    last = specs.tables[before[-1]].number if before else 0
    later = [name for name in fitting if (specs.tables[name].number or 0) > (last or 0)]
    return (later[0], "order") if later else (None, "")


def _aligned(found: Found | None, part: FramedGrid) -> FramedGrid:
    """Return a grid right below a table, of fewer columns that line up with those of the table, in its columns."""
    last = found.parts[-1].grid.rows[-1] if found else ()
    if not last or not part.adjacent or len(part.grid.rows[0]) >= len(last):
        return part
    rows = in_columns(part.grid.rows, last)
    return replace(part, grid=Grid(rows)) if rows else part


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
    if layout.general and not _amounts_read(found, part):
        return False
    return part.adjacent and not any(match_header(part.grid.rows, table).complete for table in layout.tables.values())


def _amounts_read(found: Found, part: FramedGrid) -> bool:
    """Say whether a further page without a header has numbers, or nothing, in every money column of its table."""
    amounts = [i for i, name in enumerate(found.match.fields) if name in found.spec.measures]
    return all(_number_or_blank(row[i].text) for row in part.grid.rows for i in amounts if i < len(row))


def _number_or_blank(text: str) -> bool:
    try:
        parse_amount(text)
    except ValueError:
        return False
    return True


def _spare(document: Document, specs: Specs, layout: Layout) -> Layout | None:
    """Return the layout that may read what the place's own cannot: the general one, but not for final accounts."""
    if layout.general or any(claim.kind == "决算" for claim in read_claims(document)[:1]):
        return None
    return next((other for other in specs.layouts.values() if other.general), None)


def _build(source: str, found: Found, layouts: tuple[Layout, Layout | None], known: Known, result: Recognition) -> None:
    """Add one table to `result`, or say why it cannot be read; what can be left out is read by the spare layout first."""
    layout, spare = layouts
    builder = SheetBuilder(side_by_side(found, layout), layout, source)
    problems = builder.problems()
    name = found.spec.name
    if problems and spare and layout.tables[name].optional and name in spare.tables:
        again = _found(found.parts[0], found.spec, spare.tables[name], found.by, known)
        again.parts += found.parts[1:]
        builder = SheetBuilder(again, spare, source)
        if not builder.problems():
            result.findings.append(_by_general(found.spec, problems[0], layout, found.parts[0].grid))
            problems = []
    if problems:
        finding = leave_out(problems, found.spec, layout, result)
        result.unread += [keep_grids(found.parts, finding, found.match.levels)] if finding else []
        return
    result.sheets.append(builder.sheet())
    result.findings += builder.findings()


def _by_general(spec: TableSpec, problem: Problem, layout: Layout, grid: Grid) -> Finding:
    where = f"，{problem.column}" if problem.column else ""
    text = f"{spec.label}按版式 {layout.name} 读不准（{problem.message}，{problem.code}{where}），改用通用版式读，由表内的合计印证"
    return Finding("TABLE-BY-GENERAL", text, table=spec.name, printed=problem.found).at(grid.first)


def leave_out(problems: Sequence[Problem], spec: TableSpec, layout: Layout, result: Recognition) -> Finding | None:
    """Say why a table cannot be read: a finding, returned, where the layout can do without the table, else problems."""
    if not layout.tables[spec.name].optional:
        result.problems += problems
        return None
    first, more = problems[0], len(problems) - 1
    where = "".join(f"，{part}" for part in (first.row and f"第{first.row}行", first.column) if part)
    also = f"，另有 {more} 处" if more else ""
    text = f"{spec.label}无法准确读取，未收入数据：{first.message}（{first.code}{where}{also}）"
    if layout.general and first.hint and "schemas/layouts/" in first.hint:
        text += f"；{first.hint}"
    finding = Finding(
        "TABLE-UNREAD",
        text,
        "error",
        table=spec.name,
        page=first.page,
        line=first.line,
        printed=first.found,
        expected=first.expected,
    )
    result.findings.append(finding)
    return finding


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
