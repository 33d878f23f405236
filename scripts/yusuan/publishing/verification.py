"""Is a release what it was when it was published, and do its parts say the same? Everything is checked, offline."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from yusuan.errors import PackageError, Problem, UsageError
from yusuan.files import sha256_of
from yusuan.publishing.editions import Edition, read_edition
from yusuan.publishing.environment import schemas_digest
from yusuan.publishing.manifest import MANIFEST, SUMS, Entry, files_below, read_manifest, read_sums, sums_text
from yusuan.publishing.parquet import FOLDER as PARQUET
from yusuan.publishing.parquet import count_rows
from yusuan.publishing.signature import ENDING, PUBLIC, BadSignatureError, PublicKey, check, read_public_key
from yusuan.spec import Specs
from yusuan.validation import validate_package

_SIGNATURE = SUMS + ENDING
_DATABASE = "budget.db"
_SHOWN = 20
_FILES = "文件与清单一致"
_HINT = "重新下载这一版；若是自己的文件夹，查明谁改动了它：已发布的版本不改动，更正要发布下一版"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked, and what differs."""

    name: str
    title: str
    notes: str
    problems: tuple[Problem, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the check as JSON-ready data."""
        problems = [problem.as_dict() for problem in self.problems]
        return {
            "name": self.name,
            "title": self.title,
            "passed": not problems,
            "notes": self.notes,
            "problems": problems,
        }


@dataclass(frozen=True, slots=True)
class Verified:
    """What became of a release that was checked."""

    folder: Path
    checks: tuple[Check, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return everything that differs."""
        return tuple(problem for item in self.checks for problem in item.problems)

    def as_dict(self) -> dict[str, Any]:
        """Return the result as JSON-ready data."""
        return {
            "folder": str(self.folder),
            "passed": not self.problems,
            "checks": [item.as_dict() for item in self.checks],
        }


def verify_release(folder: Path, specs: Specs, key: PublicKey | None = None) -> Verified:
    """Check a release against its lists, its signature (with `key`, else with the key it brings), and itself.

    UsageError where there is no release.
    """
    if not any((folder / name).is_file() for name in (SUMS, MANIFEST)):
        hint = "给出一个年度发布的文件夹，例如 releases/2026.1"
        raise UsageError(Problem("RELEASE-MISSING", "这里没有年度发布", str(folder / SUMS), hint=hint))
    checks = [check_signature(folder, key)]
    try:
        sums = read_sums(folder)
        content, listed = read_manifest(folder)
    except PackageError as error:
        return Verified(folder, (*checks, Check("files", _FILES, "清单读不了", tuple(error.problems))))
    files = _files(folder, sums, listed)
    checks.append(files)
    if not files.problems:
        edition = read_edition(folder)
        same = content.get("schemas") == schemas_digest(specs.root)
        checks += [
            _valid(folder, specs, same=same),
            _zipped(folder),
            _database(folder, edition),
            _parquet(folder, edition),
        ]
    return Verified(folder, tuple(checks))


def _problem(code: str, message: str, path: Path, expected: str | None = None, found: str | None = None) -> Problem:
    return Problem(code, message, str(path), expected=expected, found=found, hint=_HINT)


# ---------------------------------------------------------------------------------------------------- the lists


def check_signature(folder: Path, key: PublicKey | None) -> Check:
    """Check the signature, where there is one, where somebody gives a key, or where the release brings the key of one."""
    path, own, title = folder / _SIGNATURE, folder / PUBLIC, "签名"
    if path.is_symlink() or not path.is_file():
        due = key or own.exists() or path.is_symlink()
        missing = (_problem("RELEASE-SIGNATURE", "没有签名", path, expected="用公钥的主人签的名"),) if due else ()
        return Check("signature", title, "没有签名", missing)
    try:
        used = key or read_public_key(own.read_text("utf-8"))
        comment = check(folder / SUMS, path.read_text("utf-8"), used)
    except (BadSignatureError, OSError, UnicodeDecodeError) as error:
        return Check(
            "signature", title, "不成立", (_problem("RELEASE-SIGNATURE", "签名不成立", path, found=str(error)),)
        )
    whose = "给出的公钥" if key else "发布自带的公钥；是谁的，要用另外得到的公钥（--key）核对"
    return Check("signature", title, f"成立：{comment}（密钥 {used.name()}，{whose}）")


def _files(folder: Path, sums: Mapping[str, Entry], listed: Mapping[str, Entry]) -> Check:
    present = set(files_below(folder))
    apart = {SUMS, _SIGNATURE}
    problems = [_problem("RELEASE-FILE-MISSING", "缺少一个文件", folder / name) for name in sorted(set(sums) - present)]
    problems += [
        _problem("RELEASE-FILE-EXTRA", "多出一个清单里没有的文件", folder / name)
        for name in sorted(present - set(sums) - apart)
    ]
    for name in sorted(set(sums) & present):
        problems += _changed(folder / name, sums[name], listed.get(name))
    problems += _sums_changed(folder, listed)
    both = f"{SUMS} 和 {MANIFEST} 都列出它"
    for name in sorted((set(sums) - {MANIFEST}) ^ set(listed)):
        problems.append(_problem("RELEASE-LISTS", "两份清单不一致", folder / name, both))
    return Check("files", _FILES, f"{len(sums)} 个文件", tuple(problems))


def _sums_changed(folder: Path, listed: Mapping[str, Entry]) -> Iterator[Problem]:
    """SHA256SUMS is in no list: every byte of it must be what manifest.json says."""
    path = folder / SUMS
    if path.is_symlink():
        yield _problem("RELEASE-FILE-CHANGED", "是一个链接，不是文件", path)
    elif (folder / MANIFEST).is_file():
        own = {MANIFEST: sha256_of(folder / MANIFEST)}
        if path.read_bytes() != sums_text({name: item.sha256 for name, item in listed.items()} | own).encode():
            yield _problem("RELEASE-LISTS", f"{SUMS} 不是 {MANIFEST} 列出的那些", path)


def _changed(path: Path, summed: Entry, listed: Entry | None) -> Iterator[Problem]:
    if path.is_symlink():
        yield _problem("RELEASE-FILE-CHANGED", "是一个链接，不是文件", path)
        return
    size = path.stat().st_size
    if listed and listed.bytes != size:
        yield _problem("RELEASE-FILE-CHANGED", "大小与清单不符", path, f"{listed.bytes} 字节", f"{size} 字节")
        return
    found = sha256_of(path)
    for entry in (summed, listed):
        if entry and entry.sha256 != found:
            yield _problem("RELEASE-FILE-CHANGED", "内容与清单不符", path, entry.sha256, found)
            return


# ---------------------------------------------------------------------------------------------------- its parts


def _valid(folder: Path, specs: Specs, *, same: bool) -> Check:
    title = "数据包校验通过"
    if not same:
        return Check("package", title, "由另一版规格制作，不能用现在的规格校验；其余照查")
    problems = tuple(validate_package(folder, specs))
    return Check("package", title, f"{len(problems)} 个问题", problems)


def _zipped(folder: Path) -> Check:
    problems: list[Problem] = []
    count = 0
    for path in sorted(folder.glob("datapackage-*.zip")):
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            data = {f"data/{found.name}" for found in (folder / "data").iterdir()} | {"datapackage.json"}
            count += len(names)
            present = set(files_below(folder))
            problems += [
                _problem("RELEASE-ARCHIVE", "压缩包与数据文件夹的文件不同", path, found=name)
                for name in sorted((data - set(names)) | (set(names) - present))
            ]
            problems += [
                _problem("RELEASE-ARCHIVE", "压缩包里的文件与文件夹里的不同", path, found=name)
                for name in sorted(set(names) & present)
                if hashlib.sha256(archive.read(name)).hexdigest() != sha256_of(folder / name)
            ]
    return Check("archive", "压缩包与数据文件夹一致", f"{count} 个文件", tuple(problems))


def _database(folder: Path, edition: Edition) -> Check:
    path, title = folder / _DATABASE, "数据库与 CSV 逐行一致"
    problems: list[Problem] = []
    count = 0
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        ) as connection:
            state = connection.execute("PRAGMA integrity_check").fetchone()[0]
            if state != "ok":
                problems.append(_problem("RELEASE-DATABASE", "数据库已损坏", path, found=str(state)))
            for table, source in _csv_files(folder, edition).items():
                count += 1
                problems += _table(connection, table, source, path)
    except sqlite3.Error as error:
        problems.append(_problem("RELEASE-DATABASE", "数据库读不了", path, found=str(error)))
    return Check("database", title, f"{count} 张表", tuple(problems[:_SHOWN]))


