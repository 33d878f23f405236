"""Measure what is read of a family of documents that nobody has seen: each family in turn is forgotten, then read.

    python benchmarks/unseen.py FOLDER [--workers N] [--write docs/country.md] [--why FAMILY]

A family is what stands before the last - of the file names; those that print alike (KIN) are one. To forget a family
is to take out its own layout and, of the general one, every spelling of a header, every header path and every title
that its documents print and no other family's does. The amounts it then reads are compared, printed cell by printed
cell, with those read when nothing is forgotten: right is the same table, column and value; wrong is another; the rest
is left aside. --write puts the table into the page between its marks; --why prints, for one family, what was
forgotten and which tables were left aside. Final accounts have a national form of their own and are not counted.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from yusuan.disclosure import Options, read_disclosure
from yusuan.errors import YusuanError
from yusuan.layouts import Layout, TableLayout
from yusuan.model import Disclosure, Document
from yusuan.reading import SUFFIXES, read
from yusuan.spec import Specs, load_specs
from yusuan.tables.recognise import document_year

#: Families whose offices fill in the same forms.
KIN = {"普陀": "上海", "无锡": "苏州"}
GENERAL = "common"
ALL = "合计"
BEGIN, END = "<!-- 以下由 benchmarks/unseen.py 写出 -->", "<!-- 以上由 benchmarks/unseen.py 写出 -->"
HEAD = """## 没见过的家族

由 `benchmarks/unseen.py` 生成。逐个家族“忘掉”：拿走它自己的版式，再从通用版式里去掉只有它的文档才用到的表题、表头写法和列的路径，然后读它的
文档，逐格与什么也不忘时读到的金额比较。**读对**：同一张表、同一列、同一个数；**读错**：收进了别的表或别的列；**多读**：只有忘掉以后才收的；
**搁置**：没有收，留有发现。这是没见过的家族会怎样的估计，偏低：多数地方的写法，这里总有一个家族也用。决算另有全国统一的格式，不在内。
"""
COLUMNS = ("文档", "忘掉的写法", "金额", "读对", "读错", "多读", "搁置", "读对的比例")

#: A printed cell, and the table and column it was loaded into.
Amounts = dict[tuple[object, ...], tuple[str, str]]


@dataclass
class Knowledge:
    """What of the general layout the documents of a family use."""

    spellings: set[str] = field(default_factory=set)
    paths: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)
    titles: set[str] = field(default_factory=set)

    def add(self, other: Knowledge) -> None:
        """Take in what another document uses."""
        self.spellings |= other.spellings
        self.paths |= other.paths
        self.titles |= other.titles

    def without(self, others: Iterable[Knowledge]) -> Knowledge:
        """Return what none of the others uses."""
        known = Knowledge()
        for other in others:
            known.add(other)
        return Knowledge(self.spellings - known.spellings, self.paths - known.paths, self.titles - known.titles)


def family_of(path: Path) -> str:
    """Return the family of a file."""
    name = path.stem.rsplit("-", 1)[0]
    return KIN.get(name, name)


def amounts_of(disclosure: Disclosure, specs: Specs) -> Amounts:
    """Return the amounts of the tables of the general layout, by the printed cell."""
    general = specs.layouts[GENERAL].tables
    found: Amounts = {}
    for table in disclosure.tables:
        for row in table.rows if table.name in general else ():
            for column, cell in zip(table.sheet.columns, table.sheet.body[row.number - 1], strict=True):
                if column.field and isinstance(row.values.get(column.field), Decimal):
                    found[cell.place.page, cell.place.line, cell.place.box, cell.text] = table.name, column.field
    return found


def used(document: Document, specs: Specs) -> Knowledge:
    """Return what of the general layout a document uses where everything is known."""
    layout, year = specs.layouts[GENERAL], document_year(document)
    knowledge = Knowledge()
    words = layout.vocabulary
    try:
        disclosure = read_disclosure(document, specs, Options(layout=GENERAL))
    except YusuanError:
        return knowledge
    for table in disclosure.tables if words else ():
        knowledge.titles.add(words.title(table.sheet.title))
        for column in table.sheet.columns:
            knowledge.spellings |= {words.spelling(label, year) for label in column.path}
            knowledge.paths.add((table.name, words.reduce(column.path, year)))
    return knowledge


def forget(specs: Specs, own: str, lost: Knowledge) -> Specs:
    """Return the specifications without a family's own layout and without what only it uses."""
    layouts = {name: layout for name, layout in specs.layouts.items() if name == GENERAL or name != own}
    return replace(specs, layouts=layouts | {GENERAL: _poorer(specs.layouts[GENERAL], lost)})


def _poorer(layout: Layout, lost: Knowledge) -> Layout:
    words = layout.vocabulary
    if words is None:
        return layout
    kept = {spelling: word for spelling, word in words.words.items() if spelling not in lost.spellings}
    poorer = replace(words, words=kept, frames=words.frames - lost.spellings)
    tables = {name: _poorer_table(name, table, lost) for name, table in layout.tables.items()}
    tables = {name: replace(table, vocabulary=poorer) for name, table in tables.items()}
    return replace(layout, vocabulary=poorer, tables=tables)


