"""The data dictionary and the page of rules: tables, columns and rules in words, compiled from the specs."""

from __future__ import annotations

from collections.abc import Iterator

from yusuan.spec import Field, Specs, TableSpec

_TYPES = {
    "text": "文本",
    "code": "代码（文本）",
    "integer": "整数",
    "amount": "金额（万元）",
    "rate": "百分数或数值",
    "fen": "金额（分，整数）",
    "rank": "次序（整数）",
}
_SEVERITIES = {"error": "错误", "warning": "警告", "info": "提示"}
_TOLERANCES = {"linear": "逐数半个末位", "copy": "两数各半个末位", "rate": "区间", "none": "—"}


def data_dictionary(specs: Specs) -> str:
    """Return docs/data-dictionary.md."""
    lines = ["<!-- 由 schemas/ 生成，请勿手改：make docs -->", "", "# 数据字典", ""]
    lines += ["金额为万元的精确小数；空白表示没有印，0.00 表示印了零。代码都是文本。", ""]
    groups = (
        ("主题表（可相加的明细，只在数据库中）", specs.subjects),
        ("公开表（与文档逐行一致，含合计行）", specs.tables),
        ("出处、说明与代码", specs.records),
    )
    for title, tables in groups:
        lines += [f"## {title}", ""]
        for spec in tables.values():
            lines += _table(spec)
    return "\n".join(lines)


def rules_page(specs: Specs) -> str:
    """Return docs/rules.md: every reconciliation rule in words."""
    lines = ["<!-- 由 schemas/rules.yml 生成，请勿手改：make docs -->", "", "# 核对规则", ""]
    lines += ["怎样核对、容差怎样算、怎样增加规则，见[核对](checking.md)。", ""]
    groups = dict.fromkeys(rule.group for rule in specs.rules.rules.values())
    for group in groups:
        lines += [f"## {group}", "", "| 规则 | 名称 | 应当成立的关系 | 不成立时 | 容差 |", "|---|---|---|---|---|"]
        for rule in specs.rules.rules.values():
            if rule.group == group:
                told = _SEVERITIES[rule.severity] if rule.report else "只统计"
                lines.append(
                    f"| `{rule.id}` | {rule.title} | {rule.formula} | {told} | {_TOLERANCES[rule.tolerance]} |"
                )
        lines.append("")
    return "\n".join(lines)


def _table(spec: TableSpec) -> Iterator[str]:
    yield from (f"### `{spec.name}` {spec.label}", "", f"{spec.description.strip()} *{spec.en}.*", "")
    yield from (f"主键：{'、'.join(spec.key)}", "", "| 列 | 类型 | 说明 | English |", "|---|---|---|---|")
    for field in spec.fields:
        yield f"| {field.name} | {_TYPES[field.type]} | {_notes(field)} | {field.en} |"
    yield ""


def _notes(field: Field) -> str:
    notes = [field.description]
    notes += ["必填"] if field.required else []
    notes += ["小计，不可与明细相加"] if field.subtotal else []
    notes += ["推导得出，原表没有这一列"] if field.derived else []
    notes += [f"→ `{field.references}`"] if field.references else []
    notes += [f"取值：{'、'.join(field.enum)}"] if field.enum and field.type != "rank" else []
    return "；".join(note for note in notes if note)
