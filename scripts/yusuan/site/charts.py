"""Pictures as SVG, drawn here and now: no script, no library, no request. Each is a function of figures and a width.

Colours and sizes are attributes, never styles, so that a picture looks the same in a page, in a file and under a strict
content security policy. Whatever text comes from documents is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

#: White text is legible on each of these, and they can be told apart when printed in grey.
COLOURS = (
    "#0b57a4", "#1b6b4a", "#8a4b08", "#6b3fa0", "#9a3412", "#0f6674",
    "#7a2d52", "#4d5b12", "#475569", "#735c00", "#a21caf", "#5b3a1e",
)  # fmt: skip
INK, QUIET, LINE, PAPER = "#1c2733", "#56616e", "#d5dbe1", "#ffffff"
FONT = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
_SIZE = 14
#: Letters beyond this one are as wide as they are high; the others are about this wide.
_IDEOGRAPHS, _LETTER = "\u2e7f", 0.58
#: Narrower pictures put labels above bars instead of beside them.
NARROW = 480


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: what it is, how long, what its number says; `before` is a second, paler bar for the year before."""

    label: str
    value: int
    said: str
    url: str = ""
    before: int | None = None
    before_said: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of one year's column."""

    value: int
    said: str
    part: int


@dataclass(frozen=True, slots=True)
class Column:
    """One year: its parts from the bottom up; `derived` where nobody printed it."""

    label: str
    said: str
    pieces: tuple[Piece, ...]
    derived: bool = False


def colour(number: int) -> str:
    """Return the colour of the n-th group."""
    return COLOURS[number % len(COLOURS)]


def text_width(text: str, size: float = _SIZE) -> float:
    """Return about how wide a text is: a Chinese character is a square, others are narrower."""
    return sum(1.0 if letter > _IDEOGRAPHS else _LETTER for letter in text) * size


def clip(text: str, width: float, size: float = _SIZE) -> str:
    """Return as much of a text as fits, with an ellipsis where some is missing; nothing where hardly any fits."""
    if text_width(text, size) <= width:
        return text
    kept = text
    while kept and text_width(kept, size) + size > width:
        kept = kept[:-1]
    return f"{kept}…" if len(kept) > 1 else ""


def tag(name: str, content: str = "", **attributes: object) -> Markup:
    """Return an element; attribute names use _ for -, numbers are rounded."""
    said = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _number(value))
        for key, value in attributes.items()
    )
    return Markup("<{}{}>{}</{}>").format(name, said, content, name)


def _number(value: object) -> object:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else value


def words(x: float, y: float, text: str, *, size: float = _SIZE, fill: str = INK, anchor: str = "start") -> Markup:
    """Return a line of text."""
    return tag("text", escape(text), x=x, y=y, font_size=size, fill=fill, text_anchor=anchor)


def linked(url: str, content: Markup, title: str) -> Markup:
    """Return what can be pointed at and, where it leads somewhere, followed."""
    inside = tag("title", escape(title)) + content
    return tag("a", inside, href=url) if url else tag("g", inside)


def picture(width: float, height: float, parts: Sequence[Markup], label: str, kind: str = "") -> Markup:
    """Return a whole picture that tells assistive technology what it shows."""
    links = any("<a " in part for part in parts)
    return tag(
        "svg",
        Markup("").join(parts),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_number(float(width))} {_number(float(height))}",
        class_=f"chart {kind}".strip(),
        role="group" if links else "img",
        aria_label=label,
        font_family=FONT,
    )


def bars(items: Sequence[Bar], width: int, label: str) -> Markup:
    """Draw horizontal bars, one to a line."""
    above = width < NARROW
    longest = max((text_width(item.label) for item in items), default=0)
    left = 0 if above else min(longest + 12, width * 0.38)
    room = max((text_width(item.said) for item in items), default=0) + 12
    most = max((max(item.value, item.before or 0) for item in items), default=0) or 1
    scale = (width - left - room) / most
    parts, y = [], 0.0
    for item in items:
        drawn, height = _bar(item, (left, y, scale), width, above=above)
        parts.append(linked(item.url, drawn, _bar_title(item)))
        y += height
    return picture(width, max(y, 1), parts, label)


def _bar_title(item: Bar) -> str:
    return f"{item.label}：{item.said}" + (f"（上年 {item.before_said}）" if item.before_said else "")


def _bar(item: Bar, at: tuple[float, float, float], width: int, *, above: bool) -> tuple[Markup, float]:
    left, y, scale = at
    top = y + 22 if above else y + 4
    parts = [
        words(0, y + 16, clip(item.label, width)) if above else _beside(item.label, left, top + 14),
        tag("rect", x=left, y=top, width=max(item.value, 0) * scale, height=20, fill=COLOURS[0], rx=2),
        words(left + max(item.value, 0) * scale + 6, top + 15, item.said),
    ]
    height = (top + 20 - y) + 8
    if item.before is not None:
        long = max(item.before, 0) * scale
        parts.append(tag("rect", x=left, y=top + 22, width=long, height=7, fill="#9db7d3", rx=2))
        height += 9
    return Markup("").join(parts), height


def _beside(label: str, left: float, y: float) -> Markup:
    return words(left - 8, y, clip(label, left - 8), anchor="end")


def columns(years: Sequence[Column], parts: Sequence[str], width: int, label: str) -> Markup:
    """Draw one stacked column for each year; what nobody printed is outlined, not filled."""
    top, height, base = 30, 220, 250
    most = max((sum(piece.value for piece in year.pieces) for year in years), default=0) or 1
    step = min(width / max(len(years), 1), 190)
    wide = min(step * 0.6, 96)
    drawn = [tag("line", x1=0, y1=base, x2=step * len(years), y2=base, stroke=LINE)]
    for number, year in enumerate(years):
        middle, y = step * (number + 0.5), float(base)
        for piece in year.pieces:
            tall = max(piece.value, 0) / most * (height - top)
            y -= tall
            drawn.append(_piece(piece, year, (middle - wide / 2, y, wide, tall), parts[piece.part]))
        drawn += [
            words(middle, y - 8, year.said, anchor="middle"),
            words(middle, base + 20, year.label, anchor="middle", fill=QUIET if year.derived else INK),
        ]
    used = sorted({piece.part for year in years for piece in year.pieces})
    legend, bottom = _legend([(n, parts[n]) for n in used], width, base + 44) if len(parts) > 1 else ([], base + 28.0)
    return picture(width, bottom, [*drawn, *legend], label)


def _piece(piece: Piece, year: Column, box: tuple[float, float, float, float], part: str) -> Markup:
    x, y, wide, tall = box
    shade = colour(piece.part)
    look = {"fill": PAPER, "stroke_dasharray": "4 3"} if year.derived else {"fill": shade}
    rect = tag("rect", x=x, y=y, width=wide, height=tall, stroke=shade, **look)
    return linked("", rect, f"{year.label} {part}：{piece.said}")


def _legend(parts: Sequence[tuple[int, str]], width: float, y: float) -> tuple[list[Markup], float]:
    """Return colour and name of each part, in as many lines as it takes, and where they end."""
    drawn, x = [], 0.0
    for number, part in parts:
        said = clip(part, width - 24)
        if x and x + text_width(said) + 24 > width:
            x, y = 0.0, y + 24
        drawn += [tag("rect", x=x, y=y - 12, width=14, height=14, fill=colour(number), rx=2), words(x + 20, y, said)]
        x += text_width(said) + 40
    return drawn, y + 12
