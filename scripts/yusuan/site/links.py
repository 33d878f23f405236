"""Where a key leads: the page made for what it stands for, else its row; and which values of an answer lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from datasette.app import Datasette
from datasette.utils import tilde_encode
from markupsafe import Markup

from yusuan.site import cells
from yusuan.site.addresses import Addresses
from yusuan.site.catalogue import Catalogue
from yusuan.site.metadata import DATABASE
from yusuan.site.setup import KNOWN

_UNIT, _NAME, _DOCUMENT = "单位", "单位名称", "文件"
#: What the answer to a question may call the keys of tables.
_KEYS = {
    _UNIT: "units", _DOCUMENT: "documents", "项目": "project", "采购": "procurement_line", "科目编码": "functional_codes",
}  # fmt: skip
_KEY = re.compile(r"[0-9]{6}-[0-9A-Za-z.-]+|[0-9]{3,7}")


def thing(datasette: Datasette, catalogue: Catalogue, table: str, key: Any) -> str:
    """Return the page of what a key stands for: its own page where it has one, else its row."""
    at, name = Addresses(datasette), str(key)
    own: dict[str, Callable[[str], str]] = {"units": at.unit, "documents": at.document, "project": at.project}
    if table in own:
        return own[table](name)
    if table in {"functional_codes", "economic_codes"}:
        return at.code(name)
    if KNOWN[datasette].setup.still is not None and table in catalogue.specs.subjects:
        return at.cell(f"{name}.", catalogue)
    return str(datasette.urls.row(DATABASE, table, tilde_encode(name)))


def answer(datasette: Datasette, catalogue: Catalogue, row: Any, column: str, value: Any) -> Markup | None:
    """Return a link where a value of an answer names something: a key, or an organisation whose key is in the row."""
    if column == _NAME and value and (unit := cells.value_in(row, _UNIT)):
        return cells.link(Addresses(datasette).unit(str(unit)), value)
    if column not in _KEYS or not _KEY.fullmatch(str(value)):
        return None
    text = "文档" if column == _DOCUMENT else cells.key_text(str(value))
    return cells.link(thing(datasette, catalogue, _KEYS[column], value), text)


def shown_columns(columns: Iterable[str]) -> list[int]:
    """Return which columns of an answer are shown: the key of an organisation is behind its name."""
    names = list(columns)
    return [place for place, name in enumerate(names) if not (name == _UNIT and _NAME in names)]
