"""The pages as a journalist sees them: Chinese, with names beside codes, amounts as printed, and nothing to exploit."""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from datasette.filters import Filters

from yusuan import workflow
from yusuan.site import cells, wording
from yusuan.site.server import make_site

UNIT, DOCUMENT = "450200-405003", "450200-405003-2026-budget"
SUBJECT = "/budget/expenditure_by_function"
OFFICIAL = "/budget/t05_general_public_expenditure"
#: English that Datasette's own templates show.
ENGLISH = re.compile(
    r"\b(rows?|Apply|Next page|Advanced export|View and edit SQL|home|Data (license|source)|This data as|Suggested"
    r"|Custom SQL|Run SQL|Format SQL|Query parameters|Links from|remove filter|descending|contains|Queries|Tables"
    r"|Download SQLite|Powered by|Error \d|results?|records|hidden|Binary)\b",
    re.IGNORECASE,
)
#: Codes of rules are names, not words.
RULE_CODE = re.compile(r"\b[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+\b")
#: Elements whose text is not the site speaking: code, and explanations of columns, which carry English glosses.
UNSEEN = {"style", "script", "pre", "code", "textarea", "dd", "td.explained"}
VOID = {"meta", "link", "input", "img", "br", "hr"}
#: A description of the data for search engines is no script: nothing runs it, and its text holds no sign of HTML.
DESCRIPTION = {"type": "application/ld+json"}
HOSTILE = "\"'><script>1</script><img src=x onerror=1>{{1234*5678}}"
assert len(HOSTILE) < 60 < len(HOSTILE * 2), "one is shown at once, two are folded"
PAGES = [
    "/",
    "/budget",
    SUBJECT,
    f"{SUBJECT}?年度=2026",
    f"{SUBJECT}?年度__gt=2030",
    "/budget/three_public",
    "/budget/cells",
    "/budget/findings",
    "/budget/documents",
    "/budget/t12_project_performance",
    f"/budget/units/{UNIT}",
    f"/budget/documents/{DOCUMENT}",
    f"{OFFICIAL}/{DOCUMENT},4",
    "/budget/three_public_ranking",
    "/budget/item_by_unit?科目编码=2060301",
    "/budget/biggest_projects",
    "/budget/indicator_search?词=满意",
    "/unit",
    f"/unit/{UNIT}",
    f"/unit/{UNIT}/2026?show=share",
    "/code",
    "/code/206",
    "/code/30101",
    f"/project/{DOCUMENT}.t12.r03",
    f"/compare?unit={UNIT}&show=staff",
    "/ranking",
    "/ranking/three-public",
    "/unit/nix",
    "/budget?sql=select+年度,+合计+from+expenditure_by_function",
    "/budget?sql=select+nix",
    "/nix",
    "/budget/nix",
    f"{SUBJECT}?_sort=nix",
]


class Tag(NamedTuple):
    """One start tag of a page."""

    name: str
    attributes: dict[str, str | None]


class Page(HTMLParser):
    """A page read the way a browser does: its tags, and its text without what is no prose."""

    def __init__(self, status, html):
        super().__init__(convert_charrefs=True)
        self.status, self.html = status, html
        self.tags, self.words, self._inside = [], [], []
        self.feed(html)

    @property
    def text(self):
        """The words of the page."""
        return re.sub(r"\s+", " ", "".join(self.words))

    def handle_starttag(self, tag, attrs):
        """Keep the tag."""
        self.tags.append(Tag(tag, dict(attrs)))
        if tag not in VOID:
            self._inside.append("td.explained" if tag == "td" and ("class", "explained") in attrs else tag)

    def handle_endtag(self, tag):
        """Leave the element, and those inside it that nobody closed."""
        while self._inside and self._inside.pop().partition(".")[0] != tag:
            pass

    def handle_data(self, data):
        """Keep text that is prose."""
        if not UNSEEN & set(self._inside):
            self.words.append(data)

    def all(self, name):
        """Return the attributes of all tags of that name."""
        return [tag.attributes for tag in self.tags if tag.name == name]

    def links(self):
        """Return the addresses of all links."""
        return [a["href"] for a in self.all("a")]

    def column(self, name):
        """Return the texts of one column of the data table."""
        head, *body = re.findall(r"<tr>(.*?)</tr>", self.html.partition('<table class="data">')[2], re.DOTALL)
        names = [plain(cell) for cell in re.findall(r"<th .*?>(.*?)</th>", head, re.DOTALL)]
        at = next(i for i, found in enumerate(names) if re.fullmatch(rf"{name}( [▲▼])?( 万元| 分)?", found))
        return [plain(re.findall(r"<td.*?>(.*?)</td>", row, re.DOTALL)[at]) for row in body]


