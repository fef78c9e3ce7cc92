"""What is said beside the figures: a line's own note, and the notes on coverage, quarantine and doubt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from publishing.appendix.words import Language, day, moment, number, words
from publishing.province_table import Figure, Line, ProvinceTable, Standing
from publishing.units import english_unit


@dataclass(frozen=True, slots=True)
class Made:
    """When the appendix was made, and from which published file."""

    at: datetime
    file: str
    published_at: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class Block:
    """A heading with rows of texts below it; ``head`` names their columns."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def coverage(table: ProvinceTable, language: Language) -> str:
    """«28/30 cơ quan; 2 tạm giữ; 1 chưa gửi»."""
    told = words(language)
    parts = [told["coverage"].format(accepted=table.count("accepted"), all=len(table.agencies))]
    parts += [
        f"{count} {told[status]}"
        for status in ("quarantined", "withdrawn", "missing", "awaited")
        if (count := table.count(status))
    ]
    return "; ".join(parts)


def shown_unit(line: Line, language: Language) -> str:
    """The unit of the province's figure: of what agencies answer with yes or a choice, agencies are counted."""
    if line.value_type in ("flag", "choice"):
        return words(language)["unit_agencies"]
    return unit_in(line, language)


def unit_in(line: Line, language: Language) -> str:
    """The unit of what an agency answers."""
    return english_unit(line.unit_vi) if language == "en" else line.unit_vi


def line_note(table: ProvinceTable, line: Line, language: Language) -> str:
    """What an officer must know of the province's figure of a line; empty where it speaks for itself."""
    figure = table.figures.get(line.code)
    if figure is None:
        return ""
    told = words(language)
    parts = list(_basis(figure, line, table.count("accepted"), language))
    if figure.doubtful_count:
        parts.append(told["doubtful"].format(count=figure.doubtful_count))
    if is_broken(table, line):
        parts.append(told["break"])
    return "; ".join(parts)


def _basis(figure: Figure, line: Line, counted: int, language: Language) -> Iterator[str]:
    told = words(language)
    if line.value_type == "reference":
        if figure.answered_count:
            yield told["naming"].format(count=figure.answered_count, all=counted)
        return
    answers = dict(choice.split(" = ") for choice in line.choices.split("; ") if choice)
    given = figure.choice_counts
    if line.value_type == "flag" and figure.yes_count is not None:
        given = {"1": figure.yes_count, "0": figure.no_count or 0}
    if given:
        yield "; ".join(f"{answer}: {given[key]}" for answer, key in answers.items() if key in given)
    is_share = line.value_type == "percent"
    if figure.basis == "ratios_cited_in_notes" and figure.numerator is not None and figure.denominator is not None:
        parts = f"{number(figure.numerator, language)}/{number(figure.denominator, language)}"
        is_partly = figure.with_ratio_count < counted
        yield told["parts_of"].format(parts=parts, count=figure.with_ratio_count, all=counted) if is_partly else parts
    elif is_share and figure.with_value_count:
        yield told["no_parts"]
    if not is_share and 0 < figure.with_value_count < counted:
        yield told["answering"].format(count=figure.with_value_count, all=counted)


def is_broken(table: ProvinceTable, line: Line) -> bool:
    """Whether the line means something else in this period than before."""
    return line.break_on is not None and line.break_on <= table.period.data_to


def note_blocks(table: ProvinceTable, made: Made, language: Language) -> list[Block]:
    """The notes as they follow the tables."""
    told = words(language)
    period = table.period
    label = period.label_vi if language == "vi" else period.code
    window = told["window"].format(
        label=label, start=day(period.data_from), end=day(period.data_to), due=day(period.due_on)
    )
    source = told["source_is"].format(
        file=made.file, at=moment(made.published_at), night=day(table.night), sha=made.sha256
    )
    first = [(told["period"], window), (told["covered"], coverage(table, language))]
    if table.as_of is not None:
        first.append((told["as_of"], told["as_of_is"].format(day=day(table.as_of))))
    first += [
        (told["how"], told["how_is"]),
        (told["signs"], told["signs_are"]),
        (told["source"], source),
        (told["made"], moment(made.at)),
    ]
    blocks = [Block("", (), tuple(first))]
    left_out = [agency for agency in table.agencies if agency.status != "accepted"]
    agency_head = (told["agency"], told["status"], told["why"])
    blocks.append(
        Block(
            told["not_counted"],
            agency_head if left_out else (),
            tuple((agency.name_vi, told[agency.status], _why(agency, language)) for agency in left_out)
            or ((told["not_counted_none"],),),
        )
    )
    held = [agency for agency in table.agencies if agency.has_held_revision]
    if held:
        blocks.append(Block(told["held_revision"], (), tuple((agency.name_vi,) for agency in held)))
    doubtful = tuple(_doubtful(table, language))
    head = (told["agency"], told["line"], told["why"]) if doubtful else ()
    blocks.append(Block(told["doubtful_title"], head, doubtful or ((told["doubtful_none"],),)))
    broken = tuple(
        (f"{line.code} {_label(line, language)}", told["changed"].format(note=line.break_note_vi))
        for line in table.lines
        if is_broken(table, line)
    )
    if broken:
        blocks.append(Block(told["breaks_title"], (), broken))
    return blocks


def _doubtful(table: ProvinceTable, language: Language) -> Iterator[tuple[str, str, str]]:
    told = words(language)
    for agency in table.agencies:
        for line in table.lines:
            cell = table.cells.get((agency.code, line.code))
            if cell is not None and cell.status == "doubtful":
                value = "–" if cell.value is None else number(cell.value, language)
                text = told["read_as"].format(value=value, text=cell.value_text)
                yield agency.name_vi, f"{line.code} {_label(line, language)}", text


def _why(agency: Standing, language: Language) -> str:
    told = words(language)
    if agency.status != "quarantined":
        return told[f"{agency.status}_why"]
    if agency.broken_rules:
        sentences = (f"{rule}: {vi if language == 'vi' else en}" for rule, vi, en in agency.broken_rules)
        return told["failed_rule"].format(rules="; ".join(sentences))
    return told.get(agency.status_reason, agency.status_reason)


def _label(line: Line, language: Language) -> str:
    return line.label_vi if language == "vi" else line.label_en
