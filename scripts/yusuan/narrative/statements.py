"""Sentences of 第二部分 to statements: an amount with its change, share, reason and usage.

A paragraph is read from left to right by the patterns of `patterns.STATEMENTS`. Some open a statement,
some add to the one that is open, some say how the next items are divided. What no pattern understands
is passed over up to the end of its clause, and reported if there is money in it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from operator import itemgetter

from yusuan.narrative.figures import Statement, Unread, sentence_around
from yusuan.narrative.fragments import MONEY, PLACEHOLDER
from yusuan.narrative.outline import Passage
from yusuan.narrative.patterns import CLAUSE_END, SEPARATOR, STATEMENTS
from yusuan.narrative.section import Section
from yusuan.values import split_ordinal

#: In the gap between two pieces: the number of an item, and a bracket that opens a list.
_NUMBERED = re.compile(r"\([一二三四五六七八九十\d]{1,3}\)")
_OPENED = re.compile(r"\((?:其中[,:]?)?$")
#: Numbers of this level (1., (1)) stand in front of the items of a list.
_LIST_LEVEL = 3


def read_statements(passages: Iterable[Passage], year: int) -> tuple[list[Statement], list[Unread]]:
    """Return the statements of the passages in reading order, and the sentences with money not understood."""
    statements: list[Statement] = []
    unread: list[Unread] = []
    section: _Reader | None = None
    for passage in passages:
        if section is None or section.heading != (passage.part, passage.section):
            section = _Reader(passage, year)
        found, missed = section.read(passage)
        statements += found
        unread += missed
    return statements, unread


class _Reader(Section):
    """A section that reads its paragraphs from left to right."""

    def read(self, passage: Passage) -> tuple[list[Statement], list[Unread]]:
        """Return the statements of the next paragraph and its sentences not understood."""
        self._turn_to(passage)
        known = len(self.statements)
        understood: list[tuple[int, int]] = []
        form, position = passage.text.form, passage.body
        while (position := self._skip_separators(position)) < len(form):
            if match := self._match(position):
                understood.append(match.span())
                position = max(match.end(), position + 1)
            else:
                position = self._pass_over(position)
        found = self.statements[known:]
        self._explain_below(found, understood)
        if len(found) != 1:
            self.open = None  # with several before it, nobody can say which one the next paragraph continues
        return found, self._missed(understood)

    def _turn_to(self, passage: Passage) -> None:
        if passage.level is not None:
            self.open = self.item = self.label = None
        if passage.topic != self.passage.topic:
            self.breakdown = None
        self.passage = passage
        self.behind_number = _behind_number(passage)
        self.waiting = self.group = self.whole = None
        self.contradictions, self.listed, self.outer, self.sentence = [], [], [], []

    def _skip_separators(self, position: int) -> int:
        """Return where the next piece begins; a list inside one sentence ends with that sentence."""
        match = SEPARATOR.match(self.passage.text.form, position)
        end = match.end() if match else position
        self.gap = gap = self.passage.text.form[position:end]
        is_list = self.breakdown is not None and self.breakdown.endswith("构成")
        if is_list and self.breakdown_passage is self.passage and "。" in gap:
            self.breakdown = None
        if "。" in gap:
            self.ended = (self.sentence, self.whole)
            self.sentence, self.whole, self.listed = [], None, []
        else:
            self.ended = ([], None)
        if _OPENED.search(gap):
            self.outer.append((self.open, self.whole))
        elif ")" in _NUMBERED.sub("", gap) and self.outer:
            self.open, self.whole = self.outer.pop()
            self.ended = ([], None)
        if ("其中" in gap or "包括" in gap) and self.open and self.open.passage is self.passage:
            self.whole, self.listed = self.open, []
        return end

    def _match(self, position: int) -> re.Match[str] | None:
        topic = self.passage.topic
        for pattern in STATEMENTS:
            if pattern.topics and (topic is None or topic.name not in pattern.topics):
                continue
            if (pattern.numbered and position != self.behind_number) or not self.has_room_for(pattern):
                continue
            match = pattern.regex.match(self.passage.text.form, position)
            if match and self._is_of_this_year(match) and self.apply(pattern, match):
                return match
        return None

    def _is_of_this_year(self, match: re.Match[str]) -> bool:
        groups = match.groupdict()
        named = (groups.get("year"), groups.get("year_after"))
        prior = groups.get("prior_year")
        return all(year is None or int(year) == self.year for year in named) and (
            prior is None or int(prior) == self.year - 1
        )

    def _pass_over(self, position: int) -> int:
        text = self.passage.text
        stop = CLAUSE_END.search(text.form, position)
        end = stop.start() if stop else len(text.form)
        if MONEY.search(text.form, position, end):
            self.open = None  # what follows belongs to something that was not understood
        else:
            name = text.printed_between(position, end)
            if self.passage.level is not None and self.open is None and self.label is None:
                self.label = name
            if text.form[end : end + 1] == ":":
                self.group = name
        return max(end, position + 1)

    def _missed(self, understood: list[tuple[int, int]]) -> list[Unread]:
        """Return the sentences with money no pattern understood, with contradictions, or with placeholders."""
        text = self.passage.text
        if self.waiting is not None:
            self.contradictions.append(self.waiting.span())
        amounts = [money.span() for money in MONEY.finditer(text.form) if not _is_within(money.start(), understood)]
        blanks = [blank.span() for blank in PLACEHOLDER.finditer(text.form)]
        lost: dict[str, list[str]] = {}
        for span in sorted(amounts + self.contradictions + blanks):
            of_sentence = lost.setdefault(sentence_around(text, *span), [])
            if span in amounts:
                of_sentence.append(text.printed_between(*span))
        left = {sentence_around(text, *span) for span in blanks}
        first, page = self.passage.first, self.passage.page
        return [
            Unread(sentence, first, "placeholder" if sentence in left else "unread", page, tuple(found))
            for sentence, found in lost.items()
        ]


def _behind_number(passage: Passage) -> int | None:
    """Return where the text of a passage begins behind its own number (1., (1)); None where it has none."""
    if passage.level is None or passage.level < _LIST_LEVEL:
        return None
    ordinal = split_ordinal(passage.text.form)
    return len(passage.text.form) - len(ordinal.rest) if ordinal else None


def _is_within(position: int, spans: list[tuple[int, int]]) -> bool:
    """Say whether a position is in one of the spans, which are in order and do not overlap."""
    index = bisect_right(spans, position, key=itemgetter(0)) - 1
    return index >= 0 and position < spans[index][1]
