"""One section while it is read: what is open, and what each kind of pattern does to it."""

from __future__ import annotations

import re

from yusuan.model import Value
from yusuan.narrative.figures import Statement, read_values
from yusuan.narrative.outline import Passage
from yusuan.narrative.patterns import NOT_A_NAME, OWNER
from yusuan.narrative.wording import Pattern
from yusuan.values import header_key

_OWN = re.compile(r"^[我本全]")
_BUDGET = re.compile(r"(?:财政拨款)?(?:支出)?(?:总?预算)?(?:安排)?$")
#: Words in which two names of one total may differ: 收入、支出预算总计, 收、支总计.
_STAGE = re.compile(r"总?(?:预算|决算)|总计|合计|总额|总数|总|年初|安排|财政(?=拨款)")
_BOTH = re.compile("收、支|收入、?支出")
#: A final account: what its sections call a budget is what was spent.
_BUDGETED = re.compile("(?<!一般公共)(?<!政府性基金)(?<!国有资本经营)预算")
_QUOTES = str.maketrans("", "", "“”\"'‘’")
_DEPTH = re.compile(r"[(（]\d*([类款项])\d*[)）][”\"]?$")
_PARTS = "构成"
_CODE_LEVELS = {3: "类级", 5: "款级", 7: "项级"}
#: What a first digit says about a classification code.
_CODE_KINDS = {"2": "", "3": "部门经济分类·", "5": "政府经济分类·"}
#: What compares with the year before: after a list joined by 、 it is said of the whole.
_COMPARING = frozenset({"change", "rate", "direction", "rate_direction", "prior"})


