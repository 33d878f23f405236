"""Plants one error into a document and tells whether, and where, reading it again raises a finding.

    amounts     one printed amount altered: every cell of every table, in every way
    rows        a row dropped, doubled, its values shifted or exchanged with another row's
    texts       rates, shares, amounts, sign words and counts of sentences; names, codes, units of money, notes

Works on any `Document` by the places of its grids and paragraphs; nothing here knows a particular document.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from yusuan.checks import check_evidence
from yusuan.checks.evaluation import SENTENCE
from yusuan.checks.evidence import evidence_of
from yusuan.checks.quantities import Quantities
from yusuan.disclosure import read_disclosure
from yusuan.errors import DocumentError, Problem
from yusuan.model import Cell, Disclosure, Document, Finding, Grid, Paragraph, Place, Table, cell_key
from yusuan.narrative import is_key_project_grid
from yusuan.spec import Specs
from yusuan.tables.shapes import says_nil
from yusuan.values import half_unit, parse_amount

ZERO = Decimal(0)
#: Takes the place of a character in a misspelled name.
WRONG = "囗"
_AMOUNT = re.compile(r"\d[\d,]*\.\d+(?=\s*(?:万元|元))")
_CHANGE = re.compile(r"(?:增加|减少|增长|下降)(?:了)?\s*$")
_RATE = re.compile(r"(?<=增长|下降)\s*(\d[\d.]*)(?=\s*[%％])")
_SHARE = re.compile(r"占[^，。；;、%％\d]{1,24}(\d[\d.]*)(?=\s*[%％])")
_SIGN = re.compile(r"(增加|减少)(\d[\d,.]*万元，(?:同比|比上年)?)(增长|下降)(?=\d)")
_COUNTS = (
    re.compile(r"分为\s*(\d+)\s*类"),
    re.compile(r"项目\s*(\d+)\s*个"),
    re.compile(r"实有(?:在编)?车辆\s*(\d+)\s*辆"),
    re.compile(r"实有\s*(\d+)\s*辆"),
)
_NUMERAL_COUNT = re.compile(r"(?:设|有)([一二三四五六七八九])个(?=[^，。]{0,6}(?:科|处|室))")
_NUMERALS = "一二三四五六七八九十"
_MONEY_UNIT = re.compile(r"^\s*(?:金额)?单位[:：]\s*(万元|元)\s*$")
_CLASS = re.compile(r"([\u4e00-\u9fff]{4,})(?=[（(]类[）)])")
_LISTED = re.compile(r"^[一二三四五六七八九十]{1,3}、\s*([^，。]{4,30}?表)(?:[（(]表\d+[）)])?$")
_FLIPPED = {"增加": "减少", "减少": "增加", "增长": "下降", "下降": "增长"}


@dataclass(frozen=True, slots=True)
class Error:
    """One planted error: its kind, the document that has it, and where it is.

    `cell` is the key of the altered cell and `change` by how much its amount was altered, in 万元; `places` are where
    a finding has to point, a line of a text or a page.
    """

    kind: str
    document: Document
    table: str | None = None
    rows: tuple[int, ...] = ()
    columns: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    change: Decimal | None = None
    places: tuple[Place, ...] = ()
    what: str = ""


class Verdict(NamedTuple):
    """How a planted error came out.

    `suspect` says where the number called probably wrong is: 就是它, 同行或同列, 同表, 别处, or nothing.
    """

    refused: bool
    found: bool
    located: bool
    suspect: str
    findings: tuple[Finding, ...] = ()

    @property
    def detected(self) -> bool:
        """Say whether anything was noticed."""
        return self.refused or self.found


# ------------------------------------------------------------------------------------------------------- judging


def alarms(disclosure: Disclosure) -> list[Finding]:
    """Return the findings that say something is wrong."""
    return [finding for finding in disclosure.findings if finding.severity in {"error", "warning"}]


def _likeness(finding: Finding) -> tuple[object, ...]:
    return finding.rule, finding.severity, finding.table, finding.column, finding.page, finding.line


class Judge:
    """Reads altered copies of one document and compares their findings with those of the document itself."""

    def __init__(self, document: Document, specs: Specs) -> None:
        self.document, self.specs = document, specs
        self.clean = read_disclosure(document, specs)
        self._known = Counter(map(_likeness, alarms(self.clean)))

    def judge(self, error: Error) -> Verdict:
        """Return what reading the altered document says that reading the document does not."""
        try:
            read = read_disclosure(error.document, self.specs)
        except DocumentError as refusal:
            located = any(self._near(problem, error) for problem in refusal.problems)
            return Verdict(refused=True, found=False, located=located, suspect="")
        known, new = Counter(self._known), []
        for finding in alarms(read):
            known[_likeness(finding)] -= 1
            if known[_likeness(finding)] < 0:
                new.append(finding)
        located = any(_names(finding, error) for finding in new)
        return Verdict(
            refused=False, found=bool(new), located=located, suspect=_suspicion(new, error), findings=tuple(new)
        )

    def _near(self, problem: Problem, error: Error) -> bool:
        """Say whether a refusal names the line, or the table of a row that is too many or not there."""
        if any(
            (problem.line or problem.page) and (problem.line, problem.page) == (p.line, p.page) for p in error.places
        ):
            return True
        label = self.specs.tables[error.table].label if error.table else ""
        return bool(label) and not error.rows and label in str(problem.table or "")


def _names(finding: Finding, error: Error) -> bool:
    """Say whether a finding names the planted cell's table and its row or column, or the planted sentence."""
    if error.table and finding.table == error.table:
        if finding.row in error.rows or finding.column in error.columns:
            return True
        if not error.columns and not error.rows:
            return True
    if set(finding.cells) & set(error.cells) or finding.suspect in error.cells:
        return True
    return any(
        (finding.line or finding.page) and (finding.line, finding.page) == (place.line, place.page)
        for place in error.places
    )


