"""The words of headers and titles that mean the same everywhere: many spellings, one canonical word.

A place's own layout spells each header path out. The general layout reduces a printed path to canonical words
instead: years become this year or 上年, synonyms one word, and words that only frame a block are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yusuan.values import header_key, split_ordinal

_YEAR = re.compile(r"(?P<year>20\d\d)年?度?")
_LAST_YEAR = "上年"
#: Words that say nothing where others stand below them.
_INNER = frozenset({"合计", "项目"})
_MONEY = re.compile(r"(?<=..)(?:单位)?(?:万元|元)$")
_MARKS = re.compile(r"^(?:其中|减|加)(?=.)")
_TITLE_NUMBER = re.compile(
    r"^\s*(?:(?:部门|单位)?(?:公开|预算|决算|附)?(?:表\s*[\d一二三四五六七八九十]{1,3}(?:-\d+)?|\d{1,2}\s*表"
    r"|表(?=\d{1,2}\s))|[(（]?[一二三四五六七八九十]{1,3}[)）、.．]|\d{1,2}[.．、])\s*(?:[.．、:：]|\d{0,2}(?=\s))?\s*",
)
_TITLE_TAIL = re.compile(r"[(（](?:表?\s*[\d一二三四五六七八九十]+|续表?|公开\d+表)[)）]$")


@dataclass(frozen=True)
class Vocabulary:
    """Canonical words by spelling, and the words that only frame a block of columns.

    `frames` are left out of a path unless nothing else stands in it. `bare` are parts left out of titles.
    """

    words: Mapping[str, tuple[str, ...]]
    frames: frozenset[str]
    bare: re.Pattern[str] | None = None

    def reduce(self, path: tuple[str, ...], year: int | None = None) -> tuple[str, ...]:
        """Return a printed header path in canonical words; `year` is the document's."""
        words: list[str] = []
        for label in path:
            for word in self._canonical(label, year):
                if word and (not words or words[-1] != word):
                    words.append(word)
        kept = [word for word in words if word not in self.frames] or words[-1:]
        return tuple(word for i, word in enumerate(kept) if word not in _INNER or i == len(kept) - 1)

    def _canonical(self, label: str, year: int | None) -> tuple[str, ...]:
        bare = label.strip().removeprefix("其中").lstrip(":： ")
        label = ordinal.rest if (ordinal := split_ordinal(bare)) and ordinal.rest else label
        key = _MARKS.sub("", _YEAR.sub(lambda match: _age(match, year), header_key(label)))
        key = _MONEY.sub("", key)
        return self.words.get(key, (key,))

    def headless(self, paths: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
        """Return reduced paths without a first word that nobody knows and that heads several columns: a block's name."""
        known = {word for words in self.words.values() for word in words}
        heads = [path[0] for path in paths if len(path) > 1 and path[0] not in known]
        return tuple(path[1:] if len(path) > 1 and heads.count(path[0]) > 1 else path for path in paths)

    def title(self, title: str) -> str:
        """Return a title without number, year and the parts that say nothing of which table it is."""
        text = _TITLE_TAIL.sub("", _TITLE_NUMBER.sub("", title.strip()))
        key = _YEAR.sub("", header_key(text))
        return self.bare.sub("", key) if self.bare else key


def _age(match: re.Match[str], year: int | None) -> str:
    return _LAST_YEAR if year is not None and int(match["year"]) < year else ""


def read_vocabulary(data: Mapping[str, object]) -> Vocabulary | None:
    """Return the vocabulary that a checked layout file holds, None where it has none."""
    words = data.get("words")
    if not isinstance(words, Mapping):
        return None
    known: dict[str, tuple[str, ...]] = {}
    for word, spellings in words.items():
        canonical = tuple(map(header_key, str(word).split("/")))
        for spelling in (*canonical[-1:], *spellings) if len(canonical) == 1 else spellings:
            known[header_key(spelling)] = canonical
    frames, bare = data.get("frames", ()), data.get("bare", ())
    if not isinstance(frames, list | tuple) or not isinstance(bare, list | tuple):
        return None
    pattern = re.compile("|".join(map(str, bare))) if bare else None
    return Vocabulary(known, frozenset(map(header_key, frames)), pattern)
