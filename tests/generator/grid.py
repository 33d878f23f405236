"""A table on paper: column widths, wrapped cells, row heights, borders; page by page where it does not fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .disclosure import PrintedTable, Span
from .fonts import Typeface
from .paper import Box, Sheet, Text
from .style import Style
from .typeset import wrap

_SIZES = (9.0, 8.0, 7.0, 6.0, 5.0, 4.0)
_PAD = 2.5
_LEADING = 1.25
_BASE = 0.88
_BREAKABLE = 5
_LEAST = 14.0
_WIDEST = 330.0
#: The numbers and shortest texts of a row leave this share of the width to the long texts.
_FILLED = 0.72
_SHADE, _WHITE = 0.87, 1.0


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the raster: its height and, column by column, the lines of its cells."""

    height: float
    cells: tuple[tuple[str, ...], ...]


class GridPrinter:
    """Lays one table out for a width in points."""

    def __init__(self, table: PrintedTable, width: float, style: Style, face: Typeface) -> None:
        self.table, self.style, self.face = table, style, face
        self.size, self.widths = self._columns(width)
        self.xs = [sum(self.widths[:i]) for i in range(len(self.widths) + 1)]
        self.spans = [*self._header()]
        self.header = self._header_heights()
        self.rows = [self._row(row) for row in table.rows]

    # ------------------------------------------------------------------------------- measuring

    def _columns(self, width: float) -> tuple[float, list[float]]:
        """Return the largest size of type in which every number fits, and the widths of the columns."""
        for size in _SIZES:
            least = [self._least(i, size) for i in range(self.table.width)]
            if sum(least) <= _FILLED * width:
                break
        wish = [max(small, min(self._wish(i, size), _WIDEST)) for i, small in enumerate(least)]
        spare = max(width - sum(least), 0.0)
        more = [large - small for large, small in zip(wish, least, strict=True)]
        scale = min(sum(least), width) / sum(least)
        share = spare / (sum(more) or 1.0)
        each = 0.0 if sum(more) else spare / len(least)
        return size, [small * scale + extra * share + each for small, extra in zip(least, more, strict=True)]

    def _texts(self, column: int) -> list[str]:
        return [row[column] for row in self.table.rows]

    def _least(self, column: int, size: float) -> float:
        """Numbers and codes stay on one line; other cells need room for four characters."""
        whole = [text for text in self._texts(column) if text.isascii()]
        if column in self.table.amounts:
            whole = list(map(self._as_printed, whole))
        return max([self.face.width(text, size) for text in whole] + [4 * size]) + 2 * _PAD

    def _wish(self, column: int, size: float) -> float:
        return max([self.face.width(text, size) for text in self._texts(column)] + [0.0]) + 2 * _PAD

    def _header(self) -> Iterable[Span]:
        shift = 0
        if self.style.title_inside and self.table.title:
            yield Span(0, 0, 1, self.table.width, self.table.title)
            shift = 1
        for span in self.table.spans():
            yield Span(span.row + shift, span.column, span.rows, span.columns, self._label(span.text))
        if self.table.index:
            row = shift + self.table.levels
            yield from (Span(row, i, 1, 1, text) for i, text in enumerate(self.table.index))

    def _label(self, text: str) -> str:
        """A short header is often set wide with blanks inside the word."""
        wide = self.style.justified_headers and 2 <= len(text) <= 4 and not text.isascii()
        return "  ".join(text) if wide else text

    def _header_heights(self) -> list[float]:
        heights = [_LEAST] * (max(span.row + span.rows for span in self.spans))
        for span in sorted(self.spans, key=lambda span: span.rows):
            need = self._height(self._lines(span.text, span.column, span.columns))
            last = span.row + span.rows - 1
            heights[last] += max(need - sum(heights[span.row : last + 1]), 0.0)
        return heights

    def _lines(self, text: str, column: int, columns: int = 1) -> tuple[str, ...]:
        if not text:
            return ()
        width = self.xs[column + columns] - self.xs[column] - 2 * _PAD
        return tuple(wrap(text, width, self.size, self.face))

    def _amount(self, text: str) -> tuple[str, ...]:
        """Return the lines of an amount: a narrow column breaks it anywhere, another is filled with its digits."""
        if self.style.numbers == "broken" and len(text) >= _BREAKABLE:
            return text[: len(text) // 2], text[len(text) // 2 :]
        return (self._as_printed(text),) if text else ()

    def _as_printed(self, text: str) -> str:
        return " ".join(text) if self.style.numbers == "spread" else text

    def _height(self, lines: Sequence[str]) -> float:
        return max(len(lines) * self.size * _LEADING + 2 * _PAD, _LEAST)

    def _row(self, texts: Sequence[str]) -> Row:
        cells = tuple(
            self._amount(text) if i in self.table.amounts else self._lines(text, i) for i, text in enumerate(texts)
        )
        return Row(max(map(self._height, cells)), cells)

    # -------------------------------------------------------------------------------- printing

    @property
    def start(self) -> float:
        """Return the room that the header and the first row need."""
        return sum(self.header) + (min(self.rows[0].height, 120.0) if self.rows else 0.0)

    def print(self, sheet: Sheet, room: Box, page: float, rows: list[Row], *, header: bool) -> float:
        """Print as many of the rows as fit into `room`, take them from the list, and return where the table ends.

        A row is cut where the style allows it, or where no `page` is long enough for it.
        """
        x, top, bottom = room.x0, room.top, room.bottom
        y = top
        rules: list[Box] = []
        if header:
            y = self._print_header(sheet, x, top, rules)
        while rows:
            left = bottom - y
            if rows[0].height > left:
                longer = rows[0].height > page - sum(self.header)
                cut = self._cut(rows[0], left) if self.style.cut_rows or longer else None
                if cut is None:
                    break
                part, rest = cut
                rows[0:1] = [part, rest]
                y = self._print_row(sheet, x, y, rows.pop(0), rules)
                break
            y = self._print_row(sheet, x, y, rows.pop(0), rules)
        sheet.rules += _merged(rules) if self.style.borders != "open" else _open(_merged(rules), x, x + self.xs[-1])
        sheet.tables.append(Box(x, top, x + self.xs[-1], y))
        return y

    def _cut(self, row: Row, room: float) -> tuple[Row, Row] | None:
        """Return the part of a row that fits and the rest, None where not even two lines fit."""
        count = int((room - 2 * _PAD) / (self.size * _LEADING))
        if count < 2:  # a single line is never left behind
            return None
        upper, lower = [cell[:count] for cell in row.cells], [cell[count:] for cell in row.cells]
        if not any(lower):
            return None
        return Row(room, tuple(upper)), Row(max(map(self._height, lower)), tuple(lower))

    def _print_header(self, sheet: Sheet, x: float, top: float, rules: list[Box]) -> float:
        ys = [top + sum(self.header[:i]) for i in range(len(self.header) + 1)]
        for span in self.spans:
            box = Box(
                x + self.xs[span.column],
                ys[span.row],
                x + self.xs[span.column + span.columns],
                ys[span.row + span.rows],
            )
            if self.style.shaded or self.style.white_fills:
                sheet.fills.append((box, _SHADE if self.style.shaded else _WHITE))
            lines = self._lines(span.text, span.column, span.columns)
            self._print_lines(sheet, box, lines, "centre", bold=True)
            rules += _edges(box)
        return ys[-1]

    def _print_row(self, sheet: Sheet, x: float, y: float, row: Row, rules: list[Box]) -> float:
        bold = any("".join(cell) in {"合计", "收入总计", "支出总计"} for cell in row.cells)
        for i, lines in enumerate(row.cells):
            box = Box(x + self.xs[i], y, x + self.xs[i + 1], y + row.height)
            if self.style.white_fills:
                sheet.fills.append((box, _WHITE))
            self._print_lines(sheet, box, lines, "right" if i in self.table.amounts else "left", bold=bold)
            rules += _edges(box)
        return y + row.height

    def _print_lines(self, sheet: Sheet, box: Box, lines: Sequence[str], align: str, *, bold: bool) -> None:
        leading = self.size * _LEADING
        y = (box.top + box.bottom - len(lines) * leading) / 2
        for i, line in enumerate(lines):
            spare = box.x1 - box.x0 - 2 * _PAD - self.face.width(line.rstrip(), self.size)
            x = box.x0 + _PAD + {"left": 0.0, "centre": spare / 2, "right": spare}[align]
            sheet.texts.append(Text(x, y + i * leading + _BASE * self.size, self.size, line, bold))


def _edges(box: Box) -> list[Box]:
    return [
        Box(box.x0, box.top, box.x1, box.top),
        Box(box.x0, box.bottom, box.x1, box.bottom),
        Box(box.x0, box.top, box.x0, box.bottom),
        Box(box.x1, box.top, box.x1, box.bottom),
    ]


def _merged(rules: Iterable[Box]) -> list[Box]:
    """Return each stretch once, touching ones in one piece."""
    merged: list[Box] = []
    across = {(round(r.top, 2), round(r.x0, 2), round(r.x1, 2)) for r in rules if r.top == r.bottom}
    down = {(round(r.x0, 2), round(r.top, 2), round(r.bottom, 2)) for r in rules if r.x0 == r.x1}
    for at, start, end in _joined(across):
        merged.append(Box(start, at, end, at))
    for at, start, end in _joined(down):
        merged.append(Box(at, start, at, end))
    return merged


def _joined(stretches: Iterable[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    joined: list[tuple[float, float, float]] = []
    for at, start, end in sorted(stretches):
        if joined and joined[-1][0] == at and start <= joined[-1][2] + 0.02:
            joined[-1] = (at, joined[-1][1], max(end, joined[-1][2]))
        else:
            joined.append((at, start, end))
    return joined


def _open(rules: Iterable[Box], left: float, right: float) -> list[Box]:
    """Return the rules without the left and right side of the table."""
    return [rule for rule in rules if rule.x0 != rule.x1 or min(abs(rule.x0 - left), abs(rule.x0 - right)) > 1]
