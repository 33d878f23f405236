"""The key projects of the narrative against the table of project targets."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from yusuan.checks.arithmetic import equal, printed
from yusuan.checks.evaluation import Evaluation, agrees, compared, not_applicable, violated
from yusuan.checks.evidence import Row, Sheet
from yusuan.checks.quantities import Quantities
from yusuan.checks.similarity import is_alike, likeness
from yusuan.checks.stated import at_fact, place
from yusuan.rulebook import Rule
from yusuan.values import header_key, plain

_AMOUNT, _GOAL = "预算资金总额", "年度绩效目标"


def check_projects(rule: Rule, aspect: str, known: Quantities) -> Iterator[Evaluation]:
    """One aspect of every key project: its name, its amount or its goal."""
    sheet = known.evidence.sheet("project_performance")
    projects = known.evidence.narrative.get("key_projects", ())
    if sheet is None or not sheet.leaves:
        if projects:
            yield not_applicable(rule.id, "没有绩效表的项目可以对照")
        return
    for project in projects:
        row = _match(project, sheet)
        if aspect == "name":
            yield _check_name(rule, project, row, sheet)
        elif row is None:
            yield not_applicable(rule.id, f"绩效表里没有“{project['项目名称']}”")
        elif aspect == "amount":
            yield from _check_amount(rule, project, row, sheet)
        else:
            yield from _check_goal(rule, project, row, sheet)


def _match(project: Row, sheet: Sheet) -> Row | None:
    """Return the row of a project: of the same name, else of the same amount and a similar name.

    Of several projects of one name it is the one of the same amount, any of those where that is several too.
    """
    name = header_key(str(project["项目名称"]))
    same = [row for row in sheet.leaves if header_key(sheet.text(row, "项目名称")) == name]
    if same:
        return next((row for row in same if row.get(_AMOUNT) == project.get("预算数")), same[0])
    alike = [
        row
        for row in sheet.leaves
        if row.get(_AMOUNT) == project.get("预算数") and is_alike(header_key(sheet.text(row, "项目名称")), name)
    ]
    return alike[0] if len(alike) == 1 else None


def _check_name(rule: Rule, project: Row, row: Row | None, sheet: Sheet) -> Evaluation:
    mine = str(project["项目名称"])
    if row is None:
        return violated(rule.id, f"正文的重点项目“{mine}”不在绩效表里", printed=mine, **place(project))
    theirs = sheet.text(row, "项目名称")
    if header_key(mine) == header_key(theirs):
        return agrees(rule.id)
    text = f"同一项目（金额 {project['预算数']}）在正文写作“{mine}”，在{sheet.place(row)}写作“{theirs}”，疑有错字"
    cells = (sheet.cell(row, "项目名称"),)
    return violated(
        rule.id, text, sheet.at(row, "项目名称"), printed=theirs, expected=mine, cells=cells, **place(project)
    )


def _check_amount(rule: Rule, project: Row, row: Row, sheet: Sheet) -> Iterator[Evaluation]:
    value, figure = project.get("预算数"), sheet.figure(row, _AMOUNT)
    if isinstance(value, Decimal) and figure is not None:
        left = printed(value, label=f"正文重点项目“{project['项目名称']}”的预算数")
        yield at_fact(compared(rule.id, equal(left, figure, rule.tolerance), left, figure), project)


def _check_goal(rule: Rule, project: Row, row: Row, sheet: Sheet) -> Iterator[Evaluation]:
    mine, theirs = plain(str(project.get("绩效目标") or "")), plain(sheet.text(row, _GOAL))
    if not mine or not theirs:
        return
    if header_key(mine) == header_key(theirs):
        yield agrees(rule.id)
        return
    ratio = likeness(mine, theirs)
    text = f"项目“{project['项目名称']}”的绩效目标，正文与{sheet.place(row)}的文字不同（相似 {ratio:.0%}）"
    cells = (sheet.cell(row, _GOAL),)
    yield violated(rule.id, text, sheet.at(row, _GOAL), printed=theirs, expected=mine, cells=cells, **place(project))
