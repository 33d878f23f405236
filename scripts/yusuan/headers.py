"""Header rows to columns: the tree of merged header cells, rebuilt from what is printed and what is blank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yusuan.model import Cell
from yusuan.spec import TableLayout
from yusuan.values import header_key

_MAX_LEVELS = 6

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
        """Return how many fields were recognised."""
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
    """Say whether a row only numbers the columns: its printed cells are 1, 2, … n."""
    printed = [text.strip() for text in texts if text.strip()]
    return len(printed) > 1 and printed == [str(i) for i in range(1, len(printed) + 1)]


def match_header(rows: Sequence[Sequence[Cell]], layout: TableLayout) -> Match:
    """Return the best reading of the first rows as the header that `layout` describes; fewest levels win ties."""
    texts = [[cell.text for cell in row] for row in rows[: _MAX_LEVELS + 1]]
    stop = next((i for i, row in enumerate(texts) if index_row(row)), min(_MAX_LEVELS, len(texts)))
    readings = [_match(texts[:levels], layout.columns) for levels in range(1, max(stop, 1) + 1)]
    return max(readings, key=lambda match: (match.found, -match.levels))


def _match(rows: Sequence[Sequence[str]], columns: Mapping[str, tuple[Path, ...]]) -> Match:
    paths = header_paths(rows)
    known = {spelling: (field, i) for field, spellings in columns.items() for i, spelling in enumerate(spellings)}
    fields: list[str | None] = []
    respelled: list[int] = []
    for number, path in enumerate(paths):
        field, spelling = known.get(tuple(map(header_key, path)), (None, 0))
        fields.append(None if field in fields else field)
        if field is not None and spelling > 0:
            respelled.append(number)
    missing = tuple(field for field in columns if field not in fields)
    return Match(len(rows), paths, tuple(fields), missing, tuple(respelled))


def repeated_levels(first: Sequence[Sequence[Cell]], rows: Sequence[Sequence[Cell]]) -> int:
    """Return how many leading rows of a further page repeat the header rows `first`, cell by cell."""
    count = 0
    for mine, theirs in zip(first, rows, strict=False):
        if [header_key(cell.text) for cell in mine] != [header_key(cell.text) for cell in theirs]:
            break
        count += 1
    return count
