"""What Datasette says about tables and columns, compiled from the specs: one definition, many outputs."""

from __future__ import annotations

from typing import Any

import yaml

from yusuan.spec import Field, Specs, TableSpec
from yusuan.sums import summed_tables

#: Name of the database in addresses, /budget/….
DATABASE = "budget"
_UNITS = {"amount": "万元", "fen": "分"}
_NOTICE = "# 由 schemas/ 生成，请勿手改：yusuan metadata > metadata.yml\n"


def site_metadata(specs: Specs) -> dict[str, Any]:
    """Return the metadata of the whole site for Datasette 0.65."""
    site = specs.site
    return {
        "title": site["title"],
        "description": site["description"],
        "license": site["license"],
        "license_url": site["license_url"],
        "source": site["source"],
        "source_url": site["source_url"],
        "databases": {
            DATABASE: {
                "title": site["title"],
                "description": site["description"],
                "tables": {spec.name: _table(spec, specs) for spec in ordered_tables(specs)}
                | {name: {"hidden": True} for name in summed_tables(specs)},
                "queries": {
                    name: {key: query[key] for key in ("title", "description", "sql")}
                    for name, query in site.get("queries", {}).items()
                },
            }
        },
    }


def metadata_yaml(specs: Specs) -> str:
    """Return the text of metadata.yml."""
    return _NOTICE + yaml.safe_dump(site_metadata(specs), allow_unicode=True, sort_keys=False, width=120)


def ordered_tables(specs: Specs) -> list[TableSpec]:
    """Return the tables in the order of the site: those readers open first."""
    first = [specs.subjects[name] for name in specs.site["order"]]
    return first + [spec for spec in specs.every_table() if spec not in first]


def _table(spec: TableSpec, specs: Specs) -> dict[str, Any]:
    shown = spec.presentation
    described: dict[str, Any] = {
        "title": spec.label,
        "description": f"{spec.description}（{spec.en}）",
        "columns": {field.name: _column(field) for field in spec.fields},
        "facets": [field.name for field in spec.fields if field.facet],
        "size": shown.get("size", 100),
        "license": specs.site["license"],
        "source": specs.site["source"],
        "source_url": specs.site["source_url"],
    }
    if "label" in shown:
        described["label_column"] = shown["label"]
    for key in ("sort", "sort_desc"):
        if key in shown:
            described[key] = shown[key]
    return described


def _column(field: Field) -> str:
    unit = _UNITS.get(field.type)
    parts = [field.description or None, f"单位：{unit}" if unit else None, field.en]
    return "；".join(part for part in parts if part)
