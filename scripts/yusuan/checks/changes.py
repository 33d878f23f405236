"""What the narrative says about the year before: change, rate, direction, share, reason. All within the text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from yusuan.checks.arithmetic import ZERO, Figure, Verdict, equal, percentage, printed, total
from yusuan.checks.evaluation import Evaluation, agrees, compared, not_applicable, number, violated
from yusuan.checks.evidence import Row
from yusuan.checks.quantities import Quantities
from yusuan.checks.restated import check_restated
from yusuan.checks.stated import PART, at_fact, fact_figure, place, quote
from yusuan.rulebook import Composition, Rule
from yusuan.values import header_key

Parameters = Mapping[str, Any]

_HUNDRED = Figure(Decimal(100), label="100%")
_SIGNS = {"增加": 1, "减少": -1, "持平": 0}


def signed_change(fact: Row) -> Figure | None:
    """Return the change with its sign; nothing for a fact that says neither how much nor that it stayed the same."""
    sign = _SIGNS.get(str(fact.get("变动方向")))
    value = fact.get("变动额")
    if sign is None:
        return None
    if not sign:
        return Figure(ZERO)
    if not isinstance(value, Decimal):
        return None
    figure = printed(value, label=f"{quote(fact)}的变动额")
    return figure if sign > 0 else -figure


def prior(fact: Row) -> Figure | None:
    """Return the year before: as printed, else the amount less its change."""
    value = fact.get("上年数")
    if isinstance(value, Decimal) and fact.get("上年数来源") == "原文":
        return printed(value, label="上年数")
    amount, change = fact_figure(fact), signed_change(fact)
    return total([amount, -change], "上年数（推算）") if amount and change else None


def check_changes(rule: Rule, aspect: str, known: Quantities) -> Iterator[Evaluation]:
    """One aspect of what each fact says about its change."""
    check = {
        "rate": _check_rate,
        "direction": _check_direction,
        "prior": _check_prior,
        "zero": _check_zero_base,
        "reason": _check_reason,
    }[aspect]
    for fact in known.evidence.facts:
        if (evaluation := check(rule, fact, known)) is not None:
            yield evaluation
    if aspect == "rate":
        yield from check_restated(rule, known.evidence.unread)


def _check_rate(rule: Rule, fact: Row, _known: Quantities) -> Evaluation | None:
    rate, amount, before = fact.get("变动率"), fact_figure(fact), prior(fact)
    if not isinstance(rate, Decimal) or amount is None or before is None or not before.value:
        return None
    change = signed_change(fact)
    if change is None or not change.value:
        change = total([amount, -before])
    change = change if change.value >= 0 else -change
    verdict = percentage(rate, change, before)
    return None if verdict is None else at_fact(_percentage(rule, verdict, rate, fact, "变动额÷上年数"), fact)


def _percentage(rule: Rule, verdict: Verdict, stated: Decimal, fact: Row, what: str) -> Evaluation:
    if verdict.grade == "exact":
        return agrees(rule.id)
    expected = stated - verdict.difference
    text = f"{quote(fact)}：印作 {stated}%，{what}为 {expected:.2f}%，相差 {verdict.difference:.2f} 个百分点（舍入最多 {verdict.bound:.2f}）"
    return Evaluation(
        rule.id,
        verdict.grade,
        text,
        printed=f"{stated}%",
        expected=f"{expected:.2f}%",
        difference=round(verdict.difference, 4),
        tolerance=round(verdict.bound, 4),
    )


def _check_direction(rule: Rule, fact: Row, _known: Quantities) -> Evaluation | None:
    direction = fact.get("变动方向") or fact.get("变动率方向")
    rate = fact.get("变动率方向") or direction
    amount, before = fact_figure(fact), fact.get("上年数")
    told = fact.get("上年数来源") == "原文" and isinstance(before, Decimal)
    if not isinstance(fact.get("变动率"), Decimal) or not (told or isinstance(fact.get("变动额"), Decimal)):
        return None
    if direction != rate:
        text = f"{quote(fact)}：金额说{direction}，百分比说{rate}"
        return violated(rule.id, text, printed=str(rate), expected=str(direction), **place(fact))
    if told and isinstance(before, Decimal) and amount:
        really = "增加" if amount.value > before else "减少" if amount.value < before else "持平"
        if really not in {direction, "持平"}:
            text = f"{quote(fact)}：说{direction}，上年数 {number(before)} 到本年数 {number(amount.value)} 是{really}"
            return violated(rule.id, text, printed=str(direction), expected=really, **place(fact))
    return agrees(rule.id)


def _check_prior(rule: Rule, fact: Row, _known: Quantities) -> Evaluation | None:
    amount, change = fact_figure(fact), signed_change(fact)
    if fact.get("上年数来源") != "原文" or amount is None or change is None:
        return None
    before = prior(fact)
    if before is None:
        return None
    derived = total([amount, -change], "本年数减去变动额")
    left = before.called(f"{quote(fact)}的上年数")
    return at_fact(compared(rule.id, equal(left, derived, rule.tolerance), left, derived), fact)


def _check_zero_base(rule: Rule, fact: Row, _known: Quantities) -> Evaluation | None:
    before, rate = prior(fact), fact.get("变动率")
    if before is None or before.value or not isinstance(rate, Decimal) or not rate or not fact.get("金额"):
        return None
    return violated(rule.id, f"{quote(fact)}：上年数为零，增长 {rate}% 没有意义", printed=f"{rate}%", **place(fact))


def _check_reason(rule: Rule, fact: Row, known: Quantities) -> Evaluation | None:
    """A change is explained in its own sentence, for its section as a whole, or where the same change stands again."""
    if fact.get("变动方向") not in {"增加", "减少"} or not isinstance(fact.get("变动额"), Decimal):
        return None
    facts = known.evidence.facts
    same = [f for f in facts if all(f.get(key) == fact.get(key) for key in ("金额", "变动方向", "变动额"))]
    whole = [f for f in facts if f.get("节") == fact.get("节") and f["指标"] == "变动原因"]
    if any(f.get("原因") for f in (*same, *whole)):
        return agrees(rule.id)
    announced = "（写了“原因是”，后面没有内容）" if fact.get("原因未说明") else ""
    text = f"{quote(fact)}没有说明{fact['变动方向']}的原因{announced}"
    return violated(rule.id, text, **place(fact))


# ------------------------------------------------------------------------------------------- wholes and their parts


def check_sums(rule: Rule, aspect: str, known: Quantities) -> Iterator[Evaluation]:
    """One aspect of every whole is the sum of that aspect of its parts; what is said twice is checked once."""
    done: set[tuple[object, ...]] = set()
    for composition in known.book.compositions:
        for whole in known.evidence.facts:
            if not composition.whole.takes(str(whole["指标"]), str(whole.get("对象") or "")):
                continue
            if composition.parts.projects:
                yield from _check_projects(rule, aspect, whole, known)
                continue
            parts = _parts(whole, composition, known.evidence.facts)
            key = (whole["指标"], whole.get("节"), *sorted(str(fact.get("金额")) for fact in parts))
            if len(parts) < composition.parts.needs or key in done:
                continue
            done.add(key)
            says = [whole, *_same(whole, composition.same_as, known.evidence.facts)]
            rest = _rest(composition, known)
            if rest is not None and aspect != "amount":
                continue  # how much of the rest there was a year before is nowhere said
            evaluation = _SUMS[aspect](rule, says, parts, rest)
            if evaluation is not None:
                yield at_fact(evaluation, whole)


def _rest(composition: Composition, known: Quantities) -> Figure | None:
    """Return what the whole holds beside the parts that are stated, None where that is nothing."""
    figure = known.figure(composition.rest) if composition.rest else None
    return figure if isinstance(figure, Figure) and figure.value else None


def _parts(whole: Row, composition: Composition, facts: Sequence[Row]) -> list[Row]:
    """Return the parts of a whole in its section, each once; none where one is stated with two amounts."""
    parts: dict[str, Row] = {}
    for fact in facts:
        subject = header_key(str(fact.get("对象") or ""))
        near = fact is not whole and all(fact.get(key) == whole.get(key) for key in ("节", "节标题"))
        if not near or PART in str(fact.get("对象") or "") or not composition.parts.takes(str(fact["指标"]), subject):
            continue
        if parts.setdefault(subject, fact).get("金额") != fact.get("金额"):
            return []
    return list(parts.values())


def _same(whole: Row, metrics: Sequence[str], facts: Sequence[Row]) -> list[Row]:
    """Return the facts of other metrics that state the same amount and may say more about it."""
    return [fact for fact in facts if fact["指标"] in metrics and fact.get("金额") == whole.get("金额")]


def _sum_of_amounts(
    rule: Rule, says: Sequence[Row], parts: Sequence[Row], rest: Figure | None = None
) -> Evaluation | None:
    left = fact_figure(says[0])
    figures = [fact_figure(fact) for fact in parts]
    if left is None or None in figures:
        return None
    label = f"各构成（{_names(parts)}）之和" + (f" + {rest.label}" if rest else "")
    right = total([figure for figure in (*figures, rest) if figure], label)
    return compared(rule.id, equal(left, right, rule.tolerance), left, right)


def _sum_of_changes(
    rule: Rule, says: Sequence[Row], parts: Sequence[Row], _rest: Figure | None = None
) -> Evaluation | None:
    return _sum(rule, says, parts, "变动额", signed_change)


def _sum_of_priors(
    rule: Rule, says: Sequence[Row], parts: Sequence[Row], _rest: Figure | None = None
) -> Evaluation | None:
    return _sum(rule, says, parts, "上年数", prior)


def _sum(rule: Rule, says: Sequence[Row], parts: Sequence[Row], what: str, get: Any) -> Evaluation | None:
    left = next((figure for fact in says if (figure := get(fact)) is not None), None)
    figures = [get(fact) for fact in parts]
    changes = [signed_change(fact) for fact in parts]
    if left is None or None in figures or not any(change and change.value for change in changes):
        return None
    left = left.called(f"{quote(says[0])}的{what}")
    right = total(figures, f"各构成（{_names(parts)}）的{what}之和")
    return compared(rule.id, equal(left, right, rule.tolerance), left, right)


def _sum_of_shares(
    rule: Rule, _says: Sequence[Row], parts: Sequence[Row], _rest: Figure | None = None
) -> Evaluation | None:
    shares = [fact.get("占比") for fact in parts]
    if not all(isinstance(share, Decimal) for share in shares) or not any(shares):
        return None
    left = total((printed(share) for share in shares if isinstance(share, Decimal)), f"占比（{_names(parts)}）之和")
    return compared(rule.id, equal(left, _HUNDRED, rule.tolerance), left, _HUNDRED)


_SUMS: Mapping[str, Callable[[Rule, Sequence[Row], Sequence[Row], Figure | None], Evaluation | None]] = {
    "amount": _sum_of_amounts,
    "change": _sum_of_changes,
    "prior": _sum_of_priors,
    "share": _sum_of_shares,
}


def _names(parts: Sequence[Row]) -> str:
    return "、".join(str(fact.get("对象") or fact.get("指标")) for fact in parts)


def _check_projects(rule: Rule, aspect: str, whole: Row, known: Quantities) -> Iterator[Evaluation]:
    """Key projects add up to the whole where all projects are listed, else to no more than it."""
    projects = known.evidence.narrative.get("key_projects", ())
    stated, count = fact_figure(whole), whole.get("数量")
    amounts = [row.get("预算数") for row in projects]
    if aspect != "amount" or stated is None or not amounts or not all(isinstance(a, Decimal) for a in amounts):
        return
    right = total((printed(a) for a in amounts if isinstance(a, Decimal)), "重点项目预算数之和")
    verdict = equal(stated, right, rule.tolerance)
    if verdict.grade == "violated" and verdict.difference > 0 and isinstance(count, int) and len(projects) < count:
        yield not_applicable(rule.id, f"{count} 个项目中只列出了 {len(projects)} 个")
    else:
        yield at_fact(compared(rule.id, verdict, stated, right), whole)


# ----------------------------------------------------------------------------------------------------------- shares


def check_shares(rule: Rule, _entry: Parameters, known: Quantities) -> Iterator[Evaluation]:
    """A share is the amount divided by the whole that it is a share of."""
    for fact in known.evidence.facts:
        share, amount = fact.get("占比"), fact_figure(fact)
        if not isinstance(share, Decimal) or amount is None:
            continue
        whole = _whole_of(fact, known.evidence.facts)
        if whole is None:
            yield not_applicable(rule.id, f"不知道占比是占什么：{fact.get('占比对象') or ''}")
            continue
        verdict = percentage(share, amount, whole)
        if verdict is not None:
            yield at_fact(_percentage(rule, verdict, share, fact, f"占{fact.get('占比对象') or '总额'}"), fact)


def _whole_of(fact: Row, facts: Sequence[Row]) -> Figure | None:
    """Return the total a share refers to: by its name, in the same section first."""
    name = str(fact.get("占比对象") or "")
    found = [
        other
        for other in facts
        if other is not fact and name and str(other["指标"]) == name and other.get("占比") is None and other.get("金额")
    ]
    near = [other for other in found if other.get("节") == fact.get("节")] or found
    amounts = {other["金额"] for other in near}
    return replace(figure, label=name) if len(amounts) == 1 and (figure := fact_figure(near[0])) else None
