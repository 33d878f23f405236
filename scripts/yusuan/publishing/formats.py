"""The formats of a release: a list of named writers, each from (folder, inputs) to files, in the order they are called."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from yusuan.database import load_database
from yusuan.dictionary import data_dictionary
from yusuan.package import DESCRIPTOR, package_tables
from yusuan.publishing import linked, notes
from yusuan.publishing.api import write_api
from yusuan.publishing.archive import write_zip
from yusuan.publishing.description import describe
from yusuan.publishing.editions import read_edition
from yusuan.publishing.inputs import Inputs, column_of, stored
from yusuan.publishing.pages import changes_csv, changes_json, changes_page
from yusuan.publishing.parquet import write_parquet
from yusuan.publishing.sources import FOLDER as SOURCES
from yusuan.publishing.sources import archived_name
from yusuan.publishing.workbook import write_workbook
from yusuan.report import FINDINGS, REPORT
from yusuan.review import FILE
from yusuan.site.metadata import metadata_yaml
from yusuan.site.writers import batch_writer, head_and_tail

Writer = Callable[[Path, Inputs], None]


@dataclass(frozen=True, slots=True)
class Format:
    """One thing that a release holds: its name, what people call it, and who writes it.

    A writer makes new files below the folder and changes none. The files it makes bear its name in the manifest.
    """

    name: str
    title: str
    write: Writer


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _package(folder: Path, inputs: Inputs) -> None:
    (folder / "data").mkdir()
    for name in package_files(inputs):
        shutil.copyfile(inputs.package / name, folder / name)


def package_files(inputs: Inputs) -> list[str]:
    """Return the files of the data package: what its descriptor names, the report, the decisions."""
    beside = [name for name in (DESCRIPTOR, REPORT, FINDINGS, FILE) if (inputs.package / name).exists()]
    return [*beside, *(f"data/{spec.name}.csv" for spec in package_tables(inputs.specs))]


def _archive(folder: Path, inputs: Inputs) -> None:
    write_zip(folder / f"datapackage-{inputs.version}.zip", folder, package_files(inputs))


def _database(folder: Path, inputs: Inputs) -> None:
    load_database(folder / "budget.db", [inputs.records], inputs.specs)
    _write(folder / "metadata.yml", metadata_yaml(inputs.specs))


def _csv(folder: Path, inputs: Inputs) -> None:
    """The official tables are in data/ already; here are the subject tables, which the database derives."""
    for spec in inputs.specs.subjects.values():
        columns = tuple(map(column_of, spec.fields))
        rows = ([stored(field, row) for field in spec.fields] for row in inputs.rows(spec))
        head, tail = head_and_tail("csv", columns)
        _write(folder / "csv" / f"{spec.name}.csv", head + batch_writer("csv", columns)(rows) + tail)


def _excel_csv(folder: Path, inputs: Inputs) -> None:
    (folder / "excel").mkdir()
    for spec in inputs.specs.every_table():
        columns, rows = inputs.readable(spec)
        head, tail = head_and_tail("excel.csv", columns)
        text = head + batch_writer("excel.csv", columns)(rows) + tail
        (folder / "excel" / f"{spec.name}.csv").write_text(text, encoding="utf-8", newline="")


def _sources(folder: Path, inputs: Inputs) -> None:
    (folder / SOURCES).mkdir()
    for row in inputs.documents:
        shutil.copyfile(inputs.sources[str(row["文件"])], folder / archived_name(row))
    _write(folder / "provenance.csv", notes.provenance_csv(inputs))


def _changes(folder: Path, inputs: Inputs) -> None:
    names = {str(row["单位"]): str(row["单位名称"]) for row in inputs.records["units"]}
    titles = {**read_edition(inputs.package).titles}
    _write(folder / "changes.csv", changes_csv(inputs.difference))
    _write(folder / "changes.json", changes_json(inputs.difference))
    _write(folder / "CHANGES.md", changes_page(inputs.difference, names, titles))


def _documents(folder: Path, inputs: Inputs) -> None:
    _write(folder / "data-dictionary.md", data_dictionary(inputs.specs))
    _write(folder / "LICENSE.md", notes.license_page(inputs))
    _write(folder / notes.CHANGELOG, notes.changelog(inputs))
    _write(folder / "RELEASE_NOTES.md", notes.release_notes(inputs, [(item.name, item.title) for item in FORMATS]))


def _site(folder: Path, inputs: Inputs) -> None:
    from yusuan.static import write_site  # noqa: PLC0415 - Datasette takes a second to import; only a release pays

    address = f"{inputs.address.rstrip('/')}/{inputs.version}/site/" if inputs.address else None
    write_site(folder / "site", folder / "budget.db", inputs.specs, address)


def _descriptions(folder: Path, inputs: Inputs) -> None:
    about = describe(folder, inputs)
    for name, content in linked.FILES.items():
        _write(folder / name, linked.text_of(content(about)))
    _write(folder / "CITATION.cff", notes.citation(about))


#: In this order: an archive needs the package, descriptions come last because they name every file.
FORMATS: tuple[Format, ...] = (
    Format("package", "数据包：`data/*.csv` 与 `datapackage.json`，核对报告 `report.md`", _package),
    Format("archive", "数据包打成一个文件 `datapackage-<版本>.zip`", _archive),
    Format("database", "SQLite 数据库 `budget.db` 和网站的 `metadata.yml`", _database),
    Format("csv", "主题表的 CSV：`csv/`（公开表的在 `data/`）", _csv),
    Format("excel_csv", "给 Excel 的 CSV：`excel/`，有 BOM，代码不变样，代码旁边有名称", _excel_csv),
    Format("workbook", "Excel 工作簿 `budget.xlsx`：每张表一页，另有透视用的平表和字段说明", write_workbook),
    Format("api", "静态 JSON 接口：`api/v1/index.json`，每个单位每个年度一个文件", write_api),
    Format("parquet", "Parquet：`parquet/<表>/年度=<年度>/`", write_parquet),
    Format("sources", "来源文档 `sources/`，文件名带校验和；`provenance.csv`", _sources),
    Format("changes", "与上一版的差别：`CHANGES.md`、`changes.csv`、`changes.json`", _changes),
    Format("documents", "说明：`RELEASE_NOTES.md`、`CHANGELOG.md`、`LICENSE.md`、`data-dictionary.md`", _documents),
    Format("site", "静态网站 `site/`：不用服务器，打开 `index.html` 就能看", _site),
    Format(
        "descriptions",
        "给机器读的描述：`dcat.jsonld`、`schema.jsonld`、`croissant.json`、`ro-crate-metadata.json`、`CITATION.cff`",
        _descriptions,
    ),
)
