"""A row of a table while its kind and the row that sums it up are being found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from yusuan.model import Cell, RowKind, Value


@dataclass
class Draft:
    """A row while its kind and parents are being found; `number` counts from 1.

    `joined`: it only goes on with the texts of the row before it, and is no row of its own.
    """

    number: int
    values: dict[str, Value]
    cells: tuple[Cell, ...]
    kind: RowKind = "明细"
    organisation: str | None = None
    parents: dict[str, int] = field(default_factory=dict)
    joined: bool = False


#: What stands in the way of a row: code, message, the row or none.
Issue = tuple[str, str, Draft | None]


def text_of(draft: Draft, name: str | None) -> str:
    """Return a text of a row, empty where there is none or no such column."""
    value = draft.values.get(name) if name else None
    return value if isinstance(value, str) else ""


def amounts_of(draft: Draft, measures: Sequence[str]) -> tuple[Decimal, ...]:
    """Return the amounts of a row, zero where nothing is printed."""
    values = (draft.values.get(name) for name in measures)
    return tuple(value if isinstance(value, Decimal) else Decimal(0) for value in values)
