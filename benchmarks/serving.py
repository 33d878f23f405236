"""Measure the site against an unmodified Datasette on the same database; updates docs/performance-serving.md.

    python benchmarks/synthetic.py big.db
    python benchmarks/serving.py big.db
    python benchmarks/search.py big.db

Both are servers of their own, each asked while the other is idle; the other one has our metadata.yml, so that it shows the
same facets, and its own defaults. Pages that only we have are asked of us alone. The processor time is that of the whole
server process, so it says what a page costs also where other things keep the machine busy.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import os
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
from typing import NamedTuple
from urllib.parse import quote, unquote

from datasette.utils import tilde_encode

from yusuan import names
from yusuan.spec import load_specs

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "performance-serving.md"
TITLE_PAGES, TITLE_COUNTING, TITLE_SEARCH, TITLE_CSV = "页面", "按类别计数", "检索", "整张表下载"
HEAD = f"""# 网站的性能

由 `benchmarks/serving.py` 和 `benchmarks/search.py` 在 `benchmarks/synthetic.py` 造出的数据库上测得，这一页也由它们写成。数据库由
`yusuan load` 的同一段代码载入，所以索引和合计表是一样的；对照的是没有改动的 Datasette，带上同样的 `metadata.yml`
（`datasette serve -i`，其余缺省）。机器忙的时候毫秒数会变大，处理器时间受的影响小。

## {TITLE_PAGES}

## {TITLE_COUNTING}

## {TITLE_CSV}

## {TITLE_SEARCH}
"""
SUBJECT = "/budget/expenditure_by_function"
#: How long after its start a site is asked, in seconds: it has counted its large tables by then.
SETTLED = 20


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


class Server(NamedTuple):
    """A server that is running."""

    address: str
    pid: int

    def used(self) -> float:
        """Return the processor time it has used, in milliseconds."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def server(command: Sequence[str]) -> Iterator[Server]:
    """Run a server on a free port until it is no longer needed."""
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
            yield Server(f"http://127.0.0.1:{port}", running.pid)
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


def pages(database: Path) -> list[tuple[str, str, bool]]:
    """Return what is asked: what it is called, its address, whether the other one has it too."""
    with contextlib.closing(sqlite3.connect(database)) as connection:

        def one(sql: str) -> list[str]:
            return [tilde_encode(str(value)) for value in connection.execute(sql).fetchone()]

        document, key = one(
            "select 文件, 键 from expenditure_by_function where 文件 in (select 文件 from cells) limit 1"
        )
        (unit,), (other,) = (
            one("select 单位 from units limit 1 offset 5"),
            one("select 单位 from units limit 1 offset 99"),
        )
        (project,) = one("select 键 from project limit 1 offset 5")
        (item, group, kind) = one(
            "select 科目编码, 款, 类 from expenditure_by_function group by 1 order by count(*) desc limit 1"
        )
        (year,) = one("select max(年度) from documents")
    project = unquote(project.replace("~", "%"))
    document, plain = (unquote(text.replace("~", "%")) for text in (document, unit))
    return [
        ("首页", "/", True),
        (f"表，{facets()} 个分类", SUBJECT, True),
        ("表，一个年度", f"{SUBJECT}?年度={year}", True),
        ("表，一个类", f"{SUBJECT}?类={kind}", True),
        ("表，一个年度和一个类", f"{SUBJECT}?年度={int(year) - 1}&类={kind}", True),
        ("表，一个单位", f"{SUBJECT}?单位={plain}", True),
        ("表，名称含“管理”", f"{SUBJECT}?科目名称__contains=管理", True),
        ("表，名称含“培训”", f"{SUBJECT}?科目名称__contains=培训", True),
        ("发现", "/budget/findings", True),
        ("公开表（原貌）", "/budget/t03_expenditure", True),
        ("公开表，单位名称含“研究”（没有名录）", "/budget/t03_expenditure?单位名称__contains=研究", True),
        ("说明，原文含“压减”（没有名录）", "/budget/narrative_facts?原文__contains=压减", True),
        ("一行", f"{SUBJECT}/{key}", True),
        ("单位的名录（表）", "/budget/units", True),
        ("单位一览", "/unit", False),
        ("单位的专页", f"/unit/{plain}", False),
        ("科目一览", "/code", False),
        (f"科目：类 {kind}", f"/code/{kind}", False),
        (f"科目：款 {group}", f"/code/{group}", False),
        (f"科目：项 {item}（每个单位都有）", f"/code/{item}", False),
        ("排名：支出", "/ranking/expenditure", False),
        ("排名：三公经费，占比", "/ranking/three-public?show=share", False),
        (
            "对比：两个单位、两年",
            f"/compare?unit={plain}&unit={unquote(other.replace('~', '%'))}&year={year}&year={int(year) - 1}",
            False,
        ),
        ("对比：一年的全部单位", f"/compare/{year}", False),
        ("项目的专页", f"/project/{project}", False),
        ("文档的专页", f"/document/{document}", False),
        ("出处", f"/-/source/expenditure_by_function/{key}?column=合计", False),
        ("检索：公务接待费", "/-/search?q=公务接待费", False),
        ("检索：一个字", "/-/search?q=费", False),
        ("问题：同一个科目，各单位花多少", "/budget/item_by_unit", True),
        ("问题：预算增幅最大", "/budget/biggest_increase", True),
        ("问题：三公经费最高", "/budget/three_public_ranking", True),
    ]


