"""What terms.yml says about columns and site.yml about measures, put to the tables they speak of."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any


def explained(data: dict[str, Any], terms: Mapping[str, str]) -> dict[str, Any]:
    """Give the columns of a file that say nothing about themselves what the terms say about their name.

    A column under a heading, 三公经费_公务接待费, that is no term itself means what its own part of the name means.
    """
    for value in data.values():
        for field in value if isinstance(value, list) else ():
            name = field.get("name", "") if isinstance(field, dict) else ""
            meaning = terms.get(name) or terms.get(name.rpartition("_")[2])
            if meaning:
                field.setdefault("description", meaning)
    return data


def unknown_measures(
    site: Mapping[str, Any], amounts: Mapping[str, Collection[str]]
) -> Iterator[tuple[str, str, set[str]]]:
    """Yield key, name and what there is, for tables and amounts that a measure sums up and that do not exist."""
    for key, measure in site.get("measures", {}).items():
        table, column = measure["table"], measure["column"]
        if table not in amounts:
            yield f"measures/{key}/table", table, set(amounts)
        elif column not in amounts[table]:
            yield f"measures/{key}/column", column, set(amounts[table])
