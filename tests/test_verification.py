"""What a release holds agrees with itself, and whatever is changed in it is named."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from yusuan.errors import ReleaseError, UsageError
from yusuan.publishing.manifest import MANIFEST, SUMS, files_below
from yusuan.publishing.workbook import FIELDS, FLAT
from yusuan.release import Wishes, publish, verify
from yusuan.workflow import convert

YUSUAN = Path(sys.executable).parent / "yusuan"


@pytest.fixture(scope="module")
def root(tmp_path_factory, specs, sample_path):
    out = tmp_path_factory.mktemp("verification") / "datapackage"
    convert([sample_path], out, specs)
    shutil.copytree(sample_path.parent, out / "sources")
    return out


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    """Return a secret key as `minisign -G -W` writes it."""
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = private.public_key().public_bytes_raw()
    data = b"Ed\0\0B2" + bytes(32 + 16) + b"12345678" + bytes(range(32)) + public + bytes(32)
    path = tmp_path_factory.mktemp("key") / "minisign.key"
    path.write_text(f"untrusted comment: secret key\n{base64.b64encode(data).decode()}\n")
    return path


@pytest.fixture(scope="module")
def folder(root, specs, key):
    """Return a signed release of the sample."""
    wishes = Wishes(date="2026-03-31", sign=key, address="https://data.example.org")
    return publish(2026, root, root.parent / "releases", specs, wishes).folder


@pytest.fixture
def copy(folder, tmp_path):
    return shutil.copytree(folder, tmp_path / "2026.1")


def _codes(folder, specs, key=None):
    return [problem.code for problem in verify(folder, specs, key).problems]


def test_a_release_is_what_it_was(folder, specs):
    found = verify(folder, specs)
    assert found.problems == ()
    assert [item.name for item in found.checks] == ["signature", "files", "package", "archive", "database", "parquet"]
    assert json.loads(json.dumps(found.as_dict()))["passed"]


def test_every_changed_file_is_named(copy, specs):
    names = [name for name in files_below(copy) if name not in {SUMS, MANIFEST, f"{SUMS}.minisig"}]
    for name in names[:: len(names) // 12]:
        whole = (copy / name).read_bytes()
        (copy / name).write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
        (problem,) = verify(copy, specs).problems
        assert (problem.code, problem.source) == ("RELEASE-FILE-CHANGED", str(copy / name))
        (copy / name).write_bytes(whole + b"\n")
        assert _codes(copy, specs) == ["RELEASE-FILE-CHANGED"]
        (copy / name).unlink()
        assert _codes(copy, specs) == ["RELEASE-FILE-MISSING"]
        (copy / name).write_bytes(whole)
    (copy / "data" / "more.csv").write_text("x")
    assert _codes(copy, specs) == ["RELEASE-FILE-EXTRA"]


def _reseal(folder):
    """Make the lists agree with what somebody changed: the parts must still agree with one another."""
    listed = json.loads((folder / MANIFEST).read_text("utf-8"))
    for item in listed["files"]:
        data = (folder / item["path"]).read_bytes()
        item |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (folder / MANIFEST).write_text(json.dumps(listed), "utf-8")
    names = [name for name in files_below(folder) if name not in {SUMS, f"{SUMS}.minisig"}]
    sums = "".join(f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}\n" for n in names)
    (folder / SUMS).write_text(sums, "utf-8")


def test_parts_that_disagree_are_found_although_the_lists_agree(copy, specs):
    with sqlite3.connect(copy / "budget.db") as database:
        database.execute("update t05_general_public_expenditure set 合计 = 1 where 行次 = 4")
    database.close()
    _reseal(copy)
    found = verify(copy, specs)
    assert {problem.code for problem in found.problems} == {"RELEASE-SIGNATURE", "RELEASE-DATABASE"}
    assert {problem.table for problem in found.problems} == {None, "t05_general_public_expenditure"}
    path = copy / "data" / "units.csv"
    path.write_text(path.read_text("utf-8") + "x,450200,,x,x\n", "utf-8")
    _reseal(copy)
    assert {"RELEASE-ARCHIVE", "RELEASE-PARQUET", "RELEASE-DATABASE"} <= set(_codes(copy, specs))


def test_a_signature_holds_for_its_key_alone(folder, copy, specs):
    public = (folder / "minisign.pub").read_text()
    assert _codes(folder, specs, public.splitlines()[1]) == []
    assert _codes(folder, specs, str(folder / "minisign.pub")) == []
    other = base64.b64encode(b"Ed12345678" + bytes(32)).decode()
    assert _codes(folder, specs, other) == ["RELEASE-SIGNATURE"]
    with pytest.raises(UsageError, match="SIGN-KEY"):
        verify(folder, specs, "no key")
    (copy / f"{SUMS}.minisig").unlink()
    assert _codes(copy, specs) == ["RELEASE-SIGNATURE"], "it brings the key of a signature that is gone"
    assert _codes(copy, specs, public.splitlines()[1]) == ["RELEASE-SIGNATURE"]
    if shutil.which("minisign") is None:
        pytest.skip("the program minisign is not installed here, so it cannot be asked for its opinion")
    subprocess.run(
        ["minisign", "-V", "-m", folder / SUMS, "-p", folder / "minisign.pub"], check=True, capture_output=True
    )


def test_a_key_that_cannot_be_read_stops_before_anything_is_written(root, specs, tmp_path):
    (tmp_path / "key").write_text("nothing")
    with pytest.raises(UsageError, match="SIGN-KEY"):
        publish(2026, root, tmp_path / "releases", specs, Wishes(sign=tmp_path / "key"))
    assert not (tmp_path / "releases").exists()


def test_formats_hold_the_same_rows(folder):
    book = openpyxl.load_workbook(folder / "budget.xlsx")
    assert book.sheetnames[:2] == ["说明", FLAT]
    assert book.sheetnames[-1] == FIELDS
    sheet = book["支出（按功能科目）"]
    assert sheet.freeze_panes == "A2"
    head = [cell.value for cell in sheet[1]]
    rows = [dict(zip(head, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(min_row=2)]
    with (folder / "csv" / "expenditure_by_function.csv").open(encoding="utf-8", newline="") as file:
        plain = list(csv.DictReader(file))
    at = folder / "parquet" / "expenditure_by_function" / "年度=2026" / "part-0.parquet"
    table = pq.read_table(at, partitioning=None)
    total = sum(Decimal(row["合计"]) for row in plain)
    assert total == Decimal("1117.75")
    assert sum(table.column("合计").to_pylist()) == total
    assert str(table.schema.field("合计").type) == "decimal128(38, 6)"
    assert str(table.schema.field("科目编码").type) in {"string", "large_string"}
    assert sum(Decimal(str(row["合计"])) for row in rows) == total
    assert sorted(row["科目编码"] for row in rows) == sorted(row["科目编码"] for row in plain)
    unit = json.loads((folder / "api/v1/units/450200-405003/2026.json").read_text("utf-8"), parse_float=Decimal)
    found = unit["tables"]["expenditure_by_function"]["rows"]
    assert [str(row["合计"]) for row in found] == [row["合计"] for row in plain]
    excel = (folder / "excel" / "expenditure_by_function.csv").read_bytes()
    assert excel.startswith(b"\xef\xbb\xbf")
    assert b'"=""2060301"""' in excel
    index = json.loads((folder / "api/v1/index.json").read_text("utf-8"))
    assert all((folder / year["path"]).is_file() for item in index["units"] for year in item["years"])


