"""Printed numbers compared as what they are: rounded.

A printed number stands for anything within half a unit of its last place. An identity of printed numbers may
therefore be off by the sum of these halves and no more; a percentage must meet the interval that its amounts leave.
All in exact decimals.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from yusuan.model import Grade
from yusuan.values import half_unit

ZERO = Decimal(0)
_HUNDRED = Decimal(100)


class At(NamedTuple):
    """A place in the tables of a document."""

    table: str
    row: int | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in 万元 as printed or as the sum of printed ones.

    `half` is how far it may be off, zeros left out; `slack` the same with zeros. `parts` are the keys of the cells it
    was printed in, each with its sign; `label` is what to call it, `at` the table, row and column to point at.
    """

    value: Decimal
    half: Decimal = ZERO
    slack: Decimal = ZERO
    parts: tuple[tuple[str, int], ...] = ()
    label: str = ""
    at: At | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        """Return the keys of the cells it was printed in."""
        return tuple(cell for cell, _ in self.parts)

    def called(self, label: str) -> Figure:
        """Return the figure under another name."""
        return replace(self, label=label)

    def __neg__(self) -> Figure:
        """Return the figure with the opposite sign, as far off as before."""
        parts = tuple((cell, -weight) for cell, weight in self.parts)
        return replace(self, value=-self.value, parts=parts)


def printed(value: Decimal, cell: str = "", label: str = "", at: At | None = None) -> Figure:
    """Return the figure of one printed number."""
    half = half_unit(value)
    return Figure(value, half if value else ZERO, half, ((cell, 1),) if cell else (), label, at)


def total(figures: Iterable[Figure], label: str = "") -> Figure:
    """Return the sum of figures, zero for none."""
    figures = tuple(figures)
    return Figure(
        sum((item.value for item in figures), ZERO),
        sum((item.half for item in figures), ZERO),
        sum((item.slack for item in figures), ZERO),
        tuple(part for item in figures for part in item.parts),
        label,
        figures[0].at if figures else None,
    )


class Verdict(NamedTuple):
    """A grade, what is left over, and how much of it rounding can explain."""

    grade: Grade
    difference: Decimal
    bound: Decimal


def equal(left: Figure, right: Figure, tolerance: str = "linear") -> Verdict:
    """Compare two sides that should be equal; `copy` lets a zero be rounded as well."""
    bound = left.slack + right.slack if tolerance == "copy" else left.half + right.half
    difference = left.value - right.value
    return Verdict(_grade(difference, bound), difference, bound)


def at_most(left: Figure, right: Figure, tolerance: str = "linear") -> Verdict:
    """Compare a part with the whole it cannot exceed."""
    verdict = equal(left, right, tolerance)
    return verdict if verdict.grade != "violated" or verdict.difference > 0 else verdict._replace(grade="exact")


def _grade(difference: Decimal, bound: Decimal) -> Grade:
    if not difference:
        return "exact"
    return "within_rounding" if abs(difference) <= bound else "violated"


class Interval(NamedTuple):
    """All values between two, both included; None is without limit."""

    low: Decimal | None
    high: Decimal | None


def quotient(part: Figure, whole: Figure) -> Interval | None:
    """Return 100 × part ÷ whole for every value the two may stand for; None where the whole may be zero."""
    low, high = whole.value - whole.slack, whole.value + whole.slack
    if low <= 0 <= high:
        return None
    ends = [
        _HUNDRED * numerator / denominator
        for numerator in (part.value - part.slack, part.value + part.slack)
        for denominator in (low, high)
    ]
    return Interval(min(ends), max(ends))


def percentage(stated: Decimal, part: Figure, whole: Figure) -> Verdict | None:
    """Compare a printed percentage with part ÷ whole; None where nothing can be said about the whole."""
    interval = quotient(part, whole)
    if interval is None or interval.low is None or interval.high is None:
        return None
    half = half_unit(stated)
    point = _HUNDRED * part.value / whole.value
    difference = stated - point
    if abs(difference) <= half:
        return Verdict("exact", difference, half)
    within = stated + half >= interval.low and stated - half <= interval.high
    bound = max(abs(interval.high - point), abs(interval.low - point)) + half
    return Verdict("within_rounding" if within else "violated", difference, bound)
