"""The skeleton of a document: which part, section and subsection each paragraph belongs to.

Only the numbering counts (第N部分 > 一、 > （一）) and a few titles that stand alone, never a heading mark or a
line number. A table of contents has headings without text under them, so nothing is ever attributed to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from yusuan.model import Document, Paragraph
from yusuan.narrative.fragments import MONEY
from yusuan.narrative.matching import MatchingText, to_matching
from yusuan.narrative.topics import PART_ROLES, UNNUMBERED_PART, Topic, find_single_topic, find_topic
from yusuan.values import split_ordinal

_PART = re.compile(r"(第([一二三四五六七八九十]+)(?:部分|章))[:、]?(?P<title>[^。;]{0,60})")
_SECTION = re.compile(
    r"(?P<numeral>[一二三四五六七八九十百]+)、(?P<title>[^。:;]{1,60}?)(?P<body>[。:;].*|(?<=说明)\d{4}年.*)?"
)
_SUBSECTION = re.compile(
    r"\((?P<numeral>[一二三四五六七八九十百]+)\)、?"
    r"(?:(?P<closed>[^。:;]{1,40}?(?:说明|情况)(?:\([^()]{1,12}\)))(?P<rest>[^。:;].*)|(?P<title>[^。:;]*)(?P<body>[。:;].*)?)"
)
_HINT = r"(?:[(（][^()（）]{1,12}[)）])?"  # （详见表1-3）
_HEADING_END = re.compile(rf"(?:情况|说明|安排){_HINT}$")
_SUBHEADING_END = re.compile(rf"(?:情况|说明|安排|预算|经费){_HINT}$")
#: The title of a part may stand on the line below its number.
_TITLE = re.compile(r"[^。;:,、]{2,40}")


class Role(Enum):
    """What a part of the document is for."""

    OVERVIEW = "概况"
    STATEMENTS = "情况说明"
    GLOSSARY = "名词解释"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: its numeral as printed (`十三`), empty where it has none, and its title."""

    numeral: str
    title: str


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph and the headings it stands under.

    `level` is that of its own number, if it has one; its text begins at `body`, behind a heading in the same line.
    """

    text: MatchingText
    part: Heading | None
    section: Heading | None
    subsection: Heading | None
    level: int | None
    first: int | None
    last: int | None
    page: int | None = None
    body: int = 0

    @property
    def role(self) -> Role | None:
        """Return what the passage's part is for; where its title does not say so, or is not numbered, the section."""
        headings = [heading for heading in (self.part, self.section) if heading]
        if self.part and (not self.part.numeral or (self.section and Role.GLOSSARY.value in self.section.title)):
            headings.reverse()
        found = next(filter(None, (_role_of(heading.title) for heading in headings)), "")
        return Role(found) if found in _ROLES else None

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
        if self.subsection and not _SUBHEADING_END.search(self.subsection.title):
            titles = titles[1:]
        found = next(filter(None, map(find_topic, titles)), None)
        return found or (find_single_topic(self.part.title) if self.part else None)


_ROLES = {role.value for role in Role}


def _role_of(title: str) -> str | None:
    """Return what a title is for, 附件 where nothing is stated under it, None where it does not say."""
    found = next((role for role, words in PART_ROLES if words.search(title)), None)
    return found or (Role.STATEMENTS.value if find_topic(title) else None)


def read_outline(document: Document) -> Iterator[Passage]:
    """Yield the paragraphs that carry text, in reading order, each under its headings."""
    part: Heading | None = None
    section: Heading | None = None
    subsection: Heading | None = None
    for paragraph in document.paragraphs:
        text = to_matching(paragraph.text)
        if heading := _read_part(text, part):
            part, section, subsection = heading, None, None
            continue
        body = 0
        if opened := _read_section(text, part):
            section, subsection = opened[0], None
            body = opened[1]
            if body == len(text.form):
                continue
        elif match := _SUBSECTION.fullmatch(text.form):
            name = "closed" if match["closed"] else "title"
            subsection = Heading(match["numeral"], text.printed_between(*match.span(name)))
            body = match.start("rest") if match["closed"] else 0
        yield _passage(paragraph, text, (part, section, subsection), body)


def _passage(
    paragraph: Paragraph,
    text: MatchingText,
    headings: tuple[Heading | None, Heading | None, Heading | None],
    body: int,
) -> Passage:
    ordinal = split_ordinal(text.form)
    level = ordinal.level if ordinal else None
    return Passage(text, *headings, level, paragraph.first.line, paragraph.last.line, paragraph.first.page, body)


def _read_part(text: MatchingText, open_: Heading | None) -> Heading | None:
    """Return the part a paragraph opens, or gives its title to where its number stood alone."""
    if match := _PART.fullmatch(text.form):
        return Heading(match[1], match["title"])
    is_plain = split_ordinal(text.form) is None
    if open_ is not None and open_.numeral and not open_.title and is_plain and _TITLE.fullmatch(text.form):
        return Heading(open_.numeral, text.form)
    return Heading("", text.form) if is_plain and UNNUMBERED_PART.fullmatch(text.form) else None


def _read_section(text: MatchingText, part: Heading | None) -> tuple[Heading, int] | None:
    """Return the section a paragraph opens and where text of its own begins behind the title.

    `一、` in front of an amount numbers a statement, and in front of a term a definition: no sections.
    """
    match = _SECTION.fullmatch(text.form)
    if match is None or MONEY.search(match["title"]):
        return None
    body = (match["body"] or "").lstrip("。:;")
    if body and (_is_glossary(part) or not _HEADING_END.search(match["title"])):
        return None
    title = text.printed_between(*match.span("title"))
    return Heading(match["numeral"], title), len(text.form) - len(body)


def _is_glossary(part: Heading | None) -> bool:
    return part is not None and Role.GLOSSARY.value in part.title
