"""Two readings of the same cells compared: a disagreement is a finding that shows both."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from yusuan.model import EvidenceCell, Finding, Sheet
from yusuan.spec import Specs

Box = tuple[float, float, float, float]


def cell_boxes(sheets: Sequence[Sheet]) -> dict[int, list[Box]]:
    """Return the boxes of all cells of some tables by page."""
    boxes: dict[int, list[Box]] = defaultdict(list)
    for sheet in sheets:
        for item in sheet.evidence:
            if item.cell.place.page is not None and item.cell.place.box is not None:
                boxes[item.cell.place.page].append(item.cell.place.box)
    return dict(boxes)


def compare_readings(
    sheets: Sequence[Sheet], second: Mapping[tuple[int, Box], str | None], specs: Specs
) -> Iterator[Finding]:
    """Yield every cell that the second reader reads otherwise; blanks and the width of signs do not count."""
    for page in sorted({page for (page, _), text in second.items() if text is None}):
        yield Finding("NOT-COMPARED", f"第{page}页第二个读取器读不了，没有可以比较的格子", "error", page=page)
    for sheet in sheets:
        for item in sheet.evidence:
            place = item.cell.place
            if place.page is None or place.box is None or (place.page, place.box) not in second:
                continue
            other = second[place.page, place.box]
            if other is not None and _bare(item.cell.text) != _bare(other):
                yield _disagreement(sheet, item, other, specs)


def not_compared(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield what a second reading cannot vouch for: pages that gave nothing, tables that nobody recognised."""
    for finding in findings:
        if finding.rule in {"PAGE-NO-TEXT", "TABLE-UNRECOGNISED"} and finding.severity != "error":
            text = f"没有可以比较的格子，不能担保没有漏读：{finding.message}"
            yield Finding("NOT-COMPARED", text, "error", page=finding.page, line=finding.line)


def _bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _disagreement(sheet: Sheet, item: EvidenceCell, other: str, specs: Specs) -> Finding:
    label = specs.tables[sheet.table].label
    text = f"{label}{item.part}第{item.row}行“{item.column.label}”：两个读取器读到的不同，“{item.cell.text}”与“{other}”"
    return Finding(
        "SECOND-READER",
        text,
        "error",
        table=sheet.table,
        row=item.row if item.part == "数据" else None,
        column=item.column.field,
        printed=item.cell.text,
        expected=other,
    ).at(item.cell.place)
