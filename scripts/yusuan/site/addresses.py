"""The stable addresses of the pages, each written once; docs/addresses.md says what they promise."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

from datasette.app import Datasette
from datasette.utils import tilde_encode
from datasette.utils.asgi import Request

from yusuan.site.asked import Asked
from yusuan.site.catalogue import Catalogue
from yusuan.site.evidence import is_passage
from yusuan.site.metadata import DATABASE
from yusuan.site.places import Place
from yusuan.site.setup import KNOWN

#: The row of an official table at the beginning of a subject row's key.
_ROW = re.compile(r".+?\.t\d\d\.r\d+")


def with_host(datasette: Datasette, request: Request, address: str) -> str:
    """Return an address of this site with its host: the one the site was set up with, else the one it was asked at.

    A static site that does not know where it will be has no such addresses.
    """
    setup = KNOWN[datasette].setup
    if setup.still is not None:
        return setup.still.named(address)
    return (setup.address.rstrip("/") if setup.address else f"{request.scheme}://{request.host}") + address


class Addresses:
    """Makes addresses that hold behind any proxy path."""

    def __init__(self, datasette: Datasette) -> None:
        self._urls = datasette.urls
        self._still = KNOWN[datasette].setup.still is not None

    def unit(self, key: str, year: int | None = None, asked: Asked | None = None) -> str:
        """Return the page of a unit, of its latest year where none is given."""
        return self._path(f"unit/{quote(key)}" + (f"/{year}" if year else ""), asked)

    def units(self) -> str:
        """Return the list of units."""
        return self._path("unit")

    def code(self, code: str | None, asked: Asked | None = None) -> str:
        """Return the page of a code of either classification; nothing for a row that is printed without a code."""
        return self._path(f"code/{quote(code)}", asked) if code else ""

    def codes(self) -> str:
        """Return the list of codes."""
        return self._path("code")

    def project(self, key: str) -> str:
        """Return the page of a project."""
        return self._path(f"project/{quote(key)}")

    def document(self, key: str, table: str = "", anchor: str = "") -> str:
        """Return the page of a document, or of one of its tables as printed, or a place on it."""
        path = f"document/{quote(key)}" + (f"/{table}" if table else "")
        return self._path(path) + (f"#{quote(anchor)}" if anchor else "")

    def cell(self, key: str, catalogue: Catalogue) -> str:
        """Return the place of a cell, by its key, in its table as printed; of a row, where the key names no column."""
        document, number, row, column = key.rsplit(".", 3)
        named = (name for name in catalogue.specs.tables if name.startswith(f"{number}_"))
        table = next(named, number)  # a table that was not read is called as in its key
        return self.document(document, table, f"{row}.{column}" if column else f"r{int(row[1:])}")

    def place(self, place: Place, catalogue: Catalogue) -> str:
        """Return where a figure was printed, or the rows it is the sum of."""
        if not place.key:
            return self.table(place.table, urlencode(place.where))
        spec = catalogue.tables[place.table]
        if self._still and is_passage(spec):
            return self.document(place.key[0], anchor=f"{place.table}-{place.key[1]}")
        if self._still and place.table in catalogue.specs.tables:
            return self.document(place.key[0], place.table, f"r{place.key[1]}.{place.column}")
        if self._still:
            row = _ROW.match(place.key[0])
            return self.cell(f"{row[0]}.", catalogue) if row else ""
        key = ",".join(map(tilde_encode, place.key))
        asked = f"?{urlencode({'column': place.column})}" if place.column else ""
        return str(self._urls.path(f"/-/source/{place.table}/{key}")) + asked

    def glossary(self) -> str:
        """Return the words that the documents explain."""
        return self._path("glossary")

    def compare_year(self, year: int) -> str:
        """Return the units of a year side by side."""
        return self._path(f"compare/{year}")

    def compare(self, asked: Asked | None = None) -> str:
        """Return the comparison of units or years."""
        return self._path("compare", asked)

    def ranking(self, measure: str, asked: Asked | None = None) -> str:
        """Return the ranking of units by a measure."""
        return self._path(f"ranking/{measure}", asked)

    def rankings(self) -> str:
        """Return the list of rankings."""
        return self._path("ranking")

    def figure(self, name: str, ending: str, asked: Asked) -> str:
        """Return a picture as a file, or its figures."""
        return self._path(f"figure/{name}.{ending}", asked)

    def table(self, name: str, query: str = "") -> str:
        """Return a table of the database, filtered."""
        return str(self._urls.table(DATABASE, name)) + (f"?{query}" if query else "")

    def row(self, table: str, key: str) -> str:
        """Return one row of a table."""
        return str(self._urls.row(DATABASE, table, tilde_encode(key)))

    def _path(self, path: str, asked: Asked | None = None) -> str:
        query = asked.query() if asked else ""
        return str(self._urls.path(f"/{path}")) + (f"?{query}" if query else "")
