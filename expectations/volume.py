"""How much came: what each stream of the night brought against the nights before, kept in ``audit.night_volume``.

Three things stop a publication. A stream **shrank**: of what was held, a tenth is gone, though nothing is ever deleted. It
**dried up**: a stream that brought rows on most nights brought none, or next to none, on all of the last ``window_nights``
nights on which it was read. The **figures vanished**: the night's forms hold a quarter of the figures that forms used to
hold. Nothing is said of a first night, an empty night, weekends and holidays shorter than the window, nor of a source that
the settings skip: only nights on which it was read count.
"""

from __future__ import annotations

import statistics
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

import duckdb

NIGHT_VOLUME = """
create table if not exists audit.night_volume (
    night_on date not null,
    stream varchar not null, -- forms, dossiers, outgoing_documents
    is_read boolean not null, -- whether the source was read that night
    row_count bigint not null, -- rows that came that night
    total_count bigint not null, -- rows held at its end
    figure_median double, -- figures of the night's forms; null for other streams, and without forms
    primary key (night_on, stream)
);
"""

#: The streams with the table that holds each, and what an officer calls it. Forms come by the quarter, not by the night.
STREAMS = {
    "forms": ("raw.submission", "biểu thống kê"),
    "dossiers": ("raw.dossier", "hồ sơ của Cổng dịch vụ công"),
    "outgoing_documents": ("raw.outgoing_document", "văn bản đi của Trục liên thông văn bản"),
}
DAILY = ("dossiers", "outgoing_documents")

#: Less than this part of the most that was held: gone.
KEPT_PART = 0.9
#: The last window brought less than this part of what a window used to bring: dried up.
DRY_PART = 0.02
#: Windows before the last, at least and at most, whose median night tells what is usual; below so many rows a night a
#: stream is too small to tell.
WINDOWS = (2, 6)
SMALL_STREAM = 5
#: The night's forms hold less than this part of the figures that forms held before; told of so many forms at least.
FIGURE_PART = 0.25
FORMS_NOW, FORMS_BEFORE = 5, 20

#: Two weeks: longer than Tết, the longest holiday, and weekends at both ends of it leave some working days.
WINDOW_NIGHTS = 14

# Dates and names stand in the statements themselves: given a first parameter, DuckDB imports pandas.
_REMEMBER = """
insert or replace into audit.night_volume by name
select
    cast(date '{night}' as date) as night_on, '{stream}' as stream, {is_read} as is_read,
    count(*) filter (where night_on = date '{night}') as row_count, count(*) as total_count, {figures} as figure_median
from {table}
"""
_FIGURES = """(
    select median(figure_count) from (
        select count(line.value) as figure_count
        from raw.submission as form
        inner join raw.submission_line as line on form.submission_id = line.submission_id
        where form.night_on = date '{night}' and form.reading = 'typed'
        group by form.submission_id
    )
)"""


@dataclass(frozen=True, slots=True)
class NightVolume:
    """One stream on one night, as ``audit.night_volume`` keeps it."""

    night_on: date
    is_read: bool
    row_count: int
    total_count: int
    figure_median: float | None = None


def remember_volume(connection: duckdb.DuckDBPyConnection, night: date, read_streams: Collection[str]) -> None:
    """Write down what came this night; a night that is run again is written anew."""
    for stream, (table, _) in STREAMS.items():
        figures = _FIGURES.format(night=night) if stream == "forms" else "null"
        connection.execute(
            _REMEMBER.format(table=table, figures=figures, night=night, stream=stream, is_read=stream in read_streams)
        )


def volume_failures(
    connection: duckdb.DuckDBPyConnection, night: date, *, window_nights: int = WINDOW_NIGHTS
) -> tuple[str, ...]:
    """A Vietnamese sentence, with what to do, on each stream that collapsed; ``window_nights`` of 0 leaves out who dried up."""
    return tuple(
        sentence
        for stream in STREAMS
        for sentence in judge_stream(stream, _history(connection, stream, night), window_nights=window_nights)
    )


def judge_stream(stream: str, nights: Iterable[NightVolume], *, window_nights: int = WINDOW_NIGHTS) -> list[str]:
    """What is to be said of the last of ``nights`` (in order of time)."""
    read = [one for one in nights if one.is_read]
    if not read:
        return []
    *before, last = read
    name = STREAMS[stream][1]
    said = []
    most = max((one.total_count for one in before), default=0)
    if last.total_count < KEPT_PART * most:
        said.append(
            f"Kho chỉ còn {last.total_count} {name}, trước đó có {most}. Việc cần làm: dữ liệu đã nhận không bao giờ bị xoá,"
            " nên kho đã hỏng hoặc bị thay; khôi phục bản sao lưu hoặc dựng lại kho từ landing rồi chạy lại đêm này"
        )
    if stream in DAILY and window_nights:
        said += _dry(name, [*before, last], window_nights)
    if stream == "forms":
        said += _figures(before, last)
    return said


def _dry(name: str, nights: list[NightVolume], window_nights: int) -> list[str]:
    """Held against the median night of the windows before: neither a first load nor one wild week is a measure."""
    window, before = nights[-window_nights:], nights[-(1 + WINDOWS[1]) * window_nights : -window_nights]
    if len(before) < WINDOWS[0] * window_nights:
        return []
    usual = statistics.median(one.row_count for one in before)
    came = sum(one.row_count for one in window)
    if usual < SMALL_STREAM or came >= DRY_PART * usual * window_nights:
        return []
    newest = max((one.night_on for one in nights if one.row_count), default=None)
    since = f", đêm gần nhất có số liệu là {newest:%d/%m/%Y}" if newest and not came else ""
    return [
        f"Nguồn «{name}» trả lời nhưng {window_nights} đêm qua chỉ có {came} dòng mới, thường mỗi đêm có {usual:.0f}{since}."
        " Việc cần làm: hỏi đơn vị vận hành nguồn; nếu nguồn đúng là không phát sinh, đặt CCHC_QUIET_NIGHTS lớn hơn"
        " (0: không kiểm tra) rồi chạy lại đêm này"
    ]


def _figures(before: list[NightVolume], last: NightVolume) -> list[str]:
    told = [one for one in before if one.figure_median is not None]
    if last.figure_median is None or last.row_count < FORMS_NOW or sum(one.row_count for one in told) < FORMS_BEFORE:
        return []
    usual = statistics.median(one.figure_median for one in told if one.figure_median is not None)
    if last.figure_median >= FIGURE_PART * usual:
        return []
    return [
        f"{last.row_count} biểu của đêm này thường chỉ có {last.figure_median:.0f} số liệu mỗi biểu, trước đây {usual:.0f}."
        " Việc cần làm: mở vài biểu bằng cchc read để xem mẫu biểu có đổi không; sửa cách đọc rồi chạy lại đêm này"
    ]


def _history(connection: duckdb.DuckDBPyConnection, stream: str, night: date) -> list[NightVolume]:
    """The stream's nights up to ``night`` in order; none where it was not read then."""
    rows = connection.execute(
        "select night_on, is_read, row_count, total_count, figure_median from audit.night_volume"
        f" where stream = '{stream}' and night_on <= date '{night}' order by night_on"
    ).fetchall()
    found = [NightVolume(*row) for row in rows]
    return found if found and found[-1].is_read else []
