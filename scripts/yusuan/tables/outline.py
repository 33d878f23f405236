"""Which rows sum up which, told by the amounts alone: for lists that print neither codes nor usable numbers.

A row followed by rows that add up to it sums them up. The reading must account for the total exactly (within what
rounding allows); where no reading does, there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from yusuan.values import half_unit

Amounts = tuple[Decimal, ...]
#: A search that takes more steps than this has found no reading.
_MAX_STEPS = 200_000


class _Outline:
    """One search for a reading; `above[i]` is the row that sums row i up, None at the top."""

    def __init__(self, rows: Sequence[Amounts], slack: Decimal) -> None:
        self.rows, self.slack = rows, slack
        self.steps = 0
        self.dead: set[tuple[int, Amounts, int, int | None]] = set()

    def agrees(self, rest: Amounts, parts: int) -> bool:
        return all(abs(value) <= self.slack * (parts + 1) for value in rest)

    def forest(self, at: int, rest: Amounts, parts: int, stop: int | None) -> list[tuple[int, list[int]]]:
        """Return every way to read rows from `at` as children that use up `rest`: where they end and their tops.

        `stop` demands that they end there.
        """
        self.steps += 1
        key = (at, rest, parts, stop)
        if self.steps > _MAX_STEPS or key in self.dead:
            return []
        found: list[tuple[int, list[int]]] = []
        if parts and self.agrees(rest, parts) and stop is None:
            found.append((at, []))
        if stop is not None and at == stop and parts and self.agrees(rest, parts):
            return [(at, [])]
        if at < len(self.rows) and (stop is None or at < stop):
            left = tuple(whole - part for whole, part in zip(rest, self.rows[at], strict=True))
            if all(value >= -self.slack * (parts + 2) for value in left) or any(v < 0 for v in self.rows[at]):
                for end, _ in self.trees(at, stop):
                    for last, tops in self.forest(end, left, parts + 1, stop):
                        found.append((last, [at, *tops]))
                        if stop is not None:
                            return found
        if not found:
            self.dead.add(key)
        return found

    def trees(self, at: int, stop: int | None) -> list[tuple[int, list[int]]]:
        """Return the ways to read a row: with children that add up to it first, then as a leaf."""
        ways: list[tuple[int, list[int]]] = []
        if any(self.rows[at]):
            ways = [way for way in self.forest(at + 1, self.rows[at], 0, None) if stop is None or way[0] <= stop]
        return [*ways, (at + 1, [])]


def nest(rows: Sequence[Amounts], whole: Amounts, tops: Sequence[int] = ()) -> list[int | None] | None:
    """Return for each row the index of the row that sums it up (None: the whole itself); None where nothing fits.

    `tops` are rows whose names say that they stand at the top; each is read on its own where they add up to the whole.
    """
    if not rows or not whole or not any(whole):
        return None
    if len(tops) > 1 and tops[0] == 0 and (known := _by_tops(rows, whole, tops)) is not None:
        return known
    numbers = [value for row in (*rows, whole) for value in row if value]
    slack = max((half_unit(value) for value in numbers), default=Decimal(0))
    search = _Outline(rows, slack)
    ways = search.forest(0, whole, 0, len(rows))
    if not ways:
        return None
    above: list[int | None] = [None] * len(rows)
    _place(search, ways[0][1], len(rows), None, above)
    return above if _adds_up(rows, whole, above, slack) else None


def _adds_up(rows: Sequence[Amounts], whole: Amounts, above: Sequence[int | None], slack: Decimal) -> bool:
    """Say whether every row that has others below it, and the whole, is their sum: a search cut short says nothing."""
    below: dict[int | None, list[Amounts]] = {}
    for row, parent in zip(rows, above, strict=True):
        below.setdefault(parent, []).append(row)
    return all(
        abs(sum(child[i] for child in children) - value) <= slack * (len(children) + 1)
        for parent, children in below.items()
        for i, value in enumerate(whole if parent is None else rows[parent])
    )


def _by_tops(rows: Sequence[Amounts], whole: Amounts, tops: Sequence[int]) -> list[int | None] | None:
    slack = max(half_unit(value) for row in (*rows, whole) for value in row) * (len(tops) + 1)
    if any(abs(sum(rows[top][i] for top in tops) - total) > slack for i, total in enumerate(whole)):
        return None
    above: list[int | None] = []
    for top, end in zip(tops, [*tops[1:], len(rows)], strict=True):
        inner = rows[top + 1 : end]
        below = nest(inner, rows[top]) if any(any(row) for row in inner) else [None] * len(inner)
        if below is None:
            return None
        above += [None, *(top if parent is None else top + 1 + parent for parent in below)]
    return above


def _place(search: _Outline, tops: Sequence[int], end: int, parent: int | None, above: list[int | None]) -> None:
    """Write down who stands below whom: each top takes the rows up to the next one."""
    for top, following in zip(tops, [*tops[1:], end], strict=True):
        above[top] = parent
        if following == top + 1:
            continue
        search.dead.clear()
        search.steps = 0
        inner = [way for way in search.forest(top + 1, search.rows[top], 0, None) if way[0] == following]
        if inner:
            _place(search, inner[0][1], following, top, above)
