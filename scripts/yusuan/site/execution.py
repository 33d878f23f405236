"""Budget against final account: what one unit budgeted and spent in one year, from printed figures alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from yusuan.site.queries import Account, Books, Row

_BUDGET, _FINAL = "预算", "决算"
#: The pairs that a final account prints side by side: name, column of the outturn (of the budget: the same, prefixed).
_PAIRS = ("三公经费合计", "因公出国境费", "公务用车购置费", "公务用车运行维护费", "公务接待费")


@dataclass(frozen=True, slots=True)
class Executed:
    """A figure of the budget and the same of the final account, in fen; both are printed."""

    name: str
    budget: int
    final: int
    code: str = ""

    @property
    def difference(self) -> int:
        """Return by how much more was spent than budgeted."""
        return self.final - self.budget

    @property
    def rate(self) -> float | None:
        """Return the final account in percent of the budget, none of a budget of zero."""
        return self.final * 100 / self.budget if self.budget else None


@dataclass(frozen=True, slots=True)
class Execution:
    """What can be compared: measures and functional items of two documents, pairs that the final account prints."""

    budget: Account | None
    final: Account | None
    measures: tuple[Executed, ...] = ()
    codes: tuple[Executed, ...] = ()
    pairs: tuple[Executed, ...] = ()


async def execution(books: Books, account: Account, accounts: Sequence[Account]) -> Execution | None:
    """Return how the budget of an account's year was executed; None where no two figures can be compared."""
    alike = [a for a in accounts if (a.year, a.kind[:2], a.own) == (account.year, account.kind[:2], account.own)]
    budget, final = (next((a for a in alike if a.phase == phase), None) for phase in (_BUDGET, _FINAL))
    measures: tuple[Executed, ...] = ()
    codes: tuple[Executed, ...] = ()
    if budget and final:
        measures, codes = await _measures(books, budget, final), await _codes(books, budget, final)
    pairs = tuple(_pairs(await books.rows("three_public", final, "键"))) if final else ()
    found = Execution(budget, final, measures, codes, pairs)
    return found if measures or codes or pairs else None


async def _measures(books: Books, budget: Account, final: Account) -> tuple[Executed, ...]:
    planned, spent = await books.values(budget), await books.values(final)
    titles = {key: measure.title for key, measure in books.catalogue.measures.items()}
    both = ((title, planned[key].fen, spent[key].fen) for key, title in titles.items())
    return tuple(
        Executed(title, before, after) for title, before, after in both if before is not None and after is not None
    )


async def _codes(books: Books, budget: Account, final: Account) -> tuple[Executed, ...]:
    spent = {row["科目编码"]: row["分"] for row in await books.functions(final) if row["分"] is not None}
    return tuple(
        Executed(row["科目名称"] or row["科目编码"], row["分"], spent[row["科目编码"]], row["科目编码"])
        for row in await books.functions(budget)
        if row["分"] is not None and row["科目编码"] in spent
    )


def _pairs(rows: Sequence[Row]) -> Iterable[Executed]:
    for name in _PAIRS:
        both = [(row[f"预算数_{name}"], row[name]) for row in rows]
        printed = [(before, after) for before, after in both if before is not None and after is not None]
        if printed:
            yield Executed(
                name, *(sum(round(amount * 1_000_000) for amount in side) for side in zip(*printed, strict=True))
            )
