"""Performance indicator cells to single indicators: `维护次数(≥4次) 完好率(≥90%)` are two."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

_OPEN, _CLOSE = "(（[【", ")）]】"
_OPERATORS = {
    ">=": "≥",
    "≧": "≥",
    "＞=": "≥",
    "<=": "≤",
    "≦": "≤",
    "＜=": "≤",
    "＞": ">",
    "＜": "<",
    "＝": "=",
    "==": "=",
}
_TARGET = re.compile(r"(?P<operator>≥|≤|=|<|>)?\s*(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)\s*(?P<unit>[^\d\s]{0,8})")


class Indicator(NamedTuple):
    """One indicator: name, target as printed, and for a quantitative one operator, number and unit of measure."""

    name: str
    target: str | None
    operator: str | None = None
    number: Decimal | None = None
    unit: str | None = None


def split_indicators(text: str) -> list[Indicator]:
    """Return the indicators of one cell in order.

    They are separated by blanks, semicolons or line ends after a closing bracket outside all brackets:
    names hold 、 and /, targets hold any text.
    """
    return [_indicator(piece) for piece in _pieces(text)]


def _pieces(text: str) -> Iterator[str]:
    depth, start = 0, 0
    for i, char in enumerate(text):
        depth += (char in _OPEN) - (char in _CLOSE and depth > 0)
        closed = depth == 0 and i > 0 and text[i - 1] in _CLOSE
        if (closed and (char.isspace() or char in "；;")) or (depth == 0 and char == "\n"):
            if piece := text[start:i].strip("；; \n"):
                yield piece
            start = i + 1
    if piece := text[start:].strip("；; \n"):
        yield piece


def _indicator(piece: str) -> Indicator:
    start = _last_bracket(piece)
    if start is None:
        return Indicator(piece, None)
    name, target = piece[:start].strip(), piece[start + 1 : -1].strip()
    folded = target
    for spelling, operator in _OPERATORS.items():
        folded = folded.replace(spelling, operator)
    match = _TARGET.fullmatch(folded)
    if match is None or not (match["operator"] or match["unit"]):
        return Indicator(name, target)
    number = Decimal(match["number"].replace(",", ""))
    return Indicator(name, target, match["operator"], number, match["unit"].replace("％", "%") or None)


def _last_bracket(piece: str) -> int | None:
    """Return where the bracket that ends the piece opens, None where it ends with none."""
    if not piece or piece[-1] not in _CLOSE:
        return None
    depth = 0
    for i in range(len(piece) - 1, -1, -1):
        depth += (piece[i] in _CLOSE) - (piece[i] in _OPEN)
        if depth == 0:
            return i if i > 0 else None
    return None
