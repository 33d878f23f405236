"""OpenDocument to PDF by LibreOffice, where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from .disclosure import PrintedDisclosure
from .odt import to_odt
from .style import Style

_SECONDS = 180


def find_office() -> str | None:
    """Return the path of LibreOffice on this machine."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def print_office(disclosure: PrintedDisclosure, style: Style | None = None) -> bytes:
    """Return the disclosure as PDF; FileNotFoundError, in plain words, where LibreOffice is not installed."""
    program = find_office()
    if program is None:
        raise FileNotFoundError("没有安装 LibreOffice（找不到 soffice），无法用它打印")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page = folder / "page.fodt"
        page.write_text(to_odt(disclosure, style), "utf-8")
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = [program, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(page)]
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
        output = folder / "page.pdf"
        if not output.exists():
            raise RuntimeError(f"LibreOffice 没有打印出来：{done.stderr.decode('utf-8', 'replace')[-500:]}")
        return output.read_bytes()
