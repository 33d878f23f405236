"""The pictures: lengths and areas are the numbers, nothing overlaps, words fit, and text is only text."""

from __future__ import annotations

import math
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yusuan.site.charts import COLOURS, Bar, Column, Piece, bars, clip, columns, text_width
from yusuan.site.flow import Link, Node, flow
from yusuan.site.treemap import Box, Tile, squarify, treemap, wrap

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "\"'><script>1</script>&amp;{{7*7}}"
sizes = st.lists(st.integers(1, 10**12), min_size=1, max_size=40).map(lambda found: sorted(found, reverse=True))
WIDTHS = pytest.mark.parametrize("width", [960, 360])


def parsed(svg):
    return ET.fromstring(svg)  # noqa: S314 - our own picture


def rects(svg):
    return [{key: float(e.get(key)) for key in ("x", "y", "width", "height")} for e in parsed(svg).iter(f"{SVG}rect")]


def texts(svg):
    return [e.text or "" for e in parsed(svg).iter(f"{SVG}text")]


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", COLOURS)
def test_white_is_legible_on_every_colour(colour):
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5


@given(sizes)
def test_areas_of_a_treemap_are_the_amounts_and_fill_it(found):
    box = Box(0, 0, 960, 480)
    boxes = squarify(found, box)
    for size, placed in zip(found, boxes, strict=True):
        assert math.isclose(placed.width * placed.height, 960 * 480 * size / sum(found), rel_tol=1e-6, abs_tol=1e-6)
        assert placed.x >= -1e-6
        assert placed.y >= -1e-6
        assert placed.x + placed.width <= 960 + 1e-6
        assert placed.y + placed.height <= 480 + 1e-6


@given(sizes)
def test_tiles_do_not_overlap(found):
    boxes = squarify(found, Box(0, 0, 960, 480))
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
            down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
            assert min(across, down) <= 1e-6


@WIDTHS
def test_what_is_not_more_than_nothing_has_no_tile(width):
    tiles = [Tile("甲", 5, "5", "组"), Tile("乙", 0, "0", "组"), Tile("丙", -3, "-3", "组")]
    assert len(rects(treemap(tiles, width, "图"))) == 1 + 1  # the tile and its colour in the legend
    assert parsed(treemap([], width, "图")).tag == f"{SVG}svg"


@WIDTHS
def test_bars_are_as_long_as_their_numbers(width):
    items = [
        Bar("甲", 100, "100"),
        Bar("乙", 25, "25"),
        Bar("丙", 0, "0"),
        Bar("丁", -5, "-5", before=50, before_said="50"),
    ]
    lengths = [rect["width"] for rect in rects(bars(items, width, "图"))]
    longest = lengths[0]
    assert [round(length / longest, 2) for length in lengths] == [1, 0.25, 0, 0, 0.5]


@WIDTHS
@given(st.lists(st.tuples(st.text(min_size=1, max_size=60), st.integers(-100, 10**14)), max_size=8))
def test_a_picture_stays_inside_its_frame(width, found):
    svg = parsed(bars([Bar(f"柳{label!r}", value, f"{value:,}") for label, value in found], width, "图"))
    _, _, wide, high = map(float, svg.get("viewBox").split())
    assert wide == width
    for element in svg.iter(f"{SVG}text"):
        long = text_width(element.text or "", float(element.get("font-size")))
        x = float(element.get("x"))
        start, end = (x - long, x) if element.get("text-anchor") == "end" else (x, x + long)
        assert start >= -1, element.text
        assert end <= wide + 1, element.text
        assert 0 <= float(element.get("y")) <= high


@WIDTHS
def test_a_year_that_nobody_printed_is_an_outline(width):
    years = [
        Column("2025", "3", (Piece(1, "1", 0), Piece(2, "2", 1)), derived=True),
        Column("2026", "6", (Piece(6, "6", 0),)),
    ]
    svg = parsed(columns(years, ("基本", "项目", "其他"), width, "图"))
    drawn = [e for e in svg.iter(f"{SVG}rect") if e.get("stroke")]
    assert [e.get("fill") == "#ffffff" for e in drawn] == [True, True, False]
    assert [round(float(e.get("height")) / 190 * 6) for e in drawn] == [1, 2, 6]
    assert "其他" not in texts(columns(years, ("基本", "项目", "其他"), width, "图"))


@WIDTHS
def test_nodes_of_a_flow_are_as_high_as_what_goes_through(width):
    nodes = [Node("a", 0, "甲", "3"), Node("b", 0, "乙", "1"), Node("t", 1, "总计", "4"), Node("c", 2, "丙", "4")]
    links = [Link("a", "t", 300, "3"), Link("b", "t", 100, "1"), Link("t", "c", 400, "4")]
    heights = [rect["height"] for rect in rects(flow(nodes, links, width, "图"))]
    assert [round(height / heights[1], 1) for height in heights] == [3, 1, 4, 4]
    assert len(list(parsed(flow(nodes, links, width, "图")).iter(f"{SVG}path"))) == 3


def test_a_long_flow_is_drawn_in_two_halves_on_a_phone():
    nodes = [Node(str(n), n, f"第{n}站", "1") for n in range(5)]
    links = [Link(str(n), str(n + 1), 10, "1") for n in range(4)]
    drawn = texts(flow(nodes, links, 360, "图"))
    assert drawn.count("第2站") == 2
    assert texts(flow(nodes, links, 960, "图")).count("第2站") == 1


@given(st.text(max_size=40), st.floats(0, 400))
def test_clipped_words_fit(text, width):
    assert text_width(clip(text, width)) <= max(width, 0)


@given(st.text(alphabet="预算公开abc12", max_size=40), st.integers(60, 400))
def test_wrapped_words_fit_and_none_is_lost(text, width):
    lines = wrap(text, width, 50)
    assert "".join(lines) == text
    assert all(text_width(line) <= width for line in lines)


@WIDTHS
def test_words_of_documents_are_words(width):
    pictures = [
        bars([Bar(HOSTILE, 1, HOSTILE, HOSTILE)], width, HOSTILE),
        treemap([Tile(HOSTILE, 1, HOSTILE, HOSTILE, HOSTILE)], width, HOSTILE),
        columns([Column(HOSTILE, HOSTILE, (Piece(1, HOSTILE, 0),))], (HOSTILE, HOSTILE), width, HOSTILE),
        flow(
            [Node("a", 0, HOSTILE, HOSTILE, HOSTILE), Node("b", 1, "b", "")],
            [Link("a", "b", 1, HOSTILE)],
            width,
            HOSTILE,
        ),
    ]
    for svg in pictures:
        assert parsed(svg).get("aria-label") == HOSTILE
        assert not list(parsed(svg).iter(f"{SVG}script"))
