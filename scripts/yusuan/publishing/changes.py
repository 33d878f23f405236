"""The vocabulary of differences: what a change is, and the whole of the changes between two editions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any

#: Kinds of changes, and what they are called.
KINDS = {
    "document_added": "文档新增",
    "document_removed": "文档撤下",
    "republished": "单位重新公布",
    "corrected": "更正",
    "correction_withdrawn": "撤回更正",
    "added": "新增",
    "removed": "删去",
    "changed": "改动",
    "table_added": "表新增",
    "table_removed": "表删去",
    "column_added": "列新增",
    "column_removed": "列删去",
    "type_changed": "列的类型改变",
}
CAUSES = {
    "republished": "单位重新公布了文档",
    "reread": "读取器换了版本",
    "converted": "重新转换，或规格改过",
    "another_year": "另一个年度的文档",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change, as far as it has them with document, unit, year, table, row, column, old and new.

    `old` and `new` are values (money in 万元), `printed_old` and `printed_new` what the documents print.
    """

    kind: str
    document: str = ""
    unit: str = ""
    year: str = ""
    table: str = ""
    row: str = ""
    number: str = ""
    column: str = ""
    old: str | None = None
    new: str | None = None
    printed_old: str | None = None
    printed_new: str | None = None
    cause: str = ""
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the change as JSON-ready data."""
        return asdict(self)


COLUMNS = tuple(item.name for item in fields(Change))


@dataclass(frozen=True)
class Difference:
    """Everything that changed from one edition to the next; `old` is empty where there is none before."""

    old: str
    new: str
    changes: tuple[Change, ...]
    findings: Mapping[str, tuple[int, int]]

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """Return how many changes there are of each kind."""
        found = Counter(change.kind for change in self.changes)
        return {kind: found[kind] for kind in KINDS if found[kind]}

    def as_dict(self) -> dict[str, Any]:
        """Return the difference as JSON-ready data."""
        return {
            "old": self.old or None,
            "new": self.new,
            "counts": dict(self.counts),
            "findings": {name: {"old": old, "new": new} for name, (old, new) in self.findings.items()},
            "changes": [change.as_dict() for change in self.changes],
        }
