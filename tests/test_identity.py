"""Who published what for which year: read from the document, never from its file name."""

from __future__ import annotations

import pytest

from yusuan.disclosure import Options, read_disclosure
from yusuan.errors import UsageError
from yusuan.identity import find_place, read_claims

NAME = "柳州市智能制造科技服务中心"
DEPARTMENT = "柳州市科学技术局"


def test_the_sample_says_who_it_is(sample):
    identity = sample.identity
    assert identity.key == "450200-405003-2026-budget"
    assert (identity.region, identity.region_name) == ("450200", "柳州市")
    assert (identity.code, identity.name, identity.unit) == ("405003", NAME, "450200-405003")
    assert (identity.year, identity.kind) == (2026, "单位预算")
    assert identity.title == f"405003{NAME}2026年单位预算公开说明"


def test_the_file_name_is_not_asked(sample, disclose, sample_text):
    """The helper writes `document.md`: nothing of the identity can come from there."""
    assert disclose(sample_text).identity == sample.identity


def test_a_title_of_another_year_is_a_conflict(sample_text, refused):
    line = f"## 第二部分 405003{NAME}2026年单位预算情况说明"
    (problem,) = refused(sample_text.replace(line, line.replace("2026", "2025")))
    assert problem.code == "YEAR-CONFLICT"
    assert problem.line == 99
    assert problem.expected == "2026年预算（见第3行标题）"
    assert "2025年单位预算" in problem.found


def test_running_text_may_speak_of_other_years(sample_text, disclose):
    text = sample_text.replace(
        "上述报表详见附件。", "上述报表详见附件，比2025年单位预算增加49.95万元，2024年决算另行公开。"
    )
    assert disclose(text).identity.year == 2026


def test_a_final_account_among_budget_titles_is_a_conflict(sample_text, refused):
    text = sample_text.replace(f"{NAME}2026年单位预算报表", f"{NAME}2026年单位决算报表", 2)
    assert {(p.code, p.line) for p in refused(text)} == {("YEAR-CONFLICT", 29), ("YEAR-CONFLICT", 224)}


def test_no_title_no_year(sample_text, refused):
    text = sample_text.replace("2026年单位预算", "单位预算").replace("2026年  \n单位预算", "单位预算")
    assert [p.code for p in refused(text)] == ["YEAR-UNKNOWN"]


@pytest.mark.parametrize(
    ("old", "new", "kind", "key"),
    [
        ("单位预算", "部门预算", "部门预算", "450200-405003-2026-budget"),
        ("单位预算", "单位决算", "单位决算", "450200-405003-2026-final"),
        ("单位预算", "部门决算", "部门决算", "450200-405003-2026-final"),
        ("2026年  \n单位预算", "2026年度\n部门预算", "部门预算", "450200-405003-2026-budget"),
        ("2026", "２０２６", "单位预算", "450200-405003-2026-budget"),
    ],
)
def test_kinds_and_spellings_of_the_title(old, new, kind, key, sample_text, disclose):
    identity = disclose(sample_text.replace(old, new)).identity
    assert (identity.kind, identity.key, identity.year) == (kind, key, 2026)


def test_tables_that_name_different_units_are_a_conflict(sample_text, refused, table_blocks):
    """Two documents glued together, or a page of another unit: nothing of it is published."""
    other = table_blocks[10].replace(f"单位名称：405003{NAME}", "单位名称：405002柳州市科技情报所")
    (problem,) = refused(sample_text.replace(table_blocks[10], other))
    assert problem.code == "UNIT-CONFLICT"
    assert problem.table == "政府采购预算表"
    assert (problem.expected, problem.found) == (f"405003{NAME}", "405002柳州市科技情报所")


def test_the_same_code_with_another_name_is_a_conflict(sample_text, refused):
    at = sample_text.rindex(f"单位名称：405003{NAME}")
    text = sample_text[:at] + sample_text[at:].replace(f"405003{NAME}", "405003柳州市智能制造服务中心", 1)
    assert [p.code for p in refused(text)] == ["UNIT-CONFLICT"]


def test_a_name_with_blanks_and_other_brackets_is_the_same_unit(sample_text, disclose):
    at = sample_text.rindex(f"单位名称：405003{NAME}")
    other = "单位名称:[405003] 柳州市智能制造 科技服务中心"
    text = sample_text[:at] + other + sample_text[at + len(f"单位名称：405003{NAME}") :]
    assert disclose(text).identity.unit == "450200-405003"


def test_kinds_of_brackets_do_not_make_another_unit(sample_text, disclose):
    text = sample_text.replace(NAME, f"{NAME}（研究院）")
    at = text.rindex("单位名称：405003")
    assert disclose(text[:at] + text[at:].replace("（研究院）", "(研究院)", 1)).identity.name == f"{NAME}（研究院）"


def test_without_frame_lines_the_title_tells_the_unit(sample_text, disclose, sample):
    text = sample_text.replace(f"单位名称：405003{NAME}\n", "")
    assert disclose(text).identity == sample.identity


