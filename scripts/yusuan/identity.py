"""What a document says about itself: organisation, year, kind, place. File names are never asked."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from yusuan.errors import Problem
from yusuan.frame import split_organisation
from yusuan.model import Document, Grid, Identity, Paragraph, Sheet
from yusuan.places import PARTY, find_place, mentioned_place
from yusuan.values import close_gaps, header_key, name_key, plain, split_ordinal

KINDS = {"预算": "budget", "决算": "final"}
_TITLE = re.compile(
    r"(?P<year>\d{4})\s*年度?\s*(?:[省市区县]级)?(?:\D{2,30}?(?=单位|部门))?(?P<scope>单位|部门)?(?:综合)?(?P<kind>预算|决算)(?!绩效)"
)
_PART = re.compile(r"\s*第[一二三四五]部分")
#: How names of offices end; a title that lost its name leaves other words.
_OFFICE = re.compile(
    r"(?:院|局|厅|委|室|会|部|中心|所|站|校|园|队|馆|台|处|办|社|团|政府|机关|大学|学校|医院)(?:[(（].+[)）])?$"
)
_SENTENCE = re.compile(r"[,。;:!?]")  # in matching form
#: `(2026年度)` under the title of a form, or a table's own title with its year.
_FORM_YEAR = re.compile(r"^[(]?\s*(?P<year>20\d\d)\s*(?:年度?|\(年度?\))\s*[)]?$")
#: `2019年政府采购预算表`: a table's title that bears the year where no other line does.
_TABLE_YEAR = re.compile(r"^(?P<year>20\d\d)年度?[^\d]{2,20}预算表$")
_BARE_LABEL = re.compile(r"(?:部门|单位|部门名称|单位名称)[:：]")
_NAMED = re.compile(r"\d{4}年度?(?P<name>[^\d,。]{3,40}?)(?:部门|单位)(?:综合)?(?:预算|决算)")
_FORM_LABELS = frozenset({"部门名称", "部门单位名称", "单位名称", "预算单位", "填报单位"})
_SUMMED = re.compile(r"[(（]汇总[)）]$")
_COVER, _MAX_LINE, _FORMS = 6, 40, 3
_SCOPE_TAIL = re.compile(r"(?<=.{4})(?:部门|单位)$")


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of the document about itself, with the paragraph that makes it."""

    year: int
    scope: str
    kind: str
    paragraph: Paragraph


@dataclass(frozen=True, slots=True)
class Printed:
    """What the tables print of organisations: codes and names beside each other, and how long a department's code is.

    `keyed_by_name`: the place prints no code of the document's organisation; one whose code is nowhere is keyed by
    its name.
    """

    organisations: tuple[tuple[str, str], ...] = ()
    department_digits: int = 0
    keyed_by_name: bool = False

    @property
    def departments(self) -> list[str]:
        """Return the names of departments: a unit's fiscal authority is its department's."""
        return [name for code, name in self.organisations if len(code) <= self.department_digits]

    def code_of(self, name: str, scope: str) -> str | None:
        """Return the code printed beside `name`: of a 部门 the shortest, of a 单位 the longest."""
        codes = [code for code, other in self.organisations if header_key(other) == header_key(name)]
        return (min if scope == "部门" else max)(codes, key=len, default=None)


def bare_name(name: str) -> str:
    """Return a name by which two documents of one organisation can be told to be its: without 中共, without 部门 behind."""
    return _SCOPE_TAIL.sub("", header_key(PARTY.sub("", plain(name))))


def read_claims(document: Document) -> list[Claim]:
    """Return what titles and headings say of year and kind, in reading order; running text is not asked."""
    claims = []
    for paragraph in document.paragraphs:
        text = plain(paragraph.text)
        match = _TITLE.search(text)
        if match and not _SENTENCE.search(text):
            claims.append(Claim(int(match["year"]), match["scope"] or "", match["kind"], paragraph))
    if not claims or _PART.match(claims[0].paragraph.text):
        claims = [*_joined_claims(document), *claims]  # the heading of a part is no title: that is on the cover
    return claims or _form_claims(document)


