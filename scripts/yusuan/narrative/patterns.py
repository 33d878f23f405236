"""Every wording of a statement that is understood: one table, in the order tried.

To teach yusuan a new wording, change or add one line here (or in `pieces`, where it opens no statement of its own)
and a case in tests/test_narrative.py. All patterns see the matching form of `matching.to_matching` and are made of
`fragments`; what their named groups mean stands in `wording`.
"""

from __future__ import annotations

import re
from dataclasses import replace

from yusuan.narrative.fragments import (
    AMOUNT_WORDS,
    COUNT,
    NAME,
    NUMBER,
    ORGAN,
    OURS,
    QUOTE,
    UNIT,
    YEAR,
    YEAR_AFTER,
    money,
)
from yusuan.narrative.pieces import PIECES
from yusuan.narrative.wording import NAMED_AMOUNT, Pattern, pattern

_BEFORE = r"(?P<before>[^,;。:、\d]{0,40}?)"
_OWNER = r"(?P<owner>[^,;。:、\d]{0,40}?)"
_LEAD = rf"{_BEFORE}{YEAR}(?:当年)?,?{_OWNER}(?:(?<![我本全年度业属])(?:部门|单位))?(?:当年)?"
_PLANNED = "(?:年初|全年|调整)预算"
_SPENT = "(?:(?:支出|收入)?(?<!总)决算|(?<!预算)执行(?=数))"
_INCOME_AND_EXPENDITURE = "收支|收、支|收入、?支出"
_SUM = rf"(?:{_INCOME_AND_EXPENDITURE}|收入|支出)"
_STATE = "本年|当年|本年度"
#: What money is called where projects have it: 涉及财政性资金合计…, 一般公共预算当年拨款….
_FUNDS = r"(?:一般公共预算|财政拨款|财政性?|预算|当年|项目|资金|拨款|金额)+(?:共计|合计|共|为|是)*"
#: The first of a list in brackets.
_LISTED_AMOUNT = rf"(?:[^,;。:、\d()]|\([^()\d]{{1,6}}\)){{2,40}}?{NUMBER}(?:{UNIT})"
_WHOLE_BUDGET = "总体 收支 收入 支出"

