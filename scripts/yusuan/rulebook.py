"""The reconciliation rules: what schemas/rules.yml says, as frozen dataclasses.

Which comparison a rule makes is its kind; how a kind compares is code in `yusuan.checks`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from yusuan.model import Severity
from yusuan.values import header_key

Tolerance = Literal["linear", "copy", "rate", "none"]
#: What a rule says about itself; every other key is a kind of comparison with its parameters.
_ABOUT = frozenset({"id", "group", "title", "formula", "severity", "tolerance", "report", "where"})


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number a document prints: a path in a list, the total row, or the sum of rows chosen by code or name."""

    name: str
    concept: str
    column: str | None = None
    less: str | None = None
    list: str | None = None
    path: tuple[str, ...] = ()
    total: bool = False
    codes: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    leaves: bool = False

    def takes(self, code: str, name: str) -> bool:
        """Say whether a leaf row with this code and name belongs to the sum."""
        if self.named:
            return header_key(name) in map(header_key, self.named)
        if self.leaves:
            return True
        if self.excluded:
            return code not in self.excluded
        return code in self.codes or code.startswith(self.prefixes or ("\0",))


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers by key: the leaf rows of a table or list by class (类) or by organisation and code."""

    name: str
    concept: str
    by: Literal["class", "item"]
    column: str | None = None
    less: str | None = None
    list: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What a sentence of the narrative speaks of: quantities, a list, series by class, or items of a table."""

    metric: str
    subjects: frozenset[str]
    equals: tuple[str, ...] = ()
    sum: tuple[str, ...] = ()
    list: Mapping[str, str] | None = None
    series: tuple[str, ...] = ()
    items: Mapping[str, str] | None = None

    def speaks_of(self, metric: str, subject: str) -> bool:
        """Say whether this is about a fact with that metric and subject."""
        return metric == self.metric and (not self.subjects or header_key(subject) in self.subjects)


@dataclass(frozen=True, slots=True)
class Group:
    """Facts chosen by metric and, where given, by subject; `projects` stands for the table of key projects.

    `needs` is how many there must be: fewer are not all of them.
    """

    metric: str | None
    subjects: frozenset[str]
    apart_from: frozenset[str]
    projects: bool = False
    needs: int = 2

    def takes(self, metric: str, subject: str) -> bool:
        """Say whether a fact belongs to the group."""
        key = header_key(subject)
        return metric == self.metric and (not self.subjects or key in self.subjects) and key not in self.apart_from


@dataclass(frozen=True, slots=True)
class Composition:
    """Statements whose parts add up to a whole; `rest` is a quantity that the whole holds beside them."""

    whole: Group
    parts: Group
    same_as: tuple[str, ...] = ()
    rest: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what must agree, how closely, how much it matters; `kinds` are its comparisons with their parameters.

    `where` is a concept that few places print: without that table there is nothing to compare, and nothing is missing.
    """

    id: str
    group: str
    title: str
    formula: str
    severity: Severity
    tolerance: Tolerance
    report: bool
    kinds: Mapping[str, Any]
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules, and the names they are written in."""

    quantities: Mapping[str, Quantity]
    series: Mapping[str, Series]
    statements: tuple[Statement, ...]
    compositions: tuple[Composition, ...]
    rules: Mapping[str, Rule]
    notices: Mapping[str, Mapping[str, str]]
    wording: Mapping[str, Any]

    def statement(self, metric: str, subject: str) -> Statement | None:
        """Return the first statement that speaks of a fact with that metric and subject."""
        return next((item for item in self.statements if item.speaks_of(metric, subject)), None)


def read_rulebook(data: Mapping[str, Any]) -> Rulebook:
    """Return the rulebook that a checked file describes."""
    return Rulebook(
        {name: _quantity(name, item) for name, item in data["quantities"].items()},
        {name: Series(name=name, **item) for name, item in data["series"].items()},
        tuple(map(_statement, data["statements"])),
        tuple(
            Composition(_group(item["whole"]), _group(item["parts"]), tuple(item.get("same_as", ())), item.get("rest"))
            for item in data["compositions"]
        ),
        {item["id"]: _rule(item) for item in data["rules"]},
        data["notices"],
        data["wording"],
    )


def _quantity(name: str, item: Mapping[str, Any]) -> Quantity:
    texts = {key: tuple(item.get(key, ())) for key in ("path", "codes", "prefixes", "named")}
    return Quantity(
        name,
        item["concept"],
        item.get("column"),
        item.get("less"),
        item.get("list"),
        total="row" in item,
        leaves=bool(item.get("leaves")),
        excluded=tuple(item.get("except", ())),
        **texts,
    )


def _keys(names: Any) -> frozenset[str]:
    return frozenset(map(header_key, names or ()))


def _statement(item: Mapping[str, Any]) -> Statement:
    rest = {key: tuple(item.get(key, ())) for key in ("equals", "sum", "series")}
    return Statement(
        item["metric"], _keys(item.get("subjects")), list=item.get("list"), items=item.get("items"), **rest
    )


def _group(item: Mapping[str, Any]) -> Group:
    return Group(
        item.get("metric"),
        _keys(item.get("subjects")),
        _keys(item.get("apart_from")),
        bool(item.get("projects")),
        item.get("needs", 2),
    )


def _rule(item: Mapping[str, Any]) -> Rule:
    return Rule(
        item["id"],
        item["group"],
        item["title"],
        item["formula"],
        item["severity"],
        item.get("tolerance", "linear"),
        item.get("report", True),
        {key: value for key, value in item.items() if key not in _ABOUT},
        item.get("where"),
    )


def dangling(book: Rulebook, columns: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yield every name in the rulebook that means nothing: who uses it, the name, and the names there are.

    `columns` are the columns of each concept's table.
    """
    concepts = frozenset(columns)
    numbers: list[Quantity | Series] = [*book.quantities.values(), *book.series.values()]
    for item in numbers:
        known = columns.get(item.concept)
        if known is None:
            yield item.name, item.concept, concepts
        else:
            names = filter(None, (item.column, item.less))
            yield from ((item.name, column, known) for column in names if column not in known)
    quantities, series = frozenset(book.quantities), frozenset(book.series)
    for statement in book.statements:
        yield from (
            (statement.metric, n, quantities) for n in (*statement.equals, *statement.sum) if n not in quantities
        )
        yield from ((statement.metric, name, series) for name in statement.series if name not in series)
    rests = [composition.rest for composition in book.compositions if composition.rest]
    yield from (("compositions", name, quantities) for name in rests if name not in quantities)
    for rule in book.rules.values():
        for user, name in _named(rule):
            known = {"quantity": quantities, "series": series, "concept": concepts}[user]
            if name not in known:
                yield rule.id, name, known


def _named(rule: Rule) -> Iterator[tuple[str, str]]:
    """Yield the quantities, series and concepts a rule names, with what each should be."""
    yield from [("concept", rule.where)] if rule.where else []
    for kind, parameters in rule.kinds.items():
        for item in parameters if isinstance(parameters, list) else [parameters]:
            if not isinstance(item, Mapping):
                continue
            role = "series" if kind == "series" else "quantity"
            for side in ("left", "right"):
                names = item.get(side, ())
                for name in [names] if isinstance(names, str) else names:
                    yield role, name.removeprefix("-")
            yield from (("quantity", name) for name in item.get("equal_where", ()))
            yield from (("concept", name) for name in item.get("concepts", ()))
            yield from (("concept", item[key]) for key in ("concept", "within") if isinstance(item.get(key), str))
