"""An official edition of a code list, compared with ours: what is new, what has another name, what is gone.

Nothing is written unless a folder is named, and then the list is written whole, in the form of schemas/codes/: names
that documents print and the edition does not are kept as aliases, codes that are gone go to retired.csv.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from yusuan.codes import Code
from yusuan.errors import Problem, UsageError
from yusuan.files import replacing_file
from yusuan.spec import Specs
from yusuan.values import header_key

_HEADERS = {"code": ("科目编码", "科目代码", "编码", "代码", "code"), "name": ("科目名称", "名称", "name")}
_FORMS = {"functional": r"\d{3}(\d{2}){0,2}", "economic": r"\d{3}(\d{2})?"}
_COLUMNS = ("code", "name", "aliases", "documents", "first_year", "last_year")
_MOST_PROBLEMS = 20
# what openpyxl and csv say of a file that is none of theirs: no zip, a zip without sheets, a part that is no XML
_UNREADABLE = (OSError, ValueError, KeyError, IndexError, ParseError, csv.Error, BadZipFile, InvalidFileException)


@dataclass(frozen=True, slots=True)
class Comparison:
    """An edition against the list of before; `written` are the files made, none where only compared."""

    kind: str
    edition: int
    new: tuple[Code, ...]
    renamed: tuple[tuple[Code, str], ...]
    gone: tuple[Code, ...]
    same: int
    written: tuple[Path, ...] = ()


def import_codes(path: Path, kind: str, edition: int, specs: Specs, out: Path | None = None) -> Comparison:
    """Return what an edition changes; write it below `out` if given. UsageError where the file is no code list."""
    names = _read(path, kind)
    known = specs.codes[kind]
    new = tuple(Code(code, name) for code, name in names.items() if code not in known)
    renamed = tuple(
        (known[code], name)
        for code, name in names.items()
        if code in known and header_key(known[code].name) != header_key(name)
    )
    gone = tuple(code for key, code in known.items() if key not in names)
    written = tuple(_write(out, kind, edition, names, specs)) if out else ()
    return Comparison(kind, edition, new, renamed, gone, len(names) - len(new) - len(renamed), written)


def _read(path: Path, kind: str) -> dict[str, str]:
    """Return names by code; every row that cannot be one is named."""
    rows = list(_rows(path))
    at, columns = _header(path, rows)
    found: dict[str, str] = {}
    problems = []
    for number, row in enumerate(rows[at + 1 :], at + 2):
        code, name = (row[columns[key]].strip() if columns[key] < len(row) else "" for key in ("code", "name"))
        if not code and not name:
            continue
        if issue := _issue(kind, code, name, found):
            problems.append(Problem("CODES-INVALID", issue, str(path), row=number, found=f"{code} {name}"))
        found.setdefault(code, name)
    problems += [
        Problem("CODES-INVALID", "没有上级科目", str(path), found=f"{code} {name}", expected=code[:-2])
        for code, name in found.items()
        if len(code) > len("201") and code[:-2] not in found and not problems
    ]
    if problems or not found:
        raise UsageError(*(problems[:_MOST_PROBLEMS] or [Problem("CODES-INVALID", "没有一行科目", str(path))]))
    return dict(sorted(found.items()))


def _issue(kind: str, code: str, name: str, found: Mapping[str, str]) -> str | None:
    if not re.fullmatch(_FORMS[kind], code, re.ASCII):
        return "编码的形式不对"
    if not name:
        return "没有名称"
    return "同一编码有两个名称" if found.get(code, name) != name else None


def _rows(path: Path) -> Iterator[list[str]]:
    try:
        if path.suffix.lower() == ".xlsx":
            with path.open("rb") as file:
                for row in (
                    load_workbook(file, read_only=True, data_only=True).worksheets[0].iter_rows(values_only=True)
                ):
                    yield ["" if value is None else str(value) for value in row]
        else:
            with path.open(encoding="utf-8-sig", newline="") as file:
                yield from csv.reader(file)
    except _UNREADABLE as error:
        hint = "给出 UTF-8 的 CSV，或 XLSX"
        raise UsageError(Problem("CODES-UNREADABLE", "代码表打不开", str(path), found=str(error), hint=hint)) from error


def _header(path: Path, rows: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    """Return the first row that names both columns, and where they are."""
    for number, row in enumerate(rows):
        keys = [text.strip().lower() for text in row]
        columns = {
            key: next((keys.index(word) for word in words if word in keys), -1) for key, words in _HEADERS.items()
        }
        if min(columns.values()) >= 0:
            return number, columns
    expected = "；".join("、".join(words) for words in _HEADERS.values())
    raise UsageError(Problem("CODES-UNREADABLE", "找不到编码和名称两列", str(path), expected=expected))


def _write(out: Path, kind: str, edition: int, names: Mapping[str, str], specs: Specs) -> Iterator[Path]:
    """Write the list and the retired codes; what is known of documents stays."""
    before = _counts(specs.root / "codes" / f"{kind}.csv")
    known = specs.codes[kind]
    rows = []
    for code, name in names.items():
        old = known.get(code)
        aliases = (
            [*old.aliases, old.name] if old and header_key(old.name) != header_key(name) else old.aliases if old else ()
        )
        counts = before.get(code, {})
        rows.append(
            (
                code,
                name,
                "|".join(a for a in dict.fromkeys(aliases) if a != name),
                *(counts.get(c, "") for c in _COLUMNS[3:]),
            )
        )
    yield _csv(out / f"{kind}.csv", _COLUMNS, rows)
    gone = [(kind, code.code, code.name, str(edition), "") for key, code in known.items() if key not in names]
    lines = {line[:2] + line[3:4]: line for line in [*_retired(specs.root / "codes" / "retired.csv"), *gone]}
    yield _csv(
        out / "retired.csv",
        ("classification", "code", "name", "edition", "reused"),
        [lines[key] for key in sorted(lines)],
    )


def _counts(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


def _retired(path: Path) -> list[tuple[str, ...]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [tuple(row) for row in csv.reader(file)][1:]


def _csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing_file(path) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return path


def comparison_lines(found: Comparison) -> Iterator[str]:
    """Yield what an edition changes, a line each."""
    yield f"{found.edition} 年版：相同 {found.same}，新增 {len(found.new)}，改名 {len(found.renamed)}，停用 {len(found.gone)}"
    yield from (f"  新增 {code.code} {code.name}" for code in found.new)
    yield from (f"  改名 {code.code} {code.name} → {name}" for code, name in found.renamed)
    yield from (f"  停用 {code.code} {code.name}" for code in found.gone)
    yield from (f"已写入 {path}" for path in found.written)
    if not found.written:
        yield "只作比较，没有写任何文件；加 --out 文件夹 写出"
