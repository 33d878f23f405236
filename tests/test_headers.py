"""Header rows to column paths, and paths to the fields of a layout."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yusuan.layouts import TableLayout
from yusuan.model import Cell, Place
from yusuan.tables.headers import header_paths, index_row, match_header, repeated_levels

#: Lines of the sample on which the header of each table is printed, index rows not included.
HEADER_LINES = {
    1: (271, 272),
    2: (311, 312),
    3: (324, 324),
    4: (342, 343),
    5: (380, 382),
    6: (401, 402),
    7: (441, 443),
    8: (456, 457),
    9: (469, 470),
    10: (482, 484),
    11: (513, 514),
    12: (526, 526),
}


def cells(*rows):
    return tuple(tuple(Cell(text, Place(line=i)) for text in row) for i, row in enumerate(rows, 1))


def split(*lines):
    return [line.split("\t") for line in lines]


@pytest.mark.parametrize("number", HEADER_LINES)
def test_printed_headers_of_the_sample(number, sample_text, golden):
    """Every column of the twelve tables gets the path a person read; what has no name stays without."""
    first, last = HEADER_LINES[number]
    rows = split(*sample_text.splitlines()[first - 1 : last])
    paths = ["".join("/".join(path).split()) for path in header_paths(rows)]
    assert paths == golden[number].header + ([""] if number == 2 else [])


def test_a_parent_whose_children_have_children_of_their_own():
    """公务接待费 stands right of the three vehicle columns: it is 三公's child, not 公务用车's."""
    rows = split(
        "代码\t三公\t\t\t\t\t会议费",
        "\t合计\t公务用车\t\t\t接待费\t",
        "\t\t小计\t购置费\t运行费\t\t",
    )
    assert header_paths(rows) == (
        ("代码",),
        ("三公", "合计"),
        ("三公", "公务用车", "小计"),
        ("三公", "公务用车", "购置费"),
        ("三公", "公务用车", "运行费"),
        ("三公", "接待费"),
        ("会议费",),
    )


def test_short_rows_are_filled_up_and_blanks_below_nothing_stay_nameless():
    assert header_paths([["收入", "", "支出"], ["项目", "预算数", "项目", "预算数", ""]]) == (
        ("收入", "项目"),
        ("收入", "预算数"),
        ("支出", "项目"),
        ("支出", "预算数"),
        (),
    )
    assert header_paths([]) == ()
    assert header_paths([["", " "]]) == ((), ())


def test_a_blank_is_no_continuation_of_another_parents_child():
    """乙 has lost the label of its middle level; 甲's must not be lent to it."""
    assert header_paths(split("甲\t乙", "小计\t", "\t货物类")) == (("甲", "小计"), ("乙", "货物类"))


labels = st.sampled_from(["小计", "合计", "货物类", "基本支出", "A"])
trees = st.recursive(
    st.tuples(labels, st.just([])),
    lambda children: st.tuples(labels, st.lists(children, min_size=1, max_size=3)),
    max_leaves=8,
)


def leaf_paths(tree):
    label, children = tree
    return [(label, *path) for child in children for path in leaf_paths(child)] if children else [(label,)]


def printed(forest):
    """Return header rows as a page shows them: a label in the first cell of what it spans, the rest blank."""
    width = sum(len(leaf_paths(tree)) for tree in forest)
    depth = max(len(path) for tree in forest for path in leaf_paths(tree))
    rows = [[""] * width for _ in range(depth)]

    def put(tree, level, left):
        rows[level][left] = tree[0]
        for child in tree[1]:
            put(child, level + 1, left)
            left += len(leaf_paths(child))

    left = 0
    for tree in forest:
        put(tree, 0, left)
        left += len(leaf_paths(tree))
    return rows


@given(st.lists(trees, min_size=1, max_size=5))
def test_any_tree_of_merged_cells_is_read_back(forest):
    """Labels repeat freely: 小计 under 集中采购 and 小计 under 分散采购 are two columns."""
    assert list(header_paths(printed(forest))) == [path for tree in forest for path in leaf_paths(tree)]


@pytest.mark.parametrize(
    ("texts", "is_index"),
    [
        (["1", "2", "3"], True),
        (["", "", "1", "2", "3", ""], True),
        ([" 1 ", "2"], True),
        (["1"], False),
        (["", ""], False),
        (["2", "3"], False),
        (["1", "3"], False),
        (["1", "2", "2"], False),
        (["栏次", "1", "2"], True),
        (["1.00", "2.00"], False),
        (["合计", "", "1", "2"], False),
    ],
)
def test_index_rows(texts, is_index):
    assert index_row(texts) is is_index


