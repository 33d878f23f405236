"""What the search box finds, as schemas/search.yml says: kinds of things, each the rows of a table by some columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """One kind of thing that the search box finds: rows of a table by the texts of some columns.

    `only` leaves the rows out whose column, its first part, does not begin with its second.
    """

    kind: str
    table: str
    title: str
    texts: tuple[str, ...] = ()
    only: tuple[str, str] | None = None


def read_search(data: Mapping[str, Any]) -> tuple[SearchEntry, ...]:
    """Return the entries of schemas/search.yml, already checked against the schema."""
    return tuple(
        SearchEntry(item["kind"], item["table"], item["title"], tuple(item.get("texts", ())), _only(item))
        for item in data["entries"]
    )


def _only(item: Mapping[str, Any]) -> tuple[str, str] | None:
    return next(iter(item.get("only", {}).items()), None)


def unknown_names(
    entries: Iterable[SearchEntry], tables: Mapping[str, set[str]]
) -> Iterator[tuple[str, str, str, set[str]]]:
    """Yield (`search`, kind, name, known names) of every table and column that is wanted and does not exist."""
    for entry in entries:
        if entry.table not in tables:
            yield "search", entry.kind, entry.table, set(tables)
            continue
        known = tables[entry.table]
        for name in sorted({entry.title, *entry.texts, *(entry.only or ())[:1]} - known):
            yield "search", entry.kind, name, known
