"""The pages of our own: which address leads to which, and what they have in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import unquote

from datasette.app import Datasette
from datasette.utils.asgi import NotFound, Request, Response

from yusuan.site import code_figures, set_figures, unit_figures
from yusuan.site.addresses import Addresses, with_host
from yusuan.site.asked import Asked
from yusuan.site.catalogue import Catalogue
from yusuan.site.figures import Figure, Maker
from yusuan.site.metadata import DATABASE
from yusuan.site.places import Place
from yusuan.site.queries import Books

#: Every figure by the name it has in addresses.
FIGURES: Mapping[str, Maker] = {
    "composition": unit_figures.composition,
    "economic": unit_figures.economic,
    "flow": unit_figures.flows,
    "years": unit_figures.over_years,
    "three-public": unit_figures.three_public,
    "spenders": code_figures.spenders,
    "parts": code_figures.parts,
    "code-years": code_figures.code_years,
    "comparison": set_figures.comparison,
    "ranking": set_figures.ranking,
}
_TYPES = {"svg": "image/svg+xml; charset=utf-8", "csv": "text/csv; charset=utf-8"}


class Visit:
    """One request for a page of ours: what is asked, whom to ask, how to answer."""

    def __init__(self, datasette: Datasette, catalogue: Catalogue, request: Request) -> None:
        self._datasette = datasette
        self.request = request
        self.catalogue = catalogue
        self.books = Books(datasette, catalogue)
        self.at = Addresses(datasette)
        self.asked = Asked.read(request.args)

    @property
    def database(self) -> Any:
        """Return the database, for statements that are not of queries.py."""
        return self._datasette.get_database(DATABASE)

    def question(self, name: str) -> str:
        """Return the address of a question."""
        return str(self._datasette.urls.query(DATABASE, name))

    def part(self, name: str) -> str:
        """Return a part of the path; empty where the address has none."""
        return unquote(self.request.url_vars.get(name) or "")

    def place(self, place: Place | None) -> str:
        """Return where a figure was printed, or the rows it is the sum of; empty where nobody printed it."""
        return self.at.place(place, self.catalogue) if place else ""

    def here(self, path: str) -> str:
        """Return an address with its host, for citations and embedding."""
        return with_host(self._datasette, self.request, path)

    async def figures(self, *names: str, asked: Asked | None = None) -> list[dict[str, Any]]:
        """Return what a page shows of each figure; those without anything to show are left out."""
        made = [await FIGURES[name](self.books, self.at, asked or self.asked) for name in names]
        return [self.shown(figure) for figure in made if figure]

    def shown(self, figure: Figure) -> dict[str, Any]:
        """Return a figure with its addresses."""
        svg, csv = (self.at.figure(figure.name, ending, figure.asked) for ending in _TYPES)
        return {
            "figure": figure,
            "svg": svg,
            "csv": csv,
            "svg_here": self.here(svg),
            "page": self.here(self.request.full_path),
        }

    async def page(self, template: str, content: Mapping[str, Any]) -> Response:
        """Return a rendered page."""
        known = {
            "at": self.at,
            "place": self.place,
            "asked": self.asked,
            "here": self.here(self.request.full_path),
            **content,
        }
        html = await self._datasette.render_template(template, known, request=self.request)
        return Response.html(html)


#: Answers a visit.
View = Callable[[Visit], Awaitable[Response]]


async def figure(visit: Visit) -> Response:
    """Answer with a picture as a file, or with its figures as CSV."""
    name, ending = visit.part("name"), visit.part("ending")
    maker = FIGURES.get(name)
    made = await maker(visit.books, visit.at, visit.asked) if maker else None
    if made is None:
        raise NotFound("没有这张图")
    if ending == "csv":
        headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
        return Response(made.csv(), headers=headers, content_type=_TYPES["csv"])
    address = unquote(visit.here(visit.at.figure(name, "svg", made.asked)))
    return Response(str(made.file(address)), content_type=_TYPES["svg"])
