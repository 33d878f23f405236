"""What changed between two editions: exactly that, however rows move, repeat or are renamed."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yusuan.errors import PackageError, UsageError
from yusuan.publishing.changes import COLUMNS, KINDS, Change
from yusuan.publishing.differences import compare
from yusuan.publishing.editions import previous_release, read_edition
from yusuan.publishing.pages import HEADER, change_line, changes_csv, changes_json, changes_page, summary
from yusuan.publishing.pairing import Shape, pair_rows, row_changes
from yusuan.workflow import convert

T05 = "t05_general_public_expenditure"
SHAPE = Shape(("甲", "乙", "丙", "数"), ("甲", "乙", "丙"), ("甲",), frozenset({"数"}), "行次")
FRAME = Change("changed", "d", "u", "2026", "t")


def convert_to(out, specs, text):
    """Convert a text into a package and return its folder."""
    out.mkdir(parents=True)
    path = out / "document.md"
    path.write_text(text, "utf-8")
    outcome = convert([path], out, specs)
    assert outcome.exit_code in {0, 1}
    return out / "2026"


@pytest.fixture(scope="module")
def package(tmp_path_factory, specs, sample_text):
    return convert_to(tmp_path_factory.mktemp("difference") / "a", specs, sample_text)


@pytest.fixture
def differ(package, specs):
    """Return a function from a package folder to what changed in it against the sample's."""
    return lambda folder: compare(read_edition(package), read_edition(folder), specs)


def altered(package, target, table, change):
    """Copy a package and change the rows of one table, header first."""
    copy = shutil.copytree(package, target / "2026")
    path = copy / "data" / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return copy


def numbered(*rows):
    return [dict(zip(("甲", "乙", "丙", "数"), row, strict=True)) | {"行次": str(i)} for i, row in enumerate(rows, 1)]


def told(old, new):
    return [(c.kind, c.row, c.number, c.column, c.old, c.new) for c in row_changes(old, new, SHAPE, FRAME)]


def test_nothing_changed(package, differ):
    difference = differ(package)
    assert (difference.changes, difference.counts) == ((), {})
    assert "没有改变" in summary(difference)
    assert all(old == new for old, new in difference.findings.values())


