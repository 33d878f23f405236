"""The search box: finds whatever LIKE finds, in any script, at any length; shows it as text; stays within bounds."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yusuan import grams
from yusuan.errors import SpecError
from yusuan.site import hits, search
from yusuan.site.server import make_site
from yusuan.site.setup import Setup
from yusuan.spec import _check_references

HOSTILE = """<script>alert("1")</script>'&{{ 7*7 }}"""
#: Few letters, so that words occur in texts; signs, widths, radicals and blanks that trip tokenizers and folding.
LETTERS = "运行经费采购（）()-\"'*:ａAbß①⻝食İ \t\n\x00\ue020𠮷"
#: Asks like the search, and never ends.
ENDLESS = """with recursive n(i) as (select 1 union all select i + 1 from n)
select i from n where :match = :match and i < :first"""
TEXTS = st.text(st.sampled_from(LETTERS), max_size=12)


@pytest.fixture(scope="module")
def site(site_database, specs):
    return make_site(site_database, specs)


def _index(texts):
    index = sqlite3.connect(":memory:")
    index.execute("create virtual table search using fts5(文, 范围, content='', tokenize='ascii')")
    index.executemany("insert into search(rowid, 文, 范围) values (?, ?, '')", enumerate(map(grams.grams, texts), 1))
    return index


def _found(index, word):
    return {
        row[0] for row in index.execute("select rowid from search where search match ?", [f"文 : {grams.match(word)}"])
    }


@given(st.lists(TEXTS, max_size=8), TEXTS)
def test_the_index_finds_exactly_the_texts_whose_folded_form_contains_the_word(texts, query):
    with closing(_index(texts)) as index:
        for word in grams.words(query):
            assert _found(index, word) == {n for n, text in enumerate(texts, 1) if word in grams.fold(text)}


@given(st.lists(TEXTS, max_size=8), TEXTS)
def test_nothing_that_like_finds_is_missed(texts, query):
    """LIKE cannot look for its own wildcards, nor past a NUL; words are looked for one at a time."""
    with closing(_index(texts)) as index:
        for word in query.replace("\x00", " ").split():
            like = {
                n
                for n, text in enumerate(texts, 1)
                if index.execute("select ? like '%' || ? || '%'", [text, word]).fetchone()[0]
            }
            assert all(like <= _found(index, folded) for folded in grams.words(word)), word


@given(TEXTS, TEXTS)
def test_highlighting_changes_no_text_and_marks_what_was_found(text, query):
    words = grams.words(query)
    parts = search.marked(text, words)
    assert "".join(part["text"] for part in parts) == text
    assert any(part["hit"] for part in parts) == any(word in grams.fold(text) for word in words)


def test_a_long_text_is_cut_around_its_first_hit():
    parts = search.marked("前" * 500 + "公务接待费" + "后" * 500, ["公务接待费"], 90)
    assert [part["text"] for part in parts if part["hit"]] == ["公务接待费"]
    assert parts[0]["text"] == parts[-1]["text"] == "…"
    assert sum(len(part["text"]) for part in parts) <= 92


@pytest.mark.parametrize("word", ["运行", "经费", "采购", "智能装", "2060301", "405004", "费", "≥", "“三公”经费"])
def test_every_word_is_found_wherever_like_finds_it_in_the_database(site, site_database, specs, fetch, word):
    with closing(sqlite3.connect(site_database)) as connection:
        for entry in specs.search:
            condition = " or ".join(f'"{name}" like :p' for name in (entry.title, *entry.texts))
            column, start = entry.only or ("''", "")
            like = f"select count(*) from {entry.table} where ({condition}) and {column} like :start"  # noqa: S608 - names from the specs
            (wanted,) = connection.execute(like, {"p": f"%{word}%", "start": f"{start}%"}).fetchone()
            found = fetch(site, f"/-/search.json?q={word}&类={entry.kind}").json()["groups"]
            assert sum(group["count"] for group in found) == wanted, entry.kind


def test_hits_are_grouped_marked_and_lead_to_pages_made_for_readers(site, fetch):
    page = fetch(site, "/-/search?q=公务接待费").text
    assert "<mark>公务接待费</mark>" in page
    addresses = re.findall(r'<li><a href="(/[^"]+)"', page)
    assert any(address.startswith("/code/") for address in addresses)
    assert any(address.startswith("/-/source/narrative_facts/") for address in addresses)
    for address in addresses:
        fetch(site, address)
    groups = fetch(site, "/-/search.json?q=公务接待费").json()["groups"]
    assert {"经济科目", "文字说明", "名词解释"} <= {group["kind"] for group in groups}
    assert all("公务接待费" in hit["title"] + hit["text"] for group in groups for hit in group["hits"])


