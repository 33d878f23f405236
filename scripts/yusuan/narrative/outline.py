"""The skeleton of a document: which part, section and subsection each paragraph belongs to.

Only the numbering counts (第N部分 > 一、 > （一）), never a heading mark or a line number. A table of
contents has headings without text under them, so nothing is ever attributed to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from yusuan.model import Document, Paragraph
from yusuan.narrative.matching import MatchingText, to_matching
from yusuan.narrative.patterns import MONEY
from yusuan.narrative.topics import PART_ROLES, Topic, find_topic
from yusuan.values import split_ordinal

_PART = re.compile(r"(第([一二三四五六七八九十]+)(?:部分|章))[:、]?(?P<title>[^。;]{0,60})")
_SECTION = re.compile(r"(?P<numeral>[一二三四五六七八九十百]+)、(?P<title>[^。:;]{1,60}?)(?P<body>[。:;].*)?")
_SUBSECTION = re.compile(r"\((?P<numeral>[一二三四五六七八九十百]+)\)、?(?P<title>[^。:;]*)(?P<body>[。:;].*)?")
_HEADING_END = re.compile(r"(?:情况|说明|安排)$")


class Role(Enum):
    """What a part of the document is for."""

    OVERVIEW = "概况"
    STATEMENTS = "情况说明"
    GLOSSARY = "名词解释"


@dataclass(frozen=True, slots=True)
class Heading:
    """A numbered heading: its numeral as printed (`十三`) and its title."""

    numeral: str
    title: str


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph and the headings it stands under; `level` is that of its own number, if it has one."""

    text: MatchingText
    part: Heading | None
    section: Heading | None
    subsection: Heading | None
    level: int | None
    first: int | None
    last: int | None

    @property
    def role(self) -> Role | None:
        """Return what the passage's part (or, in a document without parts, its section) is for."""
        title = heading.title if (heading := self.part or self.section) else ""
        if title.endswith("表"):  # 第三部分 …预算报表, 预算情况表
            return None
        found = next((role for role, words in PART_ROLES if words.search(title)), None)
        if found is None and find_topic(title):
            return Role.STATEMENTS
        return Role(found) if found else None

    @property
    def place(self) -> str:
        """Return the place in words: `第二部分 十三（二）`."""
        section = self.section.numeral if self.section else ""
        subsection = f"（{self.subsection.numeral}）" if self.subsection else ""
        return " ".join(filter(None, (self.part.numeral if self.part else "", section + subsection)))

    @property
    def topic(self) -> Topic | None:
        """Return what the statements here are about; a subsection counts where it is a heading of its own."""
        headings = (self.subsection, self.section or self.part)
        titles = [heading.title for heading in headings if heading]
        if self.subsection and not _HEADING_END.search(self.subsection.title):
            titles = titles[1:]
        return next(filter(None, map(find_topic, titles)), None)


def read_outline(document: Document) -> Iterator[Passage]:
    """Yield the paragraphs that carry text, in reading order, each under its headings."""
    part: Heading | None = None
    section: Heading | None = None
    subsection: Heading | None = None
    for paragraph in document.paragraphs:
        text = to_matching(paragraph.text)
        if match := _PART.fullmatch(text.form):
            part, section, subsection = Heading(match[1], match["title"]), None, None
            continue
        if heading := _read_section(text, part):
            section, subsection = heading[0], None
            if not heading[1]:
                continue
        elif match := _SUBSECTION.fullmatch(text.form):
            subsection = Heading(match["numeral"], _printed_title(text, match))
        yield _passage(paragraph, text, (part, section, subsection))


def _passage(
    paragraph: Paragraph, text: MatchingText, headings: tuple[Heading | None, Heading | None, Heading | None]
) -> Passage:
    ordinal = split_ordinal(text.form)
    level = ordinal.level if ordinal else None
    return Passage(text, *headings, level, paragraph.first.line, paragraph.last.line)


def _read_section(text: MatchingText, part: Heading | None) -> tuple[Heading, bool] | None:
    """Return the section a paragraph opens and whether it has text of its own behind the title.

    `一、` in front of an amount numbers a statement, and in front of a term a definition: no sections.
    """
    match = _SECTION.fullmatch(text.form)
    if match is None or MONEY.search(match["title"]):
        return None
    body = (match["body"] or "").lstrip("。:;")
    if body and (_is_glossary(part) or not _HEADING_END.search(match["title"])):
        return None
    return Heading(match["numeral"], _printed_title(text, match)), bool(body)


def _is_glossary(part: Heading | None) -> bool:
    return part is not None and Role.GLOSSARY.value in part.title


def _printed_title(text: MatchingText, match: re.Match[str]) -> str:
    return text.printed_between(*match.span("title"))
