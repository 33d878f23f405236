"""The rows of a package checked again: rules on the printed and on the corrected values, decisions of people applied.

Findings are of three states: open, corrected (a correction makes the figures agree) and signed off. None of them
ever changes what is printed; a decision that no longer fits what it was made for is a finding itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from yusuan.checks import check_evidence, summarise
from yusuan.checks.evidence import Evidence, IndexRow, Sheet, unread_sentences
from yusuan.checks.quantities import Quantities
from yusuan.checks.wording import TEXT_KINDS
from yusuan.model import COMPANION, Finding, RuleResult, Value
from yusuan.review import Correction, Exemption, Review
from yusuan.rows.corrections import corrected_value
from yusuan.rows.findings import CORRECTED, OPEN, SIGNED, cell_rows, finding_rows, is_same, result_rows, row_to_finding
from yusuan.rows.records import Record, Records
from yusuan.spec import Specs, TableSpec
from yusuan.values import parse_amount

_NARRATIVE = ("narrative_facts", "key_projects", "staffing", "vehicles", "internal_offices")
#: Decisions that no longer fit what they were made for.
STALE = frozenset({"CORRECTION-STALE", "EXCEPTION-STALE"})


def audit(records: Mapping[str, Sequence[Record]], review: Review, specs: Specs, *, again: bool) -> Records:
    """Return findings, rule_results, finding_cells and corrections of a package under the decisions of `review`.

    With `again` every document is checked anew, else only those that somebody decided about (or once did).
    """
    by_document = {name: _grouped(rows) for name, rows in records.items()}
    found: Records = {"findings": [], "rule_results": [], "finding_cells": [], "corrections": []}
    for row in records["documents"]:
        key = str(row["文件"])
        mine = {name: groups.get(key, []) for name, groups in by_document.items()}
        partner = key.removesuffix(COMPANION)
        lent = {name: groups.get(partner, []) for name, groups in by_document.items()} if partner != key else None
        touched = key in review.documents or any(
            item["处理"] != OPEN or item["规则"] in STALE for item in mine["findings"]
        )
        if again or touched or lent:
            checked = _Audit(row, mine, review, specs, lent)
            mine |= checked.rows()
        found["findings"] += mine["findings"]
        found["rule_results"] += mine["rule_results"]
        found["corrections"] += mine["corrections"]
    found["findings"] += _strangers(records, review)
    found["finding_cells"] = list(cell_rows(found["findings"]))
    return found


def _grouped(rows: Sequence[Record]) -> Mapping[str, list[Record]]:
    groups: dict[str, list[Record]] = defaultdict(list)
    for row in rows:
        groups[str(row.get("文件"))].append(row)
    return groups


def _strangers(records: Mapping[str, Sequence[Record]], review: Review) -> Iterator[Record]:
    """Yield a finding for each decision about a document that the package does not hold."""
    known = {str(row["文件"]): row for row in records["documents"]}
    strange = sorted(review.documents - set(known))
    first = next(iter(known.values()), None)
    if not strange or first is None:
        return
    leading = {name: first[name] for name in ("文件", "年度", "单位")}
    findings = [
        Finding("EXCEPTION-STALE", f"更正文件里有 {key}，这个年度的数据包里没有这份文档", "error", printed=key)
        for key in strange
    ]
    rows = finding_rows(findings, leading, frozenset())
    yield from (row | {"键": f"{row['键']}.{number}"} for number, row in enumerate(rows, 1))


class _Audit:
    """One document checked again; a narrative without tables against those of the file beside it, which are `lent`."""

    def __init__(
        self,
        row: Record,
        mine: Mapping[str, list[Record]],
        review: Review,
        specs: Specs,
        lent: Mapping[str, list[Record]] | None = None,
    ) -> None:
        self.key, self.row, self.mine, self.specs = str(row["文件"]), row, mine, specs
        self.leading = {name: row[name] for name in ("文件", "年度", "单位")}
        self.lent = lent
        self.cells = {str(cell["格"]): cell for cell in (*mine["cells"], *(lent or {}).get("cells", ()))}
        self.corrections = [item for item in review.corrections if item.document == self.key]
        self.exceptions = [item for item in review.exceptions if item.document == self.key]
        partner = self.key.removesuffix(COMPANION)
        lent_to = [item for item in review.corrections if lent is not None and item.document == partner]
        self.borrowed = [item for item in lent_to if self._printed(item) == item.printed and self._readable(item)]
        self.stale: list[Finding] = []

    def rows(self) -> Records:
        """Return the document's rows of findings, results and corrections."""
        findings, results = self._checked({})
        fitting = [item for item in self.corrections if self._fits(item)]
        if fitting or self.borrowed:
            findings = self._corrected(findings, fitting)
        findings = self._signed(findings)
        known = frozenset(self.cells)
        return {
            "findings": finding_rows([*findings, *self.stale], self.leading, known),
            "rule_results": result_rows(results, self.leading),
            "corrections": [self._row(item) for item in fitting],
        }

    def _checked(self, corrected: Mapping[str, str]) -> tuple[list[Finding], list[RuleResult]]:
        """Return findings and results with some cells replaced; what only the text can show stays as it was read."""
        told, results = self._evaluated(corrected)
        kept = {rule.id for rule in self.specs.rules.rules.values() if TEXT_KINDS & set(rule.kinds)}
        old = [row_to_finding(row) for row in self.mine["findings"]]
        as_read = [
            replace(item, state=OPEN, settled=None)
            for item in old
            if (item.rule in kept or item.rule not in self.specs.rules.rules) and item.rule not in STALE
        ]
        carried = {str(row["规则"]): _row_to_result(row) for row in self.mine["rule_results"] if row["规则"] in kept}
        notices = [item for item in as_read if item.rule not in kept]
        texts = [item for item in as_read if item.rule in kept]
        return [*notices, *told, *texts], [carried.get(item.rule, item) for item in results]

    def _evaluated(self, corrected: Mapping[str, str]) -> tuple[list[Finding], list[RuleResult]]:
        """Return what the rules say; of lent tables only what the narrative says of them, the rest is told there."""
        mine = self.mine if self.lent is None else _joined(self.mine, self.lent, self.specs)
        evidence = evidence_from_rows(self.row, mine, self.specs, corrected)
        known = Quantities(evidence, self.specs.rules)
        told, results = summarise(check_evidence(known), known)
        if self.lent is None:
            return told, results
        known = Quantities(replace(evidence, narrative={}, unread=(), offices=None), self.specs.rules)
        there, counted = summarise(check_evidence(known), known)
        told = [item for item in told if not any(is_same(item, other) for other in there)]
        return told, [_less(one, other) for one, other in zip(results, counted, strict=True)]

    # ------------------------------------------------------------------------------------------------ corrections

    def _fits(self, item: Correction) -> bool:
        """Say whether a correction is about what is printed; else it is stale."""
        printed = self._printed(item)
        if printed == item.printed and self._readable(item):
            return True
        what = "没有这一格" if printed is None else f"这一格印的是“{printed}”"
        text = f"更正 {item.cell}：{what}，更正文件写的是“{item.printed}”"
        self.stale.append(Finding("CORRECTION-STALE", text, "error", printed=item.printed, expected=printed))
        return False

    def _printed(self, item: Correction) -> str | None:
        cell = self.cells.get(item.key)
        return None if cell is None else str(cell["原文"] or "")

    def _readable(self, item: Correction) -> bool:
        cell = self.cells[item.key]
        if cell["字段"] not in self._spec(str(cell["表"])).measures:
            return True
        try:
            return parse_amount(item.corrected) is not None
        except ValueError:
            return False

    def _corrected(self, printed: list[Finding], corrections: Sequence[Correction]) -> list[Finding]:
        """Return the findings with those marked that the corrections settle, and those that only they bring about."""
        applied = (*corrections, *self.borrowed)
        after, _ = self._checked({item.key: item.corrected for item in applied})
        settled = [item for item in printed if item.grade and not any(is_same(item, other) for other in after)]
        reasons = "；".join(f"{item.cell} 应为 {item.corrected}：{item.reason}" for item in applied)
        for item in corrections:
            lacking = sorted(set(item.expect) - {finding.rule for finding in settled})
            if lacking:
                text = f"更正 {item.cell} 应当解决 {'、'.join(lacking)}，没有解决"
                found = Finding("CORRECTION-STALE", text, "error", printed=item.printed, expected=item.corrected)
                self.stale.append(found)
        marked = [
            replace(item, state=CORRECTED, settled=reasons) if any(item is other for other in settled) else item
            for item in printed
        ]
        fresh = [item for item in after if item.grade == "violated" and not any(is_same(item, o) for o in printed)]
        return [*marked, *(replace(item, message=f"更正后：{item.message}") for item in fresh)]

    def _row(self, item: Correction) -> Record:
        return {
            "格": item.key,
            "文件": self.key,
            "印刷值": item.printed or None,
            "更正值": item.corrected,
            "理由": item.reason,
            "来源": item.source,
            "状态": item.status,
        }

    # ------------------------------------------------------------------------------------------------- exceptions

    def _signed(self, findings: list[Finding]) -> list[Finding]:
        for item in self.exceptions:
            fitting = [n for n, finding in enumerate(findings) if _is_about(item, finding) and finding.state == OPEN]
            if not fitting:
                text = f"签字放行的 {item.label()} 已经不存在"
                self.stale.append(Finding("EXCEPTION-STALE", text, "error", printed=item.rule))
            for number in fitting:
                settled = f"{item.reason}（{item.signed}，{item.date.isoformat()}）"
                findings[number] = replace(findings[number], state=SIGNED, settled=settled)
        return findings

    def _spec(self, table: str) -> TableSpec:
        return self.specs.tables[table]


