"""Markdown and plain text to paragraphs and grids: nothing is trusted but the text."""

from __future__ import annotations

import hashlib
import re

import pytest

from yusuan.disclosure import read_disclosure
from yusuan.errors import DocumentError, HostError
from yusuan.model import Grid
from yusuan.reading import read
from yusuan.reading.text import unmark

CUT = [(59, 61), (67, 69), (85, 87), (119, 121), (216, 218), (257, 259)]


def texts(document):
    return [paragraph.text for paragraph in document.paragraphs]


def grids(document):
    return [block for block in document.blocks if isinstance(block, Grid)]


def rows(grid):
    return [[cell.text for cell in row] for row in grid.rows]


def test_the_six_paragraphs_that_page_breaks_cut_are_joined_and_no_others(sample):
    """Lines 3 and 4 are one title on two lines, not a page break."""
    joined = [(p.first.line, p.last.line) for p in sample.document.paragraphs if p.pieces > 1]
    assert joined == [(3, 4), *CUT]
    assert all(p.pieces == 2 for p in sample.document.paragraphs if p.pieces > 1)


@pytest.mark.parametrize(("first", "last"), CUT)
def test_a_cut_paragraph_is_whole_again(first, last, sample, sample_text):
    lines = sample_text.splitlines()
    (paragraph,) = [p for p in sample.document.paragraphs if p.first.line == first]
    assert paragraph.text == re.sub(r"^- ", "", lines[first - 1]) + lines[last - 1]


def test_every_line_of_the_sample_is_read_once(sample, sample_text):
    """No line is lost and none is read twice, whether it became a paragraph or a row."""
    lines = sample_text.splitlines()
    read_lines = [row[0].place.line for grid in grids(sample.document) for row in grid.rows]
    for paragraph in sample.document.paragraphs:
        between = range(paragraph.first.line, paragraph.last.line + 1)
        read_lines += [number for number in between if lines[number - 1].strip()]
    assert sorted(read_lines) == [number for number, line in enumerate(lines, 1) if line.strip()]


def test_a_leading_character_that_is_also_a_numeral_is_not_an_ordinal(parse):
    """…专用材料及一 + 般设备: 一 numbers an item only before 、."""
    assert texts(parse("包括专用材料及一\n\n般设备购置费。")) == ["包括专用材料及一般设备购置费。"]
    assert texts(parse("包括专用材料及\n\n一般设备购置费。")) == ["包括专用材料及一般设备购置费。"]
    assert texts(parse("包括专用材料及\n\n一、一般设备购置费。")) == ["包括专用材料及", "一、一般设备购置费。"]


@pytest.mark.parametrize(
    "below",
    [
        "一、收入",
        "（二）支出",
        "(三) 其他",
        "1、上级补助",
        "2. 本级",
        "第三部分 报表",
        "单位：万元",
        "注：无数据",
        "单位名称：某局",
        "预算公开01表",
        "单位收支总体情况表",
        "目 录",
        "## 机构设置",
        "**机构设置**",
        "- 机构设置",
    ],
)
def test_nothing_is_joined_that_starts_something_new(below, parse):
    document = parse(f"人员工资增\n\n{below}\n\n这里断开")
    assert texts(document)[:2] == ["人员工资增", unmark(below.lstrip("#- "))]


@pytest.mark.parametrize("end", "。；：！？")
def test_a_closed_sentence_is_not_continued(end, parse):
    assert texts(parse(f"人员工资增长{end}\n\n长")) == [f"人员工资增长{end}", "长"]


def test_a_grid_ends_a_paragraph(parse):
    document = parse("人员工资增\n项目\t预算数\n长")
    assert [type(block).__name__ for block in document.blocks] == ["Paragraph", "Grid", "Paragraph"]


@pytest.mark.parametrize(
    "heading",
    ["目 录", "第一部分 某中心概况", "二、机构设置情况", "（一）、单位基本职能", "1. 公务用车购置费"],
)
@pytest.mark.parametrize("mark", ["", "# ", "###### ", "**", "#### **", "__", "- "])
def test_headings_are_the_same_at_any_level_bold_or_bare(heading, mark, parse):
    """Heading marks carry no information: converters give the same kind of heading any of them."""
    close = mark.lstrip("# ").replace("- ", "")
    document = parse(f"某中心2026年单位预算\n\n{mark}{heading}{close}\n\n正文从这里开始")
    assert texts(document) == ["某中心2026年单位预算", heading, "正文从这里开始"]


def test_the_sample_reads_the_same_without_any_marks(sample, sample_text, parse):
    bare = re.sub(r"^(#+ |- )|\*\*", "", sample_text, flags=re.MULTILINE)
    assert bare != sample_text
    assert texts(parse(bare)) == texts(sample.document)


def test_tab_separated_lines_are_rows_with_their_line_and_every_blank_cell(parse):
    (grid,) = grids(parse("标题\n\n\t\t甲\t\n1\t2\t\t3"))
    assert rows(grid) == [["", "", "甲", ""], ["1", "2", "", "3"]]
    assert [row[0].place.line for row in grid.rows] == [3, 4]


