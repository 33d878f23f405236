"""The annual release: a gate that refuses, a folder that is whole or not there, and bytes anyone can check."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from yusuan.errors import PackageError, ReleaseError, UsageError
from yusuan.files import locked
from yusuan.package import package_tables
from yusuan.release import MANIFEST, Wishes, publish
from yusuan.site.metadata import metadata_yaml
from yusuan.workflow import convert, validate

GATES = [
    "valid", "checked", "agrees", "fresh", "personal", "sourced", "counted", "coded", "committed", "locked",
]  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory, specs, sample_path):
    """Return the folder of the sample's packages."""
    out = tmp_path_factory.mktemp("release") / "datapackage"
    convert([sample_path], out, specs)
    shutil.copytree(sample_path.parent, out / "sources")
    return out


@pytest.fixture(scope="module")
def released(root, specs):
    """Return the first release of the sample."""
    return publish(2026, root, root.parent / "releases", specs)


@pytest.fixture
def wrong(tmp_path, specs, sample_text):
    """Return a folder with the package of a document that does not add up."""
    path = tmp_path / "wrong.md"
    path.write_text(
        sample_text.replace("住房公积金\t77.04\t77.04\t0.00\t0.00", "住房公积金\t99.04\t77.04\t0.00\t0.00"), "utf-8"
    )
    assert convert([path], tmp_path / "wrong", specs).exit_code == 1
    (tmp_path / "wrong" / "sources").mkdir()
    shutil.copy(path, tmp_path / "wrong" / "sources")
    return tmp_path / "wrong"


