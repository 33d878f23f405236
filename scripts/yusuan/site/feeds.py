"""What machines read about the site: robots.txt, sitemaps, an Atom feed, and schema.org descriptions of the data.

Addresses: `/robots.txt`, `/sitemap.xml`, `/sitemap/<part>-<n>.xml`, `/-/feed.atom`.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from datasette.app import Datasette
from datasette.utils import tilde_encode
from datasette.utils.asgi import NotFound, Request, Response
from markupsafe import Markup

from yusuan.site import archive
from yusuan.site.addresses import with_host
from yusuan.site.exports import TYPES
from yusuan.site.metadata import DATABASE
from yusuan.site.setup import KNOWN
from yusuan.spec import TableSpec

#: Tables whose rows are pages that people look for.
ROWS_OF = ("units", "documents", "functional_codes", "economic_codes", "project")
PART = 20_000
_ENTRIES = 50
#: What XML cannot hold, however escaped.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_LATEST = """select 文件, 标题, 发布者, 年度, 公开表数, sha256 from documents order by 年度 desc, 文件 limit ?"""


def full(datasette: Datasette, request: Request, path: str) -> str:
    """Return a path of the site as an address with its host."""
    return with_host(datasette, request, str(datasette.urls.path(path)))


def _xml(text: str, kind: str = "application/xml") -> Response:
    return Response(
        _XML + _CONTROLS.sub("\ufffd", text),
        content_type=f"{kind}; charset=utf-8",
        headers={"cache-control": "max-age=3600"},
    )


async def robots(datasette: Datasette, request: Request) -> Response:
    """Answer /robots.txt: pages may be read, downloads and pictures of pages are not for crawlers."""
    away = ("/-/export/", "/-/page/", "/-/search", "/-/reconcile/", "/*?_", "/*&_")
    lines = ["User-agent: *", *(f"Disallow: {datasette.urls.path(path)}" for path in away)]
    lines.append(f"Sitemap: {full(datasette, request, '/sitemap.xml')}")
    return Response.text("\n".join(lines) + "\n")


def _parts(datasette: Datasette) -> list[tuple[str, int]]:
    """Return the parts of the sitemap: the pages, then the rows of some tables in pieces."""
    counts = datasette.inspect_data[DATABASE]["tables"]
    rows = [(name, n) for name in ROWS_OF for n in range(1, -(-counts.get(name, {"count": 0})["count"] // PART) + 1)]
    return [("pages", 1), *rows]


async def sitemap(datasette: Datasette, request: Request) -> Response:
    """Answer /sitemap.xml."""
    parts = (full(datasette, request, f"/sitemap/{name}-{number}.xml") for name, number in _parts(datasette))
    listed = "".join(f"<sitemap><loc>{escape(address)}</loc></sitemap>\n" for address in parts)
    return _xml(f"<sitemapindex {_SITEMAP}>\n{listed}</sitemapindex>\n")


async def sitemap_part(datasette: Datasette, request: Request) -> Response:
    """Answer /sitemap/<part>-<n>.xml."""
    name, number = request.url_vars["part"], int(request.url_vars["number"])
    if (name, number) not in _parts(datasette):
        raise NotFound("没有这张站点地图")
    specs = KNOWN[datasette].catalogue.specs
    if name == "pages":
        paths = ["/", "/-/downloads", *(f"/{DATABASE}/{table}" for table in KNOWN[datasette].catalogue.tables)]
        paths += [f"/{DATABASE}/{query}" for query in specs.site.get("queries", {})]
    else:
        key = specs.subjects.get(name, specs.records.get(name))
        column = key.key[0] if key else ""
        found = f'select "{column}" from "{name}" order by 1 limit ? offset ?'  # noqa: S608 - a table of ours
        rows = await datasette.get_database(DATABASE).execute(found, [PART, (number - 1) * PART])
        paths = [f"/{DATABASE}/{name}/{tilde_encode(str(row[0]))}" for row in rows.rows]
    listed = "".join(f"<url><loc>{escape(full(datasette, request, path))}</loc></url>\n" for path in paths)
    return _xml(f"<urlset {_SITEMAP}>\n{listed}</urlset>\n")


def _time(path: Path) -> str:
    moment = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _entry(address: str, title: str, updated: str, summary: str) -> str:
    return (
        f"<entry><id>{escape(address)}</id><title>{escape(title)}</title><updated>{updated}</updated>"
        f"<link href={quoteattr(address)}/><summary>{escape(summary)}</summary></entry>\n"
    )


async def feed(datasette: Datasette, request: Request) -> Response:
    """Answer /-/feed.atom: the releases, or where none are kept here the documents."""
    known, site = KNOWN[datasette], KNOWN[datasette].catalogue.specs.site
    changed = _time(Path(datasette.get_database(DATABASE).path))
    entries = []
    for version, files in list(archive.releases(known.setup).items())[:_ENTRIES]:
        address = full(datasette, request, f"/-/release/{version}/SHA256SUMS")
        entries.append(
            _entry(address, f"{site['title']} {version}", _time(files["SHA256SUMS"]), f"{len(files)} 个文件")
        )
    if not entries:
        for row in (await datasette.get_database(DATABASE).execute(_LATEST, [_ENTRIES])).rows:
            address = full(datasette, request, f"/{DATABASE}/documents/{tilde_encode(row['文件'])}")
            told = f"{row['发布者']}，{row['年度']} 年，{row['公开表数']} 张公开表，sha256 {row['sha256']}"
            entries.append(_entry(address, row["标题"], changed, told))
    own, home = full(datasette, request, "/-/feed.atom"), full(datasette, request, "/")
    head = (
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-CN">\n<id>{escape(own)}</id>'
        f"<title>{escape(site['title'])}</title><updated>{changed}</updated><author><name>{escape(site['title'])}</name></author>"
        f'<link rel="self" href={quoteattr(own)}/><link href={quoteattr(home)}/>\n'
    )
    return _xml(f"{head}{''.join(entries)}</feed>\n", "application/atom+xml")


async def described(datasette: Datasette, request: Request, table: str | None) -> Markup:
    """Return the schema.org description of the whole, or of one table, as the content of a script element."""
    known = KNOWN[datasette]
    spec = known.catalogue.tables.get(table or "")
    site = known.catalogue.specs.site
    years = (await datasette.get_database(DATABASE).execute("select min(年度), max(年度) from documents")).first()
    about = await _table(datasette, request, spec) if spec else _whole(datasette, request)
    content: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "inLanguage": "zh-CN",
        "isAccessibleForFree": True,
        "license": site["license_url"],
        "creator": {"@type": "Organization", "name": site["title"], "url": full(datasette, request, "/")},
        **about,
    }
    if years[0] is not None:
        content["temporalCoverage"] = f"{years[0]}/{years[1]}"
    return script_content(content)


def script_content(content: object) -> Markup:
    """Return JSON that no text in it can end the script element it stands in."""
    text = json.dumps(content, ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 - the signs of HTML are escaped above


def _download(address: str, kind: str) -> dict[str, str]:
    return {"@type": "DataDownload", "contentUrl": address, "encodingFormat": kind.partition(";")[0]}


def _whole(datasette: Datasette, request: Request) -> dict[str, Any]:
    known, site = KNOWN[datasette], KNOWN[datasette].catalogue.specs.site
    files: Iterable[dict[str, str]] = [
        _download(full(datasette, request, f"/{DATABASE}.db"), "application/vnd.sqlite3"),
        *(
            _download(full(datasette, request, f"/-/package/{year}.zip"), "application/zip")
            for year in archive.packages(known.setup)
        ),
    ]
    parts = [
        {"@type": "Dataset", "name": spec.label, "description": spec.description, "license": site["license_url"],
         "url": full(datasette, request, f"/{DATABASE}/{name}")}
        for name, spec in known.catalogue.tables.items() if name in known.catalogue.specs.subjects
    ]  # fmt: skip
    home = full(datasette, request, "/")
    return {
        "@id": home,
        "url": home,
        "name": site["title"],
        "alternateName": site["en"],
        "description": site["description"],
        "distribution": files,
        "hasPart": parts,
    }


async def _table(datasette: Datasette, request: Request, spec: TableSpec) -> dict[str, Any]:
    catalogue = KNOWN[datasette].catalogue
    address, home = full(datasette, request, f"/{DATABASE}/{spec.name}"), full(datasette, request, "/")
    measured = [
        {"@type": "PropertyValue", "name": field.name, "alternateName": field.en}
        | ({"description": field.description} if field.description else {})
        | ({"unitText": unit} if (unit := catalogue.unit(spec.name, field.name)) else {})
        for field in spec.fields
    ]
    return {
        "@id": address,
        "url": address,
        "name": spec.label,
        "alternateName": spec.en,
        "description": spec.description,
        "isPartOf": {"@id": home},
        "variableMeasured": measured,
        "distribution": [
            _download(full(datasette, request, f"/-/export/{spec.name}.{ending}"), kind)
            for ending, kind in TYPES.items()
        ],
    }


ROUTES: list[tuple[str, Callable[..., Awaitable[Response]]]] = [
    (r"^/robots\.txt$", robots),
    (r"^/sitemap\.xml$", sitemap),
    (r"^/sitemap/(?P<part>[a-z_]+)-(?P<number>[1-9][0-9]{0,4})\.xml$", sitemap_part),
    (r"^/-/feed\.atom$", feed),
]
