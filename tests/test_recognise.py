"""Which grid is which table: by title, else by header, else by order; and what is refused."""

from __future__ import annotations

import pytest

from yusuan.disclosure import Options, read_disclosure
from yusuan.errors import UsageError
from yusuan.tables.recognise import choose_layout, recognise

NAME = "柳州市智能制造科技服务中心"
FRAME = f"单位名称：405003{NAME}\n\n单位：万元\n\n"


@pytest.fixture
def swap(sample_text):
    """Return a function that replaces text in the sample, each old text occurring exactly once unless told."""

    def swapped(*pairs, count=1):
        text = sample_text
        for old, new in pairs:
            assert text.count(old) == count, f"{old!r}: {text.count(old)}"
            text = text.replace(old, new)
        return text

    return swapped


def found(disclosure, rule):
    return [(finding.table, finding.line) for finding in disclosure.findings if finding.rule == rule]


def names(disclosure):
    return [table.name for table in disclosure.tables]


def data(disclosure):
    return {table.name: [dict(row.values) for row in table.rows] for table in disclosure.tables}


def test_the_sample_has_all_twelve_by_title(sample, layout):
    assert names(sample) == list(layout.tables)
    assert len(layout.tables) == 12
    assert sample.missing == ()
    assert found(sample, "TABLE-UNTITLED") == []


@pytest.mark.parametrize("prefix", ["2026年", "2026年度", "2026 年", "2026"])
def test_a_title_may_begin_with_the_year(prefix, swap, disclose, sample):
    text = swap(("### 政府采购预算表", f"### {prefix}政府采购预算表"), ("## 单位收支总", f"## {prefix}单位收支总"))
    result = disclose(text)
    assert data(result) == data(sample)
    assert found(result, "TABLE-UNTITLED") == []


def test_department_titles_are_known(sample_text, disclose, sample):
    text = sample_text
    for title in ("收支总体情况表", "收入总体情况表", "支出总体情况表"):
        text = text.replace(f"单位{title}\n", f"部门{title}\n")
    result = disclose(text)
    assert data(result) == data(sample)
    assert found(result, "TABLE-UNTITLED") == []


def test_a_table_without_title_is_known_by_its_header_and_that_is_told(swap, disclose, sample):
    result = disclose(swap(("## 单位支出总体情况表\n\n", "")))
    assert data(result) == data(sample)
    assert found(result, "TABLE-UNTITLED") == [("t03_expenditure", 322)]


def test_a_wrong_title_does_not_hide_a_known_header(swap, disclose, sample):
    result = disclose(swap(("### 政府采购预算表", "### 采购一览表")))
    assert data(result) == data(sample)
    assert [table for table, _ in found(result, "TABLE-UNTITLED")] == ["t10_procurement"]


@pytest.mark.parametrize(
    ("lost", "told_by"),
    [(("表1",), ["表头"]), (("表4",), ["表头"]), (("表1", "表4"), ["表头和次序", "表头"])],
)
def test_the_two_tables_with_the_same_header_are_told_apart_by_their_order(lost, told_by, swap, disclose, sample):
    """What was found before, or bears its title elsewhere, cannot be it: the other is then known by its header alone."""
    titles = {"表1": "预算公开01表\n\n## 单位收支总体情况表\n\n", "表4": "\n财政拨款收支总体情况表\n"}
    result = disclose(swap(*((titles[name], "") for name in lost)))
    assert data(result) == data(sample)
    tables = {"表1": "t01_revenue_expenditure", "表4": "t04_fiscal_appropriation"}
    assert [table for table, _ in found(result, "TABLE-UNTITLED")] == [tables[name] for name in lost]
    messages = [f.message for f in result.findings if f.rule == "TABLE-UNTITLED"]
    assert all(f"按{how}认定" in message for how, message in zip(told_by, messages, strict=True))


def test_two_tables_of_one_header_never_become_one(table_blocks, refused):
    """表4 right after 表1, without title and 单位名称, looks like a further page of 表1: refused, not merged."""
    lost = table_blocks[4].replace(f"财政拨款收支总体情况表\n\n单位名称：405003{NAME}\n\n", "")
    problems = refused(table_blocks[0] + table_blocks[1] + lost + table_blocks[10])
    assert {(p.code, p.table) for p in problems} == {("ROW-UNKNOWN", "表1 单位收支总体情况表")}
    assert problems[0].found == "一、本年收入"


def test_a_table_printed_twice_is_refused(table_blocks, sample_text, refused):
    (problem,) = refused(sample_text + "\n" + table_blocks[5])
    assert (problem.code, problem.table) == ("TABLE-TWICE", "表5 一般公共预算支出情况表")
    assert problem.line > 534


def test_an_unknown_header_is_refused_with_what_to_do(swap, refused):
    problems = refused(swap(("\t基本支出\t项目支出\t结转下年支出\n", "\t基本支出\t项目支出\t结转下年\n")))
    (problem,) = problems
    assert problem.code == "HEADER-UNKNOWN"
    assert (problem.table, problem.line) == ("表3 单位支出总体情况表", 324)
    assert problem.column == "结转下年（第7列）"
    assert (problem.expected, problem.found) == ("结转下年支出", "结转下年")
    assert "schemas/layouts/guangxi-2026.yml" in problem.hint
    assert "tables.t03_expenditure.columns" in problem.hint


