"""Damaged and hostile PDF files: refused, flagged or read alike; never less without a word."""

from __future__ import annotations

import io
import random
import subprocess
import sys
from functools import partial
from pathlib import Path

import pdfplumber  # noqa: F401 - imported before the children are forked: each would pay for it
import pypdfium2
import pytest
from pypdfium2 import raw

import rawpdf
from generator import Style, print_pages, random_disclosure
from yusuan import workflow
from yusuan.disclosure import Options
from yusuan.errors import DocumentError, Problem
from yusuan.reading import read
from yusuan.reading.pdf import read_pdf
from yusuan.reading.streams import damaged_streams
from yusuan.workers import Limits, Pool

RENDERED = Path(__file__).resolve().parents[2] / "shared" / "pdf" / "lo.pdf"


@pytest.fixture(scope="module")
def small(sample_path):
    return rawpdf.budget_pdf(read(sample_path))


@pytest.fixture(params=["small", "rendered"])
def whole(request, small):
    """Return the bytes of a sound PDF: one made here, and a real rendering where there is one."""
    if request.param == "small":
        return small
    if not RENDERED.exists():
        pytest.skip(f"no rendering at {RENDERED}")
    return RENDERED.read_bytes()


def codes(data):
    with pytest.raises(DocumentError) as caught:
        read_pdf("a.pdf", data, "")
    return [problem.code for problem in caught.value.problems]


def texts(data):
    document = read_pdf("a.pdf", data, "")
    grids = [block for block in document.blocks if hasattr(block, "rows")]
    return [[[cell.text for cell in row] for row in grid.rows] for grid in grids]


def values(outcome):
    """Return every value a document gave, without where it stands."""
    found = outcome.disclosure
    tables = [(table.name, [(row.kind, row.values) for row in table.rows]) for table in found.tables]
    return tables, found.narrative


def test_small_pdf_is_read_whole(small, tmp_path, specs, sample):
    outcome = convert_one(small, tmp_path, specs)
    assert [f.message for f in outcome.disclosure.findings if f.severity == "error"] == []
    names = {"t01_revenue_expenditure", "t03_expenditure"}
    printed = [(t.name, [row.values for row in t.rows]) for t in outcome.disclosure.tables]
    assert printed == [(t.name, [row.values for row in t.rows]) for t in sample.tables if t.name in names]


def convert_one(data, folder, specs):
    path = folder / "a.pdf"
    path.write_bytes(data)
    return workflow._read_one(path, specs, Options(verify=True))


