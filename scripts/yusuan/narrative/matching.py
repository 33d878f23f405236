"""Running text in two forms at once: as printed, and as patterns match it.

The matching form is `values.plain` applied character by character, so every blank is gone (justified
text has blanks inside words and numbers) and every character still knows where it was printed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from yusuan.values import close_gaps, plain

#: A half-width stop in Chinese text (`…万元.主要用于`), not the point of a number or of `1.`.
_STOP = re.compile(r"(?<=[^\x00-\x7f×]|[%)])\.(?=$|[^\x00-\x7f])")


@dataclass(frozen=True, slots=True)
class MatchingText:
    """A printed text, its matching form, and for each character of the form its index in the print."""

    printed: str
    form: str
    offsets: tuple[int, ...]

    def printed_between(self, start: int, end: int) -> str:
        """Return what was printed for `form[start:end]`, without the blanks of line wraps."""
        if start >= end:
            return ""
        return close_gaps(self.printed[self.offsets[start] : self.offsets[end - 1] + 1])


@cache
def _fold(char: str) -> str:
    folded = plain(char)
    if unicodedata.category(char) == "No" and any(part.isdigit() for part in folded):
        return char  # ① in front of an amount must not become one of its digits
    return folded


def to_matching(printed: str) -> MatchingText:
    """Return `printed` together with its matching form."""
    folded = [(part, index) for index, char in enumerate(printed) for part in _fold(char)]
    form = _STOP.sub("。", "".join(part for part, _ in folded))
    return MatchingText(printed, form, tuple(index for _, index in folded))
