"""The rest of the country: the general layout recognises the tables of any office, and leaves aside what is not confirmed.

Figures of real documents are compared with tests/golden/country where the documents are at hand; each geometry has
a small table of its own here, which always runs.
"""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from yusuan.disclosure import Options, read_disclosure
from yusuan.errors import DocumentError
from yusuan.places import find_place
from yusuan.reading import read
from yusuan.tables.headers import index_row
from yusuan.tables.outline import nest

CORPUS = Path(os.environ.get("YUSUAN_CORPUS", Path(__file__).resolve().parents[2] / "shared" / "corpus"))
GOLDEN = Path(__file__).parent / "golden" / "country"
#: How many rows each table prints on each page, blank ones left out.
ROWS = GOLDEN.with_name("country_rows.csv")
FAMILIES = "上海 北京 国家 广州 无锡 普陀 杭州 江苏省级 深圳 烟台 苏州 西安 长沙"

LISTS = """表1
收支总体情况表
部门（单位）：烟台市某某局
单位：万元

收入\t\t支出\t
项目\t预算\t项目\t预算
一、财政拨款收入\t60.00\t一、一般公共服务支出\t50.00
一般公共预算收入\t60.00\t二、住房保障支出\t10.00
本年收入合计\t60.00\t本年支出合计\t60.00
收入总计\t60.00\t支出总计\t60.00

"""
PARTS = """表3
2026年部门支出总体情况表
部门（单位）：烟台市某某局
单位：万元

科目编码\t\t\t科目名称\t总计\t基本支出\t项目支出\t结转下年
类\t款\t项\t\t\t\t\t
**\t**\t**\t**\t1\t2\t3\t4
\t\t\t合计\t60.00\t35.00\t25.00\t
201\t\t\t一般公共服务支出\t50.00\t25.00\t25.00\t
\t08\t\t审计事务\t50.00\t25.00\t25.00\t
\t\t01\t行政运行\t20.00\t20.00\t\t
\t\t04\t审计业务\t30.00\t5.00\t25.00\t
221\t\t\t住房保障支出\t10.00\t10.00\t\t
\t02\t\t住房改革支出\t10.00\t10.00\t\t
\t\t01\t住房公积金\t10.00\t10.00\t\t

"""
JOINED = """表5
一般公共预算支出情况表（按功能分类科目）
部门（单位）：烟台市某某局
单位：万元

功能科目名称\t一般公共预算支出\t\t
\t小计\t其中：基本支出\t项目支出
合计\t60.00\t35.00\t25.00
[201]一般公共服务支出\t50.00\t25.00\t25.00
[20108]审计事务\t50.00\t25.00\t25.00
2010801-行政运行\t50.00\t25.00\t25.00
[221]住房保障支出\t10.00\t10.00\t0.00

"""
NAMES = """表5：2026年市级部门一般公共预算支出预算表部门名称：烟台市某某局
单位：万元

功能分类科目名称\t合 计\t基本支出\t\t\t项目支出
\t\t小计\t人员经费\t日常公用支出\t
**\t1\t2\t3\t4\t5
合计\t60.00\t35.00\t30.00\t5.00\t25.00
一般公共服务支出\t50.00\t25.00\t22.00\t3.00\t25.00
审计事务\t50.00\t25.00\t22.00\t3.00\t25.00
行政运行\t20.00\t20.00\t18.00\t2.00\t
审计业务\t30.00\t5.00\t4.00\t1.00\t25.00
住房保障支出\t10.00\t10.00\t8.00\t2.00\t
住房改革支出\t10.00\t10.00\t8.00\t2.00\t
住房公积金\t10.00\t10.00\t8.00\t2.00\t

"""
YEARS = """部门公开表5
一般公共预算支出表
部门（单位）：烟台市某某局
单位：万元

功能分类科目\t\t2025年执行数\t2026年预算数\t\t\t2026年预算数比2025年执行数\t
科目编码\t科目名称\t\t小计\t基本支出\t项目支出\t增减额\t增减%
201\t一般公共服务支出\t44.00\t50.00\t25.00\t25.00\t6.00\t13.64%
20108\t审计事务\t44.00\t50.00\t25.00\t25.00\t6.00\t13.64%
2010801\t行政运行\t44.00\t50.00\t25.00\t25.00\t6.00\t13.64%
合计\t\t44.00\t50.00\t25.00\t25.00\t6.00\t13.64%

"""
BLOCKS = """表1
部门综合预算收支总表
部门（单位）：烟台市某某局
单位：元

收入\t\t支出\t\t\t\t\t
项目\t预算数\t支出功能分类科目（按大类）\t预算数\t部门预算支出经济分类科目（按大类）\t预算数\t\
政府预算支出经济分类科目（按大类）\t预算数
一、部门预算\t600,000.00\t一、部门预算\t600,000.00\t一、部门预算\t600,000.00\t一、部门预算\t600,000.00
1、财政拨款\t600,000.00\t1、一般公共服务支出\t500,000.00\t1、人员经费\t350,000.00\t1、机关工资福利支出\t350,000.00
其中：专项资金\t7,000.00\t2、住房保障支出\t100,000.00\t2、专项业务经费\t250,000.00\t2、其他\t250,000.00
本年收入合计\t600,000.00\t本年支出合计\t600,000.00\t本年支出合计\t600,000.00\t本年支出合计\t600,000.00
收入总计\t600,000.00\t支出总计\t600,000.00\t支出总计\t600,000.00\t支出总计\t600,000.00

"""
UPRIGHT = """表8
财政拨款安排的行政经费及“三公”经费预算表
部门（单位）：烟台市某某局
单位：万元

项目\t合计\t一般公共预算\t政府性基金预算
行政经费\t40.00\t40.00\t0.00
“三公”经费\t9.00\t9.00\t0.00
其中：（一）因公出国（境）支出\t2.00\t2.00\t0.00
（二）公务用车购置及运行维护支出\t6.00\t6.00\t0.00
1.公务用车购置费\t1.00\t1.00\t0.00
2.公务用车运行维护费\t5.00\t5.00\t0.00
（三）公务接待费支出\t1.00\t1.00\t0.00

"""
PROCUREMENT = """表12
政府采购预算表
部门（单位）：烟台市某某局
单位：万元

科目编码\t\t\t科目名称\t合计\t财政拨款\t\t\t\t财政专户管理资金\t单位资金\t使用非财政拨款结余\t上年结转
类\t款\t项\t\t\t小计\t一般公共预算\t政府性基金预算\t国有资本经营预算\t\t\t\t
\t\t\t合计\t5.80\t4.00\t4.00\t\t\t\t1.80\t\t
201\t\t\t一般公共服务支出\t5.80\t4.00\t4.00\t\t\t\t1.80\t\t
\t08\t\t审计事务\t5.80\t4.00\t4.00\t\t\t\t1.80\t\t
\t\t04\t审计业务\t5.80\t4.00\t4.00\t\t\t\t1.80\t\t

"""
HEAD = "# 2026年烟台市某某局部门预算\n\n"


