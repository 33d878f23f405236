"""Budget and final account, department and unit: the same money is kept in each, and added once."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from final_accounts import BUDGET, OFFICE, final_accounts
from generator.markdown import to_markdown
from generator.neighbours import DEPARTMENT, budgets
from generator.random_disclosure import disclosure_of
from yusuan.rows.counted import mark_counted
from yusuan.site.server import make_site
from yusuan.workflow import build


@pytest.fixture(scope="module")
def database(tmp_path_factory, specs):
    """Return a database of a department, one of its units, and an office in both phases."""
    folder = tmp_path_factory.mktemp("phases")
    department = budgets(specs)[3]
    unit = replace(department, units=department.units[:1])
    texts = {"部门": to_markdown(disclosure_of(department, specs)), "单位": to_markdown(disclosure_of(unit, specs))}
    texts |= {"预算": BUDGET, "决算": final_accounts()}
    paths = [folder / f"{name}.md" for name in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(text, "utf-8")
    report = build(paths, folder / "out", folder / "budget.db", specs)
    assert not [problem for outcome in report.outcomes for problem in outcome.problems]
    return folder / "budget.db"


@pytest.fixture(scope="module")
def site(database, specs):
    return make_site(database, specs)


def ask(database, sql, *values):
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql, values).fetchall()


def test_documents_and_subjects_say_their_phase(database):
    assert dict(ask(database, "select 类型, 阶段 from documents where 类型 like '%决算'")) == {"部门决算": "决算"}
    phases = ask(database, "select distinct 阶段, 口径 from expenditure_by_function order by 1, 2")
    assert phases == [("决算", "部门"), ("预算", "单位"), ("预算", "部门")]


def test_a_unit_within_its_department_counts_once(database):
    """All rows of the unit's own document are in the database, and the sum is the department's alone."""
    code = DEPARTMENT[0]
    total = "select sum(合计_分) from expenditure_by_function where 部门 like ? and {}"
    (whole,) = ask(database, total.format("口径 = '部门'"), f"%-{code}")[0]
    (own,) = ask(database, total.format("口径 = '单位'"), f"%-{code}")[0]
    (counted,) = ask(database, total.format("计入合计 = '是'"), f"%-{code}")[0]
    assert own > 0
    assert counted == whole < whole + own


def test_a_unit_without_its_department_counts():
    """Of another year or another phase there is no department that holds it."""
    rows = [
        {"文件": "450200-992-2026-budget", "单位": "450200-992001", "年度": 2026, "阶段": "预算", "口径": "部门"},
        {"文件": "450200-992001-2026-budget", "单位": "450200-992001", "年度": 2026, "阶段": "预算", "口径": "单位"},
        {"文件": "450200-992001-2025-budget", "单位": "450200-992001", "年度": 2025, "阶段": "预算", "口径": "单位"},
        {"文件": "450200-992001-2026-final", "单位": "450200-992001", "年度": 2026, "阶段": "决算", "口径": "单位"},
        {"文件": "450200-993001-2026-budget", "单位": "450200-993001", "年度": 2026, "阶段": "预算", "口径": "单位"},
    ]
    mark_counted(rows)
    assert [row["计入合计"] for row in rows] == ["是", "否", "是", "是", "是"]


def test_units_keyed_by_name_are_held_by_the_department_of_their_name():
    def row(key, scope):
        return {"文件": f"{key}-2026-budget", "单位": key, "年度": 2026, "阶段": "预算", "口径": scope}

    rows = [row("310107-d0123456789", "部门"), row("310107-u0123456789", "单位"), row("310107-u9876543210", "单位")]
    mark_counted(rows)
    assert [row["计入合计"] for row in rows] == ["是", "否", "是"]


def test_a_ranking_lists_no_money_twice_and_says_so(site, fetch):
    page = fetch(site, "/ranking/expenditure?year=2026").text
    assert "不再重复列出" in page
    assert "单位预算" not in page.split("<table", 1)[1].split("</table>", 1)[0]
    chosen = fetch(site, "/ranking/expenditure?year=2026&kind=单位预算").text
    assert "单位预算" in chosen.split("<table", 1)[1].split("</table>", 1)[0]


def test_budgets_and_final_accounts_are_not_ranked_together(site, fetch):
    page = fetch(site, "/ranking/expenditure?year=2024").text
    table = page.split("<table", 1)[1].split("</table>", 1)[0]
    assert "部门预算" in table
    assert "部门决算" not in table


def test_a_unit_page_shows_how_the_budget_was_executed(site, fetch, database):
    ((unit,),) = ask(database, "select 单位 from documents where 阶段 = '决算'")
    for kind in ("部门预算", "部门决算"):
        page = fetch(site, f"/unit/{unit}/2024?kind={kind}").text
        section = page.split('id="execution"', 1)[1].split("<h2", 1)[0]
        assert "95.00" in section  # 决算
        assert "-5.00" in section  # 100 were budgeted
        assert "87.50" in section  # 行政运行: 70 of 80
        assert "75.00" in section  # 三公: 6 of 8, as the final account prints both


def test_a_unit_with_one_phase_alone_has_no_execution(site, fetch, database):
    ((unit,),) = ask(database, "select 单位 from documents where 类型 = '单位预算'")
    assert 'id="execution"' not in fetch(site, f"/unit/{unit}").text


def test_the_question_of_execution_compares_printed_figures(site, fetch):
    rows = fetch(site, "/budget/execution.json?年度=2024&单位=&_shape=array").json()
    assert [(row["科目编码"], row["预算数_万元"], row["决算数_万元"], row["执行率（%）"]) for row in rows] == [
        ("2010601", 80.0, 70.0, 87.5),
        ("2080501", 20.0, 25.0, 125.0),
    ]
    assert {row["单位名称"] for row in rows} == {OFFICE}
    (pair,) = fetch(site, "/budget/three_public_execution.json?年度=2024&_shape=array").json()
    assert (pair["预算数_万元"], pair["决算数_万元"], pair["差异_万元"], pair["执行率（%）"]) == (8.0, 6.0, -2.0, 75.0)


def test_without_the_other_phase_nothing_is_compared(site, fetch):
    assert fetch(site, "/budget/execution.json?年度=2026&单位=&_shape=array").json() == []
