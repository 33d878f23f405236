"""A filter for part of a name in a large table: through the register of names, not through all rows.

Datasette's own condition stays; ours, which no row fulfils less, comes beside it and leads it to an index.
"""

from __future__ import annotations

from datasette.app import Datasette
from datasette.filters import FilterArguments
from datasette.utils.asgi import Request

from yusuan import names
from yusuan.site.metadata import DATABASE

#: Datasette's lookups that compare with a pattern: the operator, and the pattern for a value.
_PATTERNS = {
    "contains": ("like", "%{}%"), "startswith": ("like", "{}%"), "endswith": ("like", "%{}"), "like": ("like", "{}"),
    "glob": ("glob", "{}"),
}  # fmt: skip
_REGISTERED = f"select distinct 列 from {names.TABLE} where 表 = ?"  # noqa: S608 - a constant


async def narrowed(datasette: Datasette, request: Request, table: str) -> FilterArguments | None:
    """Return the conditions on registered names that follow from the filters of a request."""
    asked = [
        (column, lookup, value)
        for argument in request.args
        for column, _, lookup in [argument.rpartition("__")]
        for value in request.args.getlist(argument)
        if lookup in _PATTERNS and value
    ]
    database = datasette.get_database(DATABASE)
    if not asked or not await database.table_exists(names.TABLE):
        return None
    known = {row[0] for row in (await database.execute(_REGISTERED, [table])).rows}
    clauses: list[str] = []
    values: dict[str, str] = {}
    for number, (column, lookup, value) in enumerate(asked):
        if column in known:
            operator, pattern = _PATTERNS[lookup]
            clauses.append(
                f'"{column}" in (select 名称 from {names.TABLE} '  # noqa: S608 - a column that is in the register
                f"where 表 = :names_table and 列 = :names_column{number} and 名称 {operator} :names_pattern{number})"
            )
            values |= {f"names_column{number}": column, f"names_pattern{number}": pattern.format(value)}
    return FilterArguments(clauses, params=values | {"names_table": table}) if clauses else None
