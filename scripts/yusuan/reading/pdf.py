"""PDF to `Document`: pages one by one, tables where rules draw them, running text around them."""

from __future__ import annotations

import gc
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from operator import itemgetter

import pypdfium2

from yusuan.errors import DocumentError, Problem
from yusuan.model import Cell, Document, Finding, Grid, Place
from yusuan.reading.glyphs import cell_text, head_width, join_cell, row_text, split_row, text_rows, type_size
from yusuan.reading.lattice import Lattice, find_lattices
from yusuan.reading.paragraphs import Line, Shape, join_lines
from yusuan.reading.primitives import Char, PageMarks, read_marks
from yusuan.reading.running import PageText, furniture, is_furniture, with_margins
from yusuan.reading.second import count_pages, pages_with_lost_contents
from yusuan.reading.shares import in_shares
from yusuan.reading.streams import damaged_streams
from yusuan.reading.strokes import Box
from yusuan.values import header_key

READER = "pdf"
_TOP, _BOTTOM = itemgetter(2), itemgetter(4)
_NUMBER = re.compile(r"[-–—－]?[\d,.，．]+[%％]?|[(（][\d,.，．]+[)）]")
_TAIL = 1200
#: Text this much larger than the page's usual text is a title.
_LARGE = 1.15
#: Column borders of one table on two pages differ by no more than this.
_SAME = 3.0


def read_pdf(source: str, data: bytes, sha256: str, processes: int | None = None) -> Document:
    """Return the document in `data`, the bytes of a PDF file called `source`, read by so many processes, one a core unless said."""
    _refuse_truncated(source, data)
    with _without_collector(), _opened(source, data) as document:
        count = len(document)
        pages = with_margins(in_shares(partial(_read_pages, source, document), count, processes))
        blocks = tuple(join_lines(_blocks(pages)))
    _refuse_disagreement(source, data, count)
    findings = (*_damage(damaged_streams(data)), *_notes(pages, data))
    return Document(source, sha256, len(data), READER, blocks, findings)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep the collector of cycles still: nothing here makes any, and there is much for it to look through."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@contextmanager
def _opened(source: str, data: bytes) -> Iterator[pypdfium2.PdfDocument]:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise DocumentError(_unreadable(source, str(error))) from error
    try:
        yield document
    finally:
        document.close()


def _read_pages(source: str, document: pypdfium2.PdfDocument, numbers: Sequence[int]) -> list[PageText]:
    """Return pages by their numbers, taken apart; each is closed as soon as it is read."""
    pages = []
    for number in numbers:
        try:
            page = document[number - 1]
            try:
                marks = read_marks(page, number)
            finally:
                page.close()
        except pypdfium2.PdfiumError as error:
            raise DocumentError(_unreadable_page(source, number, str(error))) from error
        pages.append(take_apart(marks))
    return pages


def _unreadable_page(source: str, number: int, reason: str) -> Problem:
    hint = "文件可能已损坏，请重新下载"
    return Problem("PDF-PAGE", "这一页无法读取", source, page=number, found=reason, hint=hint)


def _refuse_truncated(source: str, data: bytes) -> None:
    """The end mark is the last thing a PDF says; engines mend its loss by guessing, and lose rows."""
    if b"%%EOF" not in data[-_TAIL:]:
        raise DocumentError(
            Problem(
                "PDF-TRUNCATED",
                "PDF 没有结尾，文件不完整",
                source,
                expected="以 %%EOF 结尾",
                found=f"{len(data)} 字节后中断",
                hint="重新下载该文件",
            )
        )


def _refuse_disagreement(source: str, data: bytes, pages: int) -> None:
    """Two engines that count pages differently do not see the same document."""
    other = count_pages(data)
    if other != pages:
        found = f"{pages} 页与 {'无法打开' if other is None else f'{other} 页'}"
        raise DocumentError(
            Problem(
                "PDF-PAGES-DISAGREE",
                "两个引擎看到的页数不同，文件结构可能已损坏",
                source,
                found=found,
                hint="重新下载该文件，或重新导出为 PDF",
            )
        )


