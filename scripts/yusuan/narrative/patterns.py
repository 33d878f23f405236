"""Everything the narrative is recognised by: one table of patterns per kind of text, in the order tried.

To teach yusuan a new wording, change or add one line here and a case in tests/test_narrative.py.
All patterns see the matching form of `matching.to_matching`: half-width punctuation (except 。、“”),
no blanks. The named groups of a pattern are what it yields:

    amount, change, prior      money; the unit is in the group of the same name with `_unit`
    rate, share                percentages
    share_of, subject, metric  names as printed
    direction                  a key of DIRECTIONS
    reason, usage, scope       texts as printed
    count                      a whole number, in digits or Chinese numerals
    year, year_after           must be the year of the document, or the statement is not understood
    prior_year                 must be the year before it
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from yusuan.values import MONEY_UNITS

# ------------------------------------------------------------------------------------ fragments

NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]{1,6})?"
COUNT = r"[0-9]+|[一二两三四五六七八九十百]+"
_UNIT = "|".join(sorted(MONEY_UNITS, key=len, reverse=True))
_YEAR = r"(?:(?P<year>\d{4})年度?)?"
_YEAR_AFTER = r"(?:(?P<year_after>\d{4})年度?)?"
_PRIOR_YEAR = r"(?:上年|去年|上一年|(?P<prior_year>\d{4})年)度?"
#: How the name of an organisation ends: 我单位, 本局, 某某市某某中心.
_ORGAN = "单位|部门|局|委|会|中心|院|所|校|学|站|馆|办|厅|处|队|团|社|台|园|场|镇|乡|街道|公司|厂|库|署|室|部|组"
_OURS = rf"(?:[我本](?:{_ORGAN})|单位(?!资金|结余)|部门)?"
_QUOTE = "[“”\"'‘’]?"
#: What may stand between a name and its amount without being part of the name.
_AMOUNT_WORDS = r"(?:支出|预算|安排|年初|当年|总额|金额|数|额|为|是|:)*"
#: What a comparison is made with: 2025年当年预算执行数, 上年年初预算数.
_BASIS_WORDS = r"(?:年初|当年|同期|部门|单位|预算|执行|决算|完成|批复|调整|安排|实际|支出|数|额|为|是|的)*"
_BASIS = rf"(?:(?:同比|环比)(?:上年)?|(?:比|较|与|同){_PRIOR_YEAR}{_BASIS_WORDS}(?:相比|比较|比)?,?)?"

#: Printed words of change and what they mean; None means "changed", without saying which way.
DIRECTIONS = {
    **dict.fromkeys(("增加", "增长", "上升", "提高", "增幅"), "增加"),
    **dict.fromkeys(("减少", "下降", "降低", "压减", "压缩", "降幅"), "减少"),
    **dict.fromkeys(("持平", "一致", "相同", "无变化", "无变动", "没有变化", "没有变动", "不变", "零增长"), "持平"),
    **dict.fromkeys(("无增减变化", "无增减变动", "没有增减变化", "没有增减变动"), "持平"),
    **dict.fromkeys(("增减变化", "增减变动", "变动", "变化"), None),
}
_CHANGED = rf"(?P<direction>{'|'.join(word for word, way in DIRECTIONS.items() if way in {'增加', '减少'})})"
_FLAT = rf"(?:保持)?(?P<direction>{'|'.join(word for word, way in DIRECTIONS.items() if way == '持平')})"
_CHANGED_ANYHOW = rf"(?P<direction>{'|'.join(DIRECTIONS)})"


def _money(name: str) -> str:
    return rf"(?P<{name}>(?<![\d.,-]){NUMBER})(?P<{name}_unit>{_UNIT})"


#: Any amount of money, or the X of a template that nobody filled in.
MONEY = re.compile(rf"(?:{NUMBER}|[XxX×*_]+)(?:{_UNIT})(?!素|旦|器件|月|宵)")

# Where a reason or a usage ends: at the full stop, or where the next statement visibly begins.
_TEXT_END = (
    rf"(?=。|$|;(?=[^。;]*{NUMBER}(?:{_UNIT}))(?![二三四五六七八九十]是)"
    rf"|,(?:同比|(?:比|较|与|同)(?:上年|去年|\d{{4}}年))[^,;。]*?(?:增|减|升|降|持平)"
    rf"|,(?:增加|减少|变动|变化)?的?(?:主要)?原因)"
)

# ---------------------------------------------------------------------------------- statements

Kind = Literal["amend", "reason", "recall", "total", "item", "nil", "breakdown", "cause"]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way a statement or a piece of one is worded.

    kind `total`      opens a statement about the whole of something; `subject` None means the owner named
                      in the sentence (单位, 部门, an organisation), 合计 where nobody is named
         `item`       opens a statement about one line; `metric` None means the metric of the topic
         `nil`        opens a statement that there is none
         `cause`      opens a statement that only gives the reason of a total
         `breakdown`  says how the following items are divided: `metric` is the breakdown
         `amend`      adds to the statement that is open
         `reason`     adds a reason to the statement it names, else to the open one, else stands alone
         `recall`     opens a statement made before again: “三公”经费预算比上年减少…
    """

    id: str
    kind: Kind
    regex: re.Pattern[str]
    metric: str | None = None
    subject: str | None = None
    topic: str | None = None


