"""The sample, altered: other figures, units, years, units of money, looks. Nothing may hang on this one document."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yusuan.disclosure import read_disclosure
from yusuan.spec import load_specs

NAME, DEPARTMENT = "柳州市智能制造科技服务中心", "柳州市科学技术局"
NAMES = {
    1: "t01_revenue_expenditure",
    2: "t02_revenue",
    3: "t03_expenditure",
    4: "t04_fiscal_appropriation",
    5: "t05_general_public_expenditure",
    6: "t06_general_public_basic",
    7: "t07_three_public_two_fees",
    8: "t08_government_fund",
    9: "t09_state_capital",
    10: "t10_procurement",
    11: "t11_purchased_services",
    12: "t12_project_performance",
}
#: The sums of the sample that hold only within rounding, by 0.01 each: (table, row).
RESTS = [(NAMES[5], 3), (NAMES[6], 1), (NAMES[10], 3)]
AMOUNT = re.compile(r"(?<=[\t>])\d[\d,]*\.\d\d(?=[\t\n<]|$)", re.MULTILINE)


#: Rules about totals of rows.
TREES = {rule.id for rule in load_specs().rules.rules.values() if "tree" in rule.kinds}


def annex(text):
    """Return what stands before the tables, and the tables."""
    at = text.index("# 第五部分")
    return text[:at], text[at:]


def amounts_changed(text, change):
    """Return the text with every amount of the twelve tables passed through `change`, thousands separated."""
    before, tables = annex(text)
    changed, count = AMOUNT.subn(lambda m: f"{change(Decimal(m[0].replace(',', ''))):,f}", tables)
    assert count == 608 + 3, "608 printed amounts, and 3 in the nameless column of 表2"
    return before + changed


def values(disclosure):
    return {table.name: [dict(row.values) for row in table.rows] for table in disclosure.tables}


def structure(disclosure):
    return {table.name: [(row.kind, dict(row.parents)) for row in table.rows] for table in disclosure.tables}


def rules(disclosure):
    """Return what the reader says of its own work."""
    notices = (f for f in disclosure.findings if f.grade is None and not f.rule.startswith("STATEMENT"))
    return sorted((f.rule, f.table or "") for f in notices)


def sums_broken(disclosure):
    return {(f.table, f.row) for f in disclosure.findings if f.grade == "violated" and f.rule in TREES}


def with_amounts(disclosure, change):
    """Return the values of the sample with every amount passed through `change`."""
    return {
        name: [{k: change(v) if isinstance(v, Decimal) else v for k, v in row.items()} for row in rows]
        for name, rows in values(disclosure).items()
    }


@pytest.mark.parametrize(("factor", "broken"), [(2, RESTS[1:2]), (3, RESTS[1:2]), (1000, RESTS), (123456, RESTS)])
def test_other_figures(factor, broken, sample, sample_text, disclose):
    """The same document of a unit with other money: identities hold as they did, rests of rounding grow too large."""
    result = disclose(amounts_changed(sample_text, lambda amount: amount * factor))
    assert values(result) == with_amounts(sample, lambda amount: amount * factor)
    assert structure(result) == structure(sample)
    assert sums_broken(result) == set(broken)
    assert rules(result) == rules(sample)


def test_negative_figures(sample, sample_text, disclose):
    """Carried-over deficits are printed with a minus sign or in brackets."""
    before, tables = annex(sample_text)
    text = before + AMOUNT.sub(lambda m: f"({m[0]})" if m[0] != "0.00" else m[0], tables)
    assert values(disclose(text)) == with_amounts(sample, lambda amount: -amount)


def test_money_in_yuan_is_the_same_money(sample, sample_text, disclose):
    text = amounts_changed(sample_text, lambda amount: (amount * 10_000).quantize(Decimal("0.01")))
    result = disclose(text.replace("单位：万元", "单位：元"))
    assert "11,177,500.00" in text
    assert values(result) == values(sample)
    assert {table.sheet.money_unit for table in result.tables} == {"元"}
    # To the fen nothing can be rounding: what the sample excuses as rounding is an error here.
    assert sums_broken(result) == set(RESTS)


def test_two_units_of_money_in_one_document(sample, sample_text, table_blocks, disclose):
    """Shanghai prints 三公 in 万元 beside tables in 元."""
    block = AMOUNT.sub(lambda m: f"{Decimal(m[0]) * 10_000:,.2f}", table_blocks[7]).replace("单位：万元", "单位:元")
    assert block != table_blocks[7]
    assert values(disclose(sample_text.replace(table_blocks[7], block))) == values(sample)


def test_another_unit_of_another_city(sample, sample_text, disclose):
    pairs = [
        (f"405003{NAME}", "406001南宁市数字经济研究院"),
        (NAME, "南宁市数字经济研究院"),
        (DEPARTMENT, "南宁市大数据发展局"),
        ("405003\t", "406001\t"),
        ("405\t", "406\t"),
    ]
    text = sample_text
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    result = disclose(text)
    assert result.identity.key == "450100-406001-2026-budget"
    assert (result.identity.name, result.identity.region_name) == ("南宁市数字经济研究院", "南宁市")
    assert {row.organisation for table in result.tables for row in table.rows} == {"450100-406001"}
    assert structure(result) == structure(sample)
    assert rules(result) == rules(sample)
    printed = {
        row.get(name) for rows in values(result).values() for row in rows for name in ("部门单位代码", "单位代码")
    }
    assert printed == {None, "合计", "406", "406001"}


@pytest.mark.parametrize("year", [2019, 2025, 2031])
def test_another_year(year, sample, sample_text, disclose):
    result = disclose(sample_text.replace("2025", "〇").replace("2026", str(year)).replace("〇", str(year - 1)))
    assert result.identity.year == year
    assert result.identity.key == f"450200-405003-{year}-budget"
    assert values(result) == values(sample)
    assert rules(result) == rules(sample)


def test_a_department_document_with_two_units(sample_text, table_blocks, disclose):
    """表3 repeats the rows unit by unit; the total is the department's."""
    rows = table_blocks[3].split("\n")
    at = next(i for i, row in enumerate(rows) if row.startswith("\t405003"))
    second = [
        "\t405002\t柳州市科技情报所\t10.00\t4.00\t6.00\t0.00",
        "2060501\t\t机构运行\t10.00\t4.00\t6.00\t0.00",
    ]
    total = [row.replace("1,117.75\t1,083.55\t34.20", "1,127.75\t1,087.55\t40.20") for row in rows[at - 2 : at]]
    block = "\n".join([*rows[: at - 2], *total, *second, *rows[at:]])
    text = sample_text.replace(table_blocks[3], block).replace("单位预算", "部门预算")
    result = disclose(text.replace("405003" + NAME, "405" + DEPARTMENT))
    table = next(table for table in result.tables if table.name == NAMES[3])
    assert result.identity.key == "450200-405-2026-budget"
    assert result.identity.kind == "部门预算"
    assert [row.kind for row in table.rows[:6]] == ["合计", "部门", "单位", "明细", "单位", "明细"]
    assert [row.parents.get("") for row in table.rows[:6]] == [None, 1, 2, 3, 2, 5]
    assert [row.organisation for row in table.rows[2:6]] == ["450200-405002"] * 2 + ["450200-405003"] * 2
    assert sums_broken(result) == set()


