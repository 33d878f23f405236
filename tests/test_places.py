"""A place is data: 苏州, 无锡 and 上海 load into the same tables as 广西, by their layouts alone."""

from __future__ import annotations

import os
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from yusuan.disclosure import read_disclosure
from yusuan.errors import SpecError
from yusuan.reading import read
from yusuan.rows.records import disclosure_to_records
from yusuan.spec import load_specs
from yusuan.values import name_key

CORPUS = Path(os.environ.get("YUSUAN_CORPUS", Path(__file__).resolve().parents[2] / "shared" / "corpus"))
FUNCTIONAL = (
    "项目\t\t\t\t{block}\t\t\n功能分类科目编码\t\t\t功能分类科目名称\t合计\t基本支出\t项目支出\n类\t款\t项\t\t\t\t\n"
)

SHANGHAI_LISTS = """2026年预算单位财务收支预算总表
编制单位：上海市某某监测中心
单位：元

本年收入\t\t本年支出\t\t\t\t
项目\t预算数\t项目\t预算数\t\t\t
\t\t\t合计\t基本支出\t\t项目支出
\t\t\t\t人员经费\t公用经费\t
一、财政拨款收入\t1,234,567\t一、社会保障和就业支出\t234,567\t200,000\t34,567\t
1、一般公共预算\t1,234,567\t二、卫生健康支出\t1,000,000\t\t\t1,000,000
二、事业收入\t\t\t\t\t\t
收入总计\t1,234,567\t支出总计\t1,234,567\t200,000\t34,567\t1,000,000

"""
SHANGHAI_REVENUE = """2026年预算单位收入预算总表
编制单位：上海市某某监测中心
单位：元

项目\t\t\t\t收入预算\t\t\t\t
功能分类科目编码\t\t\t功能分类科目名称\t合计\t财政拨款收入\t事业收入\t事业单位经营收入\t其他收入
类\t款\t项\t\t\t\t\t\t
208\t\t\t社会保障和就业支出\t234,567\t234,567\t\t\t
208\t05\t\t行政事业单位养老支出\t234,567\t234,567\t\t\t
208\t05\t02\t事业单位离退休\t234,567\t234,567\t\t\t
210\t\t\t卫生健康支出\t1,000,000\t1,000,000\t\t\t
合计\t\t\t\t1,234,567\t1,234,567\t\t\t

"""
SHANGHAI_EXPENDITURE = (
    "2026年预算单位支出预算总表\n编制单位：上海市某某监测中心\n单位：元\n\n"
    + FUNCTIONAL.format(block="支出预算")
    + "208\t\t\t社会保障和就业支出\t234,567\t234,567\t\n208\t05\t\t行政事业单位养老支出\t234,567\t234,567\t\n"
    "208\t05\t02\t事业单位离退休\t234,567\t234,567\t\n210\t\t\t卫生健康支出\t1,000,000\t\t1,000,000\n"
    "合计\t\t\t\t1,234,567\t234,567\t1,000,000\n\n"
)
SHANGHAI_THREE_PUBLIC = """2026年单位“三公”经费和机关运行经费预算表
编制单位：上海市某某监测中心
单位:万元

2026年“三公”经费预算数\t\t\t\t\t\t2026年机关运行经费预算数
合计\t因公出国(境)费\t公务接待费\t公务用车购置及运行费\t\t\t
\t\t\t小计\t购置费\t运行费\t
16.80\t10.00\t0.50\t6.30\t\t6.30\t

"""
SHANGHAI = (
    "# 上海市2026年市级单位预算\n\n" + SHANGHAI_LISTS + SHANGHAI_REVENUE + SHANGHAI_EXPENDITURE + SHANGHAI_THREE_PUBLIC
)

