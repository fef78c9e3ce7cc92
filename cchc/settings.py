"""The settings: the only place that reads the environment (and ``.env``)."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Every setting is an environment variable ``CCHC_<NAME>``; an unknown one in ``.env`` is refused by name."""

    model_config = SettingsConfigDict(env_prefix="CCHC_", env_file=".env", extra="ignore", frozen=True)

    home: Path = Path("data")
    portal_url: str = ""
    edoc_url: str = ""
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    drops: Path | None = None
    smtp_url: SecretStr = SecretStr("")
    report_to: str = ""
    report_from: str = "cchc@soctrang.gov.vn"
    publish_postgres: SecretStr = SecretStr("")
    stand_ins: bool = True
    stand_in_seed: int = Field(default=2021, ge=0)
    stand_in_dossiers: int = Field(default=20_000, ge=0)

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
    def drops_path(self) -> Path:
        return (self.drops or self.home / "drops" / "inbox").resolve()

    @property
    def seeds_path(self) -> Path:
        return ROOT / "dbt_project" / "seeds"

    @property
    def dbt_project_path(self) -> Path:
        return ROOT / "dbt_project"
