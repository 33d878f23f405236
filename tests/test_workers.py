"""One process a document: results in any order with their index, and no child takes the run with it."""

from __future__ import annotations

import mmap
import os
import signal
import time
from pathlib import Path

import pytest

from yusuan.errors import Problem
from yusuan.workers import Limits, Pool

LIMITS = Limits(memory=1 << 30, seconds=1, seconds_per_megabyte=0)


def paths(*names):
    return [Path(name) for name in names]


def name_of(path):
    time.sleep(0.3 if path.name == "slow" else 0)
    return path.name


def trouble(path):
    if path.name == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if path.name == "hang":
        time.sleep(60)
    if path.name == "spin":
        while True:
            pass
    if path.name == "eat":
        return len(bytes(2 << 30))
    if path.name == "raise":
        raise ZeroDivisionError
    return path.name


def test_every_file_has_its_result():
    names = [f"{i}" for i in range(9)]
    assert sorted(Pool(name_of, 3).run(paths(*names))) == list(enumerate(names))


def test_one_worker_keeps_the_order():
    assert list(Pool(name_of).run(paths("slow", "b", "c"))) == [(0, "slow"), (1, "b"), (2, "c")]


def test_workers_run_at_the_same_time():
    results = list(Pool(name_of, 2).run(paths("slow", "b", "c")))
    assert results[-1] == (0, "slow")


@pytest.mark.parametrize(
    ("name", "reason"),
    [("crash", "退出码 -11"), ("hang", "超过时限"), ("spin", "时限"), ("eat", "内存不足"), ("raise", "出错")],
)
@pytest.mark.usefixtures("capfd")
def test_a_child_that_fails_is_a_problem_and_the_others_go_on(name, reason):
    began = time.monotonic()
    results = dict(Pool(trouble, 2, LIMITS).run(paths("a", name, "b")))
    assert (results[0], results[2]) == ("a", "b")
    assert isinstance(results[1], Problem)
    assert results[1].code == "READER-BROKE-OFF"
    assert reason in results[1].found
    assert time.monotonic() - began < 10


def test_larger_files_may_take_longer_none_for_ever(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(bytes(1 << 20))
    assert Limits().time_for(path) == 90
    assert Limits(seconds_per_megabyte=10**6).time_for(path) == 900
    assert Limits().time_for(tmp_path / "none") == 60


def test_what_the_parent_has_mapped_is_not_charged_to_the_document(tmp_path):
    """A large program that reads a document gives it as much room as a small one does."""
    with mmap.mmap(-1, 2 << 30):
        pool = Pool(lambda _path: len(bytearray(64 << 20)), 1, Limits(memory=256 << 20, seconds=20))
        assert dict(pool.run([tmp_path / "a"])) == {0: 64 << 20}
