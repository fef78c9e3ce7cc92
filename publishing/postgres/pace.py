"""How fast a night is loaded: as fast as the server can, or so that those who read meanwhile feel nothing of it."""

from __future__ import annotations

from typing import Literal

from publishing.postgres.connect import Connection
from publishing.postgres.store import scalar

#: ``auto`` is gentle where somebody has asked the database something of late, and full otherwise.
Pace = Literal["auto", "full", "gentle"]

_LATE = "2 minutes"
#: A session whose state this role may not see (it is no pg_monitor) counts as one that asks.
_READERS = (
    "select exists (select from pg_stat_activity where datname = current_database() and backend_type = 'client backend'"
    f" and pid <> pg_backend_pid() and coalesce(state_change, now()) > now() - interval '{_LATE}')"
)


def is_gentle(connection: Connection, pace: Pace) -> bool:
    """Whether a night is to be loaded gently, as asked or by who is reading now."""
    return pace == "gentle" or (pace == "auto" and bool(scalar(connection, _READERS)))
