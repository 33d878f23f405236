"""A random budget that adds up: units, functional items, projects, purchases. Money is in whole 0.01 万元."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from yusuan.spec import Specs

Fund = Literal["一般公共预算", "政府性基金预算", "国有资本经营预算", "财政专户管理资金", "单位资金"]
Kind = Literal["货物类", "工程类", "服务类"]

FISCAL: tuple[Fund, ...] = ("一般公共预算", "政府性基金预算", "国有资本经营预算")
FUNDS: tuple[Fund, ...] = (*FISCAL, "财政专户管理资金", "单位资金")
#: Classes of function that have their own line in 表1 and 表4, in order.
CLASSES = tuple(map(str, (*range(201, 209), *range(210, 218), *range(219, 225), 229, 231, 232, 233)))
#: Items of 商品和服务支出 that 表7 shows.
ABROAD, RECEPTION, MEETING, TRAINING, DRIVING = "30212", "30217", "30215", "30216", "30231"
INDICATORS = ("数量", "质量", "时效", "成本", "经济效益", "社会效益", "生态效益", "可持续效益", "服务对象满意度")
#: Of these indicators a project has one at least; of the other kinds, it has one each.
BENEFITS = ("经济效益", "社会效益", "生态效益", "可持续效益")

_PLACES = ("柳州市", "柳州市柳北区", "柳州市三江侗族自治县", "柳州市鹿寨县", "柳州市融水苗族自治县")
_TOPICS = ("科学技术", "农业农村", "文化广电", "智能制造", "生态环境", "公路发展", "残疾人综合服务", "档案")
_BODIES = ("服务中心", "研究所", "管理站", "执法支队", "信息中心", "促进会")
_WORKS = ("维护", "平台建设", "更新改造", "人才培训", "宣传推广", "检测设备购置", "专项整治", "调查评估")
_PHRASES = (
    "确保单位各项业务系统正常运转，完成相关平台搭建和设备采购",
    "依托现有平台开展技术服务，为企业提供技术需求牵线搭桥、协同攻关",
    "通过项目实施提升公共服务能力，推动产业优化升级",
    "按照批复的实施方案组织开展工作，资金使用合规率达到100%",
    "组织培训班8-10期，培训人员不少于300人次，参训人员满意度达到95%以上",
    "建设3类数据图谱，实现AI辅助审核，提高审核效率",
    "联合市内市外优秀集成商，带动全市规模以上企业的机器人应用",
    "为持续改善营商环境、促进高质量发展提供强有力的支撑和服务保障",
)
_TARGETS = {
    "数量": ("维护次数(≥{n}次)", "举办技术推广/交流活动(≥{n}期)", "新增设备(={n}套)", "服务企业(≥{n}家)"),
    "质量": ("设备完好率(≥{p}%)", "验收合格率(={p}%)", "为企业解决技术问题成功率(≥{p}%)"),
    "时效": ("经费支出时效性(全年完成)", "响应时间(≤{n}天)", "任务完成时限(12月底前完成全部预算支出)"),
    "成本": ("项目总成本(不超过批复预算)", "人均培训成本(≤{n}00元)"),
    "经济效益": ("带动企业新增产值(≥{n}00万元)", "节约办公成本(有所提高)"),
    "社会效益": ("保障办公设备运行正常，提高办公效率(正常运转)", "为企业做咨询、论证(大于{n}次)"),
    "生态效益": ("能耗下降率(≥{n}%)", "节能减排(长期)"),
    "可持续效益": ("对单位履职、促进事业发展的影响(长期)", "机制健全性(健全)"),
    "服务对象满意度": ("服务对象满意度(≥{p}%)", "企业满意度(≥{p}%)"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """What one unit spends on one functional item from one fund; `left` is carried over to the next year."""

    code: str
    name: str
    fund: Fund
    personnel: int = 0
    public: int = 0
    project: int = 0
    left: int = 0

    @property
    def basic(self) -> int:
        """Return 基本支出."""
        return self.personnel + self.public

    @property
    def spent(self) -> int:
        """Return 基本支出 and 项目支出."""
        return self.basic + self.project


@dataclass(frozen=True, slots=True)
class Project:
    """A project with its goal and, for each kind of indicator, the indicators as printed."""

    name: str
    amount: int
    goal: str
    indicators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Purchase:
    """One purchase: of what kind, for which project, from which fund, centralised or not."""

    code: str
    name: str
    project: str
    fund: Fund
    amount: int
    kind: Kind
    central: bool


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit's budget; `economic` divides its basic expenditure from the general public budget."""

    code: str
    name: str
    items: tuple[Item, ...]
    economic: dict[str, int]
    projects: tuple[Project, ...]
    purchases: tuple[Purchase, ...]
    services: tuple[Purchase, ...]
    carried: dict[Fund, int]