def _csv_files(folder: Path, edition: Edition) -> dict[str, Path]:
    """Return the CSV of every table: those of the package, and the subject tables beside it."""
    return {name: folder / "data" / f"{name}.csv" for name in edition.columns} | {
        path.stem: path for path in sorted((folder / "csv").glob("*.csv"))
    }


def _table(connection: sqlite3.Connection, table: str, source: Path, path: Path) -> Iterator[Problem]:
    """Yield the rows that one side has and the other has not."""
    with source.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = next(reader)
        names = ", ".join('"{}"'.format(name.replace('"', '""')) for name in header)
        found = connection.execute(f'SELECT {names} FROM "{table}"')  # noqa: S608 - the names are quoted
        kinds = {row[1]: row[2] for row in connection.execute(f'PRAGMA table_info("{table}")')}
        stored = Counter(tuple(row) for row in found)
        readers = [_READERS.get(kinds.get(name, ""), _text) for name in header]
        printed = Counter(tuple(read(text) for read, text in zip(readers, row, strict=True)) for row in reader)
    for message, rows in (("数据库缺少 CSV 里的一行", printed - stored), ("数据库多出一行", stored - printed)):
        for row in list(rows)[:_SHOWN]:
            told = " | ".join("" if value is None else str(value) for value in row)
            yield Problem("RELEASE-DATABASE", message, str(path), table=table, found=told[:200], hint=_HINT)


