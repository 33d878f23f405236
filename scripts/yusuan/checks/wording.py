"""Rules about the text as printed, which only the document itself can show: wording, placeholders, the list of tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from yusuan.checks.evaluation import Evaluation, agrees, violated
from yusuan.checks.quantities import Quantities
from yusuan.checks.similarity import is_misprint
from yusuan.checks.stated import check_cover
from yusuan.layouts import Layout
from yusuan.model import Document, Identity, Paragraph, Table
from yusuan.narrative.inventory import OFFICES
from yusuan.narrative.outline import Role, read_outline
from yusuan.rulebook import Rule
from yusuan.values import close_gaps, header_key, parse_numeral, split_ordinal

#: Two marks that cannot follow each other, and a phrase said twice.
_MARKS = re.compile("[，。；：、]{2,}")
_TWICE = re.compile("([\u4e00-\u9fff]{3,8})\\1")
_LISTED = re.compile(r"(?P<title>.{2,40}?表)\s*(?:[(（]\s*(?:公开)?表?\s*\d{1,2}\s*表?\s*[)）])?[\s.．…·]*\d*$")
_OTHER_SCOPE = re.compile("[我本]部门")
#: Fewer lines than this are no list of tables.
_MIN_LISTED = 3
_CONTEXT = 12


#: Rules of these kinds need the text, which a package does not hold: they are applied when a document is read.
TEXT_KINDS = frozenset({"text", "stated_cover"})


def check_text(
    document: Document, identity: Identity, tables: Sequence[Table], layout: Layout, known: Quantities
) -> list[Evaluation]:
    """Return the evaluations of every rule about the text itself."""
    book = known.book
    paragraphs = [paragraph for paragraph in document.paragraphs if paragraph.text.strip()]
    sections = _sections(document)
    checks: Mapping[str, Any] = {
        "wording": lambda rule: _check_wording(rule, paragraphs, book.wording),
        "placeholders": lambda rule: _check_placeholders(rule, paragraphs, book.wording),
        "named": lambda rule: _check_named(rule, paragraphs, identity),
        "listing": lambda rule: _check_listing(rule, paragraphs, tables, layout),
    }
    found: list[Evaluation] = []
    for rule in book.rules.values():
        if "text" in rule.kinds:
            found += checks[rule.kinds["text"]](rule)
        if "stated_cover" in rule.kinds:
            found += check_cover(rule, rule.kinds["stated_cover"], known, sections)
    return found


def _sections(document: Document) -> dict[str, str]:
    """Return what the narrative says, by topic."""
    texts: dict[str, str] = {}
    for passage in read_outline(document):
        if passage.role is Role.STATEMENTS and passage.topic:
            texts[passage.topic.name] = texts.get(passage.topic.name, "") + passage.text.form
    return texts


def stated_offices(document: Document) -> int | None:
    """Return how many internal offices the text says there are, None where it says nothing or several things."""
    passages = [passage for passage in read_outline(document) if passage.role is Role.OVERVIEW]
    found = [match for passage in passages if (match := OFFICES.search(passage.text.form))]
    return parse_numeral(found[0]["count"]) if len(found) == 1 else None


def _at(paragraph: Paragraph) -> dict[str, Any]:
    return {"line": paragraph.first.line, "page": paragraph.first.page}


def _around(text: str, start: int, end: int) -> str:
    return text[max(0, start - _CONTEXT) : end + _CONTEXT]


def _check_wording(rule: Rule, paragraphs: Sequence[Paragraph], wording: Mapping[str, Any]) -> Iterator[Evaluation]:
    """Doubled marks, doubled phrases, and terms that lost their first character behind a mark."""
    tails = "|".join(re.escape(term[1:]) for term in wording["terms"])
    lost = re.compile(f"(?<=[，。；：、])(?:{tails})")
    for paragraph in paragraphs:
        text = close_gaps(paragraph.text)
        for kind, pattern in (("标点重复", _MARKS), ("文字重复", _TWICE), ("漏字", lost)):
            for match in pattern.finditer(text):
                context = _around(text, *match.span())
                message = f"正文有{kind}：“{context}”"
                yield violated(rule.id, message, printed=match[0], **_at(paragraph))


def _check_placeholders(
    rule: Rule, paragraphs: Sequence[Paragraph], wording: Mapping[str, Any]
) -> Iterator[Evaluation]:
    """Blanks of a template that nobody filled in."""
    blank = re.compile("|".join(wording["placeholders"]))
    for paragraph in paragraphs:
        text = close_gaps(paragraph.text)
        if match := blank.search(text):
            message = f"正文留有没有填写的模板：“{_around(text, *match.span())}”"
            yield violated(rule.id, message, printed=match[0], **_at(paragraph))


def _check_named(rule: Rule, paragraphs: Sequence[Paragraph], identity: Identity) -> Iterator[Evaluation]:
    """A unit's own document does not call itself a department."""
    if "单位" not in identity.title:
        return
    for paragraph in paragraphs:
        if match := _OTHER_SCOPE.search(paragraph.text):
            context = _around(paragraph.text, *match.span())
            yield violated(rule.id, f"单位的文档自称部门：“{context}”", printed=match[0], **_at(paragraph))
            return


