"""The names of the rulebook to numbers of one document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from yusuan.checks.arithmetic import ZERO, Figure, total
from yusuan.checks.evidence import Evidence, Row, Sheet
from yusuan.checks.similarity import is_alike
from yusuan.codes import Code
from yusuan.rulebook import Quantity, Rulebook, Series
from yusuan.values import header_key

#: What stands for a class code in a series by item: organisation and code.
Key = str


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a number is not there; `table` says that the whole table is not."""

    reason: str
    table: bool = False


@dataclass(frozen=True, slots=True)
class Numbers:
    """A series of one document; `unassigned` names what has no key and may explain a difference."""

    figures: Mapping[Key, Figure]
    unassigned: tuple[str, ...] = ()


class Quantities:
    """Looks up what the rulebook names in one document, each name once."""

    def __init__(self, evidence: Evidence, book: Rulebook) -> None:
        self.evidence, self.book = evidence, book
        self._known: dict[str, Figure | Missing] = {}
        self._series: dict[str, Numbers | Missing] = {}

    def figure(self, name: str) -> Figure | Missing:
        """Return the number of a quantity, or why there is none."""
        if name not in self._known:
            self._known[name] = self._find(self.book.quantities[name])
        return self._known[name]

    def series(self, name: str) -> Numbers | Missing:
        """Return the numbers of a series by key, or why there are none."""
        if name not in self._series:
            self._series[name] = self._collect(self.book.series[name])
        return self._series[name]

    def _find(self, quantity: Quantity) -> Figure | Missing:
        sheet = self.evidence.sheet(quantity.concept)
        if sheet is None:
            return Missing(f"没有{self.evidence.label(quantity.concept)}", table=True)
        if quantity.list is not None:
            return _on_path(sheet, quantity)
        column = quantity.column or ""
        if column not in sheet.columns:
            return Missing(f"{sheet.label}没有“{column}”列")
        if quantity.total:
            return _in_total(sheet, column, quantity.less)
        codes = self.evidence.specs.codes["economic" if sheet.spec.shape == "code_tree" else "functional"]
        return _in_leaves(sheet, quantity, column, codes)

    def _collect(self, series: Series) -> Numbers | Missing:
        sheet = self.evidence.sheet(series.concept)
        if sheet is None:
            return Missing(f"没有{self.evidence.label(series.concept)}", table=True)
        if series.list is not None:
            return _classes_of_list(sheet, series.list)
        column = series.column or ""
        if column not in sheet.columns:
            return Missing(f"{sheet.label}没有“{column}”列")
        if not sheet.leaves and not sheet.is_nil:
            return Missing(f"{sheet.label}没有明细行")
        return _by_key(sheet, column, series)


def _on_path(sheet: Sheet, quantity: Quantity) -> Figure | Missing:
    columns = (sheet.spec.lists or {})[quantity.list or ""]
    wanted = {_path_key(path) for path in quantity.path}
    for row in sheet.rows:
        if _path_key(sheet.text(row, columns["path"])) in wanted:
            return _of_item(sheet, row, columns)
    return Missing(f"{sheet.label}没有“{quantity.path[0]}”")


def _path_key(path: str) -> str:
    return "/".join(map(header_key, path.split("/")))


def _of_item(sheet: Sheet, row: Row, columns: Mapping[str, str]) -> Figure:
    """Return the amount of an item of a list; an item without amount is worth nothing."""
    label = f"{sheet.label}第{row['行次']}行“{sheet.text(row, columns['path'])}”"
    figure = sheet.figure(row, columns["amount"]) or Figure(ZERO, at=sheet.at(row, columns["amount"]))
    return figure.called(label)


def _net(sheet: Sheet, row: Row, column: str, less: str | None) -> Figure | None:
    """Return an amount without another of its row, where the table prints one to take off."""
    figure = sheet.figure(row, column)
    other = sheet.figure(row, less) if less in sheet.columns and less else None
    if figure is None or other is None:
        return figure
    return total([figure, -other], f"{figure.label}减去“{less}”" if other.value else figure.label)


