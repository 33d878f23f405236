"""How places print the tables: what a file under schemas/layouts/ says, as frozen dataclasses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from yusuan.values import header_key
from yusuan.vocabulary import Vocabulary, read_vocabulary

HeaderPath = tuple[str, ...]

_YEAR_PREFIX = re.compile(r"^\d{4}年?度?")


@dataclass(frozen=True)
class TableLayout:
    """How one place prints one table: accepted titles, and for each field the accepted header paths.

    The first spellings, `proper` of them (one unless said), are how it should be; the others are reported.
    `code_parts` are codes printed in several columns, joined in this order; `absent` are fields the place does
    not print, `sometimes` those that only some of its documents print. `one_row`: the only row speaks of the document's organisation; `total_optional`: a missing 合计 row
    is a finding; `optional`: a table that cannot be read is a finding and is left out, the document is not refused.
    Of the general layout, `vocabulary` reduces what is printed to the words that titles (patterns there) and columns
    are written in; only `required` fields (one of each `甲|乙`) must be there, `unkept` columns are known and not kept.
    `where_it_fits`: the table has many forms, and only one whose header fits is taken for it; it is never missing.
    `side_by_side`: the same columns stand beside each other several times, one list read block after block.
    """

    titles: tuple[str, ...]
    columns: Mapping[str, tuple[HeaderPath, ...]]
    code_parts: Mapping[str, tuple[tuple[HeaderPath, ...], ...]] = field(default_factory=dict)
    proper: Mapping[str, int] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    sometimes: tuple[str, ...] = ()
    one_row: bool = False
    total_optional: bool = False
    optional: bool = False
    side_by_side: bool = False
    where_it_fits: bool = False
    required: tuple[str, ...] | None = None
    unkept: tuple[HeaderPath, ...] = ()
    vocabulary: Vocabulary | None = None

    def lookup(self, words: HeaderPath) -> tuple[str | None, int]:
        """Return the field of a path in canonical words, and which part of the field it is."""
        field, _, part = self.spellings.get(words, (None, 0, 0))
        return field, part

    def known(self, words: HeaderPath) -> bool:
        """Say whether a column, in canonical words, is known to carry nothing that the table keeps."""
        return any(set(part) <= set(words) for part in self.unkept)

    @property
    def wanted(self) -> Mapping[str, int]:
        """Return the fields without which this is not the table, each with the number of its columns."""
        if self.required is not None:
            return dict.fromkeys(self.required, 1)
        single = {field: 1 for field in self.columns if field not in self.sometimes}
        return single | {field: len(each) for field, each in self.code_parts.items()}

    @cached_property
    def spellings(self) -> Mapping[HeaderPath, tuple[str, int, int]]:
        """Return for each accepted header path its field, whether it is proper (0) or not (1), and which part it is."""
        known = {
            path: (name, int(number >= self.proper.get(name, 1)), 0)
            for name, paths in self.columns.items()
            for number, path in enumerate(paths)
        }
        return known | {
            path: (name, 0, part)
            for name, parts in self.code_parts.items()
            for part, paths in enumerate(parts)
            for path in paths
        }

    @cached_property
    def expected(self) -> Mapping[str, str]:
        """Return the proper header of each field the place must print."""
        if self.required is None:
            proper = {name: "/".join(paths[0]) for name, paths in self.columns.items() if name not in self.sometimes}
        else:
            proper = {
                names: "或".join("/".join(self.columns[n][0]) for n in names.split("|")) for names in self.required
            }
        return proper | {
            name: "、".join("/".join(part[0]) for part in parts) for name, parts in self.code_parts.items()
        }


@dataclass(frozen=True, slots=True)
class Layout:
    """How one place prints its disclosure tables.

    `title_prefixes` may stand before a title; `other_titles` are of tables that the place prints and no spec
    holds; `keyed_by_name`: documents need not print their organisation's code.
    """

    name: str
    title: str
    department_digits: int
    tables: Mapping[str, TableLayout]
    title_prefixes: tuple[str, ...] = ()
    other_titles: tuple[str, ...] = ()
    keyed_by_name: bool = False
    vocabulary: Vocabulary | None = None

    @property
    def general(self) -> bool:
        """Say whether this layout is of no place: what it recognises, the table's own arithmetic must confirm."""
        return self.vocabulary is not None

    def title_key(self, title: str) -> str:
        """Return the matching form of a title: without year and without the prefixes of this place."""
        key = _YEAR_PREFIX.sub("", header_key(title))
        found = [prefix for prefix in map(header_key, self.title_prefixes) if key.startswith(prefix)]
        return key.removeprefix(max(found, key=len, default=""))

    def bears(self, title: str, titles: tuple[str, ...]) -> bool:
        """Say whether `title` is one of `titles`."""
        if self.vocabulary is not None:
            key = self.vocabulary.title(title)
            return any(re.fullmatch(pattern, key) for pattern in titles)
        return self.title_key(title) in map(self.title_key, titles)


def read_layout(data: Mapping[str, Any]) -> Layout:
    """Return the layout that a checked file describes."""
    vocabulary = read_vocabulary(data)
    return Layout(
        data["name"],
        data["title"],
        data["department_digits"],
        {name: _table(table, vocabulary) for name, table in data["tables"].items()},
        tuple(data.get("title_prefixes", ())),
        tuple(data.get("other_titles", ())),
        bool(data.get("keyed_by_name")),
        vocabulary,
    )


def _table(data: Mapping[str, Any], vocabulary: Vocabulary | None = None) -> TableLayout:
    return TableLayout(
        titles=tuple(data["titles"]),
        columns={name: _paths(paths) for name, paths in data["columns"].items()},
        code_parts={name: tuple(map(_paths, parts)) for name, parts in data.get("code_parts", {}).items()},
        proper={name: _alternatives(paths) for name, paths in data["columns"].items()},
        absent=tuple(data.get("absent", ())),
        sometimes=tuple(data.get("sometimes", ())),
        required=tuple(data["required"]) if "required" in data else None,
        unkept=tuple(path for paths in data.get("unkept", ()) for path in _paths(paths)),
        vocabulary=vocabulary,
        **{key: bool(data.get(key)) or vocabulary is not None for key in ("one_row", "total_optional", "optional")},
        side_by_side=bool(data.get("side_by_side")),
        where_it_fits=bool(data.get("where_it_fits")),
    )


def _spellings(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _alternatives(value: str | list[str]) -> int:
    """Return how many spellings are equally proper: those that `|` separates in the first entry."""
    return len(_spellings(value)[0].split("|"))


def _paths(value: str | list[str]) -> tuple[HeaderPath, ...]:
    paths = [path for spelling in _spellings(value) for path in spelling.split("|")]
    return tuple(tuple(header_key(part) for part in path.split("/")) for path in paths)