STATEMENTS: tuple[Pattern, ...] = (
    *PIECES,
    # --- final accounts: what was budgeted and what was spent
    pattern(
        "B24-预算",
        "item",
        rf"(?:{NAME}{{2,40}}?(?=\d{{4}}年))?{YEAR}(?P<subject>(?!{_PLANNED}){NAME}{{2,60}}?)?{YEAR_AFTER}"
        rf"(?P<stage>{_PLANNED}|(?<!年初)(?<!全年)预算(?=数?[为是:]?{NUMBER}(?:{UNIT}),(?:\d{{4}}年度?)?(?:支出|收入)?决算))数?[为是:]?{money('amount')}",
    ),
    pattern(
        "B24-决算",
        "item",
        rf"(?:{NAME}{{2,40}}?(?=\d{{4}}年))?{YEAR}(?P<subject>(?!{_SPENT}){NAME}{{2,60}}?)?{YEAR_AFTER}(?P<stage>){_SPENT}数?[为是:]?{money('amount')}",
    ),
    # --- totals
    pattern(
        "B19",
        "total",
        rf"{_LEAD}(?:一般公共预算|财政拨款|安排|的)*(?P<metric>(?:事业(?:(?P<owner_inside>单位|部门)相关)?|机关)运行经费)(?:财政拨款|总预算)*"
        rf"{AMOUNT_WORDS}{money('amount')}",
    ),
    pattern(
        "B19-下属",
        "total",
        rf"{YEAR},?(?P<before>[我本](?:部门|单位)|[^,;。:、\d]{{0,40}}(?:{ORGAN}))(?:\([^()]{{1,12}}\))?[^,;。:\d]{{0,200}}?\d+[家个][^,;。:、]{{0,60}}?(?:的|财政拨款)+"
        rf"(?P<owner>)(?P<metric>机关运行经费)(?:财政拨款|总预算)*{AMOUNT_WORDS}{money('amount')}",
    ),
    pattern(
        "B25",
        "total",
        rf"{_LEAD}(?:一般公共预算|财政拨款|预算|安排|的)*(?P<metric>委托业务费)(?:财政拨款|总预算|总额)*{AMOUNT_WORDS}{money('amount')}",
    ),
    pattern(
        "B01",
        "total",
        rf"{_LEAD}(?P<metric>(?:{_STATE})?(?:财政拨款)?(?:(?:{_SUM}|经费)(?:预算|决算)?(?:总预算|总决算|总计|合计|总额)|(?:预算)?总(?:收入|支出)))"
        rf"(?:共)?{AMOUNT_WORDS}{money('amount')}",
    ),
    pattern(
        "B01-预算",
        "total",
        rf"{_BEFORE}(?P<year>\d{{4}})年度?,?{_OWNER}(?P<metric>(?:财政拨款)?{_SUM}预算){AMOUNT_WORDS}{money('amount')}",
    ),
    pattern(
        "B01-拨款预算",
        "total",
        rf"{_LEAD}(?P<metric>财政拨款(?:预算)?(?:收入|支出)){AMOUNT_WORDS}{money('amount')}",
        topic="财政拨款收支",
    ),
    pattern(
        "B01-本级",
        "total",
        rf"{_BEFORE}(?P<owner>)(?P<metric>(?:收支|收入|支出)预算){AMOUNT_WORDS}{money('amount')}",
        topic=_WHOLE_BUDGET,
    ),
    pattern(
        "B01-预算收支",
        "total",
        rf"{_LEAD}(?P<metric>预算(?:收入|支出)){AMOUNT_WORDS}{money('amount')}",
        topic=_WHOLE_BUDGET,
    ),
    pattern(
        "B01-部门预算",
        "total",
        rf"{_BEFORE}{YEAR}(?P<owner>{NAME}{{0,40}}?(?:{ORGAN})(?:\([^()]{{1,12}}\))?)(?P<metric>预算)(?:安排|总额|为|共)*{money('amount')}",
        topic="总体 收支 支出",
    ),
    pattern(
        "B09-总",
        "total",
        rf"{_LEAD}一般公共预算(?:当年)?(?:财政)?(?:拨款)?(?:安排)?的?(?:支出|(?<=拨款))(?:总?预算)?{AMOUNT_WORDS}{money('amount')}",
        metric="一般公共预算拨款支出",
        topic="一般公共预算支出",
    ),
    pattern(
        "B10-总",
        "total",
        rf"{_LEAD}(?:一般公共预算)?(?:财政)?(?:拨款)?(?:安排)?的?基本支出(?:总?预算)?{AMOUNT_WORDS}{money('amount')}",
        metric="一般公共预算基本支出",
        topic="基本支出",
    ),
    pattern(
        "B13-基金",
        "total",
        rf"(?P<before>{NAME}{{2,40}}?){YEAR},?{_OWNER}政府性基金(?:支出)?预算(?:当年)?(?:财政)?(?:拨款)?(?:支出)?{AMOUNT_WORDS}{money('amount')}",
        metric="政府性基金预算支出",
        topic="政府性基金",
    ),
    pattern(
        "B13-国资",
        "total",
        rf"(?P<before>{NAME}{{2,40}}?){YEAR},?{_OWNER}国有资本经营(?:支出)?预算(?:当年)?(?:财政)?(?:拨款)?(?:支出)?{AMOUNT_WORDS}{money('amount')}",
        metric="国有资本经营预算支出",
        topic="国有资本经营",
    ),
    pattern(
        "B11",
        "total",
        rf"{_LEAD}(?:通过|使用)?(?:一般公共预算|财政拨款)?(?:财政)?(?:拨款)?(?:安排)?的?{QUOTE}三公{QUOTE}经费(?:财政拨款)?(?:总预算)?"
        rf"{AMOUNT_WORDS}(?:共|合计)?{money('amount')}",
        metric="“三公”经费",
        subject="合计",
    ),
    pattern(
        "B14",
        "total",
        rf"{_LEAD}政府采购(?:支出)?(?:总预算|预算总)?{AMOUNT_WORDS}(?:\([^()]{{2,20}}\))?(?:共|为)*{money('amount')}",
        metric="政府采购预算",
        subject="合计",
    ),
    pattern(
        "B14-纳入",
        "total",
        rf"{_BEFORE}(?P<owner>)纳入(?P<year>\d{{4}})年(?:部门|单位)?预算的?政府采购项目(?:共有|共计|共|合计|为|有)*{money('amount')}",
        metric="政府采购预算",
        subject="合计",
    ),
    # --- items
    pattern(
        "B08",
        "item",
        rf"{YEAR}(?P<subject>{QUOTE}(?:(?!\d(?:{UNIT}))[^,;。:])*\(\d*(?P<depth>[类款项])\d*\)){QUOTE}(?:科目)?"
        rf"{YEAR_AFTER}{AMOUNT_WORDS}{money('amount')}",
    ),
    pattern(
        "B08-科目",
        "item",
        rf"[“\"](?P<subject>[^“”\",;。:\d]{{2,80}})[”\"]科目{YEAR_AFTER}{AMOUNT_WORDS}{money('amount')}",
        metric="支出（科目）",
    ),
    pattern(
        "B08-编码",
        "item",
        rf"(?P<subject>{NAME}{{2,40}}?\((?P<code>\d{{3}}|\d{{5}}|\d{{7}})\)){AMOUNT_WORDS}{money('amount')}",
    ),
    pattern(
        "B05",
        "item",
        rf"{YEAR}{OURS}(?:当年|全年)?(?P<subject>基本支出|项目支出|人员经费|(?:日常)?公用经费){YEAR_AFTER}{AMOUNT_WORDS}{money('amount')}",
    ),
    pattern(
        "B12-两费",
        "item",
        rf"{YEAR}(?P<subject>会议费|培训费){YEAR_AFTER}{AMOUNT_WORDS}{money('amount')}",
        metric="会议费和培训费",
        topic="三公 支出",
    ),
    pattern(
        "B12-拨款两费",
        "item",
        rf"(?:{NAME}{{2,40}}?(?:{ORGAN}))?(?:\([^()]{{1,12}}\))?{YEAR}{NAME}{{0,12}}?(?:预算拨款|财政拨款|一般公共预算)(?:安排的)?"
        rf"(?P<subject>会议费|培训费){AMOUNT_WORDS}{money('amount')}",
        metric="会议费和培训费",
        topic="三公",
    ),
    pattern(
        "B12",
        "item",
        rf"{YEAR}{OURS}(?:当年|全年|安排)?(?P<subject>{NAME}{{2,40}}?(?:费用|经费|费)){YEAR_AFTER}{AMOUNT_WORDS}{money('amount')}",
        topic="三公",
    ),
    pattern(
        "B14-采购",
        "item",
        rf"(?P<subject>(?:政府)?(?:集中|分散)采购){AMOUNT_WORDS}{money('amount')}",
        metric="政府采购预算（组织形式）",
    ),
    pattern(
        "B15-采购",
        "item",
        rf"(?:(?:政府采购|拟购买|拟采购)(?P<subject>(?:货物|工程|服务)(?:类|项目)?)|(?P<goods>(?:货物|工程|服务)(?:类|项目)?)采购){AMOUNT_WORDS}{money('amount')}",
        metric="政府采购预算（项目类型）",
    ),
    pattern(
        "B15",
        "item",
        rf"(?:政府采购|拟购买|拟采购)?(?P<subject>(?:货物|工程|服务)(?:类|项目)?)(?:项目)?(?:政府)?(?:采购)?{AMOUNT_WORDS}{money('amount')}",
        metric="政府采购预算（项目类型）",
        topic="政府采购",
    ),
    pattern(
        "B16",
        "item",
        rf"(?P<subject>{NAME}{{2,40}}?)安排的?(?:政府)?采购{AMOUNT_WORDS}{money('amount')}",
        metric="政府采购预算（资金来源）",
    ),
    pattern(
        "B16-预留",
        "item",
        rf"{YEAR}{OURS}(?:其中)?(?:专门)?(?:面向|预留给?)(?P<subject>中小企业|小微企业|小型和微型企业){NAME}{{0,16}}?{money('amount')}",
        metric="政府采购预算（预留份额）",
    ),
    pattern(
        "B17",
        "item",
        rf"涉及(?P<subject>[^,;。:\d]*?项目(?:支出)?)(?P<count>{COUNT})个,?(?:涉及)?(?:预算)?资金(?:共|为|合计)*{money('amount')}"
        r"(?=(?:[^\n]{0,300}?\((?P<exclusion>[^()]{2,20}除外)\))?)",
        metric="绩效目标管理",
    ),
    pattern(
        "B17-纳入",
        "item",
        rf"{YEAR}{OURS}(?P<subject>[^,;。:\d]{{0,40}}?(?:\d{{4}}年度?)?(?:项目(?:支出)?|绩效目标))(?:共计|共|有)*(?P<count>{COUNT})个[,、]?(?:涉及|安排)?{_FUNDS}{money('amount')}",
        metric="绩效目标管理",
        topic="绩效",
    ),
    pattern(
        "B17-共",
        "item",
        rf"{YEAR}{OURS}(?:{NAME}{{2,40}}?(?:{ORGAN}))?(?:共计|共|有)*(?P<count>{COUNT})个(?P<subject>{NAME}{{0,20}}?项目)"
        rf"(?:纳入|编报|实行)?(?:预算)?(?:绩效目标(?:管理)?)?,?涉及{_FUNDS}{money('amount')}",
        metric="绩效目标管理",
        topic="绩效",
    ),
    pattern(
        "B17-整体",
        "item",
        rf"{YEAR}(?:{NAME}{{2,40}}?(?:{ORGAN})(?:\([^()]{{1,12}}\))?)?{OURS}(?:实行|对)?(?P<subject>(?:整体|所有项目|全部项目|项目)支出)(?:预算)?"
        rf"(?:均|全部|全面)?(?:纳入|实行|实施)?{NAME}{{0,10}}?绩效(?:目标)?管理,?涉及{_FUNDS}{money('amount')}",
        metric="绩效目标管理（整体）",
        topic="绩效",
    ),
    pattern(
        "B17-金额",
        "item",
        rf"纳入(?:\d{{4}}年)?(?P<subject>{NAME}{{0,10}}?(?:整体|项目)支出)绩效目标的?金额(?:共|为|是)*{money('amount')}",
        metric="绩效目标管理（整体）",
    ),
    pattern(
        "B17-覆盖",
        "item",
        rf"(?:涉及)?(?P<subject>(?:当年)?(?:一般公共预算|政府性基金预算?|国有资本经营预算)(?:当年)?(?:财政)?拨款){money('amount')}",
        metric="绩效目标管理构成",
        topic="绩效",
    ),
    pattern(
        "B20-购置",
        "item",
        rf"{YEAR}{OURS}(?:预算)?(?:计划|安排|拟)*(?P<subject>购置(?:公务用车|车辆))(?P<count>[0-9]+)辆、{money('amount')}",
        metric="国有资产占用",
    ),
    pattern(
        "B20-设备",
        "item",
        rf"{YEAR}{NAME}{{0,30}}?(?P<subject>单(?:位|台|件)?价值?(?:在)?{NUMBER}(?:{UNIT})(?:\(含\)|及)?以上的?{NAME}{{0,30}}?(?:\(不含{NAME}{{1,10}}\))?)(?:共|为)?(?P<count>[0-9]+)(?:台|套|辆|件)"
        rf"(?:\((?:[台套辆件]|、)+\))?(?:、{money('amount')})?",
        metric="国有资产占用",
    ),
    # --- there is none
    pattern(
        "B13-设备",
        "nil",
        rf"{YEAR}(?:部门|单位)?(?:预算)?(?:没有|未安排)购置(?P<subject>(?:车辆[和及、])?单(?:位|台|件)?价值?{NUMBER}(?:{UNIT})(?:\(含\))?以上的?{NAME}{{0,20}}?设备)",
        metric="无数据声明",
    ),
    pattern(
        "B13",
        "nil",
        rf"(?:{NAME}{{2,40}}?(?=\d{{4}}年))?{YEAR}(?:{NAME}{{0,40}}?(?:{ORGAN}))?{YEAR_AFTER}"
        r"(?:没有|无(?!人机|线|偿|形|害|障碍)|未安排|未编制|不涉及|暂无)(?:使用|发生)?"
        rf"(?P<subject>(?![该此]){NAME}{{0,60}}?(?:预算(?!单位)|经费|支出|收入|采购|拨款|基金|服务){NAME}{{0,60}}?)"
        r"(?:安排|(?<=经费)预算(?:安排)?)?(?=[,;。]|$)",
        metric="无数据声明",
    ),
    # --- last: an item that is only a name and an amount
    pattern(
        "B12-承前",
        "item",
        rf"(?P<year>\d{{4}})年度?{AMOUNT_WORDS}{money('amount')}",
    ),
    pattern(
        "B03",
        "line",
        rf"{YEAR}{OURS}(?:当年|全年)?(?P<subject>{QUOTE}{NAME}{{1,40}}?(?:支出|收入|拨款|经费|费|费用|预算|资金|结转|结余|补助|基金|缴费|增资"
        rf"|采购|工资|公积金|年金|资产|资金余额)(?:\({NAME}{{1,12}}\))?)(?:安排|金额|总额|总计|预算数|为|是|:)*{money('amount')}",
    ),
    replace(
        pattern("B03-编号", "line", rf"(?P<subject>{NAME}{{2,40}}?){money('amount')}", topic="支出"), numbered=True
    ),
)

