"""The annual release: a gate of named results, then one folder that is complete or not there at all."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yusuan import __version__
from yusuan.audit import STALE, audit
from yusuan.database import load_database
from yusuan.errors import Problem, ReleaseError, UsageError
from yusuan.files import host_errors, locked, replacing_folder, sha256_of, undisturbed
from yusuan.findings import OPEN
from yusuan.package import DESCRIPTOR, package_tables, read_records
from yusuan.personal import RULE
from yusuan.publishing.changes import Difference
from yusuan.publishing.differences import compare
from yusuan.publishing.editions import read_edition
from yusuan.records import Record, Records
from yusuan.report import FINDINGS, REPORT
from yusuan.review import FILE, read_review
from yusuan.site.metadata import metadata_yaml
from yusuan.spec import Specs
from yusuan.validation import validate_package

MANIFEST = "SHA256SUMS"
#: Every file in an archive bears this time: the same content gives the same bytes on any day.
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition of a release: its name, whether it holds, and what was seen."""

    name: str
    title: str
    passed: bool
    notes: str
    problems: tuple[Problem, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the result as JSON-ready data."""
        problems = [problem.as_dict() for problem in self.problems]
        return {
            "name": self.name,
            "title": self.title,
            "passed": self.passed,
            "notes": self.notes,
            "problems": problems,
        }


@dataclass(frozen=True, slots=True)
class Release:
    """What a release contains or, in a dry run, would contain. `folder` is None until it is written."""

    version: str
    gates: tuple[Gate, ...]
    files: tuple[str, ...] = ()
    folder: Path | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the release as JSON-ready data."""
        return {
            "version": self.version,
            "gates": [gate.as_dict() for gate in self.gates],
            "files": list(self.files),
            "folder": str(self.folder) if self.folder else None,
        }


def publish(year: int, root: Path, out: Path, specs: Specs, *, dry_run: bool = False) -> Release:
    """Write `<out>/<year>.<n>/` from the package of `year` under `root`; nothing where a gate refuses.

    A published version is never touched again: the next one gets the next number.
    """
    with undisturbed(root):
        return _publish(year, root / str(year), out, specs, dry_run=dry_run)


def _publish(year: int, package: Path, out: Path, specs: Specs, *, dry_run: bool) -> Release:
    if not (package / DESCRIPTOR).exists():
        raise UsageError(
            Problem(
                "PACKAGE-MISSING",
                f"没有 {year} 年的数据包",
                str(package),
                hint=f"先运行 yusuan convert 生成 {package}",
            )
        )
    gates = check_gates(package, specs)
    version = f"{year}.{_next_number(year, out)}"
    if dry_run:
        return Release(version, gates)
    if refused := [gate for gate in gates if not gate.passed]:
        raise ReleaseError(*(_refusal(gate) for gate in refused))
    records = read_records(package, specs)
    with locked(out):
        version = f"{year}.{_next_number(year, out)}"
        with replacing_folder(out / version) as folder:
            files = _write(folder, version, package, records, specs, gates)
    return Release(version, gates, tuple(files), out / version)


def diff(old: Path, new: Path, specs: Specs) -> Difference:
    """Return what changed between two editions, each a release or a package."""
    return compare(read_edition(old), read_edition(new), specs)


def _refusal(gate: Gate) -> Problem:
    details = "；".join(problem.message for problem in gate.problems[:5])
    return Problem(
        "GATE-REFUSED",
        f"发布条件未满足：{gate.title}（{gate.notes}）",
        found=details or None,
        hint="运行 yusuan publish 年度 --dry-run 查看全部条件；改正文档并重新转换后再发布",
    )


def check_gates(package: Path, specs: Specs) -> tuple[Gate, ...]:
    """Return every condition with its result."""
    problems = tuple(validate_package(package, specs))
    valid = Gate("valid", "数据包校验通过", not problems, f"{len(problems)} 个问题", problems)
    if problems:
        return (valid,)
    records = read_records(package, specs)
    review = read_review(package, specs)
    checked = records | audit(records, review, specs, again=True)
    current = all(_same_rows(checked[name], records[name]) for name in ("findings", "rule_results", "corrections"))
    documents = len(records["documents"])
    return (
        valid,
        Gate("checked", "核对结果与现在的规则、更正文件一致", current, "一致" if current else "先运行 yusuan check"),
        _open_errors("agrees", "没有未解决的错误", checked, frozenset({RULE, *STALE}), inside=False),
        _open_errors("fresh", "更正和签字都还对得上文档", checked, STALE, inside=True),
        _open_errors("personal", "没有未经审阅的个人信息", checked, frozenset({RULE}), inside=True),
        Gate("sourced", "有文档，且每份都有校验和", documents > 0, f"{documents} 份文档"),
    )


def _same_rows(one: Iterable[Record], other: Iterable[Record]) -> bool:
    """Say whether two tables hold the same rows, whatever their order."""
    return _comparable(one) == _comparable(other)


def _comparable(rows: Iterable[Record]) -> list[list[tuple[str, str]]]:
    return sorted(sorted((name, str(value)) for name, value in row.items() if value is not None) for row in rows)


def _open_errors(name: str, title: str, records: Records, rules: frozenset[str], *, inside: bool) -> Gate:
    """Return a gate that holds when no error of some rules (or of all others) is open."""
    rows = [row for row in records["findings"] if row["严重程度"] == "error" and row["处理"] == OPEN]
    rows = [row for row in rows if (row["规则"] in rules) == inside]
    told = tuple(Problem(str(row["规则"]), str(row["说明"]), str(row["文件"])) for row in rows)
    return Gate(name, title, not rows, f"{len(rows)} 个错误", told)


def _next_number(year: int, out: Path) -> int:
    taken = [path.name.split(".")[1] for path in out.glob(f"{year}.*") if path.is_dir()]
    return max((int(number) for number in taken if number.isdigit()), default=0) + 1


def _write(
    folder: Path, version: str, package: Path, records: Records, specs: Specs, gates: Iterable[Gate]
) -> list[str]:
    with host_errors(folder):
        beside = [name for name in (DESCRIPTOR, REPORT, FINDINGS, FILE) if (package / name).exists()]
        for name in beside:
            shutil.copyfile(package / name, folder / name)
        (folder / "data").mkdir()
        for spec in package_tables(specs):
            shutil.copyfile(package / "data" / f"{spec.name}.csv", folder / "data" / f"{spec.name}.csv")
        _zip(
            folder / f"datapackage-{version}.zip",
            folder,
            [*beside, *(f"data/{s.name}.csv" for s in package_tables(specs))],
        )
        load_database(folder / "budget.db", [records], specs)
        (folder / "metadata.yml").write_text(metadata_yaml(specs), encoding="utf-8", newline="\n")
        (folder / "RELEASE_NOTES.md").write_text(_notes(version, records, gates), encoding="utf-8", newline="\n")
        files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
        sums = "".join(f"{sha256_of(folder / name)}  {name}\n" for name in files)
        (folder / MANIFEST).write_text(sums, encoding="utf-8", newline="\n")
    return [*files, MANIFEST]


def _zip(target: Path, root: Path, names: Iterable[str]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(names):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, (root / name).read_bytes())


def _notes(version: str, records: Records, gates: Iterable[Gate]) -> str:
    documents = sorted(records["documents"], key=lambda row: str(row["文件"]))
    findings = records["findings"]
    lines = [
        f"# 预算公开数据 {version}",
        "",
        f"由 yusuan {__version__} 生成。收录 {len(documents)} 份文档。",
        "",
        "## 发布条件",
        "",
    ]
    lines += [f"* {'通过' if gate.passed else '未通过'}：{gate.title}（{gate.notes}）" for gate in gates]
    lines += ["", "## 文档", "", "| 单位 | 文档 | 公开表 | 缺表 | sha256 |", "|---|---|---|---|---|"]
    lines += [
        f"| {d['发布者']} | {d['标题']} | {d['公开表数']} | {d['缺表'] or '无'} | `{d['sha256']}` |" for d in documents
    ]
    counts = {
        severity: sum(row["严重程度"] == severity for row in findings) for severity in ("error", "warning", "info")
    }
    told = f"错误 {counts['error']} 个，警告 {counts['warning']} 个，提示 {counts['info']} 个，详见 data/findings.csv。"
    lines += ["", "## 发现", "", told]
    lines += ["", "## 核对下载", "", f"```\nsha256sum -c {MANIFEST}\n```", ""]
    return "\n".join(lines)
