"""A site for strangers: hostile queries and requests are answered quickly, with little memory, and say nothing inside."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yusuan.errors import HostError
from yusuan.site import exports, library, safety, server
from yusuan.site.server import make_site
from yusuan.site.setup import Setup

SUBJECT = "/budget/expenditure_by_function"
ENDLESS = "with recursive n(i) as (select 1 union all select i - -1 from n) select max(i) from n"
#: Queries that froze or filled an unguarded server, or told about the machine.
HOSTILE = [
    ENDLESS,
    "select count(*) from cells a, cells b, cells c, cells d",
    "select a.原文 from cells a, cells b, cells c order by a.原文 || b.原文 || c.原文",
    "select length(hex(zeroblob(499999999)))",
    "select length(randomblob(999999999))",
    "select length(replace(hex(zeroblob(200000000)), '00', 'aaaa'))",
    "select length(printf('%.*c', 900000000, 'x'))",
    "select length(format('%.*c', 900000000, 'x'))",
    "select length(group_concat(a.原文 || b.原文)) from cells a, cells b",
    "select replace(replace(replace(replace(group_concat(原文),'1','11111111111111111111'),'1','11111111111111111111'),'1','11111111111111111111'),'1','11111111111111111111') from cells",
    "select a.原文 || b.定义 from cells a, glossary b, glossary c order by 1",
    "select fts3_tokenizer('simple')",
    "select fts3_tokenizer('simple', x'4141414141414141')",
    "select load_extension('x')",
    "select * from dbstat",
    "select * from sqlite_stmt",
    "select * from pragma_database_list",
    "select * from pragma_function_list",
    "select * from sqlite_dbpage",
    "attach '/tmp/x.db' as x",
    "vacuum into '/tmp/x.db'",
    "select writefile('/tmp/x', 'x')",
    "select readfile('/etc/passwd')",
    "pragma query_only = off",
    "delete from units",
    "select " + "+".join("1" * 3000),
    "select " + ",".join("1" * 3000),
    " union all ".join(["select 1"] * 300),
    "select 1 where " + "(" * 900 + "1" + ")" * 900,
    "select x'" + "00" * 60_000 + "'",
]  # fmt: skip


@pytest.fixture(scope="module")
def public(site_database, specs, tmp_path_factory):
    return make_site(site_database, specs, Setup(public=True, cache=tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def local(site_database, specs, tmp_path_factory):
    return make_site(site_database, specs, Setup(cache=tmp_path_factory.mktemp("cache")))


@contextlib.contextmanager
def _served(database, log, *options):
    """Serve a site in a process of its own and give its address and its process; what it says goes to `log`."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).parent / "yusuan"), "serve", str(database), "--port", str(port), *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log) as process:
        try:
            for _ in range(300):
                with contextlib.suppress(ConnectionRefusedError):
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return tmp_path_factory.mktemp("log") / "log.txt"


@pytest.fixture(scope="module")
def served(site_database, log):
    with log.open("wb") as file, _served(site_database, file, "--public", "--allow-sql") as (address, process):
        yield address, process


def _ask(address, **options):
    try:
        with urllib.request.urlopen(urllib.request.Request(address, **options), timeout=60) as answer:  # noqa: S310 - ours
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def _query(address, sql, path="/budget.json"):
    return _ask(f"{address}{path}?{urllib.parse.urlencode({'sql': sql})}")


def _peak(process):
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text("utf-8"))[1]) // 1024


@pytest.mark.parametrize("sql", HOSTILE, ids=lambda sql: sql[:40])
@pytest.mark.parametrize("path", ["/budget.json", "/-/export/sql.csv"])
def test_hostile_queries_are_refused(served, sql, path):
    status, body = _query(served[0], sql, path)
    assert 400 <= status < 500, body[:300]
    assert b"Traceback" not in body
    assert b"site-packages" not in body


def test_the_server_lives_answers_and_stays_small_under_hostile_loops(served, log):
    address, process = served
    stop = time.monotonic() + 6
    seen = []

    def loop(sql):
        while time.monotonic() < stop:
            seen.append(_query(address, sql)[0])

    threads = [threading.Thread(target=loop, args=(sql,)) for sql in (HOSTILE[0], HOSTILE[1], HOSTILE[8])]
    for thread in threads:
        thread.start()
    legitimate = []
    while time.monotonic() < stop:
        legitimate.append(_ask(f"{address}/budget/units/450200-405003.json")[0])
    for thread in threads:
        thread.join()
    assert set(legitimate) == {200}
    assert len(legitimate) >= 3
    assert all(400 <= status < 500 or status == 503 for status in seen)
    assert _peak(process) < 400
    assert log.stat().st_size < 10_000, log.read_text("utf-8")[:500]


def test_ordinary_queries_still_answer(served):
    address, _ = served
    status, body = _query(address, "select 单位名称, json_group_array(单位) from units group by 1 order by 1")
    assert (status, len(json.loads(body)["rows"])) == (200, 2)
    assert _query(address, "select count(*) from search where search match '\"运行\"'")[0] == 200
    status, body = _query(address, "select * from cells", "/-/export/sql.csv")
    assert (status, body.count(b"\n") > 3000) == (200, True)


