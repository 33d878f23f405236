"""A narrative in a file of its own: it belongs to the tables that its organisation published in another file.

Alone it is set aside, because a document that lost its tables looks the same. It is taken in beside a document of
the same place, name, year and phase that has tables and says nothing, and is checked against those tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from yusuan.disclosure import Options, checked, unread_notices
from yusuan.identity import Printed, bare_name, identify
from yusuan.model import COMPANION, Disclosure, Document, Identity, Value
from yusuan.narrative import read_narrative
from yusuan.personal import find_personal_data
from yusuan.spec import Specs

#: What stands in place of a layout where there is no table to have one.
LAYOUT = "narrative"


def read_companion(document: Document, specs: Specs, options: Options) -> Disclosure | None:
    """Return what a document without tables tells, under a name of its own; None where it does not say whose it is."""
    printed = Printed(keyed_by_name=True)
    identity, _ = identify(document, (), printed, specs.divisions, options.place)
    if identity is None:
        return None
    story = read_narrative(document, identity.year)
    notices = (*document.notes, *find_personal_data(document), *unread_notices(story))
    return Disclosure(identity, document, LAYOUT, (), story.records, notices)


def partner_of(companion: Identity, candidates: Iterable[Identity]) -> Identity | None:
    """Return the one document that a narrative belongs to: same place, name, year and phase; None where not just one."""
    found = [
        other
        for other in candidates
        if (other.region, other.year, other.kind[-2:]) == (companion.region, companion.year, companion.kind[-2:])
        and bare_name(other.name) == bare_name(companion.name)
    ]
    return found[0] if len(found) == 1 else None


def adopt(companion: Disclosure, partner: Identity, specs: Specs) -> Disclosure:
    """Return the narrative as a document of its partner's organisation, with what its own sentences say of each other."""
    own = companion.identity
    identity = replace(partner, key=partner.key + COMPANION, kind=own.kind, title=own.title)
    general = next(layout for layout in specs.layouts.values() if layout.general)
    return checked(replace(companion, identity=identity), general, frozenset(), specs)


def silent_documents(records: Mapping[str, Sequence[Mapping[str, Value]]]) -> list[Identity]:
    """Return the documents of a package that have tables and tell nothing."""
    telling = {row["文件"] for row in records["narrative_facts"]}
    return [
        Identity(
            str(row["文件"]),
            str(row["区划"]),
            "",
            str(row["单位"]).split("-")[1],
            str(row["发布者"]),
            int(str(row["年度"])),
            str(row["类型"]),
            str(row["标题"]),
        )
        for row in records["documents"]
        if row["公开表数"] and row["文件"] not in telling
    ]
