"""Where a row, or a value of it, is found on the pages that show documents as they were printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yusuan.site import evidence
from yusuan.site.addresses import Addresses
from yusuan.site.catalogue import Catalogue
from yusuan.spec import TableSpec

_DOCUMENT, _NUMBER, _FINDINGS = "文件", "序", "findings"


def printed_place(
    at: Addresses, catalogue: Catalogue, spec: TableSpec, row: Mapping[str, Any], column: str | None = None
) -> str:
    """Return the address of a cell in its table as printed, of a sentence or finding on its document's page, else nothing."""
    document = str(row.get(_DOCUMENT) or "")
    if spec.name == evidence.CELLS:
        return at.cell(str(row[spec.key[0]]), catalogue)
    if spec.name == _FINDINGS:
        return at.document(document, anchor=str(row[spec.key[0]]).removeprefix(f"{document}."))
    if evidence.is_passage(spec):
        return at.document(document, anchor=f"{spec.name}-{row[_NUMBER]}")
    found = evidence.origin(catalogue.specs, spec, row, column)
    if found is None:
        return ""
    return at.document(found.document, found.table, f"r{found.row}" + (f".{found.column}" if found.column else ""))
