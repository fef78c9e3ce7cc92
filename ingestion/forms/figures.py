"""Which of several columns of figures holds what was achieved in the period: plan beside actual, last year beside this one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ingestion.forms.text import fold

_VALUE_HEADS = frozenset(
    (
        "so lieu", "ket qua", "gia tri", "so lieu bao cao", "thuc hien", "ket qua thong ke", "so luong", "ky nay",
        "nam nay", "ky bao cao", "ket qua thuc hien", "so lieu thong ke", "so lieu thuc hien", "da thuc hien",
    )
)  # fmt: skip
_OTHER_FIGURES = re.compile(
    r"\b(?:ke hoach|chi tieu giao|duoc giao|giao|truoc|cung ky|luy ke|so sanh|so voi|tang|giam|chenh lech|ty le|% dat|muc tieu)\b"
)
_ASKED_FOR = re.compile(r"\b(?:thuc hien|ket qua|ky nay|nam nay|so lieu|gia tri|so luong|bao cao|dat duoc|thuc te)\b")
_YEAR = re.compile(r"\b((?:19|20)\d\d)\b")
_DATE = re.compile(r"ngay\s+\d{1,2}\s+thang\s+\d{1,2}\s+nam\s+\d{4}|\b\d{1,2}\s\d{1,2}\s(?:19|20)\d\d\b")


@dataclass(frozen=True, slots=True)
class Chosen:
    """``column`` is None where no head names figures; ``doubt`` a Vietnamese phrase where the head doesn't decide."""

    column: int | None
    doubt: str = ""
    asked_the_title: bool = False


def choose_figures(heads: Mapping[int, Sequence[str]], title: Callable[[], str]) -> Chosen:
    """Choose by the heads (folded, own first, then the wider ones above): never silently the wrong one.

    A head that speaks of a plan, an earlier period, a comparison is not asked for; a year must be the title's. ``title``
    gives the words above the table, asked only when they are needed.
    """
    asked = {column: head for column, head in heads.items() if not any(_OTHER_FIGURES.search(text) for text in head)}
    sure = {
        column: head
        for column, head in asked.items()
        if head[0] in _VALUE_HEADS or any(_ASKED_FOR.search(text) or _YEAR.search(text) for text in head)
    }
    if not sure and len(asked) == 1:
        sure = asked
    if not sure:
        if len(heads) != 1:
            return Chosen(None)
        ((column, head),) = heads.items()
        return Chosen(column, "" if _ASKED_FOR.search(head[0]) else f"cột số liệu ghi «{head[0]}»")
    if len(sure) == 1 and not any(_YEAR.search(text) for head in sure.values() for text in head):
        return Chosen(next(iter(sure)))
    return _by_title(sure, title)


def _by_title(sure: Mapping[int, Sequence[str]], title: Callable[[], str]) -> Chosen:
    said = _DATE.sub(" ", fold(title()))
    years = {column: {year for text in head for year in _YEAR.findall(text)} for column, head in sure.items()}
    of_form = _YEAR.findall(said)
    kept = list(sure)
    if any(years.values()):
        if of_form:
            kept = [column for column in kept if not years[column] or of_form[0] in years[column]]
        else:
            newest = max(max(found) for found in years.values() if found)
            kept = [column for column in kept if not years[column] or newest in years[column]]
            return Chosen(kept[-1], "cột số liệu theo năm mà tiêu đề không ghi năm nào", asked_the_title=True)
        if not kept:
            return Chosen(next(iter(sure)), f"không có cột số liệu năm {of_form[0]}", asked_the_title=True)
    if len(kept) > 1:
        named = [column for column in kept if sure[column][0] in said] or kept
        exact = [column for column in kept if sure[column][0] == "so lieu"]
        kept = named if len(named) == 1 else exact if len(exact) == 1 else kept
    doubt = "" if len(kept) == 1 else "có nhiều cột số liệu mà đầu bảng không phân biệt"
    return Chosen(kept[-1], doubt, asked_the_title=True)
