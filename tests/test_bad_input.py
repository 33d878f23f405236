"""Bad input through the command line: what is told, with which exit code, and that nothing else changed."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from yusuan import cli, workflow
from yusuan.files import locked

NAME = "document.md"
T3, T7, T10 = "表3 单位支出总体情况表", "表7 财政拨款三公两费支出情况表", "表10 政府采购预算表"
TITLES = {
    1: "单位收支总体情况表",
    9: "国有资本经营预算支出情况表",
    12: "项目绩效目标公开表",
}


class Run:
    """What one run of the command ended with and said."""

    def __init__(self, code, text):
        self.code, self.text = code, text

    def told(self, code):
        """Return the fields of the first problem with that code: 位置, 应为, 实际, 下一步 and 说明."""
        match = re.search(rf"^{code}：(.*)\n((?:  .*\n?)*)", self.text, re.MULTILINE)
        assert match, self.text
        fields = dict(re.findall(r"^  (位置|应为|实际|下一步)：(.*)$", match[2], re.MULTILINE))
        return fields | {"说明": match[1]}


@pytest.fixture(scope="module")
def built(tmp_path_factory, specs, sample_path):
    """Return a folder in which the sample was built."""
    folder = tmp_path_factory.mktemp("built")
    workflow.build([sample_path], folder / "datapackage", folder / "budget.db", specs)
    return folder


@pytest.fixture
def place(built, tmp_path, monkeypatch):
    """Return the working folder, with a package and a database that must not change."""
    shutil.copytree(built, tmp_path / "place")
    monkeypatch.chdir(tmp_path / "place")
    return tmp_path / "place"


@pytest.fixture
def yusuan(monkeypatch, capsys, specs):
    """Return a function that runs the command line to its end, in this process."""
    monkeypatch.setattr(cli, "load_specs", lambda: specs)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["yusuan", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return Run(ended.value.code or 0, printed.out + printed.err)

    return run


@pytest.fixture
def refused(place, yusuan):
    """Return a function that builds a bad document and returns the run; nothing may change."""

    def build(text):
        path = _document(place, text)
        with unchanged(place):
            run = yusuan("build", path)
        assert run.code == 3, run.text
        assert f"✗ {path}" in run.text
        return run

    return build


@contextlib.contextmanager
def unchanged(folder):
    before = _bytes(folder)
    yield
    assert _bytes(folder) == before


def _bytes(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".yusuan-lock"
    }


def _document(place, text):
    """Write a document outside the folder that is watched."""
    path = place.parent / NAME
    path.write_text(text, "utf-8")
    return path


def _altered(text, old, new):
    assert text.count(old) == 1, text.count(old)
    return text.replace(old, new)


def _line(text, part):
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def test_a_missing_file(place, yusuan):
    with unchanged(place):
        run = yusuan("build", "no/such.md")
    told = run.told("SOURCE-MISSING")
    assert run.code == 2
    assert told["位置"] == "no/such.md"
    assert "通配符" in told["应为"]
    assert told["下一步"]


@pytest.mark.parametrize("pattern", ["*.nix", "empty"])
def test_a_pattern_or_folder_without_documents(place, pattern, yusuan):
    (place / "empty").mkdir()
    run = yusuan("convert", pattern)
    assert (run.code, run.told("SOURCE-MISSING")["位置"]) == (2, pattern)


@pytest.mark.parametrize(
    ("data", "code", "found"),
    [
        (b"", "SOURCE-EMPTY", None),
        (b" \n\t\n", "SOURCE-EMPTY", None),
        (b"<html><body>404 Not Found</body></html>", "SOURCE-FOREIGN", "HTML"),
        (b"PK\x03\x04rest", "SOURCE-FOREIGN", "zip"),
        (b"text\x00text", "SOURCE-FOREIGN", "二进制"),
        (b"\xff\xff\xff\xff\n\xff", "SOURCE-ENCODING", None),
    ],
    ids=["empty", "blank", "html", "zip", "binary", "no encoding"],
)
def test_a_file_that_is_no_text(place, data, code, found, yusuan):
    path = place.parent / NAME
    path.write_bytes(data)
    with unchanged(place):
        run = yusuan("build", path)
    told = run.told(code)
    assert run.code == 3
    assert NAME in told["位置"]
    assert told["下一步"]
    assert found is None or found in told["实际"]


def test_a_text_that_is_no_budget(refused):
    run = refused("# 会议通知\n\n定于下周一召开会议。\n\n项目\t时间\n开会\t9:00\n")
    told = run.told("NOT-A-BUDGET")
    assert told["位置"] == NAME
    assert "单位收支总体情况表" in told["应为"]
    assert told["实际"].startswith("会议通知")
    assert told["下一步"]


def test_a_table_cut_between_two_rows(place, sample_text, yusuan):
    """Rows that are missing show in the sums: the document is read, and the findings are errors."""
    start = sample_text.index("2080505\t\t机关事业单位基本养老保险缴费支出\t102.73\t102.73\t0.00")
    stop = sample_text.index("财政拨款收支总体情况表\n", start)
    path = _document(place, sample_text[:start] + "\n" + sample_text[stop:])
    run = yusuan("build", path, "--replace")
    assert run.code == 1
    line = _line(sample_text, "405003\t柳州市智能制造科技服务中心\t1,117.75\t1,083.55\t34.20\t0.00")
    told = re.search(rf"错误 T03-COL（第{line}行）：(.*)", run.text)
    assert told, run.text
    for part in ("支出表：列合计", "“合计”", "印作 1117.75", "835.58", "相差 282.17"):
        assert part in told[1], part


def test_a_table_cut_inside_a_row(sample_text, refused):
    row = "2080505\t\t机关事业单位基本养老保险缴费支出\t102.73\t102.73\t0.00\t0.00\n"
    start = sample_text.index(row) + len("2080505\t\t机关事业单位基本养老")
    stop = sample_text.index("\n财政拨款收支总体情况表\n", start)
    told = refused(sample_text[:start] + "\n" + sample_text[stop:]).told("ROW-WIDTH")
    assert told["位置"].startswith(f"{NAME} 第{_line(sample_text, row[:-1])}行 {T3} 表内第7行 “")
    assert (told["应为"], told["实际"]) == ("7 格", "3 格（2080505 |  | 机关事业单位基本养老）")
    assert "原文档" in told["下一步"]


@pytest.mark.parametrize("number", [1, 9, 12])
def test_a_document_that_ends_early(place, table_blocks, number, yusuan):
    """Tables that are not there at all are named, each of them."""
    text = "".join(table_blocks[n] for n in range(number))
    path = _document(place, text)
    run = yusuan("build", path, "--replace")
    if number == 1:
        assert run.code == 3
        told = run.told("NARRATIVE-ONLY")
        assert told["位置"] == NAME
        assert "截断" in told["下一步"]
        return
    for n, title in TITLES.items():
        named = f"TABLE-MISSING：文档中没有表{n} {title}" in run.text
        assert named == (n >= number), title


def test_a_row_with_a_missing_cell(sample_text, refused):
    row = "2210201\t\t住房公积金\t77.04\t77.04\t0.00\t0.00\n"
    told = refused(_altered(sample_text, row, row.replace("\t0.00\n", "\n"))).told("ROW-WIDTH")
    assert told["位置"] == f"{NAME} 第{_line(sample_text, row[:-1])}行 {T3} 表内第10行 “项目支出之后”列"
    assert (told["应为"], told["实际"]) == ("7 格", "6 格（2210201 |  | 住房公积金 | 77.04 | 77.04 | 0.00）")
    assert "空格子也要占一列" in told["下一步"]


def test_a_row_with_an_extra_cell(sample_text, refused):
    row = "2210201\t\t住房公积金\t77.04\t77.04\t0.00\t0.00\n"
    told = refused(_altered(sample_text, row, row.replace("\n", "\t9\n"))).told("ROW-WIDTH")
    assert f"第{_line(sample_text, row[:-1])}行 {T3} 表内第10行" in told["位置"]
    assert (told["应为"], told["实际"][:3]) == ("7 格", "8 格")


@pytest.mark.parametrize("number", ["1,1l7.75", "1，117。75", "1117.75元", "①", "nan", "#REF!", "1,17.75"])
def test_a_number_that_is_none(sample_text, number, refused):
    old = "合计\t\t\t1,117.75\t1,083.55\t34.20\t0.00\n"
    told = refused(_altered(sample_text, old, old.replace("1,117.75", number))).told("BAD-NUMBER")
    assert told["位置"] == f"{NAME} 第{_line(sample_text, old[:-1])}行 {T3} 表内第1行 “合计”列"
    assert told["应为"].startswith("数字，例如 1,234.50")
    assert told["实际"] == number
    assert "对照原文档" in told["下一步"]


def test_a_number_beyond_all_budgets(sample_text, refused):
    """What no database could hold exactly stops the document, not the load of all documents."""
    old = "合计\t\t\t1,117.75\t1,083.55\t34.20\t0.00\n"
    text = _altered(sample_text, old, old.replace("1,117.75", "999999999999999999"))
    assert refused(text).told("BAD-NUMBER")["实际"] == "9" * 18


def test_every_bad_cell_is_told_at_once(sample_text, refused):
    text = _altered(sample_text, "合计\t\t\t1,117.75\t1,083.55\t34.20\t0.00\n", "合计\t\t\tx1\tx2\t34.20\t0.00\n")
    run = refused(text)
    assert run.text.count("BAD-NUMBER：") == 2
    assert "x1" in run.text
    assert "x2" in run.text


def test_an_unknown_header(sample_text, refused):
    old = "科目编码\t部门(单位)代码\t部门名称(单位)(功能分类科目名称)\t合计\t基本支出\t项目支出\t结转下年支出\n"
    told = refused(_altered(sample_text, old, old.replace("项目支出", "专项经费"))).told("HEADER-UNKNOWN")
    assert told["位置"] == f"{NAME} 第{_line(sample_text, old[:-1])}行 {T3} “专项经费（第6列）”列"
    assert (told["应为"], told["实际"]) == ("项目支出", "专项经费")
    assert "schemas/layouts/guangxi-2026.yml" in told["下一步"]


def test_another_document_for_the_same_unit_and_year(place, sample_text, refused, yusuan):
    corrected = _altered(
        sample_text, "合计\t\t\t1,117.75\t1,083.55\t34.20\t0.00\n", "合计\t\t\t1,117.75\t1,083.55\t34.20\t0\n"
    )
    run = refused(corrected)
    told = run.told("DOCUMENT-TWICE")
    assert told["位置"] == str(place.parent / NAME)
    assert "405003-2026-budget.md" in told["应为"]
    assert "--replace" in told["下一步"]
    before = _bytes(place)
    assert yusuan("build", place.parent / NAME, "--replace").code == 0
    changed = {str(path) for path, data in _bytes(place).items() if before.get(path) != data}
    assert "datapackage/2026/data/t03_expenditure.csv" in changed
    assert "budget.db" in changed
    assert "datapackage/2026/data/t05_general_public_expenditure.csv" not in changed


def test_the_same_document_again_is_fine(place, sample_path, yusuan):
    with unchanged(place):
        assert yusuan("build", sample_path).code == 0


def test_two_versions_in_one_run_name_each_other(place, sample_text, yusuan):
    folder = place.parent / "two"
    folder.mkdir()
    (folder / "a.md").write_text(sample_text.replace("2026", "2028"), "utf-8")
    (folder / "b.md").write_text(sample_text.replace("2026", "2028") + "\n更正\n", "utf-8")
    run = yusuan("convert", folder, "--out", place.parent / "out")
    told = run.told("DOCUMENT-TWICE")
    assert run.code == 3
    assert (Path(told["位置"]).name, "a.md" in told["应为"]) == ("b.md", True)


def test_one_bad_document_among_three(place, sample_text, yusuan):
    folder = place.parent / "three"
    folder.mkdir()
    (folder / "a.md").write_text(sample_text.replace("405003", "405004").replace("智能制造", "智能装备"), "utf-8")
    (folder / "b.md").write_text(
        sample_text.replace("2210201\t\t住房公积金\t77.04\t", "2210201\t\t住房公积金\t"), "utf-8"
    )
    (folder / "c.md").write_text(sample_text.replace("405003", "405005").replace("智能制造", "智能铸造"), "utf-8")
    run = yusuan("build", folder)
    assert run.code == 3
    assert f"✗ {folder / 'b.md'}" in run.text
    assert run.told("ROW-WIDTH")["位置"].startswith("b.md ")
    assert "3 份文档中有 1 份未能读取" in run.text
    documents = (place / "datapackage" / "2026" / "data" / "documents.csv").read_text("utf-8")
    assert [key in documents for key in ("405003", "405004", "405005")] == [True] * 3
    assert "b.md" not in documents


def test_a_file_where_the_folder_should_be(place, sample_path, yusuan):
    (place.parent / "out").write_text("mine")
    with unchanged(place):
        run = yusuan("build", sample_path, "--out", place.parent / "out")
    told = run.told("CANNOT-WRITE")
    assert (run.code, told["位置"]) == (5, str(place.parent / "out"))
    assert "同名的文件" in told["说明"]
    assert "--out" in told["下一步"]
    assert (place.parent / "out").read_text() == "mine"


@pytest.mark.parametrize("option", ["--out", "--db"])
def test_a_place_that_takes_no_files(sample_path, option, yusuan):
    """/proc refuses everybody, root included."""
    target = Path("/proc/yusuan") / ("budget.db" if option == "--db" else "out")
    run = yusuan("build", sample_path, option, target)
    told = run.told("CANNOT-WRITE")
    assert run.code == 5
    assert told["位置"].startswith("/proc/yusuan")
    assert option in told["下一步"]


@contextlib.contextmanager
def _mounted(folder, *arguments):
    folder.mkdir(exist_ok=True)
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small or read-only disk")
    if subprocess.run(["mount", *arguments, folder], capture_output=True, check=False).returncode:
        pytest.skip("mounting is forbidden here, so no disk can be full or read-only")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_read_only_disk(place, sample_path, yusuan):
    with _mounted(place, "-t", "tmpfs", "-o", "ro", "tmpfs"):
        run = yusuan("build", sample_path, "--out", place / "out")
    told = run.told("CANNOT-WRITE")
    assert (run.code, told["说明"]) == (5, "无法写入：该位置只读")
    assert told["位置"] == str(place / "out")


@pytest.mark.parametrize("kilobytes", [16, 200, 400, 1000, 1600])
def test_a_full_disk(place, sample_path, kilobytes, yusuan):
    """Full in the package or in the database: said with the way out, no half file, and the old ones intact."""
    disk = place.parent / "disk"
    with _mounted(disk, "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs"):
        run = yusuan("build", sample_path, "--out", disk / "out", "--db", disk / "budget.db")
        left = sorted(str(path.relative_to(disk)) for path in disk.rglob("*"))
    assert run.code == 5, run.text
    assert "磁盘" in run.text
    assert "下一步：" in run.text
    assert str(disk) in run.text
    assert not any(".yusuan-new" in name or ".yusuan-old" in name for name in left), left
    assert "budget.db" not in left


def test_somebody_else_is_writing(place, sample_path, yusuan):
    with locked(place / "datapackage"), unchanged(place):
        for command in (["build", sample_path], ["validate"], ["load"], ["publish", "2026"]):
            run = yusuan(*command)
            told = run.told("LOCKED")
            assert (run.code, told["位置"]) == (5, "datapackage")
            assert told["实际"].startswith(f"pid {os.getpid()}（")
            assert "@" in told["实际"]
            assert "重试" in told["下一步"]


@pytest.mark.parametrize("kilobytes", [100, 1500, 3000, 3900])
def test_a_full_disk_while_publishing(place, sample_path, kilobytes, yusuan):
    """Full in the package, the workbook, the Parquet files or at the end: nothing is to be seen of the release."""
    disk = place.parent / "disk"
    with _mounted(disk, "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs"), unchanged(place):
        run = yusuan("publish", "2026", "--sources", sample_path.parent, "--out", disk / "releases")
        left = sorted(path.name for path in (disk / "releases").iterdir())
    assert run.code == 5, run.text
    assert "磁盘" in run.text
    assert "下一步：" in run.text
    assert [name for name in left if name != ".yusuan-lock"] == []


def test_publishing_to_a_read_only_disk(place, sample_path, yusuan):
    disk = place.parent / "disk"
    with _mounted(disk, "-t", "tmpfs", "-o", "ro", "tmpfs"), unchanged(place):
        run = yusuan("publish", "2026", "--sources", sample_path.parent, "--out", disk / "releases")
    told = run.told("CANNOT-WRITE")
    assert (run.code, told["说明"]) == (5, "无法写入：该位置只读")
