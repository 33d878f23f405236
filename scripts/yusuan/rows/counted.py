"""Which rows count when everything is added up: a department's document already contains its units' documents.

Both are kept, and each is right on its own; but the same money must not be added twice. Of one year and phase, a
unit's own rows stand aside where its department's document has rows of the same subject.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from yusuan.model import Value
from yusuan.rows.records import Record
from yusuan.rows.registers import department_of, is_department_of

_DEPARTMENT = "部门"


def mark_counted(rows: Sequence[Record]) -> None:
    """Say in 计入合计 of every row of one subject table whether it counts in totals."""
    held: defaultdict[tuple[Value, Value], set[str]] = defaultdict(set)
    for row in rows:
        if row["口径"] == _DEPARTMENT:
            held[row["年度"], row["阶段"]] |= {_publisher(row), str(row["单位"])}
    for row in rows:
        held_here = held.get((row["年度"], row["阶段"]), set())
        known_as = {str(row["单位"]), _publisher(row)}
        contained = row["口径"] != _DEPARTMENT and any(_contained(unit, held_here) for unit in known_as)
        row["计入合计"] = "否" if contained else "是"


def _contained(unit: str, held: set[str]) -> bool:
    """Say whether the unit, or the house it belongs to, is in a department's document."""
    return unit in held or department_of(unit, held) is not None or any(is_department_of(key, unit) for key in held)


def _publisher(row: Mapping[str, Value]) -> str:
    """Return the organisation that published the document as the document calls it: place-code-year-kind is its key.

    In the database it may go under a code that only another of its documents prints.
    """
    return "-".join(str(row["文件"]).split("-")[:2])
