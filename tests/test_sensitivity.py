"""Errors planted one at a time are found where they were planted; where nothing was planted nothing is raised.

A seeded part of what `benchmarks/sensitivity.py` measures in full and docs/sensitivity.md publishes.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator import in_yuan, random_disclosure, to_markdown
from planting import ALTERATIONS, Judge, Planter, Tally, alarms, amount_cells, due_errors, identities
from yusuan.disclosure import read_disclosure
from yusuan.reading.text import read_text
from yusuan.spec import load_specs

PAGE = Path(__file__).resolve().parents[1] / "docs" / "sensitivity.md"
SPECS = load_specs()
#: How many errors of one kind are planted here into one document.
EACH = 3
#: Documents of the generator that are altered here: one unit with own funds, and a department with several units.
SEEDS = (3, 14)


def of_text(printed):
    return read_text("printed.md", to_markdown(printed).encode(), "printed")


def drawn(errors, seed):
    """Return a few errors of every kind, drawn by a seed."""
    kinds = defaultdict(list)
    for item in errors:
        error = item[0] if isinstance(item, tuple) else item
        kinds[error.kind].append(item)
    rng = random.Random(seed)  # noqa: S311 - a reproducible choice, no secret
    return [item for kind in kinds.values() for item in rng.sample(kind, min(EACH, len(kind)))]


def rows_of_page():
    """Return the rows of the tables of the published page as lists of cells."""
    rows = [line.strip("|").split("|") for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows]


def published():
    """Return by kind the shares that are promised for found and for located, and the measured figures beside them."""
    promises = {}
    for row in rows_of_page():
        shares = [re.fullmatch(r"≥ (\d+)%", cell) for cell in row[-2:]]
        if all(shares):
            promises[row[0]] = (*(Decimal(share[1]) / 100 for share in shares), row[1:-2])
    return promises


# ------------------------------------------------------------------------------------------------ no false alarm


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from([1, 2, 4]), st.booleans())
def test_nothing_is_raised_in_a_document_that_agrees_with_itself(seed, units, yuan):
    printed = random_disclosure(seed, SPECS, units)
    disclosure = read_disclosure(of_text(in_yuan(printed) if yuan else printed), SPECS)
    assert alarms(disclosure) == []
    assert not disclosure.missing


def first_of(condition):
    """Return the first random document that has something, and its number."""
    found = ((seed, of_text(random_disclosure(seed, SPECS))) for seed in range(200))
    return next((seed, read_disclosure(document, SPECS)) for seed, document in found if condition(document))


def printed_in(pattern):
    return lambda document: any(re.search(pattern, block.text) for block in document.paragraphs)


def test_what_is_carried_over_to_the_next_year_is_no_difference():
    """合计 of 表3 holds 结转下年支出, the classes of 表1 and the parts of the narrative do not."""
    _, disclosure = first_of(printed_in("结转下年支出[1-9]"))
    carried = disclosure.tables[2].rows[0].values["结转下年支出"]
    assert carried > 0
    assert alarms(disclosure) == []


def test_an_item_told_in_parts_is_held_against_its_columns():
    """其中：基本支出…，项目支出…: each part is a column of 表5, and no part of the total beside the items."""
    _, disclosure = first_of(printed_in("（项）支出.*其中：基本支出"))
    parts = [fact for fact in disclosure.narrative["narrative_facts"] if "·" in str(fact["对象"])]
    assert {str(fact["对象"]).rpartition("·")[2] for fact in parts} == {"基本支出", "项目支出"}
    (copies,) = [result for result in disclosure.results if result.rule == "N-COPY"]
    assert copies.exact > len(parts)
    assert "·基本支出" not in (copies.missing or "")
    assert alarms(disclosure) == []


# ------------------------------------------------------------------------------------------------ planted errors


@pytest.fixture(scope="module")
def judges(sample):
    documents = [sample.document, *(of_text(random_disclosure(seed, SPECS)) for seed in SEEDS)]
    return [Judge(document, SPECS) for document in documents]


@pytest.fixture(scope="module")
def tallies(judges):
    """Return how a few errors of every kind came out, by kind."""
    kinds = defaultdict(Tally)
    for i, judge in enumerate(judges):
        planter = Planter(judge.document, judge.clean, SPECS)
        for error, due in drawn(due_errors(planter.amounts(), judge), i):
            kinds[error.kind].add(error, judge.judge(error), due=due)
        for error in drawn(planter.others(), i):
            kinds[error.kind].add(error, judge.judge(error))
    return kinds


def test_every_printed_amount_is_part_of_an_identity(judges):
    for judge in judges:
        covered = {cell for identity in identities(judge.clean, SPECS) for cell, _ in identity.parts}
        cells = [cell for table in judge.clean.tables for cell in amount_cells(table, judge.clean, SPECS)]
        assert len(cells) > 100
        assert [cell.key for cell in cells if cell.key not in covered] == []


def test_a_change_that_breaks_an_identity_is_found_and_located(tallies):
    amounts = [tallies[kind] for kind in ALTERATIONS]
    assert sum(tally.due for tally in amounts) > 30
    assert [missed for tally in amounts for missed in tally.missed if tally.due_found < tally.due] == []
    assert [tally.due_located for tally in amounts] == [tally.due for tally in amounts]


def test_the_number_called_probably_wrong_is_the_planted_one(tallies):
    suspects = sum((tallies[kind].suspects for kind in ALTERATIONS), start=type(Tally().suspects)())
    assert suspects["就是它"] >= suspects.total() * Decimal("0.9")
    assert suspects["别处"] == 0


def test_the_published_promises_hold(tallies):
    promises = published()
    assert set(promises) >= set(tallies), "every kind that is planted is published"
    broken = {
        kind: (tally.detected_share, tally.located_share, tally.missed)
        for kind, tally in tallies.items()
        if tally.detected_share < promises[kind][0] or tally.located_share < promises[kind][1]
    }
    assert broken == {}


def test_the_published_figures_reach_what_is_promised():
    for kind, (found, located, (planted, seen, refused, unseen, pointed)) in published().items():
        noticed = int(seen) + int(refused)
        assert noticed + int(unseen) == int(planted) > 0, kind
        assert noticed >= found * int(planted), kind
        assert pointed == "—" or Decimal(pointed.rstrip("%")) >= located * 100, kind
    clean = [row for row in rows_of_page() if re.match("文本|PDF", row[0])]
    assert len(clean) > 2
    assert [row[2:] for row in clean] == [["0", "0", "0", "0.00"]] * len(clean)


def test_planting_changes_one_place_only(judges):
    """The planter itself: whatever it plants differs from the document in one block."""
    judge = judges[0]
    planter = Planter(judge.document, judge.clean, SPECS)
    for error in (*islice(planter.amounts(), 0, 600, 40), *drawn(planter.sentences(), 7)):
        pairs = zip(judge.document.blocks, error.document.blocks, strict=True)
        assert sum(before != after for before, after in pairs) == 1, error.what
