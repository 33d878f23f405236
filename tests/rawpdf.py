"""A PDF writer of fifty lines for tests: text in a named Chinese font, rules, compressed pages, nothing hidden."""

from __future__ import annotations

import hashlib
import re
import zlib

WIDTH, HEIGHT, SIZE = 595, 842, 8
_FONT = [
    b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>",
    (
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /FontDescriptor 5 0 R"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>"
    ),
    (
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [0 -120 1000 880] /ItalicAngle 0"
        b" /Ascent 880 /Descent -120 /CapHeight 880 /StemV 80 >>"
    ),
]


def write_pdf(objects, trailer=b""):
    """Return a PDF file of numbered objects; the first is the catalog."""
    data, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer << /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, trailer, start)
    return bytes(data)


def stream(content, head=b"/Filter /FlateDecode", *, pack=zlib.compress):
    """Return a stream object of some content."""
    packed = pack(content)
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (head, len(packed), packed)


def pdf_of(pages, page_head=b"", resources=b"/Font << /F 3 0 R >>", more=()):
    """Return a PDF whose pages have these content streams; `more` are objects from number 6 on."""
    first = 6 + len(more)
    kids = b" ".join(b"%d 0 R" % (first + 2 * i) for i in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(pages), kids),
        *_FONT,
        *more,
    ]
    for i, page in enumerate(pages):
        head = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R %s /Resources << %s >> >>"
        objects.append(head % (WIDTH, HEIGHT, first + 2 * i + 1, page_head, resources))
        objects.append(page if page.startswith(b"<<") else stream(page))
    return write_pdf(objects)


def text_at(x, y, text):
    """Return the operators that print a text; y counts from the top of the page to the base line."""
    return b"BT /F %d Tf %.1f %.1f Td <%s> Tj ET\n" % (SIZE, x, HEIGHT - y, text.encode("utf-16-be").hex().encode())


def table_at(top, rows, width=515, left=40):
    """Return the operators of a ruled table and where it ends; cells wrap."""
    column = width / len(rows[0])
    fit = int((column - 4) // SIZE)
    parts, y, edges = [], top, [top]
    for row in rows:
        lines = [[cell[i : i + fit] for i in range(0, len(cell), fit)] for cell in row]
        for number, cell in enumerate(lines):
            parts += [text_at(left + number * column + 2, y + 11 + 11 * i, line) for i, line in enumerate(cell)]
        y += 4 + 11 * max(1, *map(len, lines))
        edges.append(y)
    parts += [b"%.1f %.1f m %.1f %.1f l S\n" % (left, HEIGHT - e, left + width, HEIGHT - e) for e in edges]
    sides = [left + i * column for i in range(len(rows[0]) + 1)]
    parts += [b"%.1f %.1f m %.1f %.1f l S\n" % (x, HEIGHT - top, x, HEIGHT - y) for x in sides]
    return b"".join(parts), y


def page_of(lines, rows):
    """Return the content of a page: lines of text, then a table."""
    parts = [text_at(40, 50 + 18 * i, line) for i, line in enumerate(lines)]
    table, _ = table_at(60 + 18 * len(lines), rows)
    return b"0.5 w\n" + b"".join(parts) + table


def budget_pdf(document, **options):
    """Return two pages of a read document: its tables 1 and 3 below the lines that name them."""
    grids = [block for block in document.blocks if hasattr(block, "rows")]
    frame = ["单位名称：405003柳州市智能制造科技服务中心", "单位：万元"]
    first = ["405003柳州市智能制造科技服务中心2026年单位预算公开说明", "预算公开01表", "单位收支总体情况表", *frame]
    pages = [(first, grids[1]), (["单位支出总体情况表", *frame], grids[3])]
    return pdf_of([page_of(lines, [[c.text for c in row] for row in grid.rows]) for lines, grid in pages], **options)


def encrypted(data, user, owner):
    """Return a file encrypted with 40-bit RC4, the oldest way and the shortest to write."""
    pad = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
    name = b"0123456789abcdef"
    owners = rc4(md5((owner + pad)[:32])[:5], (user + pad)[:32])
    key = md5((user + pad)[:32] + owners + (-4 & 0xFFFFFFFF).to_bytes(4, "little") + name)[:5]
    objects = []
    for found in re.finditer(rb"(\d+) 0 obj\n(.*?)\nendobj\n", data, re.DOTALL):
        own = md5(key + int(found[1]).to_bytes(3, "little") + b"\0\0")[:10]
        head, mark, rest = found[2].partition(b"stream\n")
        if mark:
            rest = rc4(own, rest.removesuffix(b"\nendstream")) + b"\nendstream"
        head = re.sub(rb"\((\w+)\)", lambda text, own=own: b"<%s>" % rc4(own, text[1]).hex().encode(), head)
        objects.append(head + mark + rest)
    parts = (owners.hex().encode(), rc4(key, pad).hex().encode(), name, name)
    return write_pdf(
        objects, b"/Encrypt << /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P -4 >> /ID [(%s) (%s)]" % parts
    )


def md5(data):
    """Return the digest that PDF's oldest encryption uses."""
    return hashlib.md5(data, usedforsecurity=False).digest()


def rc4(key, data):
    """Return data encrypted, or decrypted, with a key."""
    box, j, out = list(range(256)), 0, bytearray()
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(out)
