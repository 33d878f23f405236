"""Chinese words for what Datasette says in English: operators, conditions, order, kinds of findings."""

from __future__ import annotations

#: Datasette's lookup → what the form calls it, and how a sentence says it.
OPERATORS = {
    "exact": ("等于", "{c} = {v}"),
    "not": ("不等于", "{c} ≠ {v}"),
    "contains": ("包含", "{c} 包含“{v}”"),
    "endswith": ("以…结尾", "{c} 以“{v}”结尾"),
    "startswith": ("以…开头", "{c} 以“{v}”开头"),
    "gt": ("大于", "{c} > {v}"),
    "gte": ("大于或等于", "{c} ≥ {v}"),
    "lt": ("小于", "{c} < {v}"),
    "lte": ("小于或等于", "{c} ≤ {v}"),
    "like": ("形如（% 代表任意文字）", "{c} 形如“{v}”"),
    "notlike": ("不形如（% 代表任意文字）", "{c} 不形如“{v}”"),
    "glob": ("形如（* 代表任意文字）", "{c} 形如“{v}”"),
    "in": ("是其中之一（逗号分隔）", "{c} 是 {v} 之一"),
    "notin": ("不是其中任何一个（逗号分隔）", "{c} 不是 {v} 中的任何一个"),
    "arraycontains": ("列表含有", "{c} 含有“{v}”"),
    "arraynotcontains": ("列表不含", "{c} 不含“{v}”"),
    "date": ("日期是", "{c} 的日期是 {v}"),
    "isnull": ("没有值", "{c} 没有值"),
    "notnull": ("有值", "{c} 有值"),
    "isblank": ("空白", "{c} 空白"),
    "notblank": ("不空白", "{c} 不空白"),
}
#: Words of the data that are English for programs.
GLOSSES = {
    "结论": {"exact": "完全相符", "within_rounding": "舍入之内", "violated": "不符", "not_applicable": "不适用"},
    "严重程度": {"error": "错误", "warning": "警告", "info": "提示"},
}
#: Format of a download, what the link says, what it is for.
DOWNLOADS = (
    ("xlsx", "Excel", "Excel 工作簿：代码是文字，金额是数，附各列的说明；最多 20 万行"),
    ("excel.csv", "CSV（Excel 用）", "带 BOM，代码不会变成数，像公式的文字不会被执行"),
    ("csv", "CSV（程序用）", "UTF-8，没有 BOM，原样"),
    ("json", "JSON", "对象的数组"),
)
#: The downloads that a static site has as files.
STILL = {"excel.csv", "csv"}
_NUMBERS = {"amount", "fen", "rate", "rank", "integer"}


def operator_name(lookup: str, fallback: str) -> str:
    """Return what the form calls an operator."""
    return OPERATORS[lookup][0] if lookup in OPERATORS else fallback


def gloss(column: str, value: object) -> str:
    """Return the Chinese word for an English word of the data, empty where there is none."""
    return GLOSSES.get(column, {}).get(str(value), "")


def condition(column: str, lookup: str, value: str) -> str:
    """Return one condition as part of a sentence."""
    return OPERATORS[lookup][1].format(c=column, v=value)


def ordering(column: str, kind: str, *, descending: bool) -> str:
    """Return the order as part of a sentence: `按 合计 从大到小`."""
    if kind in _NUMBERS:
        return f"按 {column} 从{'大到小' if descending else '小到大'}"
    return f"按 {column} {'倒序' if descending else '顺序'}"
