"""What a run says on the terminal: Chinese sentences on stderr or stdout, JSON on stdout, progress on stderr."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import track as rich_track

from yusuan.deposit import Deposit
from yusuan.errors import Problem
from yusuan.publishing.changes import Difference
from yusuan.publishing.pages import change_line
from yusuan.publishing.pages import summary as summary_of
from yusuan.report import SEVERITIES, Checked, DocumentReport, finding_line, summary
from yusuan.standing import standing_lines
from yusuan.workflow import Outcome, Report

if TYPE_CHECKING:  # only names of types: the modules take half a second to import
    from yusuan.publishing.gates import Gate
    from yusuan.publishing.verification import Verified
    from yusuan.release import Release


class _Console(Console):
    """A console that prints plain text only: no markup, no emoji, no control characters."""

    def say(self, text: str, style: str | None = None) -> None:
        """Print one text as it is."""
        self.print(text.translate(_CONTROLS), style=style, markup=False)


out = _Console(highlight=False, soft_wrap=True, emoji=False)
err = _Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)
#: What a document prints must not steer the terminal: control characters are shown, not obeyed.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(128, 160)) if chr(code) not in "\n\t"}


def track(items: Sequence[Path], label: str) -> Iterable[Path]:
    """Show a progress bar while a person is watching and there is something to wait for."""
    if len(items) < 2 or not err.is_terminal:  # noqa: PLR2004 - one item needs no bar
        return items
    return rich_track(items, label, console=err)


def print_json(data: dict[str, Any]) -> None:
    """Print data for programs; a terminal that is not UTF-8 gets the same data escaped."""
    out.say(json.dumps(data, ensure_ascii=out.encoding != "utf-8", indent=2))


def print_problems(problems: Iterable[Problem]) -> None:
    """Print what stopped something, each with place and next step."""
    for problem in problems:
        err.say(str(problem), style="red")


def print_report(report: Report) -> None:
    """Print what a run did: a paragraph a document, then problems, then totals."""
    for outcome in report.outcomes:
        _print_outcome(outcome)
    print_problems(report.problems)
    if report.rows:
        out.say(f"已载入 {len(report.rows)} 张表，共 {sum(report.rows.values()):,} 行")
    aside = sum(outcome.disclosure is None for outcome in report.outcomes)
    if aside:
        err.say(
            f"{len(report.outcomes)} 份文档中有 {aside} 份未能读取，已搁置；其余不受影响",
            style="yellow",
        )


def _print_outcome(outcome: Outcome) -> None:
    found = outcome.disclosure
    if found is None:
        err.say(f"✗ {outcome.source}", style="red")
        print_problems(outcome.problems)
        return
    rows = sum(len(table.rows) for table in found.tables)
    counts = {severity: sum(f.severity == severity for f in outcome.findings) for severity in SEVERITIES}
    told = "，".join(f"{SEVERITIES[severity]} {count}" for severity, count in counts.items() if count)
    identity = found.identity
    out.say(f"✓ {outcome.source} → {outcome.package}", style="green")
    out.say(
        f"  {identity.region_name} {identity.name}（{identity.code}）{identity.year}年{identity.kind}：{len(found.tables)} 张表，{rows} 行；{told or '没有发现问题'}"
    )
    for line in standing_lines(outcome.standings):
        out.say(f"  {line}")
    for finding in outcome.findings:
        if finding.severity != "info":
            out.say(f"  {SEVERITIES[finding.severity]} {finding_line(finding)}")


def print_checked(checked: Checked) -> None:
    """Print how every document came out: the sum of it, then what does not agree, the worst first."""
    for report in checked.documents:
        _print_document(report)
    for item in checked.aside:
        err.say(f"✗ {item.source}", style="red")
        print_problems(item.problems)


def _print_document(report: DocumentReport) -> None:
    out.say(f"{report.publisher} {report.title}", style="bold")
    out.say(f"  {summary(report)}")
    styles = {"error": "red", "warning": "yellow", "info": None}
    for severity, label in SEVERITIES.items():
        for finding in report.findings:
            if finding.severity == severity and finding.grade == "violated":
                out.say(f"  {label} {finding_line(finding)}", style=styles[severity])
    within = report.graded("within_rounding")
    if within:
        out.say(
            f"  另有 {len(within)} 处相差在舍入之内，{sum(f.grade is None for f in report.findings)} 条读取时的提示"
        )


def print_difference(difference: Difference) -> None:
    """Print what changed between two editions, one line a change."""
    out.say(summary_of(difference), style="bold")
    for change in difference.changes:
        out.say(f"  {change_line(change)}")


def print_release(release: Release) -> None:
    """Print the conditions of a release, what stands in the way, and what was or would be written."""
    for gate in release.gates:
        _print_gate(gate)
    if release.changes:
        out.say(release.changes)
    if release.folder:
        out.say(f"已发布 {release.version} → {release.folder}（{len(release.files)} 个文件，校验和见 SHA256SUMS）")
        return
    if release.blocked:
        blocking = "、".join(gate.title for gate in release.gates if gate.blocks)
        out.say(f"演练 {release.version}：条件未满足，不会发布。拦下它的是：{blocking}")
        return
    out.say(f"演练 {release.version}（日期 {release.date}）：条件满足，去掉 --dry-run 即可发布，将写出：")
    for item in release.as_dict()["formats"]:
        out.say(f"  {item['title'].replace('`', '')}")


def _print_gate(gate: Gate) -> None:
    sign, style = ("✓", "green") if gate.passed else ("✗", "red") if gate.required else ("！", "yellow")
    told = "" if gate.passed or gate.required else "（只作提醒）"
    out.say(f"{sign} {gate.title}：{gate.notes}{told}", style=style)
    for remark in gate.remarks:
        out.say(f"  {remark}")
    print_problems(gate.problems[:10])
    if not gate.passed and gate.hint:
        out.say(f"  下一步：{gate.hint}")


def print_verified(found: Verified) -> None:
    """Print what was checked of a release, and everything that differs."""
    for item in found.checks:
        passed = not item.problems
        out.say(f"{'✓' if passed else '✗'} {item.title}：{item.notes}", style="green" if passed else "red")
        print_problems(item.problems[:20])
        if len(item.problems) > 20:  # noqa: PLR2004 - the rest is in --json
            err.say(f"另有 {len(item.problems) - 20} 处，用 --json 看全部")
    told = "与发布时一样" if not found.problems else f"有 {len(found.problems)} 处不同"
    out.say(f"{found.folder}：{told}")


def print_site(written: Mapping[str, Any]) -> None:
    """Print what a static site holds."""
    megabytes = written["bytes"] / 2**20
    out.say(
        f"静态网站 → {written['folder']}：{written['pages']:,} 页，{written['files']:,} 个文件，{megabytes:.1f} MiB"
    )
    out.say(f"打开 {written['folder']}/index.html 就能看，也可以整个放到任何能放文件的网站上")


def print_deposit(made: Deposit) -> None:
    """Print what was deposited, or would be, and what is left to do."""
    if made.number is None:
        out.say(f"演练 {made.version} → {made.host}：{len(made.files)} 个文件，什么都没有上传")
        for name in made.files:
            out.say(f"  {name}")
        return
    state = "已公开" if made.published else "草稿，还没有公开：在网页上查看，公开用 --publish"
    out.say(f"{made.version} → {made.page}（{state}）")
    out.say(f"  {len(made.files)} 个文件，这次上传 {len(made.uploaded)} 个；DOI {made.doi or '公开以后才有'}")
