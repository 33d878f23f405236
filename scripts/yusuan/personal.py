"""Personal data in a document: ID-card numbers, mobile numbers, bank accounts. Found by form and check digit, told masked.

A number must pass the checks of its kind, so that amounts and codes are not taken for one; what is told is never the
number itself, because findings are published.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Iterator

from yusuan.model import Document, Finding, Grid, Place

RULE = "PERSONAL-DATA"
_ID = re.compile(r"(?<![0-9A-Za-z])[1-9]\d{5}(?:19|20)\d{2}[01]\d[0-3]\d{4}[0-9Xx](?![0-9A-Za-z])", re.ASCII)
_MOBILE = re.compile(r"(?<![0-9.,-])1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![0-9.,])", re.ASCII)
_ACCOUNT = re.compile(r"(?<![0-9.,])\d(?:[ -]?\d){14,18}(?![0-9.,])", re.ASCII)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
#: A long number is only an account where the words around it say so.
_ACCOUNT_WORDS = re.compile("账号|帐号|账户|帐户|卡号|开户|银行卡")
_CONTEXT = 24
_PUBLIC_PHONE = re.compile("联系电话|咨询电话|办公电话|监督电话|服务电话|热线")


def find_personal_data(document: Document) -> Iterator[Finding]:
    """Yield a finding for each personal number in the text or the tables of a document; `printed` is masked."""
    for text, place in _texts(document):
        form = unicodedata.normalize("NFKC", text)
        for kind, number in _numbers(form):
            masked = mask(number)
            told = f"文档里有{kind}：{masked}；发布前须审阅"
            yield Finding("PERSONAL-DATA", told, "error", printed=masked).at(place)


def _texts(document: Document) -> Iterator[tuple[str, Place]]:
    for block in document.blocks:
        if isinstance(block, Grid):
            yield from ((cell.text, cell.place) for row in block.rows for cell in row)
        else:
            yield block.text, block.first


def _numbers(text: str) -> Iterator[tuple[str, str]]:
    found: list[tuple[int, int]] = []
    for match in _ID.finditer(text):
        if is_id_number(match[0]):
            found.append(match.span())
            yield "身份证号", match[0]
    for match in _MOBILE.finditer(text):
        if not any(start <= match.start() < end for start, end in found):
            found.append(match.span())
            yield _phone_kind(text, match.start()), match[0]
    for match in _ACCOUNT.finditer(text):
        around = text[max(0, match.start() - _CONTEXT) : match.end() + _CONTEXT]
        if _ACCOUNT_WORDS.search(around) and not any(start <= match.start() < end for start, end in found):
            yield "银行账号", match[0]


def _phone_kind(text: str, start: int) -> str:
    """Return what a mobile number is: one printed as an office's contact is still a person's, and said so."""
    return "对外联系用的手机号码" if _PUBLIC_PHONE.search(text[max(0, start - _CONTEXT) : start]) else "手机号码"


def is_id_number(text: str) -> bool:
    """Say whether 18 characters are a citizen's ID number: a day that exists, and the right check digit."""
    year, month, day = int(text[6:10]), int(text[10:12]), int(text[12:14])
    if not (1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):  # noqa: PLR2004 - months
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False))
    return _CHECK_DIGITS[total % 11] == text[-1].upper()


def mask(number: str) -> str:
    """Return a number with all but its ends hidden: enough to find it in the document, not to use it."""
    digits = re.sub("[ -]", "", number)
    shown = 2 if len(digits) < 15 else 4  # noqa: PLR2004 - a mobile number has 11 digits
    return f"{digits[: shown + 1]}{'*' * (len(digits) - 2 * shown - 1)}{digits[-shown:]}"
