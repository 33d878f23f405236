"""Which row of the old edition is which row of the new one, and in what they differ.

Rows have no names that last: their contents have to tell.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from yusuan.publishing.changes import Change
from yusuan.publishing.editions import Row

Pair = tuple[Row | None, Row | None]
#: More comparisons than these within one group of rows of the same key are not made: the order decides.
_PATIENCE = 40_000
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
#: Columns that every row of a document shares, more or less: they do not name it.
_LEADING = {"年度", "单位", "单位名称", "行类型", "节", "原文"}


@dataclass(frozen=True, slots=True)
class Shape:
    """What tells rows of a table apart: all columns that are compared, those that name the row, those with codes.

    `numbers` are compared by value: 81.8 is 81.80. `place` is the column with the number of the row; it moves when a
    row is added before.
    """

    columns: tuple[str, ...]
    names: tuple[str, ...]
    codes: tuple[str, ...]
    numbers: frozenset[str]
    place: str

    def differing(self, old: Row, new: Row) -> list[str]:
        """Return the columns in which two rows are not the same."""
        return [name for name in self.columns if self.value(old, name) != self.value(new, name)]

    def value(self, row: Row, column: str) -> str | Decimal | None:
        """Return what is compared of a cell."""
        text = row.get(column)
        return Decimal(text) if text and column in self.numbers and _NUMBER.fullmatch(text) else text

    def label(self, row: Row) -> str:
        """Return how people call a row: its codes and names, a total by its kind."""
        named = [row[name] for name in self.names if row.get(name) and name not in _LEADING]
        return " ".join(named[:2]) or row.get("行类型", "")


def pair_rows(old: Sequence[Row], new: Sequence[Row], shape: Shape) -> list[Pair]:
    """Return every row of either side once, with its counterpart or None, in the order of the new side.

    From the surest to the least sure: the same contents at the same place, the same contents (of identical rows as many
    as there are on both sides), the same names, the same codes, and at last the same place with half of its contents.
    """
    pairs: list[Pair] = []
    rest_old, rest_new = list(old), list(new)
    keys: tuple[Callable[[Row], Hashable], ...] = (
        lambda row: (row.get(shape.place), _values(row, shape.columns, shape)),
        lambda row: _values(row, shape.columns, shape),
        lambda row: _values(row, shape.names, shape),
        lambda row: _values(row, shape.codes, shape),
        lambda row: row.get(shape.place),
    )
    for step, key in enumerate(keys):
        found, rest_old, rest_new = _matched(rest_old, rest_new, key, shape, last=step == len(keys) - 1)
        pairs += found
    pairs += [(row, None) for row in rest_old] + [(None, row) for row in rest_new]
    return sorted(pairs, key=lambda pair: _order(pair[1] or pair[0] or {}, shape))


def _values(row: Row, columns: Iterable[str], shape: Shape) -> tuple[str | Decimal | None, ...] | None:
    """Return some values of a row as a key, None where all are blank: blanks name nothing."""
    values = tuple(shape.value(row, name) for name in columns)
    return values if any(value is not None for value in values) else None


def _order(row: Row, shape: Shape) -> int:
    place = row.get(shape.place, "")
    return int(place) if place.isdigit() else 0


def _matched(
    old: list[Row], new: list[Row], key: Callable[[Row], Hashable], shape: Shape, *, last: bool
) -> tuple[list[Pair], list[Row], list[Row]]:
    groups: dict[Hashable, tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    for side, rows in enumerate((old, new)):
        for row in rows:
            groups[key(row)][side].append(row)
    pairs: list[Pair] = []
    for name, (before, after) in groups.items():
        if name is not None and before and after:
            pairs += _nearest(before, after, shape, half=last)
    taken_old, taken_new = {id(pair[0]) for pair in pairs}, {id(pair[1]) for pair in pairs}
    return pairs, [row for row in old if id(row) not in taken_old], [row for row in new if id(row) not in taken_new]


def _nearest(old: list[Row], new: list[Row], shape: Shape, *, half: bool) -> list[Pair]:
    """Return pairs of rows of one key, those with the fewest differences first, each row once."""
    if len(old) * len(new) > _PATIENCE:
        return list(zip(old, new, strict=False))
    ranked = sorted(
        (len(shape.differing(a, b)), abs(_order(a, shape) - _order(b, shape)), i, j)
        for i, a in enumerate(old)
        for j, b in enumerate(new)
        if not half or _alike(a, b, shape)
    )
    pairs: list[Pair] = []
    used_old, used_new = set[int](), set[int]()
    for _, _, i, j in ranked:
        if i not in used_old and j not in used_new:
            used_old.add(i)
            used_new.add(j)
            pairs.append((old[i], new[j]))
    return pairs


def _alike(old: Row, new: Row, shape: Shape) -> bool:
    """Say whether at least half of what two rows print is the same."""
    printed = [name for name in shape.columns if old.get(name) or new.get(name)]
    return 2 * len(shape.differing(old, new)) <= len(printed)


def row_changes(old: Sequence[Row], new: Sequence[Row], shape: Shape, frame: Change) -> Iterator[Change]:
    """Yield what differs between the rows of one table of one document; `frame` says which.

    The number of a row that moved is given as `3→4`. Of a row that came or went every number is a change of its own; a
    row without numbers is one change.
    """
    for before, after in pair_rows(old, new, shape):
        row = after or before or {}
        numbers = [side.get(shape.place, "") for side in (before, after) if side]
        told = replace(
            frame, unit=row.get("单位") or frame.unit, row=shape.label(row), number="→".join(dict.fromkeys(numbers))
        )
        if before and after:
            for name in shape.differing(before, after):
                yield replace(told, column=name, old=before.get(name), new=after.get(name))
            continue
        kind = "removed" if before else "added"
        for name in [name for name in shape.columns if name in shape.numbers and row.get(name)] or [""]:
            value = row.get(name)
            yield replace(told, kind=kind, column=name, old=value if before else None, new=value if after else None)
