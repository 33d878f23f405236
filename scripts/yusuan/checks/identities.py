"""Rules about amounts in tables: rows and columns that add up, trees of totals, the same number in two tables."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from yusuan.checks.arithmetic import ZERO, Figure, Verdict, at_most, equal, total
from yusuan.checks.evaluation import Evaluation, agrees, compared, not_applicable, violated
from yusuan.checks.evidence import SUMS, Row, Sheet
from yusuan.checks.quantities import Missing, Numbers, Quantities, list_items
from yusuan.model import Grade, Value
from yusuan.rulebook import Rule
from yusuan.values import half_unit

Parameters = Mapping[str, Any]


# ------------------------------------------------------------------------------------------ columns of one row


def check_columns(rule: Rule, entries: Sequence[Parameters], known: Quantities) -> Iterator[Evaluation]:
    """In each row, one column is the sum of others."""
    for entry in entries:
        for sheet in _sheets(entry["concepts"], known):
            parts = addends(entry, sheet.columns, sheet.rows)
            if entry["total"] in sheet.columns and not applies(entry, sheet.columns):
                continue  # another entry is for a table with these columns
            if entry["total"] not in sheet.columns or not parts:
                yield not_applicable(rule.id, f"{sheet.label}没有“{entry['total']}”或它的各分列")
                continue
            yield from _check_rows(rule, sheet, entry, parts)


def parts_of(entry: Parameters, parts: Sequence[str], given: Container[str]) -> list[str]:
    """Return the parts of a sum across columns in a row: one not `given` in it gives way to those it would sum up."""
    found = list(parts)
    for whole, names in entry.get("instead", {}).items():
        inner = [name for name in names if name in given]
        if whole not in given and inner:
            found = [name for name in found if name != whole] + inner
    return found


def applies(entry: Parameters, columns: Iterable[str]) -> bool:
    """Say whether a sum across columns is that of a table with these columns: `with` one, `without` others."""
    printed = set(columns)
    return entry.get("with", entry["total"]) in printed and not printed & set(entry.get("without", ()))


def addends(entry: Parameters, columns: Iterable[str], rows: Sequence[Mapping[str, Value]]) -> list[str]:
    """Return the parts that a table prints, without those that another part already holds.

    `inside` names for a part what may be printed within it or beside it: that it is within is shown by every row.
    """
    printed = set(columns)
    parts = [name for name in entry["parts"] if name in printed]
    for whole, names in entry.get("inside", {}).items():
        inner = [name for name in names if name in parts]
        if whole in parts and inner and _holds_all(whole, inner, rows):
            parts = [name for name in parts if name not in inner]
    return parts


def _holds_all(whole: str, inner: Sequence[str], rows: Sequence[Mapping[str, Value]]) -> bool:
    pairs = [(_number(row.get(whole)), [_number(row.get(name)) for name in inner]) for row in rows]
    told = [(amount, parts) for amount, parts in pairs if amount or any(parts)]
    return bool(told) and all(abs(amount - sum(parts)) <= _slack(amount, parts) for amount, parts in told)


def _number(value: Value) -> Decimal:
    return value if isinstance(value, Decimal) else ZERO


def _slack(amount: Decimal, parts: Sequence[Decimal]) -> Decimal:
    return sum((half_unit(part) for part in (amount, *parts) if part), ZERO)


def _check_rows(rule: Rule, sheet: Sheet, entry: Parameters, columns: Sequence[str]) -> Iterator[Evaluation]:
    whole = entry["total"]
    for row in sheet.rows:
        given = {name for name in sheet.columns if row.get(name) is not None}
        parts = parts_of(entry, columns, given)
        if all(row.get(name) is None for name in (whole, *parts)):
            continue
        left = sheet.figure(row, whole)
        figures = [figure for name in parts if (figure := sheet.figure(row, name)) is not None]
        if left is None or not figures:
            continue
        names = " + ".join(f"“{name}”" for name in parts)
        right = total(figures, f"同一行{names}之和" if len(parts) > 1 else f"同一行{names}")
        yield compared(rule.id, equal(left, right, rule.tolerance), left, right)


def _sheets(concepts: Iterable[str], known: Quantities) -> Iterator[Sheet]:
    for concept in concepts:
        if sheet := known.evidence.sheet(concept):
            yield sheet


# ------------------------------------------------------------------------------------------------ trees of totals


def check_tree(rule: Rule, entries: Sequence[Parameters], known: Quantities) -> Iterator[Evaluation]:
    """A row that sums others up is the sum of the rows below it, in every money column."""
    for entry in entries:
        for sheet in _sheets(entry["concepts"], known):
            lists = sheet.spec.lists or {}
            names: list[str | None] = [entry["list"]] if "list" in entry else [*lists] or [None]
            for name in names:
                yield from _check_branches(rule, entry, sheet, name)


def _check_branches(rule: Rule, entry: Parameters, sheet: Sheet, name: str | None) -> Iterator[Evaluation]:
    columns = (sheet.spec.lists or {}).get(name or "", {})
    measures = [m for m in sheet.spec.measures if m in sheet.columns and (name is None or m.startswith(f"{name}_"))]
    rows = {int(str(row["行次"])): row for row in sheet.rows}
    below: dict[int, list[Row]] = {}
    for row in sheet.rows:
        parent = row.get(columns.get("parent", "上级行"))
        if isinstance(parent, int) and _takes(entry.get("children"), row, columns):
            below.setdefault(parent, []).append(row)
    for number, children in below.items():
        parent_row = rows[number]
        path = sheet.text(parent_row, columns.get("path"))
        if not _takes(entry.get("parents"), parent_row, columns) or path not in entry.get("paths", [path]):
            continue
        for measure in measures:
            yield from _check_branch(rule, sheet, parent_row, children, measure)


def _takes(kinds: Sequence[str] | None, row: Row, columns: Mapping[str, str]) -> bool:
    return kinds is None or row.get(columns.get("kind", "行类型")) in kinds


def _check_branch(rule: Rule, sheet: Sheet, parent: Row, children: Sequence[Row], measure: str) -> Iterator[Evaluation]:
    """Compare one total with what it sums up; a column that no total (or no part) ever fills is not summed at all."""
    figures = [figure for row in children if (figure := sheet.figure(row, measure)) is not None]
    left = sheet.figure(parent, measure)
    blank = parent.get(measure) is None and not any(row.get(measure) for row in sheet.rows if _sums(sheet, row))
    bare = all(row.get(measure) is None for row in children) and not any(row.get(measure) for row in sheet.leaves)
    if left is None or not figures or blank or bare:
        return
    right = total(figures, f"下属 {len(children)} 行之和")
    yield compared(rule.id, equal(left, right, rule.tolerance), left, right)


def _sums(sheet: Sheet, row: Row) -> bool:
    return sheet.spec.lists is not None or row["行类型"] in SUMS


# --------------------------------------------------------------------------------------------------- named numbers


def check_equal(rule: Rule, entries: Sequence[Parameters], known: Quantities) -> Iterator[Evaluation]:
    """Two sides made of named numbers are equal."""
    for entry in entries:
        yield _compare(rule, entry, known, "equal")


def _not_here(entry: Parameters, known: Quantities) -> str:
    """Return why an entry does not apply to this document: two other numbers agree, and a third sets them apart."""
    if "not_where" not in entry:
        return ""
    where = entry["not_where"]
    left, right, apart = _side(where["left"], known), _side(where["right"], known), known.figure(where["nonzero"])
    if isinstance(left, Missing) or isinstance(right, Missing) or isinstance(apart, Missing) or not apart.value:
        return ""
    agree = equal(left[0], right[0]).grade in {"exact", "within_rounding"}
    return f"{right[0].label}等于{left[0].label}，不含{apart.label}" if agree else ""


def check_at_most(rule: Rule, entries: Sequence[Parameters], known: Quantities) -> Iterator[Evaluation]:
    """One side does not exceed the other; equal where the entry says when."""
    for entry in entries:
        yield _compare(rule, entry, known, "equal" if _must_be_equal(entry, known) else "at_most")


def _must_be_equal(entry: Parameters, known: Quantities) -> bool:
    """Say whether a limit is an equality here: two numbers agree, or the narrative does not mention exceptions."""
    if "equal_unless_said" in entry:
        word = entry["equal_unless_said"]
        return not any(word in f"{fact.get('范围')}{fact.get('原文')}" for fact in known.evidence.facts)
    if "equal_where" not in entry:
        return False
    left, right = (known.figure(name) for name in entry["equal_where"])
    return not isinstance(left, Missing) and not isinstance(right, Missing) and not equal(left, right).difference


def _compare(rule: Rule, entry: Parameters, known: Quantities, relation: str) -> Evaluation:
    left, right = _side(entry["left"], known), _side(entry["right"], known)
    if reason := _not_here(entry, known):
        return not_applicable(rule.id, reason)
    if isinstance(left, Missing) or isinstance(right, Missing):
        return not_applicable(rule.id, next(side.reason for side in (left, right) if isinstance(side, Missing)))
    (left_figure, left_absent), (right_figure, right_absent) = left, right
    judge, word = (equal, "等于") if relation == "equal" else (at_most, "不超过")
    verdict = judge(left_figure, right_figure, rule.tolerance)
    if absent := left_absent or right_absent:
        if verdict.grade == "violated":
            return not_applicable(rule.id, absent)
        return agrees(rule.id)
    return compared(rule.id, verdict, left_figure, right_figure, word)


def _side(names: Sequence[str], known: Quantities) -> tuple[Figure, str] | Missing:
    """Return the sum of one side and which of its tables are absent; Missing where nothing of it is there."""
    figures: list[Figure] = []
    absent: list[str] = []
    for name in names:
        figure = known.figure(name.removeprefix("-"))
        if isinstance(figure, Missing):
            if len(names) == 1 or not figure.table:
                return figure
            absent.append(figure.reason)
        else:
            figures.append(-figure if name.startswith("-") else figure)
    if not figures:
        return Missing("、".join(absent), table=True)
    return total(figures, _sum_label(figures)), "、".join(absent)


def _sum_label(figures: Sequence[Figure]) -> str:
    texts = [("− " if figure.parts and figure.parts[0][1] < 0 else "+ ") + figure.label for figure in figures]
    return " ".join(texts).removeprefix("+ ")


# ---------------------------------------------------------------------------------------------------------- series


def check_series(rule: Rule, entries: Sequence[Parameters], known: Quantities) -> Iterator[Evaluation]:
    """Class by class or item by item, one side equals or does not exceed the other."""
    for entry in entries:
        left, right = (_numbers(entry[side], known) for side in ("left", "right"))
        if reason := _not_here(entry, known):
            yield not_applicable(rule.id, reason)
            continue
        if isinstance(left, Missing) or isinstance(right, Missing):
            yield not_applicable(rule.id, next(side.reason for side in (left, right) if isinstance(side, Missing)))
            continue
        yield from _compare_series(rule, entry, left, right, strict=_is_equality(entry, known))


def _is_equality(entry: Parameters, known: Quantities) -> bool:
    return entry.get("relation") != "at_most" or _must_be_equal(entry, known)


def _numbers(names: Sequence[str], known: Quantities) -> Numbers | Missing:
    """Return several series added up by key; what is absent is named among the unassigned."""
    found = [known.series(name) for name in names]
    present = [numbers for numbers in found if isinstance(numbers, Numbers)]
    missing = [numbers for numbers in found if isinstance(numbers, Missing)]
    if not present or any(not item.table for item in missing):
        return missing[0]
    keys = dict.fromkeys(key for numbers in present for key in numbers.figures)
    figures = {key: _added([numbers.figures[key] for numbers in present if key in numbers.figures]) for key in keys}
    loose = tuple(name for numbers in present for name in numbers.unassigned)
    return Numbers(figures, (*loose, *(item.reason for item in missing)))


def _added(figures: Sequence[Figure]) -> Figure:
    return figures[0] if len(figures) == 1 else total(figures, " + ".join(figure.label for figure in figures))


def _compare_series(
    rule: Rule, entry: Parameters, left: Numbers, right: Numbers, *, strict: bool
) -> Iterator[Evaluation]:
    judge, word = (equal, "等于") if strict else (at_most, "不超过")
    keys = sorted({**left.figures, **(right.figures if strict else {})})
    loose = "、".join((*left.unassigned, *right.unassigned))
    for key in keys:
        mine = left.figures.get(key) or Figure(ZERO, label=f"没有印出的 {key.split()[-1]}")
        theirs = right.figures.get(key) or Figure(ZERO, label=f"没有印出的 {key.split()[-1]}")
        verdict = judge(mine, theirs, rule.tolerance)
        if verdict.grade == "violated" and loose:
            yield not_applicable(rule.id, f"有项目不知属于哪一类：{loose}")
        else:
            yield compared(rule.id, verdict, mine, theirs, word)
    if strict and entry.get("same_keys"):
        yield _same_keys(rule, left, right, loose)


def _same_keys(rule: Rule, left: Numbers, right: Numbers, loose: str) -> Evaluation:
    mine, theirs = ({key for key, figure in side.figures.items() if figure.value} for side in (left, right))
    if mine == theirs:
        return agrees(rule.id)
    if loose:
        return not_applicable(rule.id, f"有项目不知属于哪一类：{loose}")
    names = [f"{key.split()[-1]}（只在{'前者' if key in mine else '后者'}）" for key in sorted(mine ^ theirs)]
    figures = {**left.figures, **right.figures}
    at = next((figures[key].at for key in sorted(mine ^ theirs)), None)
    return violated(rule.id, f"两边的科目不同：{'、'.join(names)}", at)


# ------------------------------------------------------------------------------------------ ratios and empty columns


def check_ratio(rule: Rule, entries: Sequence[Parameters], known: Quantities) -> Iterator[Evaluation]:
    """A number is a fixed multiple of another, or at most that."""
    for entry in entries:
        left, right = known.figure(entry["left"]), known.figure(entry["right"])
        if isinstance(left, Missing) or isinstance(right, Missing) or not left.value or not right.value:
            yield not_applicable(rule.id, f"没有{entry['left']}或{entry['right']}")
            continue
        expected = right.value * Decimal(entry["factor"])
        difference, margin = left.value - expected, Decimal(entry["margin"])
        if expected.quantize(left.value, ROUND_HALF_UP) == left.value or (
            entry.get("at_most") and difference < -margin
        ):
            yield agrees(rule.id, left.cells)
        else:
            grade: Grade = "within_rounding" if abs(difference) <= margin else "violated"
            target = Figure(expected, label=f"{right.label}的 {entry['factor']} 倍")
            yield compared(rule.id, Verdict(grade, difference, margin), left, target)


def check_blank(rule: Rule, entries: Sequence[Parameters], known: Quantities) -> Iterator[Evaluation]:
    """Rows whose code begins so have nothing in a column."""
    for entry in entries:
        sheet = known.evidence.sheet(entry["concept"])
        if sheet is None or entry["column"] not in sheet.columns:
            yield not_applicable(rule.id, f"没有{known.evidence.label(entry['concept'])}或其中的“{entry['column']}”")
            continue
        for row in sheet.rows:
            if not sheet.code(row).startswith(tuple(entry["prefixes"])):
                continue
            figure = sheet.figure(row, entry["column"])
            if figure is None or not figure.value:
                yield agrees(rule.id, figure.cells if figure else ())
            else:
                text = f"{figure.label}印作 {figure.value}，这一科目不该列在这里"
                yield violated(rule.id, text, figure.at, printed=str(figure.value), expected="0", cells=figure.cells)


__all__ = [
    "check_at_most",
    "check_blank",
    "check_columns",
    "check_equal",
    "check_ratio",
    "check_series",
    "check_tree",
    "list_items",
]
