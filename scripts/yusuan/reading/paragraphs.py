"""Lines of running text to paragraphs: what a page break or a line's end has cut is joined again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from yusuan.frame import read_frame_line
from yusuan.model import Grid, Paragraph, Place
from yusuan.values import split_ordinal

_PART = re.compile(r"第[一二三四五六七八九十]+(?:部分|章|节)|目\s*录$")
_CLOSED = tuple("。；：！？.;:!?")
_SENTENCE = re.compile(r"[，。；：]")
_MAX_HEADING = 40
_ALIKE = 0.03
_CENTRED = 0.6


@dataclass(frozen=True, slots=True)
class Shape:
    """How a line lies on its page: points left to the right margin, width of its first word, size, middle."""

    room: float
    head: float
    size: float
    middle: float
    indented: bool
    large: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is no table. `alone`: its marks say that it stands alone; `shape` is None in text sources."""

    text: str
    place: Place
    alone: bool = False
    shape: Shape | None = None


def join_lines(blocks: Iterable[Line | Grid]) -> Iterator[Paragraph | Grid]:
    """Join a line to the one before where a sentence was cut; grids and headings end a paragraph."""
    open_: Paragraph | None = None
    last: Line | None = None
    for block in blocks:
        if isinstance(block, Grid):
            if open_ is not None:
                yield open_
            open_ = last = None
            yield block
            continue
        if open_ is not None and last is not None and _goes_on(open_, last, block):
            open_ = replace(open_, text=open_.text + block.text, last=block.place, pieces=open_.pieces + 1)
        else:
            if open_ is not None:
                yield open_
            open_ = Paragraph(block.text, block.place, block.place)
        last = block
    if open_ is not None:
        yield open_


def _goes_on(paragraph: Paragraph, last: Line, line: Line) -> bool:
    """Say whether `line` is the rest of a sentence that `last` broke off."""
    if last.alone or line.alone or (split_ordinal(line.text) is not None and _is_heading(last.text)):
        return False
    if last.shape is not None and line.shape is not None and _wraps(last, last.shape, line, line.shape):
        return True
    if _stands_alone(line.text) or _stands_alone(paragraph.text) or split_ordinal(line.text) is not None:
        return False
    # on a page only a sentence goes on; a short line without a stop is a title or a table's edge
    sentence = last.shape is None or bool(_SENTENCE.search(paragraph.text))
    return sentence and not paragraph.text.endswith(_CLOSED)


def _wraps(last: Line, above: Shape, line: Line, below: Shape) -> bool:
    """Say whether a line broke only because the next word had no room; titles are centred, and so is their rest."""
    closed_note = _is_frame(last.text) and last.text.endswith(_CLOSED) and _is_frame_line(line.text)
    if _is_frame_line(last.text) or closed_note:
        return False
    if below.indented:
        # an indented line begins a paragraph, unless it is the rest of a centred title
        title = not last.text.endswith(_CLOSED) and split_ordinal(line.text) is None
        centred = abs(above.middle - below.middle) < _CENTRED * above.size or (above.large and below.large)
        if not (title and centred and abs(above.size - below.size) <= _ALIKE * above.size):
            return False
    return above.room < below.head + above.size * _CENTRED


def _is_frame_line(text: str) -> bool:
    line = read_frame_line(text)
    return line is not None and line.kind != "note"


def _is_frame(text: str) -> bool:
    return bool(read_frame_line(text) or _PART.match(text))


def _stands_alone(text: str) -> bool:
    """Say whether a line is a heading or a frame line by its form, so that nothing may be joined to it."""
    return _is_frame(text) or _is_heading(text)


def _is_heading(text: str) -> bool:
    return split_ordinal(text) is not None and len(text) <= _MAX_HEADING and not re.search("[，。；：,;:%]", text)
