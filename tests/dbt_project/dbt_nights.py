"""The rows that the tests speak of: what nine agencies sent for 2021, and what the systems of record hold."""

from __future__ import annotations

from datetime import date

from tests.dbt_project.dbt_warehouse import Warehouse

OLD, NEW = "000.00.03.H51", "H51.03"


def tell(warehouse: Warehouse) -> None:
    _submissions(warehouse)
    _dossiers(warehouse)
    _register(warehouse)


def _submissions(w: Warehouse) -> None:
    # H51.01 sent a second revision; the flag is yes, the choice 2, the share comes with its ratio.
    w.submission("revised-1", "H51.01", lines={"III.6.1": 10, "III.6.3": (90, None, 9, 10)})
    w.submission(
        "revised-2",
        "H51.01",
        revision=2,
        received="2021-12-19 08:00:00",
        lines={
            "III.6.1": 12,
            "III.6.2": (None, "blank", None, None),
            "III.6.3": ("66.67", None, 8, 12),
            "I.3.5": 1,
            "I.5.2": 2,
            "IV.1.2": (None, "blank", None, None),
            "II.1": (7, "doubtful", None, None),
            "X.9": 5,
        },
    )
    # H51.02 withdrew its last revision.
    w.submission("withdrawn-1", "H51.02")
    w.submission("withdrawn-2", "H51.02", revision=2, received="2021-12-19 08:00:00")
    w.event("withdrawn-2", "withdrawn", "2021-12-20 08:00:00")
    # H51.03's second revision breaks an error rule.
    w.submission(
        "kept-1", "H51.03", lines={"III.6.1": 6, "III.6.2": 4, "III.6.3": "60.04", "VII.3.4": None, "I.3.5": 0}
    )
    w.submission("kept-2", "H51.03", revision=2, received="2021-12-19 08:00:00", lines={"III.6.1": 600})
    w.result("kept-1", "III-06", "error", "failed", version="v0", night_on=date(2021, 12, 18))
    w.result("kept-1", "III-06", "error", "passed")
    w.result("kept-1", "II-03", "warning", "failed")
    w.result("kept-2", "III-06", "error", "failed")
    w.proposal("kept-2", 1, 258, version="v0", night_on=date(2021, 12, 18))
    w.proposal("kept-2", 1, 528)
    w.proposal("kept-2", 2, 529)
    w.proposal("kept-1", 1, 11, version="v0", night_on=date(2021, 12, 18))
    # H51.04 came by two doors, the scan later.
    w.submission("doors-portal", "H51.04", lines={"III.6.1": 40, "I.3.5": (None, "blank", None, None)})
    w.submission(
        "doors-scan", "H51.04", source="drop", reading="scanned", received="2021-12-20 00:00:00", lines={"III.6.1": 41}
    )
    # H51.03's scan by another door breaks the rule too: nothing of it counts, and its differences are shown.
    w.submission(
        "kept-scan",
        "H51.03",
        source="drop",
        reading="scanned",
        received="2021-12-20 00:00:00",
        lines={"III.6.1": 7, "III.6.2": 4},
    )
    w.result("kept-scan", "III-06", "error", "failed")
    # H51.05's replacement came before the document that it replaces.
    landed = w.submission("replacement", "H51.05", source="edoc", document="D5b", lines={"III.6.1": 50})
    w.message_about("D5b", "D5a", "replace", OLD.replace("03", "05"), "2021-12-18 08:00:00", landed)
    w.submission(
        "replaced",
        "H51.05",
        source="edoc",
        document="D5a",
        revision=2,
        received="2021-12-19 08:00:00",
        lines={"III.6.1": 51},
    )
    # H51.06's document was recalled, H51.07's by a stranger.
    w.submission("recalled", "H51.06", source="edoc", document="D6")
    w.message_about("R6", "D6", "recall", "H51.06", "2021-12-19 08:00:00")
    w.submission("not-recalled", "H51.07", source="edoc", document="D7", lines={"III.6.1": 70})
    w.message_about("R7", "D7", "recall", "H51.06", "2021-12-19 08:00:00")
    # H51.08 was late, H51.09 has only what is in quarantine, and two can't be placed.
    w.submission("late", "H51.08", received="2021-12-21 00:00:00", lines={"III.6.1": 80})
    w.submission("faulty", "H51.09", lines={"III.6.1": 90})
    w.row(
        "raw.problem",
        landed_id=1,
        submission_id="faulty",
        source="portal",
        severity="error",
        code="value_unreadable",
        message="Không đọc được số liệu.",
        locator="dòng 1",
        night_on="2021-12-18",
    )
    w.submission("nobody", None, lines={"III.6.1": 1000})
    w.submission("never", "H51.10", period="2021-Q2", lines={"III.6.1": 1000})


def _dossiers(w: Warehouse) -> None:
    w.landed("dossiers_page", "portal", date(2021, 12, 22))
    w.dossier(
        "first-day",
        OLD,
        "10",
        "2020-12-15 00:00:00",
        channel_code="3",
        due_at="2021-01-10 17:00:00",
        finished_at="2021-01-10 17:00:00",
        returned_at="2021-01-10 17:00:00",
    )
    w.dossier("last-second", NEW, "4", "2021-12-14 23:59:59", due_at="2021-12-30 17:00:00")
    w.dossier("taken-back", OLD, "7", "2021-06-01 08:00:00")
    w.dossier("refused", OLD, "3", "2021-06-01 08:00:00", channel_code="3")
    w.dossier("new", OLD, "1", "2021-06-01 08:00:00")
    w.dossier(
        "overdue", OLD, "9", "2021-03-01 08:00:00", due_at="2021-03-05 17:00:00", finished_at="2021-03-05 17:00:01"
    )
    w.dossier("no-promise", OLD, "10", "2021-03-01 08:00:00", returned_at="2021-12-15 00:00:00")
    w.dossier("year-before", OLD, "10", "2020-12-14 23:59:59", returned_at="2021-01-01 08:00:00")
    w.dossier("moving", OLD, "4", "2021-05-05 08:00:00", updated_at="2021-05-05 08:00:00", due_at="2021-05-10 17:00:00")
    w.dossier("moving", OLD, "10", "2021-05-05 08:00:00", updated_at="2021-05-09 08:00:00", due_at="2021-05-10 17:00:00",
              returned_at="2021-05-09 08:00:00")  # fmt: skip
    w.dossier("poisoned", "not an organ", "9.7", None, channel_code="online", service_level="x", procedure_id=" ")


def _register(w: Warehouse) -> None:
    w.outgoing("E1", OLD, "2021-12-14", "paper", False, "2021-12-14 08:00:00")
    w.outgoing("E1", OLD, "2021-12-14", "electronic", True, "2021-12-15 08:00:00")
    w.outgoing("E2", NEW, "2021-01-04", "electronic", False, "2021-01-04 08:00:00")
    w.outgoing("E3", OLD, "2020-12-15", "electronic_and_paper", True, "2021-01-04 08:00:00")
    w.outgoing("E4", OLD, "2021-12-15", "electronic", True, "2021-12-15 08:00:00")
