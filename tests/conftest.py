"""What the tests share: the specs, the sample document, and short ways from text or rows to typed tables."""

from __future__ import annotations

import asyncio
import csv
import gc
import hashlib
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest

from generator.neighbours import write_neighbours
from yusuan import workflow
from yusuan.checks import check_evidence, summarise
from yusuan.checks.evidence import evidence_of
from yusuan.checks.quantities import Quantities
from yusuan.disclosure import read_disclosure
from yusuan.errors import DocumentError
from yusuan.model import Cell, Column, Document, Identity, Place, Sheet
from yusuan.reading import read
from yusuan.reading.text import read_text
from yusuan.spec import load_specs
from yusuan.tables.shapes import shape_table
from yusuan.tables.typed import Context
from yusuan.values import header_key
from yusuan.workflow import build

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "datapackage" / "sources" / "405003-2026-budget.md"
GOLDEN = ROOT / "tests" / "golden" / "405003-2026"


class GoldenTable(NamedTuple):
    """One table of the sample as a person copied it: header paths and printed cells."""

    header: list[str]
    rows: list[list[str]]


@pytest.fixture(scope="session")
def specs():
    return load_specs()


@pytest.fixture(scope="session")
def layout(specs):
    return specs.layouts["guangxi-2026"]


@pytest.fixture(scope="session")
def sample_path():
    return SAMPLE


@pytest.fixture(scope="session")
def sample_text():
    return SAMPLE.read_text("utf-8")


@pytest.fixture(scope="session")
def sample(specs):
    """Return everything the sample document yields."""
    return read_disclosure(read(SAMPLE), specs)


@pytest.fixture(scope="session")
def sample_tables(sample):
    """Return the sample's tables by number, 1 to 12."""
    return {int(table.name[1:3]): table for table in sample.tables}


@pytest.fixture(scope="session")
def golden():
    """Return the twelve tables of the sample as copied by hand, by number."""
    tables = {}
    for number in range(1, 13):
        with (GOLDEN / f"table{number:02}.csv").open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        tables[number] = GoldenTable(header, rows)
    return tables


@pytest.fixture
def disclose(tmp_path, specs):
    """Return a function that writes a text to a file and reads it the way `yusuan convert` does."""

    def disclose_text(text, options=None, encoding="utf-8"):
        path = tmp_path / "document.md"
        path.write_bytes(text.encode(encoding))
        return read_disclosure(read(path), specs, options)

    return disclose_text


@pytest.fixture
def refused(disclose):
    """Return a function that reads a text and gives the problems it is refused for."""

    def problems(text, options=None):
        with pytest.raises(DocumentError) as caught:
            disclose(text, options)
        return list(caught.value.problems)

    return problems


@pytest.fixture(scope="session")
def parse():
    """Return a function from text to `Document` that touches no disk, for property-based tests."""

    def parse_text(text) -> Document:
        data = text.encode()
        return read_text("document.md", data, hashlib.sha256(data).hexdigest())

    return parse_text


@pytest.fixture(scope="session")
def shape(specs, layout):
    """Return a function from a table's name and printed rows to (table, problems), past all recognition."""

    def shape_rows(name, rows, *, money_unit="万元", note=None):
        spec = specs.tables[name]
        columns = tuple(
            Column(i, spellings[0], field)
            for i, (field, spellings) in enumerate(layout.tables[name].columns.items(), 1)
        )
        body = tuple(tuple(Cell(text, Place(line=100 + i)) for text in row) for i, row in enumerate(rows, 1))
        sheet = Sheet(
            table=name,
            title=spec.title,
            number=None,
            money_unit=money_unit,
            organisation=None,
            note=note,
            columns=columns,
            body=body,
            evidence=(),
            first=Place(line=100),
            last=Place(line=100 + len(rows)),
        )
        return shape_table(sheet, spec, context(specs, layout))

    return shape_rows


def context(specs, layout):
    """Return the context in which the sample's tables are shaped."""
    functional = specs.codes["functional"].values()
    classes = {
        header_key(name): code.code for code in functional if len(code.code) == 3 for name in (code.name, *code.aliases)
    }
    return Context("document.md", "450200", "450200-405003", layout.department_digits, classes)


@pytest.fixture(scope="session")
def shape_context(specs, layout):
    return context(specs, layout)


@pytest.fixture(scope="session")
def table_blocks(sample_text):
    """Return the text of each disclosure table of the sample by number, from its title (or number) to its notes.

    Joined with what stands before 表1 (key 0) they are the whole document again.
    """
    lines = sample_text.splitlines(keepends=True)
    titles = re.compile(
        r"(?:#+ )?(?:预算公开01表|.{4,20}情况表|政府采购预算表|政府购买服务预算表|项目绩效目标公开表)\n"
    )
    annex = next(i for i, line in enumerate(lines) if line.startswith("# 第五部分"))
    starts = [i for i in range(annex, len(lines)) if titles.fullmatch(lines[i])]
    starts.pop(1)  # 表1 prints its number above its title
    assert len(starts) == 12
    stops = [*starts[1:], len(lines)]
    blocks = {n: "".join(lines[i:j]) for n, (i, j) in enumerate(zip(starts, stops, strict=True), 1)}
    blocks[0] = "".join(lines[: starts[0]])
    assert "".join(blocks[n] for n in range(13)) == sample_text
    return blocks


@pytest.fixture(scope="session")
def check(specs):
    """Return a function from typed tables and narrative records to what does not agree (violations only)."""

    def check_tables(*tables, **narrative):
        identity = Identity(
            "450200-405001-2026-budget", "450200", "柳州市", "405001", "某局", 2026, "单位预算", "某局预算"
        )
        known = Quantities(evidence_of(identity, tables, narrative, specs), specs.rules)
        told, _ = summarise(check_evidence(known), known)
        return [finding for finding in told if finding.grade == "violated"]

    return check_tables


@pytest.fixture(scope="session")
def neighbours(tmp_path_factory, specs):
    """Return a database with the sample and budgets of invented units: several units, two years, a department."""
    folder = tmp_path_factory.mktemp("neighbours")
    result = workflow.build([SAMPLE, *write_neighbours(folder, specs)], folder / "out", folder / "budget.db", specs)
    assert not result.problems
    return folder / "budget.db"


@pytest.fixture(scope="session")
def site_database(tmp_path_factory, specs):
    """Return a database of the sample, of its next year and of a neighbour."""
    folder = tmp_path_factory.mktemp("site_database")
    text = SAMPLE.read_text("utf-8")
    (folder / "a.md").write_text(text, "utf-8")
    (folder / "b.md").write_text(text.replace("2026", "2027"), "utf-8")
    (folder / "c.md").write_text(text.replace("405003", "405004").replace("智能制造", "智能装备"), "utf-8")
    build(sorted(folder.glob("*.md")), folder / "out", folder / "budget.db", specs)
    return folder / "budget.db"


@pytest.fixture(scope="session")
def fetch():
    """Return a function that asks a site for an address and gives the answer."""

    def get(site, address, status=200, **options):
        response = asyncio.run(site.client.get(quote(address, safe="/?&=:,*+_.~-%"), **options))
        assert response.status_code == status, (address, response.status_code, response.text[:500])
        return response

    return get


@pytest.fixture(autouse=True, scope="module")
def _nothing_left_open():
    """A file that a test leaves open is a warning when it is collected, and an error: here, not in somebody else's test."""
    yield
    gc.collect()
