"""Tables that only some places print: 机关运行经费, procurement by item, projects; each confirmed by its own sums."""

from __future__ import annotations

import csv
from dataclasses import replace
from decimal import Decimal

import pytest

from test_general_layout import CORPUS, GOLDEN, HEAD, LISTS, PARTS
from yusuan.disclosure import read_disclosure
from yusuan.model import Cell, Place
from yusuan.reading import read
from yusuan.rows.records import disclosure_to_records
from yusuan.rows.subjects import derive_subject
from yusuan.site.server import make_site
from yusuan.tables.drafts import Draft
from yusuan.tables.items import items, stack
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


#: The kind of project marks the lines; the same money by fund.
PROJECTS = """项目支出预算情况表
单位：万元

项目名称\t项目类别\t合计\t财政拨款\t\t\t\t财政专户管理资金\t单位资金\t使用非财政拨款结余\t上年结转
\t\t\t小计\t一般公共预算\t政府性基金预算\t国有资本经营预算\t\t\t\t
合 计\t\t12.00\t9.00\t9.00\t\t\t\t3.00\t\t
审计业务\t其他运转类\t5.00\t5.00\t5.00\t\t\t\t\t\t
审计业务\t特定目标类\t7.00\t4.00\t4.00\t\t\t\t3.00\t\t

"""
#: Nothing marks the lines: only one reading adds up.
TREE = """部门综合预算专项业务经费支出表
单位：元

单位编码\t单位（项目）名称\t项目金额\t项目简介
合计\t\t120,000.00\t
122\t某某局\t120,000.00\t
122001\t某某局本级\t120,000.00\t
\t大宗印刷\t20,000.00\t
\t大宗印刷\t20,000.00\t
\t专项购置\t100,000.00\t
\t设备更新\t50,000.00\t
\t软件更新\t50,000.00\t

"""
#: The organisation's row says no goal and stands for the total.
GOALS = """部门预算项目支出及其他支出预算表
单位：万元

支出项目类别（资金使用单位）\t总计\t财政拨款\t\t\t\t财政专户拨款\t其他资金\t绩效目标
\t\t合计\t一般公共预算\t政府性基金预算\t国有资本经营预算\t\t\t
合计\t9.00\t9.00\t9.00\t0.00\t0.00\t0.00\t0.00\t
某某局\t9.00\t9.00\t9.00\t0.00\t0.00\t0.00\t0.00\t
培训经费\t4.00\t4.00\t4.00\t0.00\t0.00\t0.00\t0.00\t培训人才。
会展经费\t5.00\t5.00\t5.00\t0.00\t0.00\t0.00\t0.00\t办好展会。

"""


def test_projects_are_lines_with_their_funds(other):
    table = _table(other(PROJECTS), "t14")
    assert [(row.kind, row.values["项目类别"]) for row in table.rows[1:]] == [
        ("明细", "其他运转类"),
        ("明细", "特定目标类"),
    ]
    assert (table.rows[2].values["单位资金"], table.witness) == (Decimal("3.00"), "印证")


def test_amounts_alone_tell_projects_from_what_sums_them_up(other):
    table = _table(other(TREE), "t14")
    assert [row.parents.get("") for row in table.rows] == [None, 1, 2, 3, 4, 3, 6, 6]
    lines = _lines(table)
    assert [row.values["项目名称"] for row in lines] == ["大宗印刷", "设备更新", "软件更新"]
    assert {row.organisation for row in lines} == {"370600-122001"}


