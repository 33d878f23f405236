"""No page says another sum than the rows themselves: what the tables of sums hold is added up here directly."""

from __future__ import annotations

import asyncio
import csv
import io
import sqlite3
from contextlib import closing
from dataclasses import replace
from itertools import product
from urllib.parse import quote

import pytest

from final_accounts import BUDGET, final_accounts
from generator.markdown import to_markdown
from generator.neighbours import budgets
from generator.random_disclosure import disclosure_of
from generator.years import write_years
from sums import sum_again
from yusuan import sums
from yusuan.database import load_database
from yusuan.errors import UsageError
from yusuan.package import read_records
from yusuan.site.catalogue import ECONOMIC, FUNCTIONAL, Catalogue
from yusuan.site.queries import Books
from yusuan.site.server import make_site
from yusuan.workflow import build

DATABASES = ("neighbours", "two_years", "both_phases")


@pytest.fixture(scope="module")
def two_years(tmp_path_factory, specs):
    folder = tmp_path_factory.mktemp("sums")
    build(write_years(folder / "sources", specs), folder / "out", folder / "budget.db", specs)
    return folder / "budget.db"


@pytest.fixture(scope="module")
def both_phases(tmp_path_factory, specs):
    """Return a department, one of its units with a document of its own, an office with budget and final account."""
    folder = tmp_path_factory.mktemp("sums")
    department = budgets(specs)[3]
    unit = replace(department, units=department.units[:1])
    texts = [to_markdown(disclosure_of(one, specs)) for one in (department, unit)] + [BUDGET, final_accounts()]
    for number, text in enumerate(texts):
        (folder / f"{number}.md").write_text(text, "utf-8")
    build(sorted(folder.glob("*.md")), folder / "out", folder / "budget.db", specs)
    return folder / "budget.db"


@pytest.fixture(scope="module", params=DATABASES)
def database(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def site(database, specs):
    return make_site(database, specs)


def ask(database, sql, **values):
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql, values)]


def column(database, sql, **values):
    return [next(iter(row.values())) for row in ask(database, sql, **values)]


def lines(site, address):
    """Return the rows of a figure's CSV; none where there is no such figure."""
    answer = asyncio.run(site.client.get(quote(address, safe="/?&=.-")))
    if answer.status_code == 404:
        return []
    assert answer.status_code == 200, address
    return list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))


def fen(text):
    """Return 万元 of a CSV in fen, exactly."""
    whole, _, decimals = text.partition(".")
    return int(whole + f"{decimals:0<6}")


def choices(database):
    return product(
        column(database, "select distinct 年度 from documents"), column(database, "select distinct 类型 from documents")
    )


#: Of the documents about a unit in a year, one stands for it: its own before that of its department.
_BEST = """
  row_number() over (partition by r.单位, r.年度, d.类型 order by d.类型 like '%决算', d.单位 <> r.单位, d.类型, d.文件) as 位
"""


def spent(kind, level):
    return f"""
      select r.单位, sum(r.合计_分) as 分, {_BEST}
      from {kind.table} r join documents d using (文件)
      where r."{kind.levels[level]}" = :code and r.年度 = :year and d.类型 = :kind group by d.文件, r.单位
    """  # noqa: S608 - names of the catalogue


@pytest.mark.parametrize(("kind", "level"), [(k, level) for k in (FUNCTIONAL, ECONOMIC) for level in k.levels])
def test_the_page_of_a_code_says_what_its_rows_add_up_to(kind, level, database, site):
    codes = column(database, f"select 科目编码 from {kind.codes} where 层级 = :level", level=level)  # noqa: S608 - as above
    seen = 0
    for code, (year, document) in product(codes, choices(database)):
        asked = {"code": code, "year": year, "kind": document}
        found = ask(database, f"select * from ({spent(kind, level)}) where 位 = 1 and 分 is not null", **asked)  # noqa: S608 - as above
        if not found:
            continue
        query = f"code={code}&year={year}&kind={document}"
        told = [fen(line["金额（万元）"]) for line in lines(site, f"/figure/spenders.csv?{query}")]
        assert told == sorted((row["分"] for row in found), reverse=True), query
        of_years = {line["年度"]: line for line in lines(site, f"/figure/code-years.csv?{query}")}
        line = of_years[str(year)]
        assert (int(line["单位数"]), fen(line["金额（万元）"])) == (len(found), sum(told)), query
        seen += len(found)
    assert seen > len(codes) / 2