def _is_about(item: Exemption, finding: Finding) -> bool:
    return finding.rule == item.rule and all(getattr(finding, key) == value for key, value in item.expect.items())


def _joined(
    mine: Mapping[str, list[Record]], lent: Mapping[str, list[Record]], specs: Specs
) -> dict[str, list[Record]]:
    """Return the rows of a narrative with the tables of the other file, and what was said of their money units."""
    tables = {name: lent[name] for name in (*specs.tables, "document_tables", "cells")}
    units = [row for row in lent["findings"] if row["规则"] == "MONEY-UNIT-INHERITED"]
    return dict(mine) | tables | {"findings": [*mine["findings"], *units]}


def _less(result: RuleResult, other: RuleResult) -> RuleResult:
    """Return how often a rule came out beyond what the tables alone account for."""
    names = ("exact", "within_rounding", "violated", "not_applicable")
    return replace(result, **{name: max(0, getattr(result, name) - getattr(other, name)) for name in names})


def _row_to_result(row: Record) -> RuleResult:
    exact, within, violated, skipped = (int(str(row[name])) for name in ("相符", "舍入内", "不符", "不适用"))
    missing = row.get("缺什么")
    return RuleResult(str(row["规则"]), exact, within, violated, skipped, None if missing is None else str(missing))