class Section:
    """The statements of one section so far, and what is open: a statement, a breakdown, a label, a list."""

    def __init__(self, passage: Passage, year: int) -> None:
        self.heading = (passage.part, passage.section)
        self.year = year
        self.passage = passage
        self.statements: list[Statement] = []
        self.open: Statement | None = None
        self.breakdown: str | None = None
        self.breakdown_passage: Passage | None = None
        self.item: Statement | None = None
        self.total: Statement | None = None
        self.label: str | None = None
        self.group: str | None = None
        self.waiting: re.Match[str] | None = None
        self.announced: Statement | None = None
        self.contradictions: list[tuple[int, int]] = []
        self.gap = ""
        self.behind_number: int | None = None
        self.whole: Statement | None = None
        self.listed: list[Statement] = []
        self.sentence: list[Statement] = []
        self.ended: tuple[list[Statement], Statement | None] = ([], None)
        self.outer: list[tuple[Statement | None, Statement | None]] = []

    def has_room_for(self, pattern: Pattern) -> bool:
        """Say whether a pattern can mean anything here; asked first, for a text may be searched to its end in vain."""
        if pattern.kind == "amend" and "reason" in pattern.regex.groupindex:
            return self.open is not None and self.open.is_compared
        return pattern.kind != "amend" or self.open is not None or self.label is not None

    def apply(self, pattern: Pattern, match: re.Match[str]) -> bool:
        """Apply a match; False where the wording fits but the meaning does not."""
        accept = {
            "amend": self._amend,
            "restate": self._restate,
            "reason": self._explain,
            "recall": self._recall,
            "within": self._look_within,
            "total": self._open_total,
            "item": self._open_item,
            "line": self._open_item,
            "nil": self._declare_nil,
            "breakdown": self._break_down,
            "cause": self._give_cause,
        }[pattern.kind]
        return accept(pattern, match)

    def _open(self, match: re.Match[str], metric: str, subject: str | None) -> Statement:
        metric = self._of_stage(metric)
        statement = Statement(self.passage, *match.span(), metric, subject, read_values(self.passage.text, match))
        if self.waiting is not None:
            statement.values |= read_values(self.passage.text, self.waiting)
            statement.start, self.waiting = self.waiting.start(), None
        self.statements.append(statement)
        self.sentence.append(statement)
        self.open = statement
        return statement

    def _of_stage(self, metric: str) -> str:
        """Return a metric as the section means it: in a final account 支出预算 is 支出决算, but not 年初预算."""
        titles = [heading.title for heading in self.heading if heading]
        name, dot, stage = metric.partition("·")
        return _BUDGETED.sub("决算", name) + dot + stage if any("决算" in title for title in titles) else metric

    def _open_total(self, pattern: Pattern, match: re.Match[str]) -> bool:
        if self.breakdown and self.breakdown.endswith("构成"):
            return False
        before, owner = (_OWN.sub("", match[group]) for group in ("before", "owner"))
        adjacent = owner if match.groupdict().get("year") else before + owner
        if adjacent and not OWNER.search(adjacent):
            return False
        inside = match.groupdict().get("owner_inside")
        owners = [name for name in (inside, owner, before) if name and OWNER.search(name)]
        owners.append("合计")
        metric = pattern.metric or _BOTH.sub("收支", match["metric"])
        total = self._open(match, metric, pattern.subject or owners[0])
        self.total = self.total or total
        self.whole, self.listed = total, []
        self.item = self.breakdown = None
        return True

    def _open_item(self, pattern: Pattern, match: re.Match[str]) -> bool:
        groups = match.groupdict()
        named = next((name for name in ("subject", "goods") if groups.get(name)), None)
        subject = self._printed(match, named) if named else self.label
        depth, code = groups.get("depth"), groups.get("code")
        # a path with its 类, 款, 项 marks is a name whatever words it is made of
        phrase = bool(named and groups.get("amount")) and not (depth or code)
        if subject is None or (phrase and NOT_A_NAME.search(match[named or 0])):
            return False
        if not named and (found := _DEPTH.search(subject)):
            depth = found[1]
        metric = self._metric_of_item(pattern, depth, code) or (self._stem() if "stage" in groups else "")
        if depth:
            subject = subject.translate(_QUOTES)
        elif code and self.group:
            subject = f"{self.group}·{subject}"
        elif not code and self.item and self.item.passage is self.passage:
            metric, subject = _within(self.item.metric), f"{self.item.subject}·{subject}"
        if not metric:
            return False
        stage = groups.get("stage")
        if "stage" in groups and named:
            self.label = subject
        statement = self._open(match, f"{metric}·{stage}" if stage else metric, subject)
        self.item = statement if depth or code or pattern.numbered else self.item
        self.listed = [*self.listed, statement] if self.gap == "、" else [statement]
        return True

    def _stem(self) -> str:
        return self.passage.topic.itemised if self.passage.topic else ""

    def _metric_of_item(self, pattern: Pattern, depth: str | None, code: str | None) -> str:
        """Return the metric of an item; where the section has none, that of the total whose part it is."""
        topic = self.passage.topic
        stem = self._stem()
        if stem and depth:
            return f"{stem}（{depth}级）"
        if stem and code:
            kind = _CODE_KINDS.get(code[0])
            metric = "" if kind is None else f"{stem}（{kind}{_CODE_LEVELS[len(code)]}）"
            return _within(metric) if self.group and metric else metric
        if depth or code:
            return ""
        metric = pattern.metric or (topic.metric_of(self.breakdown) if topic else "")
        if metric and pattern.kind == "line" and self.breakdown is None:
            metric = stem
        if metric or self.whole is None:
            return metric
        return self.whole.metric if self.whole.metric.endswith(_PARTS) else self.whole.metric + _PARTS

    def _declare_nil(self, pattern: Pattern, match: re.Match[str]) -> bool:
        if NOT_A_NAME.search(match["subject"]):
            return False
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
        values = read_values(self.passage.text, match)
        if self.open is None and self.label and "prior" in values:
            self.waiting = match  # the year before is printed first; the next statement takes it
            return True
        if self.open is None:
            return False
        target = self._compared() if values.keys() & _COMPARING else self.open
        if target is None:
            self.open = None
            return False
        self.open = target
        if "about" in values and target.is_compared:
            return True
        self._add(target, values, match)
        return True

    def _compared(self) -> Statement | None:
        """Return the statement a comparison speaks of; None where several could be meant.

        Behind a list joined by 、, and as a sentence of its own behind one with several amounts, it is the whole.
        """
        sentence, whole = self.ended
        if len(sentence) > 1:
            return whole
        if self.open in self.listed[1:] and not any(statement.is_compared for statement in self.listed):
            return self.whole
        return self.open

    def _restate(self, _: Pattern, match: re.Match[str]) -> bool:
        amount = read_values(self.passage.text, match)["amount"]
        return self.open is not None and self.open.values.get("amount") == amount

    def _explain(self, _: Pattern, match: re.Match[str]) -> bool:
        name, values = match.groupdict().get("of"), read_values(self.passage.text, match)
        target = self._named(name)
        if target is None:
            target = self._open(match, "变动原因", self._printed(match, "of") if name else None)
        else:
            if values.get("direction") in {target.values.get("rate_direction"), target.values.get("direction")}:
                values.pop("direction", None)  # the word of the reason repeats one printed with a figure
            self._add(target, values, match)
        if "unexplained" in values and match.end() >= len(self.passage.text.form):
            self.announced = target
        return True

    def _explain_below(self, found: list[Statement], understood: list[tuple[int, int]]) -> None:
        """Give a reason announced at the end of a paragraph the next paragraph, if that says nothing of its own."""
        target, self.announced = self.announced, None
        if target is None or target.passage is self.passage:
            self.announced = target
        elif not found and not understood:
            target.values.pop("unexplained", None)
            if self.passage.level is None:
                target.values.setdefault("reason", self.passage.text.printed.strip().rstrip("。"))

    def _recall(self, _: Pattern, match: re.Match[str]) -> bool:
        target = self._named(match["of"])
        if target is not None and (values := read_values(self.passage.text, match)):
            self._add(target, values, match)
        self.open = target or self.open
        return target is not None

    def _look_within(self, _: Pattern, match: re.Match[str]) -> bool:
        target = self._named(match["of"])
        if target is None:
            return False
        self.whole, self.listed = target, []
        return True

    def _add(self, statement: Statement, values: dict[str, Value], match: re.Match[str]) -> None:
        """Add values to a statement; what contradicts it changes nothing and is reported."""
        if any(statement.values.get(name) not in {None, value} for name, value in values.items()):
            self.contradictions.append(match.span())
            if values.keys() & _COMPARING:
                self.open = None  # what follows belongs to something that was not understood
            return
        statement.values.update(values)
        if statement.passage is self.passage:
            statement.end = max(statement.end, match.end())

    def _named(self, name: str | None) -> Statement | None:
        """Return the statement a reason speaks of: by its subject, else its metric, else the open one."""
        if not name:
            return self.open
        key, wide = header_key(_BUDGET.sub("", name)), _wide_key(name)
        for found in reversed(self.statements):
            if header_key(found.subject or "") in {key, header_key(name)}:
                return found
        exact = (found for found in self.statements if key and header_key(_BUDGET.sub("", found.metric)) == key)
        alike = (found for found in self.statements if wide and _wide_key(found.metric) == wide)
        return next(exact, None) or next(alike, None)

    def _printed(self, match: re.Match[str], group: str) -> str:
        return self.passage.text.printed_between(*match.span(group))


def _within(metric: str) -> str:
    """Return the metric of a part of an item: 支出（项级） → 支出（项级·其中）, so that nobody adds it to the items."""
    return f"{metric[:-1]}·其中）" if metric.endswith("）") else f"{metric}·其中"


def _wide_key(name: str) -> str:
    """Return what the name of a total is without the words in which its names differ."""
    return header_key(_STAGE.sub("", _BOTH.sub("收支", name)))
