"""Where proposals of repair are kept; rows are only ever added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import duckdb

from expectations.repair.form import Proposal
from state.warehouse import insert_rows, transaction

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


def keep_proposals(
    connection: duckdb.DuckDBPyConnection,
    ranked: Mapping[str, Sequence[Proposal]],
    seconds: Mapping[str, float],
    *,
    rules_version: str,
    night: date,
) -> None:
    """Write down what was found for each submission, the most plausible first, and how long each was looked at, in one
    transaction. Raises ``duckdb.Error``, and then nothing is written."""
    known = {"rules_version": rules_version, "night_on": night}
    changes = [
        {
            "submission_id": submission_id,
            "rank": rank,
            "position": position,
            "indicator_code": change.slot.code,
            "aspect": change.slot.aspect,
            "kind": change.kind,
            "old_value": _kept(change.old),
            "new_value": _kept(change.new),
            "low_value": _kept(change.low),
            "high_value": _kept(change.high),
            "other_code": change.other_code,
            "score": proposal.score,
            **known,
        }
        for submission_id, proposals in ranked.items()
        for rank, proposal in enumerate(proposals, 1)
        for position, change in enumerate(proposal.changes, 1)
    ]
    attempts = [
        {"submission_id": submission_id, "proposal_count": len(ranked[submission_id]), "seconds": spent, **known}
        for submission_id, spent in seconds.items()
    ]
    with transaction(connection):
        insert_rows(connection, "audit.repair_proposal", changes)
        insert_rows(connection, "audit.repair_attempt", attempts)


def _kept(value: Decimal | None) -> Decimal | None:
    """To the decimals that the tables keep."""
    return None if value is None else round(value, 6)
