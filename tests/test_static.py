"""The static site: the same pages as the live one, every link resolves, every search finds what is there, same bytes."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import shutil
import sqlite3
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

import pytest

from yusuan.cli import app
from yusuan.errors import UsageError
from yusuan.site.server import make_site
from yusuan.static import replace_site, write_site
from yusuan.static.places import Places
from yusuan.static.rewriting import relative, rewritten
from yusuan.static.searching import SHARDS, entries_of
from yusuan.static.writing import _SIGNS
from yusuan.workflow import build

SAMPLE = Path(__file__).resolve().parents[1] / "datapackage" / "sources" / "405003-2026-budget.md"
UNIT, FIRST = "450200-405003", "450200-991001"
DOCUMENT = f"{UNIT}-2026-budget"
T05 = "t05_general_public_expenditure"
ADDRESS = "https://budget.example.org/open/"
PLACES = Places("/budget/biggest_projects")


@pytest.fixture(scope="module")
def written(neighbours, specs, tmp_path_factory):
    """Return the static site of several units and years."""
    return write_site(tmp_path_factory.mktemp("static") / "site", neighbours, specs, ADDRESS)


@pytest.fixture(scope="module")
def small(tmp_path_factory, specs):
    """Return a database of the sample alone, for what needs a site of its own."""
    folder = tmp_path_factory.mktemp("small")
    build([SAMPLE], folder / "out", folder / "budget.db", specs)
    return folder / "budget.db"


@pytest.fixture(scope="module")
def folder(written):
    return written.folder


class Seen(HTMLParser):
    """The addresses of a page, those it loads or asks, and its anchors."""

    def __init__(self, text):
        super().__init__()
        self.addresses, self.loaded, self.anchors = [], [], set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        """Note what an element leads to and what leads to it."""
        told = dict(attrs)
        self.anchors |= {told["id"]} if told.get("id") else set()
        self.addresses += [told[name] for name in ("href", "src", "action") if told.get(name) is not None]
        self.loaded += [told[name] for name in ("src", "action") if told.get(name) is not None]
        self.loaded += [told["href"]] if tag in {"link", "image", "use"} and "alternate" not in told.values() else []


@pytest.fixture(scope="module")
def pages(folder):
    """Return every page and picture by its path."""
    files = [path for ending in ("html", "svg") for path in folder.rglob(f"*.{ending}")]
    return {path: Seen(path.read_text("utf-8")) for path in sorted(files)}


def own(pages):
    """Yield (page, address) of everything that is not another site's."""
    for path, seen in pages.items():
        for address in seen.addresses:
            if urlsplit(address).scheme not in {"http", "https", "data"}:
                yield path, address


def test_no_link_is_dead(pages, folder):
    """Each leads to a file, by its whole name, so that it holds for a folder that is opened without any server."""
    count = 0
    for path, address in own(pages):
        if path.name == "404.html":
            continue
        parts = urlsplit(address)
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        assert target.is_file(), (path, address)
        assert target.is_relative_to(folder.resolve())
        assert not parts.fragment or unquote(parts.fragment) in pages[target].anchors, (path, address)
        count += 1
    assert count > 10_000


def test_nothing_is_loaded_from_elsewhere_and_nothing_asks_a_server(folder, pages):
    """Other sites are linked to, never loaded; a script stands on the search page alone; no form but the search's."""
    for path, seen in pages.items():
        text = path.read_text("utf-8")
        assert [a for a in seen.loaded if urlsplit(a).netloc and not a.startswith("data:")] == [], path
        assert "<script" not in text or path.parent.name == "search"
        forms = set(re.findall(r'<form[^>]* action="([^"]*)"', text))
        assert forms <= {relative(str(path.relative_to(folder)), "search/index.html"), "/open/search/"}
        assert "?_sort" not in text
        assert "?_facet" not in text


def test_every_page_is_reached_from_home(pages, folder):
    """What nobody can click to might as well not be there."""
    reached, waiting = set(), [folder / "index.html"]
    while waiting:
        path = waiting.pop()
        if path in reached:
            continue
        reached.add(path)
        for address in pages[path].addresses if path in pages else ():
            target = (path.parent / unquote(urlsplit(address).path)).resolve()
            if not urlsplit(address).scheme and target.is_file():
                waiting.append(target)
    lonely = {path.name for path in pages if path not in reached}
    assert lonely == {"404.html"}


