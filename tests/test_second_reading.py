"""The second reader, the comparison of both, and the picture of a page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image

import rawpdf
from yusuan import cli, workflow
from yusuan.errors import UsageError
from yusuan.model import Finding
from yusuan.reading import read
from yusuan.reading.picture import draw_page
from yusuan.reading.second import count_pages, read_boxes
from yusuan.verify import cell_boxes, compare_readings, not_compared


@pytest.fixture(scope="module")
def path(sample_path, tmp_path_factory):
    file = tmp_path_factory.mktemp("pdf") / "a.pdf"
    file.write_bytes(rawpdf.budget_pdf(read(sample_path)))
    return file


@pytest.fixture(scope="module")
def sheets(path, specs):
    return [table.sheet for table in workflow.read_disclosure(read(path), specs).tables]


def test_both_readers_read_every_cell_alike(path, sheets, specs):
    boxes = cell_boxes(sheets)
    texts = read_boxes(path.read_bytes(), boxes)
    assert {(page, box) for page, found in boxes.items() for box in found} == set(texts)
    assert "1,117.75" in texts.values()
    assert list(compare_readings(sheets, texts, specs)) == []


def test_a_disagreement_shows_both_readings(path, sheets, specs):
    texts = read_boxes(path.read_bytes(), cell_boxes(sheets))
    cell = next(item.cell for item in sheets[1].evidence if item.cell.text == "751.44")
    (finding,) = compare_readings(sheets, texts | {(cell.place.page, cell.place.box): "757.44"}, specs)
    assert (finding.rule, finding.severity, finding.printed, finding.expected) == (
        "SECOND-READER", "error", "751.44", "757.44",
    )  # fmt: skip
    assert finding.page == 2


def test_a_page_that_the_second_reader_cannot_read_is_said(path, sheets, specs):
    data = path.read_bytes().replace(
        b"/MediaBox [0 0 595 842] /Contents 9 0 R", b"/MediaBox [0 0       ] /Contents 9 0 R"
    )
    texts = read_boxes(data, cell_boxes(sheets))
    assert data != path.read_bytes()
    found = list(compare_readings(sheets, texts, specs))
    assert {(finding.rule, finding.severity) for finding in found} == {("NOT-COMPARED", "error")}
    assert 2 in {finding.page for finding in found}


def test_blanks_and_width_are_no_disagreement(sheets, specs):
    texts = {(i.cell.place.page, i.cell.place.box): f" {i.cell.text}\n" for sheet in sheets for i in sheet.evidence}
    assert list(compare_readings(sheets, texts, specs)) == []


def test_what_could_not_be_compared_is_said():
    blank = Finding("PAGE-NO-TEXT", "第2页没有文字", "info", page=2)
    (finding,) = not_compared([blank, replace(blank, severity="error"), replace(blank, rule="TABLE-MISSING")])
    assert (finding.rule, finding.severity, finding.page) == ("NOT-COMPARED", "error", 2)


def test_count_pages(path):
    assert count_pages(path.read_bytes()) == 2
    assert count_pages(b"no pdf") is None


def test_picture_of_a_page(path, sheets):
    data = path.read_bytes()
    marked = draw_page(data, 2, [item for sheet in sheets for item in sheet.evidence])
    assert marked.size == (1190, 1684)
    assert marked.tobytes() != draw_page(data, 2, []).tobytes()
    with pytest.raises(UsageError, match="没有这一页"):
        draw_page(data, 3, [])


def test_inspect_writes_a_picture_and_refuses_text(path, sample_path, tmp_path, specs):
    workflow.inspect(path, 1, tmp_path / "1.png", specs)
    with Image.open(tmp_path / "1.png") as picture:
        assert picture.format == "PNG"
    with pytest.raises(UsageError, match="只有 PDF"):
        workflow.inspect(sample_path, 1, tmp_path / "2.png", specs)
    assert not (tmp_path / "2.png").exists()


def test_command_line_verifies_with_workers_and_inspects(path, tmp_path):
    out = str(tmp_path / "package")
    with pytest.raises(SystemExit) as caught:
        cli.app(["convert", str(path), "--out", out, "--verify", "--workers", "2"])
    assert caught.value.code == 0
    with pytest.raises(SystemExit) as caught:
        cli.app(["inspect", str(path), "--page", "2", "--out", str(tmp_path / "2.png")])
    assert caught.value.code == 0
    assert (tmp_path / "2.png").stat().st_size > 10_000
