"""All that the files of a release are made from: nothing else may have a say in them, no clock, no place, no name of a host."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from yusuan.model import Value
from yusuan.publishing.changes import Difference
from yusuan.publishing.differences import compare
from yusuan.publishing.editions import read_edition
from yusuan.publishing.gates import Gate
from yusuan.review import Review
from yusuan.rows.corrections import corrected_records
from yusuan.rows.records import Record, Records
from yusuan.rows.subjects import derive_subject
from yusuan.site.columns import NAME_OF, Column
from yusuan.spec import Field, Specs, TableSpec
from yusuan.values import to_fen

#: The registers whose names stand beside their codes where people read.
_UNITS = {"amount": "万元", "rate": "%", "fen": "分"}


@dataclass(frozen=True)
class Inputs:
    """One release before it is written. `sources` are the documents by key, `previous` is the release before."""

    version: str
    date: str
    package: Path
    records: Records
    specs: Specs
    review: Review
    gates: tuple[Gate, ...]
    sources: Mapping[str, Path]
    previous: Path | None
    made_with: Mapping[str, Any]
    address: str | None = None

    @property
    def year(self) -> int:
        """Return the fiscal year."""
        return int(self.version.split(".")[0])

    @cached_property
    def documents(self) -> Sequence[Record]:
        """Return the documents in the order of their keys."""
        return sorted(self.records["documents"], key=lambda row: str(row["文件"]))

    @cached_property
    def difference(self) -> Difference:
        """Return what changed since the release before."""
        old = read_edition(self.previous) if self.previous else None
        found = compare(old, read_edition(self.package), self.specs)
        return Difference(found.old, self.version, found.changes, found.findings)

    @cached_property
    def _corrected(self) -> Mapping[str, Sequence[Record]]:
        return corrected_records(self.records, self.specs)

    @cached_property
    def _derived(self) -> dict[str, Sequence[Record]]:
        return {}

    def rows(self, spec: TableSpec) -> Sequence[Record]:
        """Return the rows of a table, those of a subject table as the database derives them."""
        if not spec.derive:
            return self.records.get(spec.name, [])
        if spec.name not in self._derived:
            self._derived[spec.name] = derive_subject(spec, self._corrected, self.specs)
        return self._derived[spec.name]

    @cached_property
    def names(self) -> Mapping[str, Mapping[Value, Value]]:
        """Return for each register the names that its codes are shown with."""
        labels = {spec.name: (spec.key[0], spec.presentation.get("label")) for spec in self.specs.records.values()}
        return {
            table: {row[key]: row.get(label) for row in self.records.get(table, [])}
            for table, (key, label) in labels.items()
            if label
        }

    def readable(self, spec: TableSpec) -> tuple[tuple[Column, ...], list[list[Value]]]:
        """Return columns and rows of a table for people: the name of what a code refers to stands behind the code."""
        columns: list[Column] = []
        parts: list[tuple[Field, Mapping[Value, Value] | None]] = []
        for field in spec.fields:
            columns.append(column_of(field))
            parts.append((field, None))
            if field.references and field.references in self.names and field.references != spec.name:
                columns.append(Column(field.name + NAME_OF, "text", description=f"{field.name} 的名称"))
                parts.append((field, self.names[field.references]))
        rows = [
            [value if names is None else names.get(value) for field, names in parts for value in [stored(field, row)]]
            for row in self.rows(spec)
        ]
        return tuple(columns), rows


def column_of(field: Field) -> Column:
    """Return a field as a column of a download."""
    return Column(field.name, field.type, _UNITS.get(field.type, ""), field.description, field.en)


def stored(field: Field, row: Record) -> Value:
    """Return a value of a row; ranks and whole 分 are computed from the amount where the row does not hold them."""
    value = row.get(field.name)
    if field.type == "rank":
        return field.rank(row.get(field.source))
    if field.type == "fen" and value is None:
        source = row.get(field.source)
        return to_fen(source) if source is not None and not isinstance(source, str | int) else None
    return value


def release_date(given: str | None, epoch: str | None, review: Review, year: int) -> str:
    """Return the day of a release: the one given, else $SOURCE_DATE_EPOCH, else the last day a document was published.

    Where none is known it is the year: today has no say in it. ValueError where what is given is no day.
    """
    if given:
        return dt.date.fromisoformat(given).isoformat()
    if epoch:
        return dt.datetime.fromtimestamp(int(epoch), dt.UTC).date().isoformat()
    published = [dates.published for dates in review.dates.values() if dates.published]
    return max(published).isoformat() if published else str(year)
