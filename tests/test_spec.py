"""The files under schemas/: every definition is checked strictly, and every mistake is named."""

from __future__ import annotations

import csv
import re
import shutil

import pytest
import yaml

from yusuan.errors import SpecError
from yusuan.spec import ROOT_VARIABLE, load_specs
from yusuan.values import code_level, header_key


@pytest.fixture
def copy(tmp_path, specs):
    """Return a copy of the schemas folder that may be spoilt."""
    root = tmp_path / "schemas"
    shutil.copytree(specs.root, root)
    return root


@pytest.fixture
def spoilt(copy):
    """Return a function that changes one text in one file and gives the problems of loading it."""

    def spoil(name, old, new):
        path = copy / name
        text = path.read_text("utf-8")
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new, 1), "utf-8")
        with pytest.raises(SpecError) as caught:
            load_specs(copy)
        return list(caught.value.problems)

    return spoil


def test_the_shipped_specs_load(specs):
    assert [spec.number for spec in specs.tables.values()] == list(range(1, len(specs.tables) + 1))
    assert all(name.startswith(f"t{spec.number:02}_") for name, spec in specs.tables.items())
    assert [spec.name for spec in specs.every_table()] == [*specs.subjects, *specs.tables, *specs.records]


def test_an_unchanged_copy_loads(copy, specs):
    other = load_specs(copy)
    assert (other.tables, other.layouts, other.codes) == (specs.tables, specs.layouts, specs.codes)


def test_the_folder_can_be_named_in_the_environment(copy, monkeypatch):
    monkeypatch.setenv(ROOT_VARIABLE, str(copy))
    assert load_specs().root == copy


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(SpecError) as caught:
        load_specs(tmp_path / "nowhere")
    assert caught.value.problems[0].code == "SPEC-MISSING"
    assert ROOT_VARIABLE in caught.value.problems[0].hint


@pytest.mark.parametrize(
    ("name", "old", "new", "key", "hint"),
    [
        ("tables/t03_expenditure.yml", "concept:", "koncept:", "（顶层）", "concept"),
        ("tables/t03_expenditure.yml", "role: code, pattern", "rolle: code, pattern", "fields/0", "role"),
        (
            "layouts/guangxi-2026.yml",
            "    titles: [政府采购",
            "    title: [政府采购",
            "tables/t10_procurement",
            "titles",
        ),
        ("layouts/guangxi-2026.yml", "department_digits:", "department_digit:", "（顶层）", "department_digits"),
        ("subjects/project.yml", "derive:", "derives:", "（顶层）", "derive"),
        ("records/units.yml", "key:", "keys:", "（顶层）", "key"),
        ("site.yml", "license_url:", "licence_url:", "（顶层）", "license_url"),
        ("frame.yml", "table_trailing:", "table_trailling:", "（顶层）", "table_trailing"),
    ],
)
def test_an_unknown_key_is_an_error_with_the_near_miss(name, old, new, key, hint, spoilt):
    problem = next(p for p in spoilt(name, old, new) if p.code == "SPEC-UNKNOWN-KEY")
    assert problem.source.endswith(name)
    assert problem.column == key
    assert new.strip().partition(":")[0].rpartition(" ")[2].strip("{[ ") in problem.message
    assert problem.hint == f"是否想写 {hint}？"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("tables/t03_expenditure.yml", "number: 3", "number: three"),
        ("tables/t03_expenditure.yml", "shape: hierarchy", "shape: heirarchy"),
        ("tables/t03_expenditure.yml", "type: amount", "type: amout"),
        ("tables/t03_expenditure.yml", "title: 单位支出总体情况表\n", ""),
        ("tables/t03_expenditure.yml", "name: t03_expenditure", "name: T03-expenditure"),
        ("layouts/guangxi-2026.yml", "department_digits: 3", "department_digits: 0"),
        ("layouts/guangxi-2026.yml", "titles: [政府采购预算表]", "titles: []"),
        ("records/units.yml", "key: [", "key: ['', "),
    ],
)
def test_a_value_that_cannot_be_is_an_error(name, old, new, spoilt):
    problems = spoilt(name, old, new)
    assert {p.code for p in problems} == {"SPEC-INVALID"}
    assert all(p.source.endswith(name) and p.column and p.found for p in problems)


