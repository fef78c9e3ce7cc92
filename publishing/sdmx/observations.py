"""The published figures as observations: of every agency, and of the province over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import duckdb

from publishing.province_table import Period, read_periods
from publishing.sdmx.codelists import code_id, frequency, unit_id

#: What a line's reading is called in CL_OBS_STATUS.
STATUS: Mapping[str, str] = {
    "reported": "A",
    "doubtful": "U",
    "blank": "O",
    "not_applicable": "M",
    "unreadable": "L",
}

_AGENCIES = """
select
    figure.agency_code, figure.period_code, figure.indicator_code, figure.value, figure.observation_status,
    null::bigint, line.break_on, coalesce(line.unit_vi, ''), line.value_type
from {figures} as figure
inner join mart.dim_indicator as line using (indicator_code)
inner join mart.mart_reporting_rate as rate using (agency_code, period_code)
where line.is_answerable and line.value_type <> 'reference' {current}
"""
_PROVINCE = """
select
    province.agency_code, summary.period_code, summary.indicator_code, summary.value,
    case
        when summary.value is null then 'blank'
        when summary.doubtful_count > 0 then 'doubtful'
        when summary.agencies_accepted_count < summary.agencies_expected_count then 'partial'
        else 'reported'
    end,
    case when summary.value_type = 'percent' then summary.agencies_with_ratio_count else summary.agencies_with_value_count end,
    line.break_on, coalesce(line.unit_vi, ''), summary.value_type
from mart.mart_province_summary as summary
inner join mart.dim_indicator as line using (indicator_code)
inner join (
    select rate.period_code, min(agency.parent_code) as agency_code
    from mart.mart_reporting_rate as rate inner join mart.dim_agency as agency using (agency_code)
    where agency.level <> 'commune' group by rate.period_code
) as province using (period_code)
where summary.value_type not in ('reference', 'choice')
"""


@dataclass(frozen=True, slots=True)
class Observation:
    """One figure with its key and what is said of it, all as SDMX ids; ``value`` is None where there is none."""

    freq: str
    agency: str
    indicator: str
    time: str
    value: Decimal | None
    status: str
    period: str
    agencies_counted: int | None
    unit: str

    def parts(self) -> dict[str, str | None]:
        """The observation by component, as texts; numbers without zeros behind."""
        return {
            "FREQ": self.freq,
            "REPORTING_AGENCY": self.agency,
            "INDICATOR": self.indicator,
            "TIME_PERIOD": self.time,
            "OBS_VALUE": None if self.value is None else _plain(self.value),
            "OBS_STATUS": self.status,
            "PERIOD": self.period,
            "AGENCIES_COUNTED": None if self.agencies_counted is None else str(self.agencies_counted),
            "UNIT_MEASURE": self.unit,
        }


def read_observations(connection: duckdb.DuckDBPyConnection, as_of: date | None = None) -> Iterator[Observation]:
    """What holds, by agency and for the province, ordered by key; only agencies' figures are known for a day gone by.

    Lines that are answered with a document's number are no statistics; the province has no figure for choices.
    """
    periods = {period.code: period for period in read_periods(connection)}
    if as_of is None:
        sql = (
            _AGENCIES.format(figures="mart.fct_indicator_value", current="and figure.is_current")
            + "union all"
            + _PROVINCE
        )
    else:
        sql = _AGENCIES.format(figures=f"mart.value_as_believed_on('{as_of.isoformat()}')", current="")
    rows = connection.execute(f"{sql} order by all").fetchall()
    for agency, period_code, indicator, value, status, counted, break_on, unit, kind in rows:
        period = periods[period_code]
        yield Observation(
            freq=frequency(period),
            agency=code_id(agency),
            indicator=code_id(indicator),
            time=time_range(period),
            value=value,
            status=_status(status, period, break_on),
            period=code_id(period_code),
            agencies_counted=counted,
            unit=unit_id(unit, kind),
        )


def time_range(period: Period) -> str:
    """A window as an SDMX time range, its first day and its length: ``2020-12-15/P3M`` ends on 14/3/2021."""
    end = period.data_to + timedelta(days=1)
    start = period.data_from
    months = (end.year - start.year) * 12 + end.month - start.month
    if end.day != start.day or months <= 0:
        return f"{start.isoformat()}/P{(end - start).days}D"
    return f"{start.isoformat()}/P{months // 12}Y" if months % 12 == 0 else f"{start.isoformat()}/P{months}M"


def _status(reading: str, period: Period, break_on: date | None) -> str:
    """A figure that is sure and in whose window the line changed its meaning is a break."""
    status = "P" if reading == "partial" else STATUS[reading]
    is_break = break_on is not None and period.data_from <= break_on <= period.data_to
    return "B" if is_break and status in ("A", "P") else status


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