def _damage(damaged: int) -> Iterator[Finding]:
    if damaged:
        text = f"PDF 里有 {damaged} 段数据与自带的校验和不符，读到的可能不全或不对"
        yield Finding("PDF-CHECKSUM", text, "error")


def _unreadable(source: str, reason: str) -> Problem:
    if "password" in reason.lower():
        return Problem("PDF-ENCRYPTED", "PDF 有打开口令", source, found=reason, hint="向发布单位索取没有口令的文件")
    return Problem("PDF-DAMAGED", "PDF 无法打开", source, found=reason, hint="文件可能不完整，请重新下载")


def take_apart(marks: PageMarks) -> PageText:
    """Return a page's tables and the lines outside them."""
    found = find_lattices(marks.horizontal, marks.vertical)
    if not found:
        return PageText(_without_marks(marks), (), (), tuple(_lines(marks, marks.chars)))
    inside, loose = _shared_out(marks.chars, found)
    kept = [(lattice, cells) for lattice, cells in zip(found, inside, strict=True) if any(cells)]
    grids = tuple(_grid(lattice, cells, marks.number) for lattice, cells in kept)
    wrapped = frozenset(box for lattice, cells in kept for box in _wrapped(lattice, cells))
    lines = tuple(_lines(marks, loose))
    return PageText(_without_marks(marks), tuple(lattice for lattice, _ in kept), grids, lines, wrapped)


def _without_marks(marks: PageMarks) -> PageMarks:
    """Return what is known of a page without its characters and rules: a long document would not fit in memory."""
    return replace(marks, chars=[], horizontal=[], vertical=[], printed=len(marks.chars))


def _wrapped(lattice: Lattice, cells: Sequence[list[Char]]) -> Iterator[Box]:
    """Yield the boxes of the cells in the last row whose text is printed on several lines."""
    last = len(lattice.ys) - 1
    for region, chars in zip(lattice.regions, cells, strict=True):
        if region.row_end == last and len(text_rows(chars)) > 1:
            yield region.box


def _shared_out(chars: Sequence[Char], lattices: Sequence[Lattice]) -> tuple[list[list[list[Char]]], list[Char]]:
    """Return the characters in each cell of each table, and those outside them."""
    inside: list[list[list[Char]]] = [[[] for _ in lattice.regions] for lattice in lattices]
    tables = [
        (*lattice.box, lattice.xs[1:-1], lattice.ys[1:-1], _squares(lattice, cells))
        for lattice, cells in zip(lattices, inside, strict=True)
    ]
    loose = []
    for char in chars:
        _, x0, top, x1, bottom = char
        y = (top + bottom) / 2
        for left, upper, right, lower, xs, ys, squares in tables:
            if upper <= y <= lower and left <= (x0 + x1) / 2 <= right:
                squares[bisect_right(ys, y)][bisect_right(xs, (x0 + x1) / 2)].append(char)
                break
        else:
            loose.append(char)
    return inside, loose


def _squares(lattice: Lattice, cells: Sequence[list[Char]]) -> list[list[list[Char]]]:
    """Return for each square of the raster the cell it belongs to."""
    squares = [[cells[0]] * (len(lattice.xs) - 1) for _ in lattice.ys[1:]]
    for (row, column, row_end, column_end, _), cell in zip(lattice.regions, cells, strict=True):
        for line in squares[row:row_end]:
            line[column:column_end] = [cell] * (column_end - column)
    return squares


