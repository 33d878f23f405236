"""Everything the files under schemas/ say, loaded strictly into frozen dataclasses.

An unknown key, a wrong type or a reference to nothing is a SpecError that names file, key and the near miss.
"""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

import jsonschema
import yaml

from yusuan.codes import CLASSIFICATIONS, Code, RetiredCode, read_codes, read_divisions, read_retired
from yusuan.errors import Problem, SpecError
from yusuan.explained import explained, unknown_measures
from yusuan.findable import SearchEntry, read_search, unknown_names
from yusuan.layouts import Layout, read_layout
from yusuan.model import RowKind
from yusuan.rulebook import Rulebook, dangling, read_rulebook

_HERE = Path(__file__).resolve().parent
#: In a wheel the specs lie inside the package; in a checkout at the top level.
DEFAULT_ROOT = _HERE / "schemas" if (_HERE / "schemas").is_dir() else _HERE.parents[1] / "schemas"
ROOT_VARIABLE = "YUSUAN_SCHEMAS"


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a table: its name is the official Chinese term, `en` the English gloss."""

    name: str
    en: str
    type: str
    description: str = ""
    role: str | None = None
    required: bool = False
    optional: bool = False
    enum: tuple[str, ...] = ()
    pattern: str | None = None
    references: str | None = None
    facet: bool = False
    subtotal: bool = False
    derived: bool = False
    column_type: str | None = None
    from_: str | None = None
    prefix: int | None = None
    inherited: bool = False

    @property
    def source(self) -> str:
        """Return the column this one is filled from."""
        return self.from_ or self.name

    @property
    def loaded(self) -> bool:
        """Tell whether the column is only made when the database is loaded, and no column of the data package."""
        return self.type in {"fen", "rank"}

    def rank(self, value: object) -> int | None:
        """Return the place of a value among those its column may have, from 1; such a column sorts as they are listed."""
        return self.enum.index(str(value)) + 1 if value in self.enum else None


@dataclass(frozen=True, slots=True)
class SubjectSource:
    """Rows of one official table that feed a subject table; `unless` the document has rows of another table for it."""

    table: str
    rows: tuple[str, ...]
    present: tuple[str, ...]
    constants: Mapping[str, str]
    renames: Mapping[str, str]
    columns: Mapping[str, Mapping[str, str]]
    unless: str | None = None


@dataclass(frozen=True)
class TableSpec:
    """The contract of one table: official (`shape` set), subject (`derive` set) or record."""

    name: str
    title: str
    en: str
    description: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    presentation: Mapping[str, Any]
    printed: tuple[Field, ...] = ()
    number: int | None = None
    concept: str | None = None
    shape: str | None = None
    lists: Mapping[str, Mapping[str, str]] | None = None
    derive: str | None = None
    sources: tuple[SubjectSource, ...] = ()

    def field(self, name: str) -> Field:
        """Return the field called `name`; KeyError where there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    def role(self, role: str) -> str | None:
        """Return the name of the printed field with that role, None where the table has none."""
        return next((field.name for field in self.printed if field.role == role), None)

    def roles(self, role: str) -> tuple[str, ...]:
        """Return the names of all printed fields with that role."""
        return tuple(field.name for field in self.printed if field.role == role)

    @cached_property
    def measures(self) -> tuple[str, ...]:
        """Return the names of the printed money columns."""
        return tuple(field.name for field in self.printed if field.type == "amount")

    @property
    def label(self) -> str:
        """Return how the table is called in messages, `表5 一般公共预算支出情况表`."""
        return f"表{self.number} {self.title}" if self.number else self.title


@dataclass(frozen=True, slots=True)
class Specs:
    """All specifications. Mappings are keyed by name and keep the order of the files."""

    root: Path
    tables: Mapping[str, TableSpec]
    subjects: Mapping[str, TableSpec]
    records: Mapping[str, TableSpec]
    layouts: Mapping[str, Layout]
    codes: Mapping[str, Mapping[str, Code]]
    retired: Mapping[str, Mapping[str, RetiredCode]]
    divisions: Mapping[str, str]
    site: Mapping[str, Any]
    search: tuple[SearchEntry, ...]
    rules: Rulebook
    schema: Mapping[str, Any]

    def validator(self, kind: str) -> Any:
        """Return the strict validator of a kind of file that people write."""
        return _validator(self.schema, kind)

    def every_table(self) -> Iterator[TableSpec]:
        """Yield all tables: subject tables, official tables, records."""
        yield from self.subjects.values()
        yield from self.tables.values()
        yield from self.records.values()


