"""The canary: one package for each kind of damage, resealed so that only the rule in question can catch it.

A validator that is silently off would call every one of them valid.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import socket

import pytest

from yusuan import validation
from yusuan.package import DESCRIPTOR
from yusuan.validation import validate_package
from yusuan.workflow import convert

TABLE = "t03_expenditure"


@pytest.fixture(scope="module")
def year(tmp_path_factory, specs, sample_path):
    """Return the folder of the sample's package."""
    out = tmp_path_factory.mktemp("validation")
    convert([sample_path], out, specs)
    return out / "2026"


@pytest.fixture
def copy(year, tmp_path):
    """Return a copy of the sample's package that may be damaged."""
    return shutil.copytree(year, tmp_path / "2026")


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    """Let every attempt to reach a network fail loudly: validation has no business there."""

    def refuse(*args, **kwargs):
        pytest.fail(f"a network was asked for: {args} {kwargs}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def unopened(monkeypatch):
    """Let the test fail when frictionless gets to see the package."""

    def refuse(folder):
        pytest.fail(f"frictionless saw {folder}")

    monkeypatch.setattr(validation, "_frictionless", refuse)


def _edit(folder, change):
    descriptor = json.loads((folder / DESCRIPTOR).read_text("utf-8"))
    change(descriptor)
    (folder / DESCRIPTOR).write_text(json.dumps(descriptor, ensure_ascii=False), "utf-8")


def _resource(descriptor, name=TABLE):
    return next(resource for resource in descriptor["resources"] if resource["name"] == name)


def _reseal(folder, data, name=TABLE, rows=None):
    """Write a CSV and give the descriptor its true hash, size and number of rows."""
    (folder / "data" / f"{name}.csv").write_bytes(data)
    count = len(list(csv.reader(io.StringIO(data.decode("utf-8", "replace"), newline="")))) - 1
    seal = {
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
        "bytes": len(data),
        "rows": count if rows is None else rows,
    }
    _edit(folder, lambda descriptor: _resource(descriptor, name).update(seal))


def _damage(folder, change, name=TABLE):
    """Let `change` work on the rows (header first) of a table, and reseal it."""
    text = (folder / "data" / f"{name}.csv").read_text("utf-8")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    change(rows)
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    _reseal(folder, buffer.getvalue().encode(), name)


def _set(column, value, line=5):
    """Return a change of one cell, `line` counted as in the file."""

    def change(rows):
        rows[line - 1][rows[0].index(column)] = value

    return change


def _repeat_key(rows):
    rows[5][rows[0].index("行次")] = rows[4][rows[0].index("行次")]


#: What is done to t03, and what the validator must say about it: code, line, column, expected, found.
CANARY = {
    "bad type": (_set("合计", "1,117.75"), ("TYPE-ERROR", 5, "合计", "number", "1,117.75")),
    "not a number": (_set("合计", "一千"), ("TYPE-ERROR", 5, "合计", "number", "一千")),
    "bad integer": (_set("年度", "2026.0"), ("TYPE-ERROR", 5, "年度", "integer", "2026.0")),
    "required": (_set("单位名称", ""), ("CONSTRAINT-ERROR", 5, "单位名称", "不为空", "（空白）")),
    "enum": (_set("行类型", "明细行"), ("CONSTRAINT-ERROR", 5, "行类型", "其中之一", "明细行")),
    "pattern": (_set("科目编码", "2060"), ("CONSTRAINT-ERROR", 5, "科目编码", "形如", "2060")),
    "primary key": (_repeat_key, ("PRIMARY-KEY", 6, None, "第5行", "405003")),
    "foreign key": (_set("单位", "450200-999999"), ("FOREIGN-KEY", 5, "单位", "units", "450200-999999")),
    "extra cell": (lambda rows: rows[4].append("0.00"), ("EXTRA-CELL", 5, None, "一样多", "0.00")),
    "missing cell": (lambda rows: rows[4].pop(), ("MISSING-CELL", 5, "页", "一样多", "（空白）")),
    "blank row": (lambda rows: rows.insert(4, [""] * len(rows[0])), ("BLANK-ROW", 5, None, "没有空白行", None)),
    "wrong header": (_set("合计", "总计", line=1), ("INCORRECT-LABEL", 1, "合计", "按规格", "总计")),
    "extra column": (lambda rows: [row.append("x") for row in rows], ("EXTRA-LABEL", 1, "x", "按规格", "x")),
    **{
        f"number {text}": (_set("合计", text), ("ROW", 5, "合计", "number", text))
        for text in ("NaN", "1e3", "1_000", "１２", " 1")
    },
    "missing column": (lambda rows: [row.pop() for row in rows], ("MISSING-LABEL", 1, "页", "按规格", None)),
}


def test_the_sample_is_valid_offline(year, specs):
    assert validate_package(year, specs) == []


@pytest.mark.parametrize(("change", "told"), CANARY.values(), ids=CANARY)
def test_the_canary_is_caught(copy, specs, change, told):
    _damage(copy, change)
    problems = validate_package(copy, specs)
    code, line, column, expected, found = told
    problem = next((item for item in problems if item.code == f"PACKAGE-{code}"), None)
    assert problem is not None, problems
    assert problem.source == str(copy / "data" / f"{TABLE}.csv")
    assert re.search("[\u4e00-\u9fff]", problem.message)
    assert not re.search(r"\b(is|not|the|expected|cell|row)\b", problem.expected), "frictionless' English"
    assert problem.line == line
    assert problem.column == column or column is None
    assert expected is None or expected in problem.expected
    assert found is None or found in problem.found
    assert problem.hint


def test_each_pattern_of_the_specs_is_enforced(copy, specs):
    _damage(copy, _set("sha256", "0" * 63, line=2), "documents")
    (problem,) = validate_package(copy, specs)
    assert (problem.code, problem.line, problem.column) == ("PACKAGE-CONSTRAINT-ERROR", 2, "sha256")


def test_rows_missing_at_the_end_are_noticed(copy, specs):
    path = copy / "data" / f"{TABLE}.csv"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-2]))
    told = {problem.code for problem in validate_package(copy, specs)}
    assert {"PACKAGE-HASH-COUNT", "PACKAGE-BYTE-COUNT", "PACKAGE-ROW-COUNT"} & told


