create table if not exists purged (
    sha256 text primary key,
    reason text not null,
    decided_by text not null,
    purged_at text not null
);
