"""The SQLite file: its rules are in the file itself, its numbers are exact, and it is never half there."""

# ruff: noqa: S608 - the names in the SQL come from the specs

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from decimal import Decimal

import pytest

from yusuan.database import APPLICATION_ID, load_database
from yusuan.errors import HostError, PackageError
from yusuan.names import TABLE
from yusuan.package import read_records
from yusuan.sums import summed_tables
from yusuan.workflow import convert, load

DOCUMENTS = {  # the sample, its next year, a neighbour, and a unit of a department whose code begins with zeros
    "a.md": [],
    "b.md": [("2026", "2027")],
    "c.md": [("405003", "405004"), ("智能制造", "智能装备")],
    "d.md": [("405003", "005003"), ("\t405\t", "\t005\t"), ("\n405\t", "\n005\t"), ("智能制造", "智能铸造")],
}


@pytest.fixture(scope="module")
def packages(tmp_path_factory, specs, sample_text):
    """Return a folder with the packages of four documents of two years."""
    folder = tmp_path_factory.mktemp("database")
    for name, changes in DOCUMENTS.items():
        text = sample_text
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (folder / name).write_text(text, "utf-8")
    assert convert(sorted(folder.glob("*.md")), folder / "out", specs).exit_code == 0
    return folder / "out"


@pytest.fixture(scope="module")
def path(packages, specs):
    """Return the database of both years."""
    target = packages.parent / "budget.db"
    load(packages, target, specs)
    return target


@pytest.fixture(scope="module")
def database(path):
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    yield connection
    connection.close()


@pytest.fixture
def sample(packages, specs):
    """Return rows of the year 2026 that a test may break."""
    return read_records(packages / "2026", specs)


def _value(database, sql, *values):
    (row,) = database.execute(sql, values).fetchall()
    return row[0]


def _names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_every_table_of_the_specs_is_there_and_strict(database, specs):
    strict = dict(
        database.execute("select name, strict from pragma_table_list where type = 'table' and schema = 'main'")
    )
    del strict["sqlite_schema"]
    strict = {name: value for name, value in strict.items() if not name.startswith("sqlite_")}
    beside = ["search_entries", "search_kinds", TABLE, *summed_tables(specs)]
    assert strict == {spec.name: 1 for spec in specs.every_table()} | dict.fromkeys(beside, 1)


def test_columns_have_the_types_keys_and_obligations_of_the_specs(database, specs):
    types = {"text": "TEXT", "code": "TEXT", "amount": "REAL", "rate": "REAL"} | dict.fromkeys(
        ("integer", "fen", "rank"), "INTEGER"
    )
    for spec in specs.every_table():
        columns = database.execute(f"select name, type, [notnull], pk from pragma_table_info('{spec.name}')").fetchall()
        expected = [
            (
                field.name,
                types[field.type],
                int(field.required or field.name in spec.key),
                spec.key.index(field.name) + 1 if field.name in spec.key else 0,
            )
            for field in spec.fields
        ]
        assert columns == expected, spec.name


def test_references_are_foreign_keys(database, specs):
    keys = {spec.name: spec.key for spec in specs.every_table()}
    for spec in specs.every_table():
        sql = f"select [from], [table], [to] from pragma_foreign_key_list('{spec.name}')"
        expected = {(f.name, f.references, keys[f.references][0]) for f in spec.fields if f.references}
        assert set(database.execute(sql)) == expected, spec.name
    assert _value(database, "select count(*) from pragma_foreign_key_list('expenditure_by_function')") == 6


def test_what_is_faceted_or_referred_to_is_indexed(database, specs):
    sql = """select t.name, c.name from sqlite_schema t, pragma_index_list(t.name) i, pragma_index_info(i.name) c
             where t.type = 'table' and c.seqno = 0"""
    indexed = set(database.execute(sql))
    wanted = {(s.name, f.name) for s in specs.every_table() for f in s.fields if f.facet or f.references}
    assert wanted
    assert wanted <= indexed


def test_the_planner_knows_the_tables(database, specs):
    known = {name for (name,) in database.execute("select distinct tbl from sqlite_stat1")}
    filled = {s.name for s in specs.every_table() if _value(database, f"select count(*) from {s.name}")}
    with_index = {
        name for (name,) in database.execute("select distinct tbl_name from sqlite_schema where type='index'")
    }
    assert filled & with_index <= known
    plan = database.execute("explain query plan select * from expenditure_by_function where 科目编码 = '2060301'")
    assert "USING INDEX" in plan.fetchone()[3]