WUXI_HEAD = "科目编码\t科目名称\t合计\t基本支出\t\t\t项目支出\n\t\t\t小计\t人员经费\t公用经费\t\n"
WUXI = f"""# 2026年度无锡市某某局部门预算公开

公开01表
收支总表
部门：无锡市某某局
单位：万元

收入\t\t支出\t
项目\t预算数\t项目\t预算数
一、一般公共预算拨款收入\t30.10\t一、一般公共服务支出\t30.10
本年收入合计\t30.10\t本年支出合计\t30.10
收入总计\t30.10\t支出总计\t30.10

公开02表
收入总表
部门：无锡市某某局
单位：万元

部门代码\t部门名称\t合计\t本年收入\t\t\t\t\t\t\t\t\t\t上年结转结余\t\t\t\t\t
\t\t\t小计\t一般公共预算\t政府性基金预算\t国有资本经营预算\t财政专户管理资金\t事业收入\t事业单位经营收入\t上级补助收入\t\
附属单位上缴收入\t其他收入\t小计\t一般公共预算\t政府性基金预算\t国有资本经营预算\t财政专户管理资金\t单位资金
合计\t\t30.10\t30.10\t28.10\t\t\t\t\t\t\t\t2.00\t\t\t\t\t\t
327\t无锡市某某局\t30.10\t30.10\t28.10\t\t\t\t\t\t\t\t2.00\t\t\t\t\t\t
327001\t无锡市某某局（本级）\t30.10\t30.10\t28.10\t\t\t\t\t\t\t\t2.00\t\t\t\t\t\t

公开05表
财政拨款支出表（功能科目）
部门：无锡市某某局
单位：万元

{WUXI_HEAD}合计\t\t99.00\t99.00\t99.00\t\t
201\t一般公共服务支出\t99.00\t99.00\t99.00\t\t

公开07表
一般公共预算支出表
部门：无锡市某某局
单位：万元

{WUXI_HEAD}合计\t\t30.10\t30.10\t30.10\t\t
201\t一般公共服务支出\t30.10\t30.10\t30.10\t\t
20105\t统计信息事务\t30.10\t30.10\t30.10\t\t
2010501\t行政运行\t30.10\t30.10\t30.10\t\t

公开11表
国有资本经营预算支出预算表
部门：无锡市某某局
单位：万元

项 目\t\t本年支出合计\t基本支出\t项目支出
功能分类科目编码\t科目名称\t\t\t
栏次\t\t1\t2\t3
合计\t\t\t\t

"""


def _tables(disclosure):
    return {table.name[:3]: table for table in disclosure.tables}


def _rules(disclosure):
    return {finding.rule for finding in disclosure.findings}


def test_shanghai_is_read_by_its_layout_alone(disclose):
    """Codes of three columns are one, yuan become 万元 exactly, 合计 may stand at the end."""
    disclosure = disclose(SHANGHAI)
    assert disclosure.layout == "shanghai"
    tables = _tables(disclosure)
    rows = tables["t03"].rows
    assert [row.values["科目编码"] for row in rows] == ["208", "20805", "2080502", "210", "合计"]
    assert [row.kind for row in rows] == ["父项", "父项", "明细", "明细", "合计"]
    assert [row.parents for row in rows] == [{"": 5}, {"": 1}, {"": 2}, {"": 5}, {}]
    assert rows[2].values["合计"] == Decimal("23.4567")
    assert not {"T03-COL", "HEADER-RESPELLED", "TABLE-UNREAD"} & _rules(disclosure)


def test_what_a_place_does_not_print_is_null_and_what_it_adds_has_its_column(disclose, specs):
    records = disclosure_to_records(disclose(SHANGHAI), specs)
    row = records["t03_expenditure"][2]
    assert (row["部门单位代码"], row["结转下年支出"], row["项目支出"]) == (None, None, None)
    revenue = records["t02_revenue"][-1]
    assert revenue["本年收入_财政拨款收入"] == Decimal("123.4567")
    assert (revenue["部门单位代码"], revenue["本年收入_一般公共预算"]) == (None, None)
    lists = records["t01_revenue_expenditure"][0]
    assert (lists["支出_预算数"], lists["支出_人员经费"]) == (Decimal("23.4567"), Decimal("20.0000"))
    (three,) = records["t07_three_public_two_fees"]
    assert (three["行类型"], three["三公经费_合计"], three["机关运行经费"]) == ("明细", Decimal("16.80"), None)
    parts = [cell["字段"] for cell in records["cells"] if cell["表"] == "t03_expenditure" and cell["部位"] == "数据"]
    assert parts[:4] == ["科目编码"] * 3 + ["部门单位名称_功能分类科目名称"]


def test_sums_cover_the_columns_a_place_adds(disclose):
    wrong = disclose(SHANGHAI.replace("支出总计\t1,234,567\t200,000", "支出总计\t1,234,567\t900,000"))
    (finding,) = [finding for finding in wrong.findings if finding.rule == "T01-EXP-TOTAL"]
    assert (finding.table, finding.column) == ("t01_revenue_expenditure", "支出_人员经费")