def _grid(lattice: Lattice, cells: Sequence[list[Char]], page: int) -> Grid:
    """Return the cells of a table; a spanning cell's text stands in its first square, the others are blank."""
    blank = Cell("", Place(page=page))
    rows = [[blank] * (len(lattice.xs) - 1) for _ in lattice.ys[1:]]
    for (row, column, _, _, box), chars in zip(lattice.regions, cells, strict=True):
        rows[row][column] = Cell(cell_text(chars) if chars else "", Place(None, page, box))
    return Grid(tuple(map(tuple, rows)))


def _blocks(pages: Sequence[PageText]) -> Iterator[Line | Grid]:
    """Yield lines and grids in reading order: page furniture left out, a table cut by a page break in one piece."""
    known = furniture(pages)
    last: tuple[Lattice, Grid] | None = None
    between: list[Line] = []
    for page in pages:
        for thing in _things(page, known):
            if isinstance(thing, Line) and last is None:
                yield thing
            elif isinstance(thing, Line):
                between.append(thing)
            elif last is None:
                last = thing
            else:
                done, last, between = _follow(last, between, thing, pages)
                yield from done
    if last is not None:
        yield last[1]
        yield from between


def _follow(
    last: tuple[Lattice, Grid], between: list[Line], thing: tuple[Lattice, Grid], pages: Sequence[PageText]
) -> tuple[list[Line | Grid], tuple[Lattice, Grid], list[Line]]:
    """Return what is finished when a table follows another, the table that is open then, and the lines after it."""
    thing = thing if between else _spread(last, thing)
    above, below = last[1], thing[1]
    header = _repeated_rows(above, below)
    titled = header and all(line.place.page == below.first.page for line in between)
    if not _same_columns(last, thing) or (between and not titled):
        return [above, *between], thing, []
    above, below = _mend_cut_row(above, below, header, pages)
    if not header:
        return [], (thing[0], Grid(above.rows + below.rows)), []
    if header == len(below.rows) < len(thing[1].rows):  # nothing else stood under the repeated header
        return [], (thing[0], above), between
    return [above, *between], (thing[0], below), []


def _things(page: PageText, known: set[str | Place]) -> list[Line | tuple[Lattice, Grid]]:
    """Return the lines and tables of a page from top to bottom."""
    tables: list[Line | tuple[Lattice, Grid]] = list(zip(page.lattices, page.grids, strict=True))
    lines = [line for line in page.lines if not is_furniture(line, page.marks, known)]
    return sorted([*tables, *lines], key=_top_left)


def _top_left(thing: Line | tuple[Lattice, Grid]) -> tuple[float, float]:
    left, top, _, _ = (thing.place.box or (0.0, 0.0, 0.0, 0.0)) if isinstance(thing, Line) else thing[0].box
    return top, left


def _same_columns(above: tuple[Lattice, Grid], below: tuple[Lattice, Grid]) -> bool:
    """Say whether a table can be the rest of one on a page before."""
    if above[1].last.page == below[1].first.page or len(above[0].xs) != len(below[0].xs):
        return False
    return all(abs(x - y) <= _SAME for x, y in zip(above[0].xs, below[0].xs, strict=True))


def _spread(above: tuple[Lattice, Grid], below: tuple[Lattice, Grid]) -> tuple[Lattice, Grid]:
    """Return a table in the columns of one on a page before, if it has only some of their borders: all its cells span.

    So a total is printed that stands alone on the last page of its table. A lone column may be a framed note.
    """
    xs, own = above[0].xs, below[0].xs
    places = [i for i, x in enumerate(xs) if any(abs(x - border) <= _SAME for border in own)]
    apart = above[1].last.page != below[1].first.page
    if not (apart and 2 < len(places) == len(own) < len(xs) and places[0] == 0 and places[-1] == len(xs) - 1):  # noqa: PLR2004 - more than one column
        return below
    blank = Cell("", Place(page=below[1].first.page))
    spread = [dict(zip(places, row, strict=False)) for row in below[1].rows]
    rows = tuple(tuple(cells.get(i, blank) for i in range(len(xs) - 1)) for cells in spread)
    return replace(below[0], xs=xs), Grid(rows)


