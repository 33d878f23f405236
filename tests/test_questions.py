"""The questions in plain words: each has a form of existing values, a default that works, an answer, a picture that fits."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from urllib.parse import urlencode

import pytest

from conftest import SAMPLE
from final_accounts import BUDGET, final_accounts
from generator.neighbours import write_neighbours
from yusuan.site import questions
from yusuan.site.catalogue import Catalogue
from yusuan.site.server import make_site
from yusuan.spec import load_specs
from yusuan.workflow import build

QUERIES = load_specs().site["queries"]
PARAMETERS = load_specs().site["parameters"]
every_question = pytest.mark.parametrize("name", QUERIES)


@pytest.fixture(scope="module")
def site(tmp_path_factory, specs):
    """Return a site of several units, of the sample, and of an office with a budget and a final account."""
    folder = tmp_path_factory.mktemp("questions")
    pair = [folder / "预算.md", folder / "决算.md"]
    for path, text in zip(pair, (BUDGET, final_accounts()), strict=True):
        path.write_text(text, "utf-8")
    build([SAMPLE, *write_neighbours(folder, specs), *pair], folder / "out", folder / "budget.db", specs)
    return make_site(folder / "budget.db", specs)


def get(site, address, **values):
    response = asyncio.run(site.client.get(f"{address}?{urlencode(values)}"))
    assert response.status_code == 200, (address, values, response.text[:300])
    return response


def answer(site, name, **values):
    return get(site, f"/budget/{name}.json", _shape="array", **values).json()


def form(site, specs, values):
    return asyncio.run(questions.pickers(site, Catalogue(specs), values))


@every_question
def test_question_asks_only_what_is_described(name):
    asked = questions.parameters(QUERIES[name]["sql"])
    assert set(asked) <= set(PARAMETERS)
    assert QUERIES[name]["title"].endswith("？")


def test_every_parameter_is_asked_for():
    assert set(PARAMETERS) == {p for query in QUERIES.values() for p in questions.parameters(query["sql"])}


@every_question
def test_question_answers_without_being_told_anything(name, site):
    """The first visit shows something; nobody has to know a code first."""
    assert answer(site, name)
    assert "没有结果" not in get(site, f"/budget/{name}").text


@every_question
def test_every_choice_of_a_form_has_an_answer_or_says_that_there_is_none(name, site, specs):
    for parameter in questions.parameters(QUERIES[name]["sql"]):
        (picker,) = form(site, specs, {parameter: ""})
        for value, text in picker.choices:
            assert text
            get(site, f"/budget/{name}", **{parameter: value})


@every_question
def test_a_question_left_open_is_that_with_the_first_choice(name, site, specs):
    for parameter in questions.parameters(QUERIES[name]["sql"]):
        (picker,) = form(site, specs, {parameter: ""})
        if "empty" not in PARAMETERS[parameter]:
            assert picker.value
            assert answer(site, name, **{parameter: picker.value}) == answer(site, name)


@every_question
def test_the_picture_of_an_answer_is_its_first_rows(name, site):
    page = get(site, f"/budget/{name}").text
    assert ("<figure" in page) == ("chart" in QUERIES[name])
    if "chart" in QUERIES[name]:
        svg = get(site, f"/figure/question/{name}.svg").text
        rows = [row for row in answer(site, name) if row[QUERIES[name]["chart"]["value"]] is not None]
        assert svg.count("<title>") == min(len(rows), 20)


def test_a_question_without_a_picture_has_no_picture_file(site):
    for address in ("/figure/question/not_adding_up.svg", "/figure/question/nix.svg"):
        assert asyncio.run(site.client.get(address)).status_code == 404


def test_forms_offer_names_for_codes(site, specs):
    (tables,) = form(site, specs, {"公开表": ""})
    assert ("t03_expenditure", "表3 单位支出总体情况表") in tables.choices
    (units,) = form(site, specs, {"单位": "450200-991001"})
    assert units.choices[0] == ("", "全部单位")
    page = get(site, "/budget/procurement_search", 单位="450200-991001").text
    assert '<option value="450200-991001" selected>柳州市合成测试甲中心</option>' in page


def test_a_value_that_is_not_offered_stays_in_the_form(site):
    assert '<option value="1066" selected>1066</option>' in get(site, "/budget/three_public_ranking", 年度="1066").text


def test_a_long_list_is_typed_with_suggestions(neighbours, specs, tmp_path):
    copy = tmp_path / "many.db"
    copy.write_bytes(neighbours.read_bytes())
    connection = sqlite3.connect(copy)
    rows = ((f"450200-8{n:05}", "450200", None, None, f"柳州市第{n}单位") for n in range(400))
    connection.executemany("insert into units values (?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()
    page = get(make_site(copy, specs), "/budget/procurement_search").text
    assert re.search(r'<input type="text" id="parameter\d" name="单位"[^>]* list="choices\d">', page)
    assert '<option value="450200-800399">柳州市第399单位</option>' in page
    wide = get(make_site(copy, specs), "/compare").text
    assert '<input type="text" id="more1" name="unit" list="known"' in wide


def test_increase_uses_the_printed_year_before_and_else_the_told_one(site):
    rows = {(row["单位名称"], row["年度"]): row for row in answer(site, "biggest_increase")}
    first = rows["柳州市合成测试甲中心", 2026]
    assert first["上年数来源"] == "上年文档"
    assert first["上年_万元"] == rows["柳州市合成测试甲中心", 2025]["本年_万元"]
    assert rows["柳州市合成测试甲中心", 2025]["上年数来源"] in {"推算", "原文"}
    sample = rows["柳州市智能制造科技服务中心", 2026]
    assert (sample["上年_万元"], sample["增减率（%）"], sample["上年数来源"]) == (1067.8, 4.68, "推算")


def test_words_are_searched_as_they_are(site):
    everything = answer(site, "indicator_search")
    some = answer(site, "indicator_search", 词="满意")
    assert 0 < len(some) < len(everything)
    assert answer(site, "indicator_search", 词="%") != everything
    assert answer(site, "indicator_search", 词="' or 1=1 --") == []


def test_missing_and_empty_tables_are_both_listed(site, neighbours, specs, tmp_path):
    rows = answer(site, "unpublished_tables", 公开表="t11_purchased_services")
    assert {row["情况"] for row in rows} == {"空表"}
    copy = tmp_path / "missing.db"
    copy.write_bytes(neighbours.read_bytes())
    connection = sqlite3.connect(copy)
    connection.execute("update documents set 缺表 = 't08_government_fund t11_purchased_services'")
    connection.execute("delete from document_tables where 表 = 't11_purchased_services' and 文件 like '%405003%'")
    connection.commit()
    connection.close()
    rows = answer(make_site(copy, specs), "unpublished_tables", 公开表="t11_purchased_services")
    assert sum(row["情况"] == "缺表" for row in rows) == 5


def test_answers_lead_to_projects_documents_and_codes(site):
    assert 'href="/project/450200-405003-2026-budget.t12' in get(site, "/budget/biggest_projects").text
    assert 'href="/document/450200-405003-2026-budget"' in get(site, "/budget/unpublished_tables").text
    assert 'href="/code/2060301"' in get(site, "/budget/item_by_unit", 科目编码="2060301").text


def test_a_unit_in_an_answer_is_a_link_and_its_key_stays_in_the_download(site):
    page = get(site, "/budget/three_public_ranking").text
    assert re.search(r'<td class="[a-z]+"><a href="/unit/450200-405003">柳州市智能制造科技服务中心</a></td>', page)
    assert '<th scope="col" class="code">单位</th>' not in page
    assert all(row["单位"] for row in answer(site, "three_public_ranking"))


@pytest.mark.parametrize(
    ("cost", "before", "origin"),
    [("三公经费合计", 6.06, "原文"), ("公务接待费", 1.26, "推算"), ("公务用车运行维护费", 4.8, "推算")],
)
def test_a_cost_of_the_year_before_is_printed_or_told(cost, before, origin, site):
    rows = {(row["单位名称"], row["年度"]): row for row in answer(site, "three_public_change", 费用=cost)}
    told = rows["柳州市智能制造科技服务中心", 2026]
    assert (told["上年_万元"], told["上年数来源"]) == (before, origin)
    assert told["增减_万元"] == pytest.approx(told["本年_万元"] - before, abs=1e-6)
    printed = rows["柳州市合成测试甲中心", 2026]
    assert printed["上年数来源"] == "上年文档"
    assert printed["上年_万元"] == rows["柳州市合成测试甲中心", 2025]["本年_万元"]


def test_a_code_of_any_level_holds_what_is_under_it(site):
    """The whole of a class is the sum of its items; its name asks for it as well as its code."""
    whole = {(row["单位"], row["年度"]): row["合计"] for row in answer(site, "item_by_unit", 科目编码="206")}
    assert whole["450200-405003", 2026] == 785.64
    parts: dict[tuple[str, int], float] = {}
    for code in ("2060301", "2060399"):
        for row in answer(site, "item_by_unit", 科目编码=code):
            if row["单位"] == "450200-405003":
                parts[row["单位"], row["年度"]] = parts.get((row["单位"], row["年度"]), 0) + row["合计"]
    assert parts["450200-405003", 2026] == pytest.approx(whole["450200-405003", 2026])
    assert answer(site, "item_by_unit", 科目编码="科学技术支出") == answer(site, "item_by_unit", 科目编码="206")


@pytest.mark.parametrize("name", [name for name in QUERIES if ":地方" in QUERIES[name]["sql"]])
def test_a_question_about_one_place_answers_with_its_units_only(name, site):
    places = {row["单位"][:6] for row in answer(site, name)}
    for place in places:
        assert {row["单位"][:6] for row in answer(site, name, 地方=place)} == {place}
    assert answer(site, name, 地方="000000") == []


def test_purchases_of_at_least_an_amount(site):
    every, large = answer(site, "procurement_search"), answer(site, "procurement_search", 至少="1.5")
    assert 0 < len(large) < len(every)
    assert large == [row for row in every if row["金额"] >= 1.5]


def test_an_empty_answer_leads_further(site):
    page = get(site, "/budget/indicator_search", 词="没有这样的话").text
    assert "清除条件" in page
    address = re.search(r'href="(/-/search\?q=[^"]+)">在全站检索“没有这样的话”', page)
    assert address
    get(site, address[1])


def test_units_of_one_name_are_told_apart(specs, neighbours, tmp_path):
    copy = tmp_path / "namesakes.db"
    copy.write_bytes(neighbours.read_bytes())
    connection = sqlite3.connect(copy)
    connection.executemany(
        "insert into units values (?, '450200', null, ?, ?)",
        [
            ("450200-d0123456789", None, "同名局"),
            ("450200-u0123456789", None, "同名局"),
            ("450200-777", "777", "777"),
        ],
    )
    connection.commit()
    connection.close()
    (units,) = form(make_site(copy, specs), specs, {"单位": ""})
    assert ("450200-d0123456789", "同名局（部门）") in units.choices
    assert ("450200-u0123456789", "同名局（单位）") in units.choices
    assert "450200-777" not in dict(units.choices)


def test_choices_of_a_static_site_keep_the_others_and_leave_out_what_goes_without_saying(site, specs):
    found = form(site, specs, {"费用": "公务接待费", "阶段": "", "年度": "2026", "单位": ""})
    told = dict(questions.choices(found, "/q"))
    assert set(told) == {"费用", "阶段", "年度"}
    costs, years = dict(told["费用"]), dict(told["年度"])
    assert costs["公务接待费"] == years["2026"] == ""
    assert costs["三公经费合计"] == "/q?" + urlencode({"年度": "2026"})
    assert years["全部年度"] == "/q?" + urlencode({"费用": "公务接待费"})
    assert years["2025"] == "/q?" + urlencode({"费用": "公务接待费", "年度": "2025"})
