"""A disclosure as one flat OpenDocument text: what an office keeps, with real header rows, spans and page styles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from .disclosure import Block, PrintedDisclosure, PrintedTable, Span, in_yuan
from .style import Style

_NAMES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
}
_BORDERS = {
    "full": "0.75pt solid",
    "open": "0.75pt solid",
    "dotted": "1pt dotted",
    "dashed": "0.75pt dashed",
    "double": "2.5pt double",
    "hair": "0.05pt solid",
}
_PAGES = {
    "narrow": 'fo:page-width="210mm" fo:page-height="297mm" fo:margin="26mm" style:print-orientation="portrait"',
    "wide": 'fo:page-width="297mm" fo:page-height="210mm" fo:margin="12mm" style:print-orientation="landscape"',
}
#: Paragraph styles: size in points, alignment, first line's indent in points.
_PARAGRAPHS = {
    "title": (22, "center", 0),
    "contents": (16, "center", 0),
    "part": (16, "center", 0),
    "heading": (14, "start", 28),
    "text": (12, "justify", 24),
    "caption": (16, "center", 0),
    "frame": (9, "start", 0),
    "number": (9, "end", 0),
    "cell": (7, "start", 0),
    "amount": (7, "end", 0),
    "head": (7, "center", 0),
}
_WIDEST, _NARROWEST = 24.0, 3.0


def to_odt(disclosure: PrintedDisclosure, style: Style | None = None) -> str:
    """Return the disclosure as flat OpenDocument; borders (closed ones), shading, headers and money follow the style."""
    style = style or Style()
    if style.money == "元":
        disclosure = in_yuan(disclosure)
    spaces = " ".join(f'xmlns:{name}="{address}"' for name, address in _NAMES.items())
    mime = "application/vnd.oasis.opendocument.text"
    tables = [thing for thing in (*disclosure.narrative, *disclosure.tables) if isinstance(thing, PrintedTable)]
    numbers = {id(table): i for i, table in enumerate(tables)}
    body = [
        f'<text:p text:style-name="{thing.kind}">{_words(thing.text)}</text:p>'
        if isinstance(thing, Block)
        else "".join(_sheet(thing, numbers[id(thing)], style))
        for thing in (*disclosure.narrative, *disclosure.tables)
    ]
    columns = "".join(_column_styles(table, i) for i, table in enumerate(tables))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {spaces} office:version="1.2" office:mimetype="{mime}">'
        f"<office:automatic-styles>{''.join(_styles(style))}{columns}</office:automatic-styles>"
        f"<office:master-styles>{_masters()}</office:master-styles>"
        f"<office:body><office:text>{''.join(body)}</office:text></office:body></office:document>"
    )


def _masters() -> str:
    pages = {"Standard": "narrow", "wide": "wide"}
    return "".join(
        f'<style:master-page style:name="{name}" style:page-layout-name="{layout}"/>' for name, layout in pages.items()
    )


def _styles(style: Style) -> Iterator[str]:
    for name, page in _PAGES.items():
        yield f'<style:page-layout style:name="{name}"><style:page-layout-properties {page}/></style:page-layout>'
    for name, (size, align, indent) in _PARAGRAPHS.items():
        yield _paragraph(name, size, align, indent)
    # the first line of a sheet changes the page; the line with two ends has a stop at the right margin
    yield _paragraph("first", 9, "end", 0, ' style:master-page-name="wide"')
    stops = '<style:tab-stops><style:tab-stop style:position="273mm" style:type="right"/></style:tab-stops>'
    yield _paragraph("ends", 9, "start", 0, "", stops)
    border = f'fo:border="{_BORDERS[style.borders]} #000000" fo:padding="1.5pt"'
    for name, more in (("td", ""), ("th", ' fo:background-color="#dddddd"' if style.shaded else "")):
        cell = f'<style:table-cell-properties {border}{more} style:vertical-align="middle"/>'
        yield f'<style:style style:name="{name}" style:family="table-cell">{cell}</style:style>'
    kept = "auto" if style.cut_rows else "always"
    row = f'<style:table-row-properties fo:keep-together="{kept}"/>'
    yield f'<style:style style:name="tr" style:family="table-row">{row}</style:style>'
    whole = '<style:table-properties style:rel-width="100%" table:align="margins" table:border-model="collapsing"/>'
    yield f'<style:style style:name="sheet" style:family="table">{whole}</style:style>'


def _paragraph(name: str, size: int, align: str, indent: int, more: str = "", inner: str = "") -> str:
    lines = f'fo:text-align="{align}" fo:text-indent="{indent}pt" fo:line-height="130%"'
    return (
        f'<style:style style:name="{name}" style:family="paragraph"{more}>'
        f"<style:paragraph-properties {lines}>{inner}</style:paragraph-properties>"
        f'<style:text-properties fo:font-size="{size}pt" style:font-size-asian="{size}pt" fo:font-family="DejaVu Serif"'
        f' style:font-family-asian="Noto Serif CJK SC" fo:language="zh" fo:country="CN"/></style:style>'
    )


def _column_styles(table: PrintedTable, number: int) -> str:
    return "".join(
        f'<style:style style:name="t{number}c{i}" style:family="table-column">'
        f'<style:table-column-properties style:rel-column-width="{round(100 * width)}*"/></style:style>'
        for i, width in enumerate(_widths(table))
    )


def _widths(table: PrintedTable) -> list[float]:
    """Return relative widths: numbers stay whole, long texts share what is left."""
    found = []
    for i in range(table.width):
        texts = [row[i] for row in table.rows]
        longest = max((_length(text) for text in texts), default=0.0)
        words = max((_length(word) for text in texts for word in re.findall(r"[!-~]+", text)), default=0.0)
        found.append(max(min(longest, _WIDEST), words, _NARROWEST) + 1.0)
    return found


def _length(text: str) -> float:
    return sum(0.6 if char.isascii() else 1.0 for char in text)


def _sheet(table: PrintedTable, number: int, style: Style) -> Iterator[str]:
    """Yield a table with its frame above and its note below."""
    if table.landscape:
        yield f'<text:p text:style-name="first">{_words(table.number or "")}</text:p>'
    if table.title:
        yield f'<text:p text:style-name="caption">{_words(table.title)}</text:p>'
    organisation = f"单位名称：{_words(table.organisation)}" if table.organisation else ""
    money = f"单位：{table.money}" if table.money else ""
    if organisation or money:
        yield f'<text:p text:style-name="ends">{organisation}<text:tab/>{money}</text:p>'
    yield f'<table:table table:style-name="sheet" table:name="t{number}">'
    yield "".join(f'<table:table-column table:style-name="t{number}c{i}"/>' for i in range(table.width))
    head = "".join(_head_rows(table))
    yield f"<table:table-header-rows>{head}</table:table-header-rows>" if style.repeat_header else head
    for row in table.rows:
        kinds = ["amount" if i in table.amounts else "cell" for i in range(table.width)]
        yield _row(_cell("td", kind, text) for kind, text in zip(kinds, row, strict=True))
    yield "</table:table>"
    yield f'<text:p text:style-name="frame">{"注：" + _words(table.note) if table.note else ""}</text:p>'


def _head_rows(table: PrintedTable) -> Iterator[str]:
    spans = table.spans()
    for row in range(table.levels):
        yield _row(_head_cell(spans, row, column) for column in range(table.width))
    if table.index:
        yield _row(_cell("th", "head", text) for text in table.index)


def _head_cell(spans: Sequence[Span], row: int, column: int) -> str:
    span = next((s for s in spans if (s.row, s.column) == (row, column)), None)
    if span is None:
        return "<table:covered-table-cell/>"
    size = f' table:number-rows-spanned="{span.rows}" table:number-columns-spanned="{span.columns}"'
    return _cell("th", "head", span.text, size)


def _row(cells: Iterator[str]) -> str:
    return f'<table:table-row table:style-name="tr">{"".join(cells)}</table:table-row>'


def _cell(name: str, paragraph: str, text: str, more: str = "") -> str:
    inner = f'<text:p text:style-name="{paragraph}">{_words(text)}</text:p>'
    return f'<table:table-cell table:style-name="{name}" office:value-type="string"{more}>{inner}</table:table-cell>'


def _words(text: str) -> str:
    """Return a text as XML; OpenDocument keeps a run of blanks only as an element."""
    return re.sub(" {2,}", lambda run: f' <text:s text:c="{len(run[0]) - 1}"/>', escape(text))
