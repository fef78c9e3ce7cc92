"""Rules over the documents that notes cite: their year, their order in the issuer's book, whether the register has them.

The cases stand in ``audit.rule_cited``: one row a document of a submission that waits. A book is one notation of one
issuer in one year (``KH-STC`` of 2021). A number that states its year, ``03/2021/QĐ-UBND``, is one document for everybody;
without it (``52/QĐ-UBND``) a notation may be that of several issuers, and only what one agency cites is held together.
"""

from __future__ import annotations

from expectations.rules import Rule
from expectations.sql import CaseRule

_NAME = "number || coalesce(' ngày ' || strftime(dated_on, '%d/%m/%Y'), '')"

#: Documents of the submissions that may be judged, or stand for others; ``audit.rule_live`` says which.
BOOKS = """
create or replace table audit.rule_document as
with parsed as (
    select
        document.submission_id, document.indicator_code, document.document_position as place,
        document.document_number as number, document.document_on as dated_on,
        try_cast(regexp_extract(document.document_number, '^[0-9]+') as bigint) as serial,
        upper(regexp_replace(document.document_number, '^[^/]*/([0-9]+/)?', '')) as notation,
        try_cast(nullif(regexp_extract(document.document_number, '/([0-9]+)/', 1), '') as integer) as stated_year
    from staging.stg_raw__submission_document as document
    inner join audit.rule_live as live on document.submission_id = live.submission_id
)
select
    parsed.*, coalesce(stated_year, year(dated_on)) as book_year,
    case when stated_year is null then place.agency_code || ' ' else '' end || notation as book
from parsed
inner join audit.rule_place as place on parsed.submission_id = place.submission_id
"""

#: What a document is held against: the agency's other documents of the book, and the register.
PREPARE = """
create or replace table audit.rule_cited as
with waiting as (
    select document.*, place.period_year, place.opens_on, place.agency_code
    from audit.rule_document as document
    inner join audit.rule_place as place on document.submission_id = place.submission_id
    where document.submission_id in (select submission_id from audit.rule_operand)
),
known as (
    select book, notation, book_year, serial, dated_on, count(distinct submission_id) as report_count
    from audit.rule_document
    where serial is not null and dated_on is not null and submission_id in (select submission_id from audit.rule_standing)
    group by book, notation, book_year, serial, dated_on
),
others as (
    select books.submission_id, known.*
    from known
    inner join (select distinct submission_id, book, book_year from waiting) as books
        on known.book = books.book and known.book_year = books.book_year
    union all
    select distinct submission_id, book, notation, book_year, serial, dated_on, 1
    from waiting
    where serial is not null and dated_on is not null
        and submission_id not in (select submission_id from audit.rule_standing)
),
compared as (
    select
        waiting.submission_id, waiting.indicator_code, waiting.place,
        sum(others.report_count) as other_count,
        sum(others.report_count) filter (where
            (others.serial > waiting.serial and others.dated_on < waiting.dated_on)
            or (others.serial < waiting.serial and others.dated_on > waiting.dated_on)
            or (others.serial = waiting.serial and others.dated_on <> waiting.dated_on)
        ) as conflict_count,
        arg_min(others.serial || '/' || others.notation || ' ngày ' || strftime(others.dated_on, '%d/%m/%Y'),
            (abs(others.serial - waiting.serial), others.dated_on)) filter (where
            (others.serial > waiting.serial and others.dated_on < waiting.dated_on)
            or (others.serial < waiting.serial and others.dated_on > waiting.dated_on)
            or (others.serial = waiting.serial and others.dated_on <> waiting.dated_on)
        ) as conflicting
    from waiting
    inner join others
        on waiting.submission_id = others.submission_id and waiting.book = others.book
        and waiting.book_year = others.book_year
        and (waiting.serial <> others.serial or waiting.dated_on <> others.dated_on)
    group by waiting.submission_id, waiting.indicator_code, waiting.place
),
register as (
    select agency_code, upper(document_number) as number, promulgated_on
    from intermediate.int_outgoing_document_latest
    where agency_code in (select agency_code from waiting)
),
reach as (
    select agency_code, min(promulgated_on) as first_on, max(promulgated_on) as last_on from register group by agency_code
),
issued as (
    select
        waiting.submission_id, waiting.indicator_code, waiting.place,
        exists (
            select 1 from register
            where register.agency_code = waiting.agency_code and register.number = upper(waiting.number)
                and register.promulgated_on = waiting.dated_on
        ) as is_registered
    from waiting
    inner join seed.agencies as agency on waiting.agency_code = agency.agency_code
    inner join reach on waiting.agency_code = reach.agency_code
    where waiting.dated_on between reach.first_on and reach.last_on
        and list_contains(string_split(waiting.notation, '-'), upper(agency.doc_suffix))
)
select
    waiting.*, coalesce(compared.other_count, 0) as other_count, coalesce(compared.conflict_count, 0) as conflict_count,
    compared.conflicting, issued.is_registered,
    avg(cast(issued.is_registered as integer)) over (partition by waiting.submission_id) as registered_share,
    regexp_matches(lower(line.note), '(năm|giai đoạn)[^0-9;]*([0-9]+ *[-–] *)?' || year(waiting.dated_on) || '([^0-9]|$)')
        as is_year_stated,
    cast(indicator.form_row as integer) * 100 + waiting.place as position
from waiting
inner join intermediate.int_submission_line as line
    on waiting.submission_id = line.submission_id and waiting.indicator_code = line.indicator_code
inner join seed.indicators as indicator on waiting.indicator_code = indicator.code
left join compared
    on waiting.submission_id = compared.submission_id and waiting.indicator_code = compared.indicator_code
    and waiting.place = compared.place
left join issued
    on waiting.submission_id = issued.submission_id and waiting.indicator_code = issued.indicator_code
    and waiting.place = issued.place
"""


