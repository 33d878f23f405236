"""Markdown and plain text to `Document`.

Such files come from converters: headings carry any level or none, tables are tab-separated lines or
pipe tables, and page breaks cut paragraphs in the middle of a word. Nothing is trusted but the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from yusuan.errors import DocumentError, Problem
from yusuan.model import Cell, Document, Finding, Grid, Place
from yusuan.reading.paragraphs import Line, join_lines

READER = "text"

_TAGS = re.compile(r"</?(?:b|strong|i|em|u|s|sub|sup|span|font)(?:\s[^<>]*)?>|<br\s*/?>", re.IGNORECASE)
_BOLD = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+")
_BULLET = re.compile(r"\s*[-*+]\s+")
_PIPE_RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*")


def read_text(source: str, data: bytes, sha256: str) -> Document:
    """Return the document in `data`, the bytes of a UTF-8 (or GB 18030) text file called `source`."""
    content, notes = _decode(source, data)
    blocks = tuple(join_lines(_blocks(content.splitlines())))
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


def lines_of(data: bytes) -> list[str]:
    """Return the lines of a text file; line n of a place is the n-th of them."""
    return _decode("", data)[0].splitlines()


def split_at_cell(raw: str, column: int, printed: str) -> tuple[str, str, str]:
    """Return a line in three: before the cell in `column` (from 1), the cell, what follows; no cell where it is not there."""
    mark = "|" if raw.strip().startswith("|") else "\t"
    pieces = re.split(r"(?<!\\)\|", raw) if mark == "|" else raw.split(mark)
    first = 1 if mark == "|" else 0
    order = sorted(range(len(pieces)), key=lambda i: abs(i - (column - 1 + first)))
    for i in order if printed else order[:1]:
        if unmark(pieces[i].replace(r"\|", "|")) == printed:
            before = "".join(piece + mark for piece in pieces[:i])
            return before, pieces[i], raw[len(before) + len(pieces[i]) :]
    return raw, "", ""


def _line(number: int, raw: str) -> Line:
    """Return a line without its marks; a heading, a list item and a wholly bold line stand alone."""
    marked = bool(_HEADING.match(raw) or _BULLET.match(raw))
    body = _BULLET.sub("", _HEADING.sub("", raw, count=1), count=1)
    return Line(unmark(body), Place(line=number), alone=marked or bool(_BOLD.fullmatch(body.strip())))


def unmark(text: str) -> str:
    """Return `text` without Markdown emphasis and inline tags; the printed blanks inside it stay."""
    return _BOLD.sub(r"\2", _TAGS.sub("", text)).strip()


def _blocks(lines: list[str]) -> Iterator[Line | Grid]:
    rows: list[tuple[Cell, ...]] = []
    for number, raw in enumerate(lines, 1):
        cells = _cells(number, raw)
        if cells is None and rows:
            yield Grid(tuple(rows))
            rows = []
        if cells:
            rows.append(cells)
        elif cells is None and raw.strip():
            yield _line(number, raw)
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