def test_the_number_of_rows_alone_is_enough(copy, specs):
    lines = (copy / "data" / f"{TABLE}.csv").read_bytes().splitlines(keepends=True)
    _reseal(copy, b"".join(lines[:-2]), rows=len(lines) - 1)
    problems = validate_package(copy, specs)
    assert [problem.code for problem in problems] == ["PACKAGE-ROW-COUNT"]
    assert (problems[0].expected, problems[0].found) == (str(len(lines) - 1), str(len(lines) - 3))


def test_a_changed_byte_is_noticed(copy, specs):
    path = copy / "data" / f"{TABLE}.csv"
    path.write_bytes(path.read_bytes().replace(b"751.44", b"751.45"))
    problem = next(item for item in validate_package(copy, specs) if item.code == "PACKAGE-HASH-COUNT")
    assert problem.source == str(path)


def test_a_missing_file_is_named(copy, specs):
    (copy / "data" / f"{TABLE}.csv").unlink()
    problems = validate_package(copy, specs)
    assert any(item.source == str(copy / "data" / f"{TABLE}.csv") for item in problems), problems


def test_text_that_is_not_utf8_is_refused(copy, specs):
    text = (copy / "data" / f"{TABLE}.csv").read_text("utf-8")
    _reseal(copy, text.encode("gb18030"), rows=text.count("\n") - 1)
    assert validate_package(copy, specs)


def _put_outside(copy, tmp_path):
    return shutil.move(copy / "data" / f"{TABLE}.csv", tmp_path / "outside.csv")


def test_a_link_out_of_the_package_is_refused(copy, specs, tmp_path):
    (copy / "data" / f"{TABLE}.csv").symlink_to(_put_outside(copy, tmp_path))
    assert [problem.code for problem in validate_package(copy, specs)] == ["PACKAGE-PATH"]


def test_a_linked_folder_is_refused(copy, specs, tmp_path):
    shutil.move(copy / "data", tmp_path / "elsewhere")
    (copy / "data").symlink_to(tmp_path / "elsewhere")
    assert {problem.code for problem in validate_package(copy, specs)} == {"PACKAGE-PATH"}


HOSTILE_PATHS = [
    "../outside.csv",
    "data/../../outside.csv",
    "/etc/passwd",
    "~/outside.csv",
    "~root/outside.csv",
    "http://127.0.0.1:9/t.csv",
    "HTTPS://127.0.0.1:9/t.csv",
    "file:///etc/passwd",
    "s3://bucket/t.csv",
    "data",
    "data/t02_revenue.csv",
    "",
    ["data/t03_expenditure.csv", "http://127.0.0.1:9/t.csv"],
    None,
]