def test_a_planted_change_shows_as_exactly_that_cell(package, differ, tmp_path):
    """Every number of a table in turn."""
    with (package / "data" / f"{T05}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    amounts = [(r, c) for r, row in enumerate(rows, 1) for c in range(8, 13) if row[c]]
    assert len(amounts) > 20
    for r, c in amounts:
        shutil.rmtree(tmp_path / "2026", ignore_errors=True)

        def plant(table, r=r, c=c):
            table[r][c] = "123.45"

        (change,) = differ(altered(package, tmp_path, T05, plant)).changes
        row = rows[r - 1]
        assert (change.kind, change.table, change.column, change.number) == ("changed", T05, header[c], row[3])
        assert (change.old, change.new, change.printed_old) == (row[c], "123.45", change.printed_new)
        assert (change.unit, change.year, change.document) == ("450200-405003", "2026", row[header.index("文件")])


def test_a_change_in_the_document_shows_with_what_is_printed(specs, sample_text, differ, tmp_path):
    old = "住房公积金\t77.04\t77.04\t0.00\t0.00"
    assert sample_text.count(old) == 1
    changed = differ(convert_to(tmp_path / "b", specs, sample_text.replace(old, old.replace("77.04", "1,077.04", 1))))
    assert changed.counts == {"republished": 1, "changed": 1}
    republished, cell = changed.changes
    assert republished.old != republished.new
    assert len(republished.old) == len(republished.new) == 64
    assert (cell.old, cell.new, cell.printed_old, cell.printed_new) == ("77.04", "1077.04", "77.04", "1,077.04")
    assert (cell.table, cell.cause) == ("t03_expenditure", "republished")
    assert "住房公积金" in cell.row
    assert changed.findings["error"][1] > changed.findings["error"][0]
    page = changes_page(changed, {"450200-405003": "某中心"}, {"t03_expenditure": "表3"})
    assert "某中心 表3" in page
    assert "77.04 → 1,077.04" in page
    assert "单位重新公布" in page


def test_a_row_that_went_takes_no_other_with_it(package, differ, tmp_path):
    gone = []
    difference = differ(altered(package, tmp_path, T05, lambda rows: gone.append(rows.pop(5))))
    assert {change.kind for change in difference.changes} == {"removed"}
    assert {change.number for change in difference.changes} == {gone[0][3]}
    assert [c.old for c in difference.changes] == [value for value in gone[0][8:13] if value]


def test_rows_that_move_have_not_changed(package, differ, tmp_path):
    """A row inserted at the top renumbers all below; only it is new."""

    def insert(rows):
        rows.insert(1, [*rows[5][:3], "1", "明细", "2999999", "", "新科目", "1.00", "", "", "", "", "", *rows[5][14:]])
        for number, row in enumerate(rows[1:], 1):
            row[3] = str(number)

    difference = differ(altered(package, tmp_path, T05, insert))
    assert [(c.kind, c.row, c.number, c.column, c.new) for c in difference.changes] == [
        ("added", "2999999 新科目", "1", "合计", "1.00")
    ]


def test_identical_rows_do_not_confuse():
    ten = numbered(*[("01", "货物", "批", "5.00")] * 10)
    assert told(ten, ten) == []
    assert [kind for kind, *_ in told(ten, ten[:9])] == ["removed"]
    assert [kind for kind, *_ in told(ten[:9], ten)] == ["added"]
    changed = [row | ({"数": "6.00"} if row["行次"] == "4" else {}) for row in ten]
    assert told(ten, changed) == [("changed", "01 货物", "4", "数", "5.00", "6.00")]
    moved = [{**row, "行次": str(int(row["行次"]) + 3)} for row in ten]
    assert told(ten, moved) == []


def test_names_and_codes_that_change_are_changes_of_their_cells():
    old = numbered(("201", "行政运行", "x", "1"), ("202", "事业", "x", "2"), ("203", "其他", "x", "3"))
    renamed = [old[0] | {"乙": "行政运转"}, *old[1:]]
    assert told(old, renamed) == [("changed", "201 行政运转", "1", "乙", "行政运行", "行政运转")]
    recoded = [old[0], old[1] | {"甲": "209"}, old[2]]
    assert told(old, recoded) == [("changed", "209 事业", "2", "甲", "202", "209")]
    other = [old[0], {"甲": "900", "乙": "别的", "丙": "y", "数": "9", "行次": "2"}, old[2]]
    assert [kind for kind, *_ in told(old, other)] == ["removed", "added"] or [
        kind for kind, *_ in told(old, other)
    ] == [
        "added",
        "removed",
    ]


def test_the_same_number_written_otherwise_is_the_same():
    old = numbered(("201", "a", "b", "81.80"))
    assert told(old, [old[0] | {"数": "81.8"}]) == []
    assert len(told(old, [old[0] | {"数": "81.81"}])) == 1


cells = st.tuples(st.sampled_from(["a", "b"]), *[st.sampled_from(["", "a", "b"])] * 2, st.sampled_from(["", "1", "2"]))
tables = st.lists(cells, max_size=8).map(lambda rows: [{k: v for k, v in r.items() if v} for r in numbered(*rows)])


@given(tables, tables)
@settings(max_examples=300, deadline=None)
def test_every_row_has_at_most_one_counterpart(old, new):
    pairs = pair_rows(old, new, SHAPE)
    assert sorted(id(a) for a, _ in pairs if a) == sorted(map(id, old))
    assert sorted(id(b) for _, b in pairs if b) == sorted(map(id, new))
    shared = sum(bool(a and b and not SHAPE.differing(a, b)) for a, b in pairs)
    contents = [[tuple(SHAPE.value(row, name) for name in SHAPE.columns) for row in side] for side in (old, new)]
    assert shared == sum(min(contents[0].count(row), contents[1].count(row)) for row in set(contents[0]))


def test_another_year_is_compared_unit_by_unit(specs, sample_text, package, tmp_path):
    text = sample_text.replace("2026", "2027").replace("1,117.75", "1,117.76")
    convert_to(tmp_path / "b", specs, text)
    difference = compare(read_edition(package), read_edition(tmp_path / "b" / "2027"), specs)
    assert not {"document_added", "document_removed", "republished"} & set(difference.counts)
    official = [c for c in difference.changes if c.table in specs.tables]
    assert {c.kind for c in official} == {"changed"}
    amounts = [c for c in official if c.old and c.old.startswith("1117.7")]
    assert {(c.old, c.new, c.cause) for c in amounts} == {("1117.75", "1117.76", "another_year")}
    assert len(amounts) > 3


def test_documents_that_come_and_go_are_one_change_each(specs, sample_text, package, tmp_path):
    both = tmp_path / "both"
    both.mkdir()
    (both / "a.md").write_text(sample_text, "utf-8")
    (both / "b.md").write_text(sample_text.replace("405003", "405004").replace("智能制造", "智能装备"), "utf-8")
    convert(sorted(both.glob("*.md")), both, specs)
    one, two = read_edition(package), read_edition(both / "2026")
    assert [(c.kind, c.document) for c in compare(one, two, specs).changes] == [
        ("document_added", "450200-405004-2026-budget")
    ]
    assert compare(two, one, specs).counts == {"document_removed": 1}


def test_corrections_come_with_their_reason(specs, package, differ, tmp_path):
    row = ["d.t03.r08.c03", "d", "99.04", "77.04", "与合计不符", "单位电话答复", "confirmed"]
    (change,) = differ(altered(package, tmp_path, "corrections", lambda rows: rows.append(row))).changes
    assert (change.kind, change.old, change.new, change.printed_new) == ("corrected", "99.04", "77.04", "99.04")
    assert "单位电话答复" in change.reason
    back = compare(read_edition(tmp_path / "2026"), read_edition(package), specs)
    assert [c.kind for c in back.changes] == ["correction_withdrawn"]


def test_tables_and_columns_that_change_are_told(package, differ, tmp_path):
    copy = shutil.copytree(package, tmp_path / "2026")
    described = json.loads((copy / "datapackage.json").read_text("utf-8"))
    resources = {item["name"]: item for item in described["resources"]}
    described["resources"].remove(resources["glossary"])
    described["resources"].append(resources["staffing"] | {"name": "t13_new"})
    fields = resources[T05]["schema"]["fields"]
    fields[9]["type"] = "string"
    fields[8]["name"] = "总计"
    (copy / "datapackage.json").write_text(json.dumps(described), "utf-8")
    schema = [
        (c.kind, c.table, c.column) for c in differ(copy).changes if c.kind not in {"changed", "added", "removed"}
    ]
    assert schema == [
        ("table_removed", "glossary", ""),
        ("column_removed", T05, "合计"),
        ("type_changed", T05, "基本支出_小计"),
        ("column_added", T05, "总计"),
        ("table_added", "t13_new", ""),
    ]


def test_the_files_say_the_same_three_times(specs, sample_text, differ, tmp_path):
    difference = differ(convert_to(tmp_path / "b", specs, sample_text.replace("1,117.75", "1,117.76")))
    rows = list(csv.reader(changes_csv(difference).splitlines()))
    data = json.loads(changes_json(difference))
    assert tuple(rows[0]) == HEADER
    assert len(HEADER) == len(COLUMNS)
    assert len(rows) - 1 == len(data["changes"]) == sum(data["counts"].values()) == len(difference.changes)
    assert data["counts"] == difference.counts
    page = changes_page(difference, {}, {})
    assert page.count("| 改动 |") == difference.counts["changed"]
    assert all(KINDS[change.kind] in change_line(change) for change in difference.changes)


def test_what_a_document_prints_does_not_break_the_page(package, differ, tmp_path):
    difference = differ(altered(package, tmp_path, T05, lambda rows: rows[4].__setitem__(7, "坏|名\n<b>字</b>")))
    (line,) = [line for line in changes_page(difference, {}, {}).splitlines() if "坏" in line]
    assert "坏\\|名 &lt;b>字" in line


def test_the_first_edition_has_nothing_before_it(package, specs):
    difference = compare(None, read_edition(package), specs)
    assert (difference.changes, difference.as_dict()["old"]) == ((), None)
    assert "第一次发布" in changes_page(difference, {}, {})


def test_what_is_no_edition_is_said(tmp_path, package):
    with pytest.raises(UsageError, match="PACKAGE-MISSING"):
        read_edition(tmp_path)
    (tmp_path / "datapackage.json").write_text('{"resources": 3}', "utf-8")
    with pytest.raises(PackageError, match="PACKAGE-DESCRIPTOR"):
        read_edition(tmp_path)
    copy = shutil.copytree(package, tmp_path / "copy")
    (copy / "data" / "units.csv").unlink()
    with pytest.raises(PackageError, match="EDITION-UNREADABLE"):
        read_edition(copy).rows("units")


def test_the_release_before_is_the_last_of_the_year_or_of_those_before(tmp_path):
    for name in ("2025.1", "2025.12", "2026.2", "2026.10", "2027.1", "2026.x", "2026.03"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "datapackage.json").write_text("{}", "utf-8")
    (tmp_path / "2026.11").mkdir()  # not a release: no package
    found = {year: previous_release(year, tmp_path) for year in (2024, 2025, 2026, 2027)}
    assert {year: path and Path(path).name for year, path in found.items()} == {
        2024: None,
        2025: "2025.12",
        2026: "2026.10",
        2027: "2027.1",
    }
