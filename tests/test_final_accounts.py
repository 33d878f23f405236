"""Final accounts are the same tables as budgets, in another phase: blocks side by side, pairs, restarted lists."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest

from final_accounts import (
    FISCAL,
    IN_PARTS,
    LISTS,
    NUMBERED,
    OFFICE,
    PAIRS,
    THREE_BLOCKS,
    TWO_BLOCKS,
    UNNUMBERED,
    final_accounts,
)
from yusuan.disclosure import Options, read_disclosure
from yusuan.reading import read

CORPUS = Path(os.environ.get("YUSUAN_CORPUS", Path(__file__).resolve().parents[2] / "shared" / "corpus"))


def _table(disclosure, number):
    return next(table for table in disclosure.tables if table.name.startswith(f"t{number:02}_"))


def _broken(disclosure):
    return [finding.message for finding in disclosure.findings if finding.grade == "violated"]


def test_a_final_account_names_itself_over_two_lines_of_its_cover(disclose):
    found = disclose(final_accounts())
    assert found.identity.name == OFFICE
    assert (found.identity.year, found.identity.kind) == (2024, "部门决算")
    assert found.identity.key.endswith("-2024-final")


def test_printed_row_numbers_are_kept_and_do_not_count_as_money(disclose):
    table = _table(disclose(final_accounts()), 1)
    assert table.rows[0].values["收入_预算数"] == Decimal("90.00")
    assert table.rows[0].values["收入_印刷行次"] == 1
    assert {item.part for item in table.sheet.evidence if item.cell.text == "栏次"} == {"栏次"}


def test_what_is_brought_forward_and_its_parts_count_once(disclose):
    for parts in (NUMBERED, UNNUMBERED):
        found = disclose(final_accounts(LISTS, FISCAL.format(parts=parts)))
        rows = _table(found, 4).rows
        assert rows[4].values["收入_上级行"] == 4
        assert rows[3].values["收入_行类型"] == "父项"
        assert not _broken(found)


def test_a_part_brought_forward_that_is_misprinted_is_found(disclose):
    wrong = FISCAL.format(parts=NUMBERED.replace("3.00", "4.00"))
    assert any("3.00" in text and "4.00" in text for text in _broken(disclose(final_accounts(LISTS, wrong))))


@pytest.mark.parametrize(("blocks", "public"), [(TWO_BLOCKS, Decimal("5.00")), (THREE_BLOCKS, Decimal("7.00"))])
def test_blocks_side_by_side_are_one_list_that_adds_up(disclose, blocks, public):
    found = disclose(final_accounts(LISTS, blocks))
    rows = _table(found, 6).rows
    subtotals = [row for row in rows if row.kind == "小计"]
    assert [row.values["合计"] for row in subtotals] == [Decimal("60.00"), public]
    by_code = {row.values["科目编码"]: row for row in rows}
    assert by_code["30101"].parents[""] == by_code["301"].number
    assert by_code["301"].parents[""] == subtotals[0].number
    assert by_code["302"].parents[""] == subtotals[1].number
    assert not _broken(found)


def test_every_printed_cell_of_the_blocks_is_evidence_once(disclose):
    found = disclose(final_accounts(LISTS, THREE_BLOCKS))
    printed = [text for line in THREE_BLOCKS.split("\n")[3:] for text in line.split("\t") if text]
    kept = [item.cell.text for item in _table(found, 6).sheet.evidence if item.cell.text]
    assert sorted(kept) == sorted(printed)


def test_a_misprint_in_the_second_block_is_found(disclose):
    wrong = TWO_BLOCKS.replace("办公费\t5.00", "办公费\t6.00")
    assert _broken(disclose(final_accounts(LISTS, wrong)))


def test_budget_and_outturn_of_a_pair_stand_in_their_own_fields(disclose):
    row = _table(disclose(final_accounts(LISTS, PAIRS)), 7).rows[0]
    assert row.values["三公经费_合计"] == Decimal("6.00")
    assert row.values["预算数_三公经费_合计"] == Decimal("8.00")
    assert row.values["三公经费_公务接待费"] == Decimal("1.50")
    assert row.values["预算数_三公经费_公务接待费"] == Decimal("3.00")


def test_a_row_half_header_half_total_is_both(disclose):
    found = disclose(final_accounts(LISTS, IN_PARTS))
    rows = _table(found, 3).rows
    assert found.layout == "final-accounts-parts"
    assert (rows[0].kind, rows[0].values["合计"]) == ("合计", Decimal("95.00"))
    assert rows[1].values["科目编码"] == "201"
    assert not _broken(found)


@pytest.mark.parametrize("name", ["普陀-12", "普陀-14", "普陀-15", "国家-01"])
def test_real_final_accounts_are_read_whole_and_add_up(specs, name):
    path = CORPUS / f"{name}.pdf"
    if not path.exists():
        pytest.skip(f"没有真实文档 {path}")
    found = read_disclosure(read(path), specs, Options())
    assert found.identity.kind == "部门决算"
    assert len(found.tables) == 9
    assert not found.missing
    sums = {rule.id for rule in specs.rules.rules.values() if rule.group in {"表内", "表间"}}
    assert not [f for f in found.findings if f.grade == "violated" and f.severity == "error" and f.rule in sums]
