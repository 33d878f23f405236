"""Everything at once: the page that says where, the data package of a year as one archive, the files of the releases.

Addresses: `/-/downloads`, `/-/package/<year>.zip`, `/-/release/<version>/<file>`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import threading
import zipfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import NotFound, Request, Response, asgi_send_file

from yusuan.files import replacing_file, sha256_of
from yusuan.site import wording
from yusuan.site.metadata import DATABASE
from yusuan.site.setup import KNOWN, Setup
from yusuan.site.shelves import shelves

_DESCRIPTOR, _SUMS = "datapackage.json", "SHA256SUMS"
#: What stands beside the data where `yusuan check` wrote it.
_REPORTS = ("findings.json", "report.md")
_YEAR, _VERSION = re.compile(r"[12][0-9]{3}"), re.compile(r"[12][0-9]{3}\.[0-9]{1,4}")
#: Every file in an archive bears this time: the same package gives the same bytes.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_TURN = threading.Lock()


def packages(setup: Setup) -> dict[str, Path]:
    """Return the folder of the data package of each year, latest first."""
    folders = setup.packages.iterdir() if setup.packages and setup.packages.is_dir() else []
    found = {path.name: path for path in folders if _YEAR.fullmatch(path.name) and (path / _DESCRIPTOR).is_file()}
    return dict(sorted(found.items(), reverse=True))


def releases(setup: Setup) -> dict[str, dict[str, Path]]:
    """Return the files of each release by their names, latest first; only what its list of checksums names."""
    folders = setup.releases.iterdir() if setup.releases and setup.releases.is_dir() else []
    found = {
        path.name: dict(_listed(path)) for path in folders if _VERSION.fullmatch(path.name) and (path / _SUMS).is_file()
    }
    return dict(sorted(found.items(), key=lambda item: [int(part) for part in item[0].split(".")], reverse=True))


def _listed(folder: Path) -> Iterator[tuple[str, Path]]:
    inside = folder.resolve()
    for line in (folder / _SUMS).read_text("utf-8").splitlines():
        name = line.partition("  ")[2]
        path = folder / name
        if name and path.is_file() and path.resolve().is_relative_to(inside):
            yield name, path
    yield _SUMS, folder / _SUMS


def _pack(folder: Path, target: Path) -> None:
    """Write a data package as one archive: what its descriptor names, and the descriptor."""
    described = json.loads((folder / _DESCRIPTOR).read_text("utf-8"))
    inside = folder.resolve()
    names = [_DESCRIPTOR, *sorted(str(resource["path"]) for resource in described["resources"])]
    names += [name for name in _REPORTS if (folder / name).is_file()]
    with replacing_file(target) as beside, zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            path = folder / name
            if not path.resolve().is_relative_to(inside):
                raise NotFound("数据包里的文件指向别处")
            entry = zipfile.ZipInfo(f"{folder.name}/{name}", _EPOCH)
            entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            with path.open("rb") as file, archive.open(entry, "w") as packed:
                while part := file.read(1 << 20):
                    packed.write(part)


def _archive(folder: Path, cache: Path) -> Path:
    """Return the archive of a package, made anew only when the package changed."""
    with _TURN:
        small = [folder / name for name in (_DESCRIPTOR, *_REPORTS) if (folder / name).is_file()]
        state = hashlib.sha256("".join(map(sha256_of, small)).encode()).hexdigest()
        target = cache / f"{folder.name}-{state[:16]}.zip"
        if not target.exists():
            for old in cache.glob(f"{folder.name}-*.zip"):
                old.unlink(missing_ok=True)
            _pack(folder, target)
        return target


async def package(datasette: Datasette, request: Request, send: Any) -> None:
    """Answer /-/package/<year>.zip."""
    known, year = KNOWN[datasette], request.url_vars["year"]
    folder = packages(known.setup).get(year)
    if folder is None:
        raise NotFound("没有这个年度的数据包")
    path = await asyncio.to_thread(_archive, folder, known.library.cache.parent / "packages")
    await asgi_send_file(send, path, filename=f"yusuan-{year}.zip", content_type="application/zip", chunk_size=1 << 16)


async def release(datasette: Datasette, request: Request, send: Any) -> None:
    """Answer /-/release/<version>/<file>."""
    found = releases(KNOWN[datasette].setup).get(request.url_vars["version"], {})
    path = found.get(request.url_vars["file"])
    if path is None:
        raise NotFound("发布里没有这个文件")
    kind = (
        "application/octet-stream" if path.suffix not in {".md", ".json", ".csv", ""} else "text/plain; charset=utf-8"
    )
    await asgi_send_file(send, path, filename=path.name, content_type=kind, chunk_size=1 << 16)


async def page(datasette: Datasette, request: Request) -> Response:
    """Answer /-/downloads."""
    known, url = KNOWN[datasette], datasette.urls
    tables = [
        {
            "title": spec.label,
            "description": spec.description,
            "url": url.table(DATABASE, name),
            "files": [
                {"text": text, "title": title, "url": url.path(f"/-/export/{name}.{ending}")}
                for ending, text, title in wording.DOWNLOADS
                if known.setup.still is None or ending in wording.STILL
            ],
        }
        for name, spec in known.catalogue.tables.items()
    ]
    context = {
        "tables": tables,
        "database_url": f"{url.database(DATABASE)}.db" if datasette.setting("allow_download") else "",
        "database_size": datasette.get_database(DATABASE).size,
        "packages": [{"year": year, "url": url.path(f"/-/package/{year}.zip")} for year in packages(known.setup)],
        "releases": [
            {"version": version, "url": url.path(f"/-/release/{version}/"), "shelves": list(shelves(files))}
            for version, files in releases(known.setup).items()
        ],
    }
    return Response.html(await datasette.render_template("downloads.html", context, request=request))


ROUTES: list[tuple[str, Callable[..., Awaitable[Any]]]] = [
    (r"^/-/downloads$", page),
    (r"^/-/package/(?P<year>[12][0-9]{3})\.zip$", package),
    (r"^/-/release/(?P<version>[12][0-9]{3}\.[0-9]{1,4})/(?P<file>[^?]+)$", release),
]
