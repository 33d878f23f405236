"""Rules about how tables are made: empty tables, numbering, names and codes, index rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from yusuan.checks.arithmetic import equal, total
from yusuan.checks.evaluation import Evaluation, agrees, not_applicable, violated
from yusuan.checks.evidence import Row, Sheet
from yusuan.checks.quantities import Quantities
from yusuan.frame import split_organisation
from yusuan.rulebook import Rule
from yusuan.tables.shapes import says_nil
from yusuan.values import header_key

Parameters = Mapping[str, Any]


def check_nil(rule: Rule, entry: Parameters, known: Quantities) -> Iterator[Evaluation]:
    """A table without data says so, and a table that says so has none."""
    for concept in (*entry["concepts"], *entry.get("noted", ())):
        sheet = known.evidence.sheet(concept)
        if sheet is None:
            continue
        page, line = sheet.first
        if says_nil(sheet.note) and not sheet.is_nil:
            yield violated(rule.id, f"{_title(sheet)}注明无数据，表中却有数据", page=page, line=line)
        elif concept not in entry["concepts"]:
            continue
        elif sheet.is_nil and says_nil(sheet.note):
            yield agrees(rule.id)
        elif sheet.is_nil and all(row["行类型"] == "合计" for row in sheet.rows):
            text = f"{_title(sheet)}是空表，但没有说明“本表无数据”"
            at = sheet.at(sheet.rows[0]) if sheet.rows else None
            yield violated(rule.id, text, at, page=page, line=line, severity="warning")


def _title(sheet: Sheet) -> str:
    return f"{sheet.label}{sheet.title or sheet.spec.title}"


def check_total_row(rule: Rule, entry: Parameters, known: Quantities) -> Iterator[Evaluation]:
    """Several rows that nothing sums up cannot be checked; only some places print tables so, or with 小计 alone."""
    for concept in entry["concepts"]:
        sheet = known.evidence.sheet(concept)
        if sheet and len(sheet.rows) > 1 and not any(row["行类型"] in {"合计", "小计"} for row in sheet.rows):
            page, line = sheet.first
            yield violated(rule.id, f"{_title(sheet)}没有合计行，各行之和无从核对", page=page, line=line)
        if sheet:
            yield from _total_again(rule, sheet)


def _total_again(rule: Rule, sheet: Sheet) -> Iterator[Evaluation]:
    """Report a total row that stands a second time, alike in everything."""
    totals = [row for row in sheet.rows if row["行类型"] == "合计"]
    for row in totals[1:]:
        if all(row.get(name) == totals[0].get(name) for name in sheet.spec.measures):
            text = f"{_title(sheet)}的合计行在第{totals[0]['行次']}行和第{row['行次']}行各印了一次"
            yield violated(rule.id, text, sheet.at(row))


def check_duplicates(rule: Rule, entry: Parameters, known: Quantities) -> Iterator[Evaluation]:
    """Rows alike in everything are things alike, unless the total only holds without them."""
    sheet = known.evidence.sheet(entry["concept"])
    if sheet is None:
        return
    by_parent: dict[object, list[Row]] = defaultdict(list)
    for row in sheet.leaves:
        by_parent[row.get("上级行")].append(row)
    for parent, rows in by_parent.items():
        once = list({_likeness(row): row for row in rows}.values())
        if len(once) < len(rows):
            yield _doubled(rule, sheet, parent, rows, once)


def _likeness(row: Row) -> tuple[object, ...]:
    return tuple(value for key, value in sorted(row.items()) if key not in {"行次", "页", "源行"})


def _doubled(rule: Rule, sheet: Sheet, parent: object, rows: Sequence[Row], once: Sequence[Row]) -> Evaluation:
    kept = {id(row) for row in once}
    surplus = next(row for row in rows if id(row) not in kept)
    whole = next((row for row in sheet.rows if row["行次"] == parent), None)
    measure = next((name for name in sheet.spec.measures if surplus.get(name)), None)
    if whole is None or measure is None:
        return agrees(rule.id)
    left = sheet.figure(whole, measure)
    with_all, with_once = (total(f for row in some if (f := sheet.figure(row, measure))) for some in (rows, once))
    if left and equal(left, with_all).grade == "violated" and equal(left, with_once).grade != "violated":
        text = f"{sheet.place(surplus)}与另一行完全相同，去掉它“{measure}”才等于合计：可能是重复印刷"
        return violated(rule.id, text, sheet.at(surplus), severity="warning")
    return agrees(rule.id)


def check_sequence(rule: Rule, entry: Parameters, known: Quantities) -> Iterator[Evaluation]:
    """Printed numbers count from 1 without a gap."""
    sheet = known.evidence.sheet(entry["concept"])
    if sheet is None or entry["column"] not in sheet.columns or not sheet.rows:
        yield not_applicable(rule.id, f"没有{known.evidence.label(entry['concept'])}或其中的“{entry['column']}”")
        return
    for expected, row in enumerate(sheet.rows, 1):
        if row.get(entry["column"]) != expected:
            printed = str(row.get(entry["column"]) or "")
            text = f"{sheet.place(row)}的{entry['column']}印作“{printed}”，应为 {expected}：可能缺行、多行或次序有误"
            yield violated(rule.id, text, sheet.at(row, entry["column"]), printed=printed, expected=str(expected))
            return
    yield agrees(rule.id)


def check_filled(rule: Rule, entry: Parameters, known: Quantities) -> Iterator[Evaluation]:
    """Every leaf row has something in each of some columns and in at least one of others."""
    sheet = known.evidence.sheet(entry["concept"])
    for row in sheet.leaves if sheet else ():
        blank = [name for name in entry["every"] if not row.get(name)]
        if not any(row.get(name) for name in entry["some"]):
            blank.append("、".join(entry["some"]))
        if blank and sheet:
            project = sheet.text(row, sheet.spec.role("project"))
            text = f"{sheet.place(row)}“{project}”没有{'、'.join(blank)}"
            yield violated(rule.id, text, sheet.at(row, blank[0] if len(blank[0]) < 12 else None))  # noqa: PLR2004 - one name, not a list of them
        else:
            yield agrees(rule.id)


def check_rows_in(rule: Rule, entry: Parameters, known: Quantities) -> Iterator[Evaluation]:
    """Every code of one table is in another."""
    sheet, within = known.evidence.sheet(entry["concept"]), known.evidence.sheet(entry["within"])
    if sheet is None or within is None or not any(map(sheet.code, sheet.leaves)) or not within.leaves:
        yield not_applicable(rule.id, f"没有{known.evidence.label(entry['concept'])}的明细，或没有可以对照的表")
        return
    codes = {within.code(row) for row in within.rows}
    strange = {sheet.code(row): row for row in sheet.leaves if sheet.code(row) and sheet.code(row) not in codes}
    if not strange:
        yield agrees(rule.id)
    for code, row in strange.items():
        text = f"{sheet.place(row)}的科目 {code} 不在{within.label}里"
        yield violated(rule.id, text, sheet.at(row, sheet.spec.role("code")), printed=code)


# ------------------------------------------------------------------------------------------------ names and codes


def check_organisations(rule: Rule, _entry: Parameters, known: Quantities) -> Iterator[Evaluation]:
    """One code, one name; the code of a unit begins with that of its department."""
    found = list(_organisations(known))
    if not found:
        yield not_applicable(rule.id, "各表没有印部门（单位）代码和名称")
        return
    yield from _one_name_each(rule, found, known)
    yield from _one_code_each(rule, found)
    yield from _levels_left_out(rule, known)
    departments = {code for _, row, code, _ in found if row["行类型"] == "部门"}
    lost = [
        (sheet, row, code, above)
        for sheet, row, code, _ in found
        if row["行类型"] != "部门" and (above := _department_above(sheet, row) or tuple(sorted(departments)))
        if not code.startswith(above)
    ]
    if not lost:
        yield agrees(rule.id)
    for sheet, row, code, above in lost:
        text = f"{sheet.place(row)}的单位代码 {code} 不以部门代码 {'、'.join(above)} 开头"
        yield violated(rule.id, text, sheet.at(row, sheet.spec.role("organisation")), printed=code)


def _department_above(sheet: Sheet, row: Row) -> tuple[str, ...]:
    """Return the code of the department whose sum a unit's row is part of."""
    above = next((other for other in sheet.rows if other["行次"] == row.get("上级行")), None)
    code = sheet.text(above, sheet.spec.role("organisation")) if above and above["行类型"] == "部门" else ""
    return (code,) if code.isdigit() else ()


