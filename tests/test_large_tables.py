"""Large tables: filters for part of a name, counting in advance, and what one request may wait for."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import threading
from contextlib import closing

import pytest
import uvicorn

from yusuan import database as loading
from yusuan import names
from yusuan.package import read_records
from yusuan.site import patience, warming
from yusuan.site.metadata import DATABASE
from yusuan.site.server import listen, make_site, serve
from yusuan.site.setup import Setup

TABLE = "expenditure_by_function"


@pytest.fixture(scope="module")
def large(neighbours, tmp_path_factory, specs):
    """Return a database for whose loading even a few rows were many."""
    packages = [read_records(folder, specs) for folder in sorted((neighbours.parent / "out").glob("20*"))]
    path = tmp_path_factory.mktemp("large") / "budget.db"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loading, "_LARGE", 10)
        patched.setattr(names, "_ROWS_OF_A_NAME", 1)
        loading.load_database(path, packages, specs)
    return path


def ask(path, sql, *values):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql, values).fetchall()


def test_the_register_holds_every_name(large, specs):
    for column in names.columns_of(specs.subjects[TABLE]):
        held = ask(large, f"select 名称 from {names.TABLE} where 表 = ? and 列 = ?", TABLE, column)  # noqa: S608 - from the specs, or a test's own
        there = ask(large, f'select distinct "{column}" from {TABLE} where "{column}" is not null order by 1')  # noqa: S608 - from the specs, or a test's own
        assert held == there
    assert ask(large, f"select count(*) from {names.TABLE} where 列 = '科目名称'") > [(10,)]  # noqa: S608 - from the specs, or a test's own


def test_small_tables_have_no_register(neighbours):
    assert ask(neighbours, f"select count(*) from {names.TABLE}") == [(0,)]  # noqa: S608 - from the specs, or a test's own


@pytest.mark.parametrize(
    ("asked", "condition"),
    [
        ("科目名称__contains=支出", "科目名称 like '%支出%'"),
        ("科目名称__startswith=机", "科目名称 like '机%'"),
        ("科目名称__endswith=费", "科目名称 like '%费'"),
        ("科目名称__like=%_生%", "科目名称 like '%_生%'"),
        ("科目名称__glob=*管理*", "科目名称 glob '*管理*'"),
        ("科目名称__contains=支出&科目名称__contains=其他", "科目名称 like '%支出%' and 科目名称 like '%其他%'"),
        ("科目名称__contains=没有这样的名称", "false"),
        ("科目名称__contains=支出&年度=2026", "科目名称 like '%支出%' and 年度 = 2026"),
        ("科目名称__notlike=%支出%", "科目名称 not like '%支出%'"),
        ("更正__contains=印", "更正 like '%印%'"),
        ("科目名称__contains=", "科目名称 like '%%'"),
    ],
)
@pytest.mark.parametrize("public", [False, True])
def test_a_filter_for_part_of_a_name_finds_the_same_rows(public, asked, condition, large, specs, fetch):
    site = make_site(large, specs, Setup(public=public))
    found = fetch(site, f"/budget/{TABLE}.json?{asked}&_size=max&_shape=objects").json()
    expected = [key for (key,) in ask(large, f"select 键 from {TABLE} where {condition} order by 合计 desc, 键")]  # noqa: S608 - from the specs, or a test's own
    assert [row["键"] for row in found["rows"]] == expected
    assert found["filtered_table_rows_count"] == len(expected)
    facets = found["facet_results"]["年度"]["results"]
    counted = ask(large, f"select 年度, count(*) from {TABLE} where {condition} group by 1 order by 2 desc, 1")  # noqa: S608 - from the specs, or a test's own
    assert [(value["value"], value["count"]) for value in facets] == counted


def test_such_a_filter_looks_through_the_names_alone(large, specs, monkeypatch):
    site = make_site(large, specs)
    seen = []
    execute = type(site.get_database(DATABASE)).execute

    async def told(self, sql, params=None, **options):
        seen.append(sql)
        return await execute(self, sql, params, **options)

    monkeypatch.setattr(type(site.get_database(DATABASE)), "execute", told)
    asyncio.run(site.client.get(f"/budget/{TABLE}.json", params={"科目名称__contains": "管理"}))
    counting = [sql for sql in seen if sql.lstrip().startswith(("select count(*)", "select [部门] as value"))]
    assert len(counting) == 2
    assert all(names.TABLE in sql for sql in counting)
    index = ask(large, f"select name from pragma_index_info('names_{TABLE}_科目名称') order by seqno")  # noqa: S608 - a constant
    facets = [field.name for field in specs.subjects[TABLE].fields if field.facet]
    assert [name for (name,) in index] == ["科目名称", *facets]  # so what is counted is counted from it alone


@pytest.fixture
def warmed(large, specs, monkeypatch):
    monkeypatch.setattr(warming, "LARGE", 10)
    monkeypatch.setattr(warming, "_PAUSE", 0)
    monkeypatch.setattr("yusuan.site.remembered.SLOW", 0)
    return make_site(large, specs)


def counted(site, monkeypatch):
    """Return the statements that reach the database itself from now on."""
    seen = []
    execute = type(site.get_database(DATABASE)).__bases__[0].execute

    async def told(self, sql, params=None, **options):
        seen.append(sql)
        return await execute(self, sql, params, **options)

    monkeypatch.setattr("datasette.database.Database.execute", told)
    return seen


def test_the_first_reader_finds_categories_counted(warmed, monkeypatch, fetch):
    asyncio.run(warming.warm(warmed))
    seen = counted(warmed, monkeypatch)
    page = fetch(warmed, f"/budget/{TABLE}").text
    assert '<div class="facets"' in page
    assert not [sql for sql in seen if "count(*) as count" in sql]


def test_counting_in_advance_is_no_request_that_somebody_waits_for(warmed, monkeypatch):
    monkeypatch.setattr(patience.Patience, "__init__", lambda self: setattr(self, "left", 0))
    seen = counted(warmed, monkeypatch)
    asyncio.run(warming.warm(warmed))
    assert [sql for sql in seen if "count(*) as count" in sql]


def test_only_large_tables_are_counted_in_advance(warmed, large, monkeypatch):
    wanted = warming.large_tables(warmed)
    assert TABLE in wanted
    assert all(ask(large, f'select count(*) from "{name}"')[0][0] >= 10 for name in wanted)  # noqa: S608 - from the specs, or a test's own
    monkeypatch.setattr(warming, "LARGE", 10**9)
    assert warming.large_tables(warmed) == []


def test_counting_in_advance_ends_after_a_while(warmed, monkeypatch):
    monkeypatch.setattr(warming, "LONGEST", 0)
    seen = counted(warmed, monkeypatch)
    asyncio.run(warming.warm(warmed))
    assert not [sql for sql in seen if "count(*) as count" in sql]


def test_a_server_counts_while_it_answers_and_stops_with_it(large, specs, monkeypatch):
    """The one who asks first is answered though the counting never ends; the end of the server ends it."""
    ended = threading.Event()

    async def endless(_site):
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()

    monkeypatch.setattr("yusuan.site.server.warm", endless)
    site, servers = make_site(large, specs), []

    class Server(uvicorn.Server):
        def __init__(self, config):
            super().__init__(config)
            servers.append(self)

    monkeypatch.setattr("uvicorn.Server", Server)
    with listen("127.0.0.1", 0) as listener:
        running = threading.Thread(target=serve, args=(site, listener))
        running.start()
        with socket.create_connection(listener.getsockname()[:2], timeout=60) as client:
            client.sendall(b"GET /-/yusuan.css HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert client.recv(12) == b"HTTP/1.1 200"
        assert not ended.is_set()
        servers[0].should_exit = True
        running.join(60)
    assert ended.is_set()
    assert not running.is_alive()


def test_one_request_waits_so_long_for_categories_and_no_longer(large, specs, monkeypatch, fetch):
    monkeypatch.setattr(patience, "CATEGORIES", 0)
    monkeypatch.setattr(patience.Patience, "__init__", lambda self: setattr(self, "left", patience.CATEGORIES))
    site = make_site(large, specs)
    page = fetch(site, f"/budget/{TABLE}").text
    assert "没有来得及统计" in page
    monkeypatch.setattr(patience, "CATEGORIES", 2000)
    page = fetch(site, f"/budget/{TABLE}").text
    assert "没有来得及统计" not in page
    assert '<div class="facets"' in page


def test_the_time_of_a_request_is_used_up_by_its_categories():
    async def one():
        patience.begin()
        first = patience.limit("select 1", 1500, shown=False)
        patience.spend(1500, 1.8)
        second = patience.limit("select 1", 1500, shown=False)
        patience.spend(1500, 1)
        return first, second, patience.limit("select 1", 1500, shown=False)

    assert asyncio.run(one()) == (1500, 200, 0)


def test_the_number_of_rows_has_less_time_than_the_rows():
    async def one():
        patience.begin()
        count = "select count(*) from t where x"
        return [
            patience.limit(sql, None, shown=shown)
            for sql, shown in ((count, False), (count, True), ("select 1", False))
        ]

    assert asyncio.run(one()) == [patience.ROWS, None, None]
    assert patience.limit("select count(*) from t", None, shown=False) is None  # not in a request
