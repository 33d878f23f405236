"""A disclosure as PDF, drawn directly: the narrative on portrait pages, the tables on wide ones."""

from __future__ import annotations

from collections.abc import Iterator

from .disclosure import Block, PrintedDisclosure, PrintedTable, in_yuan
from .fonts import Typeface, typeface
from .grid import GridPrinter
from .markdown import to_markdown
from .paper import Box, Sheet, Text, draw
from .style import Style
from .typeset import wrap

_SIZES = {"title": 22.0, "contents": 16.0, "part": 16.0, "heading": 14.0, "text": 12.0}
_CENTRED = frozenset({"title", "contents", "part"})
_LEADING = 1.75
_NARROW, _WIDE = 80.0, 36.0
_TOP = 56.0
_SMALL = 9.0
#: What printers add to the words of a disclosure.
_ALWAYS = "第页共- 0123456789内部资料注意保管看不见的文字合计，.单位名称万元：注"


def print_pages(disclosure: PrintedDisclosure, style: Style | None = None) -> bytes:
    """Return the disclosure as the bytes of a PDF file; the same disclosure and style give the same bytes."""
    style = style or Style()
    if style.money == "元":
        disclosure = in_yuan(disclosure)
    face = typeface(style.face, to_markdown(disclosure) + _ALWAYS)
    flow = _Flow(style, face)
    for thing in disclosure.narrative:
        if isinstance(thing, Block):
            flow.paragraph(thing)
        else:
            flow.table(thing)
    for i, table in enumerate(disclosure.tables):
        flow.table(table, fresh=i == 0 or not style.tables_together)
    return draw(flow.sheets, style, face, disclosure.title)


class _Flow:
    """Where the next thing goes: the sheet that is open and how far down it is filled."""

    def __init__(self, style: Style, face: Typeface) -> None:
        self.style, self.face = style, face
        self.sheets: list[Sheet] = []
        self._turn_page(landscape=False)

    def _turn_page(self, *, landscape: bool) -> None:
        self.sheet = Sheet(landscape)
        self.sheets.append(self.sheet)
        self.margin = _WIDE if landscape else _NARROW
        self.width = self.sheet.width - 2 * self.margin
        self.bottom = self.sheet.height - _TOP
        self.y = _TOP

    def _line(self, text: str, x: float, size: float, *, leading: float = _LEADING, bold: bool = False) -> None:
        if self.y + size * leading > self.bottom:
            self._turn_page(landscape=self.sheet.landscape)
        self.y += size * leading
        self.sheet.texts.append(Text(x, self.y - size * (leading - 1) / 2 - size * 0.12, size, text, bold))

    def paragraph(self, block: Block) -> None:
        """Print a paragraph: titles large and in the middle, everything else two characters in."""
        size = _SIZES[block.kind]
        centred = block.kind in _CENTRED
        indent = 0.0 if centred else 2 * size
        if centred:
            self.y += size
        for i, line in enumerate(wrap(block.text, self.width, size, self.face, indent)):
            spare = self.width - self.face.width(line.rstrip(), size)
            x = self.margin + (spare / 2 if centred else indent if i == 0 else 0.0)
            self._line(line, x, size, bold=block.kind != "text")

    def table(self, table: PrintedTable, *, fresh: bool = False) -> None:
        """Print a table with the lines around it, on as many pages as it needs."""
        if table.landscape != self.sheet.landscape or fresh:
            self._turn_page(landscape=table.landscape)
        grid = GridPrinter(table, self.width, self.style, self.face)
        frame = list(self._frame(table))
        if self.y > _TOP and self.y + 60 + 20 * len(frame) + grid.start > self.bottom:
            self._turn_page(landscape=table.landscape)
        for line in frame:
            self._frame_line(*line)
        self.y += 4
        rows, header = list(grid.rows), True
        while header or rows:
            room = Box(self.margin, self.y, self.margin + self.width, self.bottom)
            self.y = grid.print(self.sheet, room, self.bottom - _TOP, rows, header=header)
            header = False
            if rows:
                self._turn_page(landscape=table.landscape)
                if self.style.repeat_header:
                    header = True
        if table.note:
            for text in wrap(f"注：{table.note}", self.width, _SMALL, self.face):
                self._line(text, self.margin, _SMALL)
        self.y += 18

    def _frame(self, table: PrintedTable) -> Iterator[tuple[str, str, str]]:
        """Yield the lines above a table as (left, middle, right)."""
        if table.number:
            yield "", "", table.number
        if table.title and not self.style.title_inside:
            yield "", table.title, ""
        organisation = f"单位名称：{table.organisation}" if table.organisation else ""
        money = f"单位：{table.money}" if table.money else ""
        if self.style.one_frame_line and organisation:
            yield organisation, "", money
        else:
            yield from ((organisation, "", ""),) if organisation else ()
            yield from (("", "", money),) if money else ()

    def _frame_line(self, left: str, middle: str, right: str) -> None:
        size = 16.0 if middle else _SMALL
        if not any((left, middle, right)):
            return
        shares = ((left, 0.0), (middle, 0.5), (right, 1.0))
        spare = {text: self.width - self.face.width(text, size) for text, _ in shares}
        first, *rest = [(text, self.margin + spare[text] * share) for text, share in shares if text]
        self._line(*first, size, bold=bool(middle))
        at = self.sheet.texts[-1].y
        self.sheet.texts += [Text(x, at, size, text) for text, x in rest]