def plain(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).strip()


def get(site, address):
    path, _, query = address.partition("?")
    asked = quote(path, safe="/,~-_.") + (f"?{quote(query, safe='=&+,%')}" if query else "")
    response = asyncio.run(site.client.get(asked, follow_redirects=True))
    return Page(response.status_code, response.text)


@pytest.fixture(scope="session")
def database(tmp_path_factory, sample_path, specs):
    folder = tmp_path_factory.mktemp("site")
    workflow.build([sample_path], folder / "datapackage", folder / "budget.db", specs)
    return folder / "budget.db"


@pytest.fixture(scope="session")
def site(database, specs):
    return make_site(database, specs)


@pytest.fixture(scope="session")
def hostile_site(database, specs, tmp_path_factory):
    """Return a site whose every free text, a table and a column are an attack."""
    path = tmp_path_factory.mktemp("hostile") / "hostile.db"
    shutil.copy(database, path)
    connection = sqlite3.connect(path)
    for spec in specs.every_table():
        for i, field in enumerate(spec.fields):
            if field.type == "text" and not field.enum and field.name not in spec.key:
                # names come from the specs
                connection.execute(f'UPDATE "{spec.name}" SET "{field.name}" = ?', (HOSTILE * (1 + i % 2),))  # noqa: S608
    connection.execute('CREATE TABLE "<b>t" ("<i>c" TEXT, "合计" REAL)')
    connection.execute('INSERT INTO "<b>t" VALUES (?, 1117.75)', (HOSTILE,))
    connection.commit()
    connection.close()
    return make_site(path, specs)


# --- every page ---


@pytest.mark.parametrize("address", PAGES)
def test_page_is_chinese_and_stands_alone(site, address):
    page = get(site, address)
    assert page.status in {200, 400, 404}
    assert page.all("html") == [{"lang": "zh-CN"}]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all("meta")
    said = RULE_CODE.sub("", page.text)
    assert not ENGLISH.search(said), ENGLISH.search(said)
    labels = [
        a[key]
        for tag in page.tags
        for a in [tag.attributes]
        for key in ("aria-label", "title")
        if a.get(key) and tag.name != "th"
    ]
    assert "数据许可" in page.text
    assert all(re.search(r"[一-鿿]", label) for label in labels), labels
    assert page.all("script") in ([], [DESCRIPTION])
    assert not [a for tag in page.tags for a in tag.attributes if a.startswith("on")]
    resources = [a.get("href") or a.get("src") for name in ("link", "img", "iframe") for a in page.all(name)]
    assert all(address.startswith("/") and not address.startswith("//") for address in resources)
    foreign = {urlsplit(link).hostname for link in page.links()} - {None}
    assert foreign <= {"datasette.io", "www.gov.cn"}


@pytest.mark.parametrize("address", PAGES)
def test_links_of_a_page_lead_somewhere(site, address):
    page = get(site, address)
    own = {link for link in page.links() if link.startswith("/") and not link.endswith(".db")}
    for link in sorted(own)[:40]:
        assert asyncio.run(site.client.get(link)).status_code == 200, link


