"""The scoreboard counts what it says: amounts that an identity proves, amounts that one contradicts."""

from __future__ import annotations

import importlib.util
from collections import Counter

import pytest

from conftest import ROOT, SAMPLE
from final_accounts import LISTS, TWO_BLOCKS, final_accounts


@pytest.fixture(scope="module")
def country():
    spec = importlib.util.spec_from_file_location("country", ROOT / "benchmarks" / "country.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_amounts_of_a_table_that_adds_up_are_proved(country, disclose, specs):
    counts = country.measure(disclose(final_accounts(LISTS, TWO_BLOCKS)), specs)
    assert counts["金额"] == 18
    assert counts["印证"] == 18
    assert counts["不符"] == 0
    assert counts["表"] == 2


def test_an_amount_misread_is_contradicted_and_not_proved(country, disclose, specs):
    wrong = TWO_BLOCKS.replace("办公费\t5.00", "办公费\t6.00")
    counts = country.measure(disclose(final_accounts(LISTS, wrong)), specs)
    assert counts["不符"] > 0
    assert counts["印证"] == 17


def test_files_of_folders_below_are_only_to_be_refused(country, tmp_path):
    (tmp_path / "甲-01.md").write_text(SAMPLE.read_text("utf-8"), "utf-8")
    (tmp_path / "不是").mkdir()
    (tmp_path / "不是" / "乙-01.md").write_text("# 关于开展检查的通知\n\n请按时报送。\n", "utf-8")
    results = [country.read_one(path) for path in country.documents(tmp_path)]
    families, refused = country.counted(results, tmp_path, why=False)
    assert families["甲"]["读到"] == families[country.ALL]["文档"] == 1
    text = country.page(families, refused)
    assert "| 不是 | 1 | 1 |" in text
    assert len([line for line in text.splitlines() if line.startswith("| 甲 ")]) == 1


def test_no_amounts_have_no_share(country):
    assert "| — |" in "\n".join(country.table({"丙": Counter({"文档": 1})}))