def _table(disclosure, name):
    return next(table for table in disclosure.tables if table.name.startswith(name))


def _read(disclose, *tables):
    return disclose(HEAD + LISTS + "".join(tables))


def _unread(disclosure):
    return {f.table[:3]: f.message for f in disclosure.findings if f.rule == "TABLE-UNREAD"}


def test_the_general_layout_reads_a_place_without_its_own(disclose):
    disclosure = _read(disclose, PARTS)
    assert (disclosure.layout, disclosure.identity.region) == ("common", "370600")
    assert [table.witness for table in disclosure.tables] == ["印证", "印证"]
    rows = _table(disclosure, "t01").rows
    assert [(row.values["收入_行类型"], row.values["收入_上级行"]) for row in rows[:2]] == [("父项", 3), ("明细", 1)]


def test_procurement_by_function_is_taken_and_confirmed(disclose):
    disclosure = _read(disclose, PARTS, PROCUREMENT)
    table = _table(disclosure, "t10")
    assert [row.values["科目编码"] for row in table.rows] == [None, "201", "20108", "2010804"]
    assert [row.values["政府采购资金类型_合计"] for row in table.rows] == [Decimal("5.80")] * 4
    assert table.rows[3].values["政府采购资金类型_单位资金"] == Decimal("1.80")
    assert (table.rows[3].kind, table.witness) == ("明细", "印证")


