"""The project's own document generator: disclosures as data, and printers that put them on paper.

    disclosure   a disclosure to print, as plain data; one made from a document that was read
    budget       a random budget that adds up
    tables       the twelve tables of a budget
    wording      the narrative of a budget, in the wordings of real documents
    random_disclosure   these three together
    style        how a printer prints: borders, shading, page breaks, watermarks
    pages        PDF by reportlab, on top of grid, typeset, paper, fonts and song
    html, chromium   HTML, and PDF from it by a browser
    odt, office   OpenDocument, and PDF from it by LibreOffice
    markdown     the tab-separated text form
    neighbours   a few budgets of invented units, to have more than one unit and one year
    years        `python -m tests.generator.years FOLDER`: two years of three units that do not exist, for `make years`
    demo         `python -m tests.generator.demo OUT.pdf`: a unit that does not exist, for `make demo`

Test support only: nothing here is part of the package.
"""

from __future__ import annotations

from .chromium import find_chromium, print_chromium
from .disclosure import PrintedDisclosure, PrintedTable, from_document, in_yuan
from .html import to_html
from .markdown import to_markdown
from .office import find_office, print_office
from .pages import print_pages
from .random_disclosure import disclosure_of, random_disclosure
from .style import FAMILIES, Style, random_style

__all__ = [
    "FAMILIES",
    "PrintedDisclosure",
    "PrintedTable",
    "Style",
    "disclosure_of",
    "find_chromium",
    "find_office",
    "from_document",
    "in_yuan",
    "print_chromium",
    "print_office",
    "print_pages",
    "random_disclosure",
    "random_style",
    "to_html",
    "to_markdown",
]
