"""Old or new, never a half: writing under failures injected at every step, leftovers, and the lock."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from yusuan.errors import HostError
from yusuan.files import locked, recover, replacing_file, replacing_folder, undisturbed

OLD, NEW = {"a.csv": "old", "deep/b.csv": "old"}, {"a.csv": "new", "deep/c.csv": "new"}


class _Machine:
    """Counts the calls that write, and makes the chosen ones fail."""

    def __init__(self, monkeypatch, failing):
        self.failing, self.calls = failing, 0
        for owner, name in ((os, "fsync"), (Path, "rename"), (Path, "replace"), (Path, "chmod")):
            monkeypatch.setattr(owner, name, self._wrap(getattr(owner, name)))

    def _wrap(self, real):
        def call(*args, **kwargs):
            self.calls += 1
            if self.calls in self.failing:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(*args, **kwargs)

        return call


def _fill(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def _files(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def _names(folder):
    return sorted(path.name for path in folder.iterdir())


def _replace_file(target):
    with replacing_file(target) as beside:
        beside.write_text("new")


def _replace_folder(target):
    with replacing_folder(target) as beside:
        _fill(beside, NEW)


def _steps(tmp_path_factory, replace, prepare):
    """Return how many calls that write one undisturbed replacement makes."""
    folder = tmp_path_factory.mktemp("count")
    prepare(folder)
    with pytest.MonkeyPatch.context() as patch:
        machine = _Machine(patch, failing=())
        replace(folder / "target")
    return machine.calls


def test_a_file_is_replaced(tmp_path):
    (tmp_path / "target").write_text("old")
    _replace_file(tmp_path / "target")
    assert _names(tmp_path) == ["target"]
    assert (tmp_path / "target").read_text() == "new"
    assert (tmp_path / "target").stat().st_mode & 0o777 == 0o644


def test_a_file_survives_the_failure_of_each_step(tmp_path_factory, tmp_path):
    steps = _steps(tmp_path_factory, _replace_file, lambda folder: (folder / "target").write_text("old"))
    assert steps >= 4  # chmod, flush, rename, flush of the folder
    for number in range(1, steps + 1):
        target = tmp_path / str(number) / "target"
        target.parent.mkdir()
        target.write_text("old")
        with pytest.MonkeyPatch.context() as patch:
            _Machine(patch, {number})
            with pytest.raises(HostError, match="磁盘已满"):
                _replace_file(target)
        assert target.read_text() == ("new" if number == steps else "old"), number
        assert _names(target.parent) == ["target"]


def test_what_fails_in_the_body_leaves_the_file_alone(tmp_path):
    target = tmp_path / "target"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError), replacing_file(target) as beside:
        beside.write_text(str(1 // 0))
    assert target.read_text() == "old"
    assert _names(tmp_path) == ["target"]


def test_a_folder_is_replaced_whole(tmp_path):
    _fill(tmp_path / "target", OLD)
    _replace_folder(tmp_path / "target")
    assert _files(tmp_path / "target") == NEW
    assert _names(tmp_path) == ["target"]


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "from then on"])
def test_a_folder_survives_the_failure_of_each_step(tmp_path_factory, tmp_path, lasting):
    """Whatever step fails, once or for good, the folder is old or new at the latest after `recover`."""
    steps = _steps(tmp_path_factory, _replace_folder, lambda folder: _fill(folder / "target", OLD))
    assert steps >= 8
    for number in range(1, steps + 1):
        target = tmp_path / str(number) / "target"
        _fill(target, OLD)
        with pytest.MonkeyPatch.context() as patch:
            _Machine(patch, set(range(number, 1000)) if lasting else {number})
            with pytest.raises(HostError, match="磁盘已满"):
                _replace_folder(target)
        if not lasting:
            assert _files(target) in (OLD, NEW), number
        recover(target)
        assert _files(target) in (OLD, NEW), number
        assert _names(target.parent) == ["target"], number


def test_a_failed_rename_puts_the_old_folder_back_at_once(tmp_path_factory, tmp_path):
    """The message says that nothing changed, so nothing may have."""
    steps = _steps(tmp_path_factory, _replace_folder, lambda folder: _fill(folder / "target", OLD))
    _fill(tmp_path / "target", OLD)
    with pytest.MonkeyPatch.context() as patch:
        _Machine(patch, {steps - 1})  # the new folder cannot take its place
        with pytest.raises(HostError, match="原有文件没有改动"):
            _replace_folder(tmp_path / "target")
    assert _files(tmp_path / "target") == OLD


def test_recover_puts_back_what_was_moved_aside(tmp_path):
    _fill(tmp_path / ".yusuan-old-target", OLD)
    _fill(tmp_path / ".yusuan-new-target-x1", NEW)
    recover(tmp_path / "target")
    assert _files(tmp_path / "target") == OLD
    assert _names(tmp_path) == ["target"]


def test_recover_keeps_what_had_arrived(tmp_path):
    _fill(tmp_path / ".yusuan-old-target", OLD)
    _fill(tmp_path / "target", NEW)
    recover(tmp_path / "target")
    assert _files(tmp_path / "target") == NEW
    assert _names(tmp_path) == ["target"]


def test_recover_touches_nothing_of_others(tmp_path):
    _fill(tmp_path / ".yusuan-new-2026.10-x1", OLD)
    _fill(tmp_path / "2026.1", NEW)
    recover(tmp_path / "2026.1")
    assert _names(tmp_path) == [".yusuan-new-2026.10-x1", "2026.1"]


def test_leftovers_of_dead_writers_are_swept_and_those_of_living_ones_stay(tmp_path):
    child = multiprocessing.get_context("spawn").Process(target=int)
    child.start()
    child.join()
    dead = tmp_path / f".yusuan-new-target-{child.pid}-x1"
    living = tmp_path / f".yusuan-new-target-{os.getppid()}-x2"
    foreign = tmp_path / ".yusuan-new-other-1-x3"
    for path in (dead, living, foreign):
        path.write_text("half")
    _replace_file(tmp_path / "target")
    assert _names(tmp_path) == sorted([living.name, foreign.name, "target"])


def test_one_writer_at_a_time(tmp_path):
    with locked(tmp_path / "out"):
        with pytest.raises(HostError, match=f"pid {os.getpid()}") as caught, locked(tmp_path / "out"):
            pytest.fail("two writers")
        assert caught.value.exit_code == 5
        assert caught.value.problems[0].code == "LOCKED"
    with locked(tmp_path / "out"):  # and free again
        pass


def test_readers_wait_for_no_reader_and_refuse_a_writer(tmp_path):
    with locked(tmp_path), pytest.raises(HostError, match="LOCKED"), undisturbed(tmp_path):
        pytest.fail("read while somebody wrote")
    with undisturbed(tmp_path), undisturbed(tmp_path), pytest.raises(HostError, match="LOCKED"), locked(tmp_path):
        pytest.fail("wrote while somebody read")


def test_reading_writes_nothing(tmp_path):
    with undisturbed(tmp_path):
        assert _names(tmp_path) == []
    with undisturbed(tmp_path / "nowhere"):
        assert not (tmp_path / "nowhere").exists()


def test_reading_mends_first_what_was_interrupted(tmp_path):
    _fill(tmp_path / ".yusuan-old-2026", OLD)
    with undisturbed(tmp_path):
        assert _files(tmp_path / "2026") == OLD


def test_the_lock_of_a_killed_process_is_free(tmp_path):
    context = multiprocessing.get_context("spawn")
    started = context.Event()
    child = context.Process(target=_hold, args=(tmp_path, started))
    child.start()
    assert started.wait(60)
    with pytest.raises(HostError, match=f"pid {child.pid}"), locked(tmp_path):
        pytest.fail("two writers")
    child.kill()
    child.join()
    with locked(tmp_path):
        pass


def _hold(folder, started):
    with locked(folder):
        started.set()
        signal.pause()  # until killed
