"""Plant errors of every kind and count what the rules find and where they point; writes docs/sensitivity.md.

    python benchmarks/sensitivity.py --random 20 --clean 200 --workers 2 --write

Every printed amount of the shipped sample is altered in every way, and errors of every other kind are planted at
every place there is for them (`--every 6`: at every sixth); in random documents, a few of each kind. Documents in
which nothing is planted, as text and on paper, must raise nothing.
"""

from __future__ import annotations

import argparse
import datetime
import multiprocessing
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from generator import (  # noqa: E402 - found by the path above
    PrintedDisclosure,
    find_chromium,
    find_office,
    in_yuan,
    print_chromium,
    print_office,
    print_pages,
    random_disclosure,
    random_style,
    to_markdown,
)
from planting import ALTERATIONS, Error, Judge, Planter, Tally, alarms, due_errors  # noqa: E402 - as above
from yusuan.disclosure import read_disclosure  # noqa: E402 - as above
from yusuan.errors import DocumentError  # noqa: E402 - as above
from yusuan.model import Document  # noqa: E402 - as above
from yusuan.reading import read  # noqa: E402 - as above
from yusuan.reading.pdf import read_pdf  # noqa: E402 - as above
from yusuan.reading.text import read_text  # noqa: E402 - as above
from yusuan.spec import load_specs  # noqa: E402 - as above

SAMPLE = ROOT / "datapackage" / "sources" / "405003-2026-budget.md"
PAGE = ROOT / "docs" / "sensitivity.md"
BEGIN, END = "<!-- 以下由 benchmarks/sensitivity.py 写出 -->", "<!-- 以上由 benchmarks/sensitivity.py 写出 -->"
SPECS = load_specs()
#: Errors of one kind planted into one random document.
EACH = 4
#: Units of a random document, in turn.
UNITS = (None, 1, 2, 4, 8)
#: What is promised, in percent: found, and of these located. Kinds that arithmetic cannot see promise nothing.
PROMISED = {
    **dict.fromkeys(ALTERATIONS, (95, 95)),
    "末位数字加一": (30, 95),
    "少一行": (85, 90),
    "多一行": (85, 90),
    "少一行（全为零）": (60, 90),
    "多一行（全为零）": (80, 90),
    "数值错一列": (95, 95),
    "两行数值对调": (30, 90),
    "科目编码改一位": (85, 85),
    "组织代码改一位": (85, 90),
    "科目或单位名称错字": (55, 85),
    "正文金额改一位": (90, 90),
    "正文变动额改一位": (85, 80),
    "正文万元写成元": (80, 80),
    "同比百分比改一位": (75, 90),
    "占比改一位": (90, 90),
    "金额的增减反了": (90, 90),
    "百分比的增减反了": (90, 90),
    "金额、百分比的增减都反了": (80, 80),
    "数量词改大一": (90, 40),
    "正文类名错字": (90, 90),
    "目录里表名错字": (90, 90),
    "重点项目名称错字": (70, 90),
    "表的金额单位错": (85, 85),
    "有数据的表注明无数据": (95, 90),
    "空表没有说明": (90, 90),
}


def sample() -> Document:
    """Return the shipped sample."""
    return read(SAMPLE)


def generated(seed: int) -> Document:
    """Return a random document."""
    text = to_markdown(random_disclosure(seed, SPECS, UNITS[seed % len(UNITS)]))
    return read_text("random.md", text.encode(), str(seed))


def planted(judge: Judge, each: int | None, seed: int) -> Iterator[tuple[Error, bool]]:
    """Yield every error there is for a document, or so many of each kind; with each whether it breaks an identity."""
    planter = Planter(judge.document, judge.clean, SPECS)
    errors = [*due_errors(planter.amounts(), judge), *((error, False) for error in planter.others())]
    if each is None:
        yield from errors
        return
    kinds: dict[str, list[tuple[Error, bool]]] = defaultdict(list)
    for error in errors:
        kinds[error[0].kind].append(error)
    rng = random.Random(seed)  # noqa: S311 - a reproducible choice, no secret
    for kind in kinds.values():
        yield from rng.sample(kind, min(each, len(kind)))


