"""The command line as a person and a program meet it: help, JSON, exit codes, signals."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path

import pytest

from yusuan import __version__, cli, console, workflow
from yusuan.model import Finding

COMMANDS = ["convert", "validate", "load", "build", "serve", "publish", "verify", "diff"]
YUSUAN = Path(sys.executable).with_name("yusuan")
PROBLEM = {
    "code",
    "message",
    "source",
    "page",
    "line",
    "table",
    "row",
    "column",
    "expected",
    "found",
    "hint",
}
FINDING = {
    "rule",
    "message",
    "severity",
    "grade",
    "state",
    "settled",
    "suspect",
    "document",
    "table",
    "row",
    "column",
    "page",
    "line",
    "printed",
    "expected",
    "difference",
    "tolerance",
    "cells",
}
OUTCOME = {
    "source",
    "status",
    "standing",
    "standings",
    "document",
    "title",
    "package",
    "tables",
    "missing",
    "findings",
    "problems",
}


@pytest.fixture
def yusuan(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command in an empty folder and gives code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["yusuan", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return ended.value.code or 0, printed.out, printed.err

    return run


@pytest.fixture(scope="module")
def database(tmp_path_factory, sample_path):
    """Return a database built by the installed command."""
    folder = tmp_path_factory.mktemp("cli")
    done = subprocess.run([YUSUAN, "build", sample_path], cwd=folder, capture_output=True, text=True, check=True)
    assert "12 张表" in done.stdout
    assert done.stderr == ""
    return folder / "budget.db"


def test_without_arguments_it_shows_what_there_is(yusuan):
    code, out, err = yusuan()
    assert code == 2
    for command in COMMANDS:
        assert command in out + err


def test_version(yusuan):
    assert yusuan("--version") == (0, f"yusuan {__version__}\n", "")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_explains_itself_with_an_example(yusuan, command, option):
    code, out, err = yusuan(command, option)
    assert (code, err) == (0, "")
    assert re.search(rf"例：yusuan {command}\b", out)
    assert re.search("[\u4e00-\u9fff]{4}", out.split("例：")[0])


def test_the_commands_are_the_public_contract():
    shown = {command.name or command.callback.__name__ for command in cli.app.registered_commands if not command.hidden}
    assert set(COMMANDS) <= shown


@pytest.mark.parametrize(
    "arguments",
    [
        ["nix"],
        ["convert"],
        ["build", "x.md", "--nix"],
        ["publish", "next"],
        ["serve", "--port", "0"],
        ["validate", "nix"],
    ],
    ids=" ".join,
)
def test_wrong_use_ends_with_2(yusuan, arguments):
    code, _out, err = yusuan(*arguments)
    assert code == 2
    assert err.strip()


def test_build_tells_programs_everything(yusuan, sample_path):
    code, out, err = yusuan("build", sample_path, "--json")
    report = json.loads(out)
    assert (code, err) == (0, "")
    assert set(report) == {"exit_code", "documents", "problems", "rows"}
    assert (report["exit_code"], report["problems"]) == (0, [])
    (document,) = report["documents"]
    assert set(document) == OUTCOME
    assert (document["status"], document["document"]) == ("converted", "450200-405003-2026-budget")
    assert document["tables"]["t03_expenditure"] == 10
    assert document["findings"]
    for finding in document["findings"]:
        assert set(finding) == FINDING
        assert finding["severity"] in {"error", "warning", "info"}
        assert finding["grade"] in {None, "within_rounding", "violated"}
    assert report["rows"]["expenditure_by_function"] == 7


def test_a_quarantined_document_in_json(yusuan, tmp_path):
    (tmp_path / "a:cat:b.md").write_text("# 通知\n", "utf-8")
    code, out, _err = yusuan("convert", "a:cat:b.md", "--json")
    report = json.loads(out)
    assert code == report["exit_code"] == 3
    (document,) = report["documents"]
    assert (document["status"], document["source"], document["document"]) == ("quarantined", "a:cat:b.md", None)
    (problem,) = document["problems"]
    assert set(problem) == PROBLEM
    assert problem["code"] == "NOT-A-BUDGET"


def test_findings_that_are_errors_end_with_1(yusuan, tmp_path, sample_text):
    wrong = sample_text.replace("住房公积金\t77.04\t77.04\t0.00\t0.00", "住房公积金\t99.04\t77.04\t0.00\t0.00")
    (tmp_path / "wrong.md").write_text(wrong, "utf-8")
    code, out, _err = yusuan("build", "wrong.md")
    assert code == 1
    assert "错误 T03-ROW" in out
    assert (tmp_path / "budget.db").exists()  # what was printed is published, with the finding
    code, out, _err = yusuan("publish", "2026", "--sources", ".", "--dry-run", "--json")
    assert code == 1
    assert [gate["name"] for gate in json.loads(out)["gates"] if not gate["passed"]] == ["agrees"]
    code, _out, err = yusuan("publish", "2026")
    assert code == 1
    assert "GATE-REFUSED" in err


def test_step_by_step_is_the_same_as_build(yusuan, tmp_path, sample_path, database):
    assert yusuan("convert", sample_path)[0] == 0
    assert yusuan("validate") == (0, "数据包有效\n", "")
    assert yusuan("validate", "datapackage/2026", "--json")[0] == 0
    assert yusuan("load")[0] == 0
    assert (tmp_path / "budget.db").read_bytes() == database.read_bytes()


def test_an_invalid_package_ends_with_1_and_says_where(yusuan, tmp_path, sample_path):
    yusuan("convert", sample_path)
    path = tmp_path / "datapackage" / "2026" / "data" / "t03_expenditure.csv"
    path.write_text(path.read_text("utf-8").replace("751.44", "751.45"), "utf-8")
    code, out, err = yusuan("validate")
    assert (code, out) == (1, "")
    assert "datapackage/2026/data/t03_expenditure.csv" in err
    code, out, _err = yusuan("validate", "--json")
    assert code == json.loads(out)["exit_code"] == 1
    assert all(set(problem) == PROBLEM for problem in json.loads(out)["problems"])
    assert yusuan("load")[0] == 4
    assert not (tmp_path / "budget.db").exists()


def test_publish_in_json(yusuan, tmp_path, sample_path):
    yusuan("convert", sample_path)
    code, out, err = yusuan("publish", "2026", "--sources", sample_path.parent, "--json")
    release = json.loads(out)
    assert (code, err) == (0, "")
    assert {"version", "gates", "files", "folder", "date", "changes"} <= set(release)
    assert (release["version"], release["folder"]) == ("2026.1", "releases/2026.1")
    assert (tmp_path / "releases" / "2026.1" / "SHA256SUMS").exists()


def test_a_misspelled_key_in_the_specs_names_the_near_miss(yusuan, tmp_path, specs, monkeypatch, sample_path):
    schemas = shutil.copytree(specs.root, tmp_path / "schemas")
    path = schemas / "tables" / "t03_expenditure.yml"
    path.write_text(path.read_text("utf-8").replace("subtotal:", "subtotl:"), "utf-8")
    monkeypatch.setenv("YUSUAN_SCHEMAS", str(schemas))
    code, _out, err = yusuan("convert", sample_path)
    assert code == 2
    assert "SPEC-UNKNOWN-KEY" in err
    assert str(path) in err
    assert "是否想写 subtotal？" in err
    assert not (tmp_path / "datapackage").exists()


def test_specs_that_are_not_there(yusuan, tmp_path, monkeypatch):
    monkeypatch.setenv("YUSUAN_SCHEMAS", str(tmp_path / "nix"))
    code, _out, err = yusuan("metadata")
    assert code == 2
    assert "YUSUAN_SCHEMAS" in err


@pytest.mark.parametrize("encoding", ["gbk", "ascii", "latin-1"])
def test_a_terminal_that_cannot_show_everything_is_no_reason_to_fail(database, sample_path, encoding):
    """A Chinese terminal may speak GBK, which has no ✓; JSON stays exact everywhere."""
    surroundings = os.environ | {"PYTHONIOENCODING": encoding}
    command = [YUSUAN, "convert", sample_path]
    done = subprocess.run(command, cwd=database.parent, env=surroundings, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "2026" in done.stdout.decode(encoding)
    done = subprocess.run([*command, "--json"], cwd=database.parent, env=surroundings, capture_output=True, check=True)
    assert json.loads(done.stdout.decode(encoding))["documents"][0]["title"].endswith("单位预算公开说明")


def test_no_traceback_when_the_reader_of_the_output_goes_away(database, sample_path):
    """`yusuan convert … --json | head -1` is how people look at it."""
    command = f"'{YUSUAN}' convert '{sample_path}' --json | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=database.parent, capture_output=True, text=True, check=True)
    assert done.stdout == "{\n"
    assert "Traceback" not in done.stderr


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def _answer(server, port):
    """Wait until the server says that it is ready, then ask for the home page."""
    ready, _, _ = select.select([server.stdout], [], [], 120)
    assert ready, "the server said nothing"
    assert f"http://127.0.0.1:{port}/" in server.stdout.readline()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=120) as page:
        return page.read().decode()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_serve_answers_and_ends_when_told(database, number):
    port = _free_port()
    command = [YUSUAN, "serve", database, "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert "柳州市智能制造科技服务中心" in _answer(server, port)
        server.send_signal(number)
        _out, err = server.communicate(timeout=120)
    finally:
        server.kill()
    assert "Traceback" not in err
    assert server.returncode in ({0, -signal.SIGTERM} if number == signal.SIGTERM else {0, 130})
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5)


def test_serve_is_not_ready_where_the_port_is_taken(yusuan, database):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, err = yusuan("serve", database, "--port", port)
    assert (code, out) == (5, "")
    assert "PORT-TAKEN" in err
    assert f"--port {port + 1}" in err


def test_serve_without_a_database(yusuan):
    code, out, err = yusuan("serve")
    assert (code, out) == (2, "")
    assert "DATABASE-MISSING" in err


def test_help_does_not_pay_for_what_it_does_not_need():
    """Datasette and frictionless take a second to import; only their commands may."""
    script = "import sys, yusuan.cli; print([name for name in ('datasette', 'frictionless', 'uvicorn') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_interrupted_run_ends_with_130(yusuan, monkeypatch, sample_path, request):
    def interrupt(*_args, **_kwargs):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(60)

    # a shell that starts something in the background tells it to ignore interrupts
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(partial(signal.signal, signal.SIGINT, before))
    monkeypatch.setattr(cli.workflow, "convert", interrupt)
    code, _out, err = yusuan("convert", sample_path)
    assert code == 130
    assert "Traceback" not in err


def test_what_a_document_prints_does_not_steer_the_terminal(tmp_path):
    """A heading with an escape sequence is shown, not obeyed."""
    (tmp_path / "a.md").write_text("\x1b[2J\x1b]0;title\x07某单位会议通知\n", "utf-8")
    done = subprocess.run([YUSUAN, "convert", "a.md"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "\x1b[2J" not in done.stdout + done.stderr
    assert r"\x1b[2J" in done.stderr


@pytest.mark.parametrize(
    ("page", "line", "place"), [(19, None, "（第19页）"), (None, 383, "（第383行）"), (None, None, "")]
)
def test_a_warning_says_where_it_stands(sample, capsys, page, line, place):
    """A page has no lines and a text no pages: each is told by what it has."""
    warning = Finding("HEADER-SURPLUS", "多一列", page=page, line=line)
    outcome = workflow.Outcome(Path("a"), sample, findings=(warning,))
    console.print_report(workflow.Report((outcome,)))
    assert f"HEADER-SURPLUS{place}：多一列" in capsys.readouterr().out