def test_the_file_is_sound_and_ours(database):
    assert _value(database, "pragma integrity_check") == "ok"
    assert database.execute("pragma foreign_key_check").fetchall() == []
    assert _value(database, "pragma application_id") == APPLICATION_ID
    assert _value(database, "pragma journal_mode") == "delete"  # no WAL: it may be served immutable


def test_codes_stay_text(database):
    assert _value(database, "select typeof(科目编码) from t03_expenditure where 科目编码 = '2060301' limit 1") == "text"
    assert _value(database, "select 单位代码 from units where 单位 = '450200-005003'") == "005003"
    assert _value(database, "select 部门代码 from departments where 部门 = '450200-005'") == "005"
    sql = "select count(*) from t03_expenditure where 部门单位代码 = ?"
    assert _value(database, sql, "005003") == 1
    assert _value(database, sql, "5003") == 0


def test_sums_are_exact(database):
    sql = "select {} from expenditure_by_function where 单位 = '450200-405003' and 年度 = 2026"
    assert _value(database, sql.format("sum(合计_分)")) == 1_117_750_000
    assert _value(database, sql.format("sum(合计_分) / 1000000.0")) == 1117.75
    assert _value(database, sql.format("count(*)")) == 7


def test_text_cannot_enter_a_number(path, tmp_path):
    copy = tmp_path / "copy.db"
    copy.write_bytes(path.read_bytes())
    connection = sqlite3.connect(copy)
    with pytest.raises(sqlite3.IntegrityError, match="REAL"):
        connection.execute("update t03_expenditure set 合计 = '1,117.75'")
    connection.close()


def test_every_row_of_every_csv_arrives(database, packages, specs):
    """CSV and SQLite say the same, row by row and cell by cell, for both years."""
    years = [read_records(packages / year, specs) for year in ("2026", "2027")]
    for spec in (*specs.tables.values(), specs.records["cells"], specs.records["findings"]):
        names = [field.name for field in spec.fields if not field.loaded]
        order = ", ".join(spec.key)
        stored = database.execute(f"select {', '.join(names)} from {spec.name} order by {order}").fetchall()
        rows = sorted(
            (row for year in years for row in year[spec.name]), key=lambda r, key=spec.key: [r[k] for k in key]
        )
        flat = [tuple(float(v) if isinstance(v, Decimal) else v for v in map(row.get, names)) for row in rows]
        assert stored == flat, spec.name


def test_two_years_stand_side_by_side(database):
    assert database.execute("select 年度, count(*) from documents group by 年度").fetchall() == [(2026, 3), (2027, 1)]
    assert database.execute("select 年度, count(*) from expenditure_by_function group by 年度").fetchall() == [
        (2026, 21),
        (2027, 7),
    ]
    assert _value(database, "select count(*) from units") == 3
    assert _value(database, "select count(*) from functional_codes where 科目编码 = '2060301'") == 1


def test_the_same_packages_give_the_same_bytes(path, packages, specs, tmp_path):
    load(packages, tmp_path / "again.db", specs)
    assert (tmp_path / "again.db").read_bytes() == path.read_bytes()


def test_the_counts_are_those_of_the_file(database, packages, specs, tmp_path):
    counts = load(packages, tmp_path / "budget.db", specs).rows
    assert counts == {s.name: _value(database, f"select count(*) from {s.name}") for s in specs.every_table()}


BROKEN = {
    "reference": (lambda rows: rows["t03_expenditure"][4].update(单位="450200-999999"), "DATABASE-REFERENCE"),
    "key": (lambda rows: rows["documents"].append(dict(rows["documents"][0])), "DATABASE-ROW"),
    "type": (lambda rows: rows["t03_expenditure"][4].update(合计="一千"), "DATABASE-ROW"),
    "nothing": (lambda rows: rows["documents"][0].update(标题=None), "DATABASE-ROW"),
}


@pytest.mark.parametrize(("damage", "code"), BROKEN.values(), ids=BROKEN)
def test_a_broken_row_leaves_the_old_file(sample, specs, tmp_path, damage, code):
    target = tmp_path / "budget.db"
    target.write_bytes(b"old")
    damage(sample)
    with pytest.raises(PackageError) as caught:
        load_database(target, [sample], specs)
    assert {problem.code for problem in caught.value.problems} == {code}
    assert all("没有改动" in problem.message and problem.hint for problem in caught.value.problems)
    assert caught.value.exit_code == 4
    assert target.read_bytes() == b"old"
    assert _names(tmp_path) == ["budget.db"]


