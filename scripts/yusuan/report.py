"""What the check of a document or a package says: one structure for the terminal, for programs and for report.md."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from yusuan.errors import DocumentError, Problem
from yusuan.model import Finding
from yusuan.rows.findings import OPEN, is_open_error, row_to_finding
from yusuan.rows.records import Record

REPORT, FINDINGS = "report.md", "findings.json"
SEVERITIES = {"error": "错误", "warning": "警告", "info": "提示"}
_COUNTS = {"相符": "exact", "舍入内": "within_rounding", "不符": "violated", "不适用": "not_applicable"}


class Aside(Protocol):
    """A source that could not be read."""

    @property
    def source(self) -> Any:
        """Return its path."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return why."""


@dataclass(frozen=True, slots=True)
class DocumentReport:
    """How one document came out: its findings, and the results and title of every rule.

    `quiet` are the rules whose results are only counted: what they compare need not agree.
    """

    key: str
    title: str
    publisher: str
    findings: tuple[Finding, ...]
    results: tuple[Record, ...]
    titles: Mapping[str, str]
    quiet: frozenset[str] = frozenset()

    def count(self, name: str) -> int:
        """Return how many evaluations came out 相符, 舍入内, 不符 or 不适用."""
        return sum(int(str(row[name])) for row in self.results)

    @property
    def for_reference(self) -> int:
        """Return how many violations are no findings."""
        return sum(int(str(row["不符"])) for row in self.results if row["规则"] in self.quiet)

    def graded(self, grade: str) -> list[Finding]:
        """Return the findings of rules that came out so."""
        return [item for item in self.findings if item.grade == grade]

    @property
    def evaluations(self) -> int:
        """Return how often a rule could be applied."""
        return sum(self.count(name) for name in ("相符", "舍入内", "不符"))

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON-ready data."""
        return {
            "document": self.key,
            "title": self.title,
            "publisher": self.publisher,
            "evaluations": self.evaluations,
            **{english: self.count(name) for name, english in _COUNTS.items()},
            "rules": [
                {"rule": row["规则"], "title": self.titles.get(str(row["规则"]))}
                | {english: row[name] for name, english in _COUNTS.items()}
                | {"missing": row["缺什么"]}
                for row in self.results
            ],
            "findings": [item.as_dict() for item in self.findings],
        }


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: a report a document, and the documents that could not be read."""

    documents: tuple[DocumentReport, ...]
    aside: tuple[Aside, ...] = ()

    @property
    def exit_code(self) -> int:
        """Return 3 when documents were set aside, 1 when an error is open, else 0."""
        if self.aside:
            return DocumentError.exit_code
        return int(any(is_open_error(finding) for report in self.documents for finding in report.findings))

    def as_dict(self) -> dict[str, Any]:
        """Return the check as JSON-ready data."""
        return {
            "exit_code": self.exit_code,
            "documents": [report.as_dict() for report in self.documents],
            "aside": [
                {"source": str(item.source), "problems": [problem.as_dict() for problem in item.problems]}
                for item in self.aside
            ],
        }


def document_reports(records: Mapping[str, Sequence[Record]]) -> list[DocumentReport]:
    """Return the report of every document of a package, in the order of their keys."""
    quiet = frozenset(str(row["规则"]) for row in records["rules"] if row.get("是否报告") == "否")
    titles = {str(row["规则"]): str(row["规则名称"]) for row in records["rules"]}
    reports = []
    for row in sorted(records["documents"], key=lambda row: str(row["文件"])):
        key = row["文件"]
        mine = [item for item in records["findings"] if item["文件"] == key]
        mine.sort(key=lambda item: str(item["键"]))
        findings = tuple(row_to_finding(item) for item in mine)
        results = [item for item in records["rule_results"] if item["文件"] == key]
        results.sort(key=lambda item: str(item["规则"]))
        reports.append(
            DocumentReport(str(key), str(row["标题"]), str(row["发布者"]), findings, tuple(results), titles, quiet)
        )
    return reports


def report_files(records: Mapping[str, Sequence[Record]]) -> dict[str, str]:
    """Return the report that people read and the findings that programs read, by file name."""
    reports = document_reports(records)
    data = [report.as_dict() for report in reports]
    return {
        REPORT: report_markdown(reports),
        FINDINGS: json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n",
    }


def report_markdown(reports: Sequence[DocumentReport]) -> str:
    """Return the readable report of some documents."""
    lines = ["# 核对报告", "", "数字按印刷原样核对；发现从不改动数据。金额单位为万元。", ""]
    for report in reports:
        lines += _document_lines(report)
    return "\n".join(lines).rstrip("\n") + "\n"


def _document_lines(report: DocumentReport) -> Iterable[str]:
    yield from (
        f"## {_plain(report.title)}",
        "",
        f"{_plain(report.publisher)}，`{report.key}`",
        "",
        summary(report),
        "",
    )
    violated = [item for item in report.findings if item.grade == "violated" or item.grade is None]
    for severity, label in SEVERITIES.items():
        found = [item for item in violated if item.severity == severity]
        if found:
            yield from (f"### {label}（{len(found)}）", "", *(f"* {finding_line(item)}" for item in found), "")
    within = report.graded("within_rounding")
    if within:
        yield from (f"### 舍入之内（{len(within)}）", "", *(f"* {finding_line(item)}" for item in within), "")
    missing = [row for row in report.results if row["不适用"]]
    if missing:
        lines = [
            f"* {row['规则']} {report.titles.get(str(row['规则']), '')}：{_plain(str(row['缺什么'] or ''))}"
            for row in missing
        ]
        yield from ("### 不能核对", "", *lines, "")
    yield from ("### 核对了什么", "", "| 规则 | 名称 | 相符 | 舍入内 | 不符 | 不适用 |", "|---|---|--:|--:|--:|--:|")
    for row in report.results:
        counts = " | ".join(str(row[name]) for name in _COUNTS)
        yield f"| {row['规则']} | {report.titles.get(str(row['规则']), '')} | {counts} |"
    yield ""


def summary(report: DocumentReport) -> str:
    """Return in one sentence what was checked and how it came out."""
    counts = "，".join(f"{label} {report.count(name)}" for name, label in _LABELS.items())
    settled = sum(item.state != OPEN for item in report.findings)
    if report.for_reference:
        told = f"{_LABELS['不符']} {report.count('不符')}"
        counts = counts.replace(told, f"{told}（其中 {report.for_reference} 处只作参考，不必成立）")
    return f"核对 {report.evaluations} 处：{counts}" + (f"；已处理 {settled}" if settled else "") + "。"


_LABELS = {"相符": "完全相符", "舍入内": "相差在舍入之内", "不符": "不相符", "不适用": "缺少可比的数"}


def finding_line(item: Finding) -> str:
    """Return one finding as a line: rule, place, what is printed, how it was settled."""
    places = [f"第{item.page}页" if item.page else "", f"第{item.line}行" if item.line and not item.page else ""]
    where = "".join(filter(None, places))
    settled = f"【{item.state}：{item.settled}】" if item.state != OPEN else ""
    return f"{item.rule}{f'（{where}）' if where else ''}：{_plain(item.message)}{settled}"


def _plain(text: str) -> str:
    """Return a text of a document so that it cannot be taken for markup."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace("[", "\\[").replace("`", "\\`")
