"""The wheel alone, in an empty virtual environment and an empty folder: what somebody gets who never saw the clone."""

from __future__ import annotations

import os
import re
import select
import shutil
import socket
import subprocess
import sys
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

from yusuan import __version__

ROOT = Path(__file__).resolve().parents[1]
UNREACHABLE = re.compile(
    "NewConnectionError|ConnectionError|NameResolutionError|Max retries exceeded|Temporary failure in name resolution"
    "|No route to host|Network is unreachable|ProxyError|Read timed out"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Return the wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Return the bin folder of a new environment with the locked dependencies and the wheel."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=True)
    pip = [folder / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    locked = [*pip, "--require-hashes", "-r", ROOT / "requirements.lock"]
    done = subprocess.run(locked, capture_output=True, text=True, check=False, env=_clean())
    if done.returncode and UNREACHABLE.search(done.stderr):
        pytest.skip("no package index can be reached from here, so nothing can be installed afresh")
    assert done.returncode == 0, done.stderr
    subprocess.run([*pip, "--no-deps", "--no-index", wheel], check=True, capture_output=True, env=_clean())
    return folder / "bin"


def _clean():
    """Return the surroundings without anything that could lead back to the clone or to another environment."""
    kept = {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"}
    return {k: v for k, v in os.environ.items() if k in kept or k.startswith("PIP_") or k.lower().endswith("_proxy")}


def test_the_wheel_has_the_specs_the_pages_and_the_types(names):
    """Everything under schemas/ and site/ is data, and data is easily forgotten."""
    specs = {path.relative_to(ROOT) for path in (ROOT / "schemas").rglob("*") if path.is_file()}
    assert len(specs) > 30
    assert {f"yusuan/{path}" for path in specs} <= names
    package = ROOT / "scripts" / "yusuan"
    files = {path.relative_to(package) for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert {"templates", "static"} <= {
        path.parts[1] for path in files if path.parts[0] == "site" and len(path.parts) > 2
    }
    assert {f"yusuan/{path}" for path in files} <= names
    assert "yusuan/py.typed" in names


def test_the_wheel_has_nothing_else(names):
    outside = {name for name in names if not name.startswith(("yusuan/", f"yusuan-{__version__}.dist-info/"))}
    assert outside == set()
    assert not [
        name
        for name in names
        if re.search(r"(^|/)(tests?|conftest)\b", name) or name.endswith((".pyc", ".db")) or "datapackage" in name
    ]


def test_the_wheel_is_named_and_licensed(wheel, names):
    assert wheel.name == f"yusuan-{__version__}-py3-none-any.whl"
    assert f"yusuan-{__version__}.dist-info/licenses/LICENSE" in names
    with zipfile.ZipFile(wheel) as archive:
        assert b"yusuan = yusuan.cli:main" in archive.read(f"yusuan-{__version__}.dist-info/entry_points.txt")


def test_installed_alone_it_builds_and_serves(installed, tmp_path, sample_path):
    """The README's first minute, without the clone."""
    shutil.copy(sample_path, tmp_path / "公开.md")
    where = "import yusuan.spec as s; print(s.__file__, s.DEFAULT_ROOT)"
    found = subprocess.run(
        [installed / "python", "-c", where], cwd=tmp_path, env=_clean(), capture_output=True, text=True, check=True
    )
    assert str(ROOT) not in found.stdout
    built = subprocess.run(
        [installed / "yusuan", "build", "公开.md"],
        cwd=tmp_path,
        env=_clean(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (built.returncode, built.stderr) == (0, "")
    assert "12 张表" in built.stdout
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [installed / "yusuan", "serve", "--port", str(port)]
    server = subprocess.Popen(command, cwd=tmp_path, env=_clean(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert select.select([server.stdout], [], [], 120)[0], "the server said nothing"
        assert f":{port}/".encode() in server.stdout.readline()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=120) as page:
            text = page.read().decode()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/-/yusuan.css", timeout=120) as style:
            assert style.read()
    finally:
        server.terminate()
        server.communicate(timeout=120)
    assert "柳州市智能制造科技服务中心" in text
    assert 'lang="zh-CN"' in text
