"""The annual release: conditions that refuse, then one folder that is complete or not there at all. No algorithms."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yusuan.errors import Problem, ReleaseError, UsageError
from yusuan.files import host_errors, locked, replacing_folder, undisturbed
from yusuan.package import DESCRIPTOR, read_records
from yusuan.publishing.changes import Difference
from yusuan.publishing.differences import compare
from yusuan.publishing.editions import previous_release, read_edition, releases
from yusuan.publishing.environment import Checkout, checkout, made_with
from yusuan.publishing.formats import FORMATS
from yusuan.publishing.gates import Gate, Ground, check_gates
from yusuan.publishing.inputs import Inputs, release_date
from yusuan.publishing.manifest import SUMS, files_below, write_manifest
from yusuan.publishing.pages import summary
from yusuan.publishing.signature import ENDING, PUBLIC, public_key, sign
from yusuan.publishing.sources import find_documents
from yusuan.publishing.verification import Verified, key_from, verify_release
from yusuan.review import read_review
from yusuan.spec import Specs

MANIFEST = SUMS
#: The moment that a build takes for now, as builders of reproducible software give it.
_EPOCH = "SOURCE_DATE_EPOCH"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the publisher may say: where the documents are, which day it is, why rows fell, how to sign, where it will be."""

    sources: tuple[Path, ...] = ()
    date: str | None = None
    reason: str | None = None
    sign: Path | None = None
    address: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    """What a release contains or, in a dry run, would contain. `folder` is None until it is written."""

    version: str
    gates: tuple[Gate, ...]
    files: tuple[str, ...] = ()
    folder: Path | None = None
    date: str | None = None
    previous: str | None = None
    changes: str | None = None

    @property
    def blocked(self) -> bool:
        """Say whether a condition stands in the way."""
        return any(gate.blocks for gate in self.gates)

    def as_dict(self) -> dict[str, Any]:
        """Return the release as JSON-ready data."""
        return {
            "version": self.version,
            "date": self.date,
            "previous": self.previous,
            "changes": self.changes,
            "blocked": self.blocked,
            "gates": [gate.as_dict() for gate in self.gates],
            "formats": [{"name": item.name, "title": item.title} for item in FORMATS],
            "files": list(self.files),
            "folder": str(self.folder) if self.folder else None,
        }


def publish(year: int, root: Path, out: Path, specs: Specs, wishes: Wishes | None = None) -> Release:
    """Write `<out>/<year>.<n>/` from the package of `year` under `root`; nothing where a condition refuses.

    A published version is never touched again: the next one gets the next number.
    """
    wishes = wishes or Wishes()
    package = root / str(year)
    with undisturbed(root):
        if not (package / DESCRIPTOR).exists():
            hint = f"先运行 yusuan convert 生成 {package}"
            raise UsageError(Problem("PACKAGE-MISSING", f"没有 {year} 年的数据包", str(package), hint=hint))
        work = _Work(year, package, out, specs, wishes)
        planned = work.plan()
        if wishes.dry_run:
            return planned
        if planned.blocked:
            raise ReleaseError(*(_refusal(gate) for gate in planned.gates if gate.blocks))
        with locked(out):
            if previous_release(year, out) != work.previous:  # somebody published while we were checking
                work = _Work(year, package, out, specs, wishes)
                planned = work.plan()
            return work.write(planned)


class _Work:
    """One release on its way from the conditions to the folder."""

    def __init__(self, year: int, package: Path, out: Path, specs: Specs, wishes: Wishes) -> None:
        self.year, self.package, self.out, self.specs, self.wishes = year, package, out, specs, wishes
        self.previous = previous_release(year, out)
        self.state: Checkout = checkout(package.parent, out)
        self.folders = wishes.sources or (package.parent / "sources",)

    def plan(self) -> Release:
        """Return the release as it would be; UsageError where the key to sign with cannot be read."""
        if self.wishes.sign:
            public_key(self.wishes.sign)
        ground = Ground(self.package, self.folders, self.previous, self.state, self.wishes.reason)
        gates = check_gates(ground, self.specs)
        before = self.previous.name if self.previous else None
        if len(gates) == 1:  # not valid: nothing more can be said
            return Release(self._version(), gates, previous=before)
        made = self._inputs(gates)
        return Release(made.version, gates, date=made.date, previous=before, changes=summary(made.difference))

    def _version(self) -> str:
        taken = [int(path.name.split(".")[1]) for path in releases(self.out) if path.name.startswith(f"{self.year}.")]
        return f"{self.year}.{max(taken, default=0) + 1}"

    def _inputs(self, gates: tuple[Gate, ...]) -> Inputs:
        records, review = read_records(self.package, self.specs), read_review(self.package, self.specs)
        try:
            day = release_date(self.wishes.date, os.environ.get(_EPOCH), review, self.year)
        except ValueError as error:
            hint = f"写成 2026-03-31 这样；{_EPOCH} 是秒数"
            found = self.wishes.date or os.environ.get(_EPOCH)
            raise UsageError(Problem("DATE-UNKNOWN", "发布日期读不懂", found=found, hint=hint)) from error
        return Inputs(
            version=self._version(),
            date=day,
            package=self.package,
            records=records,
            specs=self.specs,
            review=review,
            gates=gates,
            sources=find_documents(records["documents"], self.folders),
            previous=self.previous,
            made_with=made_with(self.state),
            address=self.wishes.address,
        )

    def write(self, planned: Release) -> Release:
        """Write every format beside the earlier releases and let it appear in one step."""
        inputs = self._inputs(planned.gates)
        target = self.out / inputs.version
        with replacing_folder(target) as folder, host_errors(folder):
            roles: dict[str, str] = {}
            for item in FORMATS:
                item.write(folder, inputs)
                roles |= {name: item.name for name in files_below(folder) if name not in roles}
            self._seal(folder, inputs, roles)
            files = tuple(files_below(folder))
        return Release(
            inputs.version, planned.gates, files, target, inputs.date, planned.previous, summary(inputs.difference)
        )

    def _seal(self, folder: Path, inputs: Inputs, roles: Mapping[str, str]) -> None:
        secret = self.wishes.sign
        if secret:
            (folder / PUBLIC).write_text(public_key(secret).text(), encoding="utf-8", newline="\n")
        write_manifest(folder, inputs, {**roles, PUBLIC: "signature"})
        if secret:
            text = sign(folder / SUMS, secret, f"yusuan {inputs.version}")
            (folder / f"{SUMS}{ENDING}").write_text(text, encoding="utf-8", newline="\n")


def _refusal(gate: Gate) -> Problem:
    details = "；".join(problem.message for problem in gate.problems[:5])
    return Problem(
        "GATE-REFUSED",
        f"发布条件未满足：{gate.title}（{gate.notes}）",
        found=details or None,
        hint=f"{gate.hint}。运行 yusuan publish 年度 --dry-run 查看全部条件",
    )


def diff(old: Path, new: Path, specs: Specs) -> Difference:
    """Return what changed between two editions, each a release or a package."""
    return compare(read_edition(old), read_edition(new), specs)


def verify(folder: Path, specs: Specs, key: str | None = None) -> Verified:
    """Return what differs in a release from what was published."""
    return verify_release(folder, specs, key_from(key) if key else None)
