"""The narrative: golden records of the sample, altered copies of it, and wordings of other places."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yusuan.model import Cell, Document, Grid, Paragraph, Place
from yusuan.narrative import COLUMNS, is_key_project_grid, read_narrative
from yusuan.reading.text import read_text

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "datapackage" / "sources" / "405003-2026-budget.md"
GOLDEN = ROOT / "tests" / "golden" / "405003-2026"
TEXT = SAMPLE.read_text(encoding="utf-8")


def read(text, year=2026):
    return read_narrative(read_text("sample.md", text.encode(), "0" * 64), year)


def facts(text, year=2026):
    return read(text, year).records["narrative_facts"]


def altered(*pairs, text=TEXT):
    """Return the sample with replacements, each of which must really occur."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


def section(title, *paragraphs):
    """Return a small document whose second part has one section."""
    return "\n\n".join(("第二部分 2026年单位预算情况说明", f"一、{title}", *paragraphs))


def one(title, *paragraphs):
    """Return the only fact of a section and assert that nothing was left unread."""
    narrative = read(section(title, *paragraphs))
    assert narrative.unread == ()
    (fact,) = narrative.records["narrative_facts"]
    return fact


def golden(name):
    with (GOLDEN / f"{name}.csv").open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def number(text):
    return Decimal(text.replace(",", "")) if text else None


@pytest.fixture(scope="module")
def sample():
    return read(TEXT)


# ------------------------------------------------------------------------------ the sample


def fact_of_truth(row):
    """Return a golden fact in the columns of narrative_facts that the truth has."""
    scope = {"nil": "无"}.get(row["scope"], row["scope"])
    is_class_count = row["fact_id"] == "n03.classcount"
    projects = re.match(r"项目(\d+)个", scope)
    return {
        "节": row["section"],
        "指标": row["metric"],
        # the truth keeps the count in the subject, we in 数量
        "对象": "支出功能分类" if is_class_count else row["subject"],
        "数量": int(row["subject"]) if is_class_count else int(projects[1]) if projects else None,
        "金额": number(row["amount"]),
        "金额单位": row["unit"] or None,
        "变动方向": row["change_direction"] or None,
        "变动额": number(row["change_amount"]),
        "变动率": number(row["change_pct"]),
        "变动率方向": row["pct_direction"] or None,
        "上年口径": row["prior_basis"] or None,
        "完成率": number(row["done_pct"]),
        "占比": number(row["share_pct"]),
        "占比对象": row["share_of"] or None,
        "原因": row["reason"] or None,
        "原因未说明": row["reason_missing"] or None,
        "用途": row["usage"] or None,
        "范围": scope or None,
    }


def in_any_order(rows):
    return sorted(rows, key=repr)


def test_all_narrative_facts_of_the_sample_equal_the_truth(sample):
    expected = [fact_of_truth(row) for row in golden("narrative_facts")]
    found = [{name: fact[name] for name in expected[0]} for fact in sample.records["narrative_facts"]]
    assert in_any_order(found) == in_any_order(expected)
    assert len(found) == 58


def test_every_fact_of_the_sample_quotes_its_sentence_and_line(sample):
    lines = TEXT.splitlines()
    for row in golden("narrative_facts"):
        quoted = row["source_text"].split("。")[0]
        fact = next(
            fact
            for fact in sample.records["narrative_facts"]
            if fact["节"] == row["section"] and quoted in fact["原文"] and fact["金额"] == number(row["amount"])
        )
        printed = "".join(lines[fact["首行"] - 1 : fact["末行"]])
        assert fact["原文"] in printed
    assert [fact["首行"] for fact in sample.records["narrative_facts"]] == sorted(
        fact["首行"] for fact in sample.records["narrative_facts"]
    )


def test_nothing_of_the_sample_is_left_unread(sample):
    assert sample.unread == ()


def test_the_printed_previous_year_is_told_from_the_derived_ones(sample):
    priors = {
        (fact["节"], fact["对象"], fact["金额"]): (fact["上年数"], fact["上年数来源"])
        for fact in sample.records["narrative_facts"]
        if fact["上年数"] is not None
    }
    assert priors["七", "合计", Decimal("6.03")] == (Decimal("6.06"), "原文")
    assert priors["一", "单位", Decimal("1117.75")] == (Decimal("1067.80"), "推算")
    assert priors["三", "项目支出", Decimal("34.20")] == (Decimal("36.00"), "推算")
    assert priors["七", "公务用车购置费", Decimal("0.00")] == (Decimal("0.00"), "推算")
    assert priors["十三", "单位", Decimal("81.80")] == (Decimal("82.24"), "推算")
    assert len(priors) == 19  # 17 statements compare with the year before; two of them stand twice in 三


