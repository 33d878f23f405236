"""One year's package: the same bytes everywhere, nothing lost in a round trip, nothing of others touched."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys

import pytest

from yusuan.errors import PackageError
from yusuan.package import DESCRIPTOR, package_tables, read_records, write_package
from yusuan.report import report_files
from yusuan.workflow import convert, load, package_folders, validate

KEY = "450200-405003-2026-budget"


@pytest.fixture(scope="module")
def year(tmp_path_factory, specs, sample_path):
    """Return the folder of the sample's package."""
    out = tmp_path_factory.mktemp("package")
    assert convert([sample_path], out, specs).exit_code == 0
    return out / "2026"


@pytest.fixture(scope="module")
def descriptor(year):
    return json.loads((year / DESCRIPTOR).read_text("utf-8"))


@pytest.fixture
def copy(year, tmp_path):
    """Return a copy of the sample's package that may be damaged."""
    return shutil.copytree(year, tmp_path / "2026")


def _bytes(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _rows(year, name):
    with (year / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_package_is_its_descriptor_and_one_csv_per_table(year, specs):
    tables = {f"data/{spec.name}.csv" for spec in package_tables(specs)}
    assert set(_bytes(year)) == {DESCRIPTOR, "report.md", "findings.json", *tables}


def test_converting_again_changes_no_byte(year, specs, sample_path):
    before = _bytes(year)
    convert([sample_path], year.parent, specs)
    assert _bytes(year) == before


@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai", "LC_ALL": "C.UTF-8"},
        {"PYTHONHASHSEED": "4242", "TZ": "America/St_Johns", "LC_ALL": "C", "PYTHONUTF8": "0"},
    ],
    ids=["shanghai", "plain C"],
)
def test_the_bytes_do_not_depend_on_the_machine(year, tmp_path, sample_path, surroundings):
    """Another folder, hash seed, time zone, locale and umask give the same package."""
    script = "import os, sys; os.umask(0o077); from yusuan.cli import main; sys.argv[0] = 'yusuan'; main()"
    command = [sys.executable, "-c", script, "convert", sample_path, "--out", tmp_path / "far" / "away"]
    subprocess.run(command, env=os.environ | surroundings, cwd=tmp_path, check=True, capture_output=True)
    assert _bytes(tmp_path / "far" / "away" / "2026") == _bytes(year)


def test_files_are_plain_utf8_with_unix_lines(year):
    for name, data in _bytes(year).items():
        assert not data.startswith(b"\xef\xbb\xbf"), name
        assert b"\r" not in data, name
        assert data.endswith(b"\n"), name
        data.decode("utf-8")


def test_rows_stand_in_the_order_of_the_key_and_columns_in_that_of_the_spec(year, specs):
    for spec in package_tables(specs):
        rows = _rows(year, spec.name)
        numbers = {field.name for field in spec.fields if field.type == "integer"}
        keys = [tuple(int(row[name]) if name in numbers else row[name] for name in spec.key) for row in rows]
        assert keys == sorted(keys), spec.name
        elsewhere = spec.name in specs.tables and spec.name not in specs.layouts["guangxi-2026"].tables
        assert bool(rows) != (spec.name == "corrections" or elsewhere), spec.name
        header = (year / "data" / f"{spec.name}.csv").read_text("utf-8").split("\n")[0]
        assert header.split(",") == [field.name for field in spec.fields if not field.loaded]


def test_a_round_trip_changes_no_byte(year, tmp_path, specs):
    records = read_records(year, specs)
    write_package(tmp_path / "2026", 2026, records, specs, report_files(records))
    assert _bytes(tmp_path / "2026") == _bytes(year)


def test_amounts_keep_their_printed_places(year):
    total = next(row for row in _rows(year, "t03_expenditure") if row["行类型"] == "合计")
    assert (total["合计"], total["项目支出"], total["结转下年支出"]) == ("1117.75", "34.20", "0.00")


