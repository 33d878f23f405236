"""The house rules: who may import whom, how long things may get, and what never happens.

The tables in this file are the picture. Changing the house means changing them, in the same commit and on purpose.
"""

from __future__ import annotations

import ast
import csv
import re
import sys
import tokenize
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "scripts" / "yusuan"
SCHEMAS = ROOT / "schemas"

#: From the ground up. A module may import what its own layer and the layers named beside it hold, nothing else:
#: understanding a document needs neither a disk nor a reader, the site needs the specs and shows pages of documents.
LAYERS = {
    "ground": ({"errors", "values", "grams"}, set()),
    "things": (
        {"model", "codes", "vocabulary", "layouts", "findable", "rulebook", "explained", "spec", "frame"},
        {"ground"},
    ),
    "disk": ({"files", "workers"}, {"ground"}),
    "reading": ({"reading"}, {"ground", "things"}),
    "understanding": ({"tables", "identity", "places", "checks", "personal", "narrative"}, {"ground", "things"}),
    "document": ({"disclosure", "companions", "verify", "drafting"}, {"ground", "things", "understanding"}),
    "rows": ({"rows"}, {"ground", "things"}),
    "decisions": ({"review", "layout_file"}, {"ground", "things"}),
    "audit": ({"audit", "quality", "report", "standing"}, {"ground", "things", "understanding", "rows", "decisions"}),
    "package": ({"package"}, {"ground", "things", "disk", "rows"}),
    "kept": ({"names", "sums"}, {"things"}),
    "stores": ({"validation", "database", "fulltext"}, {"ground", "things", "disk", "rows", "package", "kept"}),
    "outlets": ({"site", "static", "zenodo", "dictionary"}, {"ground", "things", "disk", "reading", "kept"}),
    "publication": (
        {"publishing"},
        {"ground", "things", "disk", "understanding", "rows", "decisions", "audit", "package", "stores", "outlets"},
    ),
    "order": (
        {"workflow", "release", "trial", "code_import", "deposit"},
        {
            *("ground", "things", "disk", "reading", "understanding", "document", "rows", "decisions", "audit"),
            *("package", "stores", "outlets", "publication"),
        },
    ),
    "terminal": ({"console"}, {"ground", "audit", "publication", "order"}),
    "command": ({"cli"}, {"ground", "things", "document", "outlets", "order", "terminal"}),
}
#: Where each library that is heavy, untyped or easily replaced may be imported; other libraries are not used at all.
HOMES = {
    "typer": {"cli"},
    "rich": {"console"},
    "frictionless": {"validation"},
    "sqlite_utils": {"database"},
    "datasette": {"site"},
    "uvicorn": {"site"},
    "httpx": {"zenodo"},
    "markupsafe": {"site"},
    "openpyxl": {"site", "code_import"},
    "pdfplumber": {"reading"},
    "pypdfium2": {"reading"},
    "pdfminer": {"reading"},
    "PIL": {"reading"},
    "pyarrow": {"publishing"},
    "cryptography": {"publishing"},
    "jsonschema": {"spec"},
    "yaml": {"spec", "site", "review", "layout_file"},
}
MODULE_LINES, FUNCTION_LINES, PARAMETERS = 400, 40, 6
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base", "core"}
#: Facts of the sample: the code may know forms, never contents. A code stands in examples of docstrings and help.
SAMPLE_FACTS = ["智能制造", "科技服务中心", "柳州市科学技术局", "1,117.75", "1117.75", "751.44", "1,083.55"]

#: Names with two meanings, known and not to become more: an amount printed in a cell, the target of an indicator;
#: the key of a project, an item of the narrative.
HOMONYMS = {"数值": {"amount", "rate"}, "项目": {"code", "text"}}


def _name(path):
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").rstrip(".")


MODULES = {_name(path): ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}
PYTHON = [path for folder in ("scripts", "tests") for path in sorted((ROOT / folder).rglob("*.py"))]
SPECS = sorted(SCHEMAS.rglob("*.yml"))


