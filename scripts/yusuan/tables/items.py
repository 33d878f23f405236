"""Lists of things bought or of projects: lines, and above them rows that sum them up, without codes to tell which.

Where a column is filled in lines alone, it tells them from the rows above them; elsewhere the amounts do. Either way
every row that sums up others must be their sum, or the list is not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from yusuan.spec import TableSpec
from yusuan.tables.drafts import Draft, Issue, amounts_of, text_of
from yusuan.tables.outline import Amounts, nest
from yusuan.tables.typed import Context
from yusuan.values import half_unit, header_key

_TOTALS = frozenset({"合计", "总计"})
#: A search for an outline goes down a level for every row: longer lists than this are not searched.
_MAX_SEARCHED = 400


def is_list_of_items(drafts: Sequence[Draft], spec: TableSpec) -> bool:
    """Say whether the rows print what only a line of such a list has."""
    return any(text_of(draft, name) for draft in drafts for name in spec.roles("line"))


def items(drafts: Sequence[Draft], spec: TableSpec, context: Context) -> Iterator[Issue]:
    """Give every row its kind and the row that sums it up; one issue where the sums do not tell, or tell otherwise."""
    rows = _joined(drafts)
    blank = next((draft for draft in rows if not _has_amount(draft, spec)), None)
    totals = [draft for draft in rows if _says_total(draft, spec)]
    if blank is not None and not (len(rows) == 1 and totals):
        yield "ROW-UNKNOWN", "这一行没有金额，不知道是明细还是上一行的下文", blank
        return
    if len(totals) > 1 or not rows:
        yield from [("ROW-UNKNOWN", "表中有两个合计行", totals[1])] if totals else []
        return
    whole = totals[0] if totals else rows[0]
    if whole not in (rows[0], rows[-1]):
        yield "ROW-UNKNOWN", "合计行不在首尾", whole
        return
    rest = [draft for draft in rows if draft is not whole]
    above = _above(rest, whole, spec)
    if above is None and (rest or not totals):
        yield "ROW-UNKNOWN", "各行金额凑不出合计，无从知道谁汇总谁", whole
        return
    whole.kind = "合计"
    _place(rest, above or [], whole, spec)
    _inherit(rest, drafts, whole, spec)
    for draft in rest:
        draft.organisation = _organisation(draft, drafts, spec, context)


def _has_amount(draft: Draft, spec: TableSpec) -> bool:
    return any(draft.values.get(name) is not None for name in spec.measures)


def _says_total(draft: Draft, spec: TableSpec) -> bool:
    texts = [field.name for field in spec.printed if field.type in {"text", "code"}]
    return any(header_key(text_of(draft, name)) in _TOTALS for name in texts)


def _joined(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the rows; the first of a page that has nothing but texts goes on with the row before the page break.

    Its texts are added to those of that row, and it is no row of its own.
    """
    rows: list[Draft] = []
    for draft in drafts:
        texts = {name: value for name, value in draft.values.items() if isinstance(value, str)}
        bare = len(texts) == sum(value is not None for value in draft.values.values())
        above = rows[-1] if rows else None
        if above is not None and bare and texts and _turns_page(above, draft) and _holds(above, texts):
            above.values |= {name: f"{above.values[name]}{text}" for name, text in texts.items()}
            draft.joined = True
        else:
            rows.append(draft)
    return rows


def _turns_page(above: Draft, draft: Draft) -> bool:
    before, here = above.cells[0].place.page, draft.cells[0].place.page
    return before is not None and here is not None and here == before + 1


def _holds(above: Draft, texts: dict[str, str]) -> bool:
    """Say whether a row prints every column that another would go on with."""
    return all(isinstance(above.values.get(name), str) for name in texts)


def _above(rest: Sequence[Draft], whole: Draft, spec: TableSpec) -> list[int | None] | None:
    """Return for each row the index of the row that sums it up, None for the whole; None where the sums do not tell."""
    rows = [amounts_of(draft, spec.measures) for draft in rest]
    total = amounts_of(whole, spec.measures)
    if not any(total) and not any(any(row) for row in rows):
        return [None] * len(rows)
    if is_list_of_items(rest, spec):
        lines = [any(text_of(draft, name) for name in spec.roles("line")) for draft in rest]
        return stack(rows, lines, total)
    return nest(rows, total) if len(rows) <= _MAX_SEARCHED else None


