"""Counting the categories of whole large tables once when the site starts, so that the first reader need not wait for it.

The pages are asked for as a reader would, one after the other; what takes long is remembered as always. Nothing waits
for this, and it ends with the site or after a while.
"""

from __future__ import annotations

import asyncio
import contextlib

from datasette.app import Datasette
from datasette.utils import tilde_encode

from yusuan.site import patience
from yusuan.site.metadata import DATABASE
from yusuan.site.setup import KNOWN

#: A table of so many rows is counted in advance; for so many seconds in all.
LARGE, LONGEST = 20_000, 60
#: The first reader comes first: so long, in seconds, before the first table and between two.
_PAUSE = 0.5


def large_tables(site: Datasette) -> list[str]:
    """Return the tables that are worth it, in the order of the site."""
    counts = site.inspect_data[DATABASE]["tables"]
    tables = KNOWN[site].catalogue.tables.values()
    return [
        spec.name
        for spec in tables
        if counts.get(spec.name, {}).get("count", 0) >= LARGE and any(field.facet for field in spec.fields)
    ]


async def warm(site: Datasette) -> None:
    """Ask for the categories of every large table."""
    patience.nobody_waits()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LONGEST):
            for table in large_tables(site):
                await asyncio.sleep(_PAUSE)
                await site.client.get(f"/{DATABASE}/{tilde_encode(table)}.json?_size=1")