@pytest.mark.parametrize(
    ("kind", "level", "below"),
    [(k, a, b) for k in (FUNCTIONAL, ECONOMIC) for a, b in zip(k.levels, [*k.levels][1:], strict=False)],
)
def test_the_parts_of_a_code_are_those_of_its_rows(kind, level, below, database, site):
    codes = column(database, f"select 科目编码 from {kind.codes} where 层级 = :level", level=level)  # noqa: S608 - as above
    sql = f"""select r."{kind.levels[below]}" as code, sum(r.合计_分) as 分 from {kind.table} r join documents d using (文件)
              where r."{kind.levels[level]}" = :code and r.年度 = :year and d.类型 = :kind group by 1"""  # noqa: S608 - as above
    seen = 0
    for code, (year, document) in product(codes, choices(database)):
        expected = {r["code"] or "": r["分"] or 0 for r in ask(database, sql, code=code, year=year, kind=document)}
        if not expected:
            continue
        told = lines(site, f"/figure/parts.csv?code={code}&year={year}&kind={document}")
        assert {line["编码"]: fen(line["金额（万元）"] or "0") for line in told} == expected, (code, year, document)
        seen += len(expected)
    assert seen


def printed(measure, unit):
    """Return the SQL of the printed sum of a unit in a document, null where the document prints none."""
    if not measure.printed:
        return "null"
    table, name = measure.printed
    return f"""(select cast(round(max(p."{name}") * 1000000) as integer) from "{table}" p
      where p.文件 = d.文件 and p.单位 = {unit} and p.行类型 = case when d.单位 = {unit} then '合计' else '单位' end
        and not exists (select 1 from corrections x join cells using (格) where x.文件 = p.文件 and cells.表 = '{table}'))"""  # noqa: S608 - as above


def test_a_ranking_says_what_is_printed_or_what_the_rows_add_up_to(database, site, specs):
    seen = 0
    for key, measure in Catalogue(specs).measures.items():
        sql = f"""
          select r.单位, coalesce({printed(measure, "r.单位")}, {sums.fen_sum(measure.column)}) as 分, {_BEST}
          from {measure.table} r join documents d using (文件) where r.年度 = :year and d.类型 = :kind group by d.文件, r.单位
        """  # noqa: S608 - as above
        for year, kind in choices(database):
            found = ask(
                database,
                f"select * from ({sql}) where 位 = 1 and 分 is not null",  # noqa: S608 - as above
                year=year,
                kind=kind,
            )
            told = lines(site, f"/figure/ranking.csv?measure={key}&year={year}&kind={kind}")
            heading = f"{measure.title}（万元）"
            assert [fen(line[heading]) for line in told] == sorted((r["分"] for r in found), reverse=True), (key, year)
            seen += len(found)
    assert seen


def test_a_unit_page_says_what_is_printed_or_what_the_rows_add_up_to(database, site, specs):
    """Each document about each unit: as its own publisher the whole document counts, else its rows in it."""
    books, seen = Books(site, Catalogue(specs)), 0
    for unit in column(database, "select 单位 from units"):
        accounts = asyncio.run(books.accounts(unit, unit))
        for account, values in zip(accounts, asyncio.run(books.values_of(accounts)), strict=True):
            for key, measure in books.catalogue.measures.items():
                total = f"""
                  select coalesce({printed(measure, ":unit")}, (
                    select {sums.fen_sum(measure.column)} from {measure.table} r
                    where r.文件 = d.文件 and (d.单位 = :unit or r.单位 = :unit)
                  )) from documents d where d.文件 = :document"""  # noqa: S608 - as above
                assert [values[key].fen] == column(database, total, unit=unit, document=account.document), key
                seen += values[key].fen is not None
    assert seen


