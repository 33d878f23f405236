"""The words of headers and titles that mean the same everywhere: many spellings, one canonical word.

A place's own layout spells each header path out. The general layout reduces a printed path to canonical words
instead: years become this year or 上年, synonyms one word, and words that only frame a block are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from yusuan.values import header_key, split_ordinal

_YEAR = re.compile(r"(?P<year>20\d\d)年?度?")
_LAST_YEAR, _CHANGE = "上年", "增减"
#: Blocks whose columns are not what their names say without them: another year's, a difference, a part of what stands beside.
_TELLING = frozenset({_LAST_YEAR, _CHANGE, "其中"})
#: What is carried over from last year is of this year.
_CARRIED = re.compile("结转|结余|余额")
_BROUGHT = re.compile("(?:动用|使用)?(?:上年|年初|历年|以前年度)(?:财政|拨款|资金|收入|结转|结余|和|及)+")
_COMPARED = re.compile("增减|[比较]上年")
#: By which classification a table lists: `按支出功能分类科目`, `功能分类`, `经济科目`.
_BY = re.compile(r"(?:按|(?<=表))(?:支出)?(功能|经济)(?:分类)?(?:科目)?(?:分类|分)?|(功能|经济)(?:分类)?(?:科目)?")
#: `项目（按支出功能科目类级）`: what the items of a list are called, and by what they are listed.
_LISTED_BY = re.compile("(?<=项目)按(?:支出)?功能.*$")
_CODE_LEVELS = frozenset({"类", "款", "项"})
_SHORT = 2
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

    `frames` are left out of a path unless nothing else stands in it. `bare` are parts left out of titles. A spelling
    that is not listed is read as the one that differs from it by `fillers` only: first by those of the first group,
    then by those of the second as well.
    """

    words: Mapping[str, tuple[str, ...]]
    frames: frozenset[str]
    bare: tuple[re.Pattern[str], ...] = ()
    fillers: tuple[re.Pattern[str], ...] = ()

    def reduce(self, path: tuple[str, ...], year: int | None = None) -> tuple[str, ...]:
        """Return a printed header path in canonical words; `year` is the document's."""
        words: list[str] = []
        for label in path:
            for word in self._canonical(label, year):
                if word and (not words or words[-1] != word):
                    words.append(word)
        kept = [word for word in words if word not in self.frames] or words[-1:]
        return tuple(word for i, word in enumerate(kept) if word not in _INNER or i == len(kept) - 1)

    def spelling(self, label: str, year: int | None = None) -> str:
        """Return the spelling under which a printed label is looked up: without numbers, marks, year and money unit."""
        bare = label.strip().removeprefix("其中").lstrip(":： ")
        label = ordinal.rest if (ordinal := split_ordinal(bare)) and ordinal.rest else label
        key = _MARKS.sub("", _YEAR.sub(lambda match: _age(match, year), header_key(label)))
        return _LISTED_BY.sub("", _MONEY.sub("", key))

    def _canonical(self, label: str, year: int | None) -> tuple[str, ...]:
        key = self.spelling(label, year)
        return self.words.get(key) or self._age_or_change(key) or self._near(key) or (key,)

    def _age_or_change(self, key: str) -> tuple[str, ...]:
        if _COMPARED.search(key):
            return (_CHANGE,)
        if _BROUGHT.fullmatch(key) and _CARRIED.search(key):
            return ("上年结转结余",)
        return (_LAST_YEAR,) if key.startswith(_LAST_YEAR) and not _CARRIED.search(key) else ()

    def _near(self, key: str) -> tuple[str, ...]:
        """Return the one canonical word whose spellings differ from `key` by fillers only, else nothing."""
        if key in self.frames:
            return ()
        for number, stems in enumerate(self._stems):
            stem = self._stem(key, number)
            words = {self.words[stem]} if stem in self.words else stems.get(stem, frozenset())
            if len(words) == 1:
                return next(iter(words))
        return ()

    def _stem(self, spelling: str, number: int) -> str:
        for pattern in self.fillers[: number + 1]:
            spelling = pattern.sub("", spelling)
        return spelling

    @cached_property
    def _stems(self) -> tuple[Mapping[str, frozenset[tuple[str, ...]]], ...]:
        """Return for each group of fillers the canonical words by what is left of their spellings."""
        found = []
        for number in range(len(self.fillers)):
            stems: dict[str, frozenset[tuple[str, ...]]] = {}
            for spelling, word in self.words.items():
                stem = self._stem(spelling, number)
                if len(stem) >= _SHORT:
                    stems[stem] = stems.get(stem, frozenset()) | {word}
            found.append(stems)
        return tuple(found)

    def headless(self, paths: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
        """Return reduced paths without a first word that nobody knows and that heads several columns: a block's name.

        A word that heads every block says nothing either, known or not.
        """
        known = {word for words in self.words.values() for word in words}
        heads = [path[0] for path in paths if len(path) > 1 and path[-1] not in _CODE_LEVELS]
        idle = {
            head for head in heads if heads.count(head) > 1 and (head not in known or heads.count(head) == len(heads))
        }
        idle = {head for head in idle - _TELLING if not _CARRIED.search(head)}
        return tuple(path[1:] if len(path) > 1 and path[0] in idle else path for path in paths)

    def title(self, title: str) -> str:
        """Return a title without number, year and the parts that say nothing of which table it is.

        By which classification the table lists stands at the end, however the title says it.
        """
        text = _TITLE_TAIL.sub("", _TITLE_NUMBER.sub("", title.strip()))
        key = _YEAR.sub("", header_key(text))
        for pattern in self.bare:
            key = pattern.sub("", key)
        kinds = sorted({kind for match in _BY.finditer(key) for kind in match.groups() if kind})
        return _BY.sub("", key) + "".join(kinds)


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
    for word in _written(data.get("tables")):
        known.setdefault(word, (word,))
    frames = data.get("frames", ())
    if not isinstance(frames, list | tuple):
        return None
    fillers = [re.compile("|".join(sorted(group, key=len, reverse=True))) for group in _lists(data.get("fillers"))]
    return Vocabulary(
        known, frozenset(map(header_key, frames)), tuple(map(re.compile, _flat(data.get("bare")))), tuple(fillers)
    )


def _written(tables: object) -> Iterator[str]:
    """Yield the words in which the columns of the tables are written: each means itself."""
    for table in tables.values() if isinstance(tables, Mapping) else ():
        columns = table.get("columns", {})
        for paths in (*columns.values(), table.get("unkept", ())):
            for path in paths:
                yield from map(header_key, str(path).split("/"))


def _lists(value: object) -> Iterator[Sequence[str]]:
    yield from (_flat(item) for item in value) if isinstance(value, list | tuple) else ()


def _flat(value: object) -> Sequence[str]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()