@pytest.mark.parametrize("address", [a for a in PAGES if "nix" not in a])
def test_controls_have_names(site, address):
    page = get(site, address)
    labelled = {a.get("for") for a in page.all("label")}
    wrapped = set(
        re.findall(r"<label>[^<]*<(?:select|input)[^>]*name=\"(\w+)\"|<label><input[^>]*name=\"(\w+)\"", page.html)
    )
    inside = {name for pair in wrapped for name in pair}
    for name in ("input", "select", "textarea"):
        for control in page.all(name):
            named = control.get("aria-label") or control.get("id") in labelled - {None} or control.get("name") in inside
            assert named or control.get("type") == "hidden", control


def test_crumbs_are_home_and_the_chinese_title(site):
    crumbs = [plain(li) for li in re.findall(r"<li[ >].*?</li>", crumbs_of(get(site, SUBJECT)), re.DOTALL)]
    assert crumbs == ["首页", "支出（按功能科目）"]


def crumbs_of(page):
    return page.html.partition('aria-label="当前位置"')[2].partition("</nav>")[0]


def test_home_begins_with_the_tables_in_the_order_of_the_site(site, specs):
    page = get(site, "/")
    empty = {"agency_operations", "purchased_service_line"}  # the sample prints none; they are not on the home page
    wanted = [f"/budget/{name}" for name in specs.site["order"] if name not in empty]
    start = page.links().index(wanted[0])
    assert page.links()[start : start + len(wanted)] == wanted


def test_style_sheet_is_ours_and_loads_nothing(site):
    href = next(a["href"] for a in get(site, "/").all("link") if a["rel"] == "stylesheet")
    assert not re.search(r"url\(|@import", get(site, href).html)


# --- the table page ---


def test_table_says_what_is_filtered_how_many_and_in_which_order(site):
    text = get(site, f"{SUBJECT}?年度=2026").text
    assert "支出（按功能科目）" in text
    assert "每行一个单位、一个年度、一个功能科目" in text
    assert "7 行，年度 = 2026，按 合计 从大到小" in text


def test_conditions_on_codes_give_their_names(site):
    assert "单位 = 450200-405003 柳州市智能制造科技服务中心" in get(site, f"{SUBJECT}?单位={UNIT}").text
    assert "科目编码 = 2060301 机构运行" in get(site, f"{SUBJECT}?科目编码=2060301").text
    assert (
        "表 = t05_general_public_expenditure 表5" in get(site, "/budget/cells?表=t05_general_public_expenditure").text
    )


def test_order_is_silent_where_rows_follow_their_key(site):
    assert "按 格" not in get(site, "/budget/cells").text
    assert "按 格 倒序" in get(site, "/budget/cells?_sort_desc=格").text


def test_amounts_have_separators_and_codes_and_years_have_none(site):
    page = get(site, f"{OFFICIAL}?_sort_desc=合计")
    assert page.column("合计")[0] == "1,117.75"
    assert set(page.column("年度")) == {"2026"}
    assert "2060301" in page.column("科目编码")
    assert {"class": "number"} in page.all("td")
    assert all(re.fullmatch(r"[\d,]+\.\d\d", text) for text in page.column("合计"))


def test_exact_integers_have_separators(site):
    assert "751,440,000" in get(site, SUBJECT).column("合计_分")


def test_nothing_is_shown_for_no_value(site):
    assert set(get(site, SUBJECT).column("页")) <= {"", "&nbsp;"}


def test_the_amount_comes_before_what_only_places_a_row(site):
    """On a screen of usual width the first columns are what a reader came for."""
    headings = [
        plain(th).split(" ")[0] for th in re.findall(r"<th[^>]*>(.*?)</th>", get(site, SUBJECT).html, re.DOTALL)
    ]
    assert headings[:6] == ["详情", "年度", "单位", "阶段", "科目编码", "合计"]
    assert headings.index("部门") > headings.index("项目支出")
    assert headings.index("科目名称") > headings.index("项目支出")


