"""The disclosure of a place that does not exist: the tables everybody prints, under titles and headers nobody knows.

`python -m tests.generator.invented OUT.pdf` prints it.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from yusuan.spec import Specs, load_specs

from .demo import fictional
from .disclosure import Node, PrintedDisclosure, PrintedTable
from .pages import print_pages
from .style import Style

#: What the place says instead: words of titles, words of headers. The longest come first.
_TITLES = {"总体情况表": "一览表", "情况表": "明细一览表", "公开表": "一览表", "预算表": "安排一览表"}
_HEADERS = {
    "预算数": "年初预算数",
    "科目编码": "科目代码",
    "部门（单位）": "预算单位",
    "部门(单位)": "预算单位",
    "上年结转结余": "上年结转和结余",
    "公务用车运行维护费": "公务用车运行费",
}


def invented(specs: Specs) -> PrintedDisclosure:
    """Return the disclosure as the invented place prints it; every number is as it was."""
    printed = fictional(specs)
    return replace(printed, tables=tuple(map(_elsewhere, printed.tables)))


def _elsewhere(table: PrintedTable) -> PrintedTable:
    return replace(table, title=_said(table.title, _TITLES), header=tuple(map(_node, table.header)), number=None)


def _node(node: Node) -> Node:
    return Node(_said(node.label, _HEADERS), tuple(map(_node, node.children)))


def _said(text: str, words: dict[str, str]) -> str:
    known = next((word for word in words if word in text), None)
    return text.replace(known, words[known]) if known else text


def main(out: str) -> None:
    """Print it."""
    Path(out).write_bytes(print_pages(invented(load_specs()), Style(face="song")))


if __name__ == "__main__":
    main(sys.argv[1])