def _imports(tree):
    """Yield (own, name) of everything imported, `yusuan.values` as (True, "values"); the package itself is ""."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            own = [f"{node.module}.{alias.name}" for alias in node.names]
            found = [name if name.removeprefix("yusuan.") in MODULES else node.module for name in own]
        else:
            continue
        for name in found:
            yield name.split(".")[0] == "yusuan", name.removeprefix("yusuan").removeprefix(".")


def _own(name):
    """Return the modules of ours that a module imports."""
    return {other for own, other in _imports(MODULES[name]) if own and other}


def _foreign(name):
    """Return the libraries that a module imports."""
    libraries = {other.split(".")[0] for own, other in _imports(MODULES[name]) if not own}
    return libraries - sys.stdlib_module_names


def _room(name):
    """Return the layer of a module: that of its top-level name."""
    return next(layer for layer, (modules, _) in LAYERS.items() if name.split(".")[0] in modules)


def _functions():
    for name, tree in MODULES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name}.{node.name}", node


def test_every_module_has_its_room():
    rooms = [module for modules, _ in LAYERS.values() for module in modules]
    assert sorted(rooms) == sorted({name.split(".")[0] for name in MODULES if name})


def test_the_picture_itself_points_downwards():
    order = list(LAYERS)
    for layer, (_, below) in LAYERS.items():
        assert all(order.index(other) < order.index(layer) for other in below), layer


@pytest.mark.parametrize("name", [name for name in MODULES if name])
def test_imports_go_downwards(name):
    allowed = {_room(name)} | LAYERS[_room(name)][1]
    upwards = {other for other in _own(name) if _room(other) not in allowed}
    assert upwards == set(), f"{name} ({_room(name)}) may import from {sorted(allowed)}"


def test_the_picture_promises_no_more_than_is_used():
    """A right that nobody uses is a hole in the wall."""
    for layer, (_, below) in LAYERS.items():
        used = {_room(other) for name in MODULES if name and _room(name) == layer for other in _own(name)}
        assert below <= used, layer


def test_there_is_no_circle():
    graph = {name: _own(name) for name in MODULES if name}
    assert set(TopologicalSorter(graph).static_order()) == set(graph)


def test_each_library_has_its_home():
    homes = {}
    for name in filter(None, MODULES):
        for library in _foreign(name):
            homes.setdefault(library, set()).add(name.split(".")[0])
    assert {library: sorted(homes[library]) for library in homes} == {lib: sorted(HOMES.get(lib, ())) for lib in homes}


def test_understanding_uses_the_standard_library_alone():
    """And neither files nor clocks nor chance: the same document always means the same."""
    impure = {"os", "pathlib", "io", "random", "time", "datetime", "socket", "subprocess", "tempfile", "shutil"}
    for name in filter(None, MODULES):
        if _room(name) in {"ground", "understanding", "document", "rows"} and name != "errors":
            libraries = {other.split(".")[0] for own, other in _imports(MODULES[name]) if not own}
            assert not libraries & impure, name
            assert libraries <= sys.stdlib_module_names, name


def test_no_module_is_too_long():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines())
        for path in PYTHON
        if "tests" not in path.parts
    }
    assert {name: length for name, length in lengths.items() if length > MODULE_LINES} == {}


def test_no_function_is_too_long():
    lengths = {name: node.end_lineno - node.lineno + 1 for name, node in _functions()}
    assert {name: length for name, length in lengths.items() if length > FUNCTION_LINES} == {}
    assert sorted(lengths.values())[len(lengths) // 2] <= 12  # the median


def test_no_function_takes_too_much():
    """A command's options are its parameters; everything else gets a dataclass in time."""
    for name, node in _functions():
        taken = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        taken = [argument for argument in taken if argument.arg not in {"self", "cls"}]
        assert len(taken) <= PARAMETERS or name.startswith("cli."), name


def test_no_module_is_called_whatever():
    assert not {part for name in MODULES for part in name.split(".")} & FORBIDDEN_NAMES


