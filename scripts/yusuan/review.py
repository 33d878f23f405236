"""What people decided about a year's documents: `corrections.yml` in the package folder, read strictly.

    corrections  a cell that is misprinted: what it prints, what it should be, why, by which source
    exceptions   a finding that somebody has looked at and signed off, with a reason
    documents    dates that the documents themselves do not print
    releases     why a release has fewer rows than the one before

Each entry says what it expects to find; one that finds something else is stale and fails loudly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from yusuan.errors import Problem, UsageError
from yusuan.spec import Specs, spec_problem

FILE = "corrections.yml"


@dataclass(frozen=True, slots=True)
class Correction:
    """One misprinted cell; `expect` are the rules that fail with the printed value and hold with the corrected one."""

    document: str
    cell: str
    printed: str
    corrected: str
    reason: str
    source: str
    status: str
    expect: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return the key of the cell in the evidence table."""
        return f"{self.document}.{self.cell}"


@dataclass(frozen=True, slots=True)
class Exemption:
    """A finding signed off: of this rule, at this place and with these printed figures, as far as they are given."""

    document: str
    rule: str
    reason: str
    signed: str
    date: date
    expect: Mapping[str, Any]

    def label(self) -> str:
        """Return what it is about, for messages."""
        where = "，".join(f"{key} {value}" for key, value in self.expect.items())
        return f"{self.rule}（{where}）" if where else self.rule


@dataclass(frozen=True, slots=True)
class Dates:
    """When the budget was approved and when the document was published, as far as known."""

    approved: date | None = None
    published: date | None = None


@dataclass(frozen=True, slots=True)
class Fall:
    """Why a document (or one of its tables) has only so many rows left; it speaks for that number and no other."""

    document: str
    rows: int
    reason: str
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """All decisions about one year."""

    corrections: tuple[Correction, ...] = ()
    exceptions: tuple[Exemption, ...] = ()
    falls: tuple[Fall, ...] = ()
    dates: Mapping[str, Dates] = field(default_factory=dict)

    @property
    def documents(self) -> frozenset[str]:
        """Return the keys of the documents that something was decided about."""
        named = {*(item.document for item in self.corrections), *(item.document for item in self.exceptions)}
        return frozenset(named) | frozenset(self.dates)


def read_review(folder: Path, specs: Specs) -> Review:
    """Return the decisions in the package folder, none where there is no file; UsageError where it is not well-formed."""
    path = folder / FILE
    if not path.exists():
        return Review()
    try:
        data = yaml.safe_load(path.read_text("utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        problem = Problem(
            "REVIEW-UNREADABLE", "更正文件不是有效的 YAML", str(path), found=str(error), hint="照“实际”里的行号改正"
        )
        raise UsageError(problem) from error
    errors = sorted(specs.validator("review").iter_errors(data), key=lambda error: list(map(str, error.path)))
    if errors:
        raise UsageError(*(spec_problem(path, error) for error in errors))
    return _review(data)


def _review(data: Mapping[str, Any]) -> Review:
    return Review(
        tuple(_correction(item) for item in data.get("corrections", ())),
        tuple(Exemption(**{"expect": {}, **item}) for item in data.get("exceptions", ())),
        tuple(Fall(**item) for item in data.get("releases", ())),
        {item["document"]: Dates(item.get("approved"), item.get("published")) for item in data.get("documents", ())},
    )


def _correction(item: Mapping[str, Any]) -> Correction:
    return Correction(**{**item, "expect": tuple(item.get("expect", ()))})
