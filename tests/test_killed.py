"""Killed at any moment, or two at once: a release is there whole or not at all, and the next run mends the rest."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys

import pytest

from generator.neighbours import write_neighbours
from yusuan.files import locked
from yusuan.workflow import convert

#: One process imports everything; each run is a fork of it that the clock of its parent kills. The static site only adds
#: files beside the others and is left out, and so is the validation, which writes nothing.
_RUNS = """
import json, os, random, signal, sys, time
from pathlib import Path
from yusuan import release, spec
from yusuan.errors import HostError
from yusuan.publishing import gates
root, out, year, moments = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
specs = spec.load_specs()
gates.validate_package = lambda *_: []
release.FORMATS = tuple(item for item in release.FORMATS if item.name != "site")

def start(folder, wait=0.0):
    child = os.fork()
    if child:
        return child
    time.sleep(wait)
    try:
        release.publish(year, root, folder, specs)
    except HostError as error:
        (out / f"refused-{os.getpid()}").write_text(str(error))
        os._exit(5)
    os._exit(0)

def ended(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

began = time.monotonic()
assert ended(start(out / "whole")) == 0
lasted = time.monotonic() - began
chance = random.Random(405)
told = []
for number in range(moments):
    folder = out / f"killed{number}"
    child = start(folder)
    time.sleep(lasted * (number + chance.random()) / moments)
    os.kill(child, signal.SIGKILL)
    visible = sorted(p.name for p in folder.glob("[!.]*")) if folder.exists() else []
    told.append({"folder": folder.name, "code": ended(child), "visible": visible})
both = [start(out / "both") for _ in range(2)]
codes = [ended(child) for child in both]
print(json.dumps({"killed": told, "both": codes, "pids": both}))
"""
_MOMENTS = 20


@pytest.fixture(scope="module")
def ran(tmp_path_factory, specs):
    """Return a small package, what became of the runs, and the folder where."""
    home = tmp_path_factory.mktemp("killed")
    (home / "texts").mkdir()
    (home / "runs").mkdir()
    text = min(write_neighbours(home / "texts", specs), key=lambda path: path.stat().st_size)
    convert([text], home / "datapackage", specs)
    (home / "datapackage" / "sources").mkdir()
    shutil.copy(text, home / "datapackage" / "sources")
    (year,) = (path.name for path in (home / "datapackage").glob("20*"))
    command = [sys.executable, "-W", "ignore", "-c", _RUNS, home / "datapackage", home / "runs", year, str(_MOMENTS)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return home, f"{year}.1", json.loads(run.stdout)


def _sums(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_killed_at_random_moments_a_release_is_whole_or_not_there(ran):
    home, version, told = ran
    whole = _sums(home / "runs" / "whole" / version)
    assert len(told["killed"]) == _MOMENTS
    assert sum(run["code"] == -9 for run in told["killed"]) >= _MOMENTS // 2, "the moments were badly chosen"
    left = 0
    for run in told["killed"]:
        folder = home / "runs" / run["folder"]
        assert run["visible"] in ([], [version])
        if (folder / version).exists():
            assert _sums(folder / version) == whole
        left += folder.exists() and any(folder.glob(".yusuan-new-*"))
    assert left, "no run was killed while it wrote"


_AGAIN = """
import sys
from pathlib import Path
from yusuan import release, spec
from yusuan.publishing import gates
specs = spec.load_specs()
gates.validate_package = lambda *_: []
release.FORMATS = tuple(item for item in release.FORMATS if item.name != "site")
for folder in sys.argv[3:]:
    release.publish(int(sys.argv[2]), Path(sys.argv[1]), Path(folder), specs)
"""


def test_the_next_run_makes_the_same_bytes_and_sweeps(ran):
    home, version, told = ran
    whole = _sums(home / "runs" / "whole" / version)
    stopped = [home / "runs" / run["folder"] for run in told["killed"] if run["code"] == -9 and not run["visible"]]
    littered = [folder for folder in stopped if folder.exists() and any(folder.glob(".yusuan-new-*"))][:4]
    assert littered
    command = [sys.executable, "-W", "ignore", "-c", _AGAIN, home / "datapackage", version.split(".")[0], *littered]
    subprocess.run(command, check=True, capture_output=True)
    for folder in littered:
        assert sorted(path.name for path in folder.iterdir()) == [".yusuan-lock", version]
        assert _sums(folder / version) == whole
        with locked(folder):
            pass


def test_two_at_once_never_mix(ran):
    home, version, told = ran
    folder = home / "runs" / "both"
    made = sorted(path.name for path in folder.glob("[!.]*"))
    refusals = [path.read_text("utf-8") for path in (home / "runs").glob("refused-*")]
    assert sorted(told["both"]) in ([0, 0], [0, 5])
    assert len(made) == told["both"].count(0) == 2 - len(refusals)
    assert made[0] == version
    assert _sums(folder / version) == _sums(home / "runs" / "whole" / version)
    for refusal in refusals:
        assert "LOCKED" in refusal
        assert any(f"pid {pid}" in refusal for pid in told["pids"])