def test_columns_and_numbering_of_every_record_set(sample):
    assert list(sample.records) == list(COLUMNS)
    for name, records in sample.records.items():
        assert records, name
        assert {tuple(record) for record in records} == {COLUMNS[name]}
        assert [record["序"] for record in records] == list(range(1, len(records) + 1))


def test_no_absent_value_is_an_empty_text(sample):
    assert "" not in [value for rows in sample.records.values() for row in rows for value in row.values()]


@pytest.mark.parametrize(
    ("name", "columns", "convert"),
    [
        (
            "key_projects",
            {"project_name": "项目名称", "budget_wanyuan": "预算数", "performance_goal": "绩效目标"},
            {},
        ),
        (
            "staffing",
            {
                "item": "项目",
                "kind": "类别",
                "printed": "原文",
                "count": "人数",
                "unit": "单位词",
                "derived": "推算",
            },
            {"kind": {"authorised": "编制", "actual": "实有"}},
        ),
        ("vehicles", {"section": "节", "item": "项目", "count": "数量", "unit": "单位词"}, {}),
        ("internal_offices", {"no": "序", "office": "名称", "duties": "职责"}, {}),
        ("glossary", {"no": "序", "term": "术语", "definition": "定义"}, {}),
    ],
)
def test_other_record_sets_of_the_sample_equal_the_truth(sample, name, columns, convert):
    expected = [
        [convert.get(key, {}).get(row[key], "是" if row[key].startswith("yes") else row[key]) for key in columns]
        for row in golden(name)
    ]
    expected = [["否" if value == "no" else value for value in row] for row in expected]
    found = [[str(record[column]) for column in columns.values()] for record in sample.records[name]]
    assert found == expected


def test_a_remainder_of_staff_is_worked_out_and_marked(sample):
    last = sample.records["staffing"][-1]
    assert (last["项目"], last["人数"], last["推算"], last["原文"]) == ("专业技术人员", 31, "是", "其余")


# ---------------------------------------------------------------------- copies of the sample

ANOTHER_UNIT = (
    ("405003柳州市智能制造科技服务中心", "118007桂林市某某研究所"),
    ("柳州市", "桂林市"),
    ("2026年", "2031年"),
    ("2025年", "2030年"),
)


def without(record, *columns):
    return {name: value for name, value in record.items() if name not in columns}


def test_another_unit_and_another_year_change_nothing_but_the_words():
    expected = [without(fact, "原文", "节标题") for fact in facts(TEXT)]
    found = [without(fact, "原文", "节标题") for fact in facts(altered(*ANOTHER_UNIT), 2031)]
    renamed = [
        {key: value.replace("柳州市", "桂林市") if isinstance(value, str) else value for key, value in fact.items()}
        for fact in expected
    ]
    assert found == renamed


def test_the_wrong_year_is_reported_and_not_taken():
    """A year left over from last year's document is a finding, never an amount of this year."""
    narrative = read(altered(("2026年单位收支总预算", "2025年单位收支总预算")))
    metrics = [fact["指标"] for fact in narrative.records["narrative_facts"]]
    assert "收支总预算" not in metrics
    assert len(metrics) == 57
    assert [unread.text for unread in narrative.unread] == [
        "2025年单位收支总预算1,117.75万元，同比增加49.95万元，同比增长4.68%。"
    ]
    assert narrative.unread[0].line == 103


def test_other_figures_come_out_as_printed():
    text = altered(
        ("1,117.75万元，同比增加49.95万元，同比增长4.68%", "987,654.32万元，同比减少0.01万元，同比下降0.00%")
    )
    fact = facts(text)[0]
    assert (fact["金额"], fact["变动方向"], fact["变动额"], fact["变动率"], fact["上年数"]) == (
        Decimal("987654.32"),
        "减少",
        Decimal("0.01"),
        Decimal("0.00"),
        Decimal("987654.33"),
    )


def test_figures_in_yuan_are_converted_exactly_and_the_unit_is_kept():
    text = re.sub(
        r"(\d[\d,]*\.\d\d)万元",
        lambda match: f"{Decimal(match[1].replace(',', '')).scaleb(4):f}元",
        TEXT,
    )
    expected = [without(fact, "金额单位", "原文") for fact in facts(TEXT)]
    assert [without(fact, "金额单位", "原文") for fact in facts(text)] == expected
    assert {fact["金额单位"] for fact in facts(text)} == {"元", None}
    assert read(text).unread == ()


