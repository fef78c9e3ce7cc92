-- Raw tables: as reported. Rows are only ever added. Timestamps are local (Asia/Ho_Chi_Minh), without an offset.
create schema if not exists raw;

-- The ledger of the landing zone, copied: one row for each body that landed.
create table if not exists raw.landed (
    landed_id bigint primary key,
    sha256 varchar not null,
    original_sha256 varchar not null,
    source varchar not null, -- portal, edoc, drop, officer
    kind varchar not null, -- submissions_page, dossiers_page, edoc_message, outgoing_page, drop_file, waiver
    locator varchar not null,
    night_on date not null,
    landed_at timestamp not null,
    size_bytes bigint not null
);

-- Every fetch, landing, parse and acknowledgement, and what became of it.
create table if not exists raw.outcome (
    outcome_id bigint primary key,
    night_on date not null,
    recorded_at timestamp not null,
    source varchar not null,
    step varchar not null, -- fetch, land, parse, acknowledge
    locator varchar not null,
    result varchar not null, -- ok, unchanged, skipped, refused, failed
    reason varchar not null,
    item_count bigint,
    sha256 varchar
);

-- One row for each revision of each submission that a door gave.
create table if not exists raw.submission (
    submission_id varchar primary key,
    source varchar not null, -- portal, edoc, drop
    door_id varchar not null, -- the door's own name: the portal's submission_id, the axis's docId, the drop's path
    document_id varchar, -- edXML DocumentId, by which recalls and replacements name it
    organ_id varchar, -- the organ id as given by the door, in whichever form
    agency_code varchar, -- as understood from organ id, title block, folder or name; null when unknown
    form_code varchar not null,
    period_code varchar, -- null when unknown
    revision integer not null, -- the door's own; for edoc and drops counted in order of arrival
    reading varchar not null, -- typed, scanned
    document_number varchar,
    document_on date,
    submitted_at timestamp, -- when the agency sent it, as the door tells; null for drops
    updated_at timestamp, -- the door's own clock for this state; null for drops
    received_at timestamp not null, -- when the province received it: submitted_at, the axis's created_time, or the drop's night
    night_on date not null, -- the night that knew it first
    locator varchar not null, -- page, message or file
    sha256 varchar not null, -- of the body that brought it
    content_sha256 varchar not null, -- of what it says: the same content under the same revision is the same submission
    landed_id bigint not null
);

-- What happened to a submission after it came: withdrawn, reinstated. In order of event_at.
create table if not exists raw.submission_event (
    submission_id varchar not null,
    event varchar not null, -- submitted, withdrawn
    event_at timestamp not null,
    reason varchar not null,
    night_on date not null,
    landed_id bigint not null
);

-- One row for each answerable line of each submission, always all of them.
create table if not exists raw.submission_line (
    submission_id varchar not null,
    line_order integer not null,
    indicator_code varchar not null,
    value_text varchar not null, -- as typed
    value decimal(20, 6),
    unit varchar not null,
    note varchar not null,
    observation_status varchar not null, -- reported, blank, not_applicable, unreadable, doubtful
    confidence double not null,
    locator varchar not null,
    ratio_numerator decimal(20, 6),
    ratio_denominator decimal(20, 6)
);

-- Official documents cited in the notes.
create table if not exists raw.submission_document (
    submission_id varchar not null,
    indicator_code varchar not null,
    position integer not null,
    document_number varchar not null,
    document_on date,
    date_text varchar not null
);

-- What a person should know about a file, a page, a row or a cell.
create table if not exists raw.problem (
    landed_id bigint not null,
    submission_id varchar, -- null where no submission came of it
    source varchar not null,
    severity varchar not null, -- error, warning, info
    code varchar not null,
    message varchar not null, -- Vietnamese
    locator varchar not null,
    night_on date not null
);

-- Every state of every dossier, without personal fields.
create table if not exists raw.dossier (
    dossier_id varchar not null, -- MaHoSo
    procedure_id varchar, -- MaTTHC as given
    procedure_name varchar, -- TenTTHC
    field_code varchar, -- MaLinhVuc
    organ_id varchar, -- MaDonVi as given
    channel_code varchar, -- KenhThucHien: 1 counter, 2 online, 3 public post
    service_level varchar, -- MucDo: 2, 3, 4
    filed_at timestamp, -- NgayNopHoSo
    received_at timestamp, -- NgayTiepNhan
    due_at timestamp, -- NgayHenTra
    finished_at timestamp, -- NgayKetThucXuLy
    returned_at timestamp, -- NgayTra
    return_channel_code varchar, -- HinhThuc: 0 counter, 1 public post, 2 online
    state_code varchar, -- TrangThaiHoSo, 1 to 10
    updated_at timestamp not null,
    night_on date not null,
    landed_id bigint not null
);

-- Every state of every document of the outgoing register.
create table if not exists raw.outgoing_document (
    document_id varchar not null,
    organ_id varchar,
    document_number varchar, -- code
    promulgated_on date,
    sent_form varchar, -- electronic, electronic_and_paper, paper
    is_digitally_signed boolean,
    updated_at timestamp,
    night_on date not null,
    landed_id bigint not null
);

-- Every e-document taken in, reports and others.
create table if not exists raw.edoc_message (
    door_id varchar not null, -- docId
    document_id varchar not null, -- edXML DocumentId
    organ_id varchar not null, -- the sender's
    document_number varchar,
    promulgated_on date,
    subject varchar not null,
    business varchar not null, -- new, recall, update, replace
    created_at timestamp, -- created_time on the axis
    night_on date not null,
    landed_id bigint not null
);

-- Documents that a recall, update or replacement names; the named one may arrive later.
create table if not exists raw.edoc_target (
    document_id varchar not null, -- of the message
    target_document_id varchar not null,
    business varchar not null, -- recall, update, replace
    reason varchar not null,
    event_at timestamp not null,
    night_on date not null,
    landed_id bigint not null
);

-- What an officer decided about one submission's failed rule. The last word on a submission and rule counts.
create table if not exists raw.waiver (
    submission_id varchar not null,
    rule_id varchar not null,
    is_in_force boolean not null, -- false: the waiver is taken back
    reason varchar not null,
    decided_by varchar not null,
    decided_at timestamp not null,
    night_on date not null, -- the night that loads it
    landed_id bigint not null
);

-- How far the loader has come; moves in the same transaction as the rows.
create table if not exists raw.load_progress (
    one integer primary key check (one = 1),
    landed_id bigint not null,
    outcome_id bigint not null
);
insert into raw.load_progress values (1, 0, 0) on conflict do nothing;
