"""Item numbers, codes and names against what they must be: what sums cannot see because it is zero or only a name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from yusuan.checks.evaluation import Evaluation, violated
from yusuan.checks.evidence import Row, Sheet
from yusuan.checks.quantities import Quantities
from yusuan.codes import Code
from yusuan.rulebook import Rule
from yusuan.values import header_key, split_ordinal

Parameters = Mapping[str, Any]

#: A list with more gaps than this is not numbered without gaps on purpose.
_MAX_GAPS = 2
#: A name shorter than this has too little to recognise a misprint by.
_MIN_NAME = 4
#: Two ways to write the same character.
_VARIANTS = str.maketrans("它订帐", "他定账")


def check_ordinals(rule: Rule, entry: Parameters, known: Quantities) -> Iterator[Evaluation]:
    """Items of a list are numbered without a gap; says only what is wrong."""
    for sheet, columns in _lists(entry, known):
        gaps = list(_gaps(sheet, columns["item"]))
        if len(gaps) <= _MAX_GAPS:
            yield from (_gap(rule, sheet, columns["item"], *gap) for gap in gaps)
        yield from _told_twice(rule, sheet, columns)


def _told_twice(rule: Rule, sheet: Sheet, columns: Mapping[str, str]) -> Iterator[Evaluation]:
    """Report an item without number, a total mostly, that stands in its list a second time with the same amount."""
    seen: dict[tuple[str, object], Row] = {}
    for row in sheet.rows:
        item = sheet.text(row, columns["item"])
        if not item or split_ordinal(item):
            continue
        first = seen.setdefault((header_key(sheet.text(row, columns["path"])), row.get(columns["amount"])), row)
        if first is not row:
            text = f"{sheet.label}的“{item}”在第{first['行次']}行和第{row['行次']}行各印了一次"
            yield violated(rule.id, text, sheet.at(row, columns["item"]), printed=item)


def _gaps(sheet: Sheet, column: str) -> Iterator[tuple[Row, int, int]]:
    """Yield the rows whose item number is not the next of its level, with the number and the next one.

    Below a total, an item without number may have parts, counted from one again.
    """
    last: dict[int, int] = {}
    totalled = False
    for row in sheet.rows:
        text = sheet.text(row, column)
        ordinal = split_ordinal(text)
        if ordinal is None:
            last = {} if text and totalled else last
            totalled = totalled or header_key(text).endswith("合计")
            continue
        last = {level: number for level, number in last.items() if level <= ordinal.level}
        expected = last.get(ordinal.level, 0) + 1
        if ordinal.number != expected and not (totalled and not last):
            yield row, ordinal.number, expected
        last[ordinal.level] = ordinal.number


def _gap(rule: Rule, sheet: Sheet, column: str, row: Row, number: int, expected: int) -> Evaluation:
    item = sheet.text(row, column)
    text = f"{sheet.label}第{row['行次']}行“{item}”的序号是 {number}，前面同级的是 {expected - 1}：可能缺行、多行或序号有误"
    return violated(rule.id, text, sheet.at(row, column), printed=str(number), expected=str(expected))


def check_code_names(rule: Rule, entry: Parameters, known: Quantities) -> Iterator[Evaluation]:
    """A name is not that of a neighbouring code, and no listed name with one character wrong; says only what is."""
    if known.evidence.year < entry["since"]:
        return
    for which, concepts in (("functional", entry["functional"]), ("economic", entry["economic"])):
        codes = known.evidence.specs.codes[which]
        for concept in concepts:
            if sheet := known.evidence.sheet(concept):
                yield from _check_sheet(rule, sheet, codes)


def _check_sheet(rule: Rule, sheet: Sheet, codes: Mapping[str, Code]) -> Iterator[Evaluation]:
    yield from _orphans(rule, sheet)
    seen: dict[str, str] = {}
    for row in sheet.rows:
        code, name = sheet.code(row), sheet.name(row)
        if not code.isdigit() or not name:
            continue
        form, listed = _form(name), codes.get(code)
        told = _told(sheet, row, listed, _neighbour(code, form, codes))
        if sheet.spec.shape == "code_tree" and seen.setdefault(code, form) != form and not told:
            told = f"{sheet.place(row)}的科目编码 {code} 在同一张表里用于两个名称", None
        if told:
            text, expected = told
            column = sheet.spec.role("name")
            yield violated(rule.id, text, sheet.at(row, column), printed=f"{code} {name}", expected=expected)


def _orphans(rule: Rule, sheet: Sheet) -> Iterator[Evaluation]:
    """Report codes without the row of their class (or group), where the table prints all others; each once."""
    rows = {code: row for row in reversed(sheet.rows) if (code := sheet.code(row)).isdigit()}
    lengths = {len(code) for code in rows}
    missing: dict[str, Row] = {}
    for code, row in sorted(rows.items()):
        missing |= {code[:n]: row for n in lengths if n < len(code) and code[:n] not in rows | missing}
    if len(missing) == 1:
        ((code, row),) = missing.items()
        text = f"{sheet.place(row)}的上级 {code} 没有印出，别的科目都有上级一行：可能缺行，或编码有误"
        yield violated(rule.id, text, sheet.at(row, sheet.spec.role("code")), printed=sheet.code(row))


def _told(sheet: Sheet, row: Row, listed: Code | None, neighbour: Code | None) -> tuple[str, str | None] | None:
    """Return what is wrong with a code and its name, and what should be there; None where nothing is."""
    name = sheet.name(row)
    if listed and _form(name) in _forms(listed):
        return None
    if neighbour:
        text = f"{sheet.place(row)}印作“{name}”，那是科目 {neighbour.code} 的名称"
        return text, f"{neighbour.code} {name}"
    proper = (
        next((other for other in (listed.name, *listed.aliases) if _one_wrong(name, other)), None) if listed else None
    )
    return (f"{sheet.place(row)}印作“{name}”，与“{proper}”只差一个字，疑有错字", proper) if proper else None


def _form(name: str) -> str:
    return header_key(name).translate(_VARIANTS)


def _forms(code: Code) -> set[str]:
    return {_form(name) for name in (code.name, *code.aliases)}


def _neighbour(code: str, form: str, codes: Mapping[str, Code]) -> Code | None:
    """Return the only other code of the same group that has this name."""
    group = code[:-2] if len(code) > 3 else ""  # noqa: PLR2004 - 类
    found = [
        other
        for other in codes.values()
        if other.code != code
        and len(other.code) == len(code)
        and other.code.startswith(group)
        and form in _forms(other)
    ]
    return found[0] if len(found) == 1 else None


def _one_wrong(name: str, proper: str) -> bool:
    """Say whether two names differ in one character out of many: neither one more nor one less."""
    mine, theirs = _form(name), _form(proper)
    wrong: Sequence[bool] = [a != b for a, b in zip(mine, theirs, strict=False)]
    return len(mine) == len(theirs) >= _MIN_NAME and sum(wrong) == 1


def check_listed_items(rule: Rule, entry: Parameters, known: Quantities) -> Iterator[Evaluation]:
    """An item of a list is no class with one character wrong; says only what is."""
    classes = [code for code in known.evidence.specs.codes["functional"].values() if len(code.code) == 3]  # noqa: PLR2004 - 类
    proper = {_form(name): name for code in classes for name in (code.name, *code.aliases)}
    for sheet, columns in _lists(entry, known):
        for row in sheet.rows if "code" in columns else ():
            ordinal = split_ordinal(sheet.text(row, columns["item"]))
            name = ordinal.rest if ordinal else sheet.text(row, columns["item"])
            right = next((right for right in proper.values() if _one_wrong(name, right)), None)
            if right and _form(name) not in proper:
                text = f"{sheet.label}第{row['行次']}行印作“{name}”，与“{right}”只差一个字，疑有错字"
                yield violated(rule.id, text, sheet.at(row, columns["item"]), printed=name, expected=right)


def _lists(entry: Parameters, known: Quantities) -> Iterator[tuple[Sheet, Mapping[str, str]]]:
    """Yield the lists of the tables, each with its table and its columns."""
    for concept in entry["concepts"]:
        if sheet := known.evidence.sheet(concept):
            yield from ((sheet, columns) for columns in (sheet.spec.lists or {}).values())
