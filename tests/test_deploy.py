"""What deploy/ says is what happens: nginx with our files on this machine, and a container's steps as far as they can be run."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import threading
import time
import tomllib
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import uvicorn

from browser import Browser
from generator import find_chromium
from yusuan.cli import app
from yusuan.site.server import listen, make_site
from yusuan.site.setup import Setup
from yusuan.static import write_site
from yusuan.workflow import build

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
needs_nginx = pytest.mark.skipif(NGINX is None, reason="没有安装 nginx，不能试它的配置")
MAIN = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1; {user}
events {{ worker_connections 64; }}
http {{
  include /etc/nginx/mime.types; default_type application/octet-stream; access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  include {folder}/site.conf;
}}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@contextlib.contextmanager
def nginx(folder, name, **changes):
    """Run nginx with one of our files on a free port; `changes` are what a reader is told to change, each there once."""
    port = free_port()
    text = (DEPLOY / "nginx" / name).read_text("utf-8")
    for before, after in {"listen 80;": f"listen 127.0.0.1:{port};", **changes}.items():
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "site.conf").write_text(text, "utf-8")
    user = "user root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user), "utf-8")
    command = [NGINX, "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", str(folder / "error.log")]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    with subprocess.Popen(command) as running:
        try:
            _wait_for(port)
            yield partial(ask, port)
        finally:
            running.terminate()
            running.wait(20)


def _wait_for(port):
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nobody listens on {port}")


def ask(port, path, method="GET", **headers):
    """Return status, headers and body of an answer; redirects are not followed."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection):
        connection.request(method, path, headers={"Host": "budget.example.org", **headers})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


@pytest.fixture(scope="module")
def database(tmp_path_factory, sample_path, specs):
    folder = tmp_path_factory.mktemp("deployed")
    build([sample_path], folder / "out", folder / "budget.db", specs)
    return folder / "budget.db"


# --- the static site ---


