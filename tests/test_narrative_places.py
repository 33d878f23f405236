"""Wordings of the whole country: one sentence of our own for each, and what must not be read into a sentence."""

from __future__ import annotations

from decimal import Decimal

import pytest

from test_narrative import facts, read, section
from yusuan.model import Document, Paragraph, Place
from yusuan.narrative import read_narrative

BUDGET, INCOME, SPENDING, GRANT = "收支预算情况说明", "收入预算情况说明", "支出预算情况说明", "财政拨款收支预算情况说明"
GENERAL, BASIC, THREE = (
    "一般公共预算支出情况说明",
    "一般公共预算基本支出情况说明",
    "“三公”经费预算情况说明",
)
RUNNING, PURCHASE, GOALS, ASSETS = "机关运行经费情况", "政府采购情况", "预算绩效情况", "国有资产占用情况"
FUND, STATE, ENTRUSTED = "政府性基金预算支出情况", "国有资本经营预算支出情况", "委托业务费情况"


def text_of(value):
    return f"{value:f}" if isinstance(value, Decimal) else value


def said(fact, *names):
    return tuple(text_of(fact[name]) for name in names)


def names_and_amounts(text):
    narrative = read(text)
    assert narrative.unread == ()
    return [said(fact, "指标", "对象", "金额") for fact in narrative.records["narrative_facts"]]


