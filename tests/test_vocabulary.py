"""Near synonyms: a spelling that differs from a known one by words that say nothing is the same word, and no other is."""

from __future__ import annotations

import pytest


@pytest.fixture
def words(specs):
    return specs.layouts["common"].vocabulary


@pytest.mark.parametrize(
    ("label", "word"),
    [
        ("人员经费支出数", "人员经费"),
        ("公用经费支出预算", "公用经费"),
        ("国有资本经营预算财政拨款资金", "国有资本经营预算"),
        ("项目支出年初安排数", "项目支出"),
        ("部门预算经济科目代码", "科目编码"),
        ("上年结余、结转资金", "上年结转结余"),
        ("2025年执行数", "上年"),
        ("比上年预算增减", "增减"),
    ],
)
def test_a_spelling_nobody_listed_is_the_one_it_differs_from_by_fillers(label, word, words):
    assert words.reduce((label,), 2026) == (word,)


@pytest.mark.parametrize(
    "label",
    ["政府预算经济科目代码", "公共事业预算", "其他资金支出项目", "非财政拨款结余"],
)
def test_what_differs_by_more_stays_unknown(label, words):
    known = {word for canonical in words.words.values() for word in canonical}
    assert not set(words.reduce((label,), 2026)) & (known - {label})


def test_what_could_be_either_of_two_words_is_neither(words):
    """其他资金 and 其他收入 differ by fillers only: a further spelling of both is left unknown."""
    assert words.reduce(("其他经费",)) == ("其他经费",)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("表5 2026年部门一般公共预算财政拨款支出预算表（按支出功能分类科目分）", "t05_general_public_expenditure"),
        (
            "一般公共预算财政拨款基本支出明细表（按部门预算支出经济分类科目）（不含上年结转）",
            "t06_general_public_basic",
        ),
        ("财政拨款政府性基金预算支出表", "t08_government_fund"),
        ("国有资本经营预算财政拨款支出功能分类预算表", "t09_state_capital"),
        ("“三公”经费、会议费、培训费及机关运行经费预算表", "t07_three_public_two_fees"),
        ("部门财务收支预算总表", "t01_revenue_expenditure"),
        ("一般公共预算支出表（按经济分类）", None),
        ("一般公共预算基本支出表（按功能分类科目）", None),
        ("一般公共预算项目支出表", None),
        ("政府性基金预算收支表", None),
        ("政府性基金预算“三公”经费支出表", None),
        ("财政拨款上年结转资金支出表", None),
    ],
)
def test_a_title_says_which_table_it_is_in_any_order_of_its_words(title, name, specs):
    layout = specs.layouts["common"]
    assert next((key for key, table in layout.tables.items() if layout.bears(title, table.titles)), None) == name


def test_a_head_that_tells_another_thing_is_never_left_out(words):
    paths = [("其中", "经营支出"), ("其中", "上缴上级支出"), ("某某安排", "合计"), ("某某安排", "基本支出")]
    assert words.headless(paths) == (*paths[:2], ("合计",), ("基本支出",))
