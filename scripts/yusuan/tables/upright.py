"""Tables printed another way round, to the usual row of columns: items below each other, or each item split by fund.

Only the whole of a grid is turned. Of an upright list the labels become the header and each column of this year's
amounts a row; where each item has a column for every fund, each fund becomes a row. Columns and rows of another year,
and changes, stand beside as columns of their own, which the layout knows and does not keep: every cell stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from yusuan.layouts import TableLayout
from yusuan.model import Cell, Grid
from yusuan.tables.headers import Match, match_header
from yusuan.values import header_key, parse_amount
from yusuan.vocabulary import Vocabulary

_FUNDS = frozenset({"一般公共预算", "政府性基金预算", "国有资本经营预算"})
_KINDS = _FUNDS | {"合计"}
_LABELS = frozenset({"项目", "支出项目", "项目名称", "经费项目", "科目名称", "三公经费项目", "收入项目"})
_MIN_ITEMS, _MAX_HEAD = 3, 5

Turned = tuple[Grid, Match]


def turned(grid: Grid, layout: TableLayout, year: int | None, printed: Match) -> Turned | None:
    """Return the grid turned on its side and how its items read as columns; None where they do not.

    `printed` is how it reads as it stands; an upright list must read better on its side.
    """
    words = layout.vocabulary
    if words is None:
        return None
    split = _by_fund(grid, words, year)
    sideways = split or _upright(grid, layout, words, year)
    if sideways is None:
        return None
    turned_grid, levels = sideways
    match = match_header(turned_grid.rows[:levels], layout, year)
    better = bool(split or printed.missing) or match.found >= printed.found
    return (turned_grid, match) if better and not match.missing and match.levels == levels else None


def _upright(grid: Grid, layout: TableLayout, words: Vocabulary, year: int | None) -> tuple[Grid, int] | None:
    """Return a list of items on its side: the columns that are funds are rows, last year's stand beside the first."""
    head = grid.rows[0]
    labels = next((i for i, cell in enumerate(head) if i and cell.text.strip()), len(head))
    if len(grid.rows) <= _MIN_ITEMS or len(head) <= labels or header_key(head[0].text) not in _LABELS:
        return None
    reduced = {i: words.reduce((head[i].text,), year) for i in range(labels, len(head))}
    kept = [i for i, path in reduced.items() if path[-1:] and path[-1] in _KINDS]
    single = [i for i, path in reduced.items() if path == ("三公经费",)]
    kept = kept or single
    beside = [i for i in reduced if i not in kept]
    if not kept or not all(layout.known(reduced[i]) for i in beside) or (beside and (len(kept) > 1 or labels > 1)):
        return None
    items = [[row[level] for row in grid.rows[1:]] for level in range(labels)]
    if len(kept) > 1:
        first = [(cell, *level) for cell, level in zip(head, items, strict=False)]
        rows = [tuple(row[i] for row in grid.rows) for i in kept]
        return Grid((*first, *rows)), labels
    columns = [kept[0], *beside]
    above = [cell for i in columns for cell in (head[i], *map(_blank, items[0][1:]))] if beside else []
    levels = [above] * bool(beside) + [[*level, *(level * len(beside))] for level in items]
    body = [row[i] for i in columns for row in grid.rows[1:]]
    left = [head[0], *[_blank(head[0])] * len(levels)]
    return Grid(tuple((cell, *row) for cell, row in zip(left, [*levels, body], strict=True))), len(levels)


def _blank(cell: Cell) -> Cell:
    return replace(cell, text="")


@dataclass(frozen=True, slots=True)
class _Split:
    """A grid whose items are split by fund or whose rows are years: rows of header, columns of labels, funds."""

    levels: int
    start: int
    each: int
    age: int | None


def _split(grid: Grid, words: Vocabulary, year: int | None) -> _Split | None:
    """Return how a grid is split: its last header row says the same funds again and again, or a column is the year."""
    head = grid.rows[:_MAX_HEAD]
    age = next((i for row in head for i, cell in enumerate(row) if header_key(cell.text) == "年度"), None)
    for levels, row in enumerate(head, 1):
        texts = [cell.text.strip() for cell in row]
        start = next((i for i, text in enumerate(texts) if text), len(texts))
        funds = ["".join(words.reduce((text,), year)[-1:]) for text in texts[start:]]
        each = len(set(funds))
        if start and each > 1 and set(funds) <= _FUNDS and len(funds) > each:
            return _Split(levels, start, each, age) if funds == funds[:each] * (len(funds) // each) else None
    if age is None:
        return None
    levels = next((i for i, row in enumerate(grid.rows) if i and _of_amounts(row[age + 1 :])), 0)
    return _Split(levels, age + 1, 1, age) if levels else None


def _by_fund(grid: Grid, words: Vocabulary, year: int | None) -> tuple[Grid, int] | None:
    """Return a grid with a row for each fund of what had a column for each fund; other years stand beside this one."""
    split = _split(grid, words, year)
    if split is None:
        return None
    head, each = grid.rows[: split.levels], split.each
    groups = list(_years(grid.rows[split.levels :], split, year))
    if not groups or len({tuple(cell.text for cell in labels) for _, labels, _ in groups}) != 1:
        return None
    others = groups[0][1]
    items = [list(row[split.start :: each]) for row in (head[:-1] if each > 1 else head)]
    blank = _blank(head[0][0])
    ages = [cell for other in others for cell in (other, *[_blank(other)] * (len(items[0]) - 1))]
    named = 0 if split.age == 0 else 1
    left = [*head[0][:named], *[head[0][split.age or 0]] * (each > 1)]
    top = [[blank] * (len(left) + len(items[0])) + ages] * bool(others)
    top += [[blank] * len(left) + row * (1 + len(others)) for row in items]
    top[-1] = [*left, *top[-1][len(left) :]]
    rows = [
        (
            *[unit] * named,
            *head[-1][split.start + k :][: each > 1],
            *(cell for row in amounts for cell in row[split.start + k :: each]),
        )
        for unit, _, amounts in groups
        for k in range(each)
    ]
    return Grid((*map(tuple, top), *rows)), len(top)


_Group = tuple[Cell, Sequence[Cell], Sequence[Sequence[Cell]]]


def _years(body: Sequence[Sequence[Cell]], split: _Split, year: int | None) -> Iterator[_Group]:
    """Yield for each organisation its cell, the labels of other years, and the rows: this year's first.

    Nothing is yielded where a row of amounts is of no organisation or an organisation has not exactly one of this year.
    """
    age = split.age
    groups: list[list[Sequence[Cell]]] = []
    for row in body:
        if not groups or age is None or (age and row[0].text.strip()):
            groups.append([])
        if not _of_amounts(row[split.start :], blank=True):
            return
        groups[-1].append(row)
    found: list[_Group] = []
    for rows in groups:
        own = [row for row in rows if age is None or _is_year(row[age].text, year)]
        if len(own) != 1:
            return
        rest = [row for row in rows if row is not own[0]]
        found.append((rows[0][0], [row[age or 0] for row in rest], [own[0], *rest]))
    yield from found


def _is_year(text: str, year: int | None) -> bool:
    return header_key(text).rstrip("年度预算数") == str(year)


def _of_amounts(row: Sequence[Cell], *, blank: bool = False) -> bool:
    """Say whether a row holds nothing but amounts, at least one unless it may be blank."""
    try:
        amounts = [parse_amount(cell.text) for cell in row]
    except ValueError:
        return False
    return blank or any(value is not None for value in amounts)
