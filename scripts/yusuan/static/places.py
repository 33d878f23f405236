"""Where an address of the live site is found in the folder of the static one.

An address without a question keeps its form: `/unit/450200-405003` is `unit/450200-405003/index.html`, so any host that
shows the index of a folder answers the same address. A question becomes folders: `?show=share` is `show-share/`.
What a static site cannot have (filters, written queries, rows of their own) has no place.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

PAGE, NOT_FOUND = "index.html", "404.html"
#: Addresses that are one file, whatever is asked of them.
_FILES = {
    "/": PAGE, "/-/yusuan.css": "yusuan.css", "/-/downloads": "downloads/index.html",
    "/-/search": "search/index.html", "/search/search.js": "search/search.js",
}  # fmt: skip
#: Pages of our own: what may be asked of each, in the order of the folders.
_PAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"/(?:unit|code|glossary|budget|ranking|compare)", ()),
    (r"/unit/[^/.][^/]*(?:/[0-9]{4})?", ("kind", "show")),
    (r"/code/[^/.][^/]*", ("year", "kind", "show")),
    (r"/project/[^/.][^/]*", ()),
    (r"/document/[^/.][^/]*(?:/[a-z0-9_]+)?", ()),
    (r"/compare/[0-9]{4}", ()),
    (r"/ranking/[a-z-]+", ("year", "kind", "show")),
    (r"/budget/[a-z0-9_]+", ("费用", "阶段", "年度", "文件", "单位", "类", "款", "科目编码", "_next")),
)
_FIGURE = re.compile(r"/(figure/(?:question/)?[a-z_-]+)\.(svg|csv)")
_EXPORT = re.compile(r"/-/export/((?:query/)?[a-z0-9_]+)\.(excel\.csv|csv)")
_ROW = re.compile(r"/budget/([a-z0-9_]+)/([^/]+)")
#: Rows that have a page of their own, and where.
_OWN = {
    "units": "unit", "functional_codes": "code", "economic_codes": "code", "project": "project", "documents": "document",
}  # fmt: skip
#: Questions that change nothing about what a page says.
_IDLE = {"_facet", "v"}
#: One row for each cell of each document: too many pages; each is shown where it was printed.
_UNWRITTEN = {"/budget/cells", "/budget/finding_cells", "/budget/rule_results"}
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}")


def _slug(value: str) -> str:
    """Return a part of a file name for a value: itself where every file system takes it, else its digest."""
    if _SAFE.fullmatch(value):
        return value
    return hashlib.sha256(value.encode()).hexdigest()[:12]


_NAMES = {
    "费用": "cost",
    "阶段": "phase",
    "年度": "year",
    "文件": "document",
    "单位": "unit",
    "类": "class",
    "款": "group",
    "科目编码": "item",
    "_next": "after",
}


def _folders(asked: Iterable[tuple[str, str]]) -> str:
    return "".join(f"/{_NAMES.get(name, name)}-{_slug(value)}" for name, value in asked)


@dataclass(frozen=True, slots=True)
class Places:
    """Says where addresses are found. `projects` is the page that lists projects, `address` the site's own address."""

    projects: str
    address: str | None = None

    def named(self, address: str) -> str:
        """Return where an address will be found, with its host; nothing where that is not known."""
        place = self.place(address)
        if self.address is None or place is None:
            return ""
        return f"{self.address.rstrip('/')}/{quote(place.removesuffix(PAGE))}"

    def meant(self, address: str) -> str:
        """Return the address that the static site has instead: a page of its own for a row, all units of a year."""
        parts = urlsplit(address)
        path, asked = unquote(parts.path), [pair for pair in parse_qsl(parts.query) if pair[0] not in _IDLE]
        row = _ROW.fullmatch(path)
        if path == "/project":
            path = self.projects
        elif row and row[1] in _OWN and not asked:
            path = f"/{_OWN[row[1]]}/{row[2]}"
        elif path == "/compare" and [name for name, _ in asked] == ["unit", "year"]:
            path, asked = f"/compare/{asked[1][1]}", []
        return quote(path) + (f"?{urlencode(asked)}" if asked else "")

    def place(self, address: str) -> str | None:
        """Return the file of an address without its fragment; None where the static site has no such thing."""
        parts = urlsplit(self.meant(address))
        path, asked = unquote(parts.path), parse_qsl(parts.query)
        if path in _FILES:
            return _FILES[path]
        if figure := _FIGURE.fullmatch(path):
            return f"{figure[1]}{_folders(asked)}.{figure[2]}"
        if export := _EXPORT.fullmatch(path):
            return f"csv/{export[1].replace('/', '-')}.{export[2]}" if not asked else None
        if path == "/compare" and asked:
            return _compared(asked)
        if path in _UNWRITTEN:
            return None
        return next((_page(path, asked, allowed) for form, allowed in _PAGES if re.fullmatch(form, path)), None)


def _page(path: str, asked: list[tuple[str, str]], allowed: tuple[str, ...]) -> str | None:
    """Return the file of a page, None where something is asked that only a server can answer."""
    names = [name for name, _ in asked]
    if not set(names) <= set(allowed) or len(set(names)) < len(names):
        return None
    ordered = sorted(asked, key=lambda pair: allowed.index(pair[0]))
    return f"{path[1:]}{_folders(ordered)}/{PAGE}"


def _compared(asked: list[tuple[str, str]]) -> str | None:
    """Return the comparison of some years of one unit."""
    (unit, *more), years = ([value for name, value in asked if name == wanted] for wanted in ("unit", "year"))
    if more or len(years) < 2 or len(asked) != 1 + len(years):  # noqa: PLR2004 - years, not one
        return None
    return f"compare/{_slug(unit)}/{'-'.join(map(_slug, years))}/{PAGE}"
