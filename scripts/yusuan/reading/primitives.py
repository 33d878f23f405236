"""What is drawn on a PDF page: characters with boxes, and ruling lines. The only home of pypdfium2.

Coordinates are points from the top left corner of the page as it is read: page rotation, crop box and
text turned by its own matrix are taken out.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import repeat
from struct import iter_unpack
from typing import Any, NamedTuple

import pypdfium2
from pypdfium2 import raw

_THIN = 2.6
_WHITE = 250
_INVISIBLE = 3
#: Text whose base line rises by more than this is no part of the running text or of a table.
_ASKEW = 0.1
_BLANK = frozenset(" \t\r\n\x00\xa0\u3000\ufffe\uffff\x02\xad")
_SPACES = frozenset(" \xa0\u3000")
_AS_SPACE = str.maketrans("\xa0\u3000", "  ")
_UNMAPPED = re.compile("[\ufffd\ue000-\uf8ff]")
_MAX_DEPTH = 8
_MAX_OBJECTS = 100_000
_TEXT, _PATH, _FORM = raw.FPDF_PAGEOBJ_TEXT, raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_FORM
#: pdfium's function with addresses as numbers: to make pointer objects costs more than the call.
_loose_box = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(
    ctypes.cast(raw.FPDFText_GetLooseCharBox, ctypes.c_void_p).value or 0
)
_MOVE, _LINE = raw.FPDF_SEGMENT_MOVETO, raw.FPDF_SEGMENT_LINETO


class Char(NamedTuple):
    """One printed character and its box."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float


#: `Char(*values)` without a detour through Python: there are a thousand to a page.
_char = partial(tuple.__new__, Char)


class Rule(NamedTuple):
    """A straight ruling line: `at` is its fixed coordinate, `start` to `end` its extent."""

    at: float
    start: float
    end: float


@dataclass
class PageMarks:
    """Everything on one page that reading needs."""

    number: int
    width: float
    height: float
    turns: int = 0
    chars: list[Char] = field(default_factory=list)
    horizontal: list[Rule] = field(default_factory=list)
    vertical: list[Rule] = field(default_factory=list)
    hidden: int = 0
    unmapped: int = 0
    images: int = 0


class _Upright:
    """Maps page coordinates (origin bottom left, y up) to reading coordinates (origin top left, y down)."""

    def __init__(self, box: tuple[float, float, float, float], turns: int) -> None:
        left, bottom, right, top = box
        self.turns = turns % 4
        self.left, self.bottom, self.right, self.top = left, bottom, right, top
        width, height = right - left, top - bottom
        self.width, self.height = (height, width) if self.turns % 2 else (width, height)

    def box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        """Return the box (x0, top, x1, bottom) of a box in page coordinates."""
        if self.turns == 0:
            return x0 - self.left, self.top - y1, x1 - self.left, self.top - y0
        if self.turns == 1:
            return y0 - self.bottom, x0 - self.left, y1 - self.bottom, x1 - self.left
        if self.turns == 2:  # noqa: PLR2004 - half a turn
            return self.right - x1, y0 - self.bottom, self.right - x0, y1 - self.bottom
        return self.top - y1, self.right - x1, self.top - y0, self.right - x0


def read_marks(page: pypdfium2.PdfPage, number: int) -> PageMarks:
    """Return the marks of a page; `number` counts from 1. The page may be closed afterwards."""
    textpage = page.get_textpage()
    try:
        count = textpage.count_chars()
        upright = _Upright(page.get_bbox(), _turns(page, textpage.raw, count))
        marks = PageMarks(number, upright.width, upright.height, upright.turns)
        strokes = _Strokes(marks, upright)
        modes = strokes.read(page.raw)
        unseen = _Unseen(textpage.raw, invisible=_INVISIBLE in modes and len(modes) > 1, slanting=strokes.slanting)
        _read_chars(textpage.raw, count, upright, marks, unseen)
    finally:
        textpage.close()
    return marks


