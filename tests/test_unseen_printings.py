"""Printings of places nobody has described: invented offices, tables as other provinces print them.

Every document is written here and always runs. What stands beside an amount is asserted cell by cell; what the words
cannot tell must be left aside, never loaded into a column that might be another's.
"""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

FUNDS = "一般公共预算拨款收入\t政府性基金预算拨款收入\t国有资本经营预算拨款收入"
#: 四川: numbers with a dash, 单位名称（科目） in one column, 教育收费 inside 事业收入.
SICHUAN = (
    "表1\n部门收支总表\n部门：成都市虚构局\n单位：万元\n\n"
    "收入\t\t支出\t\n项目\t2026年预算数\t项目\t2026年预算数\n"
    "一、一般公共预算拨款收入\t90.00\t一、一般公共服务支出\t85.00\n"
    "二、事业收入\t10.00\t二、住房保障支出\t20.00\n"
    "本年收入合计\t100.00\t本年支出合计\t105.00\n"
    "七、用事业基金弥补收支差额\t\t三十、事业单位结余分配\t\n"
    "八、上年结转\t5.00\t三十一、结转下年\t\n"
    "收入总计\t105.00\t支出总计\t105.00\n\n"
    "表1-1\n部门收入总表\n部门：成都市虚构局\n单位：万元\n\n"
    "项目\t\t\t\t\t合计\t上年结转\t" + FUNDS + "\t事业收入\t\t其他收入\t用事业基金弥补收支差额\n"
    "科目编码\t\t\t单位代码\t单位名称（科目）\t\t\t\t\t\t金额\t其中：教育收费\t\t\n"
    "类\t款\t项\t\t\t\t\t\t\t\t\t\t\t\n"
    "\t\t\t\t合计\t105.00\t5.00\t90.00\t\t\t10.00\t2.00\t\t\n"
    "\t\t\t333301\t成都市虚构局机关\t105.00\t5.00\t90.00\t\t\t10.00\t2.00\t\t\n"
    "201\t08\t01\t333301\t行政运行\t85.00\t5.00\t70.00\t\t\t10.00\t2.00\t\t\n"
    "221\t02\t01\t333301\t住房公积金\t20.00\t\t20.00\t\t\t\t\t\t\n\n"
    "表1-2\n部门支出总表\n部门：成都市虚构局\n单位：万元\n\n"
    "项目\t\t\t\t\t合计\t基本支出\t项目支出\t上缴上级支出\t对附属单位补助支出\n"
    "科目编码\t\t\t单位代码\t单位名称（科目）\t\t\t\t\t\n"
    "类\t款\t项\t\t\t\t\t\t\t\n"
    "\t\t\t\t合计\t105.00\t80.00\t25.00\t\t\n"
    "\t\t\t333301\t成都市虚构局机关\t105.00\t80.00\t25.00\t\t\n"
    "201\t08\t01\t333301\t行政运行\t85.00\t60.00\t25.00\t\t\n"
    "221\t02\t01\t333301\t住房公积金\t20.00\t20.00\t\t\t\n\n"
    "表2\n财政拨款收支预算总表\n部门：成都市虚构局\n单位：万元\n\n"
    "收入\t\t支出\t\t\t\t\n"
    "项目\t2026年预算数\t项目\t合计\t一般公共预算\t政府性基金预算\t国有资本经营预算\n"
    "一、本年收入\t90.00\t一、本年支出\t95.00\t95.00\t\t\n"
    "一般公共预算拨款收入\t90.00\t一般公共服务支出\t75.00\t75.00\t\t\n"
    "政府性基金预算拨款收入\t\t住房保障支出\t20.00\t20.00\t\t\n"
    "二、上年结转\t5.00\t\t\t\t\t\n"
    "一般公共预算拨款收入\t5.00\t二、结转下年\t\t\t\t\n"
    "收入总计\t95.00\t支出总计\t95.00\t95.00\t\t\n\n"
    "表3\n一般公共预算支出预算表\n部门：成都市虚构局\n单位：万元\n\n"
    "项目\t\t\t\t\t当年财政拨款安排\t\t\n"
    "科目编码\t\t\t单位代码\t单位名称（科目）\t合计\t基本支出\t项目支出\n"
    "类\t款\t项\t\t\t\t\t\n"
    "\t\t\t\t合计\t90.00\t80.00\t10.00\n"
    "\t\t\t333301\t成都市虚构局机关\t90.00\t80.00\t10.00\n"
    "201\t08\t01\t333301\t行政运行\t70.00\t60.00\t10.00\n"
    "221\t02\t01\t333301\t住房公积金\t20.00\t20.00\t\n\n"
    "表3-1\n一般公共预算基本支出预算表\n部门：成都市虚构局\n单位：万元\n\n"
    "项目\t\t\t\t基本支出\t\t\n"
    "科目编码\t\t单位代码\t单位名称（科目）\t合计\t人员经费\t公用经费\n"
    "类\t款\t\t\t\t\t\n"
    "\t\t\t合计\t80.00\t70.00\t10.00\n"
    "\t\t333301\t成都市虚构局机关\t80.00\t70.00\t10.00\n"
    "301\t01\t333301\t基本工资\t70.00\t70.00\t\n"
    "302\t01\t333301\t办公费\t10.00\t\t10.00\n\n"
    "表3-3\n一般公共预算“三公”经费支出预算表\n部门：成都市虚构局\n单位：万元\n\n"
    "单位编码\t单位名称（科目）\t当年财政拨款预算安排\t\t\t\t\t\n"
    "\t\t合计\t因公出国（境）费用\t公务用车购置及运行费\t\t\t公务接待费\n"
    "\t\t\t\t小计\t公务用车购置费\t公务用车运行费\t\n"
    "\t合计\t8.00\t1.00\t6.00\t2.00\t4.00\t1.00\n"
    "333301\t成都市虚构局机关\t8.00\t1.00\t6.00\t2.00\t4.00\t1.00\n\n"
)
HENAN = (
    "预算01表\n部门收支总体情况表\n部门名称：郑州市虚构局\n单位：万元\n\n"
    "收入\t\t支出\t\n项目\t金额\t项目\t金额\n"
    "一、一般公共预算拨款\t100.00\t一、一般公共服务\t80.00\n"
    "其中：财政拨款\t100.00\t二、住房保障支出\t20.00\n"
    "二、政府性基金\t\t\t\n"
    "本年收入合计\t100.00\t本年支出合计\t100.00\n"
    "收入总计\t100.00\t支出总计\t100.00\n\n"
    "预算03表\n部门支出总体情况表\n部门名称：郑州市虚构局\n单位：万元\n\n"
    "科目编码\t\t\t单位代码\t单位（科目名称）\t合计\t基本支出\t\t\t\t\t项目支出\t\t\n"
    "类\t款\t项\t\t\t\t小计\t工资福利支出\t对个人和家庭的补助\t商品和服务支出\t资本性支出\t小计\t一般性项目\t专项资金\n"
    "**\t**\t**\t**\t**\t1\t2\t3\t4\t5\t6\t7\t8\t9\n"
    "\t\t\t\t合计\t100.00\t75.00\t60.00\t5.00\t10.00\t\t25.00\t25.00\t\n"
    "\t\t\t021001\t郑州市虚构局本级\t100.00\t75.00\t60.00\t5.00\t10.00\t\t25.00\t25.00\t\n"
    "201\t08\t01\t021001\t行政运行\t80.00\t55.00\t40.00\t5.00\t10.00\t\t25.00\t25.00\t\n"
    "221\t02\t01\t021001\t住房公积金\t20.00\t20.00\t20.00\t\t\t\t\t\t\n\n"
    "预算07表\n一般公共预算“三公”经费支出情况表\n部门名称：郑州市虚构局\n单位：万元\n\n"
    "项目\t2026年“三公”经费预算数\n"
    "共计\t9.00\n1、因公出国（境）费用\t2.00\n2、公务接待费\t1.00\n3、公务用车费\t6.00\n"
    "其中：（1）公务用车运行维护费\t5.00\n（2）公务用车购置\t1.00\n\n"
)
#: 福建, 厦门: 一般公共预算拨款支出预算表, 人员支出／公用支出 beside the total.
FUJIAN = (
    "附表1\n2026年度收支预算总表\n单位名称：厦门市虚构局\n单位：万元\n\n"
    "收入\t\t支出\t\n收入项目\t预算数\t支出项目\t预算数\n"
    "一、一般公共预算拨款收入\t60.00\t一、一般公共服务支出\t50.00\n"
    "二、政府性基金预算拨款收入\t\t二、住房保障支出\t10.00\n"
    "收入合计\t60.00\t支出合计\t60.00\n\n"
    "附表2\n2026年度收入预算总表\n单位名称：厦门市虚构局\n单位：万元\n\n"
    "单位编码\t单位名称\t合计\t" + FUNDS + "\t财政专户管理资金收入\t事业收入\t上级补助收入\t附属单位上缴收入\t"
    "事业单位经营收入\t其他收入\t上年结转结余\n"
    "\t合计\t60.00\t60.00\t\t\t\t\t\t\t\t\t\n"
    "123001\t厦门市虚构局\t60.00\t60.00\t\t\t\t\t\t\t\t\t\n\n"
    "附表3\n2026年度支出预算总表\n单位名称：厦门市虚构局\n单位：万元\n\n"
    "科目编码\t科目名称\t合计\t人员支出\t公用支出\t项目支出\n"
    "合计\t\t60.00\t40.00\t8.00\t12.00\n"
    "201\t一般公共服务支出\t50.00\t30.00\t8.00\t12.00\n"
    "20108\t审计事务\t50.00\t30.00\t8.00\t12.00\n"
    "2010801\t行政运行\t50.00\t30.00\t8.00\t12.00\n"
    "221\t住房保障支出\t10.00\t10.00\t\t\n22102\t住房改革支出\t10.00\t10.00\t\t\n2210201\t住房公积金\t10.00\t10.00\t\t\n\n"
    "附表5\n2026年度一般公共预算拨款支出预算表\n单位名称：厦门市虚构局\n单位：万元\n\n"
    "科目编码\t科目名称\t合计\t其中：\t\n\t\t\t基本支出\t项目支出\n"
    "合计\t\t60.00\t48.00\t12.00\n"
    "201\t一般公共服务支出\t50.00\t38.00\t12.00\n20108\t审计事务\t50.00\t38.00\t12.00\n2010801\t行政运行\t50.00\t38.00\t12.00\n"
    "221\t住房保障支出\t10.00\t10.00\t\n22102\t住房改革支出\t10.00\t10.00\t\n2210201\t住房公积金\t10.00\t10.00\t\n\n"
    "附表8\n2026年度一般公共预算基本支出经济分类情况表\n单位名称：厦门市虚构局\n单位：万元\n\n"
    "科目编码\t科目名称\t预算数\n合计\t\t48.00\n301\t工资福利支出\t40.00\n30101\t基本工资\t40.00\n"
    "302\t商品和服务支出\t8.00\n30201\t办公费\t8.00\n\n"
    "附表9\n2026年度一般公共预算“三公”经费支出预算表\n单位名称：厦门市虚构局\n单位：万元\n\n"
    "项目\t2025年预算数\t2026年预算数\t增减金额\n"
    "合计\t8.00\t9.00\t1.00\n1.因公出国（境）费用\t1.50\t2.00\t0.50\n2.公务接待费\t0.75\t1.00\t0.25\n"
    "3.公务用车购置及运行费\t5.75\t6.00\t0.25\n其中：公务用车购置费\t1.25\t1.00\t-0.25\n公务用车运行费\t4.50\t5.00\t0.50\n\n"
)
#: 湖北 and wherever the integrated budget system prints: 部门（单位）代码, 单位资金 with its parts, 上年结转结余 beside.
HUBEI = (
    "表1\n部门收支总表\n部门名称：武汉市虚构局\n单位：万元\n\n"
    "收入\t\t支出\t\n项目\t预算数\t项目\t预算数\n"
    "一、一般公共预算拨款收入\t90.00\t一、一般公共服务支出\t85.00\n"
    "二、政府性基金预算拨款收入\t\t二、外交支出\t\n"
    "三、事业收入\t10.00\t三、住房保障支出\t20.00\n"
    "本年收入合计\t100.00\t本年支出合计\t105.00\n上年结转结余\t5.00\t年终结转结余\t\n收入总计\t105.00\t支出总计\t105.00\n\n"
    "表2\n部门收入总表\n部门名称：武汉市虚构局\n单位：万元\n\n"
    "部门（单位）代码\t部门（单位）名称\t合计\t本年收入\t\t\t\t\t\t\t\t\t\t上年结转结余\t\t\n"
    "\t\t\t小计\t一般公共预算\t政府性基金预算\t国有资本经营预算\t财政专户管理资金\t事业收入\t事业单位经营收入\t上级补助收入\t"
    "附属单位上缴收入\t其他收入\t小计\t一般公共预算\t单位资金\n"
    "合计\t\t105.00\t100.00\t90.00\t\t\t\t10.00\t\t\t\t\t5.00\t3.00\t2.00\n"
    "001\t武汉市虚构局\t105.00\t100.00\t90.00\t\t\t\t10.00\t\t\t\t\t5.00\t3.00\t2.00\n"
    "001001\t武汉市虚构局（本级）\t105.00\t100.00\t90.00\t\t\t\t10.00\t\t\t\t\t5.00\t3.00\t2.00\n\n"
    "表3\n部门支出总表\n部门名称：武汉市虚构局\n单位：万元\n\n"
    "科目编码\t科目名称\t合计\t基本支出\t项目支出\t事业单位经营支出\t上缴上级支出\t对附属单位补助支出\n"
    "合计\t\t105.00\t80.00\t25.00\t\t\t\n201\t一般公共服务支出\t85.00\t60.00\t25.00\t\t\t\n"
    "20108\t审计事务\t85.00\t60.00\t25.00\t\t\t\n2010801\t行政运行\t85.00\t60.00\t25.00\t\t\t\n"
    "221\t住房保障支出\t20.00\t20.00\t\t\t\t\n22102\t住房改革支出\t20.00\t20.00\t\t\t\t\n2210201\t住房公积金\t20.00\t20.00\t\t\t\t\n\n"
    "表5\n一般公共预算支出表\n部门名称：武汉市虚构局\n单位：万元\n\n"
    "科目编码\t科目名称\t合计\t基本支出\t\t\t项目支出\n\t\t\t小计\t人员经费\t公用经费\t\n"
    "合计\t\t90.00\t80.00\t70.00\t10.00\t10.00\n201\t一般公共服务支出\t70.00\t60.00\t50.00\t10.00\t10.00\n"
    "20108\t审计事务\t70.00\t60.00\t50.00\t10.00\t10.00\n2010801\t行政运行\t70.00\t60.00\t50.00\t10.00\t10.00\n"
    "221\t住房保障支出\t20.00\t20.00\t20.00\t\t\n22102\t住房改革支出\t20.00\t20.00\t20.00\t\t\n"
    "2210201\t住房公积金\t20.00\t20.00\t20.00\t\t\n\n"
)
#: 河北: a running number before each row, funds beside each other in the vertical 三公 table.
HEBEI = (
    "预算公开01表\n部门预算收支总表\n部门名称：石家庄市虚构局\n单位：万元\n\n"
    "序号\t收入\t\t支出\t\n\t项目\t预算金额\t项目\t预算金额\n"
    "1\t一、一般公共预算拨款收入\t60.00\t一、一般公共服务支出\t50.00\n2\t二、政府性基金预算拨款收入\t\t二、住房保障支出\t10.00\n"
    "3\t本年收入合计\t60.00\t本年支出合计\t60.00\n4\t收入总计\t60.00\t支出总计\t60.00\n\n"
    "预算公开03表\n部门预算支出总表\n部门名称：石家庄市虚构局\n单位：万元\n\n"
    "序号\t功能分类科目\t\t合计\t基本支出\t项目支出\t经营支出\t上缴上级支出\t对附属单位补助支出\n"
    "\t科目编码\t科目名称\t\t\t\t\t\t\n"
    "1\t\t合计\t60.00\t48.00\t12.00\t\t\t\n2\t201\t一般公共服务支出\t50.00\t38.00\t12.00\t\t\t\n"
    "3\t20108\t审计事务\t50.00\t38.00\t12.00\t\t\t\n4\t2010801\t行政运行\t50.00\t38.00\t12.00\t\t\t\n"
    "5\t221\t住房保障支出\t10.00\t10.00\t\t\t\t\n6\t22102\t住房改革支出\t10.00\t10.00\t\t\t\t\n7\t2210201\t住房公积金\t10.00\t10.00\t\t\t\t\n\n"
    "预算公开06表\n部门预算一般公共预算财政拨款基本支出表\n部门名称：石家庄市虚构局\n单位：万元\n\n"
    "序号\t经济分类科目\t\t基本支出\t\t\n\t科目编码\t科目名称\t合计\t人员经费\t公用经费\n"
    "1\t\t合计\t48.00\t40.00\t8.00\n2\t301\t工资福利支出\t40.00\t40.00\t\n3\t30101\t基本工资\t40.00\t40.00\t\n"
    "4\t302\t商品和服务支出\t8.00\t\t8.00\n5\t30201\t办公费\t8.00\t\t8.00\n\n"
    "预算公开09表\n部门预算财政拨款“三公”经费支出表\n部门名称：石家庄市虚构局\n单位：万元\n\n"
    "项目\t合计\t一般公共预算拨款\t政府性基金预算拨款\n“三公”经费合计\t9.00\t9.00\t\n一、因公出国（境）费\t2.00\t2.00\t\n"
    "二、公务用车购置及运行维护费\t6.00\t6.00\t\n其中：公务用车购置费\t1.00\t1.00\t\n公务用车运行维护费\t5.00\t5.00\t\n三、公务接待费\t1.00\t1.00\t\n\n"
)
#: 浙江 and 山东: the office's name in front of the title, 单位名称（科目名称）, this year beside the last.
SHANDONG = (
    "公开表1\n济南市虚构局2026年收支总体情况表\n单位：万元\n\n"
    "收入\t\t支出\t\n项目\t2026年预算\t项目\t2026年预算\n"
    "一、财政拨款收入\t60.00\t一、一般公共服务支出\t50.00\n二、其他收入\t\t二、住房保障支出\t10.00\n"
    "本年收入合计\t60.00\t本年支出合计\t60.00\n收入总计\t60.00\t支出总计\t60.00\n\n"
    "公开表5\n济南市虚构局2026年一般公共预算财政拨款支出情况表\n单位：万元\n\n"
    "功能分类科目\t\t2025年预算数\t2026年预算数\t\t\t2026年比2025年增减\t\n"
    "科目编码\t科目名称（类款项）\t\t合计\t基本支出\t项目支出\t增减额\t增减幅度（%）\n"
    "\t合计\t55.00\t60.00\t48.00\t12.00\t5.00\t9.09\n201\t一般公共服务支出\t45.00\t50.00\t38.00\t12.00\t5.00\t11.11\n"
    "20108\t审计事务\t45.00\t50.00\t38.00\t12.00\t5.00\t11.11\n2010801\t行政运行\t45.00\t50.00\t38.00\t12.00\t5.00\t11.11\n"
    "221\t住房保障支出\t10.00\t10.00\t10.00\t\t\t\n22102\t住房改革支出\t10.00\t10.00\t10.00\t\t\t\n2210201\t住房公积金\t10.00\t10.00\t10.00\t\t\t\n\n"
    "公开表7\n济南市虚构局2026年一般公共预算财政拨款“三公”经费支出情况表\n单位：万元\n\n"
    "年度\t“三公”经费合计\t因公出国（境）费\t公务用车购置及运行费\t\t\t公务接待费\n\t\t\t小计\t公务用车购置费\t公务用车运行维护费\t\n"
    "2025年\t8.00\t1.50\t5.75\t1.25\t4.50\t0.75\n2026年\t9.00\t2.00\t6.00\t1.00\t5.00\t1.00\n\n"
)