def test_missing_separators_and_half_width_punctuation_change_nothing():
    text = re.sub(r"(?<=\d),(?=\d{3}\.)", "", TEXT)
    head, tail = text.split("## 第二部分 405003柳州市智能制造科技服务中心2026年单位预算情况说明\n\n### 一", 1)
    half = tail.translate(str.maketrans("，：；（）", ",:;()"))
    text = head + "## 第二部分 405003柳州市智能制造科技服务中心2026年单位预算情况说明\n\n### 一" + half
    names = ("节", "指标", "金额", "变动方向", "变动额", "变动率", "占比", "上年数", "数量")
    assert [[fact[name] for name in names] for fact in facts(text)] == [
        [fact[name] for name in names] for fact in facts(TEXT)
    ]
    assert read(text).unread == ()


def test_a_department_document_speaks_of_the_department():
    text = altered(
        ("2026年单位", "2026年部门"), ("我单位", "我部门"), ("单位下设", "部门下设"), ("单位车辆", "部门车辆")
    )
    narrative = read(text)
    subjects = [fact["对象"] for fact in narrative.records["narrative_facts"]]
    assert subjects.count("部门") == 6
    assert subjects.count("单位") == 1  # 事业单位相关运行经费 is still that of a 单位
    assert len(subjects) == 58
    assert narrative.unread == ()
    assert len(narrative.records["vehicles"]) == 10
    assert narrative.records["vehicles"][0]["项目"] == "车辆编制"
    assert len(narrative.records["internal_offices"]) == 6


def test_an_office_that_calls_itself_by_another_word():
    text = altered(
        ("我单位", "我局"), ("2026年单位", "2026年市科技局"), ("单位车辆", "本局车辆"), ("单位人员全额", "本局人员全额")
    )
    narrative = read(text)
    assert narrative.unread == ()
    found = [(fact["指标"], fact["对象"]) for fact in narrative.records["narrative_facts"]]
    assert len(found) == 58
    assert ("收支总预算", "市科技局") in found
    assert [subject for metric, subject in found if metric == "无数据声明"] == [
        "政府性基金预算支出",
        "国有资本经营预算支出",
        "政府购买服务预算",
        "机关运行经费",
    ]
    for name in ("vehicles", "staffing"):
        items = [record["项目"] for record in narrative.records[name]]
        assert items == [record["项目"] for record in read(TEXT).records[name]]


def test_blanks_inside_words_and_numbers_change_nothing():
    text = altered(("2026年单位收支总预算1,117.75万元", "2026 年单 位收支 总 预 算 1,117.75 万 元"))
    assert without(facts(text)[0], "原文") == without(facts(TEXT)[0], "原文")


def test_heading_marks_and_bold_change_nothing():
    bare = re.sub(r"^#+ +", "", TEXT, flags=re.MULTILINE).replace("**", "")
    assert facts(bare) == facts(TEXT)


def test_a_section_that_is_removed_takes_only_its_own_facts_with_it():
    start, end = (
        TEXT.index("## **十、政府采购预算情况说明"),
        TEXT.index("## **十一、政府购买服务预算情况说明"),
    )
    left = facts(TEXT[:start] + TEXT[end:])
    expected = [without(fact, "序", "首行", "末行") for fact in facts(TEXT) if fact["节"] != "十"]
    assert [without(fact, "序", "首行", "末行") for fact in left] == expected
    assert len(left) == 51


def test_the_table_of_contents_is_not_needed_and_not_read():
    start, end = TEXT.index("# 目 录"), TEXT.index("# 第一部分 405003")
    without_contents = facts(TEXT[:start] + TEXT[end:])
    assert [fact["原文"] for fact in without_contents] == [fact["原文"] for fact in facts(TEXT)]
    narrative = read(TEXT[:end])
    assert [name for name, rows in narrative.records.items() if rows] == []


def test_other_counts_of_staff_vehicles_and_classes():
    text = altered(
        ("事业编制48名", "事业编制60名"),
        ("在编44人", "在编58人"),
        ("正科5人", "正科6人"),
        ("车辆编制3辆，实有3辆", "车辆编制12辆，实有11辆"),
        ("共分为4类", "共分为五类"),
        ("项目4个", "项目14个"),
    )
    narrative = read(text)
    staff = {record["项目"]: record["人数"] for record in narrative.records["staffing"]}
    assert staff["全额拨款事业编制"] == 60
    assert staff["专业技术人员"] == 58 - 3 - (6 + 4) - 1
    assert [record["数量"] for record in narrative.records["vehicles"][:2]] == [12, 11]
    counts = {
        fact["指标"]: (fact["数量"], fact["范围"]) for fact in narrative.records["narrative_facts"] if fact["数量"]
    }
    assert counts == {"功能分类类数": (5, None), "绩效目标管理": (14, "项目14个（敏感涉密项目除外）")}


