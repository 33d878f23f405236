"""Code lists: harvested from documents, retired editions, reused codes, official editions that are imported."""

from __future__ import annotations

import csv
import gc
import io
import zipfile
from dataclasses import replace

import pytest
from openpyxl import Workbook

from conftest import ROOT
from yusuan.code_import import comparison_lines, import_codes
from yusuan.codes import RetiredCode, code_key, read_codes, read_retired
from yusuan.errors import UsageError
from yusuan.rows.records import disclosure_to_records
from yusuan.rows.registers import build_registers
from yusuan.rows.subjects import derive_subject
from yusuan.spec import load_specs

PROVINCES = 34  # 22 provinces and 台湾, 5 autonomous regions, 4 cities, 2 special regions


@pytest.fixture
def records(sample, specs):
    """Return the rows of the sample's document, and of the same a year later under another name of an item."""
    first = disclosure_to_records(sample, specs)
    later = replace(sample, identity=replace(sample.identity, key="450200-405003-2027-budget", year=2027))
    second = disclosure_to_records(later, specs)
    for row in second["t03_expenditure"]:
        if row["科目编码"] == "2060301":
            row["部门单位名称_功能分类科目名称"] = "机构运行（旧）"
    return {name: [*first.get(name, []), *second.get(name, [])] for name in {*first, *second}}


def _code(rows, code):
    return next(row for row in rows if row["科目编码"] == code)


def test_a_code_says_how_many_documents_stand_behind_it(records, specs):
    row = _code(build_registers(records, specs)["functional_codes"], "2060301")
    assert (row["文档数"], row["首年"], row["末年"]) == (2, 2026, 2027)
    assert row["科目名称"] == "机构运行"
    assert row["其他名称"] == "机构运行（旧）"


def test_documents_of_a_class_are_those_of_the_items_below_it(records, specs):
    rows = build_registers(records, specs)["functional_codes"]
    below = [row["文档数"] for row in rows if row["科目编码"].startswith("206")]
    assert _code(rows, "206")["文档数"] == max(below) == 2


def test_a_code_that_bears_the_name_of_its_earlier_meaning_has_a_key_of_its_own():
    retired = {"2100701": RetiredCode("2100701", "妇幼保健机构", 2009, reused=True)}
    assert code_key("2100701", "妇幼保健机构", retired) == "2100701~2009"
    assert code_key("2100701", "计划生育机构", retired) == "2100701"
    assert code_key("2100702", "妇幼保健机构", retired) == "2100702"
    renamed = {"210": RetiredCode("210", "医疗卫生", 2009, reused=False)}
    assert code_key("210", "医疗卫生", renamed) == "210"


def test_the_earlier_meaning_is_a_row_of_the_register_and_what_subjects_refer_to(records, specs):
    entry = RetiredCode("2060301", "机构运行（旧）", 2009, reused=True)
    reused = replace(specs, retired={**specs.retired, "functional": {"2060301": entry}})
    rows = build_registers(records, reused)["functional_codes"]
    old = _code(rows, "2060301~2009")
    assert (old["科目名称"], old["版本"], old["首年"], old["上级科目"]) == ("机构运行（旧）", "2009", 2027, "20603")
    assert _code(rows, "2060301")["文档数"] >= 1
    subject = derive_subject(specs.subjects["expenditure_by_function"], records, reused)
    assert {row["科目编码"] for row in subject if row["科目名称"] == "机构运行（旧）"} == {"2060301~2009"}
    assert {row["科目编码"] for row in subject} <= {row["科目编码"] for row in rows}


def test_retired_editions_are_sorted_unique_and_differ_where_they_are_reused(specs):
    with (ROOT / "schemas" / "codes" / "retired.csv").open(encoding="utf-8", newline="") as file:
        keys = [(row["classification"], row["code"], row["edition"]) for row in csv.DictReader(file)]
    assert keys == sorted(set(keys))
    reused = [entry for entry in specs.retired["functional"].values() if entry.reused]
    assert reused
    current = specs.codes["functional"]
    assert not [entry for entry in reused if entry.code in current and current[entry.code].name == entry.name]


def test_an_unknown_code_is_a_warning_that_says_what_it_once_was(specs, disclose, sample_text):
    retired = next(code for code in specs.retired["functional"].values() if code.code not in specs.codes["functional"])
    assert len([code for code in specs.retired["functional"] if len(code) == 7]) > 1000
    wanted = next(
        entry
        for entry in specs.retired["functional"].values()
        if len(entry.code) == len("2060301") and entry.code not in specs.codes["functional"]
    )
    found = disclose(sample_text.replace("2060301", wanted.code)).findings
    told = [finding for finding in found if finding.rule == "CODE-UNKNOWN" and finding.printed == wanted.code]
    assert told
    assert {finding.severity for finding in told} == {"warning"}
    assert all(wanted.name in finding.message and str(wanted.edition) in finding.message for finding in told)
    assert retired.edition


