"""The second, independent reader: what pdfplumber finds in the boxes where our own reader found cells.

It shares no code with the first: characters come from another engine. The only home of pdfplumber and pdfminer.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress

from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfexceptions import PDFException
from pdfminer.pdfpage import LITERAL_PAGE, LITERAL_PAGES, PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import PDFObjRef, PDFStream, dict_value, list_value, resolve1
from pdfminer.psexceptions import PSException

Box = tuple[float, float, float, float]
_OBJECT = re.compile(rb"\s*(\d+)\s+\d+\s+obj\b")
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
#: Operators that print text, or what is kept elsewhere.
_PRINTS = re.compile(rb"(?<![A-Za-z])(?:Tj|TJ|Do)(?![A-Za-z])|\)\s*['\"]")
#: What is in no contents that only draw: they are still packed, in a way whose name is damaged.
_NO_OPERATORS = re.compile(rb"[^\s\w./+*\[\]<>()-]")
#: What the engine raises on damaged files.
_UNREADABLE = (
    *(PSException, PDFException, struct.error, zlib.error, ValueError, TypeError),
    *(LookupError, AttributeError, ArithmeticError, AssertionError, RecursionError),
)
#: Boxes of cells by page number (from 1).
Boxes = Mapping[int, Iterable[Box]]


def read_boxes(data: bytes, boxes: Boxes) -> dict[tuple[int, Box], str | None]:
    """Return the characters whose middle lies in each box, without blanks, in reading order; None on unreadable pages.

    Boxes are (x0, top, x1, bottom) in points from the top left corner of the upright page. A page whose
    content is turned against its own rotation is left out: the engines do not agree on its corners.
    """
    import pdfplumber  # noqa: PLC0415 - a quarter of a second that only a second reading should pay
    from pdfplumber.utils.exceptions import PdfminerException  # noqa: PLC0415 - see above

    texts: dict[tuple[int, Box], str | None] = {(page, box): None for page, wanted in boxes.items() for box in wanted}
    with suppress(*_UNREADABLE, PdfminerException), pdfplumber.open(io.BytesIO(data)) as document:
        for number, wanted in boxes.items():
            with suppress(*_UNREADABLE, PdfminerException), closing(document.pages[number - 1]) as page:
                texts |= {(number, box): text for box, text in _page_texts(page.chars, page.bbox, wanted).items()}
    return texts


def count_pages(data: bytes) -> int | None:
    """Return how many pages this engine finds, None where it cannot open the file.

    Only the page tree is read. A tree that hangs together otherwise than it should is left to the engine's own search.
    """
    try:
        document = PDFDocument(PDFParser(io.BytesIO(data)))
        return _count_leaves(document, data) or sum(1 for _ in PDFPage.create_pages(document))
    except _UNREADABLE:
        return None


def pages_with_lost_contents(data: bytes, numbers: Iterable[int]) -> set[int]:
    """Return those of some pages, on which the first engine finds nothing, that this one does not find blank.

    Blank is a page whose contents, if any, print no text and nothing that is kept elsewhere. A page without contents
    that names fonts has lost them.
    """
    wanted = set(numbers)
    try:
        document = PDFDocument(PDFParser(io.BytesIO(data)))
        pages = {number: page for number, page in enumerate(PDFPage.create_pages(document), 1) if number in wanted}
    except _UNREADABLE:
        return wanted
    return {number for number in wanted if number not in pages or not _is_blank(pages[number])}


def _is_blank(page: PDFPage) -> bool:
    try:
        contents = resolve1(page.attrs.get("Contents"))
        if contents is None:
            resources = dict_value(page.attrs["Resources"])
            return not resources.get("Font") and not resources.get("XObject")
        for part in contents if isinstance(contents, list) else [contents]:
            stream = resolve1(part)
            if not isinstance(stream, PDFStream):
                return False
            printed = stream.get_data()
            if _PRINTS.search(printed) or _NO_OPERATORS.search(printed) or (stream.rawdata and not printed):
                return False
    except _UNREADABLE:
        return False
    return True


def _count_leaves(document: PDFDocument, data: bytes) -> int:
    nodes, seen, pages = [document.catalog.get("Pages")], set(), 0
    while nodes:
        node = nodes.pop()
        if not isinstance(node, PDFObjRef):
            return 0
        if node.objid in seen:
            continue
        seen.add(node.objid)
        if _is_plain_page(document, data, node.objid):
            pages += 1
            continue
        entries = dict_value(node)
        kind = entries.get("Type", entries.get("type"))
        if kind is LITERAL_PAGES:
            nodes += list_value(entries.get("Kids", []))
        pages += kind is LITERAL_PAGE
    return pages


def _is_plain_page(document: PDFDocument, data: bytes, number: int) -> bool:
    """Say whether an object that lies open in the file is a page, without taking it apart."""
    for xref in document.xrefs:
        try:
            container, at, _ = xref.get_pos(number)
        except KeyError:
            continue
        body = data[at : data.find(b"endobj", at)]
        begins = _OBJECT.match(body)
        named = begins is not None and int(begins[1]) == number
        return container is None and named and _PAGE.search(body) is not None and b"/Kids" not in body
    return False


def _page_texts(chars: Iterable[Mapping[str, object]], bbox: Box, wanted: Iterable[Box]) -> dict[Box, str]:
    boxes = sorted(wanted, key=lambda box: box[1])
    inside: dict[Box, list[tuple[float, float, float, str]]] = defaultdict(list)
    left, top = bbox[0], bbox[1]
    for char in chars:
        text = str(char["text"])
        if not text.strip() or not char.get("upright", True):
            continue
        x0, x1, y0, y1 = (float(str(char[key])) for key in ("x0", "x1", "top", "bottom"))
        x, y = (x0 + x1) / 2 - left, (y0 + y1) / 2 - top
        box = next((b for b in boxes if b[0] <= x <= b[2] and b[1] <= y <= b[3]), None)
        if box is not None:
            inside[box].append((y, x, y1 - y0, text))
    return {box: _in_order(inside.get(box, [])) for box in boxes}


def _in_order(chars: list[tuple[float, float, float, str]]) -> str:
    """Return characters line by line; a line is what lies within half a character's height."""
    lines: list[list[tuple[float, float, float, str]]] = []
    for char in sorted(chars):
        if lines and abs(char[0] - lines[-1][0][0]) < char[2] / 2:
            lines[-1].append(char)
        else:
            lines.append([char])
    return "".join(text for line in lines for _, _, _, text in sorted(line, key=lambda char: char[1]))