def test_a_remainder_below_zero_is_no_number():
    narrative = read(altered(("实有在职在编44人", "实有在职在编4人")))
    assert narrative.records["staffing"][-1]["人数"] is None


def test_other_classes_and_items():
    text = altered(
        ("科学技术支出（类）应用研究（款）机构运行（项）", "教育支出（类）普通教育（款）高中教育（项）"),
        ("1. 科学技术支出785.64万元", "1. 灾害防治及应急管理支出785.64万元"),
        (
            "收入包括：一般公共预算拨款1,117.75万元。",
            "收入包括：一般公共预算拨款1,000.00万元、单位资金117.75万元。",
        ),
    )
    narrative = read(text)
    found = {(fact["节"], fact["指标"], fact["对象"]): fact["金额"] for fact in narrative.records["narrative_facts"]}
    path = "教育支出（类）普通教育（款）高中教育（项）"
    assert found["五", "一般公共预算支出（项级）", path] == Decimal("751.44")
    assert found["三", "支出预算（功能分类·类）", "灾害防治及应急管理支出"] == Decimal("785.64")
    assert found["一", "收入构成", "单位资金"] == Decimal("117.75")
    assert len(found) == 59
    assert narrative.unread == ()


# -------------------------------------------------------------------------- other wordings

REVENUE, ITEMS, THREE = (
    "单位收支总体情况说明",
    "一般公共预算支出情况说明",
    "一般公共预算“三公”经费支出情况说明",
)


@pytest.mark.parametrize(
    ("title", "sentence", "expected"),
    [
        (
            ITEMS,
            "（一）“公共安全支出（204类）司法（06款）行政运行（01项）”支出88.00万元，主要用于人员经费。",
            {
                "对象": "公共安全支出（204类）司法（06款）行政运行（01项）",
                "金额": "88.00",
                "用途": "人员经费",
            },
        ),
        (
            ITEMS,
            "公共安全（204类）司法（06款）行政运行（01项）2026年预算数为88.00万元，比2025年当年预算执行数增加8.00万元，增长10.00%。",
            {
                "金额": "88.00",
                "变动方向": "增加",
                "变动额": "8.00",
                "变动率": "10.00",
                "上年数": "80.00",
                "上年数来源": "推算",
            },
        ),
        (
            ITEMS,
            "教育支出(类)普通教育(款)高中教育(项)支出5万元,全部为项目支出.主要用于:购买图书.",
            {"指标": "一般公共预算支出（项级）", "金额": "5", "范围": "全部为项目支出", "用途": "购买图书"},
        ),
        (
            THREE,
            "（一）因公出国（境）经费。2026年预算安排0.00万元，与上年预算持平。",
            {"对象": "因公出国（境）经费", "金额": "0.00", "变动方向": "持平", "上年数": "0.00"},
        ),
        (
            "支出预算情况说明",
            "1、公共安全支出。2025年当年预算执行数为100.00万元，2026年预算安排120.00万元，比2025年当年预算执行数增加20.00%。",
            {
                "对象": "公共安全支出",
                "金额": "120.00",
                "变动率": "20.00",
                "上年数": "100.00",
                "上年数来源": "原文",
            },
        ),
        (
            "政府采购预算情况说明",
            "2026 年政府采购预算 17000 元,同比增加 17000 元,上年无该预算,增长率无可比性。",
            {"对象": "合计", "金额": "1.7000", "变动方向": "增加", "上年数": "0.0000"},
        ),
        (
            THREE,
            "公务接待费2026年预算12,300元，较上年减少300元，下降2.38%，主要原因是接待批次减少；二是压减支出。",
            {
                "金额": "1.2300",
                "金额单位": "元",
                "变动额": "0.0300",
                "上年数": "1.2600",
                "原因": "接待批次减少；二是压减支出",
            },
        ),
        (
            THREE,
            "2026年部门三公经费预算2亿元，比2025年预算1.5亿元，增加0.5亿元（增长33.33%）。",
            {
                "对象": "合计",
                "金额": "20000",
                "变动额": "5000",
                "变动率": "33.33",
                "上年数": "15000",
                "上年数来源": "原文",
            },
        ),
        (
            REVENUE,
            "某某市科技局2026年收支总预算1788.77万元，同比无增减变化。",
            {
                "指标": "收支总预算",
                "对象": "某某市科技局",
                "金额": "1788.77",
                "变动方向": "持平",
                "变动额": None,
                "上年数": "1788.77",
            },
        ),
        (
            REVENUE,
            "2026年经 费总预 算 安 排 37337407.64 元。",
            {
                "指标": "经费总预算",
                "对象": "合计",
                "金额": "3733.740764",
                "金额单位": "元",
                "变动方向": None,
                "上年数": None,
            },
        ),
        (
            "政府性基金预算支出情况说明",
            "我部门2026年没有政府性基金预算拨款安排的支出。",
            {"指标": "无数据声明", "对象": "政府性基金预算拨款安排的支出", "金额": None, "范围": "无"},
        ),
        (
            "政府性基金预算支出情况说明",
            "2026年政府性基金预算支出0.00万元，同比持平。",
            {"指标": "政府性基金预算支出", "金额": "0.00", "变动方向": "持平", "范围": None},
        ),
        (
            "政府采购预算情况说明",
            "其中：面向中小企业预留采购份额3.50万元，占政府采购预算的70%。",
            {"对象": "中小企业", "金额": "3.50", "占比": "70", "占比对象": "政府采购预算"},
        ),
        (
            "国有资产占用情况说明",
            "单位价值100万元以上设备2台（套）。",
            {"指标": "国有资产占用", "对象": "单位价值100万元以上设备", "数量": 2, "金额": None},
        ),
        (
            "项目预算绩效目标情况说明",
            "我部门所有项目全面实施绩效目标管理，涉及桂林市本级项目十二个，预算资金34万元。",
            {"对象": "桂林市本级项目", "数量": 12, "金额": "34", "范围": None},
        ),
    ],
)
def test_wordings_of_other_places(title, sentence, expected):
    fact = one(title, sentence)
    found = {name: f"{fact[name]:f}" if isinstance(fact[name], Decimal) else fact[name] for name in expected}
    assert found == expected


