"""What the pages know about tables and columns: an index over the specs, made once for each site."""

from __future__ import annotations

from collections import defaultdict

from yusuan.site.metadata import ordered_tables
from yusuan.spec import Field, Specs

_UNITS = {"amount": "万元", "fen": "分"}
#: A query names its money columns like this where no table has them.
_MONEY_SUFFIX = "_万元"


class Catalogue:
    """Titles, descriptions and kinds of columns by name."""

    def __init__(self, specs: Specs) -> None:
        self.specs = specs
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
        return self._agreed.get(column, "amount" if column.endswith(_MONEY_SUFFIX) else "")

    def repeats(self, table: str | None, column: str) -> bool:
        """Tell whether a column only says again what another one says: a parent code, or 万元 in fen."""
        field = self.field(table, column)
        return field is not None and (field.prefix is not None or field.type == "fen")

    def unit(self, table: str | None, column: str) -> str:
        """Return the unit of a column, empty where it has none."""
        return _UNITS.get(self.kind(table, column), "")
