"""The words that sentences are made of: numbers, money, years, comparisons, what templates leave behind.

Everything here is a piece of a regular expression over the matching form of `matching.to_matching`:
half-width punctuation (except 。、“”), no blanks. `patterns` and `inventory` put the pieces together.
"""

from __future__ import annotations

import re

from yusuan.values import MONEY_UNITS

NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]{1,6})?"
COUNT = r"[0-9]+|[一二两三四五六七八九十百]+"
UNIT = "|".join(sorted(MONEY_UNITS, key=len, reverse=True))
YEAR = r"(?:(?P<year>\d{4})年度?)?"
YEAR_AFTER = r"(?:(?P<year_after>\d{4})年度?)?"
PRIOR_YEAR = r"(?:上一?年|去年|(?P<prior_year>\d{4})年)度?"
#: How the name of an organisation ends: 我单位, 本局, 某某市某某中心.
ORGAN = "单位|部门|局|委|会|中心|院|所|校|学|站|馆|办|厅|处|队|团|社|台|园|场|镇|乡|街道|公司|厂|库|署|室|部|组"
OURS = rf"(?:[我本](?:{ORGAN})|单位(?!资金|结余|预留)|部门)?"
QUOTE = "[“”\"'‘’]?"
#: What may stand between a name and its amount without being part of the name.
AMOUNT_WORDS = r"(?:支出|决算|预算|安排|年初|当年|总额|金额|数|额|为|是|:)*"
#: A character of a name.
NAME = r"[^,;。:、\d]"

# What a comparison is made with: 2025年当年预算执行数, 上年年初预算数, 2025年财政拨款“三公”经费年初预算.
BASIS_WORDS = (
    rf"(?P<basis>(?:年初|当年|同期|部门|单位|预算|执行|决算|完成|批复|调整|安排|实际|财政拨款|一般公共预算|{QUOTE}三公{QUOTE}经费"
    r"|支出|数|额|为|是|的)*)"
)
BASIS = rf"(?:(?:同比|环比)(?:上年)?|(?:比|较|与|同){PRIOR_YEAR}{BASIS_WORDS}(?:相比|比较|比)?,?)?"
#: The words of a basis and what they say it is; the first that is found counts.
BASES = (("决算", "决算"), ("执行", "执行数"), ("完成", "执行数"), ("预算", "预算"))

#: Printed words of change and what they mean; None means "changed", without saying which way.
DIRECTIONS = {
    **dict.fromkeys(("增加", "增长", "上升", "提高", "增幅"), "增加"),
    **dict.fromkeys(("减少", "下降", "降低", "压减", "压缩", "降幅", "减幅"), "减少"),
    **dict.fromkeys(
        ("持平", "一致", "相同", "相等", "无变化", "无变动", "没有变化", "没有变动", "不变", "零增长"), "持平"
    ),
    **dict.fromkeys(("无增减变化", "无增减变动", "没有增减变化", "没有增减变动", "无增减"), "持平"),
    **dict.fromkeys(("增减变化", "增减变动", "变动", "变化"), None),
}


def _words(*ways: str | None) -> str:
    return "|".join(sorted((word for word, way in DIRECTIONS.items() if way in ways), key=len, reverse=True))


CHANGED = rf"(?P<direction>{_words('增加', '减少')})"
RATE_CHANGED = rf"(?P<rate_direction>{_words('增加', '减少')})"
FLAT = rf"(?:保持)?(?P<about>基本|大致)?(?P<direction>{_words('持平')})"
CHANGED_ANYHOW = rf"(?P<direction>{_words('增加', '减少', '持平', None)})"


def money(name: str) -> str:
    """Return the pattern of an amount of money in the groups `name` and `name_unit`."""
    return rf"(?P<{name}>(?<![\d.,-]){NUMBER})(?P<{name}_unit>{UNIT})"


# What a template leaves behind where nobody filled it in: XX万元, ×个, 增加（减少）, 增长/下降, ____.
_EITHER = "增加|增长|上升|提高|增|减少|下降|降低|减|持平"
PLACEHOLDER = re.compile(
    rf"(?<![0-9A-Za-z])(?:[Xx×]{{2,}}|[Xx×*_]+(?=(?:{UNIT})|[%年个台辆套项名人]))(?![0-9A-Za-z])|_{{2,}}|[*]{{3,}}|○{{2,}}"
    rf"|(?:{_EITHER})(?:\((?:或|/)?(?:{_EITHER})\)|/(?:{_EITHER}))"
)
#: Any amount of money, or the X of a template that nobody filled in.
MONEY = re.compile(rf"(?:{NUMBER}|[XxX×*_]+)(?:{UNIT})(?!素|旦|器件|月|宵)")
SENTENCE_END = re.compile(r"[。;]|$")
