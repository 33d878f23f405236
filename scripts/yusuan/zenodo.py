"""Zenodo's deposit interface: drafts, files in their bucket, metadata. The only home of httpx.

What may pass is tried again with growing patience; what cannot is told with what to do about it. The token is sent and never
shown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from yusuan.errors import HostError, Problem
from yusuan.files import md5_of

#: How often a request is made, and the seconds before each new attempt.
WAITS = (1.0, 3.0, 10.0, 30.0)
_TIMES = httpx.Timeout(30.0, read=300.0, write=300.0)
_PATIENCE = {408, 425, 429, 500, 502, 503, 504}
_DENIED = {401, 403}
_LEAST_ERROR, _GONE = 400, 404
_AT_ONCE = 1 << 20


class Zenodo:
    """One account of one host; use it in a `with` statement."""

    def __init__(self, host: str, token: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self.host = host.rstrip("/")
        self._sleep = sleep
        self._client = httpx.Client(timeout=_TIMES, headers={"authorization": f"Bearer {token}"})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    # --- deposits ---

    def begin(self) -> dict[str, Any]:
        """Return a new draft."""
        return dict(self._ask("POST", "/api/deposit/depositions", json={}))

    def begin_version(self, number: int) -> dict[str, Any]:
        """Return the draft of a new version of a published record; the same one if it was begun before."""
        told = self._ask("POST", f"/api/deposit/depositions/{number}/actions/newversion")
        return dict(self._ask("GET", self._own(told["links"]["latest_draft"])))

    def draft(self, number: int) -> dict[str, Any] | None:
        """Return a draft that was begun before; None where it was thrown away or has been published."""
        try:
            found = self._ask("GET", f"/api/deposit/depositions/{number}")
        except HostError as error:
            if error.problems[0].code == "DEPOSIT-GONE":
                return None
            raise
        return None if found.get("submitted") else found

    def describe(self, draft: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
        """Set the metadata of a draft."""
        return dict(self._ask("PUT", f"/api/deposit/depositions/{draft['id']}", json={"metadata": dict(metadata)}))

    def publish(self, draft: Mapping[str, Any]) -> dict[str, Any]:
        """Make a draft public, for ever."""
        return dict(self._ask("POST", f"/api/deposit/depositions/{draft['id']}/actions/publish"))

    # --- files ---

    def files(self, draft: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Return the files of a draft by name, each with its MD5 as `checksum`."""
        found = self._ask("GET", f"/api/deposit/depositions/{draft['id']}/files")
        return {item["filename"]: item | {"checksum": _bare(item.get("checksum"))} for item in found}

    def remove(self, draft: Mapping[str, Any], file: Mapping[str, Any]) -> None:
        """Take a file out of a draft."""
        self._ask("DELETE", f"/api/deposit/depositions/{draft['id']}/files/{file['id']}")

    def upload(self, draft: Mapping[str, Any], name: str, path: Path) -> None:
        """Put a file into a draft; HostError where what arrived is not what was sent, twice."""
        address = f"{self._own(draft['links']['bucket'])}/{quote(name)}"
        expected, told = md5_of(path), ""
        for _ in range(2):
            told = _bare(self._ask("PUT", address, path=path).get("checksum"))
            if told == expected:
                return
        hint = "再运行一次，会接着上传；总是这样就请检查网络或联系 Zenodo"
        raise HostError(
            Problem("DEPOSIT-CHECKSUM", "上传后的校验和不符", name, expected=expected, found=told, hint=hint)
        )

    # --- requests ---

    def _own(self, address: str) -> str:
        """Return an address that the host has named; the token goes nowhere else."""
        if not address.startswith(f"{self.host}/"):
            hint = "令牌不会发往别处，请报告这个问题"
            raise HostError(
                Problem("DEPOSIT-REFUSED", "回答里的地址不是这个网站的", self.host, found=address, hint=hint)
            )
        return address

    def _ask(self, method: str, address: str, *, json: Any = None, path: Path | None = None) -> Any:
        whole = address if address.startswith(self.host) else self.host + address
        for wait in (*WAITS, None):
            try:
                answer = self._client.request(
                    method, whole, json=json, content=_parts(path) if path else None, headers=_length(path)
                )
            except httpx.HTTPError as error:
                problem = f"{type(error).__name__}: {error}"
            else:
                if answer.status_code not in _PATIENCE:
                    return _read(answer)
                problem = f"HTTP {answer.status_code}"
                wait = _asked_to_wait(answer, wait)  # noqa: PLW2901 - the host may ask for more patience
            if wait is not None:
                self._sleep(wait)
        hint = "稍后再运行一次，会接着上次没做完的做"
        raise HostError(Problem("DEPOSIT-UNREACHABLE", "网站没有回答", self.host, found=problem, hint=hint))


def _read(answer: httpx.Response) -> Any:
    """Return what was answered; HostError where it was refused."""
    if answer.status_code < _LEAST_ERROR:
        return answer.json() if answer.content else {}
    where = f"{answer.request.method} {answer.request.url.path}"
    if answer.status_code in _DENIED:
        hint = "检查环境变量 ZENODO_TOKEN：是不是这个网站的令牌（沙盒另有令牌），有没有 deposit:write 和 deposit:actions 的权限"
        raise HostError(Problem("DEPOSIT-TOKEN", "令牌不被接受", where, found=f"HTTP {answer.status_code}", hint=hint))
    code = "DEPOSIT-GONE" if answer.status_code == _GONE else "DEPOSIT-REFUSED"
    hint = "按网站说的改正；草稿可以在网站上查看"
    raise HostError(
        Problem(code, "网站拒绝了请求", where, found=f"HTTP {answer.status_code} {answer.text[:500]}", hint=hint)
    )


def _asked_to_wait(answer: httpx.Response, wait: float | None) -> float | None:
    asked = answer.headers.get("retry-after", "")
    return wait if wait is None or not asked.isdecimal() else max(wait, min(float(asked), 120.0))


def _length(path: Path | None) -> dict[str, str]:
    return {"content-length": str(path.stat().st_size), "content-type": "application/octet-stream"} if path else {}


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(_AT_ONCE):
            yield part


def _bare(checksum: object) -> str:
    return str(checksum or "").removeprefix("md5:")
