"""Sentences that compare two amounts by themselves, although nobody could tell whose they are.

A sentence that contradicts the item it stands under is no fact; but last year's amount, this year's and the rate between
them stand in it together, and either fit or do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from yusuan.checks.arithmetic import Figure, percentage, printed, total
from yusuan.checks.evaluation import Evaluation, violated
from yusuan.checks.evidence import Row
from yusuan.narrative.fragments import MONEY, RATE_CHANGED, money
from yusuan.rulebook import Rule
from yusuan.values import parse_amount, plain, to_wan

_COMPARED = re.compile(
    rf"(?P<before>\d{{4}})年度?[^,;。\d]{{0,12}}(?:执行数|预算数|预算|决算数)(?:为|是)?{money('prior')},"
    rf"(?P<now>\d{{4}})年度?[^,;。\d]{{0,8}}预算[^,;。\d]{{0,6}}?{money('amount')},"
    rf"(?:比|较)(?P=before)年[^,;。\d]{{0,16}}{RATE_CHANGED}(?:了|率|为)*(?P<rate>\d+(?:\.\d+)?)%[。;]?"
)
_TWO = 2


def check_restated(rule: Rule, unread: Sequence[Row]) -> Iterator[Evaluation]:
    """Yield the comparisons that do not hold among sentences that were not understood otherwise."""
    for row in unread:
        sentence = plain(str(row.get("原文") or "")).replace(" ", "")
        match = _COMPARED.search(sentence)
        if match is None or len(re.findall(MONEY, sentence)) != _TWO or int(match["now"]) != int(match["before"]) + 1:
            continue
        evaluation = _judge(rule, row, match)
        if evaluation is not None:
            yield evaluation


def _judge(rule: Rule, row: Row, match: re.Match[str]) -> Evaluation | None:
    prior, amount, stated = _figure(match, "prior"), _figure(match, "amount"), parse_amount(match["rate"])
    if prior is None or amount is None or stated is None:
        return None
    change = total([amount, -prior])
    verdict = percentage(stated if match["rate_direction"] in _UP else -stated, change, prior)
    if verdict is None or verdict.grade != "violated":
        return None
    really = 100 * change.value / prior.value
    text = f"正文“{row.get('原文')}”：印作{match['rate_direction']} {stated}%，两个数之间实为 {really:+.2f}%"
    place: dict[str, Any] = {"line": row.get("首行"), "page": row.get("页")}
    return violated(rule.id, text, printed=f"{stated}%", expected=f"{really:+.2f}%", **place)


_UP = frozenset({"增加", "增长", "上升", "提高", "增幅"})


def _figure(match: re.Match[str], name: str) -> Figure | None:
    value = parse_amount(match[name])
    return None if value is None else printed(to_wan(value, match[f"{name}_unit"]))