def load_specs(root: Path | None = None) -> Specs:
    """Return the specifications under `root` (default: $YUSUAN_SCHEMAS, else those shipped)."""
    folder = root or Path(os.environ.get(ROOT_VARIABLE, DEFAULT_ROOT))
    if not folder.is_dir():
        raise SpecError(Problem("SPEC-MISSING", "找不到规格文件夹", str(folder), hint=f"检查环境变量 {ROOT_VARIABLE}"))
    reader = _Reader(folder)
    frame = {key: _fields(value) for key, value in reader.one("frame.yml", "frame").items()}
    tables = {data["name"]: _official(data, frame) for data in reader.folder("tables", "table")}
    specs = Specs(
        root=folder,
        tables=dict(sorted(tables.items(), key=lambda item: item[1].number or 0)),
        subjects={data["name"]: _subject(data, frame) for data in reader.folder("subjects", "subject")},
        records={data["name"]: _record(data) for data in reader.folder("records", "record")},
        layouts={data["name"]: read_layout(data) for data in reader.folder("layouts", "layout")},
        codes={name: read_codes(folder, name) for name in CLASSIFICATIONS},
        retired=read_retired(folder),
        divisions=read_divisions(folder),
        site=reader.one("site.yml", "site"),
        search=read_search(reader.one("search.yml", "search")),
        rules=read_rulebook(reader.one("rules.yml", "rules")),
        schema=reader.schema,
    )
    _check_references(specs)
    return specs


#: YAML reads 2026-02-13 as a day, which JSON Schema does not know.
_TYPES = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine("day", lambda _, value: type(value) is date)
# the stubs leave `extend` untyped
_STRICT: Any = jsonschema.validators.extend(  # type: ignore[no-untyped-call]
    jsonschema.Draft202012Validator, type_checker=_TYPES
)


