"""A sheet's body to typed rows, one function per shape of table.

Each row gets its kind and, in `parents`, the row that sums it up. Shapes know geometry and order only;
names of columns come from the table's spec through roles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from yusuan.errors import Problem
from yusuan.model import Row, Sheet, Table
from yusuan.spec import TableSpec
from yusuan.tables.drafts import Draft, Issue, amounts_of, text_of
from yusuan.tables.items import is_list_of_items, items
from yusuan.tables.lists import two_lists
from yusuan.tables.outline import nest
from yusuan.tables.typed import Context, Typing
from yusuan.values import header_key

_TOTALS = frozenset({"合计", "总计"})
_SUMS = frozenset({"合计", "部门", "单位", "小计"})
_AGE = re.compile(r"20\d\d年?")
_NIL_NOTE = re.compile("无数据|无内容|空表|表为空|^[本此].{0,8}(?:没有|无).{2,40}(?:支出|收入|预算|拨款|经费)[。.]?$")


def shape_table(sheet: Sheet, spec: TableSpec, context: Context) -> tuple[Table | None, list[Problem]]:
    """Return the typed table, or None and every cell or row that cannot be read."""
    typed = Typing(sheet, spec, context)
    drafts = [Draft(i, typed.values(i, row), row) for i, row in enumerate(sheet.body, 1)]
    if not drafts and not says_nil(sheet.note) and not sheet.blank_rows and sheet.first.page is None:
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
        if not draft.joined
    )
    return Table(spec.name, sheet, rows, _is_nil(rows, spec, context)), []


def _is_nil(rows: Sequence[Row], spec: TableSpec, context: Context) -> bool:
    """A declared zero: nothing but rows that sum up (or the only one), and nothing but zeros or blanks in them."""
    bare = spec.name in context.one_row or all(row.kind in _SUMS for row in rows)
    return bare and not any(row.values.get(name) for row in rows for name in spec.measures)


def says_nil(note: str | None) -> bool:
    """Say whether the note under a table declares it empty."""
    return bool(note and _NIL_NOTE.search(note))


def _issues(drafts: Sequence[Draft], spec: TableSpec, context: Context) -> Iterator[Issue]:
    """Give every row its kind and parents; yield what stands in the way."""
    if spec.name in context.one_row and len(drafts) == 1 and not spec.lists:
        if context.general and _is_total(drafts[0], spec):
            drafts[0].kind = "合计"
        return  # a line of its own: the document's organisation needs no name and no total
    shape = items if is_list_of_items(drafts, spec) else _SHAPES[spec.shape or ""]
    for issue in shape(drafts, spec, context):
        if issue[0] != "TOTAL-MISSING" or spec.name not in context.total_optional:
            yield issue


def _row_problem(typed: Typing, code: str, message: str, draft: Draft | None) -> Problem:
    number, cell = (draft.number, draft.cells[0]) if draft else (None, typed.sheet.body[-1][0])
    return typed.problem(code, message, number, cell=cell)


def _is_total(draft: Draft, spec: TableSpec) -> bool:
    names = [spec.role(role) for role in ("code", "organisation", "organisation_name", "name", "item_name")]
    if any(header_key(text_of(draft, name)) in _TOTALS for name in names):
        return True
    return any(field.optional and header_key(text_of(draft, field.name)) in _TOTALS for field in spec.printed)


def _hierarchy(drafts: Sequence[Draft], spec: TableSpec, context: Context) -> Iterator[Issue]:
    """合计 → 部门 → 单位 → 类 → 款 → 项, as far as printed: rows stand below what sums them up.

    合计 may also stand at the end. Rows already known as 小计 are passed over.
    """
    total = next((draft.number for draft in drafts if _is_total(draft, spec)), None)
    if total is None and context.general:
        total = _silent_total(drafts, spec)
    if context.general and not any(
        text_of(draft, spec.role(role)) for draft in drafts for role in ("code", "organisation")
    ):
        yield from _names_alone(drafts, spec, context, total)
        return
    department = unit = None
    code, organisation = spec.role("code"), spec.role("organisation")
    for draft in drafts:
        if draft.number == total or _is_total(draft, spec):
            draft.kind, total = "合计", draft.number
        elif draft.kind == "小计":
            continue
        elif text_of(draft, code):
            owner = unit or department or total
            draft.organisation = drafts[unit - 1].organisation if unit else None
            draft.parents = _under(_code_parent(drafts, draft, code, owner, spec))
        elif text_of(draft, organisation) or (context.general and text_of(draft, spec.role("budget_unit"))):
            department = _organisation_row(draft, text_of(draft, organisation), context, department, total)
            unit = draft.number if draft.kind == "单位" else None
        elif context.general and organisation is None and _says_total_again(drafts, draft, total, spec):
            draft.kind, draft.parents, unit = "单位", _under(total), draft.number
        else:
            yield "ROW-UNKNOWN", "这一行既没有科目编码，也没有部门（单位）代码", draft
    _mark_parents(drafts)
    if total is None:
        yield "TOTAL-MISSING", "表中没有合计行", None


def _says_total_again(drafts: Sequence[Draft], draft: Draft, total: int | None, spec: TableSpec) -> bool:
    """Say whether a row right below the total has all its amounts: the only organisation, named between the two."""
    if total is None or draft.number != total + 1:
        return False
    return amounts_of(draft, spec.measures) == amounts_of(drafts[total - 1], spec.measures)


def _organisation_row(
    draft: Draft, printed: str, context: Context, department: int | None, total: int | None
) -> int | None:
    """Make a row that of a department or of a unit; return the department that the rows below stand under."""
    if printed and len(printed) <= context.department_digits:
        draft.kind, draft.parents = "部门", _under(total)
        return draft.number
    draft.kind, draft.organisation = "单位", printed or None
    draft.parents = _under(department or total)
    return department


def _silent_total(drafts: Sequence[Draft], spec: TableSpec) -> int | None:
    """Return the row that is the total without saying so: the first or last, without any code, alone in its kind.

    The first row of a table that names the budget unit and no item is the unit's total; a last row may have no label.
    """
    codes = [spec.role("code"), spec.role("organisation")]
    bare = [draft for draft in drafts if not any(text_of(draft, name) for name in codes)]
    if len(bare) != 1 or len(drafts) == 1:
        return None
    draft = bare[0]
    named = any(text_of(draft, spec.role(role)) for role in ("budget_unit", "name"))
    at = drafts[0] if named else drafts[-1]
    return draft.number if draft is at else None


def _names_alone(drafts: Sequence[Draft], spec: TableSpec, context: Context, total: int | None) -> Iterator[Issue]:
    """Rows that print names and no codes: what the amounts alone say of who sums up whom.

    Identical rows of organisations are their department's and the unit's; without 合计 nothing can be told.
    """
    whole = next((draft for draft in drafts if draft.number == total or _is_total(draft, spec)), None)
    if whole is None:
        yield "ROW-UNKNOWN", "没有编码，也没有合计行，无从知道谁汇总谁", drafts[0]
        return
    whole.kind = "合计"
    rest = [draft for draft in drafts if draft is not whole]
    if any(_is_total(draft, spec) for draft in rest) or (rest and rest[0].number < whole.number < rest[-1].number):
        yield "ROW-UNKNOWN", "没有编码，合计行不在首尾", whole
        return
    name = spec.role("name")
    tops = [i for i, draft in enumerate(rest) if header_key(text_of(draft, name)) in context.classes]
    above = nest([amounts_of(draft, spec.measures) for draft in rest], amounts_of(whole, spec.measures), tops)
    if above is None and any(any(amounts_of(draft, spec.measures)) for draft in rest):
        yield "ROW-UNKNOWN", "没有编码，各行金额也凑不出合计，无从知道谁汇总谁", rest[0]
        return
    for draft, parent in zip(rest, above or [None] * len(rest), strict=True):
        draft.parents = {"": whole.number if parent is None else rest[parent].number}
    _mark_parents(drafts)


def _code_tree(drafts: Sequence[Draft], spec: TableSpec, context: Context) -> Iterator[Issue]:
    """Codes alone; where `…合计` rows divide them, each sums up the codes printed above it, and they are the total."""
    code, subtotal = spec.role("code"), None
    subtotals = [d for d in drafts if text_of(d, code).endswith("合计") and not _is_total(d, spec)]
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


def _above_is_code(drafts: Sequence[Draft], draft: Draft) -> bool:
    """Say whether a row is summed up by the row of a shorter code."""
    return any(drafts[number - 1].kind == "父项" for number in draft.parents.values())


def _under(number: int | None) -> dict[str, int]:
    return {} if number is None else {"": number}


def _repeated(drafts: Sequence[Draft], draft: Draft, code: str | None, spec: TableSpec) -> int | None:
    """Return the row above where it prints the code of a 款 and its amounts again in place of its only 项.

    That both are one is told by the row above them, which is a 类 of the same amounts.
    """
    mine, at = text_of(draft, code), draft.number - 1
    if len(mine) != 5 or at < 2:  # noqa: PLR2004 - a 款, below a 类 and a 款
        return None
    above, top = drafts[at - 1], drafts[at - 2]
    same = len({tuple(item.values.get(name) for name in spec.measures) for item in (draft, above, top)}) == 1
    return above.number if same and text_of(above, code) == mine and text_of(top, code) == mine[:3] else None


def _code_parent(
    drafts: Sequence[Draft], draft: Draft, code: str | None, owner: int | None, spec: TableSpec
) -> int | None:
    """Return the nearest row above, under the same owner, whose code is a prefix of this one; else the owner."""
    mine = text_of(draft, code)
    start = owner if owner and owner < draft.number else 0
    if (repeated := _repeated(drafts, draft, code, spec)) is not None:
        return repeated
    for earlier in reversed(drafts[start : draft.number - 1]):
        other = text_of(earlier, code)
        if other.isdigit() and other != mine and mine.startswith(other):
            return earlier.number
    return owner


def _mark_parents(drafts: Sequence[Draft]) -> None:
    """A line that sums up other lines is a 父项."""
    summed = {number for draft in drafts for number in draft.parents.values()}
    for draft in drafts:
        if draft.kind == "明细" and draft.number in summed:
            draft.kind = "父项"


def _funds_alone(drafts: Sequence[Draft], spec: TableSpec) -> tuple[bool, list[Issue]]:
    """Tell rows that all name a kind of fund: of each organisation one, without sums; or of years, which is no fund."""
    fund, name = spec.role("fund"), spec.role("name")
    aged = next((draft for draft in drafts if _AGE.match(text_of(draft, fund))), None)
    if aged is not None:
        return False, [("ROW-UNKNOWN", "这一行是另一个年度的，还是资金性质，无从知道", aged)]
    known = all(text_of(draft, name) for draft in drafts)
    for draft in drafts if known else ():
        draft.kind = "单位"
    return known, []


def _organisation_funds(drafts: Sequence[Draft], spec: TableSpec, context: Context) -> Iterator[Issue]:
    """合计, then 资金性质 subtotals, then organisations, a unit once for each kind of fund."""
    fund, organisation = spec.role("fund"), spec.role("organisation")
    if context.general and drafts and header_key(text_of(drafts[0], fund)) in _TOTALS:
        for draft in drafts:  # an upright table: the whole, then each kind of fund
            draft.kind, draft.parents = ("小计", {"资金性质": 1}) if draft.number > 1 else ("合计", {})
        return
    if context.general and drafts and all(text_of(draft, fund) for draft in drafts):
        known, issue = _funds_alone(drafts, spec)
        yield from issue
        if known or issue:
            return
    subtotals = [d for d in drafts if text_of(d, fund) and not text_of(d, organisation) and not _is_total(d, spec)]
    total = next((draft.number for draft in drafts if _is_total(draft, spec)), None)
    for draft in subtotals:
        draft.kind = "小计"
        draft.parents = {} if total is None else {"资金性质": total}
    yield from _hierarchy(drafts, spec, context)
    units: dict[str, int] = {}
    for draft in drafts:
        if draft.kind != "单位" or draft.organisation is None:
            continue
        if not text_of(draft, fund):
            units[draft.organisation] = draft.number
        elif draft.organisation in units:
            draft.parents = {"": units[draft.organisation]}


def _projects(drafts: Sequence[Draft], spec: TableSpec, context: Context) -> Iterator[Issue]:
    """合计, 部门, perhaps 单位, then projects: rows that name a project."""
    organisation, project = spec.role("organisation"), spec.role("project")
    owners: dict[str, int] = {}
    total = None
    for draft in drafts:
        printed = text_of(draft, organisation)
        draft.organisation = printed if len(printed) > context.department_digits else None
        if _is_total(draft, spec):
            draft.kind, total = "合计", draft.number
        elif text_of(draft, project):
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


_SHAPES: dict[str, Callable[[Sequence[Draft], TableSpec, Context], Iterator[Issue]]] = {
    "two_lists": two_lists,
    "organisations": _hierarchy,
    "hierarchy": _hierarchy,
    "code_tree": _code_tree,
    "organisation_funds": _organisation_funds,
    "projects": _projects,
    "items": items,
}


def amount(row: Row, name: str) -> Decimal | None:
    """Return a row's amount in 万元, None where nothing is printed."""
    value = row.values.get(name)
    return value if isinstance(value, Decimal) else None