def test_the_units_of_a_year_are_all_there_most_spent_first(database, site, specs):
    books = Books(site, Catalogue(specs))
    for year in column(database, "select distinct 年度 from documents"):
        found = [account for account, _ in asyncio.run(books.of_year(year))]
        expected = [
            account
            for unit in asyncio.run(books.units())
            for account in asyncio.run(books.accounts(unit["单位"], unit["单位名称"]))
            if account.year == year
        ]
        assert sorted(found, key=repr) == sorted(expected, key=repr)
        spent = [values["expenditure"].fen or 0 for values in asyncio.run(books.values_of(found))]
        assert spent == sorted(spent, reverse=True)


def test_the_sums_are_part_of_every_load_and_come_out_the_same(both_phases, specs, tmp_path):
    packages = [read_records(folder, specs) for folder in sorted((both_phases.parent / "out").glob("20*"))]
    copies = [tmp_path / "a.db", tmp_path / "b.db"]
    for copy in copies:
        load_database(copy, packages, specs)
    assert copies[0].read_bytes() == copies[1].read_bytes()
    before = {name: ask(copies[0], f'select * from "{name}"') for name in sums.summed_tables(specs)}  # noqa: S608 - from the specs
    with closing(sqlite3.connect(copies[0])) as connection:
        sum_again(connection, specs)
        connection.commit()
    assert before == {name: ask(copies[0], f'select * from "{name}"') for name in before}  # noqa: S608 - from the specs
    assert sum(map(len, before.values())) > len(before)


def test_what_is_printed_with_no_finer_code_is_told_apart(both_phases, specs, tmp_path, fetch):
    """A row with a code of a class alone is part of the class, and of none of its groups."""
    copy = tmp_path / "budget.db"
    with closing(sqlite3.connect(both_phases)) as source, closing(sqlite3.connect(copy)) as connection:
        source.backup(connection)
        (key, code, amount) = connection.execute(
            "select 键, 类, 合计_分 from expenditure_by_function where 年度 = 2024 and 阶段 = '决算' order by 键 limit 1"
        ).fetchone()
        connection.execute("update expenditure_by_function set 科目编码 = 类, 款 = null where 键 = ?", [key])
        sum_again(connection, specs)
        connection.commit()
    told = lines(make_site(copy, specs), f"/figure/parts.csv?code={code}&year=2024&kind=部门决算")
    assert [fen(line["金额（万元）"]) for line in told if not line["编码"]] == [amount]
    assert "没有细分" in [line["下级科目"] for line in told]
    assert "None" not in fetch(make_site(copy, specs), f"/code/{code}?year=2024&kind=部门决算").text


def test_the_tables_of_sums_are_there_and_not_listed(database, site, specs):
    listed = asyncio.run(site.client.get("/budget.json")).json()["tables"]
    tables = set(column(database, "select name from sqlite_schema where type = 'table'"))
    assert set(sums.summed_tables(specs)) <= tables
    assert not {table["name"] for table in listed if not table["hidden"]} & {*sums.summed_tables(specs)}
    assert {"expenditure_by_function"} <= {table["name"] for table in listed}


def test_a_database_without_sums_is_refused(both_phases, specs, tmp_path):
    copy = tmp_path / "budget.db"
    with closing(sqlite3.connect(both_phases)) as source, closing(sqlite3.connect(copy)) as connection:
        source.backup(connection)
        connection.execute("drop table code_totals_expenditure_by_function")
        connection.commit()
    with pytest.raises(UsageError) as caught:
        make_site(copy, specs)
    assert [problem.code for problem in caught.value.problems] == ["DATABASE-OLDER"]
