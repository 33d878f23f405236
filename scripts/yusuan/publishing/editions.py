"""One edition of the data: a release or a package, read by its own descriptor, so that an old one can be compared too."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from yusuan.errors import PackageError, Problem, UsageError
from yusuan.package import DESCRIPTOR
from yusuan.spec import Specs, TableSpec

#: A row of a table as its CSV has it; nothing where the cell is blank.
Row = Mapping[str, str]
_TABLE = re.compile(r"[a-z][a-z0-9_]*")
VERSION = re.compile(r"(?P<year>[12][0-9]{3})\.(?P<number>[1-9][0-9]{0,3})")


@dataclass(frozen=True)
class Edition:
    """The tables of one edition: columns with their types, rows as text."""

    folder: Path
    name: str
    columns: Mapping[str, Mapping[str, str]]
    titles: Mapping[str, str]
    _rows: dict[str, tuple[Row, ...]] = field(default_factory=dict)

    def rows(self, table: str) -> tuple[Row, ...]:
        """Return the rows of a table, none where the edition does not have it."""
        if table not in self.columns:
            return ()
        if table not in self._rows:
            self._rows[table] = tuple(self._read(table))
        return self._rows[table]

    def _read(self, table: str) -> Iterator[Row]:
        path = self.folder / "data" / f"{table}.csv"
        try:
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    yield {name: value for name, value in row.items() if value}
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            problem = Problem("EDITION-UNREADABLE", "这一版的一张表读不了", str(path), found=str(error), hint=_HINT)
            raise PackageError(problem) from error


_HINT = "运行 yusuan verify 或 yusuan validate 看哪里损坏"


def read_edition(folder: Path) -> Edition:
    """Return the edition in a release or package folder; UsageError where there is none, PackageError where it is broken."""
    path = folder / DESCRIPTOR
    try:
        resources = json.loads(path.read_text("utf-8"))["resources"]
        found = {str(item["name"]): item for item in resources if _TABLE.fullmatch(str(item["name"]))}
        columns = {
            name: {str(column["name"]): str(column["type"]) for column in item["schema"]["fields"]}
            for name, item in found.items()
        }
    except (FileNotFoundError, NotADirectoryError) as error:
        hint = "给出一个年度发布（releases/2026.1）或数据包（datapackage/2026）的文件夹"
        raise UsageError(Problem("PACKAGE-MISSING", "这里没有数据包", str(path), hint=hint)) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        problem = Problem("PACKAGE-DESCRIPTOR", "描述文件不是有效的数据包描述", str(path), found=str(error), hint=_HINT)
        raise PackageError(problem) from error
    titles = {name: str(item.get("title", name)) for name, item in found.items()}
    return Edition(folder, folder.resolve().name, columns, titles)


def releases(out: Path) -> list[Path]:
    """Return the releases in a folder, the latest last."""
    found = [path for path in out.glob("*.*") if VERSION.fullmatch(path.name) and path.is_dir()]
    return sorted(found, key=lambda path: [int(part) for part in path.name.split(".")])


def previous_release(year: int, out: Path) -> Path | None:
    """Return the last release of the year, else of the years before, None where this is the first ever."""
    earlier = [path for path in releases(out) if int(path.name.split(".")[0]) <= year and (path / DESCRIPTOR).exists()]
    return earlier[-1] if earlier else None


def fact_tables(specs: Specs) -> list[TableSpec]:
    """Return the tables that hold what documents say, not what we conclude from it: the official tables, the narrative."""
    return [*specs.tables.values(), *(spec for spec in specs.records.values() if spec.key == ("文件", "序"))]


def row_counts(edition: Edition, specs: Specs) -> Mapping[tuple[str, str], int]:
    """Return how many rows each document has in each table of facts."""
    names = (spec.name for spec in fact_tables(specs))
    return Counter((row["文件"], name) for name in names for row in edition.rows(name))
