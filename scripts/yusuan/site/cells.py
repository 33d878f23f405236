"""How one value looks on a page. Text of documents is hostile: whatever leaves here is escaped."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from markupsafe import Markup, escape

#: Codes up to this length are shown beside their name; longer ones are addresses, not codes.
_CODE_LENGTH = 16
#: The end of the key of a cell of an official table.
_CELL = re.compile(r"\.t(\d+)\.r(\d+)\.c(\d+)$")
#: A code has no parts: what has is the key of an organisation or a document.
_PARTS = "-"
#: Texts longer than this are folded, names of things linked to are cut.
_TEXT_LENGTH = 60
_NAME_LENGTH = 28
#: One fen is 0.000001 万元: what lies beyond is noise of binary fractions.
_FEN_DIGITS = -6
#: What a link says whose key would say nothing.
DETAILS = "详情"
_CENT = Decimal("0.01")
_LEAST_SHARE = 0.01
_NUMBERS = {"amount", "fen", "rate", "rank", "integer"}


def amount_text(value: float) -> str:
    """Return 万元 as printed: thousands separators, at least two decimals, never fewer than the value has."""
    if not math.isfinite(value):
        return str(value)
    exact = Decimal(repr(value))
    return _printed(round(exact, 6) if exact.adjusted() < 20 else exact)  # noqa: PLR2004 - beyond what Decimal keeps


def fen_text(fen: int) -> str:
    """Return an exact amount of fen as 万元, written like every other amount."""
    return _printed(Decimal(fen).scaleb(_FEN_DIGITS))


def brief_text(fen: int) -> str:
    """Return an amount of fen as 万元 with two decimals, for pictures; the tables beside them are exact."""
    return f"{Decimal(fen).scaleb(_FEN_DIGITS).quantize(_CENT, ROUND_HALF_UP):,f}"


def percent(value: float | None) -> str:
    """Return a share in words: one decimal, below 1 % two; nothing where there is none."""
    if value is None:
        return ""
    if 0 < abs(value) < _LEAST_SHARE:
        return f"不到 {_LEAST_SHARE}%"
    return f"{value:.1f}%" if abs(value) >= 1 else f"{value:.2f}%"


def _printed(amount: Decimal) -> str:
    whole, _, decimals = f"{amount:,f}".partition(".")
    return f"{whole}.{decimals.rstrip('0'):0<2}"


def value_text(value: object, kind: str) -> str:
    """Return the text of a value; only money gets separators."""
    if value is None:
        return ""
    if kind == "amount" and isinstance(value, int | float):
        return amount_text(value)
    if kind == "fen" and isinstance(value, int):
        return f"{value:,}"
    if kind == "rate" and isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def cell(value: object, kind: str, *, full: bool = False) -> Markup:
    """Return the HTML of a value; a long text is folded unless `full`."""
    text = value_text(value, kind)
    if full or len(text) <= _TEXT_LENGTH:
        return escape(text)
    return Markup('<details class="long"><summary>{}</summary><p>{}</p></details>').format(
        text[:_TEXT_LENGTH].rstrip() + "…", text
    )


def named(code: object, label: object, *, full: bool = True) -> Markup:
    """Return a name with its code beside it, unless the name contains the code or the code is only an address.

    In a list, where `full` is not wanted, the key of an organisation is left out too: it says nothing to a reader.
    """
    shown, name = str(code), str(label)
    if shown in name or len(shown) > _CODE_LENGTH or (not full and _PARTS in shown):
        return escape(name)
    return Markup('{} <span class="code">{}</span>').format(name, shown)


def link(address: str, text: object, title: str = "") -> Markup:
    """Return a link, with a tooltip where there is more to say."""
    attribute = Markup(' title="{}"').format(title) if title else ""
    return Markup('<a href="{}"{}>{}</a>').format(address, attribute, text)


def reference(address: str, code: object, label: object, *, full: bool = False) -> Markup:
    """Return a link to what a code means: its name, shortened in a list, and the code beside it."""
    name = str(code if label is None else label)
    shown = name if full or len(name) <= _NAME_LENGTH else name[:_NAME_LENGTH] + "…"
    beside = named(code, name, full=full).removeprefix(escape(name))
    return link(address, shown, "" if shown == name else name) + beside


def key_text(key: str) -> str:
    """Return what a link to a row says: its code, or a word where the key is only an address."""
    return key if len(key) <= _CODE_LENGTH else DETAILS


def cell_name(key: str) -> str:
    """Return what a cell is called by its key: 表7第1行第10列; of a table that was not read, the key without its document."""
    named = _CELL.search(key)
    if named is None:
        return key.split(".", 1)[-1]
    return "表{}第{}行第{}列".format(*(int(part) for part in named.groups()))


def alignment(kind: str) -> str:
    """Return the CSS class of a column."""
    return "number" if kind in _NUMBERS else "code" if kind == "code" else "text"


def plain(value: Any) -> Any:
    """Return a value of a row without the label that Datasette puts beside a reference."""
    return value["value"] if isinstance(value, Mapping) else value


def value_in(row: Any, column: str) -> Any:
    """Return a value of a row, nothing where it has no such column."""
    return plain(row[column]) if column in row.keys() else None  # noqa: SIM118 - sqlite3.Row iterates over values