def test_a_circled_number_is_no_digit_of_the_amount_behind_it():
    found = facts(section(REVENUE, "收入包括：①一般公共预算拨款5.00万元；②单位资金①3.00万元。"))
    assert [(fact["对象"], fact["金额"]) for fact in found] == [("一般公共预算拨款", Decimal("5.00"))]


def test_the_appendix_of_an_item_belongs_to_the_item():
    text = section(
        ITEMS,
        "（一）教育支出（类）普通教育（款）高中教育（项）支出9万元，其中：基本支出4万元，项目支出5万元。",
    )
    path = "教育支出（类）普通教育（款）高中教育（项）"
    assert [(fact["指标"], fact["对象"], str(fact["金额"])) for fact in facts(text)] == [
        ("一般公共预算支出（项级）", path, "9"),
        ("一般公共预算支出（项级·其中）", f"{path}·基本支出", "4"),
        ("一般公共预算支出（项级·其中）", f"{path}·项目支出", "5"),
    ]


def test_a_usage_in_a_paragraph_of_its_own_belongs_to_the_statement_before():
    fact = one(ITEMS, "（一）教育支出（类）普通教育（款）高中教育（项）支出9万元。", "主要用于：购买图书。")
    assert fact["用途"] == "购买图书"


def test_a_named_reason_goes_to_the_statement_it_names():
    text = section(
        THREE,
        "2026年单位“三公”经费支出预算6万元，同比减少1万元。其中：公务接待费2万元，同比减少1万元。",
        "“三公”经费减少的主要原因是：厉行节约。",
    )
    assert [(fact["对象"], fact["原因"]) for fact in facts(text)] == [
        ("合计", "厉行节约"),
        ("公务接待费", None),
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "2026年另行追加约300.00万元。",
        "商品和服务支出、资本性支出合计100.00万元。",
        "2026年单位收支总预算100.00万元，同比增加（减少）5.00万元。",
        "2026年单位收支总预算XX万元。",
        "2026年单位收支总预算100.00万元，比2023年增加5.00万元。",
        "同比增加5.00万元。",
        "2026年一般公共预算收入总预算8-10万元。",
    ],
)
def test_an_amount_that_is_not_understood_is_reported_with_its_line(sentence):
    narrative = read(section(REVENUE, sentence))
    assert [(unread.text, unread.line) for unread in narrative.unread] == [(sentence, 5)]
    for fact in narrative.records["narrative_facts"]:
        assert (fact["变动额"], fact["上年数"]) in {(None, None), (Decimal("5.00"), Decimal("95.00"))}


