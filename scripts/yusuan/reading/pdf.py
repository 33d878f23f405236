"""PDF to `Document`: pages one by one, tables where rules draw them, running text around them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pypdfium2

from yusuan.errors import DocumentError, Problem
from yusuan.model import Cell, Document, Finding, Grid, Place
from yusuan.reading.glyphs import cell_text, em, head_width, join_cell, row_text, split_row, text_rows
from yusuan.reading.lattice import Lattice, find_lattices
from yusuan.reading.paragraphs import Line, Shape, join_lines
from yusuan.reading.primitives import Char, PageMarks, read_marks
from yusuan.values import header_key

READER = "pdf"
_PAGE_NUMBER = re.compile(r"[-–—－\s·.]*(?:第\s*)?\d{1,4}(?:\s*页)?(?:\s*[/／共]\s*\d{1,4}\s*页?)?[-–—－\s·.]*")
_NUMBER = re.compile(r"[-–—(（]?[\d,.，．%]+[)）]?")
_EDGE = 0.09
#: Text this much larger than the page's usual text is a title.
_LARGE = 1.15
#: Column borders of one table on two pages differ by no more than this.
_SAME = 3.0


@dataclass(frozen=True, slots=True)
class PageText:
    """One page taken apart: its tables with their cells, and the lines of text outside them."""

    marks: PageMarks
    lattices: tuple[Lattice, ...]
    grids: tuple[Grid, ...]
    lines: tuple[Line, ...]


def read_pdf(source: str, data: bytes, sha256: str) -> Document:
    """Return the document in `data`, the bytes of a PDF file called `source`."""
    pages = [take_apart(marks) for marks in read_pages(source, data)]
    blocks = tuple(join_lines(_blocks(pages)))
    return Document(source, sha256, len(data), READER, blocks, tuple(_notes(pages)))


def read_pages(source: str, data: bytes) -> Iterator[PageMarks]:
    """Yield the marks of each page; pages are closed as soon as they are read."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise DocumentError(_unreadable(source, str(error))) from error
    try:
        for number in range(1, len(document) + 1):
            page = document[number - 1]
            try:
                yield read_marks(page, number)
            finally:
                page.close()
    except pypdfium2.PdfiumError as error:
        raise DocumentError(
            Problem(
                "PDF-PAGE", "这一页无法读取", source, page=number, found=str(error), hint="文件可能已损坏，请重新下载"
            )
        ) from error
    finally:
        document.close()


def _unreadable(source: str, reason: str) -> Problem:
    if "password" in reason.lower():
        return Problem("PDF-ENCRYPTED", "PDF 有打开口令", source, found=reason, hint="向发布单位索取没有口令的文件")
    return Problem("PDF-DAMAGED", "PDF 无法打开", source, found=reason, hint="文件可能不完整，请重新下载")


def take_apart(marks: PageMarks) -> PageText:
    """Return a page's tables and the lines outside them."""
    lattices = tuple(find_lattices(marks.horizontal, marks.vertical))
    owned: list[list[Char]] = [[] for _ in lattices]
    loose: list[Char] = []
    boxes = [(lattice.box, chars) for lattice, chars in zip(lattices, owned, strict=True)]
    for char in marks.chars:
        _, x0, top, x1, bottom = char
        x, y = (x0 + x1) / 2, (top + bottom) / 2
        for (left, upper, right, lower), chars in boxes:
            if upper <= y <= lower and left <= x <= right:
                chars.append(char)
                break
        else:
            loose.append(char)
    pairs = [(lattice, chars) for lattice, chars in zip(lattices, owned, strict=True) if chars]
    grids = tuple(lattice_grid(lattice, chars, marks.number) for lattice, chars in pairs)
    return PageText(marks, tuple(lattice for lattice, _ in pairs), grids, tuple(_lines(marks, loose)))


def lattice_grid(lattice: Lattice, chars: Sequence[Char], page: int) -> Grid:
    """Return the cells of a table; a spanning cell's text stands in its first square, the others are blank."""
    at = [[0] * (len(lattice.xs) - 1) for _ in lattice.ys[1:]]
    for n, region in enumerate(lattice.regions):
        for row in at[region.row : region.row_end]:
            row[region.column : region.column_end] = [n] * (region.column_end - region.column)
    inside: list[list[Char]] = [[] for _ in lattice.regions]
    last_column, last_row = len(lattice.xs) - 2, len(lattice.ys) - 2
    for char in chars:
        _, x0, top, x1, bottom = char
        column = min(max(bisect_right(lattice.xs, (x0 + x1) / 2) - 1, 0), last_column)
        line = min(max(bisect_right(lattice.ys, (top + bottom) / 2) - 1, 0), last_row)
        inside[at[line][column]].append(char)
    rows = [[Cell("", Place(page=page))] * (len(lattice.xs) - 1) for _ in lattice.ys[1:]]
    for n, region in enumerate(lattice.regions):
        place = Place(page=page, box=region.box)
        rows[region.row][region.column] = Cell(cell_text(inside[n]) if inside[n] else "", place)
    return Grid(tuple(map(tuple, rows)))


def _blocks(pages: Sequence[PageText]) -> Iterator[Line | Grid]:
    """Yield lines and grids in reading order: page furniture left out, a table cut by a page break in one piece."""
    furniture = _furniture(pages)
    last: tuple[Lattice, Grid] | None = None
    for page in pages:
        for thing in _things(page, furniture):
            if last is not None and not isinstance(thing, Line) and _same_columns(last, thing):
                above, below, header = _mend_cut_row(last[1], thing[1], pages)
                if header < len(below.rows) and header:
                    yield above
                    last = (thing[0], below)
                else:
                    last = (thing[0], Grid(above.rows + below.rows[header:]))
                continue
            if last is not None:
                yield last[1]
                last = None
            if isinstance(thing, Line):
                yield thing
            else:
                last = thing
    if last is not None:
        yield last[1]


