"""What a column of a download is, whatever it is downloaded from."""

from __future__ import annotations

from dataclasses import dataclass

#: The column with the name of what a code refers to is called like the code, with this behind it.
NAME_OF = "_名称"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a download."""

    name: str
    kind: str
    unit: str = ""
    description: str = ""
    en: str = ""
