"""The pages of a release that people read, and the tables about it: notes, changes, terms, citation, provenance."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

from yusuan import __version__
from yusuan.publishing.changes import KINDS
from yusuan.publishing.description import Description
from yusuan.publishing.inputs import Inputs
from yusuan.publishing.pages import summary
from yusuan.publishing.sources import archived_name
from yusuan.review import Dates

CHANGELOG = "CHANGELOG.md"
_HEAD = "# 数据的变更记录\n\n每一版一节，最近的在前；一经发布不再改动。\n"
_SEVERITIES = {"error": "错误", "warning": "警告", "info": "提示"}
PROVENANCE = (
    "文件", "标题", "年度", "单位", "类型", "发布者", "来源文件", "发布中的文件", "字节数", "sha256",
    "批复日期", "公开日期", "读取器", "版式", "转换者", "转换者版本",
)  # fmt: skip


def release_notes(inputs: Inputs, holds: list[tuple[str, str]]) -> str:
    """Return RELEASE_NOTES.md; `holds` are the names and titles of what was written."""
    lines = [f"# 预算公开数据 {inputs.version}", "", f"日期 {inputs.date}。由 yusuan {__version__} 生成。"]
    lines += [f"收录 {len(inputs.documents)} 份文档。{summary(inputs.difference)}", ""]
    lines += ["## 里面有什么", "", *(f"* {title}" for _, title in holds), ""]
    lines += ["## 发布条件", "", *_gates(inputs), ""]
    lines += ["## 文档", "", "| 单位 | 文档 | 公开表 | 缺表 | sha256 |", "|---|---|---|---|---|"]
    for row in inputs.documents:
        cells = (row["发布者"], row["标题"], row["公开表数"], row["缺表"] or "无", f"`{row['sha256']}`")
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    found = [str(row["严重程度"]) for row in inputs.records["findings"]]
    told = "，".join(f"{label} {found.count(name)} 个" for name, label in _SEVERITIES.items())
    lines += ["", "## 发现", "", f"{told}，详见 report.md 和 data/findings.csv。"]
    lines += ["", "## 核对下载", "", f"```\nsha256sum -c SHA256SUMS\nyusuan verify {inputs.version}\n```", ""]
    return "\n".join(lines)


def _gates(inputs: Inputs) -> Iterator[str]:
    for gate in inputs.gates:
        state = "通过" if gate.passed else "未通过" if gate.required else "未满足（只作提醒）"
        yield f"* {state}：{gate.title}（{gate.notes}）"
        yield from (f"  * {remark}" for remark in gate.remarks)


def changelog(inputs: Inputs) -> str:
    """Return CHANGELOG.md: an entry of this release, then those of the releases before."""
    difference = inputs.difference
    lines = [f"## {inputs.version}（{inputs.date}）", "", summary(difference), ""]
    documents = [c for c in difference.changes if c.kind in {"document_added", "document_removed", "republished"}]
    if not difference.old:
        lines += [f"* 收录：{row['发布者']}《{row['标题']}》" for row in inputs.documents]
    lines += [f"* {KINDS[item.kind]}：{item.row}" for item in documents]
    corrected = [change for change in difference.changes if change.kind in {"corrected", "correction_withdrawn"}]
    lines += [f"* {KINDS[c.kind]}：{c.document} {c.row}，{c.old or '空白'} → {c.new}：{c.reason}" for c in corrected]
    lines += [f"* 比上一版少：{remark}" for gate in inputs.gates if gate.name == "counted" for remark in gate.remarks]
    if difference.old and difference.changes:
        lines.append("* 逐格的改动见这一版的 CHANGES.md。")
    before = inputs.previous / CHANGELOG if inputs.previous else None
    old = before.read_text("utf-8").removeprefix(_HEAD) if before and before.exists() else ""
    return _HEAD + "\n" + "\n".join(lines).rstrip() + "\n" + old


def provenance_csv(inputs: Inputs) -> str:
    """Return provenance.csv: where each document comes from and who made data of it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(PROVENANCE)
    for row in inputs.documents:
        dates = inputs.review.dates.get(str(row["文件"]), Dates())
        told = {
            **row,
            "发布中的文件": archived_name(row),
            "批复日期": dates.approved,
            "公开日期": dates.published,
            "转换者": "yusuan",
            "转换者版本": row["读取器版本"],
        }
        writer.writerow(["" if told[name] is None else told[name] for name in PROVENANCE])
    return out.getvalue()


def license_page(inputs: Inputs) -> str:
    """Return LICENSE.md: whose the data are and what may be done with them."""
    site = inputs.specs.site
    publishers = sorted({str(row["发布者"]) for row in inputs.documents})
    lines = ["# 数据的许可", "", f"{site['license']}。依据：<{site['license_url']}>", ""]
    lines += [
        "这里的文档和由它们转换的数据，由下列单位依法主动公开。转换只改变形式，不改变数字；使用时请注明来源单位。",
        "",
    ]
    lines += [f"* {name}" for name in publishers]
    lines += [
        "",
        "The documents were published by the organisations above; please name them when you use the data.",
        "",
    ]
    return "\n".join(lines)


def citation(about: Description) -> str:
    """Return CITATION.cff. A text in JSON's quotes is one in YAML too."""
    lines = [
        "cff-version: 1.2.0",
        f"message: {_quoted('引用这份数据时，请注明版本和来源单位。')}",
        "type: dataset",
        f"title: {_quoted(about.title)}",
        f"version: {_quoted(about.version)}",
        *([f"date-released: {_quoted(about.date)}"] if about.whole_day() else []),
        "authors:",
        *(f"  - name: {_quoted(name)}" for name in about.publishers),
        f"abstract: {_quoted(about.text)}",
        "keywords:",
        *(f"  - {_quoted(word)}" for word in about.keywords),
        f"license-url: {_quoted(about.license_url)}",
        *([f"url: {_quoted(about.identifier)}"] if about.address else []),
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