@dataclass
class _Open:
    """A row that sums up the following ones: its index (None: the whole), what is left of it, how many it has."""

    index: int | None
    rest: Amounts
    parts: int = 0

    def used_up(self, slack: Decimal) -> bool:
        return self.parts > 0 and all(abs(value) <= slack * (self.parts + 1) for value in self.rest)

    def holds(self, row: Amounts, slack: Decimal) -> bool:
        return all(part <= left + slack * (self.parts + 2) for part, left in zip(row, self.rest, strict=True))


def stack(rows: Sequence[Amounts], lines: Sequence[bool], whole: Amounts) -> list[int | None] | None:
    """Return who sums up whom, where it is known which rows are lines: a row above others closes when they add up to it.

    A row too small for the one after it is a line as well. None where a row, or the whole, has something left.
    """
    slack = max((half_unit(value) for row in (*rows, whole) for value in row if value), default=Decimal(0))
    negative = any(value < 0 for row in rows for value in row)
    opened, above = [_Open(None, whole)], list[int | None]()
    for number, (row, line) in enumerate(zip(rows, lines, strict=True)):
        while len(opened) > 1 and opened[-1].used_up(slack) and (negative or not opened[-1].holds(row, slack)):
            opened.pop()
        top = opened[-1]
        if not negative and not top.holds(row, slack):
            return None
        above.append(top.index)
        top.rest = tuple(left - part for left, part in zip(top.rest, row, strict=True))
        top.parts += 1
        if not line and any(row) and _above_next(rows, number, slack, negative):
            opened.append(_Open(number, row))
        while len(opened) > 1 and opened[-1].parts and not any(opened[-1].rest):
            opened.pop()
    return above if all(item.used_up(slack) for item in opened) else None


def _above_next(rows: Sequence[Amounts], number: int, slack: Decimal, negative: bool) -> bool:
    """Say whether a row can be the sum of rows that begin with the next one."""
    following = rows[number + 1 : number + 2]
    return bool(following) and (negative or _Open(number, rows[number]).holds(following[0], slack))


def _place(rest: Sequence[Draft], above: Sequence[int | None], whole: Draft, spec: TableSpec) -> None:
    """Write down who stands below whom; a row that sums up others, or is no line, is a 父项."""
    listed = is_list_of_items(rest, spec)
    for draft, parent in zip(rest, above, strict=True):
        draft.parents = {"": whole.number if parent is None else rest[parent].number}
    parents = {number for draft in rest for number in draft.parents.values()}
    for draft in rest:
        line = any(text_of(draft, name) for name in spec.roles("line"))
        empty = listed and not line and not any(amounts_of(draft, spec.measures))
        draft.kind = "父项" if draft.number in parents or empty else "明细"


def _inherit(rest: Sequence[Draft], drafts: Sequence[Draft], whole: Draft, spec: TableSpec) -> None:
    """Fill what is printed once for several rows: in lines from the rows above them, in those from the one before.

    A line takes the nearest text, its category the outermost. A row that sums up lines and leaves the first of its
    labels blank takes it from the row before it under the same one.
    """
    labels = [field.name for field in spec.printed if field.inherited]
    before: dict[int, Draft] = {}
    for draft in rest:
        parent = draft.parents[""]
        if draft.kind == "父项":
            printed = [name for name in labels if text_of(draft, name)]
            blank = labels[: labels.index(printed[0])] if printed else []
            for name in blank if parent in before else ():
                draft.values[name] = before[parent].values[name] if name != spec.role("category") else None
            before[parent] = draft
            continue
        chain = [other for other in _chain(draft, drafts) if other is not whole]
        for name in labels:
            texts = [text_of(other, name) for other in chain if text_of(other, name)]
            if texts and not text_of(draft, name):
                draft.values[name] = texts[-1 if name == spec.role("category") else 0]


def _chain(draft: Draft, drafts: Sequence[Draft]) -> Iterator[Draft]:
    """Yield the rows that sum a row up, the nearest first."""
    while draft.parents:
        draft = drafts[draft.parents[""] - 1]
        yield draft


def _organisation(draft: Draft, drafts: Sequence[Draft], spec: TableSpec, context: Context) -> str | None:
    """Return the unit a row belongs to: the nearest code above it that is longer than a department's."""
    code = spec.role("organisation")
    printed = (text_of(other, code) for other in (draft, *_chain(draft, drafts)))
    return next((text for text in printed if len(text) > context.department_digits and text.isdigit()), None)
