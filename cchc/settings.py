"""The settings: the only place that reads the environment (and ``.env``)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dotenv import dotenv_values
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

if TYPE_CHECKING:
    from ingestion.forms.containers.limits import Limits

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "CCHC_"
#: Where a container is given its secrets.
SECRETS = Path("/run/secrets")


class SettingsError(Exception):
    """A setting is wrong or unknown; the message names it."""


class Settings(BaseSettings):
    """Every setting is an environment variable ``CCHC_<NAME>`` or a line of ``.env``; an empty one is not set."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    home: Path = Path("data")
    portal_url: str = ""
    edoc_url: str = ""
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    portal_client_id: str = ""  # where the two systems know us under different names
    portal_client_secret: SecretStr = SecretStr("")
    edoc_client_id: str = ""
    edoc_client_secret: SecretStr = SecretStr("")
    ca_file: Path | None = (
        None  # whom the two systems' certificates are signed by, where it is none that the world trusts
    )
    drops: Path | None = None
    smtp_url: SecretStr = SecretStr("")
    report_to: str = ""
    report_from: str = "cchc@soctrang.gov.vn"
    gate_kept_runs: int = Field(default=30, ge=1)
    quiet_nights: int = Field(default=14, ge=0)
    data_docs_url: str = ""
    report_language: Literal["vi", "en"] = "vi"
    agency_mail: bool = True
    agency_mail_domain: str = ""  # where an agency has no address of its own, <code>@<domain>
    reminder_nights: int = Field(default=7, ge=0)
    reminder_days: str = Field(default="5,1", pattern=r"^(\d{1,3}(,\d{1,3})*)?$")
    overdue_days: int = Field(default=400, ge=0)  # 0: a missing report is told by name however long ago it was due
    keep_days: int = Field(default=90, ge=7)
    deadline_minutes: int = Field(default=240, ge=1)
    openlineage: SecretStr = SecretStr("")  # a transport, as OpenLineage's own configuration has it
    publish_postgres: SecretStr = SecretStr("")
    publish_kept_nights: int = Field(default=7, ge=1)
    publish_pace: Literal["auto", "full", "gentle"] = "auto"
    pseudonym_key: SecretStr = SecretStr("")
    stand_ins: bool = True
    stand_in_seed: int = Field(default=2021, ge=0)
    stand_in_dossiers: int = Field(default=20_000, ge=0)
    airflow_port: int = Field(default=8080, ge=1, le=65535)
    marts_port: int = Field(default=5432, ge=1, le=65535)
    mail_port: int = Field(default=8025, ge=1, le=65535)
    superset_host: str = "127.0.0.1"  # another one only inside a container, whose port is published on loopback
    superset_port: int = Field(default=8088, ge=1, le=65535)
    spark_master: str = ""  # empty: a cluster of our own on loopback
    spark_worker_megabytes: int = Field(default=1024, ge=512)
    reading_processes: int = Field(default=0, ge=0, le=256)  # 0: as many as cores
    file_most_megabytes: int = Field(default=64, ge=1, le=1024)
    file_most_unpacked_megabytes: int = Field(default=160, ge=1, le=4096)
    file_most_ratio: int = Field(default=250, ge=1)
    file_most_entries: int = Field(default=200, ge=1)
    file_most_nesting: int = Field(default=2, ge=0, le=8)
    file_most_rows: int = Field(default=2_000, ge=1, le=1_048_576)
    file_most_columns: int = Field(default=128, ge=1, le=16_384)
    file_most_pages: int = Field(default=60, ge=1)
    file_most_scanned_pages: int = Field(default=30, ge=1)
    file_most_megapixels: int = Field(default=60, ge=1)
    file_most_memory_megabytes: int = Field(default=320, ge=64)
    file_most_seconds: float = Field(default=8.5, gt=0)

    @field_validator("openlineage")
    @classmethod
    def _is_transport(cls, value: SecretStr) -> SecretStr:
        try:
            if not (text := value.get_secret_value()) or "type" in dict(json.loads(text)):
                return value
        except (ValueError, TypeError):
            pass
        raise ValueError('must be a transport of OpenLineage, e.g. {"type": "http", "url": "http://host:5000"}')

    @property
    def portal_client(self) -> tuple[str, str]:
        """Id and secret under which the portal knows us."""
        return (
            self.portal_client_id or self.client_id,
            (self.portal_client_secret if self.portal_client_id else self.client_secret).get_secret_value(),
        )

    @property
    def edoc_client(self) -> tuple[str, str]:
        """Id and secret under which the e-document system knows us."""
        return (
            self.edoc_client_id or self.client_id,
            (self.edoc_client_secret if self.edoc_client_id else self.client_secret).get_secret_value(),
        )

    @property
    def reminder_steps(self) -> tuple[int, ...]:
        """How many days before a report's due day its agency is reminded; none at all where the setting is 0."""
        return tuple(step for step in map(int, self.reminder_days.split(",")) if step)

    @property
    def limits(self) -> Limits:
        """What reading one file from outside may cost."""
        from ingestion.forms.containers.limits import MEGABYTE, Limits

        return Limits(
            most_bytes=self.file_most_megabytes * MEGABYTE,
            most_unpacked_bytes=self.file_most_unpacked_megabytes * MEGABYTE,
            most_ratio=self.file_most_ratio,
            most_entries=self.file_most_entries,
            most_nesting=self.file_most_nesting,
            most_rows=self.file_most_rows,
            most_columns=self.file_most_columns,
            most_pages=self.file_most_pages,
            most_scanned_pages=self.file_most_scanned_pages,
            most_pixels=self.file_most_megapixels * 1_000_000,
            most_memory_bytes=self.file_most_memory_megabytes * MEGABYTE,
            most_seconds=self.file_most_seconds,
        )

    @property
    def layouts_path(self) -> Path:
        """What was learnt of layouts; may be deleted at any time."""
        return self.home_path / "layouts.jsonl"

    @property
    def home_path(self) -> Path:
        return self.home.resolve()

    @property
    def landing_path(self) -> Path:
        return self.home_path / "landing"

    @property
    def warehouse_path(self) -> Path:
        """The DuckDB file that the night writes; nobody else opens it."""
        return self.home_path / "warehouse" / "warehouse.duckdb"

    @property
    def published_path(self) -> Path:
        """The DuckDB file that readers open; replaced whole."""
        return self.home_path / "published" / "cchc.duckdb"

    @property
    def reports_path(self) -> Path:
        return self.home_path / "reports"

    @property
    def outbox_path(self) -> Path:
        """The mails, sent and waiting, and what was told to whom."""
        return self.home_path / "outbox" / "outbox.sqlite"

    @property
    def metrics_path(self) -> Path:
        """What a monitor reads."""
        return self.home_path / "metrics" / "cchc.prom"

    @property
    def drops_path(self) -> Path:
        return (self.drops or self.home / "drops" / "inbox").resolve()

    @property
    def drops_refused_path(self) -> Path:
        return self.home_path / "drops" / "refused"

    @property
    def mailbox_path(self) -> Path:
        """Where the stand-in mail server keeps what it was sent."""
        return self.home_path / "mailbox"

    @property
    def airflow_path(self) -> Path:
        return self.home_path / "airflow"

    @property
    def superset_path(self) -> Path:
        """Superset's metadata, its secrets and its log."""
        return self.home_path / "superset"

    @property
    def spark_path(self) -> Path:
        """The raw tables as open files, what Spark built from them, and the logs of a cluster of our own."""
        return self.home_path / "spark"

    @property
    def dbt_state_path(self) -> Path:
        """dbt's compiled project and logs, kept between nights."""
        return self.home_path / "dbt"

    @property
    def gate_path(self) -> Path:
        """Great Expectations' own files."""
        return self.home_path / "gate"

    @property
    def seeds_path(self) -> Path:
        return ROOT / "dbt_project" / "seeds"

    @property
    def contacts_path(self) -> Path:
        """The agencies' mail addresses."""
        return self.seeds_path / "agency_contacts.csv"

    @property
    def dbt_project_path(self) -> Path:
        return ROOT / "dbt_project"

    @property
    def dags_path(self) -> Path:
        return ROOT / "dags"

    @property
    def examples_path(self) -> Path:
        return ROOT / "examples"


def load_settings() -> Settings:
    """The settings of this process: its environment, else ``.env``, else files of ``SECRETS`` named as the variables, in small
    letters. Raises ``SettingsError`` naming a wrong value, or an unknown ``CCHC_`` name in ``.env`` (where a misspelt one would
    otherwise be a setting that silently does nothing)."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    given = {name.upper() for name in dotenv_values(".env") if name.upper().startswith(PREFIX)}
    if unknown := sorted(given - known):
        raise SettingsError(f"unknown setting in .env: {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    try:
        return Settings(_secrets_dir=SECRETS if SECRETS.is_dir() else None)  # type: ignore[call-arg]
    except ValueError as error:
        lines = [line.strip() for line in str(error).splitlines()[1:] if "further information" not in line]
        raise SettingsError("wrong setting: " + " ".join(lines)) from error


def process_environment() -> dict[str, str]:
    """A copy of this process's environment, to be handed on to a process that it starts: without what dbt would take settings
    from that no argument gives (a target, a full refresh), as the caller may have exported them for another project."""
    return {name: value for name, value in os.environ.items() if not name.startswith("DBT_")}