@pytest.mark.parametrize("tail", ["-wal", "-journal"])
def test_a_database_somebody_writes_is_left_alone(sample, specs, tmp_path, tail):
    target = tmp_path / "budget.db"
    target.write_bytes(b"old")
    (tmp_path / f"budget.db{tail}").write_bytes(b"x")
    with pytest.raises(HostError, match="DATABASE-BUSY"):
        load_database(target, [sample], specs)
    assert target.read_bytes() == b"old"


def test_readers_of_the_old_file_go_on_reading_it(sample, specs, tmp_path):
    target = tmp_path / "budget.db"
    load_database(target, [{name: [] for name in sample}], specs)
    reader = sqlite3.connect(f"file:{target}?mode=ro", uri=True)
    load_database(target, [sample], specs)
    assert _value(reader, "select count(*) from documents") == 0
    reader.close()


@pytest.mark.parametrize("existing", [True, False], ids=["over an old file", "for the first time"])
def test_killed_at_any_moment_the_file_is_old_or_new(packages, specs, tmp_path, existing):
    """Kill -9 at many steps of the load, at every one of the last steps, where the new file takes its place."""
    load(packages / "2027", tmp_path / "new.db", specs)
    old, new = (b"old" if existing else None), (tmp_path / "new.db").read_bytes()
    command = [sys.executable, "-c", _DYING, packages / "2027", tmp_path / "runs", "old" if existing else ""]
    runs = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    folders = [tmp_path / "runs" / run for run in runs]
    files = [folder / "budget.db" for folder in folders]
    assert len(files) > 15
    found = [file.read_bytes() if file.exists() else None for file in files]
    assert set(found) == {old, new}
    assert found == sorted(found, key=lambda data: data == new), "old up to one step, new ever after"
    halves = [folder for folder in folders if any(name.startswith(".") for name in _names(folder))]
    assert halves, "no moment was in the middle"
    for folder in (halves[0], halves[-1]):
        load(packages / "2027", folder / "budget.db", specs)
        assert _names(folder) == ["budget.db"], "the next run sweeps"
        assert (folder / "budget.db").read_bytes() == new


#: Runs `yusuan load` again and again, killed at a later step each time: an SQL statement, or a call that writes.
_DYING = """
import os, sqlite3, sys, tempfile
from pathlib import Path
from yusuan import cli, spec
package, root, old = sys.argv[1:]
specs = spec.load_specs()
cli.load_specs = lambda: specs  # once for all runs
seen = tick = 0

def step(*_):
    global seen
    seen += 1
    if seen == tick:
        os.kill(os.getpid(), 9)

def stepping(real):
    def call(*args, **kwargs):
        step()
        result = real(*args, **kwargs)
        step()
        return result
    return call

def connect(*args, real=sqlite3.connect):
    connection = real(*args)
    connection.set_trace_callback(step)
    return connection

def run(name, at):
    global tick
    folder = Path(root, name)
    folder.mkdir(parents=True)
    if old:
        (folder / "budget.db").write_text(old)
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    tick = at
    sys.argv = ["yusuan", "load", package, "--db", str(folder / "budget.db")]
    sys.stdout = sys.stderr = open(os.devnull, "w")
    sqlite3.connect = connect
    for owner, called in ((tempfile, "mkstemp"), (Path, "chmod"), (os, "fsync"), (Path, "replace"), (Path, "unlink")):
        setattr(owner, called, stepping(getattr(owner, called)))
    try:
        cli.main()
    finally:
        (folder / "steps").write_text(str(seen))
        os._exit(0)

assert run("whole", 0) == 0
steps = int(Path(root, "whole", "steps").read_text())
for at in sorted({*range(1, steps, steps // 8), *range(steps - 10, steps + 1)}):
    assert run(f"at{at}", at) == 9, at
    print(f"at{at}")
"""


def test_in_a_large_table_counting_under_a_filter_needs_the_index_alone(packages, specs, monkeypatch, tmp_path):
    monkeypatch.setattr("yusuan.database._LARGE", 1)
    load(packages, tmp_path / "large.db", specs)
    spec = specs.subjects["expenditure_by_function"]
    with closing(sqlite3.connect(tmp_path / "large.db")) as connection:
        for facet in (field.name for field in spec.fields if field.facet):
            counted = f'select "{facet}", count(*) from (select * from {spec.name} where 年度 = 2026) where "{facet}" is not null group by 1'
            plan = " ".join(row[3] for row in connection.execute(f"explain query plan {counted}"))
            assert "COVERING INDEX" in plan, (facet, plan)
        ordered = f'select * from {spec.name} order by "{spec.presentation["sort_desc"]}" desc, 键 limit 101'
        plan = " ".join(row[3] for row in connection.execute(f"explain query plan {ordered}"))
        assert "TEMP B-TREE" not in plan
