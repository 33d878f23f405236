"""The checksums inside a PDF: a compressed stream ends with one, and no engine looks at it.

A flipped bit in a compressed page makes both engines read less, and alike; only the checksum tells.
"""

from __future__ import annotations

import base64
import re
import zlib

_STREAM = re.compile(rb"obj\b(?P<head>.{0,600}?)(?<!end)stream\r?\n", re.DOTALL)
_FLATE = re.compile(rb"/Filter\s*(?:\[\s*(?P<armour>/ASCII85Decode\s*)?/FlateDecode\s*\]|/FlateDecode\b)")
#: Any stream names how it is packed by one of these; another name is a damaged one.
_NAMES = re.compile(rb"/Filter\s*(?:\[([^\]]*)\]|(/[^\s/<>\[\]]+))")
_KNOWN = frozenset(
    b"/FlateDecode /Fl /ASCII85Decode /A85 /ASCIIHexDecode /AHx /LZWDecode /LZW /RunLengthDecode /RL "
    b"/CCITTFaxDecode /CCF /JBIG2Decode /DCTDecode /DCT /JPXDecode /Crypt".split()
)
_CHUNK = 1 << 16
#: More than this is not unpacked: the process limits are for those who do.
_MOST = 1 << 28


def damaged_streams(data: bytes) -> int:
    """Return how many streams do not unpack to what their checksum says; 0 for an encrypted file, which hides them."""
    if b"/Encrypt" in data:
        return 0
    damaged, left, end = 0, _MOST, 0
    for found in _STREAM.finditer(data):
        if found.start() < end or left <= 0:
            continue
        names = _NAMES.search(found["head"])
        flate = _FLATE.search(found["head"])
        if names and not _KNOWN.issuperset(re.findall(rb"/[^\s/]+", names[1] or names[2] or b"")):
            damaged += 1
        elif flate:
            end, unpacked = _unpack(data, found.end(), armoured=bool(flate["armour"]))
            damaged += unpacked is None
            left -= unpacked or 0
    return damaged


def _unpack(data: bytes, start: int, *, armoured: bool) -> tuple[int, int | None]:
    """Return where a stream ends and how many bytes it holds, None for one that is damaged."""
    if armoured:
        end = data.find(b"~>", start)
        try:
            data, start = base64.a85decode(data[start:end]), 0
        except ValueError:
            return end, None
    reader, size, at = zlib.decompressobj(), 0, start
    try:
        while not reader.eof and size < _MOST and (reader.unconsumed_tail or at < len(data)):
            piece = reader.unconsumed_tail
            if not piece:
                piece, at = data[at : at + _CHUNK], at + _CHUNK
            size += len(reader.decompress(piece, _CHUNK * 16))
    except zlib.error:
        return start, None
    if not reader.eof and size < _MOST:
        return start, None
    return (end if armoured else start), size
