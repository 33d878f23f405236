"""What the parts and sections of a document are about, recognised by the words of their titles."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """What a section of 第二部分 is about, and under which metric its amounts go.

    `itemised` is the stem for functional items, `parts_of` stands before 收入构成 and 支出构成.
    An empty `metric` means: an amount without a pattern of its own is not understood here; `strict` means the same
    outside a breakdown.
    """

    name: str
    title: re.Pattern[str]
    metric: str = ""
    itemised: str = ""
    parts_of: str = ""
    strict: bool = False

    def metric_of(self, breakdown: str | None) -> str:
        """Return the metric of an amount listed under `breakdown` (按…划分, 收入包括)."""
        if breakdown is None:
            return "" if self.strict else self.metric
        if breakdown.endswith("构成"):
            return self.parts_of + breakdown
        return f"{self.metric}（{breakdown}）" if self.metric else ""


#: A title that names several things is about none of them.
_SEVERAL = re.compile("[、和及与]")


def _topic(name: str, title: str, metric: str = "", itemised: str = "", **rest: str) -> Topic:
    return Topic(name, re.compile(title), metric, itemised or metric, rest.get("parts_of", ""), "strict" in rest)


#: The first whose `title` is found in the section's title counts; one without a name is no topic.
TOPICS = (
    _topic("", "其他(?:重要)?(?:事项|情况|说明)"),
    _topic("三公", "三公", "“三公”经费"),
    _topic("政府性基金", "政府性基金", "政府性基金预算支出"),
    _topic("国有资本经营", "国有资本经营", "国有资本经营预算支出"),
    _topic("政府采购", "政府采购", "政府采购预算", strict="是"),
    _topic("政府购买服务", "购买服务", "政府购买服务预算"),
    _topic("绩效", "绩效", "绩效目标管理", strict="是"),
    _topic("运行经费", "运行经费", "机关运行经费", strict="是"),
    _topic("国有资产", "国有资产", "国有资产占用"),
    _topic("委托业务费", "委托业务费", "委托业务费"),
    _topic("基本支出", "(?:一般公共预算|财政拨款).*基本支出", "一般公共预算基本支出"),
    _topic("一般公共预算支出", "一般公共预算", "一般公共预算拨款支出", "一般公共预算支出"),
    _topic("财政拨款收支", "财政拨款", "财政拨款预算", parts_of="财政拨款"),
    _topic("收支", "收支", "收支预算"),
    _topic("收入", "收入", "收入预算"),
    _topic("支出", "支出", "支出预算"),
    _topic("总体", "(?:预算|决算)编制(?:情况)?的?说明$", itemised="支出"),
)

#: A heading without a number that opens a part all the same: 上海 prints the numbers only in the table of contents.
UNNUMBERED_PART = re.compile(
    r"[^。;:,、]{0,40}?(?:主要职[能责]|机构设置(?:情况)?|名词解释|(?:预算|决算)编制(?:情况)?的?说明"
    r"|其他(?:相关|重要)?(?:情况|事项)(?:情况)?(?:的?说明)|项目经费情况说明)"
)
#: What a part of the document is for, by its title; the first that fits counts.
PART_ROLES = (
    ("附件", re.compile("^(?:附件|附录|附表)|表$")),
    ("名词解释", re.compile("名词解释")),
    ("情况说明", re.compile("预算.*(?:说明|情况)|说明$")),
    ("概况", re.compile("概况|基本情况|主要职[责能]|机构设置")),
)


def find_topic(title: str) -> Topic | None:
    """Return the first topic of TOPICS that the title of a section names."""
    topic = next((topic for topic in TOPICS if topic.title.search(title)), None)
    return topic if topic and topic.name else None


def find_single_topic(title: str) -> Topic | None:
    """Return the topic of a title that speaks of one thing only: sections without a topic inherit it from their part."""
    return None if _SEVERAL.search(title) else find_topic(title)
