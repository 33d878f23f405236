"""What a run says on the terminal: Chinese sentences on stderr or stdout, JSON on stdout, progress on stderr."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track as rich_track

from yusuan.errors import Problem
from yusuan.release import Release
from yusuan.workflow import Outcome, Report

out = Console(highlight=False, soft_wrap=True, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)
_SEVERITIES = {"error": "错误", "warning": "警告", "info": "提示"}


def track(items: Sequence[Path], label: str) -> Iterable[Path]:
    """Show a progress bar while a person is watching and there is something to wait for."""
    if len(items) < 2 or not err.is_terminal:  # noqa: PLR2004 - one item needs no bar
        return items
    return rich_track(items, label, console=err)


def print_json(data: dict[str, Any]) -> None:
    """Print data for programs; a terminal that is not UTF-8 gets the same data escaped."""
    out.print(json.dumps(data, ensure_ascii=out.encoding != "utf-8", indent=2), markup=False)


def print_problems(problems: Iterable[Problem]) -> None:
    """Print what stopped something, each with place and next step."""
    for problem in problems:
        err.print(str(problem), markup=False, style="red")


def print_report(report: Report) -> None:
    """Print what a run did: a paragraph a document, then problems, then totals."""
    for outcome in report.outcomes:
        _print_outcome(outcome)
    print_problems(report.problems)
    if report.rows:
        out.print(f"已载入 {len(report.rows)} 张表，共 {sum(report.rows.values()):,} 行", markup=False)
    aside = sum(outcome.disclosure is None for outcome in report.outcomes)
    if aside:
        err.print(
            f"{len(report.outcomes)} 份文档中有 {aside} 份未能读取，已搁置；其余不受影响",
            markup=False,
            style="yellow",
        )


def _print_outcome(outcome: Outcome) -> None:
    found = outcome.disclosure
    if found is None:
        err.print(f"✗ {outcome.source}", markup=False, style="red")
        print_problems(outcome.problems)
        return
    rows = sum(len(table.rows) for table in found.tables)
    counts = {severity: sum(f.severity == severity for f in found.findings) for severity in _SEVERITIES}
    told = "，".join(f"{_SEVERITIES[severity]} {count}" for severity, count in counts.items() if count)
    identity = found.identity
    out.print(f"✓ {outcome.source} → {outcome.package}", markup=False, style="green")
    out.print(
        f"  {identity.region_name} {identity.name}（{identity.code}）{identity.year}年{identity.kind}：{len(found.tables)} 张表，{rows} 行；{told or '没有发现问题'}",
        markup=False,
    )
    for finding in found.findings:
        if finding.severity != "info":
            place = f"（第{finding.line}行）" if finding.line else ""
            out.print(f"  {_SEVERITIES[finding.severity]} {finding.rule}{place}：{finding.message}", markup=False)


def print_release(release: Release) -> None:
    """Print the gates of a release and, when it was written, what it holds."""
    for gate in release.gates:
        out.print(
            f"{'✓' if gate.passed else '✗'} {gate.title}：{gate.notes}",
            markup=False,
            style="green" if gate.passed else "red",
        )
        print_problems(gate.problems[:10])
    if release.folder:
        out.print(
            f"已发布 {release.version} → {release.folder}（{len(release.files)} 个文件，校验和见 SHA256SUMS）",
            markup=False,
        )
    else:
        state = (
            "条件满足，去掉 --dry-run 即可发布"
            if all(gate.passed for gate in release.gates)
            else "条件未满足，不会发布"
        )
        out.print(f"演练 {release.version}：{state}", markup=False)