#: A name with one of these is a turn of phrase, not the name of an item.
NOT_A_NAME = re.compile(
    "增加|减少|增长|下降|同比|用于|除外|不含|(?<![元)])以上|左右|超过|共计|合计|涉及|划分|主要是|(?:和|及|约|近|达|追加)$|^(?:[()]|主要|含|拟|已|安排|因(?!公))"
)
#: What stands right before a total must own it: 一般公共预算收入总预算 and 基本支出总预算 are parts, not totals.
OWNER = re.compile(rf"(?:{ORGAN}|本级|政府|机关)(?:\([^()]{{1,12}}\))?$")

#: What stands between two pieces: punctuation, 其中, brackets around a list, and the numbers of items.
SEPARATOR = re.compile(
    rf"(?:[,;。:、!)]|\.(?!\d)|其中|\((?=其中|{_LISTED_AMOUNT})|(?:主要|具体)?包括:?(?={NAMED_AMOUNT})|\d{{1,2}}[.、](?!\d)|\((?:[一二三四五六七八九十]{{1,3}}|\d{{1,2}})\)|[一二三四五六七八九十]{{1,3}}、"
    r"|[一二三四五六七八九]是|[①-⒛])*"
)
#: Where a clause that no pattern understands ends; never inside a number, never at 、: half a list is no item.
CLAUSE_END = re.compile(rf"(?<!\d),|,(?!\d)|[;。:]|\((?=其中|{_LISTED_AMOUNT})|$")
