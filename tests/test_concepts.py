"""Tables that only some places print: 机关运行经费, procurement by item, projects; each confirmed by its own sums."""

from __future__ import annotations

from decimal import Decimal

import pytest

from test_general_layout import HEAD, LISTS, PARTS
from yusuan.site.server import make_site
from yusuan.workflow import build

OPERATIONS = """公开12表
一般公共预算机关运行经费支出预算表
部门：烟台市某某局
单位：万元

科目编码\t科目名称\t机关运行经费支出
合计\t\t9.00
302\t商品和服务支出\t7.50
30201\t办公费\t4.50
30207\t邮电费\t3.00
310\t资本性支出\t1.50
31002\t办公设备购置\t1.50

"""


def _table(disclosure, name):
    return next(table for table in disclosure.tables if table.name.startswith(name))


def _unread(disclosure):
    return {f.table[:3]: f.message for f in disclosure.findings if f.rule == "TABLE-UNREAD"}


@pytest.fixture
def other(disclose):
    """Return a function that reads a document of a place without a layout of its own, with further tables."""

    def read_tables(*tables):
        return disclose(HEAD + LISTS + PARTS + "".join(tables))

    return read_tables


def test_operating_expenses_stand_below_their_classes(other):
    table = _table(other(OPERATIONS), "t13")
    assert [(row.kind, row.parents.get("")) for row in table.rows[:3]] == [("合计", None), ("父项", 1), ("明细", 2)]
    assert [row.values["机关运行经费"] for row in table.rows][-2:] == [Decimal("1.50")] * 2
    assert table.witness == "印证"


@pytest.mark.parametrize(("old", "new"), [("30207\t邮电费\t3.00", "30207\t邮电费\t3.10"), ("302\t商品", "202\t商品")])
def test_operating_expenses_that_do_not_add_up_or_are_of_other_codes_are_left_aside(old, new, other):
    disclosure = other(OPERATIONS.replace(old, new))
    assert not any(table.name.startswith("t13") for table in disclosure.tables)
    assert "不成立" in _unread(disclosure)["t13"] or "开头" in _unread(disclosure)["t13"]


def test_a_place_that_prints_no_operating_expenses_misses_nothing(other):
    disclosure = other()
    assert "t13_agency_operations" not in disclosure.missing
    assert not any(result.rule == "X-T13-T06" and result.not_applicable for result in disclosure.results)


@pytest.fixture(scope="module")
def site(tmp_path_factory, specs):
    """Return the site of an invented document with every table that only some places print."""
    folder = tmp_path_factory.mktemp("concepts")
    source = folder / "a.md"
    source.write_text(HEAD + LISTS + PARTS + OPERATIONS, "utf-8")
    build([source], folder / "out", folder / "budget.db", specs)
    return make_site(folder / "budget.db", specs)


def test_the_page_of_a_unit_shows_its_operating_expenses(site, fetch):
    page = fetch(site, fetch(site, "/budget/units.json?_shape=array").json()[0]["单位"].join(["/unit/", ""])).text
    assert "办公设备购置" in page
    assert "机关运行经费" in page


def test_the_home_page_lists_no_empty_subject(site, fetch):
    page = fetch(site, "/").text
    assert 'href="/budget/agency_operations"' in page
    assert 'href="/budget/purchased_service_line"' not in page