def test_nothing_is_caught_blindly():
    for name, tree in MODULES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler):
                assert node.type is not None, f"{name}:{node.lineno}"
                caught = {item.id for item in ast.walk(node.type) if isinstance(item, ast.Name)}
                assert not caught & {"Exception", "BaseException"}, f"{name}:{node.lineno}"


def test_public_names_are_documented():
    missing = []
    for name, tree in MODULES.items():
        missing += [] if ast.get_docstring(tree) else [name]
        for scope in (tree, *(node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))):
            inside = isinstance(scope, ast.ClassDef) and scope.name.startswith("_")
            for node in scope.body:
                public = isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.name[0] != "_"
                if public and not inside and not ast.get_docstring(node):
                    missing.append(f"{name}.{node.name}")
    assert missing == []


def _suppressions(path):
    """Yield (line, comment, line above) of every comment that switches a rule off."""
    lines = path.read_text("utf-8").splitlines()
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT and re.search(
                r"#\s*(ruff: )?noqa|#\s*type: ignore|pragma: no", token.string
            ):
                yield token.start[0], token.string, lines[token.start[0] - 2]


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_suppression_has_a_reason(path):
    reasoned = set()
    for line, comment, above in _suppressions(path):
        reason = re.search(r"(noqa: [A-Z0-9, ]+|type: ignore\[[a-z, -]+\]) - \w", comment)
        if reason or above.strip().startswith("#") or line - 1 in reasoned:
            reasoned.add(line)  # one reason serves a block of lines
    assert {line for line, _, _ in _suppressions(path)} <= reasoned


@pytest.mark.parametrize("fact", SAMPLE_FACTS)
def test_the_code_knows_no_fact_of_the_sample(fact):
    files = [*PACKAGE.rglob("*.py"), *SCHEMAS.rglob("*.yml"), *PACKAGE.rglob("*.html")]
    assert [str(path) for path in files if fact in path.read_text("utf-8")] == []


def test_the_code_of_the_sample_stands_in_docstrings_alone():
    for name, tree in MODULES.items():
        documented = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and ast.get_docstring(node)
        }
        constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in documented]
        assert not [node.lineno for node in constants if "405003" in str(node.value)], name
    assert not [path for path in SPECS if "405003" in path.read_text("utf-8")]


def _dictionaries(data):
    """Yield every mapping in a spec file, the file itself included."""
    if isinstance(data, dict):
        yield data
        for value in data.values():
            yield from _dictionaries(value)
    elif isinstance(data, list):
        for value in data:
            yield from _dictionaries(value)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: str(path.relative_to(SCHEMAS)))
def test_specs_have_english_glosses(path):
    data = yaml.safe_load(path.read_text("utf-8"))
    fields = [item for item in _dictionaries(data) if {"name", "type"} <= set(item)]
    for item in fields + ([data] if "fields" in data else []):
        assert re.fullmatch(r"[\x20-\x7e]{3,}", item["en"]), item["name"]
        assert re.search("[A-Za-z]{2}", item["en"]), item["name"]


def test_columns_of_one_name_have_one_type(specs):
    """Whoever learns what 合计 or 单位 is learns it once."""
    types, targets = {}, {}
    for spec in specs.every_table():
        for field in spec.fields:
            types.setdefault(field.name, set()).add(field.type)
            if field.references:
                targets.setdefault(field.name, set()).add(field.references)
    assert {name: found for name, found in types.items() if len(found) > 1} == HOMONYMS
    assert {name for name, found in targets.items() if len(found) > 1} == {
        "科目编码",
        "类",
        "上级科目",
    }  # of either classification


@pytest.mark.parametrize("name", ["functional", "economic", "divisions"])
def test_code_lists_are_sorted_and_unique(name):
    with (SCHEMAS / "codes" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    codes = [row["code"] for row in rows]
    assert codes == sorted(set(codes))
    assert all(row["name"].strip() == row["name"] != "" for row in rows)
