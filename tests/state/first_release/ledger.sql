BEGIN TRANSACTION;
CREATE TABLE acknowledgement (
    document_id text primary key,
    status text not null check (status in ('done', 'fail')),
    reason text not null,
    recipient text not null,
    payload text not null,
    night_on text not null,
    acknowledged_at text,
    attempts integer not null default 0
);
INSERT INTO "acknowledgement" VALUES('750200','done','','000.00.03.H51','<x/>','2021-12-20',NULL,0);
CREATE TABLE landed (
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
INSERT INTO "landed" VALUES(1,'7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed','7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed','drop','drop_file','H51.03/a.txt','2021-12-20','2021-12-20T01:30:00',3,'{}');
CREATE TABLE outcome (
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
INSERT INTO "outcome" VALUES(1,'2021-12-20','2021-12-20T01:30:00','drop','parse','H51.03/a.txt','refused','không đọc được',NULL,NULL);
CREATE TABLE watermark (
    resource text primary key,
    updated_at text not null
);
INSERT INTO "watermark" VALUES('dossiers','2021-12-19T08:00:00');
CREATE INDEX outcome_night on outcome (night_on);
COMMIT;
