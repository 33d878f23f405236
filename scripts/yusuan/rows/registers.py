"""Registers of what the data names: places, departments, units, codes. Built from the rows, never by hand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from yusuan.codes import Code, RetiredCode, code_key
from yusuan.model import Value
from yusuan.rows.records import PrintedCode, Record, Records, iterate_codes
from yusuan.rulebook import Rulebook
from yusuan.spec import Specs
from yusuan.values import code_level

#: A code above the provinces: what the central government's own units publish.
_NATION = "100000"
_LEVELS = {1: "类", 2: "款", 3: "项"}


def build_registers(records: Mapping[str, list[Record]], specs: Specs) -> Records:
    """Return the rows of regions, departments, units, functional_codes, economic_codes and rules."""
    functional = list(iterate_codes(records, specs, shape_is_tree=False))
    functional += [(str(row[column]), None, row) for row, column in _derived_codes(records, specs)]
    economic = list(iterate_codes(records, specs, shape_is_tree=True))
    units = _units(records, specs)
    return {
        "regions": _regions(records["documents"], specs.divisions),
        "departments": _departments(records, specs),
        "units": units,
        "functional_codes": _codes(functional, specs.codes["functional"], specs.retired["functional"]),
        "economic_codes": _codes(economic, specs.codes["economic"], specs.retired["economic"]),
        "rules": list(_rules(specs.rules)),
    }


def _rules(book: Rulebook) -> Iterable[Record]:
    """Yield every rule, and every notice of the reader, that a finding may name."""
    for rule in book.rules.values():
        yield {
            "规则": rule.id,
            "规则名称": rule.title,
            "类别": rule.group,
            "公式": rule.formula,
            "严重程度": rule.severity,
            "容差类别": rule.tolerance,
            "是否报告": "是" if rule.report else "否",
        }
    for code, notice in book.notices.items():
        yield {"规则": code, "规则名称": notice["title"], "类别": "读取", "怎么办": notice["advice"]}


def _derived_codes(records: Mapping[str, list[Record]], specs: Specs) -> Iterable[tuple[Record, str]]:
    for spec in specs.tables.values():
        for columns in (spec.lists or {}).values():
            if column := columns.get("code"):
                yield from ((row, column) for row in records.get(spec.name, []) if row.get(column))


def _regions(documents: Iterable[Record], divisions: Mapping[str, str]) -> list[Record]:
    wanted: set[str] = set()
    for row in documents:
        code = str(row["区划"])
        wanted |= {code, code[:4] + "00", code[:2] + "0000"} & set(divisions)
    return [
        {
            "区划": code,
            "区划名称": divisions[code],
            "级别": _region_level(code),
            "上级区划": next((up for up in (code[:4] + "00", code[:2] + "0000") if up != code and up in wanted), None),
        }
        for code in sorted(wanted)
    ]


def _region_level(code: str) -> str:
    if code == _NATION:
        return "国家级"
    return "省级" if code.endswith("0000") else "市级" if code.endswith("00") else "县级"


def _organisations(records: Mapping[str, list[Record]], specs: Specs, kind: str) -> Iterable[tuple[str, str, str]]:
    """Yield place, printed code and printed name of the rows of one kind."""
    for spec in specs.tables.values():
        code = spec.role("organisation")
        names = [name for name in map(spec.role, ("organisation_name", "budget_unit", "name")) if name]
        for row in records.get(spec.name, []) if code and names else ():
            printed = next((str(row[name]) for name in names if row.get(name)), "")
            if row["行类型"] == kind and row.get(code or "") and printed:
                yield str(row["单位"]).split("-")[0], str(row[code or ""]), printed


def _codes_without_name(records: Mapping[str, list[Record]], specs: Specs, kind: str) -> dict[str, str]:
    """Return the organisations of rows of one kind, by key, under their printed code: names may be printed nowhere."""
    found: dict[str, str] = {}
    for spec in specs.tables.values():
        code = spec.role("organisation")
        for row in records.get(spec.name, []) if code else ():
            if row["行类型"] == kind and row.get(code or ""):
                found[f"{str(row['单位']).split('-')[0]}-{row[code or '']}"] = str(row[code or ""])
    return found


def _departments(records: Mapping[str, list[Record]], specs: Specs) -> list[Record]:
    names = _majority(((f"{place}-{code}", name) for place, code, name in _organisations(records, specs, "部门")))
    return [
        {"部门": key, "区划": key.split("-")[0], "部门代码": key.split("-")[1], "部门名称": name}
        for key, name in sorted(names.items())
    ]


def _units(records: Mapping[str, list[Record]], specs: Specs) -> list[Record]:
    printed = [(f"{place}-{code}", name) for place, code, name in _organisations(records, specs, "单位")]
    own = [(str(row["单位"]), str(row["发布者"])) for row in records["documents"]]
    names = _codes_without_name(records, specs, "单位") | _majority(printed) | dict(own)
    departments = {str(row["部门"]) for row in _departments(records, specs)}
    return [
        {
            "单位": key,
            "区划": key.split("-")[0],
            "部门": department_of(key, departments),
            "单位代码": printed_code(key),
            "单位名称": name,
        }
        for key, name in sorted(names.items())
    ]


def printed_code(unit: str) -> str | None:
    """Return the code in an organisation's key, None where the key comes from the name."""
    code = unit.split("-")[1]
    return code if code.isdigit() else None


