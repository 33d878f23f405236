"""Faces to print with: the built-in CID face, or TrueType files found on this machine, glyph by glyph."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from .song import to_truetype
from .style import Face

_CID = "STSong-Light"
_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".fonts",
    Path("/Library/Fonts"),
    Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts",
)
#: Parts of file names of faces with Chinese, song faces first.
_SONG = ("uming", "simsun", "stsong", "fangsong", "serifcjk", "sourcehanserif")
_CHINESE = (*_SONG, "ukai", "wqy", "droidsansfallback", "simhei", "msyh", "sanscjk", "sourcehansans", "pingfang")
#: Where a Chinese face lacks Latin letters, digits or signs, these are asked; a song face has serifs.
_LATIN = ("DejaVuSerif.ttf", "LiberationSerif-Regular.ttf", "DejaVuSans.ttf", "times.ttf", "arial.ttf")


@dataclass(frozen=True)
class Typeface:
    """Fonts to be tried in turn for each character; names are those reportlab knows them by."""

    names: tuple[str, ...]
    widths: dict[str, tuple[str, float]] = field(default_factory=dict)

    def width(self, text: str, size: float) -> float:
        """Return the width of a text in points."""
        return sum(self._at(char)[1] for char in text) * size

    def runs(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield pieces of the text with the name of the font each is printed in."""
        fonts = [self._at(char)[0] for char in text]
        for i, char in enumerate(text):
            if char == " " and i:
                fonts[i] = fonts[i - 1]  # a blank is no piece of its own
        for name, pairs in groupby(zip(fonts, text, strict=True), key=lambda pair: pair[0]):
            yield name, "".join(char for _, char in pairs)

    def _at(self, char: str) -> tuple[str, float]:
        if char not in self.widths:
            name = next((name for name in self.names if _has(name, char)), self.names[0])
            self.widths[char] = (name, pdfmetrics.stringWidth(char, name, 1.0))
        return self.widths[char]


def _has(name: str, char: str) -> bool:
    glyphs = getattr(pdfmetrics.getFont(name).face, "charToGlyph", None)
    return glyphs is None or ord(char) in glyphs


def typeface(face: Face, text: str = "") -> Typeface:
    """Return the face of that kind; the built-in one where this machine has none to embed.

    A song face may have to be converted first, and is made for the characters of `text` only.
    """
    return _typeface(face, "".join(sorted(set(text))) if face == "song" else "")


@cache
def _typeface(face: Face, characters: str) -> Typeface:
    names = [] if face == "cid" else _embedded(characters, song=face == "song")
    if not names:
        pdfmetrics.registerFont(UnicodeCIDFont(_CID))
        names = [_CID]
    return Typeface(tuple(names))


def _embedded(characters: str, *, song: bool) -> list[str]:
    for path in _files(_SONG if song else _CHINESE):
        chinese = _register(path)
        if chinese is None and song and (converted := to_truetype(path, characters)):
            chinese = path.stem
            pdfmetrics.registerFont(TTFont(chinese, converted, asciiReadable=True))
        if chinese is not None:
            latin = (_register(found) for found in _latin_files())
            return [chinese, *filter(None, latin)]
    return []


def _files(names: tuple[str, ...]) -> list[Path]:
    found = [
        (rank, str(path))
        for folder in _FOLDERS
        for path in folder.rglob("*.tt[fc]")
        for rank, name in enumerate(names)
        if name in path.name.lower().replace("-", "").replace("_", "") and "bold" not in path.name.lower()
    ]
    return [Path(path) for _, path in sorted(found)]


def _latin_files() -> list[Path]:
    return [path for name in _LATIN for folder in _FOLDERS for path in sorted(folder.rglob(name))[:1]][:2]


def _register(path: Path) -> str | None:
    """Register a TrueType file and return its name, None where reportlab cannot embed it."""
    try:
        font = TTFont(path.stem, str(path), subfontIndex=0, asciiReadable=True)
    except (TTFError, OSError):
        return None
    pdfmetrics.registerFont(font)
    return path.stem
