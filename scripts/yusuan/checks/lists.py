"""What the narrative lists and counts: names against the lines that are not zero, numbers against how many there are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from yusuan.checks.evaluation import Evaluation, agrees, not_applicable, violated
from yusuan.checks.evidence import Row, Sheet
from yusuan.checks.quantities import Missing, Quantities, list_items
from yusuan.checks.stated import loose, place, quote
from yusuan.rulebook import Rule
from yusuan.values import header_key

Parameters = Mapping[str, Any]

_REST = re.compile("^其[他它]|^等$|等$")
_JOINED = re.compile("[、，,;；]|以及|和(?=其[他它])|及(?=其[他它])")
_BY_USE = re.compile("用车$")
_IN_USE = re.compile("实有|现有|共有|保有")
_POSTS = re.compile("(.*?)(?:核定)?职数$")


def check_lists(rule: Rule, entries: Sequence[Parameters], known: Quantities) -> Iterator[Evaluation]:
    """The names listed in a sentence are those of the lines of a table that are not zero."""
    for entry in entries:
        sheet = known.evidence.sheet(entry["concept"])
        facts = [
            fact
            for fact in known.evidence.facts
            if fact["指标"] in entry["metrics"] and entry.get("subject") in {None, fact.get("对象")}
        ]
        if sheet is None or not facts:
            continue
        if "column" in entry:
            for fact in facts:
                yield from _check_usage(rule, entry, fact, sheet)
        else:
            yield from _check_composition(rule, facts, sheet, known)


def _check_usage(rule: Rule, entry: Parameters, fact: Row, sheet: Sheet) -> Iterator[Evaluation]:
    text = str(fact.get("用途") or "")
    stated = {header_key(name): name for name in _JOINED.split(text) if name and not _REST.search(name)}
    if not stated or entry["column"] not in sheet.columns:
        return
    rows = [row for row in sheet.leaves if row.get(entry["column"])]
    named = {header_key(sheet.name(row)): sheet.name(row) for row in rows}
    if not named:
        yield not_applicable(rule.id, f"{sheet.label}没有“{entry['column']}”的各款")
        return
    known = {header_key(sheet.name(row)) for row in sheet.rows}
    strange = [
        name for key, name in stated.items() if key not in named and (not entry.get("within") or key not in known)
    ]
    is_open = entry.get("within") or text.rstrip("。").endswith("等")
    unsaid = [] if is_open else [name for key, name in named.items() if key not in stated and not _REST.search(name)]
    yield _listed(rule, fact, sheet, strange, unsaid)


def _listed(rule: Rule, fact: Row, sheet: Sheet, strange: Sequence[str], unsaid: Sequence[str]) -> Evaluation:
    if not strange and not unsaid:
        return agrees(rule.id)
    told = [f"列举了{sheet.label}没有的{'、'.join(strange)}"] if strange else []
    told += [f"没有列举{sheet.label}里的{'、'.join(unsaid)}"] if unsaid else []
    expected, printed = "、".join(unsaid) or None, "、".join(strange) or None
    return violated(rule.id, f"{quote(fact)}{'，'.join(told)}", printed=printed, expected=expected, **place(fact))


def _check_composition(rule: Rule, facts: Sequence[Row], sheet: Sheet, known: Quantities) -> Iterator[Evaluation]:
    """Compare the sources and classes a section lists with the lines of the two lists of a table."""
    revenue = [fact for fact in facts if "收入" in str(fact["指标"])]
    expenditure = [fact for fact in facts if "支出" in str(fact["指标"])]
    strange, unsaid = _sources(revenue, sheet)
    classes = known.series("收支总表_按类" if sheet.spec.concept == "revenue_expenditure" else "财政拨款_按类")
    if expenditure and not isinstance(classes, Missing):
        stated = {known.evidence.classes.get(header_key(str(fact["对象"]))): fact for fact in expenditure}
        names = {code: figure.label for code, figure in classes.figures.items() if figure.value}
        unsaid += [] if classes.unassigned else [f"{code} 类" for code in names if code not in stated]
        strange += [
            str(fact["对象"])
            for code, fact in stated.items()
            if code is not None and code not in names and fact["金额"]
        ]
    yield _listed(rule, facts[0], sheet, strange, unsaid)


def _sources(facts: Sequence[Row], sheet: Sheet) -> tuple[list[str], list[str]]:
    """Return the sources that only the text names, and those beside them that only the table has."""
    if not facts:
        return [], []
    items = [(row, columns, sheet.text(row, columns["path"])) for row, columns in list_items(sheet, "收入")]
    stated = {loose(str(fact["对象"])): fact for fact in facts}
    found = {path.rpartition("/")[0] for _, _, path in items if loose(path.split("/")[-1]) in stated}
    names = {loose(path.split("/")[-1]) for _, _, path in items}
    unsaid = [
        path
        for row, columns, path in items
        if path.rpartition("/")[0] in found and loose(path.split("/")[-1]) not in stated
        if row.get(columns["amount"]) and row.get(columns["kind"]) != "合计" and "结转" not in path
        if not any(f"{whole}/".startswith(f"{path}/") for whole in found)  # its parts are told instead
    ]
    strange = [str(fact["对象"]) for key, fact in stated.items() if key not in names and fact["金额"]]
    return (strange, unsaid) if found else ([], [])


# ----------------------------------------------------------------------------------------------------------- counts


def check_counts(rule: Rule, _entry: Parameters, known: Quantities) -> Iterator[Evaluation]:
    """A number of classes, projects or vehicles in a sentence is how many there are."""
    facts = known.evidence.facts
    for fact in facts:
        count = fact.get("数量")
        if not isinstance(count, int):
            continue
        if fact["指标"] == "功能分类类数":
            listed = [f for f in facts if f["节"] == fact["节"] and "功能分类" in str(f["指标"]) and f.get("金额")]
            if listed:
                yield _counted(rule, fact, count, len(listed), "正文列出的类")
        elif fact["指标"] == "绩效目标管理":
            yield from _check_projects(rule, fact, count, known)
    yield from _check_offices(rule, known)
    yield from _check_vehicles(rule, known)


def _check_offices(rule: Rule, known: Quantities) -> Iterator[Evaluation]:
    """A number of internal offices is how many are named."""
    stated, offices = known.evidence.offices, known.evidence.narrative.get("internal_offices", ())
    if stated is None or not offices:
        return
    if stated == len(offices):
        yield agrees(rule.id)
    else:
        text = f"正文说有 {stated} 个科室，列出的有 {len(offices)} 个"
        told: dict[str, Any] = {"severity": "warning", "printed": str(stated), "expected": str(len(offices))}
        yield violated(rule.id, text, **told, **place(offices[0]))


def _counted(rule: Rule, fact: Row, stated: int, actual: int, what: str) -> Evaluation:
    if stated == actual:
        return agrees(rule.id)
    text = f"{quote(fact)}说 {stated} 个，{what}有 {actual} 个"
    return violated(rule.id, text, printed=str(stated), expected=str(actual), **place(fact))


def _check_projects(rule: Rule, fact: Row, count: int, known: Quantities) -> Iterator[Evaluation]:
    sheet = known.evidence.sheet("project_performance")
    if sheet and sheet.leaves:
        yield _counted(rule, fact, count, len(sheet.leaves), f"{sheet.label}的项目")
    projects = known.evidence.narrative.get("key_projects", ())
    if projects:  # only the more important projects may be listed in the text
        yield _counted(rule, fact, count, max(count, len(projects)), "正文列出的重点项目")


def _check_vehicles(rule: Rule, known: Quantities) -> Iterator[Evaluation]:
    """Vehicles by use add up to the vehicles in use, and every place says the same number."""
    groups: list[tuple[Row, list[Row]]] = []
    for row in known.evidence.narrative.get("vehicles", ()):
        if _BY_USE.search(str(row["项目"])) and groups and groups[-1][0]["节"] == row["节"]:
            groups[-1][1].append(row)
        else:
            groups.append((row, []))
    in_use: list[Row] = []
    for whole, uses in groups:
        if not _IN_USE.search(str(whole["项目"])) or _BY_USE.search(str(whole["项目"])):
            continue
        in_use.append(whole)
        if len(uses) > 1:
            yield _same_count(rule, whole, sum(int(str(row["数量"])) for row in uses), "按用途划分之和")
    if len(in_use) > 1:
        yield _same_count(rule, in_use[-1], int(str(in_use[0]["数量"])), f"{in_use[0]['节']}说的数")


def _same_count(rule: Rule, row: Row, other: int, what: str) -> Evaluation:
    if row["数量"] == other:
        return agrees(rule.id)
    text = f"{row['节']}“{row['项目']}”为 {row['数量']} 辆，{what}为 {other} 辆"
    return violated(rule.id, text, printed=str(row["数量"]), expected=str(other), **place(row))


def check_staffing(rule: Rule, _entry: Parameters, known: Quantities) -> Iterator[Evaluation]:
    """No more people than posts, in all and among the leaders."""
    rows = known.evidence.narrative.get("staffing", ())
    posts = [row for row in rows if row["类别"] == "编制" and str(row["项目"]).endswith("编制")]
    people = [row for row in rows if row["类别"] == "实有" and "在编" in str(row["项目"])]
    if posts and len(people) == 1:
        yield _no_more(rule, people, sum(int(str(row["人数"])) for row in posts), "编制")
    for row in rows:
        match = _POSTS.fullmatch(str(row["项目"]))
        filled = [r for r in rows if match and str(r["项目"]).startswith(f"{match[1].removesuffix('核定')}实配")]
        if match and filled:
            yield _no_more(rule, filled, int(str(row["人数"])), str(row["项目"]))


def _no_more(rule: Rule, filled: Sequence[Row], posts: int, what: str) -> Evaluation:
    count = sum(int(str(row["人数"])) for row in filled if row.get("人数") is not None)
    if count <= posts:
        return agrees(rule.id)
    names = "、".join(str(row["项目"]) for row in filled)
    text = f"{names}共 {count} 人，超过{what} {posts}"
    return violated(rule.id, text, printed=str(count), expected=f"不超过 {posts}", **place(filled[0]))
