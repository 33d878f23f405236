"""The shape of two lists that stand side by side in one table: revenue and expenditure, each with its own totals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from yusuan.model import RowKind
from yusuan.spec import TableSpec
from yusuan.tables.drafts import Draft, Issue, amounts_of, text_of
from yusuan.tables.outline import Amounts, nest
from yusuan.tables.typed import Context
from yusuan.values import Ordinal, header_key, split_ordinal

#: How the label of a total ends; only some places say 小计 of the year's own items.
_TOTAL_WORDS = {False: ("合计", "总计"), True: ("合计", "总计", "收入小计", "支出小计")}


def two_lists(drafts: Sequence[Draft], spec: TableSpec, context: Context) -> Iterator[Issue]:
    """Two lists side by side, each with numbered items, 本年…合计 and …总计; paths are keys, names are not."""
    kinds: dict[int, list[str]] = {draft.number: [] for draft in drafts}
    for name, columns in (spec.lists or {}).items():
        entries = _List(name, columns, list_measures(spec, name), context)
        for draft in drafts:
            entries.add(draft)
        entries.finish()
        for draft in drafts:
            if kind := draft.values[columns["kind"]]:
                kinds[draft.number].append(str(kind))
        yield from entries.issues()
    for draft in drafts:
        draft.kind = _common_kind(kinds[draft.number])


def _common_kind(kinds: Sequence[str]) -> RowKind:
    """Return the kind of a row made of one item of each list: theirs if they agree."""
    names: dict[str, RowKind] = {"合计": "合计", "父项": "父项", "明细": "明细"}
    return names[kinds[0]] if len(set(kinds)) == 1 else "并列"


def _is_total(label: str, context: Context) -> bool:
    key = header_key(label)
    return key.endswith(_TOTAL_WORDS[context.general]) or (context.general and key == "小计")


_YEAR_HEAD = re.compile("(?:本年|当年)(?:支出|收入)")


class _List:
    """One of the lists printed side by side, item by item."""

    def __init__(self, name: str, columns: Mapping[str, str], measures: Sequence[str], context: Context) -> None:
        self.name, self.columns, self.measures, self.context = name, columns, measures, context
        self.open: list[Draft] = []
        self.stack: list[tuple[int, Draft]] = []
        self.items: list[Draft] = []
        self.closed = self.totalled = False
        self.inner = self.heads = 0
        self.strays: list[Issue] = []

    def add(self, draft: Draft) -> None:
        """Place the next item: under its numbered ancestor, or at the top until a total closes it."""
        columns = self.columns
        text = text_of(draft, columns["item"])
        draft.values[columns["kind"]] = draft.values[columns["path"]] = draft.values[columns["parent"]] = None
        if "code" in columns:
            draft.values[columns["code"]] = None
        if not text:
            if any(draft.values[name] is not None for name in self.measures):
                self.strays.append(("ROW-UNKNOWN", f"{self.name}一侧有金额，没有项目名称", draft))
            return
        if self.closed:
            self.strays.append(("ROW-UNKNOWN", f"{self.name}总计之下还有项目", draft))
        self.items.append(draft)
        ordinal = split_ordinal(text)
        label = ordinal.rest if ordinal else text
        if ordinal is None and _is_total(label, self.context):
            self._total(draft, label)
            return
        self._item(draft, self._level(ordinal, label), label)

    def _level(self, ordinal: Ordinal | None, label: str) -> int:
        """Return how deep an item stands: one that starts numbering anew below 本年支出 is part of that."""
        if ordinal is None:
            return 0
        if not self.context.general or ordinal.level != 1:
            return ordinal.level + self.inner
        if ordinal.number == 1 and self.stack and self.stack[-1][0] == 1 and self.heads:
            self.inner = 1
        elif self.inner and ordinal.number == self.heads + 1 and header_key(label) not in self.context.classes:
            self.inner = 0
        if not self.inner:
            self.heads = ordinal.number if _YEAR_HEAD.match(header_key(label)) or self.heads else 0
        return 1 + self.inner

    def _total(self, draft: Draft, label: str) -> None:
        for item in self.open:
            item.parents[self.name] = draft.number
        if self.context.general:
            self._outline(draft)
        grand = header_key(label).endswith("总计")
        self.open, self.stack, self.closed, self.totalled = ([] if grand else [draft]), [], grand, True
        draft.values[self.columns["kind"]] = "合计"
        draft.values[self.columns["path"]] = label

    def _outline(self, whole: Draft) -> None:
        """Where the items above a total do not add up as numbered, see whether the amounts tell who sums up whom."""
        name = self.columns["amount"]
        rows = [amounts_of(item, [name]) for item in self.open]
        target = amounts_of(whole, [name])
        if sum((row[0] for row in rows), Decimal(0)) == target[0] or not target[0]:
            return
        names = [header_key(str(item.values[self.columns["path"]])) for item in self.open]
        tops = [i for i, item in enumerate(names) if item in self.context.classes]
        above = nest(rows, target, tops)
        if above is None and self._counted_twice(rows, target):
            text = f"{self.name}一侧各项之和超过合计，金额也看不出谁汇总谁"
            self.strays.append(("ROW-UNKNOWN", text, self.open[0]))
        for item, parent in zip(self.open, above or (), strict=bool(above)):
            if parent is not None:
                item.parents[self.name] = self.open[parent].number

    def _counted_twice(self, rows: Sequence[Amounts], target: Amounts) -> bool:
        """Say whether items without numbers come to more than their total: some of them must be parts of others."""
        numbered = all(split_ordinal(text_of(item, self.columns["item"])) for item in self.open)
        return not numbered and sum((row[0] for row in rows), Decimal(0)) - target[0] > len(rows)

    def _item(self, draft: Draft, level: int, label: str) -> None:
        if self.context.general and header_key(label).startswith("其中"):
            draft.values[self.columns["kind"]] = "父项"  # part of what stands above it: no item of its own
            draft.values[self.columns["path"]] = label
            return
        grouped = self.totalled and bool(self.stack) and self.stack[0][0] == 0
        if grouped and not level and self._is_part(label):
            level = 1  # an item of the list above, printed again under what is brought or carried forward
        while self.stack and self.stack[-1][0] >= level:
            self.stack.pop()
        above = self.stack[-1][1] if level and self.stack else None
        if above is None:
            self.open.append(draft)
        else:
            draft.parents[self.name] = above.number
        self.stack = [*self.stack, (level, draft)] if level or self.totalled else []
        prefix = f"{above.values[self.columns['path']]}/" if above else ""
        draft.values[self.columns["path"]] = prefix + label
        if "code" in self.columns:
            draft.values[self.columns["code"]] = self.context.classes.get(header_key(label))

    def _is_part(self, label: str) -> bool:
        """Say whether a numbered item of the list bears this name."""
        ordinals = (split_ordinal(text_of(item, self.columns["item"])) for item in self.items)
        return any(header_key(o.rest) == header_key(label) for o in ordinals if o)

    def issues(self) -> Iterator[Issue]:
        """Yield amounts and items that belong to nothing, and a list without its end."""
        yield from self.strays
        if self.open:
            yield "TOTAL-MISSING", f"{self.name}一侧没有总计行", None

    def finish(self) -> None:
        """Tell items that have others below them from leaves, and each which row sums it up."""
        numbered = {d.parents[self.name] for d in self.items if self.name in d.parents}
        for draft in self.items:
            draft.values[self.columns["parent"]] = draft.parents.get(self.name)
            if draft.values[self.columns["kind"]] is None:
                draft.values[self.columns["kind"]] = "父项" if draft.number in numbered else "明细"


def list_measures(spec: TableSpec, name: str) -> tuple[str, ...]:
    """Return the money columns of one list of a table (they begin with its name), all where the table is one list."""
    if spec.lists and name in spec.lists:
        return tuple(measure for measure in spec.measures if measure.startswith(f"{name}_"))
    return spec.measures
