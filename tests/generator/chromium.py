"""HTML to PDF by a headless Chromium, without network and with an empty profile."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from .disclosure import PrintedDisclosure
from .html import to_html
from .style import Style

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pdf-header-footer",
)
_SECONDS = 120


def find_chromium() -> str | None:
    """Return the path of a Chromium on this machine."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


def print_chromium(disclosure: PrintedDisclosure, style: Style | None = None) -> bytes:
    """Return the disclosure as PDF; FileNotFoundError where no Chromium is installed."""
    program = find_chromium()
    if program is None:
        raise FileNotFoundError("没有安装 Chromium，无法用浏览器打印")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page, output = folder / "page.html", folder / "page.pdf"
        page.write_text(to_html(disclosure, style), "utf-8")
        profile = f"--user-data-dir={folder / 'profile'}"
        command = [program, *_FLAGS, profile, f"--print-to-pdf={output}", page.as_uri()]
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
        if not output.exists():
            raise RuntimeError(f"Chromium 没有打印出来：{done.stderr.decode('utf-8', 'replace')[-500:]}")
        return output.read_bytes()
