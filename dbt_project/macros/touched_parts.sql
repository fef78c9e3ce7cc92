{#-
Incremental by what came, for parts of which there are too many to be compared each night (changed_parts.sql does that for
periods and nights): submissions, and an agency's reports for a period. Every build of a model has a number, greater than all
before it; `build.<model>` keeps for each part the number of the build that last wrote it, and `build.<model>_seen` how far
each input had been read: a raw table to its last row, a model to its last number. Parts that an input touched since are
deleted and built again. Numbers and rows move in one transaction, so that a build that breaks off is made good by the next.

    forget_touched(part, everything, touched, inputs, base)

`everything` and `touched` are queries of (part): all parts, and those that an input touched since it was last read, where
`$name$` stands for the first row or number that is new. `inputs` are pairs of a relation and the column that orders its
rows, or none where it is a model with numbers of its own. When `base` (an expression: the dimensions that all parts are
made with) is another number than before, everything is built again. `places` is a query of (part, place) of the parts in
`build.<model>_changed`: `build.<model>_place` keeps the last number by which a place gained, lost or changed a part.
-#}
{%- macro forget_touched(part, everything, touched, inputs, base='0', places=none) -%}
    {%- set told = touched_since(everything, touched, inputs, base) -%}
    {{ told.begin }}
    create or replace table build.{{ this.name }}_changed as
    select
        parts.part,
        cast({{ told.number }} as ubigint) as mark,
        {{ 'placed.place' if places else 'cast(null as varchar) as place' }}
    from (select distinct part from ({{ told.parts }}) where part is not null) as parts
    {% if places %}
    left join ({{ places }}) as placed on parts.part = placed.part
    {% endif %};
    {% if is_incremental() %}
    delete from {{ this }}
    {% if not told.is_whole %}
    where {{ part }} in (select changed.part from build.{{ this.name }}_changed as changed)
    {% endif %};
    {% endif %}
{%- endmacro -%}

{#- The same for a model of one row a submission that is often built again as it was: what is deleted and built is
`build.<model>_key`, and only submissions whose row is another one than before get the new number. -#}
{%- macro forget_touched_rows(part, everything, touched, inputs, base='0') -%}
    {%- set told = touched_since(everything, touched, inputs, base) -%}
    {{ told.begin }}
    create or replace table build.{{ this.name }}_key as
    select distinct part from ({{ told.parts }}) where part is not null;
    {% if is_incremental() %}
    create or replace table build.{{ this.name }}_former as
    select
        submission_id as part,
        hash(held) as told
    from {{ this }} as held
    {% if not told.is_whole %}
    where {{ part }} in (select touched.part from build.{{ this.name }}_key as touched)
    {% endif %};
    delete from {{ this }}
    {% if not told.is_whole %}
    where {{ part }} in (select touched.part from build.{{ this.name }}_key as touched)
    {% endif %};
    {% else %}
    create or replace table build.{{ this.name }}_former (part varchar, told ubigint);
    {% endif %}
{%- endmacro -%}

{#- Keep the numbers, in the transaction that wrote the rows; of the rows that differ (`is_compared`) after
forget_touched_rows. -#}
{%- macro remember_touched(is_compared=false) -%}
    {% if is_compared %}
    create or replace table build.{{ this.name }}_changed as
    select
        coalesce(held.part, former.part) as part,
        case when held.part is not null then numbered.mark end as mark,
        held.place
    from (
        select
            submission_id as part,
            {{ agency_period() }} as place,
            hash(held) as told
        from {{ this }} as held
        where submission_id in (select touched.part from build.{{ this.name }}_key as touched)
    ) as held
    full outer join build.{{ this.name }}_former as former on held.part = former.part
    cross join (select cast(seen as ubigint) as mark from build.{{ this.name }}_now where source = 'number') as numbered
    where held.told is distinct from former.told;
    {% endif %}
    create or replace table build.{{ this.name }}_moved as
    select
        moved.place as part,
        numbered.mark
    from (
        select place from build.{{ this.name }}_changed
        union
        select place from build.{{ this.name }}
        where part in (select changed.part from build.{{ this.name }}_changed as changed)
    ) as moved
    cross join (select cast(seen as ubigint) as mark from build.{{ this.name }}_now where source = 'number') as numbered
    where moved.place is not null;
    delete from build.{{ this.name }}_place
    where part in (select moved.part from build.{{ this.name }}_moved as moved);
    insert into build.{{ this.name }}_place
    select moved.part, moved.mark from build.{{ this.name }}_moved as moved;
    delete from build.{{ this.name }}
    where part in (select changed.part from build.{{ this.name }}_changed as changed);
    insert into build.{{ this.name }}
    select changed.part, changed.mark, changed.place from build.{{ this.name }}_changed as changed
    where changed.mark is not null;
    delete from build.{{ this.name }}_seen;
    insert into build.{{ this.name }}_seen select now.source, now.seen from build.{{ this.name }}_now as now;
{%- endmacro -%}

{#- What both begin with: `begin` (statements), `parts` (query of the parts to build), `number` (of this build) and
`is_whole` (everything is built again). What was read is written out as numbers, by which DuckDB passes over old rows. -#}
{%- macro touched_since(everything, touched, inputs, base) -%}
    {%- set name = this.name -%}
    {%- set begin -%}
    {% if not is_incremental() %}
    drop table if exists build.{{ name }};
    drop table if exists build.{{ name }}_seen;
    {% endif %}
    create table if not exists build.{{ name }} (part varchar not null, mark ubigint not null, place varchar);
    create table if not exists build.{{ name }}_place (part varchar not null, mark ubigint not null);
    create table if not exists build.{{ name }}_seen (source varchar not null, seen ubigint not null);
    {%- endset -%}
    {%- set ns = namespace(touched=touched, is_whole=true, number=0) -%}
    {%- set now -%}
    create or replace table build.{{ name }}_now as
    select 'number' as source, cast(nextval('build.change') as ubigint) as seen
    union all
    select 'base' as source, cast({{ base }} as ubigint) as seen
    {% for relation, column in inputs %}
    union all
    select
        '{{ relation.name }}' as source,
        cast(coalesce(max({{ column or 'mark' }}) + 1, 0) as ubigint) as seen
    from {{ relation if column else 'build.' ~ relation.name }}
    {% endfor %}
    {%- endset -%}
    {%- if execute -%}
        {%- do run_query(begin ~ now) -%}
        {%- set seen -%}
        select
            now.source,
            cast(now.seen as varchar) as new_seen,
            cast(coalesce(seen.seen, 0) as varchar) as old_seen,
            now.seen is distinct from seen.seen as is_other
        from build.{{ name }}_now as now
        left join build.{{ name }}_seen as seen on now.source = seen.source
        {%- endset -%}
        {%- for source, new, old, is_other in run_query(seen).rows -%}
            {%- if source == 'number' -%}
                {%- set ns.number = new -%}
            {%- elif source == 'base' -%}
                {%- set ns.is_whole = not is_incremental() or is_other -%}
            {%- else -%}
                {%- set ns.touched = ns.touched | replace('$' ~ source ~ '$', old | string) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set whole -%}
    update build.{{ name }}_place set mark = {{ ns.number }};
    {%- endset -%}
    {{ return({
        'begin': whole if ns.is_whole else '',
        'parts': everything if ns.is_whole else ns.touched,
        'number': ns.number,
        'is_whole': ns.is_whole,
    }) }}
{%- endmacro -%}
