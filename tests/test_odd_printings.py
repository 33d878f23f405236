"""Single oddities of real pages: what is missing or misplaced in one row, and how the rest of the table is still read."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from yusuan.disclosure import Options, read_disclosure
from yusuan.model import Cell, Grid, Place
from yusuan.tables.blocks import in_columns, rejoined

COVER = "# 2026年烟台市某某局部门预算\n\n"
FRAME = "部门（单位）：烟台市某某局\n单位：万元\n\n"
PARTS = (
    "支出总体情况表\n" + FRAME + "科目编码\t\t\t科目名称\t合计\t基本支出\t项目支出\n类\t款\t项\t\t\t\t\n"
    "\t\t\t合计\t60.00\t35.00\t25.00\n"
    "201\t\t\t一般公共服务支出\t50.00\t25.00\t25.00\n"
    "201\t08\t\t审计事务\t50.00\t25.00\t25.00\n"
    "201\t08\t01\t行政运行\t50.00\t25.00\t25.00\n"
    "221\t\t\t住房保障支出\t10.00\t10.00\t\n"
    "221\t02\t\t住房改革支出\t10.00\t10.00\t\n"
    "221\t02\t01\t住房公积金\t10.00\t10.00\t\n\n"
)
CARS = (
    "“三公”经费支出表\n" + FRAME + "“三公”经费合计\t因公出国（境）费\t公务用车购置及运行费\t\t\t公务接待费\n"
    "\t\t小计\t公务用车购置费\t公务用车运行费\t\n"
    "10.00\t1.00\t{}\t3.00\t4.00\t2.00\n\n"
)
NIL = "政府性基金预算支出表\n" + FRAME + "科目编码\t科目名称\t合计\t基本支出\t项目支出\n{}\n\n"


def _table(disclosure, name):
    return next((table for table in disclosure.tables if table.name.startswith(name)), None)


def _rules(disclosure, name):
    return {finding.rule for finding in disclosure.findings if (finding.table or "").startswith(name)}


@pytest.mark.parametrize(
    ("old", "new"),
    [("201\t08\t01", "201\t8\t01"), ("201\t08\t01", "201\t08\t1"), ("201\t08\t01", "7\t08\t01")],
)
def test_a_code_that_lost_its_zero_or_its_class_is_read_and_told(old, new, disclose):
    disclosure = disclose(COVER + PARTS.replace(old, new))
    rows = _table(disclosure, "t03").rows
    assert rows[3].values["科目编码"] == "2010801"
    assert rows[3].parents == {"": 3}
    assert [f.row for f in disclosure.findings if f.rule == "CODE-MENDED"] == [4]


@pytest.mark.parametrize("new", ["7\t09\t01", "7\t\t01", "2010\t08\t01"])
def test_a_code_that_does_not_follow_from_the_row_above_is_not_mended(new, disclose):
    disclosure = disclose(COVER + PARTS.replace("201\t08\t01", new) + CARS.format("7.00"))
    table = _table(disclosure, "t03")
    assert table is None or table.rows[3].values["科目编码"] == "2010801"
    assert {"TABLE-UNREAD", "CODE-MENDED"} & _rules(disclosure, "t03")


def test_codes_as_they_should_be_are_not_told(disclose):
    assert "CODE-MENDED" not in _rules(disclose(COVER + PARTS), "t03")


def test_a_blank_subtotal_gives_way_to_what_it_would_sum_up(disclose):
    disclosure = disclose(COVER + PARTS + CARS.format(""))
    table = _table(disclosure, "t07")
    assert table.witness == "印证"
    assert table.rows[0].values["三公经费_公务用车购置及运行维护费_小计"] is None
    assert not {"T07-ROW", "T07-ROW-CAR"} & _rules(disclosure, "t07")


def test_a_subtotal_that_is_printed_counts(disclose):
    disclosure = disclose(COVER + PARTS + CARS.format("6.00"))
    assert _table(disclosure, "t07") is None
    assert "TABLE-UNREAD" in _rules(disclosure, "t07")


@pytest.mark.parametrize("text", ["合计\t\t\t\t\n此表为空\t\t\t\t", "本部门没有政府性基金预算支出\t\t\t\t"])
def test_a_note_inside_the_grid_is_a_note_and_its_cell_is_kept(text, disclose):
    table = _table(disclose(COVER + PARTS + NIL.format(text)), "t08")
    assert table.is_nil
    note = text.splitlines()[-1].strip()
    assert table.sheet.note == note
    assert note in {item.cell.text for item in table.sheet.evidence}


def test_a_header_and_nothing_else_is_an_empty_table_of_a_page_and_a_cut_one_of_a_text(disclose, specs):
    text = COVER + PARTS + NIL.format("").rstrip("\n")
    cut = disclose(text)
    assert "TABLE-UNREAD" in _rules(cut, "t08")
    paged = cut.document
    blocks = tuple(_on_a_page(block) if isinstance(block, Grid) else block for block in paged.blocks)
    disclosure = read_disclosure(replace(paged, blocks=blocks), specs)
    assert _table(disclosure, "t08").is_nil
    assert "TABLE-BARE" in _rules(disclosure, "t08")


def _on_a_page(grid):
    box = (0.0, 0.0, 1.0, 1.0)
    return Grid(tuple(tuple(replace(cell, place=Place(page=1, box=box)) for cell in row) for row in grid.rows))


def test_amounts_of_an_unknown_column_that_complete_the_sum_confirm_the_others(disclose):
    text = PARTS.replace("项目支出\n", "项目支出\t某某机动\n", 1).replace("项\t\t\t\t\n", "项\t\t\t\t\t\n")
    text = text.replace("60.00\t35.00\t25.00\n", "62.00\t35.00\t25.00\t2.00\n").replace(
        "50.00\t25.00\t25.00\n", "52.00\t25.00\t25.00\t2.00\n"
    )
    text = text.replace("10.00\t10.00\t\n", "10.00\t10.00\t\t\n")
    disclosure = disclose(COVER + text)
    assert _table(disclosure, "t03").witness == "印证"


def _row(*cells):
    return tuple(Cell(text, Place(page=1, box=(left, 0.0, right, 10.0))) for text, left, right in cells)


def test_a_total_alone_on_a_page_stands_in_the_columns_its_label_runs_across():
    above = _row(("221", 0, 10), ("02", 10, 20), ("住房改革支出", 20, 60), ("5", 60, 90))
    total = _row(("合计", 0, 60.5), ("9", 60.5, 90))
    assert [[cell.text for cell in row] for row in in_columns([total], above)] == [["合计", "", "", "9"]]
    for other in (_row(("合计", 0, 55), ("9", 55, 90)), _row(("合计", 0, 60)), _row(("合计", 5, 60), ("9", 60, 90))):
        assert in_columns([other], above) is None


CARRIED = (
    "收支总体情况表\n" + FRAME + "收入\t\t支出\t\n项目\t预算数\t项目\t预算数\n"
    "一、一般公共预算拨款收入\t55.00\t一、一般公共服务支出\t50.00\n\t\t二、住房保障支出\t10.00\n"
    "本年收入合计\t55.00\t本年支出合计\t60.00\n上年结转结余\t9.00\t年终结转结余\t4.00\n收入总计\t64.00\t支出总计\t64.00\n\n"
)
APPROPRIATED = CARRIED.replace("收支总体情况表", "财政拨款收支总体情况表")
GENERAL = PARTS.replace("支出总体情况表", "一般公共预算支出情况表")


def test_an_expenditure_table_of_this_year_only_is_not_held_against_the_grand_total(disclose):
    assert "X-TOTALS" not in {finding.rule for finding in disclose(COVER + CARRIED + PARTS).findings}
    more = PARTS.replace("60.00\t35.00", "63.00\t38.00").replace("10.00\t10.00", "13.00\t13.00")
    assert "X-TOTALS" in {finding.rule for finding in disclose(COVER + CARRIED + more).findings}


def test_tables_of_this_year_s_appropriation_are_not_held_against_what_was_brought_forward(disclose):
    """60 are spent of 55 of this year and 9 brought forward; the table of one budget lists the 55 only."""
    nil = NIL.format("合计\t\t\t\t\n本表无数据\t\t\t\t")
    head = COVER + CARRIED + APPROPRIATED + nil + nil.replace("政府性基金", "国有资本经营")
    less = GENERAL.replace("60.00\t35.00\t25.00", "55.00\t35.00\t20.00").replace(
        "50.00\t25.00\t25.00", "45.00\t25.00\t20.00"
    )
    rules = {finding.rule for finding in disclose(head + less).findings}
    assert not rules & {"X-T04-T589", "X-T04-T05-CLS"}
    otherwise = less.replace("55.00\t35.00\t20.00", "56.00\t35.00\t21.00").replace(
        "45.00\t25.00\t20.00", "46.00\t25.00\t21.00"
    )
    rules = {finding.rule for finding in disclose(head + otherwise).findings}
    assert rules >= {"X-T04-T589", "X-T04-T05-CLS"}


SHANGHAI = (
    "2026年部门{}预算总表\n编制部门：上海市某某局\n单位：元\n\n"
    "项目\t\t\t\t{}预算\t\t\n{}\t合计\t{}\n类\t款\t项\t\t\t\t\n"
    "201\t\t\t一般公共服务支出\t500,000\t250,000\t250,000\n"
    "201\t08\t\t审计事务\t500,000\t250,000\t250,000\n"
    "201\t08\t01\t行政运行\t500,000\t250,000\t250,000\n"
    "合计\t\t\t\t500,000\t250,000\t250,000\n\n"
)
WHOLE = "功能分类科目编码\t\t\t功能分类科目名称"
CUT = "功能分类科目编\t\t\t码功能分类科目名称"


def test_what_a_place_s_own_layout_cannot_read_the_general_one_may(disclose):
    """A line of the page cuts a header in two: the codes are told by their form, the sums confirm the columns."""
    text = "# 2026年上海市某某局部门预算\n\n" + SHANGHAI.format("支出", "支出", WHOLE, "基本支出\t项目支出")
    text += SHANGHAI.format("收入", "收入", CUT, "财政拨款收入\t事业收入")
    disclosure = disclose(text, Options(layout="shanghai"))
    rows = _table(disclosure, "t02").rows
    assert [row.values["科目编码"] for row in rows] == ["201", "20108", "2010801", "合计"]
    assert rows[2].values["本年收入_事业收入"] == Decimal("25.0000")
    assert "TABLE-BY-GENERAL" in _rules(disclosure, "t02")
    wrong = text.replace("500,000", "510,000")
    assert _table(disclose(wrong, Options(layout="shanghai")), "t02") is None


def _on_page(page, *texts):
    return tuple(Cell(text, Place(page=page, box=(0.0, 0.0, 1.0, 1.0))) for text in texts)


def test_a_row_that_a_page_break_cut_through_a_number_is_one_row():
    upper, lower = _on_page(1, "某某服务", "1,234.5", "1,234.50"), _on_page(2, "中心", "6", "")
    rows, places = rejoined([upper, lower])
    assert [[cell.text for cell in row] for row in rows] == [["某某服务中心", "1,234.56", "1,234.50"]]
    assert len(places) == 1


@pytest.mark.parametrize(
    ("page", "lower"),
    [
        (2, ("二、外交支出", "", "")),
        (2, ("二、外交支出", "6", "5")),
        (2, ("二、外交支出", "67", "")),
        (1, ("中心", "6", "")),
        (3, ("中心", "6", "")),
    ],
)
def test_rows_that_may_be_two_are_two(page, lower):
    rows = [_on_page(1, "某某服务", "1,234.5", ""), _on_page(page, *lower)]
    assert rejoined(rows) == (tuple(rows), [])