def _in_total(sheet: Sheet, column: str, less: str | None = None) -> Figure | Missing:
    row = sheet.total
    if row is None:
        return Figure(ZERO, label=f"{sheet.label}（空表）") if sheet.is_nil else Missing(f"{sheet.label}没有合计行")
    figure = _net(sheet, row, column, less)
    if figure is None:
        return Figure(ZERO, label=f"{sheet.label}（空表）") if sheet.is_nil else Missing(f"{sheet.label}“{column}”空白")
    return figure


def _in_leaves(sheet: Sheet, quantity: Quantity, column: str, listed: Mapping[str, Code]) -> Figure | Missing:
    """Return the sum of the chosen leaf rows: an item of zero is often not printed, so none is zero."""
    if not sheet.leaves and not sheet.is_nil:
        return Missing(f"{sheet.label}没有明细行")
    project = sheet.spec.role("project")
    rows = [
        row
        for row in sheet.leaves
        if quantity.takes(sheet.code(row), sheet.text(row, project) if quantity.named and project else sheet.name(row))
    ]
    if quantity.named and not rows:
        return Missing(f"{sheet.label}没有“{quantity.named[0]}”")
    if quantity.codes and (strange := _used_otherwise(sheet, rows, listed)):
        return Missing(f"{sheet.label}的 {strange} 不是代码表里的那个科目")
    figures = [figure for row in rows if (figure := sheet.figure(row, column)) is not None]
    codes = "、".join(dict.fromkeys(sheet.code(row) for row in rows)) or "、".join(quantity.codes)
    return total(figures, f"{sheet.label}{codes}“{column}”")


def _used_otherwise(sheet: Sheet, rows: Sequence[Row], codes: Mapping[str, Code]) -> str:
    """Return a code that a document gives to something else than the code list does, empty where there is none."""
    for row in rows:
        listed = codes.get(sheet.code(row))
        names = (listed.name, *listed.aliases) if listed else ()
        if names and not any(is_alike(header_key(name), header_key(sheet.name(row))) for name in names):
            return f"{sheet.code(row)}“{sheet.name(row)}”"
    return ""


def list_items(sheet: Sheet, name: str) -> Iterator[tuple[Row, Mapping[str, str]]]:
    """Yield the rows of one list of a table that name something, with the list's columns."""
    columns = (sheet.spec.lists or {})[name]
    for row in sheet.rows:
        if sheet.text(row, columns["item"]):
            yield row, columns


def _classes_of_list(sheet: Sheet, name: str) -> Numbers:
    figures: dict[Key, Figure] = {}
    unassigned = []
    for row, columns in list_items(sheet, name):
        code = sheet.text(row, columns.get("code"))
        figure = _of_item(sheet, row, columns)
        if code:
            figures[code] = total([figures[code], figure], figure.label) if code in figures else figure
        elif row.get(columns["kind"]) == "明细" and figure.value and "结转" not in sheet.text(row, columns["item"]):
            unassigned.append(sheet.text(row, columns["item"]))
    return Numbers(figures, tuple(unassigned))


def _by_key(sheet: Sheet, column: str, series: Series) -> Numbers:
    found: dict[Key, list[Figure]] = {}
    unassigned = []
    for row in sheet.leaves:
        code, figure = sheet.code(row), _net(sheet, row, column, series.less)
        if figure is None:
            continue
        if not code.isdigit():
            unassigned += [sheet.name(row) or f"第{row['行次']}行"] if figure.value else []
            continue
        key = code[:3] if series.by == "class" else f"{row['单位']} {code}"
        found.setdefault(key, []).append(figure)
    return Numbers({key: _summed(sheet, key, column, each) for key, each in found.items()}, tuple(unassigned))


def _summed(sheet: Sheet, key: Key, column: str, figures: list[Figure]) -> Figure:
    if len(figures) == 1:
        return figures[0]
    return total(figures, f"{sheet.label}{key.split()[-1]}各行“{column}”之和")