def department_of(unit: str, departments: Iterable[str]) -> str | None:
    """Return the department whose code the unit's begins with, the longest where several do."""
    return max((key for key in departments if unit.startswith(key)), key=len, default=None)


def is_department_of(department: str, unit: str) -> bool:
    """Say whether two keys made from names are a department and the unit at its head: they bear the same name."""
    place, _, name = department.partition("-")
    return name[:1] == "d" and unit == f"{place}-u{name[1:]}"


def _majority(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the name most often given to each key; the first one printed where they tie."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for key, name in pairs:
        votes[key][name] += 1
    return {key: counter.most_common(1)[0][0] for key, counter in votes.items()}


def _codes(
    printed: Iterable[PrintedCode], known: Mapping[str, Code], retired: Mapping[str, RetiredCode]
) -> list[Record]:
    """Return the codes that documents print and those above them, each with the documents that stand behind it."""
    names: defaultdict[str, Counter[str]] = defaultdict(Counter)
    behind: defaultdict[str, set[tuple[Value, Value]]] = defaultdict(set)
    for code, name, row in printed:
        key = code_key(code, name, retired)
        if name:
            names[key][name] += 1
        for above in {key, *(code[:length] for length in (3, 5) if length < len(code))}:
            behind[above].add((row["文件"], row["年度"]))
    earlier = {entry.key: entry for entry in retired.values()}
    rows = []
    for key in sorted(behind):
        told = [name for name, _ in names[key].most_common()]
        rows.append(_code(key, told, known, earlier.get(key)) | _seen(behind[key], told))
    return rows


def _seen(documents: set[tuple[Value, Value]], names: list[str]) -> Record:
    years = [int(str(year)) for _, year in documents]
    others = "｜".join(names[1:])
    return {"文档数": len(documents), "首年": min(years), "末年": max(years), "其他名称": others or None}


def _code(key: str, names: list[str], known: Mapping[str, Code], earlier: RetiredCode | None) -> Record:
    code = key.split("~", maxsplit=1)[0]
    name, source = (names[0], "文档") if names else (None, "未知")
    if name is None and (listed := earlier or known.get(code)):
        name, source = listed.name, "代码表"
    return {
        "科目编码": key,
        "科目": f"{code} {name}" if name else code,
        "科目名称": name,
        "层级": _LEVELS[code_level(code)],
        "上级科目": code[:-2] if code_level(code) > 1 else None,
        "名称来源": source,
        "版本": str(earlier.edition) if earlier else None,
    }
