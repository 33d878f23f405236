"""One document to one disclosure: the stages in order, each a pure function of the one before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from yusuan.checks import check_evidence, summarise
from yusuan.checks.evidence import evidence_of, unread_sentences
from yusuan.checks.quantities import Quantities
from yusuan.checks.wording import check_text, stated_offices
from yusuan.errors import DocumentError, Problem, UsageError
from yusuan.identity import Printed, identify, read_claims
from yusuan.layouts import Layout
from yusuan.model import Disclosure, Document, Finding, Identity, Paragraph, Sheet, Table
from yusuan.narrative import Narrative, read_narrative
from yusuan.personal import find_personal_data
from yusuan.spec import Specs, TableSpec
from yusuan.tables.contents import class_codes
from yusuan.tables.recognise import Recognition, choose_layout, leave_out, recognise
from yusuan.tables.shapes import amount, says_nil, shape_table
from yusuan.tables.typed import Context
from yusuan.tables.unread import in_order, keep_sheet
from yusuan.tables.witness import CONFIRMED, CONTRADICTED, Testimony, hear


@dataclass(frozen=True, slots=True)
class Options:
    """What a caller may know better than the document: its layout, its place (six digits), that it replaces another.

    `verify` asks for a second reading of every PDF, `workers` how many documents are read at a time.
    """

    layout: str | None = None
    place: str | None = None
    replace: bool = False
    verify: bool = False
    workers: int = 1


def read_disclosure(document: Document, specs: Specs, options: Options | None = None) -> Disclosure:
    """Return everything in `document`; DocumentError with every problem where it cannot be read exactly."""
    options = options or Options()
    check_options(options, specs)
    layout = _layout(document, specs, options)
    found = recognise(document, specs, layout)
    sheets, inherited, money = _money_units(document, found.sheets, specs)
    if layout.general and any(sheet.money_unit for sheet in sheets):
        sheets, money = _without_silent(sheets, money, found, layout, specs), []
    if problems := found.problems + money:
        raise DocumentError(*problems)
    printed = Printed(_organisations(sheets, specs), layout.department_digits, layout.keyed_by_name)
    identity, problems = identify(document, sheets, printed, specs.divisions, options.place)
    if identity is None:
        raise DocumentError(*problems)
    tables = _tables(found, sheets, specs, layout, _context(document, specs, identity, layout))
    if problem := _unsuited(document, layout, tables, found):
        raise DocumentError(problem)
    story = read_narrative(document, identity.year)
    notices = [
        *document.notes,
        *find_personal_data(document),
        *_joined(document.paragraphs),
        *found.findings,
        *inherited,
        *_place_mentioned(identity),
        *(table.finding for table in found.unread if table.finding.rule == "TABLE-UNRECOGNISED"),
        *_bare(tables, specs),
        *_mended_codes(tables, specs),
        *_unknown_codes(tables, specs),
        *unread_notices(story),
    ]
    read = Disclosure(
        identity, document, layout.name, tuple(tables), story.records, tuple(notices), tuple(found.missing)
    )
    read = replace(read, unread=in_order(found.unread))
    return checked(read, layout, frozenset(finding.table or "" for finding in inherited), specs)


def checked(read: Disclosure, layout: Layout, silent: frozenset[str], specs: Specs) -> Disclosure:
    """Return what was read with how the rules came out; `silent` are the tables that print no money unit."""
    offices = stated_offices(read.document)
    evidence = evidence_of(read.identity, read.tables, read.narrative, specs)
    unread = unread_sentences(read.findings)
    known = Quantities(replace(evidence, silent=silent, offices=offices, unread=unread), specs.rules)
    text = check_text(read.document, read.identity, read.tables, layout, known)
    told, results = summarise([*check_evidence(known), *text], known)
    signed = tuple(replace(finding, document=read.identity.key) for finding in (*read.findings, *told))
    return replace(read, findings=signed, results=tuple(results), offices=offices)


def _place_mentioned(identity: Identity) -> Iterator[Finding]:
    if identity.place_mentioned:
        text = f"单位名称不以地名开头，所在地按正文里最常提到的地名认作{identity.region_name}"
        yield Finding("PLACE-MENTIONED", text, "warning", printed=identity.name)


def unread_notices(story: Narrative) -> Iterator[Finding]:
    """Yield a notice for each sentence with an amount that was not understood."""
    text = "这句话里有金额，但没有读懂，未收入文字说明"
    for item in story.unread:
        if item.amounts or item.kind == "unread":
            yield Finding("STATEMENT-UNREAD", text, "info", line=item.line, page=item.page, printed=item.text)


def check_options(options: Options, specs: Specs) -> None:
    """Refuse options that can suit no document."""
    if options.layout and options.layout not in specs.layouts:
        known = "、".join(specs.layouts)
        raise UsageError(
            Problem("LAYOUT-UNKNOWN", "没有这个版式", expected=known, found=options.layout, hint="改正 --layout")
        )
    if options.place and options.place not in specs.divisions:
        form = "六位 GB/T 2260 代码，例如 450200"
        raise UsageError(
            Problem("PLACE-UNKNOWN", "没有这个区划代码", expected=form, found=options.place, hint="改正 --place")
        )


def _layout(document: Document, specs: Specs, options: Options) -> Layout:
    layout = specs.layouts[options.layout] if options.layout else choose_layout(document, specs)
    if layout is None:
        code, message = "NOT-A-BUDGET", "这不像预算公开文档：没有预算或决算标题，也没有一张认得的公开表"
        claims = read_claims(document)
        if claims and _tells(document, claims[0].year):
            raise DocumentError(_narrative_only(document))
        if claims:
            code, message = "NO-TABLES", "标题是预算公开，但没有一张认得的公开表"
        known = "、".join(
            title
            for item in specs.layouts.values()
            for t in (() if item.general else item.tables.values())
            for title in t.titles[:1]
        )
        raise DocumentError(
            Problem(
                code,
                message,
                document.source,
                expected=f"例如这些表题：{known}",
                found=_beginning(document),
                hint="确认文件没有拿错；若是别处的版式，请增加 schemas/layouts/ 下的版式文件",
            )
        )
    return layout


def _tells(document: Document, year: int) -> bool:
    """Say whether a document without tables tells amounts: it is the narrative of tables in another file."""
    facts = read_narrative(document, year).records["narrative_facts"]
    return any(fact["金额"] is not None for fact in facts)


def _narrative_only(document: Document) -> Problem:
    return Problem(
        "NARRATIVE-ONLY",
        "这份文档只有情况说明，没有公开表",
        document.source,
        expected="情况说明和公开表在同一份文档里，或者公开表那一份一起转换（单位名称、年度相同）",
        found=_beginning(document),
        hint="表多半在另一个文件里（报表、附件）：连同那一份一起转换；这一份里本来有表，就是转换时截断了",
    )


def _unsuited(document: Document, layout: Layout, tables: Sequence[Table], found: Recognition) -> Problem | None:
    """Refuse a document of which more tables are unreadable than readable: it is printed in another layout."""
    unread = [finding.message for finding in found.findings if finding.rule == "TABLE-UNREAD"]
    if len(unread) <= len(tables) or (layout.general and tables):
        return None
    return Problem(
        "LAYOUT-UNSUITED",
        f"按版式 {layout.name} 读，读不准的表比读得准的多",
        document.source,
        expected=layout.title,
        found="；".join(unread[:3]),
        hint="多半是别处的版式：请增加 schemas/layouts/ 下的版式文件，或用 --layout 指定",
    )


def _beginning(document: Document) -> str:
    text = " ".join(paragraph.text for paragraph in document.paragraphs)
    return (text[:60] + "…") if text else "（没有文字）"


def _money_units(
    document: Document, sheets: Sequence[Sheet], specs: Specs
) -> tuple[list[Sheet], list[Finding], list[Problem]]:
    """Give a table that prints no money unit that of the others, if they all agree, and say so."""
    printed = {sheet.money_unit for sheet in sheets if sheet.money_unit}
    silent = [sheet for sheet in sheets if not sheet.money_unit]
    if not silent or len(printed) == 1:
        unit = next(iter(printed), "")
        findings = [
            Finding(
                "MONEY-UNIT-INHERITED",
                f"{specs.tables[sheet.table].label}没有印出金额单位，按其他各表认作{unit}",
                table=sheet.table,
            ).at(sheet.first)
            for sheet in silent
        ]
        return [replace(sheet, money_unit=sheet.money_unit or unit) for sheet in sheets], findings, []
    problems = [
        Problem(
            "MONEY-UNIT-UNKNOWN",
            "这张表没有印出金额单位，其他表也不能代为说明",
            document.source,
            sheet.first.page,
            sheet.first.line,
            sheet.title,
            expected="单位：万元 或 单位：元",
            found="、".join(sorted(printed)) or "（都没有）",
            hint="在表题下补上原文档的金额单位一行",
        )
        for sheet in silent
    ]
    return list(sheets), [], problems


def _without_silent(
    sheets: Sequence[Sheet], problems: Sequence[Problem], found: Recognition, layout: Layout, specs: Specs
) -> list[Sheet]:
    """Leave out the tables whose money unit nobody tells where others print theirs: one table is not the document."""
    silent = [sheet for sheet in sheets if not sheet.money_unit]
    for sheet, problem in zip(silent, problems, strict=bool(problems)):
        finding = leave_out([problem], specs.tables[sheet.table], layout, found)
        found.missing.append(sheet.table)
        found.unread += [keep_sheet(sheet, finding)] if finding else []
    return [sheet for sheet in sheets if sheet.money_unit]


_NAMES = ("organisation_name", "budget_unit", "name")


def _organisations(sheets: Sequence[Sheet], specs: Specs) -> tuple[tuple[str, str], ...]:
    """Return the codes and names printed beside each other, before rows are typed: place and key depend on them."""
    printed: dict[tuple[str, str], None] = {}
    for sheet in sheets:
        spec = specs.tables[sheet.table]
        at = {column.field: column.number - 1 for column in sheet.columns if column.field}
        code = at.get(spec.role("organisation") or "")
        name = next((at[n] for n in map(spec.role, _NAMES) if n in at), None)
        for row in sheet.body if code is not None and name is not None else ():
            if (text := row[code or 0].text.strip()).isdigit():
                printed[text, row[name or 0].text.strip()] = None
    return tuple(printed)


def _context(document: Document, specs: Specs, identity: Identity, layout: Layout) -> Context:
    return Context(
        document.source,
        identity.region,
        identity.unit,
        layout.department_digits,
        class_codes(specs),
        frozenset(name for name, table in layout.tables.items() if table.one_row),
        frozenset(name for name, table in layout.tables.items() if table.total_optional),
        layout.general,
    )


def _tables(found: Recognition, sheets: Sequence[Sheet], specs: Specs, layout: Layout, context: Context) -> list[Table]:
    """Return the typed tables; those that cannot be typed and are optional become findings in `found`."""
    tables = []
    for sheet in sheets:
        spec = specs.tables[sheet.table]
        here = context if sheet.general == context.general else _general(context, specs)
        table, issues = shape_table(sheet, spec, here)
        if table is not None:
            testimony = hear(table, spec, specs.rules)
            issues = list(_doubts(table, spec, testimony, context)) if sheet.general else []
            if sheet.general and testimony.grade != CONFIRMED and _printed_again(found, spec):
                issues.append(_half(table, spec, context))
            table = replace(table, witness=testimony.grade)
        if table is not None and not issues:
            tables.append(table)
        else:
            finding = leave_out(issues, spec, layout, found)
            found.missing.append(spec.name)
            found.unread += [keep_sheet(sheet, finding)] if finding else []
    if found.problems:
        raise DocumentError(*found.problems)
    return tables


def _general(context: Context, specs: Specs) -> Context:
    """Return the context of a table that the general layout reads in a document of a place's own."""
    every = frozenset(specs.tables)
    return replace(context, general=True, one_row=every, total_optional=every)


