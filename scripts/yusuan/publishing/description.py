"""What a release is, said once: every format of metadata is written from this and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from yusuan.files import sha256_of
from yusuan.publishing.inputs import Inputs
from yusuan.publishing.sources import FOLDER as SOURCES
from yusuan.publishing.sources import archived_name
from yusuan.spec import TableSpec

MEDIA = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".md": "text/markdown",
    ".yml": "application/yaml",
    ".txt": "text/plain",
    ".pdf": "application/pdf",
    ".zip": "application/zip",
    ".db": "application/vnd.sqlite3",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".parquet": "application/vnd.apache.parquet",
    ".html": "text/html",
    ".xml": "application/xml",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".css": "text/css",
    ".js": "text/javascript",
}
#: Folders with so many files that metadata name the folder and not each of them.
GROUPS = {
    "api/": "静态 JSON 接口（每个单位、每个年度一个文件）",
    "excel/": "给 Excel 的 CSV（有 BOM，代码不变样）",
    "parquet/": "Parquet（按年度分区）",
    "site/": "静态网站",
}
_TITLES = {
    "budget.db": "SQLite 数据库（budget.db）",
    "budget.xlsx": "Excel 工作簿",
    "datapackage.json": "数据包的描述",
    "changes.csv": "与上一版的差别",
    "provenance.csv": "每份文档的来源",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One file of a release."""

    path: str
    title: str
    media_type: str
    bytes: int
    sha256: str
    table: TableSpec | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One document that the data were read from."""

    key: str
    title: str
    publisher: str
    path: str
    bytes: int
    sha256: str
    reader: str


@dataclass(frozen=True, slots=True)
class Description:
    """One release: what it is called, whose it is, under which terms, when, what it holds and where that comes from."""

    name: str
    version: str
    year: int
    date: str
    title: str
    title_en: str
    text: str
    license: str
    license_url: str
    keywords: tuple[str, ...]
    publishers: tuple[str, ...]
    places: tuple[str, ...]
    address: str | None
    engine: str
    previous: str | None
    items: tuple[Item, ...]
    groups: Mapping[str, str]
    sources: tuple[Source, ...]

    @property
    def identifier(self) -> str:
        """Return what identifies this release everywhere: its address where it has one, else a name."""
        return f"{self.address}/" if self.address else f"urn:yusuan:{self.name}"

    def url(self, path: str) -> str:
        """Return where a file is: below the address, or relative to the release."""
        return f"{self.address}/{path}" if self.address else path

    def whole_day(self) -> bool:
        """Say whether the date is a day, not only a year."""
        return len(self.date) > len("2026")


def describe(folder: Path, inputs: Inputs) -> Description:
    """Return the description of the release that stands in `folder`."""
    site = inputs.specs.site
    publishers = sorted({str(row["发布者"]) for row in inputs.documents})
    places = [str(row["区划名称"]) for row in inputs.records["regions"]]
    address = f"{inputs.address.rstrip('/')}/{inputs.version}" if inputs.address else None
    return Description(
        name=f"yusuan-{inputs.version}",
        version=inputs.version,
        year=inputs.year,
        date=inputs.date,
        title=f"{inputs.year}年{site['title']}",
        title_en=f"{site['en']}, {inputs.year}",
        text=f"{site['description']}收录 {len(publishers)} 个单位的 {len(inputs.documents)} 份公开文档。",
        license=site["license"],
        license_url=site["license_url"],
        keywords=("预算公开", "部门预算", "单位预算", "budget", "open data", "China"),
        publishers=tuple(publishers),
        places=tuple(places),
        address=address,
        engine=str(inputs.made_with["yusuan"]),
        previous=inputs.difference.old or None,
        items=tuple(_items(folder, inputs)),
        groups={path: title for path, title in GROUPS.items() if (folder / path).is_dir()},
        sources=tuple(_source(row) for row in inputs.documents),
    )


def _items(folder: Path, inputs: Inputs) -> list[Item]:
    tables = {spec.name: spec for spec in inputs.specs.every_table()}
    titles = {archived_name(row): f"{row['发布者']}：{row['标题']}" for row in inputs.documents} | _TITLES
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if name.startswith(tuple(GROUPS)):
            continue
        table = tables.get(path.stem) if name.startswith(("data/", "csv/")) else None
        title = titles.get(name) or (table.label if table else name)
        media = MEDIA.get(path.suffix, "application/octet-stream")
        found.append(Item(name, title, media, path.stat().st_size, sha256_of(path), table))
    return found


def _source(row: dict[str, Any]) -> Source:
    reader = f"{row['读取器']} {row['读取器版本']}"
    path = PurePosixPath(archived_name(row)).as_posix()
    return Source(row["文件"], row["标题"], row["发布者"], path, row["字节数"], row["sha256"], reader)


def is_source(item: Item) -> bool:
    """Say whether a file of the release is one of the documents."""
    return item.path.startswith(f"{SOURCES}/")