#: Section, sentence, and the metric, subject and amount of every fact in it.
WORDINGS = [
    (BUDGET, "2026年，某某市甲中心收入预算120万元。", [("收入预算", "某某市甲中心", "120")]),
    (BUDGET, "某某局2026年度收入、支出预算总计120万元。", [("收支预算总计", "某某局", "120")]),
    (BUDGET, "1.本年收入合计120.5万元。", [("本年收入合计", "合计", "120.5")]),
    (BUDGET, "某某市甲局（本级）预算50万元，包括公用经费20万元、增人增资30万元。",
     [("预算", "某某市甲局(本级)", "50"), ("收支预算", "公用经费", "20"), ("收支预算", "增人增资", "30")]),
    (INCOME, "2026年本部门当年预算收入9万元。", [("预算收入", "部门", "9")]),
    (INCOME, "2026年某某办公室部门预算收入9万元。", [("预算收入", "某某办公室", "9")]),
    (INCOME, "2026年收入预算合计9万元，包括本年收入7万元，上年结转结余2万元。",
     [("收入预算合计", "合计", "9"), ("收入预算", "本年收入", "7"), ("收入预算", "上年结转结余", "2")]),
    (INCOME, "2.财政专户管理资金收入预算总计3万元。", [("收入预算", "财政专户管理资金收入预算", "3")]),
    (SPENDING, "按支出功能分类，包括教育支出4万元、国防支出5万元。",
     [("支出预算（功能分类·类）", "教育支出", "4"), ("支出预算（功能分类·类）", "国防支出", "5")]),
    (SPENDING, "按支出用途分类，包括人员支出4万元，占80%；项目支出1万元，占20%。",
     [("支出预算（结构）", "人员支出", "4"), ("支出预算（结构）", "项目支出", "1")]),
    (SPENDING, "按经济分类划分为基本支出4万元。", [("支出预算（经济分类）", "基本支出", "4")]),
    (SPENDING, "1.档案数字化管理8万元，主要用于档案扫描。", [("支出预算", "档案数字化管理", "8")]),
    (GRANT, "某某局2026年财政拨款预算支出8万元。", [("财政拨款预算支出", "某某局", "8")]),
    (GENERAL, "2026年本部门一般公共预算当年拨款8万元。", [("一般公共预算拨款支出", "部门", "8")]),
    (GENERAL, "（1）行政运行（2013301）6.5万元；", [("一般公共预算支出（项级）", "行政运行（2013301）", "6.5")]),
    (GENERAL, "（1）工资福利支出（301）6.5万元；",
     [("一般公共预算支出（部门经济分类·类级）", "工资福利支出（301）", "6.5")]),
    (GENERAL, "（1）机关工资福利支出（501）6.5万元；",
     [("一般公共预算支出（政府经济分类·类级）", "机关工资福利支出（501）", "6.5")]),
    (GENERAL, "（2）公用经费：①行政运行（2013301）1万元；②培训支出（2050803）2万元。",
     [("一般公共预算支出（项级·其中）", "公用经费·行政运行（2013301）", "1"),
      ("一般公共预算支出（项级·其中）", "公用经费·培训支出（2050803）", "2")]),
    (GENERAL, "1.“公共安全支出（类）司法（款）行政运行（项）”科目7万元。",
     [("一般公共预算支出（项级）", "公共安全支出（类）司法（款）行政运行（项）", "7")]),
    (BUDGET, "1.“公共安全支出-司法-行政运行”科目7万元。", [("支出（科目）", "公共安全支出-司法-行政运行", "7")]),
    (BASIC, "某某局2026年度财政拨款基本支出预算6万元。", [("一般公共预算基本支出", "某某局", "6")]),
    (FUND, "某某局2026年政府性基金支出预算支出0万元。", [("政府性基金预算支出", "某某局", "0")]),
    (STATE, "某某局2026年国有资本经营预算支出0万元。", [("国有资本经营预算支出", "某某局", "0")]),
    (THREE, "2026年通过一般公共预算财政拨款安排的“三公”经费预算共3.4万元。", [("“三公”经费", "合计", "3.4")]),
    (THREE, "2.公务接待费：2026年安排公务接待费预算6万元。", [("“三公”经费", "公务接待费", "6")]),
    (THREE, "某某局2026年度一般公共预算拨款安排的会议费预算支出2万元。", [("会议费和培训费", "会议费", "2")]),
    (RUNNING, "2026年某某局下属1家机关和2家事业单位财政拨款的机关运行经费预算为213.28万元。",
     [("机关运行经费", "某某局", "213.28")]),
    (RUNNING, "2026年本部门一般公共预算机关运行经费预算支出9万元。", [("机关运行经费", "部门", "9")]),
    (ENTRUSTED, "2026年本部门一般公共预算安排委托业务费169.88万元。", [("委托业务费", "部门", "169.88")]),
    (PURCHASE, "某某局纳入2026年部门预算的政府采购项目共有7万元，其中：货物类项目3万元、工程类项目4万元。",
     [("政府采购预算", "合计", "7"), ("政府采购预算（项目类型）", "货物类", "3"),
      ("政府采购预算（项目类型）", "工程类", "4")]),
    (PURCHASE, "某某局2026年度政府采购金额（以合同签订为准）为7万元，其中：货物采购金额7万元。",
     [("政府采购预算", "合计", "7"), ("政府采购预算（项目类型）", "货物", "7")]),
    (PURCHASE, "其中拟购买货物334万元；", [("政府采购预算（项目类型）", "货物", "334")]),
    (PURCHASE, "2026年本部门面向中小企业预留政府采购项目预算金额34万元，其中，预留给小型和微型企业的政府采购项目预算为20万元。",
     [("政府采购预算（预留份额）", "中小企业", "34"), ("政府采购预算（预留份额）", "小型和微型企业", "20")]),
    (GOALS, "2026年度，本单位编报绩效目标的项目共9个，涉及项目预算资金15.5万元。",
     [("绩效目标管理", "编报绩效目标的项目", "15.5")]),
    (GOALS, "2026年度，本单位整体支出纳入绩效目标管理，涉及财政性资金16万元；", [("绩效目标管理（整体）", "整体支出", "16")]),
    (GOALS, "本单位共3个项目纳入绩效目标管理，涉及财政性资金合计6万元。", [("绩效目标管理", "项目", "6")]),
    (GOALS, "2026年某某局对项目支出全面实施绩效目标管理，涉及预算拨款39万元。", [("绩效目标管理（整体）", "项目支出", "39")]),
    (GOALS, "纳入2026年部门整体支出绩效目标的金额为6万元，其中，基本支出2万元，项目支出4万元。",
     [("绩效目标管理（整体）", "部门整体支出", "6"), ("绩效目标管理（整体）构成", "基本支出", "2"), ("绩效目标管理（整体）构成", "项目支出", "4")]),
    (GOALS, "本部门绩效目标管理全覆盖，涉及当年一般公共预算拨款4万元，政府性基金预算拨款0万元。",
     [("绩效目标管理构成", "当年一般公共预算拨款", "4"), ("绩效目标管理构成", "政府性基金预算拨款", "0")]),
    (ASSETS, "2026年计划购置车辆1辆、12万元；单价100万元以上设备0台（套）、0万元。",
     [("国有资产占用", "购置车辆", "12"), ("国有资产占用", "单价100万元以上设备", "0")]),
    (ASSETS, "2026年单位预算安排购置单价100万元（含）以上设备（不含车辆）2台（套）。",
     [("国有资产占用", "单价100万元（含）以上设备（不含车辆）", None)]),
    (ASSETS, "2026年预算未安排购置单位价值100万元以上大型设备。", [("无数据声明", "单位价值100万元以上大型设备", None)]),
    (ASSETS, "截至2026年1月31日，本部门固定资产金额91.5万元。", [("国有资产占用", "固定资产", "91.5")]),
]  # fmt: skip


