"""A layout tried on documents: what each table came out as, against what a person expects, with pictures of the pages.

Beside a document `甲.pdf` its folder `甲/` may hold what is expected, one CSV a table: the fields that were checked by
hand, row by row. Where it is missing, --write makes it from what was read, for a person to compare with the document.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from yusuan.disclosure import Options, check_options, read_disclosure
from yusuan.drafting import TODO, draft_tables, draft_yaml
from yusuan.errors import DocumentError, Problem, UsageError
from yusuan.files import replacing_file
from yusuan.layout_file import with_layout
from yusuan.model import Disclosure, Document, Finding, Row, Table, Value
from yusuan.reading import read
from yusuan.reading.picture import draw_page
from yusuan.spec import Specs, TableSpec
from yusuan.tables.recognise import recognise
from yusuan.values import decimal_text

_SHOWN = 5
_KIND = "行类型"


@dataclass(frozen=True, slots=True)
class TableTrial:
    """One table: its rows, printed columns that no field was found for, sums that hold and do not, differences.

    `differences` is None where nothing says what is expected.
    """

    label: str
    rows: int
    unmatched: tuple[str, ...]
    holds: int
    broken: tuple[str, ...]
    differences: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Trial:
    """One document: its tables, what is missing or left aside, why it was refused, and the pictures written."""

    source: Path
    tables: tuple[TableTrial, ...] = ()
    missing: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    pictures: tuple[Path, ...] = ()

    @property
    def passed(self) -> bool:
        """Say whether the document was read, adds up and is as expected."""
        bad = any(table.broken or table.differences or table.unmatched for table in self.tables)
        return not (self.problems or self.aside or bad)


def draft_layout(source: Path, out: Path, specs: Specs) -> int:
    """Write a first draft of a layout for a document; return how many TODO it has. What a person wrote stays."""
    if out.exists():
        hint = "换一个 --out，或先移走那个文件"
        raise UsageError(Problem("LAYOUT-EXISTS", "这个版式文件已经存在，不会覆盖", str(out), hint=hint))
    text = draft_yaml(out.stem, source.name, draft_tables(read(source), specs))
    with replacing_file(out) as beside:
        beside.write_text(text, "utf-8")
    return text.count(TODO)


def try_layouts(
    layout: str, sources: Sequence[Path], specs: Specs, place: str | None, pictures: Path | None, *, write: bool
) -> list[Trial]:
    """Return how a layout, by its name or in a file, reads documents."""
    specs, name = with_layout(Path(layout), specs) if layout.endswith(".yml") else (specs, layout)
    options = Options(layout=name, place=place)
    check_options(options, specs)
    return [try_layout(source, specs, options, pictures, write=write) for source in sources]


def try_layout(
    source: Path, specs: Specs, options: Options, pictures: Path | None = None, *, write: bool = False
) -> Trial:
    """Return how a layout reads one document; write page pictures, and what was read where nothing is expected yet."""
    document = read(source)
    try:
        found = read_disclosure(document, specs, options)
    except DocumentError as error:
        return Trial(source, problems=error.problems, aside=tuple(_strangers(document, specs, options)))
    expected = source.with_suffix("")
    tables = tuple(_table(table, found, expected, specs) for table in found.tables)
    if write:
        _write_expected(found, expected, specs)
    drawn = tuple(_draw(found, source, pictures)) if pictures and document.reader == "pdf" else ()
    return Trial(
        source,
        tables,
        tuple(specs.tables[name].label for name in found.missing),
        tuple(f.message for f in found.findings if f.rule in {"TABLE-UNREAD", "TABLE-UNRECOGNISED"}),
        pictures=drawn,
    )


def _strangers(document: Document, specs: Specs, options: Options) -> Iterator[str]:
    """Yield the beginnings of grids that are no table of the layout, for a document that was refused."""
    if options.layout:
        for grid in recognise(document, specs, specs.layouts[options.layout]).strangers:
            yield "没有认出的表格：" + " | ".join(cell.text for cell in grid.rows[0])[:80]


def _table(table: Table, found: Disclosure, expected: Path, specs: Specs) -> TableTrial:
    spec = specs.tables[table.name]
    own = [f for f in found.findings if f.table == table.name and f.grade == "violated" and f.severity == "error"]
    return TableTrial(
        spec.label,
        len(table.rows),
        tuple(column.label for column in table.sheet.columns if column.field is None and column.path),
        sum(result.exact + result.within_rounding for result in found.results if _is_of(result.rule, spec)),
        tuple(_said(finding) for finding in own),
        _differences(table, spec, expected / f"{table.name}.csv"),
    )


def _is_of(rule: str, spec: TableSpec) -> bool:
    return rule.startswith(f"T{spec.number:02}-")


def _said(finding: Finding) -> str:
    return f"{finding.rule}：{finding.message}"


def _values(row: Row, names: Sequence[str]) -> list[str]:
    return [row.kind if name == _KIND else _value(row.values.get(name)) for name in names]


def _value(value: Value) -> str:
    return decimal_text(value) if isinstance(value, Decimal) else "" if value is None else str(value)


def _differences(table: Table, spec: TableSpec, path: Path) -> tuple[str, ...] | None:
    """Return where a table is not as expected: columns, number of rows, single values."""
    if not path.exists():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file)) or [[]]
    known = {_KIND, *(field.name for field in spec.fields)}
    found = [f"期望的列 {name} 不存在" for name in header if name not in known]
    if len(rows) != len(table.rows):
        found.append(f"期望 {len(rows)} 行，读到 {len(table.rows)} 行")
    for row, wanted in zip(table.rows, rows, strict=False):
        for name, want, got in zip(header, wanted, _values(row, header), strict=False):
            if want != got:
                found.append(f"第{row.number}行 {name}：期望 {want or '空白'}，读到 {got or '空白'}")
    return tuple(found)


def _write_expected(found: Disclosure, folder: Path, specs: Specs) -> None:
    """Write the fields that have a column, for every table that nothing is expected of yet."""
    folder.mkdir(exist_ok=True)
    for table in found.tables:
        path = folder / f"{table.name}.csv"
        if path.exists():
            continue
        printed = {column.field for column in table.sheet.columns if column.field}
        names = [_KIND, *(field.name for field in specs.tables[table.name].fields if field.name in printed)]
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([names, *(_values(row, names) for row in table.rows)])
        with replacing_file(path) as beside:
            beside.write_text(text.getvalue(), "utf-8")


def _draw(found: Disclosure, source: Path, folder: Path) -> Iterator[Path]:
    """Write a picture of every page with a table: grid, roles of the cells, the column each was given."""
    folder.mkdir(parents=True, exist_ok=True)
    assigned = [cell for table in found.tables for cell in table.sheet.evidence]
    data = source.read_bytes()
    for page in sorted({item.cell.place.page for item in assigned if item.cell.place.page}):
        path = folder / f"{source.stem}-第{page}页.png"
        with replacing_file(path) as beside:
            draw_page(data, page, assigned).save(beside, format="PNG")
        yield path


def trial_lines(trial: Trial) -> Iterator[str]:
    """Yield how a trial came out, a line each."""
    yield f"{'✓' if trial.passed else '✗'} {trial.source}：{len(trial.tables)} 张表"
    for table in trial.tables:
        expected = "没有期望结果" if table.differences is None else f"与期望不同 {len(table.differences)} 处"
        sums = f"表内核对成立 {table.holds} 处，不成立 {len(table.broken)} 处"
        yield f"  {table.label}：{table.rows} 行，{sums}，{expected}"
        for text in (*(f"没有对上的列：{name}" for name in table.unmatched), *table.broken, *(table.differences or ())):
            yield f"    {text}"
    for name in trial.missing:
        yield f"  缺：{name}"
    for text in trial.aside:
        yield f"  {text}"
    if trial.pictures:
        yield f"  图 {len(trial.pictures)} 张：{trial.pictures[0].parent}/"