def test_an_organisation_without_printed_code_is_keyed_by_its_name(disclose):
    identity = disclose(SHANGHAI).identity
    assert identity.code == name_key("上海市某某监测中心", "单位")
    assert (identity.region, identity.year, identity.kind) == ("310000", 2026, "单位预算")
    assert identity.code[0] == "u"
    assert name_key("某局", "部门")[0] == "d"
    assert name_key("某局（本级）", "单位") == name_key("某局(本级)", "单位") != name_key("某局", "单位")


@pytest.mark.parametrize("printed", ["208\t\t02", "7\t06\t02", "2081\t06\t02", "208\t005\t02"])
def test_a_code_with_a_gap_or_a_wrong_width_is_not_guessed(printed, disclose):
    """The table is left out and named; the others are read."""
    table = SHANGHAI_EXPENDITURE.replace("208\t05\t02", printed)
    disclosure = disclose(SHANGHAI.replace(SHANGHAI_EXPENDITURE, table))
    (finding,) = [finding for finding in disclosure.findings if finding.rule == "TABLE-UNREAD"]
    assert (finding.table, finding.severity) == ("t03_expenditure", "error")
    assert "BAD-CODE" in finding.message
    assert "t03_expenditure" in disclosure.missing
    assert sorted(_tables(disclosure)) == ["t01", "t02", "t07"]


@pytest.mark.parametrize("printed", ["7\t05\t02", "208\t5\t02", "208\t05\t2"])
def test_a_code_that_the_row_above_and_the_width_tell_is_read_and_told(printed, disclose):
    table = SHANGHAI_EXPENDITURE.replace("208\t05\t02", printed)
    disclosure = disclose(SHANGHAI.replace(SHANGHAI_EXPENDITURE, table))
    whole = _tables(disclose(SHANGHAI))["t03"]
    assert [row.values for row in _tables(disclosure)["t03"].rows] == [row.values for row in whole.rows]
    assert "CODE-MENDED" in _rules(disclosure)


def test_an_unknown_column_leaves_out_an_optional_table_and_refuses_any_other(disclose, refused):
    disclosure = disclose(SHANGHAI.replace("\t合计\t财政拨款收入\t", "\t数额\t某某款\t"))
    assert "t02_revenue" in disclosure.missing
    assert "HEADER-UNKNOWN" in next(f.message for f in disclosure.findings if f.rule == "TABLE-UNREAD")
    problems = refused(SHANGHAI.replace("\t人员经费\t公用经费\t\n", "\t人员经费\t别的经费\t\n"))
    assert {problem.code for problem in problems} == {"HEADER-UNKNOWN"}


@pytest.mark.parametrize(
    ("old", "new"),
    [("    absent: [部门单位代码, 结转下年支出]\n", ""), ("sometimes: [支出_人员经费", "sometimes: [支出_人事经费")],
)
def test_a_layout_takes_a_stand_on_every_field(old, new, tmp_path, specs):
    """A field is printed, absent, or one that only some places add; a name that no table has is a slip."""
    root = tmp_path / "schemas"
    shutil.copytree(specs.root, root)
    path = root / "layouts" / "shanghai.yml"
    assert old in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(SpecError) as caught:
        load_specs(root)
    assert {problem.code for problem in caught.value.problems} == {"SPEC-REFERENCE"}


def test_a_document_that_is_mostly_unreadable_is_of_another_place(refused):
    """Three tables of four, each of which the layout could do without."""
    rest = (SHANGHAI_REVENUE + SHANGHAI_EXPENDITURE + SHANGHAI_THREE_PUBLIC).replace("合计\t", "数额乙\t")
    rest = rest.replace("\t05\t", "\t05\t\t")
    (problem,) = refused("# 上海市2026年市级单位预算\n\n" + SHANGHAI_LISTS + rest)
    assert problem.code == "LAYOUT-UNSUITED"
    assert "表2" in problem.found


def test_a_missing_total_is_a_finding_only_where_the_layout_allows_it(disclose):
    without = disclose(SHANGHAI.replace("合计\t\t\t\t1,234,567\t234,567\t1,000,000\n", ""))
    assert "TXX-TOTAL" in _rules(without)
    elsewhere = disclose(WUXI.replace("合计\t\t30.10\t30.10\t30.10\t\t\n", ""))
    (finding,) = [finding for finding in elsewhere.findings if finding.rule == "TABLE-UNREAD"]
    assert "TOTAL-MISSING" in finding.message


