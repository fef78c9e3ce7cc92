"""The two sides of a relation as a person reads them, in Vietnamese, as SQL: ``V.1.a + V.1.b = 25 + 4 = 29``."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from expectations.expression import Operand, Sum, Term

#: ``1.234,5``: thousands by points, decimals by a comma, no zeros at the end. A temporary macro of the writer. Nearly all
#: figures are below a thousand and need no points: the short way takes half the time.
NUMBER_TEXT = """
create or replace temp macro number_text(figure) as
    case
        when figure between -999 and 999
            then replace(rtrim(rtrim(cast(cast(figure as decimal(20, 6)) as varchar), '0'), '.'), '.', ',')
        else case when figure < 0 then '-' else '' end
        || replace(format('{:,}', cast(trunc(abs(cast(figure as decimal(38, 6)))) as hugeint)), ',', '.')
        || case
            when cast(figure as decimal(38, 6)) <> trunc(cast(figure as decimal(38, 6)))
                then ',' || rtrim(split_part(cast(abs(cast(figure as decimal(38, 6))) as varchar), '.', 2), '0')
            else ''
        end
    end
"""

#: What a side is called where it is no line's own figure.
_NAMES = {
    "ratio_cited": "tỷ lệ nêu tại ghi chú {0}",
    "ratio_denominator_cited": "mẫu số nêu tại ghi chú {0}",
    "documents_cited": "số văn bản nêu tại ghi chú {0}",
    "dossiers_cited": "số hồ sơ nêu tại ghi chú {0}",
    "previous": "{0} kỳ trước",
}

#: What a measure of a system of record is called.
MEASURE_NAMES = {
    "portal.dossiers_received": "hồ sơ tiếp nhận theo Cổng dịch vụ công",
    "portal.dossiers_returned": "hồ sơ trả kết quả theo Cổng dịch vụ công",
    "portal.dossiers_settled": "hồ sơ giải quyết xong theo Cổng dịch vụ công",
    "portal.on_time_percent": "tỷ lệ đúng hẹn theo Cổng dịch vụ công",
    "portal.dossiers_received_by_post": "hồ sơ qua BCCI theo Cổng dịch vụ công",
    "portal.online_level4_percent": "tỷ lệ mức độ 4 trực tuyến theo Cổng dịch vụ công",
    "edoc.outgoing_documents": "văn bản đi theo sổ văn bản điện tử",
    "edoc.wholly_electronic_percent": "tỷ lệ văn bản điện tử theo sổ văn bản điện tử",
}


def sum_text(side: Sum, columns: Callable[[Operand], tuple[str, ...]], total: str) -> str:
    """The side's text; ``columns`` gives an operand's columns in the operand table, ``total`` the side's figure."""
    if not side.operands:
        return f"number_text({total})"
    names = "".join(_joined(index, term, _name(term)) for index, term in enumerate(side.terms))
    only = side.terms[0]
    if len(side.terms) == 1 and only.coefficient == 1 and only.operand and only.operand.kind != "ratio_cited":
        return f"'{names}' || coalesce(' = ' || number_text({total}), ': không có số liệu')"
    figures = " || ".join(
        f"'{_joined(index, term, '')}' || {_figure(term, columns)}" for index, term in enumerate(side.terms)
    )
    return f"'{names} = ' || {figures} || coalesce(' = ' || number_text({total}), '')"


def _joined(index: int, term: Term, name: str) -> str:
    """``+ 2 × `` before a term's name, as its place and sign ask."""
    sign = "-" if term.coefficient < 0 else "+"
    size = abs(term.coefficient)
    multiple = f"{_plain(size)} × " if size != 1 and term.operand else ""
    lead = ("- " if sign == "-" else "") if index == 0 else f" {sign} "
    return f"{lead}{multiple}{name}"


def _name(term: Term) -> str:
    if term.operand is None:
        return _plain(abs(term.coefficient))
    if term.operand.kind == "source":
        return MEASURE_NAMES[term.operand.name]
    return _NAMES.get(term.operand.kind, "{0}").format(term.operand.name)


def _figure(term: Term, columns: Callable[[Operand], tuple[str, ...]]) -> str:
    if term.operand is None:
        return f"'{_plain(abs(term.coefficient))}'"
    found = columns(term.operand)
    if len(found) == 2:
        return f"coalesce(number_text({found[0]}) || '/' || number_text({found[1]}), '(không nêu)')"
    return f"coalesce(number_text({found[0]}), '(trống)')"


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")
