"""Columns whose headers nobody has seen: told by what stands in them, kept only where the table's sums confirm it."""

from __future__ import annotations

from decimal import Decimal

import pytest

LISTS = (
    "收支总体情况表\n部门（单位）：烟台市某某局\n单位：万元\n\n"
    "甲栏\t\t乙栏\t\t丙栏\t\n名目\t数额\t名目（大类）\t数额\t名目（经济）\t数额\n"
    "一、预算拨款\t60.00\t一、一般公共服务支出\t50.00\t一、工资福利支出\t40.00\n"
    "二、其他收入\t\t二、住房保障支出\t10.00\t二、商品和服务支出\t20.00\n"
    "本年收入合计\t60.00\t本年支出合计\t60.00\t本年支出合计\t60.00\n"
    "收入总计\t60.00\t支出总计\t60.00\t支出总计\t60.00\n\n"
)
PARTS = (
    "支出总体情况表\n部门（单位）：烟台市某某局\n单位：万元\n\n"
    "甲\t乙\t丙\t功用\t共\t基本支出\t项目支出\n"
    "\t\t\t合计\t60.00\t35.00\t25.00\n"
    "201\t\t\t一般公共服务支出\t50.00\t25.00\t25.00\n"
    "201\t08\t\t审计事务\t50.00\t25.00\t25.00\n"
    "201\t08\t01\t行政运行\t50.00\t25.00\t25.00\n"
    "221\t\t\t住房保障支出\t10.00\t10.00\t\n"
    "221\t02\t\t住房改革支出\t10.00\t10.00\t\n"
    "221\t02\t01\t住房公积金\t10.00\t10.00\t\n\n"
)
JOINED = (
    "一般公共预算支出情况表\n部门（单位）：烟台市某某局\n单位：万元\n\n"
    "按功能\t按经济\t合计\t基本支出\t项目支出\n"
    "2010801-行政运行\t30101-基本工资\t50.00\t25.00\t25.00\n"
    "2210201-住房公积金\t30113-住房公积金\t10.00\t10.00\t\n"
    "合计\t\t60.00\t35.00\t25.00\n\n"
)
ONE = (
    "一般公共预算基本支出情况表\n部门（单位）：烟台市某某局\n单位：万元\n\n"
    "经济\t本级\n合计\t35.00\n[301]工资福利支出\t30.00\n[30101]基本工资\t30.00\n[302]商品和服务支出\t5.00\n[30201]办公费\t5.00\n\n"
)
COVER = "# 2026年烟台市某某局部门预算\n\n"


@pytest.fixture
def tables(disclose):
    disclosure = disclose(COVER + LISTS + PARTS + JOINED + ONE)
    return {table.name[:3]: table for table in disclosure.tables}


def test_two_lists_are_told_by_their_items(tables):
    """Revenue is the first list, expenditure the one that names functional classes; that by economic use stays evidence."""
    rows = tables["t01"].rows
    assert [row.values["收入_预算数"] for row in rows] == [Decimal("60.00"), None, Decimal("60.00"), Decimal("60.00")]
    assert [row.values["支出_预算数"] for row in rows] == list(map(Decimal, ("50.00", "10.00", "60.00", "60.00")))
    assert rows[0].values["支出_科目编码"] == "201"


def test_codes_in_parts_names_and_the_total_are_told_by_their_form(tables):
    rows = tables["t03"].rows
    assert [row.values["科目编码"] for row in rows[1:4]] == ["201", "20108", "2010801"]
    assert rows[3].values["部门单位名称_功能分类科目名称"] == "行政运行"
    assert [row.values["合计"] for row in rows[:2]] == [Decimal("60.00"), Decimal("50.00")]


def test_codes_before_names_are_those_of_the_table_s_own_classification(tables):
    rows = tables["t05"].rows
    assert [row.values["科目编码"] for row in rows[:2]] == ["2010801", "2210201"]
    assert rows[0].values["部门单位名称_功能分类科目名称"] == "行政运行"


def test_the_only_column_of_amounts_is_the_total(tables):
    assert [row.values["合计"] for row in tables["t06"].rows] == list(
        map(Decimal, ("35.00", "30.00", "30.00", "5.00", "5.00"))
    )


def test_what_was_told_by_contents_is_said(disclose):
    findings = disclose(COVER + LISTS + PARTS).findings
    assert {finding.table for finding in findings if finding.rule == "HEADER-BY-CONTENTS"} == {
        "t01_revenue_expenditure",
        "t03_expenditure",
    }


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        ("t01", "收入总计\t60.00\t支出总计\t60.00", "收入总计\t61.00\t支出总计\t62.00"),
        ("t03", "\t\t\t合计\t60.00\t35.00", "\t\t\t合计\t61.00\t35.00"),
    ],
)
def test_nothing_is_told_that_the_sums_do_not_confirm(table, old, new, disclose):
    text = COVER + LISTS + PARTS + JOINED + ONE
    assert text != text.replace(old, new)
    disclosure = disclose(text.replace(old, new))
    assert table not in {item.name[:3] for item in disclosure.tables}
    assert any(f.rule == "TABLE-UNREAD" and (f.table or "").startswith(table) for f in disclosure.findings)


def test_codes_of_another_classification_are_no_codes_of_this_table(disclose):
    """A column of economic codes in a table by function is not taken for its codes."""
    other = PARTS.replace("201\t08\t01", "301\t08\t01").replace("201\t08", "301\t08").replace("201\t", "301\t")
    other = other.replace("221\t", "302\t")
    disclosure = disclose(COVER + LISTS + other)
    assert "t03_expenditure" not in {table.name for table in disclosure.tables}
