"""Budgets of invented units, so that there is more than one unit and more than one year to look at.

Everything in them is made up, and their names say so: 合成 stands for synthetic. The first unit has two years, the
department has its own document with three units in it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from yusuan.spec import Specs

from .budget import Budget, Chance
from .markdown import to_markdown
from .random_disclosure import disclosure_of

_PLACE = "柳州市合成测试"
_YEAR = 2026
#: Two units of one department, their codes as printed, and a department with three units.
FIRST, SECOND, DEPARTMENT = ("991", "001", "甲中心"), ("991", "002", "乙中心"), ("992", "000", "丙局")


def budgets(specs: Specs) -> list[Budget]:
    """Return the budgets: the first unit in two years, the second in one, the department in one."""
    drawn = (Chance(seed, specs).budget() for seed in range(1000))
    singles = [budget for budget in (next(drawn) for _ in range(200)) if not budget.whole]
    rich = [b for b in singles if b.units[0].projects and b.units[0].purchases and len(b.units[0].items) > 2][:3]
    whole = next(budget for budget in drawn if len(budget.units) == 3)
    first, again, second = rich
    return [
        _named(first, FIRST, _YEAR - 1),
        _named(again, FIRST, _YEAR),
        _named(second, SECOND, _YEAR),
        _department(whole),
    ]


def _named(budget: Budget, who: tuple[str, str, str], year: int) -> Budget:
    department, number, name = who
    unit = replace(budget.units[0], code=department + number, name=_PLACE + name)
    return replace(budget, department_code=department, department=f"{_PLACE}甲乙局", year=year, units=(unit,))


def _department(budget: Budget) -> Budget:
    code, _, name = DEPARTMENT
    units = tuple(
        replace(unit, code=f"{code}{number:03}", name=f"{_PLACE}丙{number}所")
        for number, unit in enumerate(budget.units, 1)
    )
    return replace(budget, department_code=code, department=_PLACE + name, year=_YEAR, units=units)


def write_neighbours(folder: Path, specs: Specs) -> list[Path]:
    """Write the disclosures as text and return the files."""
    paths = []
    for number, budget in enumerate(budgets(specs), 1):
        path = folder / f"合成{number}.md"
        path.write_text(to_markdown(disclosure_of(budget, specs)), "utf-8")
        paths.append(path)
    return paths
