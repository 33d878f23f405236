"""The subject tables of the sample: additive leaves only, so that every sum is the official total."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from yusuan.disclosure import read_disclosure
from yusuan.package import merge_records
from yusuan.reading import read
from yusuan.rows.records import disclosure_to_records
from yusuan.rows.subjects import derive_subject

ROWS = {
    "expenditure_by_function": 7,
    "fiscal_expenditure_by_function": 7,
    "agency_operations": 0,
    "basic_expenditure_by_economic": 24,
    "revenue_by_source": 1,
    "three_public": 1,
    "procurement_line": 13,
    "purchased_service_line": 0,
    "project": 4,
    "performance_indicator": 33,
}


@pytest.fixture(scope="module")
def records(specs, sample_path):
    """Return the rows of the sample's package."""
    disclosure = read_disclosure(read(sample_path), specs)
    return merge_records({}, [disclosure_to_records(disclosure, specs)], specs)


@pytest.fixture(scope="module")
def subjects(records, specs):
    return {name: derive_subject(spec, records, specs) for name, spec in specs.subjects.items()}


def _total(records, table, column):
    return next(row[column] for row in records[table] if row["行类型"] == "合计")


def _sum(rows, column):
    return sum((row[column] for row in rows if row[column] is not None), Decimal(0))


def test_every_subject_has_its_rows(subjects):
    assert {name: len(rows) for name, rows in subjects.items()} == ROWS


def test_keys_are_unique_and_lead_to_the_row_they_come_from(subjects, records, specs):
    for name, rows in subjects.items():
        assert len({row["键"] for row in rows}) == len(rows), name
        assert [row["键"] for row in rows] == sorted(row["键"] for row in rows), name
        for row in rows:
            (origin,) = (item for item in records[row["表"]] if item["行次"] == row["行次"])
            assert origin["行类型"] in {kind for source in specs.subjects[name].sources for kind in source.rows}
            assert row["键"].startswith(f"{row['文件']}.t{specs.tables[row['表']].number:02}.r{row['行次']:02}")
            assert (row["年度"], row["单位"], row["部门"]) == (2026, "450200-405003", "450200-405")


@pytest.mark.parametrize(
    ("subject", "column", "table", "total", "rounding"),
    [
        ("expenditure_by_function", "合计", "t03_expenditure", "合计", "0"),
        ("expenditure_by_function", "基本支出", "t03_expenditure", "基本支出", "0"),
        ("expenditure_by_function", "项目支出", "t03_expenditure", "项目支出", "0"),
        ("expenditure_by_function", "结转下年支出", "t03_expenditure", "结转下年支出", "0"),
        ("fiscal_expenditure_by_function", "合计", "t05_general_public_expenditure", "合计", "0"),
        ("fiscal_expenditure_by_function", "基本支出", "t05_general_public_expenditure", "基本支出_小计", "0"),
        ("fiscal_expenditure_by_function", "人员经费", "t05_general_public_expenditure", "人员经费", "0.01"),
        ("fiscal_expenditure_by_function", "公用经费", "t05_general_public_expenditure", "公用经费", "0"),
        ("fiscal_expenditure_by_function", "项目支出", "t05_general_public_expenditure", "项目支出", "0"),
        ("basic_expenditure_by_economic", "合计", "t06_general_public_basic", "合计", "0"),
        ("basic_expenditure_by_economic", "人员经费", "t06_general_public_basic", "人员经费", "0.01"),
        ("revenue_by_source", "金额", "t02_revenue", "合计", "0"),
        ("three_public", "三公经费合计", "t07_three_public_two_fees", "三公经费_合计", "0"),
        ("three_public", "公务接待费", "t07_three_public_two_fees", "三公经费_公务接待费", "0"),
        ("three_public", "培训费", "t07_three_public_two_fees", "培训费_小计", "0"),
        ("procurement_line", "金额", "t10_procurement", "政府采购资金类型_合计", "0.01"),
        ("procurement_line", "集中采购", "t10_procurement", "集中采购_小计", "0"),
        ("procurement_line", "分散采购_货物类", "t10_procurement", "分散采购_货物类", "0.01"),
        ("purchased_service_line", "合计", "t11_purchased_services", "合计", "0"),
        ("project", "预算资金总额", "t12_project_performance", "预算资金总额", "0"),
    ],
)
def test_leaves_add_up_to_the_official_total(subjects, records, subject, column, table, total, rounding):  # noqa: PLR0913, PLR0917 - the columns of the table above
    """Nothing is counted twice and nothing is left out; where the document rounded, the difference is known."""
    assert _sum(subjects[subject], column) - _total(records, table, total) == Decimal(rounding)


