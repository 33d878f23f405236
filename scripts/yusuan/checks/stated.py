"""What the narrative says about amounts, held against the tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from yusuan.checks.arithmetic import Figure, equal, printed, total
from yusuan.checks.evaluation import SENTENCE, Evaluation, agrees, compared, not_applicable, number, violated
from yusuan.checks.evidence import Row, Sheet
from yusuan.checks.quantities import Missing, Quantities, list_items
from yusuan.checks.similarity import is_misprint
from yusuan.rulebook import Rule, Statement
from yusuan.values import header_key, plain

Parameters = Mapping[str, Any]

_LEVELS = re.compile(r"\(\d*([类款项])\d*\)")
_MONEY_WORDS = re.compile("(?:拨款|收入|资金|预算)+$")
_MAX_QUOTE = 60
#: Between an item and what a sentence tells apart in it: `机构运行（项）·基本支出`.
PART = "·"


def quote(fact: Row) -> str:
    """Return where a fact stands and how its sentence begins."""
    sentence = str(fact.get("原文") or "")
    section = f"（{fact['节']}）" if fact.get("节") else ""
    return f"正文{section}“{sentence[:_MAX_QUOTE]}{'…' if len(sentence) > _MAX_QUOTE else ''}”"


def fact_figure(fact: Row, column: str = "金额") -> Figure | None:
    """Return an amount the narrative states, None where it states none."""
    value = fact.get(column)
    if not isinstance(value, Decimal):
        return None
    return printed(value, f"{SENTENCE}{fact.get('序')}", f"{quote(fact)}中的{fact.get('对象') or ''}")


def place(fact: Row) -> dict[str, Any]:
    """Return page and line of a narrative record."""
    page, line = fact.get("页"), fact.get("首行")
    return {"page": page if isinstance(page, int) else None, "line": line if isinstance(line, int) else None}


def at_fact(evaluation: Evaluation, fact: Row) -> Evaluation:
    """Return an evaluation that points at the sentence rather than at a cell."""
    return replace(evaluation, **place(fact))


# ------------------------------------------------------------------------------------------------ amounts and tables


def check_amounts(rule: Rule, _entry: Parameters, known: Quantities) -> Iterator[Evaluation]:
    """Every amount of the narrative equals the cells it speaks of."""
    for fact in known.evidence.facts:
        stated = fact_figure(fact)
        if stated is None:
            continue
        metric, subject = str(fact["指标"]), str(fact.get("对象") or "")
        statement = known.book.statement(metric, subject)
        figures = _meant(statement, subject, stated, known) if statement else Missing("这个说法没有对应的表格项目")
        if isinstance(figures, Missing):
            yield not_applicable(rule.id, f"{metric}·{subject}：{figures.reason}")
            continue
        yield at_fact(_worst(rule, stated, figures), fact)


def _worst(rule: Rule, stated: Figure, figures: Sequence[Figure]) -> Evaluation:
    order = ("exact", "within_rounding", "violated")
    found = [compared(rule.id, equal(stated, figure, rule.tolerance), stated, figure) for figure in figures]
    return max(found, key=lambda item: order.index(item.grade))


def _meant(statement: Statement, subject: str, stated: Figure, known: Quantities) -> list[Figure] | Missing:
    """Return the numbers of the tables that a statement speaks of."""
    if statement.list is not None:
        return _in_list(statement.list, subject, known)
    if statement.series:
        return _in_series(statement.series, subject, known)
    if statement.items is not None:
        return _in_items(statement.items, subject, stated, known)
    found = [known.figure(name) for name in (*statement.equals, *statement.sum)]
    figures = [figure for figure in found if isinstance(figure, Figure)]
    missing = [figure for figure in found if isinstance(figure, Missing)]
    if not figures or (statement.sum and missing):
        return missing[0]
    return [total(figures, " + ".join(figure.label for figure in figures))] if statement.sum else figures


def _in_list(entry: Mapping[str, str], subject: str, known: Quantities) -> list[Figure] | Missing:
    sheet = known.evidence.sheet(entry["concept"])
    if sheet is None:
        return Missing(f"没有{known.evidence.label(entry['concept'])}")
    found = [
        (row, columns) for row, columns in list_items(sheet, entry["list"]) if _is_item(sheet, row, columns, subject)
    ]
    if not found:
        return Missing(f"{sheet.label}没有“{subject}”这一项")
    row, columns = found[0]
    figure = sheet.figure(row, columns["amount"])
    return [figure] if figure else Missing(f"{sheet.label}“{subject}”空白")


def _is_item(sheet: Sheet, row: Row, columns: Mapping[str, str], subject: str) -> bool:
    return loose(sheet.text(row, columns["path"]).split("/")[-1]) == loose(subject)


def loose(name: str) -> str:
    """Return the matching form of a revenue item: 一般公共预算拨款收入 and 一般公共预算 are the same."""
    key = header_key(name)
    return _MONEY_WORDS.sub("", key) or key


def _in_series(names: Sequence[str], subject: str, known: Quantities) -> list[Figure] | Missing:
    code = known.evidence.classes.get(header_key(subject))
    if code is None:
        return Missing(f"“{subject}”不是认得的类")
    figures = []
    for name in names:
        numbers = known.series(name)
        if isinstance(numbers, Missing):
            continue
        if code in numbers.figures:
            figures.append(numbers.figures[code])
        elif not numbers.unassigned:
            figures.append(
                Figure(Decimal(0), label=f"{known.evidence.label(known.book.series[name].concept)}没有的 {code}")
            )
    return figures or Missing(f"表里没有 {code}")


def _in_items(entry: Mapping[str, str], subject: str, stated: Figure, known: Quantities) -> list[Figure] | Missing:
    sheet = known.evidence.sheet(entry["concept"])
    column = entry.get(subject.rpartition(PART)[2], entry["column"])
    if sheet is None or column not in sheet.columns:
        return Missing(f"没有{known.evidence.label(entry['concept'])}或其中的“{column}”")
    rows = find_items(sheet, subject, known, stated if column == entry["column"] else None)
    if not rows:
        return Missing(f"{sheet.label}里认不出“{subject}”")
    figures = [figure for row in rows if (figure := sheet.figure(row, column)) is not None]
    if not figures:
        return Missing(f"{sheet.label}“{subject}”空白")
    label = f"{sheet.label}{sheet.code(rows[0])}各行“{column}”之和"
    return figures if len(figures) == 1 else [total(figures, label)]


# ---------------------------------------------------------------------------------------- items by their path of names


def path_of(subject: str) -> dict[str, str]:
    """Return the names in `X（类）Y（款）Z（项）` by level."""
    names: dict[str, str] = {}
    start = 0
    form = plain(subject)
    for match in _LEVELS.finditer(form):
        names[match[1]] = form[start : match.start()]
        start = match.end()
    return names


def find_item(sheet: Sheet, subject: str, known: Quantities, stated: Figure | None = None) -> Row | None:
    """Return the only row a path of names can mean; a misprinted name is found by its amount."""
    rows = find_items(sheet, subject, known, stated)
    return rows[0] if len(rows) == 1 else None


def find_items(sheet: Sheet, subject: str, known: Quantities, stated: Figure | None = None) -> list[Row]:
    """Return the rows of the only code a path of names can mean: one, or one for each unit."""
    names = path_of(subject)
    name = names.get("项") or names.get("款") or names.get("类") or subject
    rows = [row for row in sheet.rows if sheet.code(row).isdigit()]
    same = [row for row in rows if stated is not None and stated.value and row.get("合计") == stated.value]
    found = [row for row in rows if header_key(sheet.name(row)) == header_key(name)]
    fitting = [row for row in found if _levels_fit(sheet.code(row), names, known)]
    if not fitting:  # a name is misprinted somewhere on the path: the amount must vouch for the item
        fitting = [row for row in same if row in found or is_misprint(header_key(sheet.name(row)), header_key(name))]
    return fitting if len({sheet.code(row) for row in fitting}) == 1 else []


def _levels_fit(code: str, names: Mapping[str, str], known: Quantities) -> bool:
    return all(
        level not in names or proper is None or header_key(proper) == header_key(names[level])
        for level, proper in level_names(code, known).items()
    )


def level_names(code: str, known: Quantities) -> dict[str, str | None]:
    """Return the names of the class and group of a code as the code list has them, None where it has none."""
    listed = known.evidence.specs.codes["functional"]
    return {
        level: listed[code[:length]].name if code[:length] in listed else None
        for level, length in (("类", 3), ("款", 5))
        if length < len(code)
    }


def check_path(rule: Rule, entry: Parameters, known: Quantities) -> Iterator[Evaluation]:
    """The names of 类, 款 and 项 in a sentence are those of the code they lead to."""
    sheet = known.evidence.sheet(entry["concept"])
    for fact in known.evidence.facts:
        subject = str(fact.get("对象") or "")
        if "项级" not in str(fact["指标"]) or PART in subject:
            continue
        row = find_item(sheet, subject, known, fact_figure(fact)) if sheet else None
        if sheet is None or row is None:
            yield not_applicable(rule.id, f"认不出“{subject}”是哪个科目")
            continue
        yield from _check_names(rule, fact, sheet, row, known)


def _check_names(rule: Rule, fact: Row, sheet: Sheet, row: Row, known: Quantities) -> Iterator[Evaluation]:
    names, code = path_of(str(fact["对象"])), sheet.code(row)
    proper = {**level_names(code, known), "项": sheet.name(row)}
    wrong = [
        (level, names[level], name)
        for level, name in proper.items()
        if name and level in names and header_key(name) != header_key(names[level])
    ]
    if not wrong:
        yield agrees(rule.id)
    for level, mine, name in wrong:
        text = f"{quote(fact)}把科目 {code} 的{level}写作“{mine}”，应为“{name}”"
        yield violated(rule.id, text, sheet.at(row), printed=mine, expected=name, **place(fact))


def check_scope(rule: Rule, entry: Parameters, known: Quantities) -> Iterator[Evaluation]:
    """An item that is said to be all basic (or all project) expenditure has nothing of the other."""
    sheet = known.evidence.sheet(entry["concept"])
    for fact in known.evidence.facts:
        kind = next((word for word in ("基本支出", "项目支出") if word in str(fact.get("范围") or "")), None)
        if kind is None or "项级" not in str(fact["指标"]):
            continue
        column = entry[kind]
        row = find_item(sheet, str(fact.get("对象") or ""), known, fact_figure(fact)) if sheet else None
        figure = sheet.figure(row, column) if sheet and row and column in sheet.columns else None
        if figure is None:
            yield not_applicable(rule.id, f"认不出“{fact.get('对象')}”，或表里没有“{column}”")
        elif not figure.value:
            yield agrees(rule.id)
        else:
            text = f"{quote(fact)}说{fact['范围']}，{figure.label}却有 {number(figure.value)}"
            yield violated(
                rule.id, text, figure.at, printed=str(figure.value), expected="0", cells=figure.cells, **place(fact)
            )


# --------------------------------------------------------------------------------------------- nothing, and coverage


def check_nil_statements(rule: Rule, entry: Parameters, known: Quantities) -> Iterator[Evaluation]:
    """Where the narrative says there is none, the table is empty."""
    done: set[str] = set()
    for fact in known.evidence.facts:
        subject = str(fact.get("对象") or "")
        concept = next((concept for word, concept in entry.items() if word in subject), None)
        if fact["指标"] != "无数据声明" or concept is None or concept in done:
            continue
        done.add(concept)
        sheet = known.evidence.sheet(concept)
        if sheet is None:
            yield not_applicable(rule.id, f"没有{known.evidence.label(concept)}")
        elif sheet.is_nil:
            yield agrees(rule.id)
        else:
            text = f"{quote(fact)}说没有，{sheet.label}却有数据"
            at = sheet.at(sheet.rows[0]) if sheet.rows else None
            yield violated(rule.id, text, at, **place(fact))


def check_cover(
    rule: Rule, entries: Sequence[Parameters], known: Quantities, sections: Mapping[str, str]
) -> Iterator[Evaluation]:
    """What a table gives beside 三公 is explained in its section of the narrative, given by topic."""
    for entry in entries:
        figure, section = known.figure(entry["quantity"]), sections.get(entry["topic"])
        if isinstance(figure, Missing) or not figure.value or section is None:
            continue
        if any(word in section for word in entry["words"]):
            yield agrees(rule.id)
        else:
            text = f"{figure.label}为 {number(figure.value)}，正文没有说明"
            yield violated(rule.id, text, figure.at, printed=str(figure.value), cells=figure.cells)


def check_usage(rule: Rule, entry: Parameters, known: Quantities) -> Iterator[Evaluation]:
    """A project item that is said to buy equipment has a line among the procurements."""
    bought = known.evidence.sheet(entry["concept"])
    items = known.evidence.sheet("general_public_expenditure")
    for fact in known.evidence.facts:
        usage = str(fact.get("用途") or "")
        word = next((word for word in entry["words"] if word in usage), None)
        if word is None or "项目支出" not in str(fact.get("范围") or "") or bought is None or items is None:
            continue
        row = find_item(items, str(fact.get("对象") or ""), known, fact_figure(fact))
        if row is None:
            continue
        code = items.code(row)
        if any(bought.code(line) == code for line in bought.leaves):
            yield agrees(rule.id)
        else:
            text = f"{quote(fact)}说用于{word}，{bought.label}却没有科目 {code} 的采购（低于限额、不在目录的可以没有）"
            yield violated(rule.id, text, items.at(row), **place(fact))
