"""Text to lines of a given width, the way Chinese word processors break them."""

from __future__ import annotations

import re

from .fonts import Typeface

_NOT_FIRST = frozenset("，。、；：！？）》”’％%)],.;:!?…")
_NOT_LAST = frozenset("（《“‘([")
_PIECE = re.compile(r"[!-~]+ *|. *", re.DOTALL)


def wrap(text: str, width: float, size: float, face: Typeface, indent: float = 0.0) -> list[str]:
    """Return the lines of a paragraph; the first begins `indent` points in.

    Lines break before any Chinese character and at blanks; no line begins with a closing sign or ends with
    an opening one. A blank stays at the end of its line, as it does in a file from an office program.
    """
    lines, line, room = [], "", width - indent
    for unit in _units(text):
        if line and face.width((line + unit).rstrip(), size) > room:
            lines.append(line)
            line, room = "", width
        for char in _broken(unit, room, size, face) if face.width(unit, size) > room else [unit]:
            if line and face.width((line + char).rstrip(), size) > room:
                lines.append(line)
                line, room = "", width
            line += char
    return [*lines, line] if line or not lines else lines


def _units(text: str) -> list[str]:
    """Return the smallest pieces that stay together on a line."""
    units: list[str] = []
    for piece in _PIECE.findall(text):
        if units and (piece[0] in _NOT_FIRST or units[-1][-1] in _NOT_LAST):
            units[-1] += piece
        else:
            units.append(piece)
    return units


def _broken(unit: str, room: float, size: float, face: Typeface) -> list[str]:
    """Return a unit wider than the line as its characters; nothing else can be done."""
    return list(unit) if face.width(unit.rstrip(), size) > room else [unit]
