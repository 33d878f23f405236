"""A random disclosure: random within the rules, so that everything in it agrees with everything else."""

from __future__ import annotations

from yusuan.spec import Specs

from .budget import Budget, Chance
from .disclosure import PrintedDisclosure
from .tables import make_tables
from .wording import make_narrative, title_of


def random_disclosure(seed: int, specs: Specs, units: int | None = None) -> PrintedDisclosure:
    """Return the disclosure that belongs to a seed, of so many units; with hypothesis, draw the seed."""
    return disclosure_of(Chance(seed, specs).budget(units), specs)


def disclosure_of(budget: Budget, specs: Specs) -> PrintedDisclosure:
    """Return the disclosure of a budget."""
    return PrintedDisclosure(
        code=budget.code,
        name=budget.name,
        department=budget.department,
        year=budget.year,
        kind=f"{budget.scope}预算",
        title=title_of(budget),
        narrative=make_narrative(budget),
        tables=make_tables(budget, specs),
    )
