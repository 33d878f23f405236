"""The lines around a table, told from running text by their form."""

from __future__ import annotations

import pytest

from yusuan.frame import read_frame_line, split_organisation


@pytest.mark.parametrize(
    ("line", "kind", "value"),
    [
        ("单位：万元", "money", "万元"),
        ("单位:元", "money", "元"),
        ("金额单位：万元", "money", "万元"),
        ("（单位：亿元）", "money", "亿元"),
        ("单 位：千元", "money", "千元"),
        ("单位：人民币元", "money", "元"),
        ("单位名称：405003柳州市智能制造科技服务中心", "organisation", "405003柳州市智能制造科技服务中心"),
        ("部门名称: 405柳州市科学技术局", "organisation", "405柳州市科学技术局"),
        ("预算单位：某局", "organisation", "某局"),
        ("部门：某局", "organisation", "某局"),
        ("预算公开01表", "number", "预算公开01表"),
        ("公开12表", "number", "公开12表"),
        ("附表3", "number", "附表3"),
        ("表 5", "number", "表 5"),
        ("（表12）", "number", "（表12）"),
        ("注：本表无数据。", "note", "本表无数据。"),
        ("备注: 四舍五入", "note", "四舍五入"),
        ("说明：本单位无此项支出", "note", "本单位无此项支出"),
        ("单位收支总体情况表", "title", "单位收支总体情况表"),
        ("2026年政府采购预算表", "title", "2026年政府采购预算表"),
        ("项目绩效 目标公开表", "title", "项目绩效目标公开表"),
    ],
)
def test_frame_lines(line, kind, value):
    assert read_frame_line(line) == (kind, value)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "单位下设六个科室：",
        "单位收入总体情况说明",
        "本单位共公布12张报表，其中表8为空表",
        "绩效目标情况详见表12（敏感涉密项目除外）。",
        "2026年单位收支总预算1,117.75万元。",
        "12",
        "第五部分 附件",
        "一、" + "很长的" * 20 + "表",
    ],
)
def test_running_text_is_no_frame_line(line):
    assert read_frame_line(line) is None


@pytest.mark.parametrize(
    ("text", "code", "name"),
    [
        ("405003柳州市智能制造科技服务中心", "405003", "柳州市智能制造科技服务中心"),
        ("405003 柳州市智能制造科技服务中心", "405003", "柳州市智能制造科技服务中心"),
        ("[405003]柳州市智能制造科技服务中心", "405003", "柳州市智能制造科技服务中心"),
        ("【405003】柳州市智能制造科技服务中心", "405003", "柳州市智能制造科技服务中心"),
        ("(405003)柳州市智能制造科技服务中心", "405003", "柳州市智能制造科技服务中心"),
        ("405003-柳州市智能制造科技服务中心", "405003", "柳州市智能制造科技服务中心"),
        ("[405003]-柳州市智能制造科技服务中心", "405003", "柳州市智能制造科技服务中心"),
        ("[405003]－柳州市智能制造科技服务中心", "405003", "柳州市智能制造科技服务中心"),
        ("405柳州市科学技术局", "405", "柳州市科学技术局"),
        ("柳州市科学技术局", None, "柳州市科学技术局"),
        ("柳州市第12中学", None, "柳州市第12中学"),
    ],
)
def test_organisations_are_split_into_code_and_name(text, code, name):
    assert split_organisation(text) == (code, name)
