"""What the rules look at: the tables of one document with the key of every cell, and its narrative records.

The same view is made of a document just read and of the rows of a package, so that both are checked by the same code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from yusuan.checks.arithmetic import ZERO, At, Figure, printed
from yusuan.model import Finding, Identity, Table, Value, cell_key
from yusuan.spec import Specs, TableSpec
from yusuan.values import header_key

Row = Mapping[str, Value]
#: Rows that sum others up; everything else is a leaf.
SUMS = frozenset({"合计", "部门", "单位", "小计", "父项"})


@dataclass(frozen=True, slots=True)
class IndexRow:
    """A printed row of column numbers (栏次): its texts by column, and its page and line."""

    texts: Mapping[int, str]
    page: int | None = None
    line: int | None = None


@dataclass(frozen=True)
class Sheet:
    """One table: rows with 行次, 行类型, 单位, 上级行 and the values by field; the columns that were printed, by number."""

    document: str
    spec: TableSpec
    rows: tuple[Row, ...]
    columns: Mapping[str, int]
    title: str = ""
    money_unit: str = "万元"
    note: str | None = None
    is_nil: bool = False
    index: tuple[IndexRow, ...] = ()
    first: tuple[int | None, int | None] = (None, None)

    @property
    def label(self) -> str:
        """Return how the table is called, `表5`."""
        return f"表{self.spec.number}"

    @cached_property
    def used(self) -> frozenset[str]:
        """Return the money columns in which the table prints anything at all."""
        return frozenset(name for name in self.spec.measures if any(row.get(name) is not None for row in self.rows))

    @property
    def total(self) -> Row | None:
        """Return the total row, or the only row of a table that has but one."""
        found = next((row for row in self.rows if row["行类型"] == "合计"), None)
        return found or (self.rows[0] if len(self.rows) == 1 else None)

    @property
    def leaves(self) -> tuple[Row, ...]:
        """Return the rows that sum up no others."""
        return tuple(row for row in self.rows if row["行类型"] not in SUMS)

    def code(self, row: Row) -> str:
        """Return the classification code of a row, empty where it has none."""
        return self.text(row, self.spec.role("code"))

    def name(self, row: Row) -> str:
        """Return the printed name of what a row is about: of its item where the table has items, else of its owner."""
        return self.text(row, "科目名称") or self.text(row, self.spec.role("name"))

    @staticmethod
    def text(row: Row, column: str | None) -> str:
        """Return a text of a row, empty where there is none."""
        value = row.get(column) if column else None
        return value if isinstance(value, str) else ""

    def cell(self, row: Row, column: str) -> str:
        """Return the key of a cell, empty where the column was not printed."""
        number = self.columns.get(column)
        return cell_key(self.document, self.spec.number, "数据", int(str(row["行次"])), number) if number else ""

    def place(self, row: Row) -> str:
        """Return where a row is, `表5第4行`, with what it is about."""
        name = self.code(row) if row["行类型"] in {"明细", "父项"} else str(row["行类型"])
        return f"{self.label}第{row['行次']}行" + (f"（{name}）" if name else "")

    def figure(self, row: Row, column: str) -> Figure | None:
        """Return a printed amount; a blank in a column that is used elsewhere counts as zero, else None."""
        value = row.get(column)
        if not isinstance(value, Decimal) and column not in self.used:
            return None
        label, cell, at = f"{self.place(row)}“{column}”", self.cell(row, column), self.at(row, column)
        if isinstance(value, Decimal):
            return printed(value, cell, label, at)
        return Figure(ZERO, parts=((cell, 1),) if cell else (), label=label, at=at)

    def at(self, row: Row, column: str | None = None) -> At:
        """Return the place of a row, or of a cell in it."""
        return At(self.spec.name, int(str(row["行次"])), column)


@dataclass(frozen=True)
class Evidence:
    """One document as the rules see it.

    `silent` are the tables that print no money unit, `unread` the sentences with amounts that were not understood
    (原文, 首行, 页), `offices` is how many internal offices the text says there are.
    """

    document: str
    year: int
    unit: str
    name: str
    kind: str
    specs: Specs
    sheets: Mapping[str, Sheet]
    narrative: Mapping[str, Sequence[Row]]
    silent: frozenset[str] = frozenset()
    unread: tuple[Row, ...] = ()
    offices: int | None = None

    def sheet(self, concept: str) -> Sheet | None:
        """Return the table of a concept, None where the document has none that could be read."""
        return self.sheets.get(concept)

    def label(self, concept: str) -> str:
        """Return how the table of a concept is called, present or not."""
        spec = next((spec for spec in self.specs.tables.values() if spec.concept == concept), None)
        return f"表{spec.number}" if spec else concept

    @property
    def facts(self) -> Sequence[Row]:
        """Return the amounts the narrative states."""
        return self.narrative.get("narrative_facts", ())

    @cached_property
    def amounts(self) -> Mapping[str, Decimal]:
        """Return the printed amounts of all tables by the keys of their cells."""
        return {
            sheet.cell(row, column): value
            for sheet in self.sheets.values()
            for row in sheet.rows
            for column in sheet.spec.measures
            if column in sheet.columns and isinstance(value := row.get(column), Decimal)
        }

    @cached_property
    def classes(self) -> Mapping[str, str]:
        """Return the code of every functional class by the matching form of its names."""
        return {
            header_key(name): code.code
            for code in self.specs.codes["functional"].values()
            if len(code.code) == 3  # noqa: PLR2004 - 类
            for name in (code.name, *code.aliases)
        }


def evidence_of(
    identity: Identity, tables: Sequence[Table], narrative: Mapping[str, Sequence[Row]], specs: Specs
) -> Evidence:
    """Return the view of a document just read."""
    sheets = {}
    for table in tables:
        spec = specs.tables[table.name]
        sheets[spec.concept or spec.name] = _sheet_of(identity, table, spec)
    return Evidence(
        identity.key,
        identity.year,
        identity.unit,
        identity.name,
        identity.kind,
        specs,
        sheets,
        narrative,
    )


def _sheet_of(identity: Identity, table: Table, spec: TableSpec) -> Sheet:
    sheet = table.sheet
    index: dict[int, IndexRow] = {}
    for item in sheet.evidence:
        if item.part == "栏次":
            place = item.cell.place
            row = index.setdefault(item.row, IndexRow({}, place.page, place.line))
            index[item.row] = replace(row, texts={**row.texts, item.column.number: item.cell.text})
    rows = tuple(
        {
            "行次": row.number,
            "行类型": row.kind,
            "单位": row.organisation,
            "上级行": next(iter(row.parents.values()), None),
            "页": row.place.page,
            "源行": row.place.line,
            **row.values,
        }
        for row in table.rows
    )
    return Sheet(
        identity.key,
        spec,
        rows,
        {column.field: column.number for column in sheet.columns if column.field},
        sheet.title,
        sheet.money_unit,
        sheet.note,
        table.is_nil,
        tuple(index.values()),
        (sheet.first.page, sheet.first.line),
    )


def unread_sentences(notices: Iterable[Finding]) -> tuple[Row, ...]:
    """Return the sentences that the reader could not understand, as the notices tell them."""
    return tuple(
        {"原文": item.printed, "首行": item.line, "页": item.page}
        for item in notices
        if item.rule == "STATEMENT-UNREAD"
    )
