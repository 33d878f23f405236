"""The static site in a real browser: in a sub-folder of a plain host, opened as files, on a phone, without scripts."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import pytest

from browser import DESKTOP, PHONE, Browser
from generator import find_chromium
from test_browser import PICTURES, SERIOUS, barriers
from yusuan.static import write_site
from yusuan.static.searching import entries_of

UNIT, FIRST = "450200-405003", "450200-991001"
DOCUMENT = f"{UNIT}-2026-budget"
#: Every kind of page there is.
PAGES = {
    "home": "index.html",
    "units": "unit/index.html",
    "unit": f"unit/{UNIT}/index.html",
    "unit-years": f"unit/{FIRST}/2026/show-share/index.html",
    "code": "code/206/index.html",
    "project": f"project/{DOCUMENT}.t12.r03/index.html",
    "document": f"document/{DOCUMENT}/index.html",
    "printed": f"document/{DOCUMENT}/t01_revenue_expenditure/index.html",
    "compare": "compare/index.html",
    "compare-year": "compare/2026/index.html",
    "compare-years": f"compare/{FIRST}/2026-2025/index.html",
    "ranking": "ranking/expenditure/index.html",
    "question": "budget/three_public_ranking/index.html",
    "table": "budget/procurement_line/index.html",
    "database": "budget/index.html",
    "glossary": "glossary/index.html",
    "downloads": "downloads/index.html",
    "search": f"search/index.html?q={quote('经费')}",
}
pytestmark = pytest.mark.skipif(find_chromium() is None, reason="没有安装 Chromium，不能在浏览器里看网站")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def handed_out(folder):
    """Serve a folder the plainest way there is."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def folder(neighbours, specs, tmp_path_factory):
    """Return the site in a folder of a folder: nothing above it may be needed."""
    return write_site(tmp_path_factory.mktemp("host") / "open data" / "budget", neighbours, specs).folder


@pytest.fixture(scope="module")
def home(folder):
    with handed_out(folder.parents[1]) as address:
        yield f"{address}/open%20data/budget/"


@pytest.fixture(scope="module")
def browser(tmp_path_factory, home):
    """Return the browser; afterwards it must have asked for nothing outside the folder, and complained of nothing."""
    with Browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened
        asked = [address for address in opened.requested if not address.startswith((home, "data:", "file:"))]
        assert [address for address in asked if not address.endswith("/favicon.ico")] == []
        assert [said for said in opened.said if "favicon" not in said] == []


def hits(browser):
    """Return the hits once the search has ended."""
    browser.run(
        "new Promise(done => { const look = () => document.getElementById('said').textContent.match(/找到|没有找到|没有取到/)"
        " ? done(1) : setTimeout(look, 20); look(); })"
    )
    return browser.run("[...document.querySelectorAll('#hits li')].map(e => e.textContent)")


def test_from_home_to_a_number_in_its_document(browser, home):
    """Home → unit → code → table → the very cell, with nothing but clicks."""
    browser.resize(DESKTOP)
    browser.open(f"{home}index.html")
    browser.click("header nav a", "单位")
    browser.click("main a", "柳州市智能制造科技服务中心")
    assert "1,117.75" in browser.text
    browser.click("#composition table a", "机构运行")
    assert "code/2060301/index.html" in browser.address
    browser.click("main a", "这个科目的全部行")
    assert "budget/expenditure_by_function/item-2060301/index.html" in browser.address
    browser.click("td a", "751.44")
    assert browser.address.endswith(f"document/{DOCUMENT}/t03_expenditure/index.html#r4.合计")
    assert browser.run("document.querySelector(':target').textContent") == "751.44"
    assert browser.run("getComputedStyle(document.querySelector('td:has(:target)')).outlineWidth") == "3px"


@pytest.mark.parametrize(
    ("word", "hit"), [("经费", "经费"), ("运行", "机构运行"), ("公务接待费", "公务接待费"), ("费", "费")]
)
def test_search_finds_any_part_of_a_word(word, hit, browser, home):
    browser.resize(DESKTOP)
    browser.open(f"{home}index.html")
    browser.run(f"document.querySelector('form[role=search] input').value = '{word}'")
    browser.click("form[role=search] button")
    found = hits(browser)
    assert found
    assert any(hit in text for text in found)
    marks = browser.run("[...new Set([...document.querySelectorAll('#hits mark')].map(e => e.textContent))]")
    assert word in marks
    browser.click("#hits a")
    assert "search/" not in browser.address