def test_the_same_database_gives_the_same_bytes(small, specs, tmp_path):
    one, other = (write_site(tmp_path / name, small, specs, ADDRESS) for name in ("one", "elsewhere"))
    assert contents(one.folder) == contents(other.folder)
    assert (one.pages, one.files, one.size) == (other.pages, other.files, other.size)
    assert one.files == len(contents(one.folder))


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def shown(text):
    """Return what a page says in its main part, without tags, links to source pages made equal."""
    main = text[text.index("<main") : text.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", main))


@pytest.mark.parametrize(
    "address",
    [
        f"/unit/{UNIT}",
        f"/unit/{FIRST}/2025",
        "/code",
        "/code/206",
        "/rankings",
        "/compare/2026",
        "/glossary",
        "/document",
    ],
)
def test_a_page_says_what_the_live_one_says(address, folder, neighbours, specs, fetch):
    live = {"/rankings": "/ranking", "/document": f"/document/{DOCUMENT}"}.get(address, address)
    expected = shown(fetch(make_site(neighbours, specs), live).text)
    said = shown((folder / PLACES.place(live)).read_text("utf-8"))
    tables = re.compile(r"[0-9][0-9,]*\.[0-9]+")
    assert tables.findall(said) == tables.findall(re.sub(r"http\S*", "", expected))


def test_an_amount_leads_to_its_document_page_and_row(folder, pages):
    """Table of amounts → the table as printed, the very cell, and where in the document it stands."""
    path = folder / "budget/expenditure_by_function/index.html"
    text = path.read_text("utf-8")
    traced = [unquote(a) for a in pages[path].addresses if "#r" in a and DOCUMENT in a]
    assert f"../../document/{DOCUMENT}/t03_expenditure/index.html#r4.合计" in traced
    assert ">751.44<" in text
    printed = (folder / f"document/{DOCUMENT}/t03_expenditure/index.html").read_text("utf-8")
    assert '<span id="r4.合计">751.44</span>' in printed
    row = printed[printed.index('<tr id="r4"') :].partition("</tr>")[0]
    assert re.search(r"第 \d+ 行", row)
    assert "来源文件 405003-2026-budget.md" in printed


def test_a_table_as_printed_holds_every_cell(folder, neighbours):
    with contextlib.closing(sqlite3.connect(neighbours)) as connection:
        cells = connection.execute(
            "select 格, 原文 from cells where 文件 = ? and 表 = ? order by 格", [DOCUMENT, T05]
        ).fetchall()
    text = (folder / f"document/{DOCUMENT}/{T05}/index.html").read_text("utf-8")
    shown = {
        key: re.sub("<[^>]*>", "", said)
        for key, said in re.findall(r'<t[dh][^>]* id="([hir]\d+\.c\d+)"[^>]*>(.*?)</t[dh]>', text, re.DOTALL)
    }
    assert shown == {".".join(key.rsplit(".", 2)[1:]): said or "" for key, said in cells}
    assert len(cells) > 60


@pytest.mark.parametrize("table", ["t01_revenue_expenditure", T05, "t12_project_performance"])
def test_a_table_as_printed_has_the_rows_of_the_document(table, folder, neighbours):
    """Head, index row and body one after the other, each row whole and in its order."""
    with contextlib.closing(sqlite3.connect(neighbours)) as connection:
        found = connection.execute(
            "select 部位, 行次, group_concat(substr(格, -7)) from (select * from cells where 文件 = ? and 表 = ? order by 列次) "
            "group by 部位, 行次",
            [DOCUMENT, table],
        ).fetchall()
    order = {"表头": 1, "栏次": 2, "数据": 3}
    expected = [keys.split(",") for _, _, keys in sorted(found, key=lambda row: (order[row[0]], row[1]))]
    text = (folder / f"document/{DOCUMENT}/{table}/index.html").read_text("utf-8")
    shown = [re.findall(r'id="([hir]\d+\.c\d+)"', row) for row in re.findall(r"<tr.*?</tr>", text, re.DOTALL)]
    assert shown == expected


def test_a_number_of_the_narrative_leads_to_its_sentence(folder, pages):
    """Amounts, posts and cars that the narrative tells lead to where the document's page repeats it, with its line or page."""
    for name, row in (("narrative_facts", 1), ("staffing", 1), ("key_projects", 1)):
        path = folder / f"budget/{name}/index.html"
        assert f"../../document/{DOCUMENT}/index.html#{name}-{row}" in pages[path].addresses
    text = (folder / f"document/{DOCUMENT}/index.html").read_text("utf-8")
    item = text[text.index('id="narrative_facts-1"') :].partition("</li>")[0]
    assert re.search(r"第 \d+ 行", item)
    assert "1,117.75" in item


def test_no_link_leads_to_nowhere_by_being_empty(pages):
    assert [(path, address) for path, address in own(pages) if not address] == []


def test_csv_files_hold_every_row(folder, neighbours, specs):
    with contextlib.closing(sqlite3.connect(neighbours)) as connection:
        for name in (*specs.subjects, *specs.tables):
            text = (folder / f"csv/{name}.csv").read_text("utf-8")
            (count,) = connection.execute(f'select count(*) from "{name}"').fetchone()  # noqa: S608 - from the specs
            assert len(list(csv.reader(io.StringIO(text)))) == count + 1, name
            assert (folder / f"csv/{name}.excel.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_long_tables_have_all_their_pages(folder, neighbours):
    """A table of more than a hundred rows goes on: following 下一页 from the first page shows every row once."""
    with contextlib.closing(sqlite3.connect(neighbours)) as connection:
        expected = connection.execute("select 文件, 表, 行次 from procurement_line order by 键").fetchall()
        expected += connection.execute("select 文件, 表, 行次 from performance_indicator order by 键").fetchall()
    assert len(expected) > 150
    found = []
    for name in ("procurement_line", "performance_indicator"):
        found += walked(folder / f"budget/{name}/index.html")
    assert sorted(found) == sorted(expected)


def walked(path):
    """Return the places of the rows of a table, from its first page to its last."""
    found = []
    while path:
        text = path.read_text("utf-8")
        linked = re.findall(r'document/([^"/]+)/([a-z0-9_]+)/index\.html#r(\d+)">出处', text)
        found += [(unquote(document), table, int(row)) for document, table, row in linked]
        onwards = re.search(r'<a href="([^"]+)" rel="next"', text)
        path = (path.parent / unquote(onwards[1])).resolve() if onwards else None
    return found


# --- addresses ---


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("/", "index.html"),
        ("/unit", "unit/index.html"),
        (f"/unit/{UNIT}", f"unit/{UNIT}/index.html"),
        (f"/unit/{UNIT}/2026?show=share", f"unit/{UNIT}/2026/show-share/index.html"),
        ("/code/206?show=share&year=2025", "code/206/year-2025/show-share/index.html"),
        ("/budget/units", "budget/units/index.html"),
        (f"/budget/documents/{DOCUMENT}", f"document/{DOCUMENT}/index.html"),
        ("/budget/functional_codes/206", "code/206/index.html"),
        ("/budget/findings?文件=x&_facet=规则", "budget/findings/document-x/index.html"),
        (
            "/budget/three_public_change?年度=2026&费用=reception",
            "budget/three_public_change/cost-reception/year-2026/index.html",
        ),
        ("/project", "budget/biggest_projects/index.html"),
        ("/compare?unit=a&year=2026", "compare/2026/index.html"),
        ("/compare?unit=a&year=2026&year=2025", "compare/a/2026-2025/index.html"),
        ("/-/export/three_public.csv", "csv/three_public.csv"),
        ("/-/yusuan.css?v=1", "yusuan.css"),
        ("/figure/years.svg?unit=a", "figure/years/unit-a.svg"),
        # what only a server can answer
        ("/compare?unit=a&unit=b", None),
        ("/-/export/three_public.csv?年度=2026", None),
        ("/-/source/cells/x", None),
        ("/budget/regions/450200", None),
        ("/budget/units?单位名称__contains=x", None),
        ("/budget/units?_sort=单位", None),
        ("/budget?sql=select 1", None),
        ("/unit/a?year=1", None),
        ("/budget/cells", None),
        ("/unit/../../etc", None),
    ],
)
def test_places(address, place):
    assert PLACES.place(address) == place


