"""What is drawn on a page that can be a ruling line, and what its text objects say about how they are printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import compress, repeat
from typing import NamedTuple

from pypdfium2 import raw

from yusuan.reading import engine

_THIN = 2.6
_WHITE = 250
#: Text whose base line rises by more than this is no part of the running text or of a table.
_ASKEW = 0.1
#: pdfium passes over text objects narrower than this.
_LEFT_OUT = 0.01
_MAX_DEPTH = 8
_MAX_OBJECTS = 100_000
#: A path of more segments is more than one rectangle; a stroked one of more than this is more than one line.
_RECTANGLE, _STROKE = 6, 2
#: A filled box that covers more of the page is its background.
_BACKGROUND = 0.6
_TEXT, _PATH, _FORM = raw.FPDF_PAGEOBJ_TEXT, raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_FORM
_MOVE, _LINE = raw.FPDF_SEGMENT_MOVETO, raw.FPDF_SEGMENT_LINETO

Box = tuple[float, float, float, float]
Matrix = tuple[float, ...]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class Rule(NamedTuple):
    """A straight ruling line: `at` is its fixed coordinate, `start` to `end` its extent."""

    at: float
    start: float
    end: float


#: `Rule(*values)` without a detour through Python: a filled cell has four.
_rule = partial(tuple.__new__, Rule)


class Upright:
    """Maps page coordinates (origin bottom left, y up) to reading coordinates (origin top left, y down)."""

    def __init__(self, box: Box, turns: int) -> None:
        self.left, self.bottom, self.right, self.top = box
        self.turns = turns % 4
        width, height = self.right - self.left, self.top - self.bottom
        self.width, self.height = (height, width) if self.turns % 2 else (width, height)

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        """Return the box (x0, top, x1, bottom) of a box in page coordinates."""
        if self.turns == 0:
            return x0 - self.left, self.top - y1, x1 - self.left, self.top - y0
        if self.turns == 1:
            return y0 - self.bottom, x0 - self.left, y1 - self.bottom, x1 - self.left
        if self.turns == 2:  # noqa: PLR2004 - half a turn
            return self.right - x1, y0 - self.bottom, self.right - x0, y1 - self.bottom
        return self.top - y1, self.right - x1, self.top - y0, self.right - x0


class Strokes:
    """Walks the drawn objects of a page: rules, how text is printed, what text pdfium leaves out, images."""

    def __init__(self, page: int, count: int, upright: Upright) -> None:
        self.upright = upright
        self.horizontal: list[Rule] = []
        self.vertical: list[Rule] = []
        self.modes: set[int] = set()
        self.slanting = False
        self.lost = 0
        self.images = 0
        self.left = _MAX_OBJECTS
        self._read(engine.objects_of(engine.page_object, page, min(count, self.left)), _IDENTITY, 0)

    def _read(self, things: Sequence[int], matrix: Matrix, depth: int) -> None:
        self.left -= len(things)
        kinds = list(map(engine.object_type, things))
        texts = [thing for thing, kind in zip(things, kinds, strict=True) if kind == _TEXT]
        paths = [thing for thing, kind in zip(things, kinds, strict=True) if kind == _PATH]
        forms = [thing for thing, kind in zip(things, kinds, strict=True) if kind == _FORM]
        self.images += len(things) - len(texts) - len(paths) - len(forms)
        self._texts(texts, matrix)
        if paths:
            self._paths(paths, matrix)
        if depth >= _MAX_DEPTH:
            return
        for form in forms:
            count = min(engine.form_count(form), self.left)
            inner = _multiply(_matrix_of(form), matrix)
            self._read(engine.objects_of(engine.form_object, form, count), inner, depth + 1)

    def _texts(self, texts: Sequence[int], matrix: Matrix) -> None:
        if not texts:
            return
        self.modes.update(map(engine.render_mode, texts))
        _, *columns = engine.read_matrices(texts)
        if any(columns[1]):
            # pdfium leaves out turned text whose glyphs it knows no height of: the font is not embedded, nor known here
            _, lefts, _, rights, _ = engine.read_all(engine.object_bounds, texts, "f", 4)
            self.lost += sum(abs(right - left) < _LEFT_OUT for left, right in zip(lefts, rights, strict=True))
        if matrix is not _IDENTITY:
            columns = list(zip(*(_multiply(own, matrix) for own in zip(*columns, strict=True)), strict=True))
        if any(columns[1]):  # most text stands on level lines
            self.slanting = self.slanting or any(map(slants, *columns[:2]))

    def _paths(self, paths: Sequence[int], matrix: Matrix) -> None:
        """Keep what paths draw: nothing, a line or a rectangle, or many pieces."""
        seen = _seen(paths)
        counts = list(map(engine.count_segments, [thing for thing, _, _ in seen]))
        many = [
            count > _RECTANGLE or (stroke and count > _STROKE)
            for count, (_, _, stroke) in zip(counts, seen, strict=True)
        ]
        if any(many):
            for (thing, fill, _), count in compress(zip(seen, counts, strict=True), many):
                for box in _pieces(thing, count, _multiply(_matrix_of(thing), matrix), closed=bool(fill)):
                    self._keep(box, 0)
            seen = [path for path, pieces in zip(seen, many, strict=True) if not pieces]
        known, *sides = engine.read_all(engine.object_bounds, [thing for thing, _, _ in seen], "f", 4)
        for ok, box, (_, fill, _) in zip(known, zip(*sides, strict=True), seen, strict=True):
            if ok:
                self._keep(box if matrix is _IDENTITY else _transform(matrix, *box), fill)

    def _keep(self, box: Box, filled: int) -> None:
        """A thin box is a line; a filled one gives its four edges unless it is the page's background."""
        upright = self.upright
        left, top, right, bottom = upright.box(*box)
        width, height = right - left, bottom - top
        if height <= _THIN and (width > height or width <= _THIN):  # a dot belongs to either kind
            self.horizontal.append(_rule(((top + bottom) / 2, left, right)))
        if width <= _THIN and (height >= width or height <= _THIN):
            self.vertical.append(_rule(((left + right) / 2, top, bottom)))
        elif filled and height > _THIN and width * height < _BACKGROUND * upright.width * upright.height:
            self.horizontal += [_rule((top, left, right)), _rule((bottom, left, right))]
            self.vertical += [_rule((left, top, bottom)), _rule((right, top, bottom))]