def test_broken_yaml(spoilt):
    (problem,) = spoilt("tables/t03_expenditure.yml", "fields:", "fields: [")
    assert (problem.code, problem.source.endswith("t03_expenditure.yml")) == ("SPEC-UNREADABLE", True)


def test_a_file_lost(copy):
    (copy / "frame.yml").unlink()
    with pytest.raises(SpecError) as caught:
        load_specs(copy)
    assert caught.value.problems[0].code == "SPEC-UNREADABLE"


def test_the_name_of_a_spec_is_the_name_of_its_file(spoilt):
    (problem,) = spoilt("tables/t03_expenditure.yml", "name: t03_expenditure", "name: t03_spending")
    assert (problem.code, problem.expected, problem.found) == ("SPEC-NAME", "t03_expenditure", "t03_spending")


@pytest.mark.parametrize(
    ("name", "old", "new", "found", "hint"),
    [
        (
            "subjects/project.yml",
            "table: t12_project_performance",
            "table: t12_project_performanc",
            None,
            "t12_project",
        ),
        ("frame.yml", "references: units", "references: unit", "unit", "units"),
        ("subjects/expenditure_by_function.yml", "sort_desc: 合计", "sort_desc: 总计", "总计", None),
        ("layouts/guangxi-2026.yml", "  t10_procurement:", "  t10_procurment:", "t10_procurment", "t10_procurement"),
        (
            "layouts/guangxi-2026.yml",
            "      结转下年支出: 结转下年支出",
            "      结转下年: 结转下年支出",
            "结转下年",
            "结转下年支出",
        ),
        ("layouts/guangxi-2026.yml", "      结转下年支出: 结转下年支出\n", "", "结转下年支出", None),
        ("records/units.yml", "key: [", "key: [无此列, ", "无此列", None),
        (
            "site.yml",
            "table: expenditure_by_function",
            "table: expenditure_by_functio",
            None,
            "expenditure_by_function",
        ),
        ("site.yml", "column: 公务接待费", "column: 公务接待", "公务接待", "公务接待费"),
    ],
)
def test_a_reference_to_nothing_is_an_error(name, old, new, found, hint, spoilt):
    problems = spoilt(name, old, new)
    assert {p.code for p in problems} == {"SPEC-REFERENCE"}
    assert found is None or found in {p.found for p in problems}
    assert hint is None or any(hint in p.hint for p in problems)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("subjects/revenue_by_source.yml", "      本年收入_单位资金:", "      本年收入_单位:"),
        ("subjects/expenditure_by_function.yml", "from: 部门单位名称_功能分类科目名称", "from: 部门单位名称"),
        ("subjects/expenditure_by_function.yml", "  - {name: 项目支出,", "  - {name: 项目费用,"),
        ("subjects/expenditure_by_function.yml", "rows: [明细]", "rows: [明系]"),
        ("subjects/expenditure_by_function.yml", "type: fen, from: 合计", "type: fen, from: 总计"),
        ("subjects/three_public.yml", "present: 资金性质", "present: 资金"),
        ("subjects/procurement_line.yml", "政府采购资金类型_合计}", "政府采购_合计}"),
        ("subjects/revenue_by_source.yml", "{收入类别: 本年收入,", "{类别: 本年收入,"),
        ("tables/t01_revenue_expenditure.yml", "item: 收入_项目", "item: 收入_项"),
    ],
)
def test_a_column_or_kind_of_row_that_no_table_has_is_an_error(name, old, new, spoilt):
    """Otherwise the subject table would silently lose the money of that column."""
    assert {p.code for p in spoilt(name, old, new)} == {"SPEC-REFERENCE"}


def test_every_table_has_a_layout_and_every_layout_only_known_tables(specs):
    for layout in specs.layouts.values():
        assert set(layout.tables) <= set(specs.tables)
    assert {name for layout in specs.layouts.values() for name in layout.tables} == set(specs.tables)


