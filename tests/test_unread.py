"""What is not read is not lost: the cells of tables that no layout describes, or that cannot be read, stay as evidence."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from yusuan.disclosure import read_disclosure
from yusuan.model import Grid
from yusuan.reading import read
from yusuan.rows.records import disclosure_to_records
from yusuan.site.server import make_site
from yusuan.static.searching import entries_of
from yusuan.workflow import build, check

CORPUS = Path(os.environ.get("YUSUAN_CORPUS", Path(__file__).resolve().parents[2] / "shared" / "corpus"))
PURCHASES = """
# 办公用房情况表

单位：万元

房屋\t地点\t面积\t金额
办公楼\t甲街1号\t300\t1,200.50
{more}"""
AGAIN = "\n## 办公用房情况表（续）\n\n房屋\t地点\t面积\t金额\n仓库\t乙街2号\t40\t13.00\n"


def _unread(disclosure, specs):
    records = disclosure_to_records(disclosure, specs)
    tables = [row for row in records["document_tables"] if row["认定"] == "搁置"]
    return tables, [row for row in records["cells"] if row["表"].startswith("unread")], records


def test_a_table_that_no_layout_describes_is_kept_cell_by_cell(sample_text, disclose, specs):
    disclosure = disclose(sample_text + PURCHASES.format(more="车库\t\t20\t\n"))
    (table,), cells, records = _unread(disclosure, specs)
    assert (table["表"], table["标题"], table["金额单位"]) == ("unread01", "办公用房情况表", "万元")
    assert (table["表头"], table["数据行数"], table["搁置原因"]) == ("房屋、地点、面积、金额", 2, "TABLE-UNRECOGNISED")
    assert [(c["部位"], c["行次"], c["列次"], c["原文"]) for c in cells if c["行次"] == 2] == [
        ("数据", 2, 1, "车库"),
        ("数据", 2, 3, "20"),
    ]
    assert {(c["数值"], c["字段"]) for c in cells} == {(None, None)}
    assert next(c["表头"] for c in cells if c["原文"] == "1,200.50") == "金额"
    (finding,) = [row for row in records["findings"] if row["规则"] == "TABLE-UNRECOGNISED"]
    assert "办公用房情况表" in finding["说明"]
    assert "房屋、地点、面积、金额" in finding["说明"]
    assert "yusuan layout new" in finding["说明"]
    assert finding["相关格"] == cells[0]["格"]


def test_pages_of_one_table_are_one_and_another_table_is_another(sample_text, disclose, specs):
    tables, cells, _ = _unread(disclose(sample_text + PURCHASES.format(more="") + AGAIN), specs)
    assert [(row["表"], row["数据行数"]) for row in tables] == [("unread01", 2)]
    assert [c["原文"] for c in cells if c["部位"] == "数据" and c["列次"] == 1] == ["办公楼", "仓库"]
    other = AGAIN.replace("办公用房情况表（续）", "公务用车一览表")
    tables, _, _ = _unread(disclose(sample_text + PURCHASES.format(more="") + other), specs)
    assert [row["表"] for row in tables] == ["unread01", "unread02"]


def test_personal_numbers_in_a_table_nobody_describes_stop_a_release(sample_text, disclose):
    disclosure = disclose(sample_text + PURCHASES.format(more="值班\t13912345678\t1\t1.00\n"))
    assert [f.rule for f in disclosure.findings if f.rule == "PERSONAL-DATA" and f.severity == "error"]


def test_a_table_that_cannot_be_read_is_kept_too(specs):
    source = CORPUS / "江苏省级-07.pdf"
    if not source.is_file():
        pytest.skip(f"真实文档不在 {CORPUS}：用环境变量 YUSUAN_CORPUS 指出它们的文件夹")
    tables, cells, records = _unread(read_disclosure(read(source), specs), specs)
    (table,) = [row for row in tables if row["搁置原因"] == "TABLE-UNREAD"]
    cells = [cell for cell in cells if cell["表"] == table["表"]]
    assert table["认作"] in specs.tables
    assert {table["首页"], table["末页"]} <= {c["页"] for c in cells} <= set(range(table["首页"], table["末页"] + 1))
    assert all(c["框"] for c in cells)
    (finding,) = [row for row in records["findings"] if row["规则"] == "TABLE-UNREAD"]
    assert finding["相关格"] in {c["格"] for c in cells}


@pytest.mark.parametrize("name", ["北京-10", "西安-06", "烟台-07"])
def test_every_printed_cell_of_a_long_document_is_in_the_evidence(name, specs):
    """Performance targets run over a hundred pages: one table, and no cell of any grid is lost."""
    source = CORPUS / f"{name}.pdf"
    if not source.is_file():
        pytest.skip(f"真实文档不在 {CORPUS}：用环境变量 YUSUAN_CORPUS 指出它们的文件夹")
    document = read(source)
    tables, _, records = _unread(read_disclosure(document, specs), specs)
    kept = {(c["页"], c["框"]) for c in records["cells"]}
    grids = [block for block in document.blocks if isinstance(block, Grid)]
    printed = [cell for grid in grids for row in grid.rows for cell in row if cell.text.strip()]
    lost = [
        cell for cell in printed if (cell.place.page, " ".join(f"{edge:.1f}" for edge in cell.place.box)) not in kept
    ]
    assert len(lost) <= len(printed) // 200, [cell.text for cell in lost][:20]
    assert len(tables) < len(grids) / 2


@pytest.fixture(scope="module")
def database(tmp_path_factory, sample_text, specs):
    """Return a database of the sample with one more table, that nobody describes."""
    folder = tmp_path_factory.mktemp("unread")
    (folder / "a.md").write_text(sample_text + PURCHASES.format(more="车库\t\t20\t\n"), "utf-8")
    report = build([folder / "a.md"], folder / "out", folder / "budget.db", specs)
    assert not report.problems
    return folder / "budget.db"


def test_readers_find_it_and_see_it_as_it_was_printed(database, specs, fetch):
    """Search, source page, the document's page and the table as printed reach what was not read."""
    site = make_site(database, specs)
    with closing(sqlite3.connect(database)) as connection:
        document, key = connection.execute("select 文件, 格 from cells where 原文 = '1,200.50'").fetchone()
    groups = fetch(site, "/-/search.json?q=办公用房").json()["groups"]
    assert "只有原文的表" in {group["kind"] for group in groups}
    groups = fetch(site, "/-/search.json?q=甲街").json()["groups"]
    assert "只有原文的表里的文字" in {group["kind"] for group in groups}
    source = fetch(site, f"/-/source/cells/{key.replace('.', '~2E')}").text
    assert "办公用房情况表（只有原文）" in source
    page = fetch(site, f"/document/{document}").text
    assert f"/document/{document}/unread01" in page
    printed = fetch(site, f"/document/{document}/unread01").text
    assert "1,200.50" in printed
    rows = [row.count("<td") for row in printed.split("<tr") if 'id="r' in row]
    assert rows == [4, 4]


def test_a_site_of_files_leads_to_it_too(database):
    found = {entry.kind: entry.address for entry in entries_of(database)}
    assert found["只有原文的表"].endswith("/unread01")
    assert "/unread01#" in found["只有原文的表里的文字"]


def test_checked_again_a_package_says_the_same(database, specs):
    package = database.parent / "out" / "2026"
    before = (package / "data" / "findings.csv").read_bytes()
    check([package], specs)
    assert (package / "data" / "findings.csv").read_bytes() == before