def test_an_organisation_without_a_goal_sums_up_its_projects(other):
    disclosure = other(GOALS)
    table = _table(disclosure, "t14")
    assert [(row.kind, row.values["绩效目标"]) for row in table.rows[1:]] == [
        ("父项", None),
        ("明细", "培训人才。"),
        ("明细", "办好展会。"),
    ]
    assert not [f for f in disclosure.findings if f.rule.startswith("T14") or f.rule in {"X-T14-T03", "X-UNIT"}]


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        (PROJECTS, "审计业务\t其他运转类\t5.00\t5.00\t5.00", "审计业务\t其他运转类\t6.00\t6.00\t6.00"),
        (TREE, "软件更新\t50,000.00", "软件更新\t40,000.00"),
        (TREE, "合计\t\t120,000.00", "合计\t\t"),
        (GOALS, "培训经费\t4.00\t4.00\t4.00", "培训经费\t1.00\t4.00\t4.00"),
    ],
)
def test_projects_that_do_not_add_up_are_left_aside(table, old, new, other):
    assert old in table
    disclosure = other(table.replace(old, new, 1))
    assert not any(found.name.startswith("t14") for found in disclosure.tables)
    assert _unread(disclosure)["t14"]


def test_projects_of_a_document_are_counted_once(specs, other):
    """A document that lists its projects in both tables has them in the subject as the table with indicators has them."""
    records = disclosure_to_records(other(PROJECTS), specs)
    assert [row["预算资金总额"] for row in derive_subject(specs.subjects["project"], records, specs)] == [
        Decimal("5.00"),
        Decimal("7.00"),
    ]
    (line,) = records["t14_project_expenditure"][1:2]
    told = {"项目名称": "审计业务", "预算资金总额": Decimal("12.00"), "年度绩效目标": "审计。"}
    both = records | {"t12_project_performance": [line | told]}
    assert [row["预算资金总额"] for row in derive_subject(specs.subjects["project"], both, specs)] == [Decimal("12.00")]


SERVICES = """预算11表 财政拨款政府购买服务明细表
单位：万元

指导性目录\t\t\t预算金额
一级\t二级\t三级\t
合 计\t\t\t9.500000
01-公共服务\t0101-公共安全服务\t公共安全保障服务\t4.250000
01-公共服务\t0101-公共安全服务\t公共安全保障服务\t4.250000
02-辅助性服务\t0203-会计审计服务\t审计服务\t1.000000

"""


def test_purchased_services_by_catalogue_are_lines(specs, other):
    disclosure = other(SERVICES)
    table = _table(disclosure, "t11")
    assert [(row.kind, row.parents.get("")) for row in table.rows] == [("合计", None), *[("明细", 1)] * 3]
    assert table.witness == "印证"
    records = disclosure_to_records(disclosure, specs)
    lines = derive_subject(specs.subjects["purchased_service_line"], records, specs)
    assert [(row["目录三级"], row["合计"], row["科目编码"]) for row in lines] == [
        ("公共安全保障服务", Decimal("4.250000"), None),
        ("公共安全保障服务", Decimal("4.250000"), None),
        ("审计服务", Decimal("1.000000"), None),
    ]
    assert "t11" in _unread(other(SERVICES.replace("审计服务\t1.0", "审计服务\t1.1")))


FISCAL = """公开05表
财政拨款支出预算表（功能科目）
单位：万元

科目编码\t科目名称\t合计\t基本支出\t\t\t项目支出
\t\t\t小计\t人员经费\t公用经费\t
合计\t\t60.00\t35.00\t30.00\t5.00\t25.00
201\t一般公共服务支出\t50.00\t25.00\t22.00\t3.00\t25.00
20108\t审计事务\t50.00\t25.00\t22.00\t3.00\t25.00
2010801\t行政运行\t50.00\t25.00\t22.00\t3.00\t25.00
221\t住房保障支出\t10.00\t10.00\t8.00\t2.00\t

公开06表
财政拨款基本支出预算表（经济科目）
单位：万元

部门预算支出经济分类科目\t\t本年财政拨款基本支出\t\t
科目编码\t科目名称\t合计\t人员经费\t公用经费
合计\t\t35.00\t30.00\t5.00
301\t工资福利支出\t30.00\t30.00\t
30101\t基本工资\t30.00\t30.00\t
302\t商品和服务支出\t5.00\t\t5.00
30201\t办公费\t5.00\t\t5.00

"""


