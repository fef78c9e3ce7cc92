"""A submission's lines side by side: one row a submission, one column an operand that a rule uses.

The columns are those of ``Column.aggregate``. Asking for each by an aggregate of its own costs every line once a column.
Where many columns are wanted of one aspect, each line is put into its submission's list once, beside its place, and the
columns are taken out of the list by place; lists of codes instead of places would take several times the memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from expectations.sql import Column

#: Columns of one aspect from which on a list is cheaper than an aggregate each.
_MANY = 10


def own_columns(columns: Iterable[Column], submissions: str) -> str:
    """A query of ``submission_id`` and the columns, for the submissions that ``submissions`` (a query of ids) gives; one
    without any line is left out.

    Lists that are made in one pass hold a submission's lines in one order, so that an index in one is an index in all.
    Where a line stands twice, one of the two is taken: the structural checks stop such a night.
    """
    columns = tuple(columns)
    places = {code: place for place, code in enumerate(sorted({column.code for column in columns}), start=1)}
    counts = Counter(column.aspect for column in columns)
    listed = {column.aspect: column.expression for column in columns if counts[column.aspect] >= _MANY}
    aggregates = [
        f"list({expression}) filter (where place is not null) as {aspect}_list" for aspect, expression in listed.items()
    ]
    if listed:
        aggregates.append("list(place) filter (where place is not null) as place_list")
    selected = []
    for column in columns:
        place = f"cast({places[column.code]} as usmallint)"
        if column.aspect in listed:
            selected.append(f"{column.aspect}_list[list_position(place_list, {place})] as {column.name}")
        else:
            # CASE, not FILTER: the expression is then worked out for the line's rows alone.
            aggregates.append(f"max(case when place = {place} then {column.expression} end) as {column.name}")
            selected.append(column.name)
    known = ", ".join(f"('{code}', cast({place} as usmallint))" for code, place in places.items())
    return f"""
select {", ".join(["submission_id", *selected])}
from (
    select {", ".join(["submission_id", *aggregates])}
    from intermediate.int_submission_line
    left join (values {known or "(null, null)"}) as places (code, place) on indicator_code = code
    where submission_id in ({submissions})
    group by submission_id
) as lines
"""
