"""What 第一部分 says about the organisation itself: internal offices, staff and vehicles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from yusuan.model import Value
from yusuan.narrative.inventory import (
    BARE_VEHICLES,
    OFFICE,
    OFFICES,
    STAFF,
    STAFF_PARAGRAPH,
    STAFF_TOTAL,
    VEHICLES,
)
from yusuan.narrative.outline import Passage, Role
from yusuan.values import parse_numeral, split_ordinal

Record = dict[str, Value]

_CLAUSE = re.compile(r"(?P<clause>[^,;。:、]*)(?P<end>[,;。:、]|$)")
#: The last two of a list may be joined by a word; a name itself may contain one.
_LAST_TWO = re.compile("(.+)(?:以及|和|及)(.+)")


def read_offices(passages: Iterable[Passage]) -> Iterator[Record]:
    """Yield the internal offices: those named in the sentence that counts them, or numbered below it."""
    level: int | None = None
    is_open = False
    for passage in passages:
        if passage.role is not Role.OVERVIEW:
            is_open = False
        elif match := OFFICES.search(passage.text.form):
            names = _listed_names(passage, match)
            is_open, level = not names, None
            for name in filter(None, names):
                yield {"名称": name, "职责": None, "首行": passage.first, "页": passage.page}
        elif is_open and passage.level is not None and level in {None, passage.level}:
            level = passage.level
            if office := _numbered_office(passage):
                yield office
        else:
            is_open = False


def _listed_names(passage: Passage, match: re.Match[str]) -> list[str]:
    if match["names"] is None:
        return []
    names = passage.text.printed_between(*match.span("names")).split("、")
    if len(names) < parse_numeral(match["count"]):
        names[-1:] = _LAST_TWO.sub(r"\1、\2", names[-1]).split("、")
    return [name.strip() for name in names]


def _numbered_office(passage: Passage) -> Record | None:
    """Return `1、综合办公室。负责…` as an office; None where the item is a whole sentence."""
    offset = _after_number(passage)
    match = OFFICE.fullmatch(passage.text.form, offset)
    if match is None:
        return None
    duties = passage.text.printed_between(*match.span("duties")) if match["duties"] else None
    name = passage.text.printed_between(*match.span("name"))
    return {"名称": name, "职责": duties, "首行": passage.first, "页": passage.page}


def _after_number(passage: Passage) -> int:
    ordinal = split_ordinal(passage.text.form)
    return len(passage.text.form) - len(ordinal.rest) if ordinal else 0


def read_staffing(passages: Iterable[Passage]) -> Iterator[Record]:
    """Yield posts (编制) and people (实有) as printed; 其余 is worked out where the total is printed."""
    for passage in passages:
        if passage.role is Role.OVERVIEW and STAFF_PARAGRAPH.search(passage.text.form):
            yield from _Staff(passage).read()


class _Staff:
    """The staff of one paragraph: which group of posts is open, and who has been counted."""

    def __init__(self, passage: Passage) -> None:
        self.passage = passage
        self.group: str | None = None
        self.filled: str | None = None
        self.lists_posts = False
        self.has_groups = False
        self.total: int | None = None
        self.counted = 0
        self.unit: str | None = None

    def read(self) -> Iterator[Record]:
        """Yield one record for each clause with a count, in the order printed."""
        form = self.passage.text.form
        for clause in _CLAUSE.finditer(form, _after_number(self.passage)):
            for kind, pattern in STAFF:
                if match := pattern.fullmatch(form, *clause.span("clause")):
                    yield self._record(kind, match)
                    break
            if clause["end"] in {";", "。"}:
                self.group, self.filled, self.lists_posts = None, None, False

    def _record(self, kind: str, match: re.Match[str]) -> Record:
        item = self._item(kind, match)
        is_post = kind in {"职数", "编制", "设"} or (self.lists_posts and not STAFF_TOTAL.search(item))
        if kind == "其余":
            number, unit, printed = self._remainder(), self.unit, match.span("printed")
        else:
            number, unit = parse_numeral(match["count"]), match["unit"]
            printed = (match.start("count"), match.end("unit"))
            if not is_post:
                self._count(item, number, unit)
        return {
            "项目": item,
            "类别": "编制" if is_post else "实有",
            "原文": self.passage.text.printed_between(*printed),
            "人数": number,
            "单位词": unit,
            "推算": "是" if kind == "其余" else "否",
            "首行": self.passage.first,
            "页": self.passage.page,
        }

    def _item(self, kind: str, match: re.Match[str]) -> str:
        """Return what is counted; inside a group of leading posts, with the name of the group."""
        item = self.passage.text.printed_between(*match.span("item"))
        if kind == "职数":
            self.group, self.has_groups, self.filled = match["group"], True, None
        elif kind == "设":
            self.lists_posts = True
        elif kind == "实配":
            self.filled = f"{self.group or ''}实配·"
        if kind in {"实配", "实有"} and self.filled:
            return self.filled + item
        # Leading posts were counted by group: a cadre counted outside them holds none of these posts.
        outside = kind == "另有" and self.has_groups and item.endswith("干部")
        return f"{item}（非领导）" if outside else item

    def _count(self, item: str, number: int, unit: str) -> None:
        if self.total is None and self.filled is None and STAFF_TOTAL.search(item):
            self.total, self.unit = number, unit
        elif self.total is not None and "退休" not in item:
            self.counted += number

    def _remainder(self) -> int | None:
        rest = None if self.total is None else self.total - self.counted
        return rest if rest is not None and rest >= 0 else None


def read_vehicles(passages: Iterable[Passage]) -> Iterator[Record]:
    """Yield every count of vehicles with the place it stands in."""
    for passage in passages:
        if passage.role not in {Role.OVERVIEW, Role.STATEMENTS}:
            continue
        for match in VEHICLES.finditer(passage.text.form):
            item, kind = (passage.text.printed_between(*match.span(name)) for name in ("item", "kind"))
            if BARE_VEHICLES.search(item) and "车" not in item:
                item += "车辆"
            yield {
                "节": passage.place,
                "项目": f"{item}（{kind}）" if kind else item,
                "数量": parse_numeral(match["count"]),
                "单位词": match["unit"],
                "首行": passage.first,
                "页": passage.page,
            }
