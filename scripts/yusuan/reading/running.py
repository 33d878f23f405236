"""What runs along the pages of a PDF: margins that all pages share, running heads, page numbers."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from yusuan.model import Grid, Place
from yusuan.reading.lattice import Lattice
from yusuan.reading.paragraphs import Line, Shape
from yusuan.reading.primitives import PageMarks
from yusuan.reading.strokes import Box

_PAGE_NUMBER = re.compile(r"[-–—－\s·.]*(?:第\s*)?\d{1,4}(?:\s*页)?(?:\s*[/／共]\s*\d{1,4}\s*页?)?[-–—－\s·.]*")
_DASHED = re.compile(r"[-–—－]\s*\d{1,4}\s*[-–—－]")
_EDGE = 0.09
#: So many pages whose numbers count on show that these are page numbers, wherever they stand.
_COUNTED = 3
#: A page with so many lines shows where the document's margins are.
_FULL_PAGE = 10


@dataclass(frozen=True, slots=True)
class PageText:
    """One page taken apart: its tables with their cells, and the lines of text outside them.

    `wrapped` are the boxes of cells in a last row that hold several lines of text: a page break may have cut them.
    """

    marks: PageMarks
    lattices: tuple[Lattice, ...]
    grids: tuple[Grid, ...]
    lines: tuple[Line, ...]
    wrapped: frozenset[Box] = frozenset()


def with_margins(pages: Sequence[PageText]) -> list[PageText]:
    """Return the pages with lines that know the margins of the document, where a page has only short lines itself."""
    seen: dict[tuple[int, int], Counter[tuple[int, int]]] = defaultdict(Counter)
    for page in pages:
        if len(page.lines) >= _FULL_PAGE:
            left, right = _sides(page)
            seen[_paper(page.marks)][round(left), round(right)] += 1
    return [
        replace(page, lines=tuple(_within(page, *seen[_paper(page.marks)].most_common(1)[0][0])))
        if page.lines and seen[_paper(page.marks)]
        else page
        for page in pages
    ]


def _paper(marks: PageMarks) -> tuple[int, int]:
    return round(marks.width), round(marks.height)


def _sides(page: PageText) -> tuple[float, float]:
    """Return where the lines of a page begin and end; what runs along the edge of every page has its own margins."""
    body = [line for line in page.lines if not _at_edge(line, page.marks)] or page.lines
    boxes = [line.place.box for line in body if line.place.box]
    return min(box[0] for box in boxes), max(box[2] for box in boxes)


def _within(page: PageText, left: float, right: float) -> Iterator[Line]:
    """Yield a page's lines as they lie between its own margins or these, whichever are wider apart."""
    own = _sides(page)
    left, right = min(left, own[0]), max(right, own[1])
    for line in page.lines:
        box, shape = line.place.box, line.shape
        if box is not None and shape is not None:
            room, indented = right - box[2], box[0] - left > shape.size
            shape = Shape(room, shape.head, shape.size, shape.middle, indented, shape.large)
        yield Line(line.text, line.place, line.alone, shape)


def furniture(pages: Sequence[PageText]) -> set[str | Place]:
    """Return the texts that stand at the edge of more than half the pages, running heads, and the page numbers."""
    seen = Counter(text for page in pages for text in {line.text for line in page.lines if _at_edge(line, page.marks)})
    return {text for text, count in seen.items() if count > max(len(pages) / 2, 3)} | _page_numbers(pages)


def _page_numbers(pages: Sequence[PageText]) -> set[str | Place]:
    """Return the places of first and last lines that number their page: between dashes, or counting on with the pages.

    Where margins are wide such a line is not at the edge, and would be joined into the sentence that a page cuts.
    """
    ahead: dict[int, list[Place]] = defaultdict(list)
    dashed: set[str | Place] = set()
    for page in pages:
        for line in {page.lines[0], page.lines[-1]} if page.lines else ():
            if _DASHED.fullmatch(line.text):
                dashed.add(line.place)
            elif _PAGE_NUMBER.fullmatch(line.text) and (digits := re.search(r"\d+", line.text)):
                ahead[int(digits[0]) - page.marks.number].append(line.place)
    counted = {place for places in ahead.values() if len(places) >= _COUNTED for place in places}
    return dashed | counted


def _at_edge(line: Line, marks: PageMarks) -> bool:
    top, bottom = (line.place.box or (0, 0, 0, 0))[1::2]
    return bottom < _EDGE * marks.height or top > (1 - _EDGE) * marks.height


def is_furniture(line: Line, marks: PageMarks, known: set[str | Place]) -> bool:
    """Say whether a line belongs to the page and not to the text; `known` is what `furniture` found."""
    if line.place in known:
        return True
    return _at_edge(line, marks) and (line.text in known or bool(_PAGE_NUMBER.fullmatch(line.text)))
