"""Ruling lines to tables of cells, by geometry alone.

    merge_rules    pieces of one line, dots and dashes, double lines → one rule each
    group_rules    rules that cross or touch → one table each
    close_sides    a missing outer border → a rule where the others end
    regions        the raster of rows and columns, joined where no rule divides → cells with spans
    without_frame  a title or a note printed inside the border is no row of the table

The steps are pure functions, so that each can be looked at; `find_lattices` is their sequence.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple

from yusuan.reading.strokes import Rule

#: Rules nearer than this are one rule drawn twice; two rows or columns are never so close.
SNAP = 2.5
#: Pieces of one rule may lie this far apart (a dotted line at its dots' distance).
GAP = 3.0
#: Two rules meet when one ends within this distance of the other.
REACH = 3.0
_MIN_LENGTH = 6.0
_COVERED = 0.6
_AT, _START = itemgetter(0), itemgetter(1)


class Region(NamedTuple):
    """A cell: rows and columns of the raster it spans (from 0, end exclusive) and its box."""

    row: int
    column: int
    row_end: int
    column_end: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Lattice:
    """One table: the x of its column borders, the y of its row borders, its cells."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    regions: tuple[Region, ...]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Return the outer box (x0, top, x1, bottom)."""
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]


def find_lattices(horizontal: Sequence[Rule], vertical: Sequence[Rule]) -> list[Lattice]:
    """Return the tables that rules draw, from top to bottom."""
    tables = []
    for group in group_rules(merge_rules(horizontal), merge_rules(vertical)):
        across, down = close_sides(*group)
        xs, ys = _borders(down), _borders(across)
        if len(xs) > 1 and len(ys) > 1 and (len(xs) > 2 or len(ys) > 2):  # noqa: PLR2004 - a lone box is no table
            tables.append(without_frame(Lattice(tuple(xs), tuple(ys), tuple(regions(xs, ys, across, down)))))
    return sorted(tables, key=lambda table: (table.ys[0], table.xs[0]))


def merge_rules(rules: Iterable[Rule]) -> list[Rule]:
    """Return each line once: pieces of the same line joined, lines drawn twice snapped together."""
    lines: list[list[Rule]] = []
    for stretch in _stretches(rules):
        lines.append([])
        for at, same in groupby(sorted(stretch), _AT):
            if lines[-1] and at - lines[-1][0].at > SNAP:
                lines.append([])
            lines[-1] += same
    merged = [piece for line in lines for piece in _join(line)]
    return sorted(rule for rule in merged if rule.end - rule.start >= _MIN_LENGTH)


def _stretches(rules: Iterable[Rule]) -> list[list[Rule]]:
    """Return parallel rules stretch by stretch of the page: those of one table never snap to another's."""
    stretches: list[list[Rule]] = []
    end = 0.0
    for rule in sorted(rules, key=_START):
        _, start, last = rule
        if not stretches or start - end > GAP:
            stretches.append([])
            end = last
        stretches[-1].append(rule)
        end = max(end, last)
    return stretches


def _join(line: list[Rule]) -> list[Rule]:
    """Join the pieces of one line; its position is that of most of its length."""
    weight: dict[float, float] = defaultdict(float)
    for at, start, end in line:
        weight[at] += end - start
    place = max(weight, key=weight.__getitem__)
    joined: list[Rule] = []
    pieces = sorted(line, key=_START)
    _, first, last = pieces[0]
    for _, start, end in pieces:
        if start - last > GAP:
            joined.append(Rule(place, first, last))
            first, last = start, end
        elif end > last:
            last = end
    return [*joined, Rule(place, first, last)]