def test_facets_have_code_and_name(site):
    facets = get(site, SUBJECT).html.partition('class="facets"')[2].partition("<table")[0]
    texts = [plain(li) for li in re.findall(r"<li>(.*?)</li>", facets, re.DOTALL)]
    assert "2060301 机构运行 1" in texts
    assert "206 科学技术支出 2" in texts


def test_a_facet_that_cannot_narrow_is_left_out_until_it_is_chosen(site):
    """All rows are of one organisation: to choose it would change nothing, to let it go does."""
    assert "<h2>单位" not in get(site, SUBJECT).html.partition('class="facets"')[2].partition("<table")[0]
    chosen = get(site, f"{SUBJECT}?单位={UNIT}").html.partition('class="facets"')[2].partition("<table")[0]
    assert "<strong>柳州市智能制造科技服务中心</strong>" in chosen


def test_facets_of_tables_and_findings_say_chinese(site):
    assert "表5 一般公共预算支出情况表" in get(site, "/budget/cells").text
    findings = get(site, "/budget/findings").text
    assert "警告" in findings
    assert "warning" not in findings


def test_facet_narrows_and_widens(site):
    page = get(site, SUBJECT)
    link = next(a for a in page.links() if parse_qs(urlsplit(a).query).get("科目编码") == ["2060301"])
    narrowed = get_link(site, link)
    assert "1 行，科目编码 = 2060301" in narrowed.text
    undo = next(a["href"] for a in narrowed.all("a") if a.get("aria-label") == "取消这个条件")
    assert "7 行" in get_link(site, undo).text


def get_link(site, link):
    response = asyncio.run(site.client.get(link, follow_redirects=True))
    return Page(response.status_code, response.text)


def test_filter_form_works_with_the_field_names_of_datasette(site):
    page = get(site, SUBJECT)
    assert {"_filter_column", "_filter_op", "_sort"} <= {a["name"] for a in page.all("select")}
    asked = {
        "_filter_column": "合计",
        "_filter_op": "gt",
        "_filter_value": "100",
        "_sort": "合计",
        "_sort_by_desc": "on",
    }
    filtered = get_link(site, f"{SUBJECT}?{urlencode(asked)}")
    assert "2 行，合计 > 100，按 合计 从大到小" in filtered.text
    again = {a["name"]: a.get("value") for a in filtered.all("input") if a.get("type") == "text"}
    assert again == {"_filter_value_1": "100", "_filter_value": ""}


def test_every_operator_of_datasette_has_a_chinese_name(site):
    page = get(site, SUBJECT)
    for lookup, _, no_argument in Filters([]).lookups():
        assert lookup in wording.OPERATORS
        assert {"value": lookup + ("__1" if no_argument else "")} in page.all("option")
        said = wording.condition("列", lookup, "{v}")
        assert said.startswith("列")
        assert ENGLISH.search(said) is None


def test_condition_that_filters_nothing_is_said(site):
    assert "条件“q”没有对应的列" in get(site, f"{SUBJECT}?q=x").text
    assert "条件“年度__foo”没有对应的列" in get(site, f"{SUBJECT}?年度__foo=1").text
    assert "没有对应的列" not in get(site, f"{SUBJECT}?年度=2026").text


@pytest.mark.parametrize(
    ("column", "orders"), [("合计", ["descending", "ascending"]), ("科目名称", ["ascending", "descending"])]
)
def test_sort_links_turn_the_order(site, column, orders):
    page = get(site, f"{SUBJECT}?_sort=年度")
    for order in orders:
        head = Page(page.status, page.html.partition("<thead>")[2].partition("</thead>")[0])
        link = next(a for a in head.links() if [column] in parse_qs(urlsplit(a).query).values())
        page = get_link(site, link)
        assert [a["aria-sort"] for a in page.all("th") if a.get("aria-sort", "none") != "none"] == [order]
        assert f"{column} {'▲' if order == 'ascending' else '▼'}" in page.text
    values = get(site, f"{SUBJECT}?_sort_desc=合计").column("合计")
    assert values == sorted(values, key=lambda text: -float(text.replace(",", "")))