@pytest.mark.parametrize(
    ("kind", "word", "page"),
    [
        ("单位", "中心", "/unit/"),
        ("功能科目", "机构运行", "/code/"),
        ("项目", "运行", "/project/"),
        ("绩效指标", "满意度", "/project/"),
        ("名词解释", "基本支出", "/-/source/glossary/"),
        ("公开文档", "2026", "/document/"),
        ("核对规则", "合计", "/budget/rules/"),
    ],
)
def test_each_kind_of_hit_leads_to_its_page(kind, word, page, site, fetch):
    (group,) = fetch(site, f"/-/search.json?q={word}&类={kind}").json()["groups"]
    for hit in group["hits"][:3]:
        assert hit["page"].startswith(page)
        assert hit["url"].startswith("/budget/")
        fetch(site, hit["page"])
        fetch(site, hit["url"])


@pytest.mark.parametrize("number", ["1117.75", "1,117.75"])
def test_a_number_is_found_however_its_thousands_are_written(number, site, fetch):
    (group,) = fetch(site, f"/-/search.json?q={number}&类=文字说明").json()["groups"]
    assert group["count"] > 1
    assert all("1,117.75" in hit["text"] or "1117.75" in hit["text"] for hit in group["hits"])
    assert "<mark>1,117.75</mark>" in fetch(site, f"/-/search?q={number}").text


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("12", ("12",)),
        ("1234", ("1234", "1,234")),
        ("1234567.8", ("1234567.8", "1,234,567.8")),
        ("1,234", ("1,234", "1234")),
        ("0012", ("0012", "0012")),
        ("1,23", ("1,23",)),
        ("经费", ("经费",)),
    ],
)
def test_spellings_of_a_number(word, found):
    assert hits.spellings(word) == found


def test_what_many_documents_say_alike_is_listed_once(site, fetch):
    """The documents of the fixture have the same glossary: on the page one hit stands for all of them."""
    (group,) = fetch(site, "/-/search.json?q=基本支出&类=名词解释").json()["groups"]
    assert group["count"] > len({hit["text"] for hit in group["hits"]})
    assert "处写得一样" in fetch(site, "/-/search?q=基本支出").text


def test_a_hit_of_nothing_leads_further(site, fetch):
    page = fetch(site, "/-/search?q=没有这样的话&年度=2026").text
    assert "去掉限定条件" in page
    for address in ("/unit", "/code", "/ranking", "/budget"):
        assert f'href="{address}"' in page.split("没有找到")[1]


def test_columns_are_found_too(site, fetch):
    tables = fetch(site, "/-/search.json?q=公务接待费").json()["tables"]
    columns = ["公务接待费", "预算数_公务接待费"]
    assert {"url": "/budget/three_public", "title": "三公经费、会议费、培训费", "columns": columns} in tables


def test_year_and_unit_narrow_the_hits(site, fetch):
    every = {g["kind"]: g for g in fetch(site, "/-/search.json?q=公务接待费").json()["groups"]}["文字说明"]
    years = [fetch(site, f"/-/search.json?q=公务接待费&年度={y}&类=文字说明").json()["groups"][0] for y in (2026, 2027)]
    assert every["count"] == sum(group["count"] for group in years)
    assert {hit["year"] for hit in years[1]["hits"]} == {2027}
    units = fetch(site, "/-/search.json?q=公务接待费&单位=450200-405004").json()["groups"]
    assert {hit["unit"] for group in units for hit in group["hits"]} == {"450200-405004"}
    assert fetch(site, "/-/search.json?q=公务接待费&年度=1999").json()["groups"] == []


def test_one_kind_can_be_paged_through(site, fetch, monkeypatch):
    monkeypatch.setattr(search, "_MANY", 7)
    seen, after = [], 0
    while after is not None:
        (group,) = fetch(site, f"/-/search.json?q=费&类=文字说明&_after={after}").json()["groups"]
        seen += [hit["id"] for hit in group["hits"]]
        after = group["more_after"]
    assert len(seen) == len(set(seen)) > 14
    assert seen == sorted(seen)