def _joined_claims(document: Document) -> list[Claim]:
    """Return what a title says that is printed in two lines of the first page, year in one and kind in the other."""
    first = [paragraph for paragraph in document.paragraphs[:_COVER] if len(paragraph.text) <= _MAX_LINE]
    for upper, lower in itertools.pairwise(first):
        text = plain(upper.text + lower.text)
        match = _TITLE.search(text)
        headings = any(_PART.match(line.text) or split_ordinal(line.text) for line in (upper, lower))
        if match and not headings and not _SENTENCE.search(text):
            whole = replace(lower, text=upper.text + lower.text)
            return [Claim(int(match["year"]), match["scope"] or "", match["kind"], whole)]
    return []


def _form_claims(document: Document) -> list[Claim]:
    """Return what tables without any title page say: the year of their targets, and that their titles say 预算."""
    lines = [paragraph for paragraph in document.paragraphs if len(paragraph.text) <= _MAX_LINE]
    told = [(p, _FORM_YEAR.search(plain(p.text)) or _TABLE_YEAR.search(plain(p.text))) for p in lines]
    years = {int(match["year"]): p for p, match in told if match}
    kinds = {kind for p in lines if "表" in p.text for kind in KINDS if kind in p.text}
    if len(years) != 1 or kinds != {"预算"}:
        return []
    ((year, paragraph),) = years.items()
    return [Claim(year, "", "预算", paragraph)]


def identify(
    document: Document,
    sheets: Sequence[Sheet],
    printed: Printed,
    divisions: Mapping[str, str],
    place: str | None,
) -> tuple[Identity | None, list[Problem]]:
    """Return who published what for which year; None and the reasons where the document does not say.

    `place` overrides the place found through the names.
    """
    claims = read_claims(document)
    problems = _year_problems(document, claims)
    scope = next((claim.scope for claim in claims if claim.scope), "") or "单位"
    code, name, more = _organisation(document, sheets, claims)
    if name and code is None:
        code = printed.code_of(name, scope) or (name_key(name, scope) if printed.keyed_by_name else None)
    problems += more or ([] if code and name else [_unit_unknown(document, name or "")])
    names = [*printed.departments, name or "", *(claim.paragraph.text for claim in claims[:1])]
    region, issue = (place, None) if place else find_place(names, divisions)
    mentioned = mentioned_place(document, divisions) if region is None and _OFFICE.search(name or "") else None
    region = region or mentioned
    if region is None:
        problems.append(_place_problem(document, issue))
    if problems or region is None or code is None or name is None:
        return None, problems
    first = claims[0]
    key = f"{region}-{code}-{first.year}-{KINDS[first.kind]}"
    title = close_gaps(first.paragraph.text)
    found = Identity(key, region, divisions[region], code, name, first.year, scope + first.kind, title)
    return replace(found, place_mentioned=mentioned is not None), []


def _year_problems(document: Document, claims: Sequence[Claim]) -> list[Problem]:
    if not claims:
        return [
            Problem(
                "YEAR-UNKNOWN",
                "标题里找不到年度和“预算”或“决算”",
                document.source,
                expected="形如“某单位2026年单位预算公开说明”的标题",
                hint="确认这是预算或决算公开文档，且标题没有丢失",
            )
        ]
    first = claims[0]
    return [
        Problem(
            "YEAR-CONFLICT",
            "文档各处标题的年度或类型不一致",
            document.source,
            claim.paragraph.first.page,
            claim.paragraph.first.line,
            expected=f"{first.year}年{first.kind}（见第{first.paragraph.first.line}行标题）",
            found=plain(claim.paragraph.text),
            hint="对照原文档确认年度，改正写错的标题",
        )
        for claim in claims
        if (claim.year, claim.kind) != (first.year, first.kind)
    ]


_Said = tuple[tuple[str | None, str], Sheet | None]


def _organisation(
    document: Document, sheets: Sequence[Sheet], claims: Sequence[Claim]
) -> tuple[str | None, str | None, list[Problem]]:
    """Return code and name: what the tables' 单位名称 lines say, else the title."""
    said: dict[tuple[str | None, str], _Said] = {}
    for sheet in sheets:
        if sheet.organisation:
            code, name = split_organisation(sheet.organisation)
            said.setdefault((code, header_key(name)), ((code, name), sheet))
    said = _without_cut_names(said)
    if not said:
        titled = _titled_name(document, claims) or _form_name(document)
        said = {(None, ""): (split_organisation(titled), None)} if titled else {}
    (code, name), _ = next(iter(said.values()), ((None, ""), None))
    if len(said) > 1:
        return None, None, _unit_conflicts(document, list(said.values()))
    return code, name or None, []


