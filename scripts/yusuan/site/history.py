"""A unit over the years: printed figures where there are documents, told ones where only the narrative knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from yusuan.site.catalogue import Measure
from yusuan.site.places import Place
from yusuan.site.queries import Account, Books, Told, Value

PRINTED = "上年文档"


@dataclass(frozen=True, slots=True)
class Change:
    """A measure this year and the year before; `origin` and `place` say where the latter comes from."""

    measure: Measure
    now: Value
    before: int | None = None
    origin: str = ""
    place: Place | None = None

    @property
    def difference(self) -> int | None:
        """Return by how much it changed."""
        return None if self.now.fen is None or self.before is None else self.now.fen - self.before

    @property
    def rate(self) -> float | None:
        """Return the change in percent, none from zero."""
        return self.difference * 100 / self.before if self.difference is not None and self.before else None


@dataclass(frozen=True, slots=True)
class Year:
    """The figures of one year; `derived` where they come from the narrative of the next."""

    year: int
    fen: Mapping[str, int | None]
    derived: bool = False
    places: Mapping[str, Place | None] = field(default_factory=dict)


def earlier(account: Account, accounts: Sequence[Account]) -> Account | None:
    """Return what is published of the year before, in a document of the same kind."""
    wanted = (account.year - 1, account.kind)
    return next((other for other in accounts if (other.year, other.kind) == wanted), None)


async def changes(books: Books, account: Account, accounts: Sequence[Account]) -> list[Change]:
    """Return every measure with its change; a printed figure of the year before counts more than a told one."""
    now = await books.values(account)
    previous = earlier(account, accounts)
    printed = await books.values(previous) if previous else {}
    told = {} if previous else await books.told(account, now)
    return [
        _change(measure, now[key], printed.get(key), told.get(key)) for key, measure in books.catalogue.measures.items()
    ]


def _change(measure: Measure, now: Value, printed: Value | None, told: Told | None) -> Change:
    if printed is not None and printed.fen is not None:
        return Change(measure, now, printed.fen, PRINTED, printed.place)
    return Change(measure, now, told.fen, told.origin, told.place) if told else Change(measure, now)


async def years(books: Books, account: Account, accounts: Sequence[Account]) -> list[Year]:
    """Return the years of a unit, earliest first, in documents of one kind; gaps are filled from narratives."""
    alike = {other.year: other for other in reversed(accounts) if other.kind == account.kind}
    found: dict[int, Year] = {}
    for year, other in alike.items():
        values = await books.values(other)
        places = {key: value.place for key, value in values.items()}
        found[year] = Year(year, {key: value.fen for key, value in values.items()}, places=places)
        told = await books.told(other, values) if year - 1 not in alike else {}
        if told:
            places = {key: fact.place for key, fact in told.items()}
            found[year - 1] = Year(year - 1, {key: fact.fen for key, fact in told.items()}, derived=True, places=places)
    return [found[year] for year in sorted(found)]
