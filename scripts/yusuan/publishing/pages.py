"""A difference between two editions as files: a table, the same for programs, and a page for people."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from yusuan.publishing.changes import CAUSES, COLUMNS, KINDS, Change, Difference

#: The columns of the table, in the order of the fields of a change.
HEADER = (
    "种类", "文件", "单位", "年度", "表", "行", "行次", "列", "旧值", "新值", "旧印刷值", "新印刷值", "原因", "理由",
)  # fmt: skip
#: A page lists so many changes of a table; all of them are in the CSV.
_LISTED = 200
_SEVERITIES = {"error": "错误", "warning": "警告", "info": "提示"}
_DOCUMENTS = ("document_added", "document_removed", "republished")
_CORRECTIONS = ("corrected", "correction_withdrawn")
_CELLS = ("added", "removed", "changed")
_SCHEMA = ("table_added", "table_removed", "column_added", "column_removed", "type_changed")


def changes_csv(difference: Difference) -> str:
    """Return the changes as a table."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for change in difference.changes:
        told = change.as_dict() | {"kind": KINDS[change.kind], "cause": CAUSES.get(change.cause, change.cause)}
        writer.writerow(["" if told[name] is None else told[name] for name in COLUMNS])
    return out.getvalue()


def changes_json(difference: Difference) -> str:
    """Return the difference for programs."""
    return json.dumps(difference.as_dict(), ensure_ascii=False, indent=1) + "\n"


def summary(difference: Difference) -> str:
    """Return the difference in one sentence."""
    if not difference.old:
        return "这是第一次发布，没有上一版可以比较。"
    if not difference.counts:
        return f"与 {difference.old} 相比，数据没有改变。"
    told = "，".join(f"{KINDS[kind]} {count} 处" for kind, count in difference.counts.items())
    return f"与 {difference.old} 相比：{told}。"


def change_line(change: Change) -> str:
    """Return a change as one line for the terminal."""
    where = [change.document, change.table, change.row, change.number and f"第{change.number}行", change.column]
    values = f"{change.old or '无'} → {change.new or '无'}"
    told = [f"{KINDS[change.kind]} {' '.join(filter(None, where))}：{values}", CAUSES.get(change.cause), change.reason]
    return "；".join(filter(None, told))


def changes_page(difference: Difference, names: Mapping[str, str], titles: Mapping[str, str]) -> str:
    """Return the page for people; `names` are those of the units, `titles` those of the tables."""
    lines = [f"# {difference.new} 与上一版的差别", "", summary(difference), ""]
    if difference.old:
        lines += ["全部改动逐格列在 `changes.csv`（给程序的在 `changes.json`）。金额单位为万元。", ""]
        lines += _sections(difference.changes, names, titles)
        lines += _findings(difference.findings)
    return "\n".join(lines)


def _sections(changes: Sequence[Change], names: Mapping[str, str], titles: Mapping[str, str]) -> Iterator[str]:
    documents = [change for change in changes if change.kind in _DOCUMENTS]
    if documents:
        yield from ("## 文档", "", "| 种类 | 单位 | 文档 | 原来的 sha256 | 现在的 sha256 |", "|---|---|---|---|---|")
        for item in documents:
            yield _row(KINDS[item.kind], names.get(item.unit, item.unit), item.row, item.old, item.new)
        yield ""
    corrections = [change for change in changes if change.kind in _CORRECTIONS]
    if corrections:
        yield from (
            "## 更正",
            "",
            "| 种类 | 文件 | 格 | 印刷值 | 原来 | 现在 | 理由 |",
            "|---|---|---|---|---|---|---|",
        )
        for item in corrections:
            yield _row(KINDS[item.kind], item.document, item.row, item.printed_new, item.old, item.new, item.reason)
        yield ""
    rows = sorted((change for change in changes if change.kind in _CELLS), key=_place)
    for (unit, table), group in groupby(rows, key=_place):
        yield from _table(f"{names.get(unit, unit)} {titles.get(table, table)}", list(group))
    if schema := [change for change in changes if change.kind in _SCHEMA]:
        yield from ("## 表和列", "", "| 种类 | 表 | 列 | 原来 | 现在 |", "|---|---|---|---|---|")
        yield from (_row(KINDS[item.kind], item.table, item.column, item.old, item.new) for item in schema)
        yield ""


def _place(change: Change) -> tuple[str, str]:
    return change.unit, change.table


def _table(title: str, changes: Sequence[Change]) -> Iterator[str]:
    yield from (
        f"## {title}",
        "",
        "| 种类 | 行 | 列 | 原来 | 现在 | 印刷（原来 → 现在） | 原因 |",
        "|---|---|---|---|---|---|---|",
    )
    for item in changes[:_LISTED]:
        printed = (
            "" if item.printed_old == item.printed_new else f"{item.printed_old or '无'} → {item.printed_new or '无'}"
        )
        where = f"{item.row}（第{item.number}行）"
        yield _row(KINDS[item.kind], where, item.column, item.old, item.new, printed, CAUSES.get(item.cause))
    if len(changes) > _LISTED:
        yield from ("", f"另有 {len(changes) - _LISTED} 处，见 `changes.csv`。")
    yield ""


def _findings(findings: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    yield from ("## 发现", "", "| 级别 | 原来 | 现在 |", "|---|---|---|")
    yield from (_row(_SEVERITIES[name], str(old), str(new)) for name, (old, new) in findings.items())
    yield ""


def _row(*cells: str | None) -> str:
    """Return a row of a table; what a document prints must not break it."""
    texts = ("".join(" " if char in "\r\n" else char for char in cell or "") for cell in cells)
    return "| " + " | ".join(text.replace("|", "\\|").replace("<", "&lt;") for text in texts) + " |"
