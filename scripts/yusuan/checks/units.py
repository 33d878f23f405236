"""A table that prints the wrong money unit is off by a power of ten from every other table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation

from yusuan.checks.evaluation import SENTENCE, Evaluation, agrees, not_applicable, violated
from yusuan.checks.evidence import Evidence
from yusuan.rulebook import Rulebook

#: 元 for 万元 or the reverse; 千元, 百万元 and 亿元 in between.
_FACTORS = {Decimal(10) ** power for power in (-8, -4, -3, 3, 4, 8)}
#: One pair of numbers may be off by a lost point; two of the same table are a matter of its unit.
_MIN_PAIRS = 2
_NARRATIVE = "narrative"


def check_money_units(evaluations: Sequence[Evaluation], evidence: Evidence, book: Rulebook) -> list[Evaluation]:
    """Return the evaluations with those of the money unit rule: one where all is well, else one a table."""
    rule = next((rule for rule in book.rules.values() if "money_units" in rule.kinds), None)
    if rule is None:
        return list(evaluations)
    suspects = _tables_off(evaluations)
    if suspects:
        own = [_off(rule.id, table, evidence) for table in suspects]
    elif evidence.silent:
        labels = "、".join(sorted(evidence.specs.tables[table].label for table in evidence.silent))
        own = [not_applicable(rule.id, f"{labels}没有印出金额单位")]
    else:
        own = [agrees(rule.id)]
    return [*evaluations, *own]


def _off(rule: str, table: str, evidence: Evidence) -> Evaluation:
    sheet = next(sheet for sheet in evidence.sheets.values() if f"t{sheet.spec.number:02}" == table)
    page, line = sheet.first
    text = f"{sheet.label}{sheet.title}的金额单位印作“{sheet.money_unit}”，它的数与其他表、正文的同一个数相差整一万倍（或千倍、一亿倍）"
    at = sheet.at(sheet.rows[0]) if sheet.rows else None
    return violated(rule, text, at, page=page, line=line, printed=sheet.money_unit)


def _tables_off(evaluations: Iterable[Evaluation]) -> list[str]:
    """Return the tables that are off by a power of ten from several others, those on the odd side only."""
    pairs: dict[str, set[frozenset[str]]] = defaultdict(set)
    for item in evaluations:
        tables = _tables(item)
        if item.grade == "violated" and len(tables) == 2 and _is_power(item):  # noqa: PLR2004 - a pair
            for table in tables:
                pairs[table].add(frozenset(tables))
    most = max((len(found) for found in pairs.values()), default=0)
    counted = {table: found for table, found in pairs.items() if table != _NARRATIVE}
    return sorted(table for table, found in counted.items() if len(found) == most and most >= _MIN_PAIRS)


def _tables(item: Evaluation) -> set[str]:
    """Return what an evaluation compares: tables as in the keys of their cells, `t05`, and the narrative."""
    return {_NARRATIVE if key.startswith(SENTENCE) else key.split(".")[-3] for key, _ in item.parts}


def _is_power(item: Evaluation) -> bool:
    try:
        left, right = Decimal(item.printed or ""), Decimal(item.expected or "")
    except InvalidOperation:
        return False
    if not left or not right:
        return False
    ratio = abs(left / right)
    return any(abs(ratio / factor - 1) < Decimal("0.0001") for factor in _FACTORS)
