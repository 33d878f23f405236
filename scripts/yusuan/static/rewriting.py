"""Pages of the live site to pages of the static one: every address becomes relative, what leads nowhere becomes text."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from html.parser import HTMLParser
from posixpath import dirname, relpath
from urllib.parse import quote

#: Attributes that hold an address, by element.
_HOLDERS = {"a": "href", "link": "href", "form": "action", "script": "src", "img": "src", "image": "href"}
#: Where a link leads: an address as it shall be written, None where the static site has no such thing.
Leads = Callable[[str], str | None]


class _Reader(HTMLParser):
    """Reads a page and notes what of it changes: from where, how much, to what."""

    def __init__(self, page: str, leads: Leads) -> None:
        super().__init__(convert_charrefs=False)
        self.changes: list[tuple[int, int, str]] = []
        self._leads = leads
        self._lines = [0, *(match.end() for match in re.finditer("\n", page))]
        self._pictures = 0
        self._ends: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a new address, or what stands in place of a link that leads nowhere."""
        self._pictures += tag == "svg"
        end = "</a>"
        address = dict(attrs).get(_HOLDERS.get(tag, "")) or ""
        if address.startswith("/") and not address.startswith("//"):
            text, target = self.get_starttag_text() or "", self._leads(address)
            if target is not None:
                self._change(len(text), _with(text, _HOLDERS[tag], target))
            else:
                name = "" if tag != "a" else "g" if self._pictures else "span"
                end = f"</{name}>"
                self._change(len(text), f"<{name}>" if name else "")
        self._ends += [end] if tag == "a" else []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the same of an element that ends where it begins."""
        if tag != "svg":
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """End what a link has become."""
        self._pictures -= tag == "svg"
        if tag == "a" and (end := self._ends.pop()) != "</a>":
            self._change(len("</a>"), end)

    def _change(self, length: int, text: str) -> None:
        line, column = self.getpos()
        self.changes.append((self._lines[line - 1] + column, length, text))


def _with(text: str, attribute: str, target: str) -> str:
    """Return a start tag with another address."""
    return re.sub(rf'(\s{attribute}=)"[^"]*"', lambda found: f'{found[1]}"{escape(target)}"', text, count=1)


def rewritten(page: str, leads: Leads) -> str:
    """Return a page in which `leads` has said of every address of the site where it is found."""
    parts, done = [], 0
    for begin, length, text in _Reader(page, leads).changes:
        parts += [page[done:begin], text]
        done = begin + length
    return "".join([*parts, page[done:]])


def relative(here: str, there: str, fragment: str = "") -> str:
    """Return the address of one file of the folder as seen from another."""
    return quote(relpath(there, dirname(here) or ".")) + (f"#{fragment}" if fragment else "")
