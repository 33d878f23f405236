"""Answers that took long are kept: the same question is not asked twice, different ones never share an answer."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace

import pytest

from yusuan.site import remembered
from yusuan.site.metadata import DATABASE
from yusuan.site.remembered import Remembered, key_of
from yusuan.site.server import make_site


def _answer(*rows):
    return SimpleNamespace(rows=list(rows))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a", None, {}), ("b", None, {})),
        (("a", [1], {}), ("a", [2], {})),
        (("a", {"x": 1}, {}), ("a", {"x": 2}, {})),
        (("a", {"x": 1}, {}), ("a", {"y": 1}, {})),
        (("a", None, {"truncate": True}), ("a", None, {})),
        (("a", None, {"page_size": 1}), ("a", None, {"page_size": 2})),
    ],
)
def test_different_questions_have_different_keys(one, other):
    assert key_of(*one) != key_of(*other)
    assert key_of(*one) == key_of(*one) is not None


def test_what_cannot_be_compared_is_not_kept():
    assert key_of("a", [[]], {}) is None
    kept = Remembered()
    kept.keep(None, _answer((1,)), 9)
    assert kept.get(None) is None


def test_only_slow_and_small_answers_are_kept(monkeypatch):
    kept = Remembered()
    kept.keep("quick", _answer((1,)), remembered.SLOW / 2)
    kept.keep("large", _answer(("x" * remembered.SMALL, "y")), 9)
    kept.keep("slow", answer := _answer((1,)), 9)
    assert (kept.get("quick"), kept.get("large"), kept.get("slow")) == (None, None, answer)
    monkeypatch.setattr(remembered, "MOST", 2)
    kept.keep("b", _answer(), 9)
    kept.get("slow")
    kept.keep("c", _answer(), 9)
    assert kept.get("b") is None
    assert kept.get("slow") is answer


def test_the_site_asks_the_database_once(site_database, specs, monkeypatch):
    site = make_site(site_database, specs)
    database = site.get_database(DATABASE)
    seen = []

    async def ask(_database, sql, params=None, **_):
        seen.append((sql, params))
        await asyncio.sleep(0)
        time.sleep(remembered.SLOW * 1.5)  # noqa: ASYNC251 - a slow database
        return _answer((sql,))

    monkeypatch.setattr("datasette.database.Database.execute", ask)
    first = asyncio.run(database.execute("select 1", [1]))
    assert asyncio.run(database.execute("select 1", [1])) is first
    assert asyncio.run(database.execute("select 1", [2])) is not first
    assert len(seen) == 2
