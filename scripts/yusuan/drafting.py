"""A first draft of a layout for a document that nobody has described yet: what was found, and what it may mean.

For every titled grid the draft names the most similar table and gives each printed column the field whose known
headers are nearest. What is only likely carries a TODO, and so does what is left over: a person decides. Nothing of the
document is taken over but titles and headers.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from yusuan.layouts import HeaderPath, Layout
from yusuan.model import Document
from yusuan.spec import Specs, TableSpec
from yusuan.tables.headers import header_levels, header_paths
from yusuan.tables.recognise import framed_grids
from yusuan.tables.sheets import FramedGrid
from yusuan.values import close_gaps, header_key

_SURE, _LIKELY, _SAME_TABLE = 0.999, 0.6, 0.45
_MIN_COLUMNS = 2
_PARTS = ("类", "款", "项")
_PLAIN, _LAST = frozenset({"合计", "小计", "总计"}), 0.95
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_YEAR = re.compile(r"^\d{4}年?度?")
TODO = "TODO"


@dataclass(frozen=True, slots=True)
class Guess:
    """A printed column and the field it is taken for, as sure as `score` says (1: known by this very header)."""

    path: HeaderPath
    field: str
    score: float


@dataclass
class Draft:
    """What one grid may be: a table of ours with its columns, or no table of ours."""

    title: str
    page: int | None
    spec: TableSpec | None
    guesses: list[Guess] = field(default_factory=list)
    parts: dict[str, list[HeaderPath]] = field(default_factory=dict)
    unknown: list[HeaderPath] = field(default_factory=list)
    one_row: bool = False

    @property
    def absent(self) -> list[str]:
        """Return the fields that every layout must speak of and that no column was taken for."""
        known = {guess.field for guess in self.guesses} | set(self.parts)
        return [f.name for f in self.spec.printed if not f.optional and f.name not in known] if self.spec else []


def draft_tables(document: Document, specs: Specs) -> list[Draft]:
    """Return a draft for every grid with a title, in reading order; a table's further pages are passed over."""
    drafts: list[Draft] = []
    known = _Known(specs)
    for part in framed_grids(document):
        title = close_gaps(part.value("title") or "")
        if not title or len(part.grid.rows[0]) < _MIN_COLUMNS or any(draft.title == title for draft in drafts):
            continue
        taken = {draft.spec.name for draft in drafts if draft.spec}
        drafts.append(_draft(title, part, known, taken))
    return drafts


class _Known:
    """The headers and titles of all layouts, by table and field."""

    def __init__(self, specs: Specs) -> None:
        self.specs = specs
        self.headers: dict[str, dict[str, set[HeaderPath]]] = {
            name: {f.name: {tuple(map(header_key, f.name.split("_")))} for f in spec.printed}
            for name, spec in specs.tables.items()
        }
        self.titles: dict[str, set[str]] = {name: {header_key(spec.title)} for name, spec in specs.tables.items()}
        self.others = {header_key(title) for layout in specs.layouts.values() for title in layout.other_titles}
        for layout in specs.layouts.values():
            self._learn(layout)

    def _learn(self, layout: Layout) -> None:
        for name, table in layout.tables.items():
            self.titles[name] |= set(map(layout.title_key, table.titles))
            for field_name, paths in table.columns.items():
                self.headers[name][field_name] |= set(paths)

    def title_score(self, table: str, title: str) -> float:
        """Return how much a title is like the nearest one of a table."""
        return max(_like(title, other) for other in self.titles[table])


def _draft(title: str, part: FramedGrid, known: _Known, taken: set[str]) -> Draft:
    rows = [[cell.text for cell in row] for row in part.grid.rows]
    levels = header_levels(rows)
    paths = [tuple(map(header_key, path)) for path in header_paths(rows[:levels])]
    key = _YEAR.sub("", header_key(title))
    page = part.grid.first.page
    if key in known.others:
        return Draft(title, page, None)
    rated = []
    for name, spec in known.specs.tables.items():
        draft = Draft(title, page, spec)
        if name not in taken:
            _assign(draft, paths, known.headers[name])
            columns = sum(guess.score for guess in draft.guesses) + sum(map(len, draft.parts.values()))
            rated.append((known.title_score(name, key) + columns / max(len(paths), 1), draft))
    score, best = max(rated, key=lambda pair: pair[0], default=(0.0, None))
    if best is None or score < 2 * _SAME_TABLE or not best.guesses:
        return Draft(title, page, None)
    best.one_row = best.spec is not None and best.spec.shape == "organisation_funds" and len(rows) - levels == 1
    return best