@pytest.mark.parametrize("number", range(1, 13))
def test_one_table_missing(number, sample, table_blocks, disclose):
    """The missing table is named, all others are what they were."""
    text = "".join(table_blocks[n] for n in range(13) if n != number)
    result = disclose(text)
    assert result.missing == (NAMES[number],)
    assert [f.table for f in result.findings if f.rule == "TABLE-MISSING"] == [NAMES[number]]
    assert values(result) == {name: rows for name, rows in values(sample).items() if name != NAMES[number]}
    assert structure(result) == {name: rows for name, rows in structure(sample).items() if name != NAMES[number]}


@pytest.mark.parametrize("number", range(1, 13))
def test_one_table_alone(number, sample, table_blocks, disclose, layout):
    result = disclose(table_blocks[0] + table_blocks[number])
    assert values(result) == {NAMES[number]: values(sample)[NAMES[number]]}
    assert result.missing == tuple(name for name in layout.tables if name != NAMES[number])


@pytest.mark.parametrize("number", range(1, 13))
def test_a_table_cut_below_its_header_is_refused(number, table_blocks, sample_text, refused):
    """Nothing but a header and no note: the page was cut, not empty."""
    lines = table_blocks[number].rstrip("\n").split("\n")
    rows = [i for i, line in enumerate(lines) if "\t" in line]
    first = next(i for i in rows if re.search(r"合计(?:</b>)?\t.*\d\.\d\d|^一、", lines[i]))
    text = sample_text.replace(table_blocks[number], "\n".join(lines[:first]) + "\n\n")
    assert [(p.code, p.table.split()[0]) for p in refused(text)] == [("TABLE-CUT", f"表{number}")]


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=12, deadline=None)
@given(marks=st.lists(st.sampled_from(["", "# ", "## ", "###### ", "**", "### **"]), min_size=60, max_size=60))
def test_heading_levels_and_bold_carry_no_information(marks, sample, sample_text, parse, specs):
    left = list(marks)

    def other(match):
        mark = left.pop() if left else ""
        return f"{mark}{match['text'].replace('**', '')}{'**' if mark.endswith('**') else ''}"

    text = re.sub(r"^(?:#+ (?P<text>.+))$", other, sample_text, flags=re.MULTILINE)
    result = read_disclosure(parse(text), specs)
    assert result.identity == sample.identity
    assert values(result) == values(sample)
    assert dict(result.narrative) == dict(sample.narrative)
    assert rules(result) == rules(sample)


