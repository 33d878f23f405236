"""The stable addresses of the pages, each written once; docs/addresses.md says what they promise."""

from __future__ import annotations

from urllib.parse import quote

from datasette.app import Datasette
from datasette.utils import tilde_encode
from datasette.utils.asgi import Request

from yusuan.site.asked import Asked
from yusuan.site.metadata import DATABASE
from yusuan.site.setup import KNOWN


def with_host(datasette: Datasette, request: Request, address: str) -> str:
    """Return an address of this site with its host: the one the site was set up with, else the one it was asked at."""
    known = KNOWN[datasette].setup.address
    return (known.rstrip("/") if known else f"{request.scheme}://{request.host}") + address


class Addresses:
    """Makes addresses that hold behind any proxy path."""

    def __init__(self, datasette: Datasette) -> None:
        self._urls = datasette.urls

    def unit(self, key: str, year: int | None = None, asked: Asked | None = None) -> str:
        """Return the page of a unit, of its latest year where none is given."""
        return self._path(f"unit/{quote(key)}" + (f"/{year}" if year else ""), asked)

    def units(self) -> str:
        """Return the list of units."""
        return self._path("unit")

    def code(self, code: str, asked: Asked | None = None) -> str:
        """Return the page of a code of either classification."""
        return self._path(f"code/{quote(code)}", asked)

    def codes(self) -> str:
        """Return the list of codes."""
        return self._path("code")

    def project(self, key: str) -> str:
        """Return the page of a project."""
        return self._path(f"project/{quote(key)}")

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
