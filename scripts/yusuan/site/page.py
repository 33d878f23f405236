"""What one page asks for while it is rendered: names, links and sentences for the table it shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from datasette.app import Datasette
from datasette.utils import path_with_replaced_args, tilde_encode
from datasette.utils.asgi import Request
from markupsafe import Markup, escape

from yusuan.site import cells, evidence, links, questions, wording
from yusuan.site.addresses import Addresses, with_host
from yusuan.site.catalogue import Catalogue
from yusuan.site.evidence import is_passage
from yusuan.site.figures import Figure
from yusuan.site.metadata import DATABASE
from yusuan.site.printed import printed_place
from yusuan.site.setup import KNOWN
from yusuan.spec import TableSpec

#: Columns that lead from a row to its document, official table and row there.
_DOCUMENT, _TABLE, _ROW, _PART = "文件", "表", "行次", "部位"
_BODY = "数据"
_CELLS = "cells"
#: The column of findings that names several cells.
_NAMED_CELLS = "相关格"
#: Tables whose rows have pages of their own.
_OWN = {"units", "functional_codes", "economic_codes", "project"}
#: What a row may be called by, the most telling first.
_NAMES = ("项目名称", "指标名称", "术语", "规则名称", "名称", "科目名称")
#: Keys that are only addresses of rows.
_ADDRESSES = {"键", "格"}


class Page:
    """Helpers for templates, bound to one request; every returned text is plain or safe HTML."""

    def __init__(self, datasette: Datasette, catalogue: Catalogue, table: str | None, request: Request | None) -> None:
        self._datasette = datasette
        self._catalogue = catalogue
        self._request = request
        self.table = table

    # --- names ---

    def title(self, table: str) -> str:
        """Return the Chinese title of a table."""
        return self._catalogue.title(table)

    @property
    def description(self) -> str:
        """The sentence that describes the table of this page."""
        return self._catalogue.description(self.table or "")

    def unit(self, column: str) -> str:
        """Return the unit of a column, empty where it has none."""
        return self._catalogue.unit(self.table, column)

    def heading(self, column: str) -> str:
        """Return what stands over a column: a key that is only an address is called what its links say."""
        spec = self._catalogue.tables.get(self.table or "")
        return cells.DETAILS if spec and column in spec.key and column in _ADDRESSES else column

    def alignment(self, column: str) -> str:
        """Return the CSS class of a column."""
        return cells.alignment(self._catalogue.kind(self.table, column))

    def operator(self, lookup: str, fallback: str) -> str:
        """Return the Chinese name of an operator."""
        return wording.operator_name(lookup, fallback)

    # --- values ---

    def cell(self, row: Any, column: str, value: Any, *, full: bool = False) -> Markup:
        """Return the HTML of one value of a row."""
        field = self._catalogue.field(self.table, column)
        if isinstance(value, Mapping) and field and field.references:
            return cells.reference(
                links.thing(self._datasette, self._catalogue, field.references, value["value"]),
                value["value"],
                value["label"],
                full=full,
            )
        if self.table is None and (shown := links.answer(self._datasette, self._catalogue, row, column, value)):
            return shown
        if column == _TABLE and isinstance(value, str) and value in self._catalogue.specs.tables:
            return cells.link(self._url(value), self.title(value))
        if column == _ROW and (address := self._official_row(row)):
            return cells.link(address, value, "公开表中的这一行")
        if column == _NAMED_CELLS and value:
            return Markup(" ").join(self._cell_in_source(key) for key in str(value).split())
        return self._own_cell(row, column, value, full=full)

    def _own_cell(self, row: Any, column: str, value: Any, *, full: bool) -> Markup:
        """Return a value that leads to no other row: a word with its meaning, an amount that leads to its source."""
        if gloss := wording.gloss(column, value):
            return cells.named(value, gloss) if full else escape(gloss)
        shown = cells.cell(cells.plain(value), self._catalogue.kind(self.table, column), full=full)
        return self._traced(row, column, shown) if shown else shown

    def _cell_in_source(self, key: str) -> Markup:
        """Return a link from the key of a cell to the place where it was printed; table, row and column are enough to see."""
        address = str(self._datasette.urls.path(f"/-/source/{_CELLS}/{tilde_encode(key)}"))
        if self._still:
            address = Addresses(self._datasette).cell(key, self._catalogue)
        return cells.link(address, cells.cell_name(key), "看这一格印在文档的哪里")

    def _traced(self, row: Any, column: str, shown: Markup) -> Markup:
        """Return an amount as a link to where it was printed; anything else as it is."""
        if not evidence.is_traced(self._catalogue.specs, self.table, column):
            return shown
        if not (address := self.source(row, column)):
            return shown
        return Markup('<a class="traced" href="{}" rel="nofollow" title="看它印在文档的哪里">{}</a>').format(
            address, shown
        )

    def source(self, row: Any, column: str | None = None) -> str:
        """Return the address of the page that shows a row, or a value of it, in the document."""
        spec = self._catalogue.tables[self.table or ""]
        if self._still:
            values = {name: cells.plain(row[name]) for name in row.keys()}  # noqa: SIM118 - sqlite3.Row iterates over values
            return self._printed(spec, values, column)
        key = ",".join(tilde_encode(str(cells.value_in(row, name))) for name in spec.key)
        asked = f"?{urlencode({'column': column})}" if column and self.table != _CELLS else ""
        return str(self._datasette.urls.path(f"/-/source/{self.table}/{key}")) + asked

    @property
    def _still(self) -> bool:
        return KNOWN[self._datasette].setup.still is not None

    def _printed(self, spec: TableSpec, values: Mapping[str, Any], column: str | None = None) -> str:
        return printed_place(Addresses(self._datasette), self._catalogue, spec, values, column)

    def amount(self, value: float | None) -> str:
        """Return an amount of 万元 in words, nothing where there is none."""
        return cells.value_text(value, "amount")

    def money(self, fen: int) -> str:
        """Return an exact amount of fen as 万元."""
        return cells.fen_text(fen)

    def brief(self, fen: int) -> str:
        """Return an amount of fen as 万元 with two decimals."""
        return cells.brief_text(fen)

    def folded(self, text: object) -> Markup:
        """Return a text, folded where it is long."""
        return cells.cell(text, "text")

    def row_link(self, row: Any, keys: list[str]) -> Markup:
        """Return the link from a row of a list to its own page."""
        if self._still:
            return self._still_link(row)
        values = [str(cells.plain(row[key])) for key in keys] or [str(next(iter(row))["raw"])]
        address = f"{self._url(self.table or '')}/{','.join(map(tilde_encode, values))}"
        return cells.link(address, cells.key_text(",".join(values)))

    def _still_link(self, row: Any) -> Markup:
        """Return the link from a row of a list on a static site: to its own page, or to where it was printed."""
        spec = self._catalogue.tables.get(self.table or "")
        if spec is None:
            return Markup()
        values = {cell["column"]: cells.plain(cell["raw"]) for cell in row}
        key = str(values.get(spec.key[0], "")) or str(next(iter(row))["raw"])
        if spec.name in _OWN or spec.name == "documents":
            return cells.link(links.thing(self._datasette, self._catalogue, spec.name, key), cells.key_text(key))
        address = self._printed(spec, values)
        return (
            cells.link(address, "详情" if spec.name == "findings" else "出处")
            if address
            else escape(cells.key_text(key))
        )

    async def record(self, row: Any, columns: Iterable[str]) -> list[dict[str, Any]]:
        """Return the fields of a row page, references with their names, texts in full."""
        shown = []
        for column in columns:
            value = row[column]
            label = await self._label(column, value)
            whole = value if label is None else {"value": value, "label": label}
            shown.append({"name": column, "unit": self.unit(column), "html": self.cell(row, column, whole, full=True)})
        return shown

    def record_title(self, row: Any, keys: Iterable[str]) -> str:
        """Return what a row is called: its label, its code, or which row it is."""
        label = cells.value_in(row, self._catalogue.label_column(self.table or "") or "")
        if label:
            return str(label)
        if self.table and self.table in self._catalogue.specs.tables:
            return f"{self.title(self.table)}第 {cells.value_in(row, _ROW)} 行"
        if named := next((name for column in _NAMES if (name := cells.value_in(row, column))), ""):
            return str(named)
        return cells.key_text("，".join(keys))

    def record_sources(self, row: Any) -> list[dict[str, str]]:
        """Return the links from a row towards the document it came from."""
        document, table, number = (cells.value_in(row, name) for name in (_DOCUMENT, _TABLE, _ROW))
        table = self.table if self.table in self._catalogue.specs.tables else table
        found = []
        if self.table == "documents":
            address = Addresses(self._datasette).document(str(cells.value_in(row, _DOCUMENT)))
            found.append({"text": "专页：各表的原貌、发现、说明里的话", "url": address})
        if self.table in _OWN:
            key = cells.value_in(row, next(iter(self._catalogue.tables[str(self.table)].key)))
            found.append(
                {
                    "text": "专页：图表、历年和对比",
                    "url": links.thing(self._datasette, self._catalogue, str(self.table), key),
                }
            )
        if document and self.table != "documents":
            found.append({"text": "所在的公开文档", "url": Addresses(self._datasette).document(str(document))})
        specs = self._catalogue.specs
        if self.table in {_CELLS, *specs.tables, *specs.subjects}:
            found.append({"text": "印在文档的哪里：打开那一页，框出这一处", "url": self.source(row)})
        if (record := specs.records.get(self.table or "")) and is_passage(record):
            found.append({"text": "写在文档的哪里：打开那一页，或那几行原文", "url": self.source(row)})
        if official := self._official_row(row):
            found.append({"text": f"公开表中的这一行（{self.title(str(table))}第 {number} 行）", "url": official})
        if document and table in self._catalogue.specs.tables and number is not None and self.table != _CELLS:
            evidence = {_DOCUMENT: document, _TABLE: table, _PART: _BODY, _ROW: number}
            found.append({"text": "这一行印出的每个格子", "url": f"{self._url(_CELLS)}?{urlencode(evidence)}"})
        return found

    def shown_columns(self, columns: Iterable[str]) -> list[int]:
        """Return which columns of an answer are shown."""
        return links.shown_columns(columns)

    # --- facets, filters, order ---

    def facet_name(self, column: str, value: Any, label: Any) -> Markup:
        """Return what a facet value is called, its code beside its name."""
        if column == _TABLE and value in self._catalogue.tables:
            return escape(self.title(value))
        gloss = wording.gloss(column, value)
        return escape(gloss) if gloss else cells.named(value, label, full=False)

    async def conditions(self, filters: Any) -> list[str]:
        """Return the conditions in force, codes with their names."""
        said = []
        for column, lookup, value in filters.selections():
            if lookup in wording.OPERATORS:
                name = await self._name(column, value) if lookup in {"exact", "not"} else ""
                said.append(wording.condition(column, lookup, f"{value} {name}".rstrip()))
        return said

    def misunderstood(self, filters: Any, columns: Iterable[str]) -> list[str]:
        """Return the conditions that filter nothing, because there is no such column or operator."""
        known = set(columns)
        return [
            f"{column}__{lookup}" if lookup not in wording.OPERATORS else column
            for column, lookup, _ in filters.selections()
            if column not in known or lookup not in wording.OPERATORS
        ]

    def arrangement(self, columns: list[Mapping[str, Any]]) -> list[int]:
        """Return in which order to show columns: what places a row, or says again what another column says, comes last."""
        return sorted(range(len(columns)), key=lambda i: self._catalogue.lateness(self.table, columns[i]["name"]))

    def order(self, sort: str | None, sort_desc: str | None, chosen: Mapping[str, Any]) -> str:
        """Return the order in words; nothing where rows merely follow their key."""
        column = sort_desc or sort
        asked = self._request.args if self._request else {}
        if not column or column not in {
            asked.get("_sort"),
            asked.get("_sort_desc"),
            chosen.get("sort"),
            chosen.get("sort_desc"),
        }:
            return ""
        return wording.ordering(column, self._catalogue.kind(self.table, column), descending=bool(sort_desc))

    def sorting(self, column: str, sort: str | None, sort_desc: str | None) -> dict[str, str]:
        """Return the sort link of a header: address, mark and aria-sort. Money starts with the largest."""
        money = self._catalogue.kind(self.table, column) == "amount"
        descending = column == sort or (money and column != sort_desc)
        wanted = {"_sort": None if descending else column, "_sort_desc": column if descending else None, "_next": None}
        return {
            "url": self._replaced(wanted),
            "mark": "▲" if column == sort else "▼" if column == sort_desc else "",
            "aria": "ascending" if column == sort else "descending" if column == sort_desc else "none",
        }

    # --- columns and questions ---

    def explanations(self, columns: Iterable[str]) -> list[dict[str, str]]:
        """Return what each column means: Chinese, unit, English."""
        known = self._catalogue
        return [
            {
                "name": name,
                "meaning": known.explanation(self.table, name),
                "unit": known.unit(self.table, name),
                "en": known.gloss(self.table, name),
            }
            for name in columns
        ]

    def explanation(self, column: str) -> str:
        """Return what a column means, in Chinese."""
        return self._catalogue.explanation(self.table, column)

    async def choices(self, values: Mapping[str, str], address: str) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return how a question on a static site may be asked differently."""
        return questions.choices(await self.pickers(values), address)

    async def pickers(self, values: Mapping[str, str]) -> list[questions.Picker]:
        """Return the form of a question."""
        return await questions.pickers(self._datasette, self._catalogue, values)

    def picture(self, question: str, columns: list[str], rows: list[Any]) -> Figure | None:
        """Return the answer to a question as a picture."""
        return questions.picture(self._catalogue, question, columns, rows)

    def picture_file(self, question: str) -> str:
        """Return the address of that picture as a file."""
        query = self._request.query_string if self._request else ""
        return str(self._datasette.urls.path(f"/figure/question/{question}.svg")) + (f"?{query}" if query else "")

    def whole_address(self, path: str) -> str:
        """Return an address with its host, for citations and embedding."""
        return with_host(self._datasette, self._request, path) if self._request else path

    @property
    def here(self) -> str:
        """The address of this page with its host."""
        return self.whole_address(self._request.full_path) if self._request else ""

    # --- addresses ---

    def next_page(self, token: str) -> str:
        """Return the address of the next page."""
        return self._replaced({"_next": token})

    def first_page(self) -> str:
        """Return the address of the first page."""
        return self._replaced({"_next": None})

    def local(self, address: str) -> str:
        """Return an address without its host, so that it holds behind any proxy."""
        parts = urlsplit(address)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    def downloads(self, name: str = "") -> list[dict[str, str]]:
        """Return the downloads of everything a page selects, to the last row: a table, a question or a written query."""
        left_out = {"_next", "_size", "_shape", "_nofacet", "_nocount", "_facet", "_facet_size"}
        query = self._request.query_string if self._request else ""
        asked = urlencode([pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] not in left_out])
        path = self.table or (f"query/{name}" if name else "sql")
        return [
            {
                "text": text,
                "title": title,
                "url": str(self._datasette.urls.path(f"/-/export/{path}.{ending}")) + (f"?{asked}" if asked else ""),
            }
            for ending, text, title in wording.DOWNLOADS
            if not (self._still and (asked or ending not in wording.STILL))
        ]

    def incoming(self, table: str, column: str, value: str) -> str:
        """Return the address of the rows of another table that refer to this one."""
        return f"{self._url(table)}?{urlencode({column: value})}"

    def _url(self, table: str) -> str:
        return str(self._datasette.urls.table(DATABASE, table))

    def _replaced(self, arguments: Mapping[str, str | None]) -> str:
        return str(self._datasette.urls.path(path_with_replaced_args(self._request, dict(arguments))))

    def _official_row(self, row: Any) -> str:
        document, table, number, part = (cells.value_in(row, name) for name in (_DOCUMENT, _TABLE, _ROW, _PART))
        if document is None or number is None or table not in self._catalogue.specs.tables or part not in {None, _BODY}:
            return ""
        if self._still:
            return Addresses(self._datasette).document(str(document), str(table), f"r{number}")
        return f"{self._url(str(table))}?{urlencode({_DOCUMENT: document, _ROW: number})}"

    async def _label(self, column: str, value: Any) -> Any:
        field = self._catalogue.field(self.table, column)
        if value is None or field is None or not field.references:
            return None
        labels = await self._datasette.expand_foreign_keys(DATABASE, self.table, column, [value])
        return labels.get((column, value))

    async def _name(self, column: str, value: str) -> str:
        if column == _TABLE:
            return self.title(value) if value in self._catalogue.tables else ""
        name = wording.gloss(column, value) or await self._label(column, value)
        return "" if name is None else str(name).removeprefix(value).strip()
