"""Does a table add up: every tree of totals, within what rounding can explain and not a bit more."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yusuan.tables.shapes import shape_table

ZERO = Decimal(0)
#: More than rounding can explain in any identity of the sample (at most 14 numbers: 0.07, less what is used up).
BEYOND = Decimal("0.20")


@pytest.fixture
def findings(shape, check):
    """Return a function from a table's printed rows to what does not add up in it."""

    def check_rows(name, rows, **options):
        table, problems = shape(name, rows, **options)
        assert problems == []
        return check(table)

    return check_rows


@pytest.fixture(scope="session")
def trees(specs):
    """Return the rules about totals of rows."""
    return {rule.id for rule in specs.rules.rules.values() if "tree" in rule.kinds}


def expenditure(total, *parts, zeros=0):
    """Return rows of 表3: a total and items below it; only the column 合计 is not zero."""
    rows = [["合计", "", "", total, "", "", ""]]
    items = [*parts, *["0.00"] * zeros]
    return [*rows, *([f"2060{i:03}", "", f"第{i}项", item, "", "", ""] for i, item in enumerate(items, 100))]


@pytest.fixture(scope="session")
def broken_trees(check, trees):
    """Return a function from a table to the totals of rows that do not add up."""
    return lambda table: [finding for finding in check(table) if finding.rule in trees]


@pytest.mark.parametrize("number", range(1, 13))
def test_the_sample_adds_up(number, sample_tables, check):
    assert [f for f in check(sample_tables[number]) if f.difference is not None] == []


@pytest.mark.parametrize("parts", range(1, 14))
@pytest.mark.parametrize("sign", [1, -1])
def test_rounding_explains_half_a_cent_for_each_printed_number_and_no_more(parts, sign, findings):
    """Numbers n, the total included, can be off by n × 0.005: what fits passes, one cent more does not."""
    bound = (parts + 1) * Decimal("0.005")
    fits = bound.quantize(Decimal("0.01"), rounding="ROUND_FLOOR")
    exact = Decimal("10.00") * parts
    items = ["10.00"] * parts
    assert findings("t03_expenditure", expenditure(str(exact + sign * fits), *items)) == []
    beyond = fits + Decimal("0.01")
    (finding,) = findings("t03_expenditure", expenditure(str(exact + sign * beyond), *items))
    assert (finding.rule, finding.grade) == ("T03-COL", "violated")
    assert (finding.difference, finding.tolerance) == (sign * beyond, bound)


def test_zeros_do_not_widen_the_bound(findings):
    """A printed 0.00 is an exact zero: 30 empty lines must not excuse 0.15."""
    assert len(findings("t03_expenditure", expenditure("10.02", "10.00", zeros=30))) == 1
    assert findings("t03_expenditure", expenditure("10.01", "10.00", zeros=30)) == []
    assert len(findings("t03_expenditure", expenditure("0.00", "0.01"))) == 1


@pytest.mark.parametrize(("printed", "adds_up"), [("1.1", True), ("1.2", False), ("1.05", True), ("1.07", False)])
def test_each_number_brings_half_of_its_own_last_place(printed, adds_up, findings):
    """1.0 may be off by 0.05, whatever the total's places."""
    assert (findings("t03_expenditure", expenditure(printed, "1.0")) == []) is adds_up


def test_the_bound_follows_the_money_unit(findings):
    """In whole 元 half a unit is 0.00005 万元."""
    rows = expenditure("100003", "50000", "50000")
    (finding,) = findings("t03_expenditure", rows, money_unit="元")
    assert (finding.difference, finding.tolerance) == (Decimal("0.0003"), Decimal("0.00015"))
    assert findings("t03_expenditure", expenditure("100001", "50000", "50000"), money_unit="元") == []


def test_a_finding_says_where_and_how_much(findings):
    (finding,) = findings("t03_expenditure", expenditure("1,117.75", "1,000.00", "17.75"))
    assert (finding.table, finding.row, finding.column, finding.line) == ("t03_expenditure", 1, "合计", 101)
    assert (finding.printed, finding.expected, finding.difference) == ("1117.75", "1017.75", Decimal("100.00"))
    for part in ("支出表：列合计", "表3第1行", "合计", "1117.75", "1017.75", "100.00"):
        assert part in finding.message


def test_a_column_without_any_numbers_is_not_checked(findings):
    rows = [["合计", "", "", "", "", "", ""], ["201", "", "甲", "", "", "", ""]]
    assert findings("t03_expenditure", rows) == []


def test_negative_amounts_are_added(findings):
    assert findings("t03_expenditure", expenditure("7.00", "10.00", "-3.00")) == []
    assert len(findings("t03_expenditure", expenditure("13.00", "10.00", "(3.00)"))) == 1