def test_all_fiscal_appropriations_are_tables_of_their_own(specs, other):
    """They are neither the tables of the general public budget nor added to any subject."""
    disclosure = other(FISCAL)
    names = {table.name[:3]: table.witness for table in disclosure.tables}
    assert {"t15", "t16"} <= set(names)
    assert not {"t05", "t06"} & set(names)
    assert (names["t15"], names["t16"]) == ("印证", "印证")
    sources = {source.table for spec in specs.subjects.values() for source in spec.sources}
    assert not {"t15_fiscal_expenditure", "t16_fiscal_basic"} & sources
    wrong = other(
        FISCAL.replace("35.00\t30.00\t5.00\n301", "36.00\t31.00\t5.00\n301").replace(
            "30.00\t30.00\t\n", "31.00\t31.00\t\n"
        )
    )
    assert "X-T15-T16" in {finding.rule for finding in wrong.findings if finding.severity == "error"}


@pytest.fixture(scope="module")
def site(tmp_path_factory, specs):
    """Return the site of an invented document with every table that only some places print."""
    folder = tmp_path_factory.mktemp("concepts")
    source = folder / "a.md"
    source.write_text(HEAD + LISTS + PARTS + OPERATIONS + BY_ITEM + GOALS, "utf-8")
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


HEAD_SU_XI = (
    "政府采购支出表\n单位：万元\n\n采购品目大类\t专项名称\t经济科目\t采购品目名称\t采购组织形式\t资金来源\t\t\t\t总计\n"
    "\t\t\t\t\t一般公共预算资金\t政府性基金\t其他资金\t上年结转和结余资金\t\n"
)
#: A category, an organisation in the same column, lines: the second line of two equal ones is no part of the first.
BY_ITEM = (
    HEAD_SU_XI
    + """合计\t\t\t\t\t9.00\t\t1.00\t\t10.00
货物\t\t\t\t\t2.00\t\t\t\t2.00
某某局（本级）\t\t\t\t\t2.00\t\t\t\t2.00
\t公用经费\t办公费\t复印纸\t集中采购\t1.00\t\t\t\t1.00
\t公用经费\t办公费\t硒鼓\t集中采购\t1.00\t\t\t\t1.00
服务\t\t\t\t\t7.00\t\t1.00\t\t8.00
某某局（本级）\t\t\t\t\t3.00\t\t1.00\t\t4.00
\t信息化运维\t维修（护）费\t软件运维服务\t分散采购\t3.00\t\t1.00\t\t4.00
某某中心\t\t\t\t\t4.00\t\t\t\t4.00
\t宣传经费\t委托业务费\t\t分散采购\t4.00\t\t\t\t4.00

"""
)
#: A project and its economic items, the project printed once.
BY_PROJECT = """2026年政府采购预算表
单位：万元

采购品目大类\t专项名称\t经济科目\t采购物品名称\t采购组织形式\t总计
合计\t\t\t\t\t9.00
一、货物A\t\t\t\t\t9.00
\t运行保障\t办公费\t\t\t5.00
\t\t\t复印纸\t分散自行组织\t2.00
\t\t\t家具\t政府集中采购\t3.00
\t\t会议费\t\t\t4.00
\t\t\t会议服务\t分散自行组织\t4.00

"""
BY_CATEGORY = "政府采购预算明细表\n单位：万元\n\n采购类别\t金额\nA-货物\t4.00\nC-服务\t5.00\n合 计\t9.00\n\n"
#: Codes in every row, an organisation's sum above its lines.
BY_CODE = """部门综合预算政府采购（资产配置、购买服务）预算表
单位：元

科目编码\t\t\t单位编码\t采购项目\t采购目录\t数量\t预算金额
类\t款\t项\t\t\t\t\t
\t\t\t\t合计\t\t3\t90,000.00
201\t08\t01\t1\t全额\t\t3\t90,000.00
201\t08\t01\t122001\t某某局\t\t3\t90,000.00
201\t08\t01\t\t公用经费\tC04体检服务\t1\t20,000.00
201\t08\t01\t\t公用经费\tA05复印纸\t1\t30,000.00
201\t08\t01\t\t涉密采购\t\t1\t40,000.00

"""


