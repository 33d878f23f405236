"""Writes the site: asks the live one, in this process, for every page that can be reached, and keeps the answers as files.

The live site's templates, queries and pictures are the only ones there are; nothing is said twice. A page is written when
something leads to it and it has a place (`places`), so there are no dead links by construction.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from yusuan.errors import HostError, Problem, UsageError
from yusuan.files import host_errors, locked, replacing_folder
from yusuan.site.metadata import DATABASE
from yusuan.site.server import make_site
from yusuan.site.setup import Setup
from yusuan.spec import Specs
from yusuan.static.places import NOT_FOUND, PAGE, Places
from yusuan.static.rewriting import relative, rewritten
from yusuan.static.searching import entries_of, write_index

_SCRIPT = Path(__file__).with_name("search.js")
#: By what a static site is known, before it is replaced.
_SIGNS = (PAGE, NOT_FOUND, "robots.txt", "search/search.js")
_MISSING = "/nix"
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the folder, how many pages and files, how many bytes."""

    folder: Path
    pages: int
    files: int
    size: int

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready data."""
        return {"folder": str(self.folder), "pages": self.pages, "files": self.files, "bytes": self.size}


def write_site(folder: Path, database: Path, specs: Specs, address: str | None = None) -> Written:
    """Write the static site of a database into a new folder. `address` is where it will be found, for its sitemap.

    The same database gives the same bytes.
    """
    places = Places(f"/{DATABASE}/biggest_projects", address)
    site = make_site(database, specs, Setup(sources=(), packages=None, releases=None, still=places))
    with host_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        writer = _Writer(folder, places, site.client)
        entries = entries_of(database)
        asyncio.run(writer.write_all(["/", *(entry.address for entry in entries)]))
        _put(folder, "search/search.js", _SCRIPT.read_bytes())
        write_index(folder / "search", entries, writer.found_from_search)
        _write_for_machines(folder, writer.pages, places)
    files = [path for path in folder.rglob("*") if path.is_file()]
    return Written(folder, len(writer.pages), len(files), sum(path.stat().st_size for path in files))


def replace_site(target: Path, database: Path, specs: Specs, address: str | None = None) -> Written:
    """Write the static site in the place of an older one, in one step; UsageError where something else stands there."""
    if target.exists() and not (target.is_dir() and (_is_ours(target) or not any(target.iterdir()))):
        hint = "用 --out 另给一个还没有的文件夹"
        raise UsageError(Problem("FOLDER-FOREIGN", "这里已有别的东西，不会替换", str(target), hint=hint))
    with locked(target.resolve().parent), replacing_folder(target.resolve()) as beside:
        written = write_site(beside, database, specs, address)
    return replace(written, folder=target)


def _is_ours(folder: Path) -> bool:
    return all((folder / name).is_file() for name in _SIGNS)


def _put(folder: Path, name: str, data: bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


class _Writer:
    """Walks through the site from page to page and writes what it is answered."""

    def __init__(self, folder: Path, places: Places, client: Any) -> None:
        self._folder, self._places, self._client = folder, places, client
        self._waiting: deque[tuple[str, str]] = deque()
        self._known = {"search/search.js"}
        self.pages: list[str] = []

    async def write_all(self, addresses: Iterable[str]) -> None:
        """Write the pages of some addresses and all they lead to."""
        for address in addresses:
            self._found(address)
        while self._waiting:
            address, name = self._waiting.popleft()
            await self._write(address, name)
        answer = await self._client.get(_MISSING)
        _put(self._folder, NOT_FOUND, self._page(NOT_FOUND, answer.text).encode())

    async def _write(self, address: str, name: str) -> None:
        answer = await self._client.get(address, follow_redirects=True)
        if answer.status_code != 200:  # noqa: PLR2004 - 200 is 200
            said = f"{address} → {answer.status_code}"
            raise HostError(
                Problem("PAGE-UNWRITTEN", "静态网站的一页写不出来", name, found=said, hint="请报告这个问题")
            )
        if name.endswith(".html"):
            self.pages.append(name)
            _put(self._folder, name, self._page(name, answer.text).encode())
        elif name.endswith(".svg"):
            _put(self._folder, name, self._page(name, answer.text).encode())
        else:
            _put(self._folder, name, answer.content)

    def _page(self, name: str, text: str) -> str:
        def leads(address: str) -> str | None:
            place = self._found(address)
            if place is None:
                return None
            if name == NOT_FOUND and self._places.address:
                return urlsplit(self._places.address).path.rstrip("/") + "/" + place.removesuffix(PAGE)
            return relative(name, place, urlsplit(address).fragment)

        return rewritten(text, leads)

    def _found(self, address: str) -> str | None:
        """Return the file of an address, to be written if it is not yet."""
        place = self._places.place(address)
        if place is not None and place not in self._known:
            self._known.add(place)
            self._waiting.append((self._places.meant(address), place))
        return place

    def found_from_search(self, address: str) -> str:
        """Return the address of a hit as seen from the search page."""
        place = self._places.place(address)
        if place is None:
            raise HostError(Problem("PAGE-UNWRITTEN", "检索会通向没有的一页", address, hint="请报告这个问题"))
        return relative(f"search/{PAGE}", place, urlsplit(address).fragment)


def _write_for_machines(folder: Path, pages: Iterable[str], places: Places) -> None:
    """Write robots.txt and, where the site knows its address, the sitemap."""
    lines = ["User-agent: *", "Allow: /"]
    if places.address:
        root = places.address.rstrip("/")
        found = sorted(f"{root}/{page.removesuffix(PAGE)}" for page in pages)
        listed = "".join(f"<url><loc>{escape(address)}</loc></url>\n" for address in found)
        _put(folder, "sitemap.xml", f"{_XML}{listed}</urlset>\n".encode())
        lines.append(f"Sitemap: {root}/sitemap.xml")
    _put(folder, "robots.txt", ("\n".join(lines) + "\n").encode())