HEAD = "# 2026年{}部门预算\n\n"
OFFICES = {
    "成都市虚构局": SICHUAN,
    "郑州市虚构局": HENAN,
    "厦门市虚构局": FUJIAN,
    "武汉市虚构局": HUBEI,
    "石家庄市虚构局": HEBEI,
    "济南市虚构局": SHANDONG,
}
#: What stands where: office, table, row, column, amount.
FACTS = [
    ("成都市虚构局", "t01", 2, "收入_预算数", "10.00"),
    ("成都市虚构局", "t02", 1, "上年结转结余_小计", "5.00"),
    ("成都市虚构局", "t02", 3, "本年收入_事业收入", "10.00"),
    ("成都市虚构局", "t02", 4, "本年收入_一般公共预算", "20.00"),
    ("成都市虚构局", "t03", 3, "项目支出", "25.00"),
    ("成都市虚构局", "t04", 2, "支出_一般公共预算", "75.00"),
    ("成都市虚构局", "t05", 3, "基本支出_小计", "60.00"),
    ("成都市虚构局", "t06", 4, "公用经费", "10.00"),
    ("成都市虚构局", "t07", 2, "三公经费_公务用车购置费", "2.00"),
    ("成都市虚构局", "t07", 2, "三公经费_公务接待费", "1.00"),
    ("郑州市虚构局", "t03", 3, "基本支出", "55.00"),
    ("郑州市虚构局", "t03", 3, "项目支出", "25.00"),
    ("郑州市虚构局", "t07", 1, "三公经费_合计", "9.00"),
    ("郑州市虚构局", "t07", 1, "三公经费_公务用车运行维护费", "5.00"),
    ("厦门市虚构局", "t03", 1, "人员经费", "40.00"),
    ("厦门市虚构局", "t03", 1, "公用经费", "8.00"),
    ("厦门市虚构局", "t05", 1, "基本支出_小计", "48.00"),
    ("厦门市虚构局", "t06", 1, "合计", "48.00"),
    ("厦门市虚构局", "t07", 1, "三公经费_合计", "9.00"),
    ("厦门市虚构局", "t07", 1, "三公经费_公务接待费", "1.00"),
    ("武汉市虚构局", "t02", 1, "本年收入_小计", "100.00"),
    ("武汉市虚构局", "t02", 1, "上年结转结余_单位资金", "2.00"),
    ("武汉市虚构局", "t05", 2, "公用经费", "10.00"),
    ("石家庄市虚构局", "t01", 1, "支出_预算数", "50.00"),
    ("石家庄市虚构局", "t03", 4, "项目支出", "12.00"),
    ("石家庄市虚构局", "t06", 1, "公用经费", "8.00"),
    ("石家庄市虚构局", "t07", 2, "三公经费_公务用车购置费", "1.00"),
    ("济南市虚构局", "t05", 1, "合计", "60.00"),
    ("济南市虚构局", "t05", 1, "项目支出", "12.00"),
    ("济南市虚构局", "t07", 1, "三公经费_合计", "9.00"),
    ("济南市虚构局", "t07", 1, "三公经费_公务接待费", "1.00"),
]