def _one_code_each(rule: Rule, found: Sequence[tuple[Sheet, Row, str, str]]) -> Iterator[Evaluation]:
    """Report rows whose name has another code, as long as theirs, everywhere else."""
    codes: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for _, _, code, name in found:
        codes[len(code), header_key(name)][code] += 1
    for sheet, row, code, name in found:
        counter = codes[len(code), header_key(name)]
        usual, count = counter.most_common(1)[0]
        if code != usual and counter[code] == 1 < count:
            text = f"{sheet.place(row)}“{name}”的代码印作 {code}，别处为 {usual}"
            yield violated(rule.id, text, sheet.at(row, sheet.spec.role("organisation")), printed=code, expected=usual)


def _levels_left_out(rule: Rule, known: Quantities) -> Iterator[Evaluation]:
    """Report a table with items but without the rows of 部门 or 单位 that all other such tables have."""
    sheets = [s for s in known.evidence.sheets.values() if s.spec.role("organisation") in s.columns and len(s.rows) > 1]
    sheets = [
        s for s in sheets if not any(name in s.columns for name in s.spec.roles("line"))
    ]  # other rows sum up lines
    for level in ("部门", "单位"):
        without = [sheet for sheet in sheets if not any(row["行类型"] == level for row in sheet.rows)]
        without = [sheet for sheet in without if level == "部门" or not sheet.spec.role("organisation_name")]
        if len(without) == 1 and len(sheets) > 2:  # noqa: PLR2004 - one against several
            page, line = without[0].first
            text = f"{_title(without[0])}没有{level}的一行，其他各表都有"
            yield violated(rule.id, text, without[0].at(without[0].rows[0]), page=page, line=line, severity="warning")


