"""Header rows to columns: the tree of merged header cells, rebuilt from what is printed and what is blank."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from yusuan.layouts import TableLayout
from yusuan.model import Cell
from yusuan.values import header_key

_MAX_LEVELS = 6
_INDEX_LABELS = frozenset({"栏次", "行次"})
#: A header that names the year it is printed in, `2026年预算数`, is spelled 年度预算数 in a layout.
_YEAR = re.compile(r"^\d{4}年度?")

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """How far a grid's first rows read as the header of one table.

    `fields` has one entry per printed column (None: not recognised); `missing` are fields without column;
    `respelled` are columns recognised by a spelling that is accepted but not the proper one.
    """

    levels: int
    paths: tuple[Path, ...]
    fields: tuple[str | None, ...]
    missing: tuple[str, ...]
    respelled: tuple[int, ...]

    @property
    def found(self) -> int:
        """Return how many columns were recognised."""
        return sum(field is not None for field in self.fields)

    @property
    def unknown(self) -> tuple[int, ...]:
        """Return the indexes of columns that print a name nobody knows."""
        return tuple(i for i, path in enumerate(self.paths) if path and self.fields[i] is None)

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
    """Say whether a row only numbers the columns: its printed cells are 1, 2, … n, beside 栏次 or nothing."""
    printed = [text.strip() for text in texts if text.strip()]
    printed = [text for text in printed if header_key(text) not in _INDEX_LABELS]
    return len(printed) > 1 and printed == [str(i) for i in range(1, len(printed) + 1)]


def match_header(rows: Sequence[Sequence[Cell]], layout: TableLayout) -> Match:
    """Return the best reading of the first rows as the header that `layout` describes; fewest levels win ties."""
    texts = [[cell.text for cell in row] for row in rows[: _MAX_LEVELS + 1]]
    stop = next((i for i, row in enumerate(texts) if index_row(row)), min(_MAX_LEVELS, len(texts)))
    readings = [_match(texts[:levels], layout) for levels in range(1, max(stop, 1) + 1)]
    return max(readings, key=lambda match: (match.found, -match.levels))


def _match(rows: Sequence[Sequence[str]], layout: TableLayout) -> Match:
    paths = header_paths(rows)
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
    wanted = {field: 1 for field in layout.columns if field not in layout.sometimes}
    wanted |= {field: len(each) for field, each in layout.code_parts.items()}
    missing = tuple(field for field, count in wanted.items() if parts.get(field, 0) != count)
    return Match(len(rows), paths, tuple(fields), missing, tuple(respelled))


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