def _tables(disclosure):
    return {table.name[:3]: table for table in disclosure.tables}


def _unread(disclosure):
    return {finding.table[:3] for finding in disclosure.findings if finding.rule == "TABLE-UNREAD"}


@pytest.mark.parametrize(("office", "table", "row", "column", "amount"), FACTS)
def test_each_amount_stands_in_its_column(office, table, row, column, amount, disclose):
    read = _tables(disclose(HEAD.format(office) + OFFICES[office]))
    assert read[table].rows[row - 1].values[column] == Decimal(amount)


@pytest.mark.parametrize("office", OFFICES)
def test_every_table_is_read_and_proves_itself(office, disclose):
    disclosure = disclose(HEAD.format(office) + OFFICES[office])
    assert (disclosure.layout, disclosure.identity.name) == ("common", office)
    assert not _unread(disclosure)
    assert {table.witness for table in disclosure.tables} == {"印证"}


@pytest.mark.parametrize("office", OFFICES)
def test_last_year_and_changes_are_kept_as_evidence_only(office, disclose):
    for table in disclose(HEAD.format(office) + OFFICES[office]).tables:
        fields = {c.field for c in table.sheet.columns if any("2025" in p or "增减" in p for p in c.path)}
        assert fields <= {None}


FUNDS_BESIDE = (
    "表9\n财政拨款“三公”经费支出表\n单位：万元\n\n预算单位\t年度\t总计\t\t因公出国(境)费\t\t公务接待费\t\n"
    "\t\t一般公共预算\t政府性基金预算\t一般公共预算\t政府性基金预算\t一般公共预算\t政府性基金预算\n"
    "成都市虚构局\t2025年\t5.00\t1.00\t3.00\t1.00\t2.00\t\n\t2026年\t6.00\t2.00\t2.00\t2.00\t4.00\t\n"
    "\t增减变化金额\t1.00\t1.00\t-1.00\t1.00\t2.00\t\n\n"
)