def _suspicion(new: Sequence[Finding], error: Error) -> str:
    if not error.cells:
        return ""
    accused = {finding.suspect for finding in new if finding.suspect}
    if not accused:
        return ""
    if accused & set(error.cells):
        return "就是它"
    row = {cell.rsplit(".", 1)[0] for cell in error.cells}
    table = {cell.split(".")[-3] for cell in error.cells}
    column = {cell.rsplit(".", 1)[1] for cell in error.cells}
    mine = [cell for cell in accused if cell and cell.split(".")[-3] in table]
    if any(cell.rsplit(".", 1)[0] in row or cell.rsplit(".", 1)[1] in column for cell in mine):
        return "同行或同列"
    return "同表" if mine else "别处"


# ------------------------------------------------------------------------------------------------------ coverage


class Identity(NamedTuple):
    """An identity of a clean document: which rule, its cells with their signs, what is left over and allowed."""

    rule: str
    parts: tuple[tuple[str, int], ...]
    rest: Decimal
    bound: Decimal


def identities(disclosure: Disclosure, specs: Specs) -> list[Identity]:
    """Return the equalities that the rules see in a document; limits that are not reached are none."""
    evidence = evidence_of(disclosure.identity, disclosure.tables, disclosure.narrative, specs)
    values = {f"{SENTENCE}{fact['序']}": fact["金额"] for fact in evidence.facts}
    for table in disclosure.tables:
        for planted in amount_cells(table, disclosure, specs):
            values[planted.key] = planted.value
    found = []
    for item in check_evidence(Quantities(evidence, specs.rules)):
        if not item.parts or not specs.rules.rules[item.rule].report:
            continue
        numbers = [(values.get(cell), sign) for cell, sign in item.parts]
        amounts = [(value, sign) for value, sign in numbers if isinstance(value, Decimal)]
        rest = sum((value * sign for value, sign in amounts), ZERO)
        bound = sum((half_unit(value) for value, _ in amounts), ZERO)
        if abs(rest) <= bound:
            found.append(Identity(item.rule, item.parts, rest, bound))
    return found


