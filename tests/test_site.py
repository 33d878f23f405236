"""The site as programs see it: every address answers, facets have names, metadata is what Datasette reads."""

from __future__ import annotations

import asyncio
import re
import socket
import sqlite3
from pathlib import Path
from urllib.parse import quote

import pytest
from datasette.utils import parse_metadata

from yusuan.errors import HostError, UsageError
from yusuan.site.metadata import metadata_yaml, site_metadata
from yusuan.site.server import listen, make_site
from yusuan.workflow import build

ROOT = Path(__file__).resolve().parents[1]
SUBJECT = "/budget/expenditure_by_function"
HOSTILE = """<script>alert("1")</script>'&{{ 7*7 }}"""


@pytest.fixture(scope="module")
def database(tmp_path_factory, specs, sample_path):
    """Return a database that is not called budget.db."""
    folder = tmp_path_factory.mktemp("site")
    build([sample_path], folder / "out", folder / "数据 2026.sqlite", specs)
    return folder / "数据 2026.sqlite"


@pytest.fixture(scope="module")
def site(database, specs):
    return make_site(database, specs)


def _get(site, address, status=200):
    response = asyncio.run(site.client.get(quote(address, safe="/?&=:,*+_.~-"), follow_redirects=True))
    assert response.status_code == status, address
    return response


def _json(site, address):
    return _get(site, address).json()


def _facet(found, name):
    return {item["value"]: (item["label"], item["count"]) for item in found["facet_results"][name]["results"]}


def test_every_table_answers_as_page_json_and_csv(site, specs):
    for spec in specs.every_table():
        _get(site, f"/budget/{spec.name}")
        _json(site, f"/budget/{spec.name}.json")
        header = _get(site, f"/budget/{spec.name}.csv?_size=max").text.splitlines()[0]
        assert header.removeprefix("\ufeff").split(",")[-1] == spec.fields[-1].name, spec.name


@pytest.mark.parametrize("address", ["/", "/budget", "/budget/units/450200-405003", "/-/yusuan.css"])
def test_pages_answer(site, address):
    assert _get(site, address).text.strip()


@pytest.mark.parametrize("address", ["/_memory", "/nix", "/budget/nix", f"{SUBJECT}/nix"])
def test_what_is_not_there_is_not_found(site, address):
    _get(site, address, 404)


def test_row_pages_answer(site, specs):
    """The link Datasette makes for a row leads to that row, whatever its key is made of."""
    for name in ("expenditure_by_function", "t05_general_public_expenditure", "cells", "documents", "findings"):
        row = _json(site, f"/budget/{name}.json?_shape=objects&_size=1")["rows"][0]
        key = ",".join(str(row[column]) for column in specs_key(specs, name))
        assert _json(site, f"/budget/{name}/{key.replace('.', '~2E')}.json?_shape=objects")["rows"] == [row]


def specs_key(specs, name):
    return next(spec.key for spec in specs.every_table() if spec.name == name)


def test_stored_questions_answer(site):
    every = _json(site, "/budget/three_public_ranking.json?_shape=array&年度=")
    assert [(row["年度"], row["单位名称"], row["三公经费合计_万元"]) for row in every] == [
        (2026, "柳州市智能制造科技服务中心", 6.03)
    ]
    assert _json(site, "/budget/three_public_ranking.json?_shape=array&年度=2026") == every
    assert _json(site, "/budget/three_public_ranking.json?_shape=array&年度=2025") == []
    (item,) = _json(site, "/budget/item_by_unit.json?_shape=array&科目编码=2060301")
    assert (item["科目名称"], item["合计"]) == ("机构运行", 751.44)
    assert _json(site, "/budget/item_by_unit.json?_shape=array&科目编码=' or 1=1 --") == []
    assert all(row["严重程度"] != "info" for row in _json(site, "/budget/not_adding_up.json?_shape=array"))


def test_facets_of_the_issue_have_names_beside_codes(site):
    """Faceting by 单位, 年度 and 科目编码 is what the project promises."""
    found = _json(site, f"{SUBJECT}.json?_facet=单位&_facet=年度&_facet=科目编码")
    assert _facet(found, "单位") == {"450200-405003": ("柳州市智能制造科技服务中心", 7)}
    assert _facet(found, "年度")[2026][1] == 7
    codes = _facet(found, "科目编码")
    assert len(codes) == 7
    assert codes["2060301"] == ("2060301 机构运行", 1)


def test_facets_are_there_unasked(site, specs):
    found = _json(site, f"{SUBJECT}.json")
    assert set(found["facet_results"]) == {f.name for f in specs.subjects["expenditure_by_function"].fields if f.facet}
    for spec in specs.every_table():
        _json(site, f"/budget/{spec.name}.json?_size=0")


def test_codes_filter_as_text(site):
    (row,) = _json(site, f"{SUBJECT}.json?_shape=array&科目编码=2060301")
    assert (row["合计"], row["合计_分"]) == (751.44, 751_440_000)
    assert _json(site, f"{SUBJECT}.json?_shape=array&科目编码=02060301") == []


def test_class_filters_add_up(site):
    rows = _json(site, f"{SUBJECT}.json?_shape=array&类=208")
    assert sum(row["合计_分"] for row in rows) == 204_030_000