def test_years_below_and_funds_beside_each_other_become_a_row_for_each_fund(disclose):
    table = _tables(
        disclose(
            HEAD.format("成都市虚构局") + HENAN.split("预算03表", maxsplit=1)[0].replace("郑州", "成都") + FUNDS_BESIDE
        )
    )["t07"]
    found = [
        (row.kind, row.values["资金性质"], row.values["三公经费_合计"], row.values["三公经费_公务接待费"])
        for row in table.rows
    ]
    assert found == [
        ("单位", "一般公共预算", Decimal("6.00"), Decimal("4.00")),
        ("单位", "政府性基金预算", Decimal("2.00"), None),
    ]
    assert {"5.00", "-1.00"} <= {cell.cell.text for cell in table.sheet.evidence}


def test_rows_of_two_years_and_none_of_this_one_are_left_aside(disclose):
    disclosure = disclose(
        HEAD.format("成都市虚构局") + SICHUAN.split("表3-3")[0] + FUNDS_BESIDE.replace("2026年\t", "本年\t")
    )
    assert "t07" not in _tables(disclosure)
    assert "t07" in _unread(disclosure)


VERTICAL = (
    "表2\n收入预算总表\n单位：万元\n\n项目名称\t\t金额\n收入总计\t\t60.00\n一般公共预算资金\t小计\t50.00\n"
    "\t公共财政拨款(补助)资金\t48.00\n\t专项收入\t2.00\n其他资金\t小计\t{}\n\t事业收入\t10.00\n\t其他收入\t\n"
    "上年结转和结余资金\t小计\t\n\n"
)


