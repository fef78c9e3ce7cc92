"""Submission pages of the portal to raw rows: revisions, withdrawals, and what is wrong with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb

from ingestion.forms.reader import form_of_typed_lines
from ingestion.landing import Landed
from ingestion.model import Form, PortalSubmission, Problem
from ingestion.raw.rows import RawRows, content_sha256
from ingestion.reference import FORM_CODE, Catalogue
from ingestion.sources.portal import parse_submissions_page


@dataclass
class _Version:
    """One revision of a portal's submission as the raw tables have it."""

    submission_id: str
    revision: int
    content_sha256: str
    last_event: str
    last_event_at: datetime


class PortalSubmissions:
    """Rows of submission pages to raw rows, knowing what the warehouse has of each already.

    The portal gives every revision, and the same row again when pages overlap: a row that says nothing new adds nothing.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
        self._connection = connection
        self._catalogue = catalogue
        self._versions: dict[str, list[_Version]] = defaultdict(list)
        self._looked_up: set[str] = set()

    def load(self, landed: Landed, content: bytes, rows: RawRows) -> int:
        """Add a page's rows; the count of submissions that are new. Raises ``ParseError`` when it is no page."""
        submissions, problems = parse_submissions_page(content, locator=landed.locator)
        self._look_up({submission.submission_id for submission in submissions})
        loose = list(problems)
        count = 0
        for submission in sorted(submissions, key=lambda row: (row.submission_id, row.revision, row.updated_at)):
            own = [problem for problem in problems if _is_of(problem, submission)]
            loose = [problem for problem in loose if problem not in own]
            count += self._load_one(landed, submission, own, rows)
        for problem in loose:
            rows.add_problem(landed, problem)
        return count

    def _look_up(self, door_ids: set[str]) -> None:
        """Learn what the warehouse has of these submissions, and of no others: a night costs what it brings."""
        fresh = sorted(door_ids - self._looked_up)
        self._looked_up.update(fresh)
        for submission_id, door_id, revision, content, event, event_at in self._connection.execute(
            """
            with known as (
                select submission_id, door_id, revision, content_sha256, updated_at, landed_id
                from raw.submission
                where source = 'portal' and door_id in (select unnest($fresh))
            ),
            last_event as (
                select submission_id, arg_max(event, event_at) as event, max(event_at) as event_at
                from raw.submission_event
                semi join known using (submission_id)
                group by submission_id
            )
            select
                known.submission_id, door_id, revision, content_sha256,
                coalesce(event, 'submitted'), coalesce(event_at, updated_at)
            from known
            left join last_event using (submission_id)
            order by landed_id, known.submission_id
            """,
            {"fresh": fresh},
        ).fetchall():
            self._versions[door_id].append(_Version(submission_id, revision, content, event, event_at))

    def _load_one(self, landed: Landed, given: PortalSubmission, own: Sequence[Problem], rows: RawRows) -> bool:
        form = self._form(given, own)
        said = content_sha256(form)
        versions = self._versions[given.submission_id]
        same_revision = [version for version in versions if version.revision == given.revision]
        known = next((version for version in same_revision if version.content_sha256 == said), None)
        if known is None and given.status == "withdrawn" and same_revision:
            known = same_revision[-1]  # a withdrawal may come without its lines
        if known is not None:
            if given.status != known.last_event and given.updated_at >= known.last_event_at:
                self._add_event(landed, known, given, rows)
            return False
        version = _Version(_new_id(given, versions), given.revision, said, "submitted", given.updated_at)
        versions.append(version)
        rows.add_submission(
            landed,
            form,
            submission_id=version.submission_id,
            door_id=given.submission_id,
            revision=given.revision,
            received_at=given.submitted_at,
            locator=given.locator,
            organ_id=given.organ_id,
            submitted_at=given.submitted_at,
            updated_at=given.updated_at,
        )
        if given.status == "withdrawn":
            self._add_event(landed, version, given, rows)
        return True

    def _add_event(self, landed: Landed, version: _Version, given: PortalSubmission, rows: RawRows) -> None:
        version.last_event, version.last_event_at = given.status, given.updated_at
        rows.add(
            "submission_event",
            submission_id=version.submission_id,
            event=given.status,
            event_at=given.updated_at,
            reason="",
            night_on=landed.night_on,
            landed_id=landed.landed_id,
        )

    def _form(self, given: PortalSubmission, own: Sequence[Problem]) -> Form:
        agency = self._catalogue.agency_of(given.organ_id)
        found = list(own)
        if agency is None:
            found.append(Problem("error", "agency_unknown", f"Không có cơ quan mã «{given.organ_id}»", given.locator))
        is_known_period = given.period_code in self._catalogue.period_codes
        if not is_known_period:
            found.append(
                Problem("error", "period_unknown", f"Không có kỳ báo cáo «{given.period_code}»", given.locator)
            )
        if given.form_code != FORM_CODE:
            found.append(Problem("error", "form_unknown", f"Không có mẫu biểu «{given.form_code}»", given.locator))
        form = form_of_typed_lines(
            given.lines,
            self._catalogue,
            agency_code=agency.code if agency else None,
            form_code=given.form_code,
            period_code=given.period_code if is_known_period else None,
            document_number=given.document_number,
            locator=given.locator,
        )
        return replace(form, problems=(*found, *form.problems))


def _is_of(problem: Problem, submission: PortalSubmission) -> bool:
    return problem.locator == submission.locator or problem.locator.startswith(f"{submission.locator}/")


def _new_id(given: PortalSubmission, versions: Sequence[_Version]) -> str:
    """The portal's own id for the first revision seen under it; a later one says which, and a changed one how often."""
    if not versions:
        return given.submission_id
    again = sum(version.revision == given.revision for version in versions)
    return f"{given.submission_id}#r{given.revision}" + (f"v{again + 1}" if again else "")
