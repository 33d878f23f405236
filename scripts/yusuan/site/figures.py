"""A figure is a picture, its table, its CSV, its embed code and its citation: one definition, all of these from it."""

from __future__ import annotations

import csv
import io
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from markupsafe import Markup

from yusuan.site import cells
from yusuan.site.addresses import Addresses
from yusuan.site.asked import Asked
from yusuan.site.charts import INK, PAPER, QUIET, picture, tag, words
from yusuan.site.places import Place
from yusuan.site.queries import Books
from yusuan.site.treemap import wrap

WIDE, NARROW = 960, 360
#: So many rows of a figure's table stand on a page; its CSV has all of them.
SHOWN = 300
_MARGIN = 20
#: In fen.
_YUAN, _CENT, _WAN = 100, 10_000, 1_000_000


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of a figure's table: text, money (fen), mean (fen, rounded), share (percent), count, or code."""

    name: str
    kind: str = "text"

    @property
    def title(self) -> str:
        """Return the name with its unit."""
        unit = {"money": "万元", "mean": "万元", "share": "%"}.get(self.kind)
        return f"{self.name}（{unit}）" if unit else self.name

    @property
    def css(self) -> str:
        """Return the class that aligns the column."""
        return self.kind if self.kind in {"text", "code"} else "number"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a figure's table: where its first cell leads, which cells nobody printed, where others were printed."""

    values: tuple[object, ...]
    url: str = ""
    derived: tuple[int, ...] = ()
    sources: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figure:
    """What a figure shows and says; `draw` makes the picture at a width."""

    name: str
    title: str
    source: str
    asked: Asked
    headings: tuple[Heading, ...]
    lines: tuple[Line, ...]
    draw: Callable[[int], Markup]
    note: str = ""

    def wide(self) -> Markup:
        """Return the picture for a desktop."""
        return self.draw(WIDE)

    def narrow(self) -> Markup:
        """Return the picture for a phone."""
        return self.draw(NARROW)

    def rows(self) -> list[tuple[Line, list[tuple[Heading, str]]]]:
        """Return the rows of the table that stand on the page, in words."""
        return [
            (
                line,
                [
                    (heading, said(value, heading.kind))
                    for heading, value in zip(self.headings, line.values, strict=True)
                ],
            )
            for line in self.lines[:SHOWN]
        ]

    @property
    def shown(self) -> int:
        """How many rows stand on the page."""
        return min(len(self.lines), SHOWN)

    @property
    def rounded(self) -> bool:
        """Whether the picture says less than the table."""
        money = [n for n, heading in enumerate(self.headings) if heading.kind == "money"]
        values = [line.values[n] for line in self.lines for n in money]
        return any(isinstance(value, int) and value % _CENT for value in values)

    def csv(self) -> str:
        """Return the table for programs: exact numbers, no separators."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([heading.title for heading in self.headings])
        for line in self.lines:
            writer.writerow(
                [_plain(value, heading.kind) for heading, value in zip(self.headings, line.values, strict=True)]
            )
        return out.getvalue()

    def file(self, address: str) -> Markup:
        """Return the picture as a file that stands alone: with its title, its source and where it comes from."""
        inner = self.draw(WIDE)
        title = wrap(self.title, WIDE - 2 * _MARGIN, 2)
        credit = wrap(f"{self.source}。{address}", (WIDE - 2 * _MARGIN) * 14 / 12, 3)
        height = float(str(inner).split('viewBox="0 0 ', 1)[1].split('"', 1)[0].split()[1])
        top = 24 + 30 * len(title)
        whole = height + top + 20 + 18 * len(credit) + _MARGIN
        body = [tag("rect", x=0, y=0, width=WIDE + 2 * _MARGIN, height=whole, fill=PAPER)]
        body += [words(_MARGIN, 38 + 30 * n, line, size=20, fill=INK) for n, line in enumerate(title)]
        body.append(tag("g", _inside(inner), transform=f"translate({_MARGIN} {top})"))
        body += [words(_MARGIN, top + height + 30 + 18 * n, line, size=12, fill=QUIET) for n, line in enumerate(credit)]
        return picture(WIDE + 2 * _MARGIN, whole, body, self.title)


#: Makes a figure from a question; none where there is nothing to show.
Maker = Callable[[Books, Addresses, Asked], Awaitable[Figure | None]]


def sources(books: Books, at: Addresses, places: Mapping[int, Place | None]) -> dict[int, str]:
    """Return where the cells of a line lead, by their number: to the place each was printed in."""
    return {number: at.place(place, books.catalogue) for number, place in places.items() if place}


def said(value: object, kind: str) -> str:
    """Return a value in words."""
    if value is None:
        return ""
    if kind in {"money", "mean"} and isinstance(value, int):
        return cells.fen_text(value)
    if kind == "share" and isinstance(value, float):
        return f"{value:,.2f}"
    if kind == "count" and isinstance(value, int):
        return f"{value:,}"
    return str(value)


def share(part: int | None, whole: int | None) -> float | None:
    """Return a part in percent of the whole, none where there is no whole."""
    return None if part is None or not whole else part * 100 / whole


def mean(fen: int | None, seats: int | None) -> int | None:
    """Return what falls to each post, in fen, rounded to what is worth saying: 0.01 万元, below 1 万元 to one 元."""
    if fen is None or not seats:
        return None
    unit = _CENT if abs(fen) >= seats * _WAN else _YUAN
    return round(fen / seats / unit) * unit


def _plain(value: object, kind: str) -> object:
    if value is None:
        return ""
    if kind in {"money", "mean"} and isinstance(value, int):
        return format(Decimal(value).scaleb(-6).normalize(), "f")
    if kind == "share" and isinstance(value, float):
        return f"{value:.4f}"
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "@")) else text


def _inside(svg: Markup) -> Markup:
    """Return a picture without its outer element."""
    text = str(svg)
    return Markup(text[text.index(">") + 1 : text.rindex("</svg>")])  # noqa: S704 - our own picture, already escaped