@pytest.mark.parametrize("path", HOSTILE_PATHS, ids=str)
@pytest.mark.usefixtures("unopened")
def test_a_hostile_path_is_refused_before_anything_is_opened(copy, specs, tmp_path, path):
    _put_outside(copy, tmp_path)
    _edit(copy, lambda descriptor: _resource(descriptor).update(path=path))
    problems = validate_package(copy, specs)
    assert {problem.code for problem in problems} == {"PACKAGE-PATH"}
    assert all(problem.source == str(copy / DESCRIPTOR) and problem.hint for problem in problems)


LOOSENED = {
    "schema by address": lambda resource: resource.update(schema="http://127.0.0.1:9/schema.json"),
    "schema without fields": lambda resource: resource.update(schema={}),
    "a type": lambda resource: resource["schema"]["fields"][0].update(type="any"),
    "a constraint": lambda resource: resource["schema"]["fields"][0].pop("constraints"),
    "the primary key": lambda resource: resource["schema"].pop("primaryKey"),
    "the foreign keys": lambda resource: resource["schema"].pop("foreignKeys"),
    "missing values": lambda resource: resource["schema"].update(missingValues=["", "一千"]),
    "another file of the package": lambda resource: resource.update(path="data/copy.csv"),
    "dialect by address": lambda resource: resource.update(dialect="http://127.0.0.1:9/dialect.json"),
    "another dialect": lambda resource: resource.update(dialect={"header": False}),
    "another encoding": lambda resource: resource.update(encoding="gb18030"),
    "another format": lambda resource: resource.update(format="json"),
    "more parts": lambda resource: resource.update(extrapaths=["http://127.0.0.1:9/t.csv"]),
    "another base": lambda resource: resource.update(basepath="/"),
    "a profile": lambda resource: resource.update(profile="http://127.0.0.1:9/profile.json"),
    "data of its own": lambda resource: resource.update(data=[]),
    "another scheme": lambda resource: resource.update(scheme="http"),
    "no hash": lambda resource: resource.pop("hash"),
    "no size": lambda resource: resource.pop("bytes"),
    "no number of rows": lambda resource: resource.pop("rows"),
    "another name": lambda resource: resource.update(name="t99"),
}


@pytest.mark.parametrize("change", LOOSENED.values(), ids=LOOSENED)
@pytest.mark.usefixtures("unopened")
def test_a_package_cannot_loosen_its_own_rules(copy, specs, change):
    shutil.copy(copy / "data" / f"{TABLE}.csv", copy / "data" / "copy.csv")
    _edit(copy, lambda descriptor: change(_resource(descriptor)))
    problems = validate_package(copy, specs)
    assert problems
    assert all(problem.source == str(copy / DESCRIPTOR) and problem.hint for problem in problems)


@pytest.mark.parametrize(
    "change",
    [
        lambda descriptor: descriptor.update(profile="fiscal-data-package"),
        lambda descriptor: descriptor["resources"].append({"name": "x", "path": "data/x.csv", "schema": {}}),
        lambda descriptor: descriptor["resources"].append(dict(_resource(descriptor))),
        lambda descriptor: descriptor["resources"].append("http://127.0.0.1:9/resource.json"),
        lambda descriptor: descriptor["resources"].pop(),
        lambda descriptor: descriptor.update(resources=[]),
        lambda descriptor: descriptor.pop("resources"),
    ],
    ids=["profile", "more tables", "twice", "by address", "a table less", "no tables", "no list"],
)
@pytest.mark.usefixtures("unopened")
def test_a_hostile_descriptor_is_refused(copy, specs, change):
    _edit(copy, change)
    assert validate_package(copy, specs)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\ufeff{}", '{"resources": 3}'])
def test_a_descriptor_that_is_none_is_a_problem(copy, specs, text):
    (copy / DESCRIPTOR).write_text(text, "utf-8")
    (problem,) = validate_package(copy, specs)
    assert problem.code == "PACKAGE-DESCRIPTOR"
    assert problem.source == str(copy / DESCRIPTOR)


def test_no_package_is_a_problem(tmp_path, specs):
    assert [problem.code for problem in validate_package(tmp_path, specs)] == ["PACKAGE-MISSING"]
