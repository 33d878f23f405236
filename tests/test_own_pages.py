"""Units, codes, projects, comparisons, rankings: what they say is what the documents say, with one unit and with many."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import shutil
import sqlite3
from decimal import Decimal
from html import unescape
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest

from sums import sum_again
from yusuan.site import code_figures, history, home, pages
from yusuan.site.addresses import Addresses
from yusuan.site.asked import SHOWS, Asked
from yusuan.site.catalogue import Catalogue
from yusuan.site.plugin import _PAGES
from yusuan.site.queries import Books
from yusuan.site.server import make_site
from yusuan.site.setup import Setup

ROOT = Path(__file__).resolve().parents[1]
SAMPLE, FIRST, SECOND, DEPARTMENT = "450200-405003", "450200-991001", "450200-991002", "450200-992"
UNITS = (SAMPLE, FIRST, SECOND, DEPARTMENT)
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "\"'><script>1</script><img src=x onerror=1>{{1234*5678}}&amp;"
#: A question for which each figure has something to show.
FIGURES = {
    "composition": Asked(units=(FIRST,)),
    "economic": Asked(units=(FIRST,)),
    "flow": Asked(units=(FIRST,)),
    "years": Asked(units=(FIRST,)),
    "three-public": Asked(units=(FIRST,)),
    "spenders": Asked(code="206"),
    "parts": Asked(code="206"),
    "code-years": Asked(code="206"),
    "comparison": Asked(units=(FIRST, SECOND)),
    "ranking": Asked(measure="expenditure"),
}


@pytest.fixture(scope="module")
def site(neighbours, specs):
    return make_site(neighbours, specs)


@pytest.fixture(scope="module")
def books(site, specs):
    return Books(site, Catalogue(specs))


@pytest.fixture(scope="module")
def at(site):
    return Addresses(site)


@pytest.fixture
def changed(neighbours, specs, tmp_path):
    """Return a function that gives the site over a changed copy of the database."""

    def change(*statements):
        copy = tmp_path / "budget.db"
        shutil.copy(neighbours, copy)
        connection = sqlite3.connect(copy)
        for statement, *values in statements:
            connection.execute(statement, values)
        sum_again(connection, specs)
        connection.commit()
        connection.close()
        return make_site(copy, specs)

    return change


def get(site, address, status=200):
    response = asyncio.run(site.client.get(quote(address, safe="/?&=:,*+_.~-%")))
    assert response.status_code == status, address
    return response.text


def ask(neighbours, sql, *values):
    connection = sqlite3.connect(neighbours)
    rows = connection.execute(sql, values).fetchall()
    connection.close()
    return rows


def ask_one(site, sql):
    return ask(site.get_database("budget").path, sql, f"{SAMPLE}-2026-budget")[0]


def plain(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).strip()


def section(html, title):
    """Return the part of a page below a heading of level 2."""
    return re.split(f"<h2[^>]*>{re.escape(title)}</h2>", html, maxsplit=1)[-1].partition("<h2")[0]


def made(books, at, name, asked):
    return asyncio.run(pages.FIGURES[name](books, at, asked))


def account(books, unit, year=None, kind=""):
    found, every = asyncio.run(books.find(unit, year, kind))
    return found, every


# --- the figures of a unit ---


@pytest.mark.parametrize(
    ("measure", "table", "column"),
    [
        ("expenditure", "t03_expenditure", "合计"),
        ("basic", "t03_expenditure", "基本支出"),
        ("project", "t03_expenditure", "项目支出"),
        ("revenue", "t02_revenue", "合计"),
        ("personnel", "t06_general_public_basic", "人员经费"),
        ("public-use", "t06_general_public_basic", "公用经费"),
        ("three-public", "t07_three_public_two_fees", "三公经费_合计"),
        ("reception", "t07_three_public_two_fees", "三公经费_公务接待费"),
        ("training", "t07_three_public_two_fees", "培训费_小计"),
        ("procurement", "t10_procurement", "政府采购资金类型_合计"),
    ],
)
def test_a_measure_is_the_total_that_the_document_prints(measure, table, column, books, neighbours):
    """To the last digit, also where the leaves add up to something else."""
    for unit in UNITS:
        found, _ = account(books, unit)
        value = asyncio.run(books.values(found))[measure].fen
        printed = ask(neighbours, f"select {column} from {table} where 文件 = ? and 行类型 = '合计'", found.document)  # noqa: S608 - names of ours
        assert value == (round(printed[0][0] * 1_000_000) if printed and value is not None else None), (unit, measure)


def test_a_unit_of_a_department_has_its_own_part_of_the_document(books):
    whole, _ = account(books, DEPARTMENT)
    parts = asyncio.run(books.members(whole))
    assert len(parts) == 3
    total = asyncio.run(books.values(whole))["expenditure"].fen
    assert sum(row["分"] for row in parts) == total
    for row in parts:
        part, _ = account(books, row["单位"])
        assert not part.own
        assert asyncio.run(books.values(part))["expenditure"].fen == row["分"]


def test_a_table_published_empty_is_told_from_one_that_is_missing(books, changed, specs):
    found, _ = account(books, SAMPLE)
    value = asyncio.run(books.values(found))["purchased-services"]
    assert (value.fen, value.state) == (0, "空表")
    gone = ("delete from document_tables where 表 = 't11_purchased_services'",), ("delete from t11_purchased_services",)
    lost = Books(changed(*gone), Catalogue(specs))
    assert asyncio.run(lost.values(found))["purchased-services"].state == "没有公布"


def test_the_year_before_is_printed_where_there_is_its_document(books):
    now, every = account(books, FIRST)
    assert [(a.year, a.kind) for a in every] == [(2026, "单位预算"), (2025, "单位预算")]
    before = asyncio.run(books.values(every[1]))
    for change in asyncio.run(history.changes(books, now, every)):
        expected = before[change.measure.key].fen
        assert (change.before, change.origin) == (expected, "" if expected is None else history.PRINTED)


def test_the_year_before_is_told_where_there_is_only_the_narrative(books):
    changes = {c.measure.key: c for c in asyncio.run(history.changes(books, *account(books, SAMPLE)))}
    assert (changes["expenditure"].before, changes["expenditure"].origin) == (1_067_800_000, "推算")
    assert (changes["three-public"].before, changes["three-public"].origin) == (6_060_000, "原文")
    assert changes["training"].before is None
    assert round(changes["expenditure"].rate, 2) == 4.68


def test_a_narrative_that_disagrees_about_this_year_is_not_believed_about_the_last(changed, specs):
    other = Books(changed(("update narrative_facts set 金额 = 金额 + 1 where 对象 = '公务接待费'",)), Catalogue(specs))
    changes = {c.measure.key: c for c in asyncio.run(history.changes(other, *account(other, SAMPLE)))}
    assert changes["reception"].before is None
    assert changes["three-public"].before is not None


def test_years_of_a_unit_are_printed_or_marked(books):
    years = asyncio.run(history.years(books, *account(books, FIRST)))
    assert [(year.year, year.derived) for year in years] == [(2024, True), (2025, False), (2026, False)]


def test_a_corrected_cell_counts_as_corrected(changed, specs, neighbours):
    """What is printed is wrong there: the sum of the corrected leaves is the figure, not the printed total."""
    document, table = f"{SAMPLE}-2026-budget", "t10_procurement"
    ((cell,),) = ask(
        neighbours, "select 格 from cells where 文件 = ? and 表 = ? and 部位 = '数据' limit 1", document, table
    )
    row = (cell, document, "1", "2", "试", "试", "proposed")
    names = "格, 文件, 印刷值, 更正值, 理由, 来源, 状态"
    books = Books(changed((f"insert into corrections ({names}) values (?, ?, ?, ?, ?, ?, ?)", *row)), Catalogue(specs))  # noqa: S608 - ours
    values = asyncio.run(books.values(account(books, SAMPLE)[0]))
    assert (values["procurement"].fen, values["three-public"].fen) == (10_310_000, 6_030_000)


def test_a_settled_finding_says_so_and_is_not_counted(changed):
    """One that is corrected or signed is shown as such, below those that are open."""
    site = changed(
        ("update findings set 处理 = '已签字', 处理说明 = '印刷如此' where 文件 = ?", f"{SAMPLE}-2026-budget")
    )
    said = plain(section(get(site, f"/unit/{SAMPLE}"), "哪里对不上"))
    assert "0 个错误，0 个警告" in said
    assert "已签字" in said
    assert "印刷如此" in said


# --- the pages ---


def test_unit_page_shows_its_latest_year_and_leads_to_the_others(site):
    page = get(site, f"/unit/{FIRST}")
    assert "柳州市合成测试甲中心 2026 年单位预算" in plain(page)
    assert f'href="/unit/{FIRST}/2025"' in page
    assert "2025 年单位预算" in plain(get(site, f"/unit/{FIRST}/2025"))
    for address in (f"/unit/{FIRST}/2020", f"/unit/{FIRST}?kind=单位决算", "/unit/nix"):
        assert "没有这个页面" in get(site, address, 404)


def test_unit_page_says_where_every_figure_of_the_year_before_comes_from(site):
    table = get(site, f"/unit/{SAMPLE}").partition('id="figures"')[2].partition("<h2")[0]
    rows = [
        [plain(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    ]
    said = {cells[0]: cells[1:] for cells in rows}
    assert said["支出总计"] == ["1,117.75", "1,067.80", "49.95", "4.68", "推算"]
    assert said["三公经费"][-1] == "原文"
    assert said["公务接待费"][1:] == ["1.26", "-0.03", "-2.38", "推算"]
    assert said["政府采购"] == ["10.30", "11.32", "-1.02", "-9.01", "推算"]


def test_unit_page_has_every_part(site):
    page = get(site, f"/unit/{SAMPLE}")
    titles = [plain(title) for title in re.findall(r"<h2.*?</h2>", page)]
    assert titles == [
        "2026 年的主要数字", "钱花在哪里", "钱从哪里来，到哪里去", "历年", "三公经费、会议费、培训费", "基本支出用在什么上",
        "项目与绩效目标", "政府采购", "人员与车辆", "哪里对不上", "文档",
    ]  # fmt: skip
    assert "0.00 空表" in plain(page)
    assert "全额拨款事业编制" in section(page, "人员与车辆")
    findings = plain(section(page, "哪里对不上"))
    (open_ones,) = ask_one(
        site, "select count(*) from findings where 文件 = ? and 严重程度 = 'warning' and 处理 = '未处理'"
    )
    assert f"{open_ones} 个警告" in findings
    assert "应公布表数" in findings


def test_department_page_lists_its_units_and_theirs_say_so(site):
    page = get(site, f"/unit/{DEPARTMENT}")
    assert len(re.findall(r"丙\d所", section(page, "所属单位"))) == 3
    assert "没有单独公开的文档" in get(site, f"/unit/{DEPARTMENT}001")


def test_a_unit_that_nobody_says_anything_about_still_has_a_page(changed):
    site = changed(("insert into units values ('450200-x', '450200', null, null, '柳州市无文档单位')",))
    assert "还没有自己的公开文档" in get(site, "/unit/450200-x")
    assert "没有单独的文档" in get(site, "/unit")


@pytest.mark.parametrize("code", ["206", "20603", "2060301", "301", "30101"])
def test_code_page_of_each_level_says_who_spends(code, site, neighbours, books, at):
    figure = made(books, at, "spenders", Asked(code=code, kind="单位预算", years=(2026,)))
    table = "expenditure_by_function" if code.startswith("2") else "basic_expenditure_by_economic"
    expected = ask(
        neighbours,
        f"select sum(合计_分) from {table} join documents using (文件) where 科目编码 like ? and {table}.年度 = 2026"  # noqa: S608 - ours
        " and 类型 = '单位预算' group by 文件 order by 1 desc",
        f"{code}%",
    )
    assert [line.values[2] for line in figure.lines] == [fen for (fen,) in expected]
    page = get(site, f"/code/{code}?kind=单位预算")
    assert f'href="/unit/{SAMPLE}/2026"' in page
    assert f"<small>{code}</small>" in page


def test_code_pages_lead_up_and_down(site):
    page = get(site, "/code/20603")
    assert 'href="/code/206"' in page
    assert 'href="/code/2060301"' in page
    assert "由什么组成" not in get(site, "/code/2060301")
    get(site, "/code/nix", 404)


def test_parts_of_a_code_add_up_to_it(books, at):
    asked = Asked(code="206", kind="单位预算", years=(2026,))
    whole = sum(line.values[2] for line in made(books, at, "spenders", asked).lines)
    assert sum(line.values[2] for line in made(books, at, "parts", asked).lines) == whole
    assert dict(line.values[::2] for line in made(books, at, "code-years", asked).lines)["2026"] == whole


def test_project_page_has_goal_indicators_and_source(site, neighbours):
    ((key, name, goal),) = ask(
        neighbours, "select 键, 项目名称, 年度绩效目标 from project where 键 like ? limit 1", f"{SAMPLE}%.r03"
    )
    page = get(site, f"/project/{key}")
    assert name in page
    assert goal[:40] in page
    (count,) = ask(neighbours, "select count(*) from performance_indicator where 项目 = ?", key)[0]
    assert len(re.findall(r'<th scope="row">', section(page, "绩效指标"))) == count
    assert "情况说明怎么说" in page
    assert f'href="/document/{SAMPLE}-2026-budget"' in page
    get(site, "/project/nix", 404)


def test_projects_are_listed_by_a_question(site):
    response = asyncio.run(site.client.get("/project"))
    assert (response.status_code, response.headers["location"]) == (302, "/budget/biggest_projects")
    assert "没有结果" not in get(site, "/budget/biggest_projects")


def test_list_of_codes_has_those_on_which_anything_is_spent(site, neighbours):
    page = get(site, "/code")
    listed = set(re.findall(r'href="/code/(\w+)"', page))
    spent = {code for row in ask(neighbours, "select 类, 款, 科目编码 from expenditure_by_function") for code in row}
    spent |= {code for row in ask(neighbours, "select 类, 科目编码 from basic_expenditure_by_economic") for code in row}
    assert listed == spent


def test_project_page_names_the_same_project_in_other_years(changed, neighbours):
    now, before = (
        ask(neighbours, "select 键, 项目名称 from project where 文件 = ? limit 1", f"{FIRST}-{year}-budget")[0]
        for year in (2026, 2025)
    )
    site = changed(("update project set 项目名称 = ? where 键 = ?", now[1], before[0]))
    assert f'href="/project/{before[0]}"' in section(get(site, f"/project/{now[0]}"), "同一单位的同名项目")


def test_comparison_divides_by_the_authorised_staff(books, at, neighbours):
    figure = made(books, at, "comparison", Asked(units=(FIRST, SECOND), years=(2026,), show="staff"))
    posts = "select 人数 from staffing where 单位 = ? and 年度 = 2026 and 项目 = '全额拨款事业编制'"
    for line, unit in zip(figure.lines, (FIRST, SECOND), strict=True):
        ((seats,),) = ask(neighbours, posts, unit)
        assert line.values[3] == seats > 1
        assert abs(line.values[4] - line.values[1] / seats) <= 5_000


def test_comparison_of_units_and_of_years(site):
    page = get(site, f"/compare?unit={FIRST}&unit={SECOND}")
    heads = [plain(head) for head in re.findall(r"<th scope=\"col\".*?</th>", section(page, "全部指标"))]
    assert heads == ["指标（万元）", "柳州市合成测试甲中心 2026 年", "柳州市合成测试乙中心 2026 年"]
    years = get(site, f"/compare?unit={FIRST}&year=2025&year=2026")
    assert "甲中心 2025 年" in years
    assert "甲中心 2026 年" in years
    assert f'value="{FIRST}" checked' in page
    assert "没有公开文档" in get(site, "/compare?unit=nix")
    assert "还没有选单位" in get(site, "/compare")
    get(site, "/compare?measure=nix", 404)


@pytest.mark.parametrize("show", SHOWS)
def test_ranking_falls(show, books, at, specs):
    for measure in specs.site["measures"]:
        figure = made(books, at, "ranking", Asked(measure=measure, show=show))
        shown = [Decimal(v) for line in figure.lines if (v := re.sub("[^0-9.-]", "", line.values[-1]))]
        assert shown == sorted(shown, reverse=True), measure


def test_ranking_can_be_narrowed(site):
    assert "柳州市合成测试丙1所" in get(site, "/ranking/expenditure")
    assert "柳州市合成测试丙1所" not in get(site, "/ranking/expenditure?kind=单位预算")
    assert "没有符合条件的单位" in get(site, "/ranking/expenditure?place=别处")
    get(site, "/ranking/nix", 404)


def test_one_unit_counts_once_where_two_documents_of_a_kind_list_it(changed):
    """The same unit in its own document and in a second one of the same kind: the ranking keeps its own."""
    site = changed((
        "update expenditure_by_function set 单位 = ? where 文件 = ?", FIRST, f"{SECOND}-2026-budget"
    ))  # fmt: skip
    assert (
        get(site, "/ranking/expenditure?kind=单位预算").count(f'<a href="/unit/{FIRST}/2026">柳州市合成测试甲中心</a>')
        == 1
    )


@pytest.mark.parametrize(
    "address",
    [
        f"/unit/{SAMPLE}?show=nix&kind=",
        "/ranking/project?year=99999999999999999999",
        "/ranking/project?year=-1&show=share",
        "/compare?unit=&unit=&year=x",
        f"/compare?unit={SAMPLE}" + f"&unit={FIRST}" * 50,
        "/code/206?year=1066&show=share",
        f"/compare?unit={SAMPLE}&year=2026&kind=nix",
    ],
)
def test_odd_questions_get_a_page(address, site):
    assert "<h1" in get(site, address)


# --- figures ---


def test_every_figure_is_tried():
    assert set(FIGURES) == set(pages.FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_picture_table_and_csv_of_the_same_numbers(name, site, books, at):
    figure = made(books, at, name, FIGURES[name])
    read = list(csv.reader(io.StringIO(get(site, at.figure(name, "csv", figure.asked)))))
    assert read[0] == [heading.title for heading in figure.headings]
    assert len(read) == len(figure.lines) + 1 > 1
    money = [n for n, heading in enumerate(figure.headings) if heading.kind == "money"]
    for line, row in zip(figure.lines, read[1:], strict=True):
        for n in money:
            assert row[n] == "" if line.values[n] is None else Decimal(row[n]) * 1_000_000 == line.values[n]
    for svg in (figure.wide(), figure.narrow()):
        assert ET.fromstring(svg).tag == f"{SVG}svg"  # noqa: S314 - our own
        assert figure.title == ET.fromstring(svg).get("aria-label")  # noqa: S314 - our own


@pytest.mark.parametrize("name", FIGURES)
def test_figure_file_stands_alone(name, site, at):
    svg = get(site, at.figure(name, "svg", FIGURES[name]))
    root = ET.fromstring(svg)  # noqa: S314 - our own
    said = "".join(root.itertext())
    assert root.get("viewBox")
    assert "/figure/" in said
    assert not [e for e in root.iter() if e.tag.removeprefix(SVG) in {"script", "style", "image", "foreignObject"}]
    assert not [a for e in root.iter() for a in e.attrib if a == "style" or a.startswith("on")]


@pytest.mark.parametrize("name", FIGURES)
def test_figure_has_nothing_to_show_of_nothing(name, site, at):
    for asked in (
        Asked(units=("nix",), code="nix", measure="nix"),
        Asked(units=("nix",), years=(1999,), measure="nix"),
    ):
        get(site, at.figure(name, "svg", asked), 404)
    get(site, "/figure/nix.svg", 404)


def test_question_of_a_figure_gives_the_same_figure_again(books, at):
    """The address of a figure says everything: what is shown today under it is shown under it tomorrow."""
    for name, asked in FIGURES.items():
        figure = made(books, at, name, asked)
        again = made(books, at, name, figure.asked)
        assert (again.title, again.lines, again.asked) == (figure.title, figure.lines, figure.asked)


def test_treemap_of_a_unit_shows_the_whole(books, at):
    figure = made(books, at, "composition", Asked(units=(FIRST,)))
    found, _ = account(books, FIRST)
    assert sum(line.values[3] for line in figure.lines) == asyncio.run(books.values(found))["expenditure"].fen
    assert round(sum(line.values[4] for line in figure.lines), 6) == 100
    by_share = made(books, at, "composition", Asked(units=(FIRST,), show="share"))
    assert "%" in str(by_share.wide())


def test_flow_neither_makes_nor_loses_money(books, at):
    for unit in UNITS:
        figure = made(books, at, "flow", Asked(units=(unit,)))
        found, _ = account(books, unit)
        total = asyncio.run(books.values(found))["expenditure"].fen
        out = sum(value for source, _, value in (line.values for line in figure.lines) if source == "总计")
        basic = sum(value for _, target, value in (line.values for line in figure.lines) if target == "基本支出")
        assert out == total, unit
        assert basic == asyncio.run(books.values(found))["basic"].fen, unit


def test_pictures_of_hostile_names_are_pictures(changed, at):
    site = changed(
        ("update units set 单位名称 = ?", HOSTILE),
        ("update expenditure_by_function set 科目名称 = ?", HOSTILE),
        ("update functional_codes set 科目名称 = ?", HOSTILE),
        ("update documents set 标题 = ?", HOSTILE),
    )
    for name, asked in FIGURES.items():
        svg = get(site, at.figure(name, "svg", asked))
        assert not [e for e in ET.fromstring(svg).iter() if e.tag.removeprefix(SVG) == "script"]  # noqa: S314 - that is the test
    for address in (f"/unit/{FIRST}", "/unit", "/code/206", f"/compare?unit={FIRST}", "/ranking/project", "/code"):
        page = get(site, address)
        assert "<script>1" not in page, address
        assert "<img src=x" not in page, address


def test_a_cell_that_a_spreadsheet_would_calculate_is_text(changed, at):
    site = changed(("update expenditure_by_function set 科目名称 = '=1+1'",))
    assert "\n'=1+1," in get(site, at.figure("composition", "csv", Asked(units=(FIRST,)))).replace("\r", "")


def test_every_figure_can_be_cited_and_embedded(site):
    page = get(site, f"/unit/{SAMPLE}")
    assert page.count("引用：柳州市智能制造科技服务中心") == page.count("<figure") == 5
    embedded = re.findall(
        r"img src=&#34;http://localhost(/figure/[^&]+(?:&amp;amp;[^&]+)*)&#34;|img src=\"http://localhost(/figure/[^\"]+)\"",
        page,
    )
    assert len(embedded) == 5


def test_citations_and_pictures_name_the_address_the_site_is_reached_at(neighbours, specs, at):
    outside = make_site(neighbours, specs, Setup(public=True, address="https://budget.example/"))
    asked = Asked(units=(SAMPLE,))
    pages_with_addresses = (f"/unit/{SAMPLE}", "/budget/three_public_ranking", at.figure("flow", "svg", asked))
    for address in pages_with_addresses:
        said = get(outside, address)
        assert "https://budget.example/" in said, address
        assert "http://localhost" not in said, address


# --- addresses ---


def test_every_address_is_documented():
    text = (ROOT / "docs" / "addresses.md").read_text("utf-8")
    for pattern in _PAGES:
        if "/figure/(" not in pattern:
            assert f"`{re.split(r'[(?$]', pattern.removeprefix('^'))[0].rstrip('/')}" in text, pattern
    for name in pages.FIGURES:
        assert f"`{name}`" in text, name


def test_every_measure_is_documented(specs):
    text = (ROOT / "docs" / "addresses.md").read_text("utf-8")
    for key, measure in specs.site["measures"].items():
        assert f"| `{key}` | {measure['title']} |" in text


def test_rows_and_codes_lead_to_their_own_pages(site):
    page = get(site, "/budget/expenditure_by_function?单位=" + SAMPLE)
    assert f'href="/unit/{SAMPLE}"' in page
    assert 'href="/code/2060301"' in page
    assert f'href="/unit/{SAMPLE}"' in get(site, f"/budget/units/{SAMPLE}")


def test_home_names_the_last_release(tmp_path, neighbours, specs):
    assert "最近发布" not in get(make_site(neighbours, specs), "/")
    for version in ("2026.2", "2026.10", "2025.11", "nix"):
        (tmp_path / "releases" / version).mkdir(parents=True)
    beside = shutil.copy(neighbours, tmp_path / "budget.db")
    assert "2026.10" in get(make_site(beside, specs), "/")
    inside = shutil.copy(neighbours, tmp_path / "releases" / "2026.2" / "budget.db")
    assert home.last_release(Path(inside)) == "2026.2"


def test_kind_of_classification_is_found_by_the_code(books):
    assert asyncio.run(code_figures.find_code(books, "206"))[0].codes == "functional_codes"
    assert asyncio.run(code_figures.find_code(books, "301"))[0].codes == "economic_codes"
    assert asyncio.run(code_figures.find_code(books, "999")) is None


_TRACED = re.compile(r'<a class="traced" href="([^"]+)"[^>]*>([-\d,.]+)</a>')


def _stands_there(site, fetch, address, shown):
    """Follow a link: the cell framed there has the number, or the rows listed there add up to it."""
    page = fetch(site, address).text
    if "/-/source/" in address:
        cells = re.findall(r'<td class="[a-z]+ framed"[^>]*>.*?<a [^>]*>(.*?)</a>', page, re.DOTALL)
        marked = " ".join(re.findall(r"<mark>(.*?)</mark>", page, re.DOTALL))
        if cells:
            return [Decimal(cell.replace(",", "") or "0") for cell in cells] == [shown]
        return bool(marked) or '<dl class="printed"><dt>' in page
    table = address.split("/budget/")[1].split("?")[0]
    rows = fetch(site, address.replace(table, f"{table}.json", 1) + "&_shape=array&_size=max").json()
    columns = {name for row in rows for name, value in row.items() if isinstance(value, float)}
    return shown in {sum(Decimal(repr(row[name] or 0)) for row in rows) for name in columns}


@pytest.mark.parametrize(
    "address",
    [f"/unit/{SAMPLE}", f"/unit/{FIRST}", f"/unit/{DEPARTMENT}", "/code/206", "/ranking/project",
     f"/compare?unit={FIRST}&unit={SECOND}&measure=reception"],
)  # fmt: skip
def test_every_amount_of_a_page_leads_to_where_it_was_printed(site, fetch, address):
    links = [(unescape(url), text) for url, text in _TRACED.findall(fetch(site, address).text)]
    assert links
    wrong = [
        (url, text)
        for url, text in dict.fromkeys(links)
        if not _stands_there(site, fetch, url, Decimal(text.replace(",", "")))
    ]
    assert wrong == []


def test_the_amounts_of_a_unit_are_all_links(site, fetch):
    """In the tables of the page, money that is printed is a link; what was derived or summed up over documents is not."""
    page = fetch(site, f"/unit/{SAMPLE}").text
    (table,) = re.findall(r'aria-label="主要数字" tabindex="0">(.*?)</table>', page, re.DOTALL)
    first = re.findall(r"<tr>\s*<th scope=\"row\">.*?</th>\s*<td class=\"number\">(.*?)</td>", table, re.DOTALL)
    printed = [cell for cell in first if re.search(r"\d", cell)]
    assert len(printed) > 8
    assert all('class="traced"' in cell for cell in printed)
