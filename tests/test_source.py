"""The number in its source: every amount leads to the printed cell, the page shows it framed, nothing is made up."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from contextlib import closing
from html import unescape

import pytest
from datasette.utils import tilde_encode

import rawpdf
from yusuan.reading import read
from yusuan.reading.text import split_at_cell
from yusuan.site import library
from yusuan.site.evidence import is_passage, is_traced, origin
from yusuan.site.library import Library
from yusuan.site.server import make_site
from yusuan.site.setup import KNOWN, Setup
from yusuan.workflow import build

HOSTILE = """<script>alert("1")</script>'&{{ 7*7 }}"""
TOTAL = "/-/source/t03_expenditure/{}-budget,4?column=合计"


@pytest.fixture(scope="module")
def printed(tmp_path_factory, specs, sample_path):
    """Return a folder with the sample printed as PDF and its database."""
    folder = tmp_path_factory.mktemp("printed")
    (folder / "documents").mkdir()
    (folder / "documents" / "a.pdf").write_bytes(rawpdf.budget_pdf(read(sample_path)))
    build([folder / "documents" / "a.pdf"], folder / "out", folder / "budget.db", specs)
    return folder


@pytest.fixture
def pdf_site(printed, specs, tmp_path):
    return make_site(printed / "budget.db", specs, Setup(sources=(printed / "documents",), cache=tmp_path))


