"""The order of calls: documents to packages, packages to a database. No algorithms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from glob import glob
from pathlib import Path
from typing import Any

from yusuan.audit import audit
from yusuan.companions import adopt, partner_of, read_companion, silent_documents
from yusuan.database import load_database
from yusuan.disclosure import Options, check_options, read_disclosure
from yusuan.errors import DocumentError, HostError, Problem, UsageError
from yusuan.files import locked, recover, replacing_file, undisturbed
from yusuan.model import Disclosure, Finding
from yusuan.package import DESCRIPTOR, merge_records, read_records, write_package
from yusuan.quality import quality_rows
from yusuan.reading import SUFFIXES, read
from yusuan.reading.picture import draw_page
from yusuan.reading.second import read_boxes
from yusuan.report import Checked, DocumentReport, document_reports, report_files
from yusuan.review import Review, read_review
from yusuan.rows.findings import is_open_error, row_to_finding
from yusuan.rows.records import Record, Records, disclosure_to_records
from yusuan.spec import Specs
from yusuan.standing import TableStanding, document_standing, table_standings
from yusuan.validation import validate_package
from yusuan.verify import cell_boxes, compare_readings, not_compared
from yusuan.workers import Pool

#: Wraps a sequence so that somebody can watch it being worked through.
Track = Callable[[Sequence[Path], str], Iterable[Path]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one source: a disclosure with its findings as they stand, or the problems that set it aside.

    `companion` is what a narrative without tables tells, until its tables are found.
    """

    source: Path
    disclosure: Disclosure | None = None
    problems: tuple[Problem, ...] = ()
    package: Path | None = None
    findings: tuple[Finding, ...] = ()
    companion: Disclosure | None = None

    @property
    def standings(self) -> list[TableStanding]:
        """Return how far each table was read, none where the document was set aside."""
        return table_standings(self.disclosure, self.findings) if self.disclosure else []

    def as_dict(self) -> dict[str, Any]:
        """Return the outcome as JSON-ready data."""
        found = self.disclosure
        return {
            "source": str(self.source),
            "status": "converted" if found else "quarantined",
            "standing": "budget" if found else document_standing(self.problems),
            "standings": [item.as_dict() for item in self.standings],
            "document": found.identity.key if found else None,
            "title": found.identity.title if found else None,
            "package": str(self.package) if self.package else None,
            "tables": {table.name: len(table.rows) for table in found.tables} if found else {},
            "missing": list(found.missing) if found else [],
            "findings": [finding.as_dict() for finding in self.findings],
            "problems": [problem.as_dict() for problem in self.problems],
        }


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did, and with which exit code it should end."""

    outcomes: tuple[Outcome, ...] = ()
    problems: tuple[Problem, ...] = ()
    rows: dict[str, int] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """Return 3 when documents were set aside, 1 when something found is an error, else 0."""
        if any(outcome.disclosure is None for outcome in self.outcomes):
            return DocumentError.exit_code
        errors = any(is_open_error(finding) for outcome in self.outcomes for finding in outcome.findings)
        return 1 if errors or self.problems else 0

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON-ready data."""
        return {
            "exit_code": self.exit_code,
            "documents": [outcome.as_dict() for outcome in self.outcomes],
            "problems": [problem.as_dict() for problem in self.problems],
            "rows": self.rows,
        }


def unwatched(items: Sequence[Path], _label: str) -> Iterable[Path]:
    """Show nothing: the Track of callers that do not watch."""
    return items


def find_sources(sources: Sequence[str]) -> list[Path]:
    """Return the files that paths, folders and globs name, each once, in order; UsageError for a name without file."""
    found: dict[Path, None] = {}
    for source in sources:
        path = Path(source)
        if path.is_dir():
            matches = [item for item in sorted(path.rglob("*")) if item.suffix.lower() in SUFFIXES and item.is_file()]
        elif path.exists():
            matches = [path]
        else:
            # a pattern may be absolute, which Path.glob refuses
            names = sorted(glob(source, recursive=True))  # noqa: PTH207
            matches = [Path(name) for name in names if Path(name).is_file()]
        if not matches:
            raise UsageError(
                Problem(
                    "SOURCE-MISSING",
                    "找不到文档",
                    source,
                    expected=f"文件、通配符，或含有 {'、'.join(SUFFIXES)} 文件的文件夹",
                    hint="检查路径",
                )
            )
        found |= dict.fromkeys(matches)
    return list(found)


def find_targets(names: Sequence[str]) -> list[Path]:
    """Return the packages and documents that paths, folders and globs name; UsageError for a name without either."""
    packages = [Path(name) for name in names if _is_package(Path(name))]
    others = [name for name in names if not _is_package(Path(name))]
    return [*packages, *(find_sources(others) if others else [])]


def _is_package(path: Path) -> bool:
    return (path / DESCRIPTOR).exists() or (path.is_dir() and any(path.glob(f"*/{DESCRIPTOR}")))


