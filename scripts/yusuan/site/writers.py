"""Rows to the bytes of a download: exact text for programs, harmless text for spreadsheets, objects, workbooks."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from yusuan.site.columns import Column

BOM = "\ufeff"
Rows = Iterable[Sequence[Any]]
Batch = Callable[[Rows], str]
#: A text that Excel would take for a number or a date and change: 001, 2060301, 1-2, 3E5.
_CHANGES = re.compile(
    r"[0-9][0-9,]*(\.[0-9]*)?([Ee][+-]?[0-9]+)?%?"
    r"|[0-9]{1,4}([-/.:][0-9]{1,4}){1,2}"
    r"|([0-9]{2,4}年)?[0-9]{1,2}月([0-9]{1,2}日)?"
)
_NUMBER = re.compile(r"[+-]?[0-9][0-9,]*(\.[0-9]+)?")
#: A text that a spreadsheet would take for a formula, even behind signs that are not seen.
_FORMULA = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")
#: What a workbook cannot hold.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONGEST_CELL = 32_767
_CUT = "…（Excel 的一个格子放不下，全文见 CSV）"
_SHEET_ROWS = 1_000_000
_WIDTHS = {"amount": 14, "fen": 18, "integer": 9, "rank": 9, "rate": 9, "code": 18, "text": 28}


def plain(value: object) -> str:
    """Return a value as a CSV for programs holds it: nothing for a blank, no exponent, nothing added."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    return str(value)


def harmless(value: object) -> str:
    """Return a value as a CSV for Excel holds it.

    A text that looks like a number or a date stays a text (`="001"`), one that looks like a formula gets an apostrophe.
    """
    if not isinstance(value, str):
        return plain(value)
    if _CHANGES.fullmatch(value):
        return f'="{value}"'
    if _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return "'" + value
    return value


def csv_text(convert: Callable[[object], str], newline: str) -> Batch:
    """Return a function that writes rows as CSV."""

    def write(rows: Rows) -> str:
        out = io.StringIO()
        csv.writer(out, lineterminator=newline).writerows([convert(value) for value in row] for row in rows)
        return out.getvalue()

    return write


def json_text(columns: Sequence[Column]) -> Batch:
    """Return a function that writes rows as JSON objects with a comma between them, over all its calls."""
    names = [column.name for column in columns]
    begun = False

    def write(rows: Rows) -> str:
        nonlocal begun
        objects = [json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=str) for row in rows]
        text = (",\n" if begun and objects else "") + ",\n".join(objects)
        begun = begun or bool(objects)
        return text

    return write


def write_workbook(path: Path, columns: Sequence[Column], rows: Rows, notes: Sequence[tuple[str, str]]) -> int:
    """Write a workbook: the rows (a new sheet every million), then a sheet that explains the columns; return the number of rows."""
    book = Workbook(write_only=True)
    count = _fill(book, Sheet("数据", columns, rows))
    _explain(book, columns, notes)
    book.save(path)
    return count


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook."""

    title: str
    columns: Sequence[Column]
    rows: Rows


def write_book(path: Path, front: Rows, sheets: Iterable[Sheet]) -> None:
    """Write a workbook of several sheets; `front` are the rows of a first sheet that explains it."""
    book = Workbook(write_only=True)
    first: Any = book.create_sheet("说明")
    first.column_dimensions["A"].width, first.column_dimensions["B"].width = 30, 90
    for head, *rest in front:
        first.append([_head(first, head), *(_workbook_cell(first, value) for value in rest)])
    for sheet in sheets:
        _fill(book, sheet)
    book.save(path)


def _fill(book: Workbook, wanted: Sheet) -> int:
    """Write the rows of a sheet, on a new one every million, and return their number."""
    count, sheet = 0, _new_sheet(book, wanted.columns, wanted.title)
    for row in wanted.rows:
        if count and count % _SHEET_ROWS == 0:
            sheet = _new_sheet(book, wanted.columns, f"{wanted.title}{count // _SHEET_ROWS + 1}")
        sheet.append([_workbook_cell(sheet, value) for value in row])
        count += 1
    return count


def _new_sheet(book: Workbook, columns: Sequence[Column], title: str) -> Any:
    sheet: Any = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for index, column in enumerate(columns, 1):
        sheet.column_dimensions[_letters(index)].width = _WIDTHS.get(column.kind, 16)
    sheet.append([_head(sheet, column.name) for column in columns])
    return sheet


def _letters(number: int) -> str:
    """Return the letters of a column of a sheet: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _head(sheet: Any, text: str) -> Any:
    cell = _workbook_cell(sheet, text)
    cell.font = Font(bold=True)
    return cell


def _workbook_cell(sheet: Any, value: object) -> Any:
    """Return a cell: numbers as numbers, every text as text and never as a formula."""
    if value is None or isinstance(value, int | float | Decimal):
        return value
    text = _CONTROLS.sub("\ufffd", str(value))
    if len(text) > _LONGEST_CELL:
        text = text[: _LONGEST_CELL - len(_CUT)] + _CUT
    cell: Any = WriteOnlyCell(sheet)
    cell._value, cell.data_type = text, "s"  # noqa: SLF001 - the setter takes = for a formula
    cell.number_format = "@"
    return cell


def _explain(book: Workbook, columns: Sequence[Column], notes: Sequence[tuple[str, str]]) -> None:
    sheet: Any = book.create_sheet("说明")
    for letter, width in zip("ABCDE", (26, 40, 10, 60, 40), strict=True):
        sheet.column_dimensions[letter].width = width
    for name, text in notes:
        sheet.append([_head(sheet, name), _workbook_cell(sheet, text)])
    sheet.append([])
    sheet.append([_head(sheet, text) for text in ("列", "类型", "单位", "含义", "English")])
    kinds = {
        "amount": "金额",
        "fen": "金额（分，整数）",
        "integer": "整数",
        "rank": "次序（整数）",
        "rate": "数",
        "code": "代码（文字）",
        "text": "文字",
    }
    for column in columns:
        told = (column.name, kinds.get(column.kind, "随内容"), column.unit, column.description, column.en)
        sheet.append([_workbook_cell(sheet, text) for text in told])


def head_and_tail(ending: str, columns: Sequence[Column]) -> tuple[str, str]:
    """Return what stands before and after the rows of a text format."""
    names = [[column.name for column in columns]]
    if ending == "csv":
        return csv_text(plain, "\n")(names), ""
    if ending == "excel.csv":
        return BOM + csv_text(harmless, "\r\n")(names), ""
    return "[\n", "\n]\n"


def batch_writer(ending: str, columns: Sequence[Column]) -> Batch:
    """Return the function that writes rows in a text format."""
    if ending == "csv":
        return csv_text(plain, "\n")
    return csv_text(harmless, "\r\n") if ending == "excel.csv" else json_text(columns)
