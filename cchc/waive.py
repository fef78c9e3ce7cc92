"""``cchc waive``: an officer lets a submission's failed rule pass, or takes that back."""

from __future__ import annotations

import getpass
from pathlib import Path

import duckdb

from cchc.night import now
from cchc.settings import Settings
from ingestion.landing import Landing
from ingestion.raw.waivers import Waiver, has_waiver, land_waiver


class WaiverError(Exception):
    """A waiver makes no sense; the message says why."""


def waive(
    settings: Settings, submission_id: str, rule_id: str, *, reason: str, by: str = "", takes_back: bool = False
) -> Waiver:
    """Land the waiver of a rule that the submission failed. ``by`` is the name of this process's user where it is empty.

    It counts from the next night on, or at once when the night is run again. Raises ``WaiverError`` where there is nothing
    to waive: an unknown submission or rule, a rule that did not fail, no reason; or where a night holds the warehouse.
    """
    if not reason.strip():
        raise WaiverError("a waiver needs a reason")
    _check(settings.warehouse_path, submission_id, rule_id, takes_back=takes_back)
    decided = now()
    waiver = Waiver(
        submission_id=submission_id,
        rule_id=rule_id,
        is_in_force=not takes_back,
        reason=reason.strip(),
        decided_by=by.strip() or getpass.getuser(),
        decided_at=decided.replace(tzinfo=None),
    )
    with Landing(settings.landing_path) as landing:
        if takes_back and not has_waiver(landing, submission_id, rule_id):
            raise WaiverError(f"{rule_id} of {submission_id!r} was never waived")
        land_waiver(landing, waiver, night=decided.date())
    return waiver


def _check(warehouse: Path, submission_id: str, rule_id: str, *, takes_back: bool) -> None:
    if not warehouse.exists():
        raise WaiverError("no night has run yet: there is nothing to waive")
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            if not _any(connection, "raw.submission where submission_id = ?", submission_id):
                raise WaiverError(f"no submission {submission_id!r} ever came")
            if not _any(connection, "seed.rules where rule_id = ?", rule_id):
                raise WaiverError(f"the rule table has no rule {rule_id!r}")
            if not takes_back and not _any(
                connection,
                "staging.stg_audit__rule_result where submission_id = ? and rule_id = ? and outcome = 'failed'",
                submission_id,
                rule_id,
            ):
                raise WaiverError(f"{submission_id!r} did not fail {rule_id}")
    except duckdb.IOException as error:
        raise WaiverError("a night is running and holds the warehouse; try again when it has ended") from error
    except duckdb.CatalogException as error:
        raise WaiverError(f"no night has come as far as the gate yet: {error}") from error


def _any(connection: duckdb.DuckDBPyConnection, what: str, *parameters: str) -> bool:
    return connection.execute(f"select 1 from {what} limit 1", list(parameters)).fetchone() is not None