def _pattern(id_: str, kind: Kind, regex: str, **rest: str) -> Pattern:
    return Pattern(id_, kind, re.compile(regex), **rest)


_LEAD = rf"(?P<before>[^,;。:、\d]{{0,40}}?){_YEAR}(?P<owner>[^,;。:、\d]{{0,40}}?)"
_DIVIDED = "(?:分类)?(?:科目)?(?:来)?(?:划分|分类|分)"
_REASON = rf"[:,]*(?P<reason>[^。]+?)(?:(?=,主要用于)|{_TEXT_END})"
_NAME = r"[^,;。:、\d]"

STATEMENTS: tuple[Pattern, ...] = (
    # --- pieces that belong to the statement before them
    _pattern("B05-占比", "amend", rf"\(?占(?P<share_of>[^,;。:%]*?)的?(?:比[重例])?为?(?P<share>{NUMBER})%\)?"),
    _pattern("B11-上年", "amend", rf"\(?(?:比|较|与|同)?{_PRIOR_YEAR}{_BASIS_WORDS}{_money('prior')}\)?"),
    _pattern("B01-变动额", "amend", rf"\(?{_BASIS}{_CHANGED}(?:了|数|额|为)*{_money('change')}\)?"),
    _pattern("B01-变动率", "amend", rf"\(?{_BASIS}{_CHANGED}(?:了|率|为)*(?P<rate>{NUMBER})%\)?"),
    _pattern(
        "B12-持平",
        "amend",
        rf"\(?{_BASIS}{_FLAT}\)?",
    ),
    _pattern("B08-范围", "amend", r"(?P<scope>(?:全部|均|全)为(?:基本|项目)支出)"),
    # --- reasons
    _pattern(
        "B04",
        "cause",
        rf"{_YEAR}{_OURS}(?P<subject>(?:收支|收入|支出)预算总体){_CHANGED_ANYHOW}的?(?:主要)?原因(?:是|为)?{_REASON}",
        metric="变动原因",
    ),
    _pattern(
        "B07-原因",
        "reason",
        rf"(?:(?:\d{{4}}年度?)?{_OURS}(?P<of>{_NAME}{{0,40}}?){_CHANGED_ANYHOW}的?)?"
        rf"(?:具体|主要)?原因(?:是|为|在于|如下)?(?:由于|因为)?{_REASON}",
    ),
    _pattern("B07-由于", "amend", rf"主要(?:是|系)?(?:由于|因为|因|是|系){_REASON}"),
    _pattern(
        "B11-回指",
        "recall",
        rf"(?:\d{{4}}年度?)?{_OURS}(?P<of>{_NAME}{{2,40}}?)(?=(?:同比|(?:比|较|与|同)(?:上年|去年|\d{{4}}年)))",
    ),
    # --- how the following items are divided
    _pattern("B02-收入", "breakdown", r"收入(?:预算)?(?:具体|主要)?(?:包括|构成)(?::|为|如下)*", metric="收入构成"),
    _pattern("B02-支出", "breakdown", r"支出(?:预算)?(?:具体|主要)?(?:包括|构成)(?::|为|如下)*", metric="支出构成"),
    _pattern(
        "B06",
        "breakdown",
        rf"按(?:支出)?功能{_DIVIDED}(?:,?(?:共|可)?分为(?P<count>{COUNT})(?:大)?类)?",
        metric="功能分类·类",
        subject="支出功能分类",
    ),
    _pattern("B05-结构", "breakdown", rf"按支出(?:结构|用途|性质){_DIVIDED}", metric="结构"),
    _pattern("B14-组织形式", "breakdown", rf"按(?:政府)?采购(?:组织)?形式{_DIVIDED}", metric="组织形式"),
    _pattern(
        "B15-项目类型",
        "breakdown",
        rf"按(?:政府)?采购(?:项目)?(?:类型|类别|品目|对象)(?:{_DIVIDED})?",
        metric="项目类型",
    ),
    _pattern(
        "B16-资金来源",
        "breakdown",
        rf"按(?:政府)?(?:采购)?资金(?:来源|性质|类型)(?:{_DIVIDED})?",
        metric="资金来源",
    ),
    # --- what something is for
    _pattern(
        "B08-用途",
        "amend",
        rf"(?:(?:主要)?用于|(?:主要|具体)包括|主要为|包括)+[:,]*(?:主要用于)*[:,]*(?P<usage>[^。]+?){_TEXT_END}",
    ),
    # --- totals
    _pattern(
        "B19",
        "total",
        rf"{_LEAD}(?P<metric>(?:事业(?:(?P<owner_inside>单位|部门)相关)?|机关)运行经费)(?:财政拨款|总预算)*"
        rf"{_AMOUNT_WORDS}{_money('amount')}",
    ),
    _pattern(
        "B01",
        "total",
        rf"{_LEAD}(?P<metric>(?:财政拨款)?(?:(?:收支|收入|支出|经费)(?:预算)?(?:总预算|总计|合计|总额)|(?:预算)?总(?:收入|支出)))(?:共)?{_AMOUNT_WORDS}{_money('amount')}",
    ),
    _pattern(
        "B01-预算",
        "total",
        rf"(?P<before>[^,;。:、\d]{{0,40}}?)(?P<year>\d{{4}})年度?(?P<owner>[^,;。:、\d]{{0,40}}?)"
        rf"(?P<metric>(?:财政拨款)?(?:收支|收入|支出)预算){_AMOUNT_WORDS}{_money('amount')}",
    ),
    _pattern(
        "B09-总",
        "total",
        rf"{_LEAD}一般公共预算(?:财政)?(?:拨款)?(?:安排)?的?支出(?:总?预算)?{_AMOUNT_WORDS}{_money('amount')}",
        metric="一般公共预算拨款支出",
        topic="一般公共预算支出",
    ),
    _pattern(
        "B10-总",
        "total",
        rf"{_LEAD}(?:一般公共预算)?(?:财政)?(?:拨款)?(?:安排)?的?基本支出(?:总?预算)?{_AMOUNT_WORDS}{_money('amount')}",
        metric="一般公共预算基本支出",
        topic="基本支出",
    ),
    _pattern(
        "B11",
        "total",
        rf"{_LEAD}(?:一般公共预算|财政拨款)?(?:财政)?(?:拨款)?(?:安排)?的?{_QUOTE}三公{_QUOTE}经费(?:财政拨款)?(?:总预算)?"
        rf"{_AMOUNT_WORDS}{_money('amount')}",
        metric="“三公”经费",
        subject="合计",
    ),
    _pattern(
        "B14",
        "total",
        rf"{_LEAD}政府采购(?:支出)?(?:总预算)?{_AMOUNT_WORDS}{_money('amount')}",
        metric="政府采购预算",
        subject="合计",
    ),
    # --- items
    _pattern(
        "B08",
        "item",
        rf"{_YEAR}(?P<subject>{_QUOTE}(?:(?!\d(?:{_UNIT}))[^,;。:])*\(\d*(?P<depth>[类款项])\d*\)){_QUOTE}"
        rf"{_YEAR_AFTER}{_AMOUNT_WORDS}{_money('amount')}",
    ),
    _pattern(
        "B05",
        "item",
        rf"{_YEAR}{_OURS}(?P<subject>基本支出|项目支出|人员经费|(?:日常)?公用经费){_YEAR_AFTER}{_AMOUNT_WORDS}{_money('amount')}",
    ),
    _pattern(
        "B12-两费",
        "item",
        rf"{_YEAR}(?P<subject>会议费|培训费){_YEAR_AFTER}{_AMOUNT_WORDS}{_money('amount')}",
        metric="会议费和培训费",
        topic="三公",
    ),
    _pattern(
        "B12",
        "item",
        rf"{_YEAR}{_OURS}(?P<subject>{_NAME}{{2,40}}?(?:费用|经费|费)){_YEAR_AFTER}{_AMOUNT_WORDS}{_money('amount')}",
        topic="三公",
    ),
    _pattern(
        "B14-采购",
        "item",
        rf"(?P<subject>(?:政府)?(?:集中|分散)采购){_AMOUNT_WORDS}{_money('amount')}",
        metric="政府采购预算（组织形式）",
    ),
    _pattern(
        "B15",
        "item",
        rf"(?:政府采购)?(?P<subject>(?:货物|工程|服务)(?:类|项目)?)(?:政府)?(?:采购)?{_AMOUNT_WORDS}{_money('amount')}",
        metric="政府采购预算（项目类型）",
        topic="政府采购",
    ),
    _pattern(
        "B16",
        "item",
        rf"(?P<subject>{_NAME}{{2,40}}?)安排的?(?:政府)?采购{_AMOUNT_WORDS}{_money('amount')}",
        metric="政府采购预算（资金来源）",
    ),
    _pattern(
        "B16-预留",
        "item",
        rf"(?:其中)?(?:专门)?(?:面向|预留给?)(?P<subject>中小企业|小微企业){_NAME}{{0,16}}?{_money('amount')}",
        metric="政府采购预算（预留份额）",
    ),
    _pattern(
        "B17",
        "item",
        rf"涉及(?P<subject>[^,;。:\d]*?项目)(?P<count>{COUNT})个,?(?:涉及)?(?:预算)?资金(?:共|为|合计)*{_money('amount')}"
        r"(?=(?:[^\n]*?\((?P<exclusion>[^()]{2,20}除外)\))?)",
        metric="绩效目标管理",
    ),
    _pattern(
        "B17-纳入",
        "item",
        rf"{_YEAR}{_OURS}(?P<subject>[^,;。:\d]*?项目)(?P<count>{COUNT})个,?(?:涉及|安排)?"
        rf"(?:一般公共预算|财政拨款|财政|预算|当年|资金|拨款)+(?:共|为|合计)*{_money('amount')}",
        metric="绩效目标管理",
        topic="绩效",
    ),
    _pattern(
        "B20-设备",
        "item",
        rf"(?P<subject>单(?:位|台|件)?价值?{NUMBER}(?:{_UNIT})(?:\(含\)|及)?以上的?{_NAME}*?)(?:共|为)?(?P<count>[0-9]+)(?:台|套|辆|件)"
        r"(?:\(套\))?",
        metric="国有资产占用",
    ),
    # --- there is none
    _pattern(
        "B13",
        "nil",
        rf"(?:{_NAME}{{2,40}}?(?=\d{{4}}年))?{_YEAR}(?:{_NAME}{{0,40}}?(?:{_ORGAN}))?{_YEAR_AFTER}"
        r"(?:没有|无(?!人机|线|偿|形|害|障碍)|未安排|未编制|不涉及|暂无)(?:使用)?"
        rf"(?P<subject>{_NAME}*?(?:预算|经费|支出|收入|采购|拨款|基金|服务){_NAME}*?)"
        r"(?:安排|(?<=经费)预算(?:安排)?)?(?=[,;。]|$)",
        metric="无数据声明",
    ),
    # --- last: an item that is only a name and an amount
    _pattern(
        "B12-承前",
        "item",
        rf"(?P<year>\d{{4}})年度?{_AMOUNT_WORDS}{_money('amount')}",
    ),
    _pattern(
        "B03",
        "item",
        rf"{_YEAR}{_OURS}(?P<subject>{_QUOTE}{_NAME}{{1,40}}?(?:支出|收入|拨款|经费|费|费用|预算|资金|结转|结余|补助|基金|缴费"
        rf"|采购|工资|公积金|年金|资产)(?:\({_NAME}{{1,12}}\))?)(?:安排|为|是|:)*{_money('amount')}",
    ),
)