def _things(page: PageText, furniture: set[str]) -> list[Line | tuple[Lattice, Grid]]:
    """Return the lines and tables of a page from top to bottom."""
    tables: list[Line | tuple[Lattice, Grid]] = list(zip(page.lattices, page.grids, strict=True))
    lines = [line for line in page.lines if not _is_furniture(line, page.marks, furniture)]
    return sorted([*tables, *lines], key=_top_left)


def _top_left(thing: Line | tuple[Lattice, Grid]) -> tuple[float, float]:
    left, top, _, _ = (thing.place.box or (0.0, 0.0, 0.0, 0.0)) if isinstance(thing, Line) else thing[0].box
    return top, left


def _same_columns(above: tuple[Lattice, Grid], below: tuple[Lattice, Grid]) -> bool:
    """Say whether a table can be the rest of one on a page before."""
    if above[1].last.page == below[1].first.page or len(above[0].xs) != len(below[0].xs):
        return False
    return all(abs(x - y) <= _SAME for x, y in zip(above[0].xs, below[0].xs, strict=True))


def _mend_cut_row(above: Grid, below: Grid, pages: Sequence[PageText]) -> tuple[Grid, Grid, int]:
    """Give the last row of a table what a page break cut off it; return also how many header rows are repeated.

    Such a rest has no number of its own, and only goes on where the row above has texts of several lines.
    """
    header = 0
    for mine, theirs in zip(above.rows, below.rows, strict=False):
        if [header_key(cell.text) for cell in mine] != [header_key(cell.text) for cell in theirs]:
            break
        header += 1
    rows, further = above.rows, below.rows[header:]
    rest = {i: cell.text for i, cell in enumerate(further[0]) if cell.text} if further else {}
    has_number = any(_NUMBER.fullmatch(cell.text) for cell in rows[-1])
    if not rest or not has_number or any(_NUMBER.fullmatch(text) for text in rest.values()):
        return above, below, header
    if not all(_is_wrapped(rows[-1][i], pages) for i in rest):
        return above, below, header
    whole = tuple(
        replace(cell, text=join_cell([cell.text, rest[i]])) if i in rest else cell for i, cell in enumerate(rows[-1])
    )
    return Grid((*rows[:-1], whole)), Grid(below.rows[:header] + further[1:]), header


def _is_wrapped(cell: Cell, pages: Sequence[PageText]) -> bool:
    """Say whether a cell's text is printed on several lines."""
    if cell.place.page is None or cell.place.box is None:
        return False
    left, top, right, bottom = cell.place.box
    chars = pages[cell.place.page - 1].marks.chars
    inside = (c for c in chars if left <= (c.x0 + c.x1) / 2 <= right and top <= (c.top + c.bottom) / 2 <= bottom)
    return len(text_rows(inside)) > 1


def _lines(marks: PageMarks, loose: Sequence[Char]) -> Iterator[Line]:
    """Yield the lines of running text with how they lie on the page."""
    rows = text_rows(loose)
    if not rows:
        return
    size = sorted(map(em, loose))[len(loose) // 2]
    left = min(row[0].x0 for row in rows)
    right = max(row[-1].x1 for row in rows)
    for row in rows:
        for piece in split_row(row):
            box = (piece[0].x0, min(c.top for c in piece), piece[-1].x1, max(c.bottom for c in piece))
            own = round(sorted(map(em, piece))[len(piece) // 2], 1)
            shape = Shape(
                room=right - box[2],
                head=head_width(piece),
                size=own,
                middle=(box[0] + box[2]) / 2,
                indented=box[0] - left > size,
                large=own > _LARGE * size,
            )
            yield Line(row_text(piece), Place(page=marks.number, box=box), shape=shape)


def _furniture(pages: Sequence[PageText]) -> set[str]:
    """Return the texts that stand at the edge of more than half the pages: running heads."""
    seen = Counter(text for page in pages for text in {line.text for line in page.lines if _at_edge(line, page.marks)})
    return {text for text, count in seen.items() if count > max(len(pages) / 2, 3)}


def _at_edge(line: Line, marks: PageMarks) -> bool:
    top, bottom = (line.place.box or (0, 0, 0, 0))[1::2]
    return bottom < _EDGE * marks.height or top > (1 - _EDGE) * marks.height


def _is_furniture(line: Line, marks: PageMarks, furniture: set[str]) -> bool:
    return _at_edge(line, marks) and (line.text in furniture or bool(_PAGE_NUMBER.fullmatch(line.text)))


def _notes(pages: Sequence[PageText]) -> Iterator[Finding]:
    for page in pages:
        marks = page.marks
        for note in _page_notes(marks):
            yield note.at(Place(page=marks.number))


def _page_notes(marks: PageMarks) -> Iterator[Finding]:
    """Yield what a page holds that was not read: nothing may be lost without a word."""
    name = f"第{marks.number}页"
    if not marks.chars and marks.images:
        yield Finding("PAGE-NO-TEXT", f"{name}没有文字层，只有图像，未读取", "error")
    elif not marks.chars:
        yield Finding("PAGE-NO-TEXT", f"{name}没有文字", "info")
    if marks.hidden:
        yield Finding("PAGE-HIDDEN-TEXT", f"{name}有 {marks.hidden} 个看不见或斜排的字符，未读取", "info")
    if marks.unmapped:
        yield Finding("PAGE-BAD-GLYPHS", f"{name}有 {marks.unmapped} 个字符没有对应的文字")
