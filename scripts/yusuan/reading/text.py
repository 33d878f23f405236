"""Markdown and plain text to `Document`.

Such files come from converters: headings carry any level or none, tables are tab-separated lines or
pipe tables, and page breaks cut paragraphs in the middle of a word. Nothing is trusted but the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from yusuan.errors import DocumentError, Problem
from yusuan.frame import read_frame_line
from yusuan.model import Cell, Document, Finding, Grid, Paragraph, Place
from yusuan.values import split_ordinal

READER = "text"

_TAGS = re.compile(r"</?(?:b|strong|i|em|u|s|sub|sup|span|font)(?:\s[^<>]*)?>|<br\s*/?>", re.IGNORECASE)
_BOLD = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+")
_BULLET = re.compile(r"\s*[-*+]\s+")
_PIPE_RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*")
_PART = re.compile(r"第[一二三四五六七八九十]+(?:部分|章|节)")
_CLOSED = tuple("。；：！？.;:!?")
_MAX_HEADING = 40


def read_text(source: str, data: bytes, sha256: str) -> Document:
    """Return the document in `data`, the bytes of a UTF-8 (or GB 18030) text file called `source`."""
    content, notes = _decode(source, data)
    blocks = tuple(_join_cut_paragraphs(_blocks(content.splitlines())))
    return Document(source, sha256, len(data), READER, blocks, notes)


def _decode(source: str, data: bytes) -> tuple[str, tuple[Finding, ...]]:
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
    try:
        note = Finding("SOURCE-ENCODING", "文件不是 UTF-8，已按 GB 18030 读取", severity="info", line=line)
        return data.decode("gb18030"), (note,)
    except UnicodeDecodeError as error:
        raise DocumentError(
            Problem(
                "SOURCE-ENCODING",
                "文件既不是 UTF-8 也不是 GB 18030",
                source,
                line=line,
                hint="另存为 UTF-8 后重试",
            )
        ) from error


class _Line:
    """A line that is no table: its text without marks, and whether its marks make it stand alone."""

    def __init__(self, number: int, raw: str) -> None:
        self.number = number
        marked = bool(_HEADING.match(raw) or _BULLET.match(raw))
        body = _BULLET.sub("", _HEADING.sub("", raw, count=1), count=1)
        self.text = unmark(body)
        wholly_bold = bool(_BOLD.fullmatch(body.strip()))
        self.alone = marked or wholly_bold or _stands_alone(self.text)


def unmark(text: str) -> str:
    """Return `text` without Markdown emphasis and inline tags; the printed blanks inside it stay."""
    return _BOLD.sub(r"\2", _TAGS.sub("", text)).strip()


def _stands_alone(text: str) -> bool:
    """Say whether a line is a heading or a frame line by its form, so that nothing may be joined to it."""
    if read_frame_line(text) or _PART.match(text):
        return True
    return split_ordinal(text) is not None and len(text) <= _MAX_HEADING and not re.search("[，。；：,;:%]", text)


def _blocks(lines: list[str]) -> Iterator[_Line | Grid]:
    rows: list[tuple[Cell, ...]] = []
    for number, raw in enumerate(lines, 1):
        cells = _cells(number, raw)
        if cells is None and rows:
            yield Grid(tuple(rows))
            rows = []
        if cells:
            rows.append(cells)
        elif cells is None and raw.strip():
            yield _Line(number, raw)
    if rows:
        yield Grid(tuple(rows))


def _cells(number: int, raw: str) -> tuple[Cell, ...] | None:
    """Return the cells of a table line, () for the rule under a pipe table's head, None for other lines."""
    stripped = raw.strip()
    if stripped.startswith("|") and stripped.endswith("|") and len(stripped) > 1:
        if _PIPE_RULE.fullmatch(stripped):
            return ()
        texts = re.split(r"(?<!\\)\|", stripped[1:-1])
    elif "\t" in raw:
        texts = raw.rstrip("\r\n").split("\t")
    else:
        return None
    return tuple(Cell(unmark(text.replace(r"\|", "|")), Place(line=number)) for text in texts)


def _join_cut_paragraphs(blocks: Iterator[_Line | Grid]) -> Iterator[Paragraph | Grid]:
    """Join a line to the one before where a page break cut a sentence; grids and headings end a paragraph."""
    open_: Paragraph | None = None
    for block in blocks:
        if isinstance(block, Grid):
            if open_ is not None:
                yield open_
                open_ = None
            yield block
            continue
        place = Place(line=block.number)
        if open_ is not None and not block.alone and _continues(block.text):
            open_ = replace(open_, text=open_.text + block.text, last=place, pieces=open_.pieces + 1)
        else:
            if open_ is not None:
                yield open_
            open_ = Paragraph(block.text, place, place)
        if block.alone or open_.text.endswith(_CLOSED):
            yield open_
            open_ = None
    if open_ is not None:
        yield open_


def _continues(text: str) -> bool:
    """Say whether a line can be the rest of a cut sentence: it begins with no number of its own."""
    return split_ordinal(text) is None
