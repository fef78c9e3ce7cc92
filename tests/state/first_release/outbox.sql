BEGIN TRANSACTION;
CREATE TABLE mail (
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
INSERT INTO "mail" VALUES('<cchc.20211220.1@soctrang.gov.vn>','H51.03','2021-12-20','a@example.vn','Báo cáo',X'4D6573736167652D49443A203C636368632E32303231313232302E3140736F637472616E672E676F762E766E3E0D0A546F3A2061406578616D706C652E766E0D0A5375626A6563743A203D3F7574662D383F623F51734F686279426A773646763F3D0D0A436F6E74656E742D547970653A20746578742F706C61696E3B20636861727365743D227574662D38220D0A436F6E74656E742D5472616E736665722D456E636F64696E673A20376269740D0A4D494D452D56657273696F6E3A20312E300D0A0D0A780D0A','waiting','',0,'2021-12-20T01:30:00',NULL);
CREATE TABLE told (
    owner text not null,
    case_key text not null,
    night text not null,
    primary key (owner, case_key, night)
);
INSERT INTO "told" VALUES('H51.03','late:2021','2021-12-20');
COMMIT;
