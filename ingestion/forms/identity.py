"""What a form that this project wrote knows of itself: agency, period and form on a hidden sheet that officers never see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingestion.forms.grid import Grid, cell_text
from ingestion.forms.title import Title
from ingestion.model import Problem
from ingestion.reference import Catalogue

SHEET = "_cchc"
_FIELDS = ("form_code", "agency_code", "period_code")


@dataclass(frozen=True, slots=True)
class Identity:
    """The agency and the period for which a form was written."""

    form_code: str
    agency_code: str
    period_code: str

    def rows(self) -> list[tuple[str, str]]:
        """The hidden sheet's cells, as ``identity_of`` finds them."""
        return [(field, getattr(self, field)) for field in _FIELDS]


def identity_of(grids: Sequence[Grid], catalogue: Catalogue) -> Identity | None:
    """The identity that a workbook carries; None where it has none, or one that the catalogue doesn't know."""
    sheet = next((grid for grid in grids if grid.name == SHEET), None)
    if sheet is None:
        return None
    said = {cell_text(row[0]): cell_text(row[1]) for row in sheet.rows[:10] if len(row) > 1}
    identity = Identity(*(said.get(field, "") for field in _FIELDS))
    is_known = identity.period_code in catalogue.period_codes and any(
        agency.code == identity.agency_code for agency in catalogue.agencies
    )
    return identity if is_known else None


def with_identity(title: Title, identity: Identity | None) -> Title:
    """The title, completed by the identity where it says nothing; where they contradict each other neither holds."""
    if identity is None:
        return title
    told = {problem.code for problem in title.problems}
    problems = list(title.problems)
    agency_code, period_code = title.agency_code, title.period_code
    if agency_code is None and "agency_unknown" in told:
        agency_code = identity.agency_code
        problems = [problem for problem in problems if problem.code != "agency_unknown"]
    elif agency_code is not None and agency_code != identity.agency_code:
        message = f"Tiêu đề ghi cơ quan {agency_code}, nhưng biểu được cấp cho {identity.agency_code}"
        problems.append(Problem("error", "agency_contradiction", message, "tiêu đề"))
        agency_code = None
    if period_code is None and "period_unknown" in told:
        period_code = identity.period_code
        problems = [problem for problem in problems if problem.code != "period_unknown"]
    elif period_code is not None and period_code != identity.period_code:
        message = f"Tiêu đề ghi kỳ {period_code}, nhưng biểu được cấp cho kỳ {identity.period_code}"
        problems.append(Problem("error", "period_contradiction", message, "tiêu đề"))
        period_code = None
    return replace(title, agency_code=agency_code, period_code=period_code, problems=tuple(problems))