@pytest.mark.parametrize("counted", [3, 20, 1000])
@pytest.mark.parametrize("asked", ["费", "费 运", "费&年度=2026", "费&_after=40"])
def test_one_letter_finds_in_one_pass_what_each_kind_finds_alone(
    counted, asked, site_database, specs, fetch, monkeypatch
):
    """Also where the pass is read in many pieces, and ends within a kind."""
    monkeypatch.setattr(search, "COUNTED", counted)
    monkeypatch.setattr(search, "_AT_ONCE", 7)
    monkeypatch.setattr(search, "_MANY", search._FEW)
    for public in (False, True):
        site = make_site(site_database, specs, Setup(public=public))
        together = fetch(site, f"/-/search.json?q={asked}").json()["groups"]
        alone = [fetch(site, f"/-/search.json?q={asked}&类={entry.kind}").json()["groups"] for entry in specs.search]
        assert together == [group for groups in alone for group in groups]
        assert len(together) > 1


def test_a_letter_that_takes_too_long_asks_for_more_letters(site_database, specs, fetch, monkeypatch):
    slow = make_site(site_database, specs)
    monkeypatch.setattr(search, "_ALL_IDS", ENDLESS)
    monkeypatch.setitem(slow._settings, "sql_time_limit_ms", 20)
    assert "请多写几个字" in fetch(slow, "/-/search?q=费", 400).text


def test_several_words_must_all_occur(site, fetch):
    both = fetch(site, "/-/search.json?q=运行 维护&类=文字说明").json()["groups"][0]["hits"]
    assert both
    assert all("运行" in hit["text"] and "维护" in hit["text"] for hit in both)


def test_hostile_text_is_text(site_database, specs, fetch, tmp_path):
    copy = tmp_path / "hostile.db"
    copy.write_bytes(site_database.read_bytes())
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("update search_entries set 标题 = ?, 正文 = ?", (HOSTILE, "公务接待费" + HOSTILE))
        connection.execute("update units set 单位名称 = ?", (HOSTILE,))
    hostile = make_site(copy, specs)
    for address in ("/-/search?q=公务接待费&单位=450200-405003", "/-/search?q=" + HOSTILE.replace("&", "%26")):
        page = fetch(hostile, address).text
        assert "<script>alert(" not in page
        assert "&lt;script&gt;" in page
        assert "{{ 7*7 }}" in page


@pytest.mark.parametrize("query", ['"', "*", "NEAR(", "文:", "a OR", "^", "-", "' or 1=1 --", "(", "%", "_", "\\"])
def test_signs_of_query_languages_are_only_signs(site, fetch, query):
    found = fetch(site, f"/-/search.json?q={query.replace('%', '%25')}").json()
    assert found["query"] == query
    for group in found["groups"]:
        assert all(grams.fold(query)[0] in grams.fold(hit["title"] + hit["text"]) for hit in group["hits"])


def test_nothing_asked_nothing_found(site, fetch):
    assert fetch(site, "/-/search.json?q= ").json()["groups"] == []
    fetch(site, "/-/search")


@pytest.mark.parametrize("arguments", ["q=" + "长" * 201, "q=费&_after=x", "q=费&_after=99999999999999999999"])
def test_unreasonable_questions_are_refused(site, fetch, arguments):
    fetch(site, f"/-/search?{arguments}", 400)


def test_an_older_database_says_what_to_do(site_database, specs, fetch, tmp_path):
    copy = tmp_path / "old.db"
    copy.write_bytes(site_database.read_bytes())
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("drop table search_kinds")
    assert "yusuan load" in fetch(make_site(copy, specs), "/-/search?q=费").text


def test_index_tables_are_not_offered_as_data(site, fetch):
    listed = fetch(site, "/budget.json").json()["tables"]
    assert {table["name"] for table in listed if table["name"].startswith("search") and not table["hidden"]} == set()


def test_what_the_search_wants_must_exist(specs):
    wrong = [replace(specs.search[0], title="单位名"), replace(specs.search[0], table="unit")]
    with pytest.raises(SpecError) as caught:
        _check_references(replace(specs, search=tuple(wrong)))
    assert sorted(problem.found for problem in caught.value.problems) == ["unit", "单位名"]
    assert json.dumps([problem.hint for problem in caught.value.problems], ensure_ascii=False).count("是否想写") == 2
