"""Bytes to `Document`, one module per kind of input."""

from __future__ import annotations

import hashlib
from pathlib import Path

from yusuan.errors import DocumentError, HostError, Problem
from yusuan.model import Document
from yusuan.reading import pdf, text

__all__ = ["SUFFIXES", "read"]

#: File name endings that are looked at when a folder is given.
SUFFIXES = (".pdf", ".md", ".markdown", ".txt")
#: A PDF may begin with foreign bytes, such as a header of the download.
_HEAD = 1024
_MAX_BYTES = 50 * 1024 * 1024
_MAGIC = {
    b"PK\x03\x04": "zip（或 xlsx、docx）",
    b"\xd0\xcf\x11\xe0": "旧版 Office",
    b"<htm": "HTML",
    b"<!DO": "HTML",
}


def read(path: Path, processes: int | None = None) -> Document:
    """Return the document in the file at `path`; a long PDF is read by `processes` at once, one a core unless said.

    Raises HostError when the file cannot be opened, DocumentError when it is not what its reader expects.
    """
    source = path.name
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= _MAX_BYTES else b""
    except FileNotFoundError as error:
        raise DocumentError(
            Problem("SOURCE-MISSING", "找不到文件", str(path), hint="检查路径；也可以给出文件夹或通配符")
        ) from error
    except OSError as error:
        raise HostError(
            Problem("SOURCE-UNREADABLE", f"无法打开文件：{error.strerror}", str(path), hint="检查权限")
        ) from error
    _refuse_large_or_empty(source, data, size)
    sha256 = hashlib.sha256(data).hexdigest()
    if b"%PDF-" in data[:_HEAD]:
        return pdf.read_pdf(source, data, sha256, processes)
    _refuse_foreign(source, data)
    return text.read_text(source, data, sha256)


def _refuse_large_or_empty(source: str, data: bytes, size: int) -> None:
    if size > _MAX_BYTES:
        raise DocumentError(
            Problem(
                "SOURCE-TOO-LARGE",
                "文件过大",
                source,
                expected=f"不超过 {_MAX_BYTES} 字节",
                found=f"{size} 字节",
                hint="拆分文档后重试",
            )
        )
    if not data.strip():
        raise DocumentError(Problem("SOURCE-EMPTY", "文件是空的", source, hint="重新下载或重新导出该文档"))


def _refuse_foreign(source: str, data: bytes) -> None:
    head = data.lstrip()[:4]
    for magic, kind in _MAGIC.items():
        if head.upper() == magic.upper():
            raise DocumentError(
                Problem(
                    "SOURCE-FOREIGN",
                    "文件内容既不是 PDF 也不是文本",
                    source,
                    expected="PDF、Markdown 或纯文本",
                    found=kind,
                    hint="先将其转换为 PDF 或文本再交给 yusuan",
                )
            )
    if b"\x00" in data:
        raise DocumentError(
            Problem(
                "SOURCE-FOREIGN",
                "文件内容既不是 PDF 也不是文本",
                source,
                expected="PDF、Markdown 或纯文本",
                found="二进制数据",
                hint="检查文件是否损坏",
            )
        )