def test_what_the_amount_of_a_skipped_clause_does_is_not_given_to_the_statement_before():
    text = section(REVENUE, "2026年单位收支总预算100.00万元，另行追加约3.00万元，同比增加1.00万元。")
    narrative = read(text)
    assert narrative.records["narrative_facts"][0]["变动额"] is None
    assert len(narrative.unread) == 1


def test_subsections_of_other_important_matters_set_their_own_topic():
    text = section(
        "其他重要事项的情况说明",
        "（一）政府采购情况说明",
        "2026年单位政府采购预算10.00万元，其中：货物类采购预算4.00万元。",
        "（二）其他事项",
        "结转资金3.00万元。",
    )
    narrative = read(text)
    assert [(fact["指标"], fact["对象"]) for fact in narrative.records["narrative_facts"]] == [
        ("政府采购预算", "合计"),
        ("政府采购预算（项目类型）", "货物类"),
    ]
    assert [unread.text for unread in narrative.unread] == ["结转资金3.00万元。"]


def test_a_procurement_section_in_yuan_with_its_own_breakdowns():
    text = section(
        "其他重要事项情况说明",
        "（二）政府采购预算安排情况说明。",
        "2026 年 政 府 采 购 预 算 90000.5 元 , 同 比 增 加 100 元。其中:政府集中采购预算 40000 元,"
        "占政府采购预算的 44.44%,同比增加 60 元,增长 0.15%;主要原因是增加了服务采购。分散采购 50000.5 元,占政府采购预算的 55.56%。",
        "按政府采购资金类型划分,一般公共预算拨款 90000 元,财政专户管理的资金安排 0.5 元。",
        "按政府采购项目类型,分为货物类采购、服务类采购两种类型。其中:货物类采购 90000.5 元,占政府采购预算 100%。",
    )
    narrative = read(text)
    assert narrative.unread == ()
    assert [
        (fact["指标"], fact["对象"], f"{fact['金额'].normalize():f}", fact["原因"])
        for fact in narrative.records["narrative_facts"]
    ] == [
        ("政府采购预算", "合计", "9.00005", None),
        ("政府采购预算（组织形式）", "政府集中采购", "4", "增加了服务采购"),
        ("政府采购预算（组织形式）", "分散采购", "5.00005", None),
        ("政府采购预算（资金来源）", "一般公共预算拨款", "9", None),
        ("政府采购预算（资金来源）", "财政专户管理的资金", "0.00005", None),
        ("政府采购预算（项目类型）", "货物类", "9.00005", None),
    ]


def test_totals_of_income_and_expenditure_in_one_sentence():
    text = section(
        REVENUE,
        "2026年单位预算总收入24.53627万元，比上年增加4.5万元，增长22.46%；总支出24.53627万元，比上年减少0.5万元。",
    )
    assert [(fact["指标"], fact["对象"], str(fact["上年数"])) for fact in facts(text)] == [
        ("预算总收入", "单位", "20.03627"),
        ("总支出", "合计", "25.03627"),
    ]


def test_parts_that_are_sections_themselves():
    """Some places number 第N部分 where others number 一、; the words of the title say what it is for."""
    paragraphs = [
        "第一部分：单位主要职责",
        "第三部分：2026年预算收支安排情况",
        "2026年收入总预算9.00万元。",
        "第四部分 “三公”经费支出情况",
        "公务接待费1.00万元。",
        "第五部分 一般公共预算支出表",
        "合计7.00万元。",
    ]
    text = "\n\n".join(paragraphs)
    narrative = read(text)
    assert narrative.unread == ()
    assert [(fact["节"], fact["指标"], fact["对象"]) for fact in narrative.records["narrative_facts"]] == [
        (None, "收入总预算", "合计"),
        (None, "“三公”经费", "公务接待费"),
    ]


def test_staff_of_another_place_keeps_posts_and_people_apart():
    text = (
        "第一部分 单位概况\n\n二、机构设置情况\n\n（一）本单位财政补助（全额）编制14名，设主任1名，副主任2名，"
        "现在职在编人员13人；退休人员28人，行政人员4人，其余为技术人员。"
    )
    rows = read(text).records["staffing"]
    assert [(row["项目"], row["类别"], row["人数"], row["推算"]) for row in rows] == [
        ("财政补助（全额）编制", "编制", 14, "否"),
        ("主任", "编制", 1, "否"),
        ("副主任", "编制", 2, "否"),
        ("现在职在编人员", "实有", 13, "否"),
        ("退休人员", "实有", 28, "否"),
        ("行政人员", "实有", 4, "否"),
        ("技术人员", "实有", 9, "是"),
    ]


