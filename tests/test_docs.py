"""What the documents say is what the project does: commands run, outputs agree, names exist, nothing generated is stale."""

from __future__ import annotations

import ast
import contextlib
import os
import re
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import yusuan
from yusuan import errors, workflow
from yusuan.cli import app
from yusuan.dictionary import data_dictionary, rules_page
from yusuan.reading import SUFFIXES
from yusuan.site.metadata import metadata_yaml
from yusuan.spec import load_specs
from yusuan.validation import _MESSAGES

ROOT = Path(__file__).resolve().parents[1]
CODE = ROOT / "scripts" / "yusuan"
READMES = [ROOT / "README.md", ROOT / "README.en.md"]
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
PAGES = [*READMES, CONTRIBUTING, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
MAKE_TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
MAKE_DOCS = "过期了：运行 make docs，把结果一起提交"

#: Lines of sh blocks that no test can run; each says why in the document, behind one of MARKS.
NOT_RUN = ("python3 -m pip wheel ", "python3 -m pip install ")
MARKS = ("# 测试不执行：", "# not run by the tests: ")

#: Addresses of the site that the READMEs name are opened, those of pages of our own included.
SITE = ("/budget", "/unit/", "/code/", "/compare", "/ranking/")

by_name = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@cache
def blocks(page):
    """Return the fenced blocks of a page: where they begin, their language, their lines."""
    text = page.read_text("utf-8")
    fences = re.finditer(r"^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [(f"{page.name}:{text.count(chr(10), 0, f.start()) + 1}", f[1], f[2].splitlines()) for f in fences]


@cache
def prose(page):
    """Return the text of a page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def headings(page):
    return re.findall(r"^(#+) (.+)$", prose(page), re.MULTILINE)


def section(page, title):
    """Return the text below one heading of level 2."""
    parts = re.split(r"^## ", prose(page), flags=re.MULTILINE)
    return next(part for part in parts if part.startswith(title + "\n"))


def rows(text):
    """Return the cells of the tables in a text, heads and rules left out."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    rules = [i for i, cells in enumerate(lines) if set("".join(cells)) <= set("|- ")]
    return [cells for i, cells in enumerate(lines) if i not in rules and i + 1 not in rules]


def marked(text):
    return re.findall(r"`([^`\n]+)`", text)


@pytest.fixture
def workplace(tmp_path):
    """Return a folder like a fresh checkout to a reader of the documents: the sample and the specs."""
    shutil.copytree(ROOT / "datapackage" / "sources", tmp_path / "datapackage" / "sources")
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    return tmp_path


def environment(folder):
    paths = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": paths, "YUSUAN_SCHEMAS": str(folder / "schemas"), "PYTHONUTF8": "1", "NO_COLOR": "1"}


def run(command, folder):
    """Run a command and return its end and everything it printed."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.run(command, cwd=folder, env=environment(folder), check=False, timeout=120, **pipes)


def assert_says(expected, actual, where):
    """Compare line by line; a line `…` of the document stands for any lines."""
    pattern = "".join(r"(?:.*\n)*?" if line == "…" else re.escape(line) + "\n" for line in expected)
    assert re.fullmatch(pattern, actual), f"{where} shows\n{chr(10).join(expected)}\nbut it is\n{actual}"


def run_line(line, folder, where):
    """Run one line of a sh block and return its output."""
    command = re.sub(r" +# .*", "", line)
    if command.startswith("make "):
        assert command.removeprefix("make ") in MAKE_TARGETS, where
        return ""
    if command.startswith(NOT_RUN):
        assert any(mark in line and line.split(mark)[1] for mark in MARKS), f"{where} does not say why it is not run"
        return ""
    if command.startswith("yusuan serve"):
        return serve(command, folder)
    code = int(match[1]) if (match := re.search(r"# 退出码 (\d+)$", line)) else 0
    done = run(["bash", "-c", command], folder)
    assert done.returncode == code, f"{where} {line}\nends with {done.returncode}\n{done.stdout}"
    return done.stdout


def serve(command, folder):
    """Start the site on a free port, open every address the documents name, interrupt it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    words = shlex.split(re.sub(r"--port \d+", f"--port {port}", command))
    assert f"{port}" in words, "the documented line must name a port"
    names = {address for page in READMES for address in marked(prose(page)) if address.startswith(SITE)}
    assert len(names) > 3
    words[0] = str(Path(sys.executable).parent / words[0])
    with subprocess.Popen(words, cwd=folder, env=environment(folder), stdout=subprocess.DEVNULL) as site:
        try:
            wait_for(port)
            for name in sorted(names):
                urllib.request.urlopen(f"http://127.0.0.1:{port}{name}", timeout=30).close()
        finally:
            site.send_signal(signal.SIGINT)
        assert site.wait(30) == 0
    return ""


def wait_for(port):
    for _ in range(300):
        with contextlib.suppress(ConnectionRefusedError):
            return socket.create_connection(("127.0.0.1", port)).close()
        time.sleep(0.1)
    raise AssertionError(port)


@by_name
def test_every_example_runs_and_says_what_the_page_shows(page, workplace):
    said = None
    if page.name == "layouts.md":  # the document of an invented place is printed on the spot
        shutil.copytree(ROOT / "tests" / "generator", workplace / "tests" / "generator")
    for where, language, lines in blocks(page):
        if language == "sh":
            said = "".join(run_line(line, workplace, where) for line in lines)
        elif language == "python":
            done = run([sys.executable, "-c", "\n".join(lines)], workplace)
            assert done.returncode == 0, f"{where}\n{done.stdout}"
            said = done.stdout
        elif language == "text" and said is not None:
            assert_says(lines, said, where)
            said = None


def test_every_exception_from_running_is_used():
    lines = [line for page in PAGES for _, language, lines in blocks(page) if language == "sh" for line in lines]
    assert [start for start in NOT_RUN if not any(line.startswith(start) for line in lines)] == []


def test_make_targets_exist():
    assert set(re.findall(r"`make ([a-z]+)`", "".join(map(prose, PAGES)))) <= MAKE_TARGETS


def test_the_demo_shows_the_shipped_document_and_a_printed_one(workplace):
    """What `make demo` builds before it serves: in a folder of its own, from a text and from a PDF."""
    shutil.copytree(ROOT / "tests" / "generator", workplace / "tests" / "generator")
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, workplace)
    (workplace / ".venv").mkdir()
    (workplace / ".venv" / ".ready").touch()  # the programs stand elsewhere already
    done = run(["make", "build/demo/budget.db", f"BIN={Path(sys.executable).parent}"], workplace)
    assert done.returncode == 0, done.stdout
    assert [path.name for path in (workplace / "datapackage").iterdir()] == ["sources"]
    with contextlib.closing(sqlite3.connect(workplace / "build" / "demo" / "budget.db")) as database:
        sources = dict(database.execute("select 单位名称, 来源文件 from documents join units using (单位)"))
        pages = "select count(*), count(页), count(框), count(源行) from cells join documents using (文件) where 来源文件 = ?"
        cells = {source: database.execute(pages, [source]).fetchone() for source in sources.values()}
        tables = dict(
            database.execute("select 来源文件, count(*) from document_tables join documents using (文件) group by 1")
        )
    assert {Path(source).suffix: name for name, source in sources.items()} == {
        ".md": "柳州市智能制造科技服务中心",
        ".pdf": "柳州市虚构示例服务中心",
    }
    for source, (count, page, box, line) in cells.items():
        assert count > 1000, source
        assert (page, line) == ((count, 0) if source.endswith(".pdf") else (0, count))
        assert (box > 1000) == source.endswith(".pdf")  # squares that another cell spans have no box of their own
    assert set(tables.values()) == {12}


def test_the_english_readme_keeps_step():
    """Same headings, same commands, same code, same outputs; only the language differs."""
    assert [len(level) for level, _ in headings(READMES[1])] == [len(level) for level, _ in headings(READMES[0])]
    chinese, english = (
        [re.sub(r" +# .*", "", "\n".join(lines)) for _, language, lines in blocks(page) if language != "mermaid"]
        for page in READMES
    )
    assert chinese == english


def command_names(*, hidden=True):
    infos = [info for info in app.registered_commands if hidden or not info.hidden]
    return {info.name or info.callback.__name__ for info in infos} | {group.name for group in app.registered_groups}


def exit_codes():
    """Return every code a run can end with: success, findings, our exceptions, and what cli.py exits with itself."""
    tree = ast.parse((CODE / "cli.py").read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "sys.exit"]
    own = {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}
    return {0, 1} | own | {kind.exit_code for kind in errors.YusuanError.__subclasses__()}


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_readme_lists_every_command_and_exit_code_and_no_other(page):
    heads = [cells[0] for cells in rows(prose(page))]
    assert {head.strip("`").split()[1] for head in heads if head.startswith("`yusuan ")} == command_names()
    assert [int(head) for head in heads if head.isdigit()] == sorted(exit_codes())


def test_architecture_lists_every_exception_with_its_code():
    listed = {cells[0].strip("`"): int(cells[1]) for cells in rows(section(ARCHITECTURE, "两种失败"))}
    assert listed == {kind.__name__: kind.exit_code for kind in errors.YusuanError.__subclasses__()}


def test_readme_says_what_can_be_read():
    for page, start in zip(READMES, ("* 今天能读", "* PDF and text can"), strict=True):
        (line,) = [line for line in prose(page).splitlines() if line.startswith(start)]
        assert tuple(marked(line)) == SUFFIXES
        assert [name for name in load_specs().layouts if f"`{name}`" not in prose(page)] == []


@by_name
def test_links_and_images_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if target.startswith(("http://", "https://")):
            continue
        name, _, anchor = target.partition("#")
        path = page.parent / name if name else page
        assert path.exists(), target
        if anchor:
            assert anchor in {title.lower().replace(" ", "-") for _, title in headings(path)}, target


def test_screenshots_are_small_pngs_and_shown():
    images = sorted((ROOT / "docs" / "images").iterdir())
    assert {"home.png", "expenditure_by_function.png"} <= {image.name for image in images}
    for image in images:
        assert image.read_bytes().startswith(b"\x89PNG"), image.name
        assert image.stat().st_size <= 250_000, image.name
        assert all(f"docs/images/{image.name}" in prose(page) for page in READMES), image.name


def test_naming_page_names_what_exists():
    """Every identifier of the glossary occurs in code or specs (or is a path); every official and subject table is in it."""
    page = ROOT / "docs" / "naming.md"
    sources = [*CODE.rglob("*.py"), *(ROOT / "schemas").rglob("*.yml"), *(ROOT / "schemas" / "codes").iterdir()]
    known = {path.stem for path in sources} | set(re.findall(r"\w+", "\n".join(p.read_text("utf-8") for p in sources)))
    named = {name for cells in rows(prose(page)) for name in marked(cells[1])}
    assert sorted(name for name in named if name not in known and not (ROOT / name).exists()) == []
    assert [cells for cells in rows(prose(page)) if len(cells) != 3 or not all(cells)] == []
    assert sorted({*load_specs().tables, *load_specs().subjects} - set(marked(prose(page)))) == []


def module_name(path):
    parts = path.relative_to(CODE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules():
    return {name: path for path in CODE.rglob("*.py") if (name := module_name(path))}


def imports(path):
    """Return the modules of ours and the packages of others that a file imports, anywhere in it."""
    ours, others = set(), set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            full = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name.removeprefix("yusuan.") in modules() else node.module for name in full]
        for name in names:
            if name.split(".")[0] != "yusuan":
                others.add(name.split(".")[0])
            elif name != "yusuan":
                ours.add(name.removeprefix("yusuan."))
    return ours, others - sys.stdlib_module_names


def layers():
    """Return the modules of each layer of docs/architecture.md, topmost first."""
    parts = re.split(r"^### .+$", section(ARCHITECTURE, "层次"), flags=re.MULTILINE)[1:]
    return [[cells[0].strip("`") for cells in rows(part) if all(cells)] for part in parts]


def test_architecture_names_every_module_once():
    assert sorted(name for layer in layers() for name in layer) == sorted(modules())


def test_imports_go_downwards_only_and_in_no_circle():
    rank = {name: number for number, layer in enumerate(layers()) for name in layer}
    graph = {name: imports(path)[0] for name, path in modules().items()}
    upwards = [(name, other) for name, found in graph.items() for other in found if rank[other] < rank[name]]
    assert upwards == []
    assert len(list(TopologicalSorter(graph).static_order())) == len(graph)


def test_each_library_has_the_home_that_architecture_says():
    listed = {cells[0].strip("`"): marked(cells[1]) for cells in rows(section(ARCHITECTURE, "第三方库各有其家"))}
    homes = {}
    for name, path in modules().items():
        for library in imports(path)[1]:
            homes.setdefault(library, []).append(name)
    assert {name: sorted(found) for name, found in listed.items()} == {n: sorted(found) for n, found in homes.items()}


def test_code_keeps_what_contributing_promises():
    limit = int(re.search(r"模块不超过 (\d+) 行", prose(CONTRIBUTING))[1])
    text = {name: path.read_text("utf-8") for name, path in modules().items()}
    assert [name for name in text if len(text[name].splitlines()) > limit] == []
    assert [name for name in text if name.split(".")[-1] in {"utils", "helpers", "common", "misc"}] == []
    assert [name for name in text if re.search(r"except( Base| )?Exception\b|except:", text[name])] == []
    bare = r"(?m)^(?!\s*#).*\n.*# noqa(?!: [A-Z0-9, ]+ - )"  # a reason stands behind it or in the line above
    assert [name for name in text if re.search(bare, text[name])] == []


MAKERS = {"Problem", "Finding", "_problem", "_finding", "problem"}
#: What may stand where a code stands without being one: names filled from constants that are found by their form.
PASSED_ON = {"code", "rule", "rule.id", "str(row['规则'])", "disclosure", "folder", "f'PACKAGE-{kind.upper()}'"}
SEVERITIES = {"error", "warning", "info"}
CODE_FORM = re.compile(r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+")


def severities(tree, given):
    """Return what the severity of a finding can be: the default, a constant, or whatever its name is assigned."""
    if given is None or isinstance(given, ast.Constant):
        return {given.value if given else "warning"}
    values = [a.value for a in ast.walk(tree) if isinstance(a, ast.Assign) and ast.unparse(a.targets[0]) == given.id]
    return {node.value for value in values for node in ast.walk(value) if isinstance(node, ast.Constant)} & SEVERITIES


@cache
def emitted():
    """Return every code in the source with the severities of the findings that bear it, none for problems."""
    found = {}
    for path in modules().values():
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and CODE_FORM.fullmatch(str(node.value)) and node.value != "UTF-8":
                found.setdefault(node.value, set())
            if isinstance(node, ast.Call) and (maker := ast.unparse(node.func).split(".")[-1]) in MAKERS:
                named = {word.arg: word.value for word in node.keywords}
                code = node.args[0] if node.args else named["code"]
                if not isinstance(code, ast.Constant):
                    assert ast.unparse(code) in PASSED_ON, f"{path.name}:{node.lineno} a code that no test can see"
                elif maker in {"Finding", "_finding"}:
                    severity = node.args[2] if len(node.args) > 2 else named.get("severity")
                    found.setdefault(code.value, set()).update(severities(tree, severity))
                else:
                    found.setdefault(code.value, set())
    return found | {f"PACKAGE-{kind.upper()}": set() for kind in _MESSAGES}


def test_every_code_is_explained_and_no_other():
    explained = [cells for cells in rows(prose(ROOT / "docs" / "errors.md")) if cells[0].startswith("`")]
    assert [cells for cells in explained if not all(map(str.strip, cells)) or len(cells) < 3] == []
    assert {cells[0].strip("`") for cells in explained} == set(emitted())


def test_every_notice_of_the_reader_has_a_title():
    """A finding refers to the table of rules: a code without a title there could not be loaded."""
    book = load_specs().rules
    assert {code for code, found in emitted().items() if found} == set(book.notices)


def test_every_finding_is_listed_with_its_severity():
    found = rows(section(ROOT / "docs" / "errors.md", "发现"))
    listed = {code.strip("`"): set(severity.split("、")) for code, severity, *_ in found}
    assert listed == {code: found for code, found in emitted().items() if found}


def test_contributing_opens_with_six_convictions_in_both_languages():
    assert next(title for level, title in headings(CONTRIBUTING) if level == "##") == "六条信念"
    chinese = re.findall(r"^\d\. \*\*(.+?)\*\*", section(CONTRIBUTING, "六条信念"), re.MULTILINE)
    english = re.findall(r"^\d\. \*\*(.+?)\*\*", section(CONTRIBUTING, "In English"), re.MULTILINE)
    about = ("发布", "名字", "数据", "一次", "纯净", "测试"), ("release", "name", "data", "once", "pure", "test")
    for texts, words in zip((chinese, english), about, strict=True):
        assert len(texts) == len(words)
        assert [word for word, text in zip(words, texts, strict=True) if word not in text] == []


def test_changelog_names_the_version_and_the_public_contract():
    page, specs = ROOT / "CHANGELOG.md", load_specs()
    titles = [title for _, title in headings(page)]
    engine, data = titles.index("引擎 Engine"), titles.index("数据 Data")
    assert any(title.split("（")[0] == yusuan.__version__ for title in titles[engine + 1 : data])
    assert f'version = "{yusuan.__version__}"' in (ROOT / "pyproject.toml").read_text("utf-8")
    contract = marked(section(page, "公开的约定"))
    (table, *_), (subject, *_) = specs.tables.values(), specs.subjects.values()
    columns = [[f.name for f in spec.fields[: spec.fields.index(spec.printed[0])]] for spec in (table, subject)]
    promised = command_names(hidden=False) | set(specs.tables) | set(specs.subjects) | {c for cs in columns for c in cs}
    assert promised == set(contract)


def test_metadata_and_dictionary_are_current():
    for name, made in (
        ("metadata.yml", metadata_yaml),
        ("docs/data-dictionary.md", data_dictionary),
        ("docs/rules.md", rules_page),
    ):
        assert (ROOT / name).read_text("utf-8") == made(load_specs()), f"{name} {MAKE_DOCS}"


def test_published_package_is_current(tmp_path):
    """The package in the repository is, byte for byte, what its sources give today."""
    sources = workflow.find_sources([str(ROOT / "datapackage" / "sources")])
    workflow.convert(sources, tmp_path, load_specs())
    made, kept = (
        {str(path.relative_to(root)): path.read_bytes() for path in root.glob("20*/**/*") if path.is_file()}
        for root in (tmp_path, ROOT / "datapackage")
    )
    stale = sorted(name for name in made.keys() | kept.keys() if made.get(name) != kept.get(name))
    assert stale == [], f"datapackage {MAKE_DOCS}"
