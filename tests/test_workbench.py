"""A place nobody has described: the draft says what it found and where it is unsure, the trial what came of it."""

from __future__ import annotations

import re

import pytest
import yaml

from generator.invented import invented
from generator.pages import print_pages
from yusuan.disclosure import Options, read_disclosure
from yusuan.drafting import TODO, draft_tables, draft_yaml
from yusuan.errors import SpecError, UsageError
from yusuan.layout_file import with_layout
from yusuan.reading import read
from yusuan.trial import draft_layout, trial_lines, try_layout, try_layouts


@pytest.fixture(scope="module")
def document(tmp_path_factory, specs):
    """Return the document of the invented place."""
    path = tmp_path_factory.mktemp("invented") / "虚构地.pdf"
    path.write_bytes(print_pages(invented(specs)))
    return path


@pytest.fixture(scope="module")
def layout(document, specs):
    path = document.with_name("invented.yml")
    draft_layout(document, path, specs)
    return path


@pytest.fixture
def changed(layout, tmp_path):
    """Return a function that gives the draft with one text in place of another."""

    def change(old, new):
        text = layout.read_text("utf-8")
        assert old in text
        path = tmp_path / layout.name
        path.write_text(text.replace(old, new, 1), "utf-8")
        return path

    return change


def test_no_place_of_its_own_knows_the_document_and_the_general_layout_hardly(document, specs):
    found = read_disclosure(read(document), specs)
    assert specs.layouts[found.layout].general
    assert len(found.tables) == 1


def test_the_draft_is_a_layout_and_knows_every_table(layout, specs):
    data = yaml.safe_load(layout.read_text("utf-8"))
    assert not list(specs.validator("layout").iter_errors(data))
    assert list(data["tables"]) == list(specs.layouts["guangxi-2026"].tables)
    with_layout(layout, specs)


def test_what_is_unsure_is_marked_and_what_is_known_is_not(layout):
    lines = layout.read_text("utf-8").splitlines()
    unsure = [line for line in lines if "预算单位代码" in line]
    assert unsure
    assert all(TODO in line for line in unsure)
    known = [line for line in lines if "基本支出/人员经费" in line]
    assert known
    assert not any(TODO in line for line in known)


def test_a_column_that_nothing_is_like_is_named_and_given_to_no_field(specs, parse):
    text = "单位支出总体情况表\n单位：万元\n\n科目编码\t天外飞仙\t合计\n201\t甲\t1.00\n合计\t\t1.00\n"
    drafted = draft_yaml("x", "x.md", draft_tables(parse(text), specs))
    assert re.search(rf"# {TODO} 没有相近的字段：天外飞仙$", drafted, re.MULTILINE)
    assert "天外飞仙" not in str(yaml.safe_load(drafted))


def test_a_table_of_no_spec_is_an_other_title(specs, parse):
    text = "职工食堂菜谱一览表\n\n星期\t早餐\n一\t粥\n二\t面\n"
    drafted = draft_yaml("x", "x.md", draft_tables(parse(text), specs))
    assert yaml.safe_load(drafted)["other_titles"] == ["职工食堂菜谱一览表"]
    assert f"# {TODO} 没有一张表认得出" in drafted


def test_a_draft_never_replaces_a_file(document, layout, specs):
    before = layout.read_text("utf-8")
    with pytest.raises(UsageError):
        draft_layout(document, layout, specs)
    assert layout.read_text("utf-8") == before


def test_a_trial_draws_the_pages_and_writes_what_was_read_for_a_person_to_check(layout, document, specs, tmp_path):
    (first,) = try_layouts(str(layout), [document], specs, None, tmp_path / "图", write=True)
    assert [table.differences for table in first.tables] == [None] * 12
    assert first.passed
    assert {path.read_bytes()[:4] for path in first.pictures} == {b"\x89PNG"}
    (again,) = try_layouts(str(layout), [document], specs, None, None, write=False)
    assert [table.differences for table in again.tables] == [()] * 12


def test_a_value_that_is_not_as_expected_is_named(layout, document, specs):
    try_layouts(str(layout), [document], specs, None, None, write=True)
    path = document.with_suffix("") / "t03_expenditure.csv"
    kept = path.read_text("utf-8")
    path.write_text(kept.replace("合计", "明细", 2), "utf-8")  # the header, and the first value
    (trial,) = try_layouts(str(layout), [document], specs, None, None, write=False)
    path.write_text(kept, "utf-8")
    assert not trial.passed
    assert any("第1行" in line and "明细" in line for line in trial_lines(trial))


def test_two_columns_exchanged_do_not_add_up(changed, document, specs):
    """The sums of the table are the second witness of a draft."""
    path = changed("人员经费: 本年一般公共预算支出/基本支出/人员经费", "人员经费: 本年一般公共预算支出/项目支出")
    text = path.read_text("utf-8")
    at = text.index("t05_general_public_expenditure")
    wrong = text[at:].replace(
        "项目支出: 本年一般公共预算支出/项目支出", "项目支出: 本年一般公共预算支出/基本支出/人员经费", 1
    )
    path.write_text(text[:at] + wrong, "utf-8")
    (trial,) = try_layouts(str(path), [document], specs, None, None, write=False)
    table = next(table for table in trial.tables if table.label.startswith("表5"))
    assert table.broken
    assert not trial.passed


def test_a_mistake_in_a_layout_is_named_with_the_nearest_key(changed, specs):
    path = changed("department_digits", "departments_digits")
    with pytest.raises(SpecError, match="department_digits"):
        with_layout(path, specs)


def test_a_document_that_is_refused_says_why(specs, tmp_path):
    path = tmp_path / "甲.md"
    path.write_text("# 某局2026年部门预算\n\n没有表。\n", "utf-8")
    trial = try_layout(path, specs, Options(layout="shanghai"))
    assert trial.problems
    assert not trial.passed