# ----------------------------------------------------------------------------------------------------- rows as evidence


def evidence_from_rows(
    row: Record, mine: Mapping[str, Sequence[Record]], specs: Specs, corrected: Mapping[str, str]
) -> Evidence:
    """Return the view of one document of a package, with the corrected texts of some cells in place of the printed."""
    tables = {str(item["表"]): item for item in mine["document_tables"]}
    cells: dict[str, list[Record]] = defaultdict(list)
    for cell in mine["cells"]:
        cells[str(cell["表"])].append(cell)
    key = str(row["文件"])
    sheets = {}
    for name, item in tables.items():
        if name not in specs.tables:
            continue  # left aside: nothing of it was read
        spec = specs.tables[name]
        sheets[spec.concept or name] = _sheet(str(item["文件"]), spec, item, mine[name], cells[name], corrected)
    offices = row.get("内设机构数")
    return Evidence(
        key,
        int(str(row["年度"])),
        str(row["单位"]),
        str(row["发布者"]),
        str(row["类型"]),
        specs,
        sheets,
        {name: mine[name] for name in _NARRATIVE},
        frozenset(str(f["表"]) for f in mine["findings"] if f["规则"] == "MONEY-UNIT-INHERITED"),
        unread_sentences(map(row_to_finding, mine["findings"])),
        offices if isinstance(offices, int) else None,
    )


def _sheet(
    key: str,
    spec: TableSpec,
    item: Record,
    rows: Sequence[Record],
    cells: Sequence[Record],
    corrected: Mapping[str, str],
) -> Sheet:
    lines = {cell["行次"]: cell["源行"] for cell in reversed(cells) if cell["部位"] == "数据"}
    columns = {str(cell["字段"]): int(str(cell["列次"])) for cell in cells if cell["字段"]}
    unit = str(item["金额单位"])
    placed = [
        dict(row) | {"源行": lines.get(row["行次"])} for row in sorted(rows, key=lambda row: int(str(row["行次"])))
    ]
    for cell in cells:
        if cell["格"] in corrected and cell["部位"] == "数据" and cell["字段"]:
            text = corrected[str(cell["格"])]
            placed[int(str(cell["行次"])) - 1][str(cell["字段"])] = corrected_value(spec, str(cell["字段"]), text, unit)
    return Sheet(
        key,
        spec,
        tuple(placed),
        columns,
        str(item["标题"] or ""),
        unit,
        None if item["注"] is None else str(item["注"]),
        item["空表"] == "是",
        _index_rows(cells),
        (_number(item["首页"]), _number(item["首行"])),
    )


def _number(value: Value) -> int | None:
    return value if isinstance(value, int) else None


def _index_rows(cells: Sequence[Record]) -> tuple[IndexRow, ...]:
    found: dict[int, dict[int, str]] = defaultdict(dict)
    places: dict[int, tuple[int | None, int | None]] = {}
    for cell in cells:
        if cell["部位"] == "栏次":
            number = int(str(cell["行次"]))
            found[number][int(str(cell["列次"]))] = str(cell["原文"] or "")
            places.setdefault(number, (_number(cell["页"]), _number(cell["源行"])))
    return tuple(IndexRow(texts, *places[number]) for number, texts in sorted(found.items()))


def count_states(rows: Sequence[Record]) -> Counter[str]:
    """Return how many findings are open, by severity, and how many are settled (已处理)."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts[str(row["严重程度"]) if row["处理"] == OPEN else "已处理"] += 1
    return counts