#: A name with one of these is a turn of phrase, not the name of an item.
NOT_A_NAME = re.compile("增加|减少|增长|下降|同比|用于|除外|不含|以上|左右|超过|共计|合计|涉及|和$|及$")
#: What stands right before a total must own it: 一般公共预算收入总预算 and 基本支出总预算 are parts, not totals.
OWNER = re.compile(rf"(?:{_ORGAN}|本级|政府|机关)$")

#: What stands between two pieces: punctuation, 其中, and the numbers of items.
SEPARATOR = re.compile(
    r"(?:[,;。:、!]|\.(?!\d)|其中|\d{1,2}[.、](?!\d)|\((?:[一二三四五六七八九十]{1,3}|\d{1,2})\)|[一二三四五六七八九十]{1,3}、"
    r"|[一二三四五六七八九]是|[①-⒛])*"
)
#: Where a clause that no pattern understands ends; never inside a number, never at 、: half a list is no item.
CLAUSE_END = re.compile(r"(?<!\d),|,(?!\d)|[;。:]|$")
SENTENCE_END = re.compile(r"[。;]|$")

# ------------------------------------------------------------- establishment, offices, vehicles

#: B21. A paragraph about staff; its clauses are read with STAFF.
STAFF_PARAGRAPH = re.compile(rf"(?:编制|职数|实有|在职|在编)[^,;。:\d]{{0,12}}?(?:{COUNT})(?:名|人)")
_STAFF_LEAD = (
    rf"(?:其中:?|截至)?(?:\d{{4}}年(?:\d{{1,2}}月)?(?:\d{{1,2}}日|末|底)?)?(?:[我本](?:{_ORGAN}))?"
    r"(?:(?:单位|部门)?人员(?!经费|总数|编制|\d))?(?:共有|现有|共)?"
)
#: The clause of staff that counts everybody in post.
STAFF_TOTAL = re.compile("实有|在职|在编|现有")
STAFF = (
    (
        "职数",
        re.compile(
            rf"{_STAFF_LEAD}(?P<item>(?P<group>[^\d]*?领导)(?:核定)?(?:领导)?职数)(?:为|共)?(?P<count>{COUNT})(?P<unit>名|人|个)"
        ),
    ),
    (
        "编制",
        re.compile(
            rf"{_STAFF_LEAD}(?P<item>[^\d]*?(?:编制|职数)(?:数|人数)?)(?:为|共)?(?P<count>{COUNT})(?P<unit>名|人|个)"
        ),
    ),
    ("设", re.compile(rf"(?:核定|核)?设(?P<item>[^\d]+?)(?P<count>{COUNT})(?P<unit>名|人|个)")),
    ("实配", re.compile(rf"实配(?:备)?(?:有)?(?P<item>[^\d]+?)(?P<count>{COUNT})(?P<unit>名|人|个)")),
    ("其余", re.compile(r"(?P<printed>其余|其他)(?:人员)?(?:均|都|全部)?(?:为|是)(?P<item>[^\d]+)")),
    ("另有", re.compile(rf"(?:另有|还有)?(?P<count>{COUNT})(?P<unit>个|名|位)(?P<item>[^\d]+)")),
    ("实有", re.compile(rf"{_STAFF_LEAD}(?P<item>[^\d]+?)(?:为|共)?(?P<count>{COUNT})(?P<unit>名|人)")),
)

