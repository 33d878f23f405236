"""Measure the search box against LIKE on the same database: what is found, and how long it takes; updates docs/performance-serving.md.

    python benchmarks/synthetic.py big.db --rows 1000000 --sentences 1000000
    python benchmarks/search.py big.db

LIKE looks at the same entries that the index was made of. Both are asked in turn; what is compared are ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from serving import TITLE_SEARCH, about, table, write_section

from yusuan import grams
from yusuan.site.server import make_site
from yusuan.spec import load_specs

WORDS = (
    "运行",
    "经费",
    "采购",
    "费",
    "公务接待费",
    "监测站",
    "压减一般性支出",
    "2060301",
    "高新智能制造研究院",
    "城东 培训费",
)
LIKE = "select count(*) from search_entries where "
MATCH = "select count(*) from search where search match ?"


def timed(act: Callable[[], object], runs: int) -> tuple[object, float]:
    """Return what an act gives and its median time in milliseconds."""
    took, result = [], None
    for _ in range(runs):
        began = time.perf_counter()
        result = act()
        took.append((time.perf_counter() - began) * 1000)
    return result, statistics.median(took)


def like(connection: sqlite3.Connection, query: str) -> int:
    """Count the entries that hold every word, by looking at all of them."""
    words = query.split()
    condition = " and ".join("(标题 like ? or 正文 like ?)" for _ in words)
    values = [f"%{word}%" for word in words for _ in range(2)]
    return int(connection.execute(LIKE + condition, values).fetchone()[0])


def indexed(connection: sqlite3.Connection, query: str) -> int:
    """Count the entries that hold every word, by the index."""
    expression = " AND ".join(f"文 : {grams.match(word)}" for word in grams.words(query))
    return int(connection.execute(MATCH, [expression]).fetchone()[0])


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    site = make_site(options.database, load_specs())
    rows = []
    with closing(sqlite3.connect(options.database)) as connection:
        (entries,) = connection.execute("select count(*) from search_entries").fetchone()
        for query in WORDS:
            wanted, slow = timed(lambda query=query: like(connection, query), options.runs)
            found, quick = timed(lambda query=query: indexed(connection, query), options.runs)
            address = f"/-/search?q={quote(query)}"
            _, page = timed(
                lambda address=address: asyncio.run(site.client.get(address)).raise_for_status(), options.runs
            )
            share = "—" if not wanted else f"{found / wanted:.0%}"  # type: ignore[operator] - both are numbers
            rows.append(
                (
                    query,
                    f"{wanted:,}",
                    f"{found:,}",
                    share,
                    f"{slow:.0f}",
                    f"{quick:.1f}",
                    f"{slow / quick:.0f}",
                    f"{page:.0f}",
                )
            )
    heads = ("检索词", "LIKE 找到", "索引找到", "找回", "LIKE 毫秒", "索引毫秒", "快几倍", "检索页毫秒")
    text = f"索引里有 {entries:,} 条（{about()}）。时间是 {options.runs} 次的中位数，数全部命中；检索页包括分组、标出和排版。\n\n"
    write_section(TITLE_SEARCH, text + table(heads, rows))


if __name__ == "__main__":
    main()
