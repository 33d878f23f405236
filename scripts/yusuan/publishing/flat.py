"""One long table for pivot tables: every amount of the subject tables with all levels of its code and their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from yusuan.model import Value
from yusuan.publishing.inputs import Inputs
from yusuan.site.columns import Column
from yusuan.spec import TableSpec
from yusuan.values import to_fen

#: Classifications by the register that their codes refer to, and their levels by the length of a code.
_KINDS = {"functional_codes": "功能分类", "economic_codes": "经济分类"}
_LEVELS = (("类", 3), ("款", 5), ("项", 7))
_CODE = "科目编码"

COLUMNS = (
    Column("年度", "integer", description="预算年度", en="Fiscal year"),
    Column("区划", "code", description="行政区划代码", en="Place"),
    Column("区划名称", "text", en="Name of the place"),
    Column("部门", "code", description="部门的键", en="Department"),
    Column("部门名称", "text", en="Name of the department"),
    Column("单位", "code", description="单位的键：区划-单位代码", en="Organisation"),
    Column("单位名称", "text", en="Name of the organisation"),
    Column("主题", "text", description="取自哪一张主题表；先选定一个主题再相加", en="Subject table"),
    Column("分类", "text", description="功能分类或经济分类", en="Classification"),
    *(
        column
        for level, length in _LEVELS
        for column in (
            Column(f"{level}编码", "code", description=f"前 {length} 位", en=f"Code of {length} digits"),
            Column(f"{level}名称", "text", en=f"Name of the code of {length} digits"),
        )
    ),
    Column("指标", "text", description="主题表的哪一列；合计与它的组成不要相加", en="Measure"),
    Column("金额", "amount", "万元", "万元，精确小数", "Amount"),
    Column("金额_分", "fen", "分", "分，整数，用于求和与比较", "Amount in fen (exact)"),
    Column("文件", "code", description="来源文档的键，见 documents", en="Document"),
    Column("表", "code", description="取自哪一张公开表", en="Official table"),
    Column("行次", "integer", description="取自公开表的第几行", en="Row number"),
)


def coded_subjects(inputs: Inputs) -> list[tuple[TableSpec, str]]:
    """Return the subject tables whose rows have a classification code, with the register of the codes."""
    found = []
    for spec in inputs.specs.subjects.values():
        register = next((field.references for field in spec.fields if field.name == _CODE), None)
        if register in _KINDS:
            found.append((spec, str(register)))
    return found


def flat_rows(inputs: Inputs) -> Iterator[list[Value]]:
    """Yield the rows in the order of COLUMNS, one for each amount that is printed."""
    places = _named(inputs.records["regions"], "区划", "区划名称")
    departments = _named(inputs.records["departments"], "部门", "部门名称")
    units = _named(inputs.records["units"], "单位", "单位名称")
    for spec, register in coded_subjects(inputs):
        codes = _named(inputs.records[register], "科目编码", "科目名称")
        amounts = [field.name for field in spec.fields if field.type == "amount"]
        for row in inputs.rows(spec):
            place = str(row["单位"]).split("-")[0]
            leading = [row["年度"], place, places.get(place), row["部门"], departments.get(row["部门"])]
            leading += [row["单位"], units.get(row["单位"]), spec.title, _KINDS[register], *_levels(row[_CODE], codes)]
            for name in amounts:
                value = row.get(name)
                if isinstance(value, Decimal):
                    yield [*leading, name, value, to_fen(value), row["文件"], row["表"], row["行次"]]


def _levels(code: Value, names: Mapping[Value, Value]) -> list[Value]:
    text = str(code)
    cut = [text[:length] if len(text) >= length else None for _, length in _LEVELS]
    return [value for part in cut for value in (part, names.get(part))]


def _named(rows: Sequence[Mapping[str, Value]], key: str, name: str) -> Mapping[Value, Value]:
    return {row[key]: row.get(name) for row in rows}
