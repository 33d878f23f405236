"""The grids of one recognised table to a `Sheet`: header, index rows and body taken apart over all pages.

What had to be accepted although it is printed wrongly becomes a finding, what cannot be accepted a problem.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from yusuan.errors import Problem
from yusuan.frame import FrameLine
from yusuan.layouts import Layout
from yusuan.model import Cell, Column, EvidenceCell, Finding, Grid, Place, Sheet
from yusuan.spec import TableSpec
from yusuan.tables.headers import Match, index_row, repeated_levels
from yusuan.tables.shapes import says_nil
from yusuan.values import header_key, parse_amount


@dataclass
class FramedGrid:
    """A grid with the frame lines printed above it and the notes below; `adjacent`: nothing but blank above.

    `blank` rows of it were printed empty and are left out; `header` is how many of its rows are header where that is
    known beforehand; `joined` is where rows begin that a page break had cut.
    """

    grid: Grid
    frame: list[FrameLine]
    adjacent: bool
    blank: int = 0
    header: int | None = None
    joined: list[Place] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def value(self, kind: str) -> str | None:
        """Return what the nearest frame line of a kind says."""
        return next((line.value for line in reversed(self.frame) if line.kind == kind), None)


@dataclass
class Found:
    """A table that was recognised, with the grids of its pages; `by` says what told it: title, header or order."""

    spec: TableSpec
    match: Match
    parts: list[FramedGrid]
    by: str


class SheetBuilder:
    """One recognised table, its rows sorted into header, index and body."""

    def __init__(self, found: Found, layout: Layout, source: str) -> None:
        self.found, self.layout, self.source = found, layout, source
        self.spec, self.match = found.spec, found.match
        self.first = found.parts[0].grid.first
        self.headers: list[Sequence[Cell]] = []
        self.indexes: list[Sequence[Cell]] = []
        self.body: list[tuple[Cell, ...]] = []
        self.repeats: list[tuple[Place, int]] = []
        for number, part in enumerate(found.parts):
            self._sort_rows(part, first=number == 0)
        self.columns = self._columns()

    def _sort_rows(self, part: FramedGrid, *, first: bool) -> None:
        grid, levels = part.grid, part.header
        if levels is None:
            levels = self.match.levels if first else repeated_levels(self.headers[: self.match.levels], grid.rows)
            if not first:
                self.repeats.append((grid.first, levels))
        self.headers += grid.rows[:levels]
        rows = list(grid.rows[levels:])
        while rows and index_row([cell.text for cell in rows[0]]):
            self.indexes.append(rows.pop(0))
        lines = [row for row in rows if _line_of_frame(row)]
        part.notes += [text for row in lines for cell in row if (text := cell.text.strip())]
        self.headers += lines
        self.body += [row for row in rows if row not in lines]

    def _columns(self) -> tuple[Column, ...]:
        """Return the columns; a body that is evenly wider than its header gets nameless ones."""
        widths = {len(row) for row in self.body}
        width = max(len(self.match.paths), *(widths if len(widths) == 1 else {0}))
        surplus = width - len(self.match.paths)
        paths, fields = [*self.match.paths, *[()] * surplus], [*self.match.fields, *[None] * surplus]
        aligned = next((row for row in self.indexes if self._numbers_amounts(row, fields)), ())
        index = [cell.text.strip() if cell.text.strip().isdigit() else None for cell in aligned] or [None] * width
        return tuple(Column(i + 1, paths[i], fields[i], index[i]) for i in range(width))

    def _numbers_amounts(self, row: Sequence[Cell], fields: Sequence[str | None]) -> bool:
        """Say whether an index row numbers exactly the money columns."""
        amounts = {i for i, name in enumerate(fields) if name in self.spec.measures}
        return len(row) == len(fields) and {i for i, cell in enumerate(row) if cell.text.strip().isdigit()} == amounts

    def sheet(self) -> Sheet:
        """Return the sheet; meaningful only where `problems` found nothing."""
        parts = self.found.parts
        return Sheet(
            table=self.spec.name,
            title=parts[0].value("title") or "",
            number=parts[0].value("number"),
            money_unit=parts[0].value("money") or "",
            organisation=parts[0].value("organisation"),
            note="\n".join(note for part in parts for note in part.notes) or None,
            columns=self.columns,
            body=tuple(self.body),
            evidence=tuple(self._evidence()),
            blank_rows=sum(part.blank for part in parts),
            strange=self.strange() if self.layout.general else (),
            told=tuple(self.columns[i].label for i in self.match.told),
            by=self.found.by,
            general=self.layout.general,
            first=self.first,
            last=parts[-1].grid.last,
        )

    def _evidence(self) -> Iterator[EvidenceCell]:
        """Yield every printed cell with its role."""
        for part, rows in (("表头", self.headers), ("栏次", self.indexes), ("数据", self.body)):
            for number, row in enumerate(rows, 1):
                for column, cell in zip(self.columns, row, strict=False):
                    yield EvidenceCell(part, number, column, cell)

    def problems(self) -> list[Problem]:
        """Return why the table cannot be read exactly: unknown columns, uneven rows, values nobody owns."""
        problems = [*self._unknown_columns(), *self._missing_columns(), *self._uneven_rows()]
        return problems or list(self._surplus_values())

    def _problem(self, code: str, message: str, place: Place, hint: str) -> Problem:
        return Problem(code, message, self.source, place.page, place.line, self.spec.label, hint=hint)

    def _expected(self) -> Mapping[str, str]:
        """Return the proper header of each field, as the layout spells it."""
        return self.layout.tables[self.spec.name].expected

    def _layout_key(self) -> str:
        return f"schemas/layouts/{self.layout.name}.yml 的 tables.{self.spec.name}.columns"

    def _unknown_columns(self) -> Iterator[Problem]:
        expected = [name for field, name in self._expected().items() if field in self.match.missing]
        for i in self.match.unknown if not self.layout.general else ():
            label = "/".join(self.match.paths[i])
            near = difflib.get_close_matches(header_key(label), expected, n=1, cutoff=0.3) or expected
            yield Problem(
                "HEADER-UNKNOWN",
                "表头里有不认识的列",
                self.source,
                self.first.page,
                self.first.line,
                self.spec.label,
                column=f"{label}（第{i + 1}列）",
                expected="、".join(near) or "没有更多的列",
                found=label,
                hint=f"若这是同一列的另一种写法，把它加到 {self._layout_key()}；若是转换错误，改正文档",
            )

    def _missing_columns(self) -> Iterator[Problem]:
        if not self.match.missing or (self.match.unknown and not self.layout.general):
            return
        expected = self._expected()
        yield Problem(
            "HEADER-MISSING",
            "表头缺少应有的列",
            self.source,
            self.first.page,
            self.first.line,
            self.spec.label,
            expected="、".join(expected[name] for name in self.match.missing),
            found="、".join("/".join(path) for path in self.match.paths if path) or "（没有表头）",
            hint=f"核对原文档的表头；若此地就是这样印的，在 {self._layout_key()} 中说明",
        )

    def _uneven_rows(self) -> Iterator[Problem]:
        width = len(self.columns)
        for number, row in enumerate(self.body, 1):
            if len(row) != width:
                yield Problem(
                    "ROW-WIDTH",
                    "这一行的格子数与表头不符",
                    self.source,
                    row[0].place.page,
                    row[0].place.line,
                    self.spec.label,
                    row=number,
                    column=self.columns[min(len(row), width) - 1].label + "之后",
                    expected=f"{width} 格",
                    found=f"{len(row)} 格（{' | '.join(cell.text for cell in row)}）"[:160],
                    hint="对照原文档补上或去掉多出的格子（空格子也要占一列）",
                )

    def _surplus_values(self) -> Iterator[Problem]:
        """A column without a name may only hold nothing or zeros: its values are nobody's."""
        for number, row in enumerate(self.body, 1):
            for column, cell in zip(self.columns, row, strict=True):
                if column.field is None and not _void(cell.text) and not self._kept_as_evidence(column):
                    yield Problem(
                        "SURPLUS-VALUE",
                        "没有表头的列里有数值",
                        self.source,
                        cell.place.page,
                        cell.place.line,
                        self.spec.label,
                        row=number,
                        column=f"(无表头)（第{column.number}列）",
                        expected="空白或 0",
                        found=cell.text,
                        hint="对照原文档：这一行可能错位，或表头漏印了一列",
                    )

    def _kept_as_evidence(self, column: Column) -> bool:
        """Say whether a column without a field is named: the general layout leaves it in the evidence."""
        return self.layout.general and bool(column.path)

    def strange(self) -> tuple[str, ...]:
        """Return the names of columns nobody knows that hold amounts: only the table's arithmetic can vouch for the rest."""
        return tuple(
            self.columns[i].label
            for i in self.match.unknown
            if any(i < len(row) and _counts(row[i].text) for row in self.body)
        )

    def findings(self) -> Iterator[Finding]:
        """Yield what was accepted although it is printed wrongly."""
        if self.found.by != "title":
            how = "表头" if self.found.by == "header" else "表头和次序"
            yield self._finding("TABLE-UNTITLED", f"没有印出可识别的标题，按{how}认定")
        yield from self._spelling_findings()
        if self.match.told:
            told = "、".join(f"{self.columns[i].label}→{self.columns[i].field}" for i in self.match.told)
            yield self._finding(
                "HEADER-BY-CONTENTS", f"有 {len(self.match.told)} 列的表头没有见过，按列里的内容认定：{told}"
            )
        unkept = [column.label for column in self.columns if column.field is None and self._kept_as_evidence(column)]
        if unkept:
            text = f"有 {len(unkept)} 列没有收入数据，只留在单元格证据中：{'、'.join(unkept)}"
            kept = Finding("COLUMN-UNKEPT", self.spec.label + text, "info", table=self.spec.name)
            yield kept.at(self.first)
        nameless = [column for column in self.columns if column.field is None and not self._kept_as_evidence(column)]
        surplus = [str(column.number) for column in nameless]
        if surplus:
            columns = "、".join(surplus)
            text = f"的数据比表头多 {len(surplus)} 列（第{columns}列，值均为空或 0），作为“(无表头)”保留在单元格证据中"
            yield self._finding("HEADER-SURPLUS", text)
        for place in (place for part in self.found.parts for place in part.joined):
            yield self._finding("ROW-JOINED", "有一行被换页从中间断开，数字也断在两页，已接成一行").at(place)
        for place, levels in self.repeats:
            if levels < self.match.levels:
                text = f"续页只重印了 {self.match.levels} 层表头中的 {levels} 层，按首页表头读取"
                yield self._finding("HEADER-INCOMPLETE", text).at(place)

    def _finding(self, rule: str, text: str) -> Finding:
        return Finding(rule, self.spec.label + text, table=self.spec.name).at(self.first)

    def _spelling_findings(self) -> Iterator[Finding]:
        for i in self.match.respelled:
            label = "/".join(self.match.paths[i])
            text = f"{self.spec.label}第{i + 1}列的表头印作“{label}”"
            named = self.match.fields[i]
            yield Finding("HEADER-RESPELLED", text, table=self.spec.name, column=named, printed=label).at(self.first)
        for cell in (cell for row in self.headers for cell in row):
            if re.search(r"\s", cell.text.strip()):
                text = f"{self.spec.label}的表头“{cell.text}”中夹有空格，按去掉空格认定"
                yield Finding("HEADER-BLANKS", text, "info", table=self.spec.name, printed=cell.text).at(cell.place)


def _line_of_frame(row: Sequence[Cell]) -> bool:
    """Say whether a row is a note that was printed inside the grid: one text, which says that there is nothing."""
    texts = [text for cell in row if (text := cell.text.strip())]
    return len(texts) == 1 and len(row) > 1 and says_nil(texts[0])


def _counts(text: str) -> bool:
    """Say whether a cell holds an amount that is not zero: with separators or places, unlike a code."""
    try:
        return bool(re.search(r"\d[.,]\d", text)) and bool(parse_amount(text))
    except ValueError:
        return False


def _void(text: str) -> bool:
    try:
        return not parse_amount(text)
    except ValueError:
        return False
