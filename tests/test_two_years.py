"""Two years of units that do not exist: history and comparison, live and static, are what the generator was given."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from pathlib import Path
from urllib.parse import quote

import pytest

from generator.budget import money
from generator.years import UNITS, YEARS, budgets, write_years
from yusuan.publishing.differences import compare
from yusuan.publishing.editions import read_edition
from yusuan.publishing.pages import summary
from yusuan.site.server import make_site
from yusuan.static import write_site
from yusuan.static.places import Places
from yusuan.workflow import build

ROOT = Path(__file__).resolve().parents[1]
BEFORE, NOW = YEARS
PLACES = Places("/budget/biggest_projects")
every_unit = pytest.mark.parametrize("code", UNITS)


@pytest.fixture(scope="module")
def made(specs):
    """Return what the generator was given: by unit and year, the figures of the pages."""
    return {key: figures(budget.units[0]) for key, budget in budgets(specs).items()}


def test_the_difference_of_the_years_is_what_the_page_shows(database, specs):
    packages = database.parent / "out"
    found = compare(read_edition(packages / str(BEFORE)), read_edition(packages / str(NOW)), specs)
    assert f"> {summary(found)}\n" in (ROOT / "docs" / "releasing.md").read_text("utf-8")
    assert {change.cause for change in found.changes} == {"another_year"}
    assert found.counts["changed"] > 10 * (found.counts["added"] + found.counts["removed"])


def figures(unit):
    return {
        "支出总计": sum(item.spent for item in unit.items),
        "基本支出": sum(item.basic for item in unit.items),
        "项目支出": sum(item.project for item in unit.items),
        "政府采购": sum(purchase.amount for purchase in unit.purchases),
    }


@pytest.fixture(scope="module")
def database(tmp_path_factory, specs):
    folder = tmp_path_factory.mktemp("years")
    result = build(write_years(folder / "sources", specs), folder / "out", folder / "budget.db", specs)
    assert not result.problems
    assert [outcome.source.name for outcome in result.outcomes if outcome.problems] == []
    return folder / "budget.db"


@pytest.fixture(scope="module")
def read(database, specs, tmp_path_factory):
    """Return a function that gives an address of the live site and of the static one; both must say the same figures."""
    site = make_site(database, specs)
    folder = write_site(tmp_path_factory.mktemp("still") / "site", database, specs).folder

    def both(address):
        answer = asyncio.run(site.client.get(quote(address, safe="/?&=.-")))
        assert answer.status_code == 200
        still = (folder / PLACES.place(address)).read_text("utf-8")
        return answer.text, still

    return both


def rows(page, caption):
    """Return the cells of the table with a caption, as texts."""
    table = next(t for t in re.findall(r"<table.*?</table>", page, re.DOTALL) if caption in t)
    lines = re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.DOTALL)
    return [
        [re.sub(r"<[^>]*>", "", c).strip() for c in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", line, re.DOTALL)]
        for line in lines
    ]


def key(code):
    return f"450200-{code}"


@every_unit
def test_a_unit_shows_both_years_and_the_change(code, read, made):
    """This year's figure, last year's as its own document prints it, difference and rate."""
    now, before = made[code, NOW], made[code, BEFORE]
    for page in read(f"/unit/{key(code)}"):
        told = {line[0]: line[1:] for line in rows(page, "主要数字")[1:]}
        for name, amount in now.items():
            was = before[name]
            change, rate = amount - was, (amount - was) * 100 / was
            sign = "-" if change < 0 else ""
            assert told[name] == [
                money(amount),
                money(was),
                f"{sign}{money(abs(change))}",
                f"{rate:.2f}",
                "上年文档",
            ], name
        assert f"{BEFORE}</a>" in page


@every_unit
def test_the_history_has_a_column_for_each_year(code, read, made):
    for page in read(f"/unit/{key(code)}"):
        assert 'id="years"' in page
    for text in read(f"/figure/years.csv?unit={key(code)}&kind=单位预算"):
        lines = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
        told = {line["年度"]: line for line in lines}
        for year in YEARS:
            found = next(line for name, line in told.items() if name.startswith(str(year)))
            amounts = [
                float(value) for value in found.values() if re.fullmatch(r"-?[0-9.]+", value or "") and "." in value
            ]
            assert made[code, year]["支出总计"] / 100 in amounts


@every_unit
def test_two_years_of_a_unit_are_compared(code, read, made):
    for page in read(f"/compare?unit={key(code)}&year={NOW}&year={BEFORE}"):
        told = {line[0]: line[1:] for line in rows(page, "全部指标")[1:]}
        for name in made[code, NOW]:
            assert set(told[name]) == {money(made[code, year][name]) for year in YEARS}


@pytest.mark.parametrize("year", YEARS)
def test_the_units_of_a_year_stand_side_by_side(year, read, made):
    for page in read(f"/compare/{year}"):
        head, *lines = rows(page, "各单位的指标")
        assert len(lines) == len(UNITS)
        for code, (name, _) in UNITS.items():
            (line,) = [line for line in lines if line[0].endswith(name)]
            told = dict(zip(head, line, strict=True))
            assert {label: told[label] for label in made[code, year]} == {
                label: money(amount) for label, amount in made[code, year].items()
            }


@pytest.mark.parametrize("year", YEARS)
def test_a_ranking_follows_the_amounts_of_its_year(year, read, made):
    expected = sorted((figures["支出总计"] for (_, y), figures in made.items() if y == year), reverse=True)
    for page in read(f"/ranking/expenditure?year={year}"):
        lines = rows(page, "支出总计")[1:]
        told = [next(cell for cell in line if re.fullmatch(r"[0-9,]+\.[0-9]{2,}", cell)) for line in lines]
        assert told == [money(amount) for amount in expected]


def test_nobody_takes_the_units_for_real_ones(specs):
    assert all("虚构示例" in budget.name and "虚构示例" in budget.department for budget in budgets(specs).values())
    assert not list((ROOT / "datapackage").rglob("*998001*"))


def test_every_amount_of_the_second_year_is_in_proportion(specs):
    """What a reader is promised: the factor of a unit, everywhere."""
    made = budgets(specs)
    for code, (_, (first, second)) in UNITS.items():
        for one, other in zip(made[code, BEFORE].units[0].items, made[code, NOW].units[0].items, strict=True):
            assert (one.code, one.spent * second) == (other.code, other.spent * first)
