"""A sheet's body to typed rows, one function per shape of table.

Each row gets its kind and, in `parents`, the row that sums it up. Shapes know geometry and order only;
names of columns come from the table's spec through roles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from yusuan.errors import Problem
from yusuan.model import Cell, Row, RowKind, Sheet, Table, Value
from yusuan.spec import TableSpec
from yusuan.typed import Context, Typing
from yusuan.values import header_key, split_ordinal

_TOTALS = frozenset({"合计", "总计"})
_SUMS = frozenset({"合计", "部门", "单位", "小计"})
_NIL_NOTE = re.compile("无数据|无内容|空表|表为空")


@dataclass
class _Draft:
    """A row while its kind and parents are being found; `number` counts from 1."""

    number: int
    values: dict[str, Value]
    cells: tuple[Cell, ...]
    kind: RowKind = "明细"
    organisation: str | None = None
    parents: dict[str, int] = field(default_factory=dict)


def shape_table(sheet: Sheet, spec: TableSpec, context: Context) -> tuple[Table | None, list[Problem]]:
    """Return the typed table, or None and every cell or row that cannot be read."""
    typed = Typing(sheet, spec, context)
    drafts = [_Draft(i, typed.values(i, row), row) for i, row in enumerate(sheet.body, 1)]
    if not drafts and not says_nil(sheet.note) and not sheet.blank_rows:
        expected = "至少有合计行，或注明“本表无数据”"
        typed.problems.append(typed.problem("TABLE-CUT", "表头下面没有任何数据行", expected=expected))
    if drafts and not typed.problems:
        typed.problems += [_row_problem(typed, *issue) for issue in _issues(drafts, spec, context)]
    if typed.problems:
        return None, typed.problems
    rows = tuple(
        Row(
            draft.number,
            draft.kind,
            f"{context.region}-{draft.organisation}" if draft.organisation else context.unit,
            draft.values,
            draft.cells[0].place,
            draft.parents,
        )
        for draft in drafts
    )
    return Table(spec.name, sheet, rows, _is_nil(rows, spec, context)), []


def _is_nil(rows: Sequence[Row], spec: TableSpec, context: Context) -> bool:
    """A declared zero: nothing but rows that sum up (or the only one), and nothing but zeros or blanks in them."""
    bare = spec.name in context.one_row or all(row.kind in _SUMS for row in rows)
    return bare and not any(row.values.get(name) for row in rows for name in spec.measures)


def says_nil(note: str | None) -> bool:
    """Say whether the note under a table declares it empty."""
    return bool(note and _NIL_NOTE.search(note))


_Issue = tuple[str, str, _Draft | None]


def _issues(drafts: Sequence[_Draft], spec: TableSpec, context: Context) -> Iterator[_Issue]:
    """Give every row its kind and parents; yield what stands in the way."""
    if spec.name in context.one_row and len(drafts) == 1:
        return  # a line of its own: the document's organisation needs no name and no total
    for issue in _SHAPES[spec.shape or ""](drafts, spec, context):
        if issue[0] != "TOTAL-MISSING" or spec.name not in context.total_optional:
            yield issue


def _row_problem(typed: Typing, code: str, message: str, draft: _Draft | None) -> Problem:
    number, cell = (draft.number, draft.cells[0]) if draft else (None, typed.sheet.body[-1][0])
    return typed.problem(code, message, number, cell=cell)


def _text(draft: _Draft, name: str | None) -> str:
    value = draft.values.get(name) if name else None
    return value if isinstance(value, str) else ""


def _is_total(draft: _Draft, spec: TableSpec) -> bool:
    names = [spec.role(role) for role in ("code", "organisation", "organisation_name", "name", "item_name")]
    return any(header_key(_text(draft, name)) in _TOTALS for name in names)


def _hierarchy(drafts: Sequence[_Draft], spec: TableSpec, context: Context) -> Iterator[_Issue]:
    """合计 → 部门 → 单位 → 类 → 款 → 项, as far as printed: rows stand below what sums them up.

    合计 may also stand at the end. Rows already known as 小计 are passed over.
    """
    total = next((draft.number for draft in drafts if _is_total(draft, spec)), None)
    department = unit = None
    code, organisation = spec.role("code"), spec.role("organisation")
    for draft in drafts:
        printed = _text(draft, organisation)
        if _is_total(draft, spec):
            draft.kind, total = "合计", draft.number
        elif draft.kind == "小计":
            continue
        elif printed and not _text(draft, code):
            if len(printed) <= context.department_digits:
                draft.kind, department, unit = "部门", draft.number, None
                draft.parents = _under(total)
            else:
                draft.kind, draft.organisation, unit = "单位", printed, draft.number
                draft.parents = _under(department or total)
        elif _text(draft, code):
            owner = unit or department or total
            draft.organisation = drafts[unit - 1].organisation if unit else None
            draft.parents = _under(_code_parent(drafts, draft, code, owner))
        else:
            yield "ROW-UNKNOWN", "这一行既没有科目编码，也没有部门（单位）代码", draft
    _mark_parents(drafts)
    if total is None:
        yield "TOTAL-MISSING", "表中没有合计行", None


def _code_tree(drafts: Sequence[_Draft], spec: TableSpec, context: Context) -> Iterator[_Issue]:
    """Codes alone; where `…合计` rows divide them, each sums up the codes printed above it, and they are the total."""
    code, subtotal = spec.role("code"), None
    subtotals = [d for d in drafts if _text(d, code).endswith("合计") and not _is_total(d, spec)]
    for draft in subtotals:
        draft.kind = "小计"
    yield from (issue for issue in _hierarchy(drafts, spec, context) if issue[0] != "TOTAL-MISSING" or not subtotals)
    for draft in reversed(drafts):
        if draft.kind == "小计":
            subtotal = draft.number
            total = next((other.number for other in drafts if other.kind == "合计"), None)
            draft.parents = _under(total)
        elif subtotal and draft.kind != "合计" and not _above_is_code(drafts, draft):
            draft.parents = _under(subtotal)


def _above_is_code(drafts: Sequence[_Draft], draft: _Draft) -> bool:
    """Say whether a row is summed up by the row of a shorter code."""
    return any(drafts[number - 1].kind == "父项" for number in draft.parents.values())


def _under(number: int | None) -> dict[str, int]:
    return {} if number is None else {"": number}


def _code_parent(drafts: Sequence[_Draft], draft: _Draft, code: str | None, owner: int | None) -> int | None:
    """Return the nearest row above, under the same owner, whose code is a prefix of this one; else the owner."""
    mine = _text(draft, code)
    start = owner if owner and owner < draft.number else 0
    for earlier in reversed(drafts[start : draft.number - 1]):
        other = _text(earlier, code)
        if other.isdigit() and other != mine and mine.startswith(other):
            return earlier.number
    return owner


def _mark_parents(drafts: Sequence[_Draft]) -> None:
    """A line that sums up other lines is a 父项."""
    summed = {number for draft in drafts for number in draft.parents.values()}
    for draft in drafts:
        if draft.kind == "明细" and draft.number in summed:
            draft.kind = "父项"


def _organisation_funds(drafts: Sequence[_Draft], spec: TableSpec, context: Context) -> Iterator[_Issue]:
    """合计, then 资金性质 subtotals, then organisations, a unit once for each kind of fund."""
    fund, organisation = spec.role("fund"), spec.role("organisation")
    subtotals = [d for d in drafts if _text(d, fund) and not _text(d, organisation) and not _is_total(d, spec)]
    total = next((draft.number for draft in drafts if _is_total(draft, spec)), None)
    for draft in subtotals:
        draft.kind = "小计"
        draft.parents = {} if total is None else {"资金性质": total}
    yield from _hierarchy(drafts, spec, context)
    units: dict[str, int] = {}
    for draft in drafts:
        if draft.kind != "单位" or draft.organisation is None:
            continue
        if not _text(draft, fund):
            units[draft.organisation] = draft.number
        elif draft.organisation in units:
            draft.parents = {"": units[draft.organisation]}


def _projects(drafts: Sequence[_Draft], spec: TableSpec, context: Context) -> Iterator[_Issue]:
    """合计, 部门, perhaps 单位, then projects: rows that name a project."""
    organisation, project = spec.role("organisation"), spec.role("project")
    owners: dict[str, int] = {}
    total = None
    for draft in drafts:
        printed = _text(draft, organisation)
        draft.organisation = printed if len(printed) > context.department_digits else None
        if _is_total(draft, spec):
            draft.kind, total = "合计", draft.number
        elif _text(draft, project):
            owner = owners.get(printed) or owners.get(printed[: context.department_digits]) or total
            draft.parents = _under(owner)
        elif printed:
            draft.kind = "部门" if len(printed) <= context.department_digits else "单位"
            draft.parents = _under(owners.get(printed[: context.department_digits]) or total)
            owners[printed] = draft.number
        else:
            yield "ROW-UNKNOWN", "这一行既没有项目名称，也没有单位代码", draft
    if total is None:
        yield "TOTAL-MISSING", "表中没有合计行", None


def _two_lists(drafts: Sequence[_Draft], spec: TableSpec, context: Context) -> Iterator[_Issue]:
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


class _List:
    """One of the lists printed side by side, item by item."""

    def __init__(self, name: str, columns: Mapping[str, str], measures: Sequence[str], context: Context) -> None:
        self.name, self.columns, self.measures, self.context = name, columns, measures, context
        self.open: list[_Draft] = []
        self.stack: list[tuple[int, _Draft]] = []
        self.items: list[_Draft] = []
        self.closed = self.totalled = False
        self.strays: list[_Issue] = []

    def add(self, draft: _Draft) -> None:
        """Place the next item: under its numbered ancestor, or at the top until a total closes it."""
        columns = self.columns
        text = _text(draft, columns["item"])
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
        if header_key(label).endswith(("合计", "总计")) and ordinal is None:
            self._total(draft, label)
            return
        self._item(draft, ordinal.level if ordinal else 0, label)

    def _total(self, draft: _Draft, label: str) -> None:
        for item in self.open:
            item.parents[self.name] = draft.number
        grand = header_key(label).endswith("总计")
        self.open, self.stack, self.closed, self.totalled = ([] if grand else [draft]), [], grand, True
        draft.values[self.columns["kind"]] = "合计"
        draft.values[self.columns["path"]] = label

    def _item(self, draft: _Draft, level: int, label: str) -> None:
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
        ordinals = (split_ordinal(_text(item, self.columns["item"])) for item in self.items)
        return any(header_key(o.rest) == header_key(label) for o in ordinals if o)

    def issues(self) -> Iterator[_Issue]:
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


_SHAPES: dict[str, Callable[[Sequence[_Draft], TableSpec, Context], Iterator[_Issue]]] = {
    "two_lists": _two_lists,
    "organisations": _hierarchy,
    "hierarchy": _hierarchy,
    "code_tree": _code_tree,
    "organisation_funds": _organisation_funds,
    "projects": _projects,
}


def list_measures(spec: TableSpec, name: str) -> tuple[str, ...]:
    """Return the money columns of one list of a table (they begin with its name), all where the table is one list."""
    if spec.lists and name in spec.lists:
        return tuple(measure for measure in spec.measures if measure.startswith(f"{name}_"))
    return spec.measures


def amount(row: Row, name: str) -> Decimal | None:
    """Return a row's amount in 万元, None where nothing is printed."""
    value = row.values.get(name)
    return value if isinstance(value, Decimal) else None
