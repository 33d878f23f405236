"""A page with what was recognised drawn on it, for anyone who doubts a number."""

from __future__ import annotations

import io
import math
import resource
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from yusuan.errors import Problem, UsageError
from yusuan.model import EvidenceCell
from yusuan.reading.lattice import Lattice
from yusuan.reading.pdf import take_apart
from yusuan.reading.primitives import PageMarks, read_marks

#: Pixels per point.
_SCALE = 2.0
#: No picture for the site is larger than this on either side, in pixels, however large the page says it is.
_LARGEST = 2600.0
_COLOURS = {"表头": (37, 99, 235), "栏次": (147, 51, 234), "数据": (22, 163, 74)}
_GRID, _SPAN, _LABEL = (220, 38, 38), (217, 119, 6), (30, 41, 59)

Assigned = Sequence[EvidenceCell]


def draw_page(data: bytes, number: int, assigned: Assigned) -> Image.Image:
    """Return the picture of page `number` (from 1): rules found, cells by role, column of each body cell.

    `assigned` are evidence cells of the document; those of other pages are passed over.
    """
    image, marks = _render(data, number)
    _draw(image, marks, [item for item in assigned if item.cell.place.page == number])
    return image


def page_png(data: bytes, number: int) -> tuple[bytes, float, float]:
    """Return page `number` (from 1) as it is read, as PNG, and its width and height in the points cells are given in."""
    image, marks = _render(data, number, largest=_LARGEST)
    written = io.BytesIO()
    image.quantize(64).save(written, "PNG")
    return written.getvalue(), marks.width, marks.height


def _render(data: bytes, number: int, largest: float = math.inf) -> tuple[Image.Image, PageMarks]:
    document = pypdfium2.PdfDocument(data)
    try:
        if not 1 <= number <= len(document):
            raise UsageError(
                Problem("PAGE-UNKNOWN", "没有这一页", page=number, expected=f"1 到 {len(document)}", hint="改正 --page")
            )
        page = document[number - 1]
        try:
            marks = read_marks(page, number)
            rotation = (marks.turns * 90 - page.get_rotation()) % 360
            scale = min(_SCALE, largest / max(page.get_width(), page.get_height(), 1.0))
            return page.render(scale=scale, rotation=rotation).to_pil().convert("RGB"), marks
        finally:
            page.close()
    finally:
        document.close()


def _draw(image: Image.Image, marks: PageMarks, assigned: Assigned) -> None:
    pen = ImageDraw.Draw(image, "RGBA")
    for lattice in take_apart(marks).lattices:
        _draw_lattice(pen, lattice)
    lowest: dict[str, tuple[float, float]] = {}
    for item in assigned:
        if item.cell.place.box is None:
            continue
        x0, top, x1, bottom = (edge * _SCALE for edge in item.cell.place.box)
        pen.rectangle((x0 + 2, top + 2, x1 - 2, bottom - 2), fill=(*_COLOURS[item.part], 28))
        if item.part == "数据":
            name = item.column.field or f"(无表头)第{item.column.number}列"
            lowest[name] = max(lowest.get(name, (0.0, 0.0)), (bottom, x0))
    font = _font(13)
    for step, (name, (bottom, x0)) in enumerate(lowest.items()):
        # every other name a line lower: neighbours are often longer than their column
        pen.text((x0 + 3, bottom + 4 + step % 2 * 17), name, fill=_LABEL, font=font)


def _draw_lattice(pen: ImageDraw.ImageDraw, lattice: Lattice) -> None:
    for region in lattice.regions:
        spans = region.row_end - region.row > 1 or region.column_end - region.column > 1
        box = tuple(edge * _SCALE for edge in region.box)
        pen.rectangle(box, outline=_SPAN if spans else _GRID, width=3 if spans else 1)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return a font with Chinese glyphs where the machine has one, else Pillow's own."""
    finder = shutil.which("fc-match")
    if finder:
        command = [finder, "-f", "%{file}", "sans:lang=zh-cn"]
        found = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - fixed words
        if found and Path(found).is_file():
            return ImageFont.truetype(found, size)
    return ImageFont.load_default(size)


def main(source: str, page: str, out: str) -> None:
    """Write one page as PNG in this process, which may use so much memory and time and no more; print its size."""
    resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
    resource.setrlimit(resource.RLIMIT_CPU, (20, 21))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    png, width, height = page_png(Path(source).read_bytes(), int(page))
    Path(out).write_bytes(png)
    sys.stdout.write(f"{width:.1f}x{height:.1f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
