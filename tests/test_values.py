"""Printed text to values: what counts as a number, an ordinal, a code, and what is refused."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from yusuan.values import (
    MONEY_UNITS,
    close_gaps,
    code_level,
    decimal_text,
    half_unit,
    header_key,
    parse_amount,
    parse_numeral,
    plain,
    split_ordinal,
    to_fen,
    to_wan,
)

READ = {
    "0": "0",
    "0.00": "0.00",
    "12": "12",
    "007": "7",
    "1.5": "1.5",
    "34.20": "34.20",
    "1117.75": "1117.75",
    "1,117.75": "1117.75",
    "12,345,678.90": "12345678.90",
    "1.234567": "1.234567",
    "-3.40": "-3.40",
    "(3.40)": "-3.40",
    "（3.40）": "-3.40",
    "(1,117.75)": "-1117.75",
    "−3.40": "-3.40",
    "－3.40": "-3.40",
    "﹣3.40": "-3.40",
    "１，１１７．７５": "1117.75",
    "1，117.75": "1117.75",
    " 5.00 ": "5.00",
    "\u30005.00\u3000": "5.00",
    "\u00a05.00": "5.00",
}
BLANK = ["", " ", "\u3000", "-", "—", "——", "–", "－", "−", "/"]
REFUSED = [
    "1,1l7.75",
    "1,117.7S",
    "12,34.5",
    "1,23",
    "1,2345",
    ",117",
    "1,117,",
    "1234,567.00",
    "①",
    "٣",
    "१२",
    "二十",
    "½",
    "5²",
    "1e5",
    "1E5",
    "nan",
    "NaN",
    "inf",
    "-Infinity",
    "1_000",
    "####",
    "#REF!",
    "12.5万元",
    "12.5%",
    "¥12.5",
    "1 117.75",
    "1.117,75",
    "1.2.3",
    "1..2",
    ".5",
    "5.",
    "+5",
    "＋5",
    "--5",
    "5-",
    "(5",
    "5)",
    "(-5)",
    "-(5)",
    "()",
    "0x10",
    "1/2",
    "约5.00",
    "5.00*",
    "1.2345678",
    "1'000",
    "1\n000",
    "…",
    "无",
]


@pytest.mark.parametrize(("text", "value"), READ.items())
def test_numbers_are_read_exactly(text, value):
    amount = parse_amount(text)
    assert amount is not None
    assert decimal_text(amount) == value


@pytest.mark.parametrize("text", BLANK)
def test_blank_is_not_zero(text):
    assert parse_amount(text) is None


@pytest.mark.parametrize("text", REFUSED)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        parse_amount(text)


amounts = st.decimals(min_value=Decimal("-1e12"), max_value=Decimal("1e12"), places=2)


@given(amounts)
def test_parsing_undoes_formatting(amount):
    for text in (f"{amount:f}", f"{amount:,f}", f"({abs(amount):,f})" if amount < 0 else f" {amount:f} "):
        parsed = parse_amount(text)
        assert parsed == amount
        assert parsed is not None
        assert parsed.as_tuple().exponent == amount.as_tuple().exponent


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9 8 4 . 8 9", "984.89"),
        ("1,1 17.75", "1117.75"),
        ("1, 117 .75", "1117.75"),
        ("- 3.20", "-3.20"),
        ("0 .00", "0.00"),
    ],
)
def test_blanks_within_a_number_are_left_out(text, value):
    assert str(parse_amount(text)) == value


@pytest.mark.parametrize("text", ["98 4.89", "1 1,117.75", "9 8", "1 . 2 . 3", "12 3 45,6", "1 ,5"])
def test_what_may_be_two_numbers_is_refused(text):
    with pytest.raises(ValueError, match=re.escape(text)):
        parse_amount(text)


@given(amounts, st.lists(st.integers(0, 20)))
def test_blanks_never_make_another_number(amount, places):
    text = f"{amount:,f}"
    for place in places:
        text = text[:place] + " " + text[place:]
    try:
        assert parse_amount(text) == amount
    except ValueError:
        assert all(re.fullmatch(r"-?\d[\d,]*(\.\d+)?", piece) for piece in text.split())


@given(st.text())
@example("９.9９")
def test_every_text_is_a_number_a_blank_or_refused(text):
    """Nothing but what is listed passes: a result has the same digits as the text, in the same order."""
    try:
        amount = parse_amount(text)
    except ValueError:
        return
    wide = text.translate(str.maketrans("０１２３４５６７８９", "0123456789"))
    digits = "".join(char for char in wide if char in "0123456789")
    if amount is None:
        assert digits == ""
    else:
        assert int(digits) == int("".join(map(str, amount.as_tuple().digits)))


def test_a_number_too_long_to_be_computed_exactly_is_refused():
    """Decimal arithmetic rounds silently beyond 28 digits."""
    with pytest.raises(ValueError, match=r".*"):
        parse_amount("1" * 29)


@pytest.mark.parametrize(
    ("printed", "unit", "wan"),
    [
        ("11,177,500", "元", "1117.7500"),
        ("11,177,500.01", "元", "1117.750001"),
        ("1", "元", "0.0001"),
        ("11,177.5", "千元", "1117.75"),
        ("1,117.75", "万元", "1117.75"),
        ("11.1775", "百万元", "1117.75"),
        ("0.111775", "亿元", "1117.75"),
    ],
)
def test_money_in_other_units_is_converted_exactly(printed, unit, wan):
    amount = parse_amount(printed)
    assert amount is not None
    assert decimal_text(to_wan(amount, unit)) == wan


@given(st.integers(min_value=-(10**15), max_value=10**15), st.sampled_from(sorted(MONEY_UNITS)))
def test_conversion_is_one_exact_factor(number, unit):
    factor = {"元": 1, "千元": 10**3, "万元": 10**4, "百万元": 10**6, "亿元": 10**8}[unit]
    assert to_wan(Decimal(number), unit) * 10_000 == number * factor


@pytest.mark.parametrize(("wan", "fen"), [("1117.75", 1117750000), ("0.000001", 1), ("-0.01", -10000), ("0", 0)])
def test_fen_are_whole(wan, fen):
    assert to_fen(Decimal(wan)) == fen


def test_money_finer_than_a_fen_is_refused():
    with pytest.raises(ValueError, match=r"0\.001"):
        to_fen(Decimal("0.0010000001").normalize())


@pytest.mark.parametrize(
    ("printed", "half"),
    [("1117.75", "0.005"), ("0.00", "0.005"), ("5.0", "0.05"), ("12", "0.5"), ("1.0000", "0.00005")],
)
def test_half_unit_follows_the_printed_places(printed, half):
    assert half_unit(Decimal(printed)) == Decimal(half)


@pytest.mark.parametrize(
    ("text", "level", "number", "rest"),
    [
        ("一、本年收入", 1, 1, "本年收入"),
        ("二十六、债务发行费用支出", 1, 26, "债务发行费用支出"),
        ("（一）一般公共预算", 2, 1, "一般公共预算"),
        ("（一）、单位基本职能", 2, 1, "单位基本职能"),
        ("(一) 我单位", 2, 1, "我单位"),
        ("(二十六)债务", 2, 26, "债务"),
        ("1、上级补助", 3, 1, "上级补助"),
        ("1. 科学技术支出785.64万元", 3, 1, "科学技术支出785.64万元"),
        ("12．其他", 3, 12, "其他"),
        ("（1）办公费", 4, 1, "办公费"),
        ("(12)其他", 4, 12, "其他"),
        ("  3、上级", 3, 3, "上级"),
        ("十、", 1, 10, ""),
    ],
)
def test_ordinals(text, level, number, rest):
    assert split_ordinal(text) == (level, number, rest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.5万元",
        "1117.75",
        "2026年单位预算",
        "2026、其他",
        "一般公共预算",
        "一般设备购置费",
        "三公经费",
        "十三届",
        "（类）应用研究",
        "（含车辆购置税）",
        "本年收入合计",
        "第一部分",
        "1",
        "①、",
        "٣、x",
    ],
)
def test_no_ordinals(text):
    assert split_ordinal(text) is None


def numeral(number: int) -> str:
    """Return a number below 1,000 the way Chinese documents write it."""
    signs = "零一二三四五六七八九"
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    text = f"{signs[hundreds]}百" if hundreds else ""
    if tens:
        text += "十" if tens == 1 and not hundreds else f"{signs[tens]}十"
    elif hundreds and ones:
        text += "零"
    return text + (signs[ones] if ones else "")


@given(st.integers(min_value=1, max_value=999))
@example(10)
@example(101)
@example(110)
def test_numerals_are_read_back(number):
    assert parse_numeral(numeral(number)) == number
    assert parse_numeral(str(number)) == number


@pytest.mark.parametrize("text", ["三万", "甲", "٣", "二x", "-1"])
def test_numerals_outside_the_grammar_are_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        parse_numeral(text)


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("政府性基金预 算", "政府性基金预算"),
        ("经 费 总 预\u3000算", "经费总预算"),
        ("（一） 本级", "（一）本级"),
        (" 目 录 ", "目录"),
        ("AI 平台 B", "AI 平台 B"),
        ("共 5 辆", "共 5 辆"),
        ("2026 年", "2026 年"),
        ("a\tb", "a\tb"),
    ],
)
def test_gaps_are_closed_between_chinese_characters_only(text, closed):
    assert close_gaps(text) == closed


@given(st.text())
def test_matching_forms_are_stable(text):
    """What has been normalised once does not change when it is normalised again."""
    for form in (close_gaps, header_key):
        assert form(form(text)) == form(text)


@given(st.text())
def test_closing_gaps_takes_nothing_but_blanks(text):
    assert close_gaps(text).split() == close_gaps(text).split()
    assert "".join(close_gaps(text).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("２０２６年 预 算", "2026年预算"),
        ("“三公”", "“三公”"),
        ("〝三公〞", "“三公”"),
        ("公务用⻋", "公务用车"),
        ("单位：万元", "单位:万元"),
    ],
)
def test_plain(text, form):
    assert plain(text) == form


@pytest.mark.parametrize(
    "text",
    [
        "部门（单位）名称(功能分类科目名称)",
        "部门(单位)名称（功能分类科目名称）",
        "部门（单位）名称 (功能分类科目名称)",
        " 部门 【单位】\n名称〔功能分类科目名称〕 ",
    ],
)
def test_header_keys_ignore_brackets_and_blanks(text):
    assert header_key(text) == "部门单位名称功能分类科目名称"


def test_header_keys_keep_what_tells_columns_apart():
    assert len({header_key(text) for text in ("小计", "合计", "总计", "小计1", "小计Ａ", "")}) == 6


@pytest.mark.parametrize(("code", "level"), [("206", 1), ("20603", 2), ("2060301", 3)])
def test_code_levels(code, level):
    assert code_level(code) == level


@pytest.mark.parametrize("code", ["", "20", "2060", "206030", "20603011", "206030l", "٢٠٦", "２０６", " 206"])
def test_bad_codes(code):
    with pytest.raises(ValueError, match=r".*"):
        code_level(code)
