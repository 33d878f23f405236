"""Where a hit of the search leads a reader, which document it is of, and which hits say the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from datasette.database import Database

from yusuan.site.addresses import Addresses
from yusuan.site.catalogue import Catalogue
from yusuan.site.evidence import CELLS, is_passage
from yusuan.site.places import Place

_UNREAD_TABLES, _INDICATORS = "document_tables", "performance_indicator"
_CODES = {"functional_codes", "economic_codes"}
_WHOLE = re.compile(r"\d{4,}(\.\d+)?")
_PARTED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")

Hit = dict[str, Any]


def spellings(word: str) -> tuple[str, ...]:
    """Return how a word may be printed: a number with the thousands separated, or not."""
    if _PARTED.fullmatch(word):
        return word, word.replace(",", "")
    if _WHOLE.fullmatch(word):
        whole, point, decimals = word.partition(".")
        return word, f"{int(whole):,}{point}{decimals}" if not whole.startswith("0") else word
    return (word,)


def every_spelling(words: Iterable[str]) -> list[str]:
    """Return all the ways in which words may be printed, to mark them in a text."""
    return [spelling for word in words for spelling in spellings(word)]


def document_of(hit: Hit) -> str:
    """Return the document of a cell of a table that was not read: nothing else says whose it is."""
    return str(hit["keys"][0]).rsplit(".", 3)[0] if hit["表"] == CELLS else ""


def folded(hits: Sequence[Hit], most: int) -> list[Hit]:
    """Return the first hits that differ, each with how many more say the same in other documents."""
    found: dict[tuple[str, str], Hit] = {}
    for hit in hits:
        said = hit["标题"], hit["正文"]
        if said in found and hit["年度"] is not None:
            found[said]["others"] += 1
        else:
            key = said if hit["年度"] is not None else (str(hit["序"]), "")
            found[key] = hit | {"others": 0}
    return list(found.values())[:most]


async def completed(database: Database, hits: list[Hit]) -> None:
    """Give hits of tables that were not read the organisation of their document, and indicators their project."""
    documents = {document_of(hit) for hit in hits} - {""}
    names = await _named(
        database, "select 文件, 单位, 单位名称 from documents join units using (单位) where 文件 in ({})", documents
    )
    indicators = {hit["keys"][0] for hit in hits if hit["表"] == _INDICATORS}
    projects = await _named(database, "select 键, 项目 from performance_indicator where 键 in ({})", indicators)
    published = await _named(
        database, "select 单位 from units where 单位 in ({})", {h["keys"][0] for h in hits if h["表"] == "departments"}
    )
    for hit in hits:
        if (name := names.get(document_of(hit))) is not None:
            hit["单位"], hit["单位名称"] = name[1], name[2]
        hit["项目"] = projects[hit["keys"][0]][1] if hit["keys"][0] in projects else ""
        hit["published"] = hit["keys"][0] in published


async def _named(database: Database, sql: str, keys: set[str]) -> dict[str, tuple[Any, ...]]:
    if not keys:
        return {}
    asked = sorted(keys)
    rows = (await database.execute(sql.format(", ".join("?" for _ in asked)), asked)).rows
    return {str(row[0]): tuple(row) for row in rows}


def page_of(hit: Hit, at: Addresses, catalogue: Catalogue) -> str:
    """Return the page made for readers that shows a hit; nothing where its row in the database is all there is."""
    table, keys = hit["表"], tuple(map(str, hit["keys"]))
    own: dict[str, Callable[[str], str]] = {"units": at.unit, "documents": at.document, "project": at.project}
    own |= dict.fromkeys(_CODES, at.code)
    if hit["published"]:
        own["departments"] = at.unit
    if table in own:
        return own[table](keys[0])
    if table == CELLS:
        return at.cell(keys[0], catalogue)
    if table == _UNREAD_TABLES:
        return at.document(*keys)
    if hit["项目"]:
        return at.project(hit["项目"])
    return at.place(Place(table, keys), catalogue) if is_passage(catalogue.tables[table]) else ""