def test_a_list_of_parts_ends_with_its_sentence():
    text = section(
        REVENUE, "收入包括：事业收入；支出包括：教育支出。2026年收支总预算5.00万元，比2025年减少1.00万元，主要是压减。"
    )
    (fact,) = facts(text)
    assert (fact["指标"], fact["对象"], fact["上年数"], fact["原因"]) == ("收支总预算", "合计", Decimal("6.00"), "压减")


def test_a_change_told_later_goes_to_the_statement_it_names():
    text = section(
        THREE,
        "2026年“三公”经费预算数为10.00万元，其中：公务接待费2.00万元。",
        "2026年“三公”经费预算比2025年减少1.00万元，主要原因是厉行节约。",
    )
    narrative = read(text)
    assert narrative.unread == ()
    assert [(fact["对象"], fact["变动额"], fact["原因"]) for fact in narrative.records["narrative_facts"]] == [
        ("合计", Decimal("1.00"), "厉行节约"),
        ("公务接待费", None, None),
    ]


def test_projects_under_performance_management_are_counted():
    fact = one("预算绩效情况说明", "2026年实行绩效目标管理的项目6个，涉及一般公共预算当年拨款1,200.00万元。")
    assert (fact["对象"], fact["数量"], fact["金额"]) == ("实行绩效目标管理的项目", 6, Decimal("1200.00"))


def test_a_part_is_not_taken_for_a_total():
    """基本支出总预算 is not the total of anybody; it may be read as a part, never as 支出总预算."""
    metrics = [fact["指标"] for fact in facts(section(REVENUE, "2026年基本支出总预算5.00万元。"))]
    assert "支出总预算" not in metrics


def test_vehicles_in_a_list_and_bought_this_year():
    text = section(
        "国有资产占用情况说明",
        "截至2025年12月31日，本部门共有车辆5辆，其中：机要通信用车二辆、其他用车3辆；购置0辆。",
    )
    assert [(row["项目"], row["数量"], row["节"]) for row in read(text).records["vehicles"]] == [
        ("共有车辆", 5, "第二部分 一"),
        ("机要通信用车", 2, "第二部分 一"),
        ("其他用车", 3, "第二部分 一"),
        ("购置车辆", 0, "第二部分 一"),
    ]


def test_no_word_of_the_sample_stands_in_the_code():
    words = re.compile("柳州|405003|智能制造|广西|1,?117|2026|缫丝")
    for path in (ROOT / "scripts" / "yusuan" / "narrative").glob("*.py"):
        assert not words.search(path.read_text(encoding="utf-8")), path.name


def test_offices_listed_in_one_sentence():
    text = "第一部分 单位概况\n\n二、机构设置情况\n\n我单位内设3个科室，分别为：办公室、组织和人事科和财务科。"
    offices = read(text).records["internal_offices"]
    assert [(office["名称"], office["职责"]) for office in offices] == [
        ("办公室", None),
        ("组织和人事科", None),
        ("财务科", None),
    ]


def test_terms_without_numbers_and_definitions_over_paragraphs():
    text = "第四部分 名词解释\n\n基本支出：指为保障运转的支出。\n\n另行说明。\n\n项目支出，指完成任务的支出。"
    assert [(row["术语"], row["定义"]) for row in read(text).records["glossary"]] == [
        ("基本支出", "指为保障运转的支出。另行说明。"),
        ("项目支出", "指完成任务的支出。"),
    ]


# ------------------------------------------------------------------------------ key projects


def grid(*rows):
    return Grid(tuple(tuple(Cell(text, Place(line=line)) for text in row) for line, row in enumerate(rows, 7)))


def projects(*blocks):
    narrative = read_narrative(Document("x", "", 0, "test", blocks), 2026)
    return narrative.records["key_projects"], narrative.unread


def test_key_projects_in_another_order_in_yuan_with_numbers_and_a_total():
    table = grid(
        ("序号", "绩效目标", "预算数（单位：元）", "项目名称"),
        ("1", "目标甲", "83,500.00", "项目甲"),
        ("", "续完。", "", ""),
        ("", "", "83,500.00", "合计"),
        ("2", "", "", "项目乙"),
    )
    assert is_key_project_grid(table)
    assert projects(table) == (
        (
            {
                "序": 1,
                "项目名称": "项目甲",
                "预算数": Decimal("8.3500"),
                "绩效目标": "目标甲续完。",
                "首行": 8,
                "页": None,
            },
            {"序": 2, "项目名称": "项目乙", "预算数": None, "绩效目标": None, "首行": 11, "页": None},
        ),
        (),
    )