def measure(job: tuple[int | None, int, int, int]) -> dict[str, Tally]:
    """Return how the errors of one document came out: of the sample a part of every so many, or of a random one."""
    seed, part, parts, every = job
    judge = Judge(sample() if seed is None else generated(seed), SPECS)
    tallies: dict[str, Tally] = defaultdict(Tally)
    for i, (error, due) in enumerate(planted(judge, None if seed is None else EACH, seed or 0)):
        if i % every == 0 and i // every % parts == part:
            tallies[error.kind].add(error, judge.judge(error), due=due)
    return dict(tallies)


def added(found: list[dict[str, Tally]]) -> dict[str, Tally]:
    """Return the tallies of several documents as one."""
    whole: dict[str, Tally] = defaultdict(Tally)
    for tallies in found:
        for kind, tally in tallies.items():
            mine = whole[kind]
            for name in ("planted", "found", "refused", "located", "due", "due_found", "due_located"):
                setattr(mine, name, getattr(mine, name) + getattr(tally, name))
            mine.suspects += tally.suspects
            mine.missed += tally.missed
    return dict(whole)


# ------------------------------------------------------------------------------------------------ false alarms


def printers() -> dict[str, Callable[[PrintedDisclosure, int], Document]]:
    """Return the ways to print a document that this machine has."""
    ways: dict[str, Callable[[PrintedDisclosure, int], Document]] = {
        "文本，万元": lambda printed, _: read_text("a.md", to_markdown(printed).encode(), "a"),
        "文本，元": lambda printed, _: read_text("a.md", to_markdown(in_yuan(printed)).encode(), "a"),
        "PDF，reportlab": lambda printed, seed: read_pdf("a.pdf", print_pages(printed, random_style(seed)), "a"),
    }
    if find_chromium():
        ways["PDF，Chromium"] = lambda printed, _: read_pdf("a.pdf", print_chromium(printed), "a")
    if find_office():
        ways["PDF，LibreOffice"] = lambda printed, _: read_pdf("a.pdf", print_office(printed), "a")
    return ways


def clean(way: str, seed: int) -> tuple[str, int | None, list[str]]:
    """Return how many findings a document raises in which nothing was planted, None where it is refused, and what they say."""
    printed = random_disclosure(seed, SPECS, UNITS[seed % len(UNITS)])
    try:
        read_again = read_disclosure(printers()[way](printed, seed), SPECS)
    except DocumentError as refusal:
        return way, None, [f"{seed}：{refusal}"]
    raised = alarms(read_again)
    return way, len(raised), [f"{seed}：{finding.rule} {finding.message}" for finding in raised]


# ------------------------------------------------------------------------------------------------ what is written


def share(part: int, whole: int) -> str:
    """Return a share in percent, rounded down so that 100% means all."""
    return f"{1000 * part // whole / 10:g}%" if whole else "—"


def lines_of_kinds(tallies: dict[str, Tally]) -> Iterator[str]:
    """Yield the table of kinds."""
    yield "| 错误 | 种下 | 发现 | 整份拒收 | 没有发现 | 其中指对位置 | 承诺发现 | 承诺指对 |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for kind, tally in tallies.items():
        noticed = tally.found + tally.refused
        found, located = PROMISED.get(kind, (0, 0))
        yield (
            f"| {kind} | {tally.planted} | {tally.found} | {tally.refused} | {tally.planted - noticed} "
            f"| {share(tally.located, noticed)} | ≥ {found}% | ≥ {located}% |"
        )