@pytest.mark.parametrize(("title", "sentence", "expected"), WORDINGS)
def test_wordings(title, sentence, expected):
    assert names_and_amounts(section(title, sentence)) == expected


CHANGES = ("变动方向", "变动额", "变动率", "变动率方向", "上年口径", "上年数", "上年数来源")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("同比增加5万元，同比下降5%", ("增加", "5", "5", "减少", None, "95", "推算")),
        ("比2025年预算减少5万元，减幅4.76%", ("减少", "5", "4.76", "减少", "预算", "105", "推算")),
        ("比上年执行数增加5万元，增长5.3%", ("增加", "5", "5.3", "增加", "执行数", "95", "推算")),
        ("与2025年度决算数相比，增加5万元", ("增加", "5", None, None, "决算", "95", "推算")),
        ("比2025年预算执行数增加5.26%", (None, None, "5.26", "增加", "执行数", None, None)),
        ("较上年减少25万元（20%）", ("减少", "25", "20", None, None, "125", "推算")),
        ("比2025年财政拨款“三公”经费年初预算减少5万元", ("减少", "5", None, None, "预算", "105", "推算")),
        ("与上年预算数相同", ("持平", None, None, None, "预算", "100", "推算")),
        ("与上年基本持平", (None, None, None, None, None, None, None)),
        ("比上年增加1万元，增长1.01%，与上年基本持平", ("增加", "1", "1.01", "增加", None, "99", "推算")),
        ("比上年增加100万元（去年预算数为0万元，无法计算增减比率）", ("增加", "100", None, None, "预算", "0", "原文")),
    ],
)
def test_a_comparison_keeps_its_words_apart(words, expected):
    """Which word stands with the amount, which with the percentage, and what was compared, are facts of their own."""
    (fact,) = facts(section(THREE, f"2026年本单位“三公”经费预算100万元，{words}。"))
    assert said(fact, *CHANGES) == expected


def test_directions_that_contradict_each_other_make_one_fact():
    narrative = read(section(BUDGET, "2026年单位收支总预算100.00万元，同比增加5.00万元，同比下降5.00%。"))
    assert narrative.unread == ()
    (fact,) = narrative.records["narrative_facts"]
    assert said(fact, "金额", "变动方向", "变动额", "变动率", "变动率方向") == (
        "100.00", "增加", "5.00", "5.00", "减少",
    )  # fmt: skip


# ------------------------------------------------------------------- what a comparison belongs to


def changes(*paragraphs, title=INCOME):
    narrative = read(section(title, *paragraphs))
    found = [said(fact, "对象", "变动额") for fact in narrative.records["narrative_facts"]]
    return found, [text for unread in narrative.unread for text in unread.amounts]


def test_behind_a_list_joined_by_a_dun_comma_a_change_is_that_of_the_whole():
    text = "2026年本单位预算收入10万元，其中：事业收入6万元、其他收入4万元，较上年增加3万元。"
    assert changes(text) == ([("单位", "3"), ("事业收入", None), ("其他收入", None)], [])


def test_changes_of_the_parts_stay_with_the_parts():
    text = "2026年本单位预算收入10万元，其中：事业收入6万元，比上年减少1万元；其他收入4万元，比上年增加2万元。"
    assert changes(text) == ([("单位", None), ("事业收入", "1"), ("其他收入", "2")], [])


