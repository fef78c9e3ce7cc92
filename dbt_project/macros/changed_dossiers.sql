{#-
Dossiers come in pages, and a page may speak of any dossier, so that the parts of `fct_dossier` are pages and its rows go
by dossier: every dossier that a changed page names is built again from all its states. Written down besides, for what
counts dossiers by day: the days that a changed dossier was received, finished or returned on, before and after.
-#}
{%- macro forget_changed_dossiers(states, marks) -%}
    {{ forget_dossiers(states, marks) }}
    create table if not exists build.{{ this.name }}_day (part varchar not null, mark ubigint not null);
    {% if is_incremental() %}
    {{ mark_days('build.' ~ this.name ~ '_states') }}
    {% else %}
    update build.{{ this.name }}_day set mark = nextval('build.change');
    {% endif %}
{%- endmacro -%}

{#- The changed pages (`build.<model>_page` by number), as `build.<model>_key` the dossiers that they speak of, and as
`build.<model>_states` all states of these, for which every dossier is looked at, once. What was built of them is found by their
pages. A model that is built after `another` one takes over the states that the other has looked up, if both have the same pages
to go by: always, unless one of them broke off or was built alone. A test finds the dossiers' rows by the pages that their states
came on (`build.<model>_read`) and by their ids: DuckDB passes over what lies on other pages, and has to look at every id. -#}
{%- macro forget_dossiers(states, marks, another=none) -%}
    {{ forget_changed_parts(marks) }}
    {% if not is_incremental() %}
    drop table if exists build.{{ this.name }}_states;
    {% else %}
    create or replace table build.{{ this.name }}_page as
    select cast(changed.part as bigint) as part
    from build.{{ this.name }}_changed as changed;
    create or replace table build.{{ this.name }}_key as
    select distinct dossier_id as part
    from {{ states }}
    where landed_id in (select pages.part from build.{{ this.name }}_page as pages);
    {% if another %}
    create table if not exists build.{{ another.name }}_states as select * from {{ states }} limit 0;
    {% endif %}
    create or replace table build.{{ this.name }}_states as
    select * from {{ states }}
    where dossier_id in (
        select changed.part from build.{{ this.name }}_key as changed
        {% if another %}
        where not {{ has_same_pages(another) }}
        {% endif %}
    )
    {% if another %}
    union all
    select * from build.{{ another.name }}_states
    where {{ has_same_pages(another) }}
    {% endif %};
    delete from {{ this }} as held using build.{{ this.name }}_states as touched
    where held.landed_id = touched.landed_id and held.dossier_id = touched.dossier_id;
    create or replace table build.{{ this.name }}_read as
    select distinct landed_id as part from build.{{ this.name }}_states;
    {% endif %}
{%- endmacro -%}

{#- Whether `another` model looked up the states of the dossiers that the same pages speak of. -#}
{%- macro has_same_pages(another) -%}
    (
        select (select count(*) > 0 from build.{{ another.name }}_states) and count(*) = 0
        from build.{{ this.name }}_changed as own
        full outer join build.{{ another.name }}_changed as other on own.part = other.part
        where own.mark is distinct from other.mark
    )
{%- endmacro -%}

{%- macro remember_changed_dossiers() -%}
    {% if not is_incremental() %}{{ mark_days(this) }}{% endif %}
    {{ remember_changed() }}
{%- endmacro -%}

{#- The last model that reads the states drops them. -#}
{%- macro remember_dossiers(another) -%}
    drop table if exists build.{{ another.name }}_states;
    drop table if exists build.{{ this.name }}_states;
    {{ remember_changed() }}
{%- endmacro -%}

{#- The states that are read: of the touched dossiers, which the model's hook has looked up; all, where it is built whole. -#}
{%- macro touched_states(states) -%}
    {%- if this and is_incremental() -%}build.{{ this.name }}_states{%- else -%}{{ states }}{%- endif -%}
{%- endmacro -%}

{#- A dossier's codes, read: what is no code of the interface is null. -#}
{%- macro dossier_codes() -%}
    {{ organ_code('organ_id') }} as organ_code,
        {{ procedure_code('procedure_id') }} as procedure_code,
        {{ code_number('channel_code') }} as channel_number,
        {{ code_number('service_level_code') }} as service_level,
        {{ code_number('return_channel_code') }} as return_channel_number,
        {{ code_number('state_code') }} as state_number
{%- endmacro -%}

{#- A new mark for each day that a dossier was received, finished or returned on by one of `rows`. -#}
{%- macro mark_days(rows) -%}
    create or replace temp table {{ this.name }}_touched as
    select distinct cast(unnest([received_at, finished_at, returned_at]) as date) as day
    from {{ rows }};
    delete from build.{{ this.name }}_day
    where part in (select cast(touched.day as varchar) from {{ this.name }}_touched as touched);
    insert into build.{{ this.name }}_day
    select cast(touched.day as varchar), nextval('build.change')
    from {{ this.name }}_touched as touched
    where touched.day is not null;
    drop table {{ this.name }}_touched;
{%- endmacro -%}
