"""Measure how much of the money in the sentences of a folder of documents is understood.

    python benchmarks/narrative.py FOLDER [--unread] [--doubtful]

For each family of files (what stands before the last - of the name) it counts the amounts of money printed in running
text, those in the parts that state figures, those that became values of a fact, those kept inside a reason or a
usage, and those in no fact at all. --unread prints the sentences that were not understood, --doubtful the facts whose
percentage does not follow from their amounts: errors of the document, or ours. Nothing is written.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from pathlib import Path

from yusuan.errors import YusuanError
from yusuan.identity import read_claims
from yusuan.model import Document
from yusuan.narrative import Narrative, read_narrative
from yusuan.narrative.fragments import MONEY
from yusuan.narrative.matching import to_matching
from yusuan.narrative.outline import Role, read_outline
from yusuan.reading import SUFFIXES, read

COLUMNS = ("docs", "sentences", "printed", "stated", "facts", "values", "in texts", "unread", "placeholders")
VALUES = ("金额", "变动额", "上年数")
#: Percentages are rounded, and so are the amounts they come from.
NEAR = Decimal("0.05")


def count_money(text: str) -> int:
    """Return how many amounts of money a printed text has."""
    return sum(1 for _ in MONEY.finditer(to_matching(text).form))


def year_of(document: Document) -> int:
    """Return the year the title claims, else the one printed most often."""
    claims = read_claims(document)
    if claims:
        return claims[0].year
    years = Counter(re.findall(r"(20\d\d)\s*年", " ".join(paragraph.text for paragraph in document.paragraphs)))
    return int(years.most_common(1)[0][0]) if years else 0


def measure(document: Document, story: Narrative) -> Counter[str]:
    """Return the counts of one document."""
    stated = [passage.text.printed for passage in read_outline(document) if passage.role is Role.STATEMENTS]
    facts = story.records["narrative_facts"]
    counts = Counter(dict.fromkeys(COLUMNS, 0))
    counts["docs"] = 1
    counts["printed"] = sum(count_money(paragraph.text) for paragraph in document.paragraphs)
    counts["stated"] = sum(map(count_money, stated))
    counts["sentences"] = sum(1 for text in stated for piece in re.split("[。；;]", text) if count_money(piece))
    counts["facts"] = len(facts)
    for fact in facts:
        counts["values"] += sum(fact[name] is not None for name in VALUES) - (fact["上年数来源"] == "推算")
        counts["in texts"] += sum(count_money(str(fact[name] or "")) for name in ("原因", "用途"))
    counts["unread"] = sum(len(item.amounts) for item in story.unread)
    counts["placeholders"] = sum(item.kind == "placeholder" for item in story.unread)
    return counts


def doubtful(story: Narrative) -> Iterator[str]:
    """Yield the facts whose percentage of change does not follow from the amount and the change."""
    for fact in story.records["narrative_facts"]:
        prior, change, rate = fact["上年数"], fact["变动额"], fact["变动率"]
        if isinstance(prior, Decimal) and isinstance(change, Decimal) and isinstance(rate, Decimal):
            follows = change / prior * 100 if prior > 0 else None
            if follows is None or abs(follows - rate) > NEAR + abs(rate) / 1000:
                yield f"{fact['对象']} {fact['金额']} {fact['变动方向']} {change} {rate}% ({follows or 0:.2f}%): {fact['原文']}"


def read_one(path: Path) -> tuple[str, Counter[str], list[str], list[str]]:
    """Return the name of a file, its counts, its sentences not understood, its doubtful facts."""
    try:
        document = read(path)
    except YusuanError as error:
        return path.name, Counter(), [str(error)], []
    story = read_narrative(document, year_of(document))
    return path.name, measure(document, story), [item.text for item in story.unread], list(doubtful(story))


def show(name: str, counts: Mapping[str, int]) -> None:
    """Print one line: the counts, the share of the amounts that became values or stay in texts, the share not read."""
    printed = counts["printed"] or 1
    read_share, lost = (counts["values"] + counts["in texts"]) / printed, counts["unread"] / printed
    print(f"{name:<16}" + "".join(f"{counts[column]:>13}" for column in COLUMNS) + f"{read_share:>9.1%}{lost:>9.1%}")


def main() -> None:
    """Read every document of a folder and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--unread", action="store_true")
    parser.add_argument("--doubtful", action="store_true")
    options = parser.parse_args()
    paths = sorted(
        path for path in options.folder.iterdir() if path.suffix.lower() in SUFFIXES and path.stem != "README"
    )
    families: dict[str, Counter[str]] = defaultdict(Counter)
    with ProcessPoolExecutor(2) as pool:
        for name, counts, unread, doubts in pool.map(read_one, paths):
            families[name.rsplit("-", 1)[0]].update(counts)
            families["all"].update(counts)
            for text in (*(unread if options.unread else ()), *(doubts if options.doubtful else ())):
                print(f"{name}: {text}")
    print(f"{'':<16}" + "".join(f"{column:>13}" for column in COLUMNS) + f"{'share':>9}{'lost':>9}")
    for family, counts in sorted(families.items(), key=lambda pair: (pair[0] == "all", pair[0])):
        show(family, counts)


if __name__ == "__main__":
    main()