def test_a_number_is_found_without_its_commas(browser, home):
    browser.open(f"{home}search/index.html?q=1117.75")
    assert any("1,117.75" in text for text in hits(browser))


@pytest.mark.parametrize("words", ["培训 费", "采购", "公积金", "务接", "满意度 95", "的"])
def test_search_misses_nothing(words, browser, home, neighbours):
    """As many hits as there are texts that hold all the words, as a plain comparison of texts counts them."""
    texts = [f"{entry.title} · {entry.text}".replace(" ", "") for entry in entries_of(neighbours)]
    expected = sum(all(word in text for word in words.split()) for text in texts)
    assert expected
    browser.open(f"{home}search/index.html?q={quote(words)}")
    assert len(hits(browser)) == min(expected, 300)
    assert ("超过" in browser.run("document.getElementById('said').textContent")) == (expected > 300)


def test_search_says_that_nothing_was_found(browser, home):
    browser.open(f"{home}search/index.html?q={quote('麒麟')}")
    assert hits(browser) == []
    assert "没有找到" in browser.text


def test_search_is_narrowed_and_used_without_a_mouse(browser, home):
    browser.open(f"{home}search/index.html?q={quote('经费')}&{quote('年度')}=2025")
    assert hits(browser)
    about = browser.run("[...document.querySelectorAll('#hits li > .count')].map(e => e.textContent)")
    assert len(about) == len(hits(browser))
    assert all("2025" in text and "2026" not in text for text in about)
    browser.run("document.getElementById('q').focus()")
    browser.press("ArrowDown", 40)
    first = browser.run("document.activeElement.textContent")
    assert first == browser.run("document.querySelector('#hits a').textContent")
    browser.press("ArrowUp", 38)
    assert browser.run("document.activeElement.id") == "q"
    browser.press("ArrowDown", 40)
    browser.follow("Enter", 13)
    assert "search/" not in browser.address


@pytest.mark.parametrize("name", PAGES)
def test_page_fits_the_screen_and_has_no_barrier(name, browser, home):
    for size in (DESKTOP, PHONE):
        browser.resize(size)
        browser.open(f"{home}{PAGES[name]}")
        if name == "search":
            assert hits(browser)
        assert browser.run("document.documentElement.scrollWidth") <= size.width
        browser.screenshot(PICTURES / f"static-{name}-{size.width}.png", whole=True)
        assert [found for found in barriers(browser) if found[0] in SERIOUS] == []


def test_it_works_as_a_folder_of_files(browser, folder):
    """No server at all: pages, pictures and the search."""
    browser.resize(DESKTOP)
    browser.open((folder / "index.html").as_uri())
    browser.click("header nav a", "科目")
    browser.click("main a", "2060301")
    assert "751.44" in browser.text
    assert browser.run("getComputedStyle(document.querySelector('.bar')).display") == "flex"
    browser.open((folder / "search" / "index.html").as_uri() + f"?q={quote('运行')}")
    assert any("机构运行" in text for text in hits(browser))
    browser.click("#hits a", "运行")
    assert browser.address.startswith("file:///")


def test_it_works_without_scripts(browser, home):
    """All but the search; the search page says where to go instead."""
    browser.resize(DESKTOP)
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(f"{home}unit/{UNIT}/index.html")
        browser.screenshot(PICTURES / "static-without-scripts.png")
        browser.open(f"{home}search/index.html")
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
    browser.open(f"{home}unit/{UNIT}/index.html")
    assert browser.run("document.querySelectorAll('script').length") == 0
    assert browser.run("document.querySelectorAll('figure svg').length") == 10
    folder_page = browser.run("fetch('../../search/index.html').then(answer => answer.text())")
    assert "<noscript><p" in folder_page
    assert "检索要用脚本" in folder_page


def test_print_leaves_out_what_paper_cannot_do(browser, home):
    browser.resize(DESKTOP)
    browser.open(f"{home}unit/{UNIT}/index.html")
    browser.call("Emulation.setEmulatedMedia", media="print")
    shown = browser.run(
        "[...document.querySelectorAll('.bar, form, .downloads')].filter(e => e.getClientRects().length).length"
    )
    browser.call("Emulation.setEmulatedMedia", media="")
    assert shown == 0
