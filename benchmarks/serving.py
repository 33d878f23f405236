"""Measure the site against an unmodified Datasette on the same database; updates docs/performance-serving.md.

    python benchmarks/synthetic.py big.db --rows 1000000 --sentences 1000000
    python benchmarks/serving.py big.db

Both are servers of their own and are asked in turn; the other one has our metadata.yml, so that it shows the same facets,
and its own defaults. What is compared are ratios: the machine may be busy with other things.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import platform
import re
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from yusuan.spec import load_specs

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "performance-serving.md"
TITLE_PAGES, TITLE_COUNTING, TITLE_SEARCH, TITLE_CSV = "页面", "按类别计数", "检索", "整张表下载"
HEAD = f"""# 网站的性能

由 `benchmarks/serving.py` 和 `benchmarks/search.py` 在 `benchmarks/synthetic.py` 造出的数据库上测得。机器与别的任务共用，
毫秒数会漂移，同一行里的比值才可比。数据库由 `yusuan load` 的同一段代码载入，所以索引是一样的；对照的是没有改动的 Datasette，
带上同样的 `metadata.yml`（`datasette serve -i`，其余缺省）。

## {TITLE_PAGES}

## {TITLE_COUNTING}

## {TITLE_CSV}

## {TITLE_SEARCH}
"""
SUBJECT = "/budget/expenditure_by_function"


def about() -> str:
    """Return when and on what this was measured."""
    versions = f"Python {platform.python_version()}，SQLite {sqlite3.sqlite_version}"
    return f"{datetime.date.today()}，{platform.machine()}，{platform.system()}，{versions}"  # noqa: DTZ011 - the day here


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of the page."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def write_section(title: str, text: str) -> None:
    """Put a text in its section of the page; the other sections stay."""
    page = PAGE.read_text("utf-8") if PAGE.exists() else HEAD
    section = re.compile(rf"(^## {title}\n).*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    PAGE.write_text(section.sub(lambda found: f"{found[1]}\n{text.strip()}\n\n", page).rstrip() + "\n", "utf-8")
    print(text)


@contextlib.contextmanager
def server(command: Sequence[str]) -> Iterator[str]:
    """Run a server on a free port and give its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with subprocess.Popen(
        [*command, "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        try:
            for _ in range(1200):
                with contextlib.suppress(ConnectionRefusedError):
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(60)


def ask(address: str) -> tuple[float, bytes]:
    """Return how long an answer takes in milliseconds, and the answer, whatever its status."""
    began = time.perf_counter()
    try:
        with urllib.request.urlopen(quote(address, safe="/?&=:,~"), timeout=600) as answer:  # noqa: S310 - our own server
            content = answer.read()
    except urllib.error.HTTPError as error:
        content = error.read()
    return (time.perf_counter() - began) * 1000, content


def pages(database: Path) -> list[tuple[str, str]]:
    """Return what is asked: what it is called, its address."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        unit, key = connection.execute("select 单位, 键 from expenditure_by_function limit 1 offset 5").fetchone()
    return [
        ("首页", "/"),
        ("表，6 个分类", SUBJECT),
        ("表，一个年度和一个类，6 个分类", f"{SUBJECT}?年度=2023&类=201"),
        ("表，一个年度，6 个分类", f"{SUBJECT}?年度=2024"),
        ("表，一个类，6 个分类", f"{SUBJECT}?类=208"),
        ("表，一个单位，6 个分类", f"{SUBJECT}?单位={unit}"),
        ("表，名称含“管理”，6 个分类", f"{SUBJECT}?科目名称__contains=管理"),
        ("公开表（原貌）", "/budget/t03_expenditure"),
        ("一行", f"/budget/expenditure_by_function/{key.replace('.', '~2E')}"),
        ("单位的名录", "/budget/units"),
    ]


def measure(ours: str, other: str, address: str, runs: int) -> tuple[list[float], list[float], bytes]:
    """Ask both in turn; return the times of each and the last answer of the other."""
    mine, its, content = [], [], b""
    for _ in range(runs):
        mine.append(ask(ours + address)[0])
        took, content = ask(other + address)
        its.append(took)
    return mine, its, content


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    home, name = Path(sys.executable).parent, options.database.resolve()
    (name.parent / "plain").mkdir(exist_ok=True)
    plain = name.parent / "plain" / "budget.db"  # Datasette calls a database by its file
    plain.unlink(missing_ok=True)
    plain.hardlink_to(name)
    write_section(TITLE_COUNTING, counting(name))
    stock = [str(home / "datasette"), "serve", "-i", str(plain), "-m", str(ROOT / "metadata.yml")]
    with server([str(home / "yusuan"), "serve", str(name)]) as ours, server(stock) as other:
        ask(ours), ask(other)
        write_section(TITLE_PAGES, compared(ours, other, pages(name), options))
        write_section(TITLE_CSV, downloads(ours, other, name))
    plain.unlink()


def compared(ours: str, other: str, asked: Sequence[tuple[str, str]], options: argparse.Namespace) -> str:
    """Return the table of pages."""
    rows = []
    for title, address in asked:
        mine, its, content = measure(ours, other, address, options.runs)
        late = len(re.findall(rb"timed out|SQL Interrupted", content))
        first, median, theirs = mine[0], statistics.median(mine[1:] or mine), statistics.median(its)
        rows.append(
            (
                title,
                f"{first:.0f}",
                f"{median:.0f}",
                f"{theirs:.0f}",
                f"{theirs / median:.1f}",
                "有分类超时" if late else "",
            )
        )
    with contextlib.closing(sqlite3.connect(options.database)) as connection:
        (count,) = connection.execute("select count(*) from expenditure_by_function").fetchone()
    size = options.database.stat().st_size / 2**20
    told = f"`expenditure_by_function` 有 {count:,} 行，数据库 {size:,.0f} MB（{about()}）。每页各问 {options.runs} 次，轮流；“第一次”之外是中位数。\n\n"
    return told + table(("页面", "第一次，毫秒", "其后，毫秒", "Datasette，毫秒", "几倍", "Datasette 的回答"), rows)


def counting(database: Path) -> str:
    """Return the processor time of what a page of the table asks: the counts of all facets, the number of rows, the rows."""
    facets = [field.name for field in load_specs().subjects["expenditure_by_function"].fields if field.facet]
    rows = []
    with contextlib.closing(sqlite3.connect(database)) as connection:
        unit, department = connection.execute(
            "select 单位, 部门 from expenditure_by_function limit 1 offset 5"
        ).fetchone()
        for title, where, values in (
            ("全部", "true", ()),
            ("一个年度", "年度 = ?", (2024,)),
            ("一个类", "类 = ?", ("208",)),
            ("一个部门", "部门 = ?", (department,)),
            ("一个单位", "单位 = ?", (unit,)),
            ("名称含“管理”", "科目名称 like ?", ("%管理%",)),
        ):
            chosen = f"(select * from expenditure_by_function where {where})"  # noqa: S608 - from above
            counted = [
                f'select "{name}" as value, count(*) as count from {chosen} where "{name}" is not null'  # noqa: S608 - from the specs
                f' group by "{name}" order by count desc, value limit 31'
                for name in facets
            ]
            took = [used(connection, sql, values) for sql in counted]
            number = used(connection, f"select count(*) from {chosen}", values)  # noqa: S608 - from above
            page = used(connection, f"select * from {chosen} order by 合计 desc, 键 limit 101", values)  # noqa: S608 - from above
            rows.append((title, f"{sum(took):.0f}", f"{max(took):.0f}", f"{number:.0f}", f"{page:.0f}"))
    told = "同一张表，处理器时间（毫秒），受机器忙闲的影响小；同一问题在网站上第二次问就不再算。\n\n"
    return told + table(("条件", f"{len(facets)} 个分类", "最慢的一个", "行数", "一页的行"), rows)


def used(connection: sqlite3.Connection, sql: str, values: Sequence[object]) -> float:
    """Return the processor time of a query in milliseconds, the best of two."""
    took = []
    for _ in range(2):
        began = time.process_time()
        connection.execute(sql, values).fetchall()
        took.append((time.process_time() - began) * 1000)
    return min(took)


def downloads(ours: str, other: str, database: Path) -> str:
    """Return the table of downloads of a whole table."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        (count,) = connection.execute("select count(*) from expenditure_by_function").fetchone()
    rows = []
    for title, address in (
        ("yusuan，CSV（程序用）", f"{ours}/-/export/expenditure_by_function.csv"),
        ("yusuan，CSV（Excel 用，带名称）", f"{ours}/-/export/expenditure_by_function.excel.csv"),
        ("yusuan，JSON", f"{ours}/-/export/expenditure_by_function.json"),
        ("Datasette，CSV", f"{other}{SUBJECT}.csv?_stream=on"),
    ):
        took, content = ask(address)
        got = content.count(b"\n") - (2 if address.endswith("json") else 1)
        rows.append(
            (title, f"{took / 1000:.1f}", f"{len(content) / 2**20:.0f}", f"{got:,}", "全部" if got == count else "不全")
        )
    return table(("下载", "秒", "MB", "得到的行", f"共 {count:,} 行"), rows)


if __name__ == "__main__":
    main()
