-- Whom a mail is still to reach, one address a line, where the server took it for others alone.
alter table mail add column left_to text not null default '';
