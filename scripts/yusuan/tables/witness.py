"""The second witness: does the table's own arithmetic confirm the columns it was given?

The first witness are the words of title and header. Rows whose columns must add up and totals over rows are counted;
a column that got another's numbers breaks them everywhere, a misprint in one cell breaks one or two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from yusuan.checks.identities import addends, applies, parts_of
from yusuan.model import Row, Table
from yusuan.rulebook import Rulebook
from yusuan.spec import TableSpec
from yusuan.tables.shapes import amount
from yusuan.values import decimal_text, half_unit, header_key, parse_amount, to_wan

CONFIRMED, UNCHECKED, CONTRADICTED, MISPRINTED = "印证", "无从核对", "不成立", "有不符"
#: One misprinted number breaks its row and the totals above it: so many failures are its own, beside enough that hold.
_MISPRINTS, _HOLDING, _RARE = 3, 4, 20


@dataclass(frozen=True, slots=True)
class Identity:
    """One sum that must hold: what it is about, in which row, what is printed and what the parts come to."""

    about: str
    row: int
    printed: Decimal
    summed: Decimal
    parts: int
    slack: Decimal

    @property
    def holds(self) -> bool:
        """Say whether it holds, as far as rounding can tell."""
        return abs(self.printed - self.summed) <= self.slack


@dataclass(frozen=True, slots=True)
class Testimony:
    """How a table's identities came out; `failed` is one that did not hold, with `where`."""

    grade: str
    held: int = 0
    broken: int = 0
    failed: Identity | None = None

    @property
    def message(self) -> str:
        """Return the identity that failed in words, empty where none did."""
        item = self.failed
        if item is None:
            return ""
        return (
            f"第{item.row}行{item.about}：印作 {decimal_text(item.printed)}，应为 {decimal_text(item.summed)}；"
            f"成立 {self.held} 处，不成立 {self.broken} 处"
        )


def hear(table: Table, spec: TableSpec, book: Rulebook) -> Testimony:
    """Return what a table's own arithmetic says of its columns, each kind of identity on its own."""
    kinds: dict[str, list[Identity]] = {}
    for item in (*_rows(table, spec, book), *_trees(table, spec), *_balance(table, spec)):
        kinds.setdefault(item.about, []).append(item)
    held = sum(item.holds for items in kinds.values() for item in items)
    broken = [item for items in kinds.values() for item in items if not item.holds]
    for items in kinds.values():
        bad = [item for item in items if not item.holds]
        if bad and not _misprints(len(bad), len(items) - len(bad), held, len(broken)):
            return Testimony(CONTRADICTED, held, len(broken), bad[0])
    if broken:
        return Testimony(MISPRINTED, held, len(broken), broken[0])
    return Testimony(CONFIRMED if held else UNCHECKED, held)


def _misprints(bad: int, good: int, held: int, broken: int) -> bool:
    """Say whether identities of one kind fail like misprints: few of them, while the others hold."""
    if bad > _MISPRINTS:
        return good >= _RARE * bad
    return good >= _HOLDING * bad or held >= _HOLDING * broken


def _rows(table: Table, spec: TableSpec, book: Rulebook) -> Iterator[Identity]:
    """Yield the sums across columns that the rulebook knows for this table."""
    printed = {column.field or "" for column in table.sheet.columns}
    for entry in (e for rule in book.rules.values() for e in rule.kinds.get("columns", ())):
        parts = addends(entry, printed, [row.values for row in table.rows])
        if spec.concept not in entry["concepts"] or entry["total"] not in printed or not parts:
            continue
        if not applies(entry, printed) or (entry["total"] == "合计" and len(parts) == 1 < len(entry["parts"])):
            continue  # a single part of many says nothing of the whole
        about = f"“{entry['total']}”= {' + '.join(parts)}"
        for row in table.rows:
            given = {name for name in printed if amount(row, name) is not None}
            row_parts = parts_of(entry, parts, given)
            others = _strange(table, row)
            found = _sum(about, row, entry["total"], [(row, name) for name in row_parts], others)
            yield from (item for item in found if item.holds or not others)


def _strange(table: Table, row: Row) -> list[Decimal]:
    """Return a row's amounts in columns nobody knows: further parts, if the sum holds with them; else nothing is said."""
    cells, names = table.sheet.body[row.number - 1], set(table.sheet.strange)
    found = []
    for column, cell in zip(table.sheet.columns, cells, strict=False):
        if column.label in names and any(char in "123456789" for char in cell.text):
            try:
                found.append(to_wan(parse_amount(cell.text) or Decimal(0), table.sheet.money_unit))
            except ValueError:
                continue
    return found


def _trees(table: Table, spec: TableSpec) -> Iterator[Identity]:
    """Yield the totals over rows, money column by money column."""
    printed = {column.field for column in table.sheet.columns if column.field}
    rows = {row.number: row for row in table.rows}
    for name in spec.measures:
        side = next((key for key in spec.lists or {} if name.startswith(f"{key}_")), "")
        below: dict[int, list[Row]] = {}
        for row in table.rows if name in printed else ():
            if side in row.parents:
                below.setdefault(row.parents[side], []).append(row)
        for number, children in below.items():
            yield from _sum(f"“{name}”合计", rows[number], name, [(child, name) for child in children])


def _sum(
    about: str, row: Row, total: str, parts: Sequence[tuple[Row, str]], others: Sequence[Decimal] = ()
) -> Iterator[Identity]:
    """Yield one identity where it can fail: a total is printed, and not everything is zero; `others` are further parts."""
    printed = amount(row, total)
    values = [value for part, name in parts if (value := amount(part, name)) is not None]
    values += others
    if not printed and not any(values):
        return
    if printed is None:
        return
    numbers = [printed, *values]
    slack = max(map(half_unit, numbers)) * (len(values) + 1)
    yield Identity(about, row.number, printed, sum(values, Decimal(0)), len(values), slack)


def _balance(table: Table, spec: TableSpec) -> Iterator[Identity]:
    """Yield that both lists of a table come to the same total."""
    totals: list[tuple[Row, Decimal]] = []
    for columns in (spec.lists or {}).values():
        for row in table.rows:
            path, value = row.values.get(columns["path"]), amount(row, columns["amount"])
            if value is not None and isinstance(path, str) and header_key(path).endswith("总计"):
                totals.append((row, value))
                break
    if len(totals) == 2 and any(value for _, value in totals):  # noqa: PLR2004 - two lists
        (row, left), (_, right) = totals
        yield Identity("收入总计 = 支出总计", row.number, left, right, 1, half_unit(left) + half_unit(right))
