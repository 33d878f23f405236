"""One Excel workbook of everything: a sheet a table, a flat one for pivot tables, one that explains every column."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from yusuan.publishing.archive import rewrite_zip
from yusuan.publishing.flat import COLUMNS, flat_rows
from yusuan.publishing.inputs import Inputs, column_of
from yusuan.site.columns import Column
from yusuan.site.writers import Sheet, write_book
from yusuan.spec import TableSpec

FLAT, FIELDS = "透视用平表", "字段说明"
#: Tables that only programs ask for: the printed cells, the links between them and findings.
_APART = {"cells", "finding_cells"}
_TITLE = 28
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
#: openpyxl writes the moment of saving into the workbook; a release knows no moment.
_MOMENT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
_EPOCH = rb"\g<1>1980-01-01T00:00:00Z\2"
_FIELDS = (
    Column("工作表", "text"),
    Column("列", "text"),
    Column("类型", "text"),
    Column("单位", "code"),
    Column("含义", "text"),
    Column("English", "text"),
)
_KINDS = {
    "amount": "金额",
    "fen": "金额（分，整数）",
    "integer": "整数",
    "rank": "次序（整数）",
    "rate": "数",
    "code": "代码（文字）",
    "text": "文字",
}


def write_workbook(folder: Path, inputs: Inputs) -> None:
    """Write budget.xlsx."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".workbook-") as beside:
        made = Path(beside) / "made.xlsx"
        write_book(made, list(_front(inputs)), _sheets(inputs))
        rewrite_zip(made, folder / "budget.xlsx", lambda _, data: _MOMENT.sub(_EPOCH, data))


def _front(inputs: Inputs) -> Iterator[tuple[str, ...]]:
    site = inputs.specs.site
    yield (f"{inputs.year}年{site['title']}", site["description"])
    yield ("版本", inputs.version)
    yield ("日期", inputs.date)
    yield ("许可", site["license"])
    yield ("来源", "、".join(sorted({str(row["发布者"]) for row in inputs.documents})))
    yield ("读法", "空白表示没有印，0 表示印了零。代码是文字，001 的零不会丢。公开表含合计行，主题表只有可相加的明细。")
    yield (FLAT, "每行一个金额，类、款、项的编码和名称各占一列。先选定一个主题和一个指标，再相加。")
    yield ("",)
    for spec in _tables(inputs):
        yield (sheet_title(spec), f"{spec.description.strip()}（{spec.name}，{len(inputs.rows(spec))} 行）")


def _tables(inputs: Inputs) -> list[TableSpec]:
    return [spec for spec in inputs.specs.every_table() if spec.name not in _APART]


def sheet_title(spec: TableSpec) -> str:
    """Return the name of a table's sheet: no longer than Excel allows, with room for a number behind."""
    return _FORBIDDEN.sub(" ", spec.label)[:_TITLE]


def _sheets(inputs: Inputs) -> Iterator[Sheet]:
    yield Sheet(FLAT, COLUMNS, flat_rows(inputs))
    for spec in _tables(inputs):
        yield Sheet(sheet_title(spec), *inputs.readable(spec))
    yield Sheet(FIELDS, _FIELDS, _fields(inputs))


def _fields(inputs: Inputs) -> Iterator[tuple[str, ...]]:
    told = [(FLAT, COLUMNS), *((sheet_title(s), tuple(map(column_of, s.fields))) for s in _tables(inputs))]
    for sheet, columns in told:
        for item in columns:
            yield (sheet, item.name, _KINDS[item.kind], item.unit, item.description, item.en)
