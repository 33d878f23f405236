"""A flow: amounts on their way through stages, each stage a column of bars, each link a ribbon."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from yusuan.site.charts import INK, NARROW, PAPER, clip, colour, linked, picture, tag, text_width

_BAR, _LEAST, _SPACE = 12.0, 18.0, 8.0


@dataclass(frozen=True, slots=True)
class Node:
    """One bar: the stage it stands in, its name, its amount in words, and where it leads."""

    key: str
    stage: int
    label: str
    said: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """An amount that goes from one node to another."""

    source: str
    target: str
    value: int
    said: str


@dataclass(frozen=True, slots=True)
class _Place:
    x: float
    y: float
    height: float
    shade: str


def flow(nodes: Sequence[Node], links: Sequence[Link], width: int, label: str) -> Markup:
    """Draw the stages from left to right; on a narrow picture in two halves, one below the other."""
    last = max((node.stage for node in nodes), default=0)
    if width >= NARROW or last <= 2:  # noqa: PLR2004 - three columns of labels fit on a phone
        parts, height = _stages(nodes, links, width, 0)
    else:
        middle = last // 2
        first = [node for node in nodes if node.stage <= middle]
        rest = [node for node in nodes if node.stage >= middle]
        parts, height = _stages(first, links, width, 0)
        more, height = _stages(rest, links, width, height + 30)
        parts += more
    return picture(width, height, parts, label, "flow")


def _stages(
    nodes: Sequence[Node], links: Sequence[Link], width: int, top: float
) -> tuple[list[Markup], float]:  # fmt: skip
    known = {node.key for node in nodes}
    order = {node.key: number for number, node in enumerate(nodes)}
    inside = sorted(
        (link for link in links if link.source in known and link.target in known),
        key=lambda link: (order[link.source], order[link.target]),
    )
    places, bottom = _place(nodes, inside, width, top)
    drawn = _ribbons(inside, places, nodes)
    step = _step(nodes, width)
    last = max((node.stage for node in nodes), default=0)
    for node in nodes:
        if node.key in places:
            room = _room(width) if node.stage == last else step - _BAR
            drawn.append(_node(node, places[node.key], room - 8))
    return drawn, bottom


def _room(width: int) -> float:
    """Return how much space the words of the last stage get."""
    return width * (0.17 if width >= NARROW else 0.29)


def _step(nodes: Sequence[Node], width: int) -> float:
    """Return how far apart the stages stand."""
    return (width - _BAR - _room(width)) / max(len({node.stage for node in nodes}) - 1, 1)


def _place(
    nodes: Sequence[Node], links: Sequence[Link], width: int, top: float
) -> tuple[dict[str, _Place], float]:  # fmt: skip
    """Return where each node stands: its height is its amount, its distance from the next leaves room for words."""
    into, out = defaultdict[str, int](int), defaultdict[str, int](int)
    for link in links:
        out[link.source] += link.value
        into[link.target] += link.value
    amount = {node.key: max(into[node.key], out[node.key]) for node in nodes}
    stages = sorted({node.stage for node in nodes})
    most = max((sum(amount[n.key] for n in nodes if n.stage == stage) for stage in stages), default=0) or 1
    scale = (300 if width >= NARROW else 220) / most
    step = _step(nodes, width)
    places, bottom, number = {}, top, 0
    for column, stage in enumerate(stages):
        y = top
        for node in (n for n in nodes if n.stage == stage and amount[n.key]):
            tall = max(amount[node.key] * scale, 1.5)
            places[node.key] = _Place(column * step, y, tall, colour(number))
            number += 1
            y += max(tall, _LEAST) + _SPACE
        bottom = max(bottom, y)
    return places, bottom


def _ribbons(links: Sequence[Link], places: dict[str, _Place], nodes: Sequence[Node]) -> list[Markup]:
    names = {node.key: node.label for node in nodes}
    left, right = defaultdict[str, float](float), defaultdict[str, float](float)
    drawn = []
    for link in links:
        if link.source not in places or link.target not in places:
            continue
        start, end = places[link.source], places[link.target]
        thick = max(link.value * _scale(start, links, link.source), 0.8)
        a, b = start.y + left[link.source], end.y + right[link.target]
        left[link.source] += thick
        right[link.target] += thick
        x1, x2 = start.x + _BAR, end.x
        middle = (x1 + x2) / 2
        path = (
            f"M{x1:.1f} {a:.1f}C{middle:.1f} {a:.1f} {middle:.1f} {b:.1f} {x2:.1f} {b:.1f}"
            f"V{b + thick:.1f}C{middle:.1f} {b + thick:.1f} {middle:.1f} {a + thick:.1f} {x1:.1f} {a + thick:.1f}Z"
        )
        said = f"{names[link.source]} → {names[link.target]}：{link.said}"
        drawn.append(linked("", tag("path", d=path, fill=end.shade, fill_opacity=0.28), said))
    return drawn


def _scale(place: _Place, links: Sequence[Link], key: str) -> float:
    """Return the height of one unit of money at a node."""
    out = sum(link.value for link in links if link.source == key)
    into = sum(link.value for link in links if link.target == key)
    return place.height / (max(out, into) or 1)


def _node(node: Node, place: _Place, room: float) -> Markup:
    size = 13
    tall = place.height >= 2 * _LEAST
    both = f"{node.label} {node.said}"
    one = both if text_width(both, size) <= room else clip(node.label, room, size)
    lines = [clip(node.label, room, size), clip(node.said, room, size)] if tall else [one]
    middle = place.y + (place.height / 2 - 3 if tall else min(place.height, _LEAST) / 2 + 5)
    parts = [tag("rect", x=place.x, y=place.y, width=_BAR, height=place.height, fill=place.shade)]
    parts += [
        tag(
            "text",
            line,
            x=place.x + _BAR + 6,
            y=middle + number * 17,
            font_size=size,
            fill=INK,
            stroke=PAPER,
            stroke_width=3,
            paint_order="stroke",
        )
        for number, line in enumerate(lines)
    ]
    return linked(node.url, Markup("").join(parts), f"{node.label}：{node.said}")