def test_a_lost_row_is_found(sample_tables, findings):
    """表10's two identical purchases: without either of them the unit's sum is 1.80 short."""
    rows = [[cell.text for cell in row] for row in sample_tables[10].sheet.body]
    assert rows[5] == rows[10]
    found = [f for f in findings("t10_procurement", rows[:10] + rows[11:]) if f.rule == "T10-COL"]
    assert {(f.row, f.difference) for f in found} == {(3, Decimal("1.79")), (3, Decimal("1.80"))}
    assert {f.column for f in found} == {
        "政府采购资金类型_合计",
        "政府采购资金类型_一般公共预算",
        "政府采购项目类型_合计",
        "集中采购_小计",
        "集中采购_服务类",
    }


def test_the_lists_of_a_table_are_checked_each_by_its_own_column(findings, trees):
    rows = [
        ["一、甲", "3.00", "一、乙", "5.00"],
        ["（一）子", "1.00", "二、丙", "5.00"],
        ["（二）子", "1.00", "", ""],
        ["收入总计", "3.00", "支出总计", "9.00"],
    ]
    found = [f for f in findings("t01_revenue_expenditure", rows) if f.rule in trees]
    assert {(f.row, f.column, f.expected) for f in found} == {(1, "收入_预算数", "2.00"), (4, "支出_预算数", "10.00")}


def test_kinds_of_fund_are_checked_against_the_total(findings):
    def row(code, fund, money):
        return [code, "", fund, money, *["0.00"] * 9]

    rows = [row("合计", "", "5.00"), row("", "一般公共预算资金", "2.00"), row("", "基金", "2.00")]
    rows += [row("405", "", "5.00"), row("405001", "一般公共预算资金", "5.00")]
    (finding,) = [f for f in findings("t07_three_public_two_fees", rows) if f.rule == "T07-FUND"]
    assert (finding.row, finding.column, finding.expected) == (1, "三公经费_合计", "4.00")


NIL = [["合计", "", "", "0.00", "0.00", "0.00"]]


@pytest.mark.parametrize(
    ("rows", "note", "rules"),
    [
        (NIL, None, [("TXX-NIL", "warning")]),
        (NIL, "本单位没有政府性基金预算支出，故本表无数据。", []),
        (NIL, "本单位没有政府性基金预算支出，故本表为空表。", []),
        (NIL, "金额单位转换时可能存在尾数误差。", [("TXX-NIL", "warning")]),
        ([*NIL, ["", "405", "某局", "0.00", "0.00", "0.00"]], "故本表无数据。", []),
        ([["合计", "", "", "1.00", "1.00", "0.00"]], "故本表无数据。", [("TXX-NIL", "error")]),
        ([*NIL, ["2290401", "", "其他", "0.00", "0.00", "0.00"]], "故本表无数据。", [("TXX-NIL", "error")]),
        ([["合计", "", "", "1.00", "1.00", "0.00"]], None, []),
    ],
)
def test_an_empty_table_must_say_so_and_one_that_says_so_must_be_empty(rows, note, rules, findings):
    assert [
        (f.rule, f.severity) for f in findings("t08_government_fund", rows, note=note) if f.rule == "TXX-NIL"
    ] == rules


@st.composite
def changes(draw):
    """Return a table number, a choice of row and column, and a new last part of the amount."""
    number = draw(st.sampled_from([3, 6, 10]))
    cents = draw(st.integers(min_value=int(BEYOND * 100), max_value=10**7))
    return number, draw(st.integers(0, 10**6)), draw(st.integers(0, 10**6)), Decimal(cents) / 100


def changed(table, row, column, text):
    """Return the table's sheet with one printed cell replaced."""
    body = [list(cells) for cells in table.sheet.body]
    body[row][column] = replace(body[row][column], text=text)
    return replace(table.sheet, body=tuple(map(tuple, body)))


@given(changes(), st.booleans())
def test_any_amount_changed_beyond_rounding_is_found_where_it_stands(
    sample_tables, specs, shape_context, broken_trees, change, grows
):
    """Each amount is a part, a sum, or both: exactly the sums it touches are reported, in its column only."""
    number, row_choice, column_choice, delta = change
    table = sample_tables[number]
    spec = specs.tables[table.name]
    row = table.rows[row_choice % len(table.rows)]
    printed = [c for c in table.sheet.columns if c.field in spec.measures]
    column, measure = next((c.number - 1, c.field) for c in [printed[column_choice % len(printed)]])
    value = row.values[measure]
    new = value + delta if grows or value < delta else value - delta
    other, problems = shape_table(changed(table, row.number - 1, column, f"{new:,.2f}"), spec, shape_context)
    assert problems == []
    found = broken_trees(other)
    touched = set(row.parents.values())
    if any(row.number in item.parents.values() for item in table.rows):
        touched.add(row.number)
    assert touched
    assert {(f.severity, f.table, f.row, f.column) for f in found} == {
        ("error", table.name, number, measure) for number in touched
    }


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=12))
def test_sums_that_agree_to_the_cent_are_never_reported(shape, check, cents):
    amounts = [Decimal(value) / 100 for value in cents]
    rows = expenditure(f"{sum(amounts, ZERO):.2f}", *(f"{value:,.2f}" for value in amounts))
    table, problems = shape("t03_expenditure", rows)
    assert problems == []
    assert check(table) == []