def _bytes(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _visible(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_a_release_holds_everything_and_nothing_else(released, root, specs):
    tables = [spec.name for spec in specs.every_table()]
    found = set(_bytes(released.folder))
    top = {name for name in found if "/" not in name}
    assert top == {
        "report.md", "findings.json", "datapackage.json", "datapackage-2026.1.zip", "budget.db", "metadata.yml",
        "budget.xlsx", "RELEASE_NOTES.md", "CHANGELOG.md", "CHANGES.md", "changes.csv", "changes.json", "LICENSE.md",
        "data-dictionary.md", "provenance.csv", "dcat.jsonld", "schema.jsonld", "croissant.json",
        "ro-crate-metadata.json", "CITATION.cff", "manifest.json", MANIFEST,
    }  # fmt: skip
    assert {name for name in found if name.startswith("data/")} == {f"data/{s.name}.csv" for s in package_tables(specs)}
    assert {name for name in found if name.startswith("csv/")} == {f"csv/{name}.csv" for name in specs.subjects}
    assert {name for name in found if name.startswith("excel/")} == {f"excel/{name}.csv" for name in tables}
    assert {name.split("/")[1] for name in found if name.startswith("parquet/")} == set(tables)
    assert len({name for name in found if name.startswith("parquet/")}) == len(tables)
    assert {name for name in found if name.startswith("api/")} == {
        "api/v1/index.json",
        "api/v1/units/450200-405003/2026.json",
    }
    assert len({name for name in found if name.startswith("sources/")}) == 1
    assert {"site/index.html", "site/unit/450200-405003/index.html", "site/search/index.js"} <= found
    assert found == set(released.files)
    assert "次正式发布" not in (released.folder / "site/index.html").read_text("utf-8")
    assert (released.version, released.folder) == ("2026.1", root.parent / "releases" / "2026.1")
    assert [gate.name for gate in released.gates] == GATES
    assert not released.blocked


def test_its_checksums_hold_for_everybody(released):
    subprocess.run(["sha256sum", "--strict", "-c", MANIFEST], cwd=released.folder, check=True, capture_output=True)
    names = [line.split("  ")[1] for line in (released.folder / MANIFEST).read_text().splitlines()]
    assert names == sorted(set(_bytes(released.folder)) - {MANIFEST})


def test_a_changed_byte_shows_in_the_checksums(released, tmp_path):
    copy = shutil.copytree(released.folder, tmp_path / "copy")
    data = bytearray((copy / "budget.db").read_bytes())
    data[-1] ^= 1
    (copy / "budget.db").write_bytes(data)
    told = subprocess.run(["sha256sum", "-c", MANIFEST], cwd=copy, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "budget.db: FAILED" in told.stdout


def test_its_package_is_the_package(released, root, specs):
    package = _bytes(root / "2026")
    assert {name: data for name, data in _bytes(released.folder).items() if name in package} == package
    assert validate(released.folder, specs).exit_code == 0
    with zipfile.ZipFile(released.folder / "datapackage-2026.1.zip") as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == package
        assert archive.namelist() == sorted(package)
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.external_attr >> 16 for info in archive.infolist()} == {0o644}


def test_its_database_and_metadata_belong_to_it(released, specs):
    connection = sqlite3.connect(released.folder / "budget.db")
    assert connection.execute("select sum(合计_分) from expenditure_by_function").fetchone() == (1_117_750_000,)
    assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    connection.close()
    assert (released.folder / "metadata.yml").read_text("utf-8") == metadata_yaml(specs)


def test_its_notes_say_what_is_in_it(released, root):
    notes = (released.folder / "RELEASE_NOTES.md").read_text("utf-8")
    with (root / "2026" / "data" / "documents.csv").open(encoding="utf-8", newline="") as file:
        (document,) = csv.DictReader(file)
    for part in ("2026.1", document["标题"], document["sha256"], "sha256sum -c SHA256SUMS"):
        assert part in notes
    assert all(gate.title in notes for gate in released.gates)
    with (root / "2026" / "data" / "findings.csv").open(encoding="utf-8", newline="") as file:
        warnings = sum(row["严重程度"] == "warning" for row in csv.DictReader(file))
    assert re.search(rf"错误 0 个，警告 {warnings} 个", notes)


def test_the_next_release_gets_the_next_number_and_leaves_the_first_alone(root, specs, tmp_path):
    first = publish(2026, root, tmp_path / "releases", specs)
    before = _bytes(first.folder)
    second = publish(2026, root, tmp_path / "releases", specs)
    assert (first.version, second.version) == ("2026.1", "2026.2")
    assert _bytes(first.folder) == before
    after = _bytes(second.folder)
    assert after["datapackage-2026.2.zip"] == before["datapackage-2026.1.zip"]
    formats = ("data/", "csv/", "excel/", "parquet/", "sources/", "budget.db")
    for name in (name for name in before if name.startswith(formats)):
        assert after[name] == before[name], name
    link = json.loads(after["manifest.json"])["previous"]
    assert link == {"version": "2026.1", "sha256sums": hashlib.sha256(before[MANIFEST]).hexdigest()}
    assert second.previous == "2026.1"
    assert "没有改变" in second.changes
    log = after["CHANGELOG.md"].decode()
    assert log.index("## 2026.2") < log.index("## 2026.1")
    assert log.endswith(before["CHANGELOG.md"].decode().split("不再改动。\n", 1)[1])


def test_numbers_go_on_after_nine(root, specs, tmp_path):
    for taken in ("2026.2", "2026.9", "2026.10", "2025.30", "2026.x"):
        (tmp_path / taken).mkdir()
    assert publish(2026, root, tmp_path, specs, Wishes(dry_run=True)).version == "2026.11"


def test_a_release_elsewhere_is_the_same_to_the_byte(released, root, specs, tmp_path):
    again = publish(2026, root, tmp_path / "other", specs)
    assert _bytes(again.folder) == _bytes(released.folder)


def test_a_rehearsal_writes_nothing(root, specs, tmp_path):
    before = _bytes(root)
    rehearsed = publish(2026, root, tmp_path / "releases", specs, Wishes(dry_run=True))
    assert (rehearsed.version, rehearsed.folder, rehearsed.files) == ("2026.1", None, ())
    assert [gate.name for gate in rehearsed.gates] == GATES
    assert not (tmp_path / "releases").exists()
    assert _bytes(root) == before


def test_errors_block(wrong, specs, tmp_path):
    with pytest.raises(ReleaseError) as caught:
        publish(2026, wrong, tmp_path / "releases", specs)
    (problem,) = caught.value.problems
    assert problem.code == "GATE-REFUSED"
    assert "没有未解决的错误" in problem.message
    assert "住房公积金" in problem.found or "表3" in problem.found
    assert "--dry-run" in problem.hint
    assert caught.value.exit_code == 1
    assert not (tmp_path / "releases").exists()
    gates = publish(2026, wrong, tmp_path / "releases", specs, Wishes(dry_run=True)).gates
    assert [gate.name for gate in gates if not gate.passed] == ["agrees"]
    assert "T03-ROW" in {problem.code for gate in gates for problem in gate.problems}


def test_an_invalid_package_blocks(root, specs, tmp_path):
    copy = shutil.copytree(root, tmp_path / "datapackage")
    path = copy / "2026" / "data" / "t03_expenditure.csv"
    path.write_text(path.read_text("utf-8").replace("751.44", "751.45"), "utf-8")
    with pytest.raises((ReleaseError, PackageError)) as caught:
        publish(2026, copy, tmp_path / "releases", specs)
    assert "校验" in str(caught.value)
    assert not (tmp_path / "releases").exists()
    (gate,) = publish(2026, copy, tmp_path / "releases", specs, Wishes(dry_run=True)).gates
    assert (gate.name, gate.passed) == ("valid", False)
    assert any(problem.source == str(path) for problem in gate.problems)


def test_a_year_that_is_not_there(root, specs, tmp_path):
    with pytest.raises(UsageError) as caught:
        publish(1999, root, tmp_path, specs)
    assert caught.value.problems[0].code == "PACKAGE-MISSING"
    assert str(root / "1999") in caught.value.problems[0].hint


def test_somebody_else_is_publishing(root, specs, tmp_path):
    with locked(tmp_path / "releases"), pytest.raises(Exception, match="LOCKED"):
        publish(2026, root, tmp_path / "releases", specs)
    assert _visible(tmp_path / "releases") == []


def test_json_ready(released):
    data = json.loads(json.dumps(released.as_dict(), ensure_ascii=False))
    assert set(data) == {
        "version", "date", "previous", "changes", "blocked", "gates", "formats", "files", "folder",
    }  # fmt: skip
    assert set(data["gates"][0]) == {"name", "title", "required", "passed", "notes", "hint", "remarks", "problems"}


#: Publishes again and again, killed at a later step each time; a step is a call that touches the disk.
_DYING = """
import os, shutil, sys, tempfile, zipfile
import pyarrow.parquet as pq
from pathlib import Path
from yusuan import release, spec
from yusuan.publishing import gates
root, out = map(Path, sys.argv[1:])
specs = spec.load_specs()
gates.validate_package = lambda *_: []  # the gate writes nothing
seen = tick = 0

def stepping(real):
    def call(*args, **kwargs):
        global seen
        seen += 1
        if seen == tick:
            os.kill(os.getpid(), 9)
        return real(*args, **kwargs)
    return call

def run(name, at):
    global tick
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    tick = at
    writing = [(shutil, "copyfile"), (zipfile.ZipFile, "writestr"), (pq, "write_table"), (os, "fsync"), (tempfile, "mkdtemp"), (tempfile, "mkstemp")]
    for owner, called in writing + [(Path, name) for name in ("rename", "replace", "write_text", "mkdir", "chmod")]:
        setattr(owner, called, stepping(getattr(owner, called)))
    release.publish(2026, root, out / name, specs)
    (out / "steps").write_text(str(seen))
    os._exit(0)

out.mkdir()
assert run("whole", 0) == 0
steps = int((out / "steps").read_text())
for at in sorted({*range(2, steps, steps // 5), *range(steps - 4, steps + 1)}):
    assert run(f"at{at}", at) == 9, at
    print(f"at{at}")
"""


def test_killed_at_any_moment_no_half_release_is_visible(root, specs, tmp_path):
    command = [sys.executable, "-W", "ignore", "-c", _DYING, root, tmp_path / "runs"]
    runs = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    whole = _bytes(tmp_path / "runs" / "whole" / "2026.1")
    seen = []
    for run in runs:
        folder = tmp_path / "runs" / run
        visible = _visible(folder) if folder.exists() else []
        assert visible in ([], ["2026.1"]), run
        assert not visible or _bytes(folder / "2026.1") == whole, run
        seen.append(bool(visible))
    assert seen == sorted(seen)
    assert set(seen) == {False, True}, "the moments were badly chosen"
    last = tmp_path / "runs" / runs[seen.index(True) - 1]
    assert any(path.name.startswith(".yusuan-new-") for path in last.iterdir())
    assert publish(2026, root, last, specs).version == "2026.1"
    assert _bytes(last / "2026.1") == whole
    assert [path.name for path in last.iterdir() if path.name.startswith(".yusuan-new-")] == []


def test_published_files_do_not_depend_on_this_place(released):
    for name in ("RELEASE_NOTES.md", "datapackage.json", "metadata.yml", MANIFEST):
        assert str(Path.home()) not in (released.folder / name).read_text("utf-8")
        assert str(released.folder.parent) not in (released.folder / name).read_text("utf-8")
