"""A narrative in a file of its own: it finds its tables, is checked against them, and is set aside without them."""

import asyncio
import csv
import json
import re

import pytest
import yaml

from yusuan.site.server import make_site
from yusuan.workflow import build, check, convert, load, validate

TITLE = "405003柳州市智能制造科技服务中心2026年单位预算公开说明"
TABLES = "450200-405003-2026-budget"
STORY = TABLES + "-narrative"


@pytest.fixture
def halves(sample_text, tmp_path):
    """Return a function that writes the sample as its publisher might have: the words in one file, the tables in another."""
    start = sample_text.index("# 第五部分 附件")

    def write(words=sample_text[:start], tables=sample_text[start:]):
        paths = tmp_path / "情况说明.md", tmp_path / "报表.md"
        for path, text in zip(paths, (words, f"# {TITLE}\n\n{tables}"), strict=True):
            path.write_text(text, "utf-8")
        return paths

    return write


def rows(folder, table, document=None):
    with (folder / "2026" / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if document in (None, row["文件"])]


def told(results):
    """Return what came of the rules that speak of the narrative."""
    names = ("相符", "舍入内", "不符", "不适用")
    return {row["规则"]: [row[name] for name in names] for row in results if row["规则"].startswith("N-")}


def test_together_they_say_what_the_whole_says(halves, sample_path, tmp_path, specs):
    convert([sample_path], tmp_path / "whole", specs)
    report = convert(halves(), tmp_path / "out", specs)
    assert [outcome.disclosure.identity.key for outcome in report.outcomes] == [STORY, TABLES]
    documents = {row["文件"]: row for row in rows(tmp_path / "out", "documents")}
    assert documents[STORY]["单位"] == documents[TABLES]["单位"] == "450200-405003"
    assert (documents[STORY]["公开表数"], documents[TABLES]["公开表数"]) == ("0", "12")
    for table in ("narrative_facts", "staffing", "vehicles", "glossary", "key_projects"):
        whole = [{**row, "文件": STORY} for row in rows(tmp_path / "whole", table)]
        assert whole == rows(tmp_path / "out", table)
    whole = told(rows(tmp_path / "whole", "rule_results"))
    parts = told(rows(tmp_path / "out", "rule_results", STORY))
    assert sum(int(item[0]) for item in parts.values()) > len(parts)
    # whether the words cover every row of a table takes both texts in one file
    covers = {rule.id for rule in specs.rules.rules.values() if "stated_cover" in rule.kinds}
    assert {rule: item for rule, item in whole.items() if rule not in covers} == parts
    assert told(rows(tmp_path / "out", "rule_results", TABLES)) == {}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_one_may_come_before_the_other(halves, tmp_path, specs, order):
    paths, out = halves(), tmp_path / "out"
    together = tmp_path / "together"
    convert(paths, together, specs)
    first, second = (convert([paths[number]], out, specs) for number in order)
    if order[0] == 0:  # the words alone are set aside, and taken in when they are given again
        assert [problem.code for problem in first.outcomes[0].problems] == ["NARRATIVE-ONLY"]
        second = convert([paths[0]], out, specs)
    assert second.outcomes[0].disclosure.identity.key == STORY
    for path in sorted((together / "2026").rglob("*.*")):
        assert path.read_bytes() == (out / "2026" / path.relative_to(together / "2026")).read_bytes(), path.name
    assert validate(out, specs).problems == ()
    load(out, tmp_path / "budget.db", specs)


def test_a_number_that_differs_is_found_and_leads_to_the_other_file(halves, sample_text, tmp_path, specs):
    words, out = sample_text[: sample_text.index("# 第五部分 附件")], tmp_path / "out"
    assert words.count("2026年政府采购预算10.30万元") == 1
    report = convert(halves(words.replace("政府采购预算10.30万元", "政府采购预算19.30万元")), out, specs)
    found = [item for item in report.outcomes[0].findings if item.rule == "N-COPY" and item.grade == "violated"]
    assert [(item.printed, item.document) for item in found] == [("19.30", STORY)]
    assert found[0].cells
    assert all(cell.startswith(f"{TABLES}.t10") for cell in found[0].cells)
    assert set(found[0].cells) <= {row["格"] for row in rows(out, "finding_cells", STORY)}
    assert not [row for row in rows(out, "findings", TABLES) if row["规则"] == "N-COPY"]
    corrected = {
        "document": TABLES,
        "cell": found[0].cells[0].removeprefix(f"{TABLES}."),
        "printed": "10.30",
        "corrected": "19.30",
        "reason": "原文少印一位",
        "source": "单位答复",
        "status": "confirmed",
    }
    (out / "2026" / "corrections.yml").write_text(
        yaml.safe_dump({"corrections": [corrected]}, allow_unicode=True), "utf-8"
    )
    check([out], specs)
    states = {row["印刷值"]: row["处理"] for row in rows(out, "findings", STORY) if row["规则"] == "N-COPY"}
    assert states["19.30"] == "已更正"


def test_two_documents_of_the_name_are_no_answer(halves, tmp_path, specs):
    """Tables of a department and of a unit of the same name: nobody can say whose words they are."""
    words, tables = halves()
    other = tmp_path / "部门报表.md"
    text = tables.read_text("utf-8").replace("405003", "405009")
    other.write_text(text, "utf-8")
    report = convert([words, tables, other], tmp_path / "out", specs)
    assert [problem.code for problem in report.outcomes[0].problems] == ["NARRATIVE-ONLY"]


def test_tables_with_words_of_their_own_need_no_others(halves, sample_path, tmp_path, specs):
    words, _ = halves()
    report = convert([words, sample_path], tmp_path / "out", specs)
    assert [problem.code for problem in report.outcomes[0].problems] == ["NARRATIVE-ONLY"]
    assert report.exit_code == 3
    assert json.loads(json.dumps(report.as_dict()))["documents"][0]["standing"] == "narrative_only"


def test_the_page_of_the_unit_tells_both(halves, sample_path, tmp_path, specs):
    """Staff, vehicles, last year's figures and findings are there although they are told in the other file."""
    pages = {}
    for name, sources in {"whole": [sample_path], "parts": halves()}.items():
        build(sources, tmp_path / name, tmp_path / f"{name}.db", specs)
        site = make_site(tmp_path / f"{name}.db", specs)
        pages[name] = asyncio.run(site.client.get("/unit/450200-405003/2026")).text
    for told in ("编制", "车辆"):
        assert pages["whole"].count(told) == pages["parts"].count(told) > 0
    whole, parts = (re.findall(r"-?[\d,]+\.\d\d", page) for page in pages.values())
    assert len(whole) > 100
    assert sorted(set(whole)) == sorted(set(parts))
