"""A disclosure to print, as plain data: what stands on the paper, not how it looks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby
from typing import Literal

from yusuan.disclosure import read_disclosure
from yusuan.frame import read_frame_line
from yusuan.model import Document, Grid, Paragraph, Sheet
from yusuan.spec import Specs
from yusuan.values import close_gaps, parse_amount, split_ordinal

BlockKind = Literal["title", "contents", "part", "heading", "text"]

_PART = re.compile(r"第[一二三四五六七八九十]+部分")
_MAX_HEADING = 40
_YUAN = Decimal(10000)


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of the narrative and what it is for: a printer chooses its size by that."""

    kind: BlockKind
    text: str


@dataclass(frozen=True, slots=True)
class Node:
    """A cell of a header: its label and the cells below it."""

    label: str
    children: tuple[Node, ...] = ()

    @property
    def width(self) -> int:
        """Return the number of columns under this cell."""
        return sum(child.width for child in self.children) or 1

    @property
    def depth(self) -> int:
        """Return the number of header rows from this cell down."""
        return 1 + max((child.depth for child in self.children), default=0)


@dataclass(frozen=True, slots=True)
class Span:
    """A header cell in the raster: the square it begins in and how many rows and columns it covers."""

    row: int
    column: int
    rows: int
    columns: int
    text: str


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """One table: its frame, its header as a tree, its rows as printed.

    `amounts` are the columns that hold money, `index` is the row of column numbers under the header.
    """

    title: str
    header: tuple[Node, ...]
    rows: tuple[tuple[str, ...], ...]
    amounts: frozenset[int] = frozenset()
    number: str | None = None
    organisation: str | None = None
    money: str | None = "万元"
    index: tuple[str, ...] = ()
    note: str | None = None
    landscape: bool = True

    @property
    def width(self) -> int:
        """Return the number of columns."""
        return sum(node.width for node in self.header)

    @property
    def levels(self) -> int:
        """Return the number of header rows, the row of column numbers not counted."""
        return max(node.depth for node in self.header)

    def spans(self) -> list[Span]:
        """Return the header cells with their place in the raster; the lowest reach down to the body."""
        return list(_spans(self.header, 0, 0, self.levels))

    def header_rows(self) -> list[list[str]]:
        """Return the header as text has it: each label in its first square, blanks elsewhere."""
        rows = [[""] * self.width for _ in range(self.levels)]
        for span in self.spans():
            rows[span.row][span.column] = span.text
        return rows


def _spans(nodes: Sequence[Node], row: int, column: int, levels: int) -> Iterator[Span]:
    for node in nodes:
        yield Span(row, column, 1 if node.children else levels - row, node.width, node.label)
        yield from _spans(node.children, row + 1, column, levels)
        column += node.width


@dataclass(frozen=True, slots=True)
class PrintedDisclosure:
    """A whole document: who published it, its narrative (small tables included) and its tables."""

    code: str
    name: str
    department: str
    year: int
    kind: str
    title: str
    narrative: tuple[Block | PrintedTable, ...]
    tables: tuple[PrintedTable, ...]


def header_tree(paths: Sequence[Sequence[str]]) -> tuple[Node, ...]:
    """Return the tree of header cells from the path of each column; neighbours under one label share it."""
    nodes: list[Node] = []
    for label, group in groupby(paths, key=lambda path: path[0]):
        below = [path[1:] for path in group]
        if all(below):
            nodes.append(Node(label, header_tree(below)))
        else:
            nodes += [Node(label) for _ in below]
    return tuple(nodes)


def in_yuan(printed: PrintedDisclosure) -> PrintedDisclosure:
    """Return the same disclosure with the money of its tables in 元; the narrative keeps its 万元."""
    return replace(printed, tables=tuple(_table_in_yuan(table) for table in printed.tables))


def _table_in_yuan(table: PrintedTable) -> PrintedTable:
    rows = tuple(
        tuple(_amount_in_yuan(text) if i in table.amounts else text for i, text in enumerate(row)) for row in table.rows
    )
    return replace(table, rows=rows, money="元")


def _amount_in_yuan(text: str) -> str:
    amount = parse_amount(text)
    return text if amount is None else f"{amount * _YUAN:,.2f}"


def from_document(document: Document, specs: Specs) -> PrintedDisclosure:
    """Return what was read of `document` as a disclosure to print: the same words, the same numbers."""
    read = read_disclosure(document, specs)
    departments = [row for table in read.tables for row in table.rows if row.kind == "部门"]
    names = [str(row.values[name]) for row in departments for name in row.values if "名称" in name and row.values[name]]
    return PrintedDisclosure(
        code=read.identity.code,
        name=read.identity.name,
        department=names[0] if names else read.identity.name,
        year=read.identity.year,
        kind=read.identity.kind,
        title=read.identity.title,
        narrative=tuple(_narrative(document, read.tables[0].sheet)),
        tables=tuple(_printed_table(table.sheet, specs) for table in read.tables),
    )


def _narrative(document: Document, first: Sheet) -> Iterator[Block | PrintedTable]:
    """Yield everything before the frame of the first table."""
    stop = next(i for i, b in enumerate(document.blocks) if isinstance(b, Grid) and b.first == first.first)
    while isinstance(block := document.blocks[stop - 1], Paragraph) and read_frame_line(block.text):
        stop -= 1
    for i, block in enumerate(document.blocks[:stop]):
        if isinstance(block, Paragraph):
            yield Block("title" if i == 0 else block_kind(block.text), block.text)
        else:
            head, *rows = [tuple(cell.text for cell in row) for row in block.rows]
            header = tuple(Node(label) for label in head)
            yield PrintedTable("", header, tuple(rows), frozenset({1}), money=None, landscape=False)


def block_kind(text: str) -> BlockKind:
    """Return what a paragraph is for, by its form."""
    if close_gaps(text) == "目录":
        return "contents"
    if _PART.match(text):
        return "part"
    numbered = split_ordinal(text)
    short = len(text) <= _MAX_HEADING and not re.search("[，。；：]", text)
    return "heading" if numbered and short and numbered.level <= 2 else "text"


def _printed_table(sheet: Sheet, specs: Specs) -> PrintedTable:
    columns = [column for column in sheet.columns if column.path]
    paths = [[close_gaps(label) for label in column.path] for column in columns]
    amounts = {i for i, column in enumerate(columns) if column.field in specs.tables[sheet.table].measures}
    return PrintedTable(
        title=sheet.title,
        header=header_tree(paths),
        rows=tuple(tuple(row[column.number - 1].text for column in columns) for row in sheet.body),
        amounts=frozenset(amounts),
        number=sheet.number,
        organisation=sheet.organisation,
        money=sheet.money_unit,
        index=_index(sheet, len(columns), amounts),
        note=sheet.note,
    )


def _index(sheet: Sheet, width: int, amounts: set[int]) -> tuple[str, ...]:
    """Return the row of column numbers: the best aligned that is printed, else its numbers set under the money."""
    rows: dict[int, list[str]] = {}
    for item in sheet.evidence:
        if item.part == "栏次":
            rows.setdefault(item.row, [""] * len(sheet.columns))[item.column.number - 1] = item.cell.text
    if not rows:
        return ()
    fitting = [row for row in rows.values() if {i for i, text in enumerate(row) if text} <= amounts]
    if fitting:
        return tuple(fitting[-1][:width])
    numbers = iter(text for text in next(iter(rows.values())) if text)
    return tuple(next(numbers, "") if i in amounts else "" for i in range(width))
