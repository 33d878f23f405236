"""Findings and results of rules to rows, and rows back to findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from yusuan.model import Finding, RuleResult, Value

Record = dict[str, Value]

OPEN, CORRECTED, SIGNED = "未处理", "已更正", "已签字"
_COLUMNS: Mapping[str, str] = {
    "结论": "grade",
    "严重程度": "severity",
    "表": "table",
    "行次": "row",
    "列": "column",
    "页": "page",
    "源行": "line",
    "印刷值": "printed",
    "应为": "expected",
    "差额": "difference",
    "容差": "tolerance",
    "疑误格": "suspect",
}


def finding_rows(findings: Iterable[Finding], leading: Mapping[str, Value], cells: frozenset[str]) -> list[Record]:
    """Return one row a finding, keyed by document, rule and number; only cells that are in the package are named."""
    numbers: Counter[str] = Counter()
    rows = []
    for finding in findings:
        numbers[finding.rule] += 1
        row: Record = dict(leading)
        row["键"] = f"{leading['文件']}.{finding.rule}.{numbers[finding.rule]:03}"
        row |= {"规则": finding.rule, "说明": finding.message}
        row.update({column: getattr(finding, name) for column, name in _COLUMNS.items()})
        row["疑误格"] = finding.suspect if finding.suspect in cells else None
        row["相关格"] = " ".join(cell for cell in dict.fromkeys(finding.cells) if cell in cells) or None
        rows.append(row | {"处理": finding.state, "处理说明": finding.settled})
    return rows


def row_to_finding(row: Mapping[str, Value]) -> Finding:
    """Return the finding that a row holds."""
    values: dict[str, Any] = {name: row.get(column) for column, name in _COLUMNS.items()}
    values |= {"state": row.get("处理") or OPEN, "settled": row.get("处理说明")}
    cells = tuple(str(row.get("相关格") or "").split())
    return Finding(str(row["规则"]), str(row["说明"]), **values, cells=cells, document=str(row["文件"]))


def cell_rows(rows: Iterable[Mapping[str, Value]]) -> Iterator[Record]:
    """Yield one row for each cell of each finding, and whether it is the probably wrong one."""
    for row in rows:
        named = str(row.get("相关格") or "").split()
        suspect = row.get("疑误格")
        for cell in dict.fromkeys([*named, *([str(suspect)] if suspect else [])]):
            wrong = "是" if cell == suspect else "否"
            yield {"发现": row["键"], "格": cell, "文件": row["文件"], "疑误": wrong}


def result_rows(results: Iterable[RuleResult], leading: Mapping[str, Value]) -> list[Record]:
    """Return one row for each rule that could be applied or that lacked something to compare."""
    return [
        dict(leading)
        | {
            "规则": item.rule,
            "相符": item.exact,
            "舍入内": item.within_rounding,
            "不符": item.violated,
            "不适用": item.not_applicable,
            "缺什么": item.missing,
        }
        for item in results
        if item.exact or item.within_rounding or item.violated or item.not_applicable
    ]


def is_same(one: Finding, other: Finding) -> bool:
    """Say whether two findings are about the same thing, whatever the figures: one rule at one place."""
    keys = ("rule", "table", "row", "column", "page", "line")
    return all(getattr(one, key) == getattr(other, key) for key in keys)


def is_open_error(finding: Finding) -> bool:
    """Say whether a finding still stands in the way of a release."""
    return finding.severity == "error" and finding.state == OPEN
