"""One organisation, one key: its budget prints a code, its final account only a name."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from final_accounts import OFFICE, final_accounts
from yusuan.rows.namesakes import printed_keys, under_one_key
from yusuan.site.server import make_site
from yusuan.values import name_key
from yusuan.workflow import build

NAME = "柳州市智能制造科技服务中心"
CODED, NAMED = "450200-405003", f"450200-{name_key(NAME, '单位')}"


def document(unit, name=NAME, kind="单位预算"):
    return {"单位": unit, "区划": unit.split("-")[0], "类型": kind, "发布者": name, "文件": f"{unit}-2026"}


@pytest.mark.parametrize(
    ("documents", "keys"),
    [
        ([document(CODED), document(NAMED, kind="单位决算")], {NAMED: CODED}),
        ([document(CODED)], {}),
        ([document(NAMED)], {}),
        ([document(CODED), document("450200-405004"), document(NAMED)], {}),
        ([document("450200-405", kind="部门预算"), document(NAMED, kind="单位决算")], {}),
        ([document("450300-405003"), document(NAMED)], {}),
        ([document(CODED, name="柳州市智能制造科技 服务中心"), document(NAMED)], {NAMED: CODED}),
    ],
)
def test_place_kind_and_name_decide_and_two_codes_decide_nothing(documents, keys):
    assert printed_keys(documents) == keys


def test_without_namesakes_nothing_is_touched(specs):
    records = {"documents": [document(CODED)]}
    assert under_one_key(records, specs) is records


@pytest.fixture(scope="module")
def database(tmp_path_factory, sample_path, specs):
    folder = tmp_path_factory.mktemp("namesakes")
    account = folder / "决算.md"
    text = final_accounts().replace(OFFICE, NAME).replace("部门决算", "单位决算")
    account.write_text(text, "utf-8")
    report = build([sample_path, account], folder / "out", folder / "budget.db", specs)
    assert [outcome.disclosure.identity.unit for outcome in report.outcomes] == [CODED, NAMED]
    return folder / "budget.db"


def test_budget_and_final_account_meet_in_the_database(database):
    with closing(sqlite3.connect(database)) as connection:
        units = connection.execute("select 单位 from units where 单位名称 = ?", [NAME]).fetchall()
        documents = connection.execute("select 年度, 单位, 文件 from documents order by 年度").fetchall()
        phases = connection.execute(
            "select distinct 年度, 阶段, 计入合计 from expenditure_by_function where 单位 = ? order by 1", [CODED]
        ).fetchall()
    assert units == [(CODED,)]
    assert documents == [(2024, CODED, f"{NAMED}-2024-final"), (2026, CODED, f"{CODED}-2026-budget")]
    assert phases == [(2024, "决算", "是"), (2026, "预算", "是")]


@pytest.mark.parametrize(("path", "to"), [("", ""), ("/2024", "/2024")])
def test_the_old_address_leads_on(database, specs, path, to):
    site = make_site(database, specs)
    answer = asyncio.run(site.client.get(f"/unit/{NAMED}{path}", follow_redirects=False))
    assert (answer.status_code, answer.headers["location"]) == (301, f"/unit/{CODED}{to}")
    page = asyncio.run(site.client.get(answer.headers["location"]))
    assert page.status_code == 200
    assert NAME in page.text
    assert asyncio.run(site.client.get("/unit/450200-u0000000000")).status_code == 404
