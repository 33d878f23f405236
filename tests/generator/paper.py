"""A sheet of paper: texts, lines and fills in points from the top left corner, drawn by reportlab at the end."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from reportlab.pdfgen.canvas import Canvas

from .fonts import Typeface
from .style import Borders, Style

_A4 = (595.28, 841.89)
_BOLD_SHIFT = 0.3
_HIDDEN = 3
_INVISIBLE_TEXT = "看不见的文字 98,765.43 合计"
_WATERMARK = "内部资料 注意保管"


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text: the left end of its base line, its size, and whether it is bold."""

    x: float
    y: float
    size: float
    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle from (x0, top) to (x1, bottom)."""

    x0: float
    top: float
    x1: float
    bottom: float


@dataclass
class Sheet:
    """One page before it is drawn."""

    landscape: bool = False
    texts: list[Text] = field(default_factory=list)
    rules: list[Box] = field(default_factory=list)
    fills: list[tuple[Box, float]] = field(default_factory=list)
    tables: list[Box] = field(default_factory=list)

    @property
    def width(self) -> float:
        """Return the width as it is read."""
        return _A4[self.landscape]

    @property
    def height(self) -> float:
        """Return the height as it is read."""
        return _A4[not self.landscape]


def draw(sheets: Sequence[Sheet], style: Style, face: Typeface, title: str) -> bytes:
    """Return the sheets as a PDF file; the same sheets give the same bytes."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1, pageCompression=1)
    canvas.setTitle(title)
    canvas.setCreator("yusuan tests/generator")
    for number, sheet in enumerate(sheets, 1):
        _Drawing(canvas, sheet, style, face).draw(_page_number(style, number, len(sheets)))
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _page_number(style: Style, number: int, total: int) -> str:
    return {"none": "", "dashes": f"- {number} -", "of": f"第{number}页 共{total}页"}[style.page_numbers]


class _Drawing:
    """Draws one sheet on a canvas."""

    def __init__(self, canvas: Canvas, sheet: Sheet, style: Style, face: Typeface) -> None:
        self.canvas, self.sheet, self.style, self.face = canvas, sheet, style, face

    def draw(self, number: str) -> None:
        """Draw everything, what lies below first."""
        self._turn()
        if self.style.watermark:
            self._watermark()
        for box, grey in self.sheet.fills:
            self.canvas.setFillGray(grey)
            self.canvas.rect(box.x0, self._y(box.bottom), box.x1 - box.x0, box.bottom - box.top, stroke=0, fill=1)
        self.canvas.setFillGray(0)
        for rule in self.sheet.rules:
            self._rule(rule)
        for text in self.sheet.texts:
            self._text(text)
        if number:
            at = (self.sheet.width - self.face.width(number, 9)) / 2
            self._text(Text(at, self.sheet.height - 30, 9, number))
        if self.style.hidden:
            self._hide()

    def _y(self, top: float) -> float:
        return self.sheet.height - top

    def _turn(self) -> None:
        """A landscape page is wide, or a portrait one whose content is turned and which says /Rotate 90."""
        turned = self.sheet.landscape and self.style.rotated
        self.canvas.setPageRotation(90 if turned else 0)
        self.canvas.setPageSize((self.sheet.width, self.sheet.height))  # reportlab swaps the sides of a turned page
        if turned:
            self.canvas.translate(_A4[0], 0)
            self.canvas.rotate(90)

    def _text(self, text: Text, mode: int | None = None) -> None:
        x = text.x
        for name, run in self.face.runs(text.text):
            self._run(Text(x, text.y, text.size, run), name, mode)
            if text.bold and self.style.fake_bold:
                self._run(Text(x + _BOLD_SHIFT, text.y, text.size, run), name, mode)
            x += self.face.width(run, text.size)

    def _run(self, text: Text, name: str, mode: int | None) -> None:
        self.canvas.setFont(name, text.size)
        self.canvas.drawString(text.x, self._y(text.y), text.text, mode=mode)

    def _rule(self, rule: Box) -> None:
        across = rule.x1 - rule.x0 > rule.bottom - rule.top
        if self.style.borders == "dotted":
            self._dots(rule, across=across)
            return
        width, dash = _STROKES[self.style.borders]
        self.canvas.setLineWidth(width)
        self.canvas.setDash(*dash)
        for shift in (-0.8, 0.8) if self.style.borders == "double" else (0.0,):
            x, y = (0.0, shift) if across else (shift, 0.0)
            self.canvas.line(rule.x0 + x, self._y(rule.top + y), rule.x1 + x, self._y(rule.bottom + y))

    def _dots(self, rule: Box, *, across: bool) -> None:
        """A dotted line as browsers draw it: one small square after the other."""
        length = rule.x1 - rule.x0 if across else rule.bottom - rule.top
        for i in range(int(length / 2) + 1):
            x, y = (rule.x0 + 2 * i, rule.top) if across else (rule.x0, rule.top + 2 * i)
            self.canvas.rect(x - 0.4, self._y(y) - 0.4, 0.8, 0.8, stroke=0, fill=1)

    def _watermark(self) -> None:
        self.canvas.saveState()
        self.canvas.setFillGray(0.85)
        self.canvas.translate(self.sheet.width / 2, self.sheet.height / 2)
        self.canvas.rotate(35)
        x = -self.face.width(_WATERMARK, 54) / 2
        for name, run in self.face.runs(_WATERMARK):
            self.canvas.setFont(name, 54)
            self.canvas.drawString(x, 0, run)
            x += self.face.width(run, 54)
        self.canvas.restoreState()

    def _hide(self) -> None:
        for table in self.sheet.tables:
            for i in range(3):
                y = table.top + (table.bottom - table.top) * (i + 1) / 4
                self._text(Text(table.x0 + 5 + 40 * i, y, 8, _INVISIBLE_TEXT), _HIDDEN)


_STROKES: dict[Borders, tuple[float, tuple[list[float], float]]] = {
    "full": (0.5, ([], 0)),
    "open": (0.5, ([], 0)),
    "dashed": (0.5, ([3, 2], 0)),
    "double": (0.4, ([], 0)),
    "hair": (0.05, ([], 0)),
}
