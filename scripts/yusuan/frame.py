"""The lines around a table: title, 单位名称, 单位：万元, 预算公开01表, 注.

They are told from running text by their form alone, so that readers can leave them unjoined and the
recogniser can collect them, whatever heading marks a converter put in front.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from yusuan.values import MONEY_UNITS, close_gaps

FrameKind = Literal["organisation", "money", "number", "note", "title"]

_MONEY = re.compile(r"[(（]?(?:金额)?单位[:：]\s*(?:人民币)?\s*(?P<unit>" + "|".join(MONEY_UNITS) + r")[)）]?$")
_ORGANISATION = re.compile(
    r"(?:预算|编制|填报)?(?:单位|部门)(?:[(（](?:单位|部门)[)）])?(?:名称)?[:：]\s*(?P<name>\S.*)$"
)
_NUMBER = re.compile(r"[(（]?(?:(?:预算|决算|部门)?公开|附)?表?\s*(?P<number>\d{1,2})\s*表?[)）]?$", re.ASCII)
_NOTE = re.compile(r"[(（]?(?:备?注|说明)[:：]\s*(?P<text>.*)$", re.DOTALL)
_SENTENCE = re.compile(r"[，。；：！？,;!?]")
_ORGANISATION_CODE = re.compile(r"(?P<code>\d{3,12})?\s*(?P<name>.+)$", re.ASCII)
_GLUED = re.compile(r"(.*表(?:[(（][^()（）]+[)）])?)\s*((?:单位|部门|编制单位|预算单位)(?:名称)?[:：].*)")
_MONEY_BEHIND = re.compile(
    r"(?P<name>.+?)[(（]?(?:金额)?单位[:：]\s*(?:人民币)?\s*(?P<unit>" + "|".join(MONEY_UNITS) + r")[)）]?"
)
_TITLE = re.compile(r".*表(?:[(（][^()（）]+[)）])?")
_NUMBERED = re.compile(r"^(?:附?表|附件)\s*\d{1,2}\s*[:：]")
_MAX_TITLE = 45


class FrameLine(NamedTuple):
    """One line of a table's frame and what it says."""

    kind: FrameKind
    value: str


def read_frame_line(text: str) -> FrameLine | None:
    """Return what a line of a table's frame says, None for running text."""
    line = close_gaps(text)
    if match := _MONEY.fullmatch(line):
        return FrameLine("money", match["unit"])
    if match := _NOTE.fullmatch(line):
        return FrameLine("note", match["text"].strip())
    if match := _ORGANISATION.fullmatch(line):
        return FrameLine("organisation", match["name"].strip())
    if ("表" in line) and (match := _NUMBER.fullmatch(line)):
        return FrameLine("number", line)
    if _TITLE.fullmatch(line) and len(line) <= _MAX_TITLE and not _SENTENCE.search(_NUMBERED.sub("", line)):
        return FrameLine("title", line)
    return None


def read_frame_lines(text: str) -> list[FrameLine]:
    """Return what a line of a frame says where two of its lines have run together: a title and 部门名称, or that and 单位：万元."""
    line = read_frame_line(text)
    if line and line.kind == "organisation" and (tail := _MONEY_BEHIND.fullmatch(line.value)):
        return [FrameLine("organisation", tail["name"].strip()), FrameLine("money", tail["unit"])]
    match = _GLUED.fullmatch(close_gaps(text)) if line is None or line.kind == "title" else None
    parts = [read_frame_line(part) for part in match.groups()] if match else [line]
    return [part for part in parts if part is not None]


def split_organisation(text: str) -> tuple[str | None, str]:
    """Return code (None where none is printed) and name of `405003某某中心` or `[405003]某某中心`."""
    line = close_gaps(text)
    match = _ORGANISATION_CODE.fullmatch(re.sub(r"^[\[【(（]\s*(\d+)\s*[\]】)）][-－]?", r"\1", line))
    if match is None:
        return None, line
    return match["code"], match["name"].lstrip("-_ ")
