"""How a printer prints: one frozen set of choices, the families that are tested, and random ones."""

from __future__ import annotations

import random
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

Borders = Literal["full", "open", "dotted", "dashed", "double", "hair"]
Face = Literal["cid", "embedded", "song"]
Numbers = Literal["whole", "broken", "spread"]
PageNumbers = Literal["none", "dashes", "of"]

_CHOICES: dict[str, tuple[object, ...]] = {
    "borders": get_args(Borders),
    "face": ("cid", "embedded"),
    "page_numbers": get_args(PageNumbers),
    "money": ("万元", "元"),
    "numbers": get_args(Numbers),
}


@dataclass(frozen=True, slots=True)
class Style:
    """Choices of a printer; the defaults are a plain table on white paper.

    `face` is the built-in song face that is not embedded (`cid`), any embedded TrueType face (`embedded`)
    or an embedded song face (`song`); `cut_rows` lets a page break run through a row; `rotated` prints
    landscape pages as portrait ones with /Rotate; `hidden` puts invisible text over the tables. Amounts are `whole`,
    `broken` into two lines of their cell, or `spread` over it with blanks between the digits.
    """

    borders: Borders = "full"
    face: Face = "cid"
    shaded: bool = False
    repeat_header: bool = True
    cut_rows: bool = False
    rotated: bool = False
    fake_bold: bool = False
    white_fills: bool = False
    title_inside: bool = False
    tables_together: bool = False
    page_numbers: PageNumbers = "dashes"
    one_frame_line: bool = True
    money: Literal["万元", "元"] = "万元"
    justified_headers: bool = False
    watermark: bool = False
    hidden: bool = False
    numbers: Numbers = "whole"


#: One style for each thing that can go wrong alone, and some mixtures.
FAMILIES: dict[str, Style] = {
    "plain": Style(),
    "embedded": Style(face="embedded"),
    "open": Style(borders="open", shaded=True, repeat_header=False),
    "dotted": Style(borders="dotted"),
    "dashed": Style(borders="dashed"),
    "double": Style(borders="double"),
    "hair": Style(borders="hair"),
    "no-repeat": Style(repeat_header=False),
    "cut-rows": Style(cut_rows=True),
    "cut-rows-no-repeat": Style(cut_rows=True, repeat_header=False),
    "rotated": Style(rotated=True, page_numbers="of"),
    "bold": Style(fake_bold=True, face="embedded"),
    "white-fills": Style(white_fills=True, shaded=True),
    "title-inside": Style(title_inside=True),
    "together": Style(tables_together=True, page_numbers="of"),
    "two-frame-lines": Style(one_frame_line=False, page_numbers="none"),
    "yuan": Style(money="元"),
    "justified": Style(justified_headers=True),
    "watermark": Style(watermark=True),
    "hidden": Style(hidden=True),
    "broken-numbers": Style(numbers="broken"),
    "spread-numbers": Style(numbers="spread", borders="open"),
    "everything": Style(
        borders="double",
        face="embedded",
        shaded=True,
        cut_rows=True,
        rotated=True,
        fake_bold=True,
        white_fills=True,
        title_inside=True,
        tables_together=True,
        page_numbers="of",
        money="元",
        justified_headers=True,
        watermark=True,
        hidden=True,
    ),
}


def random_style(seed: int) -> Style:
    """Return the style that belongs to a seed; every choice is free."""
    rng = random.Random(seed)  # noqa: S311 - a reproducible choice, no secret
    choices = _CHOICES | {field.name: (False, True) for field in fields(Style) if field.type == "bool"}
    chosen: dict[str, Any] = {name: rng.choice(values) for name, values in choices.items()}
    return Style(**chosen)
