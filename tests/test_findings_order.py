"""The table of findings begins with what matters most, whatever the words for it are."""

from __future__ import annotations

from yusuan.site.server import make_site


def test_findings_come_in_the_order_of_their_weight(neighbours, specs, fetch):
    rows = fetch(make_site(neighbours, specs), "/budget/findings.json?_shape=array&_size=max").json()
    order = [specs.records["findings"].field("严重程度").enum.index(row["严重程度"]) for row in rows]
    assert len(set(order)) > 1
    assert order == sorted(order)
    assert [row["轻重"] for row in rows] == [place + 1 for place in order]
