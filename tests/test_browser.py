"""The site in a real browser: a reader's way through it, on a desktop and a phone, without a mouse, and for everybody.

Screenshots stay in build/screenshots for whoever looks at them.
"""

from __future__ import annotations

import csv
import json
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn

from browser import DESKTOP, PHONE, Browser
from generator import find_chromium
from yusuan.site.server import listen, make_site

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "build" / "screenshots"
AXE = ROOT / "tests" / "vendor" / "axe-core" / "axe.min.js"
UNIT, NEIGHBOUR = "450200-405003", "450200-991001"
DOCUMENT = f"{UNIT}-2026-budget"
#: Every kind of page there is.
PAGES = {
    "home": "/",
    "database": "/budget",
    "table": "/budget/expenditure_by_function",
    "table-filtered": "/budget/expenditure_by_function?年度=2026&_facet=科目编码",
    "row": f"/budget/documents/{DOCUMENT}",
    "question": "/budget/three_public_ranking",
    "question-search": "/budget/indicator_search?词=满意",
    "sql": "/budget?sql=select 年度, 合计 from expenditure_by_function",
    "units": "/unit",
    "unit": f"/unit/{UNIT}",
    "unit-years": f"/unit/{NEIGHBOUR}?show=share",
    "codes": "/code",
    "code": "/code/206",
    "project": f"/project/{DOCUMENT}.t12.r03",
    "compare": f"/compare?unit={UNIT}&unit={NEIGHBOUR}&measure=three-public&show=staff",
    "rankings": "/ranking",
    "ranking": "/ranking/expenditure",
    "error": "/nix",
}
#: What axe-core calls a barrier for somebody.
SERIOUS = {"serious", "critical"}
every_page = pytest.mark.parametrize("name", PAGES)
pytestmark = pytest.mark.skipif(find_chromium() is None, reason="没有安装 Chromium，不能在浏览器里看网站")


