"""What programs get: the addresses of docs/api.md say what the page shows; feeds, sitemaps and descriptions are well formed."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from pathlib import Path
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

import pytest

from yusuan.site import feeds, reconcile
from yusuan.site.feeds import script_content
from yusuan.site.server import make_site
from yusuan.site.setup import Setup
from yusuan.workflow import build

API = Path(__file__).resolve().parents[1] / "docs" / "api.md"
ADDRESS = "https://budget.example.org"
ATOM, MAP = "{http://www.w3.org/2005/Atom}", "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NASTY = "</script><script>alert(1)</script>&\u2028"


@pytest.fixture(scope="module")
def sample_site(tmp_path_factory, specs, sample_path):
    folder = tmp_path_factory.mktemp("sample_site")
    build([sample_path], folder / "out", folder / "budget.db", specs)
    return make_site(folder / "budget.db", specs, Setup(cache=folder))


@pytest.fixture(scope="module")
def site(site_database, specs, tmp_path_factory):
    root = site_database.parent
    cache = tmp_path_factory.mktemp("cache")
    return make_site(
        site_database, specs, Setup(address=ADDRESS + "/", packages=root / "out", releases=root, cache=cache)
    )


def _examples():
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", API.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return [
        (asked.strip(), language, told)
        for (kind, asked), (language, told) in itertools.pairwise(blocks)
        if kind == "http"
    ]


def _compact(text):
    """Return JSON on one line; the omission mark of the page stays."""
    return re.sub(r"\s+", " ", text).strip()


@pytest.mark.parametrize(("asked", "language", "told"), _examples(), ids=lambda value: value[:60])
def test_examples_of_the_page_are_true(sample_site, asked, language, told):
    address = quote(asked.removeprefix("GET "), safe="/?&=:,*+_.~-%")
    text = asyncio.run(sample_site.client.get(address)).text
    if language == "csv":
        assert text == told
        return
    shown = json.dumps(json.loads(text), ensure_ascii=False)
    wanted = json.dumps(json.loads(told.replace("…", '"…"')), ensure_ascii=False).replace('"…"', "…")
    assert re.fullmatch(re.escape(wanted).replace("…", r"[^{}]+?"), shown), shown


def test_the_page_has_examples_of_every_address():
    assert len(_examples()) >= 6
    page = API.read_text("utf-8")
    assert [
        part
        for part in ("/-/export/", "/-/search.json", "/-/reconcile/", "/-/page/", "/-/feed.atom")
        if part not in page
    ] == []


def test_the_page_tells_the_limits_that_hold():
    page = API.read_text("utf-8")
    assert f"一次最多 {reconcile.MOST_QUERIES} 个问题" in page
    assert reconcile.LARGEST_BODY == 64 * 1024
    assert "最多 200,000 行" in page


# --- crawlers ---


def _locations(text):
    return [element.text for element in ET.fromstring(text).iter(f"{MAP}loc")]  # noqa: S314 - our own


def test_sitemaps_lead_to_pages_that_answer(site, fetch):
    seen = []
    for part in _locations(fetch(site, "/sitemap.xml").content):
        assert part.startswith(f"{ADDRESS}/sitemap/")
        seen += _locations(fetch(site, urlsplit(part).path).content)
    assert len(seen) == len(set(seen)) > 100
    for address in seen[::7]:
        assert address.startswith(ADDRESS + "/")
        fetch(site, address.removeprefix(ADDRESS))
    fetch(site, "/sitemap/units-2.xml", 404)
    fetch(site, "/sitemap/cells-1.xml", 404)


def test_a_long_sitemap_comes_in_parts_that_are_the_whole(site, fetch, monkeypatch):
    monkeypatch.setattr(feeds, "PART", 10)
    parts = [part for part in _locations(fetch(site, "/sitemap.xml").content) if "/functional_codes-" in part]
    assert len(parts) > 2
    rows = [row for part in parts for row in _locations(fetch(site, urlsplit(part).path).content)]
    monkeypatch.undo()
    assert rows == _locations(fetch(site, "/sitemap/functional_codes-1.xml").content)


def test_robots_are_told_where_the_sitemap_is(site, fetch):
    text = fetch(site, "/robots.txt").text
    assert f"Sitemap: {ADDRESS}/sitemap.xml" in text
    assert "Disallow: /-/export/" in text
    assert "Disallow: /\n" not in text


def test_the_feed_lists_documents_and_then_releases(site, site_database, specs, fetch, tmp_path):
    root = ET.fromstring(fetch(site, "/-/feed.atom").content)  # noqa: S314 - our own
    entries = root.findall(f"{ATOM}entry")
    assert len(entries) == 3
    for entry in entries:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", entry.find(f"{ATOM}updated").text)
        fetch(site, entry.find(f"{ATOM}id").text.removeprefix(ADDRESS))
    (tmp_path / "2026.1").mkdir()
    (tmp_path / "2026.1" / "SHA256SUMS").write_text("", "utf-8")
    released = make_site(site_database, specs, Setup(releases=tmp_path, address=ADDRESS))
    (entry,) = ET.fromstring(fetch(released, "/-/feed.atom").content).findall(f"{ATOM}entry")  # noqa: S314 - our own
    assert entry.find(f"{ATOM}title").text.endswith("2026.1")
    fetch(released, entry.find(f"{ATOM}link").get("href").removeprefix(ADDRESS))


def _described(page):
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return json.loads(text)


def test_tables_and_the_whole_are_described(site, specs, fetch):
    whole = _described(fetch(site, "/").text)
    assert whole["@type"] == "Dataset"
    assert whole["temporalCoverage"] == "2026/2027"
    assert {part["url"].rpartition("/")[2] for part in whole["hasPart"]} == set(specs.subjects)
    for file in whole["distribution"]:
        fetch(site, file["contentUrl"].removeprefix(ADDRESS))
    table = _described(fetch(site, "/budget/three_public").text)
    assert [one["name"] for one in table["variableMeasured"]] == [f.name for f in specs.subjects["three_public"].fields]
    assert len(table["distribution"]) == 4
    for file in table["distribution"]:
        answer = fetch(site, file["contentUrl"].removeprefix(ADDRESS))
        assert answer.headers["content-type"].partition(";")[0] == file["encodingFormat"]


def test_nothing_in_a_description_ends_the_script():
    text = script_content({"a": NASTY})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"a": NASTY}


# --- names to keys ---


def _match(site, service, *queries, status=200, **more):
    asked = {f"q{i}": query if isinstance(query, dict) else {"query": query} for i, query in enumerate(queries)}
    response = asyncio.run(site.client.post(f"/-/reconcile/{service}", data={"queries": json.dumps(asked)}, **more))
    assert response.status_code == status
    return list(response.json().values()) if status == 200 else response


def test_the_services_say_what_they_are(site, fetch):
    for service in reconcile.SERVICES:
        told = fetch(site, f"/-/reconcile/{service}").json()
        assert told["versions"] == ["0.2"]
        assert {"name", "identifierSpace", "schemaSpace", "view", "suggest", "defaultTypes"} <= set(told)
        assert told["view"]["url"] == f"{ADDRESS}/-/reconcile/{service}/view/{{{{id}}}}"
    fetch(site, "/-/reconcile/nix", 404)


def test_whole_names_and_codes_match_and_parts_are_offered(site):
    exact, code, part, none = _match(site, "units", "柳州市智能制造科技服务中心", "405003", "智能制造科技", "zzz")
    for found in (exact, code):
        (first, *others) = found["result"]
        assert (first["id"], first["match"], first["score"]) == ("450200-405003", True, 100.0)
        assert not any(other["match"] for other in others)
    assert part["result"][0]["id"] == "450200-405003"
    assert not part["result"][0]["match"]
    assert none["result"] == []


def test_types_and_limits_narrow_the_answer(site):
    every, one, functional = _match(
        site, "codes", "运行", {"query": "运行", "limit": 1}, {"query": "公务接待费", "type": "functional"}
    )
    assert len(every["result"]) > 1
    assert len(one["result"]) == 1
    assert all(item["type"][0]["id"] == "functional" for item in functional["result"])


def test_a_name_that_two_bear_is_nobodys_match(site):
    (found,) = _match(site, "units", "柳州市智能")
    assert not any(item["match"] for item in found["result"])
    assert len(found["result"]) == 2


def test_keys_lead_to_their_pages(site, fetch):
    for service, key, page in (
        ("units", "450200-405003", "units"),
        ("codes", "2060301", "functional_codes"),
        ("codes", "30217", "economic_codes"),
    ):
        answer = fetch(site, f"/-/reconcile/{service}/view/{key}", 302)
        assert answer.headers["location"] == f"/budget/{page}/{key}"
    fetch(site, "/-/reconcile/codes/view/nix", 404)


def test_suggestions_come_while_typing(site, fetch):
    found = fetch(site, "/-/reconcile/units/suggest?prefix=智能制").json()["result"]
    assert found[0] == {"id": "450200-405003", "name": "柳州市智能制造科技服务中心", "description": "单位"}
    assert fetch(site, "/-/reconcile/units/suggest").json() == {"result": []}


@pytest.mark.parametrize(
    "queries",
    [
        "",
        "x",
        "[]",
        "1",
        '{"q": 1}',
        '{"q": {}}',
        '{"q": {"query": 1}}',
        "[" * 100_000,
        json.dumps({str(i): {"query": "a"} for i in range(51)}),
    ],
)
def test_batches_that_are_none_or_too_large_are_refused(site, queries):
    response = asyncio.run(site.client.post("/-/reconcile/units", data={"queries": queries}))
    assert response.status_code == 400


def test_a_large_body_is_not_read(site):
    response = asyncio.run(site.client.post("/-/reconcile/units", data={"queries": "x" * 70_000}))
    assert response.status_code == 400


def test_browsers_of_other_sites_may_ask(site):
    for answer in (
        asyncio.run(site.client.options("/-/reconcile/units")),
        asyncio.run(site.client.get("/-/reconcile/units")),
    ):
        assert answer.headers["access-control-allow-origin"] == "*"


def test_only_names_may_be_posted(site):
    assert asyncio.run(site.client.post("/budget/units", data={"x": "1"})).status_code == 405
