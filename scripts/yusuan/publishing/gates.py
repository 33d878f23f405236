"""The conditions of a release, each with its name, whether it must hold, whether it does, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yusuan.audit import STALE, audit
from yusuan.errors import Problem
from yusuan.package import read_records
from yusuan.personal import RULE
from yusuan.publishing.editions import Edition, read_edition, row_counts
from yusuan.publishing.environment import LOCK, Checkout, off_the_lock
from yusuan.publishing.sources import find_documents
from yusuan.review import FILE, Review, read_review
from yusuan.rows.findings import OPEN
from yusuan.rows.records import Record, Records
from yusuan.spec import Specs
from yusuan.validation import validate_package


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition of a release: its name, whether it holds, what was seen; `required` ones refuse the release."""

    name: str
    title: str
    passed: bool
    notes: str
    problems: tuple[Problem, ...] = ()
    required: bool = True
    hint: str | None = None
    remarks: tuple[str, ...] = ()

    @property
    def blocks(self) -> bool:
        """Say whether this condition stands in the way of the release."""
        return self.required and not self.passed

    def as_dict(self) -> dict[str, Any]:
        """Return the result as JSON-ready data."""
        return {
            "name": self.name,
            "title": self.title,
            "required": self.required,
            "passed": self.passed,
            "notes": self.notes,
            "hint": self.hint if not self.passed else None,
            "remarks": list(self.remarks),
            "problems": [problem.as_dict() for problem in self.problems],
        }


@dataclass(frozen=True, slots=True)
class Ground:
    """What the conditions are checked against, besides the package itself."""

    package: Path
    sources: tuple[Path, ...]
    previous: Path | None
    checkout: Checkout
    reason: str | None = None


def check_gates(ground: Ground, specs: Specs) -> tuple[Gate, ...]:
    """Return every condition with its result; of a package that is not valid nothing else can be said."""
    problems = tuple(validate_package(ground.package, specs))
    hint = "改正“位置”里的文件，或重新运行 yusuan convert；再运行 yusuan validate"
    valid = Gate("valid", "数据包校验通过", not problems, f"{len(problems)} 个问题", problems, hint=hint)
    if problems:
        return (valid,)
    records = read_records(ground.package, specs)
    review = read_review(ground.package, specs)
    checked = records | audit(records, review, specs, again=True)
    return (
        valid,
        _current(records, checked),
        *_findings(checked),
        _sourced(records, ground, specs),
        _counted(ground, review, specs),
        _coded(records),
        _committed(ground.checkout),
        _locked(specs.root.parent),
    )


def _current(records: Records, checked: Records) -> Gate:
    same = all(_comparable(checked[name]) == _comparable(records[name]) for name in _REVIEWED)
    notes = "一致" if same else "不一致"
    return Gate("checked", "核对结果与现在的规则、更正文件一致", same, notes, hint="运行 yusuan check，再发布")


_REVIEWED = ("findings", "rule_results", "corrections")


def _comparable(rows: Iterable[Record]) -> list[list[tuple[str, str]]]:
    """Return the rows of a table in a form in which their order does not matter."""
    return sorted(sorted((name, str(value)) for name, value in row.items() if value is not None) for row in rows)


def _findings(records: Records) -> Iterator[Gate]:
    personal, stale = frozenset({RULE}), frozenset(STALE)
    edit = f"在数据包文件夹的 {FILE} 里"
    yield _open_errors(
        ("agrees", "没有未解决的错误", f"对照原文档；{edit}更正（corrections）或签字放行（exceptions）"),
        [row for row in _open_rows(records) if row["规则"] not in personal | stale],
    )
    yield _open_errors(
        ("fresh", "更正和签字都还对得上文档", f"{edit}改正或删去过期的条目"),
        [row for row in _open_rows(records) if row["规则"] in stale],
    )
    yield _open_errors(
        ("personal", "没有未经审阅的个人信息", f"审阅；可以公开就{edit}签字，不可以就不要发布"),
        [row for row in _open_rows(records) if row["规则"] in personal],
    )


def _open_rows(records: Records) -> list[Record]:
    return [row for row in records["findings"] if row["严重程度"] == "error" and row["处理"] == OPEN]


def _open_errors(words: tuple[str, str, str], rows: Sequence[Record]) -> Gate:
    name, title, hint = words
    told = tuple(Problem(str(row["规则"]), str(row["说明"]), str(row["文件"])) for row in rows)
    return Gate(name, title, not rows, f"{len(rows)} 个错误", told, hint=hint)


def _sourced(records: Records, ground: Ground, specs: Specs) -> Gate:
    """Every document must be there to be published with the data, with its publisher; and the terms must be known."""
    documents = records["documents"]
    found = find_documents(documents, ground.sources)
    places = "、".join(map(str, ground.sources))
    problems = [
        Problem(
            "SOURCE-NOT-ARCHIVED",
            "找不到这份来源文档，或内容与读取时不同",
            str(row["文件"]),
            expected=f"{row['来源文件']}，{row['字节数']} 字节，sha256 {row['sha256']}",
            found=f"{places} 下没有内容相同的文件",
            hint="把原来的文档放进去，或用 --sources 给出它所在的文件夹",
        )
        for row in documents
        if str(row["文件"]) not in found
    ]
    named = all(row["发布者"] for row in documents) and bool(specs.site["license"] and specs.site["license_url"])
    notes = f"{len(documents)} 份文档，找到 {len(found)} 份；" + (
        "注明了发布者和许可" if named else "没有注明发布者或许可"
    )
    passed = bool(documents) and not problems and named
    title = "来源文档都在，校验和相符，注明发布者和许可"
    return Gate("sourced", title, passed, notes, tuple(problems), hint="找齐来源文档；没有文档就没有可以发布的数据")