@contextmanager
def served(database, specs):
    """Serve a database on a free port and give its address."""
    listener = listen("127.0.0.1", 0)
    config = uvicorn.Config(make_site(database, specs).app(), log_level="warning", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture(scope="module")
def home(neighbours, specs):
    with served(neighbours, specs) as address:
        yield address


@pytest.fixture(scope="module")
def browser(tmp_path_factory, home):
    """Return the browser; afterwards it must have asked for nothing that is not this site's."""
    with Browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened
        assert opened.requested
        assert [address for address in opened.requested if not address.startswith((f"{home}/", "data:"))] == []
        assert [said for said in opened.said if "/nix" not in said and "favicon" not in said] == []


def test_from_home_to_a_number_and_its_download(browser, home):
    """Home → question → facet of a table → row → unit → CSV, opened again."""
    browser.resize(DESKTOP)
    browser.open(home)
    browser.click("a", "哪些单位的三公经费最高")
    assert "6.03" in browser.text
    browser.open(home)
    browser.click("a", "支出（按功能科目）")
    browser.click(".facets a", "柳州市智能制造科技服务中心")
    assert "7 行，单位 = 450200-405003 柳州市智能制造科技服务中心" in browser.text
    browser.click("td a", "详情")
    assert "出处" in browser.text
    browser.click("td a", "柳州市智能制造科技服务中心")
    assert browser.address == f"{home}/unit/{UNIT}"
    assert "1,117.75" in browser.text
    file = browser.download("#composition a[download]", "CSV")
    rows = list(csv.DictReader(file.read_text("utf-8").splitlines()))
    assert [row["金额（万元）"] for row in rows if row["编码"] == "2060301"] == ["751.44"]


def test_a_question_is_asked_with_its_form(browser, home):
    browser.resize(DESKTOP)
    browser.open(f"{home}/budget/three_public_ranking")
    browser.run("document.querySelector('select[name=年度]').value = '2025'")
    browser.click("form.filters button", "查询")
    assert "年度=2025" in browser.address
    assert "柳州市合成测试甲中心" in browser.text
    assert "柳州市智能制造" not in browser.text


def test_units_are_chosen_and_compared(browser, home):
    browser.resize(DESKTOP)
    browser.open(f"{home}/compare")
    for unit in (UNIT, NEIGHBOUR):
        browser.run(f"document.querySelector('input[value=\"{unit}\"]').click()")
    browser.click("form.filters button", "对比")
    assert browser.run("document.querySelectorAll('figure svg a').length") == 4  # two bars, wide and narrow
    assert "柳州市合成测试甲中心 2026 年" in browser.text


def test_the_page_is_used_without_a_mouse(browser, home):
    """The first Tab reaches the skip link, and every tile of a picture can be reached and followed."""
    browser.resize(DESKTOP)
    browser.open(f"{home}/unit/{UNIT}")
    browser.press("Tab", 9)
    assert browser.run("document.activeElement.textContent") == "跳到正文"
    browser.run("document.querySelector('#composition .for-desktop a').focus()")
    assert browser.run("document.activeElement.querySelector('title').textContent").startswith(
        "科学技术支出 · 机构运行"
    )
    browser.follow("Enter", 13)
    assert browser.address == f"{home}/code/2060301"


def barriers(browser):
    """Return what axe-core finds wrong with the page."""
    browser.run(AXE.read_text("utf-8"))
    found = json.loads(browser.run("axe.run().then(r => JSON.stringify(r.violations))"))
    return [(v["impact"], v["id"], v["help"], [n["target"] for n in v["nodes"]]) for v in found]


@every_page
def test_page_fits_the_screen_and_has_no_barrier(name, browser, home):
    """Wide tables scroll in their frames, the page itself does not; axe-core calls nothing serious. Pictures are kept."""
    for size in (DESKTOP, PHONE):
        browser.resize(size)
        browser.open(f"{home}{PAGES[name]}")
        assert browser.run("document.documentElement.scrollWidth") <= size.width
        browser.screenshot(PICTURES / f"{name}-{size.width}.png", whole=True)
        assert [found for found in barriers(browser) if found[0] in SERIOUS] == []


def test_a_barrier_would_be_found(browser, home):
    browser.open(home)
    browser.run("document.documentElement.removeAttribute('lang'); document.querySelector('label').remove()")
    browser.run("document.querySelector('input').removeAttribute('placeholder')")
    assert {"html-has-lang", "label"} <= {name for impact, name, _, _ in barriers(browser) if impact in SERIOUS}


@pytest.mark.parametrize(
    ("size", "shown", "hidden"), [(DESKTOP, ".for-desktop", ".for-phone"), (PHONE, ".for-phone", ".for-desktop")]
)
def test_a_screen_shows_the_picture_that_is_made_for_it(size, shown, hidden, browser, home):
    browser.resize(size)
    browser.open(f"{home}/unit/{UNIT}")
    visible = "[...document.querySelectorAll('{}')].filter(e => e.getClientRects().length).length"
    assert browser.run(visible.format(shown)) == 5
    assert browser.run(visible.format(hidden)) == 0
    sizes = browser.run(
        "[...document.querySelectorAll('" + shown + " text')].filter(e => e.getClientRects().length)"
        ".map(e => parseFloat(e.getAttribute('font-size')) * e.ownerSVGElement.getBoundingClientRect().width"
        " / e.ownerSVGElement.viewBox.baseVal.width)"
    )
    assert min(sizes) >= 11


def test_pages_work_without_javascript(browser, home):
    browser.resize(DESKTOP)
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(f"{home}/unit/{UNIT}")
    browser.screenshot(PICTURES / "without-javascript.png")
    browser.call("Emulation.setScriptExecutionDisabled", value=False)
    assert browser.run("document.querySelectorAll('script').length") == 0
    assert browser.run("document.querySelectorAll('figure svg').length") == 10


def test_print_leaves_out_what_paper_cannot_do(browser, home):
    browser.resize(DESKTOP)
    browser.open(f"{home}/budget/three_public_ranking")
    browser.call("Emulation.setEmulatedMedia", media="print")
    shown = browser.run(
        "[...document.querySelectorAll('.bar, form, .downloads')].filter(e => e.getClientRects().length).length"
    )
    browser.call("Emulation.setEmulatedMedia", media="")
    assert shown == 0
