"""Wordings that open no statement of their own: they add to one that is open, name a reason, or divide what follows."""

from __future__ import annotations

from yusuan.narrative.fragments import (
    AMOUNT_WORDS,
    BASIS,
    BASIS_WORDS,
    CHANGED,
    CHANGED_ANYHOW,
    COUNT,
    FLAT,
    NAME,
    NUMBER,
    OURS,
    PRIOR_YEAR,
    RATE_CHANGED,
    UNIT,
    YEAR,
    money,
)
from yusuan.narrative.wording import NAMED_AMOUNT, Pattern, pattern

# Where a reason or a usage ends: at the full stop, or where the next statement visibly begins.
_TEXT_END = (
    rf"(?=。|$|;(?=[^。;]*{NUMBER}(?:{UNIT}))(?![二三四五六七八九十]是)"
    rf"|,(?:同比|(?:比|较|与|同)(?:上年|去年|\d{{4}}年))[^,;。]*?(?:增|减|升|降|持平)"
    rf"|,(?:增加|减少|变动|变化)?的?(?:主要)?原因)"
)
_DIVIDED = "(?:分类)?(?:科目)?(?:来)?(?:划分|分类|分)"
_REASON = rf"[:,]*(?P<reason>[^。:,;][^。]*?)(?:(?=,主要用于)|{_TEXT_END})"
#: A reason that was announced and does not come: the sentence ends, or the list outside it goes on.
_NO_REASON = (
    r"[:,]*(?P<unexplained>)(?=[。;]|$|\([二三四五六七八九十]{1,3}\)|[二三四五六七八九十]{1,3}、|[2-9][.、](?!\d))"
)
_NAMED_CHANGE = rf"(?:(?:\d{{4}}年度?)?{OURS}(?P<of>{NAME}{{0,40}}?){CHANGED_ANYHOW}的?)?"
_COMPARED = rf"(?:{NAME}{{0,20}}?(?:大于|小于|高于|低于|多于|少于|超出|超过|等于){NAME}{{0,20}}?的?)"
_CAUSE = r"(?:具体|主要)?原因(?:是|为|在于|如下)?(?:由于|因为)?"

#: In the order tried; they come before everything that opens a statement.
PIECES: tuple[Pattern, ...] = (
    # --- pieces that belong to the statement before them
    pattern("B05-占比", "amend", rf"\(?占(?P<share_of>[^,;。:%]*?)的?(?:比[重例]?)?为?(?P<share>{NUMBER})%\)?"),
    pattern("B24-完成率", "amend", rf"\(?完成(?:了)?(?:年初|全年|调整|当年)?预算数?的?(?P<done>{NUMBER})%\)?"),
    pattern("B11-上年", "amend", rf"\(?(?:比|较|与|同)?{PRIOR_YEAR}{BASIS_WORDS}{money('prior')}\)?"),
    pattern("B12-重述", "restate", rf"(?P<year>\d{{4}})年度?{AMOUNT_WORDS}{money('amount')}"),
    pattern(
        "B01-变动额",
        "amend",
        rf"\(?{BASIS}(?:各|均)?{CHANGED}(?:了|数|额|为)*{money('change')}(?:\((?P<rate>{NUMBER})%\))?\)?",
    ),
    pattern("B01-变动率", "amend", rf"\(?{BASIS}(?:各|均)?{RATE_CHANGED}(?:了|率|为)*(?P<rate>{NUMBER})%\)?"),
    pattern("B12-持平", "amend", rf"\(?(?:本年(?:预算)?数?)?{BASIS}{FLAT}\)?"),
    pattern("B08-范围", "amend", r"(?P<scope>(?:全部|均|全)为(?:基本|项目)支出)"),
    # --- reasons
    pattern("B07-未说明", "reason", rf"(?:{_COMPARED}|{_NAMED_CHANGE}){_CAUSE}{_NO_REASON}"),
    pattern(
        "B04",
        "cause",
        rf"{YEAR}{OURS}(?P<subject>(?:收支|收入|支出)预算总体){CHANGED_ANYHOW}的?(?:主要)?原因(?:是|为)?{_REASON}",
        metric="变动原因",
    ),
    pattern("B07-原因", "reason", rf"{_NAMED_CHANGE}{_CAUSE}{_REASON}"),
    pattern("B07-大小", "reason", rf"{_COMPARED}{_CAUSE}{_REASON}"),
    pattern("B07-由于", "amend", rf"主要(?:是|系)?(?:由于|因为|因|是|系){_REASON}"),
    pattern(
        "B11-回指",
        "recall",
        rf"(?:\d{{4}}年度?)?{OURS}(?P<of>{NAME}{{2,40}}?)(?=(?:同比|(?:比|较|与|同)(?:上年|去年|\d{{4}}年)))",
    ),
    pattern(
        "B11-回指变动",
        "recall",
        rf"{BASIS}(?P<of>(?:{NAME}|(?<=收)、){{2,40}}?)(?:各|均)?{CHANGED}(?:了|数|额|为)*{money('change')}",
    ),
    pattern("B02-其中", "within", rf"{OURS}(?P<of>{NAME}{{2,20}}?)中(?=[,:])"),
    # --- how the following items are divided
    pattern("B02-收入", "breakdown", r"收入(?:预算)?(?:具体|主要)?(?:包括|构成)(?::|为|如下)*", metric="收入构成"),
    pattern("B02-支出", "breakdown", r"支出(?:预算)?(?:具体|主要)?(?:包括|构成)(?::|为|如下)*", metric="支出构成"),
    pattern(
        "B06",
        "breakdown",
        rf"按(?:支出)?功能分类(?:科目)?(?:支出)?(?:来)?(?:划分|分(?!为))?(?:,?(?:共|可)?分为(?P<count>{COUNT})(?:大)?类)?(?:为|,?(?:主要)?包括:?)?",
        metric="功能分类·类",
        subject="支出功能分类",
    ),
    pattern("B06-经济", "breakdown", rf"按(?:支出)?经济{_DIVIDED}(?:为|,?包括:?)?", metric="经济分类"),
    pattern("B05-结构", "breakdown", rf"按支出(?:结构|用途|性质){_DIVIDED}(?:,?包括:?)?", metric="结构"),
    pattern("B14-组织形式", "breakdown", rf"按(?:政府)?采购(?:组织)?形式{_DIVIDED}", metric="组织形式"),
    pattern(
        "B15-项目类型",
        "breakdown",
        rf"按(?:政府)?采购(?:项目)?(?:类型|类别|品目|对象)(?:{_DIVIDED})?",
        metric="项目类型",
    ),
    pattern(
        "B16-资金来源",
        "breakdown",
        rf"按(?:政府)?(?:采购)?资金(?:来源|性质|类型)(?:{_DIVIDED})?",
        metric="资金来源",
    ),
    # --- what something is for
    pattern(
        "B08-用途",
        "amend",
        rf"(?:(?:主要)?(?:是)?用于(?!以下)|(?:(?:主要|具体)?包括|主要为):?(?!{NAMED_AMOUNT}))+[:,]*(?:主要用于)*[:,]*(?P<usage>[^。:,;][^。]*?){_TEXT_END}",
    ),
)
