"""What a run says of each document and table: confirmed, recognised, undescribed, not readable, or no budget at all."""

import json

import pytest

from yusuan.errors import Problem
from yusuan.standing import document_standing, standing_lines, table_standings
from yusuan.workflow import convert

HALL = "\n# 办公用房情况表\n\n单位：万元\n\n房屋\t金额\n办公楼\t1,200.50\n"
STORY = """# 北京市某某局2026年度部门预算信息公开

第一部分 2026年度部门预算情况说明

二、收入预算情况说明

2026年收入预算9,616.34万元，比2025年8,990.00万元增加626.34万元，增长6.97%。
"""


def _by_standing(disclosure):
    found = {}
    for item in table_standings(disclosure, disclosure.findings):
        found.setdefault(item.standing, []).append(item.table or item.title)
    return found


def test_each_table_is_confirmed_or_says_why_not(sample_text, disclose):
    disclosure = disclose(sample_text + HALL)
    found = _by_standing(disclosure)
    assert sum(map(len, found.values())) == len(disclosure.tables) + 1
    assert found["undescribed"] == ["办公用房情况表"]
    assert {"t01_revenue_expenditure", "t05_general_public_expenditure"} <= set(found["confirmed"])
    doubted = {f.table for f in disclosure.findings if f.severity != "info"} - {None}
    assert doubted
    assert not doubted & set(found["confirmed"])
    lines = list(standing_lines(table_standings(disclosure, disclosure.findings)))
    assert lines[-1] == "没有版式描述 1 张：办公用房情况表"


def test_programs_are_told_the_same(sample_text, tmp_path, specs):
    names = {"甲.md": sample_text + HALL, "乙.md": STORY, "丙.md": "# 会议纪要\n\n今天开会。"}
    for name, text in names.items():
        (tmp_path / name).write_text(text, "utf-8")
    report = convert([tmp_path / name for name in names], tmp_path / "out", specs)
    told = json.loads(json.dumps(report.as_dict()))["documents"]
    assert [document["standing"] for document in told] == ["budget", "narrative_only", "not_a_budget"]
    assert {item["standing"] for item in told[0]["standings"]} == {"confirmed", "recognised", "undescribed"}
    assert document_standing([Problem("PDF-DAMAGED", "打不开")]) == "unreadable"


@pytest.mark.parametrize(
    ("text", "code"),
    [(STORY, "NARRATIVE-ONLY"), (STORY.split("2026年收入", maxsplit=1)[0] + "详见附件。\n", "NO-TABLES")],
)
def test_a_narrative_without_tables_is_called_one(text, code, refused):
    assert [problem.code for problem in refused(text)] == [code]