def test_without_any_bold(sample, sample_text, disclose):
    text = re.sub(r"</?b>|\*\*", "", sample_text)
    assert "<b>" in sample_text
    result = disclose(text)
    assert values(result) == values(sample)
    assert rules(result) == rules(sample)


@settings(max_examples=12, deadline=None)
@given(order=st.permutations(range(1, 13)))
def test_tables_in_any_order(order, sample, table_blocks, parse, specs):
    """A further page stays with its table; titles tell tables, not positions."""
    blocks = {n: block.rstrip("\n") + "\n\n" for n, block in table_blocks.items()}
    result = read_disclosure(parse(blocks[0] + "".join(blocks[n] for n in order)), specs)
    assert [table.name for table in result.tables] == [NAMES[n] for n in order]
    assert values(result) == values(sample)
    assert structure(result) == structure(sample)
    assert result.missing == ()


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_line_ends_of_other_systems(ending, sample, sample_text, disclose):
    result = disclose(sample_text.replace("\n", ending))
    assert values(result) == values(sample)
    assert rules(result) == rules(sample)


def test_blanks_around_every_cell(sample, sample_text, disclose):
    text = "\n".join(line.replace("\t", " \t\u3000") if "\t" in line else line for line in sample_text.split("\n"))
    assert values(disclose(text)) == values(sample)


def test_full_width_figures(sample, sample_text, disclose):
    wide = str.maketrans("0123456789.,", "０１２３４５６７８９．，")
    before, tables = annex(sample_text)
    text = before + AMOUNT.sub(lambda m: m[0].translate(wide), tables)
    assert "１，１１７．７５" in text
    assert values(disclose(text)) == values(sample)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_digit_changed_in_an_amount_is_found_or_within_rounding(data, sample, sample_text, parse, specs):
    at = sample_text.index("## 单位支出总体情况表")
    stop = sample_text.index("财政拨款收支总体情况表", at)
    places = [
        i for m in AMOUNT.finditer(sample_text, at, stop) for i in range(m.start(), m.end()) if sample_text[i].isdigit()
    ]
    i = data.draw(st.sampled_from(places))
    digit = data.draw(st.sampled_from([d for d in "0123456789" if d != sample_text[i]]))
    result = read_disclosure(parse(sample_text[:i] + digit + sample_text[i + 1 :]), specs)
    (old,) = [t for t in sample.tables if t.name == NAMES[3]]
    (new,) = [t for t in result.tables if t.name == NAMES[3]]
    pairs = [(a.values[k], b.values[k]) for a, b in zip(old.rows, new.rows, strict=True) for k in a.values]
    delta = sum((abs(b - a) for a, b in pairs if isinstance(a, Decimal)), Decimal(0))
    assert delta > 0
    # The widest bound in 表3: the unit's total and its seven lines.
    assert sums_broken(result) or delta <= Decimal("0.04")


def test_a_code_nobody_knows_is_told_and_kept(sample_text, disclose):
    """Editions of the classification lag behind practice: a new code is a warning, never a refusal."""
    result = disclose(
        sample_text.replace("2060399\t\t其他应用研究支出\t34.20\t0.00", "2068877\t\t新科目\t34.20\t0.00", 1)
    )
    (finding,) = [f for f in result.findings if f.rule == "CODE-UNKNOWN"]
    assert (finding.table, finding.row, finding.line, finding.printed) == (NAMES[3], 5, 329, "2068877")
    assert (finding.column, finding.severity) == ("科目编码", "warning")
    assert values(result)[NAMES[3]][4]["科目编码"] == "2068877"


def test_the_units_code_with_another_name_is_told_and_kept(sample_text, disclose):
    result = disclose(
        sample_text.replace(f"\t405003\t{NAME}\t1,117.75", "\t405003\t柳州市智能制造服务中心\t1,117.75", 1)
    )
    (finding,) = [f for f in result.findings if f.rule == "X-UNIT"]
    assert (finding.table, finding.row, finding.line) == (NAMES[3], 3, 327)
    assert (finding.printed, finding.expected) == ("柳州市智能制造服务中心", NAME)