def test_columns_that_share_a_name_share_their_type(specs):
    """Same name, same meaning: a reader who knows a column in one table of data knows it in all."""
    types = {}
    for spec in [*specs.tables.values(), *specs.subjects.values()]:
        for field in spec.fields:
            types.setdefault(field.name, {}).setdefault(field.type, []).append(spec.name)
    assert {name: found for name, found in types.items() if len(found) > 1} == {}


def test_field_names_are_unique_and_safe_as_columns(specs):
    for spec in specs.every_table():
        names = [field.name for field in spec.fields]
        assert len(set(names)) == len(names), spec.name
        assert all(re.fullmatch(r"\w+", name) for name in names), spec.name
        assert re.fullmatch(r"[a-z][a-z0-9_]*", spec.name)
        assert set(spec.key) <= set(names)


def test_no_two_columns_of_a_table_have_the_same_header(specs):
    for layout in specs.layouts.values():
        for name, table in layout.tables.items():
            paths = [path for spellings in table.columns.values() for path in spellings]
            assert len(set(paths)) == len(paths), name
            assert all(part == header_key(part) != "" for path in paths for part in path), name


def test_titles_are_told_apart(specs):
    for layout in specs.layouts.values():
        titles = [header_key(title) for table in layout.tables.values() for title in table.titles]
        assert len(set(titles)) == len(titles)


def test_lists_and_roles_name_fields_of_their_table(specs):
    for spec in specs.tables.values():
        names = {field.name for field in spec.fields}
        for columns in (spec.lists or {}).values():
            assert set(columns.values()) <= names, spec.name
        roles = [field.role for field in spec.printed if field.role and field.role not in {"name", "line"}]
        assert len(set(roles)) == len(roles), spec.name


def test_a_field_can_be_asked_for_by_name_and_role(specs):
    spec = specs.tables["t07_three_public_two_fees"]
    assert spec.role("fund") == "资金性质"
    assert spec.role("project") is None
    assert spec.field("会议费").type == "amount"
    assert "会议费" in spec.measures
    assert "资金性质" not in spec.measures
    assert spec.label == "表7 财政拨款三公两费支出情况表"
    with pytest.raises(KeyError):
        spec.field("没有")


def test_every_term_explains_a_column(specs):
    """One that explains nothing is a typing error or a leftover."""
    terms = yaml.safe_load((specs.root / "terms.yml").read_text("utf-8"))
    explained = {
        name
        for spec in specs.every_table()
        for field in spec.fields
        for name in (field.name, field.name.rpartition("_")[2])
        if field.description == terms.get(name)
    }
    assert set(terms) - explained == set()


def test_columns_of_subject_tables_are_explained(specs):
    assert [(spec.name, f.name) for spec in specs.subjects.values() for f in spec.fields if not f.description] == []


def test_what_a_table_says_of_a_column_counts_more_than_the_term(specs):
    terms = yaml.safe_load((specs.root / "terms.yml").read_text("utf-8"))
    assert specs.records["cells"].field("原文").description == "格子里印的文字，一字不改"
    assert specs.tables["t07_three_public_two_fees"].field("三公经费_公务接待费").description == terms["公务接待费"]
    assert specs.tables["t03_expenditure"].field("单位").description != terms["单位"]


@pytest.mark.parametrize(("name", "levels"), [("functional", {1, 2, 3}), ("economic", {1, 2})])
def test_code_lists(name, levels, specs):
    codes = specs.codes[name]
    assert {code_level(code) for code in codes} == levels
    assert all(entry.code == code and entry.name.strip() for code, entry in codes.items())
    with (specs.root / "codes" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(codes), "a code is listed twice"


def test_every_class_of_the_two_lists_is_known_by_name(specs, golden):
    names = {
        header_key(n) for c in specs.codes["functional"].values() for n in (c.name, *c.aliases) if len(c.code) == 3
    }
    printed = [row[2].partition("、")[2] for row in golden[1].rows[:26]]
    assert [name for name in printed if header_key(name) not in names] == []


def test_divisions_are_six_digits_below_a_known_province(specs):
    assert all(re.fullmatch(r"\d{6}", code) for code in specs.divisions)
    assert all(f"{code[:2]}0000" in specs.divisions for code in specs.divisions)
    assert len(specs.divisions) > 3000