def _organisations(known: Quantities) -> Iterator[tuple[Sheet, Row, str, str]]:
    """Yield the rows that print an organisation's code, with code and name; a project's row names its unit again."""
    for sheet in known.evidence.sheets.values():
        spec = sheet.spec
        code_column = spec.role("organisation")
        name_column = spec.role("organisation_name") or spec.role("name")
        for row in sheet.rows if code_column else ():
            code, name = sheet.text(row, code_column), sheet.text(row, name_column)
            if code.isdigit() and name and (row["行类型"] in {"部门", "单位"} or spec.role("organisation_name")):
                yield sheet, row, code, split_organisation(name)[1]


def _one_name_each(rule: Rule, found: Sequence[tuple[Sheet, Row, str, str]], known: Quantities) -> Iterator[Evaluation]:
    names: dict[str, Counter[str]] = defaultdict(Counter)
    for _, _, code, name in found:
        names[code][header_key(name)] += 1
    own = known.evidence.unit.split("-")[-1]
    names[own][header_key(known.evidence.name)] += 1 if own in names else 0
    usual = {code: max(counter, key=lambda key: counter[key]) for code, counter in names.items() if counter}
    if own in usual and own.isdigit():
        usual[own] = header_key(known.evidence.name)
    odd = [item for item in found if header_key(item[3]) != usual[item[2]]]
    if not odd:
        yield agrees(rule.id)
    for sheet, row, code, name in odd:
        proper = next((n for _, _, c, n in found if c == code and header_key(n) == usual[code]), known.evidence.name)
        text = f"代码 {code} 的名称在{sheet.place(row)}印作“{name}”，别处为“{proper}”"
        column = sheet.spec.role("organisation_name") or sheet.spec.role("name")
        yield violated(rule.id, text, sheet.at(row, column), printed=name, expected=proper)


def check_names(rule: Rule, entry: Parameters, known: Quantities) -> Iterator[Evaluation]:
    """One classification code, one name, in all tables."""
    found: dict[str, list[tuple[str, Sheet, Row]]] = defaultdict(list)
    for concept in entry["concepts"]:
        sheet = known.evidence.sheet(concept)
        if sheet is None:
            continue
        for row in sheet.rows:
            code, name = sheet.code(row), sheet.name(row)
            if code.isdigit() and name:
                found[code].append((name, sheet, row))
    if not found:
        yield not_applicable(rule.id, "各表没有印科目编码和名称")
        return
    odd = [item for code, items in found.items() for item in _odd_ones(code, items, known)]
    if not odd:
        yield agrees(rule.id)
    for name, sheet, row, proper in odd:
        text = f"科目 {sheet.code(row)} 的名称在{sheet.place(row)}印作“{name}”，别处为“{proper}”"
        yield violated(rule.id, text, sheet.at(row, sheet.spec.role("name")), printed=name, expected=proper)


def _odd_ones(
    code: str, items: Sequence[tuple[str, Sheet, Row]], known: Quantities
) -> Iterator[tuple[str, Sheet, Row, str]]:
    """Yield the rows whose name is not the usual one; where two are equally usual, the code list decides."""
    counter = Counter(header_key(name) for name, _, _ in items)
    listed = known.evidence.specs.codes["functional"].get(code)
    proper = header_key(listed.name) if listed else ""
    usual = max(counter, key=lambda key: (counter[key], key == proper))
    text = next(name for name, _, _ in items if header_key(name) == usual)
    yield from ((name, sheet, row, text) for name, sheet, row in items if header_key(name) != usual)


# ------------------------------------------------------------------------------------------------------ index rows


def check_index(rule: Rule, _entry: Parameters, known: Quantities) -> Iterator[Evaluation]:
    """The numbers of an index row stand above the money columns, one each."""
    for sheet in known.evidence.sheets.values():
        amounts = {number for name, number in sheet.columns.items() if name in sheet.spec.measures}
        crooked = [row for row in sheet.index if _numbered(row.texts) != amounts]
        if sheet.index and not crooked:
            yield agrees(rule.id)
        elif crooked:
            count = sum(bool(text.strip()) for text in crooked[0].texts.values())
            text = f"{_title(sheet)}的栏次行有 {count} 个编号，金额列有 {len(amounts)} 个，编号与金额列没有一一对齐；按表头读取"
            yield violated(rule.id, text, page=crooked[0].page, line=crooked[0].line)


def _numbered(texts: Mapping[int, str]) -> set[int]:
    return {number for number, text in texts.items() if text.strip().isdigit()}
