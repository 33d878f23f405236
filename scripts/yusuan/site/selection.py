"""What a download holds: the rows of a table or a query under the conditions of the address, all of them, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datasette.app import Datasette
from datasette.filters import Filters
from datasette.utils import InvalidSql, derive_named_parameters, validate_sql_select
from datasette.utils.asgi import BadRequest, Forbidden, NotFound, Request

from yusuan.site.catalogue import Catalogue
from yusuan.site.columns import NAME_OF, Column
from yusuan.site.metadata import DATABASE
from yusuan.site.setup import KNOWN
from yusuan.spec import TableSpec

#: Arguments of table pages that choose what a page shows and not what the data are.
_OF_THE_PAGE = {
    "_facet", "_facet_size", "_facet_date", "_facet_array", "_nofacet", "_nosuggest", "_nocount", "_size", "_next",
    "_shape", "_stream", "_dl", "_header", "_ttl", "_trace", "_json", "_nl", "_json_infinity",
}  # fmt: skip
_UNDERSTOOD = {"_sort", "_sort_desc", "_col", "_nocol", "_labels", "_where"}


@dataclass(frozen=True, slots=True)
class Selection:
    """What to fetch, what it is called, and what its columns mean; columns of a query are known only when it runs."""

    name: str
    title: str
    description: str
    sql: str
    values: Mapping[str, Any]
    columns: tuple[Column, ...]
    is_table: bool


def _wants_names(request: Request, *, usual: bool) -> bool:
    asked = request.args.get("_labels")
    return usual if asked is None else asked not in {"off", "0", ""}


async def of_table(datasette: Datasette, request: Request, table: str, *, names: bool) -> Selection:
    """Return the rows of a table that the address asks for; BadRequest where it asks for what we do not understand.

    `names` is whether the names behind codes are added unless the address says otherwise.
    """
    catalogue = KNOWN[datasette].catalogue
    spec = catalogue.tables.get(table)
    if spec is None:
        raise NotFound("没有这张表")
    unknown = sorted(
        k for k in request.args if k.startswith("_") and "__" not in k and k not in _OF_THE_PAGE | _UNDERSTOOD
    )
    if unknown:
        raise BadRequest(f"下载不支持 {'、'.join(unknown)}，去掉以后再试")
    wheres, values = _conditions(request, spec)
    if "_where" in request.args:
        await datasette.ensure_permissions(request.actor, [("execute-sql", DATABASE), "view-instance"])
        wheres += [f"({where})" for where in request.args.getlist("_where")]
    columns, chosen = [], _chosen(request, spec)
    selected = []
    for name in chosen:
        columns.append(_column(catalogue, spec, name))
        selected.append(f'"{name}"')
        if _wants_names(request, usual=names) and (named := _named(catalogue, spec, name)):
            columns.append(Column(name + NAME_OF, "text", description=f"{name} 的名称"))
            selected.append(named)
    where = f" where {' and '.join(wheres)}" if wheres else ""
    sql = f'select {", ".join(selected)} from "{spec.name}"{where} order by {_order(request, spec)}'  # noqa: S608 - from specs
    return Selection(spec.name, spec.label, spec.description, sql, values, tuple(columns), is_table=True)


def _conditions(request: Request, spec: TableSpec) -> tuple[list[str], dict[str, Any]]:
    """Return the conditions of the address, the same that Datasette makes of it; unknown columns are refused."""
    pairs = sorted((k, v) for k in request.args if "__" in k or not k.startswith("_") for v in request.args.getlist(k))
    filters = Filters(pairs)
    known, lookups = {field.name for field in spec.fields}, {key for key, _, _ in filters.lookups()}
    for column, lookup, _ in filters.selections():
        if column not in known or lookup not in lookups:
            raise BadRequest(f"没有这个列或比较方式：{column}__{lookup}")
    wheres, values = filters.build_where_clauses(spec.name)
    return list(wheres), dict(values)


def _chosen(request: Request, spec: TableSpec) -> list[str]:
    every = [field.name for field in spec.fields]
    only, without = request.args.getlist("_col"), request.args.getlist("_nocol")
    if unknown := sorted({*only, *without} - set(every)):
        raise BadRequest(f"没有这个列：{'、'.join(unknown)}")
    kept = [name for name in every if name in {*only, *spec.key}] if only else every
    return [name for name in kept if name not in without or name in spec.key]


def _order(request: Request, spec: TableSpec) -> str:
    ascending, descending = request.args.get("_sort"), request.args.get("_sort_desc")
    if not ascending and not descending:
        ascending, descending = spec.presentation.get("sort"), spec.presentation.get("sort_desc")
    column = descending or ascending
    if column and column not in {field.name for field in spec.fields}:
        raise BadRequest(f"不能按 {column} 排序：没有这个列")
    keys = [f'"{name}"' for name in spec.key]
    return ", ".join(([f'"{column}"{" desc" if descending else ""}'] if column else []) + keys)


def _named(catalogue: Catalogue, spec: TableSpec, column: str) -> str | None:
    """Return the SQL of the name behind a code, None for a column that refers to nothing with a name."""
    field = catalogue.field(spec.name, column)
    target = catalogue.tables.get(field.references or "") if field else None
    label = target.presentation.get("label") if target else None
    if target is None or label is None or target.name == spec.name:
        return None
    inner = f'select "{label}" from "{target.name}" as other where other."{target.key[0]}" = "{spec.name}"."{column}"'  # noqa: S608 - from specs
    return f"({inner})"


def _column(catalogue: Catalogue, spec: TableSpec, name: str) -> Column:
    field = spec.field(name)
    return Column(name, field.type, catalogue.unit(spec.name, name), field.description, field.en)


async def of_query(datasette: Datasette, request: Request, name: str) -> Selection:
    """Return the answer of a stored question, with the parameters of the address."""
    query = KNOWN[datasette].catalogue.specs.site.get("queries", {}).get(name)
    if query is None:
        raise NotFound("没有这个问题")
    values = await _parameters(datasette, request, query["sql"])
    return Selection(name, query["title"], query["description"], query["sql"], values, (), is_table=False)


async def of_sql(datasette: Datasette, request: Request) -> Selection:
    """Return the answer of a query that the reader wrote, where that is allowed."""
    await datasette.ensure_permissions(request.actor, [("execute-sql", DATABASE), "view-instance"])
    sql = request.args.get("sql", "").strip().rstrip(";")
    try:
        validate_sql_select(sql)
    except InvalidSql as error:
        raise BadRequest(str(error)) from error
    values = await _parameters(datasette, request, sql)
    return Selection("query", "自己写的查询", sql, sql, values, (), is_table=False)


async def _parameters(datasette: Datasette, request: Request, sql: str) -> dict[str, str]:
    names = await derive_named_parameters(datasette.get_database(DATABASE), sql)
    if any(name.startswith("_") for name in names):
        raise Forbidden("参数名不能以下划线开头")
    return {name: request.args.get(name, "") for name in names}