def test_blanks_inside_a_cell_are_evidence_and_stay(sample_tables, parse):
    (grid,) = grids(parse("政府性基金预 算\t 1,117.75 "))
    assert rows(grid) == [["政府性基金预 算", "1,117.75"]]
    printed = {item.cell.text for item in sample_tables[11].sheet.evidence}
    assert {"政府性基金预 算", "国有资本经营 预算", "财政专户管理 资金"} <= printed


def test_an_empty_line_ends_a_grid(parse):
    assert [len(grid.rows) for grid in grids(parse("a\tb\nc\td\n\ne\tf"))] == [2, 1]


def test_pipe_tables(parse):
    text = "单位：万元\n\n| 项目 | 预算数 |\n|:--|---:|\n| 一、收入 | 1,117.75 |\n|  | 0.00 |\n| a\\|b | **5.00** |"
    (grid,) = grids(parse(text))
    assert rows(grid) == [["项目", "预算数"], ["一、收入", "1,117.75"], ["", "0.00"], ["a|b", "5.00"]]
    assert [row[0].place.line for row in grid.rows] == [3, 5, 6, 7]


@pytest.mark.parametrize(
    ("marked", "bare"),
    [
        ("<b>1,117.75</b>", "1,117.75"),
        ("<B>合计</B>", "合计"),
        ("<strong>合</strong>计", "合计"),
        ('<span style="color:red">合计</span>', "合计"),
        ("**1,117.75**", "1,117.75"),
        ("__合计__", "合计"),
        ("**一、**收入", "一、收入"),
        ("维护次数(≥4次)", "维护次数(≥4次)"),
        ("响应时间(<5天) 人数(>3)", "响应时间(<5天) 人数(>3)"),
        ("<5", "<5"),
        ("a * b ** c", "a * b ** c"),
        ("405_003_1", "405_003_1"),
    ],
)
def test_markup_is_taken_off_and_nothing_else(marked, bare):
    assert unmark(marked) == bare


def test_bold_totals_are_read(sample_tables):
    printed = [cell.text for cell in sample_tables[1].sheet.body[-1]]
    assert printed == ["收入总计", "1,117.75", "支出总计", "1,117.75"]


def test_gb18030_gives_the_same_document_and_says_so(sample_text, sample, disclose):
    """Older government sites serve GBK; what is read is the same, the encoding is told."""
    other = disclose(sample_text, encoding="gb18030")
    assert texts(other.document) == texts(sample.document)
    assert [table.rows for table in other.tables] == [table.rows for table in sample.tables]
    assert [note.rule for note in other.document.notes] == ["SOURCE-ENCODING"]
    assert sample.document.notes == ()


def test_a_byte_order_mark_is_no_text(tmp_path):
    path = tmp_path / "a.md"
    path.write_bytes(b"\xef\xbb\xbf" + "目录\r\n\r\n一、收入\r\n".encode())
    assert texts(read(path)) == ["目录", "一、收入"]


def refusal(path):
    with pytest.raises(DocumentError) as caught:
        read(path)
    (problem,) = caught.value.problems
    assert problem.hint, "every refusal says what to do next"
    return problem


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "SOURCE-EMPTY"),
        (b" \n\t\r\n", "SOURCE-EMPTY"),
        (b"PK\x03\x04\x14\x00", "SOURCE-FOREIGN"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "SOURCE-FOREIGN"),
        (b"<html><body>404</body></html>", "SOURCE-FOREIGN"),
        (b"\n<!DOCTYPE html>", "SOURCE-FOREIGN"),
        (b"<HTML>", "SOURCE-FOREIGN"),
        (b"text\x00\x01\x02", "SOURCE-FOREIGN"),
        ("单位\n".encode("utf-16"), "SOURCE-FOREIGN"),
        (b"\n\n\xff\xff\xff", "SOURCE-ENCODING"),
    ],
)
def test_refused_inputs(data, code, tmp_path):
    path = tmp_path / "a.md"
    path.write_bytes(data)
    problem = refusal(path)
    assert (problem.code, problem.source) == (code, "a.md")


def test_a_pdf_is_never_read_as_text_whatever_its_name(tmp_path):
    """The content decides: a damaged PDF called .md is refused as a PDF."""
    path = tmp_path / "a.md"
    path.write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3")
    assert refusal(path).code.startswith("PDF-")


def test_a_file_that_is_not_there(tmp_path):
    assert refusal(tmp_path / "nothing.md").code == "SOURCE-MISSING"


def test_a_folder_is_not_a_document(tmp_path):
    folder = tmp_path / "folder.md"
    folder.mkdir()
    with pytest.raises(HostError) as caught:
        read(folder)
    assert caught.value.problems[0].code == "SOURCE-UNREADABLE"


def test_a_damaged_character_never_becomes_another_silently(sample_text, tmp_path, specs):
    """One lost byte makes UTF-8 invalid; what GB 18030 makes of it is no budget and is refused."""
    data = sample_text.encode()
    at = data.index("机构运行".encode()) + 1
    path = tmp_path / "a.md"
    path.write_bytes(data[:at] + data[at + 1 :])
    with pytest.raises(DocumentError):
        read_disclosure(read(path), specs)


def test_the_fingerprint_is_that_of_the_bytes(sample, sample_path):
    data = sample_path.read_bytes()
    assert sample.document.sha256 == hashlib.sha256(data).hexdigest()
    assert (sample.document.size, sample.document.source) == (len(data), "405003-2026-budget.md")