def _printed_again(found: Recognition, spec: TableSpec) -> bool:
    """Say whether a second table under the same title could not be read: the first may be but a part."""
    return any(finding.rule == "TABLE-UNREAD" and finding.table == spec.name for finding in found.findings)


def _half(table: Table, spec: TableSpec, context: Context) -> Problem:
    place = table.sheet.first
    message = "同一张表后面还有一部分，表头不同，没有读；这一部分的合计也不能印证它是完整的"
    return Problem("TABLE-TWICE", message, context.source, place.page, place.line, spec.label)


def _doubts(table: Table, spec: TableSpec, testimony: Testimony, context: Context) -> Iterator[Problem]:
    """Yield why a table that the general layout recognised is not believed: its codes or its sums speak against it."""
    place = table.sheet.first
    told = (context.source, place.page, place.line, spec.label)
    first = {str(row.values.get(spec.role("code") or "") or " ")[0] for row in table.rows}
    family = "3" if spec.shape == "code_tree" else "2"
    if strange := {digit for digit in first if digit.isdigit()} - {family}:
        message = f"科目编码以 {'、'.join(sorted(strange))} 开头，这张表的应以 {family} 开头"
        yield Problem("WITNESS-AGAINST", message, *told, hint="多半是按另一种分类印的表：对照原文档的表题")
    elif testimony.grade == CONTRADICTED and testimony.failed is not None:
        yield Problem(
            "WITNESS-AGAINST",
            f"按通用版式认出的列，表内的合计不成立（{testimony.message}）",
            *told,
            row=testimony.failed.row,
            hint="对照原文档的表头；此地另有印法，就加一个版式文件",
        )
    elif table.sheet.strange and testimony.grade != CONFIRMED:
        yield Problem(
            "WITNESS-NONE",
            f"有不认识的金额列（{'、'.join(table.sheet.strange)}），表内没有合计能印证其余的列",
            *told,
            hint=f"把这些列加到 schemas/layouts/common.yml 的 tables.{spec.name}",
        )
    elif (table.sheet.told or not context.general) and not testimony.held and _has_amounts(table, spec):
        yield Problem(
            "WITNESS-NONE",
            f"列是按通用版式或内容认定的（{'、'.join(table.sheet.told) or '全部'}），表内没有合计能印证",
            *told,
            hint=f"把这些列加到 schemas/layouts/common.yml 的 tables.{spec.name}",
        )


