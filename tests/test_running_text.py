"""Running text over the pages of a PDF: what a page break cuts is joined, page numbers and heads stay out of it."""

from __future__ import annotations

import pytest

import rawpdf
from yusuan.reading.pdf import read_pdf

LEFT, PER_LINE, LINES = 70, 50, 12
#: Above the lowest strip of the page: there nobody would take a number for one of the page by its place alone.
NUMBER_AT = 755


def printed(texts, number, head=""):
    """Return a PDF with a paragraph on each page that the page's end cuts, `number(page)` at the foot, `head` on top."""
    pages = []
    for page, text in enumerate(texts, 1):
        lines = [text[i : i + PER_LINE] for i in range(0, len(text), PER_LINE)]
        content = b"".join(rawpdf.text_at(LEFT, 120 + 16 * i, line) for i, line in enumerate(lines))
        if head:
            content += rawpdf.text_at(20, 30, head)
        pages.append(content + (rawpdf.text_at(280, NUMBER_AT, number(page)) if number(page) else b""))
    return rawpdf.pdf_of(pages)


def full(text):
    """Return a page's worth of words with `text` at the end."""
    return ("预算单位公开说明" * PER_LINE * LINES)[: PER_LINE * LINES - len(text)] + text


def paragraphs(data):
    return [paragraph.text for paragraph in read_pdf("a.pdf", data, "").paragraphs]


CUT = [
    full("与上年相比增加33"),
    full("20.50万元，比上年增加1,2"),
    full("34.00万元，单位价"),
    "值100万元以上的设备0台。",
]


@pytest.mark.parametrize("form", ["- {} -", "-{}-", "{}", "第{}页", "—{}—"])
def test_a_page_number_above_the_lowest_strip_joins_no_sentence(form):
    (text,) = paragraphs(printed(CUT, lambda page: form.format(page + 4)))
    assert text == "".join(CUT)


def test_a_single_dashed_number_is_a_page_number():
    (text,) = paragraphs(printed([full("单位价"), "值3万元。"], lambda page: "-7-" if page == 1 else ""))
    assert "单位价值3万元。" in text


def test_numbers_that_do_not_count_the_pages_are_kept():
    """The last line of a page may be the rest of a sentence, whatever it looks like."""
    numbers = [12, 40, 3, 9]
    texts = paragraphs(printed(CUT, lambda page: str(numbers[page - 1])))
    assert all(str(number) in "".join(texts) for number in numbers)
    assert len("".join(texts)) == len("".join(CUT)) + len("124039")


def test_a_running_head_further_left_does_not_make_every_line_an_indented_one():
    """What is printed at the edge of a page says nothing about where its text begins."""
    text = "某某局2026年度收入支出预算" * 45
    data = printed([text], lambda _: "", head="某某局公开")
    assert paragraphs(data) == ["某某局公开", text]
