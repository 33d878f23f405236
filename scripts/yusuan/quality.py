"""How well each document was published: one row a document, ranked within its year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from yusuan.audit import count_states
from yusuan.review import Dates, Review
from yusuan.rows.records import Record
from yusuan.spec import Specs

#: The budget law gives departments and units this many days after the approval of the finance department.
_TERM = timedelta(days=20)
_COUNTS = ("相符", "舍入内", "不符", "不适用")


def quality_rows(records: Mapping[str, Sequence[Record]], review: Review, specs: Specs) -> list[Record]:
    """Return the rows of the quality table from the other rows of a package."""
    findings, results = (_by_document(records[name]) for name in ("findings", "rule_results"))
    rows = [
        _row(document, findings[str(document["文件"])], results[str(document["文件"])], review, specs)
        for document in records["documents"]
    ]
    return list(_ranked(rows))


def _by_document(rows: Sequence[Record]) -> Mapping[str, list[Record]]:
    groups: dict[str, list[Record]] = defaultdict(list)
    for row in rows:
        groups[str(row["文件"])].append(row)
    return groups


def _row(
    document: Record, findings: Sequence[Record], results: Sequence[Record], review: Review, specs: Specs
) -> Record:
    counts = {name: sum(int(str(row[name])) for row in results) for name in _COUNTS}
    states = count_states(findings)
    layout = specs.layouts.get(str(document["版式"]))
    published = int(str(document["公开表数"]))
    missing = str(document["缺表"] or "").split()
    always = sum(not table.where_it_fits for table in layout.tables.values()) if layout else 0
    expected = max(always, published + len(missing))
    dates = review.dates.get(str(document["文件"]), Dates())
    return {
        "文件": document["文件"],
        "年度": document["年度"],
        "单位": document["单位"],
        "应公布表数": expected,
        "已公布表数": published,
        "缺表": document["缺表"],
        "核对次数": counts["相符"] + counts["舍入内"] + counts["不符"],
        **counts,
        "错误": states["error"],
        "警告": states["warning"],
        "提示": states["info"],
        "已处理": states["已处理"],
        "没有读懂": sum(row["规则"] == "STATEMENT-UNREAD" for row in findings),
        "批复日期": dates.approved.isoformat() if dates.approved else None,
        "公开日期": dates.published.isoformat() if dates.published else None,
        "逾期天数": _late(dates),
    }


def _late(dates: Dates) -> int | None:
    if dates.approved is None or dates.published is None:
        return None
    return max(0, (dates.published - dates.approved - _TERM).days)


def _ranked(rows: Sequence[Record]) -> Iterator[Record]:
    """Yield the rows with their rank in the year: errors count most, then warnings, missing tables, what does not agree."""
    years: dict[object, list[Record]] = defaultdict(list)
    for row in rows:
        years[row["年度"]].append(row)
    for mine in years.values():
        keys = sorted(map(_badness, mine))
        yield from ({**row, "名次": keys.index(_badness(row)) + 1} for row in mine)


def _badness(row: Record) -> tuple[int, int, int, int]:
    errors, warnings, expected, published, violated = (
        int(str(row[name])) for name in ("错误", "警告", "应公布表数", "已公布表数", "不符")
    )
    return errors, warnings, expected - published, violated
