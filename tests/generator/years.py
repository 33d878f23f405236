"""`python -m tests.generator.years FOLDER`: two years of three units that do not exist, to look at histories and comparisons.

Their names say that they are made up (虚构示例). The second year is the first with every amount in a fixed proportion to it, so
that whoever looks at a page can see whether it is right; the narrative of the second year tells the same changes.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from yusuan.spec import Specs, load_specs

from .budget import Budget, Chance, Purchase, Unit
from .pages import print_pages
from .random_disclosure import disclosure_of
from .style import Style

YEARS = (2025, 2026)
_CODE, _DEPARTMENT, _PLACE = "998", "柳州市虚构示例局", "柳州市虚构示例"
#: By unit: its name, and what each amount of a plan is multiplied by in the first year and in the second.
UNITS = {"998001": ("甲中心", (10, 11)), "998002": ("乙中心", (10, 9)), "998003": ("丙中心", (10, 15))}


def budgets(specs: Specs) -> dict[tuple[str, int], Budget]:
    """Return the budgets by unit and year."""
    drawn = (Chance(seed, specs).budget() for seed in range(1000))
    plain = (b for b in drawn if not b.whole and not any(item.left for item in b.items))
    rich = (b for b in plain if b.units[0].projects and b.units[0].purchases and len(b.units[0].items) > 2)
    made = {}
    for (code, (name, factors)), plan in zip(UNITS.items(), rich, strict=False):
        for year, factor in zip(YEARS, factors, strict=True):
            unit = replace(_times(plan.units[0], factor), code=code, name=_PLACE + name)
            before = factors if year == YEARS[1] else None
            made[code, year] = replace(
                plan, department_code=_CODE, department=_DEPARTMENT, year=year, units=(unit,), before=before
            )
    return made


def _times(unit: Unit, factor: int) -> Unit:
    """Return a unit with every amount multiplied: whatever added up still does."""
    items = tuple(
        replace(i, personnel=i.personnel * factor, public=i.public * factor, project=i.project * factor)
        for i in unit.items
    )
    return replace(
        unit,
        items=items,
        economic={code: amount * factor for code, amount in unit.economic.items()},
        projects=tuple(replace(project, amount=project.amount * factor) for project in unit.projects),
        purchases=_bought(unit.purchases, factor),
        services=_bought(unit.services, factor),
        carried={fund: amount * factor for fund, amount in unit.carried.items()},
    )


def _bought(purchases: tuple[Purchase, ...], factor: int) -> tuple[Purchase, ...]:
    return tuple(replace(purchase, amount=purchase.amount * factor) for purchase in purchases)


def write_years(folder: Path, specs: Specs) -> list[Path]:
    """Print the disclosures as PDF and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for (code, year), budget in budgets(specs).items():
        path = folder / f"{code}-{year}-budget.pdf"
        path.write_bytes(print_pages(disclosure_of(budget, specs), Style()))
        paths.append(path)
    return paths


def main() -> None:
    """Print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    for path in write_years(parser.parse_args().folder, load_specs()):
        print(path)  # noqa: T201 - a command


if __name__ == "__main__":
    main()
