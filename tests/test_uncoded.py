"""Rows printed without a code, codes finer than expected, units without a document of their own: pages all the same."""

from __future__ import annotations

import shutil
import sqlite3

import pytest

from yusuan.site.catalogue import ECONOMIC, FUNCTIONAL
from yusuan.site.server import make_site


@pytest.fixture(scope="module")
def site(neighbours, tmp_path_factory, specs):
    """Return the site of a database whose rows have lost some of their codes."""
    path = shutil.copy(neighbours, tmp_path_factory.mktemp("uncoded") / "budget.db")
    with sqlite3.connect(path) as database:
        for table in ("expenditure_by_function", "basic_expenditure_by_economic", "procurement_line"):
            columns = [row[1] for row in database.execute(f"pragma table_info({table})")]
            lost = [name for name in ("科目编码", "类", "款") if name in columns]
            told = ", ".join(f"{name} = null" for name in lost)
            database.execute(f"update {table} set {told} where rowid % 2 = 0")  # noqa: S608 - names from the database
        database.execute(
            "update economic_codes set 层级 = '项' where 科目编码 = (select max(科目编码) from basic_expenditure_by_economic)"
        )
        database.execute("insert into units select '450200-993001', 区划, 部门, '993001', '某所' from units limit 1")
    database.close()
    return make_site(path, specs)


def test_a_row_without_a_code_leads_nowhere_and_is_shown(site, fetch):
    page = fetch(site, "/unit/450200-991001").text
    assert "没有编码" in page
    assert "/code/None" not in page
    assert 'href=""' not in page
    assert ",,," in fetch(site, "/figure/composition.csv?unit=450200-991001&year=2026").text


def test_the_comparison_of_units_without_codes(site, fetch):
    page = fetch(site, "/compare?unit=450200-991001&unit=450200-991002&year=2026").text
    assert "/code/None" not in page


def test_a_code_finer_than_the_levels_has_a_page(site, fetch):
    (code,) = [row["科目编码"] for row in _rows(site, "select 科目编码 from economic_codes where 层级 = '项'")]
    assert code in fetch(site, f"/code/{code}").text
    assert ECONOMIC.column("项") == ECONOMIC.column("款") == "科目编码"
    assert FUNCTIONAL.column("款") == "款"


def test_a_unit_without_a_document_has_one_page_for_every_year(site, fetch):
    assert "某所" in fetch(site, "/unit/450200-993001/2026").text
    fetch(site, "/unit/450200-991001/1999", status=404)


def _rows(site, sql):
    with sqlite3.connect(site.get_database("budget").path) as database:
        database.row_factory = sqlite3.Row
        found = database.execute(sql).fetchall()
    database.close()
    return found
