"""Printed text to values and back: blanks, brackets, ordinals, amounts, codes.

Matching forms (`plain`, `header_key`) are for comparing only: what was printed is always kept beside them.
Money never passes through float.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

#: Money units as printed, with the power of ten that turns them into 万元.
MONEY_UNITS = {"元": -4, "千元": -1, "万元": 0, "百万元": 2, "亿元": 4}

_CJK = r"\u2e80-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’"
_GAP = re.compile(rf"(?<=[{_CJK}])[ \t\u00a0\u3000]+(?=[{_CJK}])")
_QUOTES = str.maketrans({"〝": "“", "〞": "”", "＂": '"'})
# Radicals that PDF fonts put in place of characters and NFKC leaves alone.
_RADICALS = str.maketrans("⻄⻅⻆⻉⻋⻓⻔⻘⻚⻛⻜⻝⻢⻥⻦⻩⻬⻮⻰⻳⺠", "西见角贝车长门青页风飞食马鱼鸟黄齐齿龙龟民")
# Only the signs a number is made of are folded: NFKC would also turn ① into 1.
_NUMBER_SIGNS = str.maketrans("０１２３４５６７８９．，（）－＋−﹣", "0123456789.,()-+--")
# At most 18 digits and 6 places: Decimal computes exactly up to 28.
_AMOUNT = re.compile(
    r"(?P<neg>-|\()?(?P<digits>\d{1,3}(?:,\d{3}){1,5}|\d{1,18})(?P<places>\.\d{1,6})?(?P<close>\))?", re.ASCII
)
_NIL = frozenset({"", "-", "—", "——", "–", "/"})
_DIGITS = {"〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4}
_DIGITS |= {"五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NUMERAL = "[一二三四五六七八九十百〇零两]+"
_ORDINALS = (
    (1, re.compile(rf"({_NUMERAL})、")),
    (2, re.compile(rf"[（(]({_NUMERAL})[）)]、?")),
    (3, re.compile(r"(\d{1,3})(?:、|[.．](?!\d))", re.ASCII)),
    (4, re.compile(r"[（(](\d{1,3})[）)]、?", re.ASCII)),
)


class Ordinal(NamedTuple):
    """The numbering in front of an item: 一、 is level 1, （一） 2, 1、 3, （1） 4."""

    level: int
    number: int
    rest: str


def close_gaps(text: str) -> str:
    """Return `text` stripped, without the blanks that line wraps leave between CJK characters."""
    return _GAP.sub("", text.strip())


def plain(text: str) -> str:
    """Return the matching form of running text: NFKC, one kind of quotes, no blanks between CJK characters."""
    return close_gaps(unicodedata.normalize("NFKC", text.translate(_QUOTES).translate(_RADICALS)))


@lru_cache(maxsize=1 << 14)
def header_key(text: str) -> str:
    """Return the matching form of a header or title: letters, digits and CJK only, in order."""
    normal = unicodedata.normalize("NFKC", text.translate(_RADICALS))
    return "".join(char for char in normal if unicodedata.category(char)[0] in "LN")


def parse_amount(text: str) -> Decimal | None:
    """Return the printed number exactly, None where the cell is blank or only a dash.

    Accepts thousands separators, full-width digits, a minus sign or accounting brackets, and blanks within a number
    where only the whole is one (`1 1 7 . 7 5`, `1,1 17.75`); raises ValueError for anything else (`1,1l7.75`, `nan`,
    `1e5`, `①`) and for what may be two numbers (`98 4.89`).
    """
    folded = _without_blanks(text.strip().translate(_NUMBER_SIGNS))
    if folded in _NIL:
        return None
    match = _AMOUNT.fullmatch(folded)
    if match is None or (match["neg"] == "(") != bool(match["close"]):
        raise ValueError(text)
    number = Decimal(match["digits"].replace(",", "") + (match["places"] or ""))
    return -number if match["neg"] else number


def _without_blanks(text: str) -> str:
    """Return a number whose digits were spread over its cell without the blanks: a piece of it that is no number proves it."""
    pieces = text.split()
    joined = "".join(pieces)
    spread = len(pieces) > 1 and _AMOUNT.fullmatch(joined) and not all(map(_AMOUNT.fullmatch, pieces))
    return joined if spread else text


def to_wan(amount: Decimal, unit: str) -> Decimal:
    """Return `amount`, printed in `unit` (a key of MONEY_UNITS), in 万元, exactly and with its precision kept."""
    return amount.scaleb(MONEY_UNITS[unit])


def to_fen(wan: Decimal) -> int:
    """Return an amount of 万元 as whole 分; ValueError where it is finer than 0.01 元 or no database holds it."""
    fen = wan * 1_000_000
    if fen != fen.to_integral_value() or abs(fen) >= 2**63:
        raise ValueError(str(wan))
    return int(fen)


def half_unit(amount: Decimal) -> Decimal:
    """Return half a unit of the last printed place: the most a rounded number can be off."""
    exponent = amount.as_tuple().exponent
    return Decimal((0, (5,), int(exponent) - 1))


def decimal_text(amount: Decimal) -> str:
    """Return `amount` as plain digits, without exponent and with its printed places."""
    return f"{amount:f}"


def parse_numeral(text: str) -> int:
    """Return the value of a Chinese numeral below 1,000 (`二十六` → 26) or of ASCII digits."""
    if text.isascii() and text.isdigit():
        return int(text)
    total, digit = 0, 0
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            raise ValueError(text)
    return total + digit


def split_ordinal(text: str) -> Ordinal | None:
    """Return the leading item number of `text` and what follows it, None where there is none."""
    stripped = text.strip()
    for level, pattern in _ORDINALS:
        if match := pattern.match(stripped):
            return Ordinal(level, parse_numeral(match[1]), stripped[match.end() :].strip())
    return None


def code_level(code: str) -> int:
    """Return 1, 2 or 3 for a classification code of 3, 5 or 7 digits (类, 款, 项); ValueError otherwise."""
    if not (code.isascii() and code.isdigit() and len(code) in {3, 5, 7}):
        raise ValueError(code)
    return (len(code) - 1) // 2


def name_key(name: str, scope: str) -> str:
    """Return a key for an organisation whose code is printed nowhere: a letter and ten hexadecimal digits of its name.

    `d` is a department with all its units, `u` a unit, which may bear the same name. Printed codes are digits
    throughout, so that neither can be mistaken for the other.
    """
    letter = "d" if scope == "部门" else "u"
    return letter + hashlib.sha256(header_key(name).encode()).hexdigest()[:10]