def test_a_missing_column_is_refused_and_named(table_blocks, sample_text, refused):
    """Every row one cell shorter: what is left must not move into other columns."""
    cut = "\n".join(line.rpartition("\t")[0] if "\t" in line else line for line in table_blocks[3].split("\n"))
    (problem,) = refused(sample_text.replace(table_blocks[3], cut))
    assert (problem.code, problem.expected) == ("HEADER-MISSING", "结转下年支出")
    assert problem.found.endswith("合计、基本支出、项目支出")
    assert "tables.t03_expenditure.columns" in problem.hint


def test_exchanged_columns_follow_their_header(table_blocks, sample_text, disclose, sample):
    lines = [line.split("\t") for line in table_blocks[3].split("\n")]
    moved = "\n".join("\t".join([*c[:3], c[5], c[3], c[6], c[4]] if len(c) == 7 else c) for c in lines)
    assert moved != table_blocks[3]
    assert data(disclose(sample_text.replace(table_blocks[3], moved))) == data(sample)


def test_a_respelled_header_is_accepted_and_told(sample, swap, disclose):
    result = disclose(swap(("\t部门名称(单位)(功能分类科目名称)\t", "\t部门（单位）名称（功能分类科目名称）\t")))
    assert found(sample, "HEADER-RESPELLED") == [("t03_expenditure", 324)]
    assert found(result, "HEADER-RESPELLED") == []


HEAD_6 = "部门预算支出经济分类科目\t\t本年一般公共预算基本支出\t\t\n科目编码\t科目名称\t合计\t人员经费\t公用经费\n"


@pytest.mark.parametrize(
    ("gap", "incomplete"),
    [
        ("", []),
        ("\n", ["t06_general_public_basic"]),
        ("\n\n\n", ["t06_general_public_basic"]),
        (f"\n{HEAD_6}", []),
        (f"\n单位：万元\n\n{HEAD_6}", []),
        (f"\n{HEAD_6.splitlines()[0]}\n", ["t06_general_public_basic"]),
    ],
)
def test_a_further_page_with_or_without_its_header(gap, incomplete, swap, disclose, sample):
    """A page that does not repeat the header, or only its first row, is read by the header of the first page."""
    result = disclose(swap((f"\n{HEAD_6}30299", f"{gap}30299")))
    assert data(result) == data(sample)
    assert [table for table, _ in found(result, "HEADER-INCOMPLETE")] == [*incomplete, "t10_procurement"]


def test_a_further_page_that_repeats_title_and_frame(swap, disclose, sample):
    again = f"## 一般公共预算基本支出情况表\n\n{FRAME}{HEAD_6}30299"
    assert data(disclose(swap((f"{HEAD_6}30299", again)))) == data(sample)


def test_a_further_page_cut_off_by_text_is_not_lost_silently(swap, disclose):
    result = disclose(swap((f"{HEAD_6}30299", "第 12 页\n\n30299")))
    (stranger,) = found(result, "TABLE-UNRECOGNISED")
    assert stranger == (None, 430)
    assert {"T06-CLASS", "T06-TOTAL"} & {f.rule for f in result.findings if f.severity == "error"}


def test_surplus_columns_of_zeros_are_kept_as_evidence_and_told(sample, sample_tables):
    """表2 prints 16 fields under 15 headers; the truth has 15."""
    assert found(sample, "HEADER-SURPLUS") == [("t02_revenue", 311)]
    column = sample_tables[2].sheet.columns[15]
    assert (column.label, column.field) == ("(无表头)", None)
    assert [row[15].text for row in sample_tables[2].sheet.body] == ["0.00"] * 3


def test_a_value_in_a_surplus_column_is_refused(table_blocks, sample_text, refused):
    block = table_blocks[2]
    changed = block[: block.rindex("0.00")] + "7.00" + block[block.rindex("0.00") + 4 :]
    (problem,) = refused(sample_text.replace(block, changed))
    assert (problem.code, problem.found, problem.row, problem.line) == ("SURPLUS-VALUE", "7.00", 3, 316)
    assert problem.column == "(无表头)（第16列）"


@pytest.mark.parametrize(
    ("old", "new", "cells"),
    [
        (
            "2060399\t\t其他应用研究支出\t34.20\t0.00\t34.20\t0.00",
            "2060399\t其他应用研究支出\t34.20\t0.00\t34.20\t0.00",
            6,
        ),
        ("事业单位医疗\t51.04\t51.04\t0.00\t0.00", "事业单位医疗\t51.04\t51.04\t0.00\t0.00\t", 8),
    ],
)
def test_a_row_of_another_width_is_refused(old, new, cells, swap, refused):
    (problem,) = refused(swap((old, new)))
    assert problem.code == "ROW-WIDTH"
    assert problem.table == "表3 单位支出总体情况表"
    assert problem.expected == "7 格"
    assert problem.found.startswith(f"{cells} 格")


