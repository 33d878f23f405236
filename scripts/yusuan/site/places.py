"""Where a figure on a page comes from: the one row it was printed in, or the rows it is the sum of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """A row of a table by its key, and the column; without a key, the rows of the table that `where` describes."""

    table: str
    key: tuple[str, ...] = ()
    column: str = ""
    where: Mapping[str, str] = field(default_factory=dict)


def summed(table: str, column: str, row: Mapping[str, Any], where: Mapping[str, str]) -> Place:
    """Return where a sum over rows comes from; `row` says how many there were (行数) and the key of one (键)."""
    return Place(table, (str(row["键"]),), column) if row["行数"] == 1 else Place(table, where=where)
