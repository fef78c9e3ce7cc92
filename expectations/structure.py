"""The structural checks: what must be so before any figure is judged. A failure stops the publication.

Each check is a query whose rows are the violations; ``{batch}`` stands for ``intermediate.int_submission_line``. Each runs
once over the lines and leaves what it found in ``VIOLATIONS``, which Great Expectations looks at on a night with something
to judge; on a quiet night they are counted without it.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

LINES = "intermediate.int_submission_line"
#: ``check_name`` and ``violation``, one row a violation; it stands only while the gate works.
VIOLATIONS = "audit.structural_violation"

_BUILD = (
    "báo bộ phận kỹ thuật xem bước build của đêm này (bảng dựng từ dữ liệu đã nhận bị sai), sửa rồi chạy lại đêm này"
)
_SEEDS = "bổ sung hoặc khôi phục danh mục trong dbt_project/seeds rồi chạy lại đêm này"
_RESTORE = "khôi phục bản sao lưu của kho hoặc dựng lại kho từ landing rồi chạy lại đêm này"

#: Forms, their lines numbered by the catalogue: a bit a line tells how many different ones there are in a fraction of the
#: time and memory that counting distinct codes takes.
_SIZE = (
    "select submission_id from {batch} left join (select code, row_number() over (order by code) - 1 as place"
    " from seed.indicators where value_type <> 'heading') as known on indicator_code = known.code group by submission_id"
)


@dataclass(frozen=True, slots=True)
class StructuralCheck:
    """``sentence`` is what a person is told, in Vietnamese, and ``remedy`` what to do; ``{count}`` in the sentence is the
    number of violations."""

    name: str
    sentence: str
    query: str
    remedy: str = _BUILD


CHECKS = (
    StructuralCheck(
        "seeds_are_filled",
        "Danh mục trống hoặc thiếu: {count} bảng (chỉ tiêu, cơ quan, kỳ báo cáo hoặc quy tắc)",
        "select table_name from (select 'indicators' as table_name, count(*) as row_count from seed.indicators"
        " union all select 'agencies', count(*) from seed.agencies"
        " union all select 'periods', count(*) from seed.periods"
        " union all select 'rules', count(*) from seed.rules) as counted"
        " where row_count = 0 and exists (select 1 from {batch})",
        _SEEDS,
    ),
    StructuralCheck(
        "lines_are_unique",
        "{count} dòng chỉ tiêu bị lặp trong cùng một biểu",
        f"select submission_id, indicator_code from {{batch}} where submission_id in ({_SIZE}"
        " having count(place) <> bit_count(bitstring_agg(place, 0, 1023)) or count(place) < count(*))"
        " group by submission_id, indicator_code having count(*) > 1",
    ),
    StructuralCheck(
        "lines_are_complete",
        "{count} biểu không có đủ các dòng của danh mục chỉ tiêu",
        f"{_SIZE} having bit_count(bitstring_agg(place, 0, 1023))"
        " is distinct from (select count(*) from seed.indicators where value_type <> 'heading')",
    ),
    StructuralCheck(
        "indicators_are_known",
        "{count} mã chỉ tiêu không có trong danh mục hoặc là dòng tiêu đề",
        "select distinct indicator_code from {batch} where indicator_code is null or indicator_code not in"
        " (select code from seed.indicators where value_type <> 'heading')",
        _SEEDS,
    ),
    StructuralCheck(
        "agencies_are_known",
        "{count} mã cơ quan không có trong danh mục",
        "select distinct agency_code from {batch} where agency_code is null or agency_code not in"
        " (select agency_code from seed.agencies union all select 'unknown')",
        _SEEDS,
    ),
    StructuralCheck(
        "periods_are_known",
        "{count} mã kỳ báo cáo không có trong danh mục",
        "select distinct period_code from {batch} where period_code is null or period_code not in"
        " (select cast(period_code as varchar) from seed.periods union all select 'unknown')",
        _SEEDS,
    ),
    StructuralCheck(
        "submissions_have_one_owner",
        "{count} biểu thuộc về nhiều cơ quan hoặc nhiều kỳ cùng lúc",
        "select submission_id from {batch} group by submission_id"
        " having count(distinct agency_code) > 1 or count(distinct period_code) > 1",
    ),
    StructuralCheck(
        "submissions_are_built",
        "{count} biểu đã nhận bị mất khi dựng kho dữ liệu",
        "select submission_id from raw.submission where submission_id not in (select submission_id from {batch})",
    ),
    StructuralCheck(
        "submissions_are_received",
        "{count} biểu trong kho dữ liệu không có trong dữ liệu đã nhận",
        "select distinct submission_id from {batch} where submission_id not in (select submission_id from raw.submission)",
        _RESTORE,
    ),
    StructuralCheck(
        "judged_submissions_remain",
        "{count} biểu đã kiểm tra những đêm trước nay không còn",
        "select distinct submission_id from audit.rule_result where submission_id not in (select submission_id from {batch})",
        _RESTORE,
    ),
)


def failures(counts: dict[str, int]) -> tuple[str, ...]:
    """The sentences of the checks that found violations, each with what to do; ``counts`` by check name."""
    return tuple(
        f"{check.sentence.format(count=counts[check.name])}. Việc cần làm: {check.remedy}"
        for check in CHECKS
        if counts[check.name]
    )


def find_violations(connection: duckdb.DuckDBPyConnection) -> None:
    """Run every check once and make ``VIOLATIONS`` of what they found."""
    found = " union all ".join(
        f"select '{check.name}' as check_name, cast(violation as varchar) as violation"
        f" from ({check.query.format(batch=LINES)}) as violation"
        for check in CHECKS
    )
    connection.execute(f"create or replace table {VIOLATIONS} as {found}")


def count_violations(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """How many of them there are by check name, counted without Great Expectations."""
    found = dict(connection.execute(f"select check_name, count(*) from {VIOLATIONS} group by check_name").fetchall())
    return {check.name: found.get(check.name, 0) for check in CHECKS}
