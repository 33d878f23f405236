"""Does it add up? Every rule of the rulebook applied to one document.

    arithmetic   printed numbers compared as what they are: rounded
    evidence     what the rules look at: tables and narrative of one document
    quantities   the names of the rulebook to numbers of one document
    evaluation   one rule applied once, and how it came out
    identities   rows, columns, trees of totals, the same number twice
    listing      item numbers of lists, codes and their names
    structure    empty tables, numbering, names and codes, index rows
    stated       amounts of the narrative against the tables
    lists        what the narrative lists and counts
    restated     comparisons in sentences that nobody could tell whose they are
    changes      change, rate, share, reason: within the narrative
    projects     key projects against the table of targets
    wording      the text as printed
    units        a table in the wrong money unit
    suspects     which number is the wrong one

Pure functions; findings never change data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from yusuan.checks import changes, identities, listing, lists, projects, stated, structure
from yusuan.checks.evaluation import SENTENCE, Evaluation, number
from yusuan.checks.evidence import Evidence
from yusuan.checks.quantities import Quantities
from yusuan.checks.suspects import Suspect, find_suspects
from yusuan.checks.units import check_money_units
from yusuan.model import Finding, RuleResult, Severity
from yusuan.rulebook import Rule

__all__ = ["Evaluation", "check_evidence", "summarise"]

_KINDS: Mapping[str, Callable[[Rule, Any, Quantities], Iterator[Evaluation]]] = {
    "columns": identities.check_columns,
    "tree": identities.check_tree,
    "equal": identities.check_equal,
    "at_most": identities.check_at_most,
    "series": identities.check_series,
    "ratio": identities.check_ratio,
    "blank": identities.check_blank,
    "nil": structure.check_nil,
    "total_row": structure.check_total_row,
    "ordinals": listing.check_ordinals,
    "code_names": listing.check_code_names,
    "listed_items": listing.check_listed_items,
    "duplicates": structure.check_duplicates,
    "sequence": structure.check_sequence,
    "filled": structure.check_filled,
    "rows_in": structure.check_rows_in,
    "organisations": structure.check_organisations,
    "names": structure.check_names,
    "index": structure.check_index,
    "stated_amounts": stated.check_amounts,
    "stated_scope": stated.check_scope,
    "stated_path": stated.check_path,
    "stated_nil": stated.check_nil_statements,
    "stated_usage": stated.check_usage,
    "stated_lists": lists.check_lists,
    "stated_counts": lists.check_counts,
    "staffing": lists.check_staffing,
    "stated_change": changes.check_changes,
    "stated_sum": changes.check_sums,
    "stated_share": changes.check_shares,
    "key_projects": projects.check_projects,
}

#: Totals of totals may gather a few units of the last place on their way; more is no tail.
_TAIL_UNITS = 3
_TAIL = "；只差几个末位，可能是逐级舍入的尾差"


def check_evidence(known: Quantities) -> list[Evaluation]:
    """Return the evaluations of all rules but those about the text itself, in the order of the rulebook."""
    found: list[Evaluation] = []
    for rule in known.book.rules.values():
        absent = rule.where is not None and known.evidence.sheet(rule.where) is None
        for kind, parameters in rule.kinds.items():
            if kind in _KINDS and not absent:
                found += _KINDS[kind](rule, parameters, known)
    return check_money_units(found, known.evidence, known.book)


def summarise(evaluations: Sequence[Evaluation], known: Quantities) -> tuple[list[Finding], list[RuleResult]]:
    """Return what is worth telling (anything not exact) and how each rule came out."""
    evidence, book = known.evidence, known.book
    suspects = {i: suspect for suspect in find_suspects(evaluations, evidence.amounts) for i in suspect.mended}
    findings = [
        _told(item, book.rules[item.rule], evidence, suspects.get(i))
        for i, item in enumerate(evaluations)
        if item.grade in {"violated", "within_rounding"} and book.rules[item.rule].report
    ]
    return findings, [_result(rule.id, [e for e in evaluations if e.rule == rule.id]) for rule in book.rules.values()]


def _told(item: Evaluation, rule: Rule, evidence: Evidence, suspect: Suspect | None) -> Finding:
    finding = Finding(
        rule.id,
        f"{rule.title}：{item.message}{_TAIL if _is_tail(item) else ''}",
        _severity(item, rule),
        item.grade,
        document=evidence.document,
        page=item.page,
        line=item.line,
        printed=item.printed,
        expected=item.expected,
        difference=item.difference,
        tolerance=item.tolerance,
        cells=tuple(dict.fromkeys(filter(None, item.cells))),
    )
    if item.at is not None:
        finding = replace(finding, table=item.at.table, row=item.at.row, column=item.at.column)
        finding = _placed(finding, evidence)
    return finding if suspect is None else _accused(finding, suspect, evidence)


def _severity(item: Evaluation, rule: Rule) -> Severity:
    if item.grade == "within_rounding":
        return "info"
    return "warning" if _is_tail(item) and rule.severity == "error" else item.severity or rule.severity


def _is_tail(item: Evaluation) -> bool:
    """Say whether a difference is beyond what this identity can explain and still only a few units of the last place."""
    if item.grade != "violated" or item.difference is None or not item.difference or not item.parts:
        return False
    exponent = item.difference.as_tuple().exponent
    return abs(item.difference).scaleb(-int(exponent)) <= _TAIL_UNITS and int(exponent) <= -2  # noqa: PLR2004 - two places


def _placed(finding: Finding, evidence: Evidence) -> Finding:
    """Return the finding with page and line of its row, where it does not point at a sentence."""
    if finding.page is not None or finding.line is not None:
        return finding
    for sheet in evidence.sheets.values():
        for row in sheet.rows if sheet.spec.name == finding.table else ():
            if row["行次"] == finding.row:
                page, line = row.get("页"), row.get("源行")
                return replace(
                    finding,
                    page=page if isinstance(page, int) else None,
                    line=line if isinstance(line, int) else None,
                )
    return finding


def _accused(finding: Finding, suspect: Suspect, evidence: Evidence) -> Finding:
    """Return the finding with the number that would explain it."""
    if suspect.cell.startswith(SENTENCE):
        text = "；最可能有误的是正文的这个数"
        return replace(finding, message=finding.message + text)
    where = _cell_named(suspect.cell, evidence)
    if where is None:
        return finding
    label, value = where
    others = f"，{len(suspect.mended)} 处不符就都相符" if len(suspect.mended) > 1 else ""
    text = f"；最可能有误的是{label}：若为 {number(value + suspect.change)}{others}"
    return replace(finding, message=finding.message + text, suspect=suspect.cell)


def _cell_named(cell: str, evidence: Evidence) -> tuple[str, Decimal] | None:
    for sheet in evidence.sheets.values():
        for row in sheet.rows:
            for column in sheet.spec.measures:
                if column in sheet.columns and sheet.cell(row, column) == cell:
                    figure = sheet.figure(row, column)
                    return (figure.label, figure.value) if figure else None
    return None


def _result(rule: str, evaluations: Iterable[Evaluation]) -> RuleResult:
    counts = {"exact": 0, "within_rounding": 0, "violated": 0, "not_applicable": 0}
    reasons: dict[str, None] = {}
    for item in evaluations:
        counts[item.grade] += 1
        if item.missing:
            reasons[item.missing] = None
    return RuleResult(rule, **counts, missing="；".join(reasons) or None)
