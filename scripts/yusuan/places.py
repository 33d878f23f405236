"""Where an organisation is: what its name begins with, else the place that its document's text mentions most."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from yusuan.model import Document
from yusuan.values import close_gaps, plain

PARTY = re.compile(r"^(?:中共|中国共产党)(?=.{2})")
_PROVINCE_TAIL = re.compile(r"(?:壮族|回族|维吾尔)?自治区$|省$|市$")
_ROAD = re.compile("[大中东南西北]?[路街道]")
#: A place is its document's when it is named so often, and so many times as often as any other beside it.
_OFTEN, _TIMES = 3, 3
#: A county is named nearly as often as the city above it, which stands in its full name.
_AS_OFTEN = 0.8
#: Names of two characters (沙县) are found in other words.
_LEAST = 3


def find_place(names: Iterable[str], divisions: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Return the six-digit place code that the first telling name begins with, or None and why not.

    Names are read from the left: province (full or short), city, county, each inside the one before.
    """
    issue = None
    for name in names:
        rest, candidates = PARTY.sub("", re.sub(r"^[\d\[\]【】()（）\s-]+", "", plain(name))), [""]
        found: list[str] = []
        while rest and (step := _longest(rest, candidates, divisions)):
            length, found = step
            rest, candidates = rest[length:], [_stem(code) for code in found]
        if len(found) == 1:
            return found[0], None
        if len(found) > 1:
            issue = f"“{name}”可能在 {'、'.join(found)}"
        elif city := _city_without_tail(plain(name), divisions):
            return city, None
    return None, issue


def _city_without_tail(name: str, divisions: Mapping[str, str]) -> str | None:
    """Return the city that a name begins with in its short form, 长沙 for 长沙市, where there is only one."""
    text = PARTY.sub("", name)
    short = {
        code: city.removesuffix("市") for code, city in divisions.items() if code.endswith("00") and city[-1] == "市"
    }
    found = [
        code
        for code, city in short.items()
        if len(city) > 1 and text.startswith(city) and not _ROAD.match(text, len(city))
    ]
    return found[0] if len(found) == 1 else None


def _stem(code: str) -> str:
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


def _longest(text: str, inside: Sequence[str], divisions: Mapping[str, str]) -> tuple[int, list[str]] | None:
    """Return the length of the longest division name that `text` begins with, and the codes that bear it."""
    best: dict[int, list[str]] = {}
    for code, name in divisions.items():
        if not code.startswith(tuple(inside)) or code in inside or (inside != [""] and _stem(code) in inside):
            continue
        spellings = {name, _PROVINCE_TAIL.sub("", name)} if code.endswith("0000") else {name}
        for spelling in spellings:
            if text.startswith(spelling) and not _ROAD.match(text, len(spelling)):
                best.setdefault(len(spelling), []).append(code)
    if not best:
        return None
    length = max(best)
    return length, sorted(set(best[length]))


def mentioned_place(document: Document, divisions: Mapping[str, str]) -> str | None:
    """Return the six-digit code of the place that the text mentions by far most often, None where there is none.

    A district counts where it is named nearly as often as its city; a name that several places bear only beside the
    one above it.
    """
    names: dict[str, list[str]] = {}
    for code, name in divisions.items():
        if len(name) >= _LEAST:
            names.setdefault(name, []).append(code)
    pattern = re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True)))
    text = "\n".join(close_gaps(paragraph.text) for paragraph in document.paragraphs)
    counts = Counter(match[0] for match in pattern.finditer(text))
    found: Counter[str] = Counter()
    for name, count in counts.items():
        inside = [code for code in names[name] if any(divisions[up] in counts for up in _above(code, divisions))]
        codes = names[name] if len(names[name]) == 1 else inside
        if len(codes) == 1:
            found[codes[0]] = count
    return _most_mentioned(found, divisions)


def _most_mentioned(found: Counter[str], divisions: Mapping[str, str]) -> str | None:
    if not found:
        return None
    (first, often), *_ = found.most_common(1)
    for code, count in found.most_common():
        if first in _above(code, divisions) and count >= _AS_OFTEN * found[first]:
            first = code
    others = [count for code, count in found.items() if code != first and code not in _above(first, divisions)]
    return first if often >= _OFTEN and all(often >= _TIMES * count for count in others) else None


def _above(code: str, divisions: Mapping[str, str]) -> list[str]:
    return [up for up in (code[:4] + "00", code[:2] + "0000") if up != code and up in divisions]