def _turns(page: pypdfium2.PdfPage, textpage: Any, count: int) -> int:
    """Return by how many quarter turns (clockwise) the page must be turned for most text to stand upright."""
    step = max(count // 40, 1)
    votes = [0, 0, 0, 0]
    for i in range(0, count, step):
        angle = raw.FPDFText_GetCharAngle(textpage, i)
        if angle >= 0 and not raw.FPDFText_IsGenerated(textpage, i):
            votes[round(angle / (math.pi / 2)) % 4] += 1
    if any(votes):
        # pdfium counts angles clockwise: text at 270° stands upright after one more quarter turn
        return -votes.index(max(votes)) % 4
    return int(page.get_rotation()) // 90


def _read_chars(textpage: Any, count: int, upright: _Upright, marks: PageMarks, unseen: _Unseen) -> None:
    text = _text(textpage, count)
    generated = raw.FPDFText_IsGenerated
    printed = [
        i for i, sign in enumerate(text) if sign not in _BLANK or (sign in _SPACES and not generated(textpage, i))
    ]
    text = text.translate(_AS_SPACE)
    width, height = 2 * marks.width, 2 * marks.height
    chars = []
    for i, (x0, top, x1, bottom) in zip(printed, _boxes(textpage, printed, upright), strict=True):
        if 0 <= x0 + x1 <= width and 0 <= top + bottom <= height and not (unseen.any and unseen.has(i)):
            chars.append(_char((text[i], x0, top, x1, bottom)))
        else:
            marks.hidden += 1
    marks.unmapped = len(_UNMAPPED.findall("".join([char[0] for char in chars])))
    marks.chars = _once(chars)


def _boxes(textpage: Any, indexes: list[int], upright: _Upright) -> list[tuple[float, float, float, float]]:
    """Return the box of each character; all come in one piece of memory. One without a box lies off the page."""
    size = ctypes.sizeof(raw.FS_RECTF)
    rects = ctypes.create_string_buffer(size * len(indexes))
    start = ctypes.addressof(rects)
    page = ctypes.cast(textpage, ctypes.c_void_p).value
    known = list(map(_loose_box, repeat(page), indexes, range(start, start + size * len(indexes), size)))
    sides = iter_unpack("4f", rects)
    left, top = upright.left, upright.top
    if upright.turns == 0:
        boxes = [(x0 - left, top - y1, x1 - left, top - y0) for x0, y1, x1, y0 in sides]
    else:
        boxes = [upright.box(x0, y0, x1, y1) for x0, y1, x1, y0 in sides]
    return boxes if all(known) else [box if ok else _NOWHERE for box, ok in zip(boxes, known, strict=True)]


def _text(textpage: Any, count: int) -> str:
    """Return the character at each index; pdfium's text has one UTF-16 unit an index, or we ask one by one."""
    buffer = ctypes.create_string_buffer(2 * count + 2)
    if raw.FPDFText_GetText(textpage, 0, count, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort))) == count + 1:
        text = buffer.raw[:-2].decode("utf-16-le", "surrogatepass")
        if len(text) == count:
            return text
    return "".join([chr(raw.FPDFText_GetUnicode(textpage, i)) for i in range(count)])


def _once(chars: list[Char]) -> list[Char]:
    """Bold is often faked by printing every glyph twice, a hair apart: keep one of each."""
    # two glyphs nearer than a point meet in one of two rasters of two points
    spots_of = [(text, int(x0), int(top)) for text, x0, top, _, _ in chars]
    if all(len({(text, x + half >> 1, y) for text, x, y in spots_of}) == len(chars) for half in (0, 1)):
        return chars
    kept: list[Char] = []
    spots: dict[tuple[str, int, int], Char] = {}
    for char in chars:
        column, row = int(char.x0), int(char.top)
        near = (spots.get((char.text, column + i, row + j)) for i in (-1, 0, 1) for j in (-1, 0, 1))
        apart = min(1, (char.x1 - char.x0) / 2)
        if any(other and abs(other.x0 - char.x0) < apart and abs(other.top - char.top) < 1 for other in near):
            continue
        spots[char.text, column, row] = char
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
        if known and _slants(self.matrix.a, self.matrix.b):
            return True
        thing = raw.FPDFText_GetTextObject(self.textpage, i) if self.invisible else None
        return bool(thing) and raw.FPDFTextObj_GetTextRenderMode(thing) == _INVISIBLE


def _slants(a: float, b: float) -> bool:
    """Say whether a base line in direction (a, b) is far from both level and upright."""
    return min(abs(a), abs(b)) > _ASKEW * max(abs(a), abs(b))