def test_csv_is_whole_and_labelled_on_request(site):
    plain = _get(site, f"{SUBJECT}.csv?_size=max").text.splitlines()
    assert len(plain) == 8
    labelled = _get(site, f"{SUBJECT}.csv?_labels=on").text
    assert "柳州市智能制造科技服务中心" in labelled


def test_home_is_chinese_and_names_what_is_there(site, database):
    page = _get(site, "/").text
    assert re.search(r'<html[^>]* lang="zh-CN"', page)
    assert "柳州市智能制造科技服务中心" in page
    assert "2026年单位预算公开说明" in page
    connection = sqlite3.connect(database)
    for table in ("units", "documents", "cells"):
        (count,) = connection.execute(f"select count(*) from {table}").fetchone()  # noqa: S608 - three literal names
        assert f"<strong>{count:,}</strong>" in page, table
    connection.close()


@pytest.mark.parametrize(
    "address", ["/", "/budget", SUBJECT, f"{SUBJECT}?_facet=科目编码", "/budget/units/450200-405003"]
)
def test_nothing_is_loaded_from_elsewhere(site, address):
    """Scripts, styles, images and frames come from this host alone; links may lead out."""
    page = _get(site, address).text
    loaded = re.findall(r"<(?:script|img|iframe|source|embed)\b[^>]*?\bsrc=[\"']?([^\"' >]+)", page)
    loaded += re.findall(r"<link\b[^>]*?\bhref=[\"']?([^\"' >]+)", page)
    assert loaded
    assert not [address for address in loaded if re.match(r"(https?:)?//", address) and "localhost" not in address]
    assert not re.search(r"@import|url\(\s*[\"']?(https?:)?//", page)


def test_hostile_names_are_text(database, specs, tmp_path):
    copy = tmp_path / "hostile.db"
    copy.write_bytes(database.read_bytes())
    connection = sqlite3.connect(copy)
    connection.execute("update units set 单位名称 = ?", (HOSTILE,))
    connection.execute("update documents set 标题 = ?, 缺表 = ?", (HOSTILE, HOSTILE))
    connection.commit()
    connection.close()
    hostile = make_site(copy, specs)
    for address in ("/", SUBJECT, "/budget/documents", "/budget/units/450200-405003"):
        page = _get(hostile, address).text
        assert "<script>alert(" not in page, address
        assert "&lt;script&gt;" in page, address
        assert "{{ 7*7 }}" in page, address


def test_a_database_of_any_name_is_served_as_budget(site, database):
    assert database.name != "budget.db"
    (served,) = _json(site, "/-/databases.json")
    assert (served["name"], served["path"], served["is_mutable"]) == ("budget", str(database), False)


def test_it_cannot_be_written(site):
    _get(site, "/budget?sql=delete from units", 400)
    _get(site, "/budget?sql=attach '/tmp/x.db' as x", 400)
    assert len(_json(site, "/budget/units.json?_shape=array")) == 1


def test_a_missing_database_is_a_problem(tmp_path, specs):
    with pytest.raises(UsageError) as caught:
        make_site(tmp_path / "budget.db", specs)
    (problem,) = caught.value.problems
    assert (problem.code, problem.source) == ("DATABASE-MISSING", str(tmp_path / "budget.db"))
    assert "yusuan build" in problem.hint
    assert not (tmp_path / "budget.db").exists()


def test_a_taken_port_is_a_problem_with_a_way_out():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(HostError) as caught:
            listen("127.0.0.1", port)
    (problem,) = caught.value.problems
    assert problem.code == "PORT-TAKEN"
    assert f"--port {port + 1}" in problem.hint
    assert caught.value.exit_code == 5
    with listen("127.0.0.1", port) as listener:
        assert listener.getsockname()[1] == port


def test_metadata_file_is_generated_and_current(specs):
    assert (ROOT / "metadata.yml").read_text("utf-8") == metadata_yaml(specs), "run make docs"


def test_metadata_is_what_datasette_reads(specs):
    assert parse_metadata(metadata_yaml(specs)) == site_metadata(specs)


def test_metadata_describes_every_table_and_column(site, specs):
    tables = _json(site, "/-/metadata.json")["databases"]["budget"]["tables"]
    assert list(tables)[: len(specs.site["order"])] == specs.site["order"]
    for spec in specs.every_table():
        described = tables[spec.name]
        assert described["title"] == spec.label
        assert list(described["columns"]) == [field.name for field in spec.fields]
        assert all(described["columns"].values()), spec.name
        assert described["facets"] == [field.name for field in spec.fields if field.facet]
    assert {"单位", "年度", "科目编码"} <= set(tables["expenditure_by_function"]["facets"])


def test_a_finding_leads_to_each_of_its_cells_in_the_document(site):
    """Findings are faceted by rule and grade; every cell that one names opens where it was printed."""
    found = _json(site, "/budget/findings.json?_facet=规则&结论=within_rounding&_shape=objects")
    assert "T05-COL" in _facet(found, "规则")
    row = next(row for row in found["rows"] if row["规则"] == "T05-COL")
    page = _get(site, f"/budget/findings/{row['键'].replace('.', '~2E')}").text
    links = re.findall(r'href="(/-/source/cells/[^"]+)"', page)
    assert len(links) == len(row["相关格"].split()) == 8
    assert "1,001.74" in _get(site, links[0]).text