def test_no_value_of_a_question_can_leave_its_folder():
    for value in ("..", "../x", "a/b", ".", "-", "部门预算", "x" * 300, "a b", "CON:"):
        place = PLACES.place(f"/unit/{UNIT}?kind={value}")
        assert re.fullmatch(rf"unit/{UNIT}/kind-[A-Za-z0-9._-]+/index\.html", place), value
        assert ".." not in place.split("/")


def test_rewriting_keeps_all_but_the_addresses():
    page = (
        '<!DOCTYPE html><p title="&lt;a&gt;">A &amp; B\n<a class="x" href="/b?q=1&amp;r=2">b</a> <a href="/c"><b>c</b></a>'
        '<svg viewBox="0 0 1 1"><a href="/c"><linearGradient/></a><a href="/b"><rect/></a></svg><a href="#d">d</a>'
        '<a href="https://e/f">e</a><script src="/b"></script><link href="/c"></p>'
    )
    said = {"/b?q=1&r=2": "../b&c", "/b": "b"}
    assert rewritten(page, said.get) == (
        '<!DOCTYPE html><p title="&lt;a&gt;">A &amp; B\n<a class="x" href="../b&amp;c">b</a> <span><b>c</b></span>'
        '<svg viewBox="0 0 1 1"><g><linearGradient/></g><a href="b"><rect/></a></svg><a href="#d">d</a>'
        '<a href="https://e/f">e</a><script src="b"></script></p>'
    )


