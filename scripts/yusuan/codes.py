"""Code lists: what is current, what earlier editions said, names of places. Facts from files under schemas/codes/."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from yusuan.values import header_key

CLASSIFICATIONS = ("functional", "economic")


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of a classification list."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RetiredCode:
    """What a code was called in an earlier edition; `reused`: it has another meaning now, not just another name."""

    code: str
    name: str
    edition: int
    reused: bool

    @property
    def key(self) -> str:
        """Return the key of the earlier meaning, `21007~2009`."""
        return f"{self.code}~{self.edition}"


def read_codes(root: Path, name: str) -> dict[str, Code]:
    """Return the current list of a classification, by code."""
    with (root / "codes" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: Code(row["code"], row["name"], tuple(filter(None, row["aliases"].split("|"))))
            for row in csv.DictReader(file)
        }


def read_retired(root: Path) -> dict[str, dict[str, RetiredCode]]:
    """Return what the last earlier edition said, by classification and code; a meaning that was lost counts first."""
    found: dict[str, dict[str, RetiredCode]] = {name: {} for name in CLASSIFICATIONS}
    with (root / "codes" / "retired.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            entry = RetiredCode(row["code"], row["name"], int(row["edition"]), row["reused"] == "是")
            known = found[row["classification"]]
            if entry.code not in known or entry.reused or not known[entry.code].reused:
                known[entry.code] = entry
    return found


def read_divisions(root: Path) -> dict[str, str]:
    """Return the names of places by their code."""
    with (root / "codes" / "divisions.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


def code_key(code: str, name: str | None, retired: Mapping[str, RetiredCode]) -> str:
    """Return the key of a printed code: its own, but `code~edition` where it bears the name of a meaning it lost."""
    earlier = retired.get(code)
    if earlier and earlier.reused and name and header_key(name) == header_key(earlier.name):
        return earlier.key
    return code