# ------------------------------------------------------------------------------------------------ the list of tables


def _check_listing(
    rule: Rule, paragraphs: Sequence[Paragraph], tables: Sequence[Table], layout: Layout
) -> Iterator[Evaluation]:
    """The tables named in the text are the tables of the document, in that order; they may all be in another file."""
    if not tables:
        return
    listed = _listed_tables(paragraphs, layout)
    if len(listed) < _MIN_LISTED:
        return
    present = [table.name for table in tables]
    wrong = list(_differences(listed, present, tables))
    if not wrong:
        yield agrees(rule.id)
    for text, paragraph in wrong:
        yield violated(rule.id, text, **_at(paragraph))


def _listed_tables(paragraphs: Sequence[Paragraph], layout: Layout) -> list[tuple[str | None, str, Paragraph]]:
    """Return the numbered lines that name a table: which one (None for a misprint of one), the name, the line."""
    found: list[tuple[str | None, str, Paragraph]] = []
    for paragraph in paragraphs:
        ordinal = split_ordinal(paragraph.text)
        match = _LISTED.fullmatch(close_gaps(ordinal.rest)) if ordinal else None
        if match is None:
            continue
        names = [name for name, table in layout.tables.items() if layout.bears(match["title"], table.titles)]
        if names:
            found.append((names[0], match["title"], paragraph))
        elif any(_misprinted(match["title"], table.titles, layout) for table in layout.tables.values()):
            found.append((None, match["title"], paragraph))
    return found


def _misprinted(title: str, titles: Sequence[str], layout: Layout) -> bool:
    return any(is_misprint(layout.title_key(title), layout.title_key(proper)) for proper in titles)


def _differences(
    listed: Sequence[tuple[str | None, str, Paragraph]], present: Sequence[str], tables: Sequence[Table]
) -> Iterator[tuple[str, Paragraph]]:
    for name, title, paragraph in listed:
        if name is None:
            yield f"正文所列的“{title}”与表题不同，疑有错字", paragraph
    order = list(dict.fromkeys(name for name, _, _ in listed if name in present))
    actual = sorted((table for table in tables if table.name in order), key=_position)
    if order != [table.name for table in actual]:
        yield "正文所列各表的次序与表的实际次序不同", listed[0][2]
    known = {name for name, _, _ in listed}
    unlisted = [table for table in tables if table.name not in known and table.sheet.title]
    if len(unlisted) == 1 and len(order) == len(present) - 1:  # a list read in part would lack more than one
        yield f"文档中有“{header_key(unlisted[0].sheet.title)}”，正文没有列出", listed[0][2]


def _position(table: Table) -> tuple[int, int]:
    first = table.sheet.first
    return (first.page or 0, first.line or 0)
