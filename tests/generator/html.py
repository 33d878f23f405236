"""A disclosure as HTML with real header cells, rowspan and colspan; browsers and offices print it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from .disclosure import Block, PrintedDisclosure, PrintedTable, in_yuan
from .style import Style

_CSS = """
@page { size: A4 portrait; margin: 28mm 26mm }
@page wide { size: A4 landscape; margin: 16mm 12mm }
body { font-family: "SimSun", "STSong", "Noto Serif CJK SC", "Songti SC", serif; font-size: 12pt; margin: 0 }
h1, h2 { text-align: center; font-size: 16pt } h1 { font-size: 22pt }
p { margin: 0; line-height: 1.75; text-align: justify } p.text, h3 { text-indent: 2em } h3 { font-size: 14pt; margin: 0 }
div.wide { page: wide; break-before: page } div.wide.together { break-before: auto }
div.frame { display: flex; justify-content: space-between; font-size: 9pt }
table { border-collapse: collapse; width: 100%; font-size: 7pt }
td.amount { text-align: right; white-space: nowrap } td.code { white-space: nowrap }
td, th { padding: 2pt; overflow-wrap: anywhere }
caption { font-size: 16pt } div.note { font-size: 9pt }
"""
_BORDERS = {
    "full": "0.75pt solid",
    "open": "0.75pt solid",
    "dotted": "1pt dotted",
    "dashed": "0.75pt dashed",
    "double": "2.5pt double",
    "hair": "0.1pt solid",
}


def to_html(disclosure: PrintedDisclosure, style: Style | None = None) -> str:
    """Return the disclosure as one HTML page without any outside resource."""
    style = style or Style()
    if style.money == "元":
        disclosure = in_yuan(disclosure)
    parts = [*_narrative(disclosure), *(_Sheet(table, style).html() for table in disclosure.tables)]
    if style.watermark:
        parts.append('<div class="watermark">内部资料 注意保管</div>')
    return (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(disclosure.title)}</title>'
        f"<style>{_CSS}{_style_css(style)}</style></head><body>{''.join(parts)}</body></html>"
    )


def _style_css(style: Style) -> str:
    rules = [f"td, th {{ border: {_BORDERS[style.borders]} black }}"]
    if style.borders == "open":
        rules.append("tr > :first-child { border-left: none } table { border-right: none }")
        rules.append("td:last-child, th.last { border-right: none } td.first, th.first { border-left: none }")
    if style.shaded:
        rules.append("th { background: #dde; print-color-adjust: exact }")
    if style.white_fills:
        rules.append("td { background: #fff; print-color-adjust: exact }")
    rules.append(f"tr {{ break-inside: {'auto' if style.cut_rows else 'avoid'} }}")
    if not style.repeat_header:
        rules.append("thead { display: table-row-group }")
    if not style.fake_bold:
        rules.append("th { font-weight: normal }")
    rules.append(
        "div.watermark { position: fixed; top: 45%; left: 20%; font-size: 50pt; color: #ddd; rotate: -35deg; z-index: -1 }"
    )
    return "".join(rules)


def _narrative(disclosure: PrintedDisclosure) -> Iterator[str]:
    tags = {"title": "h1", "contents": "h2", "part": "h2", "heading": "h3", "text": "p"}
    for thing in disclosure.narrative:
        if isinstance(thing, Block):
            tag = tags[thing.kind]
            yield f'<{tag} class="{thing.kind}">{escape(thing.text)}</{tag}>'
        else:
            yield _Sheet(thing, Style()).html()


class _Sheet:
    """One table with its frame."""

    def __init__(self, table: PrintedTable, style: Style) -> None:
        self.table, self.style = table, style

    def html(self) -> str:
        """Return the table, its frame above and its note below."""
        together = " together" if self.style.tables_together else ""
        opened = f'<div class="wide{together}">' if self.table.landscape else "<div>"
        note = f'<div class="note">注：{escape(self.table.note)}</div>' if self.table.note else ""
        return f"{opened}{''.join(self._frame())}<table>{''.join(self._rows())}</table>{note}</div>"

    def _frame(self) -> Iterator[str]:
        table = self.table
        if table.number:
            yield f'<div class="frame"><span></span><span>{escape(table.number)}</span></div>'
        if table.title and not self.style.title_inside:
            yield f"<h2>{escape(table.title)}</h2>"
        organisation = f"<span>单位名称：{escape(table.organisation)}</span>" if table.organisation else ""
        money = f"<span>单位：{table.money}</span>" if table.money else ""
        if self.style.one_frame_line:
            yield f'<div class="frame">{organisation}{money}</div>'
        else:
            yield f'<div class="frame">{organisation}</div><div class="frame">{money}</div>'

    def _rows(self) -> Iterator[str]:
        table = self.table
        yield "<thead>"
        if self.style.title_inside and table.title:
            yield f'<tr><th class="first last" colspan="{table.width}">{escape(table.title)}</th></tr>'
        spans = table.spans()
        for row in range(table.levels):
            cells = (self._span(s.text, s.column, s.rows, s.columns) for s in spans if s.row == row)
            yield f"<tr>{''.join(cells)}</tr>"
        if table.index:
            yield f"<tr>{''.join(self._span(text, i, 1, 1) for i, text in enumerate(table.index))}</tr>"
        yield "</thead><tbody>"
        for texts in table.rows:
            yield f"<tr>{''.join(self._cell(i, text) for i, text in enumerate(texts))}</tr>"
        yield "</tbody>"

    def _span(self, text: str, column: int, rows: int, columns: int) -> str:
        sides = ["first"] if column == 0 else []
        sides += ["last"] if column + columns == self.table.width else []
        spans = f' rowspan="{rows}" colspan="{columns}"'
        wide = self.style.justified_headers and 2 <= len(text) <= 4 and not text.isascii()
        label = "\u3000".join(text) if wide else text
        return f'<th class="{" ".join(sides)}"{spans}>{escape(label)}</th>'

    def _cell(self, column: int, text: str) -> str:
        kind = "amount" if column in self.table.amounts else "code" if text.isdigit() else ""
        return f'<td class="{kind}">{escape(text)}</td>'
