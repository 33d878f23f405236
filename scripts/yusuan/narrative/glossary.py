"""名词解释: terms and their definitions."""

from __future__ import annotations

from collections.abc import Iterable

from yusuan.model import Value
from yusuan.narrative.inventory import TERM
from yusuan.narrative.outline import Passage, Role
from yusuan.values import split_ordinal


def read_glossary(passages: Iterable[Passage]) -> list[dict[str, Value]]:
    """Return the terms in reading order; a paragraph that opens none continues the definition before it."""
    chosen = [passage for passage in passages if passage.role is Role.GLOSSARY]
    top = min((passage.level for passage in chosen if passage.level is not None), default=None)
    records: list[dict[str, Value]] = []
    for passage in chosen:
        record = _term(passage) if passage.level == top else None
        if record:
            records.append(record)
        elif records:
            records[-1]["定义"] = f"{records[-1]['定义']}{passage.text.printed}"
    return records


def _term(passage: Passage) -> dict[str, Value] | None:
    form = passage.text.form
    ordinal = split_ordinal(form)
    match = TERM.fullmatch(form, len(form) - len(ordinal.rest) if ordinal else 0)
    if match is None:
        return None
    term, definition = (passage.text.printed_between(*match.span(name)) for name in ("term", "definition"))
    return {"术语": term, "定义": definition, "首行": passage.first, "页": passage.page}
