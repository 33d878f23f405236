"""How alike two printed texts are: a misprint is not another name."""

from __future__ import annotations

import difflib

#: A name shorter than this has too little to recognise a misprint by.
_MIN_NAME = 6
_ALIKE = 0.6


def distance(left: str, right: str, limit: int = 3) -> int:
    """Return how many characters must be put in, left out or changed; `limit` + 1 for anything beyond."""
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before = list(range(len(right) + 1))
    for i, mine in enumerate(left, 1):
        now = [i]
        for j, theirs in enumerate(right, 1):
            now.append(min(before[j] + 1, now[-1] + 1, before[j - 1] + (mine != theirs)))
        if min(now) > limit:
            return limit + 1
        before = now
    return before[-1]


def is_misprint(left: str, right: str) -> bool:
    """Say whether one name is probably the other misprinted: one or two characters in a name long enough."""
    far = distance(left, right)
    shorter = min(len(left), len(right))
    return far <= 1 <= shorter / _MIN_NAME or far <= 2 <= shorter / _MIN_NAME  # noqa: PLR2004 - two characters


def likeness(left: str, right: str) -> float:
    """Return how much of two texts is the same, from 0 to 1."""
    return difflib.SequenceMatcher(None, left, right, autojunk=False).ratio()


def is_alike(left: str, right: str) -> bool:
    """Say whether two names may mean the same thing."""
    return likeness(left, right) >= _ALIKE
