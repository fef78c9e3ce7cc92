"""What each submission's results were made from, as one number: by it the gate knows what to judge again."""

from __future__ import annotations

JUDGED = """
create table if not exists audit.judged (
    submission_id varchar not null,
    rules_version varchar not null,
    mark ubigint not null, -- of everything that the results were made from
    judged_on date not null,
    figures hugeint, -- all figures of the form as one number; null for a form without any
    figure_count bigint,
    long_count bigint,
    round_count bigint
);
"""

#: What the results of a submission are made from besides its own lines, which never change.
MARK = """
create or replace table audit.rule_mark as
with place as (
    select place.* from audit.rule_place as place
    inner join audit.rule_live as live on place.submission_id = live.submission_id
),
standing as (
    select standing.submission_id, place.agency_code, place.period_code, place.level, place.data_to
    from audit.rule_standing as standing
    inner join audit.rule_place as place on standing.submission_id = place.submission_id
),
history as (
    select place.submission_id, sum(hash(standing.submission_id)) as mark
    from place inner join standing on place.agency_code = standing.agency_code and standing.data_to < place.data_to
    group by place.submission_id
),
peers as (
    select period_code, level, sum(hash(submission_id)) as mark from standing group by period_code, level
),
recorded as (
    select agency_code, period_code, sum(hash(measure_name, recorded_value)) as mark
    from intermediate.int_recorded_measure group by agency_code, period_code
),
twins as (
    select here.submission_id, sum(hash(standing.submission_id)) as mark
    from audit.rule_figures as here
    inner join audit.rule_figures as there on here.figures = there.figures and here.submission_id <> there.submission_id
    inner join standing on there.submission_id = standing.submission_id
    group by here.submission_id
),
books as (
    select book, book_year, sum(distinct hash(serial, dated_on)) as mark
    from audit.rule_document where submission_id in (select submission_id from audit.rule_standing)
    group by book, book_year
),
cited as (
    select document.submission_id, sum(hash(document.book, document.book_year, books.mark)) as mark
    from audit.rule_document as document
    left join books on document.book = books.book and document.book_year is not distinct from books.book_year
    group by document.submission_id
),
register as (
    select agency_code, min(promulgated_on) as first_on, max(promulgated_on) as last_on
    from intermediate.int_outgoing_document_latest group by agency_code
),
registered as (
    select document.submission_id, sum(hash(
        document.number, document.dated_on between register.first_on and register.last_on, sent.document_number is not null
    )) as mark
    from audit.rule_document as document
    inner join place on document.submission_id = place.submission_id
    inner join register on place.agency_code = register.agency_code
    left join (
        select distinct agency_code, upper(document_number) as document_number, promulgated_on
        from intermediate.int_outgoing_document_latest
    ) as sent
        on place.agency_code = sent.agency_code and upper(document.number) = sent.document_number
        and document.dated_on = sent.promulgated_on
    group by document.submission_id
)
select
    place.submission_id,
    hash(
        place.agency_code, place.period_code, place.form_code, history.mark, peers.mark, recorded.mark, twins.mark,
        cited.mark, registered.mark
    ) as mark
from place
left join history on place.submission_id = history.submission_id
left join peers on place.period_code = peers.period_code and place.level = peers.level
left join recorded on place.agency_code = recorded.agency_code and place.period_code = recorded.period_code
left join twins on place.submission_id = twins.submission_id
left join cited on place.submission_id = cited.submission_id
left join registered on place.submission_id = registered.submission_id
"""