def test_hostile_texts_stay_texts(small, specs, tmp_path):
    """What a document prints cannot become markup, neither on a page nor in the files of the search."""
    hostile = "\"'><script>1</script></script><img src=x onerror=1>"
    copy = tmp_path / "budget.db"
    shutil.copy(small, copy)
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        connection.execute("update units set 单位名称 = ? where 单位 = ?", [hostile, UNIT])
        connection.execute(
            "update search_entries set 标题 = ? where 表 = 'units' and 键 like ?", [hostile, f"%{UNIT}%"]
        )
        connection.execute("update cells set 原文 = ? where 格 = ?", [hostile, f"{DOCUMENT}.t05.r04.c04"])
        connection.execute("update glossary set 定义 = ? where 文件 = ?", [hostile, DOCUMENT])
        connection.commit()
    site = write_site(tmp_path / "site", copy, specs)
    texts = [path.read_text("utf-8") for path in site.folder.rglob("*") if path.suffix in {".html", ".js", ".svg"}]
    assert any("&lt;script&gt;1" in text for text in texts)
    assert [text for text in texts if "<script>1" in text or "<img src=x" in text] == []


# --- what a host and machines read ---


def test_sitemap_names_every_page_and_robots_the_sitemap(folder, pages):
    locations = [node.text for node in ET.parse(folder / "sitemap.xml").getroot().iter() if node.tag.endswith("loc")]  # noqa: S314 - our own file
    listed = {unquote(location.removeprefix(ADDRESS)) for location in locations}
    html = {str(path.relative_to(folder)).removesuffix("index.html") for path in pages if path.suffix == ".html"}
    assert listed == html - {"404.html"}
    assert len(listed) == len(locations)
    assert f"Sitemap: {ADDRESS}sitemap.xml" in (folder / "robots.txt").read_text("utf-8")


def test_without_an_address_there_is_no_address_to_get_wrong(small, specs, tmp_path):
    site = write_site(tmp_path / "site", small, specs)
    assert not (site.folder / "sitemap.xml").exists()
    text = "".join(path.read_text("utf-8") for path in site.folder.rglob("*.html"))
    assert "localhost" not in text
    assert "嵌入代码" not in text
    assert "引用：" in text


def test_citations_and_embed_codes_name_files_that_are_there(folder):
    text = (folder / f"unit/{UNIT}/2026/index.html").read_text("utf-8")
    named = [address for address in re.findall(r"https://budget\.example\.org/open/([^\s#&\"<]+)", text) if address]
    assert len(named) > 5
    for address in named:
        path = folder / unquote(address)
        assert (path / "index.html").is_file() if address.endswith("/") else path.is_file(), address


