"""The sample document against the twelve tables a person copied from it: 1,035 cells, every one."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from yusuan.values import header_key

ROOT = Path(__file__).resolve().parents[1]

NUMBERS = range(1, 13)
SHAPES = {1: (29, 4), 2: (3, 15), 3: (10, 7), 4: (29, 4), 5: (10, 8), 6: (28, 5)}
SHAPES |= {7: (4, 13), 8: (1, 6), 9: (1, 6), 10: (16, 19), 11: (1, 10), 12: (6, 15)}
KINDS = {
    1: {"明细": 23, "并列": 4, "合计": 2},
    2: {"合计": 1, "部门": 1, "单位": 1},
    3: {"合计": 1, "部门": 1, "单位": 1, "明细": 7},
    4: {"明细": 23, "并列": 4, "父项": 1, "合计": 1},
    5: {"合计": 1, "部门": 1, "单位": 1, "明细": 7},
    6: {"合计": 1, "父项": 3, "明细": 24},
    7: {"合计": 1, "小计": 1, "部门": 1, "单位": 1},
    8: {"合计": 1},
    9: {"合计": 1},
    10: {"合计": 1, "部门": 1, "单位": 1, "明细": 13},
    11: {"合计": 1},
    12: {"合计": 1, "部门": 1, "明细": 4},
}
#: Everything the sample has to be told about: (rule, table number, line).
FINDINGS = [
    ("PARAGRAPH-JOINED", None, 59),
    ("PARAGRAPH-JOINED", None, 67),
    ("PARAGRAPH-JOINED", None, 85),
    ("PARAGRAPH-JOINED", None, 119),
    ("PARAGRAPH-JOINED", None, 216),
    ("PARAGRAPH-JOINED", None, 257),
    ("HEADER-SURPLUS", 2, 311),
    ("S-HEADER", None, 313),
    ("HEADER-RESPELLED", 3, 324),
    ("S-HEADER", None, 383),
    ("S-HEADER", None, 444),
    ("HEADER-INCOMPLETE", 10, 502),
    ("S-HEADER", None, 485),
    ("HEADER-BLANKS", 11, 513),
    ("HEADER-BLANKS", 11, 514),
    ("HEADER-BLANKS", 11, 514),
    ("HEADER-BLANKS", 11, 514),
    ("TABLE-UNNUMBERED", None, None),
    ("N-COMPLETE", None, 216),
    ("N-COVER-T07", 7, 445),
    ("N-COVER-T07", 7, 445),
    ("N-PROJ-GOAL", 12, 207),
    ("N-PROJ-GOAL", 12, 209),
    ("N-PROJ-NAME", 12, 209),
    ("N-REASON", None, 169),
    ("N-REASON", None, 190),
    ("N-REASON", None, 190),
    ("N-REASON", None, 190),
    ("N-TYPO", None, 71),
    ("N-TYPO", None, 216),
    ("N-TYPO", None, 216),
    ("N-USE-PROJ", 5, 147),
]


def typed(text, kind):
    """Return what a printed cell means, written without the code under test."""
    if text == "":
        return None
    if kind == "amount":
        return Decimal(text.replace(",", ""))
    return int(text) if kind == "integer" else text


def named(table):
    """Return the printed columns that have a name, by position."""
    return [column for column in table.sheet.columns if column.field is not None]


def test_the_golden_files_are_the_documents_twelve_tables(golden):
    assert {n: (len(t.rows), len(t.header)) for n, t in golden.items()} == SHAPES
    assert sum(len(row) for table in golden.values() for row in table.rows) == 1035


@pytest.mark.parametrize("number", NUMBERS)
def test_headers(number, sample_tables, golden):
    """Every column bears the header a person read, and is a field of its own."""
    columns = named(sample_tables[number])
    assert ["".join(column.label.split()) for column in columns] == golden[number].header
    assert len({column.field for column in columns}) == len(columns)


@pytest.mark.parametrize("number", NUMBERS)
def test_every_printed_cell_is_kept_as_printed(number, sample_tables, golden):
    cells = {}
    for item in sample_tables[number].sheet.evidence:
        if item.part == "数据" and item.column.field is not None:
            cells.setdefault(item.row, []).append(item.cell.text)
    assert [cells[row] for row in sorted(cells)] == golden[number].rows


@pytest.mark.parametrize("number", NUMBERS)
def test_every_value(number, sample_tables, golden, specs):
    table = sample_tables[number]
    types = {field.name: field.type for field in specs.tables[table.name].printed}
    fields = [column.field for column in named(table)]
    expected = [
        {name: typed(text, types[name]) for name, text in zip(fields, row, strict=True)} for row in golden[number].rows
    ]
    assert [{name: row.values[name] for name in fields} for row in table.rows] == expected
    assert [str(row.values[name]) for row in table.rows for name in fields if types[name] == "amount"] == [
        text.replace(",", "") or "None"
        for row in golden[number].rows
        for name, text in zip(fields, row, strict=True)
        if types[name] == "amount"
    ], "the printed places are part of the value"


@pytest.mark.parametrize("number", NUMBERS)
def test_every_cell_points_to_its_line(number, sample_tables, sample_text):
    lines = sample_text.splitlines()
    for item in sample_tables[number].sheet.evidence:
        printed = lines[item.cell.place.line - 1].replace("<b>", "").replace("</b>", "").split("\t")
        assert printed[item.column.number - 1].strip() == item.cell.text


@pytest.mark.parametrize("number", NUMBERS)
def test_kinds_of_rows(number, sample_tables):
    assert Counter(row.kind for row in sample_tables[number].rows) == KINDS[number]


def test_no_other_values_than_printed_and_derived_ones(sample_tables, specs):
    for table in sample_tables.values():
        spec = specs.tables[table.name]
        allowed = {f.name for f in spec.printed} | {f.name for f in spec.fields if f.derived}
        assert {name for row in table.rows for name in row.values} == allowed


def test_the_declared_zeros(sample_tables):
    assert [number for number, table in sample_tables.items() if table.is_nil] == [8, 9, 11]


def test_the_leaves_of_table_3_add_up_to_the_budget(sample_tables):
    leaves = [row.values["合计"] for row in sample_tables[3].rows if row.kind == "明细"]
    assert len(leaves) == 7
    assert sum(leaves) == Decimal("1117.75")
    assert all(isinstance(leaf, Decimal) for leaf in leaves)


def test_the_two_identical_purchases_are_both_there(sample_tables):
    """Rows 6 and 11 agree in all 19 fields; the total only holds with both."""
    rows = sample_tables[10].rows
    assert rows[5].values == rows[10].values
    assert (rows[5].values["项目名称"], rows[5].values["政府采购资金类型_合计"]) == ("车辆经费", Decimal("1.80"))
    assert (rows[5].number, rows[10].number, rows[5].place.line, rows[10].place.line) == (6, 11, 491, 496)
    leaves = [row.values["政府采购资金类型_合计"] for row in rows if row.kind == "明细"]
    assert sum(leaves) == Decimal("10.31")


def test_names_are_kept_even_where_the_document_contradicts_itself(sample_tables):
    """表12 prints 纆丝 where the narrative prints 缫丝: nothing is corrected silently."""
    assert sample_tables[12].rows[3].values["项目名称"] == "广西纆丝自动化工程技术研究中心平台运行费"


def test_the_findings_of_the_sample_are_exactly_these(sample, sample_tables):
    names = {table.name: number for number, table in sample_tables.items()}
    found = [(f.rule, names.get(f.table), f.line) for f in sample.findings if f.grade != "within_rounding"]
    assert sorted(found, key=str) == sorted(FINDINGS, key=str)
    assert {f.severity for f in sample.findings} == {"info", "warning"}
    assert {f.document for f in sample.findings} == {"450200-405003-2026-budget"}


def test_titles_frames_and_money_units(sample_tables, specs):
    for table in sample_tables.values():
        sheet = table.sheet
        assert header_key(sheet.title) == header_key(specs.tables[table.name].title)
        assert (sheet.money_unit, sheet.organisation) == ("万元", "405003柳州市智能制造科技服务中心")
    assert [t.sheet.number for t in sample_tables.values()] == ["预算公开01表", *[None] * 11]


def test_the_rules_come_out_on_the_sample_as_they_did_by_hand(sample):
    """706 evaluations: no accounting identity is violated, and the 19 that are not fulfilled are names and wording."""
    counts = [
        sum(getattr(result, name) for result in sample.results) for name in ("exact", "within_rounding", "violated")
    ]
    assert counts == [671, 16, 19]
    with (ROOT / "tests" / "golden" / "405003-2026" / "rules.csv").open(encoding="utf-8", newline="") as file:
        expected = {
            row["rule"]: [int(row[name]) for name in ("exact", "within_rounding", "violated")]
            for row in csv.DictReader(file)
        }
    found = {r.rule: [r.exact, r.within_rounding, r.violated] for r in sample.results}
    assert len(expected) == 88
    assert {rule: found[rule] for rule in expected} == expected
    assert all(sum(found[rule]) == 0 for rule in set(found) - set(expected))