def _lines(table):
    return [row for row in table.rows if row.kind == "明细"]


def test_purchases_by_item_stand_below_category_and_organisation(other):
    table = _table(other(BY_ITEM), "t10")
    assert [row.parents.get("") for row in table.rows] == [None, 1, 2, 3, 3, 1, 6, 7, 6, 9]
    assert [row.kind for row in table.rows].count("父项") == 5
    told = [(row.values["采购品目大类"], row.values["采购品目"], row.values["采购方式"]) for row in _lines(table)]
    assert told == [
        ("货物", "复印纸", "集中采购"),
        ("货物", "硒鼓", "集中采购"),
        ("服务", "软件运维服务", "分散采购"),
        ("服务", None, "分散采购"),
    ]
    assert _lines(table)[2].values["政府采购资金类型_其他资金"] == Decimal("1.00")
    assert (table.rows[6].values["采购品目大类"], table.witness) == ("某某局（本级）", "印证")


def test_what_is_printed_once_for_several_purchases_is_filled_in(other):
    table = _table(other(BY_PROJECT), "t10")
    assert [row.parents.get("") for row in table.rows] == [None, 1, 2, 3, 3, 2, 6]
    told = [(row.values["项目名称"], row.values["采购支出经济科目"], row.values["采购品目"]) for row in _lines(table)]
    assert told == [
        ("运行保障", "办公费", "复印纸"),
        ("运行保障", "办公费", "家具"),
        ("运行保障", "会议费", "会议服务"),
    ]


def test_goods_works_and_services_alone_are_lines(other):
    table = _table(other(BY_CATEGORY), "t10")
    assert [(row.kind, row.values["政府采购资金类型_合计"]) for row in table.rows] == [
        ("明细", Decimal("4.00")),
        ("明细", Decimal("5.00")),
        ("合计", Decimal("9.00")),
    ]


def test_purchases_by_code_belong_to_the_organisation_above_them(other):
    table = _table(other(BY_CODE), "t10")
    lines = _lines(table)
    assert {row.organisation for row in lines} == {"370600-122001"}
    assert [(row.values["科目编码"], row.values["政府采购资金类型_合计"]) for row in lines] == [
        ("2010801", Decimal("2.000000")),
        ("2010801", Decimal("3.000000")),
        ("2010801", Decimal("4.000000")),
    ]


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        (BY_ITEM, "硒鼓\t集中采购\t1.00\t\t\t\t1.00", "硒鼓\t集中采购\t1.50\t\t\t\t1.50"),
        (BY_ITEM, "合计\t\t\t\t\t9.00\t\t1.00\t\t10.00\n", ""),
        (BY_PROJECT, "会议费\t\t\t4.00", "会议费\t\t\t4.10"),
        (BY_CATEGORY, "A-货物\t4.00", "A-货物\t3.00"),
        (BY_CODE, "20,000.00", "21,000.00"),
        (BY_CODE, "涉密采购\t\t1\t40,000.00", "涉密采购\t\t1\t"),
        (BY_ITEM, "货物\t\t\t\t\t2.00", "合计\t\t\t\t\t2.00"),
    ],
)
def test_purchases_whose_sums_do_not_tell_are_left_aside(table, old, new, other):
    assert old in table
    disclosure = other(table.replace(old, new, 1))
    assert not any(found.name.startswith("t10") for found in disclosure.tables)
    assert "ROW-UNKNOWN" in _unread(disclosure)["t10"] or "WITNESS" in _unread(disclosure)["t10"]