class _Strokes:
    """Walks the drawn objects of a page and keeps what can be a ruling line."""

    def __init__(self, marks: PageMarks, upright: _Upright) -> None:
        self.marks, self.upright = marks, upright
        self.bounds = [ctypes.c_float() for _ in range(4)]
        self.matrix = raw.FS_MATRIX()
        self.fill, self.stroke = ctypes.c_int(), ctypes.c_int()
        self.colour = [ctypes.c_uint() for _ in range(4)]
        self.modes: set[int] = set()
        self.slanting = False
        self.left = _MAX_OBJECTS

    def read(self, page: Any) -> set[int]:
        """Collect rules into the marks and return the text render modes met."""
        for i in range(raw.FPDFPage_CountObjects(page)):
            self._object(raw.FPDFPage_GetObject(page, i), _IDENTITY, 0)
        return self.modes

    def _object(self, thing: Any, matrix: tuple[float, ...], depth: int) -> None:
        self.left -= 1
        if self.left < 0 or depth > _MAX_DEPTH:
            return
        kind = raw.FPDFPageObj_GetType(thing)
        if kind == _TEXT:
            self._text(thing, matrix)
        elif kind == _PATH:
            self._path(thing, matrix)
        elif kind == _FORM:
            inner = _multiply(_matrix_of(thing), matrix)
            for i in range(raw.FPDFFormObj_CountObjects(thing)):
                self._object(raw.FPDFFormObj_GetObject(thing, i), inner, depth + 1)
        else:
            self.marks.images += 1

    def _text(self, thing: Any, matrix: tuple[float, ...]) -> None:
        self.modes.add(raw.FPDFTextObj_GetTextRenderMode(thing))
        if self.slanting or not raw.FPDFPageObj_GetMatrix(thing, self.matrix):
            return
        if matrix is not _IDENTITY:
            self.slanting = _slants(*_multiply(_values(self.matrix), matrix)[:2])
        elif self.matrix.b:
            self.slanting = _slants(self.matrix.a, self.matrix.b)

    def _path(self, thing: Any, matrix: tuple[float, ...]) -> None:
        if not raw.FPDFPath_GetDrawMode(thing, self.fill, self.stroke):
            return
        filled, stroked = bool(self.fill.value), bool(self.stroke.value)
        if not (filled or stroked) or (filled and not stroked and self._white(thing)):
            return
        segments = raw.FPDFPath_CountSegments(thing)
        if segments > 6 or (stroked and segments > 2):  # noqa: PLR2004 - more than one rectangle
            for box in _pieces(thing, segments, _multiply(_matrix_of(thing), matrix), closed=filled):
                self._keep(*box, filled=False)
            if not stroked or segments > 6:  # noqa: PLR2004 - see above
                return
            return
        if raw.FPDFPageObj_GetBounds(thing, *self.bounds):
            x0, y0, x1, y1 = [value.value for value in self.bounds]
            if matrix is not _IDENTITY:
                x0, y0, x1, y1 = _transform(matrix, x0, y0, x1, y1)
            self._keep(x0, y0, x1, y1, filled=filled)

    def _white(self, thing: Any) -> bool:
        if not raw.FPDFPageObj_GetFillColor(thing, *self.colour):
            return False
        red, green, blue, alpha = self.colour
        return alpha.value == 0 or (red.value >= _WHITE and green.value >= _WHITE and blue.value >= _WHITE)

    def _keep(self, x0: float, y0: float, x1: float, y1: float, *, filled: bool) -> None:
        """A thin box is a line; a filled one gives its four edges unless it is the page's background."""
        left, top, right, bottom = self.upright.box(x0, y0, x1, y1)
        width, height = right - left, bottom - top
        marks = self.marks
        if height <= _THIN and (width > height or width <= _THIN):  # a dot belongs to either kind
            marks.horizontal.append(Rule((top + bottom) / 2, left, right))
        if width <= _THIN and (height >= width or height <= _THIN):
            marks.vertical.append(Rule((left + right) / 2, top, bottom))
        if filled and min(width, height) > _THIN and width * height < 0.6 * marks.width * marks.height:
            marks.horizontal += [Rule(top, left, right), Rule(bottom, left, right)]
            marks.vertical += [Rule(left, top, bottom), Rule(right, top, bottom)]


_NOWHERE = (-1.0, -1.0, -1.0, -1.0)
_IDENTITY = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def _matrix_of(thing: Any) -> tuple[float, ...]:
    matrix = raw.FS_MATRIX()
    return _values(matrix) if raw.FPDFPageObj_GetMatrix(thing, matrix) else _IDENTITY


def _values(matrix: Any) -> tuple[float, ...]:
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _multiply(m: tuple[float, ...], n: tuple[float, ...]) -> tuple[float, ...]:
    """Return the matrix that applies `m`, then `n`."""
    if n is _IDENTITY:
        return m
    a, b, c, d, e, f = m
    return (
        a * n[0] + b * n[2],
        a * n[1] + b * n[3],
        c * n[0] + d * n[2],
        c * n[1] + d * n[3],
        e * n[0] + f * n[2] + n[4],
        e * n[1] + f * n[3] + n[5],
    )


def _transform(m: tuple[float, ...], x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
    corners = [(x * m[0] + y * m[2] + m[4], x * m[1] + y * m[3] + m[5]) for x in (x0, x1) for y in (y0, y1)]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _pieces(
    thing: Any, segments: int, matrix: tuple[float, ...], *, closed: bool
) -> Iterator[tuple[float, float, float, float]]:
    """Yield the box of each straight piece of a path, in page coordinates; filled subpaths close themselves."""
    x, y = ctypes.c_float(), ctypes.c_float()
    start = last = (0.0, 0.0)
    a, b, c, d, e, f = matrix
    for i in range(segments):
        segment = raw.FPDFPath_GetPathSegment(thing, i)
        kind = raw.FPDFPathSegment_GetType(segment)
        raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        point = (a * x.value + c * y.value + e, b * x.value + d * y.value + f)
        if kind == _MOVE:
            if closed and i and last != start:
                yield _piece(last, start)
            start = point
        elif kind == _LINE:
            yield _piece(last, point)
            if raw.FPDFPathSegment_GetClose(segment) and point != start:
                yield _piece(point, start)
        last = point


def _piece(p: tuple[float, float], q: tuple[float, float]) -> tuple[float, float, float, float]:
    return min(p[0], q[0]), min(p[1], q[1]), max(p[0], q[0]), max(p[1], q[1])
