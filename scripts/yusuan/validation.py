"""Is a package what its descriptor promises? frictionless decides, offline; we say it in Chinese.

The only home of frictionless. Paths are checked by ourselves before it sees them: it follows symbolic
links out of a package and fetches what a descriptor calls by http.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from yusuan.errors import PackageError, Problem
from yusuan.package import DESCRIPTOR, KEYS, SEAL, package_tables, read_records, resource_frame
from yusuan.spec import Specs

_MESSAGES = {
    "blank-header": "表头有空白列",
    "duplicate-label": "表头有重复的列名",
    "extra-label": "表头多出一列",
    "missing-label": "表头缺少一列",
    "incorrect-label": "列名与规格不符",
    "blank-row": "空白行",
    "extra-cell": "这一行多出格子",
    "missing-cell": "这一行缺少格子",
    "type-error": "值的类型不对",
    "constraint-error": "值不符合约束",
    "primary-key": "主键重复或缺失",
    "foreign-key": "引用的键不存在",
    "hash-count": "文件内容的校验和与描述文件不符",
    "byte-count": "文件字节数与描述文件不符",
    "row-count": "行数与描述文件不符",
    "encoding-error": "文件不是 UTF-8 编码",
    "source-error": "文件无法读取",
    "scheme-error": "文件无法打开",
    "format-error": "文件格式不对",
}
_EXPECTED = {
    "blank-row": "没有空白行",
    "extra-cell": "格子与表头一样多",
    "missing-cell": "格子与表头一样多",
    "duplicate-label": "规格中的各列，按规格的次序",
    "extra-label": "规格中的各列，按规格的次序",
    "missing-label": "规格中的各列，按规格的次序",
    "incorrect-label": "规格中的各列，按规格的次序",
    "encoding-error": "UTF-8",
    "scheme-error": "描述文件里列出的文件都在",
}
#: Forms of frictionless' notes, and how we say what was expected.
_NOTES = tuple(
    (re.compile(form, re.DOTALL), expected)
    for form, expected in (
        (r'type is "(?P<type>\w+)', "类型 {type}"),
        (r'constraint "required" is', "不为空"),
        (r'constraint "enum" is "\[(?P<names>.*)\]"', "其中之一：{names}"),
        (r'constraint "pattern" is "(?P<form>.*)"', "形如 {form}"),
        (r'expected is "(?P<sealed>.*)" and actual is "(?P<found>.*)"', "{sealed}"),
        (r"the same as in the row at position (?P<row>\d+)", "主键与第{row}行不同"),
        (r'cells composing the primary keys are all "None"', "主键不为空"),
        (
            r'for "(?P<column>.*)": values "(?P<found>.*)" not found in the lookup table "(?P<table>.*)" as',
            "{table} 表中已有的键",
        ),
        (r'for "(?P<column>.*)": values "(?P<found>.*)" not found in', "本表中已有的键"),
    )
)
_HINT = "不要手工修改数据包；改正源文档后重新运行 yusuan convert"


def validate_package(folder: Path, specs: Specs) -> list[Problem]:
    """Return everything that is wrong with the package in `folder`; an empty list means valid."""
    path = folder / DESCRIPTOR
    try:
        descriptor = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return [Problem("PACKAGE-MISSING", "这里没有数据包", str(path), hint="先运行 yusuan convert，或检查路径")]
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        return [
            Problem(
                "PACKAGE-DESCRIPTOR",
                "描述文件不是有效的 JSON",
                str(path),
                found=str(error),
                hint="重新运行 yusuan convert",
            )
        ]
    problems = list(_unsafe_paths(folder, descriptor)) or list(_contract(folder, descriptor, specs))
    return problems or list(_frictionless(folder)) or list(_unreadable(folder, specs))


def _unsafe_paths(folder: Path, descriptor: Any) -> Iterator[Problem]:
    """Only plain files inside the package, named relatively, once each."""
    resources = descriptor.get("resources") if isinstance(descriptor, dict) else None
    if not isinstance(resources, list) or not resources:
        yield Problem(
            "PACKAGE-DESCRIPTOR",
            "描述文件没有 resources",
            str(folder / DESCRIPTOR),
            hint="重新运行 yusuan convert",
        )
        return
    seen: set[str] = set()
    for resource in resources:
        named = resource.get("path") if isinstance(resource, dict) else None
        if (
            not isinstance(named, str)
            or named in seen
            or not _inside(folder, named)
            or not isinstance(resource.get("schema"), dict)
        ):
            yield Problem(
                "PACKAGE-PATH",
                "资源的路径或结构不可接受",
                str(folder / DESCRIPTOR),
                found=str(named),
                expected="数据包内的普通文件，相对路径，不重复；结构写在描述文件里",
                hint=_HINT,
            )
        seen.add(str(named))


def _inside(folder: Path, named: str) -> bool:
    pure = PurePosixPath(named)
    if pure.is_absolute() or ".." in pure.parts or "://" in named or named.startswith("~"):
        return False
    target = folder / named
    links = any(
        part.is_symlink() for part in [target, *target.parents] if part.is_relative_to(folder) and part != folder
    )
    return not links and (target.is_file() or not target.exists())


def _contract(folder: Path, descriptor: dict[str, Any], specs: Specs) -> Iterator[Problem]:
    """What our specs decide must stand in the descriptor as we write it: a package cannot loosen its own rules.

    Keys we do not write are refused: some make frictionless open other files or addresses.
    """
    found = {resource.get("name"): resource for resource in descriptor["resources"]}
    for spec in package_tables(specs):
        resource = found.pop(spec.name, None)
        if resource is None:
            yield _refused(folder, "RESOURCE-MISSING", "数据包缺少一张表", spec.name)
            continue
        frame = json.loads(json.dumps(resource_frame(spec)))
        if {key: resource.get(key) for key in frame} != frame:
            yield _refused(folder, "RESOURCE-SCHEMA", "描述文件里的结构与规格不一致", spec.name)
        if not set(resource) >= SEAL:
            yield _refused(folder, "RESOURCE-UNSEALED", "描述文件缺少校验和、字节数或行数", spec.name)
        if unknown := sorted(set(resource) - set(frame) - SEAL):
            yield _refused(folder, "RESOURCE-KEY", "描述文件里有 yusuan 不写的键", spec.name, "、".join(unknown))
    for name in found:
        yield _refused(folder, "RESOURCE-UNKNOWN", "数据包里有规格中没有的表", str(name))
    if unknown := sorted(set(descriptor) - KEYS):
        yield _refused(folder, "PACKAGE-KEY", "描述文件里有 yusuan 不写的键", None, "、".join(unknown))


def _refused(folder: Path, code: str, message: str, table: str | None, found: str | None = None) -> Problem:
    return Problem(code, message, str(folder / DESCRIPTOR), table=table, found=found, hint=_HINT)


def _frictionless(folder: Path) -> Iterator[Problem]:
    with warnings.catch_warnings():
        # frictionless 5 warns about its own dependencies on newer Pythons; nothing of ours can mend that
        warnings.simplefilter("ignore")
        import frictionless  # noqa: PLC0415 - half a second of imports that only validation should pay

        report = frictionless.Package(str(folder / DESCRIPTOR)).validate()
    for error in report.errors:
        yield Problem("PACKAGE-INVALID", error.note, str(folder / DESCRIPTOR), found=error.message, hint=_HINT)
    for task in report.tasks:
        for error in task.errors:
            yield _problem(folder, task.place, error.to_descriptor())


def _problem(folder: Path, place: str, error: dict[str, Any]) -> Problem:
    kind = str(error["type"])
    told = _told(kind, str(error.get("note", "")))
    printed = error["cell"] or "（空白）" if "cell" in error else error.get("label")
    rows = [error.get("rowNumber"), *error.get("rowNumbers", [])]
    return Problem(
        code=f"PACKAGE-{kind.upper()}",
        message=_MESSAGES.get(kind, error.get("title", kind)),
        source=str(folder / place),
        line=next((number for number in rows if number), None),
        column=error.get("fieldName") or error.get("label") or told.get("column"),
        expected=told["expected"],
        found=told.get("found") or printed or " | ".join(map(str, error.get("cells") or []))[:160] or None,
        hint=_HINT,
    )


def _told(kind: str, note: str) -> dict[str, str]:
    """Return what a note of frictionless says was expected and, for some, the column and what was found."""
    for form, expected in _NOTES:
        if match := form.search(note):
            return match.groupdict() | {"expected": expected.format(**match.groupdict())}
    return {"expected": _EXPECTED.get(kind, note)}


def _unreadable(folder: Path, specs: Specs) -> Iterator[Problem]:
    """What frictionless lets pass and the load does not: numbers like NaN, 1e3 or 1_000."""
    try:
        read_records(folder, specs)
    except PackageError as error:
        yield from error.problems
