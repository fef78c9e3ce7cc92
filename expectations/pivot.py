"""A submission's lines side by side: one row a submission, one column an operand that a rule uses.

The columns are those of ``Column.aggregate``. Asking for each by an aggregate of its own costs every line once a column;
here each line is put into its submission's lists once, and the columns are then taken out of the lists by code.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from expectations.sql import Column


def own_columns(columns: Iterable[Column], submissions: str) -> str:
    """A query of ``submission_id`` and the columns, for the submissions that ``submissions`` (a query of ids) gives.

    Lists that are made in one pass hold a submission's lines in one order, so that a place in one is a place in all. Where
    a line stands twice, one of the two is taken: the structural checks stop such a night.
    """
    columns = tuple(columns)
    codes_of: dict[str, set[str]] = defaultdict(set)
    expressions: dict[str, str] = {}
    for column in columns:
        codes_of[column.aspect].add(column.code)
        expressions[column.aspect] = column.expression
    lists = "".join(
        f",\n        list(case when indicator_code in ({_quoted(codes)}) then {expressions[aspect]} end) as {aspect}_list"
        for aspect, codes in sorted(codes_of.items())
    )
    selected = "".join(
        f",\n    {column.aspect}_list[list_position(code_list, '{column.code}')] as {column.name}" for column in columns
    )
    wanted = (
        f" where submission_id in ({submissions}) and indicator_code in ({_quoted(set().union(*codes_of.values()))})"
    )
    # Every submission has a row, one of whose lines no rule asks for anything too.
    return f"""
select ids.submission_id{selected}
from ({submissions}) as ids
left join (
    select submission_id, list(indicator_code) as code_list{lists}
    from intermediate.int_submission_line{wanted if codes_of else f" where submission_id in ({submissions})"}
    group by submission_id
) as lines on ids.submission_id = lines.submission_id
"""


def _quoted(codes: Iterable[str]) -> str:
    return ", ".join(f"'{code}'" for code in sorted(codes))