def test_revenue_printed_upright_is_one_row(disclose):
    text = HEAD.format("厦门市虚构局") + FUJIAN.split("附表2")[0]
    table = _tables(disclose(text + VERTICAL.format("10.00")))["t02"]
    (row,) = table.rows
    assert (row.values["合计"], row.values["本年收入_一般公共预算"], row.values["本年收入_事业收入"]) == (
        Decimal("60.00"),
        Decimal("50.00"),
        Decimal("10.00"),
    )
    assert table.witness == "印证"


def _t03(text, office="厦门市虚构局"):
    return HEAD.format(office) + FUJIAN.split("附表3")[0] + text


EXPENDITURE = "附表3" + FUJIAN.split("附表3")[1].split("附表5")[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("合计\t人员支出\t公用支出\t项目支出", "人员支出\t合计\t公用支出\t项目支出"),
        ("合计\t人员支出\t公用支出\t项目支出", "合计\t合计\t公用支出\t项目支出"),
        ("\t人员支出\t公用支出\t项目支出", "\t公用支出\t项目支出"),
    ],
    ids=["swapped", "ambiguous", "missing"],
)
def test_a_header_that_does_not_fit_its_numbers_is_never_loaded_silently(old, new, disclose):
    changed = EXPENDITURE.replace(old, new)
    assert changed != EXPENDITURE
    disclosure = disclose(_t03(changed))
    assert "t03" not in _tables(disclosure)
    assert "t03" in _unread(disclosure)


