"""Pages read by several processes come back as if one had read them, errors and broken processes included."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from yusuan.reading import read
from yusuan.reading.shares import in_shares

HERE = os.getpid()


@pytest.fixture
def single_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count one thread: a test runner has another, which waits for messages and holds nothing."""
    monkeypatch.setattr(threading, "active_count", lambda: 1)


@pytest.fixture
def long_pdf(tmp_path: Path) -> Path:
    """Return a document of 25 pages, each with a line of its own and a table of four cells."""
    path = tmp_path / "long.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    for number in range(1, 26):
        canvas.drawString(72, 760, f"page number {number} of a long document")
        canvas.grid([72, 200, 400], [600, 630, 660])
        for x, y, value in ((80, 640, "total"), (210, 640, number), (80, 610, "part"), (210, 610, number / 4)):
            canvas.drawString(x, y, str(value))
        canvas.showPage()
    canvas.save()
    return path


def who(numbers: Sequence[int]) -> list[tuple[int, int]]:
    return [(number, os.getpid()) for number in numbers]


@pytest.mark.parametrize("count", [0, 1, 15, 16, 17, 40])
@pytest.mark.parametrize("processes", [1, 2, 3, 4, 9])
def test_every_number_comes_back_once_and_in_order(count: int, processes: int) -> None:
    assert [number for number, _ in in_shares(who, count, processes)] == list(range(1, count + 1))


@pytest.mark.usefixtures("single_thread")
def test_a_long_document_is_read_by_several_processes_and_a_short_one_by_this() -> None:
    assert len({pid for _, pid in in_shares(who, 40, 2)}) == 2
    assert {pid for _, pid in in_shares(who, 15, 2)} == {HERE}


def test_nothing_is_forked_beside_another_thread() -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert {pid for _, pid in in_shares(who, 40, 2)} == {HERE}
    finally:
        done.set()
        thread.join()


def killed_elsewhere(numbers: Sequence[int]) -> list[int]:
    if os.getpid() != HERE:
        os.kill(os.getpid(), signal.SIGKILL)
    return list(numbers)


@pytest.mark.usefixtures("single_thread")
def test_what_a_broken_process_should_have_read_is_read_here() -> None:
    assert in_shares(killed_elsewhere, 40, 2) == list(range(1, 41))


def refuses(numbers: Sequence[int]) -> list[int]:
    if 2 in numbers:
        raise ValueError(numbers[0])
    return list(numbers)


@pytest.mark.usefixtures("single_thread")
@pytest.mark.parametrize("first", [1, 2])
def test_an_error_is_raised_as_if_one_process_had_read_all(first: int) -> None:
    with pytest.raises(ValueError, match=r"^\d$"):
        in_shares(lambda numbers: refuses([number + 2 - first for number in numbers]), 40, 2)


def left() -> tuple[set[str], str]:
    """Return the open files and the children of this process."""
    files = {path.name for path in Path("/proc/self/fd").iterdir() if path.exists()}
    return files, Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text()


@pytest.mark.usefixtures("single_thread")
@pytest.mark.parametrize("task", [who, killed_elsewhere, refuses])
def test_no_process_and_no_pipe_is_left_behind(task: Callable[[Sequence[int]], list[object]]) -> None:
    before = left()
    with contextlib.suppress(ValueError):
        in_shares(task, 40, 2)
    assert left() == before


@pytest.mark.usefixtures("single_thread")
def test_a_document_reads_the_same_by_one_process_and_by_several(long_pdf: Path) -> None:
    assert read(long_pdf, 3) == read(long_pdf, 1)
