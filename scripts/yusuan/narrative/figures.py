"""What is said of one amount: a statement and its values, or a sentence that was not understood."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, NamedTuple

from yusuan.model import Value
from yusuan.narrative.fragments import BASES, DIRECTIONS, PLACEHOLDER, SENTENCE_END
from yusuan.narrative.matching import MatchingText
from yusuan.narrative.outline import Passage
from yusuan.values import parse_amount, parse_numeral, to_wan

#: What is quoted of a sentence reaches no further than this: a text without a full stop is not quoted whole each time.
_LONGEST = 2000
_MONEY = ("amount", "change", "prior")
_PERCENT = ("rate", "share", "done")
_TRAILING = "；;，,"
_TEXT = ("share_of", "reason", "usage", "scope")


class Unread(NamedTuple):
    """A sentence with an amount that was not (or not wholly) understood, and where its paragraph begins.

    `kind` says whether a template left a placeholder in it; `amounts` are those printed and not understood.
    """

    text: str
    line: int | None
    kind: Literal["unread", "placeholder"] = "unread"
    page: int | None = None
    amounts: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Statement:
    """What the document says about one amount; amounts in 万元, percentages as printed, None where unsaid."""

    passage: Passage
    start: int
    end: int
    metric: str
    subject: str | None
    values: dict[str, Value] = field(default_factory=dict)

    @property
    def is_compared(self) -> bool:
        """Say whether the statement names a change, so that a reason can be given for it."""
        return bool(self.values.keys() & {"direction", "rate_direction", "about"})

    def sentence(self) -> str:
        """Return the sentence, or the sentences, of the paragraph that make the statement, as printed."""
        return sentence_around(self.passage.text, self.start, self.end)


def sentence_around(text: MatchingText, start: int, end: int) -> str:
    """Return the printed sentence, or sentences, that hold the characters from `start` to `end`."""
    first = max(0, start - _LONGEST)
    begin = max(first - 1, *(text.form.rfind(mark, first, start) for mark in "。;")) + 1
    if stop := SENTENCE_END.search(text.form, end, end + _LONGEST):
        end = stop.end()
    return text.printed_between(begin, end)


def read_values(text: MatchingText, match: re.Match[str]) -> dict[str, Value]:
    """Return the values in the named groups of a match on `text`; nothing for what is not printed."""
    groups = {name: found for name, found in match.groupdict().items() if found}
    values: dict[str, Value] = {name: _wan(groups, name) for name in _MONEY if name in groups}
    values |= {name: _number(groups[name]) for name in _PERCENT if name in groups}
    values |= {name: text.printed_between(*match.span(name)).rstrip(_TRAILING) for name in _TEXT if name in groups}
    if "amount" in groups:
        values["unit"] = groups["amount_unit"]
    for name in ("direction", "rate_direction"):
        if direction := DIRECTIONS.get(groups.get(name, "")):
            values[name] = direction
    if basis := next((found for word, found in BASES if word in groups.get("basis", "")), None):
        values["basis"] = basis
    if "about" in groups:  # 基本持平 says neither that nothing changed nor by how much
        values["about"] = groups["about"]
        values.pop("direction", None)
    if "count" in groups:
        values["count"] = parse_numeral(groups["count"])
    if "exclusion" in groups:
        values["scope"] = f"项目{values['count']}个（{text.printed_between(*match.span('exclusion'))}）"
    _settle_reason(match, values)
    return values


def _settle_reason(match: re.Match[str], values: dict[str, Value]) -> None:
    """Mark a reason that is announced and not given: nothing follows, or only what a template left behind."""
    announced = match.groupdict().get("unexplained") is not None
    if announced or ("reason" in values and PLACEHOLDER.fullmatch(str(match["reason"]))):
        values.pop("reason", None)
        values["unexplained"] = "是"


def _wan(groups: dict[str, str], name: str) -> Decimal:
    return to_wan(_number(groups[name]), groups[f"{name}_unit"])


def _number(text: str) -> Decimal:
    """Return a number that a pattern has already recognised as one."""
    number = parse_amount(text)
    if number is None:
        raise ValueError(text)
    return number
