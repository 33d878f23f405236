"""A document that changes between two releases: the second release says exactly what changed, three times the same."""

from __future__ import annotations

import csv
import json
import shutil

import pytest

from yusuan import release
from yusuan.errors import ReleaseError
from yusuan.release import Wishes, publish
from yusuan.workflow import convert

DOCUMENT = "450200-405003-2026-budget"
CORRECTION = """corrections:
  - document: 450200-405003-2026-budget
    cell: {cell}
    printed: "99.04"
    corrected: "77.04"
    reason: 合计与正文都是 77.04
    source: 同一文档表五
    status: confirmed
    expect: [T03-ROW]
"""
POSTED = "住房公积金\t77.04\t77.04\t0.00\t0.00"


@pytest.fixture(scope="module")
def first(tmp_path_factory, specs, sample_text):
    """Return the folder with a first release, without the static site, which says nothing about changes."""
    home = tmp_path_factory.mktemp("republished")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(release, "FORMATS", _lean())
        _released(home, specs, sample_text)
    return home


def _lean():
    return tuple(item for item in release.FORMATS if item.name != "site")


def _released(home, specs, text, review="", wishes=None):
    """Convert a text in the place of what is there and publish."""
    sources = home / "datapackage" / "sources"
    shutil.rmtree(home / "datapackage", ignore_errors=True)
    sources.mkdir(parents=True)
    (sources / "document.md").write_text(text, "utf-8")
    if review:
        (home / "datapackage" / "2026").mkdir()
        (home / "datapackage" / "2026" / "corrections.yml").write_text(review, "utf-8")
    convert([sources / "document.md"], home / "datapackage", specs)
    return publish(2026, home / "datapackage", home / "releases", specs, wishes).folder


@pytest.fixture
def again(first, specs, tmp_path, monkeypatch):
    """Return a function from another text to what the second release says changed: its table, and its page."""
    monkeypatch.setattr(release, "FORMATS", _lean())

    def changed(text, review="", wishes=None):
        shutil.copytree(first, tmp_path / "home")
        folder = _released(tmp_path / "home", specs, text, review, wishes)
        assert folder.name == "2026.2"
        with (folder / "changes.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        told = json.loads((folder / "changes.json").read_text("utf-8"))
        assert [item["new"] for item in told["changes"]] == [row["新值"] or None for row in rows]
        page = (folder / "CHANGES.md").read_text("utf-8")
        assert "与 2026.1 相比" in page
        return rows, page

    return changed


def test_other_bytes_with_the_same_content(again, sample_text):
    rows, page = again(sample_text + "\n")
    assert [(row["种类"], row["文件"]) for row in rows] == [("单位重新公布", DOCUMENT)]
    assert rows[0]["旧值"] in page
    assert rows[0]["新值"] in page


def test_a_name_that_changed(again, sample_text):
    old = "广西纆丝自动化工程技术研究中心平台运行费"
    assert old in sample_text
    rows, page = again(sample_text.replace(old, "广西平台运行费"))
    changed = [row for row in rows if row["种类"] == "改动"]
    assert changed
    assert {(row["旧值"], row["新值"]) for row in changed} == {(old, "广西平台运行费")}
    assert {row["种类"] for row in rows} == {"单位重新公布", "改动"}
    assert f"{old} | 广西平台运行费" in page


def test_a_misprint_that_is_corrected_comes_with_its_reason(again, sample_text, specs, tmp_path):
    text = sample_text.replace(POSTED, POSTED.replace("77.04", "99.04", 1))
    (tmp_path / "probe.md").write_text(text, "utf-8")
    convert([tmp_path / "probe.md"], tmp_path / "probe", specs)
    with (tmp_path / "probe" / "2026" / "data" / "cells.csv").open(encoding="utf-8", newline="") as file:
        (cell,) = [row["格"] for row in csv.DictReader(file) if row["原文"] == "99.04"]
    rows, page = again(text, CORRECTION.format(cell=cell.removeprefix(f"{DOCUMENT}.")))
    (corrected,) = [row for row in rows if row["种类"] == "更正"]
    assert (corrected["旧值"], corrected["新值"]) == ("99.04", "77.04")
    assert "合计与正文都是 77.04" in corrected["理由"]
    assert "合计与正文都是 77.04" in page
    (printed,) = [row for row in rows if row["表"] == "t03_expenditure"]
    assert (printed["旧印刷值"], printed["新印刷值"]) == ("77.04", "99.04")


def test_a_row_that_is_gone_is_refused_where_the_totals_still_have_it(again, sample_text):
    (line,) = [line for line in sample_text.splitlines(keepends=True) if line.startswith("4\t405003\t柳州市智能制造")]
    with pytest.raises(ReleaseError, match="GATE-REFUSED") as caught:
        again(sample_text.replace(line, ""), wishes=Wishes(reason="单位重新公布时删去了一行"))
    assert any("相差 3.50" in (problem.found or "") for problem in caught.value.problems)