def _counted(ground: Ground, review: Review, specs: Specs) -> Gate:
    """No row may be lost without somebody saying why: a reader that reads less than before does so silently."""
    title = "表和行数没有比上一版少，或说明了原因"
    if ground.previous is None:
        return Gate("counted", title, passed=True, notes="第一次发布，没有上一版可以比较")
    old, new = read_edition(ground.previous), read_edition(ground.package)
    if not _years(old) & _years(new):
        return Gate("counted", title, passed=True, notes=f"上一版 {old.name} 是另一个年度，不比较行数")
    falls = list(_falls(old, new, specs))
    left = [fall for fall in falls if not (ground.reason or _explained(fall, review))]
    remarks = tuple(f"{fall.told()}：{_explained(fall, review) or ground.reason}" for fall in falls if fall not in left)
    problems = tuple(fall.refusal() for fall in left)
    notes = f"与 {old.name} 相比，{len(falls)} 处减少" + (f"，{len(remarks)} 处说明了原因" if falls else "")
    hint = f"查明为什么少了；原因写进 {FILE}，或用 --reason 给出"
    return Gate("counted", title, not left, notes, problems, hint=hint, remarks=remarks)


@dataclass(frozen=True, slots=True)
class _Fall:
    """Rows that the last release had and this one has not; of a whole document where there is no table."""

    document: str
    table: str
    before: int
    now: int

    def told(self) -> str:
        return f"{self.document} {self.table or '整份文档'}，{self.before} 行 → {self.now} 行"

    def refusal(self) -> Problem:
        return Problem(
            "ROWS-FELL",
            f"比上一版少：{self.told()}",
            self.document,
            table=self.table or None,
            expected=f"{self.before} 行或更多",
            found=f"{self.now} 行",
            hint=f"确有原因就写进 {FILE} 的 releases（document、table、rows、reason），或用 --reason 说明",
        )


def _falls(old: Edition, new: Edition, specs: Specs) -> Iterator[_Fall]:
    before, now = row_counts(old, specs), row_counts(new, specs)
    kept = {row["文件"] for row in new.rows("documents")}
    for document in sorted({row["文件"] for row in old.rows("documents")}):
        mine = {table: count for (key, table), count in before.items() if key == document}
        if document not in kept:
            yield _Fall(document, "", sum(mine.values()), 0)
            continue
        for table, count in sorted(mine.items()):
            if now.get((document, table), 0) < count:
                yield _Fall(document, table, count, now.get((document, table), 0))


def _explained(fall: _Fall, review: Review) -> str | None:
    """Return the reason that somebody gave for exactly this number of rows."""
    for item in review.falls:
        if (item.document, item.table or "", item.rows) == (fall.document, fall.table, fall.now):
            return item.reason
    return None


def _years(edition: Edition) -> set[str | None]:
    return {row.get("年度") for row in edition.rows("documents")}


def _coded(records: Records) -> Gate:
    """Our lists of codes are collected facts and no official edition: an unknown code is worth a look, no more."""
    unknown = [
        (table, row)
        for table in ("functional_codes", "economic_codes")
        for row in records[table]
        if row["名称来源"] == "未知"
    ]
    problems = tuple(
        Problem("CODE-UNKNOWN", f"科目 {row['科目编码']} 没有名称：代码表里没有，文档也没有印", table=table)
        for table, row in unknown
    )
    hint = "对照原文档；是新科目就补进 schemas/codes/"
    return Gate("coded", "科目编码都有名称", not unknown, f"{len(unknown)} 个没有", problems, required=False, hint=hint)


def _committed(state: Checkout) -> Gate:
    title = "数据的文件夹在 git 里，没有未提交的改动"
    if state.commit is None or state.dirty is None:
        return Gate("committed", title, passed=True, notes="不在 git 里：提交号记为未知", required=False)
    notes = f"提交 {state.commit[:12]}" + ("，有未提交的改动" if state.dirty else "")
    return Gate(
        "committed", title, not state.dirty, notes, required=False, hint="先 git commit，别人才能找到同样的输入"
    )


def _locked(root: Path) -> Gate:
    title = "依赖的版本与锁定的一致"
    off = off_the_lock(root)
    if off is None:
        return Gate("locked", title, passed=True, notes=f"这里没有 {LOCK}：记下实际的版本", required=False)
    notes = "、".join(f"{name} 锁定 {locked}，实际 {found}" for name, (locked, found) in off.items()) or "一致"
    return Gate("locked", title, not off, notes, required=False, hint="在 make 建的 .venv 里发布")