def test_truncated_files_are_refused(whole):
    cuts = [len(whole) * i // 31 for i in range(1, 31)]
    assert [cut for cut in cuts if not set(codes(whole[:cut])) & {"PDF-TRUNCATED", "PDF-DAMAGED"}] == []


def damaged(data, kind, chance):
    """Return a file with a bit flipped, 512 bytes zeroed, or its end lost and an end mark put in its place."""
    at, broken = chance.randrange(len(data)), bytearray(data)
    if kind == "bit":
        broken[at] ^= 1 << chance.randrange(8)
    elif kind == "zeros":
        broken[at : at + 512] = bytes(len(broken[at : at + 512]))
    else:
        broken = broken[:at] + b"\n%%EOF\n"
    return at, bytes(broken)


@pytest.fixture(scope="module")
def printed(specs):
    return print_pages(random_disclosure(4, specs), Style())


@pytest.mark.parametrize("seed", [7, 8])
@pytest.mark.parametrize(("name", "counts"), [("small", (50, 10, 10)), ("printed", (9, 3, 3)), ("rendered", (6, 2, 2))])
def test_damage_is_never_silent(name, counts, seed, request, tmp_path, specs):
    """A damaged file is refused, or has a finding that is an error, or gives the same values."""
    if name == "rendered" and not RENDERED.exists():
        pytest.skip(f"no rendering at {RENDERED}")
    data = RENDERED.read_bytes() if name == "rendered" else request.getfixturevalue(name)
    chance = random.Random(seed)  # noqa: S311 - the same places every time
    paths = [tmp_path / "whole.pdf"]
    paths[0].write_bytes(data)
    for kind, count in zip(("bit", "zeros", "end"), counts, strict=True):
        for i in range(count):
            at, broken = damaged(data, kind, chance)
            paths.append(tmp_path / f"{i}-{kind}-at-{at}.pdf")
            paths[-1].write_bytes(broken)
    results = dict(Pool(partial(workflow._read_one, specs=specs, options=Options(verify=True)), 2).run(paths))
    right = values(results[0])
    read_ = {paths[i].name: r for i, r in results.items() if not isinstance(r, Problem) and r.disclosure}
    flagged = {name for name, r in read_.items() if any(f.severity == "error" for f in r.disclosure.findings)}
    assert [name for name, r in read_.items() if name not in flagged and values(r) != right] == []


LOST = {
    "contents of another name": (b"/Contents 9 0 R", b"/COntents 9 0 R"),
    "no object": (b"\n9 0 obj\n", b"\n9 0 \x7fbj\n"),
    "packed in an unknown way": (b"9 0 obj\n<< /Filter", b"9 0 obj\n<< /Filver"),
}


@pytest.mark.parametrize("what", LOST)
def test_a_page_that_lost_its_contents_is_not_blank(what, small):
    broken = small.replace(*LOST[what])
    assert broken != small
    notes = read_pdf("a.pdf", broken, "").notes
    assert ("PAGE-NO-TEXT", "error", 2) in [(note.rule, note.severity, note.page) for note in notes]


@pytest.mark.parametrize("contents", [b"", b"q 0.5 w 10 10 m 90 90 l S Q"])
def test_a_blank_page_is_no_error(contents):
    notes = read_pdf("a.pdf", rawpdf.pdf_of([contents]), "").notes
    assert [(note.rule, note.severity) for note in notes] == [("PAGE-NO-TEXT", "info")]


def test_a_page_whose_font_is_lost_is_told_by_its_control_characters(small):
    broken = small.replace(b"/Encoding /UniGB-UCS2-H", b"/Encodimg /UniGB-UCS2-H")
    assert broken != small
    notes = read_pdf("a.pdf", broken, "").notes
    assert texts(broken) == texts(small) or {"PAGE-BAD-GLYPHS", "PAGE-NO-TEXT"} & {note.rule for note in notes}


def test_checksum_of_each_stream(small):
    assert damaged_streams(small) == 0
    at = small.index(b"stream\n") + 60
    assert damaged_streams(small[:at] + bytes([small[at] ^ 4]) + small[at + 1 :]) == 1
    assert damaged_streams(small.replace(b"/FlateDecode", b"/FlatfDecode", 1)) == 1
    notes = read_pdf("a.pdf", small.replace(b"/FlateDecode", b"/FlatfDecode", 1), "").notes
    assert ("PDF-CHECKSUM", "error") in [(note.rule, note.severity) for note in notes]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<html><body>404</body></html>", "SOURCE-FOREIGN"),
        (b"", "SOURCE-EMPTY"),
        (bytes(5000), "SOURCE-FOREIGN"),
        (b"%PDF-1.7\n" + bytes(5000), "PDF-TRUNCATED"),
        (b"%PDF-1.7\n%%EOF\n", "PDF-DAMAGED"),
    ],
)
def test_what_is_no_pdf_is_refused(data, code, tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(data)
    with pytest.raises(DocumentError) as caught:
        read(path)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_passwords(small):
    """A file that asks for a password is refused; one that only forbids printing is read."""
    assert codes(rawpdf.encrypted(small, b"user", b"owner")) == ["PDF-ENCRYPTED"]
    assert texts(rawpdf.encrypted(small, b"", b"owner")) == texts(small)


def test_page_of_an_image_alone_is_an_error():
    image = rawpdf.stream(b"\x80", b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8"
                          b" /ColorSpace /DeviceGray /Filter /FlateDecode")  # fmt: skip
    data = rawpdf.pdf_of([b"q 500 0 0 700 40 40 cm /I Do Q"], resources=b"/XObject << /I 6 0 R >>", more=[image])
    document = read_pdf("a.pdf", data, "")
    assert [(note.rule, note.severity) for note in document.notes] == [("PAGE-NO-TEXT", "error")]


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_turned_pages_give_the_same_rows(angle, small):
    assert texts(turned(small, angle, content=False)) == texts(small)
    if not RENDERED.exists():
        pytest.skip(f"no rendering at {RENDERED}")
    data = RENDERED.read_bytes()
    assert texts(turned(data, angle, content=True)) == texts(data)


READ_WITHOUT_FONTS = """
import ctypes, sys
from pathlib import Path
from pypdfium2 import raw
from yusuan.reading import read
folder = ctypes.create_string_buffer(sys.argv[2].encode())
folders = (ctypes.POINTER(ctypes.c_char) * 2)(ctypes.cast(folder, ctypes.POINTER(ctypes.c_char)), None)
config = raw.FPDF_LIBRARY_CONFIG(version=2, m_pUserFontPaths=folders)
raw.FPDF_DestroyLibrary()
raw.FPDF_InitLibraryWithConfig(config)
document = read(Path(sys.argv[1]))
print(*sorted({note.rule for note in document.notes}))
print(sum(bool(cell.text) for block in document.blocks if hasattr(block, "rows") for row in block.rows for cell in row))
"""


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_text_that_pdfium_leaves_out_on_turned_pages_is_never_silent(angle, small, tmp_path):
    """Without any font on the machine pdfium passes over turned text of a font that is not embedded."""
    path, empty = tmp_path / "a.pdf", tmp_path / "no-fonts"
    path.write_bytes(turned(small, angle, content=True) if angle else small)
    empty.mkdir()
    command = [sys.executable, "-c", READ_WITHOUT_FONTS, str(path), str(empty)]
    rules, cells = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    filled = sum(bool(cell) for grid in texts(small) for row in grid for cell in row)
    assert rules.split() == (["PAGE-TEXT-LOST"] if int(cells) < filled else [])
    assert (int(cells) < filled) == (angle in {90, 270})


def turned(data, angle, *, content):
    """Return a PDF with pages that say they are turned; with `content`, what they hold is turned back."""
    document = pypdfium2.PdfDocument(data)
    for page in document:
        if content:
            width, height = page.get_size()
            cos, sin, e, f = {90: (0, 1, height, 0), 180: (-1, 0, width, height), 270: (0, -1, 0, width)}[angle]
            if angle != 180:
                page.set_mediabox(0, 0, height, width)
            matrix, box = raw.FS_MATRIX(cos, sin, -sin, cos, e, f), raw.FS_RECTF(-9999, 9999, 9999, -9999)
            assert raw.FPDFPage_TransFormWithClip(page.raw, matrix, box)
        page.set_rotation(angle)
    buffer = io.BytesIO()
    document.save(buffer)
    document.close()
    return buffer.getvalue()


def test_junk_around_the_file_changes_nothing(small, tmp_path):
    for number, data in enumerate((b"HTTP/1.1 200 OK\r\n\r\n" + small, small + b"\n" + bytes(600))):
        path = tmp_path / f"{number}.pdf"
        path.write_bytes(data)
        document = read(path)
        assert sum(hasattr(block, "rows") for block in document.blocks) == 2


def test_engines_that_count_other_pages_are_believed_neither(small):
    assert codes(small.replace(b"/Kids [6 0 R 8 0 R]", b"/Kids [6 0 R 6 0 R]")) == ["PDF-PAGES-DISAGREE"]


FORMS = [
    rawpdf.stream(
        b" ".join([b"/X Do"] * 10),
        b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Filter /FlateDecode"
        b" /Resources << /XObject << /X %d 0 R >> >>" % (7 + i),
    )
    for i in range(12)
]
LAST = rawpdf.stream(b"0 0 1 1 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Filter /FlateDecode")
BOMBS = {
    "spaces": lambda: rawpdf.pdf_of([b" " * (1 << 29)]),
    "forms": lambda: rawpdf.pdf_of([b"/X Do"], resources=b"/XObject << /X 6 0 R >>", more=[*FORMS, LAST]),
    "boxes": lambda: rawpdf.pdf_of([b"10 10 99 99 re S\n" * 10**6]),
}


def test_bombs_end_within_their_limits_and_the_others_are_read(small, tmp_path, specs):
    paths = []
    for name, make in BOMBS.items():
        paths += [tmp_path / f"{name}.pdf", tmp_path / f"after-{name}.pdf"]
        paths[-2].write_bytes(make())
        paths[-1].write_bytes(small)
    limits = Limits(memory=700 << 20, seconds=8, seconds_per_megabyte=0)
    pool = Pool(partial(workflow._read_one, specs=specs, options=Options()), 2, limits)
    results = dict(pool.run(paths))
    for i, path in enumerate(paths):
        if path.stem in BOMBS:
            outcome = results[i]
            problems = [outcome] if isinstance(outcome, Problem) else outcome.problems
            assert problems, path.stem
            if path.stem == "forms":
                assert [problem.code for problem in problems] == ["READER-BROKE-OFF"]
        else:
            assert len(results[i].disclosure.tables) == 2
