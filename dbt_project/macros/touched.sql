{#-
Which parts of each model an input touched since it was last read: see touched_parts.sql. Rows of a submission are never
changed once they came (raw tables only grow, and a submission comes whole). `$name$` is the first row or number that is new.
-#}

{#- Parts of a model upstream that have a number not seen before. -#}
{%- macro touched_parts_of(relation) -%}
    select part from build.{{ relation.name }} where mark >= ${{ relation.name }}$
{%- endmacro -%}

{%- macro parts_of(relation) -%}
    select part from build.{{ relation.name }}
{%- endmacro -%}

{#- Pairs for `inputs`: raw tables, by their staging models, and models with numbers. -#}
{%- macro came_by(relations) -%}
    {%- set pairs = [] -%}
    {%- for relation in relations -%}
        {%- do pairs.append((relation, 'arrival_order' if relation.name.startswith('stg_') else none)) -%}
    {%- endfor -%}
    {{ return(pairs) }}
{%- endmacro -%}

{#- Where the agency and the period of each row of `submissions` are looked for: the agency that the reader understood;
else the one that the organ id names. -#}
{%- macro placed_submissions(submissions) -%}
    select
        submissions.*,
        coalesce(understood.agency_code, addressed.agency_code, 'unknown') as resolved_agency_code,
        coalesce(periods.period_code, 'unknown') as resolved_period_code,
        periods.due_on
    from {{ submissions }} as submissions
    left join {{ ref('dim_agency') }} as understood on submissions.agency_code = understood.agency_code
    left join {{ ref('dim_agency') }} as addressed on submissions.organ_code = addressed.agency_code
    left join {{ ref('dim_period') }} as periods on submissions.period_code = periods.period_code
{%- endmacro -%}

{#- Submissions that came, or that something was told of, with all that stand for the same agency and period: a place in
a chain depends on the others in it. -#}
{%- macro forget_touched_places() -%}
    {%- set submissions, events = ref('stg_raw__submission'), ref('stg_raw__submission_event') -%}
    {%- set problems, targets, messages = ref('stg_raw__problem'), ref('stg_raw__edoc_target'), ref('stg_raw__edoc_message') -%}
    {%- set touched -%}
    with

    said as (
        {{ touched_targets() }}
    ),

    told_of as (
        select submission_id from {{ events }} where arrival_order >= $stg_raw__submission_event$
        union
        select submission_id from {{ problems }} where arrival_order >= $stg_raw__problem$
    ),

    came as (
        select * from {{ submissions }} where arrival_order >= $stg_raw__submission$
    ),

    stood as (
        select submission_id, agency_code, period_code from {{ this }}
        where
            submission_id in (select told_of.submission_id from told_of)
            or document_id in (select said.target_document_id from said)
    ),

    places as (
        select agency_code, period_code from stood
        union
        select resolved_agency_code, resolved_period_code from ({{ placed_submissions('came') }})
    )

    select submission_id as part from came
    union
    select held.submission_id from {{ this }} as held
    inner join places on held.agency_code = places.agency_code and held.period_code = places.period_code
    {%- endset -%}
    {%- set base -%}
    hash(
        {{ mark_of_all(ref('dim_agency')) }}, {{ mark_of_all(ref('dim_period')) }}, {{ mark_of_all(ref('source_precedence')) }},
        {{ mark_of_all(ref('dim_indicator')) }}
    )
    {%- endset -%}
    {{ forget_touched_rows(
        'submission_id', 'select submission_id as part from ' ~ submissions, touched,
        came_by([submissions, events, problems, targets, messages]), base
    ) }}
{%- endmacro -%}

{#- What was newly said of other documents, or is newly known of who said it. -#}
{%- macro touched_targets() -%}
    {%- set targets, messages = ref('stg_raw__edoc_target'), ref('stg_raw__edoc_message') -%}
    select document_id, target_document_id from {{ targets }} where arrival_order >= $stg_raw__edoc_target$
    union all
    select targets.document_id, targets.target_document_id
    from {{ targets }} as targets
    inner join {{ messages }} as messages
        on targets.document_id = messages.document_id and targets.landed_id = messages.landed_id
    where messages.arrival_order >= $stg_raw__edoc_message$
{%- endmacro -%}

{#- Submissions for the agencies and periods of which something was told: of a submission for them, before or now, or of one
that replaces it. They are judged together. -#}
{%- macro touched_judgements() -%}
    {%- set placed, targets = ref('int_submission_placed'), ref('stg_raw__edoc_target') -%}
    with

    said as (
        {{ touched_targets() }}
    ),

    told_of as (
        {{ touched_parts_of(placed) }}
        union
        {{ touched_parts_of(ref('int_rule_verdict')) }}
        union
        select submission_id from {{ ref('stg_raw__submission_event') }} where arrival_order >= $stg_raw__submission_event$
        union
        select submission_id from {{ ref('stg_raw__problem') }} where arrival_order >= $stg_raw__problem$
    ),

    own as (
        select document_id, agency_code, period_code
        from {{ placed }}
        where
            submission_id in (select told_of.part from told_of)
            or document_id in (select said.target_document_id from said)
            or document_id in (select said.document_id from said)
    ),

    places as (
        select part from build.{{ placed.name }}_place where mark >= ${{ placed.name }}$
        union
        select {{ agency_period() }} from own
        union
        select named.agency_code || '|' || named.period_code
        from {{ targets }} as targets
        inner join own on targets.document_id = own.document_id
        inner join {{ placed }} as named on targets.target_document_id = named.document_id
    )

    select submission_id as part from {{ placed }}
    where {{ agency_period() }} in (select places.part from places)
{%- endmacro -%}

{#- For the judgement of now, and that of every night. -#}
{%- macro forget_touched_judgements(is_history) -%}
    {%- set placed = ref('int_submission_placed') -%}
    {%- set inputs = came_by([
        placed, ref('int_rule_verdict'), ref('stg_raw__submission_event'), ref('stg_raw__problem'),
        ref('stg_raw__edoc_target'), ref('stg_raw__edoc_message')
    ]) -%}
    {%- set forget = forget_touched if is_history else forget_touched_rows -%}
    {{ forget('submission_id', parts_of(placed), touched_judgements(), inputs) }}
{%- endmacro -%}

{#- Submissions that have another place, or lines of the catalogue that are others. -#}
{%- macro forget_touched_lines() -%}
    {%- set placed = ref('int_submission_placed') -%}
    {{ forget_touched(
        'submission_id', parts_of(placed), touched_parts_of(placed), came_by([placed]), mark_of_all(ref('dim_indicator'))
    ) }}
{%- endmacro -%}

{#- Submissions that the gate or an officer judged. -#}
{%- macro forget_touched_verdicts() -%}
    {%- set results, waivers = ref('stg_audit__rule_result'), ref('stg_raw__waiver') -%}
    {%- set touched -%}
    select submission_id as part from {{ results }} where arrival_order >= $stg_audit__rule_result$
    union all
    select submission_id as part from {{ waivers }} where arrival_order >= $stg_raw__waiver$
    {%- endset -%}
    {{ forget_touched(
        'submission_id', 'select submission_id as part from ' ~ results, touched, came_by([results, waivers])
    ) }}
{%- endmacro -%}

{#- Submissions that were judged, or judged ones that have another place. -#}
{%- macro forget_touched_results() -%}
    {%- set verdicts, placed = ref('int_rule_verdict'), ref('int_submission_placed') -%}
    {{ forget_touched(
        'submission_id', parts_of(verdicts), touched_parts_of(verdicts) ~ ' union all ' ~ touched_parts_of(placed),
        came_by([verdicts, placed])
    ) }}
{%- endmacro -%}

{#- Submissions that count for something else, or whose lines were built again; with their agencies and periods. -#}
{%- macro forget_touched_figures() -%}
    {%- set judged, lines = ref('int_submission_judged'), ref('int_submission_line') -%}
    {%- set places -%}
    select submission_id as part, {{ agency_period() }} as place from {{ judged }}
    {%- endset -%}
    {{ forget_touched(
        'submission_id', parts_of(judged), touched_parts_of(judged) ~ ' union all ' ~ touched_parts_of(lines),
        came_by([judged, lines]), places=places
    ) }}
{%- endmacro -%}

{#- Agencies and periods whose figures, or what their submissions count for, are others. -#}
{%- macro forget_touched_versions() -%}
    {%- set submissions, figures = ref('fct_submission'), ref('fct_indicator_value') -%}
    {%- set everything -%}
    select part from build.{{ submissions.name }}_place
    {%- endset -%}
    {%- set touched -%}
    select part from build.{{ submissions.name }}_place where mark >= ${{ submissions.name }}$
    union all
    select part from build.{{ figures.name }}_place where mark >= ${{ figures.name }}$
    {%- endset -%}
    {{ forget_touched(agency_period(), everything, touched, came_by([submissions, figures])) }}
{%- endmacro -%}

{#- Nights on which something happened that is new, or on which a submission was judged, before or now. -#}
{%- macro forget_touched_nights() -%}
    {%- set outcomes, problems, verdicts = ref('stg_raw__outcome'), ref('stg_raw__problem'), ref('int_rule_verdict') -%}
    {%- set everything -%}
    select cast(night_on as varchar) as part from {{ outcomes }}
    union all
    select cast(night_on as varchar) as part from {{ problems }}
    union all
    select cast(night_on as varchar) as part from {{ verdicts }}
    {%- endset -%}
    {%- set touched -%}
    select cast(night_on as varchar) as part from {{ outcomes }} where arrival_order >= $stg_raw__outcome$
    union all
    select cast(night_on as varchar) as part from {{ problems }} where arrival_order >= $stg_raw__problem$
    union all
    select cast(night_on as varchar) as part from {{ verdicts }}
    where submission_id in ({{ touched_parts_of(verdicts) }})
    union all
    select cast(night_on as varchar) as part from {{ this }}
    where step = 'check' and submission_id in ({{ touched_parts_of(verdicts) }})
    {%- endset -%}
    {{ forget_touched('cast(night_on as varchar)', everything, touched, came_by([outcomes, problems, verdicts])) }}
{%- endmacro -%}

{#- Documents that were cited or sent, or are registered otherwise than before; with those who issued them. The register's
documents are compared whole: a state of a document may give it another number. -#}
{%- macro forget_touched_documents() -%}
    {%- set registered, citations, placed = ref('fct_outgoing_document'), ref('fct_citation'), ref('int_submission_placed') -%}
    create table if not exists build.{{ this.name }}_register (part varchar not null, mark ubigint not null);
    create or replace table build.{{ this.name }}_registered as
    {{ marks_by(registered, 'document_key') }};
    {%- set everything -%}
    select document_key as part from {{ registered }}
    union all
    select document_key as part from {{ citations }}
    union all
    select document_key as part from {{ placed }}
    union all
    select 'unknown' as part
    {%- endset -%}
    {%- set touched -%}
    select coalesce(held.part, former.part) as part
    from build.{{ this.name }}_registered as held
    full outer join build.{{ this.name }}_register as former on held.part = former.part
    where held.mark is distinct from former.mark
    union all
    select document_key as part from {{ citations }}
    where submission_id in ({{ touched_parts_of(citations) }})
    union all
    select document_key as part from {{ placed }}
    where submission_id in ({{ touched_parts_of(placed) }})
    {%- endset -%}
    {{ forget_touched('document_key', everything, touched, came_by([citations, placed]), mark_of_all(ref('dim_agency'))) }}
{%- endmacro -%}

{#- Keep the numbers, the register, and which issuers' documents are others than before. -#}
{%- macro remember_documents() -%}
    update build.{{ this.name }}_changed set place = held.agency_code
    from {{ this }} as held
    where part = held.document_key;
    {{ remember_touched() }}
    create or replace table build.{{ this.name }}_register as select * from build.{{ this.name }}_registered;
{%- endmacro -%}

{#- Submissions that count for something else, were read otherwise, or cite what is known otherwise: the document, or any of
its issuer's, among whose numbers and dates it stands. -#}
{%- macro forget_touched_citation_checks() -%}
    {%- set submissions, citations, documents = ref('fct_submission'), ref('fct_citation'), ref('dim_document') -%}
    {%- set touched -%}
    with

    own as (
        {{ touched_parts_of(submissions) }}
        union
        {{ touched_parts_of(citations) }}
    ),

    issuers as (
        select part from build.{{ documents.name }}_place where mark >= ${{ documents.name }}$
        union
        select held.agency_code
        from {{ documents }} as held
        inner join {{ citations }} as cited on held.document_key = cited.document_key
        where cited.submission_id in (select own.part from own)
    ),

    known_otherwise as (
        {{ touched_parts_of(documents) }} and part <> 'unknown'
        union
        select document_key from {{ documents }}
        where agency_code <> 'unknown' and agency_code in (select issuers.part from issuers)
    )

    select part from own
    union
    select submission_id from {{ citations }}
    where document_key in (select known_otherwise.part from known_otherwise)
    {%- endset -%}
    {{ forget_touched(
        'submission_id', parts_of(citations), touched, came_by([submissions, citations, documents]), mark_of_all(ref('dim_period'))
    ) }}
{%- endmacro -%}