def _validator(schema: Mapping[str, Any], kind: str) -> Any:
    return _STRICT({"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]})


class _Reader:
    """Reads and checks files under one schemas folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.schema = json.loads((root / "spec.schema.json").read_text("utf-8"))
        self.terms: dict[str, str] = {}
        self.terms = self.one("terms.yml", "terms")

    def folder(self, folder: str, kind: str) -> list[dict[str, Any]]:
        return [self.one(f"{folder}/{path.name}", kind) for path in sorted((self.root / folder).glob("*.yml"))]

    def one(self, name: str, kind: str) -> dict[str, Any]:
        path = self.root / name
        try:
            data = yaml.safe_load(path.read_text("utf-8"))
        except (OSError, yaml.YAMLError) as error:
            raise SpecError(Problem("SPEC-UNREADABLE", "规格文件无法读取", str(path), found=str(error))) from error
        errors = sorted(_validator(self.schema, kind).iter_errors(data), key=lambda e: list(map(str, e.path)))
        if errors:
            raise SpecError(*(spec_problem(path, error) for error in errors))
        if isinstance(data.get("name"), str) and data["name"] != path.stem:
            raise SpecError(
                Problem(
                    "SPEC-NAME",
                    "name 与文件名不一致",
                    str(path),
                    expected=path.stem,
                    found=data["name"],
                    hint="改成一致",
                )
            )
        return explained(dict(data), self.terms)


def spec_problem(path: Path, error: jsonschema.ValidationError) -> Problem:
    """Return what is wrong with a file that people write, with the key that was probably meant."""
    key = "/".join(map(str, error.absolute_path)) or "（顶层）"
    if error.validator == "additionalProperties" and isinstance(error.schema, Mapping):
        known = list(error.schema.get("properties", {}))
        unknown = sorted(set(json.loads(json.dumps(error.instance))) - set(known))
        near = difflib.get_close_matches(unknown[0], known, n=1)
        hint = f"是否想写 {near[0]}？" if near else f"可用的键：{', '.join(known)}"
        return Problem("SPEC-UNKNOWN-KEY", f"未知的键 {', '.join(unknown)}", str(path), column=key, hint=hint)
    hint = "参照 spec.schema.json"
    return Problem("SPEC-INVALID", "规格不合要求", str(path), column=key, found=error.message, hint=hint)


def _field(data: Mapping[str, Any]) -> Field:
    values = {("from_" if key == "from" else key): value for key, value in data.items()}
    values["enum"] = tuple(values.get("enum", ()))
    return Field(**values)


def _fields(data: list[Mapping[str, Any]]) -> tuple[Field, ...]:
    return tuple(map(_field, data))


def _official(data: Mapping[str, Any], frame: Mapping[str, tuple[Field, ...]]) -> TableSpec:
    printed = _fields(data["fields"])
    return TableSpec(
        name=data["name"],
        title=data["title"],
        en=data["en"],
        description=data["description"],
        fields=(
            frame["table_leading"]
            + printed
            + (() if "lists" in data else frame["table_parent"])
            + frame["table_trailing"]
        ),
        key=("文件", "行次"),
        presentation=data.get("presentation", {}),
        printed=tuple(f for f in printed if not f.derived),
        number=data["number"],
        concept=data["concept"],
        shape=data["shape"],
        lists=data.get("lists"),
    )


def _names(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _subject(data: Mapping[str, Any], frame: Mapping[str, tuple[Field, ...]]) -> TableSpec:
    own = _fields(data["fields"])
    sources = tuple(
        SubjectSource(
            item["table"],
            tuple(item["rows"]),
            _names(item.get("present", ())),
            item.get("constants", {}),
            item.get("renames", {}),
            item.get("columns", {}),
            item.get("unless"),
        )
        for item in data["sources"]
    )
    return TableSpec(
        name=data["name"],
        title=data["title"],
        en=data["en"],
        description=data["description"],
        fields=frame["subject_leading"] + own + frame["subject_trailing"],
        key=("键",),
        presentation=data.get("presentation", {}),
        printed=own,
        derive=data["derive"],
        sources=sources,
    )


def _record(data: Mapping[str, Any]) -> TableSpec:
    given = _fields(data["fields"])
    choices = {field.name: field.enum for field in given}
    fields = tuple(replace(f, enum=choices.get(f.source, ())) if f.type == "rank" else f for f in given)
    return TableSpec(
        name=data["name"],
        title=data["title"],
        en=data["en"],
        description=data["description"],
        fields=fields,
        key=tuple(data["key"]),
        presentation=data.get("presentation", {}),
        printed=fields,
    )


def _check_references(specs: Specs) -> None:
    """Refuse references to tables, fields or sources that do not exist."""
    problems = []
    names = {spec.name for spec in specs.every_table()}
    for spec in specs.every_table():
        known = {field.name for field in spec.fields}
        wanted = {field.references for field in spec.fields if field.references} | {s.table for s in spec.sources}
        wanted |= {source.unless for source in spec.sources if source.unless}
        problems += [_dangling(spec.name, "references", name, names) for name in sorted(wanted - names)]
        shown = {value for key, value in spec.presentation.items() if key in {"sort", "sort_desc", "label"}}
        problems += [
            _dangling(spec.name, "presentation", name, known) for name in sorted((shown | set(spec.key)) - known)
        ]
        listed = {name for columns in (spec.lists or {}).values() for name in columns.values()}
        problems += [_dangling(spec.name, "lists", name, known) for name in sorted(listed - known)]
        problems += _source_problems(spec, specs.tables)
    for layout in specs.layouts.values():
        problems += layout_problems(layout, specs.tables)
    columns = {spec.concept or "": frozenset(f.name for f in spec.fields) for spec in specs.tables.values()}
    named = {spec.name: {field.name for field in spec.fields} for spec in specs.every_table()}
    problems += [_dangling(*unknown) for unknown in unknown_names(specs.search, named)]
    problems += [
        _dangling(f"rules.yml {who}", "rules", name, set(known)) for who, name, known in dangling(specs.rules, columns)
    ]
    amounts = {spec.name: {f.name for f in spec.printed if f.type == "amount"} for spec in specs.subjects.values()}
    problems += [_dangling("site.yml", *unknown) for unknown in unknown_measures(specs.site, amounts)]
    if problems:
        raise SpecError(*problems)


def layout_problems(layout: Layout, tables: Mapping[str, TableSpec]) -> Iterator[Problem]:
    """Yield tables and fields that do not exist, and fields that a layout neither describes nor calls absent."""
    for table, found in layout.tables.items():
        if table not in tables:
            yield _dangling(layout.name, "tables", table, set(tables))
            continue
        printed = {field.name for field in tables[table].printed}
        said = {*found.columns, *found.code_parts, *found.absent}
        wanted = {field.name for field in tables[table].printed if not field.optional} | set(found.sometimes)
        if found.required is not None:
            wanted = {name for names in found.required for name in names.split("|")}
        yield from (_dangling(layout.name, table, name, printed) for name in sorted(said - printed))
        yield from (_dangling(layout.name, table, name, said) for name in sorted(wanted - said))


def _source_problems(spec: TableSpec, tables: Mapping[str, TableSpec]) -> Iterator[Problem]:
    """Yield what a subject table wants from official tables that these do not have: it would silently stay empty."""
    own = {field.name for field in spec.printed}
    filled, readable, kinds = set[str](), set[str](), set(get_args(RowKind))
    for source in (source for source in spec.sources if source.table in tables):
        known = {field.name for field in tables[source.table].fields}
        wanted = {*source.columns, *source.renames.values(), *source.present}
        given = {*source.constants, *source.renames, *(key for meaning in source.columns.values() for key in meaning)}
        yield from (_dangling(spec.name, "sources", name, known) for name in sorted(wanted - known))
        yield from (_dangling(spec.name, "sources", name, own) for name in sorted(given - own))
        yield from (_dangling(spec.name, "rows", name, kinds) for name in sorted(set(source.rows) - kinds))
        filled, readable = filled | given, readable | known
    for field in spec.printed if spec.derive == "rows" else ():
        known = own if field.type == "fen" else readable
        if field.name not in filled and field.source not in known:
            yield _dangling(spec.name, "fields", field.source, known)


def _dangling(owner: str, key: str, name: str, known: set[str]) -> Problem:
    near = difflib.get_close_matches(name, known, n=1)
    return Problem(
        "SPEC-REFERENCE",
        f"{owner} 的 {key} 与 {name} 对不上",
        column=key,
        found=name,
        hint=f"是否想写 {near[0]}？" if near else "检查拼写",
    )