def _without_cut_names(said: Mapping[tuple[str | None, str], _Said]) -> dict[tuple[str | None, str], _Said]:
    """Leave out names that are another one cut short by the edge of its line."""
    return {
        key: value
        for key, value in said.items()
        if not any(key[0] == other[0] and key[1] != other[1] and other[1].startswith(key[1]) for other in said)
    }


def _titled_name(document: Document, claims: Sequence[Claim]) -> str | None:
    """Return the name in the document's title: before the year, after it, or alone in the line above.

    Where the cover breaks it into two lines, it is as a later title prints it whole.
    """
    if not claims:
        return None
    text = close_gaps(claims[0].paragraph.text)
    head = _PART.sub("", _TITLE.split(text, maxsplit=1)[0]).strip() if _TITLE.search(text) else ""
    above = _line_above(document, claims[0].paragraph)
    later = [_TITLE.split(close_gaps(claim.paragraph.text), maxsplit=1)[0] for claim in claims[1:]]
    if above and any(name.endswith(above + head) for name in later):
        return above + head
    if not head and (match := _NAMED.search(text)):
        return match["name"]
    return _SUMMED.sub("", head or above) or None


def _line_above(document: Document, title: Paragraph) -> str:
    """Return the line above a title that names only the year: a cover prints the organisation there."""
    above = ""
    for paragraph in document.paragraphs[:_COVER]:
        if paragraph is title or paragraph.first == title.first:
            break
        above = close_gaps(paragraph.text)
    else:
        return ""
    return "" if len(above) > _MAX_LINE or above.endswith("表") or _SENTENCE.search(plain(above)) else above


def _form_name(document: Document) -> str | None:
    """Return the name that forms give beside 部门名称, where they all give the same."""
    names: dict[str, None] = {}
    for grid in (block for block in document.blocks if isinstance(block, Grid)):
        for row in grid.rows:
            texts = [cell.text.strip() for cell in row if cell.text.strip()]
            if len(texts) == 2 and header_key(texts[0]) in _FORM_LABELS:  # noqa: PLR2004 - a label and its value
                names[close_gaps(texts[1])] = None
    return next(iter(names)) if len(names) == 1 else _name_beside_label(document)


def _name_beside_label(document: Document) -> str | None:
    """Return the name that stands in the line before or after every bare `部门：`, where it is one and the same."""
    lines = [close_gaps(paragraph.text) for paragraph in document.paragraphs]
    labels = [i for i, line in enumerate(lines) if _BARE_LABEL.fullmatch(line)]
    beside = [
        {line for line in lines[max(i - 1, 0) : i + 2] if not re.search("表|[:：]", line) and len(line) <= _MAX_LINE}
        for i in labels
    ]
    names = set.intersection(*beside) if len(beside) >= _FORMS else set()
    return names.pop() if len(names) == 1 else None


def _unit_conflicts(document: Document, said: Sequence[_Said]) -> list[Problem]:
    (code, name), _ = said[0]
    return [
        Problem(
            "UNIT-CONFLICT",
            "各表的“单位名称”不一致",
            document.source,
            sheet.first.page if sheet else None,
            sheet.first.line if sheet else None,
            sheet.title if sheet else None,
            expected=f"{code or ''}{name}",
            found=f"{other_code or ''}{other_name}",
            hint="对照原文档改正写错的单位名称或代码",
        )
        for (other_code, other_name), sheet in said[1:]
    ]


def _unit_unknown(document: Document, name: str) -> Problem:
    return Problem(
        "UNIT-UNKNOWN",
        "找不到单位代码和名称",
        document.source,
        expected="形如“单位名称：101001某某中心”的一行",
        found=name or None,
        hint="确认表头上方的“单位名称”没有丢失",
    )


def _place_problem(document: Document, issue: str | None) -> Problem:
    return Problem(
        "PLACE-UNKNOWN",
        "从单位和部门名称里认不出所在地",
        document.source,
        found=issue,
        hint="用 --place 给出六位区划代码，例如 --place 450200",
    )