def test_sums_of_fen_are_exact(subjects):
    assert sum(row["合计_分"] for row in subjects["expenditure_by_function"]) == 1_117_750_000
    for rows in subjects.values():
        for row in rows:
            for name in [name for name in row if name.endswith("_分")]:
                amount = row[name.removesuffix("_分")]
                assert row[name] == (None if amount is None else amount * 1_000_000)


def test_codes_carry_their_class_and_group(subjects):
    for name in ("expenditure_by_function", "fiscal_expenditure_by_function", "procurement_line"):
        for row in subjects[name]:
            assert (row["类"], row["款"]) == (row["科目编码"][:3], row["科目编码"][:5])
            assert len(row["科目编码"]) == 7
    assert {row["类"] for row in subjects["expenditure_by_function"]} == {"206", "208", "210", "221"}
    assert Counter(row["类"] for row in subjects["basic_expenditure_by_economic"]) == {"301": 8, "302": 14, "303": 2}


def test_totals_and_organisations_are_no_items(subjects):
    for name in ("expenditure_by_function", "fiscal_expenditure_by_function", "procurement_line"):
        assert not {row["科目名称"] for row in subjects[name]} & {"合计", "柳州市科学技术局", None}


def test_fiscal_expenditure_says_from_which_budget(subjects):
    assert {row["预算类别"] for row in subjects["fiscal_expenditure_by_function"]} == {"一般公共预算"}


def test_revenue_is_unpivoted(subjects):
    (row,) = subjects["revenue_by_source"]
    assert (row["收入类别"], row["资金来源"], row["金额"]) == ("本年收入", "一般公共预算", Decimal("1117.75"))
    assert row["键"] == "450200-405003-2026-budget.t02.r03.01"


def test_every_source_of_revenue_gets_its_row(specs, records):
    """A zero makes no row, any other amount makes one, with the meaning of its own column."""
    spec = specs.subjects["revenue_by_source"]
    columns = spec.sources[0].columns
    filled = [
        row | dict.fromkeys(columns, None) | {name: Decimal(n) for n, name in enumerate(columns)}
        for row in records["t02_revenue"]
    ]
    rows = derive_subject(spec, records | {"t02_revenue": filled}, specs)
    meant = [(meaning["收入类别"], meaning["资金来源"], Decimal(n)) for n, meaning in enumerate(columns.values())]
    assert [(row["收入类别"], row["资金来源"], row["金额"]) for row in rows] == meant[1:]
    assert len({row["键"] for row in rows}) == len(columns) - 1


def test_three_public_counts_a_unit_once(subjects):
    (row,) = subjects["three_public"]
    assert row["资金性质"] == "一般公共预算资金"
    parts = ("因公出国境费", "公务用车购置费", "公务用车运行维护费", "公务接待费")
    assert row["三公经费合计"] == sum(row[name] for name in parts) == Decimal("6.03")


def test_equal_purchases_are_two_purchases(records, subjects):
    twin = [row for row in records["t10_procurement"] if row["政府采购资金类型_合计"] == Decimal("1.80")]
    assert len(twin) == 2
    assert sum(row["金额"] == Decimal("1.80") for row in subjects["procurement_line"]) == 2


def test_indicators_belong_to_their_project(subjects):
    projects = {row["键"]: row["项目名称"] for row in subjects["project"]}
    indicators = subjects["performance_indicator"]
    assert {row["项目"] for row in indicators} == set(projects)
    assert all(row["项目名称"] == projects[row["项目"]] for row in indicators)
    assert all(row["键"].startswith(row["项目"] + ".") for row in indicators)
    assert all(row["指标名称"] for row in indicators)
    assert {row["一级指标"] for row in indicators} == {"产出指标", "效益指标", "满意度指标"}


def test_quantitative_indicators_have_a_number(subjects):
    numbered = [row for row in subjects["performance_indicator"] if row["数值"] is not None]
    assert len(numbered) == 19
    assert all(str(row["数值"]) in row["指标值"].replace(",", "") for row in numbered)
    told = {(row["指标名称"], row["符号"], str(row["数值"]), row["计量单位"]) for row in numbered}
    assert ("维护次数", "≥", "4", "次") in told


def test_a_year_without_documents_has_no_subjects(specs):
    assert all(derive_subject(spec, {}, specs) == [] for spec in specs.subjects.values())
