"""Disclosures that nobody published, in any number, loaded the way `yusuan load` loads real ones.

    python benchmarks/synthetic.py big.db --rows 1000000 --sentences 200000

Names and amounts are made up from a few words; the same arguments give the same rows.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from yusuan.database import load_database
from yusuan.spec import Specs, load_specs

Row = dict
CITIES = 6
_ITEM_CODE, _ECONOMIC_CODE = 7, 5
YEARS = range(2022, 2027)
UNITS_OF_A_DEPARTMENT = 20
ITEMS, ECONOMIC_ITEMS = 80, 8
#: Items that every unit has: pensions, medical care, housing.
COMMON = {"2080505", "2101101", "2210201"}
PLACES = ("城东", "城南", "城西", "城北", "江滨", "湖畔", "山前", "新区", "高新", "临港")
FIELDS = (
    "智能制造",
    "农业技术",
    "公共卫生",
    "水利",
    "档案",
    "文化",
    "教育",
    "交通运输",
    "市场监管",
    "生态环境",
    "住房",
    "人才",
)
ENDS = ("服务中心", "管理所", "研究院", "监测站", "指导站", "保障中心", "办公室", "支队")
THINGS = (
    "公务用车运行维护费",
    "公务接待费",
    "办公设备采购",
    "物业管理费",
    "人员经费",
    "机关运行经费",
    "会议费",
    "培训费",
    "信息系统运维",
    "绩效评价",
)
REASONS = (
    "人员减少，定额配比减少",
    "新增项目支出",
    "厉行节约，压减一般性支出",
    "政策性增资",
    "上年结转资金减少",
    "采购计划调整",
)


def _name(chance: random.Random) -> str:
    return chance.choice(PLACES) + chance.choice(FIELDS) + chance.choice(ENDS)


def _document(place: str, code: str, name: str, year: int) -> Row:
    key = f"{place}-{code}-{year}-budget"
    return {
        "文件": key, "标题": f"{name}{year}年单位预算公开说明", "年度": year, "单位": f"{place}-{code}", "区划": place,
        "类型": "单位预算", "阶段": "预算", "来源文件": f"{key}.pdf", "发布者": name, "字节数": 1, "sha256": hashlib.sha256(key.encode()).hexdigest(),
        "读取器": "pdf", "读取器版本": "0", "版式": "guangxi-2026", "公开表数": 1, "缺表": None,
    }  # fmt: skip


def _table_row(
    document: Row, number: int, kind: str, code: str | None, organisation: tuple[str | None, str], amount: Decimal
) -> Row:
    return {
        "年度": document["年度"], "单位": document["单位"], "单位名称": document["发布者"], "行次": number, "行类型": kind,
        "科目编码": code, "部门单位代码": organisation[0], "部门单位名称_功能分类科目名称": organisation[1],
        "合计": amount, "基本支出": amount, "项目支出": Decimal("0.00"), "结转下年支出": None, "文件": document["文件"],
        "页": number // 30 + 1,
    }  # fmt: skip


def _sentence(document: Row, number: int, chance: random.Random) -> Row:
    thing, amount = chance.choice(THINGS), Decimal(chance.randrange(100, 10_000_000)).scaleb(-2)
    text = f"{thing}{document['年度']}年预算{amount:,}万元，同比减少{chance.randrange(1, 90)}.{chance.randrange(10)}%，主要原因是：{chance.choice(REASONS)}。"
    return {
        "文件": document["文件"], "年度": document["年度"], "单位": document["单位"], "序": number, "节": "五",
        "节标题": "一般公共预算基本支出情况说明", "指标": thing, "金额": amount, "金额单位": "万元", "原文": text,
    }  # fmt: skip


def _printed(document: Row, table: str, number: int, kind: str, **values: object) -> tuple[str, Row]:
    """Return a row of an official table, with the name of the table."""
    frame = {"年度": document["年度"], "单位": document["单位"], "单位名称": document["发布者"], "行次": number}
    return table, frame | {"行类型": kind, "文件": document["文件"], "页": 20 + number // 30, **values}


def _money(chance: random.Random, most: int) -> Decimal:
    return Decimal(chance.randrange(1, most)).scaleb(-2)


def _beside(document: Row, chance: random.Random, economic: list[tuple[str, str]]) -> Iterator[tuple[str, Row]]:
    """Yield the rows of the smaller tables of a document: basic expenditure, the three public expenses, a project, a finding."""
    basic = [(code, name, _money(chance, 1_000_000)) for code, name in chance.sample(economic, ECONOMIC_ITEMS)]
    total, t06 = sum((amount for _, _, amount in basic), Decimal()), "t06_general_public_basic"
    yield _printed(document, t06, 1, "合计", 科目名称="合计", 合计=total, 人员经费=total, 公用经费=None)
    for n, (code, name, amount) in enumerate(basic, 2):
        yield _printed(document, t06, n, "明细", 科目编码=code, 科目名称=name, 合计=amount, 人员经费=amount)
    reception, vehicles = _money(chance, 10_000), _money(chance, 100_000)
    public = {
        "三公经费_公务接待费": reception,
        "三公经费_公务用车运行维护费": vehicles,
        "三公经费_合计": reception + vehicles,
    }
    t07 = "t07_three_public_two_fees"
    yield _printed(document, t07, 1, "合计", 部门单位名称="合计", 会议费=reception, **public)
    yield _printed(
        document, t07, 2, "单位", 部门单位名称=document["发布者"], 资金性质="预算内", 会议费=reception, **public
    )
    goal = f"{chance.choice(THINGS)}：{chance.choice(REASONS)}"
    project = {"序号": 1, "项目名称": f"{chance.choice(THINGS)}项目", "预算资金总额": _money(chance, 10_000_000)}
    aims = {"数量指标": f"完成{chance.choice(THINGS)}1项", "服务对象满意度指标": "满意度≥95%"}
    yield _printed(document, "t12_project_performance", 1, "明细", 年度绩效目标=goal, **project, **aims)
    for n, (rule, severity) in enumerate(
        (("T03-ROW", "error"), ("HEADER-RESPELLED", "warning"), ("STATEMENT-UNREAD", "info"))
    ):
        said = {"规则": rule, "严重程度": severity, "处理": "未处理", "说明": f"{chance.choice(THINGS)}：虚构的发现"}
        found = {name: document[name] for name in ("文件", "年度", "单位")} | said
        yield "findings", found | {"键": f"{document['文件']}.f{n:04}"}


def _cells(document: Row, rows: list[Row]) -> Iterator[Row]:
    """Yield the printed cells of the expenditure of one document, so that its amounts have a source."""
    for row in rows:
        for column, name in enumerate(("合计", "基本支出", "项目支出"), 3):
            place = f"{document['文件']}.t03.r{row['行次']:02}.c{column:02}"
            where = {
                "格": place,
                "文件": document["文件"],
                "年度": document["年度"],
                "表": "t03_expenditure",
                "部位": "数据",
            }
            yield where | {
                "行次": row["行次"], "列次": column, "字段": name, "表头": name, "原文": str(row[name]), "数值": row[name],
                "页": row["页"], "框": "100 100 160 112",
            }  # fmt: skip


def documents(rows: int, cities: list[str], chance: random.Random) -> Iterator[tuple[Row, str, str]]:
    """Yield documents with code and name of their department until they have enough rows."""
    made, number = 0, 0
    while made < rows:
        place, department = cities[number % len(cities)], f"{100 + number // UNITS_OF_A_DEPARTMENT:03}"
        code, name = f"{department}{number % UNITS_OF_A_DEPARTMENT + 1:03}", _name(chance)
        for year in YEARS:
            yield _document(place, code, name, year), department, f"{department}主管局"
            made += ITEMS
        number += 1


def records(rows: int, sentences: int, specs: Specs) -> dict[str, list[Row]]:
    """Return the rows of one package with so many items of expenditure and so many sentences; some of every smaller table."""
    chance = random.Random(7)  # noqa: S311 - not a secret
    codes = sorted(code for code in {*specs.codes["functional"]} - COMMON if len(code) == _ITEM_CODE)
    economic = sorted((c.code, c.name) for c in specs.codes["economic"].values() if len(c.code) == _ECONOMIC_CODE)
    made: defaultdict[str, list[Row]] = defaultdict(list)
    for document, department, title in documents(
        rows, sorted(specs.divisions)[:: len(specs.divisions) // CITIES], chance
    ):
        code = document["单位"].partition("-")[2]
        made["documents"].append(document)
        table = made["t03_expenditure"]
        total = Decimal(chance.randrange(1000, 100_000_000)).scaleb(-2)
        table.append(_table_row(document, 1, "合计", "合计", (None, ""), total))
        table.append(_table_row(document, 2, "部门", None, (department, title), total))
        table.append(_table_row(document, 3, "单位", None, (code, document["发布者"]), total))
        for n, item in enumerate(sorted(COMMON | {*chance.sample(codes, ITEMS - len(COMMON))}), 4):
            amount = Decimal(chance.randrange(1, 10_000_000)).scaleb(-2)
            table.append(_table_row(document, n, "明细", item, (None, specs.codes["functional"][item].name), amount))
        for name, row in _beside(document, chance, economic):
            made[name].append(row)
    made["cells"] = list(_cells(made["documents"][0], made["t03_expenditure"][: ITEMS + 3]))
    share = sentences // max(len(made["documents"]), 1)
    for document in made["documents"]:
        made["narrative_facts"] += [_sentence(document, n, chance) for n in range(1, share + 1)]
    return made


def build(path: Path, rows: int, sentences: int) -> dict[str, int]:
    """Load made-up disclosures into a database; return the rows of each table."""
    specs = load_specs()
    empty = {spec.name: [] for spec in specs.every_table()}
    return load_database(path, [empty | records(rows, sentences, specs)], specs)


def main() -> None:
    """Build a database and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--sentences", type=int, default=200_000)
    options = parser.parse_args()
    began = time.perf_counter()
    counts = build(options.out, options.rows, options.sentences)
    seconds = time.perf_counter() - began
    print(f"{sum(counts.values()):,} 行，{seconds:.0f} 秒，{options.out.stat().st_size / 2**20:.0f} MB")


if __name__ == "__main__":
    main()
