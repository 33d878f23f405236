"""One rule applied once: how it came out, on which figures, and how to say so."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from yusuan.checks.arithmetic import At, Figure, Verdict
from yusuan.model import Grade, Severity
from yusuan.values import decimal_text

#: What the key of an amount in a sentence begins with; cells of tables have keys of their own.
SENTENCE = "#"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How one application of a rule came out.

    `parts` are the cells of an identity with their signs (left positive); `missing` says why nothing could be
    compared; `severity` is set where it is not that of the rule. Figures and their difference are in 万元, percentages in points.
    """

    rule: str
    grade: Grade
    message: str = ""
    at: At | None = None
    printed: str | None = None
    expected: str | None = None
    difference: Decimal | None = None
    tolerance: Decimal | None = None
    cells: tuple[str, ...] = ()
    parts: tuple[tuple[str, int], ...] = ()
    missing: str | None = None
    line: int | None = None
    page: int | None = None
    severity: Severity | None = None


def agrees(rule: str, cells: tuple[str, ...] = ()) -> Evaluation:
    """Return the evaluation of something that is exactly as it should be."""
    return Evaluation(rule, "exact", cells=cells)


def not_applicable(rule: str, missing: str) -> Evaluation:
    """Return the evaluation of something that cannot be compared, with what is missing."""
    return Evaluation(rule, "not_applicable", missing=missing)


def violated(rule: str, message: str, at: At | None = None, **rest: Any) -> Evaluation:
    """Return the evaluation of something that is not as it should be and is no matter of amounts."""
    return Evaluation(rule, "violated", message, at, **rest)


def compared(rule: str, verdict: Verdict, left: Figure, right: Figure, relation: str = "等于") -> Evaluation:
    """Return the evaluation of two sides of an identity or of a limit."""
    parts = (*left.parts, *(-right).parts)
    if verdict.grade == "exact":  # a limit that is not reached says nothing about the numbers on its sides
        return Evaluation(rule, "exact", parts=() if verdict.difference else parts)
    message = (
        f"{left.label}印作 {number(left.value)}，应{relation}{right.label} {number(right.value)}，"
        f"相差 {number(verdict.difference)}（舍入最多 {number(verdict.bound)}）"
    )
    return Evaluation(
        rule,
        verdict.grade,
        message,
        left.at or right.at,
        number(left.value),
        number(right.value),
        verdict.difference,
        verdict.bound,
        tuple(cell for cell in (*left.cells, *right.cells) if not cell.startswith(SENTENCE)),
        parts,
    )


def number(value: Decimal) -> str:
    """Return a number as plain digits, without zeros that say nothing beyond two places."""
    text = decimal_text(value)
    whole, _, places = text.partition(".")
    return f"{whole}.{places[:2]}{places[2:].rstrip('0')}" if places else whole
