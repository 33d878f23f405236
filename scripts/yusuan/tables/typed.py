"""Cells to values by the types of a table's spec: exact money, whole numbers, codes, texts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from yusuan.errors import Problem
from yusuan.model import Cell, Sheet, Value
from yusuan.spec import TableSpec
from yusuan.values import parse_amount, to_fen, to_wan

_MONEY_HINT = "对照原文档改正这个数；金额只能是数字、千位逗号和小数点"
#: Code and name in one cell: `[2010301]行政运行`, `2010301-行政运行`.
JOINED = re.compile(
    r"[\[【(（]?(?P<code>\d{3}(?:\d{2}){0,2})[\]】)）]?\s*[-－—–_ ]?\s*(?P<name>\D.*)", re.ASCII | re.DOTALL
)
#: A code printed in several columns: 类, then 款, then 项 as far as it goes; or a word like 合计.
_CLASS, _PART = 3, 2
_CODE_PARTS = re.compile(r"(?:\d{3}(?:\|\d{2})*|\D*)\|*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Context:
    """What shapes need to know beyond the sheet: source name, place, code width, names of classes.

    `one_row` are the tables whose only row speaks of the document's organisation, `total_optional` those that may
    be printed without 合计. `general`: no place's own layout describes the tables, their printing has to tell.
    """

    source: str
    region: str
    unit: str
    department_digits: int
    classes: Mapping[str, str]
    one_row: frozenset[str] = frozenset()
    total_optional: frozenset[str] = frozenset()
    general: bool = False


def _money(text: str, unit: str) -> Decimal | None:
    """Return a printed amount in 万元; ValueError where it is no number or finer than 0.01 元."""
    number = parse_amount(text)
    if number is None:
        return None
    wan = to_wan(number, unit)
    to_fen(wan)
    return wan


def _whole(text: str) -> int | None:
    number = parse_amount(text)
    if number is not None and number != int(number):
        raise ValueError(text)
    return None if number is None else int(number)


def name_field(spec: TableSpec) -> str:
    """Return the column of a table that may hold code and name in one, `[2010301]行政运行`."""
    named = next((field.name for field in spec.fields if field.name == "科目名称"), None)
    return named or spec.role("name") or ""


class Typing:
    """Cell texts to values by the types of the spec, collecting what cannot be read."""

    def __init__(self, sheet: Sheet, spec: TableSpec, context: Context) -> None:
        self.sheet, self.spec, self.context = sheet, spec, context
        self.types = {field.name: field.type for field in spec.fields}
        self.patterns = {field.name: re.compile(field.pattern, re.ASCII) for field in spec.fields if field.pattern}
        self.problems: list[Problem] = []
        self.above: list[str] = []
        self.row_above: list[str] = []
        printed = {column.field for column in sheet.columns}
        self.joined = context.general and bool(spec.role("code")) and spec.role("code") not in printed

    def values(self, number: int, row: Sequence[Cell]) -> dict[str, Value]:
        """Return the values of one body row by field, None for fields without column; money in 万元."""
        cells: dict[str, list[Cell]] = {}
        for column, cell in zip(self.sheet.columns, row, strict=True):
            if column.field is not None:
                cells.setdefault(column.field, []).append(cell)
        values: dict[str, Value] = dict.fromkeys(field.name for field in self.spec.printed)
        values |= {name: self._value(number, name, parts) for name, parts in cells.items()}
        if self.joined:
            code, name = self.spec.role("code") or "", name_field(self.spec)
            text = values.get(name)
            if isinstance(text, str) and (match := JOINED.fullmatch(text)):
                values[code], values[name] = match["code"], match["name"].strip()
                self._check_code(number, code, match["code"])
        return values

    def _check_code(self, number: int, name: str, code: str) -> None:
        """A code taken out of a cell with its name must be one that its column could hold."""
        pattern = self.patterns.get(name)
        if pattern and not pattern.fullmatch(code):
            self.problems.append(self.problem("BAD-CODE", f"名称前面的编码 {code} 不是这张表的科目编码", number, name))

    def _carried(self, texts: list[str]) -> list[str]:
        """Return the parts of a code with the levels above it, where only its own level is printed."""
        if not any(text.isdigit() for text in texts):
            self.above = []
            return texts
        first = next(i for i, text in enumerate(texts) if text)
        filled = [*self.above[:first], *texts[first:]] if len(self.above) >= first else texts
        self.above = [text for text in filled if text]
        return filled

    def _mended(self, texts: list[str]) -> list[str]:
        """Return the parts of a code as they must be meant: `301|2` has lost a zero, `7|11|02` below 21011 its 类.

        What was printed stays in the evidence, and a finding tells it.
        """
        texts = [texts[0], *(text.zfill(_PART) if text.isdigit() else text for text in texts[1:])]
        whole = self.row_above[: len(texts) - 1]
        rest = [text for text in texts[1:] if text]
        misprinted = texts[0].isdigit() and len(texts[0]) != _CLASS
        if misprinted and len(whole) > 1 and rest[: len(whole) - 1] == whole[1:] and len(rest) >= len(whole):
            texts[0] = whole[0]
        self.row_above = [text for text in texts if text] if texts[0].isdigit() else []
        return texts

    def _value(self, number: int, name: str, parts: Sequence[Cell]) -> Value:
        cell, kind = parts[0], self.types[name]
        texts = [part.text.strip() for part in parts]
        if kind == "code" and self.context.general:
            texts = [re.sub(r"\s", "", text) for text in texts]
        if len(texts) > 1 and self.context.general:
            texts = self._carried(texts)
        if len(texts) > 1 and kind == "code":
            texts = self._mended(texts)
        text = "".join(texts)
        if len(texts) > 1 and not _CODE_PARTS.fullmatch("|".join(texts)):
            expected = "类 3 位、款 2 位、项 2 位，前一级不空白"
            self.problems.append(self.problem("BAD-CODE", "分列印刷的编码不完整", number, name, cell, expected))
            return None
        try:
            if kind == "amount":
                return _money(text, self.sheet.money_unit)
            if kind == "integer":
                return _whole(text)
        except ValueError:
            expected = "数字，例如 1,234.50，最细到 0.01 元" if kind == "amount" else "整数"
            self.problems.append(self.problem("BAD-NUMBER", "这个格子应当是数", number, name, cell, expected))
        pattern = self.patterns.get(name)
        if text and pattern and not pattern.fullmatch(text):
            expected = "3、5 或 7 位数字的科目编码（经济分类为 3 或 5 位），或“合计”"
            self.problems.append(self.problem("BAD-CODE", "这个格子应当是科目编码", number, name, cell, expected))
        return text or None

    def problem(
        self,
        code: str,
        message: str,
        row: int | None = None,
        name: str | None = None,
        cell: Cell | None = None,
        expected: str | None = None,
    ) -> Problem:
        """Return a problem of this table with its place: a cell's, else the table's."""
        place = cell.place if cell else self.sheet.first
        label = next((c.label for c in self.sheet.columns if c.field == name), name)
        return Problem(
            code,
            message,
            self.context.source,
            place.page,
            place.line,
            self.spec.label,
            row,
            label,
            expected,
            cell.text if cell else None,
            _MONEY_HINT if code == "BAD-NUMBER" else "对照原文档检查这张表是否被截断或错位",
        )