def test_a_change_that_could_be_of_several_is_given_to_none():
    text = "事业收入6万元、其他收入4万元，较上年增加3万元。"
    assert changes(text) == ([("事业收入", None), ("其他收入", None)], ["3万元"])
    text = "事业收入6万元，其他收入4万元。较上年增加3万元。"
    assert changes(text) == ([("事业收入", None), ("其他收入", None)], ["3万元"])


def test_behind_a_bracket_a_change_is_that_of_what_stands_before_it():
    text = "公务用车费用9万元（公务用车购置费6万元，比上年增加2万元；公务用车运行费3万元，比上年减少1万元。）比上年增加1万元。"
    assert changes(text, title=THREE) == (
        [("公务用车费用", "1"), ("公务用车购置费", "2"), ("公务用车运行费", "1")],
        [],
    )


def test_a_change_names_the_total_it_belongs_to_in_other_words():
    text = "某某局2026年度收入、支出预算总计10万元，与上年相比收、支预算总计各增加3万元，增长42.86%。"
    assert changes(text, title=BUDGET) == ([("某某局", "3")], [])
    found, lost = changes("某某局2026年度收入预算总计10万元，与上年相比，财政拨款支出增加3万元。", title=BUDGET)
    assert (found, lost) == ([("某某局", None)], ["3万元"])


def test_changes_without_amounts_go_to_the_statements_made_before():
    found, lost = changes(
        "（一）收入预算：2026年收入预算9万元，其中：一般公共预算收入5万元，其他收入4万元。",
        "1.收入预算增加3万元，其中一般公共预算收入增加2万元，其他收入增加1万元，上级补助收入增加7万元。",
        title=BUDGET,
    )
    assert found == [("合计", "3"), ("一般公共预算收入", "2"), ("其他收入", "1")]
    assert lost == ["7万元"]


def test_after_a_contradiction_nothing_more_is_added():
    text = "2026年本单位预算收入10万元，比上年增加3万元，比2025年执行数增加4万元，增长66.67%。"
    narrative = read(section(INCOME, text))
    (fact,) = narrative.records["narrative_facts"]
    assert said(fact, "变动额", "变动率", "上年口径") == ("3", None, None)
    assert [unread.text for unread in narrative.unread] == [text]


# --------------------------------------------------------------------------- 部门 and 单位


def test_the_words_of_department_and_unit_are_kept_as_printed():
    text = section(
        BUDGET,
        "2026年本部门收入预算100万元，其中：财政拨款收入90万元。2026年本单位支出预算60万元，比上年增加1万元。",
        "2026年某某局机关收支总预算40万元。",
    )
    assert names_and_amounts(text) == [
        ("收入预算", "部门", "100"),
        ("收支预算", "财政拨款收入", "90"),
        ("支出预算", "单位", "60"),
        ("收支总预算", "某某局机关", "40"),
    ]
    assert [said(fact, "变动额") for fact in facts(text)] == [(None,), (None,), ("1",), (None,)]


def test_a_total_owned_by_nobody_we_know_is_no_total():
    (fact,) = facts(section(INCOME, "2026年一般公共预算收入预算5万元。"))
    assert said(fact, "指标", "对象") == ("收入预算", "一般公共预算收入预算")


# ------------------------------------------------------------------------- final accounts

FINAL = "第三部分 某某局2024年度部门决算情况说明\n\n"


def final(title, *paragraphs):
    return read(FINAL + "\n\n".join((f"一、{title}", *paragraphs)), 2024)


def test_a_final_account_tells_what_was_budgeted_from_what_was_spent():
    narrative = final(
        "一般公共预算财政拨款支出决算情况说明",
        "1.教育支出（类）普通教育（款）高中教育（项）。年初预算为54.53万元，支出决算为50.00万元，完成年初预算的91.69%。"
        "决算数小于预算数的主要原因：学生减少。",
    )
    assert narrative.unread == ()
    path = "教育支出（类）普通教育（款）高中教育（项）"
    names = ("指标", "对象", "金额", "完成率", "原因")
    assert [said(fact, *names) for fact in narrative.records["narrative_facts"]] == [
        ("一般公共预算支出（项级）·年初预算", path, "54.53", None, None),
        ("一般公共预算支出（项级）", path, "50.00", "91.69", "学生减少"),
    ]


