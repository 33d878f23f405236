"""A disclosure as the text form of the sample: headings with marks, tables as tab-separated lines."""

from __future__ import annotations

from collections.abc import Iterator

from .disclosure import Block, PrintedDisclosure, PrintedTable

_MARKS = {"title": "# ", "contents": "# ", "part": "# ", "heading": "## ", "text": ""}


def to_markdown(disclosure: PrintedDisclosure) -> str:
    """Return the disclosure as text that the text reader reads."""
    things = [*disclosure.narrative, *disclosure.tables]
    lines = (line for thing in things for line in (_block(thing) if isinstance(thing, Block) else _table(thing)))
    return "\n".join(lines) + "\n"


def _block(block: Block) -> Iterator[str]:
    yield _MARKS[block.kind] + block.text
    yield ""


def _table(table: PrintedTable) -> Iterator[str]:
    for line in frame_lines(table):
        yield line
        yield ""
    rows = [*table.header_rows(), *([list(table.index)] if table.index else []), *table.rows]
    yield from ("\t".join(row) for row in rows)
    yield ""
    if table.note:
        yield f"注：{table.note}"
        yield ""


def frame_lines(table: PrintedTable) -> Iterator[str]:
    """Yield the lines above a table from top to bottom."""
    if table.number:
        yield table.number
    if table.title:
        yield table.title
    if table.organisation:
        yield f"单位名称：{table.organisation}"
    if table.money:
        yield f"单位：{table.money}"
