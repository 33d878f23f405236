"""Measure PDF readers on the same files: time, memory and cells read right; writes docs/performance.md.

    python benchmarks/reading.py lo.pdf cr.pdf --families plain open dotted --runs 3 --python camelot=/tmp/peers/bin/python

The files must be renderings of the sample, whose cells are known from datapackage/2026; families are printed from it
here by the generator of the tests. Every run is a process of its own, the readers take turns, and what is compared are
ratios: the machine may be busy with other things. Readers that are no part of the project are installed elsewhere
(`python -m venv /tmp/peers && /tmp/peers/bin/pip install "camelot-py[base]" tabula-py`) and named with `--python`.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import importlib.util
import json
import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TRUTH = ROOT / "datapackage" / "2026" / "data" / "cells.csv"
SAMPLES = ROOT / "datapackage" / "sources"
PAGE = ROOT / "docs" / "performance.md"
LONG = 300
#: How often a child reads a file, and after how many seconds it does not begin again.
TIMES, LONG_READ = 3, 3.0
WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)

Rows = list[list[str]]


def read_yusuan(path: str) -> Rows:
    """Our own reader; the import is not counted, as for the others."""
    from yusuan.model import Grid
    from yusuan.reading.pdf import read_pdf

    blocks = read_pdf(path, Path(path).read_bytes(), "").blocks
    return [[cell.text for cell in row] for block in blocks if isinstance(block, Grid) for row in block.rows]


def read_loading(path: str) -> Rows:
    """What no reader on pdfium can do without: load pages, each character's box, each path's bounds."""
    import ctypes

    import pypdfium2
    from pypdfium2 import raw

    rect, bounds = raw.FS_RECTF(), [ctypes.c_float() for _ in range(4)]
    document = pypdfium2.PdfDocument(path)
    for page in document:
        text = page.get_textpage()
        for i in range(text.count_chars()):
            raw.FPDFText_GetUnicode(text.raw, i)
            raw.FPDFText_GetLooseCharBox(text.raw, i, rect)
        for i in range(raw.FPDFPage_CountObjects(page.raw)):
            thing = raw.FPDFPage_GetObject(page.raw, i)
            if raw.FPDFPageObj_GetType(thing) == raw.FPDF_PAGEOBJ_PATH:
                raw.FPDFPageObj_GetBounds(thing, *bounds)
        text.close()
        page.close()
    document.close()
    return []


def read_pdfplumber(path: str) -> Rows:
    """pdfplumber with its defaults."""
    import pdfplumber

    rows: Rows = []
    with pdfplumber.open(path) as document:
        for page in document.pages:
            rows += [[cell or "" for cell in row] for table in page.extract_tables() for row in table]
            page.close()
    return rows


def read_camelot(path: str) -> Rows:
    """camelot's lattice with its defaults."""
    import camelot

    return [list(row) for table in camelot.read_pdf(path, pages="all") for row in table.df.values.tolist()]


def read_tabula(path: str) -> Rows:
    """tabula's lattice."""
    import tabula

    tables = tabula.read_pdf(path, pages="all", lattice=True, pandas_options={"header": None, "dtype": str})
    return [["" if cell != cell else str(cell) for cell in row] for table in tables for row in table.values.tolist()]


def read_pdftotext(path: str) -> Rows:
    """The floor: text without cells."""
    subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    return []


READERS: dict[str, tuple[str, Callable[[str], Rows]]] = {
    "yusuan": ("yusuan", read_yusuan),
    "pypdfium2, load only": ("pypdfium2", read_loading),
    "pdfplumber extract_tables": ("pdfplumber", read_pdfplumber),
    "camelot lattice": ("camelot", read_camelot),
    "tabula lattice": ("tabula", read_tabula),
    "pdftotext -layout": ("", read_pdftotext),
}


def has(name: str, pythons: dict[str, str]) -> bool:
    """Say whether a reader is installed, here or where `--python` says."""
    module = READERS[name][0]
    if not module:
        return shutil.which("pdftotext") is not None
    asked = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return subprocess.run([pythons.get(module, sys.executable), "-c", asked], check=False).returncode == 0


