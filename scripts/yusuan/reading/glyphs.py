"""Characters to lines of text, by position alone."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import pairwise
from operator import add, itemgetter, sub

from yusuan.reading.primitives import Char

#: A gap of this many em between two Latin letters or digits is a blank; between CJK characters nothing is.
_BLANK = 0.3
#: After one of these signs a smaller gap is one: typesetters put no space of their own there.
_AFTER_SIGN, _SIGNS = 0.18, frozenset(").,;:%]")
#: A bracket that says how much is to be reached; an indicator ends with one.
_TARGET = re.compile(r"[(（][^()（）]*[≥≤<>=＜＞\d%％][^()（）]*[)）]")
_LAST_TARGET = re.compile(_TARGET.pattern + "$")
#: A gap of this many em separates two texts that share a line.
_APART = 2.2
_OVERLAP = 0.5
_BLANKS = re.compile(" +")
_TEXT, _X0, _TOP, _X1, _BOTTOM = map(itemgetter, range(5))
#: Signs that no line may end with.
_OPENING = frozenset("（(《〈“‘【[「")
#: Signs that no line may begin with.
_CLOSING = frozenset("，。、；：！？）》〉”’】」%％),.;:!?]")


def text_rows(chars: Sequence[Char]) -> list[list[Char]]:
    """Return characters in rows from top to bottom, each row from left to right.

    A character belongs to a row when half its height overlaps the height of the row's first character, as it
    does when its middle lies within it. Blanks never make a row.
    """
    middles = list(map(add, map(_TOP, chars), map(_BOTTOM, chars)))  # twice the middle of each
    rows: list[list[Char]] = []
    top = bottom = end = -math.inf
    for i in sorted(range(len(chars)), key=middles.__getitem__):
        if middles[i] < end or (rows and _overlaps(chars[i][2], chars[i][4], top, bottom)):
            rows[-1].append(chars[i])
            continue
        top, bottom = chars[i][2], chars[i][4]
        end = 2 * bottom
        if not rows and max(middles) < end:
            rows.append(list(chars))
            break
        rows.append([chars[i]])
    return [sorted(row, key=_X0) for row in rows if any(char[0] != " " for char in row)]


def _overlaps(upper: float, lower: float, top: float, bottom: float) -> bool:
    return min(lower, bottom) - max(upper, top) >= _OVERLAP * min(bottom - top, lower - upper)


def split_row(row: Sequence[Char]) -> list[list[Char]]:
    """Return the texts that share a row, told apart by wide gaps or runs of blanks."""
    if _widest_gap(row) <= _APART and " " not in map(_TEXT, row):  # no line is lower than a point
        return [list(row)]
    apart = _APART * _line_height(row)
    pieces: list[list[Char]] = [[]]
    last: Char | None = None
    for char in row:
        if char[0] != " ":
            if last is not None and char[1] - last[3] > apart:
                pieces.append([])
            last = char
        elif not pieces[-1]:
            continue
        pieces[-1].append(char)
    return [_trimmed(piece) for piece in pieces if piece]


def _widest_gap(row: Sequence[Char]) -> float:
    """Return the widest distance between neighbours."""
    widest: float = max(map(sub, map(_X0, row[1:]), map(_X1, row)), default=0.0)
    return widest


def _trimmed(piece: list[Char]) -> list[Char]:
    while len(piece) > 1 and piece[-1][0] == " ":
        piece.pop()
    return piece


def em(char: Char) -> float:
    """Return the size of a character: the height of its line box."""
    return max(char[4] - char[2], 1.0)


def _line_height(row: Sequence[Char]) -> float:
    """Return the height of most characters of a row; some fonts give each only the box of its ink."""
    heights: list[float] = sorted(map(sub, map(_BOTTOM, row), map(_TOP, row)))
    return max(heights[len(row) // 2], 1.0)


def type_size(chars: Sequence[Char]) -> float:
    """Return the size of type most of a text is set in: a Chinese character is as wide as its size."""
    widths = [x1 - x0 for text, x0, _, x1, _ in chars if not text.isascii()]
    return sorted(widths or map(em, chars))[len(widths or chars) // 2]


def row_text(row: Sequence[Char]) -> str:
    """Return a row as text with the blanks that are printed or stand out as gaps; several blanks are one."""
    signs = list(map(_TEXT, row))
    if _widest_gap(row) > _AFTER_SIGN:  # no line is lower than a point
        wide = [False, *_wide(row, _line_height(row))]
        signs = [f" {sign}" if before else sign for sign, before in zip(signs, wide, strict=True)]
    text = "".join(signs)
    return _BLANKS.sub(" ", text).lstrip(" ") if " " in text else text


def _wide(row: Sequence[Char], size: float) -> list[bool]:
    """Tell gaps that are blanks: wide for Latin text, and wider than justification makes the others."""
    square = type_size(row)
    sides = [_square(char, square) for char in row]
    gaps = [start - end for (_, end), (start, _) in pairwise(sides)]
    if max(gaps) <= _AFTER_SIGN * size:
        return [False] * len(gaps)
    usual = sorted(gaps)[(len(gaps) - 1) // 2]
    pairs = zip(gaps, row, row[1:], strict=False)
    return [gap > 2 * usual and gap > _least(char, after) * size for gap, char, after in pairs]


def _square(char: Char, size: float) -> tuple[float, float]:
    """Return from where to where a character reaches: one in Chinese fills its square, however small its ink."""
    text, x0, _, x1, _ = char
    if text.isascii() or not text.isalpha() or x1 - x0 >= size:
        return x0, x1
    return (x0 + x1 - size) / 2, (x0 + x1 + size) / 2


def _least(char: Char, after: Char) -> float:
    """Return how many em apart two characters stand at least where a blank was between them."""
    return _AFTER_SIGN if char[0] in _SIGNS and not after[0].isdigit() else _BLANK


def cell_text(chars: Sequence[Char]) -> str:
    """Return the text of a cell: its lines joined, as the line breaks are only the cell's width."""
    return join_cell([row_text(row) for row in text_rows(chars)])


def join_cell(lines: Sequence[str]) -> str:
    """Return the lines of a cell as one text.

    A break stands for a blank between Latin words, and between two indicators such as 服务企业(≥7家): the
    blank that parts them is lost where the line happens to end.
    """
    if len(lines) == 1:
        return lines[0].strip()
    joined = "".join(lines)
    indicators = _TARGET.search(joined) is not None and joined.endswith((")", "）"))
    text = ""
    for line in lines:
        words = text[-1:].isascii() and line[:1].isascii() and text[-1:].isalpha() and line[:1].isalpha()
        target = text.endswith((")", "）")) if indicators else _LAST_TARGET.search(text) is not None
        text += (" " if words or (target and line[:1].isalnum()) else "") + line
    return text.strip()


def head_width(row: Sequence[Char]) -> float:
    """Return the width of what must stay together at the beginning of a row.

    That is one CJK character or a Latin word, with the signs that may not be parted from it.
    """
    end = 0
    while end + 1 < len(row) and row[end][0] in _OPENING:
        end += 1
    while end + 1 < len(row) and row[end][0].isascii() and row[end + 1][0].isascii() and row[end][0] != " ":
        end += 1
    while end + 1 < len(row) and row[end + 1][0] in _CLOSING:
        end += 1
    return row[end][3] - row[0][1]