def _has_amounts(table: Table, spec: TableSpec) -> bool:
    return any(amount(row, name) for row in table.rows for name in spec.measures)


def _joined(paragraphs: Sequence[Paragraph]) -> Iterator[Finding]:
    for paragraph in paragraphs:
        first, last = paragraph.first.line or 0, paragraph.last.line or 0
        if paragraph.pieces > 1 and last - first > 1:
            yield Finding(
                "PARAGRAPH-JOINED",
                f"第{first}行至第{last}行被换页断开的一段已接上",
                "info",
                line=first,
                printed=f"{paragraph.text[:20]}…{paragraph.text[-20:]}",
            )


def _bare(tables: Sequence[Table], specs: Specs) -> Iterator[Finding]:
    """Yield the tables that are nothing but a header, without a word that they are empty."""
    for table in tables:
        if not table.rows and not table.sheet.blank_rows and not says_nil(table.sheet.note):
            text = f"{specs.tables[table.name].label}只印了表头，没有数据行，也没有注明“本表无数据”，按空表收录"
            yield Finding("TABLE-BARE", text, table=table.name).at(table.sheet.first)


def _mended_codes(tables: Sequence[Table], specs: Specs) -> Iterator[Finding]:
    """Yield the codes printed in several columns of which a part does not stand in the code as it was read."""
    for table in tables:
        name = specs.tables[table.name].role("code") or ""
        at = [i for i, column in enumerate(table.sheet.columns) if column.field == name]
        for row in table.rows if name and len(at) > 1 else ():
            cells = table.sheet.body[row.number - 1]
            parts = ["".join(cells[i].text.split()) for i in at]
            code = str(row.values[name] or "")
            if "".join(parts) and not code.endswith("".join(parts)):
                text = f"编码印作“{'、'.join(part for part in parts if part)}”，按各级的位数和上一行认作 {code}"
                yield Finding("CODE-MENDED", text, table=table.name, row=row.number, column=name).at(row.place)


def _unknown_codes(tables: Sequence[Table], specs: Specs) -> Iterator[Finding]:
    for table in tables:
        spec = specs.tables[table.name]
        kind = "economic" if spec.shape == "code_tree" else "functional"
        codes, retired = specs.codes[kind], specs.retired[kind]
        name = spec.role("code")
        for row in table.rows:
            code = row.values.get(name or "")
            if row.kind in {"明细", "父项"} and isinstance(code, str) and code not in codes:
                earlier = retired.get(code)
                was = f"（{earlier.edition} 年版里是“{earlier.name}”，已停用）" if earlier else ""
                yield Finding(
                    "CODE-UNKNOWN",
                    f"科目编码 {code} 不在代码表中{was}，名称以文档为准",
                    table=table.name,
                    row=row.number,
                    column=name,
                    line=row.place.line,
                    page=row.place.page,
                    printed=code,
                )