def test_a_code_printed_beside_the_name_in_a_table_is_the_units(sample_text, disclose, sample):
    text = sample_text.replace(f"单位名称：405003{NAME}", f"单位名称：{NAME}")
    assert disclose(text).identity == sample.identity


def test_without_any_code_the_unit_is_unknown(sample_text, refused):
    """This place prints codes: where none is left, something is wrong, and no key is made up."""
    (problem,) = refused(sample_text.replace("405003", ""))
    assert (problem.code, problem.found) == ("UNIT-UNKNOWN", NAME)


def elsewhere(text):
    return text.replace(NAME, "智能制造科技服务中心").replace(DEPARTMENT, "科学技术局")


def test_an_unknown_place_is_refused(sample_text, refused):
    (problem,) = refused(elsewhere(sample_text).replace("柳州市", "本市"))
    assert problem.code == "PLACE-UNKNOWN"
    assert "--place" in problem.hint


def test_a_place_that_only_the_text_names_is_told(sample_text, disclose):
    read = disclose(elsewhere(sample_text))
    assert (read.identity.region, read.identity.place_mentioned) == ("450200", True)
    assert "柳州市" in next(f.message for f in read.findings if f.rule == "PLACE-MENTIONED")


def test_the_caller_may_know_the_place(sample_text, disclose):
    identity = disclose(elsewhere(sample_text), Options(place="450205")).identity
    assert (identity.region, identity.region_name, identity.unit) == ("450205", "柳北区", "450205-405003")


def test_the_callers_place_overrides_the_names(sample_text, disclose):
    assert disclose(sample_text, Options(place="110108")).identity.key == "110108-405003-2026-budget"


@pytest.mark.parametrize("place", ["999999", "柳州市", "4502", "450299"])
def test_a_place_that_does_not_exist_is_wrong_use(place, sample, specs):
    with pytest.raises(UsageError) as caught:
        read_disclosure(sample.document, specs, Options(place=place))
    (problem,) = caught.value.problems
    assert (problem.code, problem.found) == ("PLACE-UNKNOWN", place)


def test_the_department_tells_the_fiscal_authority(sample_text, disclose):
    """A unit may be named after a county although the city pays for it."""
    assert disclose(sample_text.replace(NAME, "柳城县农机推广站")).identity.region == "450200"


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("柳州市科学技术局", "450200"),
        ("405柳州市科学技术局", "450200"),
        ("柳城县水利局", "450222"),
        ("广西壮族自治区科学技术厅", "450000"),
        ("广西科学院", "450000"),
        ("广西壮族自治区柳州市柳北区教育局", "450205"),
        ("广西柳州市柳北区教育局", "450205"),
        ("柳州市柳北区教育局", "450205"),
        ("柳 州 市柳北区教育局", "450205"),
        ("北京市海淀区教育委员会", "110108"),
        ("北京市朝阳区教育委员会", "110105"),
        ("北京市教育委员会", "110000"),
        ("吉林省教育厅", "220000"),
        ("吉林市教育局", "220200"),
        ("长春市朝阳区教育局", "220104"),
        ("南京市鼓楼区财政局", "320106"),
        ("江苏省徐州市鼓楼区财政局", "320302"),
        ("海南省海口市财政局", "460100"),
        ("新疆维吾尔自治区财政厅", "650000"),
        ("内蒙古自治区财政厅", "150000"),
    ],
)
def test_places_are_read_from_names(name, place, specs):
    assert find_place([name], specs.divisions) == (place, None)


@pytest.mark.parametrize("name", ["鼓楼区财政局", "朝阳区教育局"])
def test_a_county_name_that_several_cities_have_is_not_guessed(name, specs):
    place, issue = find_place([name], specs.divisions)
    assert place is None
    assert name in issue
    assert len([code for code, known in specs.divisions.items() if known == name[:3] and code in issue]) > 1


@pytest.mark.parametrize("name", ["", "科学技术局", "405003", "本市柳州市局"])
def test_names_that_tell_no_place(name, specs):
    assert find_place([name], specs.divisions) == (None, None)


def test_the_first_telling_name_decides(specs):
    names = ["科学技术局", "鼓楼区财政局", "柳州市科学技术局", "北京市财政局"]
    assert find_place(names, specs.divisions) == ("450200", None)


@pytest.mark.parametrize("name", ["北京路街道办事处", "上海东路小学", "河北大街派出所"])
def test_a_road_named_after_a_province_is_not_there(name, specs):
    """北京路 lies in many cities, none of them Beijing."""
    assert find_place([name], specs.divisions) == (None, None)


@pytest.mark.parametrize(
    ("line", "claims"),
    [
        ("# 某局2026年部门预算", [(2026, "部门", "预算")]),
        ("某局2026年度决算公开", [(2026, "", "决算")]),
        ("某局2026 年 单位预算", [(2026, "单位", "预算")]),
        ("2026年我单位预算比上年增加。", []),
        ("比2025年预算增加，略有增长", []),
        ("与2025年预算相比的变化：", []),
        ("2026年政府采购预算情况", []),
    ],
)
def test_claims_are_made_by_titles_only(line, claims, parse):
    assert [(claim.year, claim.scope, claim.kind) for claim in read_claims(parse(line))] == claims
