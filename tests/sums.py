"""What a test does to a database that it changed by hand: the sums are made anew, as a load would have made them."""

from __future__ import annotations

from yusuan.sums import add_sums, summed_tables


def sum_again(connection, specs):
    """Make the tables of sums anew."""
    for name in summed_tables(specs):
        connection.execute(f'drop table "{name}"')
    add_sums(connection, specs)
