"""A release is made of what is in it: another day, place, account or language of the machine makes the same bytes."""

from __future__ import annotations

import ast
import hashlib
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from yusuan.workflow import convert

YUSUAN = Path(sys.executable).parent / "yusuan"
SCRIPTS = Path(__file__).resolve().parents[1] / "scripts" / "yusuan"
#: What asks the machine for the day, by the last two names of the call.
_CLOCKS = {
    "datetime.now", "datetime.today", "datetime.utcnow", "date.today", "time.time", "time.time_ns", "time.localtime",
    "time.gmtime", "time.strftime", "time.ctime", "time.asctime",
}  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory, specs, sample_path):
    """Return the folder of the sample's packages."""
    out = tmp_path_factory.mktemp("rebuilt") / "datapackage"
    convert([sample_path], out, specs)
    shutil.copytree(sample_path.parent, out / "sources")
    return out


def _publish(root, umask, machine, prefix=()):
    """Publish in a process of its own, where `machine` is all that the environment says."""
    said = {"PATH": os.environ["PATH"], "PYTHONWARNINGS": "ignore", **machine}
    command = [*prefix, YUSUAN, "publish", "2026", "--package", root, "--out", "releases"]
    subprocess.run(command, cwd=root.parent, env=said, umask=umask, check=True, capture_output=True)
    return root.parent / "releases" / "2026.1"


def _sums(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def two(root, tmp_path_factory):
    """Return one release made twice: here, and in a deeper folder by a stricter account elsewhere in the world."""
    here = _publish(root, 0o022, {"TZ": "UTC", "LC_ALL": "C.UTF-8", "HOME": "/root", "PYTHONHASHSEED": "0"})
    deep = tmp_path_factory.mktemp("rebuilt") / "one more" / "级" / "datapackage"
    deep.parent.mkdir(parents=True)
    shutil.copytree(root, deep, ignore=shutil.ignore_patterns(".yusuan*"))
    machine = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "HOME": str(deep.parent), "PYTHONHASHSEED": "4242"}
    day = () if shutil.which("faketime") is None else ("faketime", "2031-02-03 23:59:30")
    return here, _publish(deep, 0o077, machine, day), bool(day)


def test_another_machine_makes_the_same_bytes(two):
    here, there, _ = two
    first, second = _sums(here), _sums(there)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    assert any(name.startswith("site/") for name in first)


def test_another_day_makes_the_same_bytes(two):
    here, there, faked = two
    if not faked:
        pytest.skip(
            "the program faketime is not installed here (Debian: apt install faketime), so the day cannot be faked"
        )
    assert (here / "SHA256SUMS").read_bytes() == (there / "SHA256SUMS").read_bytes()


def test_everybody_may_read_what_a_strict_account_published(two):
    _, there, _ = two
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [there, *there.rglob("*")]}
    assert {path: mode for path, mode in modes.items() if mode != (0o755 if path.is_dir() else 0o644)} == {}


def _asked(tree):
    """Return the calls of a clock in a module: what is called, as the last two names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ".".join(ast.unparse(node.func).split(".")[-2:])
            if called in _CLOCKS:
                yield called, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            yield f"from time import {', '.join(name.name for name in node.names)}", node.lineno


def test_the_search_for_clocks_finds_one():
    tree = ast.parse(
        "import datetime as dt\nimport time\na = dt.datetime.now(dt.UTC)\nb = time.time()\nfrom time import time"
    )
    assert {line for _, line in _asked(tree)} == {3, 4, 5}


@pytest.mark.parametrize("part", ["publishing", "static"])
def test_nothing_that_writes_a_release_asks_for_the_day(part):
    modules = sorted((SCRIPTS / part).glob("*.py"))
    found = {path.name: list(_asked(ast.parse(path.read_text("utf-8")))) for path in [*modules, SCRIPTS / "release.py"]}
    assert len(found) > 3
    assert {name: calls for name, calls in found.items() if calls} == {}
