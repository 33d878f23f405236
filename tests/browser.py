"""A headless Chromium, driven over two pipes with its own protocol: no driver, no library, no port.

Test support only. The browser gets an empty profile and may not reach anything but this machine; `requested` keeps every
address it asked for, so that a test can say that nothing else was asked for.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import os
import select
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from generator import find_chromium

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-quic",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--remote-debugging-pipe",
)
_SECONDS = 60


class Size(NamedTuple):
    """A window: how wide, how high, and whether it is a phone's."""

    width: int
    height: int
    phone: bool = False


DESKTOP, PHONE = Size(1280, 900), Size(390, 844, phone=True)


class Browser:
    """One tab of a Chromium; use it in a `with` statement."""

    def __init__(self, folder: Path) -> None:
        program = find_chromium()
        if program is None:
            raise FileNotFoundError("没有安装 Chromium")
        self.folder = folder
        self.requested: list[str] = []
        self.said: list[str] = []
        self._numbers = itertools.count(1)
        self._events: list[dict[str, Any]] = []
        self._rest = b""
        self._start(program)

    def _start(self, program: str) -> None:
        """Chromium reads what we say from its file 3 and answers on its file 4."""
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        command = [program, *_FLAGS, f"--user-data-dir={self.folder / 'profile'}", "about:blank"]
        wrapped = ["bash", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "bash", *command]
        self._process = subprocess.Popen(
            wrapped, pass_fds=(theirs_in, theirs_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._session: str | None = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError, ConnectionError):
            self._session = None
            self._send("Browser.close", {})
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._in)
        os.close(self._out)

    # --- the protocol ---

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Return what a command of the protocol answers."""
        number = self._send(method, parameters)
        while True:
            message = self._receive()
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return dict(message["result"])
            self._note(message)

    def _send(self, method: str, parameters: dict[str, Any]) -> int:
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        return number

    def _receive(self) -> dict[str, Any]:
        end = time.monotonic() + _SECONDS
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._in], [], [], max(end - time.monotonic(), 0))
            data = os.read(self._in, 1 << 20) if ready else b""
            if not data:
                raise ConnectionError("Chromium 没有回答")
            self._rest += data
        text, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(text))

    def _note(self, message: dict[str, Any]) -> None:
        method, told = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requested.append(told["request"]["url"])
        elif method in {"Log.entryAdded", "Runtime.exceptionThrown"}:
            self.said.append(json.dumps(told, ensure_ascii=False))
        self._events.append(message)

    def _wait(self, method: str) -> dict[str, Any]:
        while True:
            for number, message in enumerate(self._events):
                if message.get("method") == method:
                    del self._events[: number + 1]
                    return dict(message["params"])
            self._note(self._receive())

    # --- what a reader does ---

    def resize(self, size: Size) -> None:
        """Make the window as large as that."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=size.width,
            height=size.height,
            deviceScaleFactor=1,
            mobile=size.phone,
        )

    def open(self, address: str) -> None:
        """Open an address and wait until everything is there."""
        self._events.clear()
        self.call("Page.navigate", url=address)
        self._wait("Page.loadEventFired")

    def run(self, script: str) -> Any:
        """Return what an expression of JavaScript gives in the page."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"], ensure_ascii=False))
        return answer["result"].get("value")

    @property
    def text(self) -> str:
        """The text of the page as it is shown."""
        return str(self.run("document.body.innerText"))

    @property
    def address(self) -> str:
        """The address of the page."""
        return str(self.run("decodeURIComponent(location.href)"))

    def click(self, selector: str, text: str = "") -> None:
        """Click the first visible element of that kind whose text contains `text`, with a mouse, and wait."""
        place = self.run(_FIND.format(selector=json.dumps(selector), text=json.dumps(text)))
        assert place, f"{selector} {text} is not on {self.address}"
        self._events.clear()
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)
        self._wait("Page.loadEventFired")

    def press(self, key: str, code: int) -> None:
        """Press a key."""
        text = {"Enter": "\r"}.get(key, "")
        for kind in ("keyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=code,
                text=text if kind == "keyDown" else "",
            )

    def follow(self, key: str, code: int) -> None:
        """Press a key that leads to another page, and wait for it."""
        self._events.clear()
        self.press(key, code)
        self._wait("Page.loadEventFired")

    def download(self, selector: str, text: str = "") -> Path:
        """Click a download and return the file."""
        folder = self.folder / "downloads"
        folder.mkdir(exist_ok=True)
        session, self._session = self._session, None
        self.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder), eventsEnabled=True)
        self._session = session
        before = set(folder.iterdir())
        place = self.run(_FIND.format(selector=json.dumps(selector), text=json.dumps(text)))
        assert place, f"{selector} {text} is not on {self.address}"
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)
        self._events.clear()
        while self._wait("Browser.downloadProgress")["state"] != "completed":
            pass
        (file,) = set(folder.iterdir()) - before
        return file

    def screenshot(self, path: Path, *, whole: bool = False) -> None:
        """Keep a picture of the window, or of the whole page."""
        path.parent.mkdir(parents=True, exist_ok=True)
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        path.write_bytes(base64.b64decode(data))


#: Where the middle of an element is, brought into view.
_FIND = """(() => {{
  const all = [...document.querySelectorAll({selector})].filter(e => e.textContent.includes({text}) && e.getClientRects().length);
  if (!all.length) return null;
  all[0].scrollIntoView({{block: "center", inline: "center"}});
  const box = all[0].getClientRects()[0];
  return [box.x + box.width / 2, box.y + box.height / 2];
}})()"""