def test_the_budget_in_front_of_a_final_figure_is_not_taken_for_it():
    narrative = final(
        "“三公”经费支出决算情况说明",
        "某某局2024年度“三公”经费财政拨款支出预算为7万元，2024年度支出决算为4万元，完成预算的57.14%。",
    )
    assert [said(fact, "指标", "金额", "完成率") for fact in narrative.records["narrative_facts"]] == [
        ("“三公”经费·预算", "7", None),
        ("“三公”经费", "4", "57.14"),
    ]


def test_what_a_final_account_calls_its_figures():
    """The sections of a final account have the topics of a budget, but what they state was spent."""
    narrative = final(
        "收入决算情况说明", "本年收入合计9万元，其中：财政拨款收入8万元，占88.89%；其他收入1万元，占11.11%。"
    )
    assert [said(fact, "指标", "对象", "占比") for fact in narrative.records["narrative_facts"]] == [
        ("本年收入合计", "合计", None),
        ("收入决算", "财政拨款收入", "88.89"),
        ("收入决算", "其他收入", "11.11"),
    ]


# ---------------------------------------------------------------------------- headings


def test_headings_that_bear_their_numbers_only_in_the_table_of_contents():
    text = """一、单位主要职能

二、其他相关情况说明

# 某某中心主要职能

九、承办其他事项。

# 名词解释

（一）事业收入：开展业务取得的收入。

# 2026年单位预算编制说明

2026年，某某中心收入预算9万元，其中：事业收入9万元。

支出预算9万元，财政拨款支出预算中，一般公共预算拨款支出预算0万元，与2025年预算持平。
"""
    narrative = read(text)
    assert [said(fact, "指标", "对象", "金额") for fact in narrative.records["narrative_facts"]] == [
        ("收入预算", "某某中心", "9"),
        ("收入预算构成", "事业收入", "9"),
        ("支出预算", "合计", "9"),
        ("支出预算构成", "一般公共预算拨款支出预算", "0"),
    ]
    assert narrative.unread == ()
    assert [row["术语"] for row in narrative.records["glossary"]] == ["事业收入"]


def test_the_title_of_a_part_on_the_line_below_its_number():
    text = "第三部分\n\n2026年部门预算情况和重要事项说明\n\n一、“三公”经费支出情况\n\n公务接待费3万元。"
    assert names_and_amounts(text) == [("“三公”经费", "公务接待费", "3")]


def test_a_heading_with_its_sentence_in_one_line():
    text = section(
        "2026年某某局部门预算安排情况说明",
        "（四）财政拨款收支预算情况的总体说明（详见表4）2026年财政拨款收支总预算8万元。",
        "（二）收入预算情况说明（详见表1-3）",
        "2026年收入预算9万元。",
    )
    assert names_and_amounts(text) == [("财政拨款收支总预算", "合计", "8"), ("收入预算", "合计", "9")]


def test_nothing_is_stated_in_an_appendix_or_in_a_table():
    for title in ("附件", "2026年部门预算公开报表"):
        narrative = read(f"第五部分 {title}\n\n一、“三公”经费情况\n\n公务接待费3万元。")
        assert (narrative.records["narrative_facts"], narrative.unread) == ((), ())


# ------------------------------------------------------------------------------ placeholders


@pytest.mark.parametrize(
    "words",
    [
        "2026年单位收支总预算XX万元",
        "2026年单位收支总预算____万元",
        "2026年单位收支总预算××.××万元",
        "2026年单位收支总预算100万元，同比增加（减少）5万元",
        "2026年单位收支总预算100万元，同比增加/减少5万元",
        "2026年单位收支总预算100万元，同比增长（下降）5%",
        "2026年单位收支总预算100万元，同比增加X万元",
        "2026年单位收支总预算100万元，主要原因是×××",
        "某某项目共有×个",
    ],
)
def test_what_a_template_left_is_reported_as_such_and_never_read(words):
    narrative = read(section(BUDGET, words + "。"))
    assert [(unread.kind, unread.text, unread.line) for unread in narrative.unread] == [
        ("placeholder", words + "。", 5)
    ]
    for fact in narrative.records["narrative_facts"]:
        assert (fact["变动额"], fact["变动率"], fact["原因"]) == (None, None, None)