def convert(
    sources: Sequence[Path], out: Path, specs: Specs, options: Options | None = None, *, track: Track = unwatched
) -> Report:
    """Convert documents into `<out>/<年度>/`, adding to what is there; one bad document does not stop the others."""
    options = options or Options()
    check_options(options, specs)
    outcomes = _read_all(sources, specs, options, track)
    with locked(out):
        years = sorted({d.identity.year for o in outcomes for d in (o.disclosure, o.companion) if d})
        for year in years:
            folder = out / str(year)
            recover(folder)
            old = read_records(folder, specs)
            outcomes = _with_companions(outcomes, year, old, specs)
            outcomes = _refuse_second(outcomes, year, old["documents"], instead=options.replace)
            accepted = [o.disclosure for o in outcomes if o.disclosure and o.disclosure.identity.year == year]
            if accepted:
                new = [disclosure_to_records(disclosure, specs) for disclosure in accepted]
                records = audited(merge_records(old, new, specs), read_review(folder, specs), specs, again=False)
                write_package(folder, year, records, specs, report_files(records))
                outcomes = [_placed(outcome, folder, year, records) for outcome in outcomes]
    return Report(tuple(outcomes))


def _with_companions(outcomes: Sequence[Outcome], year: int, old: Records, specs: Specs) -> list[Outcome]:
    """Take in the narratives of that year whose tables are in another file, of this run or of an earlier one."""
    read = [o.disclosure for o in outcomes if o.disclosure and not o.disclosure.narrative["narrative_facts"]]
    tables = {item.key: item for item in (*silent_documents(old), *(found.identity for found in read))}
    joined = []
    for outcome in outcomes:
        told = outcome.companion
        partner = partner_of(told.identity, tables.values()) if told and told.identity.year == year else None
        found = told and partner and Outcome(outcome.source, adopt(told, partner, specs))
        joined.append(found or outcome)
    return joined


def _placed(outcome: Outcome, folder: Path, year: int, records: Records) -> Outcome:
    """Return an outcome of that year with its package and its findings under the decisions made about them."""
    found = outcome.disclosure
    if found is None or found.identity.year != year:
        return outcome
    findings = (row_to_finding(row) for row in records["findings"] if row["文件"] == found.identity.key)
    return replace(outcome, package=folder, findings=tuple(findings))


def audited(records: Records, review: Review, specs: Specs, *, again: bool) -> Records:
    """Return the rows of a package with its findings under the decisions of people, and the quality of each document."""
    records = records | audit(records, review, specs, again=again)
    return records | {"quality": quality_rows(records, review, specs)}


def check(paths: Sequence[Path], specs: Specs, options: Options | None = None, *, track: Track = unwatched) -> Checked:
    """Apply every rule again to packages, or to documents without writing anything.

    A package's findings, results and report are written anew.
    """
    folders = [path for path in paths if _is_package(path)]
    files = [path for path in paths if path not in folders]
    checked = [
        _check_package(folder, specs) for root in folders for folder in track(package_folders(root), "核对数据包")
    ]
    outcomes = _read_all(files, specs, options or Options(), track) if files else []
    checked += [_check_disclosure(outcome.disclosure, specs) for outcome in outcomes if outcome.disclosure]
    aside = tuple(outcome for outcome in outcomes if outcome.disclosure is None)
    return Checked(tuple(report for reports in checked for report in reports), aside)


def _check_package(folder: Path, specs: Specs) -> list[DocumentReport]:
    with locked(_shelf(folder)):
        recover(folder)
        old = read_records(folder, specs)
        year = int(str(old["documents"][0]["年度"])) if old["documents"] else int(folder.name)
        records = audited(merge_records(old, [], specs), read_review(folder, specs), specs, again=True)
        write_package(folder, year, records, specs, report_files(records))
    return document_reports(records)


def _check_disclosure(disclosure: Disclosure, specs: Specs) -> list[DocumentReport]:
    records = merge_records({}, [disclosure_to_records(disclosure, specs)], specs)
    return document_reports(audited(records, Review(), specs, again=False))


def _read_all(sources: Sequence[Path], specs: Specs, options: Options, track: Track) -> list[Outcome]:
    """Read every document in a process of its own and return the outcomes in the order of the sources."""
    pool = Pool(partial(_read_one, specs=specs, options=options), options.workers)
    results = pool.run(sources)
    outcomes: dict[int, Outcome] = {}
    for _ in track(sources, "读取文档"):
        index, result = next(results)
        outcomes[index] = Outcome(sources[index], problems=(result,)) if isinstance(result, Problem) else result
    return [outcomes[index] for index in sorted(outcomes)]


def _read_one(path: Path, specs: Specs, options: Options) -> Outcome:
    document = None
    try:
        # several documents at a time keep the cores busy; one alone is read by all of them
        document = read(path, 1 if options.workers > 1 else None)
        found = read_disclosure(document, specs, options)
    except (DocumentError, HostError) as error:
        alone = document is not None and document_standing(error.problems) == "narrative_only"
        companion = read_companion(document, specs, options) if document and alone else None
        return Outcome(path, problems=error.problems, companion=companion)
    if options.verify or _suspect(found):
        found = _second_reading(path, found, specs, thorough=options.verify)
    return Outcome(path, found)