@dataclass(frozen=True, slots=True)
class Budget:
    """The budget of a department or of one unit of it.

    `before` is in what proportion every amount of the year before stands to this year's, as (before, now); where it is not
    given, the narrative makes the year before up.
    """

    department_code: str
    department: str
    year: int
    units: tuple[Unit, ...]
    names: dict[str, str]
    seed: int
    before: tuple[int, int] | None = None

    @property
    def items(self) -> list[Item]:
        """Return the items of all units."""
        return [item for unit in self.units for item in unit.items]

    @property
    def whole(self) -> bool:
        """Say whether this is the document of a department with all its units."""
        return len(self.units) > 1

    @property
    def code(self) -> str:
        """Return the code of who publishes."""
        return self.department_code if self.whole else self.units[0].code

    @property
    def name(self) -> str:
        """Return the name of who publishes."""
        return self.department if self.whole else self.units[0].name

    @property
    def scope(self) -> str:
        """Return 部门 or 单位."""
        return "部门" if self.whole else "单位"


def total(amounts: Iterable[int]) -> int:
    """Return the sum."""
    return sum(amounts)


def money(amount: int) -> str:
    """Return an amount of 0.01 万元 as printed."""
    return f"{amount // 100:,}.{amount % 100:02}"


class Chance:
    """Draws one budget from a seed."""

    def __init__(self, seed: int, specs: Specs) -> None:
        self.seed = seed
        self.rng = random.Random(seed)  # noqa: S311 - a reproducible choice, no secret
        self.functional = specs.codes["functional"]
        self.economic = specs.codes["economic"]

    def budget(self, units: int | None = None) -> Budget:
        """Return a budget of so many units, by default one to three."""
        rng = self.rng
        place, topic = rng.choice(_PLACES), rng.choice(_TOPICS)
        code = str(rng.randint(101, 899))
        numbers = sorted(rng.sample(range(1, 30), units or rng.choice((1, 1, 1, 2, 3))))
        bodies = rng.sample([f"{which}{body}" for which in ("", "第二") for body in _BODIES], len(numbers))
        made = tuple(
            self._unit(f"{code}{number:03}", f"{place}{topic}{body}")
            for number, body in zip(numbers, bodies, strict=True)
        )
        names = {c.code: c.name for c in (*self.functional.values(), *self.economic.values())}
        return Budget(code, f"{place}{topic}局", rng.randint(2020, 2027), made, names, self.seed)

    def _amount(self, most: int) -> int:
        return self.rng.choice((self.rng.randint(1, 99), self.rng.randint(100, most), self.rng.randint(100, most)))

    def _unit(self, code: str, name: str) -> Unit:
        rng = self.rng
        projects: list[Project] = []
        items = [self._item(choice, "一般公共预算", projects) for choice in self._codes(rng.randint(2, 7), CLASSES)]
        if rng.random() < 0.3:
            items += [self._item(c, "政府性基金预算", projects) for c in self._codes(rng.randint(1, 2), ("21208",))]
        if rng.random() < 0.2:
            items += [self._item(c, "国有资本经营预算", projects) for c in self._codes(1, ("223",))]
        if rng.random() < 0.3:
            taken = {item.code for item in items}
            more = [choice for choice in self._codes(2, CLASSES) if choice not in taken]
            items += [self._item(c, rng.choice(("单位资金", "财政专户管理资金")), projects) for c in more]
        items = sorted(items, key=lambda item: item.code)
        purchases = self._purchases(items, projects)
        services = [self._purchase(items, projects) for _ in range(rng.choice((0, 0, 1, 3)))]
        return Unit(
            code, name, tuple(items), self._economic(items), tuple(projects), tuple(purchases), tuple(services),
            self._carried(items),
        )  # fmt: skip

    def _codes(self, count: int, prefixes: Sequence[str]) -> list[str]:
        other_funds = ("21208", "223") if len(prefixes) > 1 else ()
        known = [c for c in self.functional if len(c) == 7 and c.startswith(tuple(prefixes))]
        known = [c for c in known if not c.startswith(other_funds)]
        return sorted(self.rng.sample(known, min(count, len(known))))

    def _item(self, code: str, fund: Fund, projects: list[Project]) -> Item:
        rng = self.rng
        personnel = public = 0
        if fund not in FISCAL[1:]:
            personnel = self._amount(300_000) if rng.random() < 0.8 else 0
            public = self._amount(30_000) if rng.random() < 0.5 else 0
        mine = [self._project() for _ in range(rng.choice((0, 0, 1, 2)) if personnel + public else 1)]
        projects += mine
        left = self._amount(5_000) if rng.random() < 0.05 else 0
        project = total(p.amount for p in mine)
        return Item(code, self.functional[code].name, fund, personnel, public, project, left)

    def _project(self) -> Project:
        rng = self.rng
        name = rng.choice(_TOPICS) + rng.choice(_WORKS) + rng.choice(("项目", "经费", "（二期）", "运行维护费等"))
        goal = "；".join(rng.sample(_PHRASES, rng.choice((1, 2, 3, len(_PHRASES))))) + "。"
        needed = rng.choice(BENEFITS)
        indicators = tuple(self._indicators(kind, kind not in BENEFITS or kind == needed) for kind in INDICATORS)
        return Project(name, self._amount(50_000), goal, indicators)

    def _indicators(self, kind: str, needed: bool) -> str:
        rng = self.rng
        chosen = rng.sample(_TARGETS[kind], rng.choice((1 if needed else 0, 1, 1, 2)))
        return " ".join(text.format(n=rng.randint(2, 9), p=rng.randint(80, 100)) for text in chosen)

    def _purchases(self, items: Sequence[Item], projects: Sequence[Project]) -> list[Purchase]:
        """Return purchases that cost no more than is spent on their items; identical lines are two purchases."""
        rng = self.rng
        room = {item.code: item.spent for item in items}
        drawn = [self._purchase(items, projects) for _ in range(rng.choice((0, 2, 5, 12)))]
        if drawn and rng.random() < 0.7:
            drawn.insert(rng.randrange(len(drawn)), rng.choice(drawn))
        purchases = []
        for purchase in drawn:
            if purchase.amount <= room[purchase.code]:
                room[purchase.code] -= purchase.amount
                purchases.append(purchase)
        return purchases

    def _purchase(self, items: Sequence[Item], projects: Sequence[Project]) -> Purchase:
        rng = self.rng
        item = rng.choice(items)
        central = rng.random() < 0.4
        kinds: tuple[Kind, ...] = ("货物类", "服务类") if central else ("货物类", "工程类", "服务类")
        project = rng.choice([p.name for p in projects] + ["定额商品和服务支出", "车辆经费"])
        return Purchase(item.code, item.name, project, item.fund, self._amount(3_000), rng.choice(kinds), central)

    def _economic(self, items: Sequence[Item]) -> dict[str, int]:
        own = [item for item in items if item.fund == "一般公共预算"]
        personnel, public = total(i.personnel for i in own), total(i.public for i in own)
        for_people = [c for c in self.economic if len(c) == 5 and c.startswith(("301", "303"))]
        for_work = [c for c in self.economic if len(c) == 5 and c.startswith("302")]
        shown = [ABROAD, RECEPTION, MEETING, TRAINING, DRIVING]
        work = sorted({*self.rng.sample(for_work, self.rng.randint(2, 20)), *self.rng.sample(shown, 3)})
        people = sorted(self.rng.sample(for_people, self.rng.randint(2, 12)))
        return self._divide(personnel, people) | self._divide(public, work)

    def _divide(self, amount: int, codes: Sequence[str]) -> dict[str, int]:
        """Return an amount divided among codes; what gets nothing is not printed."""
        cuts = sorted(self.rng.randint(0, amount) for _ in codes[1:])
        parts = [b - a for a, b in zip([0, *cuts], [*cuts, amount], strict=True)]
        return {code: part for code, part in zip(codes, parts, strict=True) if part}

    def _carried(self, items: Sequence[Item]) -> dict[Fund, int]:
        """Return what of each fund came from the year before, at most what is spent of it."""
        spent = {fund: total(i.spent + i.left for i in items if i.fund == fund) for fund in FUNDS}
        return {
            fund: self.rng.randint(0, amount // 4) for fund, amount in spent.items() if amount and self.rng.random() < 0.3
        }  # fmt: skip
