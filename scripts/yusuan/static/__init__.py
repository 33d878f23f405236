"""The site as a folder of files: the same pages, addresses and pictures, for any host that can only hand out files."""

from __future__ import annotations

from yusuan.static.writing import Written, replace_site, write_site

__all__ = ["Written", "replace_site", "write_site"]