def test_procurement_in_another_form_stays_evidence_and_is_not_missed(disclose):
    """A list without functional items and without what is bought is nobody's table: no error, no missing table, every cell kept."""
    other = "政府采购预算明细表\n单位：万元\n\n采购人\t金额\n某某局\t4.00\n合 计\t4.00\n\n"
    disclosure = _read(disclose, PARTS, other)
    assert not any(table.name.startswith("t10") for table in disclosure.tables)
    assert "t10_procurement" not in disclosure.missing
    (unread,) = disclosure.unread
    assert (unread.title, unread.finding.rule) == ("政府采购预算明细表", "TABLE-UNRECOGNISED")


def test_codes_in_three_columns_are_carried_down(disclose):
    rows = _table(_read(disclose, PARTS), "t03").rows
    codes = [row.values["科目编码"] for row in rows]
    assert codes == [None, "201", "20108", "2010801", "2010804", "221", "22102", "2210201"]
    assert [row.parents.get("") for row in rows] == [None, 1, 2, 3, 3, 1, 6, 7]
    assert rows[4].values["项目支出"] == Decimal("25.00")
    assert rows[4].values["结转下年支出"] is None


def test_code_and_name_in_one_cell_are_taken_apart(disclose):
    rows = _table(_read(disclose, JOINED), "t05").rows
    assert [row.values["科目编码"] for row in rows] == [None, "201", "20108", "2010801", "221"]
    assert rows[3].values["部门单位名称_功能分类科目名称"] == "行政运行"
    assert rows[1].values["基本支出_小计"] == Decimal("25.00")


def test_names_alone_stand_below_what_adds_up(disclose):
    table = _table(_read(disclose, NAMES), "t05")
    assert [row.parents.get("") for row in table.rows] == [None, 1, 2, 3, 3, 1, 6, 7]
    assert {row.values["科目编码"] for row in table.rows} == {None}
    assert [row.kind for row in table.rows].count("明细") == 3


def test_names_alone_that_add_up_to_nothing_are_left_aside(disclose):
    disclosure = _read(
        disclose, NAMES.replace("审计业务\t30.00\t5.00\t4.00\t1.00\t25.00", "审计业务\t31.00\t6.00\t5.00\t1.00\t25.00")
    )
    assert "ROW-UNKNOWN" in _unread(disclosure)["t05"]


def test_the_year_before_stays_in_the_evidence(disclose):
    disclosure = _read(disclose, YEARS)
    table = _table(disclosure, "t05")
    assert [row.values["合计"] for row in table.rows] == [Decimal("50.00")] * 4
    fields = [column.field for column in table.sheet.columns]
    assert fields[2] is None
    assert fields[6:] == [None, None]
    assert "44.00" in {cell.cell.text for cell in table.sheet.evidence}
    assert "COLUMN-UNKEPT" in {finding.rule for finding in disclosure.findings}


def test_blocks_side_by_side_give_the_functional_one(disclose):
    table = _table(disclose(HEAD + BLOCKS + PARTS), "t01")
    assert [row.values["支出_预算数"] for row in table.rows[:3]] == [
        Decimal("60.0000"),
        Decimal("50.0000"),
        Decimal("10.0000"),
    ]
    assert table.rows[2].values["收入_行类型"] == "父项"  # 其中 is part of what stands above it
    assert table.witness == "印证"


def test_three_public_printed_upright_becomes_a_row_for_each_fund(disclose):
    table = _table(_read(disclose, UPRIGHT), "t07")
    whole, general, fund = table.rows
    assert (whole.kind, whole.values["三公经费_合计"], whole.values["三公经费_公务用车购置费"]) == (
        "合计",
        Decimal("9.00"),
        Decimal("1.00"),
    )
    assert (general.values["资金性质"], general.values["三公经费_公务接待费"]) == ("一般公共预算", Decimal("1.00"))
    assert fund.values["三公经费_合计"] == Decimal("0.00")
    assert table.witness == "印证"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("总计\t基本支出\t项目支出", "总计\t项目支出\t结转下年\t基本支出\t甲"),
        ("总计\t基本支出\t项目支出\t结转下年", "基本支出\t总计\t项目支出\t结转下年"),
    ],
)
def test_columns_that_the_sums_contradict_are_not_loaded(old, new, disclose):
    """The header names columns that hold other numbers: nothing of the table is loaded, and why is said."""
    changed = (
        PARTS.replace(old + ("\t结转下年" if "甲" in new else ""), new) if "甲" in new else PARTS.replace(old, new)
    )
    disclosure = _read(disclose, changed, JOINED)
    assert not any(table.name.startswith("t03") for table in disclosure.tables)
    assert "t03_expenditure" in disclosure.missing
    assert _unread(disclosure)["t03"]


