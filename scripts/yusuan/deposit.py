"""A release to an archive that gives it a DOI: what is deposited, in which order, and how to go on after an interruption.

Beside the release stands `<version>.<host>.json` with the number of the draft: whoever runs the command again goes on with that
draft and uploads only what is not there yet. A later release becomes a new version of the record of the one before.
"""

from __future__ import annotations

import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yusuan.errors import HostError, Problem, UsageError
from yusuan.files import md5_of, replacing_file, sha256_of

if TYPE_CHECKING:
    from yusuan.zenodo import Zenodo

#: Where deposits go by name.
HOSTS = {"zenodo": "https://zenodo.org", "sandbox": "https://sandbox.zenodo.org"}

SUMS, _DESCRIPTOR = "SHA256SUMS", "datapackage.json"
_VERSION = re.compile(r"([12][0-9]{3})\.([0-9]{1,4})")
#: What Zenodo takes in one record.
MOST_FILES = 100
#: Folders whose files are in the archive of the data package already.
_PACKED = {"data"}
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Deposit:
    """What was deposited, or would be: where, which files, and under which number and DOI."""

    version: str
    host: str
    files: tuple[str, ...]
    uploaded: tuple[str, ...] = ()
    number: int | None = None
    doi: str | None = None
    page: str | None = None
    published: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person who deposits decided: to which name, whether to publish, which record it is a new version of."""

    to: str
    publish: bool = False
    version_of: int | None = None


def run(
    release: Path, wish: Wish, environment: Mapping[str, str], said: Callable[[str], None], *, dry_run: bool = False
) -> Deposit:
    """Deposit a release with the token of the environment; a dry run says what would be deposited and asks nobody.

    ZENODO_HOST is for an archive of one's own that speaks the same interface.
    """
    host = environment.get("ZENODO_HOST") or HOSTS[wish.to]
    if dry_run:
        return plan(release, host)
    token = environment.get("ZENODO_TOKEN", "").strip()
    if not token:
        hint = f"在 {host}/account/settings/applications/ 申请令牌，放进环境变量 ZENODO_TOKEN；先看看用 --dry-run"
        raise UsageError(Problem("DEPOSIT-TOKEN", "没有令牌", "ZENODO_TOKEN", hint=hint))
    from yusuan.zenodo import Zenodo  # noqa: PLC0415 - httpx takes a while to import; only a deposit pays

    with Zenodo(host, token) as zenodo:
        return deposit(release, wish, zenodo, said)


def plan(release: Path, host: str) -> Deposit:
    """Return what would be deposited, without asking anybody."""
    _check(release)
    return Deposit(release.name, host, tuple(name for name, _ in _planned(release)))


def deposit(release: Path, wish: Wish, zenodo: Zenodo, said: Callable[[str], None] = lambda _: None) -> Deposit:
    """Deposit a release as a draft, and publish it where that is wished; goes on where an earlier run stopped."""
    _check(release)
    known = _state(release, wish.to)
    if known.get("published"):
        problem = Problem("DEPOSIT-DONE", "这个版本已经公开", known.get("page"), hint="要更正就发布新的一版")
        raise UsageError(problem)
    draft = zenodo.draft(known["id"]) if "id" in known else None
    if draft is None:
        before = wish.version_of or _published_before(release, wish.to)
        draft = zenodo.begin_version(before) if before else zenodo.begin()
        _remember(release, wish.to, {"id": draft["id"]})
    zenodo.describe(draft, metadata_of(release))
    with tempfile.TemporaryDirectory() as folder:
        files = _packed(release, Path(folder))
        uploaded = _upload(zenodo, draft, files, said)
    told = zenodo.publish(draft) if wish.publish else draft
    doi = told.get("doi") or told.get("metadata", {}).get("prereserve_doi", {}).get("doi")
    page = told.get("links", {}).get("html") or f"{zenodo.host}/deposit/{draft['id']}"
    _remember(release, wish.to, {"id": draft["id"], "doi": doi, "page": page, "published": wish.publish})
    return Deposit(release.name, zenodo.host, tuple(files), uploaded, draft["id"], doi, page, published=wish.publish)


def _upload(
    zenodo: Zenodo, draft: Mapping[str, Any], files: Mapping[str, Path], said: Callable[[str], None]
) -> tuple[str, ...]:
    """Make the draft hold exactly the files; those already there unchanged are not sent again."""
    there = zenodo.files(draft)
    for name in sorted(there.keys() - files.keys()):
        zenodo.remove(draft, there[name])
    missing = [name for name in files if name not in there or there[name]["checksum"] != md5_of(files[name])]
    for number, name in enumerate(missing, 1):
        said(f"上传 {number}/{len(missing)}：{name}（{files[name].stat().st_size:,} 字节）")
        zenodo.upload(draft, name, files[name])
    return tuple(missing)


def _check(release: Path) -> None:
    """Refuse what is not a whole release: every file of its list of checksums must be there, unchanged."""
    if not (_VERSION.fullmatch(release.name) and (release / SUMS).is_file() and (release / _DESCRIPTOR).is_file()):
        hint = "给出 yusuan publish 写出的文件夹，例如 releases/2026.1"
        raise UsageError(Problem("RELEASE-MISSING", "这里没有发布", str(release), hint=hint))
    for line in (release / SUMS).read_text("utf-8").splitlines():
        digest, _, name = line.partition("  ")
        path = release / name
        if not path.is_file() or sha256_of(path) != digest:
            hint = "发布以后不该再改动：重新发布，或者取回原来的文件"
            raise HostError(Problem("RELEASE-CHANGED", "发布里的文件与校验和不符", str(path), hint=hint))
    if (count := len(list(_planned(release)))) > MOST_FILES:
        hint = "把发布里的文件放进文件夹，一个文件夹打成一个压缩包"
        expected = f"最多 {MOST_FILES}"
        raise UsageError(
            Problem("DEPOSIT-FILES", "文件太多", str(release), expected=expected, found=str(count), hint=hint)
        )


def _planned(release: Path) -> Iterator[tuple[str, list[Path]]]:
    """Yield the files to be deposited, an archive for each folder, with what goes into it."""
    names = {line.partition("  ")[2] for line in (release / SUMS).read_text("utf-8").splitlines()} | {SUMS}
    names |= {path.name for path in release.glob(f"{SUMS}.*")}  # a signature cannot stand in the list that it signs
    folders: dict[str, list[Path]] = {}
    for name in sorted(names):
        first, _, rest = name.partition("/")
        if rest and first not in _PACKED:
            folders.setdefault(first, []).append(release / name)
        elif not rest:
            yield name, [release / name]
    for folder, paths in folders.items():
        yield f"{folder}-{release.name}.zip", paths


def _packed(release: Path, folder: Path) -> dict[str, Path]:
    """Return the files to be deposited by name; the archives are made, the same bytes each time."""
    files = {}
    for name, paths in _planned(release):
        files[name] = paths[0]
        if paths != [release / name]:
            files[name] = folder / name
            with zipfile.ZipFile(files[name], "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                for path in paths:
                    entry = zipfile.ZipInfo(path.relative_to(release).as_posix(), _EPOCH)
                    entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
                    archive.writestr(entry, path.read_bytes())
    return files


def metadata_of(release: Path) -> dict[str, Any]:
    """Return the metadata of the record, from the release's own description."""
    about = json.loads((release / _DESCRIPTOR).read_text("utf-8"))
    people = [{"name": str(person["title"])} for person in about.get("contributors", []) if person.get("title")]
    licence = "；".join(str(item.get("title", item.get("name", ""))) for item in about.get("licenses", []))
    notes = f"<p>{escape(about['description'])}</p><p>许可：{escape(licence)}</p><p>核对下载：<code>sha256sum -c {SUMS}</code></p>"
    return {
        "upload_type": "dataset",
        "title": f"{about['title']} {release.name}",
        "description": notes,
        "creators": people or [{"name": "yusuan contributors"}],
        "version": release.name,
        "keywords": list(about.get("keywords", [])),
        "language": "zho",
        "access_right": "open",
        "license": "other-open",
    }


def _path(release: Path, to: str) -> Path:
    return release.parent / f"{release.name}.{to}.json"


def _state(release: Path, to: str) -> dict[str, Any]:
    path = _path(release, to)
    return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else {}


def _remember(release: Path, to: str, known: Mapping[str, Any]) -> None:
    with replacing_file(_path(release, to)) as beside:
        beside.write_text(json.dumps(known, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _published_before(release: Path, to: str) -> int | None:
    """Return the record of the latest earlier release that was published under the same name."""
    found = []
    for path in release.parent.glob(f"*.{to}.json"):
        version = path.name.removesuffix(f".{to}.json")
        known = json.loads(path.read_text("utf-8"))
        if _VERSION.fullmatch(version) and known.get("published") and _order(version) < _order(release.name):
            found.append((_order(version), int(known["id"])))
    return max(found)[1] if found else None


def _order(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]