LAYOUT = TableLayout(
    ("甲表",),
    {
        "代码": (("部门单位代码",),),
        "名称": (("名称",), ("单位名称",)),
        "合计": (("支出", "合计"), ("合计",)),
        "基本": (("支出", "基本支出"),),
    },
)
HEAD = split("部门（单位）代码\t名称\t支出\t", "\t\t合计\t基本支出")


def test_a_complete_header():
    match = match_header(cells(*HEAD, ["405", "某局", "1.00", "1.00"]), LAYOUT)
    assert match.complete
    assert (match.levels, match.fields) == (2, ("代码", "名称", "合计", "基本"))
    assert (match.missing, match.unknown, match.respelled, match.found) == ((), (), (), 4)


def test_a_header_ends_before_the_row_that_numbers_the_columns():
    """Otherwise the index 1 … n would become the lowest level of every path."""
    match = match_header(cells(*HEAD, ["", "", "1", "2"], ["405", "某局", "1.00", "1.00"]), LAYOUT)
    assert (match.levels, match.complete) == (2, True)


def test_a_header_takes_no_more_rows_than_it_needs():
    assert match_header(cells(*HEAD, [""] * 4, ["405", "某局", "1.00", "1.00"]), LAYOUT).levels == 2


def test_a_respelled_column_is_recognised_and_told():
    rows = split("代码\t单位名称\t支出\t", "\t\t合计\t基本支出")
    rows[0][0] = "部门 (单位)代码"
    match = match_header(cells(*rows), LAYOUT)
    assert match.complete
    assert match.respelled == (1,)


def test_equally_proper_headers_and_headers_that_name_their_year():
    """`年度` in a layout stands for the year printed there; a second year is another column, and unknown."""
    layout = TableLayout(("乙表",), {"数": (("年度预算数",), ("预算数",))}, proper={"数": 2})
    assert match_header(cells(["2026年预算数"]), layout).complete
    match = match_header(cells(["预算数"]), layout)
    assert (match.complete, match.respelled) == (True, ())
    assert match_header(cells(["2025年预算数", "2026年预算数"]), layout).unknown == (1,)


def test_parts_of_a_code_stand_in_their_order():
    layout = TableLayout(("丙表",), {}, code_parts={"码": ((("类",),), (("款",), ("款级",)))})
    assert match_header(cells(["类", "款级"]), layout).fields == ("码", "码")
    assert match_header(cells(["款", "类"]), layout).missing == ("码",)
    assert match_header(cells(["类", "名"]), layout).missing == ("码",)


def test_a_missing_column():
    match = match_header(cells(*split("部门（单位）代码\t名称\t支出", "\t\t合计")), LAYOUT)
    assert not match.complete
    assert match.missing == ("基本",)
    assert match.unknown == ()


def test_an_unknown_column():
    match = match_header(cells(*split("部门（单位）代码\t名称\t支出\t", "\t\t合计\t其本支出")), LAYOUT)
    assert not match.complete
    assert (match.missing, match.unknown) == (("基本",), (3,))
    assert match.fields == ("代码", "名称", "合计", None)


def test_a_column_printed_twice_is_known_only_once():
    """Two columns of one name cannot both be the field: the second is unknown, and the table is refused."""
    match = match_header(cells(*split("部门（单位）代码\t名称\t支出\t\t", "\t\t合计\t基本支出\t基本支出")), LAYOUT)
    assert match.unknown == (4,)


def test_a_nameless_column_is_not_unknown():
    match = match_header(cells(*split("部门（单位）代码\t名称\t支出\t\t", "\t\t合计\t基本支出\t")), LAYOUT)
    assert match.complete
    assert match.fields[4] is None


def test_a_header_of_strangers_matches_nothing():
    match = match_header(cells(["项目名称", "预算数"], ["某项目", "8.35"]), LAYOUT)
    assert (match.found, match.complete) == (0, False)


@pytest.mark.parametrize(
    ("page", "levels"),
    [
        ([*HEAD, ["405", "某局", "1", "1"]], 2),
        ([["部门(单位)代码", "名称", "支 出", ""], ["", "", "1", "2"]], 1),
        ([["405", "某局", "1", "1"]], 0),
        ([HEAD[1], HEAD[0]], 0),
    ],
)
def test_repeated_header_rows_are_counted_on_further_pages(page, levels):
    assert repeated_levels(cells(*HEAD), cells(*page)) == levels