def test_one_misprint_among_sums_that_hold_is_loaded_and_told(disclose):
    disclosure = _read(disclose, PARTS.replace("住房公积金\t10.00\t10.00", "住房公积金\t11.00\t10.00"))
    assert _table(disclosure, "t03").witness == "有不符"
    assert "T03-ROW" in {finding.rule for finding in disclosure.findings if finding.severity == "error"}


def test_unknown_amounts_need_a_witness(disclose):
    alone = PARTS.replace("基本支出\t项目支出\t结转下年", "甲\t乙\t丙").split("201\t")[0] + "\n"
    alone = alone.replace("\t\t\t合计", "201\t\t\t一般公共服务支出")
    disclosure = _read(disclose, alone, JOINED)
    assert "WITNESS-NONE" in _unread(disclosure)["t03"]


def test_a_table_of_another_classification_is_not_taken_for_this_one(disclose):
    economic = (
        JOINED.replace("[201]一般公共服务支出", "[301]工资福利支出")
        .replace("[20108]", "[30101]")
        .replace("2010801", "30102")
    )
    disclosure = _read(disclose, economic, PARTS)
    assert "开头" in _unread(disclosure)["t05"]


def test_a_further_page_goes_on_with_the_table_before_it_and_no_other(disclose):
    """A page without header after a table that no layout knows belongs to that one."""
    stranger = "表7\n一般公共预算项目支出情况表（按经济分类科目）\n单位：万元\n\n功能科目名称\t一般公共预算支出\t\t\n\t小计\t其中：基本支出\t项目支出\n合计\t7.00\t3.00\t4.00\n\n"
    again = (
        "功能科目名称\t一般公共预算支出\t\t\n\t小计\t其中：基本支出\t项目支出\n[30101]基本工资\t7.00\t3.00\t4.00\n\n"
    )
    disclosure = _read(disclose, JOINED, stranger, again)
    assert len(_table(disclosure, "t05").rows) == 5


def test_the_second_line_of_a_title_tells_which_table_it_is(disclose):
    """支出明细表 by economic items is not the table by function."""
    economic = JOINED.replace("（按功能分类科目）", "\n（按支出经济分类科目）")
    assert not any(table.name.startswith("t05") for table in _read(disclose, economic, PARTS).tables)
    functional = JOINED.replace("（按功能分类科目）", "\n（按支出功能分类科目）")
    assert _table(_read(disclose, functional), "t05").witness == "印证"


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        ("西安市某某局（汇总）\n\n2026年部门预算公开说明\n\n", "西安市某某局", "部门预算"),
        ("# 2026年度西安市某某局部门预算公开\n\n", "西安市某某局", "部门预算"),
        ("# 中共西安市委某某部2026年部门综合预算\n\n", "中共西安市委某某部", "部门预算"),
    ],
)
def test_the_document_says_who_published_it(head, name, kind, disclose):
    text = head + (LISTS + PARTS).replace("部门（单位）：烟台市某某局\n", "")
    identity = disclose(text).identity
    assert (identity.name, identity.region, identity.year, identity.kind) == (name, "610100", 2026, kind)


def test_tables_without_a_title_page_speak_through_their_forms(disclose):
    form = "部门整体支出绩效目标表\n\n（2026年度）\n\n部门名称\t北京市某某局\t\t\n目标\t甲\t乙\t丙\n\n"
    tables = (LISTS + PARTS).replace("部门（单位）：烟台市某某局\n", "").replace("收支总体情况表", "收支预算总表")
    identity = disclose(tables + form).identity
    assert (identity.name, identity.region, identity.year) == ("北京市某某局", "110000", 2026)


