create table if not exists landed (
    landed_id integer primary key,
    sha256 text not null,
    original_sha256 text not null,
    source text not null,
    kind text not null,
    locator text not null,
    night_on text not null,
    landed_at text not null,
    size_bytes integer not null,
    meta text not null,
    unique (kind, original_sha256)
);
create table if not exists outcome (
    outcome_id integer primary key,
    night_on text not null,
    recorded_at text not null,
    source text not null,
    step text not null,
    locator text not null,
    result text not null,
    reason text not null,
    item_count integer,
    sha256 text
);
create index if not exists outcome_night on outcome (night_on);
create table if not exists watermark (
    resource text primary key,
    updated_at text not null
);
create table if not exists acknowledgement (
    document_id text primary key,
    status text not null check (status in ('done', 'fail')),
    reason text not null,
    recipient text not null,
    payload text not null,
    night_on text not null,
    acknowledged_at text,
    attempts integer not null default 0
);
