"""What the home page and the database page list: figures, documents, tables, questions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from datasette.app import Datasette

from yusuan.site.catalogue import Catalogue
from yusuan.site.metadata import DATABASE

_SHOWN_DOCUMENTS = 12
_COUNT_LIMIT_MS = 1000
_RELEASE = re.compile(r"([0-9]{4})\.([0-9]+)")
_DOCUMENTS = """
select documents.文件, documents.年度, 类型, documents.单位, units.单位名称, 标题, 公开表数, 缺表,
  (select count(*) from findings where findings.文件 = documents.文件 and 严重程度 = 'error') as 错误数,
  (select count(*) from findings where findings.文件 = documents.文件 and 严重程度 = 'warning') as 警告数
from documents join units using (单位) order by documents.年度 desc, 单位 limit :limit
"""
#: Places with documents, and how much there is of each.
_PLACES = """
select 区划, 区划名称, (select count(*) from units where units.区划 = regions.区划) as 单位数,
  (select count(*) from documents where documents.区划 = regions.区划) as 文档数
from regions where 文档数 > 0 order by 区划
"""


async def listing(datasette: Datasette, catalogue: Catalogue) -> dict[str, Any]:
    """Return the tables in the order of the site, in three groups, and the stored questions."""
    counts = await datasette.get_database(DATABASE).table_counts(_COUNT_LIMIT_MS)
    specs, url = catalogue.specs, datasette.urls
    tables = {
        name: {
            "title": spec.label,
            "description": spec.description,
            "count": counts.get(name),
            "url": url.table(DATABASE, name),
        }
        for name, spec in catalogue.tables.items()
    }
    return {
        "subjects": [tables[name] for name in catalogue.tables if name in specs.subjects],
        "official": [tables[name] for name in specs.tables],
        "records": [tables[name] for name in specs.records],
        "queries": [
            {"title": query["title"], "description": query["description"], "url": url.query(DATABASE, name)}
            for name, query in specs.site.get("queries", {}).items()
        ],
    }


async def overview(datasette: Datasette) -> dict[str, Any]:
    """Return the figures and the documents of the home page."""
    database, url = datasette.get_database(DATABASE), datasette.urls
    counts = await database.table_counts(_COUNT_LIMIT_MS)
    years = (await database.execute("select count(distinct 年度) from documents")).first()[0]
    rows = (await database.execute(_DOCUMENTS, {"limit": _SHOWN_DOCUMENTS})).rows
    documents = url.table(DATABASE, "documents")
    figures = (
        ("个单位", counts.get("units"), url.table(DATABASE, "units")),
        ("个年度", years, f"{documents}?_facet=年度"),
        ("份文档", counts.get("documents"), documents),
        ("个有出处的格子", counts.get("cells"), url.table(DATABASE, "cells")),
    )
    return {
        "figures": [{"label": label, "count": count or 0, "url": address} for label, count, address in figures],
        "documents": [dict(row) for row in rows],
        "places": [dict(row) for row in (await database.execute(_PLACES)).rows],
        "more_documents": (counts.get("documents") or 0) > len(rows),
        "documents_url": documents,
        "release": last_release(Path(str(database.path))),
    }


def last_release(database: Path) -> str:
    """Return the release that is being read, else the latest one beside the database, else nothing."""
    if _RELEASE.fullmatch(database.parent.name):
        return database.parent.name
    beside = database.parent / "releases"
    found = [_RELEASE.fullmatch(path.name) for path in beside.iterdir()] if beside.is_dir() else []
    versions = [(int(match[1]), int(match[2])) for match in found if match]
    return "{}.{}".format(*max(versions)) if versions else ""
