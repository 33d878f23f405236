"""Answers that took long, kept while the site runs: its database cannot change, so they stay true."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

#: An answer is kept when it took longer, in seconds, and is smaller, in characters; so many are kept.
SLOW, SMALL, MOST = 0.02, 64 * 1024, 512


def key_of(sql: str, params: object, options: Mapping[str, Any]) -> Hashable | None:
    """Return what an answer is kept under, None where the question has something in it that cannot be compared."""
    values = (
        tuple(sorted(params.items()))
        if isinstance(params, Mapping)
        else tuple(params)
        if isinstance(params, Sequence)
        else ()
    )
    if params is not None and not isinstance(params, Mapping | Sequence):
        return None
    key = (sql, values, options.get("truncate"), options.get("page_size"))
    try:
        hash(key)
    except TypeError:
        return None
    return key


def size_of(rows: Sequence[Sequence[object]]) -> int:
    """Return about how much an answer holds."""
    return sum(len(value) if isinstance(value, str | bytes) else 8 for row in rows for value in row)


class Remembered:
    """The answers that were asked for last."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable | None) -> Any:
        """Return an answer, None where it is not kept."""
        if key not in self._answers:
            return None
        self._answers.move_to_end(key)
        return self._answers[key]

    def keep(self, key: Hashable | None, answer: Any, seconds: float) -> None:
        """Keep an answer that took long and is small; the one that nobody asked for longest goes."""
        if key is None or seconds < SLOW or size_of(answer.rows) > SMALL:
            return
        self._answers[key] = answer
        if len(self._answers) > MOST:
            self._answers.popitem(last=False)
