"""Measure PDF readers on the same files: time, memory and cells read right; writes docs/performance.md.

    python benchmarks/reading.py lo.pdf cr.pdf --runs 3

The files must be renderings of the sample, whose cells are known from datapackage/2026. Every run is a process of
its own, the readers take turns, and what is compared are ratios: the machine may be busy with other things.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import importlib.util
import json
import platform
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
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TRUTH = ROOT / "datapackage" / "2026" / "data" / "cells.csv"
PAGE = ROOT / "docs" / "performance.md"
LONG = 300

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


def has(name: str) -> bool:
    """Say whether a reader is installed here."""
    module = READERS[name][0]
    return importlib.util.find_spec(module) is not None if module else shutil.which("pdftotext") is not None


def child(name: str, path: str) -> None:
    """Read a file twice in this process, the second time by the clock, and print what came of it."""
    module, read = READERS[name]
    if module:
        importlib.import_module(module)
    began = time.perf_counter()
    rows = read(path)
    first = time.perf_counter() - began
    began = time.perf_counter()
    read(path)
    seconds = min(time.perf_counter() - began, first)
    who = resource.RUSAGE_SELF if module else resource.RUSAGE_CHILDREN
    print(json.dumps({"seconds": seconds, "megabytes": resource.getrusage(who).ru_maxrss / 1024, "rows": rows}))


def run(name: str, path: Path) -> dict:
    """Return what a child process measured."""
    command = [sys.executable, __file__, "--child", name, str(path)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])


def bare(text: str) -> str:
    """Return a text without blanks and differences of width."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def truth() -> dict[str, list[list[str]]]:
    """Return the printed rows of the sample: of the header, of the body."""
    rows: dict[tuple[str, str, str], dict[int, str]] = defaultdict(dict)
    with TRUTH.open(encoding="utf-8", newline="") as file:
        for cell in csv.DictReader(file):
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


def measure(paths: list[Path], names: list[str], runs: int) -> list[list[str]]:
    """Return a row for each file and reader."""
    wanted, table = truth(), []
    for path in paths:
        results = {name: [] for name in names}
        for _ in range(runs):
            for name in names:
                results[name].append(run(name, path))
        middle = {name: statistics.median(r["seconds"] for r in found) for name, found in results.items()}
        pages = pages_of(path)
        for name, found in results.items():
            rows, seconds = found[0]["rows"], middle[name]
            scores = [f"{share(wanted[part], rows):.3f}" if rows else "—" for part in ("数据", "表头")]
            memory = statistics.median(r["megabytes"] for r in found)
            ratio = seconds / middle["yusuan"]
            table.append([path.stem, name, f"{seconds:.3f}", f"{1000 * seconds / pages:.1f}", f"{ratio:.2f}",
                          f"{memory:.0f}", *scores])  # fmt: skip
    return table


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--child", nargs=2, metavar=("READER", "FILE"))
    options = parser.parse_args()
    if options.child:
        child(*options.child)
        return
    names = [name for name in READERS if has(name)]
    table = measure(options.files, names, options.runs)
    with tempfile.TemporaryDirectory() as folder:
        long = lengthened(options.files[0], Path(folder))
        peak = run("yusuan", long)
    head = ["文件", "读取器", "秒/份", "毫秒/页", "为 yusuan 的几倍", "峰值 MB", "数据格", "表头格"]
    lines = ["| " + " | ".join(cells) + " |" for cells in ([head, ["---"] * len(head), *table])]
    absent = "、".join(name for name in READERS if name not in names) or "无"
    machine = f"{platform.machine()}，{platform.system()}，Python {platform.python_version()}"
    files = " ".join(path.name for path in options.files)
    PAGE.write_text(
        f"""# 读 PDF 的性能

由 `python benchmarks/reading.py {files} --runs {options.runs}` 于 {datetime.datetime.now().date()} 测得
（{machine}；机器与别的任务共用，秒数会漂移，同一次运行里的比值才可比）。每次测量是一个单独的进程，各读取器轮流，
每个进程读两遍取较快的一遍，表中是 {options.runs} 次的中位数。没有安装、没有测量的读取器：{absent}。

“数据格”“表头格”是样本中有字的格子在最相像的一行里、在自己那一列上读对的比例，
对照 `datapackage/2026/data/cells.csv`；“—”表示这个读取器不给格子。

{chr(10).join(lines)}

{LONG} 页的文件（由 {options.files[0].name} 的页面重复而成）：yusuan {peak["seconds"]:.2f} 秒，
峰值内存 {peak["megabytes"]:.0f} MB（要求低于 300 MB）。
""",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