def test_columns_are_explained_by_tooltip_and_below_the_table(site):
    page = get(site, SUBJECT)
    assert any("组织键" in (a.get("title") or "") for a in page.all("th"))
    assert page.html.index('<table class="data">') < page.html.index("各列的含义") < page.html.index("<dd>组织键")


def test_next_page_keeps_conditions_and_leads_back(site):
    page = get(site, "/budget/cells?部位=数据&_size=20")
    second = get_link(site, next(a["href"] for a in page.all("a") if a.get("rel") == "next"))
    assert "部位 = 数据" in second.text
    assert second.column("行次") != page.column("行次")
    assert "回到第一页" in second.text
    assert "下一页" in page.text


def test_downloads_give_everything_that_is_filtered(site):
    page = get(site, "/budget/cells?部位=数据&_size=20")
    count = int(re.search(r"下载全部 ([\d,]+) 行", page.text)[1].replace(",", ""))
    second = get_link(site, next(a["href"] for a in page.all("a") if a.get("rel") == "next"))
    for shown in (page, second):
        links = [a for a in shown.links() if urlsplit(a).path.startswith("/-/export/cells.")]
        assert [urlsplit(a).path.partition(".")[2] for a in links] == ["xlsx", "excel.csv", "csv", "json"]
        assert asyncio.run(site.client.get(links[1])).text.count("\r\n") == count + 1
        assert asyncio.run(site.client.get(links[2])).text.count("\n") == count + 1
        assert len(asyncio.run(site.client.get(links[3])).json()) == count


def test_rows_lead_to_document_and_official_row(site):
    page = get(site, SUBJECT)
    official = next(a for a in page.links() if urlsplit(a).path == "/budget/t03_expenditure" and "?" in a)
    assert set(parse_qs(urlsplit(official).query)) == {"文件", "行次"}
    assert "1 行，文件 = " in get_link(site, official).text
    assert any(urlsplit(a).path.startswith("/document/") for a in page.links())


def test_header_cells_are_not_taken_for_rows_of_the_table(site):
    page = get(site, "/budget/cells?部位=表头")
    assert not [a for a in page.links() if "行次=" in quote(a) or "%E8%A1%8C%E6%AC%A1=" in a]


def test_long_text_is_folded_and_whole(site):
    page = get(site, "/budget/project")
    assert {"class": "long"} in page.all("details")
    goal = max(page.column("年度绩效目标"), key=len)
    whole = get(site, next(a for a in page.links() if urlsplit(a).path.startswith("/budget/project/")))
    assert goal.split("… ", 1)[1][:80] in whole.text


def test_parent_codes_and_fen_come_after_what_is_read(site):
    page = get(site, SUBJECT)
    heads = [plain(h) for h in re.findall(r"<th .*?>(.*?)</th>", page.html, re.DOTALL)]
    assert heads.index("合计 ▼ 万元") < heads.index("款") < heads.index("合计_分")


def test_sql_is_offered_only_where_it_is_allowed(site, database, specs):
    closed = make_site(database, specs)
    closed._settings["default_allow_sql"] = False
    for address in (SUBJECT, "/budget", "/budget/three_public_ranking"):
        assert "sql=" in "".join(get(site, address).links()) or get(site, address).all("textarea")
        page = get(closed, address)
        assert "sql=" not in "".join(page.links())
        assert page.all("textarea") == []
    refused = get(closed, "/budget?sql=select+1")
    assert refused.status == 403
    assert "没有权限" in refused.text


# --- the other pages ---


