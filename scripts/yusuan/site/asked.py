"""What a reader asks for in an address: units, years, a kind of document, a code, a measure. Read once, checked once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

#: Ways to look at an amount: as it is, as a share, for each post of the authorised staff.
SHOWS = {"amount": "金额", "share": "占比", "staff": "人均（编制）"}
_MOST_UNITS, _MOST_YEARS = 8, 6
Item = TypeVar("Item")


class Arguments(Protocol):
    """The query of an address, as Datasette gives it."""

    def get(self, name: str, default: Any = None) -> Any:
        """Return the first value."""

    def getlist(self, name: str) -> Sequence[str]:
        """Return all values."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The question behind a page or a picture; the same question gives the same address."""

    units: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    kind: str = ""
    code: str = ""
    measure: str = ""
    place: str = ""
    show: str = "amount"

    @classmethod
    def read(cls, arguments: Arguments) -> Asked:
        """Return what an address asks for; what cannot be understood is not asked."""
        years = [int(text) for text in arguments.getlist("year") if text.isdecimal() and len(text) <= 4]  # noqa: PLR2004 - a year
        show = arguments.get("show") or "amount"
        return cls(
            units=_distinct(arguments.getlist("unit"), _MOST_UNITS),
            years=_distinct(years, _MOST_YEARS),
            kind=arguments.get("kind") or "",
            code=arguments.get("code") or "",
            measure=arguments.get("measure") or "",
            place=arguments.get("place") or "",
            show=show if show in SHOWS else "amount",
        )

    @property
    def unit(self) -> str:
        """Return the unit, where one is asked for."""
        return self.units[0] if self.units else ""

    @property
    def year(self) -> int | None:
        """Return the year, where one is asked for."""
        return self.years[0] if self.years else None

    def but(self, **changes: Any) -> Asked:
        """Return the same question with something else in it."""
        return replace(self, **changes)

    def query(self) -> str:
        """Return the query of the address, in a fixed order and without what goes without saying."""
        pairs: list[tuple[str, object]] = [("unit", unit) for unit in self.units]
        pairs += [("year", year) for year in self.years]
        said = {"kind": self.kind, "code": self.code, "measure": self.measure, "place": self.place}
        pairs += [(name, value) for name, value in said.items() if value]
        pairs += [("show", self.show)] if self.show != "amount" else []
        return urlencode(pairs)


def _distinct(values: Iterable[Item], most: int) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(value for value in values if value))[:most]
