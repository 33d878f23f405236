"""What the pages know about tables and columns: an index over the specs, made once for each site."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yusuan.site.metadata import ordered_tables
from yusuan.spec import Field, Specs
from yusuan.sums import CODED, printed_in

_UNITS = {"amount": "万元", "fen": "分"}
#: A query names its money columns like this where no table has them.
_MONEY_SUFFIX = "_万元"
_RATE_SUFFIX = "（%）"


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure that units are shown, compared and ranked by: the sum of one column of a subject table.

    `printed` is the official table and column in which a document prints the same sum, where there is one.
    """

    key: str
    title: str
    description: str
    table: str
    column: str
    printed: tuple[str, str] | None
    narrative: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Classification:
    """A hierarchy of codes: the table that names them, the one that is classified, its column for each level."""

    title: str
    codes: str
    table: str
    levels: Mapping[str, str]

    def column(self, level: str) -> str:
        """Return the column in which codes of a level stand; what is finer than the levels stands with the finest."""
        return self.levels.get(level, [*self.levels.values()][-1])

    def number(self, level: str) -> int:
        """Return the number of a level in the tables of sums, the widest is 1."""
        return [*self.levels].index(level) + 1 if level in self.levels else len(self.levels)


FUNCTIONAL = Classification(
    "支出功能分类", "functional_codes", CODED["functional_codes"], {"类": "类", "款": "款", "项": "科目编码"}
)
ECONOMIC = Classification(
    "部门预算支出经济分类", "economic_codes", CODED["economic_codes"], {"类": "类", "款": "科目编码"}
)
#: Columns of subject tables that place a row without being what it is about, and the code that carries its name.
_PLACING = {"部门", "口径", "计入合计"}
_CODE, _CODE_NAME = "科目编码", "科目名称"


class Catalogue:
    """Titles, descriptions and kinds of columns by name."""

    def __init__(self, specs: Specs) -> None:
        self.specs = specs
        self.measures = {key: _measure(key, said, specs) for key, said in specs.site.get("measures", {}).items()}
        self.tables = {spec.name: spec for spec in ordered_tables(specs)}
        self._fields = {name: {field.name: field for field in spec.fields} for name, spec in self.tables.items()}
        kinds: defaultdict[str, set[str]] = defaultdict(set)
        for fields in self._fields.values():
            for field in fields.values():
                kinds[field.name].add(field.type)
        self._agreed = {name: found.pop() for name, found in kinds.items() if len(found) == 1}

    def title(self, table: str) -> str:
        """Return what a table is called, its name where we do not know it."""
        return self.tables[table].label if table in self.tables else table

    def description(self, table: str) -> str:
        """Return the sentence that describes a table."""
        return self.tables[table].description if table in self.tables else ""

    def label_column(self, table: str) -> str | None:
        """Return the column that names a row of the table."""
        return self.tables[table].presentation.get("label") if table in self.tables else None

    def field(self, table: str | None, column: str) -> Field | None:
        """Return the spec of a column, None where there is none."""
        return self._fields.get(table or "", {}).get(column)

    def kind(self, table: str | None, column: str) -> str:
        """Return the type of a column; of a query's column, the type all tables agree on."""
        field = self.field(table, column)
        if field:
            return field.type
        if table in self.tables:
            return ""
        named = "amount" if column.endswith(_MONEY_SUFFIX) else "rate" if column.endswith(_RATE_SUFFIX) else ""
        return self._agreed.get(column, named)

    def explanation(self, table: str | None, column: str) -> str:
        """Return what a column means, in Chinese."""
        field = self.field(table, column)
        return field.description if field else ""

    def gloss(self, table: str | None, column: str) -> str:
        """Return the English name of a column."""
        field = self.field(table, column)
        return field.en if field else ""

    def lateness(self, table: str | None, column: str) -> int:
        """Return how late a column is shown: 0 what is read first, 1 what only places it, 2 what another one says too.

        Of a subject table the amounts come before the department and before how the row is counted; the name of a code
        stands beside the code; a parent code, 万元 in fen and a rank say nothing new.
        """
        field = self.field(table, column)
        if field is None:
            return 0
        if field.prefix is not None or field.loaded:
            return 2
        named = column == _CODE_NAME and self.field(table, _CODE) is not None
        return int(table in self.specs.subjects and (column in _PLACING or named))

    def unit(self, table: str | None, column: str) -> str:
        """Return the unit of a column, empty where it has none."""
        return _UNITS.get(self.kind(table, column), "")


def _measure(key: str, said: Mapping[str, Any], specs: Specs) -> Measure:
    spec, column = specs.subjects[said["table"]], said["column"]
    narrative = tuple((metric, subject) for metric, subject in said.get("narrative", ()))
    return Measure(key, said["title"], said["description"], spec.name, column, printed_in(spec, column), narrative)