def dated(rule: Rule) -> CaseRule:
    """A document belongs to the reporting year (from 15/12 of the year before), unless its number states its year or the
    note speaks of that year; a number that states a year has a date in it."""
    return _documents(
        rule,
        evaluated="dated_on is not null",
        broken=(
            "case when stated_year is not null then year(dated_on) <> stated_year"
            " else not is_year_stated and (dated_on < opens_on or year(dated_on) > period_year) end"
        ),
        left_value="year(dated_on)",
        right_value="coalesce(stated_year, period_year)",
        right_text="case when stated_year is not null then 'số văn bản ghi năm ' || stated_year"
        " else 'năm báo cáo ' || period_year end",
    )


def ordered(rule: Rule) -> CaseRule:
    """Within a book a later date has a higher number. Broken by a document that contradicts half of the others or more,
    counted by the reports that cite them: one wrong date contradicts many, each of the many only the one."""
    return _documents(
        rule,
        evaluated="other_count > 0",
        broken="conflict_count * 2 >= other_count and conflict_count > 0",
        left_value="serial",
        right_value="conflict_count",
        right_text="conflicting || ' trong cùng sổ'",
    )


def registered(rule: Rule) -> CaseRule:
    """The agency's own document is in the register of documents sent, where the register reaches to its day and holds at
    least half of the agency's cited documents: a register that keeps no plans can't tell which plan is unknown."""
    return _documents(
        rule,
        evaluated="is_registered is not null and registered_share >= 0.5",
        broken="not is_registered",
        left_value="serial",
        right_value="null",
        right_text="'không có trong sổ văn bản đi'",
    )


def _documents(
    rule: Rule, *, evaluated: str, broken: str, left_value: str, right_value: str, right_text: str
) -> CaseRule:
    return CaseRule(
        rule=rule,
        source="audit.rule_cited",
        evaluated=evaluated,
        broken=broken,
        position="position",
        left_value=left_value,
        right_value=right_value,
        left_text=f"'ghi chú ' || indicator_code || ' nêu ' || {_NAME}",
        right_text=right_text,
    )
