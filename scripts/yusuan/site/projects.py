"""The page of a project: its money, its goal, its indicators, what is bought for it, the same project in other years."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from datasette.utils.asgi import NotFound, Response

from yusuan.site.pages import Visit
from yusuan.site.queries import Row

_INDICATORS = "select * from performance_indicator where 项目 = :key order by 键"
_PURCHASES = "select * from procurement_line where 文件 = :document and 项目名称 = :name order by 金额_分 desc"
_TOLD = "select * from key_projects where 文件 = :document and 项目名称 = :name order by 序"
_FUNDS = (
    *(
        "一般公共预算",
        "政府性基金预算",
        "国有资本经营预算",
        "财政专户管理资金",
        "单位资金",
        "事业收入",
        "事业单位经营收入",
    ),
    *("上级补助收入", "附属单位上缴收入", "其他收入", "其他资金", "使用非财政拨款结余", "上年结转结余"),
)
_NAMESAKES = """
select 键, 年度, 预算资金总额 from project where 单位 = :unit and 项目名称 = :name and 键 <> :key order by 年度 desc, 键
"""


async def projects(visit: Visit) -> Response:
    """Lead to the question that lists projects."""
    return Response.redirect(visit.question("biggest_projects"))


async def project(visit: Visit) -> Response:
    """Show a project."""
    row = await visit.books.project(visit.part("project"))
    if row is None:
        raise NotFound("没有这个项目")
    asked = {"key": row["键"], "document": row["文件"], "unit": row["单位"], "name": row["项目名称"]}
    indicators = await visit.books.ask(_INDICATORS, asked)
    namesakes = await visit.books.ask(_NAMESAKES, asked)
    content = {
        "project": row,
        "funds": [(name, row[name]) for name in _FUNDS if row[name]],
        "indicators": _grouped(indicators),
        "indicator_count": len(indicators),
        "purchases": await visit.books.ask(_PURCHASES, asked),
        "told": await visit.books.ask(_TOLD, asked),
        "namesakes": [(other, visit.at.project(other["键"])) for other in namesakes],
        "unit_url": visit.at.unit(row["单位"], row["年度"]),
        "row_url": visit.at.row("project", row["键"]),
        "document_url": visit.at.document(row["文件"]),
    }
    return await visit.page("project.html", content)


def _grouped(indicators: list[Row]) -> list[tuple[str, list[Any]]]:
    """Return the indicators under their kinds, in the order of the document."""
    return [
        (f"{first} · {second}", list(found))
        for (first, second), found in groupby(indicators, key=lambda row: (row["一级指标"], row["二级指标"]))
    ]