def test_a_further_page_with_other_columns_is_not_taken_for_the_same(disclose):
    head, rows = EXPENDITURE.split("221\t", 1)
    columns = "科目编码\t科目名称\t项目支出\t公用支出\t人员支出\t合计\n"
    disclosure = disclose(_t03(head + "\n附表3\n2026年度支出预算总表\n单位：万元\n\n" + columns + "221\t" + rows))
    assert {"t03"} <= _unread(disclosure)
    assert "t03" not in _tables(disclosure)


def test_yuan_labelled_ten_thousand_is_told(disclose):
    yuan = re.sub(r"(?<=\t)(\d+)\.00", lambda match: f"{int(match[1]) * 10000}.00", EXPENDITURE)
    told = {f.rule for f in disclose(_t03(yuan)).findings if f.severity == "error"}
    assert "X-T01-T03" in told


def test_forms_whose_name_stands_beside_its_label_and_whose_year_a_table_says(disclose):
    """No title page, 部门： and the name in lines of their own, the year in one table's title only."""
    label = "部门：\n\n江苏省虚构办公厅\n\n单位：万元"
    text = (
        re.sub("单位名称：.*\n单位：万元", label, FUJIAN).replace("2026年度", "").replace("2025年预算数", "上年预算数")
    )
    procurement = f"2026年政府采购预算表\n\n{label}\n\n采购品目\t合计\t数量\n合计\t1.00\t2\n\n"
    identity = disclose(text.replace("2026年预算数", "预算数") + procurement).identity
    assert (identity.name, identity.year, identity.region) == ("江苏省虚构办公厅", 2026, "320000")


@pytest.mark.parametrize(
    ("printed", "amount"),
    [
        ("（1.50）", "-1.50"),
        ("-1.50", "-1.50"),
        ("－1.50", "-1.50"),
        ("１．５０", "1.50"),
        ("1, 234.50", "1234.50"),
        ("1.5.0", None),
        ("约1", None),
    ],
)
def test_amounts_however_they_are_printed(printed, amount, disclose):
    """A number is read exactly or its table is left aside; nothing is guessed."""
    text = SICHUAN.split("表1-1")[0].replace("二、事业收入\t10.00", f"二、事业收入\t{printed}")
    disclosure = disclose(HEAD.format("成都市虚构局") + text + "表1-2" + SICHUAN.split("表1-2")[1])
    rows = _tables(disclosure)["t01"].rows if "t01" in _tables(disclosure) else None
    assert rows is None or (amount is not None and rows[1].values["收入_预算数"] == Decimal(amount))
    assert rows is not None or "t01" in _unread(disclosure)
