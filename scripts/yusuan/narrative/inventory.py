"""What lists and tables of the narrative are recognised by: offices, staff, vehicles, terms, key projects.

Like `patterns`, over the matching form; the named groups are what is yielded.
"""

from __future__ import annotations

import re

from yusuan.narrative.fragments import COUNT, ORGAN, UNIT

#: B21. A paragraph about staff; its clauses are read with STAFF.
STAFF_PARAGRAPH = re.compile(rf"(?:编制|职数|实有|在职|在编)[^,;。:\d]{{0,12}}?(?:{COUNT})(?:名|人)")
_STAFF_LEAD = (
    rf"(?:其中:?|截至)?(?:\d{{4}}年(?:\d{{1,2}}月)?(?:\d{{1,2}}日|末|底)?)?(?:[我本](?:{ORGAN}))?"
    r"(?:(?:单位|部门)?人员(?!经费|总数|编制|\d))?(?:共有|现有|共)?"
)
#: The clause of staff that counts everybody in post.
STAFF_TOTAL = re.compile("实有|在职|在编|现有")
STAFF = (
    (
        "职数",
        re.compile(
            rf"{_STAFF_LEAD}(?P<item>(?P<group>[^\d]*?领导)(?:核定)?(?:领导)?职数)(?:为|共)?(?P<count>{COUNT})(?P<unit>名|人|个)"
        ),
    ),
    (
        "编制",
        re.compile(
            rf"{_STAFF_LEAD}(?P<item>[^\d]*?(?:编制|职数)(?:数|人数)?)(?:为|共)?(?P<count>{COUNT})(?P<unit>名|人|个)"
        ),
    ),
    ("设", re.compile(rf"(?:核定|核)?设(?P<item>[^\d]+?)(?P<count>{COUNT})(?P<unit>名|人|个)")),
    ("实配", re.compile(rf"实配(?:备)?(?:有)?(?P<item>[^\d]+?)(?P<count>{COUNT})(?P<unit>名|人|个)")),
    ("其余", re.compile(r"(?P<printed>其余|其他)(?:人员)?(?:均|都|全部)?(?:为|是)(?P<item>[^\d]+)")),
    ("另有", re.compile(rf"(?:另有|还有)?(?P<count>{COUNT})(?P<unit>个|名|位)(?P<item>[^\d]+)")),
    ("实有", re.compile(rf"{_STAFF_LEAD}(?P<item>[^\d]+?)(?:为|共)?(?P<count>{COUNT})(?P<unit>名|人)")),
)

#: B20, B21. A count of vehicles, and what they are (均为…).
VEHICLES = re.compile(
    rf"(?:其中)?(?:\d{{4}}年(?:末|底|度)?)?(?:[我本](?:{ORGAN})|单位|部门)?(?P<item>[^,;。:、\d]{{0,60}}?)(?:为|共)?"
    rf"(?P<count>{COUNT})(?P<unit>辆)(?:,?(?:均|全部|都)(?:为|是)(?P<kind>[^,;。:、\d]+))?"
)
BARE_VEHICLES = re.compile(r"(?:实有|现有|共有|编制|保有|购置)(?:数|量)?$")

#: B22. The sentence in front of the offices; `names` where they are listed in it.
OFFICES = re.compile(
    rf"(?:下设|内设|设有|设)(?:职能|内部)?(?:机构)?[^,;。:\d]{{0,4}}?(?P<count>{COUNT})个(?:职能|内设|内部|职能型)?"
    r"(?:科室|处室|机构|部门|股室|[科室处股])(?:(?:,?即|,?分别[为是]|,?包括|,?具体为)?[:,]?(?P<names>(?!,?(?:即|分别|包括|具体))[^。;:]+))?"
)
OFFICE = re.compile(r"(?P<name>[^。:,;]{2,30})(?:[。:,](?P<duties>.+))?")

#: B23. A term and its definition, after the number.
TERM = re.compile(r"(?P<term>[^。,;:]{2,40}?)(?::|,?(?=是?指))(?P<definition>.+)")

#: B18. The header of the table of key projects: which column is which.
PROJECT_HEADER = (
    ("项目名称", re.compile(r"^项目(?:名称)?$")),
    (
        "预算数",
        re.compile(
            rf"^(?:项目)?(?:年初|本年)?(?:预算|资金|金额)(?:数|额|金额|安排|资金|总额)*(?:单位)?(?P<unit>{UNIT})?$"
        ),
    ),
    ("绩效目标", re.compile(r"^(?:年度|项目|总体|预算)*(?:绩效目标|目标)(?:内容|说明)?$")),
)
#: 表12 also names projects, budgets and goals, but beside them it has codes and indicators.
MAX_PROJECT_COLUMNS = 5
