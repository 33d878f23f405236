"""Does a table add up? Every row that sums up others against the rows it sums up.

The bound is half a unit of the last printed place for each non-zero printed number of the identity,
the total included: rounding can explain no more. Findings never change data.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from yusuan.model import Finding, Row, Table
from yusuan.shapes import amount, list_measures, says_nil
from yusuan.spec import TableSpec
from yusuan.values import decimal_text, half_unit

_ZERO = Decimal(0)


def check_table(table: Table, spec: TableSpec) -> Iterator[Finding]:
    """Yield what does not add up in one table, a table without total, a nil table that does not say that it is one."""
    children: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in table.rows:
        for name, parent in row.parents.items():
            children[name, parent].append(row)
    for (name, parent), parts in children.items():
        for measure in list_measures(spec, name):
            finding = _check_sum(table.rows[parent - 1], parts, measure, spec)
            if finding:
                yield finding
    yield from _check_total(table, spec)
    yield from _check_nil(table, spec)


def _check_total(table: Table, spec: TableSpec) -> Iterator[Finding]:
    """Several rows that nothing sums up cannot be checked; only some places print tables so."""
    if spec.lists is None and len(table.rows) > 1 and not any(row.kind == "合计" for row in table.rows):
        text = f"{spec.label}没有合计行，各行之和无从核对"
        yield Finding("TOTAL-UNPRINTED", text, table=spec.name).at(table.sheet.first)


def _check_sum(total: Row, parts: list[Row], measure: str, spec: TableSpec) -> Finding | None:
    printed = amount(total, measure)
    numbers = [number for part in parts if (number := amount(part, measure)) is not None]
    if printed is None or not numbers:
        return None
    difference = printed - sum(numbers, _ZERO)
    bound = sum((half_unit(number) for number in [printed, *numbers] if number), _ZERO)
    if abs(difference) <= bound:
        return None
    expected = sum(numbers, _ZERO)
    return Finding(
        "SUM-TREE",
        f"{spec.label}第{total.number}行“{measure}”印作 {decimal_text(printed)}，下属 {len(numbers)} 行之和为"
        f" {decimal_text(expected)}，相差 {decimal_text(difference)}（舍入最多 {decimal_text(bound)}）；可能缺行、错行或数字有误",
        "error",
        table=spec.name,
        row=total.number,
        column=measure,
        printed=decimal_text(printed),
        expected=decimal_text(expected),
        difference=difference,
        tolerance=bound,
    ).at(total.place)


def _check_nil(table: Table, spec: TableSpec) -> Iterator[Finding]:
    """A table without data must say so, and a table that says so must have none."""
    place = table.sheet.first
    bare = all(row.kind == "合计" for row in table.rows)
    if table.is_nil and bare and not table.sheet.note:
        yield Finding("NIL-UNEXPLAINED", f"{spec.label}是空表，但没有说明“本表无数据”", table=spec.name).at(place)
    if says_nil(table.sheet) and not table.is_nil:
        yield Finding("NIL-CONTRADICTED", f"{spec.label}注明无数据，表中却有数据", "error", table=spec.name).at(place)
