"""What a pattern is, and what patterns of several tables share. The named groups of a pattern are what it yields:

amount, change, prior      money; the unit is in the group of the same name with `_unit`
rate, share, done          percentages of change, of a whole, of the budget of a final account
share_of, subject, metric  names as printed
direction, rate_direction  a key of DIRECTIONS, printed with the amount and with the percentage
about                      the change is said to be next to nothing: 基本持平
basis                      what a comparison is made with: 预算, 执行数, 决算 are found in it
reason, usage, scope       texts as printed
unexplained                a reason is announced and not given
stage                      which of the amounts of a final account: 年初预算, 支出决算
code                       a classification code behind the subject
count                      a whole number, in digits or Chinese numerals
year, year_after           must be the year of the document, or the statement is not understood
prior_year                 must be the year before it
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from yusuan.narrative.fragments import NAME, NUMBER, UNIT

Kind = Literal["amend", "restate", "reason", "recall", "within", "total", "item", "line", "nil", "breakdown", "cause"]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way a statement or a piece of one is worded.

    kind `total`      opens a statement about the whole of something; `subject` None means the owner named
                      in the sentence (单位, 部门, an organisation), 合计 where nobody is named
         `item`       opens a statement about one line; `metric` None means the metric of the topic
         `line`       opens one about a line of what the section itemises
         `nil`        opens a statement that there is none
         `cause`      opens a statement that only gives the reason of a total
         `breakdown`  says how the following items are divided: `metric` is the breakdown
         `amend`      adds to the statement that is open
         `restate`    says the amount of the open statement again
         `reason`     adds a reason to the statement it names, else to the open one, else stands alone
         `within`     says of which statement made before the following items are parts
         `recall`     opens a statement made before again: “三公”经费预算比上年减少…; with values, adds them
    `topics` are the only ones where the wording means this; `numbered` wants the number of a list in front of it.
    """

    id: str
    kind: Kind
    regex: re.Pattern[str]
    metric: str | None = None
    subject: str | None = None
    topics: tuple[str, ...] = ()
    numbered: bool = False


def pattern(id_: str, kind: Kind, regex: str, topic: str = "", **names: str) -> Pattern:
    """Return a pattern; `topic` lists topics between blanks, `names` may give `metric` and `subject`."""
    metric, subject = names.get("metric"), names.get("subject")
    return Pattern(id_, kind, re.compile(regex), metric, subject, tuple(topic.split()))


#: A list of names with amounts is no usage.
NAMED_AMOUNT = rf"{NAME}{{1,40}}?{NUMBER}(?:{UNIT})"