def _poorer_table(name: str, table: TableLayout, lost: Knowledge) -> TableLayout:
    paths = {path for owner, path in lost.paths if owner == name}
    unless = "|".join(map(re.escape, sorted(lost.titles)))
    titles = tuple(f"(?!(?:{unless})$){title}" for title in table.titles) if unless else table.titles
    columns = {
        field_: tuple(path for path in spellings if path not in paths) for field_, spellings in table.columns.items()
    }
    return replace(table, titles=titles, columns=columns)


def compared(full: Amounts, poor: Amounts) -> Counter[str]:
    """Return how many amounts were read right, wrong, beyond what is known, and how many were left aside."""
    return Counter(
        {
            "金额": len(full),
            "读对": sum(poor.get(cell) == place for cell, place in full.items()),
            "读错": sum(poor.get(cell, place) != place for cell, place in full.items()),
            "多读": sum(cell not in full for cell in poor),
            "搁置": sum(cell not in poor for cell in full),
        }
    )


def first_reading(path: Path) -> tuple[str, str, Knowledge]:
    """Return a file's family, the layout that reads it (empty where it is no budget) and what it uses."""
    specs = load_specs()
    try:
        document = read(path)
        disclosure = read_disclosure(document, specs)
    except YusuanError:
        return family_of(path), "", Knowledge()
    if not disclosure.identity.kind.endswith("预算"):
        return family_of(path), "", Knowledge()
    return family_of(path), disclosure.layout, used(document, specs)


def second_reading(path: Path, own: str, lost: Knowledge) -> tuple[str, Counter[str], list[str]]:
    """Return how a file is read when its family is forgotten, and why tables were left aside."""
    specs = load_specs()
    document = read(path)
    full = amounts_of(read_disclosure(document, specs), specs)
    try:
        disclosure = read_disclosure(document, forget(specs, own, lost))
    except YusuanError as error:
        return family_of(path), compared(full, {}), [problem.message for problem in error.problems]
    poor = amounts_of(disclosure, specs)
    told = {"TABLE-UNREAD", "TABLE-UNRECOGNISED"}
    why = [finding.message for finding in disclosure.findings if finding.rule in told]
    why += [
        f"读错 {cell}：应为 {full[cell]}，读作 {poor[cell]}"
        for cell in full
        if poor.get(cell, full[cell]) != full[cell]
    ]
    return family_of(path), compared(full, poor), why


def measured(folder: Path, workers: int, why: str | None) -> dict[str, Counter[str]]:
    """Return the counts by family."""
    paths = [path for path in sorted(folder.glob("*")) if path.suffix.lower() in SUFFIXES and path.stem != "README"]
    families: defaultdict[str, Counter[str]] = defaultdict(Counter)
    with ProcessPoolExecutor(workers) as pool:
        first = list(zip(paths, pool.map(first_reading, paths), strict=True))
        known: defaultdict[str, Knowledge] = defaultdict(Knowledge)
        for _, (family, _, knowledge) in first:
            known[family].add(knowledge)
        lost = {name: own.without(v for k, v in known.items() if k != name) for name, own in known.items()}
        told = [(path, family, layout) for path, (family, layout, _) in first if layout]
        results = pool.map(
            second_reading, [t[0] for t in told], [t[2] for t in told], [lost[family] for _, family, _ in told]
        )
        for (path, family, _), (_, counts, reasons) in zip(told, results, strict=True):
            families[family] += counts + Counter({"文档": 1})
            families[ALL] += counts + Counter({"文档": 1})
            for reason in reasons if why == family else ():
                print(f"{path.name}: {reason}")
    for name, item in lost.items():
        families[name]["忘掉的写法"] = len(item.spellings) + len(item.paths) + len(item.titles)
    if why in lost:
        print(*sorted(lost[why].titles), *sorted(lost[why].spellings), *sorted(lost[why].paths), sep="\n")
    return {name: counts for name, counts in families.items() if counts["文档"]}


def table(families: Mapping[str, Counter[str]]) -> Iterator[str]:
    """Yield the lines of a Markdown table, the sum last."""
    yield "| 家族 | " + " | ".join(COLUMNS) + " |"
    yield "|---|" + "---:|" * len(COLUMNS)
    for name, counts in sorted(families.items(), key=lambda pair: (pair[0] == ALL, pair[0])):
        share = f"{counts['读对'] / counts['金额']:.1%}" if counts["金额"] else "—"
        cells = [share if column == COLUMNS[-1] else f"{counts[column]:,}" for column in COLUMNS]
        yield f"| {name} | " + " | ".join(cells) + " |"


def section(families: Mapping[str, Counter[str]]) -> str:
    """Return the section of the page, with its marks."""
    return "\n".join([BEGIN, HEAD, *table(families), END]) + "\n"


def with_section(page: str, text: str) -> str:
    """Return a page with the section in place of the one between the marks, at its end where there is none."""
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2].lstrip("\n")
    return before.rstrip("\n") + "\n\n" + text + after


def main() -> None:
    """Read every document of a folder twice and print, or write, the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--why")
    options = parser.parse_args()
    text = section(measured(options.folder, options.workers, options.why))
    if options.write:
        options.write.write_text(with_section(options.write.read_text("utf-8"), text), "utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