def _repeated_rows(above: Grid, below: Grid) -> int:
    """Return how many rows at the top of a table are those at the top of the other: its header, printed again."""
    count = 0
    for mine, theirs in zip(above.rows, below.rows, strict=False):
        if [header_key(cell.text) for cell in mine] != [header_key(cell.text) for cell in theirs]:
            break
        count += 1
    return count


def _mend_cut_row(above: Grid, below: Grid, header: int, pages: Sequence[PageText]) -> tuple[Grid, Grid]:
    """Give the last row of a table what a page break cut off it: a row below the header that is no row of its own.

    Such a rest has no number of its own, and only goes on where the row above has texts of several lines.
    """
    rows, further = above.rows, below.rows[header:]
    rest = {i: cell.text for i, cell in enumerate(further[0]) if cell.text} if further else {}
    has_number = any(_NUMBER.fullmatch(cell.text) for cell in rows[-1])
    if not rest or not has_number or any(_NUMBER.fullmatch(text) for text in rest.values()):
        return above, below
    if any(
        cell.place.page is None or cell.place.box not in pages[cell.place.page - 1].wrapped
        for cell in [rows[-1][i] for i in rest]
    ):
        return above, below
    whole = tuple(
        replace(cell, text=join_cell([cell.text, rest[i]])) if i in rest else cell for i, cell in enumerate(rows[-1])
    )
    return Grid((*rows[:-1], whole)), Grid(below.rows[:header] + further[1:])


def _lines(marks: PageMarks, loose: Sequence[Char]) -> Iterator[Line]:
    """Yield the lines of running text with how they lie on the page."""
    pieces = [piece for row in text_rows(loose) for piece in split_row(row)]
    if not pieces:
        return
    size = type_size(loose)
    left = min(piece[0][1] for piece in pieces)
    right = max(piece[-1][3] for piece in pieces)
    for piece in pieces:
        box = (piece[0][1], min(map(_TOP, piece)), piece[-1][3], max(map(_BOTTOM, piece)))
        own = round(type_size(piece), 1)
        shape = Shape(
            room=right - box[2],
            head=head_width(piece),
            size=own,
            middle=(box[0] + box[2]) / 2,
            indented=box[0] - left > size,
            large=own > _LARGE * size,
        )
        yield Line(row_text(piece), Place(page=marks.number, box=box), shape=shape)


def _notes(pages: Sequence[PageText], data: bytes) -> Iterator[Finding]:
    empty = [page.marks.number for page in pages if not page.marks.printed and not page.marks.images]
    lost = pages_with_lost_contents(data, empty) if empty else set()
    for page in pages:
        for note in _page_notes(page.marks, blank=page.marks.number not in lost):
            yield note.at(Place(page=page.marks.number))


def _page_notes(marks: PageMarks, *, blank: bool) -> Iterator[Finding]:
    """Yield what a page holds that was not read: nothing may be lost without a word."""
    name = f"第{marks.number}页"
    if not marks.printed and marks.images:
        yield Finding("PAGE-NO-TEXT", f"{name}没有文字层，只有图像，未读取", "error")
    elif not marks.printed and blank:
        yield Finding("PAGE-NO-TEXT", f"{name}没有文字", "info")
    elif not marks.printed:
        yield Finding("PAGE-NO-TEXT", f"{name}读不出文字，但它不是空白页，文件可能已损坏", "error")
    if marks.lost:
        yield Finding("PAGE-TEXT-LOST", f"{name}有 {marks.lost} 段横放的文字因字体没有嵌入而读不出", "error")
    if marks.hidden:
        yield Finding("PAGE-HIDDEN-TEXT", f"{name}有 {marks.hidden} 个看不见或斜排的字符，未读取", "info")
    if marks.unmapped:
        yield Finding("PAGE-BAD-GLYPHS", f"{name}有 {marks.unmapped} 个字符没有对应的文字")
