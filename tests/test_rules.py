"""Rules are data: a new one needs no Python, a misspelled one is refused, and printed numbers are compared as rounded."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from yusuan.checks.arithmetic import Figure, at_most, equal, percentage, printed, total
from yusuan.checks.evaluation import Evaluation
from yusuan.checks.similarity import distance, is_misprint
from yusuan.checks.suspects import find_suspects
from yusuan.disclosure import read_disclosure
from yusuan.errors import SpecError
from yusuan.reading import read
from yusuan.spec import load_specs

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def rules(tmp_path):
    """Return a function that adds one rule to a copy of the specs and loads them."""

    def load(rule, **more):
        shutil.copytree(ROOT / "schemas", tmp_path / "schemas", dirs_exist_ok=True)
        path = tmp_path / "schemas" / "rules.yml"
        data = yaml.safe_load(path.read_text("utf-8"))
        data["rules"].append(rule)
        for section, entries in more.items():
            data[section] |= entries
        path.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
        return load_specs(tmp_path / "schemas")

    return load


NEW = {"id": "Z-NEW", "group": "表间", "title": "新规则", "formula": "甲 = 乙", "severity": "warning"}


def test_a_new_rule_of_a_known_kind_needs_no_python(rules, sample_path):
    """三公两费表的公务接待费 against 支出总计: nonsense, and therefore surely violated."""
    specs = rules(NEW | {"equal": [{"left": ["三公_公务接待"], "right": ["支出总计", "-收入总计"]}]})
    found = read_disclosure(read(sample_path), specs)
    (result,) = [result for result in found.results if result.rule == "Z-NEW"]
    assert (result.exact, result.violated) == (0, 1)
    (finding,) = [finding for finding in found.findings if finding.rule == "Z-NEW"]
    assert (finding.severity, finding.printed, finding.expected, finding.difference) == (
        "warning", "1.23", "0.00", Decimal("1.23"),
    )  # fmt: skip
    assert (finding.table, finding.row, finding.column) == ("t07_three_public_two_fees", 1, "三公经费_公务接待费")


def test_a_new_number_needs_no_python_either(rules, sample_path):
    number = {"经济_办公费": {"concept": "general_public_basic", "codes": ["30201"], "column": "合计"}}
    specs = rules(NEW | {"at_most": [{"left": ["经济_办公费"], "right": ["采购合计"]}]}, quantities=number)
    (result,) = [r for r in read_disclosure(read(sample_path), specs).results if r.rule == "Z-NEW"]
    assert (result.exact, result.violated) == (1, 0)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ({"equal": [{"left": ["收入总记"], "right": ["支出总计"]}]}, "收入总计"),
        ({"equl": []}, "equal"),
        ({"tree": [{"concepts": ["expenditures"]}]}, "expenditure"),
        ({"series": [{"left": ["支出表_按类别"], "right": ["支出表_按类"]}]}, "支出表_按类"),
    ],
)
def test_a_misspelled_rule_is_refused_with_the_near_miss(rules, kind, said):
    with pytest.raises(SpecError) as caught:
        rules(NEW | kind)
    assert said in str(caught.value)


def test_what_is_not_there_is_said(sample_text, disclose):
    """Without 表9 an identity that holds without it is exact; one between two numbers lacks an operand."""
    start = sample_text.index("国有资本经营预算支出情况表\n", sample_text.index("一般公共预算基本支出情况表\n"))
    text = sample_text[:start] + sample_text[sample_text.index("政府采购预算表\n", start) :]
    results = {result.rule: result for result in disclose(text).results}
    assert (results["X-T04-T589"].exact, results["X-T04-T589"].not_applicable) == (1, 0)
    assert results["X-T04-T589"].violated == 0


# ------------------------------------------------------------------------------------------------------- arithmetic


@pytest.mark.parametrize(
    ("left", "right", "tolerance", "grade"),
    [
        ("1.00", ["0.50", "0.50"], "linear", "exact"),
        ("1.01", ["0.50", "0.50"], "linear", "within_rounding"),
        ("1.02", ["0.50", "0.50"], "linear", "violated"),
        ("0.01", ["0.00"], "linear", "violated"),
        ("0.01", ["0.00"], "copy", "within_rounding"),
        ("10.31", ["10.30"], "copy", "within_rounding"),
        ("10.32", ["10.30"], "copy", "violated"),
        ("8695.940834", ["8695.94"], "copy", "within_rounding"),
        ("8695.946834", ["8695.94"], "copy", "violated"),
    ],
)
def test_grades(left, right, tolerance, grade):
    """Half a unit of the last place for every number, of each its own; a zero is exact but for copies."""
    verdict = equal(printed(Decimal(left)), total(printed(Decimal(part)) for part in right), tolerance)
    assert verdict.grade == grade


@pytest.mark.parametrize(
    ("rate", "amount", "change", "grade"),
    [
        ("17.66", "91.97", "13.98", "violated"),
        ("5.00", "34.20", "-1.80", "exact"),
        ("4.68", "1117.75", "49.95", "exact"),
    ],
)
def test_percentages_by_intervals(rate, amount, change, grade):
    part = printed(Decimal(change))
    before = total([printed(Decimal(amount)), -part])
    part = part if part.value > 0 else -part
    assert percentage(Decimal(rate), part, before).grade == grade


def test_a_change_worked_out_from_two_printed_amounts_is_twice_as_vague():
    before, now = printed(Decimal("0.50")), printed(Decimal("0.62"))
    assert percentage(Decimal("22.22"), total([now, -before]), before).grade == "within_rounding"


def test_nothing_is_said_about_a_share_of_what_may_be_zero():
    assert percentage(Decimal(100), printed(Decimal("1.00")), Figure(Decimal(0))) is None


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=12), st.integers(1, 10**6))
def test_truth_rounded_is_never_violated(cents, factor):
    """Whatever the true numbers, what is printed of them rounded to two places is never called wrong."""
    true = [Decimal(value) * Decimal("0.0037") * factor / 1000 for value in cents]
    places = Decimal("0.01")
    shown = [printed(value.quantize(places)) for value in true if value.quantize(places)]
    lost = [value for value in true if not value.quantize(places)]
    whole = (sum(true, Decimal(0)) - sum(lost, Decimal(0))).quantize(places)
    assert equal(printed(whole), total(shown), "copy").grade != "violated"
    assert at_most(printed(whole), total(shown), "copy").grade != "violated"


# ------------------------------------------------------------------------------------------- suspects and misprints


WORTH = dict.fromkeys("abcd", Decimal(10))


def violated(difference, *parts):
    return Evaluation("R", "violated", difference=Decimal(difference), tolerance=Decimal("0.015"), parts=parts)


def test_the_number_that_mends_everything_is_the_suspect():
    found = find_suspects([violated("6.00", ("a", 1), ("b", -1)), violated("-6.00", ("c", 1), ("a", -1))], WORTH)
    assert [(item.cell, item.change, item.mended) for item in found] == [("a", Decimal("-6.00"), (0, 1))]


def test_two_numbers_equally_suspect_are_not_told():
    assert find_suspects([violated("6.00", ("a", 1), ("b", -1))], WORTH) == []


def test_a_number_that_agrees_elsewhere_is_vouched_for():
    agrees = Evaluation("R", "exact", parts=(("b", 1), ("d", -1)))
    (found,) = find_suspects([violated("6.00", ("a", 1), ("b", -1)), agrees], WORTH)
    assert found.cell == "a"


@given(st.text("甲乙丙丁", max_size=8), st.text("甲乙丙丁", max_size=8))
def test_distance_is_one_of_characters(one, other):
    assert distance(one, other, 20) == distance(other, one, 20)
    assert (distance(one, other, 20) == 0) == (one == other)
    assert abs(len(one) - len(other)) <= distance(one, other, 20) <= max(len(one), len(other))


def test_no_number_is_suspected_of_having_to_be_negative():
    (found,) = find_suspects([violated("60.00", ("a", 1), ("b", -1))], WORTH)
    assert (found.cell, found.change) == ("b", Decimal("60.00"))


def test_a_misprint_is_no_other_name():
    assert is_misprint("广西缫丝自动化工程", "广西纆丝自动化工程")
    assert not is_misprint("会议费", "培训费")
    assert not is_misprint("一般行政管理事务", "其他行政管理事务")
