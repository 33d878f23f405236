"""Sentences made at random: one meaning in many wordings comes back exactly, what means nothing yields nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from test_narrative import AMOUNTS, RATES, UNITS, read, section
from yusuan.narrative import patterns, statements
from yusuan.narrative.fragments import DIRECTIONS, MONEY, PLACEHOLDER
from yusuan.narrative.matching import to_matching

# ------------------------------------------------------------------- one meaning, many wordings

#: Section, and how its own total may be named in front of the amount: metric, subject, words.
TOTALS = [
    ("收支预算情况说明", "收支总预算", "单位", ["2026年单位收支总预算", "2026年本单位收支总预算安排", "本单位2026年度收支总预算为"]),
    ("收支预算情况说明", "收支预算总计", "某某局", ["某某局2026年度收入、支出预算总计", "某某局2026年度收、支预算总计"]),
    ("收入预算情况说明", "收入预算", "某某中心", ["2026年，某某中心收入预算", "某某中心2026年收入预算为"]),
    ("支出预算情况说明", "支出总预算", "部门", ["2026年本部门支出总预算", "2026年部门支出总预算共"]),
    ("“三公”经费情况说明", "“三公”经费", "合计", ["2026年“三公”经费预算数为", "2026年财政拨款安排“三公”经费", "2026年三公经费预算"]),
    ("“三公”经费情况说明", "“三公”经费", "公务接待费", ["2026年公务接待费预算", "公务接待费2026年预算数", "公务接待费"]),
    ("政府采购情况说明", "政府采购预算", "合计", ["2026年单位政府采购预算", "2026年政府采购预算总额", "本单位2026年政府采购支出预算"]),
    ("机关运行经费情况说明", "机关运行经费", "某某局", ["2026年某某局机关运行经费预算", "某某局2026年机关运行经费财政拨款预算"]),
    ("委托业务费情况说明", "委托业务费", "部门", ["2026年本部门委托业务费财政拨款预算总额", "2026年部门一般公共预算安排委托业务费"]),
]  # fmt: skip
#: What is compared, in words.
BASES = {
    None: ["同比", "比上年", "较去年", "与上年相比", "比2025年度"],
    "预算": ["比2025年预算", "较2025年年初预算", "比上年预算数", "与2025年预算数相比，"],
    "执行数": ["比上年执行数", "较2025年当年预算执行数", "比2025年执行数"],
    "决算": ["比2025年度决算数", "与2025年决算数相比，"],
}
WORDS = {
    way: sorted(word for word, meaning in DIRECTIONS.items() if meaning == way and not word.endswith("幅"))
    for way in ("增加", "减少")
}
REASONS = ["主要原因是", "，主要原因：", "原因是由于", "主要原因为"]
GIVEN = ["人员增加", "一是任务增多；二是项目结转", "按规定压缩经费"]


@st.composite
def stated(draw):
    """Return a sentence and what it says."""
    title, metric, subject, names = draw(st.sampled_from(TOTALS))
    unit = draw(st.sampled_from(sorted(UNITS)))
    number = draw(st.sampled_from(["{:,.2f}", "{:.2f}", " {:,.2f} "]))
    amount, change, rate = draw(AMOUNTS), draw(AMOUNTS), draw(RATES)
    way, rate_way = draw(st.sampled_from(sorted(WORDS))), draw(st.sampled_from([None, *sorted(WORDS)]))
    basis = draw(st.sampled_from(list(BASES)))
    text = f"{draw(st.sampled_from(names))}{number.format(amount)}{unit}"
    text += f"，{draw(st.sampled_from(BASES[basis]))}{draw(st.sampled_from(WORDS[way]))}{number.format(change)}{unit}"
    said = {
        "指标": metric, "对象": subject, "金额": amount * UNITS[unit], "变动方向": way, "变动额": change * UNITS[unit],
        "变动率": None, "变动率方向": None, "上年口径": basis, "原因": None, "原因未说明": None,
    }  # fmt: skip
    if rate_way:
        text += f"，{draw(st.sampled_from(WORDS[rate_way]))}{rate:.2f}%"
        said |= {"变动率": rate, "变动率方向": rate_way}
    reason = draw(st.sampled_from([None, "", *GIVEN]))
    if reason is not None:
        text += f"，{draw(st.sampled_from(REASONS))}{reason}"
        said |= {"原因": reason or None, "原因未说明": None if reason else "是"}
    return title, text + "。", said


@settings(max_examples=300, deadline=None)
@given(stated())
def test_what_is_said_in_any_wording_comes_back_exactly(sentence):
    title, text, said = sentence
    narrative = read(section(title, text))
    assert narrative.unread == ()
    (fact,) = narrative.records["narrative_facts"]
    assert {name: fact[name] for name in said} == said
    assert fact["上年数"] == said["金额"] - said["变动额"] * (1 if said["变动方向"] == "增加" else -1)


@settings(max_examples=100, deadline=None)
@given(stated(), st.sampled_from(["增加（减少）", "增长/下降", "减少（增加）"]), AMOUNTS)
def test_a_choice_left_open_is_never_read(sentence, choice, amount):
    title, text, _ = sentence
    head = text.split("，")[0]
    narrative = read(section(title, f"{head}，同比{choice}{amount:.2f}万元。"))
    assert {unread.kind for unread in narrative.unread} == {"placeholder"}
    assert {fact["变动额"] for fact in narrative.records["narrative_facts"]} <= {None}


@settings(max_examples=150, deadline=None)
@given(st.lists(stated(), min_size=2, max_size=4))
def test_paragraphs_do_not_touch_each_other(sentences):
    """What a section says is what its paragraphs say one by one."""
    title = sentences[0][0]
    texts = [text for own, text, said in sentences if own == title and not said["原因未说明"]]
    alone = [fact for text in texts for fact in read(section(title, text)).records["narrative_facts"]]
    together = read(section(title, *texts)).records["narrative_facts"]
    names = ("指标", "对象", "金额", "变动方向", "变动额", "变动率", "上年口径", "原文")
    assert [[fact[name] for name in names] for fact in together] == [[fact[name] for name in names] for fact in alone]


LETTERS = st.text(
    "预算收支单位比上年增减少主要原因是用于其中包括年度的（）“”，。；：、0123456789.,% 项目经费三公", max_size=200
)


@settings(max_examples=300, deadline=None)
@given(LETTERS)
def test_text_without_amounts_yields_no_amount(text):
    narrative = read(section("收支预算情况说明", "。" + text))
    for fact in narrative.records["narrative_facts"]:
        assert {fact[name] for name in ("金额", "变动额", "上年数")} == {None}
    if not PLACEHOLDER.search(to_matching(text).form):
        assert narrative.unread == ()


# ---------------------------------------------------------------------------------- effort


class Counted:
    """A regular expression that counts how many characters its tries could look at."""

    def __init__(self, regex, tally):
        self.regex, self.tally = regex, tally
        self.groupindex = regex.groupindex

    def match(self, text, position=0):
        """Match like the expression itself."""
        found = self.regex.match(text, position)
        self.tally[0] += 1 + (found.end() - position if found else 0)
        return found


def effort(monkeypatch, text):
    """Return how many tries the reader makes and how many characters they take, for the paragraphs of a text."""
    tally = [0]
    counted = tuple(replace(pattern, regex=Counted(pattern.regex, tally)) for pattern in patterns.STATEMENTS)
    monkeypatch.setattr(statements, "STATEMENTS", counted)
    read(section("收支预算情况说明", text))
    return tally[0]


REPEATED = [
    "2026年单位收支总预算1万元，同比增加1万元，",
    "主要用于购买办公用品，",
    "主要原因是人员增加；",
    "其中：教育支出1万元、",
    "（其中：教育支出1万元，",
    "占支出总预算的",
    "涉及本级项目3个，资金1万元。",
    "（一）",
    "收入包括：",
    "1,234,567",
    "甲",
    "比上年增加",
    "原因，",
    "某某局",
    "2026年",
    "财政拨款收入支出决算",
    "单位价值100万元以上的设备",
    "无政府性基金",
    "某某局1家机关",
]


@pytest.mark.parametrize("piece", REPEATED)
def test_twice_the_text_is_not_much_more_than_twice_the_effort(piece, monkeypatch):
    short = effort(monkeypatch, piece * (10_000 // len(piece)))
    long = effort(monkeypatch, piece * (20_000 // len(piece)))
    assert long <= 3 * short + len(patterns.STATEMENTS)


@pytest.mark.parametrize("piece", REPEATED)
def test_a_hundred_kilobytes_of_anything_come_to_an_end(piece):
    """A pattern that goes back over its tries would not come to an end."""
    text = "。" + piece * (100_000 // len(piece))
    narrative = read(section("收支预算情况说明", text))
    money = sum(1 for _ in MONEY.finditer(to_matching(text).form))
    kept = sum(fact["金额"] is not None for fact in narrative.records["narrative_facts"])
    assert kept <= money
