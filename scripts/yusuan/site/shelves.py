"""The files of a release as people look for them: in groups, a folder as one entry, each with its size and what it is for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

#: The groups in order: a title, and what is in them, each by a pattern of its name with what it is for.
_SHELVES: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "数据",
        (
            (r"datapackage-.*\.zip", "整个数据包，一个文件：表、出处、核对结果"),
            (r"budget\.db", "SQLite 数据库：公开表、主题表、检索"),
            (r"data/", "公开表、登记表、格子、发现的 CSV"),
            (r"datapackage\.json", "数据包的描述：每张表的列、类型、校验和"),
            (r"report\.md", "核对报告，给人看"),
            (r"findings\.json", "核对结果，给程序用"),
            (r"corrections\.yml", "更正和签字，连同理由"),
            (r"metadata\.yml", "给 Datasette 的标题和说明"),
        ),
    ),
    ("表", ((r"csv/", "主题表的 CSV，只有明细，可以相加"),)),
    (
        "Excel",
        (
            (r"budget\.xlsx", "工作簿：每张表一页，另有透视用平表"),
            (r"excel/", "给 Excel 的 CSV，代码不变样，旁边有名称"),
        ),
    ),
    ("Parquet", ((r"parquet/", "按年度分区，金额是精确小数"),)),
    ("接口", ((r"api/", "静态 JSON：每个单位每个年度一个文件"),)),
    ("来源文档", ((r"sources/", "各单位公开的原文件"), (r"provenance\.csv", "每份文档的发布者、校验和、读取器"))),
    (
        "说明",
        (
            (r"RELEASE_NOTES\.md", "这一版有什么，发布条件是否满足"),
            (r"CHANGES\.md", "与上一版的差别，给人看"),
            (r"changes\.csv", "与上一版的差别，逐格"),
            (r"changes\.json", "与上一版的差别，给程序用"),
            (r"CHANGELOG\.md", "各版的变更"),
            (r"data-dictionary\.md", "表和列是什么意思"),
            (r"LICENSE\.md", "许可和来源"),
            (r"CITATION\.cff", "怎样引用"),
        ),
    ),
    ("网站", ((r"site/", "静态网站：整个文件夹取下后打开 index.html"),)),
    (
        "描述与校验",
        (
            (r"SHA256SUMS", "每个文件的校验和"),
            (r"SHA256SUMS\.minisig", "发布者的签名"),
            (r"minisign\.pub", "核对签名的公钥"),
            (r"manifest\.json", "每个文件的大小和用途，用什么做的"),
            (r"dcat\.jsonld", "给数据目录读的描述（DCAT）"),
            (r"schema\.jsonld", "给搜索引擎读的描述（schema.org）"),
            (r"croissant\.json", "给机器学习工具读的描述（Croissant）"),
            (r"ro-crate-metadata\.json", "给档案读的描述（RO-Crate）"),
        ),
    ),
    ("其他", ((r".*", ""),)),
)
#: The files of a folder are listed under it while they are not too many to look through.
_LISTED = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, or a folder with its files: what it is for, how many bytes. `files` is empty where they are too many."""

    name: str
    use: str
    size: int
    count: int
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """One group of entries."""

    title: str
    entries: tuple[Entry, ...]


def shelves(files: Mapping[str, Path]) -> Iterator[Shelf]:
    """Yield the groups of the files of a release, given by their names."""
    tops: dict[str, list[str]] = {}
    for name in files:
        folder, slash, _ = name.partition("/")
        tops.setdefault(folder + slash, []).append(name)
    for title, uses in _SHELVES:
        found = [(top, use) for form, use in uses for top in sorted(tops) if re.fullmatch(form, top)]
        entries = tuple(_entry(top, use, tops.pop(top), files) for top, use in found)
        if entries:
            yield Shelf(title, entries)


def _entry(top: str, use: str, names: list[str], files: Mapping[str, Path]) -> Entry:
    size = sum(files[name].stat().st_size for name in names)
    return Entry(top, use, size, len(names), tuple(sorted(names)) if len(names) <= _LISTED else ())
