"""pdfium's functions in a form that `map` can call for thousands of things at once.

A handle or an address is a plain number here: to make a pointer object costs more than the call it is made for.
Results that pdfium writes to memory come in one piece of memory for all things, so that reading them is one step.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from itertools import repeat
from struct import unpack
from typing import Any

from pypdfium2 import raw

#: Bytes of a number, whole or not, that pdfium writes.
_VALUE = 4
_ADDRESS, _INT, _FLOAT = ctypes.c_void_p, ctypes.c_int, ctypes.c_float


def _bound(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    """Return a function of pdfium that keeps the interpreter's lock: each call is far shorter than giving it away."""
    return ctypes.PYFUNCTYPE(result, *arguments)(ctypes.cast(function, _ADDRESS).value or 0)


page_object = _bound(raw.FPDFPage_GetObject, _ADDRESS, _ADDRESS, _INT)
form_object = _bound(raw.FPDFFormObj_GetObject, _ADDRESS, _ADDRESS, _INT)
object_type = _bound(raw.FPDFPageObj_GetType, _INT, _ADDRESS)
_object_matrix = _bound(raw.FPDFPageObj_GetMatrix, _INT, _ADDRESS, _ADDRESS)
object_bounds = _bound(raw.FPDFPageObj_GetBounds, _INT, *[_ADDRESS] * 5)
fill_colour = _bound(raw.FPDFPageObj_GetFillColor, _INT, *[_ADDRESS] * 5)
form_count = _bound(raw.FPDFFormObj_CountObjects, _INT, _ADDRESS)
render_mode = _bound(raw.FPDFTextObj_GetTextRenderMode, _INT, _ADDRESS)
draw_mode = _bound(raw.FPDFPath_GetDrawMode, _INT, *[_ADDRESS] * 3)
count_segments = _bound(raw.FPDFPath_CountSegments, _INT, _ADDRESS)
path_segment = _bound(raw.FPDFPath_GetPathSegment, _ADDRESS, _ADDRESS, _INT)
segment_type = _bound(raw.FPDFPathSegment_GetType, _INT, _ADDRESS)
segment_point = _bound(raw.FPDFPathSegment_GetPoint, _INT, *[_ADDRESS] * 3)
segment_closes = _bound(raw.FPDFPathSegment_GetClose, _INT, _ADDRESS)
char_angle = _bound(raw.FPDFText_GetCharAngle, _FLOAT, _ADDRESS, _INT)
char_generated = _bound(raw.FPDFText_IsGenerated, _INT, _ADDRESS, _INT)
_char_box = _bound(raw.FPDFText_GetLooseCharBox, _INT, _ADDRESS, _INT, _ADDRESS)


def address(handle: Any) -> int:
    """Return a handle of pypdfium2 as a number."""
    return ctypes.cast(handle, _ADDRESS).value or 0


def read_all(function: Callable[..., Any], things: Sequence[int], kind: str, many: int) -> tuple[Sequence[Any], ...]:
    """Call a function that writes values for each thing; return what it said, and the first values, the second ones, …

    `kind` is the letter of `struct` for a value; the function takes an address for each. Where it fails, they are zero.
    """
    memory = ctypes.create_string_buffer(_VALUE * many * len(things))
    start, end = ctypes.addressof(memory), ctypes.addressof(memory) + len(memory)
    places = [range(start + _VALUE * i, end, _VALUE * many) for i in range(many)]
    said = list(map(function, things, *places))
    return said, *_columns(memory, kind, many)


def read_matrices(things: Sequence[int]) -> tuple[Sequence[Any], ...]:
    """Return for each drawn object whether it has a matrix, and the six values of all, as columns."""
    memory = ctypes.create_string_buffer(_VALUE * 6 * len(things))
    start, end = ctypes.addressof(memory), ctypes.addressof(memory) + len(memory)
    said = list(map(_object_matrix, things, range(start, end, _VALUE * 6)))
    return said, *_columns(memory, "f", 6)


def char_boxes(textpage: int, indexes: Sequence[int]) -> tuple[Sequence[Any], ...]:
    """Return for the characters at some indexes whether they have a box; their lefts, tops, rights and bottoms."""
    memory = ctypes.create_string_buffer(_VALUE * 4 * len(indexes))
    start, end = ctypes.addressof(memory), ctypes.addressof(memory) + len(memory)
    said = list(map(_char_box, repeat(textpage), indexes, range(start, end, _VALUE * 4)))
    return said, *_columns(memory, "f", 4)


def _columns(memory: Any, kind: str, many: int) -> list[Sequence[Any]]:
    values = unpack(f"{len(memory) // _VALUE}{kind}", memory)
    return [values[i::many] for i in range(many)]


def objects_of(get: Callable[..., Any], owner: int, count: int) -> list[int]:
    """Return the first objects of a page or a form."""
    return list(map(get, repeat(owner), range(count)))