def _assign(draft: Draft, paths: Sequence[HeaderPath], headers: Mapping[str, set[HeaderPath]]) -> None:
    """Give columns to fields, the surest first; each field and each column once."""
    columns = dict(enumerate(paths))
    code = draft.spec.role("code") if draft.spec else None
    split = [number for number, path in columns.items() if path and path[-1] in _PARTS]
    if code and len(split) > 1:
        draft.parts[code] = [columns.pop(number) for number in split]
    rated = sorted(
        (
            (max(_alike(path, other) for other in known), number, name)
            for number, path in columns.items()
            for name, known in headers.items()
            if path and name not in draft.parts
        ),
        key=lambda item: (-item[0], item[1]),
    )
    given: dict[int, Guess] = {}
    for score, number, name in rated:
        if score >= _LIKELY and number not in given and name not in {guess.field for guess in given.values()}:
            given[number] = Guess(columns[number], name, score)
    draft.guesses = [given[number] for number in sorted(given)]
    draft.unknown = [path for number, path in columns.items() if path and number not in given]


def _alike(path: HeaderPath, other: HeaderPath) -> float:
    """Return how much two headers are alike: the whole path, or nearly as good, its last label."""
    last = 0.0 if path[-1] in _PLAIN or not other else _LAST * _like(path[-1], other[-1])
    return max(_like("/".join(path), "/".join(other)), last)


def _like(one: str, other: str) -> float:
    return 1.0 if one == other else difflib.SequenceMatcher(None, one, other, autojunk=False).ratio() * _SURE


def draft_yaml(name: str, source: str, drafts: Sequence[Draft]) -> str:
    """Return the draft as a layout file; where something must be decided first, a comment says TODO and what."""
    tables = [draft for draft in drafts if draft.spec]
    others = [draft for draft in drafts if not draft.spec]
    lines = [
        f"# {TODO} 由 {source} 起草：逐条核对带 {TODO} 的行，核对一条，删去它的 {TODO}。",
        f"name: {name}"
        + ("" if _NAME.fullmatch(name) else f"  # {TODO} 只能用小写字母、数字和连字符，文件名也改成一样"),
        f"title: {TODO} 某地部门（单位）预算公开报表（{len(tables)} 张）",
        f"description: {TODO} 哪里、哪一年的文档；金额单位；编码怎样印",
        f"department_digits: 3  # {TODO} 部门代码的位数",
        f"keyed_by_name: true  # {TODO} 文档印出单位代码就删去这一行",
    ]
    if others:
        lines.append(f"other_titles:  # {TODO} 没有规格的表；若其实是公开表，移到 tables 下面")
        lines += [f"  - {_text(draft.title)}{_page(draft)}" for draft in others]
    if not tables:
        lines.append(f"# {TODO} 没有一张表认得出：照 docs/layouts.md 写 tables，至少一张，这个文件才能用")
        return "\n".join([*lines, "tables: {}"]) + "\n"
    lines.append("tables:")
    for draft in tables:
        lines += _table_lines(draft)
    return "\n".join(lines) + "\n"


def _table_lines(draft: Draft) -> Iterator[str]:
    assert draft.spec is not None  # noqa: S101 - the caller sorted the others out
    yield f"  {draft.spec.name}:{_page(draft)}"
    yield f"    titles: [{_text(_YEAR.sub('', draft.title))}]"
    yield f"    optional: true  # {TODO} 一定要有的表就删去这一行"
    if draft.one_row:
        yield f"    one_row: true  # {TODO} 只有一行、不写单位的表"
    if draft.absent:
        yield f"    absent: [{', '.join(draft.absent)}]  # {TODO} 这些列真的没有印吗"
    for name, paths in draft.parts.items():
        yield "    code_parts:"
        yield f"      {name}: [{', '.join(_text('/'.join(path)) for path in paths)}]"
    yield "    columns:"
    for guess in draft.guesses:
        doubt = "" if guess.score >= _SURE else f"  # {TODO} 相似度 {guess.score:.0%}，核对"
        yield f"      {guess.field}: {_text('/'.join(guess.path))}{doubt}"
    for path in draft.unknown:
        yield f"      # {TODO} 没有相近的字段：{'/'.join(path)}"


def _page(draft: Draft) -> str:
    return f"  # 第{draft.page}页" if draft.page else ""


def _text(text: str) -> str:
    """Return a text as YAML reads it back."""
    return f'"{text}"' if re.search(r"[\[\]{}:#&*!|>'\"%@`,]", text) or not text else text
