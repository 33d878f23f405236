"""Which printed number is the wrong one? The one that, set right, makes everything agree that does not.

Every violated identity says by how much each of its numbers would have to change. A number that satisfied identities
vouch for is not to blame; one whose single change mends several violated ones most likely is. None becomes negative.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from yusuan.checks.evaluation import SENTENCE, Evaluation

#: A document with more wrong numbers than this is misread or not what it seems; one by one is no help.
_MOST = 20
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Suspect:
    """A number that is probably wrong: its key, by how much, and which evaluations would agree without."""

    cell: str
    change: Decimal
    mended: tuple[int, ...]


def find_suspects(evaluations: Sequence[Evaluation], values: Mapping[str, Decimal]) -> list[Suspect]:
    """Return the numbers that explain violated identities, each with what it explains, the most telling first.

    `values` are the amounts of the tables by the keys of their cells.
    """
    open_ones = {i for i, item in enumerate(evaluations) if item.grade == "violated" and item.parts}
    vouched: dict[str, int] = defaultdict(int)
    for item in evaluations:
        if item.grade in {"exact", "within_rounding"}:
            for cell, _ in item.parts:
                vouched[cell] += 1
    found: list[Suspect] = []
    while open_ones and len(found) < _MOST:
        best = _best(evaluations, open_ones, vouched, values)
        if best is None:
            break
        found.append(best)
        open_ones -= set(best.mended)
    return found


def _best(
    evaluations: Sequence[Evaluation], open_ones: set[int], vouched: Mapping[str, int], values: Mapping[str, Decimal]
) -> Suspect | None:
    """Return the number with the best case against it; None where two are equally suspect."""
    cases: list[tuple[int, Suspect]] = []
    for cell in {cell for i in open_ones for cell, _ in evaluations[i].parts}:
        mine = {i: weight for i in open_ones for key, weight in evaluations[i].parts if key == cell}
        suspect = _case(cell, mine, evaluations)
        if values.get(cell, _ZERO) >= 0 > values.get(cell, _ZERO) + suspect.change and not cell.startswith(SENTENCE):
            continue
        cases.append((len(suspect.mended) - vouched.get(cell, 0), suspect))
    cases.sort(key=lambda case: (-case[0], case[1].cell))
    if not cases or cases[0][0] < 1 or (len(cases) > 1 and cases[1][0] == cases[0][0]):
        return None
    return cases[0][1]


def _case(cell: str, mine: Mapping[int, int], evaluations: Sequence[Evaluation]) -> Suspect:
    """Return the change of one number that mends the most of the violated identities it is part of."""
    best = Suspect(cell, Decimal(0), ())
    for i, weight in mine.items():
        change = -(evaluations[i].difference or Decimal(0)) * weight
        mended = tuple(j for j, other in mine.items() if _mends(evaluations[j], change * other))
        if len(mended) > len(best.mended):
            best = Suspect(cell, change, mended)
    return best


def _mends(item: Evaluation, change: Decimal) -> bool:
    return abs((item.difference or Decimal(0)) + change) <= (item.tolerance or Decimal(0))