def test_places_cover_every_province_and_prefecture(specs):
    provinces = [code for code in specs.divisions if code.endswith("0000") and code != "100000"]
    assert len(provinces) == PROVINCES
    cities = [code for code in specs.divisions if code.endswith("00") and not code.endswith("0000")]
    assert len(cities) >= 333  # the prefecture-level places of the mainland
    alone = {"11", "12", "31", "50", "71", "81", "82"}  # no prefectures below them
    assert {code[:2] for code in provinces} - {code[:2] for code in cities} <= alone


# --- importing an official edition ---


@pytest.fixture
def edition(tmp_path, specs):
    """Return a function that writes an edition: ours with changes, as CSV or XLSX."""

    def write(changes, gone=(), suffix=".csv"):
        names = {code.code: code.name for code in specs.codes["economic"].values() if code.code not in gone} | changes
        rows = [["2027 年版", ""], ["科目编码", "科目名称"], *map(list, names.items())]
        path = tmp_path / f"edition{suffix}"
        if suffix == ".xlsx":
            book = Workbook()
            for row in rows:
                book.active.append(row)
            book.save(path)
        else:
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(rows)
        return path

    return write


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_an_edition_is_compared_and_nothing_is_written(edition, specs, suffix, tmp_path):
    path = edition({"30198": "新的补助", "30101": "基本薪酬"}, gone=["30310"], suffix=suffix)
    found = import_codes(path, "economic", 2027, specs)
    assert [code.code for code in found.new] == ["30198"]
    assert [(old.name, name) for old, name in found.renamed] == [("基本工资", "基本薪酬")]
    assert [code.code for code in found.gone] == ["30310"]
    assert [item.name for item in tmp_path.iterdir()] == [path.name]
    assert any("没有写任何文件" in line for line in comparison_lines(found))


def broken_editions(whole: bytes):
    empty, foreign = io.BytesIO(), io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(foreign, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name) if name != "xl/workbook.xml" else b"<workbook")
    return {
        "nothing": b"",
        "cut": whole[: len(whole) // 2],
        "empty zip": empty.getvalue(),
        "no XML": foreign.getvalue(),
        "text": b"code,name\n301,x\n",
    }


@pytest.mark.parametrize("kind", ["nothing", "cut", "empty zip", "no XML", "text"])
def test_a_broken_workbook_is_told_and_closed(edition, specs, kind):
    path = edition({}, suffix=".xlsx")
    path.write_bytes(broken_editions(path.read_bytes())[kind])
    with pytest.raises(UsageError) as caught:
        import_codes(path, "economic", 2027, specs)
    assert caught.value.problems[0].code == "CODES-UNREADABLE"
    assert str(path) in str(caught.value)
    del caught
    gc.collect()  # a file left open is a warning here, and a warning is an error


def test_an_edition_that_is_written_is_a_list_as_ours(edition, specs, tmp_path):
    path = edition({"30198": "新的补助", "30101": "基本薪酬"}, gone=["30310"])
    out = tmp_path / "schemas" / "codes"
    import_codes(path, "economic", 2027, specs, out)
    made = read_codes(tmp_path / "schemas", "economic")
    assert made["30198"].name == "新的补助"
    assert made["30101"].name == "基本薪酬"
    assert "基本工资" in made["30101"].aliases
    assert "30310" not in made
    retired = read_retired(tmp_path / "schemas")
    assert retired["economic"]["30310"].name == specs.codes["economic"]["30310"].name
    assert retired["functional"] == specs.retired["functional"]


@pytest.mark.parametrize(
    "changes",
    [{"3010": "短"}, {"30198": ""}, {"39901": "没有上级的款", "99901": "没有类"}],
    ids=["form", "name", "parent"],
)
def test_a_row_that_is_no_code_stops_the_import(edition, specs, tmp_path, changes):
    with pytest.raises(UsageError) as caught:
        import_codes(edition(changes), "economic", 2027, specs, tmp_path / "out")
    assert {problem.code for problem in caught.value.problems} == {"CODES-INVALID"}
    assert not (tmp_path / "out").exists()


def test_a_file_without_the_columns_is_refused(tmp_path, specs):
    path = tmp_path / "x.csv"
    path.write_text("甲,乙\n1,2\n", "utf-8")
    with pytest.raises(UsageError):
        import_codes(path, "economic", 2027, specs)
    with pytest.raises(UsageError):
        import_codes(tmp_path / "nix.csv", "economic", 2027, load_specs())