def _seen(paths: Sequence[int]) -> list[tuple[int, int, int]]:
    """Return the paths that leave a mark, each with whether it fills and strokes."""
    _, fills, strokes = engine.read_all(engine.draw_mode, paths, "i", 2)
    drawn = [path for path in zip(paths, fills, strokes, strict=True) if path[1] or path[2]]
    known, *colours = engine.read_all(engine.fill_colour, [thing for thing, _, _ in drawn], "I", 4)
    return [
        path
        for path, ok, red, green, blue, alpha in zip(drawn, known, *colours, strict=True)
        if not ok or path[2] or (alpha and (red < _WHITE or green < _WHITE or blue < _WHITE))
    ]


def slants(a: float, b: float) -> bool:
    """Say whether a base line in direction (a, b) is far from both level and upright."""
    return min(abs(a), abs(b)) > _ASKEW * max(abs(a), abs(b))


def _matrix_of(thing: int) -> Matrix:
    (known,), *values = engine.read_matrices([thing])
    return tuple(value for (value,) in values) if known else _IDENTITY


def _multiply(m: Matrix, n: Matrix) -> Matrix:
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


def _transform(m: Matrix, x0: float, y0: float, x1: float, y1: float) -> Box:
    corners = [(x * m[0] + y * m[2] + m[4], x * m[1] + y * m[3] + m[5]) for x in (x0, x1) for y in (y0, y1)]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _pieces(thing: int, count: int, matrix: Matrix, *, closed: bool) -> Iterator[Box]:
    """Yield the box of each straight piece of a path, in page coordinates; filled subpaths close themselves."""
    segments = list(map(engine.path_segment, repeat(thing), range(count)))
    kinds, closes = map(engine.segment_type, segments), map(engine.segment_closes, segments)
    _, *points = engine.read_all(engine.segment_point, segments, "f", 2)
    a, b, c, d, e, f = matrix
    start = last = (0.0, 0.0)
    for i, (kind, closing, x, y) in enumerate(zip(kinds, closes, *points, strict=True)):
        point = (a * x + c * y + e, b * x + d * y + f)
        if kind == _MOVE:
            if closed and i and last != start:
                yield _piece(last, start)
            start = point
        elif kind == _LINE:
            yield _piece(last, point)
            if closing and point != start:
                yield _piece(point, start)
        last = point


def _piece(p: tuple[float, float], q: tuple[float, float]) -> Box:
    return min(p[0], q[0]), min(p[1], q[1]), max(p[0], q[0]), max(p[1], q[1])
