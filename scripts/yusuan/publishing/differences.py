"""What changed between two editions: documents, cells of the tables of facts, corrections, and the tables themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from yusuan.publishing.changes import Change, Difference
from yusuan.publishing.editions import Edition, Row, fact_tables
from yusuan.publishing.pairing import Shape, row_changes
from yusuan.spec import Specs, TableSpec

#: Where a row stands, and in which document: not what it says. The year is compared only within one year.
_PLACES = {"行次", "序", "页", "首行", "末行", "首页", "末页", "文件"}
_NUMBERS = {"amount", "rate"}


def compare(old: Edition | None, new: Edition, specs: Specs) -> Difference:
    """Return what changed from `old` to `new`; nothing where there is no edition before."""
    if old is None:
        return Difference("", new.name, (), {})
    comparison = _Comparison(old, new, specs)
    changes = [*comparison.documents(), *comparison.corrections(), *comparison.cells(), *_schema(old, new)]
    counts = {severity: (_open(old, severity), _open(new, severity)) for severity in ("error", "warning", "info")}
    return Difference(old.name, new.name, tuple(changes), counts)


def _open(edition: Edition, severity: str) -> int:
    return sum(row.get("严重程度") == severity for row in edition.rows("findings"))


class _Comparison:
    """Two editions side by side, document by document."""

    def __init__(self, old: Edition, new: Edition, specs: Specs) -> None:
        self.old, self.new, self.specs = old, new, specs
        before, after = old.rows("documents"), new.rows("documents")
        self.across = not {row.get("年度") for row in before} & {row.get("年度") for row in after}
        self.before, self.after = self._keyed(before), self._keyed(after)

    def _keyed(self, rows: Iterable[Row]) -> dict[tuple[str, ...], Row]:
        """Return documents by what stays the same: their key; from one year to another the unit and the kind."""
        return {(row.get("单位", ""), row.get("类型", "")) if self.across else (row["文件"],): row for row in rows}

    def documents(self) -> Iterator[Change]:
        """Yield the documents that came, went, or were published anew with other contents."""
        for key in sorted(self.before.keys() | self.after.keys()):
            old, new = self.before.get(key), self.after.get(key)
            row = new or old or {}
            kind = "document_added" if old is None else "document_removed" if new is None else "republished"
            sums = [side.get("sha256") if side else None for side in (old, new)]
            if kind != "republished" or (sums[0] != sums[1] and not self.across):
                yield Change(kind, **_where(row), row=row.get("标题", ""), column="sha256", old=sums[0], new=sums[1])

    def corrections(self) -> Iterator[Change]:
        """Yield the corrections that came, went or say something else now."""
        before, after = ({row["格"]: row for row in side.rows("corrections")} for side in (self.old, self.new))
        for cell in sorted(before.keys() | after.keys()):
            old, new = before.get(cell), after.get(cell)
            if old == new or (self.across and new is None):
                continue
            row = new or old or {}
            document = self._document(row.get("文件", ""))
            yield Change(
                "corrected" if new else "correction_withdrawn",
                **_where(document),
                row=cell.removeprefix(f"{row.get('文件', '')}."),
                old=(old or {}).get("更正值") if new is None or old else row.get("印刷值"),
                new=row.get("更正值") if new else row.get("印刷值"),
                printed_new=row.get("印刷值"),
                reason="；".join(filter(None, (row.get("理由"), row.get("来源")))),
            )

    def _document(self, key: str) -> Row:
        rows = [*self.after.values(), *self.before.values()]
        return next((row for row in rows if row["文件"] == key), {"文件": key})

    def cells(self) -> Iterator[Change]:
        """Yield the cells that changed in the documents that both editions have."""
        shared = sorted(self.before.keys() & self.after.keys())
        for spec in fact_tables(self.specs):
            shape = self._shape(spec)
            if shape is None:
                continue
            old, new = (_by_document(side.rows(spec.name)) for side in (self.old, self.new))
            for key in shared:
                before, after = self.before[key], self.after[key]
                frame = Change("changed", **_where(after), table=spec.name, cause=self._cause(before, after))
                changes = row_changes(old[before["文件"]], new[after["文件"]], shape, frame)
                yield from (self._printed(change, before["文件"], after["文件"]) for change in changes)

    def _shape(self, spec: TableSpec) -> Shape | None:
        """Return what to compare a table by, None where one of the editions does not have it."""
        shared = self.old.columns.get(spec.name, {}).keys() & self.new.columns.get(spec.name, {}).keys()
        away = _PLACES | ({"年度"} if self.across else set())
        told = [f for f in spec.fields if f.name in shared and f.name not in away and not f.name.endswith("上级行")]
        numbers = {f.name for f in told if f.type in _NUMBERS}
        names = tuple(f.name for f in told if f.name not in numbers)
        codes = tuple(f.name for f in told if f.type == "code" and f.references != "units")
        return Shape(tuple(f.name for f in told), names, codes, frozenset(numbers), spec.key[-1]) if told else None

    def _cause(self, old: Row, new: Row) -> str:
        if self.across:
            return "another_year"
        if old.get("sha256") != new.get("sha256"):
            return "republished"
        return "reread" if old.get("读取器版本") != new.get("读取器版本") else "converted"

    def _printed(self, change: Change, before: str, after: str) -> Change:
        """Return the change of a cell with what the documents print there."""
        old_row, _, new_row = change.number.partition("→")
        old, new = (
            texts.get((document, change.table, row, change.column))
            for texts, document, row in zip(self._texts, (before, after), (old_row, new_row or old_row), strict=True)
        )
        number = new_row or old_row
        kept_old, kept_new = old if change.kind != "added" else None, new if change.kind != "removed" else None
        return replace(change, number=number, printed_old=kept_old, printed_new=kept_new)

    @cached_property
    def _texts(self) -> tuple[Mapping[tuple[str, ...], str], Mapping[tuple[str, ...], str]]:
        return _cell_texts(self.old), _cell_texts(self.new)


def _cell_texts(edition: Edition) -> Mapping[tuple[str, ...], str]:
    cells = (row for row in edition.rows("cells") if row.get("部位") == "数据" and "字段" in row)
    return {(row["文件"], row["表"], row["行次"], row["字段"]): row.get("原文", "") for row in cells}


def _by_document(rows: Sequence[Row]) -> Mapping[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["文件"]].append(row)
    return groups


def _where(document: Row) -> dict[str, str]:
    return {
        "document": document.get("文件", ""),
        "unit": document.get("单位", ""),
        "year": document.get("年度", ""),
    }


def _schema(old: Edition, new: Edition) -> Iterator[Change]:
    """Yield the tables and columns that came, went or changed their type."""
    for table in sorted(old.columns.keys() | new.columns.keys()):
        before, after = old.columns.get(table), new.columns.get(table)
        if before is None or after is None:
            yield Change("table_removed" if after is None else "table_added", table=table)
            continue
        for column in dict.fromkeys([*before, *after]):
            if column not in after:
                yield Change("column_removed", table=table, column=column, old=before[column])
            elif column not in before:
                yield Change("column_added", table=table, column=column, new=after[column])
            elif before[column] != after[column]:
                yield Change("type_changed", table=table, column=column, old=before[column], new=after[column])