def child(name: str, path: str) -> None:
    """Read a file in this process, twice unless it takes long, the faster time counts, and print what came of it."""
    module, read = READERS[name]
    if module:
        importlib.import_module(module)
    times = []
    while len(times) < TIMES and sum(seconds for seconds, _ in times) < LONG_READ:
        began, used = time.perf_counter(), cpu()
        rows = read(path)
        times.append((time.perf_counter() - began, cpu() - used))
    seconds, processor = (min(kind) for kind in zip(*times, strict=True))
    print(json.dumps({"seconds": seconds, "processor": processor, "megabytes": peak(), "rows": rows}))


def cpu() -> float:
    """Return the processor time used so far, by this process and by the programs it ran."""
    return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, WHO))


def peak() -> float:
    """Return the most memory that this process and a process it started have held, counted as if at the same time.

    A fork's own account begins too high, so that this is never too little.
    """
    status = Path("/proc/self/status")
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if status.exists():
        own = int(re.search(r"VmHWM:\s*(\d+)", status.read_text())[1])
    return (own + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


def run(name: str, path: Path, pythons: dict[str, str]) -> dict:
    """Return what a child process measured."""
    program = pythons.get(READERS[name][0], sys.executable)
    command = [program, __file__, "--child", name, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name} {path.name}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def bare(text: str) -> str:
    """Return a text without blanks and differences of width."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def truth() -> dict[str, list[list[str]]]:
    """Return the printed rows of the sample: of the header, of the body.

    A column without any heading is left out: the sample's text has one more than the tables on paper (HEADER-SURPLUS).
    """
    rows: dict[tuple[str, str, str], dict[int, str]] = defaultdict(dict)
    with TRUTH.open(encoding="utf-8", newline="") as file:
        for cell in csv.DictReader(file):
            if cell["表头"] != "(无表头)":
                rows[cell["部位"], cell["表"], cell["行次"]][int(cell["列次"])] = bare(cell["原文"])
    parts: dict[str, list[list[str]]] = {"数据": [], "表头": []}
    for (part, _, _), cells in rows.items():
        if part in parts:
            parts[part].append([cells.get(i, "") for i in range(1, max(cells) + 1)])
    return parts


def share(wanted: list[list[str]], rows: Rows) -> float:
    """Return the share of filled cells that stand in their column in the row most like their own."""
    found = [[bare(cell) for cell in row] for row in rows]
    right = sum(
        max((sum(a == b != "" for a, b in zip(row, other, strict=False)) for other in found), default=0)
        for row in wanted
    )
    return right / sum(cell != "" for row in wanted for cell in row)


def lengthened(path: Path, folder: Path) -> Path:
    """Return a document of 300 pages made of this one's, over and over."""
    import pypdfium2

    made, source = pypdfium2.PdfDocument.new(), pypdfium2.PdfDocument(path)
    while len(made) < LONG:
        made.import_pages(source, list(range(min(len(source), LONG - len(made)))))
    target = folder / f"{LONG}-pages.pdf"
    made.save(target)
    return target


def pages_of(path: Path) -> int:
    """Return how many pages a document has."""
    import pypdfium2

    return len(pypdfium2.PdfDocument(path))


def printed(families: list[str], folder: Path) -> list[Path]:
    """Return the sample printed by the generator of the tests in each of some styles."""
    sys.path.insert(0, str(ROOT / "tests"))
    from generator import FAMILIES, from_document, print_pages
    from yusuan.reading import read
    from yusuan.spec import load_specs

    sample = from_document(read(next(SAMPLES.glob("*.md"))), load_specs())
    paths = [folder / f"{name}.pdf" for name in families]
    for name, path in zip(families, paths, strict=True):
        path.write_bytes(print_pages(sample, replace(FAMILIES[name], money="万元")))  # the figures of the truth
    return paths


def measure(paths: list[Path], names: list[str], runs: int, pythons: dict[str, str]) -> list[list[str]]:
    """Return a row for each file and reader."""
    wanted, table = truth(), []
    for path in paths:
        results = {name: [] for name in names}
        for _ in range(runs):
            for name in names:
                if not results[name] or results[name][0]["seconds"] <= LONG_READ:
                    results[name].append(run(name, path, pythons))
        middle = {name: statistics.median(r["seconds"] for r in found) for name, found in results.items()}
        pages = pages_of(path)
        for name, found in results.items():
            rows, seconds = found[0]["rows"], middle[name]
            scores = [f"{share(wanted[part], rows):.3f}" if rows else "—" for part in ("数据", "表头")]
            processor, memory = (statistics.median(r[key] for r in found) for key in ("processor", "megabytes"))
            ratio = seconds / middle["yusuan"]
            table.append([path.stem, name, f"{seconds:.3f}", f"{processor:.3f}", f"{1000 * seconds / pages:.1f}",
                          f"{ratio:.2f}", f"{memory:.0f}", *scores])  # fmt: skip
            print(*table[-1])
    return table


def options_of() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument(
        "--families", nargs="*", default=[], help="styles of the tests' generator to print the sample in"
    )
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--python", action="append", default=[], metavar="MODULE=PROGRAM", help="where a reader lives")
    parser.add_argument("--child", nargs=2, metavar=("READER", "FILE"))
    return parser.parse_args()


def main() -> None:
    """Measure, and write the page."""
    options = options_of()
    if options.child:
        child(*options.child)
        return
    pythons = dict(pair.split("=", 1) for pair in options.python)
    names = [name for name in READERS if has(name, pythons)]
    with tempfile.TemporaryDirectory() as folder:
        files = [*options.files, *printed(options.families, Path(folder))]
        table = measure(files, names, options.runs, pythons)
        longest = run("yusuan", lengthened(files[0], Path(folder)), pythons)
    PAGE.write_text(page(options, names, table, longest), encoding="utf-8")


def load() -> str:
    """Return how many processes waited for a processor, where the system says so."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "未知"


def ratios(table: list[list[str]], name: str, column: int) -> str:
    """Return the least and the greatest ratio of a reader's time to ours on the same file."""
    own = {row[0]: float(row[column]) for row in table if row[1] == "yusuan"}
    found = [float(row[column]) / own[row[0]] for row in table if row[1] == name]
    return f"{min(found):.1f}–{max(found):.1f}"


def page(options: argparse.Namespace, names: list[str], table: list[list[str]], longest: dict) -> str:
    """Return the page of the documentation."""
    head = ["文件", "读取器", "秒/份", "处理器秒", "毫秒/页", "为 yusuan 的几倍", "峰值 MB", "数据格", "表头格"]
    lines = ["| " + " | ".join(cells) + " |" for cells in ([head, ["---"] * len(head), *table])]
    absent = "、".join(name for name in READERS if name not in names) or "无"
    machine = f"{platform.machine()}，{platform.system()}，{os.cpu_count()} 核，Python {platform.python_version()}"
    files = " ".join(
        [*(path.name for path in options.files), *(["--families", *options.families] if options.families else [])]
    )
    versus = "\n".join(
        f"* {name}：{ratios(table, name, 2)} 倍；按处理器时间 {ratios(table, name, 3)} 倍" for name in names[1:]
    )
    return f"""# 读 PDF 的性能

由 `python benchmarks/reading.py {files} --runs {options.runs}` 于 {datetime.datetime.now().date()} 测得
（{machine}；机器与别的任务共用，结束时系统负载 {load()}：秒数会漂移，同一次运行里的比值才可比）。每次测量是一个单独的进程，各读取器轮流，
每个进程读 {TIMES} 遍取最快的一遍，表中是 {options.runs} 次的中位数；一遍超过 {LONG_READ:.0f} 秒的读取器只读一遍、只测一次。
没有安装、没有测量的读取器：{absent}（较早的一次见 [performance-readers.md](performance-readers.md)）。

各文件上的时间是 yusuan 的几倍（最小–最大）：

{versus}

“秒/份”是钟面时间，“处理器秒”是各进程用去的时间之和：yusuan 把一份长文档的页分给各个核同时读。“load only” 是任何基于 pdfium
的读取器都省不掉的：载入各页，逐个取字符的框和线的边界。yusuan 的时间里包括页数的第二次清点和每段数据的校验和。

“数据格”“表头格”是样本中有字的格子在最相像的一行里、在自己那一列上读对的比例，对照 `datapackage/2026/data/cells.csv`
（没有表头的列除外：那是文本样本多出的一列，纸上没有）；“—”表示这个读取器不给格子。
前几个文件是别的程序印的同一份样本；按版式命名的（{"、".join(options.families) or "无"}）由 `tests/generator` 印出。

{chr(10).join(lines)}

{LONG} 页的文件（由第一个文件的页面重复而成）：yusuan {longest["seconds"]:.2f} 秒，峰值内存 {longest["megabytes"]:.0f} MB（要求低于 300 MB）。
"""


if __name__ == "__main__":
    main()
