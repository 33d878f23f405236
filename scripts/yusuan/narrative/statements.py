"""Sentences of 第二部分 to statements: an amount with its change, share, reason and usage.

A paragraph is read from left to right by the patterns of `patterns.STATEMENTS`. Some open a statement,
some add to the one that is open, some say how the next items are divided. What no pattern understands
is passed over up to the end of its clause, and reported if there is money in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from yusuan.model import Value
from yusuan.narrative.matching import MatchingText
from yusuan.narrative.outline import Passage
from yusuan.narrative.patterns import (
    CLAUSE_END,
    DIRECTIONS,
    MONEY,
    NOT_A_NAME,
    OWNER,
    SENTENCE_END,
    SEPARATOR,
    STATEMENTS,
    Pattern,
)
from yusuan.values import header_key, parse_amount, parse_numeral, to_wan

_OWN = re.compile(r"^[我本全]")
_BUDGET = re.compile(r"(?:财政拨款)?(?:支出)?(?:总?预算)?(?:安排)?$")
_QUOTES = str.maketrans("", "", "“”\"'‘’")


class Unread(NamedTuple):
    """A sentence with an amount that was not (or not wholly) understood, and the first line of its paragraph."""

    text: str
    line: int | None


@dataclass(slots=True)
class Statement:
    """What the document says about one amount; amounts in 万元, percentages as printed, None where unsaid."""

    passage: Passage
    start: int
    end: int
    metric: str
    subject: str | None
    values: dict[str, Value] = field(default_factory=dict)

    def sentence(self) -> str:
        """Return the sentence, or the sentences, of the paragraph that make the statement, as printed."""
        return _sentence(self.passage.text, self.start, self.end)


def _sentence(text: MatchingText, start: int, end: int) -> str:
    begin = max(text.form.rfind(mark, 0, start) for mark in "。;") + 1
    if stop := SENTENCE_END.search(text.form, end):
        end = stop.end()
    return text.printed_between(begin, end)


def read_statements(passages: Iterable[Passage], year: int) -> tuple[list[Statement], list[Unread]]:
    """Return the statements of the passages in reading order, and the sentences with money not understood."""
    statements: list[Statement] = []
    unread: list[Unread] = []
    section: _Section | None = None
    for passage in passages:
        if section is None or section.heading != passage.section:
            section = _Section(passage, year)
        found, missed = section.read(passage)
        statements += found
        unread += missed
    return statements, unread


class _Section:
    """The statements of one section so far, and what is open: a statement, a breakdown, a label."""

    def __init__(self, passage: Passage, year: int) -> None:
        self.heading = passage.section
        self.year = year
        self.passage = passage
        self.statements: list[Statement] = []
        self.open: Statement | None = None
        self.breakdown: str | None = None
        self.breakdown_passage: Passage | None = None
        self.item: Statement | None = None
        self.total: Statement | None = None
        self.label: str | None = None
        self.waiting: re.Match[str] | None = None
        self.contradictions: list[tuple[int, int]] = []

    def read(self, passage: Passage) -> tuple[list[Statement], list[Unread]]:
        """Return the statements of the next paragraph and its sentences not understood."""
        self._turn_to(passage)
        known = len(self.statements)
        understood: list[tuple[int, int]] = []
        form, position = passage.text.form, 0
        while (position := self._skip_separators(position)) < len(form):
            if match := self._match(position):
                understood.append(match.span())
                position = max(match.end(), position + 1)
            else:
                position = self._pass_over(position)
        found = self.statements[known:]
        if len(found) != 1:
            self.open = None  # with several before it, nobody can say which one the next paragraph continues
        return found, self._missed(understood)

    def _turn_to(self, passage: Passage) -> None:
        if passage.level is not None:
            self.open = self.item = self.label = None
        if passage.topic != self.passage.topic:
            self.breakdown = None
        self.passage = passage
        self.waiting = None
        self.contradictions = []

    def _skip_separators(self, position: int) -> int:
        """Return where the next piece begins; a list inside one sentence ends with that sentence."""
        match = SEPARATOR.match(self.passage.text.form, position)
        end = match.end() if match else position
        is_list = self.breakdown is not None and self.breakdown.endswith("构成")
        if is_list and self.breakdown_passage is self.passage and "。" in self.passage.text.form[position:end]:
            self.breakdown = None
        return end

    def _match(self, position: int) -> re.Match[str] | None:
        topic = self.passage.topic
        for pattern in STATEMENTS:
            if pattern.topic is not None and (topic is None or topic.name != pattern.topic):
                continue
            match = pattern.regex.match(self.passage.text.form, position)
            if match and self._is_of_this_year(match) and self._accept(pattern, match):
                return match
        return None

    def _is_of_this_year(self, match: re.Match[str]) -> bool:
        groups = match.groupdict()
        named = (groups.get("year"), groups.get("year_after"))
        prior = groups.get("prior_year")
        return all(year is None or int(year) == self.year for year in named) and (
            prior is None or int(prior) == self.year - 1
        )

    def _accept(self, pattern: Pattern, match: re.Match[str]) -> bool:
        """Apply a match; False where the wording fits but the meaning does not."""
        accept = {
            "amend": self._amend,
            "reason": self._explain,
            "recall": self._recall,
            "total": self._open_total,
            "item": self._open_item,
            "nil": self._declare_nil,
            "breakdown": self._break_down,
            "cause": self._give_cause,
        }[pattern.kind]
        return accept(pattern, match)

    def _pass_over(self, position: int) -> int:
        text = self.passage.text
        stop = CLAUSE_END.search(text.form, position)
        end = stop.start() if stop else len(text.form)
        if MONEY.search(text.form, position, end):
            self.open = None  # what follows belongs to something that was not understood
        elif self.passage.level is not None and self.open is None:
            self.label = text.printed_between(position, end)
        return max(end, position + 1)

    def _missed(self, understood: list[tuple[int, int]]) -> list[Unread]:
        text = self.passage.text
        if self.waiting is not None:
            self.contradictions.append(self.waiting.span())
        spans = [
            money.span()
            for money in MONEY.finditer(text.form)
            if not any(start <= money.start() < end for start, end in understood)
        ]
        sentences = dict.fromkeys(_sentence(text, *span) for span in sorted(spans + self.contradictions))
        return [Unread(sentence, self.passage.first) for sentence in sentences]

    # ---------------------------------------------------------------------- what patterns do

    def _open(self, match: re.Match[str], metric: str, subject: str | None) -> Statement:
        statement = Statement(self.passage, *match.span(), metric, subject, self._values(match))
        if self.waiting is not None:
            statement.values |= self._values(self.waiting)
            statement.start, self.waiting = self.waiting.start(), None
        self.statements.append(statement)
        self.open = statement
        return statement

    def _open_total(self, pattern: Pattern, match: re.Match[str]) -> bool:
        if self.breakdown and self.breakdown.endswith("构成"):
            return False
        before, owner = (_OWN.sub("", match[group]) for group in ("before", "owner"))
        adjacent = owner if match["year"] else before + owner
        if adjacent and not OWNER.search(adjacent):
            return False
        inside = match.groupdict().get("owner_inside")
        owners = [name for name in (inside, owner, before) if name and OWNER.search(name)]
        owners.append("合计")
        total = self._open(match, pattern.metric or match["metric"], pattern.subject or owners[0])
        self.total = self.total or total
        self.item = self.breakdown = None
        return True

    def _open_item(self, pattern: Pattern, match: re.Match[str]) -> bool:
        topic = self.passage.topic
        subject = self._printed(match, "subject") if "subject" in match.re.groupindex else self.label
        depth = match.groupdict().get("depth")
        # a path with its 类, 款, 项 marks is a name whatever words it is made of
        phrase = not depth and "amount" in match.re.groupindex and subject is not None
        if subject is None or (phrase and NOT_A_NAME.search(subject)):
            return False
        metric = pattern.metric or (topic.metric_of(self.breakdown) if topic else "")
        if topic and depth:
            metric, subject = f"{topic.itemised}（{depth}级）", subject.translate(_QUOTES)
        elif self.item and self.item.passage is self.passage:
            metric, subject = self.item.metric, f"{self.item.subject}·{subject}"
        if not metric:
            return False
        statement = self._open(match, metric, subject)
        self.item = statement if depth else self.item
        return True

    def _declare_nil(self, pattern: Pattern, match: re.Match[str]) -> bool:
        self._open(match, pattern.metric or "", self._printed(match, "subject")).values["scope"] = "无"
        return True

    def _break_down(self, pattern: Pattern, match: re.Match[str]) -> bool:
        self.breakdown, self.breakdown_passage, self.open = pattern.metric, self.passage, None
        if pattern.metric and match.groupdict().get("count"):
            self._open(match, f"{pattern.metric.partition('·')[0]}类数", pattern.subject)
        return True

    def _give_cause(self, pattern: Pattern, match: re.Match[str]) -> bool:
        cause = self._open(match, pattern.metric or "", self._printed(match, "subject"))
        total = self.total
        if total and total.values.get("direction") == cause.values.get("direction") is not None:
            total.values.setdefault("reason", cause.values["reason"])
        return True

    def _amend(self, _: Pattern, match: re.Match[str]) -> bool:
        values = self._values(match)
        if self.open is None and self.label and "prior" in values:
            self.waiting = match  # the year before is printed first; the next statement takes it
            return True
        if self.open is None or ("reason" in values and "direction" not in self.open.values):
            return False
        self._add(self.open, values, match)
        return True

    def _explain(self, _: Pattern, match: re.Match[str]) -> bool:
        if target := self._named(match["of"]):
            self._add(target, self._values(match), match)
        else:
            self._open(match, "变动原因", self._printed(match, "of") or None)
        return True

    def _recall(self, _: Pattern, match: re.Match[str]) -> bool:
        target = self._named(match["of"])
        self.open = target or self.open
        return target is not None

    def _add(self, statement: Statement, values: dict[str, Value], match: re.Match[str]) -> None:
        """Add values to a statement; what contradicts it changes nothing and is reported."""
        if any(statement.values.get(name) not in {None, value} for name, value in values.items()):
            self.contradictions.append(match.span())
            return
        statement.values.update(values)
        if statement.passage is self.passage:
            statement.end = max(statement.end, match.end())

    def _named(self, name: str | None) -> Statement | None:
        """Return the statement a reason speaks of: by its subject, else its metric, else the open one."""
        if not name:
            return self.open
        key = header_key(_BUDGET.sub("", name))
        for found in reversed(self.statements):
            if header_key(found.subject or "") in {key, header_key(name)}:
                return found
        return next((found for found in self.statements if header_key(_BUDGET.sub("", found.metric)) == key), None)

    # ------------------------------------------------------------------------ groups to values

    def _printed(self, match: re.Match[str], group: str) -> str:
        return self.passage.text.printed_between(*match.span(group))

    def _values(self, match: re.Match[str]) -> dict[str, Value]:
        groups = {name: text for name, text in match.groupdict().items() if text}
        values: dict[str, Value] = {}
        values |= {name: _wan(groups, name) for name in ("amount", "change", "prior") if name in groups}
        values |= {name: _number(groups[name]) for name in ("rate", "share") if name in groups}
        for name in ("share_of", "reason", "usage", "scope"):
            if name in groups:
                values[name] = self._printed(match, name)
        if "amount" in groups:
            values["unit"] = groups["amount_unit"]
        if direction := DIRECTIONS.get(groups.get("direction", "")):
            values["direction"] = direction
        if "count" in groups:
            values["count"] = parse_numeral(groups["count"])
        if "exclusion" in groups:
            values["scope"] = f"项目{values['count']}个（{self._printed(match, 'exclusion')}）"
        return values


def _wan(groups: dict[str, str], name: str) -> Decimal:
    return to_wan(_number(groups[name]), groups[f"{name}_unit"])


def _number(text: str) -> Decimal:
    """Return a number that a pattern has already recognised as one."""
    number = parse_amount(text)
    if number is None:
        raise ValueError(text)
    return number