def _suspect(found: Disclosure) -> bool:
    """A PDF whose figures disagree, or whose glyphs are strange or missing, is read a second time without being asked."""
    return any(
        finding.rule in {"PAGE-BAD-GLYPHS", "PAGE-TEXT-LOST"} or (finding.grade == "violated" and finding.difference)
        for finding in found.findings
    )


def _second_reading(path: Path, found: Disclosure, specs: Specs, *, thorough: bool) -> Disclosure:
    if found.document.reader != "pdf":
        return found
    sheets = [table.sheet for table in found.tables]
    texts = read_boxes(path.read_bytes(), cell_boxes(sheets))
    more = [*compare_readings(sheets, texts, specs), *(not_compared(found.findings) if thorough else ())]
    more = [replace(item, document=found.identity.key) for item in more]
    return replace(found, findings=(*found.findings, *more))


def _refuse_second(outcomes: Sequence[Outcome], year: int, old: Sequence[Record], *, instead: bool) -> list[Outcome]:
    """Set aside a document that says what another, with other content, has said already."""
    known = {} if instead else {str(row["文件"]): (str(row["sha256"]), f"已收录的 {row['来源文件']}") for row in old}
    checked = []
    for outcome in outcomes:
        found = outcome.disclosure
        if found is None or found.identity.year != year:
            checked.append(outcome)
            continue
        digest, who = known.setdefault(found.identity.key, (found.document.sha256, outcome.source.name))
        checked.append(
            outcome if digest == found.document.sha256 else Outcome(outcome.source, problems=(_second(outcome, who),))
        )
    return checked


def _second(outcome: Outcome, who: str) -> Problem:
    title = outcome.disclosure.identity.title if outcome.disclosure else ""
    return Problem(
        "DOCUMENT-TWICE",
        f"同一单位、年度、类型已有另一份文档（{title}）",
        str(outcome.source),
        expected=f"与{who}内容相同",
        found="内容不同",
        hint="若新文档是更正版，用 --replace 以它取代；否则检查是否拿错文件",
    )


def package_folders(root: Path) -> list[Path]:
    """Return the package folders at or directly below `root`; UsageError where there are none."""
    found = (path.parent for path in root.glob(f"*/{DESCRIPTOR}") if not path.parent.name.startswith("."))
    folders = [root] if (root / DESCRIPTOR).exists() else sorted(found)
    if not folders:
        raise UsageError(
            Problem("PACKAGE-MISSING", "这里没有数据包", str(root), hint="先运行 yusuan convert，或检查路径")
        )
    return folders


def _shelf(root: Path) -> Path:
    """Return the folder that packages stand in, and that whoever writes one locks."""
    return root if root.is_dir() and not (root / DESCRIPTOR).exists() else root.resolve().parent


def validate(root: Path, specs: Specs, *, track: Track = unwatched) -> Report:
    """Validate every package at or below `root` against its schemas."""
    with undisturbed(_shelf(root)):
        folders = track(package_folders(root), "校验数据包")
        return Report(problems=tuple(problem for folder in folders for problem in validate_package(folder, specs)))


def load(root: Path, database: Path, specs: Specs, *, track: Track = unwatched) -> Report:
    """Load every package at or below `root` into one SQLite file, replaced in one step."""
    with undisturbed(_shelf(root)):
        packages = [read_records(folder, specs) for folder in track(package_folders(root), "载入数据包")]
    return Report(rows=load_database(database, packages, specs))


def build(
    sources: Sequence[Path],
    out: Path,
    database: Path,
    specs: Specs,
    options: Options | None = None,
    *,
    track: Track = unwatched,
) -> Report:
    """Convert, validate and load; the database is left alone when a package is not valid."""
    converted = convert(sources, out, specs, options, track=track)
    if not any(outcome.disclosure for outcome in converted.outcomes):
        return converted
    checked = validate(out, specs, track=track)
    rows = {} if checked.problems else load(out, database, specs, track=track).rows
    return Report(converted.outcomes, checked.problems, rows)


def inspect(source: Path, page: int, picture: Path, specs: Specs) -> None:
    """Write a picture of one page of a PDF with the recognised grid and the assigned columns."""
    document = read(source)
    if document.reader != "pdf":
        raise UsageError(
            Problem("NOT-A-PDF", "只有 PDF 才有页面可画", str(source), found=document.reader, hint="给出 PDF 文件")
        )
    try:
        assigned = [cell for table in read_disclosure(document, specs).tables for cell in table.sheet.evidence]
    except DocumentError:
        assigned = []  # the grid can be looked at although the document was refused
    with replacing_file(picture) as beside:
        draw_page(source.read_bytes(), page, assigned).save(beside, format="PNG")
