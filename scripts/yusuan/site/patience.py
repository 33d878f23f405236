"""How long one request may wait for what is counted beside its rows: categories, and the number of rows.

Datasette limits each count. A filter that no index helps makes every one of them slow, and a page has up to nine.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

#: In milliseconds, of one request: all its categories together, the number of its rows.
CATEGORIES, ROWS = 2000, 1000
_COUNT = "select count(*) from "


@dataclass
class Patience:
    """What is left of the time of one request, in milliseconds."""

    left: float = CATEGORIES


_NOW: ContextVar[Patience | None] = ContextVar("patience", default=None)
_NOBODY_WAITS: ContextVar[bool] = ContextVar("nobody_waits", default=False)


def begin() -> None:
    """Begin a request."""
    _NOW.set(None if _NOBODY_WAITS.get() else Patience())


def nobody_waits() -> None:
    """Say that the requests of this task are no reader's."""
    _NOBODY_WAITS.set(True)


def limit(sql: str, asked: int | None, *, shown: bool) -> int | None:
    """Return how long a statement may take: what was asked for, or what is left of the time of the request; 0 is over.

    `shown`: its rows are what a page shows; the number of rows of a table page is not.
    """
    patience = _NOW.get()
    if asked is None:
        return ROWS if patience and not shown and sql.startswith(_COUNT) else None
    return min(asked, round(patience.left)) if patience else asked


def spend(asked: int | None, seconds: float) -> None:
    """Take the time of a statement with a limit of its own off what is left."""
    patience = _NOW.get()
    if patience and asked is not None:
        patience.left = max(0, patience.left - seconds * 1000)