def test_the_money_unit_above_the_table_counts_where_the_header_has_none():
    line = Paragraph("单位：元", Place(line=5), Place(line=5))
    table = grid(("项目名称", "预算数", "绩效目标"), ("项目甲", "20000", "目标"))
    assert projects(line, table)[0][0]["预算数"] == Decimal(2)
    assert projects(table)[0][0]["预算数"] == Decimal(20000)


def test_an_amount_of_a_key_project_that_cannot_be_read_is_reported():
    records, unread = projects(grid(("项目名称", "预算数", "绩效目标"), ("项目甲", "1,1l7.75", "目标")))
    assert records[0]["预算数"] is None
    assert [(row.text, row.line) for row in unread] == [("项目甲 1,1l7.75 目标", 8)]


def test_only_the_key_projects_of_the_sample_are_taken_for_key_projects():
    document = read_text("sample.md", TEXT.encode(), "0" * 64)
    grids = [block for block in document.blocks if isinstance(block, Grid)]
    assert [block.first.line for block in grids if is_key_project_grid(block)] == [206]
    assert len(grids) > 12


# --------------------------------------------------------------------------------- properties

AMOUNTS = st.decimals(min_value=0, max_value=10**7, places=2, allow_nan=False)
RATES = st.decimals(min_value=0, max_value=1000, places=2, allow_nan=False)
UNITS = {"元": Decimal("0.0001"), "万元": Decimal(1), "亿元": Decimal(10000)}


@given(
    amount=AMOUNTS,
    change=AMOUNTS,
    rate=RATES,
    words=st.sampled_from([("增加", "增长"), ("减少", "下降")]),
    unit=st.sampled_from(list(UNITS)),
    template=st.sampled_from(["{:,.2f}", "{:.2f}"]),
)
def test_any_amount_and_change_come_back_exactly_with_the_year_before(amount, change, rate, words, unit, template):
    money = [template.format(value) + unit for value in (amount, change)]
    sentence = f"2026年单位收支总预算{money[0]}，同比{words[0]}{money[1]}，同比{words[1]}{rate:.2f}%。"
    fact = one(REVENUE, sentence)
    sign = 1 if words[0] == "增加" else -1
    assert fact["金额"] == amount * UNITS[unit]
    assert fact["变动额"] == change * UNITS[unit]
    assert (fact["变动率"], fact["变动方向"], fact["金额单位"]) == (rate, words[0], unit)
    assert fact["上年数"] + sign * fact["变动额"] == fact["金额"]
    assert fact["原文"] == sentence


@given(
    amounts=st.lists(AMOUNTS, min_size=1, max_size=6),
    names=st.permutations(["教育支出", "国防支出", "住房保障支出", "其他支出", "农林水支出", "债务付息支出"]),
)
def test_any_list_of_parts_comes_back_in_order(amounts, names):
    items = "、".join(f"{name}{amount:,.2f}万元" for name, amount in zip(names, amounts, strict=False))
    narrative = read(section(REVENUE, f"支出包括：{items}。"))
    assert narrative.unread == ()
    assert [(fact["指标"], fact["对象"], fact["金额"]) for fact in narrative.records["narrative_facts"]] == [
        ("支出构成", name, amount) for name, amount in zip(names, amounts, strict=False)
    ]


PIECES = (
    "2026年单位收支总预算",
    "同比增加",
    "支出",
    "其中",
    "收入包括：",
    "主要用于",
    "约",
    "12.50",
    "1,000",
    "（一）",
    "“三公”",
)
MARKS = ("万元", "亿元", "%", "，", "。", "；", "、", "：")


@given(st.lists(st.sampled_from(PIECES + MARKS), max_size=30).map("".join))
def test_no_amount_is_lost_whatever_the_text(text):
    """Every amount printed is in the sentence of a statement or in a sentence reported as unread."""
    narrative = read(section(REVENUE, "。" + text))
    kept = [str(fact["原文"]) for fact in narrative.records["narrative_facts"]]
    kept += [unread.text for unread in narrative.unread]
    for money in re.findall(r"[\d,.]*\d[万亿]元", text):
        assert any(money in sentence for sentence in kept)
