"""Where proposals of repair are kept; rows are only ever added."""

from __future__ import annotations

TABLES = """
create table if not exists audit.repair_proposal (
    submission_id varchar not null,
    rank integer not null, -- 1 is the most plausible
    position integer not null, -- of the change within the proposal
    indicator_code varchar not null,
    aspect varchar not null, -- value, numerator, denominator: the figure, or a part of the ratio in the note
    kind varchar not null, -- the cause thought of
    old_value decimal(20, 6),
    new_value decimal(20, 6), -- null: to be left blank
    low_value decimal(20, 6), -- what the rules allow, where the cause does not fix the figure
    high_value decimal(20, 6),
    other_code varchar not null, -- the line it was swapped with
    score double not null,
    rules_version varchar not null,
    night_on date not null
);
create table if not exists audit.repair_attempt (
    submission_id varchar not null,
    proposal_count integer not null,
    seconds double not null,
    rules_version varchar not null,
    night_on date not null
);
"""
