create table if not exists mail (
    message_id text primary key,
    owner text not null, -- the department, or an agency's code
    night text not null,
    recipient text not null,
    subject text not null,
    content blob not null,
    state text not null check (state in ('waiting', 'sending', 'sent')),
    reason text not null, -- why the last try failed, or whom the server refused
    tries integer not null,
    queued_at text not null,
    sent_at text
);
create table if not exists told (
    owner text not null,
    case_key text not null,
    night text not null,
    primary key (owner, case_key, night)
);