@pytest.mark.parametrize(
    ("name", "code"),
    [("国家某某局", "100000"), ("长沙职业教育基地", "430100"), ("中共江苏省委办公厅", "320000"), ("某某局", None)],
)
def test_places_by_the_names_offices_use(name, code, specs):
    assert find_place([name], specs.divisions)[0] == code


def test_rows_of_stars_number_columns():
    assert index_row(["**", "**", "1", "2", "3"])
    assert index_row(["**", "1"])
    assert not index_row(["1"])
    assert not index_row(["**", "2", "1"])


def _money(*numbers):
    return [(Decimal(number),) for number in numbers]


@pytest.mark.parametrize(
    ("rows", "whole", "above"),
    [
        (["28", "28", "28"], "28", [None, 0, 1]),
        (["5", "2", "3", "4"], "9", [None, 0, 0, None]),
        (["5", "5"], "10", [None, None]),
        (["10", "5", "5", "7"], "17", [None, 0, 0, None]),
        (["3.00", "4.00"], "8.00", None),
        ([], "8", None),
    ],
)
def test_amounts_tell_who_sums_up_whom(rows, whole, above):
    assert nest(_money(*rows), (Decimal(whole),)) == above


def test_names_of_classes_stand_at_the_top():
    rows = _money("10.00", "10.00", "10.00", "20.00", "20.00")
    assert nest(rows, (Decimal("30.00"),), [0, 3]) == [None, 0, 1, None, 3]


def _amounts(disclosure):
    return {
        (table.name, row.number, name): value
        for table in disclosure.tables
        for row in table.rows
        for name, value in row.values.items()
        if isinstance(value, Decimal) and table.name < "t10"
    }


def _compared(document, specs):
    """Return the amounts that a place's own layout reads, and how the general one reads them."""
    own = _amounts(read_disclosure(document, specs))
    general = _amounts(read_disclosure(document, specs, Options(layout="common")))
    right = sum(general.get(key) == value for key, value in own.items())
    wrong = {key: (value, general[key]) for key, value in own.items() if general.get(key, value) != value}
    return own, right, wrong


def test_a_place_read_as_if_nobody_knew_it(sample, specs):
    """The sample through the general layout: the same amounts in the same columns, in every table it knows."""
    own, right, wrong = _compared(sample.document, specs)
    assert wrong == {}
    assert right == len(own) > 300


@pytest.mark.parametrize("name", ["苏州-05", "无锡-10", "上海-04", "普陀-06"])
def test_known_places_read_as_if_nobody_knew_them(name, specs):
    """What ships reads families nobody has seen: nothing in a wrong column, nearly everything read."""
    source = CORPUS / f"{name}.pdf"
    if not source.is_file():
        pytest.skip(f"真实文档不在 {CORPUS}：用环境变量 YUSUAN_CORPUS 指出它们的文件夹")
    own, right, wrong = _compared(read(source), specs)
    assert wrong == {}
    assert right >= len(own) * Decimal("0.95")


def _facts():
    return sorted(GOLDEN.glob("*.csv"))


def _records(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_there_are_facts_of_two_documents_of_every_family():
    families = Counter(path.stem.split("-")[0] for path in _facts())
    assert families == dict.fromkeys(FAMILIES.split(), 2)


def test_the_record_of_the_comparison_names_every_fact():
    lines = (GOLDEN / "README.md").read_text(encoding="utf-8").splitlines()
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if re.match(r"\| \S+-\d+ \|", line)
    ]
    rows = Counter[str]()
    for record in _records(ROWS):
        rows[record["文档"]] += int(record["行数"])
    compared = {document: (int(amounts), int(rows_)) for document, *_, amounts, rows_, _ in cells}
    assert compared == {path.stem: (len(_records(path)), rows[path.stem]) for path in _facts()}


