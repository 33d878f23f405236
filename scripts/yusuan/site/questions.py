"""The questions in plain words: what their forms offer, and the picture of their answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from datasette.app import Datasette
from datasette.utils.asgi import NotFound, Response

from yusuan.site.asked import Asked
from yusuan.site.catalogue import Catalogue
from yusuan.site.cells import value_text
from yusuan.site.charts import Bar, bars
from yusuan.site.figures import Figure, Heading, Line
from yusuan.site.metadata import DATABASE
from yusuan.site.pages import Visit

_PARAMETER = re.compile(r":(\w+)")
_MOST_BARS, _MOST_OPTIONS = 20, 300
_FEN = 1_000_000
#: What a question on a static site is asked for: each value is a page of its own.
_STILL_ASKED = {"费用", "阶段", "年度"}


@dataclass(frozen=True, slots=True)
class Picker:
    """One field of a question's form: existing values to choose from, or free text."""

    name: str
    label: str
    hint: str
    value: str
    choices: tuple[tuple[str, str], ...]

    @property
    def long(self) -> bool:
        """Say whether there are too many choices for a list that opens."""
        return len(self.choices) > _MOST_OPTIONS


def parameters(sql: str) -> tuple[str, ...]:
    """Return the parameters of a statement in the order in which they occur."""
    return tuple(dict.fromkeys(_PARAMETER.findall(sql)))


async def pickers(datasette: Datasette, catalogue: Catalogue, values: Mapping[str, str]) -> list[Picker]:
    """Return the form of a question; a parameter that cannot be left open shows the first choice."""
    described = catalogue.specs.site.get("parameters", {})
    found = []
    for name, value in values.items():
        said = described.get(name, {})
        choices = await _choices(datasette, catalogue, said)
        chosen = value or ("" if "empty" in said or not choices else choices[0][0])
        offered = ([("", said["empty"])] if "empty" in said else []) + choices
        found.append(
            Picker(name, said.get("label", name), said.get("hint", ""), chosen, tuple(offered if choices else ()))
        )
    return found


def choices(found: Sequence[Picker], address: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return for a few things a question asks for each value and the address that asks for it, none for the one chosen."""
    chosen = {picker.name: picker.value for picker in found}
    first = {picker.name: picker.choices[0][0] for picker in found if picker.choices}

    def asking(name: str, value: str) -> str:
        wanted = chosen | {name: value}
        asked = urlencode({key: one for key, one in wanted.items() if one != first.get(key, "")})
        return f"{address}?{asked}" if asked else address

    return [
        (
            picker.label,
            [(text, "" if value == picker.value else asking(picker.name, value)) for value, text in picker.choices],
        )
        for picker in found
        if picker.name in _STILL_ASKED and picker.choices
    ]


async def _choices(datasette: Datasette, catalogue: Catalogue, said: Mapping[str, str]) -> list[tuple[str, str]]:
    if "choices" not in said:
        return []
    rows = (await datasette.get_database(DATABASE).execute(said["choices"])).rows
    return [(str(value), catalogue.title(str(text))) for value, text in rows]


def picture(catalogue: Catalogue, name: str, columns: Sequence[str], rows: Sequence[Any]) -> Figure | None:
    """Return the answer to a question as a figure, none where a picture would say nothing."""
    query = catalogue.specs.site.get("queries", {}).get(name, {})
    chart = query.get("chart")
    if not chart or not rows or not {chart["value"], *chart["label"]} <= set(columns):
        return None
    value = chart["value"]
    shown = [row for row in rows if isinstance(row[value], int | float)][:_MOST_BARS]
    many_years = len({row["年度"] for row in shown}) > 1 if "年度" in columns else False
    items = [
        Bar(
            "，".join(str(row[key]) for key in chart["label"] if key != "年度" or many_years),
            round(row[value] * _FEN),
            value_text(row[value], catalogue.kind(None, value)),
        )
        for row in shown
    ]
    about = f"{rows[0][chart['about']]}：" if chart.get("about") in columns else ""
    title = f"{about}{query['title']}（{value.removesuffix('_万元')}，万元）"
    note = f"图中为前 {_MOST_BARS} 行，全部见表。" if len(rows) > _MOST_BARS else ""
    lines = tuple(Line((item.label, round(item.value))) for item in items)
    headings = (Heading("名称"), Heading(value, "money"))
    return Figure(
        name, title, "各单位的公开文档", Asked(), headings, lines, lambda width: bars(items, width, title), note
    )  # fmt: skip


async def question_figure(visit: Visit) -> Response:
    """Answer with the picture of a question as a file."""
    name = visit.part("query")
    query = visit.catalogue.specs.site.get("queries", {}).get(name)
    if query is None:
        raise NotFound("没有这个问题")
    values = {key: visit.request.args.get(key) or "" for key in parameters(query["sql"])}
    results = await visit.database.execute(query["sql"], values)
    made = picture(visit.catalogue, name, results.columns, results.rows)
    if made is None:
        raise NotFound("这个问题没有图")
    query_text = urlencode({key: value for key, value in values.items() if value})
    page = visit.here(f"{visit.question(name)}{'?' if query_text else ''}{query_text}")
    return Response(str(made.file(page)), content_type="image/svg+xml; charset=utf-8")
