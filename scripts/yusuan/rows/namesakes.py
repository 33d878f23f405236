"""One organisation, one key: some of its documents print its code, others only its name.

A package keeps the key that its documents give. Where packages of several years stand side by side, in the database,
an organisation known by name goes under the code that another document of the same place, kind and name prints.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from yusuan.model import Value
from yusuan.rows.records import Record
from yusuan.rows.registers import printed_code
from yusuan.spec import Specs
from yusuan.values import header_key

_REGISTERS = ("units", "departments")


def printed_keys(documents: Sequence[Record]) -> dict[str, str]:
    """Return for keys made from a name the key with the printed code; none where two codes bear the name."""
    coded: defaultdict[tuple[Value, ...], set[str]] = defaultdict(set)
    named: dict[str, tuple[Value, ...]] = {}
    for row in documents:
        unit = str(row["单位"])
        who = (row["区划"], str(row["类型"])[:2], header_key(str(row["发布者"])))
        if printed_code(unit):
            coded[who].add(unit)
        else:
            named[unit] = who
    return {unit: next(iter(coded[who])) for unit, who in sorted(named.items()) if len(coded[who]) == 1}


def under_one_key(records: Mapping[str, list[Record]], specs: Specs) -> Mapping[str, list[Record]]:
    """Return all rows with each organisation under one key; the keys of documents stay, they are addresses."""
    keys = printed_keys(records["documents"])
    if not keys:
        return records
    referring = {
        spec.name: [field.name for field in spec.fields if field.references in _REGISTERS]
        for spec in (*specs.tables.values(), *specs.records.values())
    }
    return {
        name: [_renamed(row, referring.get(name, ()), keys) for row in rows if not _is_double(name, row, keys)]
        for name, rows in records.items()
    }


def _is_double(table: str, row: Record, keys: Mapping[str, str]) -> bool:
    """Say whether a row of the register of units is that of a name whose code has a row of its own."""
    return table == "units" and str(row["单位"]) in keys


def _renamed(row: Record, columns: Sequence[str], keys: Mapping[str, str]) -> Record:
    found = {column: keys[str(row[column])] for column in columns if str(row.get(column)) in keys}
    return {**row, **found} if found else row
