"""The figures of one agency in the four periods: every relation of the rule table holds among them.

Flows are drawn as four quarterly amounts and summed over a window, so that cumulative periods agree with each other; parts are
drawn from their wholes; shares are whole cases out of a whole; what the systems of record know is taken from them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import numpy as np

from stand_ins.province.citations import Book, Decree, cite_decrees
from stand_ins.province.measures import Measures
from stand_ins.province.periods import Window
from stand_ins.province.structure import Structure


class Cell(NamedTuple):
    """A figure (None where the agency leaves it blank) and the remark beside it."""

    value: int | Decimal | None
    note: str = ""


Figures = dict[str, Cell]


@dataclass(frozen=True, slots=True)
class AgencyYear:
    """What an agency's figures are drawn from, all year: ``stocks`` and plans as they stand, ``flows`` by quarter."""

    structure: Structure
    book: Book
    decrees: list[Decree]
    stocks: Figures = field(default_factory=dict)
    flows: dict[str, tuple[int, int, int, int]] = field(default_factory=dict)
    survey_share: float = 0.9
    cut_plan: int | None = None
    task_plan: int = 8
    tasks: tuple[int, int, int, int] = (2, 2, 2, 2)


def percent(part: int, whole: int) -> Decimal | None:
    """``part`` of ``whole`` in percent, 2 decimals, half up; None where there is no whole."""
    if whole == 0:
        return None
    return (Decimal(100 * part) / Decimal(whole)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def draw_year(structure: Structure, book: Book, decrees: list[Decree], rng: np.random.Generator) -> AgencyYear:
    """Draw an agency's year."""
    year = AgencyYear(
        structure=structure,
        book=book,
        decrees=decrees,
        survey_share=float(rng.uniform(0.86, 0.99)),
        cut_plan=int(rng.choice([2, 4, 5])) if rng.random() < 0.4 else None,
        task_plan=(plan := int(rng.choice([4, 5, 8, 10, 20]))),
        tasks=_split(plan, rng),
    )
    _draw_stocks(year, rng)
    _draw_flows(year, rng)
    return year


def figures(year: AgencyYear, window: Window, measured: Measures, index: int) -> Figures:
    """The agency's form for a window; ``index`` is the agency's place in ``measured``."""
    cells = dict(year.stocks)
    cells.update({code: Cell(_sum(quarters, window)) for code, quarters in year.flows.items()})
    _fill_procedures(cells, year, window)
    _fill_shares(cells, year, window)
    _fill_decrees(cells, year, window)
    _fill_recorded(cells, measured, index)
    return cells


def _split(total: int, rng: np.random.Generator) -> tuple[int, int, int, int]:
    a, b, c, d = rng.multinomial(total, [0.22, 0.27, 0.23, 0.28])
    return int(a), int(b), int(c), int(d)


def _part(whole: tuple[int, int, int, int], share: float, rng: np.random.Generator) -> tuple[int, int, int, int]:
    """Of each quarter's amount, what became of a ``share`` of it."""
    a, b, c, d = rng.binomial(np.array(whole), share)
    return int(a), int(b), int(c), int(d)


def _sum(quarters: tuple[int, int, int, int], window: Window) -> int:
    return sum(quarters[index] for index in window.quarters)


def _day(rng: np.random.Generator, year: int, first: int, last: int) -> date:
    """A working day of January to early March, by day of the year."""
    day = date(year, 1, 1) + timedelta(days=int(rng.integers(first, last)))
    return day - timedelta(days=max(day.weekday() - 4, 0))


def _draw_stocks(year: AgencyYear, rng: np.random.Generator) -> None:
    """Plans and stocks: the same in every period of the year."""
    s, book, cells = year.structure, year.book, year.stocks
    online = s.level3_count + s.level4_count
    posts = int(rng.integers(38, 95))
    filled = posts - int(rng.integers(0, 5))
    subordinates = int(rng.integers(2, 9)) if rng.random() < 0.7 else None
    bodies = int(rng.integers(1, 4)) if rng.random() < 0.5 else None
    calendar = book.year
    numbers: dict[str, int | None] = {
        "I.1.1": int(rng.integers(15, 36)), "I.3.5": 1, "I.5.2": int(rng.integers(0, 3)), "I.6": 1,
        "II.2.1": int(rng.integers(6, 30)), "III.1": 1, "III.3.2": online, "III.4": 1,
        "III.5.2": int(rng.integers(2, 12)), "III.7.1": online + int(rng.integers(0, 12)), "III.7.2": online,
        "III.7.3": int(rng.integers(0, online + 1)),
        "IV.1.1": int(rng.integers(4, 9)), "IV.1.2": bodies, "IV.1.3": None if bodies is None else bodies * 3,
        "IV.1.4": subordinates, "IV.1.5": None if subordinates is None else subordinates * 2,
        "IV.2.1": posts, "IV.2.2": filled, "IV.2.3": int(rng.integers(0, 9)),
        "IV.5.1": int(rng.integers(3, 5)), "IV.5.2": int(rng.integers(9, 17)), "IV.5.3": int(rng.integers(0, 12)),
        "V.1.1": 1, "V.1.2": 1, "V.3.1": int(rng.random() < 0.2),
        "V.4.1": int(rng.integers(10, 60)), "V.5.1": int(rng.integers(2, 9)),
        "VI.1": 1, "VI.2": None if bodies is None else int(rng.integers(0, bodies + 1)), "VI.5": 1,
        "VII.1.2": 1, "VII.2.1": s.level3_count, "VII.2.2": s.level4_count, "VII.3.1": int(rng.integers(18, 36)),
        "VII.4.1": 1, "VII.4.2": 1, "VII.4.3": 1,
    }  # fmt: skip
    if subordinates is not None:
        allocated = subordinates * int(rng.integers(8, 30))
        autonomy = rng.multinomial(subordinates, [0.1, 0.2, 0.4, 0.3])
        numbers |= {f"VI.3.{place}": int(amount) for place, amount in enumerate(autonomy, 1)}
        numbers |= {"IV.3.1": allocated, "IV.3.2": allocated - int(rng.integers(0, 6)), "VI.4": subordinates}
        numbers |= {"VII.4.4": int(rng.random() < 0.5), "VII.4.5": int(rng.random() < 0.5)}
    if rng.random() < 0.15:
        numbers |= {"IV.4.1": 20, "IV.4.2": 20 - int(rng.integers(0, 4))}
    cells.update({code: Cell(number) for code, number in numbers.items()})

    cells["I.1"] = Cell(None, book.cite("KH", _day(rng, calendar, 3, 13)))
    cells["I.2"] = Cell(None, book.cite("KH", _day(rng, calendar, 17, 27)))
    cells["I.3"] = Cell(None, book.cite("KH", _day(rng, calendar, 31, 41)))
    cells["III.1"] = Cell(1, book.cite("KH", _day(rng, calendar, 45, 55)))
    cells["V.1.2"] = Cell(1, book.cite_letter(_day(rng, calendar, 17, 60)))
    cells["VI.5"] = Cell(1, book.cite("QĐ", _day(rng, calendar, 10, 30)))
    cells["VII.4.1"] = Cell(1, book.cite("QĐ", _day(rng, calendar, 40, 60)))
    cells["III.4"] = Cell(1, "Niêm yết tại cơ quan và trên Cổng thông tin điện tử")
    if rng.random() < 0.25:
        cells["I.7"] = Cell(None, "Tổ chức hội thi tìm hiểu cải cách hành chính")


def _draw_flows(year: AgencyYear, rng: np.random.Generator) -> None:
    """Flows by quarter; a part never exceeds its whole in any quarter."""
    flows, stocks = year.flows, year.stocks

    def draw(code: str, low: int, high: int) -> tuple[int, int, int, int]:
        flows[code] = _split(int(rng.integers(low, high)), rng)
        return flows[code]

    def part(code: str, whole: tuple[int, int, int, int], share: float) -> tuple[int, int, int, int]:
        flows[code] = _part(whole, share, rng)
        return flows[code]

    def upto(code: str, plan: str, share: float) -> None:
        flows[code] = _split(int(share * int(stocks[plan].value or 0)), rng)

    upto("I.1.2", "I.1.1", float(rng.uniform(0.7, 1.0)))
    draw("I.1.3", 12, 45)
    draw("I.2.1", 2, 9)
    draw("I.2.2", 0, 9)
    part("I.2.4", draw("I.2.3", 0, 22), 0.8)
    draw("I.3.2", 4, 30)
    draw("I.3.3", 12, 60)
    draw("I.3.4", 4, 30)
    assigned = draw("I.4.1", 20, 120)
    on_time = part("I.4.2", assigned, 0.85)
    rest = (assigned[0] - on_time[0], assigned[1] - on_time[1], assigned[2] - on_time[2], assigned[3] - on_time[3])
    part("I.4.3", rest, 0.5)
    draw("I.5.1", 120, 900)
    reviewed = _split(int(stocks["II.2.1"].value or 0), rng)
    flows["II.2.2"] = reviewed
    part("II.2.4", part("II.2.3", reviewed, 0.3), 0.6)
    draw("III.2.1", 0, 6)
    draw("III.2.2", 0, 5)
    part("III.4.2", draw("III.4.1", 0, 15), 0.95)
    draw("IV.2.4", 0, 3)
    if year.cut_plan is not None:
        flows["IV.2.4"] = _split(int(rng.integers(0, year.cut_plan + 1)), rng)
    draw("IV.6.1", 0, 6)
    draw("IV.6.2", 0, 9)
    part("IV.6.4", draw("IV.6.3", 0, 12), 0.7)
    draw("IV.7.1", 0, 3)
    draw("IV.7.2", 0, 3)
    draw("IV.7.3", 0, 4)
    part("IV.7.5", draw("IV.7.4", 0, 14), 0.7)
    draw("V.3.2", 0, 2)
    draw("V.3.3", 0, 4)
    draw("V.3.4", 0, 4)
    upto("V.4.2", "V.4.1", float(rng.uniform(0.6, 1.5)))
    upto("V.5.2", "V.5.1", float(rng.uniform(0.5, 1.0)))
    flows["V.6.1"] = flows["V.6.2"] = (0, 0, 0, 0)
    if int(stocks["IV.5.3"].value or 0) > 0:
        draw("V.6.3", 0, 2)
    draw("V.6.4", 0, 2)
    disciplined = draw("V.6.5", 0, 4)
    own = part("V.6.5.b", disciplined, 0.4)
    flows["V.6.5.c"] = (
        disciplined[0] - own[0], disciplined[1] - own[1], disciplined[2] - own[2], disciplined[3] - own[3]
    )  # fmt: skip
    flows["V.6.5.a"] = (0, 0, 0, 0)
    draw("VII.3.2", 2, 9)
    draw("VII.3.3", 2, 9)


def _fill_procedures(cells: Figures, year: AgencyYear, window: Window) -> None:
    """Procedures in force at the end of the window: last year's, plus new, less abolished since."""
    to_end = range(window.quarters[-1] + 1)
    new, gone = year.flows["III.2.1"], year.flows["III.2.2"]
    in_force = year.structure.procedure_count + sum(new[q] - gone[q] for q in to_end)
    below = in_force // 5 if year.structure.agency.is_district else 0
    unlinked = 4 + year.structure.procedure_count % 5
    cells["III.2.3"] = Cell(in_force)
    cells["III.2.3.a"] = Cell(in_force - below)
    cells["III.2.3.b"] = Cell(below) if below else Cell(None)
    cells["III.3.1"] = Cell(in_force)
    cells["III.5.1"] = Cell(in_force - unlinked, f"Còn {unlinked:02d} TTHC chưa liên thông")
    cells["III.5.3"] = Cell(percent(in_force - year.structure.level4_count % 3, in_force))
    cells["III.5.4"] = Cell(percent(in_force - unlinked, in_force))


def _fill_shares(cells: Figures, year: AgencyYear, window: Window) -> None:
    done = _sum(year.tasks, window)
    cells["I.3.1"] = Cell(percent(done, year.task_plan), f"{done}/{year.task_plan} nhiệm vụ")
    surveyed = int(cells["I.5.1"].value or 0)
    cells["I.5.3"] = Cell(percent(int(surveyed * year.survey_share), surveyed))
    if surveyed == 0:
        cells["I.5.2"] = Cell(None)
    if year.cut_plan is not None:
        cells["IV.2.5"] = Cell(percent(int(cells["IV.2.4"].value or 0), year.cut_plan))


def _fill_decrees(cells: Figures, year: AgencyYear, window: Window) -> None:
    cited = [decree for decree in year.decrees if window.first <= decree.dated_on <= window.last]
    cells["II.1"] = Cell(len(cited), cite_decrees(cited))
    cells["II.1.1"] = Cell(len(cited))
    cells["II.1.2"] = Cell(len(cited))


def _fill_recorded(cells: Figures, measured: Measures, index: int) -> None:
    """What the systems of record know. An agency counts the dossiers that it returned; it knows of no others."""
    returned, on_time = int(measured.returned[index]), int(measured.on_time[index])
    by_post, documents = int(measured.by_post[index]), int(measured.documents[index])
    cells["III.6.1"] = cells["III.6.2"] = Cell(returned)
    cells["III.6.3"] = Cell(percent(on_time, returned), f"{on_time}/{returned} hồ sơ" if returned else "")
    cells["VII.3.4"] = Cell(by_post)
    cells["VII.3.5"] = Cell(int(measured.returned_by_post[index]))
    cells["VII.1.1"] = Cell(documents)
    cells["VII.1.1.a"] = Cell(percent(int(measured.documents_electronic[index]), documents))
    cells["VII.1.1.b"] = Cell(percent(int(measured.documents_parallel[index]), documents))
    for code, online, whole in (
        ("VII.2.3", int(measured.level3_online[index]), int(measured.level3[index])),
        ("VII.2.4", int(measured.level4_online[index]), int(measured.level4[index])),
    ):
        cells[code] = Cell(percent(online, whole), f"{online}/{whole} hồ sơ" if whole else "Chưa phát sinh hồ sơ")