def test_row_page_names_codes_and_shows_sources(site):
    link = next(a for a in get(site, SUBJECT).links() if urlsplit(a).path.startswith(f"{SUBJECT}/"))
    page = get(site, link)
    assert "柳州市智能制造科技服务中心 450200-405003" in page.text
    assert "公开表中的这一行（表3 单位支出总体情况表第 4 行）" in page.text
    evidence = next(a for a in page.links() if urlsplit(a).path == "/budget/cells")
    assert "751.44" in get_link(site, evidence).column("原文")


def test_row_page_lists_what_refers_to_it(site):
    page = get(site, "/budget/functional_codes/206")
    assert "支出（按功能科目）（按 类） 2 行" in page.text


def test_stored_query_asks_and_answers_in_chinese(site):
    asked = get(site, "/budget/item_by_unit?科目编码=9999999")
    assert "同一个科目，各单位花多少？" in asked.text
    assert "没有结果" in asked.text
    answered = get(site, "/budget/item_by_unit?科目编码=2060301")
    assert answered.column("合计") == ["751.44"]
    assert answered.column("年度") == ["2026"]


def test_sum_in_a_query_is_shown_without_binary_noise(site):
    page = get(site, "/budget?sql=select+sum(合计)+as+合计,+2026+as+n+from+expenditure_by_function")
    assert page.column("合计") == ["1,117.75"]
    assert page.column("n") == ["2026"]


@pytest.mark.parametrize(
    ("address", "status", "sentence"),
    [
        ("/nix", 404, "没有这个页面"),
        ("/budget/nix", 404, "没有这个页面"),
        ("/budget/units/nix", 404, "没有这个页面"),
        ("/budget?sql=delete+from+units", 400, "查询无法执行"),
        ("/budget?sql=select+nix", 400, "查询无法执行"),
        (f"{SUBJECT}?_sort=nix", 400, "请求无法执行"),
        (f"{SUBJECT}?_size=x", 400, "请求无法执行"),
        (f"{SUBJECT}?年度__in=[", 400, "请求无法执行"),
        (f"{SUBJECT}?_where=nix", 400, "查询无法执行"),
        (
            "/budget?sql=with+recursive+n(i)+as+(select+1+union+all+select+i%2B1+from+n)+select+max(i)+from+n&_timelimit=20",
            400,
            "查询时间过长",
        ),
    ],
)
def test_errors_are_chinese_sentences_with_a_way_out(site, address, status, sentence):
    page = get(site, address)
    assert page.status == status
    assert sentence in page.text
    assert "Traceback" not in page.html
    assert "首页" in page.text


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (f"{SUBJECT}?_sort=nix", "没有“nix”这一列，不能按它排序"),
        (f"{SUBJECT}?_col=nix", "没有“nix”这一列"),
        (f"{SUBJECT}?_size=x", "_size 应当是正整数"),
        (f"{SUBJECT}?_size=99999", "_size 不能超过 1000"),
        (f"{SUBJECT}?_sort=年度&_sort_desc=年度", "只能用一个"),
        ("/budget?sql=select+nix", "没有“nix”这一列"),
        ("/budget?sql=select+1+from+nix", "没有“nix”这张表"),
        ("/budget?sql=select+nix(1)", "没有“nix”这个函数"),
        ("/budget?sql=select+1+1", "“1”附近写得不对"),
        ("/budget?sql=delete+from+units", "应当是 SELECT 语句"),
    ],
)
def test_the_reason_is_said_in_chinese(site, address, said):
    page = get(site, address)
    assert page.status == 400
    assert said in page.html


def test_our_own_fault_is_logged_and_not_shown(site, monkeypatch, caplog):
    async def broken(*_):
        raise RuntimeError("secret")

    monkeypatch.setattr("yusuan.site.home.listing", broken)
    page = get(site, "/")
    assert page.status == 500
    assert "网站出了问题" in page.text
    assert "secret" not in page.html
    assert "secret" in caplog.text


