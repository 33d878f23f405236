"""A package checked again, corrected and signed off: nothing printed is ever hidden, nothing stale passes."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import yaml

from yusuan.audit import audit
from yusuan.errors import UsageError
from yusuan.package import merge_records, read_records
from yusuan.quality import quality_rows
from yusuan.review import Correction, Dates, Exemption, Review, read_review
from yusuan.rows.findings import OPEN
from yusuan.rows.records import disclosure_to_records
from yusuan.workflow import check, convert, load, validate

DOCUMENT = "450200-405003-2026-budget"
#: One wrong digit: the item's total is 751.44 in every other place.
WRONG = ("2060301\t\t机构运行\t751.44\t751.44", "2060301\t\t机构运行\t757.44\t751.44")


@pytest.fixture(scope="module")
def records(sample, specs):
    return merge_records({}, [disclosure_to_records(sample, specs)], specs)


@pytest.fixture(scope="module")
def wrong_text(sample_text):
    assert sample_text.count(WRONG[0]) == 2, "表3 and 表5"
    return sample_text.replace(*WRONG, 1)


@pytest.fixture
def wrong(tmp_path, wrong_text, specs):
    """Return the folder of a package whose document prints one digit wrong."""
    (tmp_path / "document.md").write_text(wrong_text, "utf-8")
    convert([tmp_path / "document.md"], tmp_path / "datapackage", specs)
    return tmp_path / "datapackage" / "2026"


def rows_of(folder, name):
    with (folder / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def errors(rows):
    return [row for row in rows if row["严重程度"] == "error"]


def correction(**changes):
    known = {
        "document": DOCUMENT,
        "cell": "t03.r04.c04",
        "printed": "757.44",
        "corrected": "751.44",
        "reason": "同一行的基本支出、表5都是 751.44",
        "source": "文档本身",
        "status": "proposed",
        "expect": ["T03-ROW", "T03-COL"],
    }
    return known | changes


def decide(folder, **sections):
    (folder / "corrections.yml").write_text(yaml.safe_dump(sections, allow_unicode=True), "utf-8")


def comparable(rows):
    return sorted(str(sorted((k, str(v)) for k, v in row.items() if v is not None)) for row in rows)


def test_rows_say_what_the_document_said(records, specs):
    """The same rules on the rows of a package and on the document just read: the same findings, the same counts."""
    again = records | audit(records, Review(), specs, again=True)
    for name in ("findings", "rule_results"):
        assert comparable(again[name]) == comparable(records[name]), name


def test_one_wrong_digit_is_found_and_named(wrong):
    found = errors(rows_of(wrong, "findings"))
    assert {"T03-ROW", "T03-COL", "X-T03-T05"} <= {row["规则"] for row in found}
    suspects = {row["疑误格"] for row in found}
    assert suspects == {f"{DOCUMENT}.t03.r04.c04"}
    assert all("若为 751.44" in row["说明"] for row in found)
    linked = rows_of(wrong, "finding_cells")
    assert {row["格"] for row in linked if row["疑误"] == "是"} == suspects


def test_a_correction_settles_findings_and_hides_nothing(wrong, specs, tmp_path):
    decide(wrong, corrections=[correction()])
    checked = check([wrong], specs)
    assert checked.exit_code == 0
    found = errors(rows_of(wrong, "findings"))
    assert found
    assert {row["处理"] for row in found} == {"已更正"}
    assert all("757.44" in row["说明"] or "757.44" in (row["应为"] + row["印刷值"]) or row["差额"] for row in found)
    assert "751.44" in found[0]["处理说明"]
    assert [row["合计"] for row in rows_of(wrong, "t03_expenditure")][3] == "757.44", (
        "the official table stays as printed"
    )
    (row,) = rows_of(wrong, "corrections")
    assert (row["印刷值"], row["更正值"], row["状态"]) == ("757.44", "751.44", "proposed")
    assert validate(wrong, specs).problems == ()
    load(wrong, tmp_path / "budget.db", specs)
    with closing(sqlite3.connect(tmp_path / "budget.db")) as database:
        told = database.execute("select 合计, 更正 from expenditure_by_function where 科目编码 = '2060301'").fetchall()
        assert told == [(751.44, "合计：印作 757.44，应为 751.44")]
        assert database.execute("select sum(合计_分) from expenditure_by_function").fetchone() == (1_117_750_000,)
        assert database.execute("select 合计 from t03_expenditure where 行次 = 4").fetchone() == (757.44,)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"printed": "757.00"}, "印的是“757.44”"),
        ({"cell": "t03.r44.c04"}, "没有这一格"),
        ({"corrected": "741.44"}, "应当解决"),
        ({"expect": ["T06-ROW"]}, "应当解决 T06-ROW"),
    ],
)
def test_a_stale_correction_fails_loudly(wrong, specs, change, said):
    decide(wrong, corrections=[correction(**change)])
    assert check([wrong], specs).exit_code == 1
    (stale,) = [row for row in rows_of(wrong, "findings") if row["规则"] == "CORRECTION-STALE"]
    assert (stale["严重程度"], stale["处理"]) == ("error", OPEN)
    assert said in stale["说明"]


def test_what_only_a_correction_brings_about_is_a_finding_too(wrong, specs):
    decide(wrong, corrections=[correction(cell="t03.r05.c04", printed="34.20", corrected="44.20", expect=["T03-COL"])])
    check([wrong], specs)
    fresh = [row for row in rows_of(wrong, "findings") if row["说明"].startswith("更正后：")]
    assert fresh
    assert {row["处理"] for row in fresh} == {OPEN}


def test_a_finding_signed_off_is_shown_as_such(wrong, specs):
    signed = {"reason": "单位已说明", "signed": "编辑部", "date": date(2026, 3, 1), "document": DOCUMENT}
    rules = sorted({row["规则"] for row in errors(rows_of(wrong, "findings"))})
    decide(wrong, exceptions=[signed | {"rule": rule} for rule in rules])
    assert check([wrong], specs).exit_code == 0
    found = errors(rows_of(wrong, "findings"))
    assert {row["处理"] for row in found} == {"已签字"}
    assert {row["处理说明"] for row in found} == {"单位已说明（编辑部，2026-03-01）"}
    report = (wrong / "report.md").read_text("utf-8")
    assert "已签字：单位已说明" in report
    assert "757.44" in report


def test_an_exception_for_nothing_fails_loudly(wrong, specs):
    entry = {"document": DOCUMENT, "rule": "T10-ROW-CEN", "reason": "…", "signed": "某人", "date": date(2026, 3, 1)}
    decide(wrong, exceptions=[entry])
    assert check([wrong], specs).exit_code == 1
    assert "EXCEPTION-STALE" in {row["规则"] for row in rows_of(wrong, "findings")}


def test_decisions_are_forgotten_with_their_file(wrong, specs):
    before = {path.name: path.read_bytes() for path in (wrong / "data").iterdir()}
    decide(wrong, corrections=[correction()])
    check([wrong], specs)
    (wrong / "corrections.yml").unlink()
    check([wrong], specs)
    assert {path.name: path.read_bytes() for path in (wrong / "data").iterdir()} == before


def test_converting_again_keeps_the_decisions(wrong, specs, tmp_path):
    decide(wrong, corrections=[correction()])
    report = convert([tmp_path / "document.md"], tmp_path / "datapackage", specs)
    assert report.exit_code == 0
    assert {row["处理"] for row in errors(rows_of(wrong, "findings"))} == {"已更正"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("corrections: [", "YAML"),
        ("correction: []", "corrections"),
        ("corrections: [{document: 450200-405003-2026-budget}]", "required"),
        (yaml.safe_dump({"corrections": [correction(reson="x")]}), "reson"),
        (
            yaml.safe_dump(
                {"exceptions": [{"document": DOCUMENT, "rule": "A", "reason": "b", "signed": "c", "date": "今天"}]}
            ),
            "day",
        ),
    ],
)
def test_a_file_of_decisions_is_read_strictly(wrong, specs, text, said):
    (wrong / "corrections.yml").write_text(text, "utf-8")
    with pytest.raises(UsageError) as caught:
        read_review(wrong, specs)
    assert said in str(caught.value)
    before = (wrong / "data" / "findings.csv").read_bytes()
    with pytest.raises(UsageError):
        check([wrong], specs)
    assert (wrong / "data" / "findings.csv").read_bytes() == before


def test_quality_counts_and_ranks(records, specs):
    review = Review(dates={DOCUMENT: Dates(date(2026, 1, 20), date(2026, 2, 13))})
    other = [row | {"文件": "450200-405004-2026-budget"} for row in records["documents"]]
    finding = next(row for row in records["findings"])
    bad = [finding | {"文件": "450200-405004-2026-budget", "严重程度": "error"}]
    both = records | {"documents": [*records["documents"], *other], "findings": [*records["findings"], *bad]}
    mine, theirs = quality_rows(both, review, specs)
    assert (mine["应公布表数"], mine["已公布表数"], mine["核对次数"], mine["相符"]) == (12, 12, 706, 671)
    assert (mine["错误"], mine["警告"], mine["逾期天数"], mine["公开日期"]) == (0, 9, 4, "2026-02-13")
    assert (mine["名次"], theirs["名次"], theirs["错误"], theirs["逾期天数"]) == (1, 2, 1, None)


def test_a_document_is_checked_without_writing_anything(tmp_path, wrong_text, specs):
    (tmp_path / "document.md").write_text(wrong_text, "utf-8")
    checked = check([tmp_path / "document.md"], specs)
    assert checked.exit_code == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["document.md"]
    data = checked.as_dict()
    (document,) = data["documents"]
    assert document["evaluations"] == document["exact"] + document["within_rounding"] + document["violated"]
    assert json.loads(json.dumps(data)) == data


def test_the_files_beside_the_data_say_the_same(wrong):
    found = rows_of(wrong, "findings")
    (told,) = json.loads((wrong / "findings.json").read_text("utf-8"))
    assert len(told["findings"]) == len(found)
    assert sorted(item["message"] for item in told["findings"]) == sorted(row["说明"] for row in found)
    report = (wrong / "report.md").read_text("utf-8")
    assert all(row["规则"] in report for row in found)


def test_an_exemption_is_about_what_it_expects(records, specs):
    entry = Exemption(DOCUMENT, "N-REASON", "已知", "某人", date(2026, 1, 1), {"line": 169})
    found = audit(records, Review(exceptions=(entry,)), specs, again=False)["findings"]
    states = {(row["源行"], row["处理"]) for row in found if row["规则"] == "N-REASON"}
    assert states == {(169, "已签字"), (190, OPEN)}


def test_a_decision_about_no_document_of_the_year_is_stale(records, specs):
    strange = Correction("450200-999999-2026-budget", "t03.r04.c04", "1", "2", "x", "y", "proposed")
    found = audit(records, Review(corrections=(strange,)), specs, again=False)["findings"]
    assert [row["规则"] for row in found if row["严重程度"] == "error"] == ["EXCEPTION-STALE"]


def test_correcting_a_name_changes_no_amount(records, specs):
    entry = Correction(
        DOCUMENT,
        "t12.r04.c04",
        "广西纆丝自动化工程技术研究中心平台运行费",
        "广西缫丝自动化工程技术研究中心平台运行费",
        "错字",
        "正文",
        "proposed",
        ("N-PROJ-NAME",),
    )
    found = audit(records, Review(corrections=(entry,)), specs, again=False)
    assert [row["处理"] for row in found["findings"] if row["规则"] == "N-PROJ-NAME"] == ["已更正"]
    assert "CORRECTION-STALE" not in {row["规则"] for row in found["findings"]}
    results = {row["规则"]: row["相符"] for row in found["rule_results"]}
    assert sum(results.values()) == 671
    assert replace(entry, expect=()).key == f"{DOCUMENT}.t12.r04.c04"
    assert Decimal("3.50") == read_amount(records)


def read_amount(records):
    return next(row["预算资金总额"] for row in records["t12_project_performance"] if row["行次"] == 4)


def test_read_records_and_merge_keep_the_decisions_tables(wrong, specs):
    decide(wrong, corrections=[correction()])
    check([wrong], specs)
    merged = merge_records({}, [read_records(wrong, specs)], specs)
    assert len(merged["corrections"]) == 1
    assert merged["quality"][0]["错误"] == 0