def lines_of_amounts(tallies: dict[str, Tally]) -> Iterator[str]:
    """Yield what became of the altered amounts that break an identity."""
    amounts = [tallies[kind] for kind in ALTERATIONS if kind in tallies]
    due = sum(tally.due for tally in amounts)
    suspects = sum((tally.suspects for tally in amounts), start=Counter[str]())
    yield f"* 超出每一处容差的改动 {due:,} 处：发现 {share(sum(t.due_found for t in amounts), due)}，"
    yield f"  指到那张表的那一行或那一列 {share(sum(t.due_located for t in amounts), due)}。"
    told = "、".join(
        f"{name} {share(suspects[name], due)}" for name in ("就是它", "同行或同列", "同表", "别处", "没有")
    )
    yield f"* “最可能有误”的那一格：{told}（“没有”指几格同样可疑，不作猜测）。"


def main() -> None:
    """Measure, print, and write the page if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="of the sample, plant every so manyth error only")
    parser.add_argument("--random", type=int, default=20, help="random documents to plant errors into")
    parser.add_argument("--clean", type=int, default=200, help="random documents to read as they are, as text")
    parser.add_argument("--paper", type=int, default=10, help="the same on paper, by each printer")
    parser.add_argument("--printers", nargs="*", default=["reportlab", "Chromium", "LibreOffice"])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="write docs/sensitivity.md")
    parser.add_argument("--missed", action="store_true", help="print what was not found")
    options = parser.parse_args()
    parts = 4 * options.workers
    jobs: list[tuple[int | None, int, int, int]] = [(None, part, parts, options.every) for part in range(parts)]
    jobs += [(seed, 0, 1, 1) for seed in range(options.random)]
    with multiprocessing.Pool(options.workers) as pool:
        tallies = added(pool.map(measure, jobs, chunksize=1))
        papers = {f"PDF，{name}" for name in options.printers}
        ways = {way: options.clean if way.startswith("文本") else options.paper for way in printers()}
        ways = {way: count for way, count in ways.items() if way.startswith("文本") or way in papers}
        raised = [pool.map(partial(clean, way), range(1000, 1000 + count)) for way, count in ways.items()]
    order = {kind: i for i, kind in enumerate([*ALTERATIONS, *PROMISED])}
    tallies = dict(sorted(tallies.items(), key=lambda item: order.get(item[0], len(order))))
    lines = list(page_lines(tallies, raised, options))
    sys.stdout.write("\n".join(lines) + "\n")
    for kind, tally in tallies.items() if options.missed else ():
        sys.stdout.writelines(f"{kind}：{missed}\n" for missed in tally.missed[:20])
    sys.stdout.writelines(f"{told}\n" for found in raised for _, _, tellings in found for told in tellings)
    if options.write:
        before, rest = PAGE.read_text("utf-8").split(BEGIN)
        after = rest.split(END)[1]
        PAGE.write_text("\n".join([f"{before}{BEGIN}", "", *lines, "", f"{END}{after}"]), "utf-8")


def page_lines(
    tallies: dict[str, Tally], raised: list[list[tuple[str, int | None, list[str]]]], options: argparse.Namespace
) -> Iterator[str]:
    """Yield the measured part of the page."""
    asked = f"--every {options.every} --random {options.random} --clean {options.clean} --paper {options.paper} --printers {' '.join(options.printers)}"
    yield f"由 `python benchmarks/sensitivity.py {asked} --write` 于 {datetime.datetime.now(datetime.UTC):%Y-%m-%d} 测得。"
    yield ""
    yield from lines_of_kinds(tallies)
    yield ""
    yield from lines_of_amounts(tallies)
    yield ""
    yield "| 没有种错误的文档 | 份 | 拒收 | 有误报的 | 误报 | 平均每份 |"
    yield "|---|---:|---:|---:|---:|---:|"
    for found in raised:
        if found:
            counts = [count for _, count, _ in found if count is not None]
            refused, wrong = len(found) - len(counts), sum(count > 0 for count in counts)
            mean = f"{sum(counts) / max(len(counts), 1):.2f}"
            yield f"| {found[0][0]} | {len(found)} | {refused} | {wrong} | {sum(counts)} | {mean} |"


if __name__ == "__main__":
    main()