def test_strangers_may_not_write_queries_unless_allowed(public, local, fetch):
    for address in ("/budget?sql=select 1", "/-/export/sql.csv?sql=select 1", f"{SUBJECT}?_where=1=1",
                    "/-/export/units.csv?_where=1=1"):  # fmt: skip
        fetch(public, address, 403)
        fetch(local, address)


def test_every_page_still_answers_a_public_site(public, fetch, specs):
    for spec in specs.every_table():
        fetch(public, f"/budget/{spec.name}")
        fetch(public, f"/budget/{spec.name}.json")
        fetch(public, f"/-/export/{spec.name}.csv")
    for name in specs.site["queries"]:
        fetch(public, f"/budget/{name}")
        fetch(public, f"/-/export/query/{name}.csv")
    for address in ("/", "/budget", "/-/search?q=运行", "/-/downloads", "/budget/units/450200-405003", "/budget.db",
                    "/-/source/t03_expenditure/450200-405003-2026-budget,4?column=合计"):  # fmt: skip
        fetch(public, address)


@pytest.mark.parametrize(
    "address", ["/", SUBJECT, "/-/yusuan.css", "/budget/units.json", "/nix", "/-/export/units.csv"]
)
def test_every_answer_has_the_headers(public, local, address):
    for site in (public, local):
        headers = asyncio.run(site.client.get(address)).headers
        policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
        assert policy["script-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
        assert headers.get_list("referrer-policy") == ["strict-origin-when-cross-origin"]


def test_pages_hold_no_script_and_no_style_of_their_own(public, fetch):
    """What the policy forbids must not be there, or the page breaks."""
    for address in ("/", "/budget", SUBJECT, "/-/search?q=费", "/budget/three_public_ranking", "/-/downloads", "/nix?x",
                    "/-/source/t03_expenditure/450200-405003-2026-budget,4?column=合计"):  # fmt: skip
        page = fetch(public, address, 404 if address.startswith("/nix") else 200).text
        scripts = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", page)
        assert all("application/ld+json" in attributes for attributes in scripts), address
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page), address


def test_answers_may_be_kept_errors_may_not(public, fetch):
    assert fetch(public, SUBJECT).headers["cache-control"] == "max-age=3600"
    for address in ("/", "/unit", "/compare", "/-/downloads"):
        assert fetch(public, address).headers["cache-control"] == "max-age=3600", address
    assert fetch(public, "/nix", 404).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/-/versions.json", 404), ("/-/databases.json", 404), ("/-/plugins", 404), ("/-/settings.json", 404),
        ("/-/threads.json", 404), ("/-/permissions", 404), ("/-/config.json", 404), ("/-/messages", 404),
        (f"{SUBJECT}?" + "&".join(["_facet=年度"] * 9), 400), (f"{SUBJECT}?" + "a=1&" * 90, 400),
        (f"{SUBJECT}?_timelimit=9999999", 400), (f"{SUBJECT}?x=" + "x" * 9000, 414),
        ("/%5Cexample.org/", 400), ("//example.org/", 400), ("/budget/three_public_ranking?_timelimit=x", 400),
    ],
)  # fmt: skip
def test_unreasonable_requests_are_turned_away(public, fetch, address, status):
    assert "Traceback" not in fetch(public, address, status).text


@pytest.mark.parametrize(
    "address",
    [
        "/-/messages",
        "/-/allow-debug",
        "/-/patterns",
        "/-/permissions",
        "/-/logout",
        "/-/auth-token",
        "/-/static/table.js",
        "/-/static/nix",
    ],
)
def test_pages_that_no_reader_needs_are_on_no_site(address, public, site_database, specs, fetch):
    """What Datasette shows there is English, and about itself; here it is a page like any other that is not there."""
    for site in (public, make_site(site_database, specs)):
        page = fetch(site, address, 404).text
        assert "没有这个页面" in page
        assert "回到首页" in page


def test_a_browser_may_ask_what_it_may_ask(served):
    for path in ("/", "/unit", "/budget/units.json"):
        request = urllib.request.Request(f"{served[0]}{path}", method="OPTIONS")  # noqa: S310 - our own server
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own server
            assert (answer.status, answer.read()) == (204, b"")
            assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", ["/\\example.org/", "//example.org/", "/%5cexample.org/"])
def test_no_redirect_leads_elsewhere(served, path):
    with socket.create_connection(("127.0.0.1", urllib.parse.urlsplit(served[0]).port)) as link:
        link.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: link.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"location:" not in answer.lower()


def test_large_bodies_and_other_methods_are_refused(served):
    assert _ask(f"{served[0]}/-/reconcile/units", data=b"x" * 200_000)[0] == 413
    assert _ask(f"{served[0]}/budget/units", method="DELETE")[0] == 405
    assert _ask(f"{served[0]}/budget/units", data=b"x=1")[0] == 405


