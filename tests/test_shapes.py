"""Rows to typed rows: what kind each is, which row sums it up, whose it is; and rows that are none."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from yusuan.tables.lists import list_measures
from yusuan.tables.shapes import amount

UNIT = "450200-405003"


def kinds(table):
    return [row.kind for row in table.rows]


def parents(table, name=""):
    return [row.parents.get(name) for row in table.rows]


def owners(table):
    return [row.organisation.removeprefix("450200-") for row in table.rows]


def lines(*rows, zeros=0):
    """Return rows of cells from `code|organisation|name|…` texts, with zero amounts added at the end."""
    return [row.split("|") + ["0.00"] * zeros for row in rows]


@pytest.fixture
def good(shape):
    """Return `shape`, asserting that nothing was refused."""

    def shaped(name, rows, **options):
        table, problems = shape(name, rows, **options)
        assert problems == []
        return table

    return shaped


@pytest.fixture
def bad(shape):
    """Return `shape`, asserting that the table was refused; gives the problems."""

    def shaped(name, rows, **options):
        table, problems = shape(name, rows, **options)
        assert table is None
        assert problems
        return problems

    return shaped


DEPARTMENT = lines(
    "合计|||9.00|9.00",
    "|405|某局|9.00|9.00",
    "|405001|某局本级|5.00|5.00",
    "2060101||行政运行|3.00|3.00",
    "2060102||一般行政管理事务|2.00|2.00",
    "|405002|某所|4.00|4.00",
    "2060101||行政运行|1.00|1.00",
    "2060399||其他|3.00|3.00",
    zeros=2,
)


def test_the_units_of_a_department_own_the_lines_below_them(good):
    table = good("t03_expenditure", DEPARTMENT)
    assert kinds(table) == ["合计", "部门", "单位", "明细", "明细", "单位", "明细", "明细"]
    assert parents(table) == [None, 1, 2, 3, 3, 2, 6, 6]
    assert owners(table) == ["405003", "405003", "405001", "405001", "405001", "405002", "405002", "405002"]
    assert [row.number for row in table.rows] == list(range(1, 9))
    assert not table.is_nil


def test_several_departments_in_one_table(good):
    rows = lines("合计|||3.00", "|405|甲局|1.00", "|405001|甲所|1.00", "|406|乙局|2.00", "|406001|乙所|2.00", zeros=3)
    assert parents(good("t03_expenditure", rows)) == [None, 1, 2, 1, 4]


def test_lines_without_any_organisation_belong_to_the_total(good):
    table = good("t03_expenditure", lines("合计|||3.00", "2060101||行政运行|1.00", "2060102||其他|2.00", zeros=3))
    assert parents(table) == [None, 1, 1]
    assert owners(table) == ["405003"] * 3


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_total_may_stand_in_any_of_the_leading_columns(place, good):
    leading = ["", "", ""]
    leading[place] = "合 计" if place else "总计"
    table = good("t03_expenditure", [[*leading, "1.00", "1.00", "0.00", "0.00"], *lines("201||甲|1.00", zeros=3)])
    assert (kinds(table), parents(table)) == (["合计", "明细"], [None, 1])


def test_codes_printed_on_all_three_levels(good):
    """类 and 款 are sums of what stands below them; the same 款 under two units is two sums."""
    table = good(
        "t03_expenditure",
        lines(
            "合计|||8.00",
            "|405001|甲所|5.00",
            "206||科学技术支出|4.00",
            "20603||应用研究|3.00",
            "2060301||机构运行|1.00",
            "2060399||其他|2.00",
            "20604||技术研究|1.00",
            "2060499||其他|1.00",
            "221||住房保障支出|1.00",
            "2210201||住房公积金|1.00",
            "|405002|乙所|3.00",
            "206||科学技术支出|3.00",
            "2060301||机构运行|3.00",
            zeros=3,
        ),
    )
    assert parents(table) == [None, 1, 2, 3, 4, 4, 3, 7, 2, 9, 1, 11, 12]
    assert [row.number for row in table.rows if row.kind == "父项"] == [3, 4, 7, 9, 12]
    assert [row.number for row in table.rows if row.kind == "明细"] == [5, 6, 8, 10, 13]


def test_a_unit_that_prints_only_items_has_no_parents_at_another_unit(good):
    rows = lines("合计|||2.00", "|405001|甲所|1.00", "206||科学技术支出|1.00", "2060301||机构运行|1.00", zeros=3)
    rows += lines("|405002|乙所|1.00", "2060301||机构运行|1.00", zeros=3)
    assert parents(good("t03_expenditure", rows)) == [None, 1, 2, 3, 1, 5]


def test_codes_that_follow_their_item_are_not_its_children(good):
    """Only what stands above can sum up: 206 after 2060301 is a line of its own."""
    table = good("t03_expenditure", lines("合计|||2.00", "2060301||甲|1.00", "206||乙|1.00", zeros=3))
    assert (kinds(table), parents(table)) == (["合计", "明细", "明细"], [None, 1, 1])


def test_economic_codes_make_a_tree(sample_tables):
    table = sample_tables[6]
    assert Counter(kinds(table)) == {"合计": 1, "父项": 3, "明细": 24}
    assert parents(table) == [None, 1, *[2] * 8, 1, *[11] * 14, 1, 26, 26]
    assert set(owners(table)) == {"405003"}


def test_two_identical_rows_stay_two(good):
    rows = lines("合计|||1.00", "201||甲|0.50", "201||甲|0.50", zeros=3)
    assert parents(good("t03_expenditure", rows)) == [None, 1, 1]


FUNDS = lines(
    "合计|||5.00",
    "||一般公共预算资金|3.00",
    "||政府性基金|2.00",
    "405|某局||5.00",
    "405001|甲所|一般公共预算资金|1.00",
    "405001|甲所|政府性基金|2.00",
    "405002|乙所|一般公共预算资金|2.00",
    zeros=9,
)


def test_kinds_of_fund_are_another_division_of_the_same_total(good, specs):
    table = good("t07_three_public_two_fees", FUNDS)
    assert kinds(table) == ["合计", "小计", "小计", "部门", "单位", "单位", "单位"]
    assert parents(table, "资金性质") == [None, 1, 1, None, None, None, None]
    assert parents(table) == [None, None, None, 1, 4, 4, 4]
    spec = specs.tables["t07_three_public_two_fees"]
    assert list_measures(spec, "资金性质") == list_measures(spec, "") == spec.measures


def test_a_unit_that_prints_its_own_sum_before_its_funds(good):
    rows = lines(
        "合计|||3.00", "405001|甲所||3.00", "405001|甲所|一般公共预算资金|1.00", "405001|甲所|基金|2.00", zeros=9
    )
    assert parents(good("t07_three_public_two_fees", rows)) == [None, 1, 2, 2]


def project(number, code, name, title, money):
    return [str(number), code, name, title, money, *[""] * 10]


def test_projects_of_several_units(good):
    table = good(
        "t12_project_performance",
        [
            project(1, "", "合计", "", "9.00"),
            project(2, "405", "某局", "", "9.00"),
            project(3, "405001", "某局本级", "", "5.00"),
            project(4, "405001", "某局本级", "甲项目", "2.00"),
            project(5, "405001", "某局本级", "乙项目", "3.00"),
            project(6, "405002", "某所", "丙项目", "4.00"),
        ],
    )
    assert kinds(table) == ["合计", "部门", "单位", "明细", "明细", "明细"]
    assert parents(table) == [None, 1, 2, 3, 3, 2]
    assert owners(table) == ["405003", "405003", "405001", "405001", "405001", "405002"]
    assert [row.values["序号"] for row in table.rows] == [1, 2, 3, 4, 5, 6]


def test_two_lists_of_the_sample(sample_tables):
    """The same label stands under several parents: the path is the key, the name is not."""
    table = sample_tables[4]
    paths = [row.values["收入_路径"] for row in table.rows if row.values["收入_路径"]]
    assert len(set(paths)) == len(paths) == 17
    assert paths[:4] == [
        "本年收入",
        "本年收入/一般公共预算",
        *(f"本年收入/一般公共预算/{x}" for x in ("上级补助", "本级")),
    ]
    assert paths[-4:] == [*(f"上年结转结余/{x}预算" for x in ("一般公共", "政府性基金", "国有资本经营")), "收入总计"]
    assert parents(table, "收入")[:16] == [29, 1, 2, 2, 2, 1, 6, 6, 6, 1, 10, 10, 29, 13, 13, 13]
    assert parents(table, "支出") == [29, *[1] * 26, 29, None]


def test_totals_of_the_year_close_the_items_above_them(sample_tables):
    """本年收入合计 sums 一 to 五; 收入总计 sums it and 上年结转结余."""
    table = sample_tables[1]
    assert parents(table, "收入") == [27, 1, 1, 1, 27, 5, 5, 5, 27, 9, 9, 27, 27, *[13] * 5, *[None] * 8, 29, 29, None]
    assert parents(table, "支出") == [*[27] * 26, 29, 29, None]
    assert [row.number for row in table.rows if row.values["收入_行类型"] == "合计"] == [27, 29]
    assert [row.number for row in table.rows if row.values["收入_行类型"] == "父项"] == [1, 5, 9, 13]


def test_classes_are_known_by_name_not_by_their_ordinal(sample_tables, good):
    """Other places print only the classes they use and number them anew."""
    codes = [row.values["支出_科目编码"] for row in sample_tables[1].rows]
    assert codes[:10] == ["201", "202", "203", "204", "205", "206", "207", "208", "210", "211"]
    assert (codes[25], codes[26:]) == ("233", [None] * 3)
    rows = [["一、拨款", "2.00", "一、住房保障支出", "2.00"], ["收入总计", "2.00", "支出总计", "2.00"]]
    assert [row.values["支出_科目编码"] for row in good("t01_revenue_expenditure", rows).rows] == ["221", None]


def test_a_row_of_two_unlike_items_is_of_neither_kind(good):
    rows = [
        ["一、拨款", "1.00", "一、甲", "1.00"],
        ["（一）本级", "1.00", "支出总计", "1.00"],
        ["收入总计", "1.00", "", ""],
    ]
    table = good("t01_revenue_expenditure", rows)
    assert kinds(table) == ["并列", "并列", "合计"]


@pytest.mark.parametrize(
    ("rows", "code", "message"),
    [
        ([["一、甲", "1.00", "一、乙", "1.00"], ["", "", "支出总计", "1.00"]], "TOTAL-MISSING", "收入一侧没有总计行"),
        ([["一、甲", "1.00", "一、乙", "1.00"], ["收入总计", "1.00", "", ""]], "TOTAL-MISSING", "支出一侧没有总计行"),
        ([["", "1.00", "一、乙", "1.00"], ["收入总计", "1.00", "支出总计", "1.00"]], "ROW-UNKNOWN", "收入一侧有金额"),
        ([["收入总计", "1.00", "支出总计", "1.00"], ["一、甲", "1.00", "", ""]], "ROW-UNKNOWN", "收入总计之下还有项目"),
    ],
)
def test_lists_that_are_cut_or_torn_are_refused(rows, code, message, bad):
    problems = bad("t01_revenue_expenditure", rows)
    assert (problems[0].code, problems[0].table) == (code, "表1 单位收支总体情况表")
    assert message in problems[0].message


@pytest.mark.parametrize("name", ["t03_expenditure", "t10_procurement", "t12_project_performance"])
def test_a_table_that_lost_its_total_is_refused(name, sample, bad):
    table = next(table for table in sample.tables if table.name == name)
    rows = [[cell.text for cell in row] for row in table.sheet.body[1:]]
    assert [p.code for p in bad(name, rows)] == ["TOTAL-MISSING"]


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("t03_expenditure", lines("||其他|1.00", zeros=3)[0]),
        ("t06_general_public_basic", ["", "其他", "1.00", "1.00", "0.00"]),
        ("t12_project_performance", project(2, "", "某所", "", "1.00")),
        ("t02_revenue", ["", "某所", *["1.00"] * 13]),
    ],
)
def test_a_row_that_is_nobodys_is_refused(name, row, bad):
    total = ["合计", *row[1:]] if name != "t12_project_performance" else project(1, "", "合计", "", "1.00")
    (problem,) = bad(name, [total, row])
    assert (problem.code, problem.row, problem.line) == ("ROW-UNKNOWN", 2, 102)


@pytest.mark.parametrize("code", ["20603O1", "206030", "2060301x", "20", "２０６", "206.03", "科目"])
def test_a_bad_code_is_refused(code, bad):
    (problem,) = bad("t03_expenditure", lines("合计|||1.00", f"{code}||机构运行|1.00", zeros=3))
    assert (problem.code, problem.row, problem.column, problem.found) == ("BAD-CODE", 2, "科目编码", code)


@pytest.mark.parametrize("text", ["1,1l7.75", "12,34.5", "####", "1.00万元", "1e5", "1.0000001", "一"])
def test_a_bad_number_is_refused_with_its_place(text, bad):
    (problem,) = bad("t03_expenditure", lines("合计|||1.00", f"201||甲|{text}", zeros=3))
    assert (problem.code, problem.table) == ("BAD-NUMBER", "表3 单位支出总体情况表")
    assert (problem.row, problem.line, problem.column, problem.found) == (2, 102, "合计", text)
    assert problem.hint


def test_every_bad_cell_of_a_table_is_reported_at_once(bad):
    problems = bad("t03_expenditure", lines("合计|||x", "201||甲|y", "2l1||乙|1.00", zeros=3))
    assert [(p.code, p.row) for p in problems] == [("BAD-NUMBER", 1), ("BAD-NUMBER", 2), ("BAD-CODE", 3)]


@pytest.mark.parametrize("text", ["1.5", "x", "1_0", "٣", "①"])
def test_a_bad_ordinal_is_refused(text, bad):
    (problem,) = bad("t12_project_performance", [project(text, "", "合计", "", "1.00")])
    assert (problem.code, problem.expected) == ("BAD-NUMBER", "整数")


def test_money_is_in_wan_and_keeps_its_places(good):
    table = good("t03_expenditure", lines("合计|||1,234,500.10", zeros=3), money_unit="元")
    assert str(table.rows[0].values["合计"]) == "123.450010"
    assert amount(table.rows[0], "合计") == Decimal("123.45001")


def test_money_finer_than_a_fen_is_refused(bad):
    """It could not be kept as a whole number of 分, in which every sum is exact."""
    (problem,) = bad("t03_expenditure", lines("合计|||1.005", zeros=3), money_unit="元")
    assert (problem.code, problem.found) == ("BAD-NUMBER", "1.005")


def test_blank_and_zero_stay_different(good):
    table = good("t03_expenditure", [["合计", "", "", "0.00", "", "-", "0"]])
    values = table.rows[0].values
    assert [values[name] for name in ("合计", "基本支出", "项目支出", "结转下年支出")] == [0, None, None, 0]
    assert values["部门单位代码"] is None
    assert amount(table.rows[0], "基本支出") is None


@pytest.mark.parametrize(
    "rows",
    [
        lines("合计||", zeros=3),
        lines("合计||", "|405|某局", "|405003|某所", zeros=3),
        [["合计", "", "", "", "", ""]],
        [],
    ],
)
def test_a_table_of_zeros_or_nothing_with_its_note_is_a_declared_zero(rows, good):
    """Published empty is information: never missing, never invented."""
    table = good("t08_government_fund", rows, note="本单位没有政府性基金预算支出，故本表无数据。")
    assert table.is_nil
    assert len(table.rows) == len(rows)


def test_a_table_without_rows_and_without_note_was_cut(bad):
    (problem,) = bad("t08_government_fund", [])
    assert problem.code == "TABLE-CUT"


@pytest.mark.parametrize("row", ["合计|||0.00|0.00|0.01", "合计|||0.00|0.00|-1"])
def test_one_amount_makes_a_table_not_nil(row, good):
    assert not good("t08_government_fund", lines(row)).is_nil


def test_a_printed_item_makes_a_table_not_nil(good):
    assert not good("t08_government_fund", lines("合计||", "2290401||其他政府性基金支出", zeros=3)).is_nil
