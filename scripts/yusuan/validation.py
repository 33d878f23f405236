"""Is a package what its descriptor promises? frictionless decides, offline; we say it in Chinese.

The only home of frictionless. Paths are checked by ourselves before it sees them: it follows symbolic
links out of a package and fetches what a descriptor calls by http.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from yusuan.errors import Problem
from yusuan.package import DESCRIPTOR, package_tables, table_schema
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
    return problems or list(_frictionless(folder))


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
    """The schemas in the descriptor must be those of our specs: a package cannot loosen its own rules."""
    found = {resource.get("name"): resource for resource in descriptor["resources"]}
    for spec in package_tables(specs):
        resource = found.get(spec.name)
        if resource is None:
            yield Problem("RESOURCE-MISSING", "数据包缺少一张表", str(folder / DESCRIPTOR), table=spec.name, hint=_HINT)
        elif resource["schema"] != json.loads(json.dumps(table_schema(spec))):
            yield Problem(
                "RESOURCE-SCHEMA",
                "描述文件里的结构与规格不一致",
                str(folder / DESCRIPTOR),
                table=spec.name,
                hint=_HINT,
            )
        elif not {"hash", "bytes", "rows"} <= set(resource):
            yield Problem(
                "RESOURCE-UNSEALED",
                "描述文件缺少校验和、字节数或行数",
                str(folder / DESCRIPTOR),
                table=spec.name,
                hint=_HINT,
            )


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
    cells = error.get("cells") or []
    return Problem(
        code=f"PACKAGE-{kind.upper()}",
        message=_MESSAGES.get(kind, error.get("title", kind)),
        source=str(folder / place),
        line=error.get("rowNumber"),
        column=error.get("fieldName") or error.get("label"),
        expected=_expected(kind, str(error.get("note", ""))),
        found=error.get("cell") if error.get("cell") is not None else (" | ".join(map(str, cells))[:160] or None),
        hint=_HINT,
    )


def _expected(kind: str, note: str) -> str | None:
    """Return frictionless' note in Chinese where its form is known, else as it is."""
    for english, chinese in (
        ("type is ", "类型 "),
        ('constraint "required" is ', "必填："),
        ('constraint "enum" is ', "其中之一："),
        ('constraint "pattern" is ', "形如："),
        ("expected ", "应为 "),
    ):
        if english in note:
            return chinese + note.split(english, 1)[1].strip('"')
    return note or kind
