"""Tables that go on after a page break: the rest belongs to the table above, however little of it is left."""

from __future__ import annotations

import pytest

import rawpdf
from yusuan.model import Grid
from yusuan.reading.pdf import read_pdf

HEAD = ("科目编码", "科目名称", "合计", "基本支出")
BODY = (HEAD, ("201", "一般公共服务支出", "5.00", "5.00"), ("221", "住房保障支出", "3.00", "3.00"))
TOTAL = ("合计", "8.00", "8.00")
#: Column borders of the table: four columns of the same width.
BORDERS = (40, 160, 280, 400, 520)


def page(rows, borders, lines=()):
    """Return the content of a page: lines, then a table with these column borders."""
    parts = [b"0.5 w\n", *(rawpdf.text_at(40, 40 + 18 * i, line) for i, line in enumerate(lines))]
    for row in range(len(rows)):
        top = 60 + 18 * len(lines) + 15 * row
        for left, right, text in zip(borders, borders[1:], rows[row], strict=False):
            parts.append(rawpdf.table_at(top, [[text]], right - left, left)[0])
    return b"".join(parts)


def grids(*pages):
    blocks = read_pdf("a.pdf", rawpdf.pdf_of(pages), "").blocks
    return [[tuple(cell.text for cell in row) for row in block.rows] for block in blocks if isinstance(block, Grid)]


def test_a_total_alone_on_the_last_page_stands_in_the_columns_of_its_table():
    (whole,) = grids(page(BODY, BORDERS, ["支出总表"]), page([TOTAL], (40, 280, 400, 520)))
    assert whole == [*BODY, ("合计", "", "8.00", "8.00")]


def test_the_table_may_go_on_after_spanning_rows():
    more = ("229", "其他支出", "1.00", "1.00")
    pages = page(BODY, BORDERS, ["支出总表"]), page([TOTAL], (40, 280, 400, 520)), page([more], BORDERS)
    (whole,) = grids(*pages)
    assert whole == [*BODY, ("合计", "", "8.00", "8.00"), more]


@pytest.mark.parametrize(
    ("borders", "lines"),
    [
        pytest.param((40, 290, 400, 520), [], id="a border of its own"),
        pytest.param((40, 280, 400), [], id="narrower"),
        pytest.param((160, 280, 400, 520), [], id="further right"),
        pytest.param((40, 520), [], id="a framed note"),
        pytest.param((40, 280, 400, 520), ["收入总表"], id="a title between"),
    ],
)
def test_another_table_stays_another_table(borders, lines):
    first, second = grids(page(BODY, BORDERS, ["支出总表"]), page([TOTAL, TOTAL], borders, lines))
    assert first == list(BODY)
    assert second == [TOTAL[: len(borders) - 1]] * 2
