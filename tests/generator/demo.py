"""`python -m tests.generator.demo OUT.pdf`: a disclosure of a unit that does not exist, as a PDF that looks real.

`--sample` prints the shipped text sample instead: the same unit and year as in datapackage/2026.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from yusuan.reading import read
from yusuan.spec import Specs, load_specs

from .budget import Budget, Chance
from .disclosure import PrintedDisclosure, from_document
from .pages import print_pages
from .random_disclosure import disclosure_of
from .style import Style

SAMPLE = Path(__file__).resolve().parents[2] / "datapackage" / "sources" / "405003-2026-budget.md"
#: What the demonstration shows: made-up figures that add up, under names nobody can take for real ones.
SEED, YEAR, CODE = 40, 2026, "999"
DEPARTMENT, UNIT = "柳州市虚构示例局", "柳州市虚构示例服务中心"


def fictional(specs: Specs) -> PrintedDisclosure:
    """Return the disclosure of the unit that does not exist."""
    budget = Chance(SEED, specs).budget()
    return disclosure_of(_renamed(budget), specs)


def _renamed(budget: Budget) -> Budget:
    unit = replace(budget.units[0], code=f"{CODE}001", name=UNIT)
    return replace(budget, department_code=CODE, department=DEPARTMENT, year=YEAR, units=(unit,))


def main() -> None:
    """Print it; the same face on the machine gives the same bytes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--sample", action="store_true", help="print the shipped sample instead")
    parser.add_argument("--face", choices=("song", "cid"), default="song", help="cid: the built-in face, not embedded")
    options = parser.parse_args()
    specs = load_specs()
    printed = from_document(read(SAMPLE), specs) if options.sample else fictional(specs)
    data = print_pages(printed, Style(face=options.face))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_bytes(data)
    print(f"{options.out}: {len(data)} 字节")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
