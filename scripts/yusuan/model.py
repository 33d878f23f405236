"""The things yusuan talks about: what a reader sees in a document, and what is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

Severity = Literal["error", "warning", "info"]
Grade = Literal["exact", "within_rounding", "violated", "not_applicable"]
RowKind = Literal["合计", "部门", "单位", "小计", "父项", "明细", "并列"]
#: What stands in one cell of a table of data; a plain text, whole number or exact decimal.
Value = str | int | Decimal | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in its source: line of a text (from 1), or page (from 1) and box in points."""

    line: int | None = None
    page: int | None = None
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; `pieces` > 1 says that page breaks had cut it and it was joined again."""

    text: str
    first: Place
    last: Place
    pieces: int = 1


@dataclass(frozen=True, slots=True)
class Cell:
    """One printed cell of a grid: its text without markup, and its place."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of cells as printed, header rows included; rows may differ in length where the source is broken."""

    rows: tuple[tuple[Cell, ...], ...]

    @property
    def first(self) -> Place:
        """Return the place of the first cell."""
        return self.rows[0][0].place

    @property
    def last(self) -> Place:
        """Return the place of the last row."""
        return self.rows[-1][0].place


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read: its blocks in reading order, and what is needed to find it again.

    `notes` are the reader's own findings (an unexpected encoding, a page without text).
    """

    source: str
    sha256: str
    size: int
    reader: str
    blocks: tuple[Paragraph | Grid, ...]
    notes: tuple[Finding, ...] = ()

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        """Return the running text alone."""
        return tuple(block for block in self.blocks if isinstance(block, Paragraph))


@dataclass(frozen=True, slots=True)
class Identity:
    """What a document says about itself. `key` names it: place-code-year-kind.

    `place_mentioned`: no name begins with a place; it is the one that the text mentions most.
    """

    key: str
    region: str
    region_name: str
    code: str
    name: str
    year: int
    kind: str
    title: str
    place_mentioned: bool = False

    @property
    def unit(self) -> str:
        """Return the key of the organisation, `450200-405003`."""
        return f"{self.region}-{self.code}"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a document that was read but does not agree, or that the reader had to repair.

    `grade` is how a rule came out, None for what the reader says of its own work. Numbers are exact decimals in 万元
    (percentages in points); `cells` are keys of the evidence table, `suspect` the one that would mend the most.
    `state` is 未处理, 已更正 or 已签字, `settled` says why.
    """

    rule: str
    message: str
    severity: Severity = "warning"
    grade: Grade | None = None
    document: str = ""
    table: str | None = None
    row: int | None = None
    column: str | None = None
    page: int | None = None
    line: int | None = None
    printed: str | None = None
    expected: str | None = None
    difference: Decimal | None = None
    tolerance: Decimal | None = None
    cells: tuple[str, ...] = ()
    suspect: str | None = None
    state: str = "未处理"
    settled: str | None = None

    def at(self, place: Place) -> Finding:
        """Return the finding with its place in the source."""
        return replace(self, page=place.page, line=place.line)

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as JSON-ready data; exact decimals as text."""
        data = asdict(self)
        for name in ("difference", "tolerance"):
            data[name] = None if data[name] is None else f"{data[name]:f}"
        data["cells"] = list(self.cells)
        return data


@dataclass(frozen=True, slots=True)
class RuleResult:
    """How often one rule came out how in one document; `missing` says what was not there to compare."""

    rule: str
    exact: int = 0
    within_rounding: int = 0
    violated: int = 0
    not_applicable: int = 0
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A printed column: its number from 1, header path as printed, and the field it was recognised as."""

    number: int
    path: tuple[str, ...]
    field: str | None
    index: str | None = None

    @property
    def label(self) -> str:
        """Return the header path as one text, `（无表头）`-style where nothing is printed."""
        return "/".join(self.path) or "(无表头)"


@dataclass(frozen=True, slots=True)
class EvidenceCell:
    """A printed cell with its role: `part` is 表头, 栏次 or 数据; `row` and `column` count from 1 in that part."""

    part: str
    row: int
    column: Column
    cell: Cell


@dataclass(frozen=True, slots=True)
class Sheet:
    """One disclosure table found in a document, header and body taken apart, body not yet interpreted.

    `blank_rows` were printed empty: they are counted, and left out of the body. `strange` columns hold amounts and
    nobody knows them; `told` are columns that only their contents tell; `by` says what told the table: title, header or
    order; `general`: the general layout reads it.
    """

    table: str
    title: str
    number: str | None
    money_unit: str
    organisation: str | None
    note: str | None
    columns: tuple[Column, ...]
    body: tuple[tuple[Cell, ...], ...]
    evidence: tuple[EvidenceCell, ...]
    first: Place
    last: Place
    blank_rows: int = 0
    strange: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    by: str = "title"
    general: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One typed row of a disclosure table.

    `number` counts from 1; `parents` says for each list of the table (`""` where there is only one)
    which row sums it up, so that any tree of totals can be checked without knowing the table.
    """

    number: int
    kind: RowKind
    organisation: str
    values: Mapping[str, Value]
    place: Place
    parents: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """A disclosure table with typed rows, and the sheet it was made from.

    `witness` says whether its own arithmetic confirms the columns: 印证, 无从核对 or 有不符.
    """

    name: str
    sheet: Sheet
    rows: tuple[Row, ...]
    is_nil: bool
    witness: str = ""


@dataclass(frozen=True, slots=True)
class UnreadTable:
    """A table that was seen and not read: its printed cells as evidence, `finding` says why, `header` what it prints.

    `finding.table` names the table of ours it was taken for, None where no layout describes it.
    """

    finding: Finding
    title: str
    number: str | None
    money_unit: str | None
    header: str
    evidence: tuple[EvidenceCell, ...]
    rows: int
    note: str | None
    first: Place
    last: Place


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Everything one document yielded: identity, tables, narrative records and findings."""

    identity: Identity
    document: Document
    layout: str
    tables: tuple[Table, ...]
    narrative: Mapping[str, tuple[Mapping[str, Value], ...]]
    findings: tuple[Finding, ...]
    missing: tuple[str, ...] = ()
    results: tuple[RuleResult, ...] = ()
    offices: int | None = None
    unread: tuple[UnreadTable, ...] = ()


#: What the key of a narrative in a file of its own ends with, behind the key of the document that has its tables.
COMPANION = "-narrative"


def unread_name(number: int) -> str:
    """Return what the tables of a document that were not read are called, counted from 1: `unread03`."""
    return f"unread{number:02}"


def cell_key(document: str, table: int | str | None, part: str, row: int, column: int) -> str:
    """Return the key of an evidence cell, `450200-405003-2026-budget.t03.r04.c05` (h: header, i: index).

    `table` is the number of an official table, or the name of one that was not read.
    """
    letter = {"表头": "h", "栏次": "i", "数据": "r"}[part]
    name = table if isinstance(table, str) else f"t{table or 0:02}"
    return f"{document}.{name}.{letter}{row:02}.c{column:02}"