def test_the_missing_page_works_at_any_depth(folder):
    """A host answers with it at addresses of any depth, so what it leads to is named from the root."""
    seen = Seen((folder / "404.html").read_text("utf-8"))
    assert "/open/" in seen.addresses
    assert [a for a in seen.addresses if not a.startswith(("/open/", "#", "https://"))] == []


# --- search ---


class Found(NamedTuple):
    """The index of a static site, read the way its script reads it."""

    index: dict
    entries: list
    pairs: dict


def told(path):
    *_, data = json.loads("[" + path.read_text("utf-8").removeprefix("yusuan.take(...[").removesuffix("]);\n") + "]")
    return data


@pytest.fixture(scope="module")
def index(folder):
    head = told(folder / "search/index.js")
    count = -(-head["count"] // head["chunk"])
    entries = [entry for n in range(count) for entry in told(folder / f"search/entries/{n}.js")]
    pairs = {}
    for number in range(SHARDS):
        path = folder / f"search/pairs/{number:02x}.js"
        assert path.exists() == (head["shards"][number] == "1")
        pairs |= told(path) if path.exists() else {}
    return Found(head, entries, pairs)


def numbers(told):
    at, found = 0, []
    for step in told.split():
        at += int(step, 36)
        found.append(at)
    return found


def test_every_short_word_of_every_text_is_found(index):
    """All words of one to four characters that occur anywhere: what the index narrows down to misses nothing."""
    texts = [
        ["".join(unicodedata.normalize("NFKC", t).casefold().split()) for t in (e[3], *e[4].split(" · "))]
        for e in index.entries
    ]
    known = {pair: set(numbers(said)) for pair, said in index.pairs.items()}
    checked = 0
    for number, fields in enumerate(texts):
        for field in fields:
            for i in range(len(field)):
                assert number in known[field[i : i + 2]]
                checked += 1
    assert checked > 20_000
    for word in ("运行", "经费", "采购", "公务接待费", "费", "维护费", "满意度"):
        expected = {n for n, fields in enumerate(texts) if any(word in field for field in fields)}
        parts = [word[i : i + 2] for i in range(len(word) - 1)] or [word]
        found = (
            set.intersection(*(known.get(part, set()) for part in parts))
            if len(word) > 1
            else set().union(*(known[pair] for pair in known if pair.startswith(word)))
        )
        assert expected
        assert expected <= found


def test_hits_lead_to_pages_that_show_them(index, folder, pages):
    kinds = {index.index["kinds"][entry[0]] for entry in index.entries}
    assert kinds >= {"单位", "项目", "文字说明", "名词解释", "政府采购", "绩效指标", "公开文档"}
    for entry in index.entries:
        parts = urlsplit(entry[5])
        path = (folder / "search" / unquote(parts.path)).resolve()
        assert path.is_file(), entry
        assert not parts.fragment or unquote(parts.fragment) in pages[path].anchors, entry


def test_search_finds_what_the_live_site_finds(index, neighbours):
    with contextlib.closing(sqlite3.connect(neighbours)) as connection:
        (count,) = connection.execute("select count(*) from search_entries where 表 <> 'departments'").fetchone()
    assert len([e for e in entries_of(neighbours) if e.kind != "部门"]) == count
    assert len(index.entries) == len(entries_of(neighbours))


# --- the command ---


def test_site_replaces_its_own_folder_and_no_other(small, specs, tmp_path):
    out = tmp_path / "site"
    out.mkdir()
    for name in _SIGNS:
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_text("old", "utf-8")
    (out / "left.html").write_text("old", "utf-8")
    replace_site(out, small, specs)
    assert not (out / "left.html").exists()
    assert "old" not in (out / "robots.txt").read_text("utf-8")
    foreign = tmp_path / "photos"
    foreign.mkdir()
    (foreign / "index.html").write_text("mine", "utf-8")
    with pytest.raises(UsageError, match="FOLDER-FOREIGN"):
        replace_site(foreign, small, specs)
    assert (foreign / "index.html").read_text("utf-8") == "mine"


def test_the_command_says_what_it_wrote(small, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    app(["site", str(small), "--out", "out", "--json"], standalone_mode=False)
    said = json.loads(capsys.readouterr().out)
    assert said["folder"] == "out"
    assert said["files"] == sum(path.is_file() for path in Path("out").rglob("*"))
    assert said["pages"] > 300