def breaks(identity: Identity, cell: str, change: Decimal) -> bool:
    """Say whether changing a cell puts an identity beyond its tolerance.

    A zero that becomes a number widens the tolerance, and a point that moves does: by the change's own half unit.
    """
    weight = sum(sign for key, sign in identity.parts if key == cell)
    return bool(weight) and abs(identity.rest + weight * change) > identity.bound + half_unit(change)


# ------------------------------------------------------------------------------------------------- amounts, cells


class AmountCell(NamedTuple):
    """A printed amount: where it stands and what it says; `value` in 万元."""

    table: Table
    row: int
    column: int
    field: str
    key: str
    cell: Cell
    value: Decimal


def amount_cells(table: Table, disclosure: Disclosure, specs: Specs) -> Iterator[AmountCell]:
    """Yield the printed amounts of a table."""
    spec = specs.tables[table.name]
    scale = Decimal(1) if table.sheet.money_unit == "万元" else Decimal("0.0001")
    for number, row in enumerate(table.sheet.body, 1):
        for column in table.sheet.columns:
            cell = row[column.number - 1]
            if column.field not in spec.measures or not re.search(r"\d", cell.text):
                continue
            amount = parse_amount(cell.text)
            if amount is not None:
                key = cell_key(disclosure.identity.key, spec.number, "数据", number, column.number)
                yield AmountCell(table, number, column.number, column.field, key, cell, amount * scale)


def _raised(text: str, at: int) -> str:
    """Return a number with one of its digits one higher."""
    return text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]


def _digits(text: str) -> list[int]:
    return [i for i, mark in enumerate(text) if mark.isdigit()]


