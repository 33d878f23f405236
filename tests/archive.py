"""A deposit host on this machine: what Zenodo's interface does with drafts, buckets and versions, and how it can fail.

Test support only. `fail` holds what goes wrong next: a status, `drop` (the connection breaks), `spoil` (the bytes change).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

TOKEN = "right"  # noqa: S105 - of a host that is nothing but a test


class Archive(ThreadingHTTPServer):
    """The host and what it keeps."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.records: dict[int, dict[str, Any]] = {}
        self.asked: list[str] = []
        self.fail: list[tuple[str, object]] = []
        self.address = f"http://127.0.0.1:{self.server_port}"

    def add(self, files: dict[str, bytes] | None = None) -> dict[str, Any]:
        """Begin a draft."""
        number = 100 + len(self.records)
        record = {"id": number, "submitted": False, "metadata": {}, "files": dict(files or {})}
        self.records[number] = record
        return record

    def told(self, record: dict[str, Any]) -> dict[str, Any]:
        """Return a record as the host tells it."""
        number = record["id"]
        links = {"bucket": f"{self.address}/api/files/{number}", "html": f"{self.address}/deposit/{number}"}
        doi = {"prereserve_doi": {"doi": f"10.5072/{number}"}}
        said = {"id": number, "submitted": record["submitted"], "links": links, "metadata": record["metadata"] | doi}
        return said | ({"doi": f"10.5072/{number}"} if record["submitted"] else {})

    def trouble(self, asked: str) -> object | None:
        """Return what goes wrong with a request, once."""
        for number, (pattern, what) in enumerate(self.fail):
            if re.search(pattern, asked):
                del self.fail[number]
                return what
        return None


class _Handler(BaseHTTPRequestHandler):
    server: Archive
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, content: object = None, headers: dict[str, str] | None = None) -> None:
        data = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"content-length": str(len(data)), "connection": "close", **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = True

    def _handle(self) -> None:
        path = unquote(self.path)
        asked = f"{self.command} {path}"
        self.server.asked.append(asked)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        trouble = self.server.trouble(asked)
        if self.headers.get("authorization") != f"Bearer {TOKEN}":
            self._answer(401, {"message": "who are you"})
        elif trouble == "drop":
            self.close_connection = True
            self.connection.close()
        elif isinstance(trouble, int):
            self._answer(trouble, {"message": "no"}, {"retry-after": "7"})
        else:
            self._route(path, body, spoil=trouble == "spoil")

    do_GET = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815 - the names that the server calls

    def _route(self, path: str, body: bytes, *, spoil: bool) -> None:
        server = self.server
        if bucket := re.fullmatch(r"/api/files/(\d+)/(.+)", path):
            record = server.records[int(bucket[1])]
            record["files"][bucket[2]] = body + (b"x" if spoil else b"")
            self._answer(201, {"checksum": f"md5:{_md5(record['files'][bucket[2]])}"})
        elif path == "/api/deposit/depositions":
            self._answer(201, server.told(server.add()))
        elif (found := re.fullmatch(r"/api/deposit/depositions/(\d+)(.*)", path)) and int(found[1]) in server.records:
            self._on_record(server.records[int(found[1])], found[2], body)
        else:
            self._answer(404, {"message": "nothing here"})

    def _on_record(self, record: dict[str, Any], rest: str, body: bytes) -> None:
        server = self.server
        if rest == "/actions/newversion":
            draft = server.add(record["files"])
            self._answer(201, {"links": {"latest_draft": f"{server.address}/api/deposit/depositions/{draft['id']}"}})
        elif rest == "/actions/publish":
            record["submitted"] = True
            self._answer(202, server.told(record))
        elif rest == "/files":
            files = [{"id": name, "filename": name, "checksum": _md5(data)} for name, data in record["files"].items()]
            self._answer(200, files)
        elif rest.startswith("/files/"):
            del record["files"][rest.removeprefix("/files/")]
            self._answer(204)
        else:
            if self.command == "PUT":
                record["metadata"] = json.loads(body)["metadata"]
            self._answer(200, server.told(record))


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


@contextlib.contextmanager
def archive() -> Iterator[Archive]:
    """Run the host while it is needed."""
    host = Archive()
    thread = threading.Thread(target=host.serve_forever)
    thread.start()
    try:
        yield host
    finally:
        host.shutdown()
        thread.join()
        host.server_close()