class Asked(NamedTuple):
    """How long the answers of one server took, in milliseconds, their processor time, and the last answer."""

    walls: list[float]
    used: list[float]
    content: bytes

    def told(self) -> tuple[str, str, str]:
        """Return the first, the median of the others, and the processor time of the first and of the others."""
        later, used = statistics.median(self.walls[1:] or self.walls), statistics.median(self.used[1:] or self.used)
        return f"{self.walls[0]:.0f}", f"{later:.0f}", f"{self.used[0]:.0f}，{used:.0f}"


def measure(asked: Server, address: str, runs: int) -> Asked:
    """Ask one server for a page."""
    walls, used, content = [], [], b""
    for _ in range(runs):
        before = asked.used()
        took, content = ask(asked.address + address)
        walls.append(took)
        used.append(asked.used() - before)
    return Asked(walls, used, content)


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--runs", type=int, default=4)
    parser.add_argument("--downloads", action="store_true", help="also measure downloads of the whole table (minutes)")
    options = parser.parse_args()
    home, name = Path(sys.executable).parent, options.database.resolve()
    (name.parent / "plain").mkdir(exist_ok=True)
    plain = name.parent / "plain" / "budget.db"  # Datasette calls a database by its file
    plain.unlink(missing_ok=True)
    plain.hardlink_to(name)
    PAGE.write_text(refreshed(), "utf-8")
    write_section(TITLE_COUNTING, counting(name))
    own = [str(home / "yusuan"), "serve", str(name)]
    stock = [str(home / "datasette"), "serve", "-i", str(plain), "-m", str(ROOT / "metadata.yml")]
    with server(own) as ours:
        cold = measure(ours, SUBJECT, 1)
    with server(own) as ours, server(stock) as other:
        time.sleep(SETTLED)
        ask(ours.address), ask(other.address)
        write_section(TITLE_PAGES, compared(ours, other, cold, options))
        if options.downloads:
            write_section(TITLE_CSV, downloads(ours.address, other.address, name))
    plain.unlink()


def refreshed() -> str:
    """Return the page with its head as it is now and its sections as they were."""
    sections = PAGE.read_text("utf-8").partition(f"## {TITLE_PAGES}\n") if PAGE.exists() else ("", "", "")
    return HEAD.partition(f"## {TITLE_PAGES}\n")[0] + "".join(sections[1:]) if sections[1] else HEAD


def facets() -> int:
    """Return how many categories a page of the table counts."""
    return sum(field.facet for field in load_specs().subjects["expenditure_by_function"].fields)


def remark(mine: Asked, its: Asked | None) -> str:
    """Return who has not answered in full."""
    late = ["本站：有分类没数完"] if "没有来得及统计".encode() in mine.content else []
    late += ["本站：行数未统计"] if "行数未统计".encode() in mine.content else []
    if its and re.search(rb"timed out|SQL Interrupted|query took too long", its.content):
        late.append("Datasette：超时")
    return "；".join(late)


def compared(ours: Server, other: Server, cold: Asked, options: argparse.Namespace) -> str:
    """Return the table of pages."""
    rows = [(f"表，{facets()} 个分类；刚启动，还没有先数过", *cold.told(), "", "", "", remark(cold, None))]
    for title, address, common in pages(options.database):
        mine = measure(ours, address, options.runs)
        its = measure(other, address, min(options.runs, 2)) if common else None
        ratio = statistics.median(its.walls) / statistics.median(mine.walls[1:] or mine.walls) if its else 0
        theirs = (its.told()[1], its.told()[2], f"{ratio:.1f}") if its else ("没有", "", "")
        rows.append((title, *mine.told(), *theirs, remark(mine, its)))
    with contextlib.closing(sqlite3.connect(options.database)) as connection:
        (count,) = connection.execute("select count(*) from expenditure_by_function").fetchone()
    size = options.database.stat().st_size / 2**20
    told = (
        f"`expenditure_by_function` 有 {count:,} 行，数据库 {size:,.0f} MB（{about()}；负载 {os.getloadavg()[0]:.1f}，"
        f"{os.cpu_count()} 个处理器）。网站启动 {SETTLED} 秒以后开始问，每页各问 {options.runs} 次：第一次，和其后的中位数；"
        f"处理器时间也是这两个。Datasette 各问 2 次，取第二次。“几倍”是其后的毫秒数之比。\n\n"
    )
    heads = (
        "页面", "第一次，毫秒", "其后，毫秒", "处理器，毫秒", "Datasette，毫秒", "Datasette 处理器，毫秒", "几倍", "没有答全的",
    )  # fmt: skip
    return told + table(heads, rows)


def counting(database: Path) -> str:
    """Return the processor time of what a page of the table asks: the counts of all facets, the number of rows, the rows."""
    facets = [field.name for field in load_specs().subjects["expenditure_by_function"].fields if field.facet]
    rows = []
    registered = f"select 名称 from {names.TABLE} where 表 = ? and 列 = ? and 名称 like ?"  # noqa: S608 - a constant
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
            ("名称含“管理”，逐行比较", "科目名称 like ?", ("%管理%",)),
            (
                "名称含“管理”，先查名录",
                f"科目名称 in ({registered})",
                ("expenditure_by_function", "科目名称", "%管理%"),
            ),
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