def test_wuxi_keys_a_department_by_the_code_beside_its_name(disclose):
    disclosure = disclose(WUXI)
    assert disclosure.layout == "jiangsu-su-xi"
    assert disclosure.identity.key == "320200-327-2026-budget"
    assert disclosure.identity.kind == "部门预算"
    unit = _tables(disclosure)["t02"].rows[2]
    assert (unit.kind, unit.organisation) == ("单位", "320200-327001")
    assert (unit.values["本年收入_其他收入"], unit.values["本年收入_单位资金"]) == (Decimal("2.00"), None)


def test_a_table_that_only_looks_like_another_is_not_taken_for_it(disclose):
    """公开05表 has the header of 公开07表; its title keeps it apart."""
    tables = _tables(disclose(WUXI))
    assert tables["t05"].rows[0].values["合计"] == Decimal("30.10")
    assert tables["t15"].sheet.title == "财政拨款支出表（功能科目）"


def test_a_strange_title_takes_no_table_whose_title_is_printed(disclose):
    disclosure = disclose(WUXI.replace("财政拨款支出表（功能科目）", "财政拨款支出安排表"))
    tables = _tables(disclosure)
    assert tables["t05"].rows[0].values["合计"] == Decimal("30.10")
    assert (tables["t15"].sheet.title, tables["t15"].sheet.by) == ("财政拨款支出安排表", "header")
    assert [f.table for f in disclosure.findings if f.rule == "TABLE-UNTITLED"] == ["t15_fiscal_expenditure"]


def test_an_index_row_may_be_labelled_and_a_blank_total_is_no_zero(disclose):
    disclosure = disclose(WUXI)
    table = _tables(disclosure)["t09"]
    assert table.is_nil
    assert [row.values["合计"] for row in table.rows] == [None]
    assert "S-HEADER" not in _rules(disclosure)


#: Documents of the corpus: tables read, and rows of 表3.
SEEN = {
    "无锡-01": (13, 16), "无锡-02": (13, 22), "无锡-03": (13, 20), "无锡-04": (13, 31), "无锡-05": (13, 30),
    "无锡-06": (13, 23), "无锡-07": (13, 28), "无锡-08": (13, 35), "无锡-09": (13, 36), "无锡-10": (13, 44),
    "苏州-01": (13, 15), "苏州-02": (13, 15), "苏州-03": (13, 18), "苏州-04": (13, 21), "苏州-05": (13, 26),
    "上海-01": (9, 17), "上海-02": (9, 16), "上海-03": (9, 4), "上海-04": (9, 20), "上海-05": (9, 17),
    "上海-06": (9, 4), "上海-07": (9, 14), "上海-08": (9, 19),
    "普陀-01": (9, 21), "普陀-02": (9, 21), "普陀-03": (9, 31), "普陀-04": (9, 15), "普陀-05": (9, 31),
    "普陀-06": (9, 67), "普陀-07": (9, 20), "普陀-08": (9, 67), "普陀-11": (9, 67), "普陀-13": (9, 24),
}  # fmt: skip
#: Amounts read on the page, in 万元: table, field, the row it stands in (from the end), amount.
PRINTED = {
    "无锡-03": [("t01", "收入_预算数", -1, "3210.10"), ("t03", "项目支出", 0, "975.06"), ("t07", "培训费_小计", 0, "19.03")],
    "苏州-03": [("t02", "合计", 0, "10022.32"), ("t05", "合计", 0, "9078.52"), ("t05", "公用经费", 0, "501.33")],
    "上海-01": [("t01", "支出_预算数", -1, "18036.6183"), ("t05", "项目支出", -1, "15450.1775"), ("t07", "三公经费_合计", 0, "16.80")],
    "普陀-06": [("t04", "支出_预算数", -1, "18976.7551"), ("t01", "收入_预算数", -1, "18976.7551")],
    "普陀-04": [("t02", "本年收入_事业收入", -1, "262.0000"), ("t07", "机关运行经费", 0, "0")],
}  # fmt: skip


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"没有真实文档的文件夹 {CORPUS}（不在仓库里；或设 YUSUAN_CORPUS）")
@pytest.mark.parametrize("name", SEEN)
def test_real_documents(name, specs):
    disclosure = read_disclosure(read(CORPUS / f"{name}.pdf"), specs)
    tables = _tables(disclosure)
    count, rows = SEEN[name]
    assert len(tables) == count
    assert rows == (len(tables["t03"].rows) if "t03" in tables else None)
    for table, field, row, amount in PRINTED.get(name, []):
        assert tables[table].rows[row].values[field] == Decimal(amount), (table, field)