def test_a_grid_nobody_knows_is_told_and_left_out(sample_text, disclose, sample):
    result = disclose(sample_text + "\n\n附：车辆清单\n\n车牌\t型号\n桂B12345\t轿车\n")
    assert data(result) == data(sample)
    (finding,) = [f for f in result.findings if f.rule == "TABLE-UNRECOGNISED"]
    assert (finding.line, finding.printed, finding.severity) == (538, "车牌 | 型号", "warning")


def test_the_table_of_key_projects_is_no_stranger(sample):
    assert found(sample, "TABLE-UNRECOGNISED") == []


def test_a_missing_table_is_told_by_number(table_blocks, sample_text, disclose):
    result = disclose(sample_text.replace(table_blocks[8], ""))
    assert result.missing == ("t08_government_fund",)
    (finding,) = [f for f in result.findings if f.rule == "TABLE-MISSING"]
    assert finding.table == "t08_government_fund"
    assert "表8 政府性基金预算支出情况表" in finding.message


@pytest.mark.parametrize("number", [5, 7, 10])
def test_blank_rows_anywhere_in_a_table_are_no_rows(number, table_blocks, sample_text, disclose, sample):
    """Converters print empty table rows: between header and index row, too."""
    lines = table_blocks[number].split("\n")
    spread = []
    for line in lines:
        spread += [line, "\t" * line.count("\t")] if "\t" in line else [line]
    result = disclose(sample_text.replace(table_blocks[number], "\n".join(spread)))
    assert data(result) == data(sample)


def test_pipe_tables_are_the_same_tables(sample_text, disclose, sample):
    lines = [f"| {line.replace(chr(9), ' | ')} |" if "\t" in line else line for line in sample_text.split("\n")]
    assert data(disclose("\n".join(lines))) == data(sample)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("# 会议纪要\n\n今天开会。", "NOT-A-BUDGET"),
        ("# 某局2026年部门预算公开说明\n\n详见附件。", "NO-TABLES"),
        ("项目名称\t金额\n某项目\t1.00", "NOT-A-BUDGET"),
    ],
)
def test_what_is_no_disclosure_is_refused(text, code, refused):
    (problem,) = refused(text)
    assert problem.code == code
    assert "单位收支总体情况表" in problem.expected


def test_a_layout_that_does_not_exist_is_wrong_use(sample, specs):
    with pytest.raises(UsageError) as caught:
        read_disclosure(sample.document, specs, Options(layout="guangdong"))
    (problem,) = caught.value.problems
    assert (problem.code, problem.expected) == ("LAYOUT-UNKNOWN", "、".join(specs.layouts))


def test_the_layout_that_knows_the_titles_is_chosen(sample, specs, parse):
    assert choose_layout(sample.document, specs).name == "guangxi-2026"
    assert choose_layout(parse("a\tb"), specs) is None


def test_a_table_without_money_unit_takes_that_of_the_others(table_blocks, sample_text, disclose, sample):
    block = table_blocks[5].replace("单位：万元\n\n", "")
    result = disclose(sample_text.replace(table_blocks[5], block))
    assert data(result) == data(sample)
    assert {table.sheet.money_unit for table in result.tables} == {"万元"}
    assert [table for table, _ in found(result, "MONEY-UNIT-INHERITED")] == ["t05_general_public_expenditure"]


def test_no_money_unit_anywhere_is_refused(sample_text, refused):
    assert {p.code for p in refused(sample_text.replace("单位：万元\n\n", ""))} == {"MONEY-UNIT-UNKNOWN"}


def test_units_that_disagree_cannot_speak_for_a_silent_table(table_blocks, sample_text, refused):
    text = sample_text.replace(table_blocks[5], table_blocks[5].replace("单位：万元\n\n", ""))
    text = text.replace(table_blocks[7], table_blocks[7].replace("单位：万元", "单位：元"))
    (problem,) = refused(text)
    assert (problem.code, problem.table, problem.found) == ("MONEY-UNIT-UNKNOWN", "一般公共预算支出情况表", "万元、元")


def test_index_numbers_are_taken_from_the_page_where_they_fit(sample_tables):
    """表10 numbers its columns wrongly on its first page and rightly on its second."""
    columns = sample_tables[10].sheet.columns
    assert [column.index for column in columns] == [None] * 4 + [str(i) for i in range(1, 16)]


def test_notes_belong_to_the_table_above_them(sample_tables):
    notes = {number: table.sheet.note for number, table in sample_tables.items() if table.sheet.note}
    assert set(notes) == {1, 8, 9, 11}
    assert notes[11] == "本单位2026年没有政府购买服务预算支出，故本表无数据。"


def test_recognition_alone_needs_no_typing(sample, specs, layout):
    """Recognition is a stage of its own: it neither reads amounts nor asks who published."""
    result = recognise(sample.document, specs, layout)
    assert [sheet.table for sheet in result.sheets] == list(layout.tables)
    assert (result.problems, result.missing) == ([], [])
    assert [grid.first.line for grid in result.strangers] == [206]
