"""Personal numbers are found by form and check digit, told masked, and stop a release until somebody signs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yusuan.personal import find_personal_data, is_id_number, mask

#: Made up: a county code, a day and a serial with the right check digit.
ID = "450203199001010016"


@pytest.fixture
def found(parse):
    return lambda text: [(finding.message, finding.printed) for finding in find_personal_data(parse(text))]


def with_check_digit(stem):
    return next(stem + digit for digit in "0123456789X" if is_id_number(stem + digit))


def test_the_check_digit_decides():
    number = with_check_digit("45020319900101001")
    assert is_id_number(number)
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    assert not is_id_number(wrong)
    assert not is_id_number("450203199013010010")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("联系人张某，身份证号 {id}。", "身份证号"),
        ("张某\t{id}\n李某\t1\n", "身份证号"),
        ("手机 13812345678", "手机号码"),
        ("手机 138 1234 5678", "手机号码"),
        ("联系电话：13812345678", "对外联系用的手机号码"),
        ("开户行：某银行，账号 6222 0212 3456 7890 123", "银行账号"),
    ],
)
def test_personal_numbers_are_told_masked(found, text, kind):
    number = with_check_digit("45020319900101001")
    ((message, printed),) = found(text.format(id=number))
    assert f"有{kind}" in message
    assert "*" in printed
    assert number not in message
    assert "12345678" not in message


@pytest.mark.parametrize(
    "text",
    [
        "2026年单位收支总预算1,117.75万元，同比增加49.95万元。",
        "科目编码 2060301，单位代码 405003，统一社会信用代码 12450200MB0000000X",
        "联系电话：0772-2821234",
        "金额 13812345678.00 元",
        "序号 4502031990010100161234",
        "文号 20260101123456789",
    ],
)
def test_amounts_codes_and_office_phones_are_not_personal(found, text):
    assert found(text) == []


def test_the_sample_has_none(sample):
    assert [finding for finding in sample.findings if finding.rule == "PERSONAL-DATA"] == []


@given(st.integers(10**10, 10**19))
def test_a_mask_shows_only_the_ends(number):
    text = str(number)
    hidden = mask(text)
    assert len(hidden) == len(text)
    assert hidden.count("*") >= 6
    assert hidden[-1] == text[-1]
