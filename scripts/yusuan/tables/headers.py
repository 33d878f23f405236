"""Header rows to columns: the tree of merged header cells, rebuilt from what is printed and what is blank."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from yusuan.layouts import TableLayout
from yusuan.model import Cell
from yusuan.values import header_key, parse_amount, split_ordinal

_MAX_LEVELS = 6
_INDEX_LABELS = frozenset({"栏次", "行次"})
_NUMBER = re.compile(r"\d[.,]\d|^\d+$")
_CODE_LEVELS = frozenset({"类", "款", "项"})
_WHOLE = "总计"
_TOTALS = frozenset({"合计", "总计"})
_STARS = frozenset({"*", "**", "＊＊"})
#: A header that names the year it is printed in, `2026年预算数`, is spelled 年度预算数 in a layout.
_YEAR = re.compile(r"^\d{4}年度?")

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """How far a grid's first rows read as the header of one table.

    `fields` has one entry per printed column (None: not recognised); `missing` are fields without column;
    `respelled` are columns recognised by a spelling that is accepted but not the proper one; `unkept` are columns
    that the layout knows and does not keep; `told` are those that only their contents tell.
    """

    levels: int
    paths: tuple[Path, ...]
    fields: tuple[str | None, ...]
    missing: tuple[str, ...]
    respelled: tuple[int, ...]
    unkept: tuple[int, ...] = ()
    told: tuple[int, ...] = ()

    @property
    def found(self) -> int:
        """Return how many columns were recognised."""
        return sum(field is not None for field in self.fields)

    @property
    def unknown(self) -> tuple[int, ...]:
        """Return the indexes of columns that print a name nobody knows."""
        return tuple(i for i, path in enumerate(self.paths) if path and self.fields[i] is None and i not in self.unkept)

    @property
    def complete(self) -> bool:
        """Say whether every field has its column and every named column its field."""
        return not self.missing and not self.unknown


def header_paths(rows: Sequence[Sequence[str]]) -> tuple[Path, ...]:
    """Return the path of each column, outermost label first, labels as printed.

    A blank cell continues its left neighbour's label when both stand under the same label and something
    is printed below it; otherwise it is the lower part of a cell merged downwards, or has no name at all.
    """
    width = max(map(len, rows), default=0)
    grid = [[row[i].strip() if i < len(row) else "" for i in range(width)] for row in rows]
    paths: list[Path] = [()] * width
    for level, row in enumerate(grid):
        labels: list[str] = []
        for i, text in enumerate(row):
            below = any(lower[i] for lower in grid[level + 1 :])
            spans = not text and below and i > 0 and paths[i] == paths[i - 1]
            labels.append(labels[i - 1] if spans else text)
        paths = [(*path, label) if label else path for path, label in zip(paths, labels, strict=True)]
    return tuple(paths)


def index_row(texts: Sequence[str]) -> bool:
    """Say whether a row only numbers the columns: its printed cells are 1, 2, … n, beside 栏次, `**` or nothing."""
    printed = [text.strip() for text in texts if text.strip()]
    starred = any(text in _STARS for text in printed)
    printed = [text for text in printed if text not in _STARS and header_key(text) not in _INDEX_LABELS]
    return len(printed) > (not starred) and printed == [str(i) for i in range(1, len(printed) + 1)]


def header_levels(rows: Sequence[Sequence[str]]) -> int:
    """Return how many rows at the top look like header: those before the first with a number, an item or a total."""
    for number, row in enumerate(rows[:_MAX_LEVELS]):
        if number and (index_row(row) or any(_is_datum(text) for text in row) or _is_total(row)):
            return number
    return min(len(rows), _MAX_LEVELS)


def _is_datum(text: str) -> bool:
    try:
        return parse_amount(text) is not None or split_ordinal(text) is not None
    except ValueError:
        return split_ordinal(text) is not None


def _is_total(row: Sequence[str]) -> bool:
    printed = [text for text in row if text.strip()]
    return len(printed) == 1 and header_key(printed[0]) in _TOTALS


def match_header(rows: Sequence[Sequence[Cell]], layout: TableLayout, year: int | None = None) -> Match:
    """Return the best reading of the first rows as the header that `layout` describes; fewest levels win ties."""
    texts = [[cell.text for cell in row] for row in rows[: _MAX_LEVELS + 1]]
    stop = next((i for i, row in enumerate(texts) if index_row(row)), min(_MAX_LEVELS, len(texts)))
    readings = [_match(texts[:levels], layout, year) for levels in range(1, max(stop, 1) + 1)]
    best = max(readings, key=lambda match: (match.found, -match.levels))
    for deeper in readings[best.levels :] if layout.vocabulary is not None else ():
        row = texts[deeper.levels - 1]
        if deeper.found < best.found or row[0].strip() or any(_NUMBER.search(text) for text in row):
            break
        best = deeper  # a last row of labels that says nothing of the fields is header still, not data
    below = texts[best.levels] if layout.vocabulary is not None and best.levels < len(texts) else []
    if set(filter(None, map(header_key, below))) and set(map(header_key, below)) <= _CODE_LEVELS | {""}:
        return _match(texts[: best.levels + 1], layout, year)  # 类, 款, 项 are no data, whatever stands above them
    return best


def match_levels(rows: Sequence[Sequence[Cell]], levels: int, layout: TableLayout, year: int | None = None) -> Match:
    """Return the reading of so many first rows as the header."""
    return _match([[cell.text for cell in row] for row in rows[:levels]], layout, year)


def _match(rows: Sequence[Sequence[str]], layout: TableLayout, year: int | None) -> Match:
    paths = header_paths(rows)
    if layout.vocabulary is not None:
        return _reduced_match(rows, _told_apart(paths), layout, year)
    fields: list[str | None] = []
    respelled: list[int] = []
    parts: dict[str, int] = {}
    for number, path in enumerate(paths):
        field, spelling, part = _lookup(path, layout)
        if field is not None and parts.get(field, 0) != part:
            field = None  # a second column of the same name, or a part of a code out of order
        fields.append(field)
        if field is not None:
            parts[field] = part + 1
            respelled += [number] if spelling else []
    missing = tuple(field for field, count in layout.wanted.items() if parts.get(field, 0) != count)
    return Match(len(rows), paths, tuple(fields), missing, tuple(respelled))


def _reduced_match(
    rows: Sequence[Sequence[str]], paths: Sequence[Path], layout: TableLayout, year: int | None
) -> Match:
    """Return the reading by canonical words; where fields are missing, without the names of blocks nobody knows."""
    words = layout.vocabulary
    reduced = tuple(words.reduce(path, year) if words and path else () for path in paths)
    match = _claimed(rows, paths, reduced, layout)
    if words is None:
        return match
    bare = _claimed(rows, paths, words.headless(reduced), layout)
    return bare if (len(bare.missing), -bare.found) < (len(match.missing), -match.found) else match


def _claimed(
    rows: Sequence[Sequence[str]], paths: Sequence[Path], reduced: Sequence[Path], layout: TableLayout
) -> Match:
    """Give each field its column: of two that claim one field the fuller path has it, or 总计, else neither."""
    claims: dict[str, list[tuple[int, int]]] = {}
    for number, path in enumerate(reduced):
        field, part = layout.lookup(path) if path else (None, 0)
        if field is not None:
            claims.setdefault(field, []).append((number, part))
    fields: list[str | None] = [None] * len(paths)
    lost: set[int] = set()
    for field, claimed in claims.items():
        if field in layout.code_parts:
            in_order = [number for i, (number, part) in enumerate(claimed) if part == i]
        else:
            longest = max(len(reduced[number]) for number, _ in claimed)
            in_order = [number for number, _ in claimed if len(reduced[number]) == longest]
            if len(in_order) > 1 and (outer := _outermost(in_order, paths)) is not None:
                in_order = [outer]
            lost |= {number for number, _ in claimed} - set(in_order)
            in_order = in_order if len(in_order) == 1 else []
        for number in in_order:
            fields[number] = field
    missing = tuple(names for names in layout.wanted if not any(name in fields for name in names.split("|")))
    known = tuple(i for i, path in enumerate(reduced) if fields[i] is None and (i in lost or layout.known(path)))
    return Match(len(rows), tuple(paths), tuple(fields), missing, (), known)


def _outermost(numbers: Sequence[int], paths: Sequence[Path]) -> int | None:
    """Return the one column that is printed as the 总计 of columns that read the same, None where none is."""
    whole = [number for number in numbers if header_key(paths[number][-1]) == _WHOLE and len(paths[number]) == 1]
    return whole[0] if len(whole) == 1 and whole[0] == min(numbers) else None


def _told_apart(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return paths where columns of one name are told apart by the column to their left, `支出/功能分类/预算数`."""
    known: list[Path] = []
    for i, path in enumerate(paths):
        twins = [other for other in paths if other == path]
        left = known[i - 1] if i else ()
        apart = (
            len(path) > 1
            and len(twins) > 1
            and path[-1] not in _CODE_LEVELS
            and left[:-1] == path[:-1]
            and left[-1:] != path[-1:]
        )
        known.append((*path[:-1], left[-1], path[-1]) if apart else path)
    return tuple(known)


def _lookup(path: Path, layout: TableLayout) -> tuple[str | None, int, int]:
    """Return the field of a header path, which of its spellings this is, and which part of the field."""
    exact = tuple(map(header_key, path))
    ageless = tuple(_YEAR.sub("年度", key) for key in exact)
    return layout.spellings.get(exact) or layout.spellings.get(ageless) or (None, 0, 0)


def repeated_levels(first: Sequence[Sequence[Cell]], rows: Sequence[Sequence[Cell]]) -> int:
    """Return how many leading rows of a further page repeat the header rows `first`, cell by cell."""
    count = 0
    for mine, theirs in zip(first, rows, strict=False):
        if [header_key(cell.text) for cell in mine] != [header_key(cell.text) for cell in theirs]:
            break
        count += 1
    return count
