"""What can stop yusuan, and what it tells the person in front of it.

YusuanError
├── UsageError        the call itself is wrong                                   exit 2
├── SpecError         a file under schemas/ is wrong                             exit 2
├── DocumentError     a document cannot be read exactly; it is quarantined       exit 3
├── PackageError      a data package is broken or would be damaged               exit 4
├── ReleaseError      the release gate refused                                   exit 1
└── HostError         disk, lock, permission, port                               exit 5

An exception means "cannot go on with this"; what was read but does not agree is a
`model.Finding` and never an exception.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, with everything needed to find and mend it.

    `code` is stable English; `message`, `expected`, `found` and `hint` are for people and Chinese.
    `line` and `page` count from 1; `column` is the column's name or its 1-based number.
    """

    code: str
    message: str
    source: str | None = None
    page: int | None = None
    line: int | None = None
    table: str | None = None
    row: int | None = None
    column: str | None = None
    expected: str | None = None
    found: str | None = None
    hint: str | None = None

    def where(self) -> str:
        """Return the place in words, `a.md 第12行 表5 第3行 “合计”列`, as far as it is known."""
        parts = [
            self.source,
            f"第{self.page}页" if self.page is not None else None,
            f"第{self.line}行" if self.line is not None else None,
            self.table,
            f"表内第{self.row}行" if self.row is not None else None,
            f"“{self.column}”列" if self.column is not None else None,
        ]
        return " ".join(part for part in parts if part)

    def __str__(self) -> str:
        lines = [f"{self.code}：{self.message}"]
        if where := self.where():
            lines.append(f"  位置：{where}")
        if self.expected is not None:
            lines.append(f"  应为：{self.expected}")
        if self.found is not None:
            lines.append(f"  实际：{self.found}")
        if self.hint is not None:
            lines.append(f"  下一步：{self.hint}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """Return the problem as JSON-ready data; unknown places are null."""
        return asdict(self)


class YusuanError(Exception):
    """Base of everything yusuan raises on purpose; carries one or more problems."""

    exit_code = 1

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class UsageError(YusuanError):
    """The command was called with something that cannot work."""

    exit_code = 2


class SpecError(YusuanError):
    """A specification under schemas/ is wrong: file, key and suggestion are in the problems."""

    exit_code = 2


class DocumentError(YusuanError):
    """A document cannot be read exactly and is set aside whole."""

    exit_code = 3


class PackageError(YusuanError):
    """A data package is broken, or writing it would break an invariant; nothing was written."""

    exit_code = 4


class ReleaseError(YusuanError):
    """The gate of a release refused."""

    exit_code = 1


class HostError(YusuanError):
    """The machine refused: disk, lock, permission, port."""

    exit_code = 5