@pytest.fixture(scope="module")
def text_site(site_database, specs, tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")
    return make_site(site_database, specs, Setup(sources=(site_database.parent,), cache=cache))


def _documents(database):
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute("select sha256, 字节数, 文件 from documents").fetchall()


def test_every_amount_of_every_table_comes_from_a_cell_with_that_amount(site_database, specs):
    """Not only the columns one thinks of: whatever is offered as a link must lead to its number."""
    seen = 0
    with closing(sqlite3.connect(site_database)) as connection:
        connection.row_factory = sqlite3.Row
        cells = {
            (c["文件"], c["表"], c["行次"], c["字段"]): (c["数值"], c["数值_分"])
            for c in connection.execute("select * from cells where 部位 = '数据'")
        }
        for spec in (*specs.tables.values(), *specs.subjects.values()):
            for row in connection.execute(f"select * from {spec.name}"):  # noqa: S608 - from the specs
                for field in spec.printed:
                    if is_traced(specs, spec.name, field.name) and row[field.name] is not None:
                        place = origin(specs, spec, row, field.name)
                        amount = cells[place.document, place.table, place.row, place.column]
                        assert row[field.name] == amount[field.type == "fen"], (spec.name, field.name)
                        seen += 1
    assert seen > 1000


def test_amounts_on_pages_lead_to_their_source(text_site, fetch):
    for name in ("expenditure_by_function", "t05_general_public_expenditure", "revenue_by_source", "cells"):
        page = fetch(text_site, f"/budget/{name}?_size=5").text
        links = re.findall(r'class="traced" href="([^"]+)"', page)
        assert links, name
        for address in links[:12]:
            shown = fetch(text_site, address.replace("&amp;", "&")).text
            assert "<mark>" in shown or "（空白）" in shown
    row = fetch(text_site, "/budget/t05_general_public_expenditure/450200-405003-2026-budget,4").text
    assert 'class="traced"' in row
    assert "印在文档的哪里" in row


def test_a_text_shows_the_lines_with_the_cell_marked(text_site, fetch, sample_text):
    page = fetch(text_site, TOTAL.format("450200-405003-2026")).text
    line = next(
        n
        for n, raw in enumerate(sample_text.splitlines(), 1)
        if raw.startswith("2060301\t\t机构运行\t751.44\t751.44\t0.00")
    )
    assert f'<li value="{line}" class="here">2060301\t\t机构运行\t<mark>751.44</mark>\t751.44' in page
    assert page.count("<mark>") == 1


@pytest.mark.parametrize(
    ("raw", "column", "printed", "parts"),
    [
        ("a\t1\t1\tb", 3, "1", ("a\t1\t", "1", "\tb")),
        ("| a | **1** | 1 |", 2, "1", ("| a |", " **1** ", "| 1 |")),
        ("a\t\tb", 2, "", ("a\t", "", "\tb")),
        ("a\t1", 2, "7", ("a\t1", "", "")),
        ("| x\\|y | z |", 1, "x|y", ("|", " x\\|y ", "| z |")),
    ],
)
def test_a_line_is_split_at_the_cell_and_stays_whole(raw, column, printed, parts):
    assert split_at_cell(raw, column, printed) == parts
    assert "".join(parts) == raw


def test_a_pdf_shows_the_page_with_the_cell_framed(pdf_site, printed, fetch):
    page = fetch(pdf_site, TOTAL.format("450200-405003-2026")).text
    (address,) = set(re.findall(r'<image href="([^"]+)"', page))
    picture = fetch(pdf_site, address)
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    with closing(sqlite3.connect(printed / "budget.db")) as connection:
        box = connection.execute(
            "select 框 from cells where 表 = 't03_expenditure' and 部位 = '数据' and 行次 = 4 and 字段 = '合计'"
        ).fetchone()[0]
    x0, y0, x1, _ = map(float, box.split())
    frames = re.findall(r'<rect class="frame" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"', page)
    assert [tuple(map(float, frame)) for frame in set(frames)] == [pytest.approx((x0, y0, x1 - x0))]
    assert "“751.44”的出处" in page


def test_without_a_column_the_whole_row_is_framed(pdf_site, fetch):
    page = fetch(pdf_site, TOTAL.format("450200-405003-2026").partition("?")[0]).text
    assert page.count('<rect class="frame"') == 2 * 7
    assert "第 4 行的出处" in page


def test_a_document_that_is_not_here_is_said_so_and_the_text_still_shown(printed, specs, fetch, tmp_path):
    site = make_site(printed / "budget.db", specs, Setup(sources=(tmp_path / "nowhere",), cache=tmp_path))
    page = fetch(site, TOTAL.format("450200-405003-2026")).text
    assert "不在本站的机器上" in page
    assert "751.44" in page
    assert "文档第 " in page
    (sha256, _, _), *_ = _documents(printed / "budget.db")
    fetch(site, f"/-/page/{sha256}/1.png", 404)


def test_a_file_of_the_same_name_and_size_is_not_the_document(printed, specs, fetch, tmp_path):
    data = bytearray((printed / "documents" / "a.pdf").read_bytes())
    data[-20] ^= 1
    (tmp_path / "a.pdf").write_bytes(data)
    site = make_site(printed / "budget.db", specs, Setup(sources=(tmp_path,), cache=tmp_path / "cache"))
    assert "不在本站的机器上" in fetch(site, TOTAL.format("450200-405003-2026")).text


def test_paths_of_the_database_are_never_opened(printed, specs, fetch, tmp_path):
    copy = tmp_path / "hostile.db"
    copy.write_bytes((printed / "budget.db").read_bytes())
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("update documents set 来源文件 = ?, 字节数 = 5", (str(printed / "documents" / "a.pdf"),))
        connection.execute("update cells set 原文 = ?, 表头 = ?", (HOSTILE, HOSTILE))
    site = make_site(copy, specs, Setup(sources=(printed / "documents",), cache=tmp_path))
    page = fetch(site, TOTAL.format("450200-405003-2026")).text
    assert "不在本站的机器上" in page
    assert "<script>alert(" not in page
    assert "&lt;script&gt;" in page


def test_findings_that_touch_the_cell_are_shown(printed, specs, fetch, tmp_path):
    copy = tmp_path / "findings.db"
    copy.write_bytes((printed / "budget.db").read_bytes())
    with closing(sqlite3.connect(copy)) as connection, connection:
        key, document, told = connection.execute("select 键, 文件, 说明 from findings").fetchone()
        (rule,) = connection.execute(
            "select 规则名称 from rules join findings using (规则) where 键 = ?", [key]
        ).fetchone()
        (cell,) = connection.execute("select 格 from cells where 字段 = '合计' and 部位 = '数据' limit 1").fetchone()
        connection.execute("delete from finding_cells")
        connection.execute(
            "insert into finding_cells (发现, 格, 文件, 疑误) values (?, ?, ?, '是')", (key, cell, document)
        )
    site = make_site(copy, specs, Setup(sources=(printed / "documents",), cache=tmp_path))
    page = fetch(site, f"/-/source/cells/{tilde_encode(cell)}").text
    assert "与此有关的发现" in page
    assert f">{rule}</a>" in page
    assert told.split("“")[0] in page
    assert "这一格最可能有误" in page


def test_a_database_that_does_not_record_cells_of_findings_shows_none(printed, specs, fetch, tmp_path):
    copy = tmp_path / "old.db"
    copy.write_bytes((printed / "budget.db").read_bytes())
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("drop table finding_cells")
    site = make_site(copy, specs, Setup(sources=(printed / "documents",), cache=tmp_path))
    assert "与此有关的发现" not in fetch(site, TOTAL.format("450200-405003-2026")).text


@pytest.mark.parametrize(
    "address",
    ["/-/source/nix/1", "/-/source/cells/nix", "/-/source/cells/a,b", "/-/source/units/450200-405003",
     "/-/page/" + "0" * 64 + "/1.png", "/-/page/../../etc/passwd", "/-/source/sqlite_master/x"],
)  # fmt: skip
def test_what_was_not_printed_has_no_source(text_site, fetch, address):
    fetch(text_site, address, 404)


def test_pages_that_do_not_exist_are_not_found(pdf_site, printed, fetch):
    (sha256, _, _), *_ = _documents(printed / "budget.db")
    fetch(pdf_site, f"/-/page/{sha256}/999.png", 404)
    fetch(pdf_site, f"/-/page/{sha256}/1.png")


def test_the_cache_stays_small(pdf_site, printed, fetch, tmp_path, monkeypatch):
    monkeypatch.setattr(library, "_KEPT_FILES", 1)
    (sha256, _, _), *_ = _documents(printed / "budget.db")
    for page in (1, 2):
        fetch(pdf_site, f"/-/page/{sha256}/{page}.png")
    kept = sorted(path.name.partition("@")[0] for path in (tmp_path / "pages").iterdir())
    assert kept == [f"{sha256}-2"]


def test_a_page_that_takes_too_long_is_given_up_and_not_tried_again(printed, tmp_path, monkeypatch):
    monkeypatch.setattr(library, "_TIME", 0.001)
    ((sha256, size, _),) = _documents(printed / "budget.db")
    shelf = Library((printed / "documents",), tmp_path / "pages")
    assert asyncio.run(shelf.picture(sha256, size, 1)) is None
    monkeypatch.setattr(library, "_TIME", 60)
    assert asyncio.run(shelf.picture(sha256, size, 1)) is None
    assert asyncio.run(shelf.picture(sha256, size, 2)).width > 0
    assert [path.name for path in (tmp_path / "pages").iterdir() if path.name.startswith(".")] == []


def test_a_damaged_file_is_no_picture(tmp_path):
    data = b"%PDF-1.7\njunk"
    (tmp_path / "x.pdf").write_bytes(data)
    sha256 = library.sha256_of(tmp_path / "x.pdf")
    assert asyncio.run(Library((tmp_path,), tmp_path / "c").picture(sha256, len(data), 1)) is None


def test_too_many_at_once_are_asked_to_come_again(pdf_site, printed, fetch):
    (sha256, _, _), *_ = _documents(printed / "budget.db")
    KNOWN[pdf_site].library._waiting = library._WAITING
    assert fetch(pdf_site, f"/-/page/{sha256}/1.png", 503).headers["retry-after"]
    assert "正在画的页太多" in fetch(pdf_site, TOTAL.format("450200-405003-2026")).text


def test_a_sentence_leads_to_the_lines_it_was_printed_on(text_site, site_database, specs, fetch, sample_text):
    """Every row of the narrative: the marked lines are those of the document, and contain what the row says."""
    lines = sample_text.splitlines()
    seen = 0
    with closing(sqlite3.connect(site_database)) as connection:
        connection.row_factory = sqlite3.Row
        for table in (name for name, spec in specs.records.items() if is_passage(spec)):
            for row in list(connection.execute(f"select * from {table} where 文件 like '%405003%'"))[:3]:  # noqa: S608 - from the specs
                page = fetch(text_site, f"/-/source/{table}/{row['文件']},{row['序']}").text
                marked = re.findall(r'<li value="(\d+)" class="here"><mark>(.*?)</mark>', page, re.DOTALL)
                assert marked, (table, row["序"])
                for number, text in marked:
                    assert unescape(text) == lines[int(number) - 1]
                seen += 1
    assert seen > 12


def test_amounts_of_the_narrative_lead_to_their_sentence(text_site, fetch):
    page = fetch(text_site, "/budget/narrative_facts?_size=20").text
    addresses = set(re.findall(r'href="(/-/source/narrative_facts/[^"?]*)', page))
    assert len(addresses) > 5
    for address in sorted(addresses)[:5]:
        assert "<mark>" in fetch(text_site, address).text


@pytest.fixture
def told(printed, specs, tmp_path):
    """Return a site on the printed document that also says a hostile sentence on its second page, and its address."""
    copy = tmp_path / "told.db"
    copy.write_bytes((printed / "budget.db").read_bytes())
    with closing(sqlite3.connect(copy)) as connection, connection:
        (document,) = connection.execute("select 文件 from documents").fetchone()
        connection.execute(
            "insert into narrative_facts (文件, 年度, 单位, 序, 指标, 原文, 页)"
            " select 文件, 年度, 单位, 7, '支出总计', ?, 2 from documents",
            [HOSTILE],
        )
    return make_site(copy, specs, Setup(sources=(printed / "documents",), cache=tmp_path)), document


def test_a_sentence_of_a_pdf_is_shown_on_its_page(told, fetch):
    site, document = told
    page = fetch(site, f"/-/source/narrative_facts/{document},7").text
    address = re.search(r'href="(/-/page/[0-9a-f]+/(\d+)\.png)"', page)
    assert address[2] == "2"
    assert fetch(site, address[1]).headers["content-type"] == "image/png"


def test_a_hostile_sentence_is_escaped_and_an_unknown_one_is_not_found(told, fetch):
    site, document = told
    page = fetch(site, f"/-/source/narrative_facts/{document},7").text
    assert "<script>alert" not in page
    assert "7*7" in page
    fetch(site, f"/-/source/narrative_facts/{document},8", status=404)
