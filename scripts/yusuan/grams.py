"""Chinese text to words that a full-text index understands: overlapping pairs of characters.

An index of whole words finds nothing in a script without blanks, one of three characters nothing shorter than three.
Pairs find any part of a text: a phrase of overlapping pairs occurs exactly where the characters follow one another.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

#: What the tokenizer `ascii` takes for a blank between words is moved to where it takes it for a letter.
_SIGNS = {code: 0xE000 + code for code in range(128) if not chr(code).isalnum()}
_LONGEST = 64
_WORDS = 8


@lru_cache(maxsize=100_000)
def _folded(char: str) -> str:
    """Return what a character is compared by: width, case and kind of radical do not count, blanks are nothing."""
    return "".join(unicodedata.normalize("NFKC", char).casefold().split())


def fold(text: str) -> str:
    """Return the matching form of a text, character by character, so that parts of a text fold to parts of its form."""
    return "".join(map(_folded, text))


def fold_with_places(text: str) -> tuple[str, list[int]]:
    """Return the matching form of a text and, for each of its characters, the place it came from."""
    folded, places = [], []
    for place, char in enumerate(text):
        for part in _folded(char):
            folded.append(part)
            places.append(place)
    return "".join(folded), places


def grams(text: str) -> str:
    """Return the words by which the index finds a text: every pair of characters, and the last character alone."""
    letters = fold(text).translate(_SIGNS)
    return " ".join(letters[i : i + 2] for i in range(len(letters)))


def token(text: str) -> str:
    """Return one word of the index that stands for a whole text, such as a key."""
    return fold(text).translate(_SIGNS)


def words(query: str) -> list[str]:
    """Return the words of a query as they are compared, each once; what is beyond reason long is cut."""
    folded = (fold(word)[:_LONGEST] for word in query.split())
    return list(dict.fromkeys(filter(None, folded)))[:_WORDS]


def match(word: str) -> str:
    """Return the expression that finds a folded word: a phrase of pairs, for one character all that begins with it."""
    letters = word.translate(_SIGNS)
    if len(letters) == 1:
        return f'"{letters}" *'
    return '"' + " ".join(letters[i : i + 2] for i in range(len(letters) - 1)) + '"'


def places(text: str, wanted: list[str]) -> list[tuple[int, int]]:
    """Return where folded words stand in a text, as spans of it that do not overlap, in order."""
    folded, origin = fold_with_places(text)
    spans = []
    for word in wanted:
        start = folded.find(word)
        while start >= 0:
            spans.append((origin[start], origin[start + len(word) - 1] + 1))
            start = folded.find(word, start + 1)
    merged: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged
