"""How one site is set up: where documents and releases lie, who may see it, what it may do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from yusuan.site.catalogue import Catalogue
from yusuan.site.library import Library


class Still(Protocol):
    """What a site knows that is being written to files: nothing on its pages may ask a server."""

    def named(self, address: str) -> str:
        """Return where an address of the site will be found, with its host; nothing where that is not known."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What the person who serves the site decided.

    `sources` are folders with the documents, `packages` holds the data packages by year, `releases` the releases.
    `public` guards the site against strangers, `allow_sql` lets them write queries; `address` is where the site is
    reached from outside, for what must name it in full; `cache` is where pictures and archives are kept. `still` is set while pages are written to files.
    """

    sources: tuple[Path, ...] = (Path("datapackage/sources"),)
    packages: Path | None = Path("datapackage")
    releases: Path | None = Path("releases")
    public: bool = False
    allow_sql: bool = False
    address: str | None = None
    cache: Path | None = None
    still: Still | None = None


class Running:
    """Counts the downloads that are running."""

    def __init__(self) -> None:
        self.count = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a place while a download runs."""
        self.count += 1
        try:
            yield
        finally:
            self.count -= 1


@dataclass(frozen=True, slots=True)
class Known:
    """What a site being served knows."""

    catalogue: Catalogue
    setup: Setup
    library: Library
    running: Running


#: By site; the keys are Datasette objects.
KNOWN: WeakKeyDictionary[Any, Known] = WeakKeyDictionary()
