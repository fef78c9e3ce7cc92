"""Pages of the outgoing register to raw rows: every state of a document once."""

from __future__ import annotations

from typing import Any

import duckdb

from ingestion.landing import Landed
from ingestion.raw.rows import RawRows
from ingestion.sources.outgoing import OutgoingDocument, parse_outgoing_page

_COLUMNS = (
    "document_id",
    "organ_id",
    "document_number",
    "promulgated_on",
    "sent_form",
    "is_digitally_signed",
    "updated_at",
)


class OutgoingDocuments:
    """The register is asked again for the last weeks each night, so a page that lands brings many rows known already."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._known: set[tuple[Any, ...]] = set()
        self._looked_up: set[str] = set()

    def load(self, landed: Landed, content: bytes, rows: RawRows) -> int:
        """Add a page's rows that say something new; their count. Raises ``ParseError`` when it is no page."""
        documents, problems = parse_outgoing_page(content, locator=landed.locator)
        self._look_up({document.document_id for document in documents})
        count = 0
        for document in documents:
            state = _state(document)
            if state not in self._known:
                self._known.add(state)
                count += 1
                rows.add(
                    "outgoing_document",
                    **dict(zip(_COLUMNS, state, strict=True)),
                    night_on=landed.night_on,
                    landed_id=landed.landed_id,
                )
        for problem in problems:
            rows.add_problem(landed, problem)
        return count

    def _look_up(self, document_ids: set[str]) -> None:
        fresh = sorted(document_ids - self._looked_up)
        self._looked_up.update(fresh)
        self._known.update(
            self._connection.execute(
                f"select {', '.join(_COLUMNS)} from raw.outgoing_document where document_id in (select unnest($fresh))",
                {"fresh": fresh},
            ).fetchall()
        )


def _state(document: OutgoingDocument) -> tuple[Any, ...]:
    return (
        document.document_id,
        document.organ_id,
        document.document_number,
        document.promulgated_on,
        document.sent_form,
        document.is_digitally_signed,
        document.updated_at,
    )