@pytest.mark.parametrize("path", _facts(), ids=lambda path: path.stem)
def test_facts_of_real_documents(path, specs):
    source = CORPUS / f"{path.stem}.pdf"
    if not source.is_file():
        pytest.skip(f"真实文档不在 {CORPUS}：用环境变量 YUSUAN_CORPUS 指出它们的文件夹")
    disclosure = read_disclosure(read(source), specs)
    tables = {table.name: table for table in disclosure.tables}
    for fact in _records(path):
        row = tables[fact["表"]].rows[int(fact["行次"]) - 1]
        where = f"{fact['表']} 第{fact['行次']}行 {fact['字段']}"
        assert row.place.page == int(fact["页"]), where
        assert row.values[fact["字段"]] == Decimal(fact["数值"]), where
    printed = {(row["表"], int(row["页"])): int(row["行数"]) for row in _records(ROWS) if row["文档"] == path.stem}
    known = {name for name, _ in printed}
    assert Counter((name, row.place.page) for name in known for row in tables[name].rows) == printed


@pytest.mark.parametrize("folder", ["not-a-budget", "image-only"])
def test_what_is_no_budget_is_refused(folder, specs):
    sources = sorted((CORPUS / folder).glob("*.pdf"))
    if not sources:
        pytest.skip(f"真实文档不在 {CORPUS}：用环境变量 YUSUAN_CORPUS 指出它们的文件夹")
    for source in sources:
        with pytest.raises(DocumentError) as caught:
            read_disclosure(read(source), specs)
        assert {problem.code for problem in caught.value.problems} <= {"NOT-A-BUDGET", "NO-TABLES"}, source.name


STREET = "# 某某街道办事处2026年部门预算\n\n"


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("石家庄市长安区某某街道办事处是长安区人民政府的派出机关，受石家庄市长安区领导。长安区。", "130102"),
        ("江苏省苏州市的机构。苏州市人民政府领导，苏州市财政局批复，落实苏州市规划。", "320500"),
        ("苏州市人民政府领导，苏州市财政局批复，与无锡市、常州市协作，落实苏州市规划。", "320500"),
        ("苏州市与无锡市协作，无锡市与苏州市共建，苏州市、无锡市、苏州市、无锡市。", None),
        ("苏州市的机构。", None),
        ("鼓楼区的机构，鼓楼区人民政府领导，鼓楼区财政局批复。", None),
        ("没有地名。", None),
    ],
)
def test_a_name_without_a_place_is_where_the_text_says(told, code, disclose):
    """By far the most mentioned place; two that are mentioned alike, or a name that many places bear, decide nothing."""
    text = STREET + told + "\n\n" + (LISTS + PARTS).replace("部门（单位）：烟台市某某局\n", "")
    if code is None:
        with pytest.raises(DocumentError, match="PLACE-UNKNOWN"):
            disclose(text)
        return
    read = disclose(text)
    assert (read.identity.name, read.identity.region) == ("某某街道办事处", code)
    assert [f.severity for f in read.findings if f.rule == "PLACE-MENTIONED"] == ["warning"]


def test_a_heading_that_lost_its_title_is_no_name(disclose):
    text = "苏州市的机构，苏州市人民政府领导，苏州市财政局批复。\n\n第二部分 2026年度部门预算表\n\n"
    with pytest.raises(DocumentError, match=r"UNIT-UNKNOWN|PLACE-UNKNOWN"):
        disclose(text + (LISTS + PARTS).replace("部门（单位）：烟台市某某局\n", ""))


def test_the_title_on_the_cover_counts_before_the_heading_of_a_part(disclose):
    head = "烟台市某某委员会2026年度\n\n部门预算信息公开\n\n目录\n\n第一部分 2026年度部门预算情况说明\n\n"
    identity = disclose(head + (LISTS + PARTS).replace("部门（单位）：烟台市某某局\n", "")).identity
    assert (identity.name, identity.kind) == ("烟台市某某委员会", "部门预算")


def test_a_table_whose_money_unit_nobody_tells_is_left_aside_alone(disclose):
    parts = [
        part.replace("单位：万元", unit) for part, unit in ((LISTS, "单位：元"), (PARTS, "单位：万元"), (JOINED, ""))
    ]
    read = disclose(HEAD + "".join(parts))
    left = [f for f in read.findings if f.rule == "TABLE-UNREAD"]
    assert [(f.table, "MONEY-UNIT-UNKNOWN" in f.message) for f in left] == [("t05_general_public_expenditure", True)]
    assert {table.name[:3] for table in read.tables} == {"t01", "t03"}
    assert [table.title for table in read.unread] == ["一般公共预算支出情况表（按功能分类科目）"]