def test_a_second_document_joins_the_first(year, tmp_path, specs, sample_text):
    shutil.copytree(year, tmp_path / "out" / "2026")
    other = tmp_path / "b.md"
    other.write_text(sample_text.replace("405003", "405004").replace("智能制造", "智能装备"), "utf-8")
    assert convert([other], tmp_path / "out", specs).exit_code == 0
    both = tmp_path / "out" / "2026"
    assert {row["文件"] for row in _rows(both, "documents")} == {KEY, "450200-405004-2026-budget"}
    assert {row["单位名称"] for row in _rows(both, "units")} == {
        "柳州市智能制造科技服务中心",
        "柳州市智能装备科技服务中心",
    }
    for name in ("t03_expenditure", "cells", "findings", "narrative_facts"):
        assert [row for row in _rows(both, name) if row["文件"] == KEY] == _rows(year, name)
        assert len(_rows(both, name)) > len(_rows(year, name))


def test_the_order_of_arrival_does_not_matter(tmp_path, specs, sample_path, sample_text):
    other = tmp_path / "b.md"
    other.write_text(sample_text.replace("405003", "405004").replace("智能制造", "智能装备"), "utf-8")
    for name, order in (("one", [sample_path, other]), ("two", [other, sample_path])):
        for path in order:
            convert([path], tmp_path / name, specs)
    convert([other, sample_path], tmp_path / "three", specs)
    assert _bytes(tmp_path / "one" / "2026") == _bytes(tmp_path / "two" / "2026")
    assert _bytes(tmp_path / "one" / "2026") == _bytes(tmp_path / "three" / "2026")


def test_years_have_packages_of_their_own(tmp_path, specs, sample_path, sample_text):
    later = tmp_path / "later.md"
    later.write_text(sample_text.replace("2026", "2027"), "utf-8")
    report = convert([sample_path, later], tmp_path / "out", specs)
    assert [outcome.package for outcome in report.outcomes] == [tmp_path / "out" / "2026", tmp_path / "out" / "2027"]
    assert {row["年度"] for row in _rows(tmp_path / "out" / "2027", "t03_expenditure")} == {"2027"}


def test_files_of_others_survive(year, copy, specs):
    """Corrections and notes in a package's folder are not ours to lose, at any depth."""
    foreign = {"corrections.yml": b"- reason\n", "notes/data/a.txt": b"\xff", "notes/datapackage.json": b"{}"}
    for name, data in foreign.items():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes(data)
    write_package(copy, 2026, read_records(copy, specs), specs)
    assert _bytes(copy) == _bytes(year) | foreign


@pytest.mark.parametrize("where", ["first byte", "last byte", "gone", "unsealed"])
def test_a_changed_csv_does_not_flow_on(copy, specs, sample_path, where):
    path = copy / "data" / "t03_expenditure.csv"
    if where == "gone":
        path.unlink()
    elif where == "unsealed":
        (copy / DESCRIPTOR).unlink()
    else:
        data = bytearray(path.read_bytes())
        data[0 if where == "first byte" else -2] ^= 1
        path.write_bytes(data)
    before = _bytes(copy)
    with pytest.raises(PackageError) as caught:
        convert([sample_path], copy.parent, specs)
    problem = next(item for item in caught.value.problems if item.source == str(path))
    assert problem.code == "PACKAGE-CHANGED"
    assert problem.expected
    assert problem.found
    assert "yusuan convert" in problem.hint
    assert caught.value.exit_code == 4
    assert _bytes(copy) == before


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"resources": [{"path": "data/t03_expenditure.csv"}]}'])
def test_a_broken_descriptor_is_a_problem_with_a_next_step(copy, specs, text):
    (copy / DESCRIPTOR).write_text(text, "utf-8")
    with pytest.raises(PackageError) as caught:
        load(copy, copy.parent / "budget.db", specs)
    (problem,) = caught.value.problems
    assert (problem.code, problem.source) == ("PACKAGE-DESCRIPTOR", str(copy / DESCRIPTOR))
    assert problem.hint
    assert not (copy.parent / "budget.db").exists()