def test_errors_for_programs_are_json(site):
    response = asyncio.run(site.client.get("/budget/nix.json"))
    assert response.status_code == 404
    assert response.json() == {"ok": False, "error": "没有这个页面", "status": 404, "title": "没有这个页面"}


# --- hostile documents and readers ---


#: Pages that say more of a document than the others do.
OF_DOCUMENTS = [
    "/unit",
    "/glossary",
    "/compare/2026",
    f"/document/{DOCUMENT}",
    f"/document/{DOCUMENT}/t05_general_public_expenditure",
    f"/project/{DOCUMENT}.t12.r03",
    f"/-/source/t03_expenditure/{DOCUMENT},1?column=合计",
    f"/-/source/glossary/{DOCUMENT},1",
    "/budget/not_adding_up",
    "/budget/three_public_change",
    "/budget/procurement_search",
]


@pytest.mark.parametrize("address", [*(a for a in PAGES if "nix" not in a), *OF_DOCUMENTS])
def test_text_of_documents_is_never_markup(hostile_site, address):
    assert_harmless(get(hostile_site, address))


@pytest.mark.parametrize("address", ["/", SUBJECT, OFFICIAL, f"/budget/units/{UNIT}", "/budget/three_public_ranking"])
def test_text_of_documents_is_shown_as_it_is(hostile_site, address):
    assert HOSTILE[:20] in get(hostile_site, address).text


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")  # Datasette's, after a wrong facet
@pytest.mark.parametrize(
    "address",
    [
        SUBJECT + "?科目名称={}",
        SUBJECT + "?{}=1",
        SUBJECT + "?年度__{}=1",
        SUBJECT + "?_search={}&_where={}",
        SUBJECT + "?_sort={}",
        SUBJECT + "?_facet={}",
        SUBJECT + "?_nosuggest={}",
        "/budget/item_by_unit?科目编码={}",
        "/budget?sql=select+'{}'",
        "/budget?sql={}",
        "/budget/{}",
        "/budget/units/{}",
        "/{}",
    ],
)
def test_addresses_are_never_markup(hostile_site, address):
    asked = quote(address, safe="/?=&{}+").replace("{}", quote(HOSTILE, safe=""))
    assert_harmless(get_link(hostile_site, asked))


def test_names_of_tables_and_columns_are_never_markup(hostile_site):
    for address in ("/budget/~3Cb~3Et", "/budget/~3Cb~3Et?_sort=<i>c&_facet=<i>c", "/budget/~3Cb~3Et/1"):
        page = get_link(hostile_site, address)
        assert page.status == 200
        assert "<b>t" in page.text
        assert_harmless(page)


def assert_harmless(page):
    described = [tag for tag in page.tags if tag.name == "script" and tag.attributes == DESCRIPTION]
    assert len(described) <= 1
    assert not {tag.name for tag in page.tags if tag not in described} & {"script", "img", "b", "i"}
    assert not [tag for tag in page.tags if any(name.startswith("on") for name in tag.attributes)]
    assert not [
        link
        for link in page.links()
        if not re.match(r"/(?![/\\])|#[a-z0-9-]+$|https://(datasette\.io|www\.gov\.cn)/", link)
    ]
    assert str(1234 * 5678) not in page.html


# --- amounts ---


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1117.75, "1,117.75"),
        (0.0, "0.00"),
        (34.2, "34.20"),
        (-1234567.5, "-1,234,567.50"),
        (0.123456, "0.123456"),
        (1117.7500000000002, "1,117.75"),
        (12345678901.23, "12,345,678,901.23"),
        (1e22, "10,000,000,000,000,000,000,000.00"),
        (3, "3.00"),
        (float("inf"), "inf"),
    ],
)
def test_amount_is_as_printed(value, text):
    assert cells.amount_text(value) == text