@pytest.mark.parametrize("words", ["采用5×8小时值守，公务接待费3万元", "扫描X光片20张，公务接待费3万元"])
def test_a_sign_that_belongs_to_the_text_is_no_placeholder(words):
    assert read(section(THREE, words + "。")).unread == ()


def test_an_amount_that_is_only_not_understood_is_another_kind():
    narrative = read(section(BUDGET, "另行追加约300.00万元，其中10万元待定。"))
    assert [(unread.kind, unread.amounts) for unread in narrative.unread] == [("unread", ("300.00万元", "10万元"))]


# ------------------------------------------------------------- reasons announced and not given


@pytest.mark.parametrize(
    "end",
    [
        "主要原因是：。",
        "主要原因是",
        "增加的主要原因：；",
        "原因为。",
        "主要原因是：（二）公务用车购置费0万元。",
        "主要原因是XX。",
    ],
)
def test_a_reason_that_does_not_come_is_marked(end):
    fact = facts(section(THREE, f"（一）公务接待费3万元，比上年增加1万元，{end}"))[0]
    assert (fact["原因"], fact["原因未说明"]) == (None, "是")


def test_a_reason_that_is_given_is_not_marked():
    for end in ("主要原因是：一是人员增加；二是任务增加。", "主要原因是人员增加。", "主要原因：1.人员增加。"):
        (fact,) = facts(section(THREE, f"公务接待费3万元，比上年增加1万元，{end}"))
        assert fact["原因"] is not None
        assert fact["原因未说明"] is None


def test_a_reason_may_stand_in_the_next_paragraph():
    text = section(THREE, "公务接待费3万元，比上年增加1万元，主要原因是：", "接待任务增加。")
    (fact,) = facts(text)
    assert (fact["原因"], fact["原因未说明"]) == ("接待任务增加", None)
    first, _ = facts(section(THREE, "公务接待费3万元，比上年增加1万元，主要原因是：", "公务用车运行费2万元。"))
    assert (first["原因"], first["原因未说明"]) == (None, "是")


# ---------------------------------------------------------------------------------- pages


def paged(*paragraphs):
    """Return a document of pages: one paragraph on each."""
    places = [Place(page=page) for page in range(1, len(paragraphs) + 1)]
    blocks = tuple(Paragraph(text, place, place) for text, place in zip(paragraphs, places, strict=True))
    return Document("a.pdf", "", 0, "test", blocks)


def test_records_and_what_is_unread_name_their_page():
    document = paged(
        "第一部分 单位概况",
        "二、机构设置情况",
        "本单位内设2个科室：办公室、财务科。车辆编制3辆。核定事业编制9名。",
        "第二部分 2026年单位预算情况说明",
        "一、“三公”经费情况说明",
        "公务接待费3万元。另行追加约300万元。",
        "第四部分 名词解释",
        "一、基本支出：指保障运转的支出。",
    )
    narrative = read_narrative(document, 2026)
    pages = {name: {row["页"] for row in rows} for name, rows in narrative.records.items() if rows}
    assert pages == {
        "narrative_facts": {6}, "staffing": {3}, "vehicles": {3}, "internal_offices": {3}, "glossary": {8},
    }  # fmt: skip
    assert [(unread.page, unread.line) for unread in narrative.unread] == [(6, None)]


def test_offices_end_with_their_sentence_or_their_list():
    def offices(*paragraphs):
        text = "\n\n".join(("第一部分 单位概况", "二、机构设置情况", *paragraphs))
        return [row["名称"] for row in read(text).records["internal_offices"]]

    assert offices("本单位设2个内设机构，包括：办公室、财务科。", "（一）另一件事。") == ["办公室", "财务科"]
    assert offices("本单位设2个内设机构，包括：", "1. 办公室", "2. 财务科") == ["办公室", "财务科"]
    assert offices("本单位下设2个科室：", "1、办公室", "# 名词解释", "1、基本支出：指支出。") == ["办公室"]