def group_rules(across: Sequence[Rule], down: Sequence[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Return rules in groups that hang together by crossing or touching; a rule that meets none is left out."""
    parent = list(range(len(across) + len(down)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    offset = len(across)
    heights = [rule.at for rule in across]
    for j, (x, top, bottom) in enumerate(down, offset):
        first = bisect_right(heights, top - REACH)
        mine = j
        for i in range(first, bisect_right(heights, bottom + REACH)):
            if parent[i] != mine and across[i][1] - REACH <= x <= across[i][2] + REACH:
                other = root(i)
                parent[mine] = other
                mine = other
    groups: dict[int, tuple[list[Rule], list[Rule]]] = defaultdict(lambda: ([], []))
    for i, rule in enumerate([*across, *down]):
        groups[root(i)][i >= offset].append(rule)
    return [group for group in groups.values() if group[0] and group[1]]


def close_sides(across: list[Rule], down: list[Rule]) -> tuple[list[Rule], list[Rule]]:
    """Add the outer borders a table does without: where the rules that cross run past the last border."""
    left, right = min(rule.start for rule in across), max(rule.end for rule in across)
    top, bottom = min(rule.start for rule in down), max(rule.end for rule in down)
    top, bottom = min(top, across[0].at), max(bottom, across[-1].at)
    left, right = min(left, down[0].at), max(right, down[-1].at)
    sides = [Rule(x, top, bottom) for x in (left, right) if all(abs(rule.at - x) > SNAP for rule in down)]
    ends = [Rule(y, left, right) for y in (top, bottom) if all(abs(rule.at - y) > SNAP for rule in across)]
    return sorted([*across, *ends]), sorted([*down, *sides])


def _borders(rules: Iterable[Rule]) -> list[float]:
    borders: list[float] = []
    for rule in rules:
        if not borders or rule.at - borders[-1] > SNAP:
            borders.append(rule.at)
    return borders


def regions(xs: Sequence[float], ys: Sequence[float], across: Sequence[Rule], down: Sequence[Rule]) -> list[Region]:
    """Return the cells: squares of the raster, joined where no rule divides them, in reading order."""
    rows, columns = len(ys) - 1, len(xs) - 1
    below = [_divided(line, xs) for line in _rules_at(across, ys[1:])]
    beside = list(zip(*(_divided(line, ys) for line in _rules_at(down, xs[1:])), strict=True))
    taken = [[False] * columns for _ in range(rows)]
    cells = []
    for i in range(rows):
        for j in range(columns):
            if taken[i][j]:
                continue
            column_end = j + 1
            while column_end < columns and not beside[i][column_end - 1] and not taken[i][column_end]:
                column_end += 1
            row_end = i + 1
            while row_end < rows and not any(below[row_end - 1][j:column_end]):
                row_end += 1
            for row in taken[i:row_end]:
                row[j:column_end] = [True] * (column_end - j)
            cells.append(Region(i, j, row_end, column_end, (xs[j], ys[i], xs[column_end], ys[row_end])))
    return cells


def without_frame(lattice: Lattice) -> Lattice:
    """Return a table without the rows at its top and bottom that are one cell across all columns."""
    width = len(lattice.xs) - 1
    divided = [region for region in lattice.regions if region.column > 0 or region.column_end < width]
    if width == 1 or not divided:
        return lattice
    first, end = min(region.row for region in divided), max(region.row_end for region in divided)
    kept = tuple(
        Region(region.row - first, region.column, region.row_end - first, region.column_end, region.box)
        for region in lattice.regions
        if region.row >= first and region.row_end <= end
    )
    return Lattice(lattice.xs, lattice.ys[first : end + 1], kept)


def _rules_at(rules: Sequence[Rule], places: Sequence[float]) -> list[list[Rule]]:
    """Return the rules, which are sorted, that lie at each of some positions."""
    at = [rule.at for rule in rules]
    found = []
    for place in places:
        near = rules[bisect_left(at, place - 2 * SNAP) : bisect_right(at, place + 2 * SNAP)]
        found.append([rule for rule in near if abs(rule.at - place) <= SNAP])
    return found


def _divided(rules: Sequence[Rule], borders: Sequence[float]) -> list[bool]:
    """Say for each stretch between borders whether rules that lie on one line divide most of it."""
    if len(rules) == 1 and rules[0].start <= borders[0] and rules[0].end >= borders[-1]:
        return [True] * (len(borders) - 1)
    return [_covered(rules, start, end) for start, end in pairwise(borders)]


def _covered(rules: Sequence[Rule], start: float, end: float) -> bool:
    """Say whether rules that lie on one line divide most of the stretch from start to end."""
    length = 0.0
    for _, first, last in rules:
        if first < end and last > start:
            length += min(last, end) - max(first, start)
    return length >= _COVERED * (end - start)