def test_too_many_requests_at_once_are_asked_to_come_again():
    async def slow(_scope, _receive, send):
        await asyncio.sleep(0.2)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def ask(guard, client):
        statuses = []

        async def send(message):
            statuses.append(message.get("status"))

        scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "client": (client, 1)}
        await guard(scope, None, send)
        return statuses[0]

    async def everyone(guard, clients):
        return await asyncio.gather(*(ask(guard, client) for client in clients))

    guard = safety.Guard(slow, lambda: True)
    one = asyncio.run(everyone(guard, ["a"] * (safety.OF_ONE + 3) + ["b"]))
    assert one.count(503) == 3
    assert one[-1] == 200
    assert asyncio.run(everyone(guard, map(str, range(safety.OF_ALL + 5)))).count(503) == 5
    assert guard.running.total() == 0


def test_no_error_prints_the_variables_of_the_server(public, local, fetch, monkeypatch, capsys):
    """A traceback of rich takes half a second of everybody's time and fills the log with what it finds."""
    rich = pytest.importorskip("rich")
    monkeypatch.setattr(rich, "get_console", lambda: pytest.fail("rich was asked"))
    for site in (public, local):
        fetch(site, "/nix", 404)
        fetch(site, f"{SUBJECT}?_sort=nix", 400)
    assert "locals" not in capsys.readouterr().err


def test_our_own_faults_show_nothing_inside(local, fetch, monkeypatch):
    from yusuan.site import home  # noqa: PLC0415 - only to break it

    async def broken(*_):
        raise RuntimeError("/secret/path of the server")

    monkeypatch.setattr(home, "overview", broken)
    page = fetch(local, "/", 500).text
    assert "secret" not in page
    assert "网站出了问题" in page


# Datasette prepares the next facet while one fails and then never asks for it
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from([SUBJECT, "/budget/cells.json", "/budget/three_public_ranking", "/-/search", "/-/export/units.csv", "/budget"]),
    st.lists(
        st.tuples(
            st.sampled_from(["_size", "_next", "_sort", "_facet", "_facet_size", "_shape", "_col", "年度", "年度__in", "q", "_after",
                             "科目编码__glob", "_labels", "_nl", "_json", "单位__exact", "__", "_filter_column", "_extra", "x__y__z"]),
            st.sampled_from(["", "x", "-1", "0", "99999999999999999999", "max", "[", "{}", "null", "'", "\x00", "%", "年", "1e9", "[[]]"]),
        ),
        max_size=4,
    ),
)  # fmt: skip
def test_no_arguments_break_the_site(public, path, arguments):
    address = f"{path}?{urllib.parse.urlencode(arguments)}"
    status = asyncio.run(public.client.get(address, follow_redirects=True)).status_code
    assert status < 500, address


def test_a_file_replaced_while_served_is_never_mixed_with_the_old_one(site_database, specs, fetch, tmp_path):
    path = tmp_path / "budget.db"
    path.write_bytes(site_database.read_bytes())
    site = make_site(path, specs)
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("create table units (单位 text)")
    os.replace(other, path)  # noqa: PTH105 - the very call that a release makes
    fetch(site, "/-/export/units.csv", 503)
    fetch(site, "/budget/units", 503)


def test_a_database_with_unwritten_changes_is_not_served(site_database, specs, tmp_path):
    path = tmp_path / "budget.db"
    path.write_bytes(site_database.read_bytes())
    (tmp_path / "budget.db-wal").write_bytes(b"x")
    with pytest.raises(HostError) as caught:
        make_site(path, specs)
    assert [problem.code for problem in caught.value.problems] == ["DATABASE-BUSY"]


def test_the_page_about_public_sites_tells_the_limits_that_hold():
    page = (Path(__file__).resolve().parents[1] / "docs" / "public-site.md").read_text("utf-8")
    told = [
        f"一条查询 {server.PUBLIC['sql_time_limit_ms'] // 1000} 秒",
        f"一个分类 {server.PUBLIC['facet_time_limit_ms'] / 1000} 秒",
        f"共 {exports._TOTAL_SECONDS / 60:.0f} 分钟，取一批行 {exports._BATCH_SECONDS:.0f} 秒",
        f"一个值 {safety._LIMITS[sqlite3.SQLITE_LIMIT_LENGTH] // 1_000_000} MB",
        f"一条查询的回答 {safety.ROW_BYTES // 2**20} MB",
        f"地址不超过 {safety.LONGEST_ADDRESS // 1024} KB，内容不超过 {safety.LARGEST_BODY // 1024} KiB",
        f"最多 {safety.MOST_ARGUMENTS} 个参数、{safety.MOST_FACETS} 个分类",
        f"同一地址同时 {safety.OF_ONE} 个请求，全站 {safety.OF_ALL} 个，同时 {exports.AT_ONCE} 个下载",
        f"最多 {library._KEPT_FILES:,} 张、{library._KEPT_BYTES // 2**20} MiB",
    ]
    assert [text for text in told if text not in page] == []
