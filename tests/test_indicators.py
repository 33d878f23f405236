"""Performance indicator cells to single indicators, quantitative where the target is one."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yusuan.rows.indicators import Indicator, split_indicators

COLUMNS = slice(6, 15)


@pytest.mark.parametrize(
    ("text", "name", "operator", "number", "unit"),
    [
        ("维护次数(≥4次)", "维护次数", "≥", "4", "次"),
        ("完好率（≥90%）", "完好率", "≥", "90", "%"),
        ("完好率(≥90％)", "完好率", "≥", "90", "%"),
        ("响应时间(≤7天)", "响应时间", "≤", "7", "天"),
        ("完好率(>=90%)", "完好率", "≥", "90", "%"),
        ("响应时间(<= 7 天)", "响应时间", "≤", "7", "天"),
        ("合格率(＝100%)", "合格率", "=", "100", "%"),
        ("人数(＞30人)", "人数", ">", "30", "人"),
        ("人数(<30人)", "人数", "<", "30", "人"),
        ("产值(≥1,200.5万元)", "产值", "≥", "1200.5", "万元"),
        ("服务企业(7家)", "服务企业", None, "7", "家"),
        ("得分(≥90)", "得分", "≥", "90", None),
    ],
)
def test_quantitative_targets(text, name, operator, number, unit):
    (indicator,) = split_indicators(text)
    assert indicator.target == text[len(name) + 1 : -1]
    assert indicator[:1] + indicator[2:] == (name, operator, Decimal(number), unit)


@pytest.mark.parametrize(
    ("text", "name", "target"),
    [
        ("经费支出时效性(全年完成)", "经费支出时效性", "全年完成"),
        ("项目总成本(不超过批复预算)", "项目总成本", "不超过批复预算"),
        ("服务能力(为企业做技术咨询或方案大于5次)", "服务能力", "为企业做技术咨询或方案大于5次"),
        ("满意度", "满意度", None),
        ("年度(2026)", "年度", "2026"),
        ("(≥90%)", "(≥90%)", None),
        ("数量（≥5家", "数量（≥5家", None),
        ("完成率(≥90%,≤100%)", "完成率", "≥90%,≤100%"),
    ],
)
def test_everything_else_stays_as_printed(text, name, target):
    assert split_indicators(text) == [Indicator(name, target)]


@pytest.mark.parametrize("gap", [" ", "  ", "；", "; ", "\n", "；\n", "\u3000", "\t"])
def test_indicators_are_separated_after_a_closing_bracket(gap):
    text = gap.join(["技术服务企业(≥5家)", "举办技术推广/交流活动(≥2期)", "企业、机构参与 技术人员(≥30人)"])
    assert [item.name for item in split_indicators(text)] == [
        "技术服务企业",
        "举办技术推广/交流活动",
        "企业、机构参与 技术人员",
    ]


def test_brackets_inside_names_and_targets_do_not_separate():
    text = "因公出国（境）团组数(≤2个) 维修（护）费(不超过(含) 5 万元)"
    first, second = split_indicators(text)
    assert first == Indicator("因公出国（境）团组数", "≤2个", "≤", Decimal(2), "个")
    assert second == Indicator("维修（护）费", "不超过(含) 5 万元")


def test_line_ends_separate_items_without_brackets():
    assert [item.name for item in split_indicators("正常运转\n提高效率；")] == ["正常运转", "提高效率"]


@pytest.mark.parametrize("text", ["", " ", "\n", "；；"])
def test_nothing_printed_nothing_read(text):
    assert split_indicators(text) == []


def test_the_samples_thirty_three_indicators(golden):
    """19 are quantitative; the cells are those a person copied."""
    items = [item for row in golden[12].rows for cell in row[COLUMNS] for item in split_indicators(cell)]
    assert len(items) == 33
    quantitative = [item for item in items if item.number is not None]
    assert len(quantitative) == 19
    assert {item.operator for item in quantitative} == {"≥", "≤"}
    assert {item.unit for item in quantitative} == {"次", "%", "家", "套", "天", "期", "人"}
    assert all(item.target for item in items)


names = st.text(st.sampled_from("维护次数率、/"), min_size=1, max_size=8)
targets = st.one_of(
    st.sampled_from(["全年完成", "正常 运转", "不超过(含)预算", "≥90%"]),
    st.builds(
        lambda sign, number, unit: f"{sign}{number}{unit}", st.sampled_from("≥≤=<>"), st.integers(0, 9999), names
    ),
)


@given(st.lists(st.tuples(names, targets), max_size=6))
def test_what_is_joined_with_blanks_is_split_again(pairs):
    text = " ".join(f"{name}({target})" for name, target in pairs)
    assert [(item.name, item.target) for item in split_indicators(text)] == pairs


@given(st.text())
def test_no_character_of_an_indicator_is_lost(text):
    """Only blanks, semicolons and the brackets around targets go."""
    ignored = "；;()（）[]【】"
    kept = "".join(f"{item.name}{item.target or ''}" for item in split_indicators(text))

    def bare(value):
        return "".join("".join(char for char in value if char not in ignored).split())

    assert bare(kept) == bare(text)
