"""Downloads: every row that the address selects, exact for programs, harmless in a spreadsheet, never cut in silence."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import sqlite3
import zipfile
from contextlib import closing

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yusuan.site import exports, writers
from yusuan.site.archive import releases
from yusuan.site.server import make_site
from yusuan.site.setup import KNOWN, Setup
from yusuan.site.shelves import shelves
from yusuan.site.wording import DOWNLOADS

SUBJECT = "/-/export/expenditure_by_function"
#: Texts that spreadsheets have run, opened or changed.
PAYLOADS = [
    "=1+1", "+1+1", "-2+3", "@SUM(1)", '=HYPERLINK("http://x","y")', "\t=1+1", "\r=1+1", " =1+1", "＝1+1", "＋1", "\u202e=1+1", "\ufeff=1+1",
    "－2+3", "＠SUM", "=cmd|' /C calc'!A0", "-",
]  # fmt: skip
LOOKS_LIKE_A_NUMBER = ["001", "2060301", "1-2", "3E5", "2026/1/1", "1:30", "1,000", "5%", "3月5日", "2026年1月"]
TEXTS = st.text(max_size=12) | st.sampled_from(PAYLOADS + LOOKS_LIKE_A_NUMBER)


@pytest.fixture(scope="module")
def site(site_database, specs, tmp_path_factory):
    root = site_database.parent
    return make_site(site_database, specs, Setup(packages=root / "out", cache=tmp_path_factory.mktemp("cache")))


def _rows(response):
    return list(csv.reader(io.StringIO(response.text.removeprefix("\ufeff"), newline="")))


def _expected(database, sql):
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql).fetchall()


def test_every_table_comes_whole_in_every_format(site, site_database, specs, fetch):
    for spec in specs.every_table():
        (count,) = _expected(site_database, f"select count(*) from {spec.name}")[0]  # noqa: S608 - from the specs
        rows = _rows(fetch(site, f"/-/export/{spec.name}.csv"))
        assert rows[0] == [field.name for field in spec.fields]
        assert len(rows) == count + 1
        assert len(_rows(fetch(site, f"/-/export/{spec.name}.excel.csv"))) == count + 1
        objects = fetch(site, f"/-/export/{spec.name}.json").json()
        assert len(objects) == count
        assert all(list(item) == rows[0] for item in objects)


def test_csv_for_programs_is_exact(site, site_database, fetch):
    response = fetch(site, f"{SUBJECT}.csv")
    assert not response.content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in response.content
    (head, *rows) = _rows(response)
    wanted = _expected(site_database, "select * from expenditure_by_function order by 合计 desc, 键")
    amounts = [head.index(name) for name in ("合计", "基本支出", "项目支出")]
    for row, values in zip(rows, wanted, strict=True):
        assert [float(row[i]) for i in amounts] == [values[i] for i in amounts]
        assert row[head.index("科目编码")] == values[head.index("科目编码")]
        assert row[head.index("页")] == ""


def test_csv_for_excel_has_a_mark_names_and_safe_codes(site, fetch):
    response = fetch(site, f"{SUBJECT}.excel.csv?年度=2026&科目编码=2060301&单位=450200-405003")
    assert response.content.startswith(b"\xef\xbb\xbf")
    (head, row) = _rows(response)
    found = dict(zip(head, row, strict=True))
    assert found["科目编码"] == '="2060301"'
    assert found["单位_名称"] == "柳州市智能制造科技服务中心"
    assert found["合计"] == "751.44"


def test_names_can_be_had_and_left_out(site, fetch):
    assert "单位_名称" in _rows(fetch(site, f"{SUBJECT}.csv?_labels=on"))[0]
    assert "单位_名称" not in _rows(fetch(site, f"{SUBJECT}.excel.csv?_labels=off"))[0]


@pytest.mark.parametrize(
    ("address", "where"),
    [
        ("年度=2026", "年度 = 2026"),
        ("年度=2026&科目编码__startswith=208", "年度 = 2026 and 科目编码 like '208%'"),
        ("合计__gt=50&_sort=科目编码", "合计 > 50"),
        ("款__in=20805,20603&_facet=年度&_size=1&_next=7", "款 in ('20805', '20603')"),
        ("页__isnull=1", "页 is null"),
    ],
)
def test_filters_of_the_page_hold(site, site_database, fetch, address, where):
    wanted = _expected(site_database, f"select 键 from expenditure_by_function where {where}")  # noqa: S608 - from above
    rows = _rows(fetch(site, f"{SUBJECT}.csv?{address}"))[1:]
    assert sorted(row[0] for row in rows) == sorted(key for (key,) in wanted)
    shown = fetch(
        site, f"/budget/expenditure_by_function.json?{address.replace('_size=1&_next=7', '_size=max')}"
    ).json()
    assert len(rows) == shown["filtered_table_rows_count"]


def test_order_and_columns_of_the_address_hold(site, fetch):
    rows = _rows(fetch(site, f"{SUBJECT}.csv?_sort_desc=科目编码&_col=科目编码"))
    assert rows[0] == ["键", "科目编码"]
    codes = [row[1] for row in rows[1:]]
    assert codes == sorted(codes, reverse=True)
    assert "合计" not in _rows(fetch(site, f"{SUBJECT}.csv?_nocol=合计"))[0]


@pytest.mark.parametrize(
    "address",
    [
        "没有=1",
        "合计__更大=1",
        "_search=x",
        "_through={}",
        "_sort=没有",
        "_col=没有",
        "_nocol=没有",
        "_filter_column=年度",
    ],
)
def test_what_is_not_understood_is_refused_and_not_passed_over(site, fetch, address):
    fetch(site, f"{SUBJECT}.csv?{address}", 400)


@pytest.mark.parametrize(
    "address", ["/-/export/nix.csv", "/-/export/units.pdf", "/-/export/query/nix.csv", "/-/export/sqlite_master.csv"]
)
def test_what_is_not_there_is_not_found(site, fetch, address):
    fetch(site, address, 404)


def test_questions_and_queries_come_whole(site, site_database, fetch):
    rows = _rows(fetch(site, "/-/export/query/item_by_unit.csv?科目编码=2060301"))
    assert rows[0][0] == "年度"
    assert len(rows) == 4
    assert fetch(site, "/-/export/query/item_by_unit.json?科目编码=' or 1=1 --").json() == []
    (count,) = _expected(site_database, "select count(*) from cells")[0]
    assert count > site.setting("max_returned_rows")
    assert len(_rows(fetch(site, "/-/export/sql.csv?sql=select * from cells"))) == count + 1
    assert _rows(fetch(site, "/-/export/sql.csv?sql=select :a as a&a=x")) == [["a"], ["x"]]


@pytest.mark.parametrize(
    "sql",
    ["delete from units", "select", "attach 'x' as y", "select 1; select 2", "select * from nix", "select :_cookie_x"],
)
def test_queries_that_are_none_are_refused(site, fetch, sql):
    assert fetch(site, f"/-/export/sql.csv?sql={sql}", 403 if "_cookie" in sql else 400)


def test_a_query_without_end_is_refused(site, fetch, monkeypatch):
    monkeypatch.setitem(site._settings, "sql_time_limit_ms", 50)
    endless = "with recursive n(i) as (select 1 union all select i - -1 from n) select max(i) from n"
    assert "用时过长" in fetch(site, f"/-/export/sql.csv?sql={endless}", 400).text


@given(TEXTS)
def test_nothing_in_a_csv_for_excel_begins_like_a_formula(text):
    shown = writers.harmless(text)
    stripped = shown.lstrip().lstrip("\u202e\ufeff").lstrip()
    looks = stripped[:1] in {"=", "+", "-", "@", "＝", "＋", "－", "＠"} or shown[:1] in {"\t", "\r", "\n"}
    number = writers._NUMBER.fullmatch(shown)
    assert not looks or number or (shown == f'="{text}"' and writers._CHANGES.fullmatch(text))


@given(TEXTS)
def test_what_was_made_harmless_still_shows_the_text(text):
    assert writers.harmless(text) in {text, "'" + text, f'="{text}"'}


@pytest.mark.parametrize("text", LOOKS_LIKE_A_NUMBER)
def test_a_text_that_excel_would_change_stays_text(text):
    assert writers.harmless(text) == f'="{text}"'


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (751.44, "751.44"), (1e-06, "0.000001"), (1e16, "10000000000000000"), (0.0, "0"), (7, "7")],
)
def test_numbers_are_written_without_exponent(value, text):
    assert writers.plain(value) == text


def test_workbooks_hold_codes_as_text_amounts_as_numbers_and_no_formula(site, site_database, specs, fetch, tmp_path):
    copy = tmp_path / "hostile.db"
    copy.write_bytes(site_database.read_bytes())
    with closing(sqlite3.connect(copy)) as connection, connection:
        keys = [key for (key,) in connection.execute("select 键 from project limit ?", [len(PAYLOADS)])]
        for key, payload in zip(keys, PAYLOADS, strict=False):
            connection.execute("update project set 年度绩效目标 = ? where 键 = ?", (payload + "\x01", key))
    hostile = make_site(copy, specs)
    data = fetch(hostile, "/-/export/project.xlsx").content
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["数据", "说明"]
    sheet = book["数据"]
    assert sheet.freeze_panes == "A2"
    assert {cell.data_type for row in sheet for cell in row} <= {"s", "n"}
    head = [cell.value for cell in sheet[1]]
    texts = {row[head.index("年度绩效目标")].value for row in sheet.iter_rows(min_row=2)}
    assert {payload.replace("\r", "\n") + "\ufffd" for payload in PAYLOADS[: len(keys)]} <= {
        str(text).replace("\r", "\n").replace("_x000D_", "\n") for text in texts
    }
    book = openpyxl.load_workbook(io.BytesIO(fetch(site, f"{SUBJECT}.xlsx").content))
    head = [cell.value for cell in book["数据"][1]]
    row = dict(zip(head, book["数据"][2], strict=True))
    assert (row["科目编码"].value, row["科目编码"].data_type, row["科目编码"].number_format) == ("2060301", "s", "@")
    assert (row["合计"].value, row["合计"].data_type) == (751.44, "n")
    explained = {row[0].value: row for row in book["说明"]}
    assert explained["科目编码"][1].value == "代码（文字）"
    assert explained["合计"][2].value == "万元"


def test_a_large_workbook_has_more_sheets(tmp_path, monkeypatch):
    monkeypatch.setattr(writers, "_SHEET_ROWS", 3)
    columns = [writers.Column("甲", "integer")]
    assert writers.write_workbook(tmp_path / "a.xlsx", columns, ([i] for i in range(7)), []) == 7
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["数据", "数据2", "数据3", "说明"]
    assert [[cell.value for (cell,) in book[name]] for name in book.sheetnames[:3]] == [
        ["甲", 0, 1, 2], ["甲", 3, 4, 5], ["甲", 6],
    ]  # fmt: skip


def test_a_text_too_long_for_a_cell_says_so(tmp_path):
    writers.write_workbook(tmp_path / "a.xlsx", [writers.Column("甲", "text")], [["长" * 40_000]], [])
    text = openpyxl.load_workbook(tmp_path / "a.xlsx")["数据"]["A2"].value
    assert len(text) == 32_767
    assert text.endswith("全文见 CSV）")


def test_a_workbook_that_would_be_too_large_is_refused_with_a_way_out(site, fetch, monkeypatch):
    monkeypatch.setattr(exports, "WORKBOOK_ROWS", 5)
    assert "CSV" in fetch(site, "/-/export/cells.xlsx", 400).text
    fetch(site, f"{SUBJECT}.xlsx?科目编码=2060301")


def _sent(stream):
    messages = []

    async def send(message):
        messages.append(message)

    asyncio.run(stream.asgi_send(send))
    return messages


def test_a_download_that_fails_never_ends_like_a_whole_one():
    async def parts():
        yield b"first"
        raise sqlite3.OperationalError("disk I/O error")

    messages = _sent(exports.Stream(parts(), {}))
    assert [message.get("body") for message in messages[1:]] == [b"first"]
    assert all(message["more_body"] for message in messages[1:])


def test_a_reader_who_goes_away_or_is_too_slow_ends_the_download(site, monkeypatch):
    async def receive():
        return {"type": "http.disconnect"}

    async def never():
        await asyncio.sleep(60)

    async def read(answer):
        chosen = exports.Selection(
            "cells", "", "", "select * from cells", {}, (writers.Column("x", "text"),), is_table=True
        )
        reading = exports._open(site, chosen)
        running = KNOWN[site].running
        return [part async for part in exports._text(reading, "csv", running, answer)]

    monkeypatch.setattr(exports, "_BATCH", 1)
    with pytest.raises(TimeoutError):
        asyncio.run(read(receive))
    monkeypatch.setattr(exports, "_TOTAL_SECONDS", -1)
    with pytest.raises(TimeoutError):
        asyncio.run(read(never))
    assert KNOWN[site].running.count == 0


def test_too_many_at_once_are_asked_to_come_again(site, fetch):
    running = KNOWN[site].running
    with running.one(), running.one(), running.one():
        assert fetch(site, f"{SUBJECT}.csv", 503).headers["retry-after"]
    fetch(site, f"{SUBJECT}.csv")


def test_head_asks_for_nothing(site):
    response = asyncio.run(site.client.head(f"{SUBJECT}.csv"))
    assert response.status_code == 200
    assert response.content == b""


def test_the_downloads_page_leads_to_everything(site, fetch, specs):
    page = fetch(site, "/-/downloads").text
    for spec in specs.every_table():
        for ending, _, _ in DOWNLOADS:
            assert f'href="/-/export/{spec.name}.{ending}"' in page
    assert 'href="/budget.db"' in page
    assert 'href="/-/package/2027.zip"' in page


def test_a_package_is_one_archive_always_the_same(site, site_database, fetch):
    first = fetch(site, "/-/package/2026.zip").content
    assert fetch(site, "/-/package/2026.zip").content == first
    archive = zipfile.ZipFile(io.BytesIO(first))
    folder = site_database.parent / "out" / "2026"
    files = {f"2026/{path.relative_to(folder)}": path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {name: archive.read(name) for name in archive.namelist()} == files
    fetch(site, "/-/package/1999.zip", 404)


def test_a_release_is_shown_in_groups_and_a_folder_is_one_entry(site_database, specs, fetch, tmp_path):
    names = [
        "budget.db",
        "data/a.csv",
        "data/b.csv",
        "SHA256SUMS",
        "minisign.pub",
        "parquet/t/年度=2026/part-0.parquet",
        "new.bin",
    ]
    names += [f"site/unit/{number}/index.html" for number in range(150)]
    for name in names:
        (tmp_path / "2026.1" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "2026.1" / name).write_bytes(b"x" * 2048)
    (tmp_path / "2026.1" / "SHA256SUMS").write_text(
        "".join(f"{'0' * 64}  {name}\n" for name in names if name != "SHA256SUMS")
    )
    setup = Setup(releases=tmp_path)
    found = {shelf.title: shelf.entries for shelf in shelves(releases(setup)["2026.1"])}
    assert list(found) == ["数据", "Parquet", "网站", "描述与校验", "其他"]
    assert [(entry.name, entry.count, entry.size) for entry in found["数据"]] == [
        ("budget.db", 1, 2048),
        ("data/", 2, 4096),
    ]
    assert [entry.name for entry in found["描述与校验"]] == ["SHA256SUMS", "minisign.pub"]
    assert [entry.name for entry in found["其他"]] == ["new.bin"]
    assert all(entry.use for title, entries in found.items() if title != "其他" for entry in entries)
    ((whole,), (data,)) = found["网站"], found["数据"][1:]
    assert (whole.count, whole.files, data.files) == (150, (), ("data/a.csv", "data/b.csv"))
    page = fetch(make_site(site_database, specs, setup), "/-/downloads").text
    assert "site/（150 个文件" in page
    assert "/-/release/2026.1/site/" not in page
    for name in ("budget.db", "data/b.csv", "new.bin"):
        assert f'href="/-/release/2026.1/{name}"' in page


def test_releases_offer_what_their_checksums_name_and_nothing_else(site_database, specs, fetch, tmp_path):
    for version in ("2026.2", "2026.10", "not a release"):
        (tmp_path / version / "data").mkdir(parents=True)
        (tmp_path / version / "data" / "a.csv").write_text("甲\n", "utf-8")
        (tmp_path / version / "secret").write_text("x", "utf-8")
        (tmp_path / version / "SHA256SUMS").write_text(
            f"{'0' * 64}  data/a.csv\n{'0' * 64}  ../../etc/passwd\n", "utf-8"
        )
    setup = Setup(releases=tmp_path)
    assert {version: sorted(files) for version, files in releases(setup).items()} == {
        version: ["SHA256SUMS", "data/a.csv"] for version in ("2026.10", "2026.2")
    }
    assert list(releases(setup)) == ["2026.10", "2026.2"]
    site = make_site(site_database, specs, setup)
    assert fetch(site, "/-/release/2026.10/data/a.csv").text == "甲\n"
    assert 'href="/-/release/2026.2/data/a.csv"' in fetch(site, "/-/downloads").text
    for address in ("/-/release/2026.2/secret", "/-/release/2026.2/../2026.10/secret", "/-/release/2026.9/SHA256SUMS"):
        fetch(site, address, 404)


def test_a_package_that_points_elsewhere_is_not_packed(site_database, specs, fetch, tmp_path):
    (tmp_path / "2026").mkdir()
    described = {"resources": [{"path": "../../etc/passwd"}]}
    (tmp_path / "2026" / "datapackage.json").write_text(json.dumps(described), "utf-8")
    site = make_site(site_database, specs, Setup(packages=tmp_path, cache=tmp_path / "cache"))
    fetch(site, "/-/package/2026.zip", 404)
