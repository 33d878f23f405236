"""Documents of our own printed in many styles and read back: every value must come back as it was printed.

What a disclosure says is known twice: as text (`generator.to_markdown`, read by the text reader) and on paper
(`generator.print_pages`, read by the PDF reader). Both must give the same rows and the same narrative.
"""

from __future__ import annotations

import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator import (
    FAMILIES,
    Style,
    find_chromium,
    find_office,
    from_document,
    print_chromium,
    print_office,
    print_pages,
    random_disclosure,
    random_style,
    to_html,
    to_markdown,
)
from yusuan.disclosure import read_disclosure
from yusuan.reading import read
from yusuan.reading.pdf import read_pdf
from yusuan.reading.text import read_text
from yusuan.spec import load_specs

ROOT = Path(__file__).resolve().parents[1]
SPECS = load_specs()
#: Where a record stands: lines of a text source, which a page does not have.
PLACES = {"首行", "末行", "页"}
#: Findings a printed document may have and its text form has not: what the style itself brings about.
OF_STYLE = {"PAGE-HIDDEN-TEXT", "HEADER-BLANKS"}
#: A functional item whose name holds a word that elsewhere begins a turn of phrase (用于…).
UNREAD_NAME = "用于社会福利的彩票公益金支出（项）"
CHROMIUM = ("plain", "open", "dotted", "cut-rows", "title-inside")
OFFICE = ("dotted", "double", "no-repeat", "yuan")
needs_chromium = pytest.mark.skipif(find_chromium() is None, reason="没有安装 Chromium，跳过浏览器印出的 PDF")
needs_office = pytest.mark.skipif(find_office() is None, reason="没有安装 LibreOffice，跳过办公软件印出的 PDF")


def of_text(printed):
    return read_disclosure(read_text("printed.md", to_markdown(printed).encode(), "text"), SPECS)


def of_pdf(data):
    return read_disclosure(read_pdf("printed.pdf", data, "pdf"), SPECS)


def as_is(value):
    return value


def without_blanks(value):
    """A browser prints no blank at the end of a line, so a blank between two texts may be lost."""
    return re.sub(r"\s", "", value) if isinstance(value, str) else value


def rows_of(disclosure, form=as_is):
    """Return every value of every table, with what the row is and what sums it up."""
    return {
        table.name: [
            (row.kind, row.organisation, {k: form(v) for k, v in row.values.items()}, row.parents) for row in table.rows
        ]
        for table in disclosure.tables
    }


def narrative_of(disclosure, form=as_is):
    return {
        name: [{k: form(v) for k, v in record.items() if k not in PLACES} for record in records]
        for name, records in disclosure.narrative.items()
    }


def assert_same(pdf, text, form=as_is):
    assert pdf.identity == text.identity
    assert rows_of(pdf, form) == rows_of(text, form)
    assert narrative_of(pdf, form) == narrative_of(text, form)
    assert [t.sheet.note for t in pdf.tables] == [t.sheet.note for t in text.tables]
    assert {f.rule for f in pdf.findings} - {f.rule for f in text.findings} <= OF_STYLE


@pytest.fixture(scope="module")
def printed_sample():
    return from_document(read(ROOT / "datapackage" / "sources" / "405003-2026-budget.md"), SPECS)


@pytest.fixture(scope="module")
def printed_department():
    """A department with two units, money from several funds, purchases, services and an empty table."""
    return random_disclosure(4, SPECS)


def test_the_generator_prints_the_sample_word_for_word(printed_sample, sample):
    again = of_text(printed_sample)
    assert rows_of(again) == rows_of(sample)
    assert narrative_of(again) == narrative_of(sample)


@pytest.mark.parametrize("face", ["cid", "embedded"])
def test_the_sample_on_paper_says_what_the_sample_says(printed_sample, sample, face):
    pdf = of_pdf(print_pages(printed_sample, Style(face=face)))
    assert rows_of(pdf) == rows_of(sample)
    assert narrative_of(pdf) == narrative_of(sample)


@pytest.mark.parametrize("name", FAMILIES)
def test_every_style_reads_back_exactly(printed_department, name):
    assert_same(of_pdf(print_pages(printed_department, FAMILIES[name])), of_text(printed_department))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
@given(st.integers(0, 2**31), st.integers(0, 2**31))
def test_any_disclosure_in_any_style_reads_back_exactly(seed, style):
    printed = random_disclosure(seed, SPECS)
    assert_same(of_pdf(print_pages(printed, random_style(style))), of_text(printed))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31))
def test_a_random_disclosure_agrees_with_itself(seed):
    disclosure = of_text(random_disclosure(seed, SPECS))
    assert [finding for finding in disclosure.findings if finding.severity != "info"] == []
    assert not disclosure.missing
    tables = {int(table.name[1:3]): table.rows for table in disclosure.tables}
    revenue = next(row.values["收入_预算数"] for row in tables[1] if row.values["收入_项目"] == "收入总计")
    basic = tables[5][0].values
    assert revenue == tables[2][0].values["合计"] == tables[3][0].values["合计"]
    assert basic["基本支出_小计"] == tables[6][0].values["合计"]
    assert basic["合计"] <= revenue
    assert tables[12][0].values["预算资金总额"] == tables[3][0].values["项目支出"]
    for row in (*tables[3], *tables[5]):
        spent = row.values.get("基本支出", row.values.get("基本支出_小计"))
        assert row.values["合计"] == spent + row.values["项目支出"] + row.values.get("结转下年支出", Decimal(0))


def test_an_item_whose_name_says_what_it_is_for_is_understood():
    disclosure = of_text(random_disclosure(205, SPECS))
    assert [finding.printed for finding in disclosure.findings if UNREAD_NAME in (finding.printed or "")] == []


def test_the_same_disclosure_gives_the_same_bytes(printed_sample):
    assert print_pages(printed_sample) == print_pages(printed_sample)


def test_html_keeps_every_span(printed_department):
    html = to_html(printed_department)
    spans = sum(len(table.spans()) for table in printed_department.tables)
    assert html.count("rowspan=") >= spans
    assert html.count("<table>") == len(printed_department.tables) + 1


@needs_chromium
@pytest.mark.parametrize("name", CHROMIUM)
def test_what_a_browser_prints_reads_back(name):
    printed = random_disclosure(0, SPECS)
    assert_same(of_pdf(print_chromium(printed, FAMILIES[name])), of_text(printed), without_blanks)


@needs_office
def test_what_an_office_program_prints_reads_back(printed_sample):
    assert_same(of_pdf(print_office(printed_sample)), of_text(printed_sample), without_blanks)


@needs_office
@pytest.mark.parametrize("name", OFFICE)
def test_what_an_office_program_prints_in_other_styles_reads_back(name, printed_department):
    assert_same(of_pdf(print_office(printed_department, FAMILIES[name])), of_text(printed_department), without_blanks)


def test_a_missing_printer_says_so(printed_sample, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FileNotFoundError, match="没有安装 LibreOffice"):
        print_office(printed_sample)
    with pytest.raises(FileNotFoundError, match="没有安装 Chromium"):
        print_chromium(printed_sample)


def test_the_demo_can_print_the_sample(tmp_path, sample):
    out = tmp_path / "sample.pdf"
    command = [sys.executable, "-m", "tests.generator.demo", str(out), "--sample", "--face", "cid"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert rows_of(of_pdf(out.read_bytes())) == rows_of(sample)
