"""``cchc template``: the official form for an agency and period, blank or filled in from the systems of record."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from cchc.query import ask
from expectations.catalogue import read_catalogue, read_rule_rows
from expectations.entry_checks import with_entry_checks
from expectations.rules import type_rules
from ingestion.forms.template import Recorded, write_template
from ingestion.reference import Agency, Catalogue, load_catalogue


class TemplateError(Exception):
    """The form can't be written; the message says why."""


def template(out: Path, *, agency_code: str, period_code: str, seeds: Path, published: Path | None) -> int:
    """Write the form to ``out``, replaced in one step; how many figures were filled in from ``published`` (None: blank).

    Raises ``TemplateError`` for an unknown agency or period, and what ``cchc.query.ask`` raises.
    """
    catalogue = load_catalogue(seeds)
    agency = next((each for each in catalogue.agencies if each.code == agency_code), None)
    if agency is None:
        raise TemplateError(f"no such agency: {agency_code} (e.g. H51.03)")
    if period_code not in catalogue.period_codes:
        raise TemplateError(f"no such period: {period_code} (e.g. 2022-Q1, 2022-H1, 2022-Q3, 2022)")
    recorded = {} if published is None else _recorded(published, agency_code, period_code)
    content = official_form(agency, period_code, catalogue, seeds=seeds, recorded=recorded)
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = out.with_name(f".{out.name}.new")
    fresh.write_bytes(content)
    fresh.replace(out)
    return len(recorded)


def official_form(
    agency: Agency,
    period_code: str,
    catalogue: Catalogue,
    *,
    seeds: Path,
    recorded: Mapping[str, Recorded] | None = None,
) -> bytes:
    """The official form with the rule table in its cells: what breaks a rule is refused or coloured while it is typed."""
    form = write_template(agency, period_code, catalogue, recorded)
    ruled = read_catalogue(seeds)
    rules = type_rules(read_rule_rows(seeds), ruled)
    return with_entry_checks(form, [row.code for row in catalogue.rows], rules, ruled)


def _recorded(published: Path, agency_code: str, period_code: str) -> dict[str, Recorded]:
    """What the systems of record hold, by indicator; agency and period are known codes."""
    _, rows = ask(
        published,
        "select indicator_code, recorded_value, numerator, denominator from mart.mart_reconciliation"
        f" where agency_code = '{agency_code}' and period_code = '{period_code}' and recorded_value is not null",
    )
    return {code: Recorded(Decimal(value), _note(top, bottom)) for code, value, top, bottom in rows}


def _note(numerator: Decimal | int | None, denominator: Decimal | int | None) -> str:
    return "" if numerator is None or not denominator else f"{Decimal(numerator):.0f}/{Decimal(denominator):.0f}"
