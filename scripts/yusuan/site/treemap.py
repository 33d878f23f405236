"""A treemap: every amount is an area, coloured by the group it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from yusuan.site.cells import percent
from yusuan.site.charts import NARROW, PAPER, clip, colour, linked, picture, tag, text_width, words

_GAP = 2.0
#: From this height on a name may take several lines.
_TALL = 90


@dataclass(frozen=True, slots=True)
class Tile:
    """One amount: its name, its size, what is written on it, where it leads, and which group it is in."""

    label: str
    value: int
    said: str
    group: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float


def treemap(tiles: Sequence[Tile], width: int, label: str) -> Markup:
    """Draw the tiles, those of a group together; the groups, largest first, are named below."""
    shown = [tile for tile in tiles if tile.value > 0]
    height = width * (1.15 if width < NARROW else 0.5) * min(1.0, 0.3 + 0.14 * len(shown))
    groups: dict[str, list[Tile]] = {}
    for tile in sorted(shown, key=lambda tile: -tile.value):
        groups.setdefault(tile.group, []).append(tile)
    order = sorted(groups, key=lambda name: -sum(tile.value for tile in groups[name]))
    sizes = [sum(tile.value for tile in groups[name]) for name in order]
    drawn = []
    for number, (name, box) in enumerate(zip(order, squarify(sizes, Box(0, 0, width, height)), strict=True)):
        inner = squarify([tile.value for tile in groups[name]], box)
        drawn += [_tile(tile, place, colour(number)) for tile, place in zip(groups[name], inner, strict=True)]
    legend, bottom = _names(order, sizes, width, height + 26)
    return picture(width, bottom, [*drawn, *legend], label, "treemap")


def _names(order: Sequence[str], sizes: Sequence[int], width: float, y: float) -> tuple[list[Markup], float]:
    whole, x = sum(sizes) or 1, 0.0
    drawn = []
    for number, (name, size) in enumerate(zip(order, sizes, strict=True)):
        said = f"{clip(name, width - 110)} {percent(size * 100 / whole)}"
        if x and x + text_width(said) + 24 > width:
            x, y = 0.0, y + 24
        drawn += [tag("rect", x=x, y=y - 12, width=14, height=14, fill=colour(number), rx=2), words(x + 20, y, said)]
        x += text_width(said) + 40
    return drawn, y + 12


def _tile(tile: Tile, box: Box, shade: str) -> Markup:
    parts = [
        tag(
            "rect",
            x=box.x,
            y=box.y,
            width=max(box.width - _GAP, 0.5),
            height=max(box.height - _GAP, 0.5),
            fill=shade,
        )
    ]
    room = box.width - 16
    lines = wrap(tile.label, room, 3 if box.height > _TALL else 1)
    needed = len(lines) * 19 + 10
    if lines and box.height >= needed:
        parts += [words(box.x + 7, box.y + 20 + n * 19, line, fill=PAPER) for n, line in enumerate(lines)]
        if box.height >= needed + 20 and text_width(tile.said) <= room:
            parts.append(words(box.x + 7, box.y + 20 + len(lines) * 19, tile.said, fill=PAPER))
    return linked(tile.url, Markup("").join(parts), f"{tile.group} · {tile.label}：{tile.said}")


def wrap(text: str, width: float, most: int) -> list[str]:
    """Return a text in at most so many lines, the last one clipped."""
    lines: list[str] = []
    while text and len(lines) < most - 1 and text_width(text) > width:
        count = next((n for n in range(len(text), 0, -1) if text_width(text[:n]) <= width), 0)
        if count < 3:  # noqa: PLR2004 - too narrow to read
            return []
        lines.append(text[:count])
        text = text[count:]
    last = clip(text, width)
    return [*lines, last] if last else lines


def squarify(sizes: Sequence[int], box: Box) -> list[Box]:
    """Divide a box among sizes in descending order into rectangles as square as can be."""
    boxes: list[Box] = []
    rest = list(sizes)
    while rest:
        area = box.width * box.height / (sum(rest) or 1)
        side = min(box.width, box.height)
        count = 1
        while count < len(rest) and _worst(rest[: count + 1], area, side) <= _worst(rest[:count], area, side):
            count += 1
        row, rest = rest[:count], rest[count:]
        box, placed = _row(row, area, box)
        boxes += placed
    return boxes


def _worst(row: Sequence[int], area: float, side: float) -> float:
    """Return the worst proportion of a row of rectangles along `side`."""
    thick = sum(row) * area / side if side else 0
    if not thick:
        return float("inf")
    return max(max(thick / (size * area / thick), (size * area / thick) / thick) for size in row)


def _row(row: Sequence[int], area: float, box: Box) -> tuple[Box, list[Box]]:
    """Place a row along the shorter side; return what is left of the box, and the rectangles."""
    upright = box.width >= box.height
    thick = sum(row) * area / (box.height if upright else box.width)
    placed, at = [], 0.0
    for size in row:
        long = size * area / thick
        placed.append(
            Box(box.x, box.y + at, thick, long) if upright else Box(box.x + at, box.y, long, thick)
        )  # fmt: skip
        at += long
    left = (
        Box(box.x + thick, box.y, box.width - thick, box.height)
        if upright
        else Box(box.x, box.y + thick, box.width, box.height - thick)
    )
    return left, placed
