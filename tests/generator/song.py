"""An OpenType song face with PostScript outlines to a TrueType one, which reportlab can embed. Needs fontTools."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

try:
    from fontTools import subset
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib import TTCollection, TTFont, newTable
except ImportError:
    subset = None

#: What a TrueType table of maxima has and one for PostScript outlines has not; only the zones are not zero.
_MAXIMA = (
    *("maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs"),
    *("maxStackElements", "maxSizeOfInstructions", "maxComponentElements"),
)


def to_truetype(path: Path, characters: str) -> io.BytesIO | None:
    """Return the characters of a face as a TrueType file, None without fontTools; the same bytes every time."""
    if subset is None:
        return None
    font = TTFont(path, fontNumber=_chinese_number(path), recalcTimestamp=False)
    chooser = subset.Subsetter(subset.Options(layout_features=[], hinting=False, notdef_outline=True))
    chooser.populate(text=characters + " ")
    chooser.subset(font)
    _redraw(font)
    buffer = io.BytesIO()
    font.save(buffer)
    buffer.seek(0)
    return buffer


def _redraw(font: Any) -> None:
    """Replace the cubic outlines by quadratic ones, and the tables that go with them."""
    outlines, order = font.getGlyphSet(), font.getGlyphOrder()
    pens = {name: TTGlyphPen(None) for name in order}
    for name in order:
        outlines[name].draw(Cu2QuPen(pens[name], max_err=1.0, reverse_direction=True))
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder = order
    font["glyf"].glyphs = {name: pen.glyph() for name, pen in pens.items()}
    font["maxp"].tableVersion = 0x00010000
    for name in _MAXIMA:
        setattr(font["maxp"], name, int(name == "maxZones"))
    font["post"].formatType, font["post"].extraNames, font["post"].mapping = 2.0, [], {}
    font["post"].glyphOrder = order
    for tag in ("CFF ", "VORG"):
        if tag in font:
            del font[tag]
    font.sfntVersion = "\x00\x01\x00\x00"


def _chinese_number(path: Path) -> int:
    """Return which face of a collection is the one for simplified Chinese."""
    names = [str(font["name"].getDebugName(4)) for font in TTCollection(path, lazy=True).fonts]
    return next((i for i, name in enumerate(names) if " SC" in name and "Mono" not in name), 0)