def _text(text: str) -> str | None:
    return text or None


_READERS: Mapping[str, Callable[[str], str | int | float | None]] = {
    "INTEGER": lambda text: int(text) if text else None,
    "REAL": lambda text: float(Decimal(text)) if text else None,
}


def _parquet(folder: Path, edition: Edition) -> Check:
    problems = []
    tables = _csv_files(folder, edition) if (folder / PARQUET).is_dir() else {}
    for table, source in tables.items():
        with source.open(encoding="utf-8", newline="") as file:
            rows = sum(1 for _ in csv.reader(file)) - 1
        found = count_rows(folder, table)
        if found != rows:
            problems.append(
                _problem(
                    "RELEASE-PARQUET", "Parquet 的行数与 CSV 不同", folder / PARQUET / table, str(rows), str(found)
                )
            )
    return Check("parquet", "Parquet 与 CSV 的行数一致", f"{len(tables)} 张表", tuple(problems))


def key_from(text: str) -> PublicKey:
    """Return the public key that somebody gave: a file, or the line itself; UsageError where it is none."""
    path = Path(text)
    try:
        return read_public_key(path.read_text("utf-8") if path.is_file() else text)
    except (OSError, UnicodeDecodeError, BadSignatureError) as error:
        hint = "给出 minisign.pub 文件，或其中 RW 开头的那一行"
        raise UsageError(Problem("SIGN-KEY", "公钥读不了", text, found=str(error), hint=hint)) from error