@pytest.fixture(scope="module")
def static(database, specs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("static")
    write_site(folder / "site", database, specs, "http://budget.example.org/")
    (folder / "site" / ".left").write_text("x", "utf-8")
    with nginx(folder / "nginx", "static.conf", **{"root /srv/budget/site;": f"root {folder / 'site'};"}) as ask:
        yield ask


@needs_nginx
@pytest.mark.parametrize(
    ("path", "kind", "age"),
    [
        ("/", "text/html; charset=utf-8", 300),
        ("/unit/450200-405003/", "text/html; charset=utf-8", 300),
        ("/unit/450200-405003/index.html", "text/html; charset=utf-8", 300),
        ("/yusuan.css", "text/css; charset=utf-8", 3600),
        ("/search/search.js", "application/javascript; charset=utf-8", 3600),
        ("/search/index.js", "application/javascript; charset=utf-8", 3600),
        ("/csv/three_public.csv", "text/csv; charset=utf-8", 3600),
        ("/csv/three_public.excel.csv", "text/csv; charset=utf-8", 3600),
        ("/robots.txt", "text/plain; charset=utf-8", 3600),
        ("/sitemap.xml", "text/xml; charset=utf-8", 300),
    ],
)
def test_static_files_have_their_type_and_age(path, kind, age, static):
    status, headers, body = static(path)
    assert (status, headers["content-type"].lower()) == (200, kind)
    assert headers["cache-control"] == f"public, max-age={age}"
    assert headers["x-content-type-options"] == "nosniff"
    assert "script-src 'self'" in headers["content-security-policy"]
    assert body
    assert headers["etag"]


@needs_nginx
def test_the_addresses_of_the_live_site_hold(static):
    """An address without its last stroke leads to the page; no redirect names another host."""
    for path in ("/unit/450200-405003", "/code/206", "/compare/2026"):
        status, headers, _ = static(path)
        assert (status, headers["location"]) == (301, f"{path}/")
        assert static(f"{path}/")[0] == 200


@needs_nginx
def test_pictures_may_stand_in_other_pages(static):
    _, _, page = static("/unit/450200-405003/")
    address = re.search(rb'href="\.\./\.\.(/figure/[^"]+\.svg)"', page)[1].decode()
    status, headers, _ = static(address)
    assert (status, headers["content-type"].lower()) == (200, "image/svg+xml; charset=utf-8")
    assert "frame-ancestors *" in headers["content-security-policy"]


@needs_nginx
def test_what_is_not_there_is_told_in_chinese_at_any_depth(static):
    for path in ("/nix", "/unit/nix/2026/", "/csv/nix.csv", "/.left", "/404.html"):
        status, headers, body = static(path)
        assert status == 404
        assert headers["content-type"].lower() == "text/html; charset=utf-8"
        assert "回到首页" in body.decode()
        assert 'href="/yusuan.css"' in body.decode()
        assert "cache-control" not in headers
    assert static("/", "POST")[0] in {403, 405}


@needs_nginx
def test_static_pages_are_sent_small_and_only_when_they_changed(static):
    _, headers, packed = static("/", **{"Accept-Encoding": "gzip"})
    assert headers["content-encoding"] == "gzip"
    assert len(packed) < len(static("/")[2]) / 2
    status, _, body = static("/", **{"If-None-Match": static("/")[1]["etag"]})
    assert (status, body) == (304, b"")


@needs_nginx
@pytest.mark.skipif(find_chromium() is None, reason="没有安装 Chromium，不能在浏览器里看网站")
def test_pages_and_search_work_under_the_policy(static, tmp_path):
    """The browser blocks nothing that the site needs."""
    port = static.args[0]
    with Browser(tmp_path) as browser:
        browser.open(f"http://127.0.0.1:{port}/")
        browser.run("document.querySelector('form[role=search] input').value = '公务接待费'")
        browser.click("form[role=search] button")
        browser.run(
            "new Promise(done => { const look = () => document.querySelector('#hits li') ? done(1) : setTimeout(look, 20); look(); })"
        )
        browser.click("#hits a")
        assert browser.run("getComputedStyle(document.querySelector('.bar')).display") == "flex"
        assert [said for said in browser.said if "favicon" not in said] == []


# --- the live site behind a proxy ---


@contextlib.contextmanager
def serving(database, specs):
    """Serve a public site on a free port."""
    listener = listen("127.0.0.1", 0)
    setup = Setup(public=True, address="https://budget.example.org")
    config = uvicorn.Config(make_site(database, specs, setup).app(), log_level="warning", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def behind(folder, port):
    changes = {"server 127.0.0.1:8001;": f"server 127.0.0.1:{port};", "/var/cache/nginx/budget": str(folder / "cache")}
    return nginx(folder, "live.conf", **changes)


@pytest.fixture(scope="module")
def live(database, specs, tmp_path_factory):
    with serving(database, specs) as port, behind(tmp_path_factory.mktemp("live"), port) as ask:
        yield ask


@needs_nginx
def test_the_proxy_keeps_answers(live):
    path = "/unit/450200-405003?show=share"
    first, second = live(path), live(path)
    assert [answer[1]["x-cache-status"] for answer in (first, second)] == ["MISS", "HIT"]
    assert first[2] == second[2]
    assert "max-age=" in second[1]["cache-control"]
    assert "content-security-policy" in second[1]


@needs_nginx
def test_the_proxy_passes_errors_and_keeps_none(live):
    for _ in range(2):
        status, headers, body = live("/unit/nix")
        assert (status, headers["cache-control"]) == (404, "no-store")
        assert headers["x-cache-status"] in {"MISS", "BYPASS"}
        assert "回到首页" in body.decode()
    status, _, body = live("/budget/units.json?_sort=nix")
    assert status == 400
    assert json.loads(body)["ok"] is False
    assert live("/budget", "DELETE")[0] == 405


@needs_nginx
def test_downloads_pass_the_proxy_whole(live, database):
    status, headers, body = live("/-/export/three_public.csv")
    assert status == 200
    assert "x-cache-status" not in headers
    assert body.decode().startswith("键,")
    assert live("/budget.db")[2] == database.read_bytes()


@needs_nginx
def test_the_proxy_turns_the_greedy_away(tmp_path):
    """A hundred requests at once from one address: most are answered, the rest told to slow down; none reaches too far."""

    class Quick(BaseHTTPRequestHandler):
        def do_GET(self):
            """Answer what must not be kept."""
            self.send_response(200)
            self.send_header("cache-control", "no-store")
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Quick)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with behind(tmp_path / "nginx", server.server_port) as ask:
            told = [ask("/x")[0] for _ in range(150)]
            assert set(told) == {200, 429}
            assert told[:40] == [200] * 40
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@needs_nginx
def test_the_proxy_says_when_nobody_answers_behind_it(tmp_path):
    with behind(tmp_path / "nginx", free_port()) as ask:
        assert ask("/")[0] == 502


# --- the container and the service ---


def instructions():
    """Return the instructions of the container file, continued lines joined."""
    text = re.sub(r"\\\n\s*", "", (DEPLOY / "Containerfile").read_text("utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [tuple(line.split(" ", 1)) for line in lines]


def test_the_container_is_written_in_the_order_that_builds():
    known = {"FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "EXPOSE", "VOLUME", "ENTRYPOINT", "CMD"}
    names = [name for name, _ in instructions()]
    assert set(names) <= known
    assert names[0] == "FROM"
    assert names.count("CMD") == names.count("ENTRYPOINT") == names.count("USER") == 1
    assert names.index("USER") > max(i for i, name in enumerate(names) if name == "RUN")
    told = dict(instructions())
    assert told["USER"] != "root"
    image = re.fullmatch(r"docker\.io/library/python:(\d+\.\d+)-slim-bookworm", told["FROM"])
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
    assert tuple(map(int, image[1].split("."))) >= tuple(map(int, wanted.removeprefix(">=").split(".")))


def test_the_container_copies_what_there_is_and_all_that_is_needed():
    copied = [name for kind, said in instructions() if kind == "COPY" for name in said.split()[:-1]]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    built = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project, hatch = built["project"], built["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {
        project["readme"],
        *project["license-files"],
        *hatch["force-include"],
        "requirements.lock",
        "pyproject.toml",
    }
    assert needed <= set(copied)


def test_the_steps_of_the_container_are_those_that_make_runs():
    """The lock with its hashes, then the project without anything from outside: as the Makefile does on this machine."""
    steps = [said for kind, said in instructions() if kind == "RUN"]
    make = (ROOT / "Makefile").read_text("utf-8")
    for wanted in ("--require-hashes -r requirements.lock", "--no-deps --no-build-isolation"):
        assert sum(wanted in step for step in steps) == 1
        assert wanted in make
    for step in steps:
        assert subprocess.run(["bash", "-n", "-c", step], check=False).returncode == 0


def test_the_project_installs_from_what_the_container_copies(tmp_path):
    """The last install of the container, with the libraries of this machine in place of those it has installed before."""
    for kind, said in instructions():
        if kind == "COPY":
            *names, target = said.split()
            for name in names:
                source, place = ROOT / name, tmp_path / "src" / target / (name if target == "./" else "")
                if source.is_dir():
                    shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    place.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(source, place)
    (step,) = [said for kind, said in instructions() if kind == "RUN" and "--no-deps" in said]
    words = shlex.split(step)
    words[0] = str(ROOT / ".venv" / "bin" / "python")
    done = subprocess.run(
        [*words, "--target", str(tmp_path / "out")], cwd=tmp_path / "src", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "yusuan" / "static" / "search.js").is_file()
    assert (tmp_path / "out" / "yusuan" / "schemas" / "site.yml").is_file()


@pytest.mark.parametrize("name", ["container", "service"])
def test_the_command_that_serves_is_understood(name, monkeypatch):
    """The options are those that the command has, and a site can be made with them."""
    if name == "container":
        words = [*json.loads(dict(instructions())["ENTRYPOINT"]), *json.loads(dict(instructions())["CMD"])]
    else:
        text = (DEPLOY / "yusuan.service").read_text("utf-8")
        words = shlex.split(re.search(r"^ExecStart=(.*)$", text, re.MULTILINE)[1])
    assert words[0].endswith("/bin/yusuan")
    assert "--public" in words
    seen = []
    monkeypatch.setattr("yusuan.site.server.make_site", lambda *told: seen.append(told))
    monkeypatch.setattr("yusuan.site.server.listen", lambda *told: contextlib.nullcontext(seen.append(told)))
    monkeypatch.setattr("yusuan.site.server.serve", lambda *_: None)
    app(words[1:], standalone_mode=False)
    (path, _, setup), (host, port) = seen
    assert path.name == "budget.db"
    assert setup.public
    assert port == 8001
    assert host == ("0.0.0.0" if name == "container" else "127.0.0.1")  # noqa: S104 - inside a container