def test_the_descriptor_is_data_package_v2(descriptor):
    assert descriptor["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert "profile" not in json.dumps(list(descriptor))  # frictionless would fetch it
    assert not any("profile" in resource for resource in descriptor["resources"])
    assert descriptor["name"] == "yusuan-2026"
    assert "柳州市智能制造科技服务中心" in descriptor["sources"][0]["title"]


def test_every_resource_is_sealed(year, descriptor, specs):
    assert [resource["name"] for resource in descriptor["resources"]] == [spec.name for spec in package_tables(specs)]
    sums = subprocess.run(["sha256sum", *sorted(_bytes(year))], cwd=year, check=True, capture_output=True, text=True)
    known = {line.split()[1]: line.split()[0] for line in sums.stdout.splitlines()}
    for resource in descriptor["resources"]:
        assert resource["hash"] == f"sha256:{known[resource['path']]}"
        assert resource["bytes"] == (year / resource["path"]).stat().st_size
        assert resource["rows"] == len(_rows(year, resource["name"]))
        assert resource["encoding"] == "utf-8"


def test_columns_are_described_for_programmers(descriptor):
    schemas = {resource["name"]: resource["schema"] for resource in descriptor["resources"]}
    assert all(field["title"].isascii() for schema in schemas.values() for field in schema["fields"])
    fields = {field["name"]: field for field in schemas["t03_expenditure"]["fields"]}
    assert fields["科目编码"]["type"] == "string"
    assert fields["科目编码"]["columnType"] == "functional-classification:generic:code"
    assert fields["年度"]["columnType"] == "date:fiscal-year"
    assert (fields["合计"]["type"], fields["合计"]["unit"]) == ("number", "万元")
    assert fields["行类型"]["constraints"]["required"]
    assert "明细" in fields["行类型"]["constraints"]["enum"]


def test_keys_are_declared(descriptor):
    schemas = {resource["name"]: resource["schema"] for resource in descriptor["resources"]}
    assert schemas["t03_expenditure"]["primaryKey"] == ["文件", "行次"]
    assert {"fields": ["单位"], "reference": {"resource": "units", "fields": ["单位"]}} in schemas["t03_expenditure"][
        "foreignKeys"
    ]
    assert {"fields": ["上级区划"], "reference": {"resource": "", "fields": ["区划"]}} in schemas["regions"][
        "foreignKeys"
    ]
    for name, schema in schemas.items():
        assert schema["primaryKey"], name
        for key in schema.get("foreignKeys", []):
            target = key["reference"]["resource"] or name
            assert key["reference"]["fields"] == schemas[target]["primaryKey"], (name, key)


def test_what_a_killed_writer_left_is_no_package(copy, specs):
    """A finished or half-written folder beside the real one is neither loaded nor validated."""
    shutil.copytree(copy, copy.parent / ".yusuan-new-2026-x1")
    (copy.parent / ".yusuan-new-2026-x1" / "data" / "units.csv").unlink()
    assert package_folders(copy.parent) == [copy]
    assert load(copy.parent, copy.parent / "budget.db", specs).rows["documents"] == 1
    assert validate(copy.parent, specs).exit_code == 0


@pytest.mark.parametrize("named", [True, False], ids=["the year", "the folder of years"])
def test_a_package_moved_aside_by_a_killed_writer_is_put_back(year, copy, specs, named):
    before = _bytes(year)
    copy.rename(copy.parent / ".yusuan-old-2026")
    assert validate(copy if named else copy.parent, specs).exit_code == 0
    assert _bytes(copy) == before


def test_converting_after_a_kill_adds_to_what_was_moved_aside(copy, tmp_path, specs, sample_text):
    """The year of a killed run is not started anew: its documents are still there."""
    other = tmp_path / "b.md"
    other.write_text(sample_text.replace("405003", "405004").replace("智能制造", "智能装备"), "utf-8")
    copy.rename(copy.parent / ".yusuan-old-2026")
    convert([other], copy.parent, specs)
    assert {row["文件"] for row in _rows(copy, "documents")} == {KEY, "450200-405004-2026-budget"}
    assert not [path for path in copy.parent.iterdir() if path.name.startswith(".yusuan-old")]


def test_a_package_nobody_may_write_can_be_read(copy, specs):
    """Validation and load need no lock file where none is: a published package may lie on a read-only disk."""
    before = {path.name for path in copy.parent.iterdir()}
    assert validate(copy, specs).exit_code == 0
    load(copy, copy.parent / "db" / "budget.db", specs)
    assert {path.name for path in copy.parent.iterdir()} == before | {"db"}
