"""The second, independent reader: what pdfplumber finds in the boxes where our own reader found cells.

It shares no code with the first: characters come from another engine. The only home of pdfplumber and pdfminer.
"""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfexceptions import PDFException
from pdfminer.pdfpage import LITERAL_PAGE, LITERAL_PAGES, PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import PDFObjRef, dict_value, list_value
from pdfminer.psexceptions import PSException

Box = tuple[float, float, float, float]
_OBJECT = re.compile(rb"\s*(\d+)\s+\d+\s+obj\b")
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
#: Boxes of cells by page number (from 1).
Boxes = Mapping[int, Iterable[Box]]


def read_boxes(data: bytes, boxes: Boxes) -> dict[tuple[int, Box], str]:
    """Return the characters whose middle lies in each box, without blanks, in reading order.

    Boxes are (x0, top, x1, bottom) in points from the top left corner of the upright page. A page whose
    content is turned against its own rotation is left out: the engines do not agree on its corners.
    """
    import pdfplumber  # noqa: PLC0415 - a quarter of a second that only a second reading should pay

    texts: dict[tuple[int, Box], str] = {}
    with pdfplumber.open(io.BytesIO(data)) as document:
        for number, wanted in boxes.items():
            page = document.pages[number - 1]
            try:
                texts |= {(number, box): text for box, text in _page_texts(page.chars, page.bbox, wanted).items()}
            finally:
                page.close()
    return texts


def count_pages(data: bytes) -> int | None:
    """Return how many pages this engine finds, None where it cannot open the file.

    Only the page tree is read. A tree that hangs together otherwise than it should is left to the engine's own search.
    """
    try:
        document = PDFDocument(PDFParser(io.BytesIO(data)))
        return _count_leaves(document, data) or sum(1 for _ in PDFPage.create_pages(document))
    except (PSException, PDFException, ValueError, TypeError, KeyError, RecursionError):
        return None


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
