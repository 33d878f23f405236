"""The narrative of a budget in the wordings of real documents, with the right figures, shares and rates."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from .budget import ABROAD, DRIVING, FISCAL, FUNDS, RECEPTION, Budget, Item, Purchase, money, total
from .disclosure import Block, Node, PrintedTable, block_kind
from .tables import by_class, carried, economic, numeral, of_funds, received

_REASONS = (
    "人员工资增长、相应社保及住房公积金增加",
    "人员减少，定额配比减少",
    "按规定压减一般性支出",
    "项目实施进度调整",
)
_USES = ("人员经费以及开展单位业务所需商品和服务支出等", "退休人员费用", "实验平台、装备引进等设备采购，专利年费")
_DUTIES = (
    "贯彻执行国家、自治区、柳州市有关法律法规、方针政策和规划，助推产业升级，解决发展瓶颈难题。",
    "负责信息管理系统开发建设维护升级，信息网络安全，大数据规划、平台开发和数据分析。",
    "推进“机器换人”工程；建设研发检测、试验验证、认证认可、成果孵化公共服务平台。为企业和机构培养培训人才。",
)
_OFFICES = ("综合办公室", "规划财务科", "业务指导科", "信息网络科", "检验检测科", "人事教育科")
_SECTIONS = (
    "{scope}收支总体情况说明",
    "{scope}收入总体情况说明",
    "{scope}支出总体情况说明",
    "财政拨款收支总体情况说明",
    "一般公共预算支出情况说明",
    "一般公共预算基本支出情况说明",
    "一般公共预算“三公”经费支出情况说明",
    "政府性基金预算支出情况说明",
    "国有资本经营预算支出情况说明",
    "政府采购预算情况说明",
    "政府购买服务预算情况说明",
    "项目预算绩效目标情况说明",
    "{year}年{scope}预算其他重要事项情况说明",
)
_TERMS = (
    ("财政拨款收入", "指市本级财政部门当年拨付的资金。"),
    ("事业收入", "指事业单位开展专业业务活动及辅助活动所取得的收入。"),
    ("其他收入", "指除上述“财政拨款收入”“事业收入”“经营收入”等以外的收入。"),
    ("基本支出", "指为保障机构正常运转、完成日常工作任务而发生的人员支出和公用支出。"),
    (
        "机关运行经费",
        "为保障行政单位（含参照公务员法管理的事业单位）运行用于购买货物和服务的各项资金，包括办公及印刷费、邮电费、差旅费、会议费、日常维修费、专用材料及一般设备购置费、办公用房水电费、办公用房取暖费以及其他费用。",
    ),
)

Paragraphs = Iterator[str]


def make_narrative(budget: Budget) -> tuple[Block | PrintedTable, ...]:
    """Return title, table of contents, and the five parts."""
    return tuple(_Narrator(budget).blocks())


def title_of(budget: Budget) -> str:
    """Return the title of the document."""
    return f"{budget.code}{budget.name}{budget.year}年{budget.scope}预算公开说明"


class _Narrator:
    """Writes one narrative; figures of the year before are made up around this year's, and add up like these."""

    def __init__(self, budget: Budget) -> None:
        self.budget, self.year, self.scope = budget, budget.year, budget.scope
        self.rng = random.Random(budget.seed + 1)  # noqa: S311 - a reproducible choice, no secret
        self.items = budget.items
        self.general = of_funds(self.items, FISCAL[:1])
        self.purchases = [p for unit in budget.units for p in unit.purchases]
        self.cars = self.rng.randint(0, 6)
        self.classes_before = [(amount, self._was(amount)) for _, amount in self._classes(self.items)]
        left = total(item.left for item in self.items)
        self.before = total(was for _, was in self.classes_before) + self._was(left)

    def blocks(self) -> Iterator[Block | PrintedTable]:
        """Yield the paragraphs and the table of key projects in order."""
        who = f"{self.budget.code}{self.budget.name}"
        parts = (
            (f"第一部分 {who}概况", self._overview()),
            (f"第二部分 {who}{self.year}年{self.scope}预算情况说明", self._statements()),
            (f"第三部分 {who}{self.year}年{self.scope}预算报表", iter(["上述报表详见附件。"])),
            ("第四部分 名词解释", (f"{numeral(i)}、{term}：{what}" for i, (term, what) in enumerate(_TERMS, 1))),
            ("第五部分 附件", iter(())),
        )
        yield Block("title", title_of(self.budget))
        yield Block("contents", "目 录")
        yield from (Block("part", title) for title, _ in parts)
        for title, paragraphs in parts:
            yield Block("part", title)
            for text in paragraphs:
                yield Block(block_kind(text), text) if isinstance(text, str) else text

    # ------------------------------------------------------------------------------------ pieces

    def _was(self, now: int) -> int:
        """Return an amount of the year before."""
        if self.budget.before:
            before, this = self.budget.before
            return now * before // this
        return max(now + self.rng.choice((0, -1, 1, 1)) * self.rng.randint(0, max(now // 8, 1)), 0) if now else 0

    def _change(self, now: int, before: int | None = None) -> tuple[str, str]:
        """Return how an amount changed, and in which direction."""
        before = self._was(now) if before is None else before
        if before == now:
            return "与上年持平", ""
        way, grown = ("增加", "增长") if now > before else ("减少", "下降")
        text = f"同比{way}{money(abs(now - before))}万元"
        return (f"{text}，同比{grown}{percent(abs(now - before), before)}%" if before else text), way

    def _changed(self, now: int, before: int | None = None) -> str:
        return self._change(now, before)[0]

    def _with_reason(self, now: int, before: int | None = None) -> str:
        text, way = self._change(now, before)
        return f"{text}，{way}的主要原因是：{self.rng.choice(_REASONS)}。" if way else f"{text}。"

    def _listed(self, parts: Sequence[tuple[str, int]]) -> str:
        return "、".join(f"{name}{money(amount)}万元" for name, amount in parts if amount)

    def _classes(self, items: Sequence[Item]) -> list[tuple[str, int]]:
        return [(self.budget.names[code], amount) for code, amount in by_class(items).items() if amount]

    # -------------------------------------------------------------------------------------- parts

    def _overview(self) -> Paragraphs:
        yield "一、主要职责"
        yield "（一）单位基本职能"
        yield from (f"{i}、{text}" for i, text in enumerate(self.rng.sample(_DUTIES, 2), 1))
        yield "二、机构设置情况"
        offices = self.rng.sample(_OFFICES, self.rng.randint(2, len(_OFFICES)))
        yield f"单位下设{numeral(len(offices))}个科室："
        yield from (f"{i}、{name}。{self.rng.choice(_DUTIES)}" for i, name in enumerate(offices, 1))
        yield "人员构成情况："
        posts = self.rng.randint(10, 90)
        yield f"单位人员全额拨款事业编制{posts}名，实有在职在编{posts - 4}人，其余均为专业技术人员。"
        yield "车辆构成情况："
        yield f"单位车辆编制{self.cars}辆，实有{self.cars}辆，均为业务用小轿车。"

    def _statements(self) -> Iterator[str | PrintedTable]:
        sections = (
            self._all, self._revenue, self._spending, self._appropriation, self._functions, self._basic, self._three,
            lambda: self._other_fund(1), lambda: self._other_fund(2), self._procurement, self._services,
            self._projects, self._rest,
        )  # fmt: skip
        for i, (title, section) in enumerate(zip(_SECTIONS, sections, strict=True), 1):
            yield f"{numeral(i)}、{title.format(scope=self.scope, year=self.year)}"
            yield from section()

    def _all(self) -> Paragraphs:
        units = self.budget.units
        now = [(f"{fund}拨款" if fund in FISCAL else fund, received(units, fund)) for fund in FUNDS]
        now.append(("上年结转结余", total(carried(units, fund) for fund in FUNDS)))
        every = total(amount for _, amount in now)
        spent = [*self._classes(self.items), ("结转下年支出", total(item.left for item in self.items))]
        yield (
            f"{self.year}年{self.scope}收支总预算{money(every)}万元，{self._changed(every, self.before)}。"
            f"收入包括：{self._listed(now)}。支出包括：{self._listed(spent)}。"
        )

    def _revenue(self) -> Paragraphs:
        units = self.budget.units
        every = total(item.spent + item.left for item in self.items)
        text, way = self._change(every, self.before)
        yield f"{self.year}年{self.scope}收入总预算{money(every)}万元，{text}。其中："
        for fund in FUNDS:
            if now := received(units, fund):
                name = f"{fund}拨款收入" if fund in FISCAL else f"{fund}收入"
                yield f"{name}{money(now)}万元，{self._changed(now)}。"
        if way:
            yield f"{self.year}年收入预算总体{way}的主要原因：{self.rng.choice(_REASONS)}。"

    def _spending(self) -> Paragraphs:
        basic, project = total(i.basic for i in self.items), total(i.project for i in self.items)
        every = basic + project + total(i.left for i in self.items)
        before = total(was for _, was in self.classes_before)
        basic_before = min(self._was(basic), before)
        kinds = [
            f"{name}支出预算{money(amount)}万元，占支出总预算{percent(amount, every)}%，{self._changed(amount, was)}。"
            for name, amount, was in (("基本", basic, basic_before), ("项目", project, before - basic_before))
        ]
        yield f"{self.year}年{self.scope}支出总预算{money(every)}万元，{''.join(kinds)}"
        classes = self._classes(self.items)
        yield f"（一）按支出功能分类科目划分，共分为{len(classes)}类，其中："
        for i, ((name, amount), (_, was)) in enumerate(zip(classes, self.classes_before, strict=True), 1):
            share = percent(amount, every)
            yield f"{i}. {name}{money(amount)}万元，占支出总预算{share}%，{self._with_reason(amount, was)}"
        yield "（二）按支出结构分类划分，分为基本支出预算和项目支出预算。"
        yield from (f"{i}. {text}" for i, text in enumerate(kinds, 1))

    def _appropriation(self) -> Paragraphs:
        fiscal = of_funds(self.items, FISCAL)
        now: list[tuple[str, int]] = [(fund, received(self.budget.units, fund)) for fund in FISCAL]
        now.append(("上年结转结余", total(carried(self.budget.units, fund) for fund in FISCAL)))
        spent = [*self._classes(fiscal), ("结转下年支出", total(item.left for item in fiscal))]
        every = total(amount for _, amount in now)
        yield (
            f"{self.year}年{self.scope}财政拨款收支总预算{money(every)}万元，收入包括：{self._listed(now)}；"
            f"支出包括：{self._listed(spent)}。"
        )

    def _functions(self) -> Paragraphs:
        names = self.budget.names
        basic, project = total(i.basic for i in self.general), total(i.project for i in self.general)
        yield (
            f"{self.year}年{self.scope}一般公共预算拨款支出{money(basic + project)}万元，其中：基本支出{money(basic)}万元，"
            f"项目支出{money(project)}万元。具体支出预算如下："
        )
        for i, code in enumerate(sorted({item.code for item in self.general}), 1):
            own = [item for item in self.general if item.code == code]
            spent, basic = total(item.spent for item in own), total(item.basic for item in own)
            path = f"{names[code[:3]]}（类）{names.get(code[:5], names[code])}（款）{names[code]}（项）"
            scope = {spent: "，全部为基本支出", 0: "，全部为项目支出"}.get(basic, "")
            scope = scope or f"，其中：基本支出{money(basic)}万元，项目支出{money(spent - basic)}万元"
            use = self.rng.choice(_USES)
            yield f"（{numeral(i)}）{path}支出{money(spent)}万元{scope}。主要用于：{use}。"

    def _basic(self) -> Paragraphs:
        units, names = self.budget.units, self.budget.names
        people, public = total(i.personnel for i in self.general), total(i.public for i in self.general)
        yield f"{self.year}年{self.scope}一般公共预算基本支出{money(people + public)}万元，其中："
        codes = sorted({code for unit in units for code in unit.economic})
        rows = (("人员经费", people, ("301", "303")), ("公用经费", public, ("302",)))
        for i, (name, amount, prefixes) in enumerate(rows, 1):
            parts = "、".join(dict.fromkeys(names[code] for code in codes if code.startswith(prefixes)))
            includes = f"，主要包括：{parts}" if parts else ""
            yield f"（{numeral(i)}）{name}{money(amount)}万元{includes}。"

    def _three(self) -> Paragraphs:
        units = self.budget.units
        abroad, guests, cars = (economic(units, code) for code in (ABROAD, RECEPTION, DRIVING))
        every = abroad + guests + cars
        was = [self._was(amount) for amount in (abroad, guests, cars)]
        before = total(was)
        driving = self._changed(cars, was[2])
        yield (
            f"{self.year}年{self.scope}一般公共预算安排的“三公”经费支出预算{money(every)}万元，"
            f"比{self.year - 1}年预算{money(before)}万元，{self._changed(every, before)}。其中："
        )
        yield f"（一）因公出国（境）经费{self.year}年预算{money(abroad)}万元，{self._with_reason(abroad, was[0])}"
        yield f"（二）公务接待费{self.year}年预算{money(guests)}万元，{self._with_reason(guests, was[1])}"
        yield f"（三）公务用车购置及运行维护费{self.year}年预算{money(cars)}万元，{driving}。其中："
        yield f"1. 公务用车购置费{self.year}年预算0.00万元，与上年持平。"
        yield f"2. 公务用车运行维护费{self.year}年预算{money(cars)}万元，{driving}。"

    def _other_fund(self, number: int) -> Paragraphs:
        fund = FISCAL[number]
        amount = total(item.spent for item in of_funds(self.items, [fund]))
        if amount:
            yield f"{self.year}年{fund}支出{money(amount)}万元，{self._changed(amount)}。"
        else:
            yield f"{self.year}年我{self.scope}无{fund}支出安排。"

    def _procurement(self) -> Paragraphs:
        every = self._bought(self.purchases)
        if not every:
            yield f"{self.year}年我{self.scope}无政府采购预算。"
            return
        central = self._bought([p for p in self.purchases if p.central])
        was = (self._was(central), self._was(every - central))
        parts = [
            f"{name}采购预算{money(amount)}万元，占政府采购预算{percent(amount, every)}%，{self._changed(amount, before)}"
            for name, amount, before in (("政府集中", central, was[0]), ("分散", every - central, was[1]))
        ]
        yield f"{self.year}年政府采购预算{money(every)}万元，{self._changed(every, total(was))}。其中：{'；'.join(parts)}。"
        kinds = [
            f"{kind}采购预算{money(self._bought([p for p in self.purchases if p.kind == kind]))}万元"
            for kind in ("货物类", "工程类", "服务类")
        ]
        yield f"按政府采购项目类型划分，其中：{'，'.join(kinds)}。"
        funds = [(fund, self._bought([p for p in self.purchases if p.fund == fund])) for fund in FUNDS]
        texts = "，".join(f"{fund}安排采购支出预算{money(amount)}万元" for fund, amount in funds if amount)
        yield f"按政府采购资金来源划分，其中：{texts}。"

    def _bought(self, purchases: Sequence[Purchase]) -> int:
        return total(p.amount for p in purchases)

    def _services(self) -> Paragraphs:
        amount = total(p.amount for unit in self.budget.units for p in unit.services)
        if amount:
            yield f"{self.year}年政府购买服务预算{money(amount)}万元，{self._changed(amount)}。"
        else:
            yield f"{self.year}年我{self.scope}无政府购买服务预算。"

    def _projects(self) -> Iterator[str | PrintedTable]:
        projects = [p for unit in self.budget.units for p in unit.projects]
        amount = total(p.amount for p in projects)
        yield (
            f"（一）我{self.scope}{self.year}年所有项目支出全面实施绩效目标管理，涉及柳州市本级项目{len(projects)}个，"
            f"预算资金{money(amount)}万元。绩效目标情况详见表12（敏感涉密项目除外）。"
        )
        if projects:
            yield "（二）重点项目预算绩效目标说明。"
            rows = tuple((p.name, money(p.amount), p.goal) for p in projects)
            header = tuple(map(Node, ("项目名称", "预算数(单位:万元)", "绩效目标")))
            yield PrintedTable("", header, rows, frozenset({1}), money=None, landscape=False)

    def _rest(self) -> Paragraphs:
        public = total(item.public for item in self.general)
        codes = sorted({c for unit in self.budget.units for c in unit.economic if c.startswith("302")})
        uses = "、".join(self.budget.names[code] for code in self.rng.sample(codes, min(6, len(codes))))
        cars = self.cars
        yield "（一）机关运行经费安排情况说明"
        yield (
            f"我单位为事业单位，无机关运行经费预算。{self.year}年事业单位相关运行经费预算{money(public)}万元，"
            f"{self._changed(public)}，主要用于{uses or '办公费'}及其他费用。"
        )
        yield "（二）国有资产占用情况说明"
        yield (
            f"{self.year}年我单位实有在编车辆{cars}辆，车辆为本单位所有，按用途划分：主要领导干部用车0辆，机要通信用车0辆，"
            f"应急保障用车0辆，执法执勤用车0辆，特种专业技术用车0辆，离退休干部用车0辆，其他用车{cars}辆。"
        )


def percent(part: int, whole: int) -> str:
    """Return a percentage with two places, rounded half up."""
    if not whole:
        return "0.00"
    return str((Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.01"), ROUND_HALF_UP))
