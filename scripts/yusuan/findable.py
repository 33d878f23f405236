"""What the search box finds, as schemas/search.yml says: kinds of things, each the rows of a table by some columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """One kind of thing that the search box finds: rows of a table by the texts of some columns."""

    kind: str
    table: str
    title: str
    texts: tuple[str, ...] = ()


def read_search(data: Mapping[str, Any]) -> tuple[SearchEntry, ...]:
    """Return the entries of schemas/search.yml, already checked against the schema."""
    return tuple(
        SearchEntry(item["kind"], item["table"], item["title"], tuple(item.get("texts", ())))
        for item in data["entries"]
    )


def unknown_names(
    entries: Iterable[SearchEntry], tables: Mapping[str, set[str]]
) -> Iterator[tuple[str, str, str, set[str]]]:
    """Yield (`search`, kind, name, known names) of every table and column that is wanted and does not exist."""
    for entry in entries:
        if entry.table not in tables:
            yield "search", entry.kind, entry.table, set(tables)
            continue
        known = tables[entry.table]
        for name in sorted({entry.title, *entry.texts} - known):
            yield "search", entry.kind, name, known
