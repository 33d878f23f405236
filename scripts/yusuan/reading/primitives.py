"""What is printed on a PDF page: characters with boxes, and ruling lines.

Coordinates are points from the top left corner of the page as it is read: page rotation, crop box and
text turned by its own matrix are taken out.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

import pypdfium2
from pypdfium2 import raw

from yusuan.reading import engine
from yusuan.reading.strokes import Rule, Strokes, Upright, slants

__all__ = ["Char", "PageMarks", "Rule", "read_marks"]

_INVISIBLE = 3
_BLANK = frozenset(" \t\r\n\x00\xa0\u3000\ufffe\uffff\x02\xad")
_SPACES = frozenset(" \xa0\u3000")
_AS_SPACE = str.maketrans("\xa0\u3000", "  ")
#: What is no text: characters without a meaning, and control characters, which a font whose table is lost gives.
_UNMAPPED = re.compile("[\ufffd\ue000-\uf8ff\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


#: One printed character and its box: text, x0, top, x1, bottom. A plain tuple, the fastest there is to make and to take
#: apart: there are five hundred to a page.
Char = tuple[str, float, float, float, float]


@dataclass
class PageMarks:
    """Everything on one page that reading needs; `printed` is how many characters it has when they are let go."""

    number: int
    width: float
    height: float
    turns: int = 0
    chars: list[Char] = field(default_factory=list)
    horizontal: list[Rule] = field(default_factory=list)
    vertical: list[Rule] = field(default_factory=list)
    hidden: int = 0
    unmapped: int = 0
    lost: int = 0
    images: int = 0
    printed: int = 0


def read_marks(page: pypdfium2.PdfPage, number: int) -> PageMarks:
    """Return the marks of a page; `number` counts from 1. The page may be closed afterwards."""
    textpage = page.get_textpage()
    try:
        count = textpage.count_chars()
        upright = Upright(page.get_bbox(), _turns(page, engine.address(textpage.raw), count))
        strokes = Strokes(engine.address(page.raw), raw.FPDFPage_CountObjects(page.raw), upright)
        marks = PageMarks(
            number, upright.width, upright.height, upright.turns, lost=strokes.lost, images=strokes.images
        )
        marks.horizontal, marks.vertical = strokes.horizontal, strokes.vertical
        invisible = _INVISIBLE in strokes.modes and len(strokes.modes) > 1
        unseen = _Unseen(textpage.raw, invisible=invisible, slanting=strokes.slanting)
        _read_chars(textpage.raw, count, upright, marks, unseen)
    finally:
        textpage.close()
    return marks


def _turns(page: pypdfium2.PdfPage, textpage: int, count: int) -> int:
    """Return by how many quarter turns (clockwise) the page must be turned for most text to stand upright."""
    sample = range(0, count, max(count // 40, 1))
    votes = [0, 0, 0, 0]
    angles = map(engine.char_angle, repeat(textpage), sample)
    for angle, generated in zip(angles, map(engine.char_generated, repeat(textpage), sample), strict=True):
        if angle >= 0 and not generated:
            votes[round(angle / (math.pi / 2)) % 4] += 1
    if any(votes):
        # pdfium counts angles clockwise: text at 270° stands upright after one more quarter turn
        return -votes.index(max(votes)) % 4
    return int(page.get_rotation()) // 90


def _read_chars(textpage: Any, count: int, upright: Upright, marks: PageMarks, unseen: _Unseen) -> None:
    text, page = _text(textpage, count), engine.address(textpage)
    generated = engine.char_generated
    indexes = [i for i, sign in enumerate(text) if sign not in _BLANK or (sign in _SPACES and not generated(page, i))]
    text = text.translate(_AS_SPACE)
    known, *sides = engine.char_boxes(page, indexes)
    signs = [text[i] for i in indexes]
    lefts, tops, rights, bottoms = _upright_sides(sides, upright)
    chars = list(zip(signs, lefts, tops, rights, bottoms, strict=True))
    inside = not chars or (
        min(lefts) >= 0 and max(rights) <= marks.width and min(tops) >= 0 and max(bottoms) <= marks.height
    )
    if unseen.any or not inside or not all(known):
        width, height = 2 * marks.width, 2 * marks.height
        seen = [
            char
            for i, ok, char in zip(indexes, known, chars, strict=True)
            if ok and 0 <= char[1] + char[3] <= width and 0 <= char[2] + char[4] <= height
            and not (unseen.any and unseen.has(i))
        ]  # fmt: skip
        marks.hidden = len(chars) - len(seen)
        chars = seen
    marks.unmapped = len(_UNMAPPED.findall("".join([char[0] for char in chars])))
    marks.chars = _once(chars) if _has_twins(signs, lefts, tops) else chars


def _upright_sides(sides: Sequence[Sequence[float]], upright: Upright) -> Sequence[Sequence[float]]:
    """Return lefts, tops, rights, bottoms from pdfium's lefts, tops, rights, bottoms in page coordinates."""
    if upright.turns:
        boxes = [upright.box(x0, y0, x1, y1) for x0, y1, x1, y0 in zip(*sides, strict=True)]
        return list(zip(*boxes, strict=True)) or [()] * 4
    x0s, y1s, x1s, y0s = sides
    left, top = upright.left, upright.top
    if left:
        x0s, x1s = [x - left for x in x0s], [x - left for x in x1s]
    return x0s, [top - y for y in y1s], x1s, [top - y for y in y0s]