def test_the_flat_sheet_has_every_level_with_its_name(folder):
    sheet = openpyxl.load_workbook(folder / "budget.xlsx")[FLAT]
    head = [cell.value for cell in sheet[1]]
    rows = [dict(zip(head, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(min_row=2)]
    wanted = [r for r in rows if r["主题"] == "支出（按功能科目）" and r["指标"] == "合计"]
    assert sum(row["金额_分"] for row in wanted) == 1_117_750_000
    assert all(
        row[f"{level}名称"] and row["项编码"].startswith(row[f"{level}编码"]) for row in wanted for level in "类款项"
    )


def test_the_documents_are_in_it_with_their_origin(folder, sample_path):
    with (folder / "provenance.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (folder / row["发布中的文件"]).read_bytes() == sample_path.read_bytes()
    assert row["sha256"] == hashlib.sha256(sample_path.read_bytes()).hexdigest()
    assert row["来源文件"] == sample_path.name
    assert row["sha256"][:12] in row["发布中的文件"]
    assert row["发布者"]
    assert row["转换者"] == "yusuan"


def test_descriptions_say_the_same(folder):
    load = lambda name: json.loads((folder / name).read_text("utf-8"))  # noqa: E731 - four times the same
    dcat, schema, croissant, crate = map(
        load, ("dcat.jsonld", "schema.jsonld", "croissant.json", "ro-crate-metadata.json")
    )
    citation = yaml.safe_load((folder / "CITATION.cff").read_text("utf-8"))
    nodes = {node["@id"]: node for node in crate["@graph"]}
    root = nodes["./"]
    title = {schema["name"], croissant["name"], root["name"], citation["title"], dcat["dct:title"][0]["@value"]}
    assert len(title) == 1
    days = {schema["datePublished"], croissant["datePublished"], root["datePublished"], citation["date-released"]}
    assert days | {dcat["dct:issued"]["@value"]} == {"2026-03-31"}
    assert {schema["version"], croissant["version"], root["version"], citation["version"]} == {"2026.1"}
    sums = dict(reversed(line.split("  ", 1)) for line in (folder / SUMS).read_text("utf-8").splitlines())
    for item in [node for node in crate["@graph"] if node["@type"] == "File"]:
        assert item["sha256"] == sums[item["@id"]]
        assert int(item["contentSize"]) == (folder / item["@id"]).stat().st_size
    mentioned = re.findall(r'"@id": "([^"]+)"', json.dumps(crate["@graph"], ensure_ascii=False))
    assert {name for name in mentioned if not name.startswith("https://w3id.org")} <= set(nodes)
    for item in croissant["distribution"]:
        assert item["sha256"] == sums[item["@id"]]
    for records in croissant["recordSet"]:
        for field in records["field"]:
            with (folder / field["source"]["fileObject"]["@id"]).open(encoding="utf-8", newline="") as file:
                assert field["source"]["extract"]["column"] in next(csv.reader(file))
    assert all(item["contentUrl"].startswith("https://data.example.org/2026.1/") for item in schema["distribution"])


def test_a_release_depends_on_nothing_but_its_inputs(root, folder, key, tmp_path):
    """Another folder, another day, another time zone, locale and hash seed: the same bytes."""
    shutil.copytree(root, tmp_path / "elsewhere")
    command = [YUSUAN, "publish", "2026", "--package", "elsewhere", "--out", "out", "--sign", key]
    command += ["--date", "2026-03-31", "--address", "https://data.example.org"]
    strange = os.environ | {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "12345"}
    subprocess.run(command, cwd=tmp_path, env=strange, check=True, capture_output=True)
    made = {name: (tmp_path / "out" / "2026.1" / name).read_bytes() for name in files_below(folder)}
    assert {name: (folder / name).read_bytes() for name in files_below(folder)} == made
    with zipfile.ZipFile(folder / "budget.xlsx") as archive:
        assert {info.date_time[0] for info in archive.infolist()} == {1980}


def test_rows_that_fell_need_a_reason(folder, specs, sample_text, tmp_path):
    place = tmp_path / "datapackage"
    (place / "sources").mkdir(parents=True)
    line = next(
        line for line in sample_text.splitlines(keepends=True) if "住房公积金\t77.04\t77.04\t0.00\t0.00" in line
    )
    (place / "sources" / "a.md").write_text(sample_text.replace(line, "", 1), "utf-8")
    convert([place / "sources" / "a.md"], place, specs)
    out = shutil.copytree(folder.parent, tmp_path / "releases")
    rehearsed = publish(2026, place, out, specs, Wishes(dry_run=True))
    gate = next(gate for gate in rehearsed.gates if gate.name == "counted")
    assert gate.blocks
    assert {problem.code for problem in gate.problems} == {"ROWS-FELL"}
    with pytest.raises(ReleaseError, match="行数"):
        publish(2026, place, out, specs)
    told = publish(2026, place, out, specs, Wishes(dry_run=True, reason="单位删去了一行"))
    gate = next(gate for gate in told.gates if gate.name == "counted")
    assert gate.passed
    assert all("单位删去了一行" in remark for remark in gate.remarks)
    (problem, *_) = next(gate for gate in rehearsed.gates if gate.name == "counted").problems
    entry = {
        "document": problem.source,
        "table": problem.table,
        "rows": int(problem.found.split()[0]),
        "reason": "理由",
    }
    (place / "2026" / "corrections.yml").write_text(yaml.safe_dump({"releases": [entry]}, allow_unicode=True), "utf-8")
    again = next(g for g in publish(2026, place, out, specs, Wishes(dry_run=True)).gates if g.name == "counted")
    assert len(again.problems) == len(gate.remarks) - 1


def test_documents_that_are_not_there_block(root, specs, tmp_path):
    (tmp_path / "empty").mkdir()
    rehearsed = publish(2026, root, tmp_path / "r", specs, Wishes(sources=(tmp_path / "empty",), dry_run=True))
    (gate,) = [gate for gate in rehearsed.gates if gate.blocks]
    assert gate.name == "sourced"
    assert [problem.code for problem in gate.problems] == ["SOURCE-NOT-ARCHIVED"]


def test_a_day_that_is_none_is_refused(root, specs, tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="DATE-UNKNOWN"):
        publish(2026, root, tmp_path, specs, Wishes(date="tomorrow", dry_run=True))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1775000000")
    assert publish(2026, root, tmp_path, specs, Wishes(dry_run=True)).date == "2026-03-31"
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert publish(2026, root, tmp_path, specs, Wishes(dry_run=True)).date == "2026"


def test_what_is_no_release_is_said(tmp_path, specs):
    with pytest.raises(UsageError, match="RELEASE-MISSING"):
        verify(tmp_path, specs)