#: B20, B21. A count of vehicles, and what they are (均为…).
VEHICLES = re.compile(
    rf"(?:其中)?(?:\d{{4}}年(?:末|底|度)?)?(?:[我本](?:{_ORGAN})|单位|部门)?(?P<item>[^,;。:、\d]*?)(?:为|共)?"
    rf"(?P<count>{COUNT})(?P<unit>辆)(?:,?(?:均|全部|都)(?:为|是)(?P<kind>[^,;。:、\d]+))?"
)
BARE_VEHICLES = re.compile(r"(?:实有|现有|共有|编制|保有|购置)(?:数|量)?$")

#: B22. The sentence in front of the offices; `names` where they are listed in it.
OFFICES = re.compile(
    rf"(?:下设|内设|设有|设)(?:职能|内部)?(?:机构)?[^,;。:\d]{{0,4}}?(?P<count>{COUNT})个(?:职能|内设|内部|职能型)?"
    r"(?:科室|处室|机构|部门|股室|[科室处股])(?:(?:,?即|,?分别[为是]|,?包括|,?具体为)?[:,]?(?P<names>[^。;:]+))?"
)
OFFICE = re.compile(r"(?P<name>[^。:,;]{2,30})(?:[。:,](?P<duties>.+))?")

#: B23. A term and its definition, after the number.
TERM = re.compile(r"(?P<term>[^。,;:]{2,40}?)(?::|,?(?=是?指))(?P<definition>.+)")

#: B18. The header of the table of key projects: which column is which.
PROJECT_HEADER = (
    ("项目名称", re.compile(r"^项目(?:名称)?$")),
    (
        "预算数",
        re.compile(
            rf"^(?:项目)?(?:年初|本年)?(?:预算|资金|金额)(?:数|额|金额|安排|资金|总额)*(?:单位)?(?P<unit>{_UNIT})?$"
        ),
    ),
    ("绩效目标", re.compile(r"^(?:年度|项目|总体|预算)*(?:绩效目标|目标)(?:内容|说明)?$")),
)
#: 表12 also names projects, budgets and goals, but beside them it has codes and indicators.
MAX_PROJECT_COLUMNS = 5
