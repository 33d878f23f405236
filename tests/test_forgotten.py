"""The measure of unseen families: what only one family prints is forgotten, the rest is not, and a wrong column counts."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from conftest import ROOT

TABLE = (
    "支出总体情况表\n部门（单位）：{place}某某局\n单位：万元\n\n"
    "{code}\t科目名称\t合计\t基本支出\t{project}\n"
    "\t合计\t60.00\t35.00\t25.00\n"
    "201\t一般公共服务支出\t50.00\t25.00\t25.00\n20108\t审计事务\t50.00\t25.00\t25.00\n2010801\t行政运行\t50.00\t25.00\t25.00\n"
    "221\t住房保障支出\t10.00\t10.00\t\n22102\t住房改革支出\t10.00\t10.00\t\n2210201\t住房公积金\t10.00\t10.00\t\n\n"
)


@pytest.fixture(scope="module")
def unseen():
    spec = importlib.util.spec_from_file_location("unseen", ROOT / "benchmarks" / "unseen.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["unseen"] = module
    spec.loader.exec_module(module)
    return module


def _document(place, code, project):
    return f"# 2026年{place}某某局部门预算\n\n" + TABLE.format(place=place, code=code, project=project)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "甲-01.md").write_text(_document("烟台市", "支出功能科目代码", "项目支出"), "utf-8")
    (tmp_path / "乙-01.md").write_text(_document("长沙市", "科目编码", "项目支出"), "utf-8")
    return tmp_path


def test_a_family_forgets_what_only_it_prints(unseen, folder):
    first = dict(unseen.first_reading(path)[::2] for path in sorted(folder.glob("*.md")))
    lost = first["甲"].without([first["乙"]])
    assert lost.spellings == {"支出功能科目代码"}
    assert lost.titles == set() == lost.paths


def test_what_was_forgotten_is_no_longer_known(unseen, specs):
    lost = unseen.Knowledge({"支出功能科目代码"}, {("t03_expenditure", ("项目支出",))}, {"支出表"})
    poorer = unseen.forget(specs, "shanghai", lost).layouts
    assert "shanghai" not in poorer
    common = poorer["common"]
    assert "支出功能科目代码" not in common.vocabulary.words
    assert ("项目支出",) not in common.tables["t03_expenditure"].columns["项目支出"]
    assert ("项目支出",) in common.tables["t05_general_public_expenditure"].columns["项目支出"]
    assert not common.bears("支出总体情况表", common.tables["t03_expenditure"].titles)


def test_right_wrong_more_and_aside_are_counted_apart(unseen):
    place, other = ("t03_expenditure", "合计"), ("t03_expenditure", "项目支出")
    counts = unseen.compared({(1,): place, (2,): place, (3,): place}, {(1,): place, (2,): other, (4,): place})
    assert dict(counts) == {"金额": 3, "读对": 1, "读错": 1, "多读": 1, "搁置": 1}


def test_every_amount_of_a_forgotten_family_is_counted_once(unseen, folder):
    """Cells of a text have no place of their own: equal amounts of a line count once."""
    families = unseen.measured(folder, 1, None)
    counts = families["甲"]
    assert counts["读对"] + counts["读错"] + counts["搁置"] == counts["金额"] == 12
    assert counts["读错"] == 0
    assert counts["忘掉的写法"] == 1
    assert families[unseen.ALL]["金额"] == 24


def test_the_section_takes_the_place_of_the_one_before(unseen):
    families = {"甲": unseen.Counter({"文档": 1, "金额": 4, "读对": 3, "搁置": 1})}
    page = unseen.with_section("# 页\n\n前\n", unseen.section(families))
    assert page.startswith("# 页\n\n前\n\n" + unseen.BEGIN)
    assert "| 甲 | 1 | 0 | 4 | 3 | 0 | 0 | 1 | 75.0% |" in page
    assert unseen.with_section(page, unseen.section(families)) == page


def test_the_measured_page_keeps_the_section(unseen):
    text = (Path(ROOT) / "docs" / "country.md").read_text("utf-8")
    assert text.count(unseen.BEGIN) == text.count(unseen.END) == 1