def _draft(number, page, kind, item, amount):
    values = {"采购品目大类": kind, "采购品目": item, "政府采购资金类型_合计": amount and Decimal(amount)}
    return Draft(number, values, (Cell("", Place(page=page)),))


def test_a_name_cut_by_the_end_of_a_page_is_joined(specs, shape_context):
    rows = [
        _draft(1, 1, "合计", None, "5.00"),
        _draft(2, 1, "服务", None, "5.00"),
        _draft(3, 1, None, "车辆加油、添加", "5.00"),
        _draft(4, 2, None, "燃料服务", None),
    ]
    assert list(items(rows, specs.tables["t10_procurement"], shape_context)) == []
    assert (rows[2].values["采购品目"], rows[3].joined) == ("车辆加油、添加燃料服务", True)
    again = [replace(row, cells=rows[0].cells, joined=False) for row in rows]
    assert [code for code, _, _ in items(again, specs.tables["t10_procurement"], shape_context)] == ["ROW-UNKNOWN"]


@pytest.mark.parametrize(
    ("rows", "lines", "whole", "above"),
    [
        (["5", "2", "3", "4"], [False, True, True, True], "9", [None, 0, 0, None]),
        (["5", "5", "5"], [False, False, True], "5", [None, 0, 1]),
        (["2.00", "1.00", "1.00", "0"], [False, True, True, True], "2.00", [None, 0, 0, None]),
        (["5.00", "2.00", "3.00"], [False, True, True], "6.00", None),
        (["5.00", "6.00"], [False, True], "11.00", [None, None]),
        (["-1", "-1", "3"], [False, True, True], "2", [None, 0, None]),
    ],
)
def test_rows_close_when_their_lines_add_up(rows, lines, whole, above):
    assert stack([(Decimal(row),) for row in rows], lines, (Decimal(whole),)) == above


def test_a_project_has_a_page_with_its_goal_and_its_funds(site, fetch):
    rows = fetch(site, "/budget/project.json?_shape=array").json()
    assert [(row["项目名称"], row["年度绩效目标"]) for row in rows] == [
        ("会展经费", "办好展会。"),
        ("培训经费", "培训人才。"),
    ]
    page = fetch(site, f"/project/{rows[0]['键']}").text
    assert "办好展会。" in page
    assert "一般公共预算：5.00 万元" in page
    assert "绩效指标" not in page.split("<h1>")[1]


def test_the_page_of_a_unit_lists_purchases_by_item(site, fetch):
    page = fetch(site, fetch(site, "/budget/units.json?_shape=array").json()[0]["单位"].join(["/unit/", ""])).text
    assert "软件运维服务" in page
    assert "分散采购" in page
    answer = fetch(site, "/budget/procurement_search.json?词=硒鼓&_shape=array").json()
    assert [(row["采购品目"], row["采购方式"]) for row in answer] == [("硒鼓", "集中采购")]


@pytest.mark.parametrize("path", sorted(GOLDEN.with_name("concepts").glob("*.csv")), ids=lambda path: path.stem)
def test_facts_of_real_documents(path, specs):
    """Amounts read on the page by eye."""
    source = CORPUS / f"{path.stem}.pdf"
    if not source.is_file():
        pytest.skip(f"真实文档不在 {CORPUS}：用环境变量 YUSUAN_CORPUS 指出它们的文件夹")
    tables = {table.name: table for table in read_disclosure(read(source), specs).tables}
    with path.open(encoding="utf-8", newline="") as file:
        for fact in csv.DictReader(file):
            row = next(row for row in tables[fact["表"]].rows if row.number == int(fact["行次"]))
            where = f"{fact['表']} 第{fact['行次']}行 {fact['字段']}"
            assert row.place.page == int(fact["页"]), where
            assert row.values[fact["字段"]] == Decimal(fact["数值"]), where