def _one_digit(text: str) -> str:
    digits = _digits(text)
    return _raised(text, digits[len(digits) // 2])


def _last_digit(text: str) -> str:
    return _raised(text, _digits(text)[-1])


def _first_digit(text: str) -> str:
    return _raised(text, _digits(text)[0])


def _point_shifted(text: str) -> str:
    whole, point, places = text.partition(".")
    if not point or not places or not text.strip("0,."):
        return text
    return f"{whole.replace(',', '').lstrip('0')}{places[0]}.{places[1:] or '0'}"


def _thousands_dropped(text: str) -> str:
    return text.partition(",")[2] if "," in text else text


def _swapped(text: str) -> str:
    digits = _digits(text)
    for left, right in pairwise(digits):
        if text[left] != text[right] and right == left + 1:
            return text[:left] + text[right] + text[left] + text[right + 1 :]
    return text


#: How an amount may be altered, by the name of the kind of error.
ALTERATIONS: dict[str, Callable[[str], str]] = {
    "中间一位数字加一": _one_digit,
    "末位数字加一": _last_digit,
    "首位数字加一": _first_digit,
    "小数点移一位": _point_shifted,
    "丢掉千位": _thousands_dropped,
    "相邻两位数字对调": _swapped,
}


class Planter:
    """Plants errors of every kind into one document, each into a copy of its own."""

    def __init__(self, document: Document, disclosure: Disclosure, specs: Specs) -> None:
        self.document, self.disclosure, self.specs = document, disclosure, specs
        self.rows = {
            self._row_key(row): (i, j)
            for i, block in enumerate(document.blocks)
            if isinstance(block, Grid)
            for j, row in enumerate(block.rows)
        }

    @staticmethod
    def _row_key(row: Sequence[Cell]) -> tuple[object, ...]:
        return row[0].place, tuple(cell.text for cell in row)

    # ------------------------------------------------------------------------------------------ rewriting

    def _with_block(self, index: int, *blocks: Paragraph | Grid) -> Document:
        before, after = self.document.blocks[:index], self.document.blocks[index + 1 :]
        return replace(self.document, blocks=(*before, *blocks, *after))

    def _with_row(self, body_row: Sequence[Cell], *rows: Sequence[Cell]) -> Document | None:
        """Return the document with a row replaced by others; None where the row is not one row of a grid."""
        found = self.rows.get(self._row_key(body_row))
        if found is None:
            return None
        index, number = found
        grid = self.document.blocks[index]
        if not isinstance(grid, Grid):
            return None
        changed = (*grid.rows[:number], *map(tuple, rows), *grid.rows[number + 1 :])
        return self._with_block(index, Grid(changed))

    @staticmethod
    def _texts(row: Sequence[Cell], texts: dict[int, str]) -> tuple[Cell, ...]:
        """Return a row with other texts at some columns, counted from 1."""
        return tuple(replace(cell, text=texts.get(i, cell.text)) for i, cell in enumerate(row, 1))

    # -------------------------------------------------------------------------------------------- amounts

    def amounts(self) -> Iterator[Error]:
        """Yield every printed amount altered in every way that gives another amount."""
        for table in self.disclosure.tables:
            for planted in amount_cells(table, self.disclosure, self.specs):
                for kind, alter in ALTERATIONS.items():
                    text = alter(planted.cell.text)
                    if text != planted.cell.text and (error := self._altered(kind, planted, text)):
                        yield error

    def _altered(self, kind: str, planted: AmountCell, text: str) -> Error | None:
        now, before = parse_amount(text), parse_amount(planted.cell.text)
        if now is None or before is None or now == before:
            return None
        body = planted.table.sheet.body[planted.row - 1]
        document = self._with_row(body, self._texts(body, {planted.column: text}))
        scale = Decimal(1) if planted.table.sheet.money_unit == "万元" else Decimal("0.0001")
        return document and Error(
            kind,
            document,
            planted.table.name,
            (planted.row,),
            (planted.field,),
            (planted.key,),
            (now - before) * scale,
            (planted.cell.place,),
            f"{planted.cell.text} → {text}",
        )

    # ----------------------------------------------------------------------------------------------- rows

    def rows_altered(self) -> Iterator[Error]:
        """Yield rows dropped, doubled, with a value shifted, and neighbours with their values exchanged."""
        for table in self.disclosure.tables:
            amounts: dict[int, list[AmountCell]] = {}
            for planted in amount_cells(table, self.disclosure, self.specs):
                amounts.setdefault(planted.row, []).append(planted)
            for number, body in enumerate(table.sheet.body, 1):
                mine = amounts.get(number, [])
                yield from self._dropped_and_doubled(table, body, mine)
                yield from self._shifted(table, body, mine)
                yield from self._exchanged(table, number, body, mine, amounts.get(number + 1, []))

    def _dropped_and_doubled(
        self, table: Table, body: Sequence[Cell], amounts: Sequence[AmountCell]
    ) -> Iterator[Error]:
        with_money = any(planted.value for planted in amounts)
        rest = "" if with_money else "（全为零）"
        for kind, rows in (("少一行", ()), ("多一行", (body, body))):
            if (document := self._with_row(body, *rows)) is not None:
                yield Error(f"{kind}{rest}", document, table.name, places=(body[0].place,), what=_row_text(body))

    def _shifted(self, table: Table, body: Sequence[Cell], amounts: Sequence[AmountCell]) -> Iterator[Error]:
        for left, right in pairwise(amounts):
            if right.column != left.column + 1 or left.value == right.value or not left.value:
                continue
            texts = {left.column: right.cell.text, right.column: left.cell.text}
            yield from self._moved("数值错一列", table, (body, self._texts(body, texts)), (left, right))
            return

    def _exchanged(
        self,
        table: Table,
        number: int,
        body: Sequence[Cell],
        mine: Sequence[AmountCell],
        theirs: Sequence[AmountCell],
    ) -> Iterator[Error]:
        """Exchange the values of a row and the one below it, where both are of one kind and differ."""
        pairs = [(a, b) for a in mine for b in theirs if a.column == b.column and a.value != b.value]
        rows = table.rows
        if not pairs or number >= len(rows) or rows[number - 1].kind != rows[number].kind:
            return
        below = table.sheet.body[number]
        places = self.rows.get(self._row_key(body)), self.rows.get(self._row_key(below))
        if places[0] is None or places[1] is None or places[0][0] != places[1][0]:
            return
        index, at = places[0]
        grid = self.document.blocks[index]
        if not isinstance(grid, Grid):
            return
        changed = list(grid.rows)
        changed[at] = self._texts(body, {a.column: b.cell.text for a, b in pairs})
        changed[places[1][1]] = self._texts(below, {b.column: a.cell.text for a, b in pairs})
        cells = tuple(item.key for pair in pairs for item in pair)
        yield Error(
            "两行数值对调",
            self._with_block(index, Grid(tuple(changed))),
            table.name,
            (number, number + 1),
            tuple({a.field for a, _ in pairs}),
            cells,
            None,
            (body[0].place, below[0].place),
            f"{_row_text(body)} ⇄ {_row_text(below)}",
        )

    def _moved(
        self, kind: str, table: Table, rows: tuple[Sequence[Cell], Sequence[Cell]], cells: Sequence[AmountCell]
    ) -> Iterator[Error]:
        if (document := self._with_row(rows[0], rows[1])) is not None:
            yield Error(
                kind,
                document,
                table.name,
                (cells[0].row,),
                tuple(item.field for item in cells),
                tuple(item.key for item in cells),
                None,
                (rows[0][0].place,),
                " ⇄ ".join(item.cell.text for item in cells),
            )

    # ------------------------------------------------------------------------------------- names and codes

    def names_and_codes(self) -> Iterator[Error]:
        """Yield names misspelled and codes altered in the rows of tables."""
        kinds = {
            "organisation": "组织代码改一位",
            "code": "科目编码改一位",
            "name": "科目或单位名称错字",
            "organisation_name": "科目或单位名称错字",
            "project": "表内项目名称错字",
        }
        for table in self.disclosure.tables:
            roles = {item.name: item.role for item in self.specs.tables[table.name].printed if item.role in kinds}
            for number, body in enumerate(table.sheet.body, 1):
                for column in table.sheet.columns:
                    role, text = roles.get(column.field or ""), body[column.number - 1].text
                    wrong = _wrong_code(text) if role in {"organisation", "code"} else _misspelled(text)
                    if role is None or wrong is None:
                        continue
                    document = self._with_row(body, self._texts(body, {column.number: wrong}))
                    if document is not None:
                        where = (number,), (column.field or "",)
                        place = (body[column.number - 1].place,)
                        yield Error(kinds[role], document, table.name, *where, places=place, what=f"{text} → {wrong}")

    # ------------------------------------------------------------------------------------ running text

    def _paragraphs(self) -> Iterator[tuple[int, Paragraph]]:
        yield from ((i, block) for i, block in enumerate(self.document.blocks) if isinstance(block, Paragraph))

    def _narrative(self) -> Iterator[tuple[int, Paragraph]]:
        """Yield the paragraphs before the first table."""
        first = min(self.rows[self._row_key(t.sheet.body[0])][0] for t in self.disclosure.tables if t.sheet.body)
        yield from ((i, paragraph) for i, paragraph in self._paragraphs() if i < first)

    def _retold(self, kind: str, index: int, paragraph: Paragraph, span: tuple[int, int], text: str) -> Error:
        told = paragraph.text[: span[0]] + text + paragraph.text[span[1] :]
        document = self._with_block(index, replace(paragraph, text=told))
        what = f"{paragraph.text[max(0, span[0] - 10) : span[1] + 4]} → {text}"
        return Error(kind, document, places=(paragraph.first,), what=what)

    def sentences(self) -> Iterator[Error]:
        """Yield amounts, changes, rates, shares, sign words and counts of sentences altered, and 元 for 万元."""
        for index, paragraph in self._narrative():
            text = paragraph.text
            for match in _AMOUNT.finditer(text):
                kind = "正文变动额改一位" if _CHANGE.search(text[: match.start()]) else "正文金额改一位"
                yield self._retold(kind, index, paragraph, match.span(), _one_digit(match[0]))
                if kind == "正文金额改一位" and text[match.end() :].lstrip().startswith("万元"):
                    span = match.start(), text.index("万", match.end()) + 1
                    yield self._retold("正文万元写成元", index, paragraph, span, match[0])
            for kind, pattern in (("同比百分比改一位", _RATE), ("占比改一位", _SHARE)):
                for match in pattern.finditer(text):
                    yield self._retold(kind, index, paragraph, match.span(1), _one_digit(match[1]))
            for match in _SIGN.finditer(text):
                flipped, rate = _FLIPPED[match[1]], _FLIPPED[match[3]]
                told = (
                    ("金额的增减反了", f"{flipped}{match[2]}{match[3]}"),
                    ("百分比的增减反了", f"{match[1]}{match[2]}{rate}"),
                    ("金额、百分比的增减都反了", f"{flipped}{match[2]}{rate}"),
                )
                for kind, words in told:
                    yield self._retold(kind, index, paragraph, match.span(), words)

    def counts_and_names(self) -> Iterator[Error]:
        """Yield counts altered and names misspelled in the running text, and key projects dropped or misspelled."""
        for index, paragraph in self._narrative():
            text = paragraph.text
            for pattern in _COUNTS:
                for match in pattern.finditer(text):
                    count = str(int(match[1]) + 1)
                    yield self._retold("数量词改大一", index, paragraph, match.span(1), count)
            for match in _NUMERAL_COUNT.finditer(text):
                numeral = _NUMERALS[_NUMERALS.index(match[1]) + 1]
                yield self._retold("数量词改大一", index, paragraph, match.span(1), numeral)
            for match in _CLASS.finditer(text):
                if (wrong := _misspelled(match[1])) is not None:
                    yield self._retold("正文类名错字", index, paragraph, match.span(1), wrong)
            if (match := _LISTED.match(text)) and (wrong := _misspelled(match[1])) is not None:
                yield self._retold("目录里表名错字", index, paragraph, match.span(1), wrong)
        yield from self._key_projects()

    def _key_projects(self) -> Iterator[Error]:
        for index, grid in enumerate(self.document.blocks):
            if not isinstance(grid, Grid) or not is_key_project_grid(grid):
                continue
            for number, row in enumerate(grid.rows[1:], 1):
                rest = Grid((*grid.rows[:number], *grid.rows[number + 1 :]))
                places = tuple(
                    block.first for block in self.document.paragraphs if re.search(r"项目\s*\d+\s*个", block.text)
                )
                yield Error("少一个重点项目", self._with_block(index, rest), places=(row[0].place, *places))
                if (wrong := _misspelled(row[0].text)) is not None:
                    told = (replace(row[0], text=wrong), *row[1:])
                    changed = Grid((*grid.rows[:number], told, *grid.rows[number + 1 :]))
                    document = self._with_block(index, changed)
                    yield Error("重点项目名称错字", document, places=(row[0].place,), what=wrong)

    def frames(self) -> Iterator[Error]:
        """Yield tables under another unit of money, and notes of empty tables put in and taken away."""
        for table in self.disclosure.tables:
            sheet, spec = table.sheet, self.specs.tables[table.name]
            if not sheet.body:
                continue
            start = self.rows[self._row_key(sheet.body[0])][0]
            end = self.rows[self._row_key(sheet.body[-1])][0]
            money = any(planted.value for planted in amount_cells(table, self.disclosure, self.specs))
            for back in range(start - 1, max(start - 8, -1), -1):
                block = self.document.blocks[back]
                if not isinstance(block, Paragraph):
                    break
                if match := _MONEY_UNIT.match(block.text):
                    unit = "元" if match[1] == "万元" else "万元"
                    document = self._with_block(back, replace(block, text=f"单位：{unit}"))
                    kind = "表的金额单位错" if money else "空表的金额单位错"
                    yield Error(kind, document, table.name, places=(sheet.first, block.first))
                    break
            if not table.is_nil and money:
                place = sheet.body[-1][0].place
                note = Paragraph(f"注：本单位没有{spec.title}的内容，故本表无数据。", place, place)
                document = self._with_block(end, self.document.blocks[end], note)
                yield Error("有数据的表注明无数据", document, table.name, places=(sheet.first,))
            yield from self._note_gone(table, end)

    def _note_gone(self, table: Table, end: int) -> Iterator[Error]:
        for index, block in enumerate(self.document.blocks[end + 1 : end + 3], end + 1):
            if isinstance(block, Paragraph) and table.is_nil and says_nil(block.text):
                yield Error("空表没有说明", self._with_block(index), table.name, places=(table.sheet.first,))
                return

    def others(self) -> Iterator[Error]:
        """Yield every error that is not an altered amount."""
        yield from self.rows_altered()
        yield from self.names_and_codes()
        yield from self.sentences()
        yield from self.counts_and_names()
        yield from self.frames()


def _row_text(row: Sequence[Cell]) -> str:
    return " ".join(cell.text for cell in row if cell.text)[:60]


def _wrong_code(text: str) -> str | None:
    """Return a code with its last digit one higher, None for what is no code."""
    return _last_digit(text) if text.isdigit() else None


def _misspelled(text: str) -> str | None:
    """Return a name with a character in the middle replaced, None for what is no name."""
    if len(re.findall("[\u4e00-\u9fff]", text)) < 4:
        return None
    middle = len(text) // 2
    while not "\u4e00" <= text[middle] <= "\u9fff":
        middle -= 1
    return text[:middle] + WRONG + text[middle + 1 :]


# ------------------------------------------------------------------------------------------------------- figures


@dataclass
class Tally:
    """How the errors of one kind came out; `due` are altered amounts that put an identity beyond its tolerance."""

    planted: int = 0
    found: int = 0
    refused: int = 0
    located: int = 0
    due: int = 0
    due_found: int = 0
    due_located: int = 0
    suspects: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)

    def add(self, error: Error, verdict: Verdict, *, due: bool = False) -> None:
        """Count one error."""
        self.planted += 1
        self.found += verdict.found
        self.refused += verdict.refused
        self.located += verdict.located
        self.due += due
        self.due_found += due and verdict.detected
        self.due_located += due and verdict.located
        if due:
            self.suspects[verdict.suspect or "没有"] += 1
        if not verdict.detected or (due and not verdict.located):
            self.missed.append(f"{error.table or ''} {error.what}".strip())

    @property
    def detected_share(self) -> Decimal:
        """Return the share noticed at all, refusals included."""
        return Decimal(self.found + self.refused) / max(self.planted, 1)

    @property
    def located_share(self) -> Decimal:
        """Return the share of those noticed whose table and row or column, or sentence, is named."""
        return Decimal(self.located) / max(self.found + self.refused, 1)


def due_errors(errors: Iterable[Error], judge: Judge) -> Iterator[tuple[Error, bool]]:
    """Yield altered amounts, each with whether it puts an identity beyond its tolerance."""
    by_cell: dict[str, list[Identity]] = defaultdict(list)
    for identity in identities(judge.clean, judge.specs):
        for cell, _ in identity.parts:
            by_cell[cell].append(identity)
    for error in errors:
        mine = by_cell[error.cells[0]]
        yield error, any(breaks(identity, error.cells[0], error.change or ZERO) for identity in mine)