def _text(textpage: Any, count: int) -> str:
    """Return the character at each index; pdfium's text has one UTF-16 unit an index, or we ask one by one."""
    buffer = ctypes.create_string_buffer(2 * count + 2)
    if raw.FPDFText_GetText(textpage, 0, count, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort))) == count + 1:
        text = buffer.raw[:-2].decode("utf-16-le", "surrogatepass")
        if len(text) == count:
            return text
    return "".join([chr(raw.FPDFText_GetUnicode(textpage, i)) for i in range(count)])


def _has_twins(signs: Sequence[str], lefts: Sequence[float], tops: Sequence[float]) -> bool:
    """Say whether a glyph may be printed twice: the same lies in one square of a point or in two side by side."""
    columns, rows = list(map(int, lefts)), list(map(int, tops))
    places = set(zip(signs, columns, rows, strict=True))
    beside = zip(signs, [column + 1 for column in columns], rows, strict=True)
    return len(places) < len(columns) or not places.isdisjoint(beside)


def _once(chars: Sequence[Char]) -> list[Char]:
    """Bold is often faked by printing every glyph twice, a hair apart: keep one of each."""
    kept: list[Char] = []
    spots: dict[tuple[str, int, int], Char] = {}
    for char in chars:
        text, x0, top, x1, _ = char
        column, row = int(x0), int(top)
        near = (spots.get((text, column + i, row + j)) for i in (-1, 0, 1) for j in (-1, 0, 1))
        apart = min(1, (x1 - x0) / 2)
        if any(other and abs(other[1] - x0) < apart and abs(other[2] - top) < 1 for other in near):
            continue
        spots[text, column, row] = char
        kept.append(char)
    return kept


class _Unseen:
    """Tells characters that are no part of the text: invisible ones, and a watermark's that run askew."""

    def __init__(self, textpage: Any, *, invisible: bool, slanting: bool) -> None:
        self.textpage, self.invisible, self.slanting = textpage, invisible, slanting
        self.any = invisible or slanting
        self.matrix = raw.FS_MATRIX()

    def has(self, i: int) -> bool:
        """Say whether the character at index `i` is one of them."""
        known = self.slanting and raw.FPDFText_GetMatrix(self.textpage, i, ctypes.byref(self.matrix))
        if known and slants(self.matrix.a, self.matrix.b):
            return True
        thing = raw.FPDFText_GetTextObject(self.textpage, i) if self.invisible else None
        return bool(thing) and raw.FPDFTextObj_GetTextRenderMode(thing) == _INVISIBLE
