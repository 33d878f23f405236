"""Columns told by what stands in them, where the header does not say it in words that anybody knows.

A column of codes is one whatever it is called; the list of expenditure is the one that names functional classes; the
only column of amounts is the total. What is told so must be confirmed by the table's own arithmetic before it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from yusuan.layouts import TableLayout
from yusuan.model import Cell
from yusuan.spec import Specs, TableSpec
from yusuan.tables.headers import Match, header_levels, index_row, match_levels
from yusuan.tables.typed import JOINED, name_field
from yusuan.values import code_level, half_unit, header_key, parse_amount, split_ordinal

_TOTALS = ("合计", "总计", "小计")
_REVENUE = re.compile("收入|拨款|财政|资金|预算")
_CODE = re.compile(r"\d{3}(?:\d{2}){0,2}", re.ASCII)
_PARTS = (re.compile(r"\d{3}", re.ASCII), re.compile(r"\d{2}", re.ASCII))
_ORGANISATION = re.compile(r"\d{3,12}", re.ASCII)
_OF_OFFICES = re.compile("(?:单位|部门).*(?:代码|编码)")
#: So large a part of what is printed in a column must be of a kind.
_MOST = Decimal("0.9")
_MIN_PARTS = 2


def class_codes(specs: Specs) -> Mapping[str, str]:
    """Return the codes of the functional classes by the matching forms of their names."""
    return {
        header_key(name): code.code
        for code in specs.codes["functional"].values()
        if code_level(code.code) == 1
        for name in (code.name, *code.aliases)
    }


@dataclass(frozen=True, slots=True)
class _Column:
    """What stands below the header of one column: texts, and amounts row by row."""

    texts: tuple[str, ...]
    amounts: tuple[Decimal | None, ...]

    @property
    def words(self) -> list[str]:
        """Return what is printed and is no amount."""
        return [text for text, value in zip(self.texts, self.amounts, strict=True) if text and value is None]

    @property
    def money(self) -> bool:
        """Say whether nothing but amounts is printed, or nothing at all."""
        return not self.words

    @property
    def blank(self) -> bool:
        """Say whether nothing is printed."""
        return not any(self.texts)

    def share(self, pattern: re.Pattern[str]) -> Decimal:
        """Return how large a part of what is printed, totals left out, has a form."""
        printed = [text for text in self.texts if text and header_key(text) not in _TOTALS]
        return Decimal(sum(bool(pattern.fullmatch(text)) for text in printed)) / max(len(printed), 1)


def told_by_contents(
    rows: Sequence[Sequence[Cell]], match: Match, spec: TableSpec, layout: TableLayout, classes: Mapping[str, str]
) -> Match:
    """Return the reading of a header with the columns that only their contents tell."""
    if layout.vocabulary is None:
        return match
    if spec.lists and match.missing:
        return _two_lists(rows, match, spec, layout, classes)
    return match if spec.lists else _coded(rows, match, spec, layout)


def _columns(rows: Sequence[Sequence[Cell]], levels: int, width: int) -> list[_Column]:
    body = [row for row in rows[levels:] if not index_row([cell.text for cell in row])]
    columns = []
    for i in range(width):
        texts = tuple(re.sub(r"\s", "", row[i].text) if i < len(row) else "" for row in body)
        columns.append(_Column(texts, tuple(map(_amount, texts))))
    return columns


def _amount(text: str) -> Decimal | None:
    try:
        return parse_amount(text)
    except ValueError:
        return None


def _two_lists(
    rows: Sequence[Sequence[Cell]], match: Match, spec: TableSpec, layout: TableLayout, classes: Mapping[str, str]
) -> Match:
    """Tell the list of revenue, the first, and that of expenditure, whose items are functional classes."""
    levels = header_levels([[cell.text for cell in row] for row in rows])
    match = match if levels == match.levels else match_levels(rows, levels, layout)
    columns = _columns(rows, levels, len(match.paths))
    items = [i for i, column in enumerate(columns) if len(column.words) > 1]
    if len(items) < len(spec.lists or {}) or not any(_REVENUE.search(text) for text in columns[items[0]].words):
        return match
    right = next((i for i in items[1:] if _names_classes(columns[i], classes)), items[1] if len(items) == 2 else None)  # noqa: PLR2004 - two lists
    if right is None:
        return match
    fields: list[str | None] = [None] * len(columns)
    ends = dict(zip(items, [*items[1:], len(columns)], strict=True))
    for (side, roles), item in zip((spec.lists or {}).items(), (items[0], right), strict=True):
        span = [i for i in range(item + 1, ends[item]) if columns[i].money]
        amount = _main_amount(span, columns, match, layout)
        if amount is None:
            return match
        fields[item], fields[amount] = roles["item"], roles["amount"]
        for i in span:
            if i != amount and (field := _known_in(side, match.paths[i], layout, fields)):
                fields[i] = field
    other = {i for item in items if item not in {items[0], right} for i in range(item, ends[item])}
    return _retold(match, fields, layout, other)


def _names_classes(column: _Column, classes: Mapping[str, str]) -> bool:
    """Say whether most items of a list, totals left out, are functional classes."""
    names = [header_key(ordinal.rest if (ordinal := split_ordinal(text)) else text) for text in column.words]
    names = [name for name in names if not name.endswith(_TOTALS)]
    return 2 * sum(name in classes for name in names) >= max(len(names), 1)


def _main_amount(span: Sequence[int], columns: Sequence[_Column], match: Match, layout: TableLayout) -> int | None:
    """Return the column of a list that is the whole: the only one of this year, or the sum of the others."""
    words = layout.vocabulary
    known = [i for i in span if not (words and layout.known(words.reduce(match.paths[i])))]
    printed = [i for i in known if not columns[i].blank] or known[:1]
    if len(printed) <= 1:
        return printed[0] if printed else None
    first, rest = printed[0], printed[1:]
    return first if _sums_up(columns[first], [columns[i] for i in rest]) else None


def _sums_up(whole: _Column, parts: Sequence[_Column]) -> bool:
    """Say whether a column is the sum of others wherever any of them prints an amount, and at least twice."""
    held = 0
    for total, *values in zip(whole.amounts, *(part.amounts for part in parts), strict=True):
        printed = [value for value in values if value]
        if not printed:
            continue
        slack = max(map(half_unit, [total or Decimal(0), *printed])) * (len(printed) + 1)
        if abs((total or Decimal(0)) - sum(printed)) > slack:
            return False
        held += 1
    return held >= _MIN_PARTS


def _known_in(side: str, path: Sequence[str], layout: TableLayout, fields: Sequence[str | None]) -> str | None:
    """Return the field of a further column of a list, whatever stands above its words."""
    reduced = layout.vocabulary.reduce(tuple(path)) if layout.vocabulary else ()
    for start in range(len(reduced)):
        field, _ = layout.lookup((side, *reduced[start:]))
        if field is not None and field not in fields:
            return field
    return None


def _retold(match: Match, fields: Sequence[str | None], layout: TableLayout, other: set[int]) -> Match:
    told = tuple(i for i, field in enumerate(fields) if field is not None and field != match.fields[i])
    missing = tuple(names for names in layout.wanted if not any(name in fields for name in names.split("|")))
    unkept = tuple(sorted({i for i in match.unkept if fields[i] is None} | other))
    return replace(match, fields=tuple(fields), missing=missing, unkept=unkept, told=told)


def _coded(rows: Sequence[Sequence[Cell]], match: Match, spec: TableSpec, layout: TableLayout) -> Match:
    """Tell codes, names and budget units by their form, and the total by what it sums up."""
    columns, fields = _columns(rows, match.levels, len(match.paths)), list(match.fields)
    free = [i for i, field in enumerate(fields) if field is None and i not in match.unkept and not columns[i].blank]
    _tell_organisations(free, columns, fields, match, spec)
    _tell_codes(free, columns, fields, spec)
    _tell_names(free, columns, fields, spec)
    total = next((field.name for field in spec.fields if field.name in match.missing and field.name == "合计"), None)
    if total is not None:
        money = [i for i in free if fields[i] is None and columns[i].money]
        known = [columns[i] for i, field in enumerate(fields) if field in spec.measures]
        sums = [i for i in money if known and _sums_up(columns[i], known)] if known else money
        if len(sums) == 1:
            fields[sums[0]] = total
    return match if fields == list(match.fields) else _retold(match, fields, layout, set())


def _tell_organisations(
    free: Sequence[int], columns: Sequence[_Column], fields: list[str | None], match: Match, spec: TableSpec
) -> None:
    """Give the codes of departments and units their column: digits below a header that speaks of them."""
    role = spec.role("organisation")
    found = [
        i for i in free if columns[i].share(_ORGANISATION) >= _MOST and _OF_OFFICES.search("".join(match.paths[i]))
    ]
    if role is not None and role not in fields and len(found) == 1:
        fields[found[0]] = role


def _tell_codes(free: Sequence[int], columns: Sequence[_Column], fields: list[str | None], spec: TableSpec) -> None:
    """Give the codes, printed alone, in parts or before names, their columns."""
    code, name = spec.role("code"), name_field(spec)
    if code is None or code in fields:
        return
    family = "3" if spec.shape == "code_tree" else "2"
    own = [i for i in free if fields[i] is None and _of_family(columns[i], family)]
    joined = next((i for i in own if columns[i].words and columns[i].share(JOINED) >= _MOST), None)
    if joined is not None and name not in fields:
        fields[joined] = name
        return
    single = next((i for i in own if columns[i].share(_CODE) >= _MOST), None)
    if single is None:
        return
    parts = [single]
    if all(_PARTS[0].fullmatch(text) for text in columns[single].texts if text.isdigit()):
        while parts[-1] + 1 in free and columns[parts[-1] + 1].share(_PARTS[1]) >= _MOST and len(parts) <= _MIN_PARTS:
            parts.append(parts[-1] + 1)
    for i in parts:
        fields[i] = code


def _of_family(column: _Column, family: str) -> bool:
    digits = {text[0] for text in column.texts if text[:1].isdigit()} | {
        text[1] for text in column.texts if text[1:2].isdigit() and not text[:1].isdigit()
    }
    return digits == {family}


def _tell_names(free: Sequence[int], columns: Sequence[_Column], fields: list[str | None], spec: TableSpec) -> None:
    """Give the texts beside the codes their columns: names on the right of them, budget units on the left."""
    code, name, unit = spec.role("code"), name_field(spec), spec.role("budget_unit")
    coded = [i for i, field in enumerate(fields) if field == code]
    texts = [i for i in free if fields[i] is None and columns[i].words]
    if not coded:
        return
    if name not in fields and coded[-1] + 1 in texts:
        fields[coded[-1] + 1] = name
    left = [i for i in texts if i < coded[0]]
    if unit is not None and unit not in fields and len(left) == 1:
        fields[left[0]] = unit
