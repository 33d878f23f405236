"""Count what is read of a folder of real documents, family by family, and how much of it proves itself.

    python benchmarks/country.py FOLDER [--workers N] [--out docs/country.md] [--why]

A family is what stands before the last - of the file names. For each: documents, how many were read, tables
recognised, tables seen and left aside, rows, printed cells, amounts, the share of the amounts that take part in at
least one identity that holds, findings, seconds. Folders below FOLDER hold what is no budget, or only images: of them
it is counted how many are refused. Whatever layouts are there when it is run are used. --why prints why documents and
tables were left aside. The table replaces the file of --out, but for the section that benchmarks/unseen.py wrote there; nothing else is written.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from yusuan.checks import check_evidence
from yusuan.checks.evidence import evidence_of
from yusuan.checks.quantities import Quantities
from yusuan.disclosure import read_disclosure
from yusuan.errors import YusuanError
from yusuan.model import Disclosure
from yusuan.reading import SUFFIXES, read
from yusuan.rows.records import disclosure_to_records
from yusuan.spec import Specs, load_specs

ALL = "合计"
HOLDS = {"exact", "within_rounding"}
KEPT = "<!-- 以下由 benchmarks/unseen.py 写出 -->"
SEVERITIES = ("error", "warning")
HEAD = """# 全国各地的文档，读到什么程度

由 `benchmarks/country.py` 生成，不要手改。对象是一批各地真实的公开文档（不随项目发布）；版式是生成时 `schemas/layouts/` 里有的那些。

* **读到**：读准并收录的文档；其余整份搁置，一个数也不收。
* **表**：认出并收录的公开表；**没收的表**：看见了，但认不出或读不准，留有一条发现，没有收入数据。
* **金额**：公开表里印出的金额格，空白不算。
* **印证**：至少参与一个成立的恒等式（行、列、逐级合计，收支平衡，两处的同一个数）的金额所占的比例。读错一格，它参与的恒等式几乎必然
  不成立，所以这一列是没有标准答案时对“读得准不准”的量度；没有印证不等于读错，多是没有合计可核对。
* **不符**：至少参与一个不成立的恒等式的金额格数，有文档印错的，也有读错的。
"""
COLUMNS = ("文档", "读到", "表", "没收的表", "行", "格", "金额", "印证", "不符", "错误", "警告", "秒")


def measure(read_: Disclosure, specs: Specs) -> Counter[str]:
    """Return the counts of one document that was read."""
    records = disclosure_to_records(read_, specs)
    amounts = {row["格"] for row in records["cells"] if row["数值"] is not None}
    known = Quantities(evidence_of(read_.identity, read_.tables, read_.narrative, specs), specs.rules)
    held: set[str] = set()
    broken: set[str] = set()
    for item in check_evidence(known):
        cells = {cell for cell, _ in item.parts} | set(item.cells)
        if item.grade in HOLDS:
            held |= cells
        elif item.grade == "violated" and item.parts and specs.rules.rules[item.rule].report:
            broken |= cells
    rules = Counter(finding.rule for finding in read_.findings)
    severities = Counter(finding.severity for finding in read_.findings)
    return Counter(
        {
            "读到": 1,
            "表": len(read_.tables),
            "没收的表": rules["TABLE-UNREAD"] + rules["TABLE-UNRECOGNISED"],
            "行": sum(len(table.rows) for table in read_.tables),
            "格": sum(bool(row["原文"]) for row in records["cells"]),
            "金额": len(amounts),
            "印证": len(amounts & held),
            "不符": len(amounts & broken),
            "错误": severities["error"],
            "警告": severities["warning"],
        }
    )


def read_one(path: Path) -> tuple[Path, Counter[str], list[str]]:
    """Return a file, its counts, and why it or one of its tables was left aside."""
    specs, begun = load_specs(), time.perf_counter()
    counts, why = Counter({"文档": 1}), []
    try:
        found = read_disclosure(read(path), specs)
    except YusuanError as error:
        why = [f"{problem.code} {problem.message}" for problem in error.problems[:3]]
    else:
        counts += measure(found, specs)
        why = [finding.message for finding in found.findings if finding.rule == "TABLE-UNREAD"]
    counts["毫秒"] = round(1000 * (time.perf_counter() - begun))
    return path, counts, why


def documents(folder: Path) -> Iterator[Path]:
    """Yield the documents of a folder and of the folders directly below it."""
    for path in sorted(folder.glob("*")) + sorted(folder.glob("*/*")):
        if path.suffix.lower() in SUFFIXES and path.stem != "README":
            yield path


def table(families: Mapping[str, Counter[str]]) -> Iterator[str]:
    """Yield the lines of a Markdown table, the sum last."""
    yield "| 家族 | " + " | ".join(COLUMNS) + " |"
    yield "|---|" + "---:|" * len(COLUMNS)
    for name, counts in sorted(families.items(), key=lambda pair: (pair[0] == ALL, pair[0])):
        yield f"| {name} | " + " | ".join(_cell(column, counts) for column in COLUMNS) + " |"


def _cell(column: str, counts: Mapping[str, int]) -> str:
    if column == "印证":
        return f"{counts['印证'] / counts['金额']:.1%}" if counts["金额"] else "—"
    if column == "秒":
        return f"{counts['毫秒'] / 1000:.1f}"
    return f"{counts[column]:,}"


def page(families: Mapping[str, Counter[str]], refused: Mapping[str, Counter[str]]) -> str:
    """Return the whole page."""
    lines = [HEAD, *table(families)]
    if refused:
        lines += ["", "另有不该读的文件，数的是被拒绝的：", "", "| 文件夹 | 文件 | 拒绝 |", "|---|---:|---:|"]
        lines += [
            f"| {name} | {counts['文档']} | {counts['文档'] - counts['读到']} |" for name, counts in refused.items()
        ]
    return "\n".join(lines) + "\n"


def kept_section(known: str) -> str:
    """Return the section of a page that another measurement wrote, from its mark on."""
    at = known.find(KEPT)
    return "\n" + known[at:] if at >= 0 else ""


def counted(
    results: Iterable[tuple[Path, Counter[str], list[str]]], folder: Path, *, why: bool
) -> tuple[dict[str, Counter[str]], dict[str, Counter[str]]]:
    """Return the counts by family, and by folder of what should be refused."""
    families: defaultdict[str, Counter[str]] = defaultdict(Counter)
    refused: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for path, counts, reasons in results:
        if path.parent != folder:
            refused[path.parent.name] += counts
        else:
            families[path.stem.rsplit("-", 1)[0]] += counts
            families[ALL] += counts
        for reason in reasons if why else ():
            print(f"{path.name}: {reason}")
    return families, refused


def main() -> None:
    """Read every document of a folder and print, or write, the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--why", action="store_true")
    options = parser.parse_args()
    with ProcessPoolExecutor(options.workers) as pool:
        results = pool.map(read_one, documents(options.folder))
        families, refused = counted(results, options.folder, why=options.why)
    text = page(families, refused)
    if options.out:
        known = options.out.read_text("utf-8") if options.out.exists() else ""
        options.out.write_text(text + kept_section(known), "utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
